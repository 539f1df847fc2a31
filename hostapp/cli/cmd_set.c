// lunette set: values for the parameters of the scene on air; without any, what there is to set.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/report.h"
#include "hostapp/cli/scene_options.h"

// A heading between parameters is no parameter.
static const char *get_name(const json_t *declaration)
{
	const char *kind = json_string_value(json_object_get(declaration, "kind"));
	bool is_section = kind && strcmp(kind, "section") == 0;
	return is_section ? NULL : json_string_value(json_object_get(declaration, "name"));
}

static bool has_parameter(const json_t *declarations, const char *wanted, size_t length)
{
	size_t i;
	const json_t *at;
	json_array_foreach(declarations, i, at)
	{
		const char *name = get_name(at);
		if (name && strlen(name) == length && memcmp(name, wanted, length) == 0)
			return true;
	}
	return false;
}

static void list_names(const json_t *declarations, char *out, size_t size)
{
	size_t i, used = 0;
	const json_t *at;
	*out = '\0';
	json_array_foreach(declarations, i, at)
	{
		const char *name = get_name(at);
		if (name && used < size)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", name);
	}
	if (!used)
		(void)snprintf(out, size, "none at all");
}

/* Without arguments: a table. */

// A value as it may be typed, on one line.
static char *describe_value(const json_t *value)
{
	char *text = NULL;
	if (json_is_string(value))
		text = lun_strdup(json_string_value(value));
	else if (value)
		text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));
	if (!text)
		text = lun_strdup("-");
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = ' ';
	return text;
}

static const char *get_text(const json_t *declaration, const char *key)
{
	const char *text = json_string_value(json_object_get(declaration, key));
	return text ? text : "";
}

static void print_parameters(const json_t *declarations)
{
	int name_width = (int)strlen("parameter"), value_width = (int)strlen("value");
	size_t i;
	const json_t *at;
	for (int is_print = 0; is_print < 2; is_print++) {
		if (is_print)
			printf("%-*s  %-8s  %-*s  %s\n", name_width, "parameter", "kind", value_width, "value",
			        "label");
		json_array_foreach(declarations, i, at)
		{
			const char *name = get_name(at);
			if (!name)
				continue;
			char *value = describe_value(json_object_get(at, "value"));
			if (is_print)
				printf("%-*s  %-8s  %-*s  %s\n", name_width, name, get_text(at, "kind"),
				        value_width, value, get_text(at, "label"));
			if ((int)strlen(name) > name_width)
				name_width = (int)strlen(name);
			if ((int)strlen(value) > value_width && strlen(value) <= 40)
				value_width = (int)strlen(value);
			free(value);
		}
	}
}

static int show(const struct lun_link_options *options, const json_t *reply)
{
	const json_t *declarations = json_object_get(reply, "params");
	if (options->is_json)
		return lun_report_json(json_incref((json_t *)reply));
	if (json_array_size(declarations) == 0)
		printf("%s has no parameters\n", get_text(reply, "scene"));
	else
		print_parameters(declarations);
	return LUN_EXIT_FINE;
}

/* With arguments. */

static enum lun_result check_names(
        const struct lun_option_texts *arguments, const json_t *reply, struct lun_error *err)
{
	const json_t *declarations = json_object_get(reply, "params");
	for (size_t i = 0; i < arguments->count; i++) {
		const char *name = arguments->items[i];
		size_t length = strcspn(name, "=");
		if (has_parameter(declarations, name, length))
			continue;
		char names[320];
		list_names(declarations, names, sizeof names);
		return lun_fail(err, LUN_INVALID, "%s has no parameter %.*s; it has %s",
		        get_text(reply, "scene"), (int)length, name, names);
	}
	return LUN_OK;
}

static enum lun_result check_pairs(const struct lun_option_texts *arguments, struct lun_error *err)
{
	for (size_t i = 0; i < arguments->count; i++) {
		const char *equals = strchr(arguments->items[i], '=');
		if (!equals || equals == arguments->items[i])
			return lun_fail(err, LUN_INVALID, "wants NAME=VALUE, got \"%s\"", arguments->items[i]);
	}
	return LUN_OK;
}

static int set(const struct lun_link_options *options, const struct lun_option_texts *arguments,
        const json_t *reply)
{
	struct lun_error err;
	if (check_names(arguments, reply, &err) != LUN_OK)
		return lun_report_failure_as(options->is_json, "set", &err);
	json_t *texts = lun_pairs_to_json(arguments);
	return lun_camera_tell(
	        "set", options, texts ? json_pack("{s:s, s:o}", "do", "set", "text", texts) : NULL);
}

static int run(const void *values, const struct lun_option_texts *arguments)
{
	const struct lun_link_options *options = values;
	struct lun_error err;
	json_t *reply = NULL;
	if (check_pairs(arguments, &err) != LUN_OK)
		return lun_report_failure_as(options->is_json, "set", &err);
	int code = lun_camera_ask("set", options, json_pack("{s:s}", "do", "params"), &reply, NULL);
	if (code == LUN_EXIT_FINE)
		code = arguments->count ? set(options, arguments, reply) : show(options, reply);
	json_decref(reply);
	return code;
}

const struct lun_command lun_command_set = {
        .name = "set",
        .arguments = "[NAME=VALUE...]",
        .help = "set parameters of the scene on air, or list them",
        .details = "On air at the next frame, and kept. Without arguments it lists the parameters "
                   "with kind, value and label. An unknown name and a value of the wrong type are "
                   "exit code 2. Example:\nlunette set name='Grace Hopper' clock=true "
                   "accent=#ff8800",
        .arguments_min = 0,
        .arguments_max = 1000,
        .groups = lun_link_option_groups,
        .values_size = sizeof(struct lun_link_options),
        .run = run,
};
