// The world of a scene: its state, its files, its place in a format. No Lua here.
#include "scene/world.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct lun_world *lun_world_create(const char *name, const struct lun_format *format)
{
	struct lun_world *world = lun_alloc(sizeof *world);
	world->name = lun_strdup(name);
	world->format = *format;
	world->design_width = 1920;
	world->design_height = 1080;
	world->recorder = lun_recorder_create();
	world->feeds = lun_feeds_create();
	world->declarations = json_array();
	world->opened = json_array();
	world->camera_fd = -1;
	return world;
}

void lun_world_destroy(struct lun_world *world)
{
	if (!world)
		return;
	json_decref(world->values);
	json_decref(world->declarations);
	json_decref(world->opened);
	lun_feeds_destroy(world->feeds);
	lun_recorder_destroy(world->recorder);
	free(world->name);
	free(world);
}

void lun_world_log(struct lun_world *world, enum lun_log_level level, const char *format, ...)
{
	if (!world->log)
		return;
	char message[2048];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(message, sizeof message, format, args);
	va_end(args);
	world->log(world->log_data, level, message);
}

#define MAX_OPENED 256

// Also when it is not there: its author may add it later.
static void note_opened(struct lun_world *world, const char *path)
{
	size_t i;
	json_t *known;
	json_array_foreach(world->opened, i, known)
	{
		if (strcmp(json_string_value(known), path) == 0)
			return;
	}
	if (i < MAX_OPENED)
		(void)json_array_append_new(world->opened, json_string(path));
}

int lun_world_open(struct lun_world *world, const char *path, struct lun_error *err)
{
	note_opened(world, path);
	return world->files->open(world->files->data, path, err);
}

char *lun_world_read(struct lun_world *world, const char *path, size_t max_bytes, size_t *out_bytes,
        struct lun_error *err)
{
	int fd = lun_world_open(world, path, err);
	if (fd < 0)
		return NULL;
	struct stat status;
	char *text = NULL;
	if (fstat(fd, &status) != 0) {
		(void)lun_fail(err, LUN_IO, "cannot read %s: %s", path, strerror(errno));
	} else if ((size_t)status.st_size > max_bytes) {
		(void)lun_fail(err, LUN_LIMIT, "%s has %lld bytes; at most %zu are read", path,
		        (long long)status.st_size, max_bytes);
	} else {
		size_t size_bytes = (size_t)status.st_size, done = 0;
		text = lun_alloc(size_bytes + 1);
		ssize_t got = 1;
		while (done < size_bytes && got > 0) {
			got = pread(fd, text + done, size_bytes - done, (off_t)done);
			done += got > 0 ? (size_t)got : 0;
		}
		*out_bytes = done;
	}
	(void)close(fd);
	return text;
}

void lun_world_base(
        const struct lun_world *world, cairo_matrix_t *out_base, struct lun_box *out_visible)
{
	const double width = world->format.width_px, height = world->format.height_px;
	double sx = width / world->design_width, sy = height / world->design_height;
	switch (world->fit) {
	case LUN_FIT_CONTAIN:
		sx = sy = fmin(sx, sy);
		break;
	case LUN_FIT_COVER:
		sx = sy = fmax(sx, sy);
		break;
	case LUN_FIT_NONE:
		sx = sy = 1;
		break;
	case LUN_FIT_STRETCH:
		break;
	}
	double x = (width - sx * world->design_width) / 2, y = (height - sy * world->design_height) / 2;
	cairo_matrix_init(out_base, sx, 0, 0, sy, x, y);
	struct lun_box frame = {0, 0, world->format.width_px, world->format.height_px};
	*out_visible = lun_box_around(
	        x, y, x + sx * world->design_width, y + sy * world->design_height, frame);
}

void lun_world_set_values(struct lun_world *world, json_t *values)
{
	json_incref(values);
	json_decref(world->values);
	world->values = values;
	world->values_version++;
}

bool lun_fit_parse(const char *text, enum lun_fit *out_fit)
{
	static const char *const names[] = {"contain", "cover", "stretch", "none"};
	for (int i = 0; i < 4; i++) {
		if (strcmp(text, names[i]) == 0) {
			*out_fit = (enum lun_fit)i;
			return true;
		}
	}
	return false;
}
