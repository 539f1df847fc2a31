// The display list's data: lists, clips and paints with their references. Recording them is the
// recorder's work, painting them the compositor's.
#include "canvas/list.h"

#include <math.h>
#include <stdlib.h>

struct lun_box lun_box_around(double x0, double y0, double x1, double y1, struct lun_box limit)
{
	if (!(x1 > limit.x0 && x0 < limit.x1 && y1 > limit.y0 && y0 < limit.y1))
		return (struct lun_box){0};
	return (struct lun_box){x0 <= limit.x0 ? limit.x0 : (int)floor(x0),
	        y0 <= limit.y0 ? limit.y0 : (int)floor(y0), x1 >= limit.x1 ? limit.x1 : (int)ceil(x1),
	        y1 >= limit.y1 ? limit.y1 : (int)ceil(y1)};
}

struct lun_paint lun_paint_solid(double r, double g, double b, double a)
{
	struct lun_paint paint = {.kind = LUN_PAINT_SOLID, .rgba = {r, g, b, a}};
	cairo_matrix_init_identity(&paint.to_pattern);
	lun_paint_rehash(&paint);
	return paint;
}

static uint64_t hash_paint_object(const struct lun_paint *paint)
{
	switch (paint->kind) {
	case LUN_PAINT_GRADIENT:
		return lun_gradient_hash(paint->gradient);
	case LUN_PAINT_IMAGE:
		return paint->image->id;
	case LUN_PAINT_GROUP:
		return paint->group->hash;
	case LUN_PAINT_SOLID:
		break;
	}
	return 0;
}

void lun_paint_rehash(struct lun_paint *paint)
{
	uint64_t hash = lun_hash_u64((uint64_t)paint->kind, 1);
	if (paint->kind == LUN_PAINT_SOLID) {
		paint->hash = lun_hash(paint->rgba, sizeof paint->rgba, hash);
		return;
	}
	hash = lun_hash_u64(hash_paint_object(paint), hash);
	hash = lun_hash(&paint->to_pattern, sizeof paint->to_pattern, hash);
	hash = lun_hash_u64((uint64_t)paint->extend, hash);
	paint->hash = lun_hash_u64((uint64_t)paint->filter, hash);
}

struct lun_paint lun_paint_copy(const struct lun_paint *paint)
{
	switch (paint->kind) {
	case LUN_PAINT_GRADIENT:
		lun_gradient_ref(paint->gradient);
		break;
	case LUN_PAINT_IMAGE:
		lun_image_ref(paint->image);
		break;
	case LUN_PAINT_GROUP:
		lun_list_ref(paint->group);
		break;
	case LUN_PAINT_SOLID:
		break;
	}
	return *paint;
}

void lun_paint_clear(struct lun_paint *paint)
{
	switch (paint->kind) {
	case LUN_PAINT_GRADIENT:
		lun_gradient_unref(paint->gradient);
		break;
	case LUN_PAINT_IMAGE:
		lun_image_unref(paint->image);
		break;
	case LUN_PAINT_GROUP:
		lun_list_unref(paint->group);
		break;
	case LUN_PAINT_SOLID:
		break;
	}
	*paint = (struct lun_paint){0};
}

struct lun_clip *lun_clip_ref(struct lun_clip *clip)
{
	if (clip)
		(void)__atomic_add_fetch(&clip->refs, 1, __ATOMIC_RELAXED);
	return clip;
}

void lun_clip_unref(struct lun_clip *clip)
{
	while (clip && __atomic_sub_fetch(&clip->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		struct lun_clip *parent = clip->parent;
		cairo_path_destroy(clip->path);
		free(clip);
		clip = parent;
	}
}

struct lun_list *lun_list_create(struct lun_box extent)
{
	struct lun_list *list = lun_alloc(sizeof *list);
	list->refs = 1;
	list->extent = extent;
	return list;
}

struct lun_list *lun_list_ref(struct lun_list *list)
{
	(void)__atomic_add_fetch(&list->refs, 1, __ATOMIC_RELAXED);
	return list;
}

static void finish_op(struct lun_op *op)
{
	lun_clip_unref(op->clip);
	lun_paint_clear(&op->paint);
	lun_paint_clear(&op->mask);
	if (op->path)
		cairo_path_destroy(op->path);
	free(op->stroke.dashes);
	if (op->font)
		cairo_scaled_font_destroy(op->font);
	cairo_glyph_free(op->glyphs);
	lun_text_unref(op->text);
	lun_image_unref(op->image);
	lun_picture_unref(op->video);
}

void lun_list_unref(struct lun_list *list)
{
	if (!list || __atomic_sub_fetch(&list->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (size_t i = 0; i < list->count; i++)
		finish_op(&list->ops[i]);
	free(list->ops);
	free(list);
}

struct lun_op *lun_list_append(struct lun_list *list)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 64;
		list->ops = reallocarray(list->ops, list->capacity, sizeof *list->ops);
		lun_assert(list->ops);
	}
	struct lun_op *op = &list->ops[list->count++];
	*op = (struct lun_op){0};
	list->bytes += sizeof *op;
	return op;
}

static bool is_same_box(struct lun_box a, struct lun_box b)
{
	return a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1;
}

struct lun_list *lun_list_fit(struct lun_list *list, struct lun_box from, struct lun_box to)
{
	struct lun_list *fitted = lun_list_create(to);
	struct lun_op *op = lun_list_append(fitted);
	op->kind = LUN_OP_PAINT;
	op->operator= CAIRO_OPERATOR_OVER;
	op->tolerance = 0.1;
	op->alpha = 1;
	op->bounds = to;
	cairo_matrix_init_identity(&op->matrix);
	op->paint = (struct lun_paint){.kind = LUN_PAINT_GROUP,
	        .group = lun_list_ref(list),
	        .extend = is_same_box(list->extent, from) ? CAIRO_EXTEND_PAD : CAIRO_EXTEND_NONE,
	        .filter = CAIRO_FILTER_GOOD};
	double sx = (double)(from.x1 - from.x0) / (to.x1 - to.x0);
	double sy = (double)(from.y1 - from.y0) / (to.y1 - to.y0);
	cairo_matrix_init(
	        &op->paint.to_pattern, sx, 0, 0, sy, from.x0 - sx * to.x0, from.y0 - sy * to.y0);
	lun_paint_rehash(&op->paint);
	op->content_hash = lun_hash_u64(op->paint.hash, 6);
	op->hash = lun_hash(&op->bounds, sizeof op->bounds, op->content_hash);
	fitted->hash = op->hash;
	return fitted;
}

static int count_points(cairo_path_data_type_t type)
{
	switch (type) {
	case CAIRO_PATH_MOVE_TO:
	case CAIRO_PATH_LINE_TO:
		return 1;
	case CAIRO_PATH_CURVE_TO:
		return 3;
	case CAIRO_PATH_CLOSE_PATH:
		break;
	}
	return 0;
}

uint64_t lun_path_hash(const cairo_path_t *path, uint64_t seed)
{
	uint64_t hash = lun_hash_u64((uint64_t)path->num_data, seed);
	for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
		cairo_path_data_type_t type = path->data[i].header.type;
		hash = lun_hash_u64((uint64_t)type, hash);
		hash = lun_hash(
		        &path->data[i + 1], (size_t)count_points(type) * sizeof path->data[0], hash);
	}
	return hash;
}
