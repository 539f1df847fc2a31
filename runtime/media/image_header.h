/**
 * What can be known about an encoded image before it is decoded. Private to runtime/media.
 */
#pragma once

#include "lunette/base.h"

enum lun_image_kind {
	LUN_IMAGE_PNG,
	LUN_IMAGE_JPEG,
	LUN_IMAGE_WEBP,
	LUN_IMAGE_GIF,
};

struct lun_image_header {
	enum lun_image_kind kind;
	int width_px, height_px; /**< at least 1; what does not fit in int is INT32_MAX */
	bool is_truncated;       /**< the end of the file, or of its first picture, is missing */
	bool is_animated;        /**< a WebP with several pictures */
};

/**
 * Read the size from the header, and walk the file's structure to its end without decoding.
 *
 * @return LUN_OK; LUN_UNSUPPORTED for other kinds of files, LUN_INVALID when there is no size
 */
enum lun_result lun_image_read_header(const uint8_t *bytes, size_t size_bytes, const char *name,
        struct lun_image_header *out_header, struct lun_error *err);
