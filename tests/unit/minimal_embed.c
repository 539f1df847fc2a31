// The whole library in one page: a scene from a folder becomes three frames in memory. Needs the
// public headers only; built with `pkg-config --cflags jansson` and liblunette. As a test it also
// wants what every scene may rely on: the same scene and the same time give the same bytes.
//
//     unit-minimal_embed [FOLDER]
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lunette/engine.h"
#include "lunette/files.h"

#define FRAMES 3
#define NEW_YEAR_2026 1767225600.0

// Log lines of the scene: print() and log.info() arrive here.
static void print_log(void *data, enum lun_log_level level, const char *message)
{
	(void)data;
	(void)level;
	printf("# scene: %s\n", message);
}

// A scene is loaded apart from any engine: on another thread if you like. It compiles, runs and
// draws its first frame; what is wrong with it is told here, not on air.
static struct lun_scene *load_scene(
        const struct lun_files *files, const struct lun_format *format, struct lun_error *err)
{
	const struct lun_scene_params params = {
	        .name = "embedded",
	        .file = "scene.lua",
	        .files = files,
	        .format = *format,
	        .epoch_s = NEW_YEAR_2026,
	        .zone = "UTC",
	        .seed = 1,
	        .camera_fd = -1, // camera.open() shows the synthetic camera
	        .log = print_log,
	};
	struct lun_scene *scene = NULL;
	return lun_scene_load(&params, &scene, err) == LUN_OK ? scene : NULL;
}

// Draws ticks 0, 1, 2 into one buffer. The engine knows what the buffer holds and redraws only
// what changed. It takes the scene.
static bool draw(struct lun_engine *engine, struct lun_scene *scene,
        const struct lun_format *format, uint64_t *out_hashes, struct lun_error *err)
{
	struct lun_layout layout;
	lun_format_layout(format, &layout);
	uint8_t *pixels = calloc(1, layout.size_bytes);
	struct lun_buffer *buffer = lun_buffer_create(engine, pixels);
	bool is_drawn = true;
	lun_engine_take_scene(engine, scene);
	for (uint64_t tick = 0; tick < FRAMES && is_drawn; tick++) {
		struct lun_frame_stats stats;
		double now_s = NEW_YEAR_2026 + (double)lun_format_tick_ns(format, tick) / 1e9;
		is_drawn = lun_engine_render(engine, tick, now_s, buffer, &stats, err) == LUN_OK;
		out_hashes[tick] = lun_hash(pixels, layout.size_bytes, 0);
	}
	lun_buffer_destroy(buffer); // before its engine
	free(pixels);
	return is_drawn;
}

static bool play(const char *folder, uint64_t *out_hashes, struct lun_error *err)
{
	struct lun_folder_files files;
	struct lun_format format = lun_format_default(); // NV12, 1920 x 1080, 30/1
	struct lun_engine *engine = NULL;
	bool is_played = false;
	format.width_px = 640;
	format.height_px = 360;
	if (lun_folder_files_init(&files, folder, err) != LUN_OK)
		return false;
	struct lun_scene *scene = load_scene(&files.files, &format, err);
	if (scene && lun_engine_create(&format, &engine, err) == LUN_OK)
		is_played = draw(engine, scene, &format, out_hashes, err);
	else
		lun_scene_destroy(scene);
	lun_engine_destroy(engine); // and the scene that it took
	lun_folder_files_finish(&files);
	return is_played;
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : LUN_STOCK_SCENES "/hello";
	uint64_t hashes[FRAMES], again[FRAMES];
	struct lun_error err;
	if (!play(folder, hashes, &err) || !play(folder, again, &err)) {
		printf("%s:%d: %s\n", err.path, err.line, err.message);
		return 1;
	}
	for (int i = 0; i < FRAMES; i++)
		printf("%d %016" PRIx64 "\n", i, hashes[i]);
	bool is_same = memcmp(hashes, again, sizeof hashes) == 0; // as said above
	bool is_moving = hashes[0] != hashes[1] && hashes[1] != hashes[2];
	printf("%sok - the same scene gives the same frames, and they move\n",
	        is_same && is_moving ? "" : "not ");
	return is_same && is_moving ? 0 : 1;
}
