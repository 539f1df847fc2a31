/**
 * Paints operations of a display list with cairo.
 *
 * Thread: any, on different contexts; pictures are made before, on one.
 */
#pragma once

#include "canvas/list.h"

/** Does an operation span tiles so expensively that it is drawn once into a picture? */
bool lun_op_wants_picture(const struct lun_op *op);

/**
 * Draw an operation's content, without clip and operator, into a fresh surface that covers box.
 *
 * @return owned surface with its device offset set; NULL when memory is refused
 */
cairo_surface_t *lun_op_make_picture(const struct lun_op *op, struct lun_box box);

/**
 * Paint an operation in device space.
 *
 * @param cr       identity matrix, no clip, whatever else; is left so
 * @param box      the pixels that cr's surface covers
 * @param picture  from lun_op_make_picture(), or NULL to draw directly
 */
void lun_op_paint(
        const struct lun_op *op, cairo_t *cr, struct lun_box box, cairo_surface_t *picture);
