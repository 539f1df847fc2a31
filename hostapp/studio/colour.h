/**
 * Y'CbCr of any matrix and range to that of JPEG files: BT.601, full range.
 *
 * Thread: any; a value.
 */
#pragma once

#include "lunette/format.h"

/** What each code of each component adds to each result, in 1/65536 of a code. */
struct lun_colour_table {
	bool is_identity; /**< already BT.601 full: nothing to do */
	bool is_mixing;   /**< another matrix: Y needs chroma too, and Cb and Cr each other */
	int32_t y_from_y[256], y_from_cb[256], y_from_cr[256];
	int32_t cb_from_cb[256], cb_from_cr[256], cr_from_cb[256], cr_from_cr[256];
};

void lun_colour_table_init(
        struct lun_colour_table *table, enum lun_matrix matrix, enum lun_range range);

struct lun_colour_planes {
	uint8_t *y, *cb, *cr; // borrowed for the call
	int width_px, height_px;
	int chroma_shift_x, chroma_shift_y; /**< 1 where chroma has half the samples */
	int chroma_width_px, chroma_height_px;
};

/** In place; planes have no padding. */
void lun_colour_convert(
        const struct lun_colour_table *table, const struct lun_colour_planes *planes);
