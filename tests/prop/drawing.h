// Random drawings: an item is a few bytes that decide one drawing with all its state, the same
// each time it is played, so that the items of two frames can be shared, changed and reordered.
#pragma once
#include <math.h>

#include <cairo.h>

#include "canvas/recorder.h"
#include "prop.h"

#define ITEM_BYTES 72

struct item {
	uint8_t bytes[ITEM_BYTES];
};

#define DRAWING_IMAGES 4
#define DRAWING_VIDEOS 6

// What items draw with; made once, the same in every run.
static struct {
	struct lun_image images[DRAWING_IMAGES];
	struct lun_picture *videos[DRAWING_VIDEOS];
} drawing;

static inline int pick(struct gen *g, int below)
{
	if (!g->left)
		return 0;
	int byte = *g->p;
	g->p++;
	g->left--;
	return byte % below;
}

static inline double pick_real(struct gen *g, double low, double high)
{
	int value = pick(g, 256);
	value = value << 8 | pick(g, 256);
	return low + (high - low) * value / 65535;
}

// Mostly near the frame, on whole pixels, on halves and anywhere; sometimes very far away.
static inline double pick_coordinate(struct gen *g)
{
	switch (pick(g, 16)) {
	case 0:
		return (pick(g, 2) ? 1 : -1) * pow(10, pick(g, 10));
	case 1:
	case 2:
	case 3:
	case 4:
		return pick(g, 256) - 30;
	case 5:
	case 6:
		return pick(g, 256) / 2.0 - 10;
	default:
		return pick_real(g, -40, 220);
	}
}

static inline double pick_length(struct gen *g)
{
	static const double special[] = {0, 1, 0.01, 64, 1e9};
	int kind = pick(g, 16);
	return kind < 5 ? special[kind] : pick_real(g, 0, 120);
}

static inline void init_image(struct lun_image *image, int width_px, int height_px, bool is_opaque)
{
	image->width_px = width_px;
	image->height_px = height_px;
	image->stride_bytes = width_px * 4;
	image->bytes = (size_t)image->stride_bytes * (size_t)height_px;
	image->argb = lun_alloc(image->bytes);
	image->is_opaque = is_opaque;
	image->id = lun_picture_new_id();
	image->refs = 1;
	uint64_t state = (uint64_t)width_px;
	for (size_t i = 0; i < image->bytes; i += 4) {
		state = lun_hash_u64(state, 9);
		uint8_t alpha = is_opaque ? 255 : (uint8_t)(state >> 32);
		image->argb[i + 3] = alpha;
		for (int k = 0; k < 3; k++)
			image->argb[i + (size_t)k] = (uint8_t)((uint8_t)(state >> (8 * k)) * alpha / 255);
	}
}

static inline struct lun_picture *make_video(
        enum lun_pixel_format pixel, int width_px, int height_px)
{
	struct lun_picture *video = lun_picture_create(pixel, width_px, height_px);
	struct lun_format format = lun_format_default();
	format.pixel = pixel;
	format.width_px = width_px;
	format.height_px = height_px;
	struct lun_layout layout;
	lun_format_layout(&format, &layout);
	uint64_t state = (uint64_t)pixel + 1;
	uint8_t *data = (uint8_t *)video->plane[0];
	for (size_t i = 0; i < layout.size_bytes; i++) {
		state = lun_hash_u64(state, 11);
		data[i] = (uint8_t)state;
	}
	return video;
}

static inline void drawing_init(void)
{
	if (drawing.videos[0])
		return;
	init_image(&drawing.images[0], 1, 1, true);
	init_image(&drawing.images[1], 17, 11, false);
	init_image(&drawing.images[2], 64, 64, true);
	init_image(&drawing.images[3], 150, 90, false);
	drawing.videos[0] = make_video(LUN_PIXEL_NV12, 64, 48);
	drawing.videos[1] = make_video(LUN_PIXEL_I420, 33, 21);
	drawing.videos[2] = make_video(LUN_PIXEL_YUY2, 80, 60);
	drawing.videos[3] = make_video(LUN_PIXEL_BGRA, 7, 5);
	drawing.videos[4] = make_video(LUN_PIXEL_NV12, 1, 1);
	drawing.videos[5] = make_video(LUN_PIXEL_I420, 128, 96);
}

static inline void pick_transform(struct gen *g, cairo_t *cr)
{
	switch (pick(g, 10)) {
	case 0:
		cairo_translate(cr, pick_coordinate(g), pick_coordinate(g));
		break;
	case 1:
		cairo_translate(cr, 60, 50);
		cairo_rotate(cr, pick_real(g, -4, 4));
		break;
	case 2:
		cairo_scale(cr, pick_real(g, 0.05, 3), pick_real(g, 0.05, 3));
		break;
	case 3: { // mirrored
		cairo_matrix_t mirror = {-1, 0, 0, pick(g, 2) ? 1 : -1, 120, 0};
		cairo_transform(cr, &mirror);
		break;
	}
	case 4: { // sheared, and squeezed to next to nothing
		cairo_matrix_t shear = {1, pick_real(g, -2, 2), pick_real(g, -2, 2), 1, 20, 20};
		if (fabs(shear.xx * shear.yy - shear.xy * shear.yx) > 1e-3)
			cairo_transform(cr, &shear);
		break;
	}
	case 5:
		cairo_translate(cr, pick_real(g, 0, 1), pick_real(g, 0, 1));
		break;
	default:
		break;
	}
}

static inline struct lun_gradient *pick_gradient(struct gen *g)
{
	double numbers[6];
	bool is_radial = pick(g, 2);
	for (int i = 0; i < 6; i++)
		numbers[i] = pick_real(g, -20, 200);
	if (is_radial) {
		numbers[2] = pick_real(g, 0, 50);
		numbers[5] = pick_real(g, 0, 150);
	}
	struct lun_gradient *gradient = lun_gradient_create(is_radial, numbers);
	int stops = pick(g, 4);
	for (int i = 0; i < stops; i++) {
		struct lun_gradient_stop stop = {.offset = pick_real(g, 0, 1)};
		for (int k = 0; k < 4; k++)
			stop.rgba[k] = pick_real(g, 0, 1);
		(void)lun_gradient_add_stop(gradient, stop);
	}
	static const cairo_extend_t extends[] = {
	        CAIRO_EXTEND_NONE, CAIRO_EXTEND_REPEAT, CAIRO_EXTEND_REFLECT, CAIRO_EXTEND_PAD};
	gradient->extend = extends[pick(g, 4)];
	gradient->filter = (cairo_filter_t)pick(g, 5);
	if (pick(g, 4) == 0)
		cairo_matrix_init_scale(&gradient->matrix, 2, 0.5);
	return gradient;
}

static inline void pick_stroke_style(struct gen *g, cairo_t *cr)
{
	static const double limits[] = {0, 1, 4, 10, 200};
	cairo_set_line_width(cr, pick(g, 2) ? pick_real(g, 0.1, 20) : pick_length(g));
	cairo_set_line_cap(cr, (cairo_line_cap_t)pick(g, 3));
	cairo_set_line_join(cr, (cairo_line_join_t)pick(g, 3));
	cairo_set_miter_limit(cr, limits[pick(g, 5)]);
}

// Only for paths that are short: how long cairo takes for dashes depends on their number.
static inline void pick_dash(struct gen *g, cairo_t *cr)
{
	if (pick(g, 4) != 0)
		return;
	double dashes[] = {1 + pick_real(g, 0, 20), 1 + pick_real(g, 0, 20)};
	cairo_set_dash(cr, dashes, 1 + pick(g, 2), pick_real(g, -10, 10));
}

static inline void pick_polygon(struct gen *g, cairo_t *cr)
{
	int points = 1 + pick(g, 6);
	for (int i = 0; i < points; i++) {
		double x = pick_coordinate(g), y = pick_coordinate(g);
		switch (pick(g, 5)) {
		case 0:
			cairo_move_to(cr, x, y);
			break;
		case 1:
			cairo_curve_to(cr, x, y, pick_coordinate(g), pick_coordinate(g), pick_coordinate(g), y);
			break;
		default:
			cairo_line_to(cr, x, y);
			break;
		}
	}
	if (pick(g, 2))
		cairo_close_path(cr);
}

static inline void pick_path(struct gen *g, cairo_t *cr)
{
	switch (pick(g, 8)) {
	case 0:
		cairo_rectangle(cr, pick(g, 200) - 20, pick(g, 150) - 20, pick(g, 128), pick(g, 128));
		pick_dash(g, cr);
		break;
	case 1:
		cairo_rectangle(cr, pick_coordinate(g), pick_coordinate(g), pick_length(g) - 20,
		        pick_length(g) - 20);
		break;
	case 2:
		cairo_arc(cr, pick_real(g, 0, 150), pick_real(g, 0, 150), pick_real(g, 0, 90),
		        pick_real(g, -4, 4), pick_real(g, -4, 8));
		pick_dash(g, cr);
		break;
	case 3: { // a dot: a line of no length, a lone point, a closed point
		double x = pick_real(g, 0, 150), y = pick_real(g, 0, 100);
		int kind = pick(g, 3);
		cairo_move_to(cr, x, y);
		if (kind == 0)
			cairo_line_to(cr, x, y);
		else if (kind == 1)
			cairo_close_path(cr);
		break;
	}
	case 4: { // a needle: the longest of miters
		double x = pick_real(g, 20, 100), y = pick_real(g, 20, 100);
		cairo_move_to(cr, x, y);
		cairo_line_to(cr, x + 40, y + pick_real(g, -4, 4));
		cairo_line_to(cr, x, y + pick_real(g, -4, 4));
		break;
	}
	default:
		pick_polygon(g, cr);
		break;
	}
}

static inline void pick_clip(struct gen *g, struct lun_recorder *recorder)
{
	cairo_t *cr = lun_recorder_cairo(recorder);
	for (int clips = pick(g, 5) - 2; clips > 0; clips--) {
		cairo_set_antialias(cr, pick(g, 4) == 0 ? CAIRO_ANTIALIAS_NONE : CAIRO_ANTIALIAS_DEFAULT);
		pick_path(g, cr);
		(void)lun_recorder_clip(recorder, false, NULL);
		if (pick(g, 12) == 0)
			lun_recorder_reset_clip(recorder);
	}
	cairo_set_dash(cr, NULL, 0, 0);
}

static inline void pick_group(struct gen *g, struct lun_recorder *recorder);

static inline void pick_source(struct gen *g, struct lun_recorder *recorder, bool may_group)
{
	switch (pick(g, 8)) {
	case 0:
	case 1: {
		struct lun_gradient *gradient = pick_gradient(g);
		lun_recorder_set_source_gradient(recorder, gradient);
		lun_gradient_unref(gradient);
		break;
	}
	case 2:
		lun_recorder_set_source_image(recorder, &drawing.images[pick(g, DRAWING_IMAGES)],
		        pick_real(g, -20, 100), pick(g, 100));
		break;
	case 3:
		if (may_group) {
			pick_group(g, recorder);
			break;
		}
		// fall through
	default:
		lun_recorder_set_source_rgba(recorder, pick_real(g, 0, 1), pick_real(g, 0, 1),
		        pick_real(g, 0, 1), pick(g, 2) ? 1 : pick_real(g, 0, 1));
		break;
	}
}

static inline void pick_text(struct gen *g, struct lun_recorder *recorder)
{
	static const char *const strings[] = {"f", "Ajg|\xc3\x85", "Hello, world", "jf\xc7\xa7 WAV", "",
	        "a\nb c d e f g", "<i>f</i><u>j</u>"};
	struct lun_text_style style = lun_text_style_default();
	style.size = 1 + pick(g, 90);
	style.is_italic = pick(g, 2);
	style.weight = pick(g, 2) ? 800 : 0;
	style.is_baseline = pick(g, 2);
	style.align = (enum lun_text_align)pick(g, 3);
	style.valign = (enum lun_text_valign)pick(g, 3);
	style.width = pick(g, 3) ? 0 : pick(g, 100);
	style.height = pick(g, 3) ? 0 : pick(g, 100);
	style.is_shrink = pick(g, 8) == 0;
	style.font = pick(g, 2) ? "Inter" : "DejaVu Serif";
	int which = pick(g, 7);
	style.is_markup = which == 6;
	struct lun_text *text;
	struct lun_error err;
	if (lun_text_create(strings[which], strlen(strings[which]), &style, &text, &err) != LUN_OK)
		return;
	double x = pick_real(g, -20, 180), y = pick_real(g, -20, 140);
	const double rgba[] = {0.2, 0.9, 0.4, pick_real(g, 0, 1)};
	(void)lun_recorder_text(recorder, text, x, y, pick(g, 2) ? rgba : NULL, &err);
	lun_text_unref(text);
}

static inline void pick_toy_text(struct gen *g, struct lun_recorder *recorder)
{
	cairo_t *cr = lun_recorder_cairo(recorder);
	struct lun_error err;
	cairo_select_font_face(cr, "DejaVu Sans",
	        pick(g, 2) ? CAIRO_FONT_SLANT_ITALIC : CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
	cairo_set_font_size(cr, 1 + pick(g, 80));
	cairo_move_to(cr, pick_real(g, -20, 150), pick_real(g, 0, 140));
	(void)lun_recorder_show_text(recorder, pick(g, 2) ? "jfAW" : "f", &err);
	lun_recorder_new_path(recorder);
}

static inline struct lun_placement pick_placement(struct gen *g, int width_px, int height_px)
{
	struct lun_placement placement = {
	        .x = pick(g, 2) ? pick(g, 160) - 20 : pick_real(g, -20, 180),
	        .y = pick(g, 2) ? pick(g, 120) - 20 : pick_real(g, -20, 140),
	        .width = pick(g, 2) ? 1 + pick(g, 128) : pick_real(g, 0.5, 200),
	        .height = pick(g, 2) ? 1 + pick(g, 128) : pick_real(g, 0.5, 200),
	        .radius = pick(g, 3) ? 0 : pick_real(g, 0, 60),
	        .alpha = pick(g, 3) ? 1 : pick_real(g, 0, 1),
	        .filter = (cairo_filter_t)pick(g, 5),
	        .crop = {0, 0, width_px, height_px},
	        .is_mirrored = pick(g, 3) == 0,
	};
	if (pick(g, 3) == 0) {
		placement.crop.x_px = pick_real(g, 0, width_px / 2.0);
		placement.crop.width_px = pick_real(g, width_px / 4.0, width_px / 2.0);
	}
	return placement;
}

static inline void pick_image(struct gen *g, struct lun_recorder *recorder)
{
	struct lun_error err;
	struct lun_image *image = &drawing.images[pick(g, DRAWING_IMAGES)];
	struct lun_placement placement = pick_placement(g, image->width_px, image->height_px);
	(void)lun_recorder_image(recorder, image, &placement, &err);
}

static inline void pick_video(struct gen *g, struct lun_recorder *recorder)
{
	struct lun_error err;
	struct lun_picture *video = drawing.videos[pick(g, DRAWING_VIDEOS)];
	struct lun_placement placement = pick_placement(g, video->width_px, video->height_px);
	if (pick(g, 4) == 0) { // what covers the frame is converted without cairo
		placement.x = placement.y = placement.radius = 0;
		placement.alpha = 1;
	}
	(void)lun_recorder_video(recorder, video, &placement, &err);
}

static inline void pick_mask(struct gen *g, struct lun_recorder *recorder)
{
	struct lun_error err;
	if (pick(g, 2)) {
		struct lun_gradient *gradient = pick_gradient(g);
		(void)lun_recorder_mask_gradient(recorder, gradient, &err);
		lun_gradient_unref(gradient);
	} else {
		(void)lun_recorder_mask_image(recorder, &drawing.images[pick(g, DRAWING_IMAGES)],
		        pick_real(g, -20, 100), pick_real(g, -20, 100), &err);
	}
}

static inline void pick_shape(struct gen *g, struct lun_recorder *recorder)
{
	cairo_t *cr = lun_recorder_cairo(recorder);
	struct lun_error err;
	switch (pick(g, 14)) {
	case 0:
		(void)lun_recorder_paint(recorder, pick(g, 2) ? 1 : pick_real(g, 0, 1), &err);
		break;
	case 1:
		pick_mask(g, recorder);
		break;
	case 2:
	case 3:
		pick_text(g, recorder);
		break;
	case 4:
		pick_toy_text(g, recorder);
		break;
	case 5:
		pick_image(g, recorder);
		break;
	case 6:
		pick_video(g, recorder);
		break;
	case 7:
	case 8:
	case 9:
	case 10:
		pick_stroke_style(g, cr);
		pick_path(g, cr);
		if (pick(g, 4) == 0) // the pen has a matrix of its own
			pick_transform(g, cr);
		(void)lun_recorder_stroke(recorder, pick(g, 8) == 0, &err);
		lun_recorder_new_path(recorder);
		break;
	default:
		pick_path(g, cr);
		(void)lun_recorder_fill(recorder, pick(g, 8) == 0, &err);
		lun_recorder_new_path(recorder);
		break;
	}
}

static inline void pick_style(struct gen *g, cairo_t *cr)
{
	static const cairo_antialias_t antialias[] = {CAIRO_ANTIALIAS_DEFAULT, CAIRO_ANTIALIAS_NONE,
	        CAIRO_ANTIALIAS_GRAY, CAIRO_ANTIALIAS_FAST, CAIRO_ANTIALIAS_GOOD, CAIRO_ANTIALIAS_BEST};
	cairo_set_operator(cr, pick(g, 3) ? CAIRO_OPERATOR_OVER : (cairo_operator_t)pick(g, 29));
	cairo_set_antialias(cr, pick(g, 2) ? CAIRO_ANTIALIAS_DEFAULT : antialias[pick(g, 6)]);
	cairo_set_fill_rule(cr, pick(g, 2) ? CAIRO_FILL_RULE_WINDING : CAIRO_FILL_RULE_EVEN_ODD);
	cairo_set_tolerance(cr, pick(g, 4) ? 0.1 : pick_real(g, 0.05, 3));
}

static inline void pick_group(struct gen *g, struct lun_recorder *recorder)
{
	(void)lun_recorder_push_group(recorder, NULL);
	for (int shapes = 1 + pick(g, 2); shapes > 0; shapes--) {
		pick_style(g, lun_recorder_cairo(recorder));
		pick_source(g, recorder, false);
		pick_shape(g, recorder);
	}
	(void)lun_recorder_pop_group_to_source(recorder);
}

// @return how many of the item's bytes decided something
static inline size_t draw_item(struct lun_recorder *recorder, const struct item *item)
{
	struct gen g = {item->bytes, sizeof item->bytes};
	cairo_t *cr = lun_recorder_cairo(recorder);
	(void)lun_recorder_save(recorder, NULL);
	pick_transform(&g, cr);
	pick_clip(&g, recorder);
	pick_style(&g, cr);
	pick_source(&g, recorder, true);
	pick_shape(&g, recorder);
	(void)lun_recorder_restore(recorder);
	lun_assert(cairo_status(cr) == CAIRO_STATUS_SUCCESS);
	return sizeof item->bytes - g.left;
}

static inline struct item pick_item(struct gen *g)
{
	struct item item = {{0}};
	for (size_t i = 0; i < ITEM_BYTES; i++)
		item.bytes[i] = (uint8_t)pick(g, 256);
	return item;
}

// The list of some items in a frame of which only a part may be visible.
static inline struct lun_list *record_items(
        const struct item *items, int count, struct lun_box frame, struct lun_box visible)
{
	struct lun_recorder *recorder = lun_recorder_create();
	cairo_matrix_t base;
	cairo_matrix_init_identity(&base);
	lun_recorder_begin(recorder, frame, visible, &base);
	for (int i = 0; i < count; i++)
		(void)draw_item(recorder, &items[i]);
	int unbalanced;
	struct lun_list *list = lun_recorder_end(recorder, &unbalanced);
	lun_recorder_destroy(recorder);
	return list;
}
