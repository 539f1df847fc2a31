/**
 * A linear or radial gradient as data. Reference counted; immutable while shared: who wants to
 * change one that has other owners works on lun_gradient_copy(). Thread: any once shared.
 */
#pragma once

#include <cairo.h>

#include "lunette/base.h"

struct lun_gradient_stop {
	double offset; /**< 0..1 */
	double rgba[4];
};

#define LUN_GRADIENT_MAX_STOPS 4096

struct lun_gradient {
	int refs; // atomic
	bool is_radial;
	double geometry[6];              /**< x0 y0 x1 y1, or cx0 cy0 r0 cx1 cy1 r1 */
	struct lun_gradient_stop *stops; // owned
	size_t stops_count;
	cairo_extend_t extend;
	cairo_filter_t filter;
	cairo_matrix_t matrix; /**< user space to the gradient's space, as cairo_pattern_set_matrix */
};

struct lun_gradient *lun_gradient_create(bool is_radial, const double *geometry);
struct lun_gradient *lun_gradient_copy(const struct lun_gradient *gradient);
struct lun_gradient *lun_gradient_ref(struct lun_gradient *gradient);
void lun_gradient_unref(struct lun_gradient *gradient); /**< NULL is fine */

/** @return LUN_LIMIT above LUN_GRADIENT_MAX_STOPS */
enum lun_result lun_gradient_add_stop(struct lun_gradient *gradient, struct lun_gradient_stop stop);
uint64_t lun_gradient_hash(const struct lun_gradient *gradient);
/** A cairo pattern with everything but a matrix set. The caller destroys it. */
cairo_pattern_t *lun_gradient_pattern(const struct lun_gradient *gradient);
