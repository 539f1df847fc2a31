// Paints single operations with cairo: directly, or once into a picture of their own. Which
// operations are painted where is the compositor's business.
#include "compose/raster.h"

#include <math.h>
#include <stdlib.h>

static cairo_surface_t *wrap_image(const struct lun_image *image)
{
	return cairo_image_surface_create_for_data(image->argb, CAIRO_FORMAT_ARGB32, image->width_px,
	        image->height_px, image->stride_bytes);
}

static cairo_surface_t *create_surface(cairo_format_t format, struct lun_box box)
{
	cairo_surface_t *surface = cairo_image_surface_create(format, box.x1 - box.x0, box.y1 - box.y0);
	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
		cairo_surface_destroy(surface);
		return NULL;
	}
	cairo_surface_set_device_offset(surface, -box.x0, -box.y0);
	return surface;
}

static void reset(cairo_t *cr)
{
	cairo_identity_matrix(cr);
	cairo_new_path(cr);
	cairo_reset_clip(cr);
}

// What a group recorded, for the pixels of box.
static cairo_surface_t *raster_group(const struct lun_list *group, struct lun_box box)
{
	cairo_surface_t *surface = create_surface(CAIRO_FORMAT_ARGB32, box);
	if (!surface)
		return NULL;
	cairo_t *cr = cairo_create(surface);
	for (size_t i = 0; i < group->count; i++) {
		if (!lun_box_is_empty(lun_box_intersect(group->ops[i].bounds, box)))
			lun_op_paint(&group->ops[i], cr, box, NULL);
	}
	cairo_destroy(cr);
	return surface;
}

static bool is_identity(const cairo_matrix_t *m)
{
	return m->xx == 1 && m->yx == 0 && m->xy == 0 && m->yy == 1 && m->x0 == 0 && m->y0 == 0;
}

static cairo_pattern_t *make_pattern(const struct lun_paint *paint, struct lun_box box)
{
	cairo_surface_t *surface = NULL;
	cairo_pattern_t *pattern = NULL;
	switch (paint->kind) {
	case LUN_PAINT_GRADIENT:
		pattern = lun_gradient_pattern(paint->gradient);
		break;
	case LUN_PAINT_IMAGE:
		surface = wrap_image(paint->image);
		break;
	case LUN_PAINT_GROUP:
		// Drawn where it was recorded, a group is needed for this box only.
		surface = raster_group(
		        paint->group, is_identity(&paint->to_pattern) ? box : paint->group->extent);
		break;
	case LUN_PAINT_SOLID:
		break;
	}
	if (paint->kind == LUN_PAINT_IMAGE || paint->kind == LUN_PAINT_GROUP) {
		if (!surface)
			return cairo_pattern_create_rgba(0, 0, 0, 0);
		pattern = cairo_pattern_create_for_surface(surface);
		cairo_surface_destroy(surface);
		cairo_pattern_set_extend(pattern, paint->extend);
		cairo_pattern_set_filter(pattern, paint->filter);
	} else if (paint->kind == LUN_PAINT_SOLID) {
		const double *c = paint->rgba;
		pattern = cairo_pattern_create_rgba(c[0], c[1], c[2], c[3]);
	}
	cairo_pattern_set_matrix(pattern, &paint->to_pattern);
	return pattern;
}

static void set_source(cairo_t *cr, const struct lun_paint *paint, struct lun_box box)
{
	if (paint->kind == LUN_PAINT_SOLID) {
		const double *c = paint->rgba;
		cairo_set_source_rgba(cr, c[0], c[1], c[2], c[3]);
		return;
	}
	cairo_pattern_t *pattern = make_pattern(paint, box);
	cairo_set_source(cr, pattern);
	cairo_pattern_destroy(pattern);
}

static void apply_clip(cairo_t *cr, const struct lun_clip *clip)
{
	if (!clip)
		return;
	apply_clip(cr, clip->parent);
	cairo_set_fill_rule(cr, clip->fill_rule);
	cairo_set_antialias(cr, clip->antialias);
	cairo_set_tolerance(cr, clip->tolerance);
	cairo_append_path(cr, clip->path);
	cairo_clip(cr);
}

static void apply_style(cairo_t *cr, const struct lun_op *op)
{
	cairo_set_antialias(cr, op->antialias);
	cairo_set_fill_rule(cr, op->fill_rule);
	cairo_set_tolerance(cr, op->tolerance);
}

static void paint_stroke(const struct lun_op *op, cairo_t *cr)
{
	const struct lun_stroke_style *stroke = &op->stroke;
	cairo_append_path(cr, op->path);
	cairo_set_matrix(cr, &op->matrix);
	cairo_set_line_width(cr, stroke->width);
	cairo_set_line_cap(cr, stroke->cap);
	cairo_set_line_join(cr, stroke->join);
	cairo_set_miter_limit(cr, stroke->miter_limit);
	cairo_set_dash(cr, stroke->dashes, stroke->dashes_count, stroke->dash_offset);
	cairo_stroke(cr);
}

static void paint_glyphs(const struct lun_op *op, cairo_t *cr)
{
	cairo_set_matrix(cr, &op->matrix);
	cairo_set_scaled_font(cr, op->font);
	cairo_show_glyphs(cr, op->glyphs, op->glyphs_count);
}

static void add_rounded_box(cairo_t *cr, const struct lun_placement *p)
{
	double r = fmin(p->radius, fmin(p->width, p->height) / 2);
	cairo_new_sub_path(cr);
	cairo_arc(cr, p->x + p->width - r, p->y + r, r, -M_PI_2, 0);
	cairo_arc(cr, p->x + p->width - r, p->y + p->height - r, r, 0, M_PI_2);
	cairo_arc(cr, p->x + r, p->y + p->height - r, r, M_PI_2, M_PI);
	cairo_arc(cr, p->x + r, p->y + r, r, M_PI, 3 * M_PI_2);
	cairo_close_path(cr);
}

// A surface laid into the placement's box, in the user space of the operation.
static void paint_placed(const struct lun_op *op, cairo_t *cr, cairo_surface_t *surface,
        const struct lun_crop *crop, bool is_mirrored)
{
	const struct lun_placement *p = &op->placement;
	cairo_set_matrix(cr, &op->matrix);
	if (p->radius > 0)
		add_rounded_box(cr, p);
	else
		cairo_rectangle(cr, p->x, p->y, p->width, p->height);
	cairo_pattern_t *pattern = cairo_pattern_create_for_surface(surface);
	cairo_matrix_t matrix;
	cairo_matrix_init_translate(&matrix, crop->x_px, crop->y_px);
	cairo_matrix_scale(&matrix, crop->width_px / p->width, crop->height_px / p->height);
	if (is_mirrored) {
		cairo_matrix_translate(&matrix, p->width, 0);
		cairo_matrix_scale(&matrix, -1, 1);
	}
	cairo_matrix_translate(&matrix, -p->x, -p->y);
	cairo_pattern_set_matrix(pattern, &matrix);
	cairo_pattern_set_filter(pattern, p->filter);
	cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD);
	cairo_set_source(cr, pattern);
	cairo_pattern_destroy(pattern);
	if (p->alpha >= 1) {
		cairo_fill(cr);
	} else {
		cairo_clip(cr);
		cairo_paint_with_alpha(cr, p->alpha);
	}
}

// The size in device pixels at which a video is wanted: its box's sides under the matrix.
static void device_size(const struct lun_op *op, int *out_width_px, int *out_height_px)
{
	const cairo_matrix_t *m = &op->matrix;
	double width = op->placement.width * hypot(m->xx, m->yx);
	double height = op->placement.height * hypot(m->xy, m->yy);
	*out_width_px = (int)fmin(fmax(ceil(width), 1), LUN_MAX_SIZE_PX);
	*out_height_px = (int)fmin(fmax(ceil(height), 1), LUN_MAX_SIZE_PX);
}

static void paint_video(const struct lun_op *op, cairo_t *cr)
{
	int width_px, height_px;
	device_size(op, &width_px, &height_px);
	struct lun_box box = {0, 0, width_px, height_px};
	cairo_surface_t *surface = create_surface(CAIRO_FORMAT_ARGB32, box);
	if (!surface)
		return;
	const struct lun_crop whole = {0, 0, width_px, height_px};
	if (lun_convert_picture_to_argb(op->video, &op->placement.crop, op->placement.is_mirrored,
	            width_px, height_px, cairo_image_surface_get_data(surface),
	            cairo_image_surface_get_stride(surface)) == LUN_OK) {
		cairo_surface_mark_dirty(surface);
		paint_placed(op, cr, surface, &whole, false);
	}
	cairo_surface_destroy(surface);
}

static void paint_image(const struct lun_op *op, cairo_t *cr)
{
	cairo_surface_t *surface = wrap_image(op->image);
	paint_placed(op, cr, surface, &op->placement.crop, op->placement.is_mirrored);
	cairo_surface_destroy(surface);
}

static void paint_text(const struct lun_op *op, cairo_t *cr)
{
	cairo_set_matrix(cr, &op->matrix);
	lun_text_draw(op->text, cr, op->text_x, op->text_y);
}

// Operator, clip and style are set; cr is in device space with an empty path.
static void paint_content(const struct lun_op *op, cairo_t *cr, struct lun_box box)
{
	if (op->kind != LUN_OP_IMAGE && op->kind != LUN_OP_VIDEO)
		set_source(cr, &op->paint, box);
	switch (op->kind) {
	case LUN_OP_PAINT:
		if (op->alpha >= 1)
			cairo_paint(cr);
		else
			cairo_paint_with_alpha(cr, op->alpha);
		break;
	case LUN_OP_FILL:
		cairo_append_path(cr, op->path);
		cairo_fill(cr);
		break;
	case LUN_OP_STROKE:
		paint_stroke(op, cr);
		break;
	case LUN_OP_MASK: {
		cairo_pattern_t *mask = make_pattern(&op->mask, box);
		cairo_mask(cr, mask);
		cairo_pattern_destroy(mask);
		break;
	}
	case LUN_OP_GLYPHS:
		paint_glyphs(op, cr);
		break;
	case LUN_OP_TEXT:
		paint_text(op, cr);
		break;
	case LUN_OP_IMAGE:
		paint_image(op, cr);
		break;
	case LUN_OP_VIDEO:
		paint_video(op, cr);
		break;
	}
}

// A video that fills whole device pixels, upright, square-cornered and opaque, needs no cairo: it
// is converted where it will lie.
static bool is_plain_video(const struct lun_op *op, struct lun_box box)
{
	const cairo_matrix_t *m = &op->matrix;
	const struct lun_placement *p = &op->placement;
	if (op->kind != LUN_OP_VIDEO || p->radius > 0 || p->alpha < 1 || m->xy != 0 || m->yx != 0 ||
	        m->xx <= 0 || m->yy <= 0)
		return false;
	const double x = m->xx * p->x + m->x0, y = m->yy * p->y + m->y0;
	return fabs(x - box.x0) < 1e-3 && fabs(y - box.y0) < 1e-3 &&
	       fabs(x + m->xx * p->width - box.x1) < 1e-3 &&
	       fabs(y + m->yy * p->height - box.y1) < 1e-3;
}

static void convert_plain_video(const struct lun_op *op, cairo_surface_t *surface)
{
	cairo_surface_flush(surface);
	(void)lun_convert_picture_to_argb(op->video, &op->placement.crop, op->placement.is_mirrored,
	        cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface),
	        cairo_image_surface_get_data(surface), cairo_image_surface_get_stride(surface));
	cairo_surface_mark_dirty(surface);
}

// Such a group is rastered whole, wherever it is asked for.
static bool is_moved_group(const struct lun_paint *paint)
{
	return paint->kind == LUN_PAINT_GROUP && !is_identity(&paint->to_pattern);
}

bool lun_op_wants_picture(const struct lun_op *op)
{
	// Other operators see the shape's coverage, which a picture no longer tells from its colour.
	return op->operator==
	        CAIRO_OPERATOR_OVER &&(op->kind == LUN_OP_TEXT || op->kind == LUN_OP_IMAGE ||
	                               op->kind == LUN_OP_VIDEO || is_moved_group(&op->paint));
}

cairo_surface_t *lun_op_make_picture(const struct lun_op *op, struct lun_box box)
{
	bool is_plain = is_plain_video(op, box);
	cairo_surface_t *surface =
	        create_surface(is_plain ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32, box);
	if (!surface)
		return NULL;
	if (is_plain) {
		convert_plain_video(op, surface);
		return surface;
	}
	cairo_t *cr = cairo_create(surface);
	apply_style(cr, op);
	paint_content(op, cr, box);
	cairo_destroy(cr);
	return surface;
}

void lun_op_paint(
        const struct lun_op *op, cairo_t *cr, struct lun_box box, cairo_surface_t *picture)
{
	apply_clip(cr, op->clip);
	cairo_set_operator(cr, op->operator);
	apply_style(cr, op);
	if (picture) {
		cairo_set_source_surface(cr, picture, 0, 0);
		cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
		cairo_paint(cr);
	} else {
		paint_content(op, cr, box);
	}
	reset(cr);
}
