// The loop that takes a scene to a frame: advance the scene, let it draw a list, compose the list
// into a buffer.
#include "lunette/engine.h"

#include <stdlib.h>

#include "compose/compositor.h"
#include "scene/scene.h"

struct lun_engine {
	struct lun_format format;
	struct lun_compositor *compositor; // owned
	struct lun_scene *scene;           // owned; NULL before the first
	struct lun_list *drawn;            // ref; the last good picture, as it was drawn
	struct lun_box drawn_frame;        // for this frame
	struct lun_list *shown;            // ref; the same for the engine's format
	uint64_t last_number;
	bool is_full_redraw, is_paused;
};

struct lun_buffer {
	struct lun_engine *engine; // borrowed; buffers go before their engine
	struct lun_target target;  // tiles owned
};

static struct lun_box frame_box(const struct lun_format *format)
{
	return (struct lun_box){0, 0, format->width_px, format->height_px};
}

// The last good picture stays until there is one of the new format; black before the first.
static void fit_shown(struct lun_engine *engine)
{
	const struct lun_box frame = frame_box(&engine->format);
	if (!engine->drawn) {
		engine->drawn = lun_list_create(frame);
		engine->drawn_frame = frame;
	}
	const struct lun_box old = engine->drawn_frame;
	bool is_same = old.x1 == frame.x1 && old.y1 == frame.y1;
	lun_list_unref(engine->shown);
	engine->shown = is_same ? lun_list_ref(engine->drawn)
	                        : lun_list_fit(engine->drawn, engine->drawn_frame, frame);
}

enum lun_result lun_engine_configure(
        struct lun_engine *engine, const struct lun_format *format, struct lun_error *err)
{
	enum lun_result rc = lun_format_check(format, err);
	if (rc != LUN_OK)
		return rc;
	struct lun_compositor *compositor = lun_compositor_create(format);
	if (!compositor)
		return lun_fail(err, LUN_NOMEM, "not enough memory for frames of %d x %d", format->width_px,
		        format->height_px);
	lun_compositor_destroy(engine->compositor);
	engine->compositor = compositor;
	engine->format = *format;
	fit_shown(engine);
	if (engine->scene) {
		engine->scene->world->format = *format;
		lun_list_unref(engine->scene->first);
		engine->scene->first = NULL;
	}
	return LUN_OK;
}

void lun_engine_warm_up(void)
{
	static const char words[] = "Hamburgefonstiv 0123456789";
	const struct lun_text_style style = lun_text_style_default();
	struct lun_text *text;
	if (lun_text_create(words, sizeof words - 1, &style, &text, NULL) == LUN_OK)
		lun_text_unref(text);
}

enum lun_result lun_engine_create(
        const struct lun_format *format, struct lun_engine **out_engine, struct lun_error *err)
{
	struct lun_engine *engine = lun_alloc(sizeof *engine);
	enum lun_result rc = lun_engine_configure(engine, format, err);
	if (rc == LUN_OK)
		*out_engine = engine;
	else
		free(engine);
	return rc;
}

void lun_engine_destroy(struct lun_engine *engine)
{
	if (!engine)
		return;
	lun_list_unref(engine->shown);
	lun_list_unref(engine->drawn);
	lun_scene_destroy(engine->scene);
	lun_compositor_destroy(engine->compositor);
	free(engine);
}

void lun_engine_take_scene(struct lun_engine *engine, struct lun_scene *scene)
{
	if (!lun_format_equal(&scene->world->format, &engine->format)) {
		// Loaded while the format changed: it draws its first frame anew.
		scene->world->format = engine->format;
		lun_list_unref(scene->first);
		scene->first = NULL;
	}
	lun_scene_destroy(engine->scene);
	engine->scene = scene;
	engine->last_number = scene->world->moment.number;
}

struct lun_scene *lun_engine_scene(struct lun_engine *engine)
{
	return engine->scene;
}

struct lun_buffer *lun_buffer_create(struct lun_engine *engine, uint8_t *data)
{
	struct lun_buffer *buffer = lun_alloc(sizeof *buffer);
	buffer->engine = engine;
	buffer->target.data = data;
	buffer->target.tiles =
	        lun_alloc(lun_compositor_tiles(engine->compositor) * sizeof *buffer->target.tiles);
	return buffer;
}

void lun_buffer_destroy(struct lun_buffer *buffer)
{
	if (!buffer)
		return;
	free(buffer->target.tiles);
	free(buffer);
}

static void advance(struct lun_engine *engine, uint64_t number, double epoch_s)
{
	struct lun_world *world = engine->scene->world;
	uint64_t passed = number > engine->last_number ? number - engine->last_number : 0;
	world->dt_s = (double)lun_format_tick_ns(&engine->format, passed) / 1e9;
	world->moment.number = number;
	world->moment.time_s = (double)lun_format_tick_ns(&engine->format, number) / 1e9;
	world->epoch_s = epoch_s;
	engine->last_number = number;
}

static void show(struct lun_engine *engine, struct lun_list *list)
{
	lun_list_unref(engine->shown);
	lun_list_unref(engine->drawn);
	engine->shown = list;
	engine->drawn = lun_list_ref(list);
	engine->drawn_frame = frame_box(&engine->format);
}

// Lets the scene draw its next frame; on failure what is shown stays.
static enum lun_result draw_scene(struct lun_engine *engine, uint64_t number, double epoch_s,
        bool is_seeking, struct lun_error *err)
{
	struct lun_scene *scene = engine->scene;
	if (!scene || scene->is_stopped)
		return LUN_OK;
	if (scene->first && !engine->is_paused) {
		show(engine, scene->first); // drawn while loading
		scene->first = NULL;        // its time is that of last_number: the next dt begins there
		return LUN_OK;
	}
	advance(engine, number, epoch_s);
	struct lun_list *list;
	enum lun_draw_kind kind = engine->is_paused ? LUN_DRAW_IDLE
	                          : is_seeking      ? LUN_DRAW_NOTHING
	                                            : LUN_DRAW_FRAME;
	enum lun_result rc = lun_script_draw(scene->script, kind, &list, err);
	if (rc == LUN_OK && list)
		show(engine, list);
	scene->is_stopped = rc == LUN_LIMIT;
	return rc;
}

enum lun_result lun_engine_render(struct lun_engine *engine, uint64_t number, double epoch_s,
        struct lun_buffer *buffer, struct lun_frame_stats *out_stats, struct lun_error *err)
{
	*out_stats = (struct lun_frame_stats){0};
	uint64_t start_ns = lun_now_ns(), start_cpu_ns = lun_thread_cpu_ns();
	enum lun_result rc = draw_scene(engine, number, epoch_s, !buffer, err);
	out_stats->script_ns = lun_now_ns() - start_ns;
	if (buffer) {
		struct lun_compose_stats stats;
		if (engine->is_full_redraw) {
			lun_compositor_invalidate(engine->compositor);
			lun_target_invalidate(engine->compositor, &buffer->target);
		}
		enum lun_result compose_rc =
		        lun_compositor_render(engine->compositor, engine->shown, &buffer->target, &stats);
		if (rc == LUN_OK && compose_rc != LUN_OK)
			rc = lun_fail(err, compose_rc, "not enough memory to draw the frame");
		out_stats->compare_ns = stats.compare_ns;
		out_stats->raster_ns = stats.raster_ns;
		out_stats->convert_ns = stats.convert_ns;
		out_stats->tiles = stats.tiles;
		out_stats->tiles_redrawn = stats.tiles_redrawn;
		out_stats->picture = engine->shown->hash;
		out_stats->is_unchanged = stats.tiles_redrawn == 0;
	}
	out_stats->cpu_ns = lun_thread_cpu_ns() - start_cpu_ns;
	if (engine->scene)
		out_stats->memory_bytes = lun_script_memory_bytes(engine->scene->script);
	return rc;
}

void lun_engine_set_full_redraw(struct lun_engine *engine, bool is_full)
{
	engine->is_full_redraw = is_full;
}

void lun_engine_pause(struct lun_engine *engine, bool is_paused)
{
	engine->is_paused = is_paused;
}

enum lun_result lun_engine_set_watchers(struct lun_engine *engine, int count, struct lun_error *err)
{
	if (!engine->scene || engine->scene->is_stopped)
		return LUN_OK;
	engine->scene->world->watchers = count;
	enum lun_result rc = lun_script_watchers(engine->scene->script, count, err);
	engine->scene->is_stopped = rc == LUN_LIMIT;
	return rc;
}

enum lun_result lun_engine_send_event(
        struct lun_engine *engine, const char *name, const json_t *data, struct lun_error *err)
{
	if (!engine->scene || engine->scene->is_stopped)
		return LUN_OK;
	enum lun_result rc = lun_script_event(engine->scene->script, name, data, err);
	engine->scene->is_stopped = rc == LUN_LIMIT;
	return rc;
}
