/**
 * Scaling one plane of samples, every size to every size, without a drift in brightness.
 * Thread: any.
 */
#pragma once

#include "lunette/base.h"

/** A plane that somebody else owns. */
struct lun_plane {
	const uint8_t *data; // borrowed for the length of the call
	int stride_bytes;
	int width, height; /**< samples */
};

/** out holds width x height samples with stride width. @return LUN_OK or LUN_NOMEM */
enum lun_result lun_scale_plane(const struct lun_plane *plane, int width, int height, uint8_t *out);
