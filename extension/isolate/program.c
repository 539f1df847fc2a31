// Finds our own programs.
#include "extension/isolate/program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum lun_result lun_program_find(
        const char *name, char *out_path, size_t path_bytes, struct lun_error *err)
{
	char self[3072];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length <= 0)
		return lun_fail(err, LUN_NOT_FOUND, "cannot find %s: /proc is not mounted", name);
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	(void)snprintf(out_path, path_bytes, "%s/%s", self, name);
	if (access(out_path, X_OK) == 0)
		return LUN_OK;
	(void)snprintf(out_path, path_bytes, "%s/../bin/%s", self, name);
	if (access(out_path, X_OK) == 0)
		return LUN_OK;
	return lun_fail(err, LUN_NOT_FOUND, "%s is not beside this program (in %s)", name, self);
}
