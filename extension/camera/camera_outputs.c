// The camera's outputs: opening them, and what their clients do.
#include <string.h>

#include "extension/camera/camera.h"

static void on_watchers(void *data, int count)
{
	struct lun_camera_output *out = data;
	struct lun_camera *camera = out->camera;
	if (out->watchers == count)
		return;
	out->watchers = count;
	int all = lun_camera_watchers(camera);
	lun_journal_write(
	        camera->journal, LUN_LOG_INFO, "watchers", NULL, json_pack("{s:i}", "watchers", all));
	if (camera->renderer)
		lun_renderer_watchers(camera->renderer, all);
	lun_camera_check_watchers(camera);
	lun_control_publish(
	        camera->control, "status", json_pack("{s:s, s:i}", "event", "status", "watchers", all));
}

static void on_format(void *data, const struct lun_format *format)
{
	struct lun_camera_output *out = data;
	struct lun_error err;
	if (lun_camera_set_format(out->camera, format, &err) != LUN_OK)
		lun_log(LUN_LOG_ERROR, "%s", err.message);
}

static void on_lost(void *data, const char *why)
{
	struct lun_camera_output *out = data;
	lun_log(LUN_LOG_WARN, "%s: %s", out->spec, why);
	lun_journal_write(out->camera->journal, LUN_LOG_WARN, "output_lost", why, NULL);
}

static void on_back(void *data)
{
	struct lun_camera_output *out = data;
	lun_log(LUN_LOG_INFO, "%s: back", out->spec);
	lun_journal_write(out->camera->journal, LUN_LOG_INFO, "output_back", out->spec, NULL);
}

// The formats a camera offers: the chosen one first, then what programs commonly ask for.
static int list_formats(const struct lun_format *chosen, struct lun_format *out_formats)
{
	static const int sizes[][2] = {{0, 0}, {1920, 1080}, {1280, 720}, {640, 360}};
	static const enum lun_pixel_format pixels[] = {LUN_PIXEL_NV12, LUN_PIXEL_I420, LUN_PIXEL_YUY2};
	int count = 0;
	out_formats[count++] = *chosen;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		for (size_t k = 0; k < sizeof pixels / sizeof pixels[0]; k++) {
			struct lun_format format = *chosen;
			format.pixel = pixels[k];
			if (i > 0) {
				format.width_px = sizes[i][0];
				format.height_px = sizes[i][1];
			}
			bool is_new = true;
			for (int known = 0; known < count; known++)
				is_new = is_new && !lun_format_equal(&format, &out_formats[known]);
			if (is_new)
				out_formats[count++] = format;
		}
	}
	return count;
}

static enum lun_result open_output(
        struct lun_camera *camera, const char *spec, struct lun_error *err)
{
	static const struct lun_output_events events = {
	        .watchers = on_watchers,
	        .format = on_format,
	        .lost = on_lost,
	        .back = on_back,
	};
	struct lun_format formats[16];
	struct lun_camera_output *out = &camera->outputs[camera->outputs_count];
	*out = (struct lun_camera_output){.camera = camera, .spec = spec};
	const struct lun_output_params params = {
	        .name = camera->options->name,
	        .formats = formats,
	        .formats_count = list_formats(&camera->format, formats),
	        .loop = camera->loop,
	        .events = &events,
	        .data = out,
	};
	enum lun_result rc = lun_output_open(spec, &params, &out->output, err);
	if (rc == LUN_OK)
		camera->outputs_count++;
	return rc;
}

enum lun_result lun_camera_open_outputs(struct lun_camera *camera, struct lun_error *err)
{
	const struct lun_camera_options *options = camera->options;
	for (int i = 0; i < options->outputs_count; i++) {
		if (strcmp(options->outputs[i], "none") == 0) {
			camera->is_free_running = true;
			continue;
		}
		enum lun_result rc = open_output(camera, options->outputs[i], err);
		if (rc != LUN_OK)
			return rc;
	}
	struct lun_error missing;
	if (options->outputs_count == 0 && open_output(camera, "pipewire", &missing) != LUN_OK)
		(void)json_array_append_new(camera->missing, json_string(missing.message));
	lun_camera_check_watchers(camera);
	return LUN_OK;
}
