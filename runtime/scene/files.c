// Opens files below one folder and nowhere else: the kernel resolves the path and refuses what
// leaves the folder, by dots, absolute names or links.
#include "lunette/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/openat2.h>

static int open_beneath(int folder_fd, const char *path)
{
	struct open_how how = {
	        .flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd, tries = 0;
	do // EAGAIN: something was renamed while the kernel followed a ".."
		fd = (int)syscall(SYS_openat2, folder_fd, path, &how, sizeof how);
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && ++tries < 100)));
	return fd;
}
#else
static int open_beneath(int folder_fd, const char *path)
{
	// Not tried: this system has no openat2; any path that could leave the folder is refused.
	if (path[0] == '/' || strstr(path, "..")) {
		errno = EXDEV;
		return -1;
	}
	return openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
}
#endif

static enum lun_result refuse(struct lun_error *err, const char *path, const char *why)
{
	const char *more = strlen(path) > 400 ? "..." : ""; // the reason must fit in, too
	return lun_fail(err, LUN_NOT_FOUND, "cannot open %.400s%s: %s", path, more, why);
}

static const char *explain(int why)
{
	switch (why) {
	case EXDEV:
		return "it lies outside the scene's folder";
	case ENXIO: // a socket
		return "it is not a file";
	default:
		return strerror(why);
	}
}

static int open_in_folder(void *data, const char *path, struct lun_error *err)
{
	const struct lun_folder_files *folder = data;
	int fd = open_beneath(folder->folder_fd, path);
	if (fd < 0) {
		(void)refuse(err, path, explain(errno));
		return -1;
	}
	struct stat status;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		(void)close(fd);
		(void)refuse(err, path, "it is not a file");
		return -1;
	}
	return fd;
}

enum lun_result lun_folder_files_init(
        struct lun_folder_files *folder, const char *root, struct lun_error *err)
{
	*folder = (struct lun_folder_files){.files = {.open = open_in_folder}};
	folder->files.data = folder;
	(void)snprintf(folder->root, sizeof folder->root, "%s", root);
	folder->files.root = folder->root;
	folder->folder_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->folder_fd < 0)
		return lun_fail(err, LUN_NOT_FOUND, "cannot open %s: %s", root, strerror(errno));
	return LUN_OK;
}

void lun_folder_files_finish(struct lun_folder_files *folder)
{
	if (folder->folder_fd >= 0)
		(void)close(folder->folder_fd);
	folder->folder_fd = -1;
}
