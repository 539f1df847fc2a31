// The preview's pictures: what a decoder makes of the JPEG is compared with the RGB that the
// frame's own matrix and range say, computed here from the standards' definitions.
#include "hostapp/studio/jpeg.h"

#include <math.h>
#include <string.h>
#include <turbojpeg.h>

#include "check.h"

struct rgb_picture {
	int width_px, height_px;
	uint8_t *pixels; // owned; R G B
};

static bool decode(const uint8_t *bytes, size_t size_bytes, struct rgb_picture *out_picture)
{
	tjhandle decoder = tjInitDecompress();
	int subsampling, colours;
	struct rgb_picture picture = {0};
	bool is_fine = !tjDecompressHeader3(decoder, bytes, size_bytes, &picture.width_px,
	        &picture.height_px, &subsampling, &colours);
	if (is_fine) {
		picture.pixels = lun_alloc((size_t)picture.width_px * (size_t)picture.height_px * 3);
		is_fine = !tjDecompress2(decoder, bytes, size_bytes, picture.pixels, picture.width_px, 0,
		        picture.height_px, TJPF_RGB, TJFLAG_ACCURATEDCT);
	}
	(void)tjDestroy(decoder);
	*out_picture = picture;
	return is_fine;
}

static bool encode(struct lun_jpeg *jpeg, const struct lun_format *format, const uint8_t *data,
        struct rgb_picture *out_picture)
{
	const uint8_t *bytes;
	size_t size_bytes;
	struct lun_error err;
	return lun_jpeg_encode(jpeg, format, data, &bytes, &size_bytes, &err) == LUN_OK &&
	       decode(bytes, size_bytes, out_picture);
}

// One code for each component everywhere; padding gets another, which must not show.
static uint8_t *make_flat(const struct lun_format *format, const uint8_t codes[3])
{
	struct lun_layout layout;
	lun_format_layout(format, &layout);
	uint8_t *data = malloc(layout.size_bytes);
	lun_assert(data);
	memset(data, 0x5a, layout.size_bytes);
	for (int plane = 0; plane < layout.planes; plane++)
		for (int row = 0; row < layout.rows[plane]; row++)
			for (int i = 0; i < layout.row_bytes[plane]; i++) {
				static const uint8_t yuy2[4] = {0, 1, 0, 2};
				int component = plane;
				if (format->pixel == LUN_PIXEL_NV12 && plane)
					component = 1 + i % 2;
				else if (format->pixel == LUN_PIXEL_YUY2)
					component = yuy2[i % 4];
				else if (format->pixel == LUN_PIXEL_BGRA)
					component = i % 4;
				size_t at = layout.offset_bytes[plane] +
				            (size_t)row * (size_t)layout.stride_bytes[plane] + (size_t)i;
				data[at] = component > 2 ? 255 : codes[component];
			}
	return data;
}

static double clamp_code(double value)
{
	return value < 0 ? 0 : value > 255 ? 255 : value;
}

// ITU-R BT.601-7 and BT.709-6, section 3: Y'CbCr to R'G'B' in 0..255.
static void expect_rgb(const struct lun_format *format, const uint8_t codes[3], double out_rgb[3])
{
	if (format->pixel == LUN_PIXEL_BGRA) {
		for (int i = 0; i < 3; i++)
			out_rgb[i] = codes[2 - i];
		return;
	}
	bool is_709 = format->matrix == LUN_MATRIX_BT709, is_full = format->range == LUN_RANGE_FULL;
	double kr = is_709 ? 0.2126 : 0.299, kb = is_709 ? 0.0722 : 0.114;
	double y = is_full ? codes[0] / 255.0 : (codes[0] - 16) / 219.0;
	double cb = (codes[1] - 128) / (is_full ? 255.0 : 224.0);
	double cr = (codes[2] - 128) / (is_full ? 255.0 : 224.0);
	double r = y + 2 * (1 - kr) * cr, b = y + 2 * (1 - kb) * cb;
	double g = (y - kr * r - kb * b) / (1 - kr - kb);
	out_rgb[0] = clamp_code(255 * r);
	out_rgb[1] = clamp_code(255 * g);
	out_rgb[2] = clamp_code(255 * b);
}

static double worst_difference(const struct rgb_picture *picture, const double rgb[3])
{
	double worst = 0;
	size_t samples = (size_t)picture->width_px * (size_t)picture->height_px * 3;
	for (size_t i = 0; i < samples; i++) {
		double difference = fabs(picture->pixels[i] - rgb[i % 3]);
		worst = difference > worst ? difference : worst;
	}
	return worst;
}

static double check_flat(struct lun_jpeg *jpeg, const struct lun_format *format,
        const uint8_t codes[3], struct rgb_picture *out_picture)
{
	double rgb[3];
	uint8_t *data = make_flat(format, codes);
	bool is_fine = encode(jpeg, format, data, out_picture);
	free(data);
	expect_rgb(format, codes, rgb);
	double worst = is_fine ? worst_difference(out_picture, rgb) : 1000;
	free(out_picture->pixels);
	return worst;
}

// Three roundings (table, quantised DCT, decoder) and chroma's gain of up to 1.77 allow 4 codes.
#define COLOUR_TOLERANCE 4

static void colours_are_those_of_the_frame_s_matrix_and_range(void)
{
	// Inside the gamut of each matrix and range, so nothing is clamped.
	static const uint8_t codes[][3] = {{16, 128, 128}, {235, 128, 128}, {126, 128, 128},
	        {81, 100, 200}, {145, 70, 60}, {60, 200, 120}, {170, 60, 140}, {100, 150, 110}};
	struct lun_jpeg *jpeg = lun_jpeg_create();
	struct rgb_picture picture;
	for (int pixel = 0; pixel < LUN_PIXEL_FORMATS; pixel++)
		for (int kind = 0; kind < 4; kind++)
			for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
				struct lun_format format = lun_format_default();
				format.pixel = (enum lun_pixel_format)pixel;
				format.width_px = 48;
				format.height_px = 32;
				format.matrix = kind & 1 ? LUN_MATRIX_BT709 : LUN_MATRIX_BT601;
				format.range = kind & 2 ? LUN_RANGE_FULL : LUN_RANGE_LIMITED;
				double worst = check_flat(jpeg, &format, codes[i], &picture);
				if (worst > COLOUR_TOLERANCE)
					printf("# %s %s %s %d %d %d: off by %g\n", lun_pixel_format_name(format.pixel),
					        lun_matrix_name(format.matrix), lun_range_name(format.range),
					        codes[i][0], codes[i][1], codes[i][2], worst);
				CHECK(worst <= COLOUR_TOLERANCE);
			}
	lun_jpeg_destroy(jpeg);
}

static void codes_outside_the_range_are_clamped(void)
{
	struct lun_format format = lun_format_default();
	format.width_px = format.height_px = 16;
	struct lun_jpeg *jpeg = lun_jpeg_create();
	struct rgb_picture picture;
	CHECK(check_flat(jpeg, &format, (uint8_t[3]){255, 128, 128}, &picture) <= 1);
	CHECK(check_flat(jpeg, &format, (uint8_t[3]){0, 128, 128}, &picture) <= 1);
	lun_jpeg_destroy(jpeg);
}

static void any_size_is_shrunk_by_a_whole_number_and_shows_no_padding(void)
{
	static const int sizes[][4] = {{1, 1, 1, 1}, {3, 5, 3, 5}, {1280, 2, 1280, 2},
	        {1281, 3, 641, 2}, {1920, 1080, 960, 540}, {1919, 1079, 960, 540}, {7, 2561, 3, 854},
	        {8192, 9, 1171, 2}, {1, 8192, 1, 1171}, {2560, 1, 1280, 1}};
	static const uint8_t codes[3] = {100, 150, 110};
	struct lun_jpeg *jpeg = lun_jpeg_create();
	struct rgb_picture picture;
	for (int pixel = 0; pixel < LUN_PIXEL_FORMATS; pixel++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			struct lun_format format = lun_format_default();
			format.pixel = (enum lun_pixel_format)pixel;
			format.width_px = sizes[i][0];
			format.height_px = sizes[i][1];
			double worst = check_flat(jpeg, &format, codes, &picture);
			if (worst > COLOUR_TOLERANCE)
				printf("# %s %dx%d: off by %g\n", lun_pixel_format_name(format.pixel), sizes[i][0],
				        sizes[i][1], worst);
			CHECK(worst <= COLOUR_TOLERANCE);
			CHECK_EQ(picture.width_px, sizes[i][2]);
			CHECK_EQ(picture.height_px, sizes[i][3]);
		}
	lun_jpeg_destroy(jpeg);
}

// Left half dark, right half light: what is left in the frame is left in the picture.
static void places_stay_where_they_are(void)
{
	struct lun_jpeg *jpeg = lun_jpeg_create();
	for (int pixel = 0; pixel < LUN_PIXEL_FORMATS; pixel++) {
		struct lun_format format = lun_format_default();
		format.pixel = (enum lun_pixel_format)pixel;
		format.width_px = 2560;
		format.height_px = 64;
		struct lun_layout layout;
		lun_format_layout(&format, &layout);
		uint8_t *data = make_flat(&format, (uint8_t[3]){40, 128, 128});
		uint8_t *light = make_flat(&format, (uint8_t[3]){200, 128, 128});
		for (int row = 0; row < 64; row++) {
			size_t at = (size_t)row * (size_t)layout.stride_bytes[0];
			size_t half = (size_t)layout.row_bytes[0] / 2;
			memcpy(data + at + half, light + at + half, half);
		}
		struct rgb_picture picture;
		CHECK(encode(jpeg, &format, data, &picture));
		CHECK_EQ(picture.width_px, 1280);
		double dark_rgb[3], light_rgb[3];
		expect_rgb(&format, (uint8_t[3]){40, 128, 128}, dark_rgb);
		expect_rgb(&format, (uint8_t[3]){200, 128, 128}, light_rgb);
		// Away from the edge, whose block rings.
		for (int i = 0; i < 3; i++) {
			CHECK(fabs(picture.pixels[600 * 3 + i] - dark_rgb[i]) <= COLOUR_TOLERANCE);
			CHECK(fabs(picture.pixels[680 * 3 + i] - light_rgb[i]) <= COLOUR_TOLERANCE);
		}
		free(picture.pixels);
		free(light);
		free(data);
	}
	lun_jpeg_destroy(jpeg);
}

static void shrinking_takes_the_mean(void)
{
	struct lun_jpeg *jpeg = lun_jpeg_create();
	static const int widths[2] = {2000, 3000}; // by 2 and by 3
	for (int i = 0; i < 2; i++) {
		struct lun_format format = lun_format_default();
		format.pixel = LUN_PIXEL_I420;
		format.range = LUN_RANGE_FULL;
		format.width_px = widths[i];
		format.height_px = 24;
		struct lun_layout layout;
		lun_format_layout(&format, &layout);
		uint8_t *data = make_flat(&format, (uint8_t[3]){0, 128, 128});
		for (int row = 0; row < 24; row++)
			for (int x = 0; x < widths[i]; x++)
				data[(size_t)row * (size_t)layout.stride_bytes[0] + (size_t)x] =
				        (uint8_t)(60 * ((x + row) % (2 + i)));
		struct rgb_picture picture;
		CHECK(encode(jpeg, &format, data, &picture));
		// Each box holds each of 0, 60 (and 120) equally often.
		double mean = i == 0 ? 30 : 60;
		CHECK(worst_difference(&picture, (double[3]){mean, mean, mean}) <= COLOUR_TOLERANCE);
		free(picture.pixels);
		free(data);
	}
	lun_jpeg_destroy(jpeg);
}

TEST_MAIN(RUN(colours_are_those_of_the_frame_s_matrix_and_range);
          RUN(codes_outside_the_range_are_clamped);
          RUN(any_size_is_shrunk_by_a_whole_number_and_shows_no_padding);
          RUN(places_stay_where_they_are); RUN(shrinking_takes_the_mean);)
