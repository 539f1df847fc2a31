// Laid-out text: what is drawn lies where the layout says, in every alignment, and fits.
#include "canvas/text.h"

#include <math.h>

#include "check.h"

#define WIDTH 800
#define HEIGHT 400

struct ink {
	int x0, y0, x1, y1; // half open; empty: x0 > x1
};

static struct lun_text *make(const char *string, const struct lun_text_style *style)
{
	struct lun_text *text = NULL;
	struct lun_error err;
	if (lun_text_create(string, strlen(string), style, &text, &err) != LUN_OK) {
		printf("# %s: %s\n", string, err.message);
		abort();
	}
	return text;
}

// Draws at x, y and looks which pixels are no longer black.
static struct ink draw(const struct lun_text *text, double x, double y)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
	cairo_t *cr = cairo_create(surface);
	cairo_set_source_rgb(cr, 1, 1, 1);
	lun_text_draw(text, cr, x, y);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	struct ink ink = {WIDTH, HEIGHT, -1, -1};
	for (int row = 0; row < HEIGHT; row++) {
		const uint8_t *pixels = cairo_image_surface_get_data(surface) +
		                        row * cairo_image_surface_get_stride(surface);
		for (int column = 0; column < WIDTH; column++) {
			if (pixels[column * 4 + 3] < 24) // what is faint lies less than a tenth inside
				continue;
			ink.x0 = column < ink.x0 ? column : ink.x0;
			ink.x1 = column >= ink.x1 ? column + 1 : ink.x1;
			ink.y0 = row < ink.y0 ? row : ink.y0;
			ink.y1 = row >= ink.y1 ? row + 1 : ink.y1;
		}
	}
	cairo_surface_destroy(surface);
	return ink;
}

static const char *const samples[] = {"Hamburgefonstiv", "x", "Wáy Ĝj", "1234567890", "שלום עולם",
        "The quick brown fox jumps over the lazy dog, twice, and then a third time.", "fi ffl"};
#define SAMPLES (sizeof samples / sizeof samples[0])

static void ink_lies_in_its_bounds_at_every_anchor(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		for (int variant = 0; variant < 27; variant++) {
			struct lun_text_style style = lun_text_style_default();
			style.align = (enum lun_text_align)(variant % 3);
			style.valign = (enum lun_text_valign)(variant / 3 % 3);
			style.is_baseline = variant / 9 == 1;
			style.width = variant / 9 == 2 ? 200 : 0;
			style.outline_width = variant % 2;
			style.outline_rgba[3] = 1;
			style.size = 20;
			struct lun_text *text = make(samples[i], &style);
			double box[4];
			lun_text_ink(text, box);
			struct ink ink = draw(text, 400, 200);
			lun_text_unref(text);
			CHECK(ink.x1 > ink.x0);
			CHECK(ink.x0 >= floor(400 + box[0]) && ink.x1 <= ceil(400 + box[2]));
			CHECK(ink.y0 >= floor(200 + box[1]) && ink.y1 <= ceil(200 + box[3]));
		}
	}
}

// "HH" is symmetric: the middle of its ink is the middle of its box.
static void alignments_hit_their_anchor_within_half_a_pixel(void)
{
	for (int boxed = 0; boxed < 2; boxed++) {
		double middle[3];
		struct lun_text_style style = lun_text_style_default();
		style.size = 40;
		style.width = boxed ? 300 : 0;
		double width = 0, height;
		int lines;
		for (int align = 0; align < 3; align++) {
			style.align = (enum lun_text_align)align;
			struct lun_text *text = make("HOH", &style);
			lun_text_size(text, &width, &height, &lines);
			struct ink ink = draw(text, 400, 100);
			middle[align] = (ink.x0 + ink.x1) / 2.0;
			lun_text_unref(text);
			CHECK_EQ(lines, 1);
		}
		double left = boxed ? 400 + width / 2 : 400 + width / 2;
		double center = boxed ? 400 + 150 : 400;
		double right = boxed ? 400 + 300 - width / 2 : 400 - width / 2;
		CHECK(fabs(middle[0] - left) <= 0.5);
		CHECK(fabs(middle[1] - center) <= 0.5);
		CHECK(fabs(middle[2] - right) <= 0.5);
	}
}

static void vertical_alignments_move_by_half_the_height(void)
{
	struct lun_text_style style = lun_text_style_default();
	style.size = 40;
	int top[3];
	double width, height = 0;
	int lines;
	for (int valign = 0; valign < 3; valign++) {
		style.valign = (enum lun_text_valign)valign;
		struct lun_text *text = make("HH", &style);
		lun_text_size(text, &width, &height, &lines);
		top[valign] = draw(text, 100, 200).y0;
		lun_text_unref(text);
	}
	CHECK(fabs(top[0] - top[1] - height / 2) <= 1);
	CHECK(fabs(top[0] - top[2] - height) <= 1);
	style.valign = LUN_TEXT_TOP;
	style.is_baseline = true;
	struct lun_text *text = make("HH", &style);
	struct ink ink = draw(text, 100, 200);
	lun_text_unref(text);
	CHECK(abs(ink.y1 - 200) <= 1); // capitals stand on the baseline
}

static void shrinking_never_overflows(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		for (double box_width = 3; box_width < 700; box_width *= 1.31) {
			struct lun_text_style style = lun_text_style_default();
			style.size = 48;
			style.width = box_width;
			style.is_shrink = true;
			struct lun_text *text = make(samples[i], &style);
			double width, height;
			int lines;
			lun_text_size(text, &width, &height, &lines);
			struct ink ink = draw(text, 50, 50);
			lun_text_unref(text);
			CHECK_EQ(lines, 1);
			// An ellipsis alone may be wider than a box of a few pixels.
			CHECK(box_width < 20 || width <= box_width + 0.01);
			CHECK(box_width < 20 || ink.x1 <= 50 + ceil(box_width) + 2);
		}
	}
	struct lun_text_style style = lun_text_style_default();
	style.size = 48;
	style.width = 200;
	style.height = 90;
	style.is_shrink = true;
	struct lun_text *text = make(samples[5], &style);
	double width, height;
	int lines;
	lun_text_size(text, &width, &height, &lines);
	lun_text_unref(text);
	CHECK(width <= 200 && height <= 90);
	CHECK(lines > 1);
}

static void wrapping_keeps_to_the_width(void)
{
	for (int wrap = 0; wrap < 2; wrap++) {
		struct lun_text_style style = lun_text_style_default();
		style.width = 180;
		style.wrap = wrap ? LUN_TEXT_WRAP_CHAR : LUN_TEXT_WRAP_WORD;
		struct lun_text *text = make(samples[5], &style);
		double width, height;
		int lines;
		lun_text_size(text, &width, &height, &lines);
		CHECK(lines >= 5 && lines <= 12);
		CHECK(width <= 180);
		lun_text_unref(text);
		style.lines = 2;
		text = make(samples[5], &style);
		lun_text_size(text, &width, &height, &lines);
		CHECK_EQ(lines, 2);
		CHECK(width <= 180);
		lun_text_unref(text);
	}
	struct lun_text_style style = lun_text_style_default();
	style.width = 180;
	style.wrap = LUN_TEXT_WRAP_NONE;
	struct lun_text *text = make(samples[5], &style);
	double width, height;
	int lines;
	lun_text_size(text, &width, &height, &lines);
	lun_text_unref(text);
	CHECK_EQ(lines, 1);
	CHECK(width > 180);
	for (int place = 1; place < 4; place++) {
		style.ellipsis = (enum lun_text_ellipsis)place;
		text = make(samples[5], &style);
		lun_text_size(text, &width, &height, &lines);
		lun_text_unref(text);
		CHECK_EQ(lines, 1);
		CHECK(width <= 180);
	}
}

static void every_string_can_be_laid_out(void)
{
	static const struct {
		const char *bytes;
		size_t length;
		bool is_visible;
	} strings[] = {
	        {"", 0, false},
	        {" ", 1, false},
	        {"\n\n\n", 3, false},
	        {"a\0b", 3, true},
	        {"\xff\xfe\x80", 3, true},
	        {"\xed\xa0\x80", 3, true},
	        {"ok\xc3", 3, true},
	        {"\xe2\x80\xae txet", 8, true},
	        {"\xf0\x9f\x98\x80", 4, true},
	        {"a\xcc\x81\xcc\x82\xcc\x83\xcc\x84", 9, true},
	};
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		struct lun_text_style style = lun_text_style_default();
		struct lun_text *text = NULL;
		struct lun_error err;
		CHECK_EQ(lun_text_create(strings[i].bytes, strings[i].length, &style, &text, &err), LUN_OK);
		double width, height;
		int lines;
		lun_text_size(text, &width, &height, &lines);
		struct ink ink = draw(text, 100, 100);
		lun_text_unref(text);
		CHECK(isfinite(width) && height > 0 && lines >= 1);
		CHECK_EQ(ink.x1 > ink.x0, strings[i].is_visible);
	}
}

static void what_is_too_long_or_no_markup_is_refused(void)
{
	struct lun_text_style style = lun_text_style_default();
	struct lun_text *text = NULL;
	struct lun_error err;
	char *large = calloc(1, LUN_TEXT_MAX_BYTES + 1);
	memset(large, 'x', LUN_TEXT_MAX_BYTES + 1);
	CHECK_EQ(lun_text_create(large, LUN_TEXT_MAX_BYTES + 1, &style, &text, &err), LUN_LIMIT);
	CHECK(strstr(err.message, "65537 bytes"));
	// As much as is allowed is laid out, and soon: without help, Pango takes half a minute.
	style.width = 900;
	style.size = 20;
	uint64_t start_ns = lun_thread_cpu_ns();
	CHECK_EQ(lun_text_create(large, LUN_TEXT_MAX_BYTES, &style, &text, &err), LUN_OK);
	CHECK(lun_thread_cpu_ns() - start_ns < 5000000000);
	double width, height;
	int lines;
	lun_text_size(text, &width, &height, &lines);
	lun_text_unref(text);
	text = NULL;
	CHECK(width > 800 && width <= 900 && lines > 300);
	style = lun_text_style_default();
	style.size = 100;
	CHECK_EQ(lun_text_create(large, LUN_TEXT_MAX_BYTES, &style, &text, &err), LUN_LIMIT);
	CHECK(strstr(err.message, "too wide"));
	free(large);
	style.is_markup = true;
	CHECK_EQ(lun_text_create("<b>", 3, &style, &text, &err), LUN_INVALID);
	CHECK(strstr(err.message, "markup"));
	CHECK_EQ(lun_text_create("a & b", 5, &style, &text, &err), LUN_INVALID);
	CHECK(!text);
	text = make("<b>a</b> &amp; <span color='red'>b</span>", &style);
	CHECK(draw(text, 100, 100).x1 > 100);
	lun_text_unref(text);
}

static void equal_texts_are_one_and_others_differ(void)
{
	struct lun_text_style style = lun_text_style_default(), other = style;
	struct lun_text *a = make("same", &style), *b = make("same", &style);
	CHECK_EQ(lun_text_hash(a), lun_text_hash(b));
	other.outline_width = 1;
	struct lun_text *c = make("same", &other), *d = make("same ", &style);
	other.outline_rgba[0] = 1;
	struct lun_text *e = make("same", &other);
	CHECK(lun_text_hash(a) != lun_text_hash(c));
	CHECK(lun_text_hash(a) != lun_text_hash(d));
	CHECK(lun_text_hash(c) != lun_text_hash(e));
	lun_text_unref(a);
	lun_text_unref(b);
	lun_text_unref(c);
	lun_text_unref(d);
	lun_text_unref(e);
}

TEST_MAIN(RUN(ink_lies_in_its_bounds_at_every_anchor);
          RUN(alignments_hit_their_anchor_within_half_a_pixel);
          RUN(vertical_alignments_move_by_half_the_height); RUN(shrinking_never_overflows);
          RUN(wrapping_keeps_to_the_width); RUN(every_string_can_be_laid_out);
          RUN(what_is_too_long_or_no_markup_is_refused);
          RUN(equal_texts_are_one_and_others_differ);)
