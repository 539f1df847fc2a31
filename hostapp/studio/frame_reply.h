/**
 * The answer to {"do":"frame"}, checked and mapped.
 *
 * Thread: any.
 */
#pragma once

#include <jansson.h>

#include "lunette/format.h"

struct lun_frame_reply {
	struct lun_format format;
	uint64_t serial;
	const uint8_t *data; // owned; mapped read-only
	size_t size_bytes;   /**< of the mapping */
};

/**
 * @param reply  an answer with "ok" true
 * @param fd     borrowed; the mapping does not need it
 * @return LUN_OK with the caller owning the mapping; LUN_IO with a sentence when format, size and
 *         memory do not fit each other, or the memory could still shrink under our feet
 */
enum lun_result lun_frame_reply_map(
        const json_t *reply, int fd, struct lun_frame_reply *out_frame, struct lun_error *err);
void lun_frame_reply_unmap(struct lun_frame_reply *frame);
