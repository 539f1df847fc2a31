/**
 * The world of one scene: everything it can see and reach.
 *
 * Bindings read it, the engine advances it. A scene reaches nothing that is not in here. Thread:
 * the scene's owner.
 */
#pragma once

#include <jansson.h>

#include "canvas/recorder.h"
#include "lunette/files.h"
#include "lunette/format.h"
#include "lunette/log.h"
#include "media/source.h"
#include "scene/feeds.h"

#define LUN_MAX_IMAGE_BYTES ((size_t)512 << 20)

/** How design space meets a format of another aspect. */
enum lun_fit {
	LUN_FIT_CONTAIN,
	LUN_FIT_COVER,
	LUN_FIT_STRETCH,
	LUN_FIT_NONE,
};

struct lun_world {
	char *name;                    // owned; the scene's NAME
	const struct lun_files *files; // borrowed from the loader, outlives the scene
	struct lun_format format;
	double design_width, design_height;
	enum lun_fit fit;

	/* the frame that is being made */
	struct lun_moment moment;
	double dt_s;
	double epoch_s; /**< the scene clock */
	int watchers;
	struct lun_recorder *recorder; // owned; begun only while a draw callback runs

	char zone[64]; /**< default time zone; "" = the machine's */
	uint64_t seed;

	json_t *declarations;    // ref; list
	json_t *values;          // ref; NULL until the scene declared its parameters
	uint64_t values_version; /**< counts changes of values; 0 = none yet */
	struct lun_feeds *feeds; // owned

	const char *camera_spec; // borrowed from the loader, as lun_files
	int camera_fd;           // borrowed; -1 = synthetic

	json_t *opened; // ref; list of the scene's files that it opened, as it named them

	size_t image_bytes; /**< decoded images that this scene holds */

	void (*log)(void *data, enum lun_log_level level, const char *message);
	void *log_data; // borrowed
};

struct lun_world *lun_world_create(const char *name, const struct lun_format *format);
void lun_world_destroy(struct lun_world *world); /**< NULL is fine */

void lun_world_log(struct lun_world *world, enum lun_log_level level, const char *format, ...)
        LUN_PRINTF(3, 4);

/** Open a file of the scene for reading. @return descriptor, or -1 with err filled */
int lun_world_open(struct lun_world *world, const char *path, struct lun_error *err);

/** A file of the scene as text; the caller frees it. NULL with err filled; LUN_LIMIT above max. */
char *lun_world_read(struct lun_world *world, const char *path, size_t max_bytes, size_t *out_bytes,
        struct lun_error *err);

/** Design units to device pixels for the world's format, and the pixels that design space covers.
 */
void lun_world_base(
        const struct lun_world *world, cairo_matrix_t *out_base, struct lun_box *out_visible);

/** Replace the parameter values (borrowed). */
void lun_world_set_values(struct lun_world *world, json_t *values);

bool lun_fit_parse(const char *text, enum lun_fit *out_fit);
