// Turns drawing calls into operations of a display list. It decides where an operation can paint
// and what identifies it; it paints nothing.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "canvas/recorder_impl.h"

struct lun_recorder *lun_recorder_create(void)
{
	return lun_alloc(sizeof(struct lun_recorder));
}

#define current lun_recorder_current

static struct recorder_state *push_state(struct lun_recorder *recorder)
{
	if (recorder->depth == recorder->capacity) {
		recorder->capacity = recorder->capacity ? recorder->capacity * 2 : 16;
		recorder->states =
		        reallocarray(recorder->states, recorder->capacity, sizeof *recorder->states);
		lun_assert(recorder->states);
	}
	struct recorder_state *state = &recorder->states[recorder->depth++];
	*state = (struct recorder_state){.pattern = -1};
	return state;
}

static void pop_state(struct lun_recorder *recorder)
{
	struct recorder_state *state = &recorder->states[--recorder->depth];
	lun_paint_clear(&state->source);
	lun_clip_unref(state->clip);
	lun_list_unref(state->group);
}

// The outermost clip: a box of device pixels that the scene cannot undo.
static struct lun_clip *make_base_clip(cairo_t *cr, struct lun_box box)
{
	struct lun_clip *clip = lun_alloc(sizeof *clip);
	clip->refs = 1;
	clip->bounds = box;
	cairo_rectangle(cr, box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0);
	clip->path = cairo_copy_path(cr);
	cairo_new_path(cr);
	clip->tolerance = cairo_get_tolerance(cr);
	clip->hash = lun_hash(&box, sizeof box, 5);
	return clip;
}

static bool is_same_box(struct lun_box a, struct lun_box b)
{
	return a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1;
}

// Toy text looks the same on every machine: no hinting, whatever fontconfig wishes.
static void set_font_options(cairo_t *cr)
{
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_set_font_options(cr, options);
	cairo_font_options_destroy(options);
}

void lun_recorder_begin(struct lun_recorder *recorder, struct lun_box frame, struct lun_box visible,
        const cairo_matrix_t *base)
{
	lun_assert(!recorder->cr);
	recorder->extent = visible;
	recorder->base = recorder->base_inverse = *base;
	lun_assert(cairo_matrix_invert(&recorder->base_inverse) == CAIRO_STATUS_SUCCESS);
	cairo_rectangle_t area = {
	        visible.x0, visible.y0, visible.x1 - visible.x0, visible.y1 - visible.y0};
	recorder->surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &area);
	recorder->cr = cairo_create(recorder->surface);
	if (!is_same_box(frame, visible))
		recorder->base_clip = make_base_clip(recorder->cr, visible);
	cairo_set_matrix(recorder->cr, base);
	recorder->list = lun_list_create(visible);
	recorder->ops = recorder->bytes = recorder->replays = 0;
	recorder->serial++;
	set_font_options(recorder->cr);
	recorder->points = 0;
	struct recorder_state *state = push_state(recorder);
	state->source = lun_paint_solid(0, 0, 0, 1);
	state->clip = lun_clip_ref(recorder->base_clip);
}

static void close_context(struct lun_recorder *recorder)
{
	cairo_destroy(recorder->cr);
	cairo_surface_destroy(recorder->surface);
	lun_clip_unref(recorder->base_clip);
	recorder->cr = NULL;
	recorder->surface = NULL;
	recorder->base_clip = NULL;
}

// Whatever a group left open drew is lost, as in cairo; the frame is the outermost list.
static void unwind(struct lun_recorder *recorder)
{
	while (recorder->depth > 0) {
		struct lun_list *outer = current(recorder)->group;
		if (outer) {
			lun_list_unref(recorder->list);
			recorder->list = lun_list_ref(outer);
		}
		pop_state(recorder);
	}
}

static void seal(struct lun_list *list)
{
	uint64_t hash = lun_hash(&list->extent, sizeof list->extent, 3);
	for (size_t i = 0; i < list->count; i++)
		hash = lun_hash_u64(list->ops[i].hash, hash);
	list->hash = hash;
}

struct lun_list *lun_recorder_end(struct lun_recorder *recorder, int *out_unbalanced)
{
	*out_unbalanced = 0;
	if (!recorder->cr)
		return NULL;
	*out_unbalanced = (int)recorder->depth - 1;
	unwind(recorder);
	lun_recorder_clear_patterns(recorder);
	close_context(recorder);
	struct lun_list *list = recorder->list;
	recorder->list = NULL;
	seal(list);
	return list;
}

void lun_recorder_destroy(struct lun_recorder *recorder)
{
	if (!recorder)
		return;
	int unbalanced;
	lun_list_unref(lun_recorder_end(recorder, &unbalanced));
	free(recorder->patterns);
	free(recorder->states);
	free(recorder);
}

bool lun_recorder_is_begun(const struct lun_recorder *recorder)
{
	return recorder->cr;
}

void lun_recorder_new_path(struct lun_recorder *recorder)
{
	cairo_new_path(recorder->cr);
	recorder->points = 0;
}

bool lun_recorder_count_points(struct lun_recorder *recorder, double points)
{
	if (recorder->points + points > LUN_MAX_PATH_POINTS)
		return false;
	recorder->points += points;
	return true;
}

cairo_t *lun_recorder_cairo(struct lun_recorder *recorder)
{
	return recorder->cr;
}

void lun_recorder_get_matrix(struct lun_recorder *recorder, cairo_matrix_t *out_matrix)
{
	cairo_matrix_t matrix;
	cairo_get_matrix(recorder->cr, &matrix);
	cairo_matrix_multiply(out_matrix, &matrix, &recorder->base_inverse);
}

bool lun_recorder_set_matrix(struct lun_recorder *recorder, const cairo_matrix_t *matrix)
{
	cairo_matrix_t device;
	cairo_matrix_multiply(&device, matrix, &recorder->base);
	double determinant = device.xx * device.yy - device.yx * device.xy; // what cairo looks at
	if (!isfinite(determinant) || determinant == 0)
		return false;
	cairo_set_matrix(recorder->cr, &device);
	return true;
}

static void save(struct lun_recorder *recorder)
{
	cairo_save(recorder->cr);
	struct recorder_state *state = push_state(recorder);
	const struct recorder_state *outer = state - 1;
	*state = *outer;
	state->source = lun_paint_copy(&outer->source);
	state->clip = lun_clip_ref(outer->clip);
	state->group = NULL;
}

enum lun_result lun_recorder_save(struct lun_recorder *recorder, struct lun_error *err)
{
	if (recorder->depth > LUN_MAX_SAVES)
		return lun_fail(err, LUN_LIMIT, "more than %d saves without a restore", LUN_MAX_SAVES);
	save(recorder);
	return LUN_OK;
}

bool lun_recorder_restore(struct lun_recorder *recorder)
{
	if (recorder->depth <= 1 || current(recorder)->group)
		return false;
	pop_state(recorder);
	cairo_restore(recorder->cr);
	return true;
}

enum lun_result lun_recorder_push_group(struct lun_recorder *recorder, struct lun_error *err)
{
	if (recorder->depth > LUN_MAX_SAVES)
		return lun_fail(err, LUN_LIMIT, "more than %d groups left open", LUN_MAX_SAVES);
	save(recorder);
	current(recorder)->group = recorder->list; // takes our reference
	recorder->list = lun_list_create(recorder->extent);
	return LUN_OK;
}

struct lun_list *lun_recorder_take_group(struct lun_recorder *recorder)
{
	if (!current(recorder)->group)
		return NULL;
	struct lun_list *group = recorder->list;
	seal(group);
	recorder->list = lun_list_ref(current(recorder)->group);
	pop_state(recorder);
	cairo_restore(recorder->cr);
	return group;
}

// The path in device space, as cairo holds it (to 1/256 of a pixel), so that replay is exact.
static cairo_path_t *copy_device_path(cairo_t *cr)
{
	cairo_matrix_t matrix;
	cairo_get_matrix(cr, &matrix);
	cairo_identity_matrix(cr);
	cairo_path_t *path = cairo_copy_path(cr);
	cairo_set_matrix(cr, &matrix);
	return path;
}

// Bounds of the path grown by margin device pixels, inside limit.
static struct lun_box bound_path(cairo_t *cr, double margin, struct lun_box limit)
{
	cairo_matrix_t matrix;
	cairo_get_matrix(cr, &matrix);
	cairo_identity_matrix(cr);
	double x0, y0, x1, y1;
	cairo_path_extents(cr, &x0, &y0, &x1, &y1);
	cairo_set_matrix(cr, &matrix);
	return lun_box_around(x0 - margin, y0 - margin, x1 + margin, y1 + margin, limit);
}

static struct lun_box bound_user_box(
        cairo_t *cr, double x0, double y0, double x1, double y1, struct lun_box limit)
{
	const double corners[4][2] = {{x0, y0}, {x1, y0}, {x0, y1}, {x1, y1}};
	double low_x = INFINITY, low_y = INFINITY, high_x = -INFINITY, high_y = -INFINITY;
	for (int i = 0; i < 4; i++) {
		double x = corners[i][0], y = corners[i][1];
		cairo_user_to_device(cr, &x, &y);
		low_x = fmin(low_x, x);
		low_y = fmin(low_y, y);
		high_x = fmax(high_x, x);
		high_y = fmax(high_y, y);
	}
	return lun_box_around(low_x - 1, low_y - 1, high_x + 1, high_y + 1, limit);
}

double lun_limit_length(cairo_t *cr, double length)
{
	cairo_matrix_t m;
	cairo_get_matrix(cr, &m);
	double limit = 1e6 / fmax(hypot(m.xx, m.yx), hypot(m.xy, m.yy));
	return fmax(-limit, fmin(length, limit));
}

static struct lun_box clip_bounds(struct lun_recorder *recorder)
{
	const struct lun_clip *clip = current(recorder)->clip;
	return clip ? clip->bounds : recorder->extent;
}

// Operators that also change pixels outside the shape (within the clip).
static bool is_unbounded(cairo_operator_t operator)
{
	return operator== CAIRO_OPERATOR_IN || operator== CAIRO_OPERATOR_OUT || operator==
	        CAIRO_OPERATOR_DEST_IN ||
	        operator== CAIRO_OPERATOR_DEST_ATOP;
}

static enum lun_result check_group(
        struct lun_recorder *recorder, const struct lun_list *group, struct lun_error *err)
{
	if (group->depth >= LUN_MAX_GROUP_DEPTH)
		return lun_fail(err, LUN_LIMIT, "groups drawn inside groups, more than %d deep",
		        LUN_MAX_GROUP_DEPTH);
	if (recorder->replays + group->weight > LUN_MAX_REPLAYS)
		return lun_fail(err, LUN_LIMIT, "groups draw more than %d operations in one frame",
		        LUN_MAX_REPLAYS);
	return LUN_OK;
}

enum lun_result lun_recorder_check_limits(struct lun_recorder *recorder, struct lun_error *err)
{
	if (recorder->ops >= LUN_MAX_OPS)
		return lun_fail(err, LUN_LIMIT, "more than %d draw operations in one frame", LUN_MAX_OPS);
	if (recorder->bytes >= LUN_MAX_LIST_BYTES)
		return lun_fail(err, LUN_LIMIT, "the drawing of one frame takes more than %zu MiB",
		        LUN_MAX_LIST_BYTES >> 20);
	const struct lun_paint *source = &current(recorder)->source;
	if (source->kind == LUN_PAINT_GROUP)
		return check_group(recorder, source->group, err);
	return LUN_OK;
}

// Can a drawing call with these bounds change no pixel at all?
static bool is_invisible(struct lun_recorder *recorder, struct lun_box bounds)
{
	return lun_box_is_empty(bounds) && !is_unbounded(cairo_get_operator(recorder->cr));
}

static struct lun_op *append_op(
        struct lun_recorder *recorder, enum lun_op_kind kind, struct lun_box bounds)
{
	cairo_t *cr = recorder->cr;
	struct lun_op *op = lun_list_append(recorder->list);
	op->kind = kind;
	op->operator= cairo_get_operator(cr);
	op->antialias = cairo_get_antialias(cr);
	op->fill_rule = cairo_get_fill_rule(cr);
	op->tolerance = cairo_get_tolerance(cr);
	op->alpha = 1;
	cairo_get_matrix(cr, &op->matrix);
	op->bounds = is_unbounded(op->operator) ? clip_bounds(recorder) : bounds;
	op->clip = lun_clip_ref(current(recorder)->clip);
	op->content_hash = lun_hash_u64((uint64_t)kind, 4);
	recorder->ops++;
	recorder->list->weight++;
	recorder->bytes += sizeof *op;
	return op;
}

// A group that is painted is replayed: it counts with all that it holds.
static void count_group(struct lun_recorder *recorder, const struct lun_paint *paint)
{
	if (paint->kind != LUN_PAINT_GROUP)
		return;
	struct lun_list *list = recorder->list;
	list->weight += paint->group->weight;
	recorder->replays += paint->group->weight;
	if (list->depth <= paint->group->depth)
		list->depth = paint->group->depth + 1;
}

static void take_source(struct lun_recorder *recorder, struct lun_op *op)
{
	op->paint = lun_paint_copy(&current(recorder)->source);
	count_group(recorder, &op->paint);
}

static void mix_content(struct lun_op *op, const void *bytes, size_t size_bytes)
{
	op->content_hash = lun_hash(bytes, size_bytes, op->content_hash);
}

// The last step of every drawing call: the identity of the operation as a whole.
static void finish_op(struct lun_op *op)
{
	double style[] = {op->antialias, op->tolerance, op->alpha, op->fill_rule};
	mix_content(op, style, sizeof style);
	op->content_hash = lun_hash_u64(op->paint.hash, op->content_hash);
	uint64_t hash = lun_hash_u64((uint64_t)op->operator, op->content_hash);
	hash = lun_hash(&op->bounds, sizeof op->bounds, hash);
	op->hash = lun_hash_u64(op->clip ? op->clip->hash : 0, hash);
}

static void take_path(struct lun_recorder *recorder, struct lun_op *op)
{
	op->path = copy_device_path(recorder->cr);
	op->content_hash = lun_path_hash(op->path, op->content_hash);
	recorder->bytes += (size_t)op->path->num_data * sizeof op->path->data[0];
}

enum lun_result lun_recorder_fill(
        struct lun_recorder *recorder, bool preserve, struct lun_error *err)
{
	enum lun_result rc = lun_recorder_check_limits(recorder, err);
	if (rc != LUN_OK)
		return rc;
	struct lun_box bounds = bound_path(recorder->cr, 1, clip_bounds(recorder));
	if (!is_invisible(recorder, bounds)) {
		struct lun_op *op = append_op(recorder, LUN_OP_FILL, bounds);
		take_source(recorder, op);
		take_path(recorder, op);
		finish_op(op);
	}
	if (!preserve)
		lun_recorder_new_path(recorder);
	return LUN_OK;
}

static void take_stroke_style(cairo_t *cr, struct lun_op *op)
{
	struct lun_stroke_style *stroke = &op->stroke;
	stroke->width = lun_limit_length(cr, cairo_get_line_width(cr));
	stroke->miter_limit = cairo_get_miter_limit(cr);
	stroke->cap = cairo_get_line_cap(cr);
	stroke->join = cairo_get_line_join(cr);
	stroke->dashes_count = cairo_get_dash_count(cr);
	if (stroke->dashes_count > 0) {
		stroke->dashes = lun_alloc((size_t)stroke->dashes_count * sizeof(double));
		cairo_get_dash(cr, stroke->dashes, &stroke->dash_offset);
		mix_content(op, stroke->dashes, (size_t)stroke->dashes_count * sizeof(double));
	}
	double numbers[] = {
	        stroke->width, stroke->miter_limit, stroke->cap, stroke->join, stroke->dash_offset};
	mix_content(op, numbers, sizeof numbers);
	mix_content(op, &op->matrix, sizeof op->matrix);
}

// How far from its path a stroke can reach, in device pixels.
static double stroke_reach(cairo_t *cr)
{
	cairo_matrix_t m;
	cairo_get_matrix(cr, &m);
	double scale = fmax(hypot(m.xx, m.yx) + hypot(m.xy, m.yy), 0);
	double reach = cairo_get_line_join(cr) == CAIRO_LINE_JOIN_MITER
	                       ? fmax(cairo_get_miter_limit(cr), M_SQRT2)
	                       : M_SQRT2;
	return 1 + cairo_get_line_width(cr) / 2 * reach * scale;
}

enum lun_result lun_recorder_stroke(
        struct lun_recorder *recorder, bool preserve, struct lun_error *err)
{
	enum lun_result rc = lun_recorder_check_limits(recorder, err);
	if (rc != LUN_OK)
		return rc;
	struct lun_box bounds =
	        bound_path(recorder->cr, stroke_reach(recorder->cr), clip_bounds(recorder));
	if (!is_invisible(recorder, bounds)) {
		struct lun_op *op = append_op(recorder, LUN_OP_STROKE, bounds);
		take_source(recorder, op);
		take_path(recorder, op);
		take_stroke_style(recorder->cr, op);
		finish_op(op);
	}
	if (!preserve)
		lun_recorder_new_path(recorder);
	return LUN_OK;
}

enum lun_result lun_recorder_paint(
        struct lun_recorder *recorder, double alpha, struct lun_error *err)
{
	enum lun_result rc = lun_recorder_check_limits(recorder, err);
	if (rc != LUN_OK || lun_box_is_empty(clip_bounds(recorder)))
		return rc;
	struct lun_op *op = append_op(recorder, LUN_OP_PAINT, clip_bounds(recorder));
	take_source(recorder, op);
	op->alpha = alpha;
	finish_op(op);
	return LUN_OK;
}

enum lun_result lun_recorder_mask(
        struct lun_recorder *recorder, struct lun_paint mask, struct lun_error *err)
{
	enum lun_result rc = lun_recorder_check_limits(recorder, err);
	if (rc == LUN_OK && mask.kind == LUN_PAINT_GROUP)
		rc = check_group(recorder, mask.group, err);
	if (rc != LUN_OK || lun_box_is_empty(clip_bounds(recorder))) {
		lun_paint_clear(&mask);
		return rc;
	}
	struct lun_op *op = append_op(recorder, LUN_OP_MASK, clip_bounds(recorder));
	take_source(recorder, op);
	op->mask = mask;
	count_group(recorder, &op->mask);
	op->content_hash = lun_hash_u64(mask.hash, op->content_hash);
	finish_op(op);
	return LUN_OK;
}

// What a toy font is, not where cairo keeps it: an address is given to another font later on.
static void mix_font(struct lun_op *op)
{
	cairo_font_face_t *face = cairo_scaled_font_get_font_face(op->font);
	lun_assert(cairo_font_face_get_type(face) == CAIRO_FONT_TYPE_TOY);
	const char *family = cairo_toy_font_face_get_family(face);
	cairo_matrix_t matrices[2];
	cairo_scaled_font_get_font_matrix(op->font, &matrices[0]);
	cairo_scaled_font_get_ctm(op->font, &matrices[1]);
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_scaled_font_get_font_options(op->font, options);
	double style[] = {cairo_toy_font_face_get_slant(face), cairo_toy_font_face_get_weight(face),
	        (double)cairo_font_options_hash(options)};
	cairo_font_options_destroy(options);
	mix_content(op, family, strlen(family) + 1);
	mix_content(op, matrices, sizeof matrices);
	mix_content(op, style, sizeof style);
}

enum lun_result lun_recorder_show_text(
        struct lun_recorder *recorder, const char *utf8, struct lun_error *err)
{
	enum lun_result rc = lun_recorder_check_limits(recorder, err);
	if (rc != LUN_OK)
		return rc;
	cairo_t *cr = recorder->cr;
	double x, y;
	cairo_get_current_point(cr, &x, &y);
	cairo_scaled_font_t *font = cairo_get_scaled_font(cr);
	cairo_glyph_t *glyphs = NULL;
	int count = 0;
	if (cairo_scaled_font_text_to_glyphs(font, x, y, utf8, -1, &glyphs, &count, NULL, NULL, NULL) !=
	        CAIRO_STATUS_SUCCESS)
		return lun_fail(err, LUN_INVALID, "text is not valid UTF-8");
	cairo_text_extents_t extents;
	cairo_scaled_font_glyph_extents(font, glyphs, count, &extents);
	struct lun_box bounds = bound_user_box(cr, x + extents.x_bearing, y + extents.y_bearing,
	        x + extents.x_bearing + extents.width, y + extents.y_bearing + extents.height,
	        clip_bounds(recorder));
	struct lun_op *op = append_op(recorder, LUN_OP_GLYPHS, bounds);
	take_source(recorder, op);
	op->font = cairo_scaled_font_reference(font);
	op->glyphs = glyphs;
	op->glyphs_count = count;
	for (int i = 0; i < count; i++) {
		double glyph[] = {(double)glyphs[i].index, glyphs[i].x, glyphs[i].y};
		mix_content(op, glyph, sizeof glyph);
	}
	mix_font(op);
	mix_content(op, &op->matrix, sizeof op->matrix);
	finish_op(op);
	cairo_move_to(cr, x + extents.x_advance, y + extents.y_advance);
	return LUN_OK;
}

enum lun_result lun_recorder_text(struct lun_recorder *recorder, struct lun_text *text, double x,
        double y, const double *rgba, struct lun_error *err)
{
	enum lun_result rc = lun_recorder_check_limits(recorder, err);
	if (rc != LUN_OK)
		return rc;
	double ink[4];
	lun_text_ink(text, ink);
	struct lun_box bounds = bound_user_box(
	        recorder->cr, x + ink[0], y + ink[1], x + ink[2], y + ink[3], clip_bounds(recorder));
	if (is_invisible(recorder, bounds))
		return LUN_OK;
	struct lun_op *op = append_op(recorder, LUN_OP_TEXT, bounds);
	if (rgba)
		op->paint = lun_paint_solid(rgba[0], rgba[1], rgba[2], rgba[3]);
	else
		take_source(recorder, op);
	op->text = lun_text_ref(text);
	op->text_x = x;
	op->text_y = y;
	op->content_hash = lun_hash_u64(lun_text_hash(text), op->content_hash);
	double at[] = {x, y};
	mix_content(op, at, sizeof at);
	mix_content(op, &op->matrix, sizeof op->matrix);
	finish_op(op);
	return LUN_OK;
}

enum lun_result lun_recorder_text_outline(struct lun_recorder *recorder, struct lun_text *text,
        double x, double y, double width, const double *rgba, struct lun_error *err)
{
	cairo_t *cr = recorder->cr;
	enum lun_result rc = lun_recorder_save(recorder, err);
	if (rc != LUN_OK)
		return rc;
	cairo_path_t *path = copy_device_path(cr);
	double points = recorder->points;
	cairo_new_path(cr);
	lun_text_path(text, cr, x, y);
	cairo_set_line_width(cr, 2 * width); // half of it lies below the text
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	cairo_set_dash(cr, NULL, 0, 0);
	lun_recorder_set_source_rgba(recorder, rgba[0], rgba[1], rgba[2], rgba[3]);
	rc = lun_recorder_stroke(recorder, false, err);
	(void)lun_recorder_restore(recorder);
	cairo_matrix_t matrix;
	cairo_get_matrix(cr, &matrix);
	cairo_new_path(cr);
	cairo_identity_matrix(cr);
	cairo_append_path(cr, path);
	cairo_set_matrix(cr, &matrix);
	cairo_path_destroy(path);
	recorder->points = points;
	return rc;
}

static struct lun_op *append_placed(struct lun_recorder *recorder, enum lun_op_kind kind,
        const struct lun_placement *placement, uint64_t id)
{
	struct lun_box bounds = bound_user_box(recorder->cr, placement->x, placement->y,
	        placement->x + placement->width, placement->y + placement->height,
	        clip_bounds(recorder));
	if (is_invisible(recorder, bounds))
		return NULL;
	struct lun_op *op = append_op(recorder, kind, bounds);
	op->placement = *placement;
	op->placement.radius = lun_limit_length(recorder->cr, placement->radius);
	op->content_hash = lun_hash_u64(id, op->content_hash);
	const struct lun_crop *crop = &placement->crop;
	double numbers[] = {placement->x, placement->y, placement->width, placement->height,
	        placement->radius, placement->alpha, placement->filter, crop->x_px, crop->y_px,
	        crop->width_px, crop->height_px, placement->is_mirrored};
	mix_content(op, numbers, sizeof numbers);
	mix_content(op, &op->matrix, sizeof op->matrix);
	return op;
}

enum lun_result lun_recorder_image(struct lun_recorder *recorder, struct lun_image *image,
        const struct lun_placement *placement, struct lun_error *err)
{
	enum lun_result rc = lun_recorder_check_limits(recorder, err);
	if (rc != LUN_OK)
		return rc;
	struct lun_op *op = append_placed(recorder, LUN_OP_IMAGE, placement, image->id);
	if (op) {
		op->image = lun_image_ref(image);
		finish_op(op);
	}
	return LUN_OK;
}

enum lun_result lun_recorder_video(struct lun_recorder *recorder, struct lun_picture *picture,
        const struct lun_placement *placement, struct lun_error *err)
{
	enum lun_result rc = lun_recorder_check_limits(recorder, err);
	if (rc != LUN_OK)
		return rc;
	struct lun_op *op = append_placed(recorder, LUN_OP_VIDEO, placement, picture->id);
	if (op) {
		op->video = lun_picture_ref(picture);
		finish_op(op);
	}
	return LUN_OK;
}

enum lun_result lun_recorder_clip(
        struct lun_recorder *recorder, bool preserve, struct lun_error *err)
{
	cairo_t *cr = recorder->cr;
	struct recorder_state *state = current(recorder);
	int depth = state->clip ? state->clip->depth + 1 : 1;
	if (depth > LUN_MAX_CLIP_DEPTH)
		return lun_fail(err, LUN_LIMIT, "more than %d clips inside each other", LUN_MAX_CLIP_DEPTH);
	struct lun_clip *clip = lun_alloc(sizeof *clip);
	clip->refs = 1;
	clip->depth = depth;
	clip->bounds = bound_path(cr, 0, clip_bounds(recorder));
	clip->parent = state->clip; // takes the state's reference
	clip->path = copy_device_path(cr);
	clip->fill_rule = cairo_get_fill_rule(cr);
	clip->antialias = cairo_get_antialias(cr);
	clip->tolerance = cairo_get_tolerance(cr);
	double style[] = {clip->fill_rule, clip->antialias, clip->tolerance};
	clip->hash = lun_hash(style, sizeof style, clip->parent ? clip->parent->hash : 5);
	clip->hash = lun_path_hash(clip->path, clip->hash);
	recorder->bytes += sizeof *clip + (size_t)clip->path->num_data * sizeof clip->path->data[0];
	state->clip = clip;
	cairo_clip_preserve(cr);
	if (!preserve)
		lun_recorder_new_path(recorder);
	return LUN_OK;
}

void lun_recorder_reset_clip(struct lun_recorder *recorder)
{
	lun_clip_unref(current(recorder)->clip);
	current(recorder)->clip = lun_clip_ref(recorder->base_clip);
	cairo_reset_clip(recorder->cr);
}
