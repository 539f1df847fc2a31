/**
 * Decoded still frames as premultiplied ARGB. Private to runtime/media.
 */
#pragma once

#include <libavutil/frame.h>

#include "lunette/base.h"

/**
 * Write a frame as native-endian premultiplied 0xAARRGGBB.
 *
 * Formats with 8 or 16 bits a component that hold RGB or grey are converted exactly; Y'CbCr is
 * taken as BT.601 with chroma between the luma samples, as JPEG and WebP have it.
 *
 * @param is_full_range  of Y'CbCr
 * @param argb           frame->width x frame->height pixels
 * @return false when the format is not known or memory is refused
 */
bool lun_image_write_argb(const AVFrame *frame, bool is_full_range, uint8_t *argb, int stride_bytes,
        bool *out_is_opaque);
