/**
 * A finished frame as a picture for people: what a PNG or a preview shows.
 *
 * Pure: same bytes in, same bytes out. Thread: any.
 */
#pragma once

#include "lunette/frame.h"

/**
 * The frame's pixels as opaque ARGB, decoded with the format's own matrix and range. BGRA frames
 * keep their colours exactly.
 *
 * @param out_argb  width x height pixels, native-endian 0xAARRGGBB, rows argb_stride_bytes apart
 * @return LUN_OK or LUN_NOMEM
 */
enum lun_result lun_frame_to_argb(
        const struct lun_frame *frame, uint8_t *out_argb, int argb_stride_bytes);
