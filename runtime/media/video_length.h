/**
 * How long a video stream is. Private to runtime/media.
 */
#pragma once

#include "media/input.h"

/** A stream without a container keeps no times: its pictures are counted. */
bool lun_media_is_untimed(const struct lun_media_input *input);

/** The time one frame takes, in ticks of the stream; at least 1. */
int64_t lun_media_frame_ticks(const struct lun_media_input *input);

/**
 * The length of the video in ticks of the stream, from its first picture to the end of its last;
 * at least 1. Reads the whole file once where its container does not keep an exact account and
 * the file is of moderate size.
 *
 * @param out_is_exact  false: the container's word for all its streams together, which may be
 *                      longer than the video
 */
int64_t lun_media_length_ticks(
        const struct lun_media_input *input, const char *name, bool *out_is_exact);
