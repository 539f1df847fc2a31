// An operation changes no pixel outside the bounds it was recorded with, and a smaller frame's
// bounds are a larger one's, cut off. Wrong bounds are what makes incremental drawing wrong.
#define PROP_CASES 1200
#include "compose/raster.h"
#include "drawing.h"

#define MARGIN_PX 90

static const struct lun_box large = {-MARGIN_PX, -MARGIN_PX, 200 + MARGIN_PX, 150 + MARGIN_PX};
static const struct lun_box small = {0, 0, 200, 150};

// Translucent noise: on it, no operator but DEST leaves a pixel as it was by chance everywhere.
static cairo_surface_t *make_noise(struct lun_box box)
{
	cairo_surface_t *surface =
	        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, box.x1 - box.x0, box.y1 - box.y0);
	uint8_t *data = cairo_image_surface_get_data(surface);
	size_t size = (size_t)cairo_image_surface_get_stride(surface) *
	              (size_t)cairo_image_surface_get_height(surface);
	uint64_t state = 5;
	for (size_t i = 0; i < size; i += 4) {
		state = lun_hash_u64(state, 21);
		uint8_t alpha = (uint8_t)(128 + (state >> 24) % 127);
		uint8_t pixel[4] = {(uint8_t)state % 128, (uint8_t)(state >> 8) % 128,
		        (uint8_t)(state >> 16) % 128, alpha};
		memcpy(data + i, pixel, 4);
	}
	cairo_surface_mark_dirty(surface);
	cairo_surface_set_device_offset(surface, -box.x0, -box.y0);
	return surface;
}

static cairo_surface_t *copy(cairo_surface_t *surface)
{
	int width_px = cairo_image_surface_get_width(surface);
	int height_px = cairo_image_surface_get_height(surface);
	cairo_surface_t *twin = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width_px, height_px);
	memcpy(cairo_image_surface_get_data(twin), cairo_image_surface_get_data(surface),
	        (size_t)cairo_image_surface_get_stride(surface) * (size_t)height_px);
	cairo_surface_mark_dirty(twin);
	double x, y;
	cairo_surface_get_device_offset(surface, &x, &y);
	cairo_surface_set_device_offset(twin, x, y);
	return twin;
}

static bool is_inside(struct lun_box box, int x, int y)
{
	return x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1;
}

static bool only_changed_in(struct lun_box bounds, cairo_surface_t *before, cairo_surface_t *after)
{
	int stride = cairo_image_surface_get_stride(before);
	const uint8_t *old = cairo_image_surface_get_data(before);
	const uint8_t *new = cairo_image_surface_get_data(after);
	for (int y = large.y0; y < large.y1; y++) {
		const size_t row = (size_t)(y - large.y0) * (size_t)stride;
		for (int x = large.x0; x < large.x1; x++) {
			size_t at = row + (size_t)(x - large.x0) * 4;
			if (!is_inside(bounds, x, y) && memcmp(old + at, new + at, 4) != 0) {
				printf("# pixel %d,%d lies outside %d,%d..%d,%d\n", x, y, bounds.x0, bounds.y0,
				        bounds.x1, bounds.y1);
				return false;
			}
		}
	}
	return true;
}

static bool keeps_to_bounds(const struct lun_op *op, cairo_surface_t *noise)
{
	cairo_surface_t *surface = copy(noise);
	cairo_t *cr = cairo_create(surface);
	lun_op_paint(op, cr, large, NULL);
	bool is_drawn = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	bool is_kept = only_changed_in(op->bounds, noise, surface);
	cairo_surface_destroy(surface);
	if (!is_kept || !is_drawn)
		printf("# operation of kind %d, operator %d, antialias %d, line width %g, %s\n", op->kind,
		        op->operator, op->antialias, op->stroke.width,
		        is_drawn ? "drawn" : "which cairo refuses");
	return is_kept && is_drawn;
}

static bool same_box(struct lun_box a, struct lun_box b)
{
	return lun_box_is_empty(a) ? lun_box_is_empty(b)
	                           : a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1;
}

// What a smaller frame records is what it shows of the larger one's operations.
static bool is_cut_off(const struct lun_list *whole, const struct lun_list *part)
{
	size_t at = 0;
	for (size_t i = 0; i < whole->count; i++) {
		struct lun_box want = lun_box_intersect(whole->ops[i].bounds, small);
		if (lun_box_is_empty(want)) {
			if (at < part->count && lun_box_is_empty(part->ops[at].bounds))
				at++;
			continue;
		}
		if (at == part->count || !same_box(part->ops[at].bounds, want)) {
			printf("# operation %zu of kind %d has other bounds in a smaller frame\n", i,
			        whole->ops[i].kind);
			return false;
		}
		at++;
	}
	return at == part->count;
}

static bool operations_keep_to_their_bounds(struct gen *g)
{
	static cairo_surface_t *noise;
	drawing_init();
	if (!noise)
		noise = make_noise(large);
	struct item item = pick_item(g);
	struct lun_list *whole = record_items(&item, 1, large, large);
	struct lun_list *part = record_items(&item, 1, small, small);
	bool is_fine = is_cut_off(whole, part);
	for (size_t i = 0; i < whole->count && is_fine; i++)
		is_fine = keeps_to_bounds(&whole->ops[i], noise);
	lun_list_unref(whole);
	lun_list_unref(part);
	return is_fine;
}

PROPERTY(operations_keep_to_their_bounds)
