// The compositor's promises on single lists: what is drawn, what is not drawn again, and that
// nothing is taken for what it is not. That incremental output is full output is prop.compose's.
#include "compose/compositor.h"

#include "canvas/recorder.h"
#include "check.h"

// Freed memory is handed out again at once, as it is without a sanitizer.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=0:thread_local_quarantine_size_kb=0";
}

struct stage {
	struct lun_format format;
	struct lun_layout layout;
	struct lun_compositor *compositor; // owned
	struct lun_target target;          // owned
	struct lun_compose_stats stats;
};

static struct stage make_stage(int width_px, int height_px)
{
	struct stage stage = {.format = lun_format_default()};
	stage.format.pixel = LUN_PIXEL_BGRA;
	stage.format.width_px = width_px;
	stage.format.height_px = height_px;
	lun_format_layout(&stage.format, &stage.layout);
	stage.compositor = lun_compositor_create(&stage.format);
	stage.target.data = lun_alloc(stage.layout.size_bytes);
	stage.target.tiles = lun_alloc(lun_compositor_tiles(stage.compositor) * sizeof(uint64_t));
	return stage;
}

static void free_stage(struct stage *stage)
{
	lun_compositor_destroy(stage->compositor);
	free(stage->target.data);
	free(stage->target.tiles);
}

static struct lun_recorder *begin(int width_px, int height_px)
{
	struct lun_recorder *recorder = lun_recorder_create();
	struct lun_box frame = {0, 0, width_px, height_px};
	cairo_matrix_t base;
	cairo_matrix_init_identity(&base);
	lun_recorder_begin(recorder, frame, frame, &base);
	return recorder;
}

static struct lun_list *end(struct lun_recorder *recorder)
{
	int unbalanced;
	struct lun_list *list = lun_recorder_end(recorder, &unbalanced);
	lun_recorder_destroy(recorder);
	return list;
}

static struct lun_list *record_box(int x, int y, int side_px, double red)
{
	struct lun_recorder *recorder = begin(200, 100);
	struct lun_error err;
	lun_recorder_set_source_rgba(recorder, red, 0, 0, 1);
	cairo_rectangle(lun_recorder_cairo(recorder), x, y, side_px, side_px);
	(void)lun_recorder_fill(recorder, false, &err);
	return end(recorder);
}

static void render(struct stage *stage, struct lun_list *list)
{
	(void)lun_compositor_render(stage->compositor, list, &stage->target, &stage->stats);
	lun_list_unref(list);
}

static uint32_t pixel(const struct stage *stage, int x, int y)
{
	uint32_t value;
	memcpy(&value, stage->target.data + y * stage->layout.stride_bytes[0] + x * 4, 4);
	return value & 0xffffff;
}

static void an_empty_list_is_black(void)
{
	struct stage stage = make_stage(200, 100);
	memset(stage.target.data, 0xee, stage.layout.size_bytes);
	render(&stage, end(begin(200, 100)));
	uint32_t seen = 0;
	for (int y = 0; y < 100; y++) {
		for (int x = 0; x < 200; x++)
			seen |= pixel(&stage, x, y);
	}
	uint32_t tiles = stage.stats.tiles_redrawn;
	free_stage(&stage);
	CHECK_EQ(seen, 0);
	CHECK_EQ(tiles, 8); // 4 x 2
}

static void only_tiles_that_an_operation_touches_are_drawn(void)
{
	struct stage stage = make_stage(200, 100);
	render(&stage, end(begin(200, 100)));
	render(&stage, record_box(70, 10, 20, 1)); // inside the second tile
	uint32_t appeared = stage.stats.tiles_redrawn;
	uint32_t inside = pixel(&stage, 75, 15), outside = pixel(&stage, 69, 15);
	render(&stage, record_box(70, 10, 20, 1));
	uint32_t stayed = stage.stats.tiles_redrawn;
	render(&stage, record_box(140, 10, 20, 1));
	uint32_t moved = stage.stats.tiles_redrawn;
	uint32_t left = pixel(&stage, 75, 15);
	render(&stage, end(begin(200, 100)));
	uint32_t vanished = stage.stats.tiles_redrawn;
	free_stage(&stage);
	CHECK_EQ(appeared, 1);
	CHECK_EQ(inside, 0xff0000);
	CHECK_EQ(outside, 0);
	CHECK_EQ(stayed, 0);
	CHECK_EQ(moved, 2);
	CHECK_EQ(left, 0);
	CHECK_EQ(vanished, 1);
}

static void order_is_part_of_the_picture(void)
{
	struct stage stage = make_stage(64, 64);
	struct lun_error err;
	for (int turn = 0; turn < 2; turn++) {
		struct lun_recorder *recorder = begin(64, 64);
		for (int i = 0; i < 2; i++) {
			lun_recorder_set_source_rgba(recorder, i == turn, i != turn, 0, 1);
			(void)lun_recorder_paint(recorder, 1, &err);
		}
		render(&stage, end(recorder));
	}
	uint32_t top = pixel(&stage, 5, 5);
	free_stage(&stage);
	CHECK_EQ(top, 0xff0000);
}

static void an_operator_without_bounds_works_where_it_draws_nothing(void)
{
	struct stage stage = make_stage(100, 100);
	struct lun_error err;
	struct lun_text *text;
	struct lun_text_style style = lun_text_style_default();
	enum lun_result rc = lun_text_create("x", 1, &style, &text, &err);
	CHECK_EQ(rc, LUN_OK);
	struct lun_recorder *recorder = begin(100, 100);
	lun_recorder_set_source_rgba(recorder, 1, 1, 1, 1);
	(void)lun_recorder_paint(recorder, 1, &err);
	cairo_set_operator(lun_recorder_cairo(recorder), CAIRO_OPERATOR_DEST_IN);
	(void)lun_recorder_text(recorder, text, 5000, 0, NULL, &err);
	render(&stage, end(recorder));
	lun_text_unref(text);
	uint32_t seen = pixel(&stage, 50, 50);
	free_stage(&stage);
	CHECK_EQ(seen, 0); // nothing is left of what lies outside the text: black shows
}

// A font that is gone leaves its address to another one; the letter must not keep its name.
static void toy_fonts_are_told_apart_after_they_are_gone(void)
{
	enum { FONTS = 3000 };
	static uint64_t hashes[FONTS];
	int twice = 0;
	for (int i = 0; i < FONTS; i++) {
		struct lun_recorder *recorder = begin(100, 100);
		struct lun_error err;
		cairo_t *cr = lun_recorder_cairo(recorder);
		cairo_select_font_face(
		        cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
		cairo_set_font_size(cr, 30 + i * 0.001); // bounds round to the same pixels for a while
		cairo_move_to(cr, 10.5, 60.5);
		(void)lun_recorder_show_text(recorder, "a", &err);
		struct lun_list *list = end(recorder);
		hashes[i] = list->ops[0].hash;
		for (int k = 0; k < i; k++)
			twice += hashes[k] == hashes[i];
		lun_list_unref(list);
	}
	CHECK_EQ(twice, 0);
}

TEST_MAIN({
	RUN(an_empty_list_is_black);
	RUN(only_tiles_that_an_operation_touches_are_drawn);
	RUN(order_is_part_of_the_picture);
	RUN(an_operator_without_bounds_works_where_it_draws_nothing);
	RUN(toy_fonts_are_told_apart_after_they_are_gone);
})
