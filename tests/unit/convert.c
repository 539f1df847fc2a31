// Conversion against numbers from outside: code values of colour bars, greys by integer arithmetic,
// the inverse formulas of BT.601 and BT.709; and what cropping, scaling and mirroring promise.
#include "frame/convert.h"

#include <math.h>

#include "check.h"

// Lets the tests ask for more memory than there is.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

#define GUARD_BYTES 64
#define GUARD 0x5a

/** A frame with guard bytes behind it. */
struct frame {
	struct lun_format format;
	struct lun_layout layout;
	uint8_t *data; // owned
};

static struct frame make_frame(enum lun_pixel_format pixel, enum lun_matrix matrix,
        enum lun_range range, int width_px, int height_px)
{
	struct frame frame = {.format = lun_format_default()};
	frame.format.pixel = pixel;
	frame.format.matrix = matrix;
	frame.format.range = range;
	frame.format.width_px = width_px;
	frame.format.height_px = height_px;
	lun_format_layout(&frame.format, &frame.layout);
	frame.data = lun_alloc(frame.layout.size_bytes + GUARD_BYTES);
	memset(frame.data + frame.layout.size_bytes, GUARD, GUARD_BYTES);
	return frame;
}

static bool is_guard_whole(const struct frame *frame)
{
	for (int i = 0; i < GUARD_BYTES; i++) {
		if (frame->data[frame->layout.size_bytes + (size_t)i] != GUARD)
			return false;
	}
	return true;
}

struct codes {
	int y, cb, cr;
};

/** The code values that decide pixel x, y of a Y'CbCr frame. */
static struct codes get_codes(const struct frame *frame, int x, int y)
{
	const struct lun_layout *layout = &frame->layout;
	const uint8_t *luma = frame->data + (ptrdiff_t)y * layout->stride_bytes[0];
	const uint8_t *chroma[2];
	for (int i = 0; i < 2; i++)
		chroma[i] = frame->data + layout->offset_bytes[i + 1] +
		            (ptrdiff_t)(y / 2) * layout->stride_bytes[i + 1];
	switch (frame->format.pixel) {
	case LUN_PIXEL_NV12:
		return (struct codes){luma[x], chroma[0][x / 2 * 2], chroma[0][x / 2 * 2 + 1]};
	case LUN_PIXEL_I420:
		return (struct codes){luma[x], chroma[0][x / 2], chroma[1][x / 2]};
	default:
		return (struct codes){luma[2 * x], luma[x / 2 * 4 + 1], luma[x / 2 * 4 + 3]};
	}
}

static void set_codes(struct frame *frame, int x, int y, struct codes codes)
{
	const struct lun_layout *layout = &frame->layout;
	uint8_t *luma = frame->data + (ptrdiff_t)y * layout->stride_bytes[0];
	uint8_t *cb =
	        frame->data + layout->offset_bytes[1] + (ptrdiff_t)(y / 2) * layout->stride_bytes[1];
	uint8_t *cr =
	        frame->data + layout->offset_bytes[2] + (ptrdiff_t)(y / 2) * layout->stride_bytes[2];
	switch (frame->format.pixel) {
	case LUN_PIXEL_NV12:
		luma[x] = (uint8_t)codes.y;
		cb[x / 2 * 2] = (uint8_t)codes.cb;
		cb[x / 2 * 2 + 1] = (uint8_t)codes.cr;
		break;
	case LUN_PIXEL_I420:
		luma[x] = (uint8_t)codes.y;
		cb[x / 2] = (uint8_t)codes.cb;
		cr[x / 2] = (uint8_t)codes.cr;
		break;
	default:
		luma[2 * x] = (uint8_t)codes.y;
		luma[x / 2 * 4 + 1] = (uint8_t)codes.cb;
		luma[x / 2 * 4 + 3] = (uint8_t)codes.cr;
	}
}

static void fill_flat(uint32_t *argb, int pixels, uint32_t color)
{
	for (int i = 0; i < pixels; i++)
		argb[i] = color;
}

/** libyuv converts BT.601 limited, with weights of 8 bits; the rest is ours and exact here. */
static int flat_tolerance(const struct lun_format *format)
{
	return format->matrix == LUN_MATRIX_BT601 && format->range == LUN_RANGE_LIMITED ? 1 : 0;
}

static bool is_near(struct codes got, struct codes want, int tolerance)
{
	bool is_good = abs(got.y - want.y) <= tolerance && abs(got.cb - want.cb) <= tolerance &&
	               abs(got.cr - want.cr) <= tolerance;
	if (!is_good)
		printf("# got %d %d %d, want %d %d %d\n", got.y, got.cb, got.cr, want.y, want.cb, want.cr);
	return is_good;
}

// 100 % bars: published tables for BT.601 and BT.709 (GStreamer videotestsrc, FFmpeg rainbow*),
// full range from the definitions: Y = 255 Y', C = 128 + 255 C', rounded and clamped.
static const struct {
	enum lun_matrix matrix;
	enum lun_range range;
	struct codes bars[8];
} BARS[] = {
        {LUN_MATRIX_BT709, LUN_RANGE_LIMITED,
                {{235, 128, 128}, {219, 16, 138}, {188, 154, 16}, {173, 42, 26}, {78, 214, 230},
                        {63, 102, 240}, {32, 240, 118}, {16, 128, 128}}},
        {LUN_MATRIX_BT601, LUN_RANGE_LIMITED,
                {{235, 128, 128}, {210, 16, 146}, {170, 166, 16}, {145, 54, 34}, {106, 202, 222},
                        {81, 90, 240}, {41, 240, 110}, {16, 128, 128}}},
        {LUN_MATRIX_BT709, LUN_RANGE_FULL,
                {{255, 128, 128}, {237, 1, 140}, {201, 157, 1}, {182, 30, 12}, {73, 226, 244},
                        {54, 99, 255}, {18, 255, 116}, {0, 128, 128}}},
        {LUN_MATRIX_BT601, LUN_RANGE_FULL,
                {{255, 128, 128}, {226, 1, 149}, {179, 171, 1}, {150, 44, 21}, {105, 212, 235},
                        {76, 85, 255}, {29, 255, 107}, {0, 128, 128}}},
};
static const uint32_t BAR_COLORS[8] = {0xffffffff, 0xffffff00, 0xff00ffff, 0xff00ff00, 0xffff00ff,
        0xffff0000, 0xff0000ff, 0xff000000};

static bool is_bar_right(int table, int bar, enum lun_pixel_format pixel, bool use_reference)
{
	enum { SIDE = 18 };
	static uint32_t argb[SIDE * SIDE];
	struct frame frame = make_frame(pixel, BARS[table].matrix, BARS[table].range, SIDE, SIDE);
	fill_flat(argb, SIDE * SIDE, BAR_COLORS[bar]);
	(use_reference ? lun_convert_from_argb_reference : lun_convert_from_argb)(&frame.format,
	        &frame.layout, frame.data, 0, 0, SIDE, SIDE, (const uint8_t *)argb, SIDE * 4);
	int tolerance = use_reference ? 0 : flat_tolerance(&frame.format);
	bool is_good = is_guard_whole(&frame);
	for (int i = 0; i < SIDE && is_good; i++)
		is_good = is_near(get_codes(&frame, i, i), BARS[table].bars[bar], tolerance);
	free(frame.data);
	return is_good;
}

static void bars_have_the_published_code_values(void)
{
	for (int table = 0; table < 4; table++) {
		for (int bar = 0; bar < 8; bar++) {
			for (int pixel = LUN_PIXEL_NV12; pixel <= LUN_PIXEL_YUY2; pixel++) {
				CHECK(is_bar_right(table, bar, (enum lun_pixel_format)pixel, false));
				CHECK(is_bar_right(table, bar, (enum lun_pixel_format)pixel, true));
			}
		}
	}
}

static void greys_are_exact_and_colourless(void)
{
	for (int table = 0; table < 4; table++) {
		for (int grey = 0; grey < 256; grey++) {
			struct frame frame =
			        make_frame(LUN_PIXEL_NV12, BARS[table].matrix, BARS[table].range, 4, 2);
			uint32_t argb[8];
			fill_flat(argb, 8, 0xff000000u | (uint32_t)grey * 0x010101u);
			lun_convert_from_argb(&frame.format, &frame.layout, frame.data, 0, 0, 4, 2,
			        (const uint8_t *)argb, 16);
			// 16 + 219 grey / 255, rounded
			int want = BARS[table].range == LUN_RANGE_FULL ? grey : 16 + (438 * grey + 255) / 510;
			struct codes got = get_codes(&frame, 3, 1);
			free(frame.data);
			CHECK(abs(got.y - want) <= flat_tolerance(&frame.format));
			CHECK_EQ(got.cb, 128);
			CHECK_EQ(got.cr, 128);
		}
	}
}

static void chroma_is_the_mean_of_the_pixels_it_covers(void)
{
	// Blue beside black, black below: a quarter of blue in 4:2:0, a half in the first row of 4:2:2.
	static const uint32_t argb[4] = {0xff0000ff, 0xff000000, 0xff000000, 0xff000000};
	struct frame nv12 = make_frame(LUN_PIXEL_NV12, LUN_MATRIX_BT709, LUN_RANGE_LIMITED, 2, 2);
	struct frame yuy2 = make_frame(LUN_PIXEL_YUY2, LUN_MATRIX_BT709, LUN_RANGE_LIMITED, 2, 2);
	lun_convert_from_argb(
	        &nv12.format, &nv12.layout, nv12.data, 0, 0, 2, 2, (const uint8_t *)argb, 8);
	lun_convert_from_argb(
	        &yuy2.format, &yuy2.layout, yuy2.data, 0, 0, 2, 2, (const uint8_t *)argb, 8);
	struct codes quarter = get_codes(&nv12, 1, 1), half = get_codes(&yuy2, 1, 0);
	struct codes none = get_codes(&yuy2, 0, 1);
	free(nv12.data);
	free(yuy2.data);
	CHECK(is_near(
	        quarter, (struct codes){16, 128 + 112 / 4, 125}, 0));    // Cr: 128 - 10.27 / 4 = 125.4
	CHECK(is_near(half, (struct codes){16, 128 + 112 / 2, 123}, 0)); // Cr: 128 - 10.27 / 2 = 122.9
	CHECK(is_near(none, (struct codes){16, 128, 128}, 0));
}

static void bgra_is_copied_and_opaque(void)
{
	static const uint32_t argb[3] = {0x00000000, 0x80402010, 0xff112233};
	struct frame frame = make_frame(LUN_PIXEL_BGRA, LUN_MATRIX_BT601, LUN_RANGE_LIMITED, 3, 1);
	lun_convert_from_argb(
	        &frame.format, &frame.layout, frame.data, 0, 0, 3, 1, (const uint8_t *)argb, 12);
	static const uint8_t want[12] = {0, 0, 0, 255, 0x10, 0x20, 0x40, 255, 0x33, 0x22, 0x11, 255};
	bool is_same = memcmp(frame.data, want, 12) == 0 && is_guard_whole(&frame);
	free(frame.data);
	CHECK(is_same);
}

static void rectangle_touches_only_its_place(void)
{
	for (int pixel = 0; pixel < LUN_PIXEL_FORMATS; pixel++) {
		struct frame frame = make_frame(
		        (enum lun_pixel_format)pixel, LUN_MATRIX_BT709, LUN_RANGE_LIMITED, 12, 10);
		static uint32_t argb[16];
		memset(frame.data, 1, frame.layout.size_bytes);
		fill_flat(argb, 16, 0xffffffff);
		lun_convert_from_argb(
		        &frame.format, &frame.layout, frame.data, 4, 2, 4, 4, (const uint8_t *)argb, 16);
		size_t changed = 0;
		for (size_t i = 0; i < frame.layout.size_bytes; i++)
			changed += frame.data[i] != 1;
		int first = frame.data[frame.layout.stride_bytes[0] * 2 +
		                       4 * frame.layout.row_bytes[0] / frame.format.width_px];
		bool is_whole = is_guard_whole(&frame);
		free(frame.data);
		// 16 pixels of 12, 16 or 32 bits
		CHECK_EQ(changed, pixel == LUN_PIXEL_BGRA ? 64 : pixel == LUN_PIXEL_YUY2 ? 32 : 24);
		CHECK_EQ(first, pixel == LUN_PIXEL_BGRA ? 255 : 235);
		CHECK(is_whole);
	}
}

static void odd_sizes_stay_inside_the_frame(void)
{
	static const int sizes[][2] = {{1, 1}, {1, 2}, {2, 1}, {3, 3}, {5, 3}, {17, 1}, {1, 17},
	        {31, 33}, {63, 2}, {64, 5}, {65, 64}, {67, 65}};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		for (int which = 0; which < 4 * LUN_PIXEL_FORMATS; which++) {
			int width = sizes[i][0], height = sizes[i][1];
			struct frame frame = make_frame((enum lun_pixel_format)(which / 4),
			        (enum lun_matrix)(which & 1), (enum lun_range)(which >> 1 & 1), width, height);
			struct lun_format *format = &frame.format;
			size_t bytes = (size_t)width * (size_t)height * 4;
			uint8_t *argb = lun_alloc(bytes), *back = lun_alloc(bytes);
			memset(argb, 0xc0, bytes); // grey: what comes back is what went in
			lun_convert_from_argb(
			        format, &frame.layout, frame.data, 0, 0, width, height, argb, width * 4);
			bool is_whole = is_guard_whole(&frame);
			enum lun_result rc =
			        lun_convert_frame_to_argb(format, &frame.layout, frame.data, back, width * 4);
			int worst = 0;
			for (size_t k = 0; k < bytes; k++) {
				int error = abs(back[k] - (k % 4 == 3 ? 255 : 0xc0));
				worst = error > worst ? error : worst;
			}
			free(argb);
			free(back);
			free(frame.data);
			CHECK(is_whole);
			CHECK_EQ(rc, LUN_OK);
			CHECK(worst <= 1);
		}
	}
}

struct rgb {
	double red, green, blue;
};

/** The inverse of the definitions, not clamped. */
static struct rgb decode(enum lun_matrix matrix, enum lun_range range, struct codes codes)
{
	double kr = matrix == LUN_MATRIX_BT709 ? 0.2126 : 0.299;
	double kb = matrix == LUN_MATRIX_BT709 ? 0.0722 : 0.114;
	double y = range == LUN_RANGE_FULL ? codes.y : (codes.y - 16) * 255 / 219.0;
	double scale = range == LUN_RANGE_FULL ? 1 : 255 / 224.0;
	double red = y + 2 * (1 - kr) * scale * (codes.cr - 128);
	double blue = y + 2 * (1 - kb) * scale * (codes.cb - 128);
	return (struct rgb){red, (y - kr * red - kb * blue) / (1 - kr - kb), blue};
}

static int error_of(double want, uint8_t got)
{
	want = want < 0 ? 0 : want > 255 ? 255 : want;
	return (int)floor(fabs(want - got) + 0.5);
}

/** A code value that exists in the range. */
static int make_code(enum lun_range range, uint64_t random, int max_limited)
{
	if (range == LUN_RANGE_FULL)
		return (int)(random % 256);
	return 16 + (int)(random % (uint64_t)(max_limited - 15));
}

static void decoding_follows_the_inverse_formulas(void)
{
	enum { WIDTH = 66, HEIGHT = 66 };
	static uint8_t argb[WIDTH * HEIGHT * 4];
	for (int which = 0; which < 12; which++) {
		enum lun_matrix matrix = (enum lun_matrix)(which & 1);
		enum lun_range range = (enum lun_range)(which >> 1 & 1);
		struct frame frame =
		        make_frame((enum lun_pixel_format)(which >> 2), matrix, range, WIDTH, HEIGHT);
		for (int y = 0; y < HEIGHT; y++) {
			for (int x = 0; x < WIDTH; x++) {
				uint64_t chroma = lun_hash_u64((uint64_t)(x / 2 + y / 2 * 100), 1);
				uint64_t luma = lun_hash_u64((uint64_t)(x + y * 100), 2);
				struct codes codes = {make_code(range, luma, 235),
				        make_code(range, chroma & 0xffffff, 240),
				        make_code(range, chroma >> 24, 240)};
				if (x / 2 == y / 2 && x < 16) // the ends of Cb and Cr, where weights count most
					codes = (struct codes){codes.y, x & 2 ? 240 : 16, x & 4 ? 240 : 16};
				set_codes(&frame, x, y, codes);
			}
		}
		enum lun_result rc = lun_convert_frame_to_argb(
		        &frame.format, &frame.layout, frame.data, argb, WIDTH * 4);
		int worst = 0;
		for (int i = 0; i < WIDTH * HEIGHT; i++) {
			struct rgb want = decode(matrix, range, get_codes(&frame, i % WIDTH, i / WIDTH));
			int error = error_of(want.red, argb[4 * i + 2]);
			int green = error_of(want.green, argb[4 * i + 1]);
			int blue = error_of(want.blue, argb[4 * i]);
			error = green > error ? green : error;
			error = blue > error ? blue : error;
			worst = error > worst ? error : worst;
			worst = argb[4 * i + 3] != 255 ? 999 : worst;
		}
		free(frame.data);
		CHECK_EQ(rc, LUN_OK);
		if (worst > 2)
			printf("# combination %d: off by %d\n", which, worst);
		CHECK(worst <= 2); // libyuv's weights have 6 to 8 bits
	}
}

static struct lun_picture view_frame(const struct frame *frame)
{
	struct lun_picture picture = {
	        .pixel = frame->format.pixel,
	        .matrix = frame->format.matrix,
	        .range = frame->format.range,
	        .width_px = frame->format.width_px,
	        .height_px = frame->format.height_px,
	};
	for (int plane = 0; plane < frame->layout.planes; plane++) {
		picture.plane[plane] = frame->data + frame->layout.offset_bytes[plane];
		picture.stride_bytes[plane] = frame->layout.stride_bytes[plane];
	}
	return picture;
}

/** Noise with some structure, converted to a frame. */
static struct frame make_noise(enum lun_pixel_format pixel, int width_px, int height_px)
{
	struct frame frame =
	        make_frame(pixel, LUN_MATRIX_BT709, LUN_RANGE_LIMITED, width_px, height_px);
	for (size_t i = 0; i < frame.layout.size_bytes; i++)
		frame.data[i] = (uint8_t)(60 + (lun_hash_u64(i, 5) & 127));
	return frame;
}

static void same_size_is_not_scaled(void)
{
	enum { WIDTH = 33, HEIGHT = 19 };
	static uint32_t direct[WIDTH * HEIGHT], picture_argb[WIDTH * HEIGHT], mirrored[WIDTH * HEIGHT];
	for (int pixel = 0; pixel < LUN_PIXEL_FORMATS; pixel++) {
		struct frame frame = make_noise((enum lun_pixel_format)pixel, WIDTH, HEIGHT);
		struct lun_picture picture = view_frame(&frame);
		struct lun_crop all = {0, 0, WIDTH, HEIGHT};
		memset(mirrored, 0, sizeof mirrored);
		enum lun_result a = lun_convert_frame_to_argb(
		        &frame.format, &frame.layout, frame.data, (uint8_t *)direct, WIDTH * 4);
		enum lun_result b = lun_convert_picture_to_argb(&picture, pixel % 2 ? &all : NULL, false,
		        WIDTH, HEIGHT, (uint8_t *)picture_argb, WIDTH * 4);
		enum lun_result c = lun_convert_picture_to_argb(
		        &picture, NULL, true, WIDTH, HEIGHT, (uint8_t *)mirrored, WIDTH * 4);
		free(frame.data);
		CHECK(a == LUN_OK && b == LUN_OK && c == LUN_OK);
		CHECK(memcmp(direct, picture_argb, sizeof direct) == 0);
		for (int i = 0; i < WIDTH * HEIGHT; i++)
			CHECK(mirrored[i] == direct[i / WIDTH * WIDTH + WIDTH - 1 - i % WIDTH]);
	}
}

static void crops_start_on_the_chroma_grid(void)
{
	enum { SIDE = 24 };
	static const struct {
		struct lun_crop crop;
		int x, y, width, height; // in 4:2:0
	} rows[] = {
	        {{4, 6, 8, 10}, 4, 6, 8, 10},
	        {{4.0000000001, 6, 7.9999999998, 10}, 4, 6, 8, 10},
	        {{5, 7, 6, 8}, 4, 6, 8, 10},
	        {{5.5, 7.5, 5, 7}, 4, 6, 8, 10},
	        {{22.5, 22.5, 1, 1}, 22, 22, 2, 2},
	        {{0.2, 0.2, 0, 0}, 0, 0, 2, 2},
	        {{-50, -50, 58, 60}, 0, 0, 8, 10},
	        {{16, 14, 1e30, 1e30}, 16, 14, 8, 10},
	        {{1e30, 1e30, 1, 1}, 22, 22, 2, 2},
	        {{NAN, NAN, NAN, NAN}, 0, 0, 2, 2},
	        {{0, 0, INFINITY, INFINITY}, 0, 0, SIDE, SIDE},
	};
	static uint32_t whole[SIDE * SIDE], part[SIDE * SIDE];
	struct frame frame = make_noise(LUN_PIXEL_I420, SIDE, SIDE);
	struct lun_picture picture = view_frame(&frame);
	enum lun_result rc = lun_convert_frame_to_argb(
	        &frame.format, &frame.layout, frame.data, (uint8_t *)whole, SIDE * 4);
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		rc |= lun_convert_picture_to_argb(&picture, &rows[i].crop, false, rows[i].width,
		        rows[i].height, (uint8_t *)part, SIDE * 4);
		for (int y = 0; y < rows[i].height; y++)
			wrong += memcmp(part + y * SIDE, whole + (rows[i].y + y) * SIDE + rows[i].x,
			                 (size_t)rows[i].width * 4) != 0;
	}
	free(frame.data);
	CHECK_EQ(rc, LUN_OK);
	CHECK_EQ(wrong, 0);
}

static void flat_pictures_stay_flat_at_every_size(void)
{
	static const int sizes[][2] = {{1, 1}, {2, 1}, {1, 7}, {3, 2}, {5, 40}, {31, 17}, {64, 36},
	        {160, 90}, {321, 181}, {320, 90}, {100, 400}, {641, 361}};
	static uint32_t argb[641 * 400];
	int worst_of_all = 0;
	for (int pixel = 0; pixel < LUN_PIXEL_FORMATS; pixel++) {
		struct frame frame = make_frame(
		        (enum lun_pixel_format)pixel, LUN_MATRIX_BT601, LUN_RANGE_LIMITED, 1280, 722);
		struct lun_picture picture = view_frame(&frame);
		memset(frame.data, 200, frame.layout.size_bytes);
		uint32_t want;
		(void)lun_convert_picture_to_argb(
		        &picture, &(struct lun_crop){0, 0, 2, 2}, false, 1, 1, (uint8_t *)&want, 4);
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			int width = sizes[i][0], height = sizes[i][1];
			memset(argb, 0, sizeof argb);
			enum lun_result rc = lun_convert_picture_to_argb(
			        &picture, NULL, i % 2, width, height, (uint8_t *)argb, width * 4);
			int worst = rc == LUN_OK ? 0 : 999;
			for (int k = 0; k < width * height * 4; k++) {
				int error = abs(((uint8_t *)argb)[k] - ((uint8_t *)&want)[k % 4]);
				worst = error > worst ? error : worst;
			}
			if (worst > worst_of_all)
				printf("# pixel format %d to %dx%d: off by %d\n", pixel, width, height, worst);
			worst_of_all = worst > worst_of_all ? worst : worst_of_all;
		}
		free(frame.data);
	}
	// A code of Y and one of Cb, which weighs 2 in blue.
	CHECK(worst_of_all <= 3);
}

static void shrinking_averages(void)
{
	// A chequerboard of 1 px becomes grey, in the whole picture and in a crop of it.
	enum { SIDE = 64 };
	static uint32_t argb[SIDE * SIDE];
	struct frame frame = make_frame(LUN_PIXEL_NV12, LUN_MATRIX_BT601, LUN_RANGE_FULL, SIDE, SIDE);
	struct lun_picture picture = view_frame(&frame);
	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++)
			set_codes(&frame, x, y, (struct codes){(x + y) % 2 ? 255 : 0, 128, 128});
	}
	int worst = 0;
	static const int sides[] = {32, 16, 10, 4, 1};
	for (int i = 0; i < 5; i++) {
		int side = sides[i];
		enum lun_result rc = lun_convert_picture_to_argb(
		        &picture, NULL, false, side, side, (uint8_t *)argb, side * 4);
		for (int k = 0; k < side * side; k++) {
			int error = rc == LUN_OK ? abs((int)(argb[k] & 255) - 128) : 999;
			// 6.4 source pixels a side: one of 41 pixels more of one colour
			worst = error > (side == 10 ? 25 : 2) ? error : worst;
		}
	}
	free(frame.data);
	CHECK_EQ(worst, 0);
}

static void growing_interpolates(void)
{
	enum { TO = 64 };
	uint32_t argb[TO * 2];
	struct frame frame = make_frame(LUN_PIXEL_YUY2, LUN_MATRIX_BT601, LUN_RANGE_FULL, 8, 2);
	struct lun_picture picture = view_frame(&frame);
	for (int x = 0; x < 16; x++)
		set_codes(&frame, x % 8, x / 8, (struct codes){x % 8 * 32, 128, 128});
	enum lun_result rc =
	        lun_convert_picture_to_argb(&picture, NULL, false, TO, 2, (uint8_t *)argb, TO * 4);
	free(frame.data);
	CHECK_EQ(rc, LUN_OK);
	for (int x = 1; x < TO; x++) {
		int step = (int)(argb[x] & 255) - (int)(argb[x - 1] & 255);
		CHECK(step >= 0 && step <= 5); // 32 codes over 8 pixels
	}
	CHECK_EQ(argb[0] & 255, 0);
	CHECK_EQ(argb[TO - 1] & 255, 224);
}

static void refused_memory_is_reported(void)
{
	// Nothing of these planes is read: the memory for their size is refused before.
	uint8_t byte = 0;
	struct lun_picture picture = {
	        .pixel = LUN_PIXEL_I420,
	        .width_px = INT32_MAX / 2,
	        .height_px = INT32_MAX / 2,
	        .plane = {&byte, &byte, &byte},
	};
	CHECK_EQ(lun_convert_picture_to_argb(&picture, NULL, false, 1, 1, &byte, 4), LUN_NOMEM);
	picture.width_px = picture.height_px = INT32_MAX - 1;
	CHECK_EQ(lun_convert_picture_to_argb(&picture, NULL, false, 1, 1, &byte, 4), LUN_NOMEM);
	CHECK_EQ(lun_convert_picture_to_argb(&picture, NULL, false, 0, 5, &byte, 4), LUN_OK);
}

TEST_MAIN(RUN(bars_have_the_published_code_values); RUN(greys_are_exact_and_colourless);
          RUN(chroma_is_the_mean_of_the_pixels_it_covers); RUN(bgra_is_copied_and_opaque);
          RUN(rectangle_touches_only_its_place); RUN(odd_sizes_stay_inside_the_frame);
          RUN(decoding_follows_the_inverse_formulas); RUN(same_size_is_not_scaled);
          RUN(crops_start_on_the_chroma_grid); RUN(flat_pictures_stay_flat_at_every_size);
          RUN(shrinking_averages); RUN(growing_interpolates); RUN(refused_memory_is_reported);)
