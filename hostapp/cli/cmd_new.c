// lunette new: a small scene to begin with, in the container.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "extension/camera/scene_name.h"
#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/report.h"

static const char template[] =
        "local scene = { title = \"New scene\" }\n"
        "\n"
        "-- What can be set without touching the code: in Studio, or with `lunette set`.\n"
        "scene.params = {\n"
        "  param.text(\"name\", \"Your name\", { label = \"Name\", max = 40 }),\n"
        "  param.color(\"accent\", \"#0a84ff\", { label = \"Accent\" }),\n"
        "}\n"
        "\n"
        "local cam = camera.open()\n"
        "\n"
        "-- Called for every frame. Draw everything: only what changed costs anything.\n"
        "function scene.draw(cr, frame)\n"
        "  cr:video(cam, 0, 0, cr.width, cr.height, { fit = \"cover\" })\n"
        "  cr:rounded_rectangle(80, 880, 800, 120, 24)\n"
        "  cr:set_source(params.accent)\n"
        "  cr:fill()\n"
        "  cr:text(params.name, 120, 908, { size = 48, weight = \"bold\", width = 720,\n"
        "    fit = \"shrink\", color = \"#fff\" })\n"
        "end\n"
        "\n"
        "return scene\n";

static enum lun_result write_template(const char *dir, const char *file, struct lun_error *err)
{
	if (mkdir(dir, 0755) != 0)
		return lun_fail(
		        err, LUN_IO, errno == EEXIST ? "%s is there already" : "cannot make %s", dir);
	FILE *out = fopen(file, "wxe");
	bool is_written = out && fputs(template, out) >= 0;
	if (out && fclose(out) != 0)
		is_written = false;
	return is_written ? LUN_OK
	                  : lun_fail(err, LUN_IO, "cannot write %s: %s", file, strerror(errno));
}

static int make_scene(
        const struct lun_container *container, const char *name, const struct lun_link_options *o)
{
	struct lun_error err;
	char *dir = lun_format_string("%s/scenes/%s", lun_container_dir(container), name);
	char *file = lun_format_string("%s/scene.lua", dir);
	int code = LUN_EXIT_FINE;
	if (write_template(dir, file, &err) != LUN_OK)
		code = lun_report_failure("new", &err);
	else if (o->is_json)
		code = lun_report_json(json_pack("{s:b, s:s, s:s}", "ok", 1, "scene", name, "path", file));
	else
		printf("%s\n`lunette use %s` puts it on air\n", file, name);
	free(file);
	free(dir);
	return code;
}

static int run(const void *values, const struct lun_option_texts *arguments)
{
	const struct lun_link_options *options = values;
	const char *name = arguments->items[0];
	if (!lun_scene_name_is_valid(name))
		return lun_report(LUN_EXIT_USAGE, "new",
		        "wants a name without slashes that does not begin with a dot, got \"%s\"", name);
	struct lun_container *container = NULL;
	int code = lun_camera_open_container("new", options, &container);
	if (code == LUN_EXIT_FINE)
		code = make_scene(container, name, options);
	lun_container_close(container);
	return code;
}

const struct lun_command lun_command_new = {
        .name = "new",
        .arguments = "NAME",
        .help = "make a small scene in the container to begin with",
        .arguments_min = 1,
        .arguments_max = 1,
        .groups = lun_link_option_groups,
        .values_size = sizeof(struct lun_link_options),
        .run = run,
};
