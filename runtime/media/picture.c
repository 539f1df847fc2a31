// Pictures: their reference count, their identity, and those that own their memory. Where pixels
// come from (a decoder's frame, a mapped file, a drawing) is the business of the sources.
#include "lunette/picture.h"

#include <stdlib.h>
#include <string.h>

#define PLANE_ALIGN_BYTES 64

uint64_t lun_picture_new_id(void)
{
	static uint64_t last_id; // atomic
	return __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
}

static void release_own_memory(struct lun_picture *picture)
{
	free(picture->owner);
	free(picture);
}

struct lun_picture *lun_picture_create(enum lun_pixel_format pixel, int width_px, int height_px)
{
	struct lun_format format = lun_format_default();
	format.pixel = pixel;
	format.width_px = width_px;
	format.height_px = height_px;
	if (lun_format_check(&format, NULL) != LUN_OK)
		return NULL;
	struct lun_layout layout;
	lun_format_layout(&format, &layout);
	uint8_t *data = NULL;
	if (posix_memalign((void **)&data, PLANE_ALIGN_BYTES, layout.size_bytes) != 0)
		return NULL;
	struct lun_picture *picture = lun_alloc(sizeof *picture);
	picture->pixel = pixel;
	picture->matrix = format.matrix;
	picture->range = format.range;
	picture->width_px = width_px;
	picture->height_px = height_px;
	for (int i = 0; i < layout.planes; i++) {
		picture->plane[i] = data + layout.offset_bytes[i];
		picture->stride_bytes[i] = layout.stride_bytes[i];
	}
	picture->id = lun_picture_new_id();
	picture->refs = 1;
	picture->release = release_own_memory;
	picture->owner = data;
	return picture;
}

struct lun_picture *lun_picture_ref(struct lun_picture *picture)
{
	int before = __atomic_fetch_add(&picture->refs, 1, __ATOMIC_RELAXED);
	lun_assert(before > 0);
	return picture;
}

void lun_picture_unref(struct lun_picture *picture)
{
	if (!picture)
		return;
	int before = __atomic_fetch_sub(&picture->refs, 1, __ATOMIC_ACQ_REL);
	lun_assert(before > 0);
	if (before == 1)
		picture->release(picture);
}
