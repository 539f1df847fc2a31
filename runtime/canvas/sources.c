// What operations paint with: sources, and the patterns that a scene holds on to. A source is
// locked to the user space of the moment in which it is set, as in cairo.
#include <stdlib.h>

#include "canvas/recorder_impl.h"

// Takes the paint. pattern: its place among the patterns, -1 without.
static void put_source(struct lun_recorder *recorder, struct lun_paint paint,
        const cairo_matrix_t *user_to_pattern, int pattern)
{
	struct recorder_state *state = lun_recorder_current(recorder);
	lun_paint_clear(&state->source);
	state->source = paint;
	state->user_to_pattern = *user_to_pattern;
	state->pattern = pattern;
}

static bool is_same_matrix(const cairo_matrix_t *a, const cairo_matrix_t *b)
{
	return a->xx == b->xx && a->yx == b->yx && a->xy == b->xy && a->yy == b->yy && a->x0 == b->x0 &&
	       a->y0 == b->y0;
}

// Device space to pattern space. Where both are the same, it is the identity, to the last bit.
static cairo_matrix_t lock_to_user_space(
        struct lun_recorder *recorder, const cairo_matrix_t *user_to_pattern)
{
	cairo_matrix_t inverse, matrix;
	cairo_get_matrix(recorder->cr, &inverse);
	cairo_matrix_init_identity(&matrix);
	if (is_same_matrix(&inverse, user_to_pattern))
		return matrix;
	(void)cairo_matrix_invert(&inverse); // bindings refuse singular matrices
	cairo_matrix_multiply(&matrix, &inverse, user_to_pattern);
	return matrix;
}

static struct lun_paint make_gradient_paint(
        struct lun_recorder *recorder, struct lun_gradient *gradient)
{
	struct lun_paint paint = {
	        .kind = LUN_PAINT_GRADIENT,
	        .gradient = lun_gradient_ref(gradient),
	        .to_pattern = lock_to_user_space(recorder, &gradient->matrix),
	        .extend = gradient->extend,
	        .filter = gradient->filter,
	};
	lun_paint_rehash(&paint);
	return paint;
}

static struct lun_paint make_image_paint(struct lun_recorder *recorder, struct lun_image *image,
        const cairo_matrix_t *user_to_pattern)
{
	struct lun_paint paint = {
	        .kind = LUN_PAINT_IMAGE,
	        .image = lun_image_ref(image),
	        .to_pattern = lock_to_user_space(recorder, user_to_pattern),
	        .extend = CAIRO_EXTEND_NONE,
	        .filter = CAIRO_FILTER_GOOD,
	};
	lun_paint_rehash(&paint);
	return paint;
}

void lun_recorder_set_source_rgba(
        struct lun_recorder *recorder, double r, double g, double b, double a)
{
	cairo_matrix_t identity;
	cairo_matrix_init_identity(&identity);
	put_source(recorder, lun_paint_solid(r, g, b, a), &identity, -1);
}

void lun_recorder_set_source_gradient(struct lun_recorder *recorder, struct lun_gradient *gradient)
{
	put_source(recorder, make_gradient_paint(recorder, gradient), &gradient->matrix, -1);
}

void lun_recorder_set_source_image(
        struct lun_recorder *recorder, struct lun_image *image, double x, double y)
{
	cairo_matrix_t user_to_pattern;
	cairo_matrix_init_translate(&user_to_pattern, -x, -y);
	put_source(recorder, make_image_paint(recorder, image, &user_to_pattern), &user_to_pattern, -1);
}

enum lun_result lun_recorder_mask_image(struct lun_recorder *recorder, struct lun_image *image,
        double x, double y, struct lun_error *err)
{
	cairo_matrix_t user_to_pattern;
	cairo_matrix_init_translate(&user_to_pattern, -x, -y);
	return lun_recorder_mask(recorder, make_image_paint(recorder, image, &user_to_pattern), err);
}

enum lun_result lun_recorder_mask_gradient(
        struct lun_recorder *recorder, struct lun_gradient *gradient, struct lun_error *err)
{
	return lun_recorder_mask(recorder, make_gradient_paint(recorder, gradient), err);
}

/* Patterns. */

void lun_recorder_clear_patterns(struct lun_recorder *recorder)
{
	for (size_t i = 0; i < recorder->patterns_count; i++)
		lun_paint_clear(&recorder->patterns[i].paint);
	recorder->patterns_count = 0;
}

uint64_t lun_recorder_serial(const struct lun_recorder *recorder)
{
	return recorder->serial;
}

// Takes the paint.
static int keep_pattern(struct lun_recorder *recorder, struct lun_paint paint,
        const cairo_matrix_t *user_to_pattern)
{
	if (recorder->patterns_count == recorder->patterns_capacity) {
		recorder->patterns_capacity =
		        recorder->patterns_capacity ? recorder->patterns_capacity * 2 : 8;
		recorder->patterns = reallocarray(
		        recorder->patterns, recorder->patterns_capacity, sizeof *recorder->patterns);
		lun_assert(recorder->patterns);
	}
	recorder->patterns[recorder->patterns_count] =
	        (struct recorder_pattern){paint, *user_to_pattern};
	recorder->bytes += sizeof *recorder->patterns;
	return (int)recorder->patterns_count++;
}

enum lun_result lun_recorder_pop_group(
        struct lun_recorder *recorder, int *out_pattern, struct lun_error *err)
{
	struct lun_list *group = lun_recorder_take_group(recorder);
	if (!group)
		return lun_fail(err, LUN_INVALID, "pop_group without a push_group");
	struct lun_paint paint = {.kind = LUN_PAINT_GROUP, .group = group, .filter = CAIRO_FILTER_GOOD};
	cairo_matrix_t user_to_device; // a group lies where it was drawn
	cairo_get_matrix(recorder->cr, &user_to_device);
	*out_pattern = keep_pattern(recorder, paint, &user_to_device);
	return LUN_OK;
}

bool lun_recorder_pop_group_to_source(struct lun_recorder *recorder)
{
	int pattern;
	if (lun_recorder_pop_group(recorder, &pattern, NULL) != LUN_OK)
		return false;
	lun_recorder_set_source_pattern(recorder, pattern);
	return true;
}

enum lun_result lun_recorder_get_source(
        struct lun_recorder *recorder, int *out_pattern, struct lun_error *err)
{
	struct recorder_state *state = lun_recorder_current(recorder);
	if (state->pattern < 0) {
		enum lun_result rc = lun_recorder_check_limits(recorder, err);
		if (rc != LUN_OK)
			return rc;
		state->pattern =
		        keep_pattern(recorder, lun_paint_copy(&state->source), &state->user_to_pattern);
	}
	*out_pattern = state->pattern;
	return LUN_OK;
}

// A pattern as a paint under the current matrix.
static struct lun_paint lock_pattern(struct lun_recorder *recorder, int pattern)
{
	const struct recorder_pattern *kept = &recorder->patterns[pattern];
	struct lun_paint paint = lun_paint_copy(&kept->paint);
	if (paint.kind != LUN_PAINT_SOLID)
		paint.to_pattern = lock_to_user_space(recorder, &kept->user_to_pattern);
	lun_paint_rehash(&paint);
	return paint;
}

void lun_recorder_set_source_pattern(struct lun_recorder *recorder, int pattern)
{
	put_source(recorder, lock_pattern(recorder, pattern),
	        &recorder->patterns[pattern].user_to_pattern, pattern);
}

enum lun_result lun_recorder_mask_pattern(
        struct lun_recorder *recorder, int pattern, struct lun_error *err)
{
	return lun_recorder_mask(recorder, lock_pattern(recorder, pattern), err);
}

// The current source, if it is that pattern.
static struct lun_paint *find_source(struct lun_recorder *recorder, int pattern)
{
	struct recorder_state *state = lun_recorder_current(recorder);
	return state->pattern == pattern ? &state->source : NULL;
}

// A gradient brings its own extend and filter; the scene's handle of it keeps its own.
static void set_paint_style(struct lun_paint *paint, cairo_extend_t extend, cairo_filter_t filter)
{
	if (paint->kind == LUN_PAINT_GRADIENT) {
		struct lun_gradient *copy = lun_gradient_copy(paint->gradient);
		copy->extend = extend;
		copy->filter = filter;
		lun_gradient_unref(paint->gradient);
		paint->gradient = copy;
	}
	paint->extend = extend;
	paint->filter = filter;
	lun_paint_rehash(paint);
}

static void set_pattern_style(
        struct lun_recorder *recorder, int pattern, cairo_extend_t extend, cairo_filter_t filter)
{
	struct lun_paint *source = find_source(recorder, pattern);
	set_paint_style(&recorder->patterns[pattern].paint, extend, filter);
	if (source)
		set_paint_style(source, extend, filter);
}

void lun_recorder_set_pattern_extend(
        struct lun_recorder *recorder, int pattern, cairo_extend_t extend)
{
	set_pattern_style(recorder, pattern, extend, recorder->patterns[pattern].paint.filter);
}

void lun_recorder_set_pattern_filter(
        struct lun_recorder *recorder, int pattern, cairo_filter_t filter)
{
	set_pattern_style(recorder, pattern, recorder->patterns[pattern].paint.extend, filter);
}

void lun_recorder_set_pattern_matrix(
        struct lun_recorder *recorder, int pattern, const cairo_matrix_t *user_to_pattern)
{
	struct lun_paint *source = find_source(recorder, pattern);
	struct recorder_pattern *kept = &recorder->patterns[pattern];
	if (source && source->kind != LUN_PAINT_SOLID) {
		// Device to user space, as it was when the source was set, then the new matrix.
		cairo_matrix_t device_to_user, inverse = kept->user_to_pattern;
		(void)cairo_matrix_invert(&inverse);
		cairo_matrix_multiply(&device_to_user, &source->to_pattern, &inverse);
		cairo_matrix_multiply(&source->to_pattern, &device_to_user, user_to_pattern);
		lun_recorder_current(recorder)->user_to_pattern = *user_to_pattern;
		lun_paint_rehash(source);
	}
	kept->user_to_pattern = *user_to_pattern;
}
