/**
 * A format that is partly chosen: what the command line does not say, the scene may.
 *
 * Thread: any; values.
 */
#pragma once

#include <jansson.h>

#include "lunette/format.h"

/** Which members of a format somebody chose; the others are the scene's, or the defaults. */
struct lun_format_wish {
	bool has_size, has_rate, has_matrix, has_range;
	struct lun_format format; /**< valid throughout; members nobody chose hold the default */
};

/**
 * The format that holds: the wish's chosen members, then `scene.output`'s, then the defaults.
 *
 * @param output  scene.output as plain data, hostile; NULL is fine
 * @return LUN_OK, or LUN_SCRIPT naming the member that makes no sense
 */
enum lun_result lun_format_wish_settle(const struct lun_format_wish *wish, const json_t *output,
        struct lun_format *out_format, struct lun_error *err);
