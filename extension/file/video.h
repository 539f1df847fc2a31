/**
 * Encoded video files with encoders of one's choice.
 */
#pragma once

#include "extension/file/encoder.h"
#include "extension/file/writer.h"

/** As lun_video_writer.open, which chooses by lun_encoder_choices(). */
enum lun_result lun_video_open(const char *path, const char *ending,
        const struct lun_encoder_choice *choices, const struct lun_format *format,
        struct lun_writer **out_writer, struct lun_error *err);
