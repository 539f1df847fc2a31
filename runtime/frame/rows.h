/**
 * Rows of our own from R'G'B' planes towards Y'CbCr, for the matrices and ranges that libyuv does
 * not offer. Exact on greys, else within one code of the definitions. Thread: any.
 */
#pragma once

#include "lunette/format.h"

/**
 * A matrix and range in fixed point: weights are code values per full-scale component, times 65536
 * over 255. The middle weight of Cb (Cr) of blue (red) counts up, the two others down.
 */
struct lun_rows_matrix {
	uint16_t y_red, y_green, y_blue, y_bias;
	uint16_t cb_red, cb_green, cb_blue;
	uint16_t cr_red, cr_green, cr_blue;
	uint16_t chroma_bias;
};

/** Borrowed from static memory. */
const struct lun_rows_matrix *lun_rows_get_matrix(enum lun_matrix matrix, enum lun_range range);

void lun_rows_luma(const struct lun_rows_matrix *matrix, const uint8_t *red, const uint8_t *green,
        const uint8_t *blue, uint8_t *out_y, int width_px);

/**
 * Mean of each 2 x 2 block of one component, times 256.
 *
 * @param bottom  the row below, or top again where there is none
 * @param out     (width_px + 1) / 2 values; the last of an odd width has one column only
 */
void lun_rows_average(const uint8_t *top, const uint8_t *bottom, uint16_t *out, int width_px);

/** Cb and Cr of count averaged pixels. */
void lun_rows_chroma(const struct lun_rows_matrix *matrix, const uint16_t *red,
        const uint16_t *green, const uint16_t *blue, uint8_t *out_cb, uint8_t *out_cr, int count);

/** Cb Cr Cb Cr ... as in NV12. */
void lun_rows_interleave(const uint8_t *cb, const uint8_t *cr, uint8_t *out, int count);

/** Y Cb Y Cr ... as in YUY2; the missing second Y of an odd width repeats the first. */
void lun_rows_pack_yuy2(
        const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *out, int width_px);

/** One sample for two pixels to one for each. */
void lun_rows_double(const uint8_t *chroma, uint8_t *out, int width_px);

/** BT.709 limited, with a Cb and Cr for each pixel, to components; clamped to 0..255. */
void lun_rows_decode_bt709(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *out_red,
        uint8_t *out_green, uint8_t *out_blue, int width_px);

/** A rectangle of 4-byte pixels with alpha set to 255. */
void lun_rows_copy_opaque(const uint8_t *from, int from_stride_bytes, uint8_t *to,
        int to_stride_bytes, int width_px, int height_px);
