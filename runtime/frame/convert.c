// From the compositor's ARGB to a frame: chooses who converts a rectangle (libyuv for BT.601
// limited, our own rows for the rest) and where the result lies. The arithmetic of our rows is in
// rows.c, the way back in to_argb.c.
#include "frame/convert.h"

#include <libyuv.h>

#include "frame/rows.h"

/** Where the samples of a rectangle go: its first byte in each plane. */
struct target {
	uint8_t *plane[LUN_MAX_PLANES]; // borrowed for the length of the call
	const int *stride_bytes;        // borrowed from the layout
};

static struct target find_target(const struct lun_format *format, const struct lun_layout *layout,
        uint8_t *data, int x_px, int y_px)
{
	struct target target = {.stride_bytes = layout->stride_bytes};
	bool is_packed = layout->planes == 1;
	for (int plane = 0; plane < layout->planes; plane++) {
		ptrdiff_t row = plane ? y_px / 2 : y_px;
		ptrdiff_t byte = plane ? x_px / 2 : x_px;
		if (is_packed)
			byte = (ptrdiff_t)x_px * (format->pixel == LUN_PIXEL_BGRA ? 4 : 2);
		else if (plane && layout->planes == 2)
			byte = x_px; // pairs of Cb and Cr
		target.plane[plane] =
		        data + layout->offset_bytes[plane] + row * layout->stride_bytes[plane] + byte;
	}
	return target;
}

/** The second Y of the last pair of an odd width shows no pixel; libyuv leaves it 0. */
static void repeat_last_luma(const struct target *target, int width_px, int height_px)
{
	for (int y = 0; y < height_px; y++) {
		uint8_t *last = target->plane[0] + (ptrdiff_t)y * target->stride_bytes[0] +
		                (ptrdiff_t)(width_px / 2) * 4;
		last[2] = last[0];
	}
}

static void convert_with_libyuv(enum lun_pixel_format pixel, const struct target *target,
        int width_px, int height_px, const uint8_t *argb, int stride)
{
	uint8_t *const *plane = target->plane;
	const int *to = target->stride_bytes;

	switch (pixel) {
	case LUN_PIXEL_NV12:
		(void)ARGBToNV12(argb, stride, plane[0], to[0], plane[1], to[1], width_px, height_px);
		break;
	case LUN_PIXEL_I420:
		(void)ARGBToI420(argb, stride, plane[0], to[0], plane[1], to[1], plane[2], to[2], width_px,
		        height_px);
		break;
	case LUN_PIXEL_YUY2:
		(void)ARGBToYUY2(argb, stride, plane[0], to[0], width_px, height_px);
		if (width_px % 2)
			repeat_last_luma(target, width_px, height_px);
		break;
	case LUN_PIXEL_BGRA:
		break;
	}
}

// The rows work on pieces that stay in the first-level cache: a tile whole, a frame in strips. Even
// in both directions, so that no chroma sample is split between two pieces.
#define PIECE_PX 4096
#define PIECE_WIDTH_PX 512

/** The components of a piece; its rows follow each other without padding. */
struct piece {
	uint8_t red[PIECE_PX], green[PIECE_PX], blue[PIECE_PX];
	int width_px, height_px;
};

static void split_piece(struct piece *piece, const uint8_t *argb, int stride)
{
	SplitARGBPlane(argb, stride, piece->red, piece->width_px, piece->green, piece->width_px,
	        piece->blue, piece->width_px, NULL, 0, piece->width_px, piece->height_px);
}

static void convert_luma(
        const struct lun_rows_matrix *matrix, const struct piece *piece, int y, uint8_t *out_y)
{
	ptrdiff_t at = (ptrdiff_t)y * piece->width_px;
	lun_rows_luma(
	        matrix, piece->red + at, piece->green + at, piece->blue + at, out_y, piece->width_px);
}

/** Chroma of the block of rows y and bottom, which may be the same. */
static void convert_chroma(const struct lun_rows_matrix *matrix, const struct piece *piece, int y,
        int bottom, uint8_t *out_cb, uint8_t *out_cr)
{
	uint16_t red[PIECE_WIDTH_PX / 2], green[PIECE_WIDTH_PX / 2], blue[PIECE_WIDTH_PX / 2];
	int width = piece->width_px;
	ptrdiff_t a = (ptrdiff_t)y * width, b = (ptrdiff_t)bottom * width;

	lun_rows_average(piece->red + a, piece->red + b, red, width);
	lun_rows_average(piece->green + a, piece->green + b, green, width);
	lun_rows_average(piece->blue + a, piece->blue + b, blue, width);
	lun_rows_chroma(matrix, red, green, blue, out_cb, out_cr, (width + 1) / 2);
}

static uint8_t *find_row(const struct target *target, int plane, int y)
{
	return target->plane[plane] + (ptrdiff_t)y * target->stride_bytes[plane];
}

static void write_420(const struct lun_rows_matrix *matrix, const struct piece *piece,
        const struct target *target, bool is_nv12, int x_px, int y_px)
{
	uint8_t cb[PIECE_WIDTH_PX / 2], cr[PIECE_WIDTH_PX / 2];

	for (int y = 0; y < piece->height_px; y++)
		convert_luma(matrix, piece, y, find_row(target, 0, y_px + y) + x_px);
	for (int y = 0; y < piece->height_px; y += 2) {
		int bottom = y + 1 < piece->height_px ? y + 1 : y;
		uint8_t *out = find_row(target, 1, (y_px + y) / 2);
		if (is_nv12) {
			convert_chroma(matrix, piece, y, bottom, cb, cr);
			lun_rows_interleave(cb, cr, out + x_px, (piece->width_px + 1) / 2);
		} else {
			uint8_t *out_cr = find_row(target, 2, (y_px + y) / 2);
			convert_chroma(matrix, piece, y, bottom, out + x_px / 2, out_cr + x_px / 2);
		}
	}
}

static void write_422(const struct lun_rows_matrix *matrix, const struct piece *piece,
        const struct target *target, int x_px, int y_px)
{
	uint8_t luma[PIECE_WIDTH_PX], cb[PIECE_WIDTH_PX / 2], cr[PIECE_WIDTH_PX / 2];

	for (int y = 0; y < piece->height_px; y++) {
		convert_luma(matrix, piece, y, luma);
		convert_chroma(matrix, piece, y, y, cb, cr);
		lun_rows_pack_yuy2(luma, cb, cr, find_row(target, 0, y_px + y) + 2 * x_px, piece->width_px);
	}
}

static int min_int(int a, int b)
{
	return a < b ? a : b;
}

static void convert_with_rows(const struct lun_format *format, const struct target *target,
        int width_px, int height_px, const uint8_t *argb, int stride)
{
	const struct lun_rows_matrix *matrix = lun_rows_get_matrix(format->matrix, format->range);
	int step_x = min_int(width_px, PIECE_WIDTH_PX);
	int step_y = PIECE_PX / step_x / 2 * 2;
	struct piece piece;

	for (int y = 0; y < height_px; y += step_y) {
		piece.height_px = min_int(step_y, height_px - y);
		for (int x = 0; x < width_px; x += step_x) {
			piece.width_px = min_int(step_x, width_px - x);
			split_piece(&piece, argb + (ptrdiff_t)y * stride + (ptrdiff_t)x * 4, stride);
			if (format->pixel == LUN_PIXEL_YUY2)
				write_422(matrix, &piece, target, x, y);
			else
				write_420(matrix, &piece, target, format->pixel == LUN_PIXEL_NV12, x, y);
		}
	}
}

void lun_convert_from_argb(const struct lun_format *format, const struct lun_layout *layout,
        uint8_t *data, int x_px, int y_px, int width_px, int height_px, const uint8_t *argb,
        int argb_stride_bytes)
{
	lun_assert(x_px >= 0 && y_px >= 0 && x_px % 2 == 0 && y_px % 2 == 0);
	lun_assert(width_px <= format->width_px - x_px && height_px <= format->height_px - y_px);
	if (width_px <= 0 || height_px <= 0)
		return;

	struct target target = find_target(format, layout, data, x_px, y_px);
	if (format->pixel == LUN_PIXEL_BGRA)
		lun_rows_copy_opaque(argb, argb_stride_bytes, target.plane[0], target.stride_bytes[0],
		        width_px, height_px);
	else if (format->matrix == LUN_MATRIX_BT601 && format->range == LUN_RANGE_LIMITED)
		convert_with_libyuv(format->pixel, &target, width_px, height_px, argb, argb_stride_bytes);
	else
		convert_with_rows(format, &target, width_px, height_px, argb, argb_stride_bytes);
}
