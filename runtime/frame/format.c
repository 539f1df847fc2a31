// What a format is: whether it makes sense, where its planes lie in memory, how much a frame is
// without padding, and when a tick is. Names and parsers are in format_names.c; no pixel is
// computed here.
#include "lunette/format.h"

#include <string.h>

struct lun_format lun_format_default(void)
{
	return (struct lun_format){
	        .pixel = LUN_PIXEL_NV12,
	        .width_px = 1920,
	        .height_px = 1080,
	        .fps_num = 30,
	        .fps_den = 1,
	        .matrix = LUN_MATRIX_BT601,
	        .range = LUN_RANGE_LIMITED,
	};
}

enum lun_result lun_format_check(const struct lun_format *format, struct lun_error *err)
{
	const int max_fps = 240;

	if ((unsigned)format->pixel >= LUN_PIXEL_FORMATS)
		return lun_fail(
		        err, LUN_INVALID, "pixel format number %d does not exist", (int)format->pixel);
	if (format->width_px < 1 || format->width_px > LUN_MAX_SIZE_PX || format->height_px < 1 ||
	        format->height_px > LUN_MAX_SIZE_PX)
		return lun_fail(err, LUN_INVALID, "a frame of %dx%d is not possible: sides are 1 to %d",
		        format->width_px, format->height_px, LUN_MAX_SIZE_PX);
	if (format->fps_num < 1 || format->fps_den < 1 ||
	        format->fps_num > (int64_t)max_fps * format->fps_den)
		return lun_fail(err, LUN_INVALID,
		        "a rate of %d/%d frames a second is not possible: it is above 0 and at most %d",
		        format->fps_num, format->fps_den, max_fps);
	if (format->matrix != LUN_MATRIX_BT601 && format->matrix != LUN_MATRIX_BT709)
		return lun_fail(
		        err, LUN_INVALID, "colour matrix number %d does not exist", (int)format->matrix);
	if (format->range != LUN_RANGE_LIMITED && format->range != LUN_RANGE_FULL)
		return lun_fail(
		        err, LUN_INVALID, "colour range number %d does not exist", (int)format->range);
	return LUN_OK;
}

bool lun_format_equal(const struct lun_format *a, const struct lun_format *b)
{
	return a->pixel == b->pixel && a->width_px == b->width_px && a->height_px == b->height_px &&
	       a->fps_num == b->fps_num && a->fps_den == b->fps_den && a->matrix == b->matrix &&
	       a->range == b->range;
}

static int round_up(int value, int multiple)
{
	return (value + multiple - 1) / multiple * multiple;
}

/** Planes follow each other; one takes padded_rows rows, of which rows carry pixels. */
static void add_plane(struct lun_layout *layout, int row_bytes, int rows, int padded_rows)
{
	int plane = layout->planes++;
	layout->offset_bytes[plane] = layout->size_bytes;
	layout->row_bytes[plane] = row_bytes;
	layout->stride_bytes[plane] = round_up(row_bytes, 4);
	layout->rows[plane] = rows;
	layout->size_bytes += (size_t)layout->stride_bytes[plane] * (size_t)padded_rows;
}

void lun_format_layout(const struct lun_format *format, struct lun_layout *out_layout)
{
	int width = format->width_px, height = format->height_px;
	int chroma_width = (width + 1) / 2, chroma_height = (height + 1) / 2;

	memset(out_layout, 0, sizeof *out_layout);
	switch (format->pixel) {
	case LUN_PIXEL_NV12:
		// The stride of the CbCr plane is always that of Y: both round up to the same multiple.
		add_plane(out_layout, width, height, round_up(height, 2));
		add_plane(out_layout, 2 * chroma_width, chroma_height, chroma_height);
		break;
	case LUN_PIXEL_I420:
		add_plane(out_layout, width, height, round_up(height, 2));
		add_plane(out_layout, chroma_width, chroma_height, chroma_height);
		add_plane(out_layout, chroma_width, chroma_height, chroma_height);
		break;
	case LUN_PIXEL_YUY2:
		add_plane(out_layout, 4 * chroma_width, height, height);
		break;
	case LUN_PIXEL_BGRA:
		add_plane(out_layout, 4 * width, height, height);
		break;
	}
}

size_t lun_format_packed_bytes(const struct lun_format *format)
{
	struct lun_layout layout;
	lun_format_layout(format, &layout);
	size_t size_bytes = 0;
	for (int plane = 0; plane < layout.planes; plane++)
		size_bytes += (size_t)layout.row_bytes[plane] * (size_t)layout.rows[plane];
	return size_bytes;
}

void lun_format_pack(const struct lun_format *format, const struct lun_layout *layout,
        const uint8_t *data, uint8_t *out)
{
	(void)format; // the layout already says how many bytes of a row carry pixels
	for (int plane = 0; plane < layout->planes; plane++) {
		const uint8_t *row = data + layout->offset_bytes[plane];
		size_t row_bytes = (size_t)layout->row_bytes[plane];
		for (int y = 0; y < layout->rows[plane]; y++) {
			memcpy(out, row, row_bytes);
			out += row_bytes;
			row += layout->stride_bytes[plane];
		}
	}
}

uint64_t lun_format_tick_ns(const struct lun_format *format, uint64_t number)
{
	const uint64_t second_ns = 1000000000u;
	const uint64_t max_seconds = UINT64_MAX / second_ns - 1; // 584 years
	uint64_t num = (uint64_t)format->fps_num, den = (uint64_t)format->fps_den;

	// number * den / num as whole seconds and a rest in units of 1/num s: split before
	// multiplying, nothing but the whole seconds can exceed 62 bits.
	if (number / num > max_seconds / den)
		return UINT64_MAX;
	uint64_t part = number % num * den;
	uint64_t seconds = number / num * den + part / num;
	if (seconds > max_seconds)
		return UINT64_MAX;
	return seconds * second_ns + part % num * second_ns / num;
}
