// lunette bench: what a frame of a scene costs, stage by stage, one frame at a time.
#include <stdio.h>

#include "hostapp/cli/commands.h"
#include "hostapp/cli/cost.h"
#include "hostapp/cli/interrupt.h"
#include "hostapp/cli/report.h"
#include "hostapp/cli/scene_options.h"

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
                .fallback = "300",
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

struct bench {
	const char *name; // borrowed; the scene's
	struct lun_format format;
	struct lun_cost cost;
};

static enum lun_result on_started(void *data, const struct lun_format *format, uint64_t frames,
        const json_t *info, struct lun_error *err)
{
	struct bench *bench = data;
	(void)frames;
	(void)info;
	(void)err;
	bench->format = *format;
	return LUN_OK;
}

static enum lun_result on_frame(void *data, const struct lun_frame *frame,
        const struct lun_render_report *report, uint64_t wall_ns, struct lun_error *err)
{
	struct bench *bench = data;
	(void)frame;
	if (report->has_failed)
		return lun_fail(err, LUN_SCRIPT, "the scene failed in frame %llu",
		        (unsigned long long)report->number);
	lun_cost_add(&bench->cost, report, wall_ns);
	return LUN_OK;
}

static enum lun_result on_scene_error(void *data, const struct lun_error *what)
{
	(void)data;
	return what->code ? what->code : LUN_SCRIPT;
}

static void on_logged(void *data, int level, const char *message)
{
	(void)data; // what a scene says is no part of what it costs
	(void)level;
	(void)message;
}

static const struct lun_headless_events events = {
        .started = on_started,
        .frame = on_frame,
        .scene_error = on_scene_error,
        .logged = on_logged,
};

static const struct stage {
	const char *name;
	size_t member;
} stages[] = {
        {"script", offsetof(struct lun_cost_sample, script_ns)},
        {"record", offsetof(struct lun_cost_sample, record_ns)},
        {"compare", offsetof(struct lun_cost_sample, compare_ns)},
        {"raster", offsetof(struct lun_cost_sample, raster_ns)},
        {"convert", offsetof(struct lun_cost_sample, convert_ns)},
};
#define STAGES (sizeof stages / sizeof *stages)
static const struct stage wall = {"wall", offsetof(struct lun_cost_sample, wall_ns)};
static const struct stage cpu = {"cpu", offsetof(struct lun_cost_sample, cpu_ns)};

static int report_json(const struct bench *bench)
{
	const struct lun_cost *cost = &bench->cost;
	json_t *times = json_object();
	for (size_t i = 0; i < STAGES; i++)
		(void)json_object_set_new(
		        times, stages[i].name, json_real(lun_cost_mean_ms(cost, stages[i].member)));
	return lun_report_json(json_pack("{s:I, s:i, s:i, s:f, s:f, s:o, s:f}", "frames",
	        (json_int_t)cost->count, "width", bench->format.width_px, "height",
	        bench->format.height_px, "wall_ms", lun_cost_mean_ms(cost, wall.member), "cpu_ms",
	        lun_cost_mean_ms(cost, cpu.member), "stages", times, "redrawn_fraction",
	        lun_cost_redrawn(cost)));
}

static void print_stage(const struct lun_cost *cost, const struct stage *stage)
{
	printf("  %-8s %8.3f ms %8.3f ms %8.3f ms\n", stage->name,
	        lun_cost_mean_ms(cost, stage->member), lun_cost_percentile_ms(cost, stage->member, 50),
	        lun_cost_percentile_ms(cost, stage->member, 99));
}

static void print_report(const struct bench *bench)
{
	printf("%s: %zu frames of %dx%d %s\n\n", bench->name, bench->cost.count, bench->format.width_px,
	        bench->format.height_px, lun_pixel_format_name(bench->format.pixel));
	printf("  %-8s %11s %11s %11s\n", "", "mean", "median", "p99");
	print_stage(&bench->cost, &wall);
	print_stage(&bench->cost, &cpu);
	for (size_t i = 0; i < STAGES; i++)
		print_stage(&bench->cost, &stages[i]);
	printf("\n  redrawn  %.1f %% of the tiles in a frame\n",
	        100.0 * lun_cost_redrawn(&bench->cost));
}

static int bench_job(struct bench *bench, const struct lun_headless_job *job, bool is_json)
{
	struct lun_error err = {0};
	if (lun_headless_run(job, &events, bench, &err) != LUN_OK)
		return lun_is_interrupted() ? LUN_EXIT_INTERRUPTED
		                            : lun_report_failure_as(is_json, "bench", &err);
	if (is_json)
		return report_json(bench);
	print_report(bench);
	return LUN_EXIT_FINE;
}

static int run(const void *values, const struct lun_option_texts *arguments)
{
	const struct options *options = values;
	struct lun_headless_job job;
	struct lun_error err;
	if (lun_headless_prepare(arguments->items[0], &options->format, &options->input,
	            &options->headless, &job, &err) != LUN_OK)
		return lun_report_failure_as(options->is_json, "bench", &err);
	job.frames = (uint64_t)options->frames;
	job.depth = 1; // one after the other: what a frame costs, not how many fit into a second
	struct bench bench = {.name = job.scene.name};
	lun_interrupt_catch();
	int code = bench_job(&bench, &job, options->is_json);
	lun_cost_finish(&bench.cost);
	lun_headless_finish(&job);
	return code;
}

const struct lun_command lun_command_bench = {
        .name = "bench",
        .arguments = "SCENE",
        .help = "measure what a frame of a scene costs, stage by stage",
        .details = "Frames are drawn one after the other as fast as they come and not written.",
        .arguments_min = 1,
        .arguments_max = 1,
        .groups = option_groups,
        .values_size = sizeof(struct options),
        .run = run,
};
