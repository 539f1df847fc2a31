// The cache of pictures: a hash table of surfaces, oldest use out first.
#include "compose/pictures.h"

#include <stdlib.h>

#include "compose/raster.h"

struct cached_picture {
	uint64_t key;
	struct lun_box box;
	cairo_surface_t *surface; // owned
	size_t bytes;
	uint64_t used;    // the trim round of its last use
	bool is_fleeting; // a video's: shown once, never again
	struct cached_picture *next;
};

#define BUCKETS 512

struct lun_pictures {
	struct cached_picture *buckets[BUCKETS]; // owned
	size_t bytes, max_bytes;
	uint64_t round;
};

struct lun_pictures *lun_pictures_create(size_t max_bytes)
{
	struct lun_pictures *pictures = lun_alloc(sizeof *pictures);
	pictures->max_bytes = max_bytes;
	return pictures;
}

// Unlinks and frees.
static void drop(struct lun_pictures *pictures, struct cached_picture **link)
{
	struct cached_picture *picture = *link;
	*link = picture->next;
	pictures->bytes -= picture->bytes;
	cairo_surface_destroy(picture->surface);
	free(picture);
}

void lun_pictures_destroy(struct lun_pictures *pictures)
{
	if (!pictures)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (pictures->buckets[i])
			drop(pictures, &pictures->buckets[i]);
	}
	free(pictures);
}

static bool is_same_box(struct lun_box a, struct lun_box b)
{
	return a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1;
}

cairo_surface_t *lun_pictures_get(struct lun_pictures *pictures, const struct lun_op *op)
{
	struct cached_picture **bucket = &pictures->buckets[op->content_hash % BUCKETS];
	for (struct cached_picture *at = *bucket; at; at = at->next) {
		if (at->key == op->content_hash && is_same_box(at->box, op->bounds)) {
			at->used = pictures->round;
			return at->surface;
		}
	}
	cairo_surface_t *surface = lun_op_make_picture(op, op->bounds);
	if (!surface)
		return NULL;
	struct cached_picture *fresh = lun_alloc(sizeof *fresh);
	fresh->key = op->content_hash;
	fresh->box = op->bounds;
	fresh->surface = surface;
	fresh->bytes = (size_t)cairo_image_surface_get_stride(surface) *
	               (size_t)cairo_image_surface_get_height(surface);
	fresh->used = pictures->round;
	fresh->is_fleeting = op->kind == LUN_OP_VIDEO;
	fresh->next = *bucket;
	*bucket = fresh;
	pictures->bytes += fresh->bytes;
	return surface;
}

// Drops what was last used before a round: all of it, or what is fleeting.
static void drop_before(struct lun_pictures *pictures, uint64_t round, bool only_fleeting)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		struct cached_picture **link = &pictures->buckets[i];
		while (*link) {
			if ((*link)->used < round && (!only_fleeting || (*link)->is_fleeting))
				drop(pictures, link);
			else
				link = &(*link)->next;
		}
	}
}

void lun_pictures_trim(struct lun_pictures *pictures)
{
	drop_before(pictures, pictures->round, true);
	for (uint64_t age = 256; pictures->bytes > pictures->max_bytes && age > 0; age /= 4) {
		if (pictures->round >= age)
			drop_before(pictures, pictures->round - age + 1, false);
	}
	if (pictures->bytes > pictures->max_bytes)
		drop_before(pictures, pictures->round + 1, false);
	pictures->round++;
}
