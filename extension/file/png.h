/**
 * One frame as a PNG file: 8-bit RGB, opaque. Thread: any.
 */
#pragma once

#include "lunette/frame.h"

struct lun_target;

/** Written beside and renamed, so that path never holds half a picture. "-": standard output. */
enum lun_result lun_png_write(
        const char *path, const struct lun_frame *frame, struct lun_error *err);

/** The PNG's bytes into target; commit is left to the caller. */
enum lun_result lun_png_write_target(
        struct lun_target *target, const struct lun_frame *frame, struct lun_error *err);
