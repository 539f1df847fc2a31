// Parameters of a scene as the rest of the program sees them: find a declaration, check a value,
// put a set of values together. What the single kinds take is in param_kind.c.
#include "lunette/params.h"

#include <string.h>

#include "lunette/log.h"
#include "scene/param_kind.h"

enum lun_result lun_param_check(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	const struct lun_param_kind *kind = lun_param_get_kind(declaration, err);
	if (!kind)
		return LUN_INVALID;
	json_t *checked;
	enum lun_result rc = kind->check(declaration, value, &checked, err);
	if (rc != LUN_OK)
		return rc;
	if (out_value)
		*out_value = checked;
	else
		json_decref(checked);
	return LUN_OK;
}

enum lun_result lun_param_parse(
        const json_t *declaration, const char *text, json_t **out_value, struct lun_error *err)
{
	const struct lun_param_kind *kind = lun_param_get_kind(declaration, err);
	if (!kind)
		return LUN_INVALID;
	json_t *value = kind->read(declaration, text);
	if (!value) {
		char name[LUN_PARAM_SHOWN_BYTES];
		lun_param_show_name(declaration, name);
		return lun_fail(err, LUN_INVALID, "parameter %s wants text in UTF-8", name);
	}
	enum lun_result rc = lun_param_check(declaration, value, out_value, err);
	json_decref(value);
	return rc;
}

const json_t *lun_param_find(const json_t *declarations, const char *name)
{
	size_t index;
	json_t *declaration;
	if (!name)
		return NULL;
	json_array_foreach(declarations, index, declaration)
	{
		const char *found = json_string_value(json_object_get(declaration, "name"));
		if (found && strcmp(found, name) == 0)
			return declaration;
	}
	return NULL;
}

/** A value as it will be used, or NULL and a warning that starts with what. */
static json_t *take_valid(const json_t *declaration, const json_t *value, const char *what)
{
	struct lun_error err;
	json_t *checked;
	if (lun_param_check(declaration, value, &checked, &err) == LUN_OK)
		return checked;
	lun_log(LUN_LOG_WARN, "%s is left out: %s", what, err.message);
	return NULL;
}

static void set_value(json_t *values, const json_t *declaration, const json_t *stored)
{
	const char *name = json_string_value(json_object_get(declaration, "name"));
	const char *kind = json_string_value(json_object_get(declaration, "kind"));
	// Of several declarations with one name the first counts, as in lun_param_find().
	if (!name || (kind && strcmp(kind, "section") == 0) || json_object_get(values, name))
		return;

	json_t *value = NULL;
	const json_t *chosen = json_object_get(stored, name);
	const json_t *otherwise = json_object_get(declaration, "default");
	if (chosen)
		value = take_valid(declaration, chosen, "a stored value");
	if (!value && otherwise && !json_is_null(otherwise))
		value = take_valid(declaration, otherwise, "a default");
	if (value)
		(void)json_object_set_new(values, name, value);
}

json_t *lun_param_values(const json_t *declarations, const json_t *stored)
{
	json_t *values = json_object();
	size_t index;
	json_t *declaration;
	lun_assert(values);
	json_array_foreach(declarations, index, declaration)
	{
		set_value(values, declaration, stored);
	}
	return values;
}
