/**
 * Run a scene without a camera, one frame after the other: what `render`, `check` and `bench`
 * have in common.
 *
 * The scene runs in a renderer of its own, as on air. Blocking. Thread: the main one.
 */
#pragma once

#include <jansson.h>

#include "extension/camera/container.h"
#include "extension/format_wish.h"
#include "extension/isolate/renderer.h"
#include "lunette/frame.h"

struct lun_headless_job {
	struct lun_scene_ref scene; // owned
	struct lun_format_wish wish;
	const char *camera; // borrowed; spec as for --camera, NULL = synthetic
	int camera_fd;      // owned; -1 = synthetic
	json_t *values;     // ref
	json_t *texts;      // ref
	json_t *feeds;      // ref
	double epoch_s;     /**< the scene's clock at frame 0 */
	int64_t seed;
	bool is_full_redraw;
	uint64_t from;   /**< the first frame that is drawn; those before it only run */
	uint64_t frames; /**< 0: as many as seconds say */
	double seconds;
	int depth; /**< frames asked for at a time: 2 draws one while the last one is written */
};

/** Free what the job owns. */
void lun_headless_finish(struct lun_headless_job *job);

/** All members mandatory. A result other than LUN_OK ends the run and is its result. */
struct lun_headless_events {
	/** The scene is loaded and the format settled; frames come next. info is lun_renderer's. */
	enum lun_result (*started)(void *data, const struct lun_format *format, uint64_t frames,
	        const json_t *info, struct lun_error *err);
	/** A frame in order. wall_ns: since it was asked for. */
	enum lun_result (*frame)(void *data, const struct lun_frame *frame,
	        const struct lun_render_report *report, uint64_t wall_ns, struct lun_error *err);
	/** The scene raised. @return LUN_OK to go on; otherwise what is to be returned */
	enum lun_result (*scene_error)(void *data, const struct lun_error *what);
	void (*logged)(void *data, int level, const char *message);
};

/**
 * @return LUN_OK when every frame was drawn; LUN_SCRIPT, or the code of the scene's load, with the
 *         scene's error; LUN_IO when the renderer ended; LUN_LIMIT when it took too long. After
 *         an interrupt LUN_IO with an empty message: ask lun_is_interrupted()
 */
enum lun_result lun_headless_run(const struct lun_headless_job *job,
        const struct lun_headless_events *events, void *data, struct lun_error *err);
