/**
 * The frames of a video file by time: forward as they come, anywhere else by seeking.
 *
 * Times are ticks of the stream's time base, counted from its first picture. Damaged pictures, and
 * those that were predicted from them, are never shown: the last good one before them is.
 * Private to runtime/media. Thread: one owner.
 */
#pragma once

#include <libavutil/frame.h>

#include "lunette/base.h"

struct lun_video_decoder;

/** What stays the same for the whole file. */
struct lun_video_info {
	int width_px, height_px; /**< of the first picture, as coded (before rotation) */
	double tick_s;           /**< the time base */
	double fps;              /**< 0 = unknown */
	int64_t duration_ticks;  /**< at least 1 */
	int quarter_turns;       /**< clockwise turns the picture needs to stand upright: 0..3 */
};

/** @param fd  borrowed; must stay open until destroy */
enum lun_result lun_video_decoder_open(
        int fd, const char *name, struct lun_video_decoder **out_decoder, struct lun_error *err);
void lun_video_decoder_destroy(struct lun_video_decoder *decoder); /**< NULL is fine */

const struct lun_video_info *lun_video_decoder_info(const struct lun_video_decoder *decoder);

/**
 * The last good frame that is not later than a time; before the first: the first.
 *
 * @param out_ticks  the frame's own time: the same time means the same pixels
 * @param err  may be NULL; filled with LUN_IO once, when damage was met on the way
 * @return borrowed until the next call; NULL if no picture could be decoded at all
 */
const AVFrame *lun_video_decoder_get_frame(struct lun_video_decoder *decoder, int64_t ticks,
        int64_t *out_ticks, struct lun_error *err);
