/**
 * A bounded cache of operations that were drawn once: texts, images, video frames.
 *
 * A hit and a miss give the same pixels. Thread: the engine's.
 */
#pragma once

#include "canvas/list.h"

struct lun_pictures;

struct lun_pictures *lun_pictures_create(size_t max_bytes);
void lun_pictures_destroy(struct lun_pictures *pictures); /**< NULL is fine */

/** The picture of an operation, made if it is not there. @return borrowed until the next call of
 *  lun_pictures_trim(); NULL when memory is refused */
cairo_surface_t *lun_pictures_get(struct lun_pictures *pictures, const struct lun_op *op);

/** Between frames: drop what was not used longest until the limit holds. */
void lun_pictures_trim(struct lun_pictures *pictures);
