/**
 * A rectangle of samples that somebody else owns, in any packing that we read: cutting, unpacking
 * into planes and scaling it.
 *
 * Thread: any; a view is a value that borrows its planes.
 */
#pragma once

#include "frame/convert.h"

/** How samples lie in memory. */
enum lun_packing {
	LUN_PACKING_NV12,
	LUN_PACKING_420,
	LUN_PACKING_422,
	LUN_PACKING_RGB, /**< planes R G B */
	LUN_PACKING_YUY2,
	LUN_PACKING_BGRA,
};

struct lun_view {
	enum lun_packing packing;
	enum lun_matrix matrix;
	enum lun_range range;
	int width_px, height_px;
	const uint8_t *plane[LUN_MAX_PLANES]; // borrowed for the length of the call; NULL = none
	int stride_bytes[LUN_MAX_PLANES];
};

/** A view without planes: the caller fills them in. */
struct lun_view lun_view_init(enum lun_pixel_format pixel, enum lun_matrix matrix,
        enum lun_range range, int width_px, int height_px);

/** A part of a view; x_px and y_px lie on the chroma grid. */
struct lun_view lun_view_cut(
        const struct lun_view *view, int x_px, int y_px, int width_px, int height_px);

/** A part of a view, rounded outwards to the chroma grid; at least one cell of it. */
struct lun_view lun_view_crop(const struct lun_view *view, const struct lun_crop *crop);

/** What lun_view_unpack() needs for this view, or what the same would need in another size.
 *  @return false when that does not fit into memory */
bool lun_view_planar_bytes(
        const struct lun_view *view, int width_px, int height_px, size_t *out_bytes);

/** The same samples as three planes. The result borrows from memory and from view. */
struct lun_view lun_view_unpack(const struct lun_view *view, uint8_t *memory);

/**
 * The view as three planes in another size.
 *
 * @param out_memory  what out_view borrows from; the caller frees it
 * @return LUN_OK or LUN_NOMEM
 */
enum lun_result lun_view_scale(const struct lun_view *view, int width_px, int height_px,
        struct lun_view *out_view, uint8_t **out_memory);
