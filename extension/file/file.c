// The file output: picks the writer by the ending of the name, holds every frame to the format the
// file began with, and remembers a failure. What is in a file is the writers' business.
#include "extension/file/file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "extension/file/target.h"
#include "extension/file/writer.h"

#define ENDINGS ".png .y4m .nv12 .i420 .yuy2 .bgra .mp4 .mkv .webm"

struct file_output {
	struct lun_output base;
	char *path;                // owned
	struct lun_writer *writer; // owned
	struct lun_format format;
	uint64_t frames;
	bool is_finished;
	struct lun_error *failure; // owned; NULL while all is well
};

static const struct file_kind {
	const char *ending;
	const struct lun_writer_class *writer; // static
} kinds[] = {
        {"png", &lun_picture_writer}, {"y4m", &lun_raw_writer}, {"nv12", &lun_raw_writer},
        {"i420", &lun_raw_writer}, {"yuy2", &lun_raw_writer}, {"bgra", &lun_raw_writer},
        {"mp4", &lun_video_writer}, {"mkv", &lun_video_writer}, {"webm", &lun_video_writer},
        {"", &lun_raw_writer}, // "-", and pipes and devices whose name says nothing
};

static const char *find_ending(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	return dot && dot > name ? dot + 1 : "";
}

static const struct file_kind *find_kind(const char *path)
{
	const char *ending = find_ending(path);
	if (!*ending && !lun_target_is_straight(path))
		return NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!strcasecmp(ending, kinds[i].ending))
			return &kinds[i];
	}
	return NULL;
}

static enum lun_result check_target(
        const char *path, const struct file_kind **out_kind, struct lun_error *err)
{
	if (!path || !*path)
		return lun_fail(err, LUN_INVALID, "file: a name is missing; it ends in one of " ENDINGS);
	const struct file_kind *kind = find_kind(path);
	if (!kind) {
		return lun_fail(err, LUN_INVALID,
		        "%s: what kind of file? The name must end in one of " ENDINGS, path);
	}
	if (!strcmp(path, "-") && isatty(STDOUT_FILENO)) {
		return lun_fail(err, LUN_INVALID,
		        "standard output is a terminal: send the frames to a file or a program");
	}
	*out_kind = kind;
	return LUN_OK;
}

static enum lun_result open_file(const struct lun_output_params *params,
        struct lun_output **out_output, struct lun_error *err)
{
	const struct file_kind *kind = NULL;
	enum lun_result rc = check_target(params->target, &kind, err);
	if (rc != LUN_OK)
		return rc;
	lun_assert(kind);
	struct lun_writer *writer;
	const char *ending = kind->ending;
	if (!*ending && params->is_raw)
		ending = lun_pixel_format_name(params->formats[0].pixel);
	rc = kind->writer->open(params->target, ending, &params->formats[0], &writer, err);
	if (rc != LUN_OK)
		return rc;
	struct file_output *file = lun_alloc(sizeof *file);
	file->base.class = &lun_file_output;
	file->path = lun_strdup(params->target);
	file->writer = writer;
	file->format = params->formats[0];
	*out_output = &file->base;
	return LUN_OK;
}

static enum lun_result fail_again(const struct file_output *file, struct lun_error *err)
{
	if (err)
		*err = *file->failure;
	return file->failure->code;
}

// The file is spoilt: keep why, so that everything after says the same.
static enum lun_result keep_failure(struct file_output *file, enum lun_result code,
        const struct lun_error *why, struct lun_error *err)
{
	file->failure = lun_alloc(sizeof *file->failure);
	*file->failure = *why;
	file->failure->code = code;
	return fail_again(file, err);
}

static enum lun_result check_frame(
        const struct file_output *file, const struct lun_frame *frame, struct lun_error *err)
{
	if (file->failure)
		return fail_again(file, err);
	if (file->is_finished)
		return lun_fail(err, LUN_INVALID, "%s is finished and takes no more frames", file->path);
	const struct lun_format *want = &file->format, *got = &frame->format;
	if (lun_format_equal(want, got))
		return LUN_OK;
	return lun_fail(err, LUN_UNSUPPORTED,
	        "%s began with %s %dx%d at %d/%d and cannot go on with %s %dx%d at %d/%d", file->path,
	        lun_pixel_format_name(want->pixel), want->width_px, want->height_px, want->fps_num,
	        want->fps_den, lun_pixel_format_name(got->pixel), got->width_px, got->height_px,
	        got->fps_num, got->fps_den);
}

static enum lun_result submit_file(
        struct lun_output *output, const struct lun_frame *frame, struct lun_error *err)
{
	struct file_output *file = (struct file_output *)output;
	enum lun_result rc = check_frame(file, frame, err);
	if (rc != LUN_OK)
		return rc;
	struct lun_error why;
	rc = file->writer->class->write(file->writer, frame, &why);
	if (rc == LUN_IO || rc == LUN_NOMEM)
		return keep_failure(file, rc, &why, err);
	if (rc != LUN_OK)
		return lun_fail(err, rc, "%s", why.message);
	file->frames++;
	return LUN_OK;
}

static enum lun_result finish_file(struct lun_output *output, struct lun_error *err)
{
	struct file_output *file = (struct file_output *)output;
	if (file->failure)
		return fail_again(file, err);
	if (file->is_finished)
		return LUN_OK;
	if (file->frames == 0)
		return lun_fail(err, LUN_INVALID, "%s: there was no frame to write", file->path);
	struct lun_error why;
	enum lun_result rc = file->writer->class->finish(file->writer, &why);
	if (rc != LUN_OK)
		return keep_failure(file, rc, &why, err);
	file->is_finished = true;
	return LUN_OK;
}

static void close_file(struct lun_output *output)
{
	struct file_output *file = (struct file_output *)output;
	if (!file)
		return;
	file->writer->class->close(file->writer);
	free(file->failure);
	free(file->path);
	free(file);
}

const struct lun_output_class lun_file_output = {
        .name = "file",
        .help = "write a file, its kind by its ending: " ENDINGS,
        .open = open_file,
        .submit = submit_file,
        .finish = finish_file,
        .close = close_file,
};
