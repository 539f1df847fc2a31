// The command line of lunette-camera: plain `--name value` pairs, made by `lunette run`.
#include "extension/camera/options.h"

#include <stdlib.h>
#include <string.h>

static bool parse_format_option(struct lun_format_wish *wish, const char *name, const char *value)
{
	struct lun_format *format = &wish->format;
	if (strcmp(name, "--size") == 0) {
		wish->has_size = true;
		return lun_size_parse(value, &format->width_px, &format->height_px);
	}
	if (strcmp(name, "--fps") == 0) {
		wish->has_rate = true;
		return lun_rate_parse(value, &format->fps_num, &format->fps_den);
	}
	if (strcmp(name, "--matrix") == 0) {
		wish->has_matrix = true;
		return lun_matrix_parse(value, &format->matrix);
	}
	if (strcmp(name, "--range") == 0) {
		wish->has_range = true;
		return lun_range_parse(value, &format->range);
	}
	return strcmp(name, "--pixel-format") == 0 && lun_pixel_format_parse(value, &format->pixel);
}

static bool add_param(struct lun_camera_options *options, const char *text)
{
	const char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return false;
	char *name = lun_format_string("%.*s", (int)(equals - text), text);
	bool is_set = json_object_set_new(options->texts, name, json_string(equals + 1)) == 0;
	free(name);
	return is_set;
}

static bool add_output(struct lun_camera_options *options, const char *spec)
{
	if (options->outputs_count == LUN_CAMERA_MAX_OUTPUTS)
		return false;
	options->outputs[options->outputs_count++] = spec;
	return true;
}

static bool parse_option(struct lun_camera_options *options, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **out;
	} texts[] = {{"--container", &options->container}, {"--name", &options->name},
	        {"--scene", &options->scene}, {"--camera", &options->camera}};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (strcmp(name, texts[i].name) == 0) {
			*texts[i].out = value;
			return true;
		}
	}
	if (strcmp(name, "--output") == 0)
		return add_output(options, value);
	if (strcmp(name, "--param") == 0)
		return add_param(options, value);
	if (strcmp(name, "--ready-fd") == 0) {
		options->ready_fd = atoi(value);
		return true;
	}
	return parse_format_option(&options->wish, name, value);
}

enum lun_result lun_camera_options_parse(
        struct lun_camera_options *options, int argc, char **argv, struct lun_error *err)
{
	*options = (struct lun_camera_options){
	        .name = "Lunette", .wish.format = lun_format_default(), .ready_fd = -1};
	options->texts = json_object();
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			return lun_fail(err, LUN_INVALID, "%s: wants a value", argv[i]);
		if (!parse_option(options, argv[i], argv[i + 1]))
			return lun_fail(err, LUN_INVALID, "%s: cannot be \"%s\"", argv[i], argv[i + 1]);
	}
	return lun_format_check(&options->wish.format, err);
}

void lun_camera_options_finish(struct lun_camera_options *options)
{
	json_decref(options->texts);
}
