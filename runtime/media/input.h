/**
 * A media file behind a descriptor, as demuxed packets of its one video stream.
 *
 * Nothing but the descriptor is ever read: no path, no URL, no nested file. Private to
 * runtime/media. Thread: one owner.
 */
#pragma once

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "lunette/base.h"

struct lun_media_input {
	AVFormatContext *format; // owned
	AVStream *stream;        // borrowed from format
	AVIOContext *io;         // owned
	int64_t offset;          // of io in the file
	int fd;                  // borrowed from the opener, outlives us because the source owns both
};

/** FFmpeg's own log is kept off standard error. Call before anything of libav. */
void lun_media_init(void);

/**
 * Open the file and find its video.
 *
 * input must not move in memory afterwards.
 *
 * @return LUN_OK, or LUN_INVALID, LUN_UNSUPPORTED, LUN_LIMIT, LUN_NOMEM, LUN_IO with input empty
 */
enum lun_result lun_media_input_open(
        struct lun_media_input *input, int fd, const char *name, struct lun_error *err);

/** Close what open opened; the descriptor stays open. An empty input is fine. */
void lun_media_input_close(struct lun_media_input *input);

/** Text of an AVERROR. out_text has AV_ERROR_MAX_STRING_SIZE bytes. */
const char *lun_media_error_text(int code, char *out_text);
