/**
 * An immutable decoded picture in the colours it was born with: what cameras and videos deliver.
 *
 * Reference counted with atomics. Thread: any.
 */
#pragma once

#include "lunette/format.h"

struct lun_picture {
	enum lun_pixel_format pixel;
	enum lun_matrix matrix;
	enum lun_range range;
	int width_px, height_px;
	const uint8_t *plane[LUN_MAX_PLANES]; // owned through release()
	int stride_bytes[LUN_MAX_PLANES];
	uint64_t id; /**< unique for this content in this process: the same id means the same pixels */
	// private: use ref and unref
	int refs;                                     // atomic
	void (*release)(struct lun_picture *picture); // frees planes and picture; called once
	void *owner;                                  // release()'s own
};

/** A fresh id for lun_picture.id. Never 0. */
uint64_t lun_picture_new_id(void);

/** A picture with its own memory; planes are uninitialised and may be written until it is shared.
 *  @return NULL when memory is refused. The caller owns one reference. */
struct lun_picture *lun_picture_create(enum lun_pixel_format pixel, int width_px, int height_px);

struct lun_picture *lun_picture_ref(struct lun_picture *picture);
void lun_picture_unref(struct lun_picture *picture); /**< NULL is fine */
