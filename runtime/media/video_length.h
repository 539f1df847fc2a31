/**
 * How long a video stream is. Private to runtime/media.
 */
#pragma once

#include "media/input.h"

/** A stream without a container keeps no times: its pictures are counted. */
bool lun_media_is_untimed(const struct lun_media_input *input);

/** The time one frame takes, in ticks of the stream; at least 1. */
int64_t lun_media_frame_ticks(const struct lun_media_input *input);

/** In ticks of the stream, from its first picture. */
struct lun_media_length {
	int64_t duration_ticks; /**< to the end of the last picture; at least 1 */
	int64_t last_ticks;     /**< to the beginning of the last picture */
	/** In a file that breaks off, the last picture that reading from the start gets to. Seeking may
	 *  get further, but then what is shown would depend on the way there. Else INT64_MAX. */
	int64_t reachable_ticks;
};

/**
 * How long the video is. A file that was cut keeps the length it once had, if its container tells.
 *
 * Reads the file once; of a large one its last seconds.
 *
 * @param origin_ticks  the time of the first picture
 */
struct lun_media_length lun_media_read_length(
        const struct lun_media_input *input, const char *name, int64_t origin_ticks);
