// Lists with equal hashes paint the same pixels: two drawings that differ in one of the bytes that
// decide them must differ in their hash or in nothing that is seen.
#define PROP_CASES 700
#include "compose/compositor.h"
#include "drawing.h"

#define CHANGES 12

static const struct lun_box frame = {0, 0, 96, 80};

static size_t count_bytes(const struct item *item)
{
	struct lun_recorder *recorder = lun_recorder_create();
	cairo_matrix_t base;
	cairo_matrix_init_identity(&base);
	lun_recorder_begin(recorder, frame, frame, &base);
	size_t bytes = draw_item(recorder, item);
	lun_recorder_destroy(recorder);
	return bytes;
}

static uint8_t *draw(const struct lun_list *list)
{
	struct lun_format format = lun_format_default();
	format.pixel = LUN_PIXEL_BGRA;
	format.width_px = frame.x1;
	format.height_px = frame.y1;
	struct lun_compositor *compositor = lun_compositor_create(&format);
	struct lun_target target = {.data = lun_alloc(lun_format_packed_bytes(&format))};
	target.tiles = lun_alloc(lun_compositor_tiles(compositor) * sizeof *target.tiles);
	struct lun_compose_stats stats;
	(void)lun_compositor_render(compositor, list, &target, &stats);
	free(target.tiles);
	lun_compositor_destroy(compositor);
	return target.data;
}

static bool paints_the_same(const struct lun_list *a, const struct lun_list *b)
{
	uint8_t *pixels_a = draw(a), *pixels_b = draw(b);
	bool is_same = memcmp(pixels_a, pixels_b, (size_t)(frame.x1 * frame.y1) * 4) == 0;
	free(pixels_a);
	free(pixels_b);
	return is_same;
}

// On a background, so that what an operator does to it is seen.
static struct lun_list *record(const struct item *background, const struct item *item)
{
	struct item items[] = {*background, *item};
	return record_items(items, 2, frame, frame);
}

static bool equal_hashes_paint_the_same(struct gen *g)
{
	drawing_init();
	struct item background = pick_item(g), item = pick_item(g);
	int bytes = (int)count_bytes(&item);
	struct lun_list *list = record(&background, &item);
	bool is_fine = true;
	for (int i = 0; i < CHANGES && is_fine; i++) {
		struct item other = item;
		int at = pick(g, bytes);
		other.bytes[at] = (uint8_t)(pick(g, 2) ? other.bytes[at] + 1 : pick(g, 256));
		struct lun_list *changed = record(&background, &other);
		is_fine = changed->hash != list->hash || paints_the_same(list, changed);
		if (!is_fine)
			printf("# byte %d of a drawing (operation of kind %d) is seen but not in its hash\n",
			        at, list->count ? (int)list->ops[list->count - 1].kind : -1);
		lun_list_unref(changed);
	}
	lun_list_unref(list);
	return is_fine;
}

PROPERTY(equal_hashes_paint_the_same)
