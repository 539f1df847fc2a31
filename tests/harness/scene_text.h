// Scenes from text: a world whose files are strings of the test.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lunette/files.h"
#include "lunette/scene.h"
#include "scene/world.h"

struct text_file {
	const char *path, *text;
};

/** files.data is a list of these that ends with a NULL path. */
static int open_text(void *data, const char *path, struct lun_error *err)
{
	for (const struct text_file *file = data; file->path; file++) {
		if (strcmp(file->path, path) != 0)
			continue;
		int fd = memfd_create("text", MFD_CLOEXEC);
		if (fd < 0 || write(fd, file->text, strlen(file->text)) != (ssize_t)strlen(file->text))
			abort();
		return fd;
	}
	(void)lun_fail(err, LUN_NOT_FOUND, "%s: there is no such file", path);
	return -1;
}

/** What the scene said, one line after the other. */
struct text_log {
	char text[8192];
};

static inline void keep_log(void *data, enum lun_log_level level, const char *message)
{
	struct text_log *log = data;
	size_t used = strlen(log->text);
	(void)snprintf(log->text + used, sizeof log->text - used, "%d: %s\n", (int)level, message);
}
