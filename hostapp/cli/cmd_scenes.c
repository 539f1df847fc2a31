// lunette scenes: what lies in the container, and which of it is chosen and on air.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/report.h"

// Without a camera the container tells, in the same shape.
static json_t *list_container(const struct lun_container *container)
{
	json_t *names = lun_container_scenes(container);
	char *active = lun_container_active(container);
	json_t *scenes = json_array();
	size_t i;
	json_t *name;
	json_array_foreach(names, i, name)
	{
		struct lun_scene_ref scene;
		struct lun_error unused;
		const char *text = json_string_value(name);
		if (!text || lun_container_find(container, text, &scene, &unused) != LUN_OK)
			continue;
		char *path = lun_format_string("%s/%s", scene.root, scene.file);
		bool is_active = active && strcmp(active, text) == 0;
		(void)json_array_append_new(scenes, json_pack("{s:s, s:s, s:b, s:b}", "name", text, "path",
		                                            path, "active", is_active, "on_air", 0));
		free(path);
		lun_scene_ref_finish(&scene);
	}
	free(active);
	json_decref(names);
	return json_pack("{s:o}", "scenes", scenes);
}

static void print_scenes(const json_t *scenes)
{
	size_t i;
	const json_t *scene;
	int width = 0;
	json_array_foreach(scenes, i, scene)
	{
		int length = (int)json_string_length(json_object_get(scene, "name"));
		if (length > width)
			width = length;
	}
	json_array_foreach(scenes, i, scene)
	{
		const char *name = json_string_value(json_object_get(scene, "name"));
		const char *path = json_string_value(json_object_get(scene, "path"));
		bool is_active = json_is_true(json_object_get(scene, "active"));
		bool is_on_air = json_is_true(json_object_get(scene, "on_air"));
		printf("%c %-*s  %-6s  %s\n", is_active ? '*' : ' ', width, name ? name : "?",
		        is_on_air ? "on air" : "", path ? path : "");
	}
	if (json_array_size(scenes) == 0)
		printf("no scenes yet: `lunette new NAME` makes one, `lunette run` brings some\n");
}

static int get_scenes(const struct lun_link_options *options, json_t **out_reply)
{
	struct lun_container *container = NULL;
	int code = lun_camera_open_container("scenes", options, &container);
	if (code != LUN_EXIT_FINE)
		return code;
	if (lun_camera_is_running(container))
		code = lun_camera_ask(
		        "scenes", options, json_pack("{s:s}", "do", "scenes"), out_reply, NULL);
	else
		*out_reply = list_container(container);
	lun_container_close(container);
	return code;
}

static int run(const void *values, const struct lun_option_texts *arguments)
{
	const struct lun_link_options *options = values;
	json_t *reply = NULL;
	(void)arguments;
	int code = get_scenes(options, &reply);
	if (code != LUN_EXIT_FINE)
		return code;
	json_t *scenes = json_object_get(reply, "scenes");
	if (options->is_json)
		code = lun_report_json(json_pack("{s:O?}", "scenes", scenes));
	else
		print_scenes(scenes);
	json_decref(reply);
	return code;
}

const struct lun_command lun_command_scenes = {
        .name = "scenes",
        .arguments = "",
        .help = "list the scenes in the container",
        .details = "A star marks the active one: it goes on air when a camera starts.",
        .groups = lun_link_option_groups,
        .values_size = sizeof(struct lun_link_options),
        .run = run,
};
