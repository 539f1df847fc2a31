// Loading a scene: world, program, parameters, first frame, in that order.
#include "scene/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lunette/params.h"

static void set_feed(struct lun_world *world, const char *name, const json_t *news)
{
	lun_feeds_set(world->feeds, name, json_object_get(news, "value"),
	        json_number_value(json_object_get(news, "updated")),
	        json_string_value(json_object_get(news, "error")));
}

// Each break once: a feed that goes on being broken says nothing new.
static void tell_broken_feeds(struct lun_world *world)
{
	for (struct lun_feed *feed = lun_feeds_first(world->feeds); feed; feed = feed->next) {
		if (feed->error[0] && !feed->is_error_told)
			lun_world_log(world, LUN_LOG_WARN, "feed %s: %s", feed->name, feed->error);
		feed->is_error_told = feed->error[0];
	}
}

static void fill_world(struct lun_world *world, const struct lun_scene_params *params)
{
	world->files = params->files;
	world->log = params->log;
	world->log_data = params->log_data;
	world->seed = params->seed;
	world->epoch_s = params->epoch_s;
	world->watchers = params->watchers;
	world->camera_spec = params->camera_spec;
	world->camera_fd = params->camera_fd;
	world->moment.number = params->number;
	world->moment.time_s = (double)lun_format_tick_ns(&params->format, params->number) / 1e9;
	(void)snprintf(world->zone, sizeof world->zone, "%s", params->zone ? params->zone : "");
	const char *name;
	json_t *entry;
	json_object_foreach(params->feeds, name, entry)
	{
		set_feed(world, name, entry);
	}
}

static enum lun_result apply_text(const struct lun_world *world, const char *name,
        const json_t *text, json_t *values, struct lun_error *err)
{
	const json_t *declaration = lun_param_find(world->declarations, name);
	if (!declaration)
		return lun_fail(err, LUN_INVALID, "the scene has no parameter %s", name);
	json_t *value = NULL;
	enum lun_result rc = lun_param_parse(declaration, json_string_value(text), &value, err);
	if (rc == LUN_OK)
		(void)json_object_set_new(values, name, value);
	return rc;
}

static enum lun_result apply_params(
        struct lun_world *world, const struct lun_scene_params *params, struct lun_error *err)
{
	json_t *values = lun_param_values(world->declarations, params->values);
	enum lun_result rc = LUN_OK;
	const char *name;
	json_t *text;
	json_object_foreach(params->texts, name, text)
	{
		if (rc == LUN_OK && json_is_string(text))
			rc = apply_text(world, name, text, values, err);
	}
	lun_world_set_values(world, values);
	json_decref(values);
	return rc;
}

enum lun_result lun_scene_load(
        const struct lun_scene_params *params, struct lun_scene **out_scene, struct lun_error *err)
{
	struct lun_scene *scene = lun_alloc(sizeof *scene);
	scene->world = lun_world_create(params->name, &params->format);
	fill_world(scene->world, params);
	enum lun_result rc = lun_script_create(scene->world, params->file, &scene->script, err);
	if (rc == LUN_OK)
		rc = apply_params(scene->world, params, err);
	if (rc == LUN_OK)
		rc = lun_script_load(scene->script, params->saved, err);
	if (rc == LUN_OK)
		rc = lun_script_draw(scene->script, LUN_DRAW_FRAME, &scene->first, err);
	tell_broken_feeds(scene->world);
	if (rc != LUN_OK) {
		lun_scene_destroy(scene);
		return rc;
	}
	*out_scene = scene;
	return LUN_OK;
}

void lun_scene_destroy(struct lun_scene *scene)
{
	if (!scene)
		return;
	lun_list_unref(scene->first);
	lun_script_destroy(scene->script);
	lun_world_destroy(scene->world);
	free(scene);
}

static json_t *describe_params(const struct lun_world *world)
{
	json_t *list = json_array();
	size_t i;
	json_t *declaration;
	json_array_foreach(world->declarations, i, declaration)
	{
		json_t *copy = json_copy(declaration);
		const char *name = json_string_value(json_object_get(declaration, "name"));
		json_t *value = json_object_get(world->values, name);
		if (value)
			(void)json_object_set(copy, "value", value);
		(void)json_array_append_new(list, copy);
	}
	return list;
}

json_t *lun_scene_info(const struct lun_scene *scene)
{
	const struct lun_world *world = scene->world;
	return json_pack("{s:s, s:[f,f], s:o, s:o, s:O, s:O}", "title", lun_script_title(scene->script),
	        "size", world->design_width, world->design_height, "params", describe_params(world),
	        "feeds", lun_feeds_paths(world->feeds), "files", world->opened, "output",
	        lun_script_output(scene->script));
}

json_t *lun_scene_save(struct lun_scene *scene, struct lun_error *err)
{
	return scene->is_stopped ? NULL : lun_script_save(scene->script, err);
}

void lun_scene_set_values(struct lun_scene *scene, json_t *values)
{
	lun_world_set_values(scene->world, values);
}

void lun_scene_set_feed(struct lun_scene *scene, const char *name, const json_t *news)
{
	struct lun_world *world = scene->world;
	if (name && news)
		set_feed(world, name, news);
	else if (name)
		lun_feeds_forget(world->feeds, name);
	if (!name || !news)
		lun_feeds_read_files(world->feeds, world->files, world->epoch_s);
	tell_broken_feeds(world);
}
