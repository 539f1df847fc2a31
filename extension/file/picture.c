// PNG files from frames: one, which gets its name when all is finished, or a numbered sequence,
// each complete the moment it has its name.
#include <stdlib.h>

#include "extension/file/pattern.h"
#include "extension/file/png.h"
#include "extension/file/target.h"
#include "extension/file/writer.h"

struct picture_writer {
	struct lun_writer base;
	char *path; // owned; pattern borrows it
	struct lun_pattern pattern;
	struct lun_target *target; // owned; NULL for a sequence
	bool has_picture;
};

static void close_picture(struct lun_writer *writer)
{
	struct picture_writer *picture = (struct picture_writer *)writer;
	lun_target_close(picture->target);
	free(picture->path);
	free(picture);
}

static enum lun_result start(struct picture_writer *picture, struct lun_error *err)
{
	enum lun_result rc = lun_pattern_parse(picture->path, &picture->pattern, err);
	if (rc != LUN_OK || picture->pattern.has_number)
		return rc;
	char *name = lun_pattern_name(&picture->pattern, 0);
	rc = lun_target_open(name, &picture->target, err);
	free(name);
	return rc;
}

static enum lun_result open_picture(const char *path, const char *ending,
        const struct lun_format *format, struct lun_writer **out_writer, struct lun_error *err)
{
	(void)ending;
	(void)format;
	struct picture_writer *picture = lun_alloc(sizeof *picture);
	picture->base.class = &lun_picture_writer;
	picture->path = lun_strdup(path);
	enum lun_result rc = start(picture, err);
	if (rc != LUN_OK) {
		close_picture(&picture->base);
		return rc;
	}
	*out_writer = &picture->base;
	return LUN_OK;
}

static enum lun_result write_one_of_many(
        struct picture_writer *picture, const struct lun_frame *frame, struct lun_error *err)
{
	char *name = lun_pattern_name(&picture->pattern, frame->number);
	enum lun_result rc = lun_png_write(name, frame, err);
	free(name);
	return rc;
}

static enum lun_result write_picture(
        struct lun_writer *writer, const struct lun_frame *frame, struct lun_error *err)
{
	struct picture_writer *picture = (struct picture_writer *)writer;
	if (!picture->target)
		return write_one_of_many(picture, frame, err);
	if (picture->has_picture) {
		return lun_fail(err, LUN_INVALID,
		        "%s holds one frame: put %%04d into its name for a sequence", picture->path);
	}
	picture->has_picture = true;
	return lun_png_write_target(picture->target, frame, err);
}

static enum lun_result finish_picture(struct lun_writer *writer, struct lun_error *err)
{
	struct picture_writer *picture = (struct picture_writer *)writer;
	return picture->target ? lun_target_commit(picture->target, err) : LUN_OK;
}

const struct lun_writer_class lun_picture_writer = {
        .open = open_picture,
        .write = write_picture,
        .finish = finish_picture,
        .close = close_picture,
};
