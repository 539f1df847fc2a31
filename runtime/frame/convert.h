/**
 * Conversion between the compositor's ARGB and the Y'CbCr of formats and pictures.
 *
 * The only place that knows libyuv. BT.601 limited goes through libyuv; libyuv has no other matrix
 * towards Y'CbCr, so BT.709 and full range are rows of our own, written from ITU-R BT.601-7 and
 * BT.709-6. Every function is pure: same bytes in, same bytes out. Thread: any.
 */
#pragma once

#include "lunette/format.h"
#include "lunette/picture.h"

/**
 * Convert a rectangle of the compositor's surface into the same rectangle of a frame.
 *
 * @param argb  first pixel of the rectangle (not of the surface): native-endian 0xAARRGGBB,
 *              premultiplied, taken as composed over black
 * @param data  start of the whole frame
 * x_px and y_px are even; width and height may be odd only where they end at the frame's edge.
 * Splitting a frame into such rectangles in any way gives the same bytes.
 */
void lun_convert_from_argb(const struct lun_format *format, const struct lun_layout *layout,
        uint8_t *data, int x_px, int y_px, int width_px, int height_px, const uint8_t *argb,
        int argb_stride_bytes);

/** The same in double arithmetic straight from the definitions, one pixel at a time: the reference
 *  that tests hold the fast rows against. Slow. */
void lun_convert_from_argb_reference(const struct lun_format *format,
        const struct lun_layout *layout, uint8_t *data, int x_px, int y_px, int width_px,
        int height_px, const uint8_t *argb, int argb_stride_bytes);

/** Which part of a picture is shown, in its own pixels; may be fractional, lies inside it. */
struct lun_crop {
	double x_px, y_px, width_px, height_px;
};

/**
 * Scale a part of a picture and convert it to opaque ARGB with the picture's own matrix and range.
 *
 * @param crop    NULL = all of it; rounded outwards to the chroma grid
 * @param mirror  left and right exchanged
 * @param out_argb  width_px x height_px pixels with stride argb_stride_bytes
 * @return LUN_OK or LUN_NOMEM
 */
enum lun_result lun_convert_picture_to_argb(const struct lun_picture *picture,
        const struct lun_crop *crop, bool mirror, int width_px, int height_px, uint8_t *out_argb,
        int argb_stride_bytes);

/** A frame's pixels as opaque ARGB (for snapshots and PNG), with the format's matrix and range. */
enum lun_result lun_convert_frame_to_argb(const struct lun_format *format,
        const struct lun_layout *layout, const uint8_t *data, uint8_t *out_argb,
        int argb_stride_bytes);
