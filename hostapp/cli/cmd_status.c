// lunette status: how the running camera is.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/report.h"

// The camera's format is an object in frames and may be one here.
static char *describe(const json_t *value)
{
	if (json_is_string(value))
		return lun_strdup(json_string_value(value));
	if (json_is_real(value))
		return lun_format_string("%.4g", json_real_value(value));
	if (json_is_object(value) && json_object_get(value, "pixel")) {
		const char *pixel = json_string_value(json_object_get(value, "pixel"));
		const char *matrix = json_string_value(json_object_get(value, "matrix"));
		const char *range = json_string_value(json_object_get(value, "range"));
		return lun_format_string("%dx%d %s %s %s",
		        (int)json_integer_value(json_object_get(value, "width")),
		        (int)json_integer_value(json_object_get(value, "height")), pixel ? pixel : "?",
		        matrix ? matrix : "", range ? range : "");
	}
	char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	return text ? text : lun_strdup("-");
}

static void print_row(const char *label, const json_t *value)
{
	char *text = describe(value);
	printf("%-10s %s\n", label, text);
	free(text);
}

static void print_uptime(const json_t *value)
{
	long long seconds = (long long)json_number_value(value);
	printf("%-10s %lldd %02lld:%02lld:%02lld\n", "uptime", seconds / 86400, seconds / 3600 % 24,
	        seconds / 60 % 60, seconds % 60);
}

static void print_costs(const json_t *status)
{
	const json_t *script = json_object_get(status, "script_ms");
	printf("%-10s %.2f ms median, %.2f ms p99\n", "script",
	        json_number_value(json_object_get(script, "p50")),
	        json_number_value(json_object_get(script, "p99")));
	printf("%-10s %.1f MiB\n", "memory",
	        json_number_value(json_object_get(status, "memory_bytes")) / (1024.0 * 1024.0));
}

static void print_last_error(const json_t *error)
{
	const char *message = json_string_value(json_object_get(error, "message"));
	const char *path = json_string_value(json_object_get(error, "path"));
	const char *traceback = json_string_value(json_object_get(error, "traceback"));
	if (!message)
		return;
	printf("\nlast error\n");
	if (path && *path)
		printf("%s:%lld: ", path, (long long)json_integer_value(json_object_get(error, "line")));
	printf("%s\n", message);
	if (traceback && *traceback)
		printf("%s\n", traceback);
}

static void print_status(const json_t *status)
{
	static const char *const first[] = {"camera", "scene", "state", "watchers", "format", "fps"};
	static const char *const counts[] = {
	        "frames", "late", "dropped", "repeated", "reloads", "errors"};
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		print_row(first[i], json_object_get(status, first[i]));
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		print_row(counts[i], json_object_get(status, counts[i]));
	print_costs(status);
	print_uptime(json_object_get(status, "uptime_s"));
	print_last_error(json_object_get(status, "last_error"));
}

static int run(const void *values, const struct lun_option_texts *arguments)
{
	const struct lun_link_options *options = values;
	json_t *status = NULL;
	(void)arguments;
	int code = lun_camera_ask("status", options, json_pack("{s:s}", "do", "status"), &status, NULL);
	if (code != LUN_EXIT_FINE)
		return code;
	(void)json_object_del(status, "ok");
	if (options->is_json)
		return lun_report_json(status);
	print_status(status);
	json_decref(status);
	return LUN_EXIT_FINE;
}

const struct lun_command lun_command_status = {
        .name = "status",
        .arguments = "",
        .help = "how the running camera is",
        .details = "late: frames shown after their time. dropped: ticks with no frame at all. "
                   "repeated: ticks answered by the frame before, because the new one was not "
                   "ready.",
        .groups = lun_link_option_groups,
        .values_size = sizeof(struct lun_link_options),
        .run = run,
};
