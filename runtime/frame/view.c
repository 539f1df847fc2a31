// Where samples lie: cuts, crops, unpacks and scales views. Decoding them is to_argb.c's business.
#include "frame/view.h"

#include <math.h>
#include <stdlib.h>

#include <libyuv.h>

#include "frame/scale.h"

struct lun_view lun_view_init(enum lun_pixel_format pixel, enum lun_matrix matrix,
        enum lun_range range, int width_px, int height_px)
{
	static const enum lun_packing packings[LUN_PIXEL_FORMATS] = {
	        [LUN_PIXEL_NV12] = LUN_PACKING_NV12,
	        [LUN_PIXEL_I420] = LUN_PACKING_420,
	        [LUN_PIXEL_YUY2] = LUN_PACKING_YUY2,
	        [LUN_PIXEL_BGRA] = LUN_PACKING_BGRA,
	};
	return (struct lun_view){
	        .packing = packings[pixel],
	        .matrix = matrix,
	        .range = range,
	        .width_px = width_px,
	        .height_px = height_px,
	};
}

/** log2 of the columns, and of the rows, that share one chroma sample. */
static int shift_x(enum lun_packing packing)
{
	return packing == LUN_PACKING_RGB || packing == LUN_PACKING_BGRA ? 0 : 1;
}

static int shift_y(enum lun_packing packing)
{
	return packing == LUN_PACKING_NV12 || packing == LUN_PACKING_420 ? 1 : 0;
}

static int shifted_up(int size_px, int shift)
{
	return (size_px >> shift) + ((size_px & ((1 << shift) - 1)) != 0);
}

/** The bytes before column x_px in a plane. */
static ptrdiff_t column_offset(enum lun_packing packing, int plane, int x_px)
{
	switch (packing) {
	case LUN_PACKING_BGRA:
		return (ptrdiff_t)4 * x_px;
	case LUN_PACKING_YUY2:
		return (ptrdiff_t)2 * x_px;
	case LUN_PACKING_NV12:
		return x_px;
	default:
		return plane ? x_px >> shift_x(packing) : x_px;
	}
}

struct lun_view lun_view_cut(
        const struct lun_view *view, int x_px, int y_px, int width_px, int height_px)
{
	struct lun_view part = *view;
	part.width_px = width_px;
	part.height_px = height_px;
	for (int plane = 0; plane < LUN_MAX_PLANES && view->plane[plane]; plane++) {
		int row = plane ? y_px >> shift_y(view->packing) : y_px;
		part.plane[plane] += (ptrdiff_t)row * view->stride_bytes[plane] +
		                     column_offset(view->packing, plane, x_px);
	}
	return part;
}

/** Round a stretch of an axis outwards to the grid; always at least one cell, inside 0..limit. */
static void round_outwards(
        double start, double length, int shift, int limit, int *out_start, int *out_length)
{
	const double slack = 1e-6; // what a division of two sizes may be off by
	int cell = 1 << shift;
	int last_cell = (limit - 1) / cell * cell;
	double from = floor((start + slack) / cell) * cell;
	double to = ceil((start + length - slack) / cell) * cell;

	// fmax and fmin return the bound for what is not a number.
	from = fmin(fmax(from, 0), last_cell);
	to = fmin(fmax(to, from + cell), limit);
	*out_start = (int)from;
	*out_length = (int)(to - from);
}

struct lun_view lun_view_crop(const struct lun_view *view, const struct lun_crop *crop)
{
	int x, y, width, height;
	round_outwards(crop->x_px, crop->width_px, shift_x(view->packing), view->width_px, &x, &width);
	round_outwards(
	        crop->y_px, crop->height_px, shift_y(view->packing), view->height_px, &y, &height);
	return lun_view_cut(view, x, y, width, height);
}

static enum lun_packing planar_packing(enum lun_packing packing)
{
	switch (packing) {
	case LUN_PACKING_NV12:
		return LUN_PACKING_420;
	case LUN_PACKING_YUY2:
		return LUN_PACKING_422;
	case LUN_PACKING_BGRA:
		return LUN_PACKING_RGB;
	default:
		return packing;
	}
}

bool lun_view_planar_bytes(
        const struct lun_view *view, int width_px, int height_px, size_t *out_bytes)
{
	size_t luma, chroma;
	size_t chroma_width = (size_t)shifted_up(width_px, shift_x(view->packing));
	size_t chroma_height = (size_t)shifted_up(height_px, shift_y(view->packing));
	if (!lun_mul_size((size_t)width_px, (size_t)height_px, &luma) ||
	        !lun_mul_size(chroma_width, chroma_height, &chroma) || luma > SIZE_MAX / 4)
		return false;
	*out_bytes = luma + 2 * chroma; // chroma is at most luma
	return true;
}

/** Three planes, one after the other in memory. */
static struct lun_view lay_out(const struct lun_view *like, int width_px, int height_px,
        uint8_t *memory, uint8_t *out_planes[LUN_MAX_PLANES])
{
	enum lun_packing packing = planar_packing(like->packing);
	struct lun_view view = {
	        .packing = packing,
	        .matrix = like->matrix,
	        .range = like->range,
	        .width_px = width_px,
	        .height_px = height_px,
	};
	for (int plane = 0; plane < LUN_MAX_PLANES; plane++) {
		int width = shifted_up(width_px, plane ? shift_x(packing) : 0);
		int height = shifted_up(height_px, plane ? shift_y(packing) : 0);
		view.plane[plane] = out_planes[plane] = memory;
		view.stride_bytes[plane] = width;
		memory += (size_t)width * (size_t)height;
	}
	return view;
}

struct lun_view lun_view_unpack(const struct lun_view *view, uint8_t *memory)
{
	int width = view->width_px, height = view->height_px;
	uint8_t *to[LUN_MAX_PLANES];
	struct lun_view planar = lay_out(view, width, height, memory, to);
	const int *stride = planar.stride_bytes;

	switch (view->packing) {
	case LUN_PACKING_NV12:
		SplitUVPlane(view->plane[1], view->stride_bytes[1], to[1], stride[1], to[2], stride[2],
		        stride[1], shifted_up(height, 1));
		planar.plane[0] = view->plane[0];
		planar.stride_bytes[0] = view->stride_bytes[0];
		return planar;
	case LUN_PACKING_YUY2:
		(void)YUY2ToI422(view->plane[0], view->stride_bytes[0], to[0], stride[0], to[1], stride[1],
		        to[2], stride[2], width, height);
		return planar;
	case LUN_PACKING_BGRA:
		SplitARGBPlane(view->plane[0], view->stride_bytes[0], to[0], stride[0], to[1], stride[1],
		        to[2], stride[2], NULL, 0, width, height);
		return planar;
	default:
		return *view;
	}
}

/** Scale three planes into memory that lun_view_planar_bytes() measured. */
static enum lun_result scale_planes(const struct lun_view *planar, int width_px, int height_px,
        uint8_t *memory, struct lun_view *out_view)
{
	enum lun_result rc = LUN_OK;
	uint8_t *to[LUN_MAX_PLANES];
	struct lun_view scaled = lay_out(planar, width_px, height_px, memory, to);
	for (int plane = 0; plane < LUN_MAX_PLANES && rc == LUN_OK; plane++) {
		int sx = plane ? shift_x(planar->packing) : 0;
		int sy = plane ? shift_y(planar->packing) : 0;
		struct lun_plane source = {
		        .data = planar->plane[plane],
		        .stride_bytes = planar->stride_bytes[plane],
		        .width = shifted_up(planar->width_px, sx),
		        .height = shifted_up(planar->height_px, sy),
		};
		rc = lun_scale_plane(
		        &source, shifted_up(width_px, sx), shifted_up(height_px, sy), to[plane]);
	}
	*out_view = scaled;
	return rc;
}

enum lun_result lun_view_scale(const struct lun_view *view, int width_px, int height_px,
        struct lun_view *out_view, uint8_t **out_memory)
{
	size_t unpacked_bytes, scaled_bytes;
	if (!lun_view_planar_bytes(view, view->width_px, view->height_px, &unpacked_bytes) ||
	        !lun_view_planar_bytes(view, width_px, height_px, &scaled_bytes))
		return LUN_NOMEM;
	enum lun_result rc = LUN_NOMEM;
	uint8_t *unpacked = malloc(unpacked_bytes);
	uint8_t *scaled = malloc(scaled_bytes);
	if (!unpacked || !scaled)
		goto fail;

	struct lun_view planar = lun_view_unpack(view, unpacked);
	rc = scale_planes(&planar, width_px, height_px, scaled, out_view);
	if (rc != LUN_OK)
		goto fail;
	*out_memory = scaled;
	free(unpacked);
	return LUN_OK;

fail:
	free(scaled);
	free(unpacked);
	return rc;
}
