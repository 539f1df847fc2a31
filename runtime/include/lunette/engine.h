/**
 * The engine: a scene on air becomes frames in buffers.
 *
 * Thread: one owner for the engine, its buffers and the scene it was given.
 */
#pragma once

#include "lunette/scene.h"

struct lun_engine;
struct lun_buffer; /**< memory that frames are drawn into, and what it holds now */

/** What a frame cost and how it turned out. */
struct lun_frame_stats {
	uint64_t script_ns, record_ns, compare_ns, raster_ns, convert_ns, cpu_ns;
	uint32_t tiles, tiles_redrawn;
	uint64_t memory_bytes; /**< Lua memory of the scene */
	uint64_t picture;      /**< names the picture: the same number, the same pixels */
	bool is_unchanged;     /**< the buffer already held this picture */
};

/** Load what every scene needs (fonts), so that no file has to be opened for it later. Once, before
 *  threads. */
void lun_engine_warm_up(void);

/** @return LUN_OK, LUN_INVALID for the format, LUN_NOMEM */
enum lun_result lun_engine_create(
        const struct lun_format *format, struct lun_engine **out_engine, struct lun_error *err);
void lun_engine_destroy(struct lun_engine *engine); /**< NULL is fine */

/** Draw in another format from now on. Buffers made before are only good for destroying. */
enum lun_result lun_engine_configure(
        struct lun_engine *engine, const struct lun_format *format, struct lun_error *err);

/** Put a scene on air (takes it); the one before is destroyed. */
void lun_engine_take_scene(struct lun_engine *engine, struct lun_scene *scene);
struct lun_scene *lun_engine_scene(struct lun_engine *engine); /**< borrowed; NULL without */

/** @param data  lun_format_layout() of the engine's format; borrowed, outlives the buffer */
struct lun_buffer *lun_buffer_create(struct lun_engine *engine, uint8_t *data);
void lun_buffer_destroy(struct lun_buffer *buffer); /**< NULL is fine */

/**
 * Draw tick number of the scene on air.
 *
 * @param buffer   NULL: the scene's callbacks run, nothing is drawn (to seek)
 * @param epoch_s  the scene clock of this frame
 * @return LUN_OK; LUN_SCRIPT: a callback raised, the buffer holds the last good picture; LUN_LIMIT:
 *         the scene was stopped for good and goes on showing its last picture
 */
enum lun_result lun_engine_render(struct lun_engine *engine, uint64_t number, double epoch_s,
        struct lun_buffer *buffer, struct lun_frame_stats *out_stats, struct lun_error *err);

/** Draw every frame whole: the oracle that the incremental way is held against. */
void lun_engine_set_full_redraw(struct lun_engine *engine, bool is_full);
/** Show scene.idle while paused. */
void lun_engine_pause(struct lun_engine *engine, bool is_paused);
enum lun_result lun_engine_set_watchers(
        struct lun_engine *engine, int count, struct lun_error *err);
enum lun_result lun_engine_send_event(
        struct lun_engine *engine, const char *name, const json_t *data, struct lun_error *err);
