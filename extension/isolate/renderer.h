/**
 * A renderer: the process that hosts a scene's VM, cairo and decoders, seen from the side that
 * owns it (the supervisor of the camera, or `lunette render`).
 *
 * Everything is asynchronous: calls send a message, answers arrive as events from
 * lun_renderer_dispatch(). Nothing here waits for the renderer, and no byte it sends is trusted.
 * Thread: one owner; all calls and events on its thread.
 */
#pragma once

#include <jansson.h>

#include "lunette/format.h"

struct lun_renderer;

/** How a frame turned out. */
struct lun_render_report {
	uint64_t number;
	int buffer;        /**< as given to lun_renderer_render() */
	bool is_unchanged; /**< the buffer already held this picture; nothing was redrawn */
	bool has_failed;   /**< the scene raised; the buffer holds its last good picture */
	uint64_t script_ns, record_ns, compare_ns, raster_ns, convert_ns;
	uint64_t cpu_ns; /**< of the renderer's drawing thread for this frame */
	uint32_t tiles, tiles_redrawn;
	uint64_t memory_bytes; /**< Lua memory of the scene */
	uint64_t picture;      /**< names the picture: the same number, the same pixels */
};

/** All members mandatory. Borrowed arguments live for the length of the call. */
struct lun_renderer_events {
	/**
	 * A load finished and the scene has taken the air.
	 * info: {"title", "size":[w,h], "fit", "params":[declarations], "feeds":[paths],
	 * "files":[paths], "output":{}}
	 */
	void (*loaded)(void *data, uint64_t load_id, json_t *info);
	/** A load failed; what ran before goes on. */
	void (*load_failed)(void *data, uint64_t load_id, const struct lun_error *why);
	void (*done)(void *data, const struct lun_render_report *report);
	/** A callback of the scene on air raised: once for each path, line and message. */
	void (*script_error)(void *data, const struct lun_error *what);
	/** The scene on air was stopped (a hard limit); its last picture stays. */
	void (*stopped)(void *data, const struct lun_error *why);
	void (*logged)(void *data, int level, const char *message);
	/** The process is gone; destroy is the only call left. */
	void (*died)(void *data, const char *how);
};

/**
 * Start `lunette-camera --renderer` (found beside the running program).
 *
 * @return LUN_OK with the caller owning *out_renderer
 */
enum lun_result lun_renderer_spawn(const struct lun_renderer_events *events, void *data,
        struct lun_renderer **out_renderer, struct lun_error *err);
/** End one that hangs: died follows from dispatch. */
void lun_renderer_kill(struct lun_renderer *renderer);
/** Kill what is left of it and reap it. NULL is fine. */
void lun_renderer_destroy(struct lun_renderer *renderer);

/** Readable when lun_renderer_dispatch() has something to do. */
int lun_renderer_fd(const struct lun_renderer *renderer);
/** Handle every message that has arrived. Never blocks. */
void lun_renderer_dispatch(struct lun_renderer *renderer);
int lun_renderer_pid(const struct lun_renderer *renderer);

/** All frames from now on have this format; buffers are forgotten. */
void lun_renderer_configure(struct lun_renderer *renderer, const struct lun_format *format);
/** Hand over a buffer: a memfd of at least the format's size. fd is borrowed. */
void lun_renderer_add_buffer(struct lun_renderer *renderer, int buffer, int fd, size_t size_bytes);
/** What camera.open shows: spec as for --camera, and its open file (borrowed; -1: synthetic). */
void lun_renderer_set_camera(struct lun_renderer *renderer, const char *spec, int fd);

/**
 * Load a scene beside the running one; it takes the air once it has drawn a frame.
 *
 * @param request  {"path": file, "name": NAME, "root": folder, "values": {..}, "texts": {..},
 *                  "feeds": {NAME: {"value", "updated"}}, "number": next tick, "epoch": seconds,
 *                  "zone": "UTC" or "", "seed": n, "keep_state": bool}
 * request is borrowed.
 * @return id that the loaded or load_failed event will carry
 */
uint64_t lun_renderer_load(struct lun_renderer *renderer, json_t *request);

/** Draw tick number into a buffer. epoch_s is the scene clock of this frame. */
void lun_renderer_render(
        struct lun_renderer *renderer, uint64_t number, double epoch_s, int buffer);

/** New parameter values (already checked), whole set. */
void lun_renderer_set_values(struct lun_renderer *renderer, json_t *values);
/**
 * News of a feed: {"value", "updated"} or {"error"} as in lun_container_feeds(); NULL: it has none
 * from outside any more. name NULL: files of the scene's folder that feeds read have changed.
 */
void lun_renderer_set_feed(struct lun_renderer *renderer, const char *name, json_t *news);
void lun_renderer_pause(struct lun_renderer *renderer, bool is_paused);
void lun_renderer_watchers(struct lun_renderer *renderer, int count);
void lun_renderer_send_event(struct lun_renderer *renderer, const char *name, json_t *data);
