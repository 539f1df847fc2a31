// From Y'CbCr (pictures of cameras and videos, finished frames) to opaque ARGB: decodes with the
// source's own matrix and range, and mirrors. Scaling happens before, in the source's components
// (view.c); a picture that has the wanted size is decoded as it is.
#include <stdlib.h>

#include <libyuv.h>

#include "frame/convert.h"
#include "frame/rows.h"
#include "frame/view.h"

// Measured against the inverse formulas over all legal code values, libyuv's BT.709 limited is off
// by up to 13 codes in blue (its weights end at 2.0, blue's is 2.11); full range stays within one.
static bool needs_own_rows(const struct lun_view *view)
{
	bool is_rgb = view->packing == LUN_PACKING_RGB || view->packing == LUN_PACKING_BGRA;
	return !is_rgb && view->range == LUN_RANGE_LIMITED && view->matrix == LUN_MATRIX_BT709;
}

/** Three planes only. */
static void decode_with_rows(const struct lun_view *view, uint8_t *out, int stride)
{
	enum { PIECE_PX = 512 };
	uint8_t red[PIECE_PX], green[PIECE_PX], blue[PIECE_PX], cb[PIECE_PX], cr[PIECE_PX];

	for (int y = 0; y < view->height_px; y++) {
		for (int x = 0; x < view->width_px; x += PIECE_PX) {
			int width = view->width_px - x < PIECE_PX ? view->width_px - x : PIECE_PX;
			struct lun_view row = lun_view_cut(view, x, y, width, 1);
			lun_rows_double(row.plane[1], cb, width);
			lun_rows_double(row.plane[2], cr, width);
			lun_rows_decode_bt709(row.plane[0], cb, cr, red, green, blue, width);
			MergeARGBPlane(red, 0, green, 0, blue, 0, NULL, 0,
			        out + (ptrdiff_t)y * stride + (ptrdiff_t)x * 4, 0, width, 1);
		}
	}
}

static const struct YuvConstants *find_colours(enum lun_matrix matrix, enum lun_range range)
{
	if (matrix == LUN_MATRIX_BT709)
		return range == LUN_RANGE_FULL ? &kYuvF709Constants : &kYuvH709Constants;
	return range == LUN_RANGE_FULL ? &kYuvJPEGConstants : &kYuvI601Constants;
}

/** Everything but YUY2, which libyuv decodes with one matrix only. */
static void decode(const struct lun_view *view, uint8_t *out, int stride)
{
	const struct YuvConstants *colours = find_colours(view->matrix, view->range);
	const uint8_t *const *plane = view->plane;
	const int *from = view->stride_bytes;
	int width = view->width_px, height = view->height_px;

	if (needs_own_rows(view)) {
		decode_with_rows(view, out, stride);
		return;
	}
	switch (view->packing) {
	case LUN_PACKING_NV12:
		(void)NV12ToARGBMatrix(
		        plane[0], from[0], plane[1], from[1], out, stride, colours, width, height);
		break;
	case LUN_PACKING_420:
		(void)I420ToARGBMatrix(plane[0], from[0], plane[1], from[1], plane[2], from[2], out, stride,
		        colours, width, height);
		break;
	case LUN_PACKING_422:
		(void)I422ToARGBMatrix(plane[0], from[0], plane[1], from[1], plane[2], from[2], out, stride,
		        colours, width, height);
		break;
	case LUN_PACKING_RGB:
		MergeARGBPlane(plane[0], from[0], plane[1], from[1], plane[2], from[2], NULL, 0, out,
		        stride, width, height);
		break;
	case LUN_PACKING_BGRA:
		lun_rows_copy_opaque(plane[0], from[0], out, stride, width, height);
		break;
	case LUN_PACKING_YUY2:
		lun_assert(!"YUY2 is unpacked before");
		break;
	}
}

// What needs a second pass is done in bands that stay in the cache.
#define BAND_ROWS 8

static enum lun_result draw_view(const struct lun_view *view, bool mirror, uint8_t *out, int stride)
{
	bool is_unpacked = view->packing == LUN_PACKING_YUY2 ||
	                   (view->packing == LUN_PACKING_NV12 && needs_own_rows(view));
	if (!mirror && !is_unpacked) {
		decode(view, out, stride);
		return LUN_OK;
	}

	size_t unpacked_bytes, argb_bytes = (size_t)view->width_px * 4 * BAND_ROWS;
	if (!lun_view_planar_bytes(view, view->width_px, BAND_ROWS, &unpacked_bytes))
		return LUN_NOMEM;
	uint8_t *scratch = malloc(argb_bytes + unpacked_bytes);
	if (!scratch)
		return LUN_NOMEM;
	for (int y = 0; y < view->height_px; y += BAND_ROWS) {
		int rows = view->height_px - y < BAND_ROWS ? view->height_px - y : BAND_ROWS;
		struct lun_view band = lun_view_cut(view, 0, y, view->width_px, rows);
		uint8_t *to = out + (ptrdiff_t)y * stride;
		if (is_unpacked)
			band = lun_view_unpack(&band, scratch + argb_bytes);
		if (!mirror) {
			decode(&band, to, stride);
			continue;
		}
		decode(&band, scratch, view->width_px * 4);
		(void)ARGBMirror(scratch, view->width_px * 4, to, stride, view->width_px, rows);
	}
	free(scratch);
	return LUN_OK;
}

enum lun_result lun_convert_picture_to_argb(const struct lun_picture *picture,
        const struct lun_crop *crop, bool mirror, int width_px, int height_px, uint8_t *out_argb,
        int argb_stride_bytes)
{
	if (width_px <= 0 || height_px <= 0)
		return LUN_OK;
	struct lun_view view = lun_view_init(
	        picture->pixel, picture->matrix, picture->range, picture->width_px, picture->height_px);
	for (int plane = 0; plane < LUN_MAX_PLANES; plane++) {
		view.plane[plane] = picture->plane[plane];
		view.stride_bytes[plane] = picture->stride_bytes[plane];
	}
	if (crop)
		view = lun_view_crop(&view, crop);
	if (view.width_px == width_px && view.height_px == height_px)
		return draw_view(&view, mirror, out_argb, argb_stride_bytes);

	struct lun_view scaled;
	uint8_t *memory;
	enum lun_result rc = lun_view_scale(&view, width_px, height_px, &scaled, &memory);
	if (rc != LUN_OK)
		return rc;
	rc = draw_view(&scaled, mirror, out_argb, argb_stride_bytes);
	free(memory);
	return rc;
}

enum lun_result lun_convert_frame_to_argb(const struct lun_format *format,
        const struct lun_layout *layout, const uint8_t *data, uint8_t *out_argb,
        int argb_stride_bytes)
{
	struct lun_view view = lun_view_init(
	        format->pixel, format->matrix, format->range, format->width_px, format->height_px);
	for (int plane = 0; plane < layout->planes; plane++) {
		view.plane[plane] = data + layout->offset_bytes[plane];
		view.stride_bytes[plane] = layout->stride_bytes[plane];
	}
	return draw_view(&view, false, out_argb, argb_stride_bytes);
}
