/**
 * From a camera's frame to a small JPEG picture for the page.
 *
 * JPEG files are BT.601 full range (JFIF), and browsers decode them so; frames of another matrix
 * or range are converted. Thread: one owner.
 */
#pragma once

#include "lunette/format.h"

/** Neither side of a preview is longer; frames are shrunk by a whole number to fit. */
#define LUN_JPEG_MAX_PX 1280

struct lun_jpeg;

/** One encoder. @return NULL when memory is refused */
struct lun_jpeg *lun_jpeg_create(void);
void lun_jpeg_destroy(struct lun_jpeg *jpeg); /**< NULL is fine */

/**
 * @param format     valid (lun_format_check)
 * @param data       one frame in the layout of lun_format_layout(); other processes may write into
 *                   it meanwhile: that spoils pixels, nothing else
 * @param out_bytes  borrowed from jpeg until its next call
 */
enum lun_result lun_jpeg_encode(struct lun_jpeg *jpeg, const struct lun_format *format,
        const uint8_t *data, const uint8_t **out_bytes, size_t *out_size_bytes,
        struct lun_error *err);
