// Formats: layouts against GStreamer's documented defaults, packed sizes against FFmpeg's rawvideo,
// exact ticks, names and parsers.
#include "lunette/format.h"

#include "check.h"

static struct lun_format make_format(enum lun_pixel_format pixel, int width_px, int height_px)
{
	struct lun_format format = lun_format_default();
	format.pixel = pixel;
	format.width_px = width_px;
	format.height_px = height_px;
	return format;
}

static struct lun_format make_rate(int num, int den)
{
	struct lun_format format = lun_format_default();
	format.fps_num = num;
	format.fps_den = den;
	return format;
}

static void the_default_is_what_goes_on_air(void)
{
	struct lun_format format = lun_format_default();
	CHECK_EQ(lun_format_check(&format, NULL), LUN_OK);
	CHECK_EQ(format.pixel, LUN_PIXEL_NV12);
	CHECK_EQ(format.width_px, 1920);
	CHECK_EQ(format.height_px, 1080);
	CHECK_EQ(format.fps_num, 30);
	CHECK_EQ(format.fps_den, 1);
	CHECK_EQ(format.matrix, LUN_MATRIX_BT601);
	CHECK_EQ(format.range, LUN_RANGE_LIMITED);
}

static void nonsense_is_refused_with_a_sentence(void)
{
	static const struct {
		int pixel, width, height, num, den, matrix, range;
		const char *says;
	} rows[] = {
	        {LUN_PIXEL_NV12, 0, 1080, 30, 1, 0, 0, "0x1080"},
	        {LUN_PIXEL_NV12, 1920, -1, 30, 1, 0, 0, "1920x-1"},
	        {LUN_PIXEL_NV12, LUN_MAX_SIZE_PX + 1, 2, 30, 1, 0, 0, "8193x2"},
	        {LUN_PIXEL_NV12, 2, LUN_MAX_SIZE_PX + 1, 30, 1, 0, 0, "2x8193"},
	        {LUN_PIXEL_NV12, 2, 2, 0, 1, 0, 0, "0/1"},
	        {LUN_PIXEL_NV12, 2, 2, 30, 0, 0, 0, "30/0"},
	        {LUN_PIXEL_NV12, 2, 2, -30, -1, 0, 0, "-30/-1"},
	        {LUN_PIXEL_NV12, 2, 2, 241, 1, 0, 0, "241/1"},
	        {LUN_PIXEL_NV12, 2, 2, INT32_MAX, 8947848, 0, 0, "at most 240"},
	        {4, 2, 2, 30, 1, 0, 0, "pixel format number 4"},
	        {-1, 2, 2, 30, 1, 0, 0, "pixel format number -1"},
	        {LUN_PIXEL_NV12, 2, 2, 30, 1, 2, 0, "matrix number 2"},
	        {LUN_PIXEL_NV12, 2, 2, 30, 1, 0, 2, "range number 2"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lun_format format = {(enum lun_pixel_format)rows[i].pixel, rows[i].width,
		        rows[i].height, rows[i].num, rows[i].den, (enum lun_matrix)rows[i].matrix,
		        (enum lun_range)rows[i].range};
		struct lun_error err;
		CHECK_EQ(lun_format_check(&format, &err), LUN_INVALID);
		CHECK_EQ(err.code, LUN_INVALID);
		CHECK(strstr(err.message, rows[i].says));
		CHECK_EQ(lun_format_check(&format, NULL), LUN_INVALID);
	}
}

static void odd_sizes_and_extremes_are_valid(void)
{
	for (int pixel = 0; pixel < LUN_PIXEL_FORMATS; pixel++) {
		struct lun_format small = make_format((enum lun_pixel_format)pixel, 1, 1);
		struct lun_format large =
		        make_format((enum lun_pixel_format)pixel, LUN_MAX_SIZE_PX, LUN_MAX_SIZE_PX);
		small.fps_num = 240;
		large.fps_num = 1;
		large.fps_den = 3600;
		CHECK_EQ(lun_format_check(&small, NULL), LUN_OK);
		CHECK_EQ(lun_format_check(&large, NULL), LUN_OK);
	}
}

static void equality_looks_at_every_member(void)
{
	struct lun_format a = lun_format_default();
	struct lun_format changed[7] = {a, a, a, a, a, a, a};
	changed[0].pixel = LUN_PIXEL_I420;
	changed[1].width_px = 2;
	changed[2].height_px = 2;
	changed[3].fps_num = 25;
	changed[4].fps_den = 2;
	changed[5].matrix = LUN_MATRIX_BT709;
	changed[6].range = LUN_RANGE_FULL;
	CHECK(lun_format_equal(&a, &a));
	for (int i = 0; i < 7; i++)
		CHECK(!lun_format_equal(&a, &changed[i]));
}

// From GStreamer's documentation of its video formats (gst-plugins-base, part "mediatypes-video-
// raw"): strides rounded up to 4, heights of 4:2:0 to 2.
static void layouts_are_gstreamers(void)
{
	static const struct {
		enum lun_pixel_format pixel;
		int width, height, planes;
		int offset[3], stride[3], row[3], rows[3];
		int size;
	} rows[] = {
	        {LUN_PIXEL_NV12, 1920, 1080, 2, {0, 2073600}, {1920, 1920}, {1920, 1920}, {1080, 540},
	                3110400},
	        {LUN_PIXEL_NV12, 5, 3, 2, {0, 32}, {8, 8}, {5, 6}, {3, 2}, 48},
	        {LUN_PIXEL_NV12, 1, 1, 2, {0, 8}, {4, 4}, {1, 2}, {1, 1}, 12},
	        {LUN_PIXEL_I420, 1920, 1080, 3, {0, 2073600, 2592000}, {1920, 960, 960},
	                {1920, 960, 960}, {1080, 540, 540}, 3110400},
	        {LUN_PIXEL_I420, 5, 3, 3, {0, 32, 40}, {8, 4, 4}, {5, 3, 3}, {3, 2, 2}, 48},
	        {LUN_PIXEL_I420, 10, 4, 3, {0, 48, 64}, {12, 8, 8}, {10, 5, 5}, {4, 2, 2}, 80},
	        {LUN_PIXEL_YUY2, 1280, 720, 1, {0}, {2560}, {2560}, {720}, 1843200},
	        {LUN_PIXEL_YUY2, 5, 3, 1, {0}, {12}, {12}, {3}, 36},
	        {LUN_PIXEL_BGRA, 5, 3, 1, {0}, {20}, {20}, {3}, 60},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lun_format format = make_format(rows[i].pixel, rows[i].width, rows[i].height);
		struct lun_layout layout;
		lun_format_layout(&format, &layout);
		CHECK_EQ(layout.planes, rows[i].planes);
		for (int plane = 0; plane < layout.planes; plane++) {
			CHECK_EQ(layout.offset_bytes[plane], rows[i].offset[plane]);
			CHECK_EQ(layout.stride_bytes[plane], rows[i].stride[plane]);
			CHECK_EQ(layout.row_bytes[plane], rows[i].row[plane]);
			CHECK_EQ(layout.rows[plane], rows[i].rows[plane]);
		}
		CHECK_EQ(layout.size_bytes, rows[i].size);
	}
}

// Byte counts that `ffmpeg -pix_fmt F -s WxH -f rawvideo` writes for one frame.
static void packed_sizes_are_ffmpegs(void)
{
	static const struct {
		enum lun_pixel_format pixel;
		int width, height, bytes;
	} rows[] = {
	        {LUN_PIXEL_NV12, 5, 3, 27},
	        {LUN_PIXEL_NV12, 1, 1, 3},
	        {LUN_PIXEL_NV12, 2, 1, 4},
	        {LUN_PIXEL_NV12, 1, 2, 4},
	        {LUN_PIXEL_I420, 5, 3, 27},
	        {LUN_PIXEL_I420, 1, 1, 3},
	        {LUN_PIXEL_YUY2, 5, 3, 36},
	        {LUN_PIXEL_YUY2, 1, 1, 4},
	        {LUN_PIXEL_YUY2, 1, 2, 8},
	        {LUN_PIXEL_BGRA, 5, 3, 60},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lun_format format = make_format(rows[i].pixel, rows[i].width, rows[i].height);
		CHECK_EQ(lun_format_packed_bytes(&format), rows[i].bytes);
	}
}

static void packing_keeps_pixels_and_drops_padding(void)
{
	struct lun_format format = make_format(LUN_PIXEL_I420, 5, 3);
	struct lun_layout layout;
	uint8_t data[48], packed[27 + 1];
	lun_format_layout(&format, &layout);
	memset(data, 0xee, sizeof data); // padding
	packed[27] = 0x77;               // guard
	uint8_t value = 0;
	for (int plane = 0; plane < 3; plane++) {
		for (int y = 0; y < layout.rows[plane]; y++) {
			uint8_t *row = data + layout.offset_bytes[plane] +
			               (size_t)y * (size_t)layout.stride_bytes[plane];
			for (int x = 0; x < layout.row_bytes[plane]; x++)
				row[x] = value++;
		}
	}
	CHECK_EQ(value, 27);
	lun_format_pack(&format, &layout, data, packed);
	for (int i = 0; i < 27; i++)
		CHECK_EQ(packed[i], i);
	CHECK_EQ(packed[27], 0x77);
}

static void ticks_are_exact(void)
{
	static const struct {
		int num, den;
		uint64_t number, ns;
	} rows[] = {
	        {30, 1, 0, 0},
	        {30, 1, 1, 33333333},
	        {30, 1, 2, 66666666},
	        {30, 1, 3, 100000000},
	        {30000, 1001, 30000, 1001000000000},
	        {30000, 1001, 1, 33366666},
	        // 60000 ticks last 1001 s; a hundred years of them
	        {60000, 1001, 60000ull * 86400 * 36, 1001000000000ull * 86400 * 36},
	        {240, 1, 240ull * 3600 * 24 * 365 * 100, 1000000000ull * 3600 * 24 * 365 * 100},
	        {1, 3600, 1000, 3600000000000000},
	        // Nothing in between overflows: 2147483646/2147483647 ticks a second.
	        {2147483646, 2147483647, 2147483646, 2147483647000000000},
	        // floor(2147483645 * 2147483647 * 1e9 / 2147483646), with whole numbers of any size
	        {2147483646, 2147483647, 2147483645, 2147483645999999999},
	        // Beyond 64 bits of nanoseconds time stands still.
	        {1, 1, UINT64_MAX, UINT64_MAX},
	        {30, 1, 1ull << 48, UINT64_MAX},
	        {1, 2147483647, 1ull << 48, UINT64_MAX},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lun_format format = make_rate(rows[i].num, rows[i].den);
		uint64_t ns = lun_format_tick_ns(&format, rows[i].number);
		if (ns != rows[i].ns)
			printf("# row %zu: %" PRIu64 ", want %" PRIu64 "\n", i, ns, rows[i].ns);
		CHECK(ns == rows[i].ns);
	}
}

static void ticks_never_run_backwards_or_drift(void)
{
	struct lun_format format = make_rate(30000, 1001);
	// 2^38 ticks are 290 years at this rate; the sum of whole seconds must still be exact there.
	uint64_t start = (uint64_t)1 << 38;
	start -= start % 30000;
	uint64_t base = lun_format_tick_ns(&format, start);
	CHECK(base == start / 30000 * 1001000000000u);
	for (uint64_t i = 1; i <= 30000; i++) {
		uint64_t ns = lun_format_tick_ns(&format, start + i) - base;
		CHECK(ns == i * 1001000000000u / 30000);
	}
}

static void names_and_parsers_agree(void)
{
	static const char *const pixels[] = {"nv12", "i420", "yuy2", "bgra"};
	for (int i = 0; i < LUN_PIXEL_FORMATS; i++) {
		enum lun_pixel_format pixel;
		CHECK(strcmp(lun_pixel_format_name((enum lun_pixel_format)i), pixels[i]) == 0);
		CHECK(lun_pixel_format_parse(pixels[i], &pixel));
		CHECK_EQ(pixel, i);
	}
	enum lun_pixel_format pixel = LUN_PIXEL_BGRA;
	enum lun_matrix matrix;
	enum lun_range range;
	CHECK(lun_pixel_format_parse("NV12", &pixel) && pixel == LUN_PIXEL_NV12);
	CHECK(!lun_pixel_format_parse("nv21", &pixel) && pixel == LUN_PIXEL_NV12);
	CHECK(!lun_pixel_format_parse("", &pixel) && !lun_pixel_format_parse("nv12 ", &pixel));
	CHECK(!lun_pixel_format_parse(NULL, &pixel));
	CHECK(lun_matrix_parse("BT709", &matrix) && matrix == LUN_MATRIX_BT709);
	CHECK(lun_matrix_parse("bt601", &matrix) && matrix == LUN_MATRIX_BT601);
	CHECK(!lun_matrix_parse("bt2020", &matrix) && !lun_matrix_parse("601", &matrix));
	CHECK(lun_range_parse("Full", &range) && range == LUN_RANGE_FULL);
	CHECK(lun_range_parse("limited", &range) && range == LUN_RANGE_LIMITED);
	CHECK(!lun_range_parse("tv", &range));
	CHECK(strcmp(lun_matrix_name(LUN_MATRIX_BT601), "bt601") == 0);
	CHECK(strcmp(lun_matrix_name(LUN_MATRIX_BT709), "bt709") == 0);
	CHECK(strcmp(lun_range_name(LUN_RANGE_LIMITED), "limited") == 0);
	CHECK(strcmp(lun_range_name(LUN_RANGE_FULL), "full") == 0);
}

static void sizes_are_read(void)
{
	static const char *const bad[] = {"", "x", "1280", "1280x", "x720", "1280x720x", "1280x720 ",
	        " 1280x720", "-1x2", "1x-2", "0x5", "5x0", "1e3x5", "1280*720", "99999999999999x2",
	        "0x10x10", "1280X", "+1x1"};
	int width = 7, height = 8;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!lun_size_parse(bad[i], &width, &height));
	CHECK(!lun_size_parse(NULL, &width, &height));
	CHECK(width == 7 && height == 8);
	CHECK(lun_size_parse("1280x720", &width, &height) && width == 1280 && height == 720);
	CHECK(lun_size_parse("3X1", &width, &height) && width == 3 && height == 1);
}

static void rates_are_read(void)
{
	static const struct {
		const char *text;
		int num, den;
	} good[] = {
	        {"30", 30, 1},
	        {"29.97", 30000, 1001},
	        {"30000/1001", 30000, 1001},
	        {"23.976", 24000, 1001},
	        {"23.98", 24000, 1001},
	        {"59.94", 60000, 1001},
	        {"119.88", 120000, 1001},
	        {"29.970030", 30000, 1001},
	        {"25.00", 25, 1},
	        {"1.00", 1, 1},
	        {"12.5", 25, 2},
	        {"0.5", 1, 2},
	        {"29.9", 299, 10},
	        {"29.96", 749, 25},
	        {"29.98", 1499, 50},
	        {"60/2", 30, 1},
	        {"1/3600", 1, 3600},
	};
	static const char *const bad[] = {"", "0", "0.0", "0/1", "1/0", "-30", "30/", "/30", "30/-1",
	        "30.", ".5", "30 ", "30fps", "1e2", "nan", "inf", "29,97", "1/2/3", "9999999999",
	        "29.9700000001", "1.5/2"};
	int num, den;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		CHECK(lun_rate_parse(good[i].text, &num, &den));
		if (num != good[i].num || den != good[i].den)
			printf("# %s\n", good[i].text);
		CHECK_EQ(num, good[i].num);
		CHECK_EQ(den, good[i].den);
	}
	num = den = 7;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!lun_rate_parse(bad[i], &num, &den));
	CHECK(!lun_rate_parse(NULL, &num, &den));
	CHECK(num == 7 && den == 7);
}

TEST_MAIN(RUN(the_default_is_what_goes_on_air); RUN(nonsense_is_refused_with_a_sentence);
          RUN(odd_sizes_and_extremes_are_valid); RUN(equality_looks_at_every_member);
          RUN(layouts_are_gstreamers); RUN(packed_sizes_are_ffmpegs);
          RUN(packing_keeps_pixels_and_drops_padding); RUN(ticks_are_exact);
          RUN(ticks_never_run_backwards_or_drift); RUN(names_and_parsers_agree);
          RUN(sizes_are_read); RUN(rates_are_read);)
