// lunette check: does a scene load and draw, what does it cost, and what would hurt on air.
#include <stdio.h>
#include <string.h>

#include "extension/camera/control.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/cost.h"
#include "hostapp/cli/interrupt.h"
#include "hostapp/cli/report.h"
#include "hostapp/cli/scene_options.h"
#include "lunette/log.h"

#define MAX_ERRORS 50
#define SCRIPT_LIMIT_MS 250.0
#define RASTER_LIMIT_MS 1000.0
#define MEMORY_LIMIT_BYTES (64.0 * 1024.0 * 1024.0)
#define MIB (1024.0 * 1024.0)

struct options {
	int64_t frames;
	bool is_json;
	struct lun_format_options format;
	struct lun_input_options input;
	struct lun_headless_options headless;
};

#define MEMBER(member) offsetof(struct options, member)
static const struct lun_option option_table[] = {
        {.name = "frames",
                .type = LUN_OPTION_INTEGER,
                .offset = MEMBER(frames),
                .value = "N",
                .fallback = "60",
                .min = 1,
                .max = 1000000,
                .help = "how many frames are drawn"},
        {.name = "json",
                .type = LUN_OPTION_FLAG,
                .offset = MEMBER(is_json),
                .help = "say it as one JSON object"},
        {0},
};

static const struct lun_option_group option_groups[] = {
        {option_table, 0},
        {lun_format_option_table, MEMBER(format)},
        {lun_input_option_table, MEMBER(input)},
        {lun_headless_option_table, MEMBER(headless)},
        {0},
};

struct check {
	const char *name; // borrowed; the scene's
	struct lun_format format;
	struct lun_cost cost;
	json_t *errors;   // owned
	json_t *warnings; // owned
	bool is_json;
};

static void add_error(struct check *check, const struct lun_error *what)
{
	json_t *error = lun_error_to_json(what);
	for (size_t i = 0; i < json_array_size(check->errors); i++) {
		if (json_equal(json_array_get(check->errors, i), error)) {
			json_decref(error);
			return;
		}
	}
	(void)json_array_append_new(check->errors, error);
	if (!check->is_json)
		lun_report_error("check", what);
}

static void add_warning(struct check *check, const char *text)
{
	(void)json_array_append_new(check->warnings, json_string(text));
	if (!check->is_json)
		(void)fprintf(stderr, "lunette: check: %s\n", text);
}

static void warn(struct check *check, const char *format, ...) LUN_PRINTF(2, 3);
static void warn(struct check *check, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	add_warning(check, text);
}

static enum lun_result on_started(void *data, const struct lun_format *format, uint64_t frames,
        const json_t *info, struct lun_error *err)
{
	struct check *check = data;
	(void)frames;
	(void)info;
	(void)err;
	check->format = *format;
	return LUN_OK;
}

static enum lun_result on_frame(void *data, const struct lun_frame *frame,
        const struct lun_render_report *report, uint64_t wall_ns, struct lun_error *err)
{
	struct check *check = data;
	(void)frame;
	(void)err;
	lun_cost_add(&check->cost, report, wall_ns);
	return LUN_OK;
}

static enum lun_result on_scene_error(void *data, const struct lun_error *what)
{
	struct check *check = data;
	add_error(check, what);
	return json_array_size(check->errors) < MAX_ERRORS ? LUN_OK : LUN_SCRIPT;
}

static void on_logged(void *data, int level, const char *message)
{
	if (level >= LUN_LOG_WARN)
		add_warning(data, message);
}

static const struct lun_headless_events events = {
        .started = on_started,
        .frame = on_frame,
        .scene_error = on_scene_error,
        .logged = on_logged,
};

#define STAGE(stage) offsetof(struct lun_cost_sample, stage##_ns)

static double get_interval_ms(const struct check *check)
{
	return 1000.0 * check->format.fps_den / check->format.fps_num;
}

static void warn_about_cost(struct check *check)
{
	const struct lun_cost *cost = &check->cost;
	double drawing_ms = lun_cost_percentile_ms(cost, STAGE(drawing), 50);
	double script_ms = lun_cost_percentile_ms(cost, STAGE(script), 100);
	double raster_ms = lun_cost_percentile_ms(cost, STAGE(raster), 100);
	double interval_ms = get_interval_ms(check);
	if (drawing_ms > interval_ms)
		warn(check, "a frame takes %.1f ms, more than the %.1f ms between frames", drawing_ms,
		        interval_ms);
	if (script_ms > interval_ms)
		warn(check,
		        "callbacks take up to %.1f ms: above %.0f ms a frame comes late, above %.0f ms "
		        "the scene is stopped",
		        script_ms, interval_ms, SCRIPT_LIMIT_MS);
	if (raster_ms > RASTER_LIMIT_MS)
		warn(check, "drawing takes up to %.1f ms: above %.0f ms the renderer is replaced",
		        raster_ms, RASTER_LIMIT_MS);
	if ((double)cost->memory_bytes > 0.8 * MEMORY_LIMIT_BYTES)
		warn(check, "the scene uses %.1f MiB of the %.0f MiB of Lua memory it may have",
		        (double)cost->memory_bytes / MIB, MEMORY_LIMIT_BYTES / MIB);
}

static json_t *cost_to_json(const struct lun_cost *cost, size_t member)
{
	return json_pack("{s:f, s:f, s:f}", "p50", lun_cost_percentile_ms(cost, member, 50), "p99",
	        lun_cost_percentile_ms(cost, member, 99), "max",
	        lun_cost_percentile_ms(cost, member, 100));
}

static int report_json(const struct check *check)
{
	const struct lun_cost *cost = &check->cost;
	json_t *limits = json_pack("{s:f, s:f, s:f, s:f}", "frame_ms", get_interval_ms(check),
	        "script_ms", SCRIPT_LIMIT_MS, "raster_ms", RASTER_LIMIT_MS, "memory_bytes",
	        MEMORY_LIMIT_BYTES);
	return lun_report_json(json_pack("{s:b, s:s, s:I, s:i, s:i, s:f, s:O, s:O, s:o, s:o, s:o, "
	                                 "s:I, s:f, s:o}",
	        "ok", json_array_size(check->errors) == 0, "scene", check->name, "frames",
	        (json_int_t)cost->count, "width", check->format.width_px, "height",
	        check->format.height_px, "fps", (double)check->format.fps_num / check->format.fps_den,
	        "errors", check->errors, "warnings", check->warnings, "script_ms",
	        cost_to_json(cost, STAGE(script)), "raster_ms", cost_to_json(cost, STAGE(raster)),
	        "drawing_ms", cost_to_json(cost, STAGE(drawing)), "memory_bytes",
	        (json_int_t)cost->memory_bytes, "redrawn_fraction", lun_cost_redrawn(cost), "limits",
	        limits));
}

static void print_stage(const struct lun_cost *cost, const char *name, size_t member)
{
	printf("  %-8s %8.2f ms %8.2f ms\n", name, lun_cost_percentile_ms(cost, member, 50),
	        lun_cost_percentile_ms(cost, member, 100));
}

static void print_report(const struct check *check)
{
	const struct lun_cost *cost = &check->cost;
	size_t errors = json_array_size(check->errors);
	size_t warnings = json_array_size(check->warnings);
	printf("%s: %s: %zu error%s, %zu warning%s\n", check->name, errors ? "not fit" : "fine", errors,
	        errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
	if (cost->count == 0)
		return;
	printf("%zu frames of %dx%d, one every %.1f ms\n\n", cost->count, check->format.width_px,
	        check->format.height_px, get_interval_ms(check));
	printf("  %-8s %11s %11s\n", "", "median", "most");
	print_stage(cost, "script", STAGE(script));
	print_stage(cost, "raster", STAGE(raster));
	print_stage(cost, "all", STAGE(drawing));
	printf("\n  Lua memory   %.1f of %.0f MiB\n", (double)cost->memory_bytes / MIB,
	        MEMORY_LIMIT_BYTES / MIB);
	printf("  redrawn      %.1f %% of the tiles in a frame\n", 100.0 * lun_cost_redrawn(cost));
}

static int check_job(struct check *check, const struct lun_headless_job *job)
{
	struct lun_error err = {0};
	int code = LUN_EXIT_FINE;
	if (lun_headless_run(job, &events, check, &err) != LUN_OK) {
		if (lun_is_interrupted())
			return LUN_EXIT_INTERRUPTED;
		add_error(check, &err);
		code = lun_exit_code(&err);
	}
	warn_about_cost(check);
	if (check->is_json && report_json(check) != LUN_EXIT_FINE)
		return LUN_EXIT_FAILED;
	if (!check->is_json)
		print_report(check);
	if (code == LUN_EXIT_FINE && json_array_size(check->errors))
		code = LUN_EXIT_FAILED;
	return code;
}

static int run(const void *values, const struct lun_option_texts *arguments)
{
	const struct options *options = values;
	struct lun_headless_job job;
	struct lun_error err;
	if (lun_headless_prepare(arguments->items[0], &options->format, &options->input,
	            &options->headless, &job, &err) != LUN_OK)
		return lun_report_failure_as(options->is_json, "check", &err);
	job.frames = (uint64_t)options->frames;
	struct check check = {
	        .name = job.scene.name,
	        .format = job.wish.format,
	        .errors = json_array(),
	        .warnings = json_array(),
	        .is_json = options->is_json,
	};
	lun_interrupt_catch();
	int code = check_job(&check, &job);
	json_decref(check.errors);
	json_decref(check.warnings);
	lun_cost_finish(&check.cost);
	lun_headless_finish(&job);
	return code;
}

const struct lun_command lun_command_check = {
        .name = "check",
        .arguments = "SCENE",
        .help = "load and draw a scene; report errors and what it costs",
        .details = "Draws frames without writing them. Exit code 1 when the scene has an error.",
        .arguments_min = 1,
        .arguments_max = 1,
        .groups = option_groups,
        .values_size = sizeof(struct options),
        .run = run,
};
