/**
 * One frame as a PNG file. Thread: any.
 */
#pragma once

#include "lunette/frame.h"

/** Written beside and renamed, so that path never holds half a picture. "-": standard output. */
enum lun_result lun_png_write(const char *path, const struct lun_frame *frame, struct lun_error *err);
