// Turns the options that commands share into a job for a renderer: scene, format, parameters,
// feeds, camera file. Running it is headless.c's job.
#include "hostapp/cli/scene_options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hostapp/cli/report.h"
#include "lunette/camera_spec.h"

#define MAX_FEED_BYTES (8 << 20)

// In the order of the enums.
static const char *const pixel_names[] = {"nv12", "i420", "yuy2", "bgra", NULL};
static const char *const matrix_names[] = {"bt601", "bt709", NULL};
static const char *const range_names[] = {"limited", "full", NULL};

#define FORMAT(member) offsetof(struct lun_format_options, member)
const struct lun_option lun_format_option_table[] = {
        {.name = "size",
                .type = LUN_OPTION_SIZE,
                .offset = FORMAT(size),
                .value = "WIDTHxHEIGHT",
                .help = "of a frame, in pixels (default: the scene's wish, or 1920x1080)"},
        {.name = "fps",
                .type = LUN_OPTION_RATE,
                .offset = FORMAT(rate),
                .value = "RATE",
                .help = "frames per second: 30, 29.97, 30000/1001 (default: the scene's wish, "
                        "or 30)"},
        {.name = "pixel-format",
                .type = LUN_OPTION_CHOICE,
                .offset = FORMAT(pixel),
                .value = "F",
                .choices = pixel_names,
                .help = "how pixels are stored"},
        {.name = "matrix",
                .type = LUN_OPTION_CHOICE,
                .offset = FORMAT(matrix),
                .value = "M",
                .choices = matrix_names,
                .help = "from RGB to Y'CbCr (default bt601)"},
        {.name = "range",
                .type = LUN_OPTION_CHOICE,
                .offset = FORMAT(range),
                .value = "R",
                .choices = range_names,
                .help = "of the code values (default limited)"},
        {0},
};

#define INPUT(member) offsetof(struct lun_input_options, member)
const struct lun_option lun_input_option_table[] = {
        {.name = "param",
                .type = LUN_OPTION_PAIRS,
                .offset = INPUT(params),
                .value = "NAME=VALUE",
                .help = "value of one of the scene's parameters"},
        {.name = "camera",
                .type = LUN_OPTION_TEXT,
                .offset = INPUT(camera),
                .value = "FILE",
                .help = "what camera.open() shows: any video file, or a raw clip as "
                        "clip.nv12:1920x1080, looped (default: a synthetic camera)"},
        {0},
};

#define HEADLESS(member) offsetof(struct lun_headless_options, member)
const struct lun_option lun_headless_option_table[] = {
        {.name = "feed",
                .type = LUN_OPTION_PAIRS,
                .offset = HEADLESS(feeds),
                .value = "NAME=FILE",
                .help = "value of a feed: a .json file, or a .txt as text"},
        {.name = "date",
                .type = LUN_OPTION_DATE,
                .offset = HEADLESS(date_s),
                .value = "ISO",
                .fallback = "2026-01-01T00:00:00Z",
                .help = "the scene's clock at frame 0"},
        {.name = "seed",
                .type = LUN_OPTION_INTEGER,
                .offset = HEADLESS(seed),
                .value = "N",
                .fallback = "0",
                .max = INT64_MAX,
                .help = "for math.random"},
        {.name = "full-redraw",
                .type = LUN_OPTION_FLAG,
                .offset = HEADLESS(is_full_redraw),
                .help = "draw every frame whole; the result must be the same"},
        {.name = "container",
                .type = LUN_OPTION_TEXT,
                .offset = HEADLESS(container),
                .value = "DIR",
                .help = "where scenes are found by name"},
        {0},
};

struct lun_format_wish lun_format_options_get(const struct lun_format_options *options)
{
	struct lun_format_wish wish = {
	        .has_size = options->size.width_px > 0,
	        .has_rate = options->rate.num > 0,
	        .has_matrix = options->matrix >= 0,
	        .has_range = options->range >= 0,
	        .format = lun_format_default(),
	};
	if (wish.has_size) {
		wish.format.width_px = options->size.width_px;
		wish.format.height_px = options->size.height_px;
	}
	if (wish.has_rate) {
		wish.format.fps_num = options->rate.num;
		wish.format.fps_den = options->rate.den;
	}
	if (wish.has_matrix)
		wish.format.matrix = (enum lun_matrix)options->matrix;
	if (wish.has_range)
		wish.format.range = (enum lun_range)options->range;
	if (options->pixel >= 0)
		wish.format.pixel = (enum lun_pixel_format)options->pixel;
	return wish;
}

static bool has_file(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0;
}

// The folder may be anybody's, and only looking must not make it.
static enum lun_result find_in_container(
        const char *name, const char *dir, struct lun_headless_job *job, struct lun_error *err)
{
	struct lun_container *container = NULL;
	enum lun_result rc = lun_container_open(dir, &container, err);
	if (rc != LUN_OK)
		return rc;
	rc = lun_container_find(container, name, &job->scene, err);
	if (rc == LUN_OK) {
		job->values = lun_container_values(container, name);
		job->feeds = lun_container_feeds(container, name);
	}
	lun_container_close(container);
	return rc;
}

static enum lun_result find_in_stock(
        const char *name, struct lun_scene_ref *out_ref, struct lun_error *err)
{
	char *dir = lun_stock_scenes_dir();
	if (!dir || strchr(name, '/') || name[0] == '.') {
		free(dir);
		return LUN_NOT_FOUND;
	}
	char *path = lun_format_string("%s/%s", dir, name);
	enum lun_result rc = LUN_NOT_FOUND;
	if (has_file(path))
		rc = lun_scene_ref_from_path(path, out_ref, err);
	free(path);
	free(dir);
	return rc;
}

// By path, or by name in the container, then in stock. Only the container keeps values and feeds.
static enum lun_result find_scene(const char *scene, const char *container_dir,
        struct lun_headless_job *job, struct lun_error *err)
{
	enum lun_result rc;
	struct lun_error unused;
	if (lun_scene_is_path(scene)) {
		rc = lun_scene_ref_from_path(scene, &job->scene, err);
	} else {
		rc = find_in_container(scene, container_dir, job, err);
		if (rc != LUN_OK && find_in_stock(scene, &job->scene, &unused) == LUN_OK)
			rc = LUN_OK;
	}
	if (rc == LUN_OK && !job->values)
		job->values = json_object();
	if (rc == LUN_OK && !job->feeds)
		job->feeds = json_object();
	return rc;
}

json_t *lun_pairs_to_json(const struct lun_option_texts *pairs)
{
	json_t *object = json_object();
	for (size_t i = 0; object && i < pairs->count; i++) {
		char *name = lun_option_pair_name(pairs->items[i]);
		const char *text = lun_option_pair_value(pairs->items[i]);
		if (json_object_set_new(object, name, json_string(text)) != 0) {
			json_decref(object);
			object = NULL;
		}
		free(name);
	}
	return object;
}

static char *read_text(FILE *file, size_t *out_length)
{
	size_t size = 0, length = 0;
	char *text = NULL;
	while (length <= MAX_FEED_BYTES) {
		if (length == size) {
			size = size ? size * 2 : 4096;
			char *bigger = realloc(text, size);
			lun_assert(bigger);
			text = bigger;
		}
		size_t got = fread(text + length, 1, size - length, file);
		length += got;
		if (got == 0)
			break;
	}
	*out_length = length;
	return text;
}

static bool has_ending(const char *path, const char *ending)
{
	size_t length = strlen(path), ending_length = strlen(ending);
	return length > ending_length && strcmp(path + length - ending_length, ending) == 0;
}

// @return new reference, or NULL with err filled
static json_t *read_feed(const char *path, struct lun_error *err)
{
	FILE *file = fopen(path, "re");
	if (!file) {
		(void)lun_fail(err, LUN_NOT_FOUND, "cannot open %s: %s", path, strerror(errno));
		return NULL;
	}
	size_t length = 0;
	char *text = read_text(file, &length);
	bool is_broken = ferror(file);
	(void)fclose(file);
	json_t *value = NULL;
	json_error_t why;
	if (is_broken)
		(void)lun_fail(err, LUN_IO, "cannot read %s", path);
	else if (length > MAX_FEED_BYTES)
		(void)lun_fail(err, LUN_LIMIT, "%s is larger than 8 MiB", path);
	else if (has_ending(path, ".txt")) {
		value = json_stringn(text, length);
		if (!value)
			(void)lun_fail(err, LUN_IO, "%s is no UTF-8 text", path);
	} else {
		value = json_loadb(text, length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
		if (!value)
			(void)lun_fail(err, LUN_IO, "%s, line %d: %s", path, why.line, why.text);
	}
	free(text);
	return value;
}

// {NAME: {"value": ..., "updated": ...}}; fresh at frame 0, so that a file's age changes no pixel.
static void make_fresh(json_t *feeds, double date_s)
{
	const char *name;
	json_t *feed;
	json_object_foreach(feeds, name, feed)
	{
		if (json_object_get(feed, "value"))
			(void)json_object_set_new(feed, "updated", json_real(date_s));
	}
}

// Those that were typed, over those of the container.
static enum lun_result read_feeds(
        const struct lun_headless_options *options, json_t *feeds, struct lun_error *err)
{
	for (size_t i = 0; i < options->feeds.count; i++) {
		json_t *value = read_feed(lun_option_pair_value(options->feeds.items[i]), err);
		if (!value)
			return err->code;
		char *name = lun_option_pair_name(options->feeds.items[i]);
		int error = json_object_set_new(feeds, name, json_pack("{s:o}", "value", value));
		free(name);
		if (error)
			return lun_fail(err, LUN_INVALID, "the name of feed %zu is no valid UTF-8", i + 1);
	}
	make_fresh(feeds, options->date_s);
	return LUN_OK;
}

static enum lun_result open_camera(const char *spec, int *out_fd, struct lun_error *err)
{
	char *path = lun_camera_spec_path(spec);
	*out_fd = -1;
	if (!path)
		return LUN_OK;
	enum lun_result rc = LUN_OK;
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		rc = lun_fail(err, LUN_NOT_FOUND, "cannot open %s: %s", path, strerror(errno));
	else if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
		rc = lun_fail(err, LUN_NOT_FOUND, "%s is no file", path);
	if (rc == LUN_OK)
		*out_fd = fd;
	else if (fd >= 0)
		(void)close(fd);
	free(path);
	return rc;
}

// The option that a sentence is about goes before it; what the job has is freed.
static enum lun_result fail_job(
        const char *option, struct lun_headless_job *job, struct lun_error *err)
{
	lun_headless_finish(job);
	if (!option)
		return err->code;
	char *sentence = lun_strdup(err->message);
	(void)lun_fail(err, err->code, "%s: %s", option, sentence);
	free(sentence);
	return err->code;
}

enum lun_result lun_headless_prepare(const char *scene, const struct lun_format_options *format,
        const struct lun_input_options *input, const struct lun_headless_options *headless,
        struct lun_headless_job *out_job, struct lun_error *err)
{
	*out_job = (struct lun_headless_job){
	        .wish = lun_format_options_get(format),
	        .camera = input->camera,
	        .camera_fd = -1,
	        .epoch_s = headless->date_s,
	        .seed = headless->seed,
	        .is_full_redraw = headless->is_full_redraw,
	        .depth = 2,
	};
	if (find_scene(scene, headless->container, out_job, err) != LUN_OK)
		return fail_job(NULL, out_job, err);
	if (open_camera(input->camera, &out_job->camera_fd, err) != LUN_OK)
		return fail_job("--camera", out_job, err);
	out_job->texts = lun_pairs_to_json(&input->params);
	if (!out_job->texts) {
		(void)lun_fail(err, LUN_INVALID, "wants valid UTF-8");
		return fail_job("--param", out_job, err);
	}
	if (read_feeds(headless, out_job->feeds, err) != LUN_OK)
		return fail_job("--feed", out_job, err);
	return LUN_OK;
}
