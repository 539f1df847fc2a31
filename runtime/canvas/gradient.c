// Gradients as plain data with an identity, so that equal ones are known to be equal.
#include "canvas/gradient.h"

#include <stdlib.h>
#include <string.h>

struct lun_gradient *lun_gradient_create(bool is_radial, const double *geometry)
{
	struct lun_gradient *gradient = lun_alloc(sizeof *gradient);
	gradient->refs = 1;
	gradient->is_radial = is_radial;
	memcpy(gradient->geometry, geometry, (is_radial ? 6 : 4) * sizeof *geometry);
	gradient->extend = CAIRO_EXTEND_PAD;
	gradient->filter = CAIRO_FILTER_GOOD;
	cairo_matrix_init_identity(&gradient->matrix);
	return gradient;
}

struct lun_gradient *lun_gradient_copy(const struct lun_gradient *gradient)
{
	struct lun_gradient *copy = lun_alloc(sizeof *copy);
	*copy = *gradient;
	copy->refs = 1;
	copy->stops = lun_alloc(gradient->stops_count * sizeof *copy->stops);
	if (gradient->stops_count)
		memcpy(copy->stops, gradient->stops, gradient->stops_count * sizeof *copy->stops);
	return copy;
}

struct lun_gradient *lun_gradient_ref(struct lun_gradient *gradient)
{
	(void)__atomic_add_fetch(&gradient->refs, 1, __ATOMIC_RELAXED);
	return gradient;
}

void lun_gradient_unref(struct lun_gradient *gradient)
{
	if (!gradient || __atomic_sub_fetch(&gradient->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	free(gradient->stops);
	free(gradient);
}

enum lun_result lun_gradient_add_stop(struct lun_gradient *gradient, struct lun_gradient_stop stop)
{
	if (gradient->stops_count >= LUN_GRADIENT_MAX_STOPS)
		return LUN_LIMIT;
	size_t count = gradient->stops_count + 1;
	gradient->stops = reallocarray(gradient->stops, count, sizeof *gradient->stops);
	lun_assert(gradient->stops);
	gradient->stops[gradient->stops_count++] = stop;
	return LUN_OK;
}

uint64_t lun_gradient_hash(const struct lun_gradient *gradient)
{
	uint64_t hash = lun_hash_u64(gradient->is_radial, (uint64_t)gradient->extend);
	hash = lun_hash(gradient->geometry, sizeof gradient->geometry, hash);
	return lun_hash(gradient->stops, gradient->stops_count * sizeof *gradient->stops, hash);
}

cairo_pattern_t *lun_gradient_pattern(const struct lun_gradient *gradient)
{
	const double *g = gradient->geometry;
	cairo_pattern_t *pattern =
	        gradient->is_radial ? cairo_pattern_create_radial(g[0], g[1], g[2], g[3], g[4], g[5])
	                            : cairo_pattern_create_linear(g[0], g[1], g[2], g[3]);
	for (size_t i = 0; i < gradient->stops_count; i++) {
		const struct lun_gradient_stop *stop = &gradient->stops[i];
		cairo_pattern_add_color_stop_rgba(
		        pattern, stop->offset, stop->rgba[0], stop->rgba[1], stop->rgba[2], stop->rgba[3]);
	}
	cairo_pattern_set_extend(pattern, gradient->extend);
	cairo_pattern_set_filter(pattern, gradient->filter);
	return pattern;
}
