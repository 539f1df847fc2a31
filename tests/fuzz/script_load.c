// libFuzzer: any text as a scene. It is loaded, drawn three times, saved and destroyed, under
// budgets of milliseconds. Files it asks for are its own text.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lunette/engine.h"

struct text {
	const uint8_t *bytes; // borrowed
	size_t size;
};

static int open_text(void *data, const char *path, struct lun_error *err)
{
	const struct text *text = data;
	if (strcmp(path, "scene.lua") != 0 && strncmp(path, "a.", 2) != 0) {
		(void)lun_fail(err, LUN_NOT_FOUND, "cannot open %.100s", path);
		return -1;
	}
	int fd = memfd_create("scene", MFD_CLOEXEC);
	if (fd < 0 || write(fd, text->bytes, text->size) != (ssize_t)text->size)
		abort();
	return fd;
}

static void ignore_log(void *data, enum lun_log_level level, const char *message)
{
	(void)data;
	(void)level;
	(void)message;
}

static void play(
        struct lun_engine *engine, struct lun_scene *scene, const struct lun_format *format)
{
	struct lun_error err;
	struct lun_layout layout;
	lun_format_layout(format, &layout);
	uint8_t *pixels = lun_alloc(layout.size_bytes);
	struct lun_buffer *buffer = lun_buffer_create(engine, pixels);
	lun_engine_take_scene(engine, scene);
	for (uint64_t n = 0; n < 3; n++) {
		struct lun_frame_stats stats;
		enum lun_result rc = lun_engine_render(engine, n, (double)n, buffer, &stats, &err);
		if (rc != LUN_OK && !err.message[0])
			abort(); // a failure has a reason
	}
	json_decref(lun_scene_info(scene));
	json_decref(lun_scene_save(scene, &err));
	(void)lun_engine_send_event(engine, "event", NULL, &err);
	(void)lun_engine_set_watchers(engine, 1, &err);
	lun_buffer_destroy(buffer);
	free(pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct text text = {bytes, size};
	const struct lun_files files = {.open = open_text, .data = &text, .root = "."};
	struct lun_format format = lun_format_default();
	format.width_px = 96;
	format.height_px = 54;
	struct lun_scene_params params = {.name = "fuzz",
	        .file = "scene.lua",
	        .files = &files,
	        .format = format,
	        .zone = "UTC",
	        .seed = 1,
	        .camera_fd = -1,
	        .log = ignore_log};
	struct lun_engine *engine;
	struct lun_scene *scene;
	struct lun_error err = {0};
	if (lun_engine_create(&format, &engine, &err) != LUN_OK)
		abort();
	if (lun_scene_load(&params, &scene, &err) == LUN_OK)
		play(engine, scene, &format);
	else if (!err.message[0])
		abort();
	lun_engine_destroy(engine);
	return 0;
}
