// lunette render: a scene's frames into a file, a pipe, a list of hashes or nowhere.
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extension/file/pattern.h"
#include "extension/output.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/interrupt.h"
#include "hostapp/cli/report.h"
#include "hostapp/cli/scene_options.h"
#include "lunette/log.h"

#define DEFAULT_SECONDS 10.0

struct options {
	const char *out;
	int64_t frames, from;
	double seconds;
	bool is_json;
	struct lun_format_options format;
	struct lun_input_options input;
	struct lun_headless_options headless;
};

#define MEMBER(member) offsetof(struct options, member)
static const struct lun_option option_table[] = {
        {.name = "out",
                .letter = 'o',
                .type = LUN_OPTION_TEXT,
                .offset = MEMBER(out),
                .value = "OUT",
                .is_required = true,
                .help = "where the frames go: a file (.png .y4m .nv12 .i420 .yuy2 .bgra .mp4 "
                        ".mkv .webm), - for standard output, null: or hash:"},
        {.name = "frames",
                .type = LUN_OPTION_INTEGER,
                .offset = MEMBER(frames),
                .value = "N",
                .min = 1,
                .max = INT32_MAX,
                .help = "how many frames"},
        {.name = "seconds",
                .type = LUN_OPTION_SECONDS,
                .offset = MEMBER(seconds),
                .value = "S",
                .help = "how many seconds of frames (default: 10; one frame for a .png)"},
        {.name = "from",
                .type = LUN_OPTION_INTEGER,
                .offset = MEMBER(from),
                .value = "N",
                .fallback = "0",
                .max = INT32_MAX,
                .help = "the first frame; the scene runs through those before it"},
        {.name = "json",
                .type = LUN_OPTION_FLAG,
                .offset = MEMBER(is_json),
                .help = "say what was rendered as one JSON object"},
        {0},
};

static const struct lun_option_group option_groups[] = {
        {option_table, 0},
        {lun_format_option_table, MEMBER(format)},
        {lun_input_option_table, MEMBER(input)},
        {lun_headless_option_table, MEMBER(headless)},
        {0},
};

// What the name of the output says about the frames.
struct plan {
	enum lun_pixel_format pixel;
	bool is_fixed; // the name leaves no other pixel format
	bool is_one_picture;
	bool is_stdout;
};

struct render {
	const struct options *options; // borrowed for the run
	const char *name;              // borrowed; the scene's
	struct lun_output *output;     // owned; NULL before the scene is loaded
	struct lun_format format;
	uint64_t frames;
	bool has_output_failed;
};

static const char *find_ending(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash : path, '.');
	return dot ? dot + 1 : "";
}

static bool is_output_name(const char *spec)
{
	return strchr(spec, ':') || lun_output_class_find(spec);
}

static bool is_known_ending(const char *ending)
{
	static const char *const endings[] = {
	        "png", "y4m", "nv12", "i420", "yuy2", "bgra", "mp4", "mkv", "webm"};
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (strcasecmp(endings[i], ending) == 0)
			return true;
	return false;
}

// A FIFO or a device: no name says what it is to hold, so it gets what a pipe gets.
static bool is_pipe(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static enum lun_result plan_picture(const char *path, struct plan *plan, struct lun_error *err)
{
	struct lun_pattern pattern;
	plan->pixel = LUN_PIXEL_BGRA;
	enum lun_result rc = lun_pattern_parse(path, &pattern, err);
	plan->is_one_picture = rc == LUN_OK && !pattern.has_number;
	return rc;
}

static enum lun_result plan_file(const char *path, struct plan *plan, struct lun_error *err)
{
	const char *ending = find_ending(path);
	if (!is_known_ending(ending)) {
		plan->pixel = LUN_PIXEL_I420;
		return is_pipe(path) ? LUN_OK
		                     : lun_fail(err, LUN_INVALID,
		                               "what is %s to hold? Its name must end in one of .png .y4m "
		                               ".nv12 .i420 .yuy2 .bgra .mp4 .mkv .webm",
		                               path);
	}
	if (strcasecmp(ending, "png") == 0)
		return plan_picture(path, plan, err);
	if (strcasecmp(ending, "y4m") == 0) {
		plan->pixel = LUN_PIXEL_I420;
		plan->is_fixed = true;
	} else {
		plan->is_fixed = lun_pixel_format_parse(ending, &plan->pixel);
	}
	return LUN_OK;
}

static enum lun_result plan_output(
        const struct options *options, struct plan *plan, struct lun_error *err)
{
	*plan = (struct plan){.pixel = LUN_PIXEL_NV12};
	if (strcmp(options->out, "-") == 0) {
		plan->pixel = LUN_PIXEL_I420;
		plan->is_stdout = true;
	} else if (is_output_name(options->out)) {
		plan->is_stdout = strncmp(options->out, "hash", 4) == 0;
	} else {
		enum lun_result rc = plan_file(options->out, plan, err);
		if (rc != LUN_OK)
			return rc;
	}
	if (options->format.pixel < 0)
		return LUN_OK;
	enum lun_pixel_format chosen = (enum lun_pixel_format)options->format.pixel;
	if (plan->is_fixed && chosen != plan->pixel)
		return lun_fail(err, LUN_INVALID,
		        "%s holds %s, not %s: leave out --pixel-format or choose "
		        "another ending",
		        options->out, lun_pixel_format_name(plan->pixel), lun_pixel_format_name(chosen));
	plan->pixel = chosen;
	return LUN_OK;
}

static enum lun_result check_together(
        const struct options *options, const struct plan *plan, struct lun_error *err)
{
	if (options->frames > 0 && options->seconds > 0)
		return lun_fail(err, LUN_INVALID, "--frames and --seconds: only one of them can hold");
	if (plan->is_one_picture && (options->frames > 1 || options->seconds > 0))
		return lun_fail(err, LUN_INVALID,
		        "%s holds one picture: for more, put %%d or %%04d into its name", options->out);
	if (plan->is_stdout && options->is_json)
		return lun_fail(
		        err, LUN_INVALID, "--json and -o %s both want standard output", options->out);
	return LUN_OK;
}

static enum lun_result on_started(void *data, const struct lun_format *format, uint64_t frames,
        const json_t *info, struct lun_error *err)
{
	struct render *render = data;
	(void)info;
	render->format = *format;
	render->frames = frames;
	struct lun_output_params params = {
	        .name = render->name,
	        .formats = &render->format,
	        .formats_count = 1,
	        .is_raw = render->options->format.pixel >= 0,
	};
	enum lun_result rc = lun_output_open(render->options->out, &params, &render->output, err);
	render->has_output_failed = rc != LUN_OK;
	return rc;
}

static enum lun_result on_frame(void *data, const struct lun_frame *frame,
        const struct lun_render_report *report, uint64_t wall_ns, struct lun_error *err)
{
	struct render *render = data;
	(void)wall_ns;
	if (report->has_failed)
		return lun_fail(err, LUN_SCRIPT, "the scene failed in frame %llu",
		        (unsigned long long)report->number);
	enum lun_result rc = lun_output_submit(render->output, frame, err);
	render->has_output_failed = rc != LUN_OK;
	return rc;
}

static enum lun_result on_scene_error(void *data, const struct lun_error *what)
{
	(void)data;
	return what->code ? what->code : LUN_SCRIPT;
}

static void on_logged(void *data, int level, const char *message)
{
	const struct render *render = data;
	lun_log((enum lun_log_level)level, "%s: %s", render->name, message);
}

static const struct lun_headless_events events = {
        .started = on_started,
        .frame = on_frame,
        .scene_error = on_scene_error,
        .logged = on_logged,
};

static bool is_stdout_closed(void)
{
	struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};
	return poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR);
}

static int report_end(const struct render *render, const struct plan *plan, enum lun_result rc,
        const struct lun_error *err)
{
	if (lun_is_interrupted())
		return LUN_EXIT_INTERRUPTED;
	if (rc == LUN_OK)
		return LUN_EXIT_FINE;
	// Whoever read the frames has seen enough: `lunette render -o - | head`.
	if (render->has_output_failed && plan->is_stdout && is_stdout_closed())
		return LUN_EXIT_FAILED;
	return lun_report_failure_as(render->options->is_json, "render", err);
}

static int report_json(const struct render *render, const struct lun_headless_job *job)
{
	const struct lun_format *format = &render->format;
	return lun_report_json(json_pack("{s:s, s:s, s:I, s:I, s:i, s:i, s:f, s:s, s:s, s:s}", "scene",
	        render->name, "output", render->options->out, "frames", (json_int_t)render->frames,
	        "from", (json_int_t)job->from, "width", format->width_px, "height", format->height_px,
	        "fps", (double)format->fps_num / format->fps_den, "pixel_format",
	        lun_pixel_format_name(format->pixel), "matrix", lun_matrix_name(format->matrix),
	        "range", lun_range_name(format->range)));
}

static int render_job(
        const struct options *options, const struct plan *plan, const struct lun_headless_job *job)
{
	struct render render = {.options = options, .name = job->scene.name};
	struct lun_error err = {0};
	enum lun_result rc = lun_headless_run(job, &events, &render, &err);
	if (rc == LUN_OK) {
		rc = lun_output_finish(render.output, &err);
		render.has_output_failed = rc != LUN_OK;
	}
	lun_output_close(render.output);
	int code = report_end(&render, plan, rc, &err);
	if (code == LUN_EXIT_FINE && options->is_json)
		code = report_json(&render, job);
	return code;
}

// Y4M has no place for the matrix; that is worth a word where one was asked for.
static void note_matrix(const struct options *options)
{
	bool is_y4m = strcasecmp(find_ending(options->out), "y4m") == 0 ||
	              (strcmp(options->out, "-") == 0 && options->format.pixel < 0);
	if (is_y4m && options->format.matrix == LUN_MATRIX_BT709)
		(void)lun_report(0, "render",
		        "Y4M cannot say that the matrix is bt709: tell the program that reads it");
}

static void set_length(
        const struct options *options, const struct plan *plan, struct lun_headless_job *job)
{
	job->from = (uint64_t)options->from;
	job->frames = options->frames > 0 ? (uint64_t)options->frames : plan->is_one_picture;
	job->seconds = options->seconds > 0 ? options->seconds : DEFAULT_SECONDS;
	if (!job->frames && options->seconds <= 0)
		(void)lun_report(0, "render", "neither --frames nor --seconds was given: rendering %g s",
		        DEFAULT_SECONDS);
}

static int run(const void *values, const struct lun_option_texts *arguments)
{
	const struct options *options = values;
	struct plan plan;
	struct lun_error err;
	if (plan_output(options, &plan, &err) != LUN_OK ||
	        check_together(options, &plan, &err) != LUN_OK)
		return lun_report_failure_as(options->is_json, "render", &err);
	struct lun_headless_job job;
	if (lun_headless_prepare(arguments->items[0], &options->format, &options->input,
	            &options->headless, &job, &err) != LUN_OK)
		return lun_report_failure_as(options->is_json, "render", &err);
	job.wish.format.pixel = plan.pixel;
	set_length(options, &plan, &job);
	note_matrix(options);
	lun_interrupt_catch();
	int code = render_job(options, &plan, &job);
	lun_headless_finish(&job);
	return code;
}

const struct lun_command lun_command_render = {
        .name = "render",
        .arguments = "SCENE",
        .help = "draw a scene without a camera, into a file",
        .details = "SCENE is a folder with scene.lua, a .lua file, or the name of a scene in the "
                   "container. The same scene, parameters, feeds, date and seed give the same "
                   "bytes. Ends with exit code 1 at the scene's first error.",
        .arguments_min = 1,
        .arguments_max = 1,
        .groups = option_groups,
        .values_size = sizeof(struct options),
        .run = run,
};
