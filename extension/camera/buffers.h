/**
 * The camera's frame buffers: memory shared with the renderer, sealed against resizing.
 *
 * A buffer is free, being drawn, ready to be shown, or shown; at most one in each of the last
 * three states. Thread: the loop's.
 */
#pragma once

#include "lunette/format.h"

#define LUN_CAMERA_BUFFERS 4

struct lun_camera_buffer {
	int fd;              // owned
	const uint8_t *data; // owned mapping, read-only
	uint64_t number;     /**< the tick it was drawn for */
	uint64_t picture;    /**< names what it shows */
};

struct lun_camera_buffers {
	struct lun_format format;
	struct lun_layout layout;
	struct lun_camera_buffer all[LUN_CAMERA_BUFFERS];
	int drawing, ready, shown; /**< places in all; -1 = none */
};

/** @return LUN_OK; LUN_IO "cannot make frame buffers: ..." (memory, descriptors) */
enum lun_result lun_camera_buffers_init(
        struct lun_camera_buffers *buffers, const struct lun_format *format, struct lun_error *err);
void lun_camera_buffers_finish(struct lun_camera_buffers *buffers);

/** Forget what is being drawn and what is ready: the renderer is gone. */
void lun_camera_buffers_reset(struct lun_camera_buffers *buffers);

/** A frame was asked for and has not come. */
bool lun_camera_buffers_is_drawing(const struct lun_camera_buffers *buffers);
/** Take a free buffer for drawing. @return its place; -1 while another one is being drawn */
int lun_camera_buffers_draw(struct lun_camera_buffers *buffers);
/** The drawing is done; a ready one that was never shown is free again. */
void lun_camera_buffers_drawn(
        struct lun_camera_buffers *buffers, int place, uint64_t number, uint64_t picture);
/** Show the ready buffer. @return it; NULL when none is ready */
const struct lun_camera_buffer *lun_camera_buffers_show(struct lun_camera_buffers *buffers);
/** The one shown last; NULL before the first. */
const struct lun_camera_buffer *lun_camera_buffers_shown(const struct lun_camera_buffers *buffers);

/** A sealed copy of the frame shown last, for a peer. @return descriptor, or -1 */
int lun_camera_buffers_copy(const struct lun_camera_buffers *buffers);
