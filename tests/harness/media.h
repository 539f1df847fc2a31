// Media made by the tests themselves: a scratch folder, the ffmpeg command as an independent
// encoder and decoder, and pictures held against raw bytes.
#pragma once
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lunette/picture.h"

static char media_folder[256];

__attribute__((format(printf, 1, 2))) static inline int media_run(const char *format, ...)
{
	char command[4096], whole[8192];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(command, sizeof command, format, args);
	va_end(args);
	(void)snprintf(
	        whole, sizeof whole, "cd '%s' && (%s) </dev/null >/dev/null", media_folder, command);
	int status = system(whole);
	if (status != 0)
		printf("# failed with %d: %s\n", status, command);
	return status;
}

// Every ffmpeg run is bounded in time.
#define FFMPEG "timeout 50 ffmpeg -nostdin -v error -y "

static inline void media_remove_folder(void)
{
	char command[512];
	(void)snprintf(command, sizeof command, "rm -rf '%s'", media_folder);
	if (system(command) != 0)
		printf("# could not remove %s\n", media_folder);
}

// Makes the scratch folder; ends the test as skipped where there is no ffmpeg.
static inline void media_begin(void)
{
	const char *parent = getenv("TMPDIR");
	(void)snprintf(media_folder, sizeof media_folder, "%s/lunette-media-XXXXXX",
	        parent && *parent ? parent : "/tmp");
	if (!mkdtemp(media_folder)) {
		printf("no scratch folder\n");
		exit(1);
	}
	(void)atexit(media_remove_folder);
	if (system("ffmpeg -version >/dev/null 2>&1") != 0) {
		printf("skipped: there is no ffmpeg command\n");
		exit(77);
	}
}

static inline const char *media_path(const char *name)
{
	static char path[512];
	(void)snprintf(path, sizeof path, "%s/%s", media_folder, name);
	return path;
}

static inline int media_open(const char *name)
{
	return open(media_path(name), O_RDONLY | O_CLOEXEC);
}

// The whole file; the caller frees it. NULL when it is not there.
static inline uint8_t *media_read(const char *name, size_t *out_size)
{
	FILE *file = fopen(media_path(name), "rb");
	if (!file)
		return NULL;
	struct stat info;
	(void)fstat(fileno(file), &info);
	uint8_t *bytes = malloc((size_t)info.st_size + 1);
	*out_size = fread(bytes, 1, (size_t)info.st_size, file);
	(void)fclose(file);
	return bytes;
}

static inline bool media_write(const char *name, const void *bytes, size_t size)
{
	FILE *file = fopen(media_path(name), "wb");
	bool is_written = file && fwrite(bytes, 1, size, file) == size;
	return file && fclose(file) == 0 && is_written;
}

// Does a picture have exactly these packed pixels?
static inline bool media_picture_equals(const struct lun_picture *picture, const uint8_t *packed)
{
	struct lun_format format = lun_format_default();
	struct lun_layout layout;
	format.pixel = picture->pixel;
	format.width_px = picture->width_px;
	format.height_px = picture->height_px;
	lun_format_layout(&format, &layout);
	for (int i = 0; i < layout.planes; i++) {
		for (int y = 0; y < layout.rows[i]; y++) {
			const uint8_t *row = picture->plane[i] + (ptrdiff_t)y * picture->stride_bytes[i];
			if (memcmp(row, packed, (size_t)layout.row_bytes[i]) != 0)
				return false;
			packed += layout.row_bytes[i];
		}
	}
	return true;
}

static inline size_t media_picture_bytes(const struct lun_picture *picture)
{
	struct lun_format format = lun_format_default();
	format.pixel = picture->pixel;
	format.width_px = picture->width_px;
	format.height_px = picture->height_px;
	return lun_format_packed_bytes(&format);
}
