// lunette use: another scene on air, or, without a camera, the one that will be.
#include <stdio.h>
#include <stdlib.h>

#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/report.h"

static int choose_for_later(
        const struct lun_link_options *options, struct lun_container *container, const char *name)
{
	struct lun_scene_ref scene;
	struct lun_error err;
	if (lun_container_find(container, name, &scene, &err) != LUN_OK)
		return lun_report_failure_as(options->is_json, "use", &err);
	enum lun_result rc = lun_container_set_active(container, name, &err);
	lun_scene_ref_finish(&scene);
	if (rc != LUN_OK)
		return lun_report_failure_as(options->is_json, "use", &err);
	if (options->is_json)
		return lun_report_json(json_pack("{s:b, s:s, s:b}", "ok", 1, "scene", name, "on_air", 0));
	printf("%s is chosen; no camera is running: `lunette run` puts it on air\n", name);
	return LUN_EXIT_FINE;
}

static int run(const void *values, const struct lun_option_texts *arguments)
{
	const struct lun_link_options *options = values;
	const char *name = arguments->items[0];
	struct lun_container *container = NULL;
	int code = lun_camera_open_container("use", options, &container);
	if (code != LUN_EXIT_FINE)
		return code;
	if (lun_camera_is_running(container))
		code = lun_camera_tell("use", options, json_pack("{s:s, s:s}", "do", "use", "scene", name));
	else
		code = choose_for_later(options, container, name);
	lun_container_close(container);
	return code;
}

const struct lun_command lun_command_use = {
        .name = "use",
        .arguments = "NAME",
        .help = "put a scene of the container on air",
        .details = "Returns once the scene is on air. If it fails, what ran before goes on, and "
                   "the exit code is 1.",
        .arguments_min = 1,
        .arguments_max = 1,
        .groups = lun_link_option_groups,
        .values_size = sizeof(struct lun_link_options),
        .run = run,
};
