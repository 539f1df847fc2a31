// From the compositor's ARGB to a frame: chooses who converts a rectangle (libyuv for BT.601
// limited and BGRA, our own rows for the rest) and where the result lies. The arithmetic of our
// rows is in rows.c, the way back in to_argb.c.
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
		break;
	case LUN_PIXEL_BGRA:
		break;
	}
}

// The rows work on pieces that stay in the first-level cache: even, so that no chroma sample is
// split between two pieces.
#define PIECE_PX 256

/** The components of one piece of two rows; the second is the first again where there is none. */
struct piece {
	uint8_t red[2][PIECE_PX], green[2][PIECE_PX], blue[2][PIECE_PX];
	int width_px, rows;
};

static void split_piece(struct piece *piece, const uint8_t *argb, int stride)
{
	SplitARGBPlane(argb, stride, piece->red[0], PIECE_PX, piece->green[0], PIECE_PX, piece->blue[0],
	        PIECE_PX, NULL, 0, piece->width_px, piece->rows);
}

static void convert_luma(
        const struct lun_rows_matrix *matrix, const struct piece *piece, int row, uint8_t *out_y)
{
	lun_rows_luma(
	        matrix, piece->red[row], piece->green[row], piece->blue[row], out_y, piece->width_px);
}

/** Chroma of the block of rows top to bottom. */
static void convert_chroma(const struct lun_rows_matrix *matrix, const struct piece *piece, int top,
        int bottom, uint8_t *out_cb, uint8_t *out_cr)
{
	uint16_t red[PIECE_PX / 2], green[PIECE_PX / 2], blue[PIECE_PX / 2];
	lun_rows_average(piece->red[top], piece->red[bottom], red, piece->width_px);
	lun_rows_average(piece->green[top], piece->green[bottom], green, piece->width_px);
	lun_rows_average(piece->blue[top], piece->blue[bottom], blue, piece->width_px);
	lun_rows_chroma(matrix, red, green, blue, out_cb, out_cr, (piece->width_px + 1) / 2);
}

static void write_420(const struct lun_rows_matrix *matrix, const struct piece *piece,
        const struct target *target, bool is_nv12, int x_px, int y_px)
{
	uint8_t cb[PIECE_PX / 2], cr[PIECE_PX / 2];
	uint8_t *out_y = target->plane[0] + (ptrdiff_t)y_px * target->stride_bytes[0] + x_px;
	uint8_t *out_cb = target->plane[1] + (ptrdiff_t)(y_px / 2) * target->stride_bytes[1];

	for (int row = 0; row < piece->rows; row++)
		convert_luma(matrix, piece, row, out_y + (ptrdiff_t)row * target->stride_bytes[0]);
	if (is_nv12) {
		convert_chroma(matrix, piece, 0, piece->rows - 1, cb, cr);
		lun_rows_interleave(cb, cr, out_cb + x_px, (piece->width_px + 1) / 2);
		return;
	}
	uint8_t *out_cr = target->plane[2] + (ptrdiff_t)(y_px / 2) * target->stride_bytes[2];
	convert_chroma(matrix, piece, 0, piece->rows - 1, out_cb + x_px / 2, out_cr + x_px / 2);
}

static void write_422(const struct lun_rows_matrix *matrix, const struct piece *piece,
        const struct target *target, int x_px, int y_px)
{
	uint8_t y[PIECE_PX], cb[PIECE_PX / 2], cr[PIECE_PX / 2];
	uint8_t *out = target->plane[0] + (ptrdiff_t)y_px * target->stride_bytes[0] + 2 * x_px;

	for (int row = 0; row < piece->rows; row++) {
		convert_luma(matrix, piece, row, y);
		convert_chroma(matrix, piece, row, row, cb, cr);
		lun_rows_pack_yuy2(
		        y, cb, cr, out + (ptrdiff_t)row * target->stride_bytes[0], piece->width_px);
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
	struct piece piece;

	for (int y = 0; y < height_px; y += 2) {
		piece.rows = min_int(2, height_px - y);
		for (int x = 0; x < width_px; x += PIECE_PX) {
			piece.width_px = min_int(PIECE_PX, width_px - x);
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
