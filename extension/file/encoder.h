/**
 * Encoders for the video files: which one, with which settings and colour tags.
 *
 * Thread: one owner.
 */
#pragma once

#include <libavcodec/avcodec.h>

#include "lunette/format.h"

/** A way to encode. Static data. */
struct lun_encoder_choice {
	const char *codec;    /**< FFmpeg's name; NULL ends a list */
	const char *options;  /**< key=value:key=value */
	bool needs_even_size; /**< 4:2:0 without a way to say that the last column is padding */
};

/** The ways that suit a container ("mp4", "mkv", "webm"), best first. */
const struct lun_encoder_choice *lun_encoder_choices(const char *ending);

/**
 * Open the first of the choices that FFmpeg has here.
 *
 * @param name  what sentences call the file
 * @return LUN_OK with the caller owning *out_encoder; LUN_INVALID for a format
 *         that the file cannot hold, LUN_UNSUPPORTED when no encoder is there, with the cure
 */
enum lun_result lun_encoder_open(const char *name, const struct lun_encoder_choice *choices,
        const struct lun_format *format, bool has_global_header, AVCodecContext **out_encoder,
        struct lun_error *err);

/** A frame's planes into the encoder's picture: NV12 as it is, or taken apart for planar ones. */
void lun_encoder_fill(AVFrame *picture, const struct lun_format *format,
        const struct lun_layout *layout, const uint8_t *data);
