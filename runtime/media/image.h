/**
 * A decoded still image: what `image.load` gives to a scene.
 *
 * Immutable after loading, reference counted with atomics. Thread: any.
 */
#pragma once

#include "lunette/base.h"

#define LUN_IMAGE_MAX_SIDE_PX 16384
#define LUN_IMAGE_MAX_BYTES ((size_t)512 << 20) /**< decoded */

struct lun_image {
	int width_px, height_px;
	int stride_bytes;
	uint8_t *argb;  // owned; native-endian 0xAARRGGBB premultiplied: cairo's ARGB32
	size_t bytes;   /**< what counts against a scene's image limit */
	bool is_opaque; /**< every alpha is 255 */
	uint64_t id;    /**< unique for this content in this process */
	int refs;       // atomic
};

/**
 * Decode PNG, JPEG, WebP or (its first frame) GIF from an open file.
 *
 * The file is untrusted: the size in its header is checked against the limits above before
 * anything of that size is allocated; truncated files are refused, not shown in part.
 *
 * @param fd    readable and seekable; borrowed, its offset is undefined afterwards
 * @param name  for messages, e.g. "logo.png"
 * @return LUN_OK with one owned reference, or LUN_UNSUPPORTED, LUN_INVALID, LUN_LIMIT, LUN_IO
 */
enum lun_result lun_image_decode(
        int fd, const char *name, struct lun_image **out_image, struct lun_error *err);

struct lun_image *lun_image_ref(struct lun_image *image);
void lun_image_unref(struct lun_image *image); /**< NULL is fine */
