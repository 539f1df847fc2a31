/**
 * A finished frame on its way to the outputs.
 *
 * Frames are borrowed: whoever hands one to a function keeps it alive and unchanged until that
 * function returns. Who wants it longer copies it.
 */
#pragma once

#include "lunette/format.h"

struct lun_frame {
	struct lun_format format;
	struct lun_layout layout;
	const uint8_t *data; // borrowed from the frame's owner for the length of the call
	uint64_t number;     /**< the tick it was drawn for */
	uint64_t time_ns;    /**< CLOCK_MONOTONIC it is to be shown at; 0-based in a headless render */
	bool is_repeat;      /**< the same picture as the frame before, shown again */
};
