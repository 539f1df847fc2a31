// The parameters of the scene on air: checking them, keeping them in the container, airing them.
#include <string.h>

#include "extension/camera/camera.h"
#include "lunette/params.h"

static enum lun_result merge_values(const json_t *declarations, const json_t *given, bool is_text,
        json_t *merged, struct lun_error *err)
{
	const char *name;
	json_t *entry;
	json_object_foreach((json_t *)given, name, entry)
	{
		const json_t *declaration = lun_param_find(declarations, name);
		json_t *value = NULL;
		if (!declaration)
			return lun_fail(err, LUN_NOT_FOUND, "the scene has no parameter %s", name);
		if (is_text && !json_is_string(entry))
			return lun_fail(err, LUN_INVALID, "parameter %s: its text is no text", name);
		enum lun_result rc =
		        is_text ? lun_param_parse(declaration, json_string_value(entry), &value, err)
		                : lun_param_check(declaration, entry, &value, err);
		if (rc != LUN_OK)
			return rc;
		(void)json_object_set_new(merged, name, value);
	}
	return LUN_OK;
}

// What is on air now, by the declarations' own "value".
static json_t *current_values(const json_t *declarations)
{
	json_t *values = json_object();
	size_t i;
	json_t *declaration;
	json_array_foreach(declarations, i, declaration)
	{
		const char *name = json_string_value(json_object_get(declaration, "name"));
		json_t *value = json_object_get(declaration, "value");
		if (name && value)
			(void)json_object_set(values, name, value);
	}
	return values;
}

static void note_values(json_t *declarations, json_t *values)
{
	size_t i;
	json_t *declaration;
	json_array_foreach(declarations, i, declaration)
	{
		const char *name = json_string_value(json_object_get(declaration, "name"));
		json_t *value = name ? json_object_get(values, name) : NULL;
		if (value)
			(void)json_object_set(declaration, "value", value);
	}
}

// What was set since wins over what the command line said at the start.
static void overrule_texts(json_t *texts, json_t *changed)
{
	const char *name;
	json_t *value;
	json_object_foreach(changed, name, value)
	{
		(void)json_object_del(texts, name);
	}
}

enum lun_result lun_airing_set(
        struct lun_camera *camera, const json_t *values, const json_t *texts, struct lun_error *err)
{
	struct lun_airing *airing = &camera->airing;
	json_t *declarations = json_object_get(airing->info, "params");
	if (!declarations)
		return lun_fail(err, LUN_NOT_FOUND, "no scene is on air");
	json_t *changed = json_object();
	enum lun_result rc = merge_values(declarations, values, false, changed, err);
	if (rc == LUN_OK)
		rc = merge_values(declarations, texts, true, changed, err);
	if (rc == LUN_OK) {
		json_t *stored = lun_container_values(camera->container, airing->ref.name);
		(void)json_object_update(stored, changed);
		rc = lun_container_set_values(camera->container, airing->ref.name, stored, err);
		json_decref(stored);
	}
	if (rc == LUN_OK) {
		airing->changes++;
		overrule_texts(camera->options->texts, changed);
		json_t *all = current_values(declarations);
		(void)json_object_update(all, changed);
		note_values(declarations, all);
		if (camera->renderer)
			lun_renderer_set_values(camera->renderer, all);
		json_decref(all);
		lun_control_publish(camera->control, "params", json_pack("{s:s}", "event", "params"));
	}
	json_decref(changed);
	return rc;
}

// What is stored replaces what is on air, where it is valid. What the command line said stays.
void lun_airing_read_values(struct lun_camera *camera)
{
	json_t *declarations = json_object_get(camera->airing.info, "params");
	if (!declarations || !camera->renderer)
		return;
	json_t *stored = lun_container_values(camera->container, camera->airing.ref.name);
	json_t *before = current_values(declarations);
	json_t *after = lun_param_values(declarations, stored);
	const char *name;
	json_t *text;
	json_object_foreach(camera->options->texts, name, text)
	{
		if (json_object_get(before, name))
			(void)json_object_set(after, name, json_object_get(before, name));
	}
	if (!json_equal(before, after)) {
		note_values(declarations, after);
		lun_renderer_set_values(camera->renderer, after);
		lun_control_publish(camera->control, "params", json_pack("{s:s}", "event", "params"));
	}
	json_decref(after);
	json_decref(before);
	json_decref(stored);
}
