// Frames without compression: Y4M with its header, or the packed bytes one after the other.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extension/file/target.h"
#include "extension/file/writer.h"

struct raw_writer {
	struct lun_writer base;
	struct lun_target *target; // owned
	uint8_t *packed;           // owned
	size_t packed_bytes;
	bool is_y4m;
};

static enum lun_result check_y4m(
        const char *path, const struct lun_format *format, struct lun_error *err)
{
	if (format->pixel == LUN_PIXEL_I420)
		return LUN_OK;
	return lun_fail(err, LUN_INVALID, "%s: Y4M holds i420, not %s: use --pixel-format i420", path,
	        lun_pixel_format_name(format->pixel));
}

static enum lun_result check_packed(const char *path, const char *ending,
        const struct lun_format *format, struct lun_error *err)
{
	const char *pixel = lun_pixel_format_name(format->pixel);
	if (!*ending || !strcmp(ending, pixel))
		return LUN_OK;
	return lun_fail(err, LUN_INVALID,
	        "%s: a .%s file holds %s frames, not %s: use --pixel-format %s", path, ending, ending,
	        pixel, ending);
}

// 420jpeg: chroma lies between the luma samples it was averaged from. FFmpeg and Chromium read the
// name, GStreamer takes its digits. GStreamer also wants the whole line within 78 bytes.
static enum lun_result write_y4m_header(
        struct raw_writer *raw, const struct lun_format *format, struct lun_error *err)
{
	char header[128];
	int length = snprintf(header, sizeof header,
	        "YUV4MPEG2 W%d H%d F%d:%d Ip A1:1 C420jpeg XCOLORRANGE=%s\n", format->width_px,
	        format->height_px, format->fps_num, format->fps_den,
	        format->range == LUN_RANGE_FULL ? "FULL" : "LIMITED");
	return lun_target_write(raw->target, header, (size_t)length, err);
}

static void close_raw(struct lun_writer *writer)
{
	struct raw_writer *raw = (struct raw_writer *)writer;
	lun_target_close(raw->target);
	free(raw->packed);
	free(raw);
}

static enum lun_result start(struct raw_writer *raw, const char *path,
        const struct lun_format *format, struct lun_error *err)
{
	raw->packed_bytes = lun_format_packed_bytes(format);
	raw->packed = malloc(raw->packed_bytes);
	if (!raw->packed) {
		return lun_fail(
		        err, LUN_NOMEM, "%s: no memory for a frame of %zu bytes", path, raw->packed_bytes);
	}
	enum lun_result rc = lun_target_open(path, &raw->target, err);
	return rc == LUN_OK && raw->is_y4m ? write_y4m_header(raw, format, err) : rc;
}

static enum lun_result open_raw(const char *path, const char *ending,
        const struct lun_format *format, struct lun_writer **out_writer, struct lun_error *err)
{
	bool is_y4m = !strcmp(ending, "y4m") || (!*ending && format->pixel == LUN_PIXEL_I420);
	enum lun_result rc =
	        is_y4m ? check_y4m(path, format, err) : check_packed(path, ending, format, err);
	if (rc != LUN_OK)
		return rc;
	struct raw_writer *raw = lun_alloc(sizeof *raw);
	raw->base.class = &lun_raw_writer;
	raw->is_y4m = is_y4m;
	rc = start(raw, path, format, err);
	if (rc != LUN_OK) {
		close_raw(&raw->base);
		return rc;
	}
	*out_writer = &raw->base;
	return LUN_OK;
}

static enum lun_result write_raw(
        struct lun_writer *writer, const struct lun_frame *frame, struct lun_error *err)
{
	struct raw_writer *raw = (struct raw_writer *)writer;
	lun_format_pack(&frame->format, &frame->layout, frame->data, raw->packed);
	if (raw->is_y4m) {
		enum lun_result rc = lun_target_write(raw->target, "FRAME\n", 6, err);
		if (rc != LUN_OK)
			return rc;
	}
	return lun_target_write(raw->target, raw->packed, raw->packed_bytes, err);
}

static enum lun_result finish_raw(struct lun_writer *writer, struct lun_error *err)
{
	return lun_target_commit(((struct raw_writer *)writer)->target, err);
}

const struct lun_writer_class lun_raw_writer = {
        .open = open_raw,
        .write = write_raw,
        .finish = finish_raw,
        .close = close_raw,
};
