/**
 * Decoded frames as pictures. Private to runtime/media. Thread: one owner.
 */
#pragma once

#include <libavutil/frame.h>

#include "lunette/picture.h"

/** What conversions keep between frames. {0} is empty. */
struct lun_video_converter {
	struct SwsContext *scaler; // owned; NULL until a frame needs one
};

void lun_video_converter_finish(struct lun_video_converter *converter);

/**
 * A picture with the frame's pixels: a reference to the decoder's own memory where the format is
 * one of ours, else a conversion of it.
 *
 * 4:2:0 stays, 4:2:2 becomes YUY2, RGB becomes BGRA composed over black, all else becomes I420
 * with 8 bits. Matrix and range are the frame's tags; without tags BT.601 below 720 lines and
 * BT.709 from there on, limited.
 *
 * @param quarter_turns  clockwise, 0..3
 * @return owned reference; NULL when memory is refused or the frame is larger than a picture may be
 */
struct lun_picture *lun_video_picture_create(struct lun_video_converter *converter,
        const AVFrame *frame, int quarter_turns, uint64_t id);
