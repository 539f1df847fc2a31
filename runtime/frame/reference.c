// The slow conversion that the fast ones are held against: the definitions of ITU-R BT.601-7 and
// BT.709-6 in double arithmetic, one sample at a time. Used by tests only, and shares no code with
// what it judges.
#include <math.h>

#include "frame/convert.h"

/** Components 0..1 */
struct rgb {
	double red, green, blue;
};

/** The surface a rectangle is taken from. */
struct source {
	const uint8_t *argb; // borrowed for the length of the call
	int stride_bytes;
	int width_px, height_px;
};

static struct rgb get_pixel(const struct source *source, int x, int y)
{
	const uint8_t *at = source->argb + (ptrdiff_t)y * source->stride_bytes + (ptrdiff_t)x * 4;
	return (struct rgb){at[2] / 255.0, at[1] / 255.0, at[0] / 255.0};
}

/** Mean over a block; pixels that do not exist do not count. */
static struct rgb average(const struct source *source, int x, int y, int columns, int rows)
{
	struct rgb sum = {0, 0, 0};
	int count = 0;
	for (int j = y; j < y + rows && j < source->height_px; j++) {
		for (int i = x; i < x + columns && i < source->width_px; i++, count++) {
			struct rgb pixel = get_pixel(source, i, j);
			sum.red += pixel.red;
			sum.green += pixel.green;
			sum.blue += pixel.blue;
		}
	}
	return (struct rgb){sum.red / count, sum.green / count, sum.blue / count};
}

static uint8_t round_code(double code)
{
	// A sum of doubles may end a hair below an exact half; no weight is finer than this.
	double rounded = floor(code + 0.5 + 1e-9);
	return rounded < 0 ? 0 : rounded > 255 ? 255 : (uint8_t)rounded;
}

static double luma_of(enum lun_matrix matrix, struct rgb c)
{
	if (matrix == LUN_MATRIX_BT709)
		return 0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue;
	return 0.299 * c.red + 0.587 * c.green + 0.114 * c.blue;
}

static uint8_t encode_y(const struct lun_format *format, struct rgb c)
{
	double luma = luma_of(format->matrix, c);
	return round_code(format->range == LUN_RANGE_FULL ? 255 * luma : 16 + 219 * luma);
}

static uint8_t encode_chroma(const struct lun_format *format, double difference)
{
	return round_code(128 + (format->range == LUN_RANGE_FULL ? 255 : 224) * difference);
}

static uint8_t encode_cb(const struct lun_format *format, struct rgb c)
{
	double kb = format->matrix == LUN_MATRIX_BT709 ? 0.0722 : 0.114;
	return encode_chroma(format, (c.blue - luma_of(format->matrix, c)) / (2 * (1 - kb)));
}

static uint8_t encode_cr(const struct lun_format *format, struct rgb c)
{
	double kr = format->matrix == LUN_MATRIX_BT709 ? 0.2126 : 0.299;
	return encode_chroma(format, (c.red - luma_of(format->matrix, c)) / (2 * (1 - kr)));
}

static void write_planar(const struct lun_format *format, const struct lun_layout *layout,
        uint8_t *data, int x_px, int y_px, const struct source *source)
{
	bool is_nv12 = format->pixel == LUN_PIXEL_NV12;
	for (int y = 0; y < source->height_px; y++) {
		uint8_t *row = data + (ptrdiff_t)(y_px + y) * layout->stride_bytes[0] + x_px;
		for (int x = 0; x < source->width_px; x++)
			row[x] = encode_y(format, get_pixel(source, x, y));
	}
	for (int y = 0; y < source->height_px; y += 2) {
		for (int x = 0; x < source->width_px; x += 2) {
			struct rgb mean = average(source, x, y, 2, 2);
			ptrdiff_t row = (y_px + y) / 2, column = (x_px + x) / 2;
			uint8_t *cb = data + layout->offset_bytes[1] + row * layout->stride_bytes[1] +
			              column * (is_nv12 ? 2 : 1);
			uint8_t *cr = is_nv12 ? cb + 1
			                      : data + layout->offset_bytes[2] + row * layout->stride_bytes[2] +
			                                column;
			*cb = encode_cb(format, mean);
			*cr = encode_cr(format, mean);
		}
	}
}

static void write_yuy2(const struct lun_format *format, const struct lun_layout *layout,
        uint8_t *data, int x_px, int y_px, const struct source *source)
{
	for (int y = 0; y < source->height_px; y++) {
		for (int x = 0; x < source->width_px; x += 2) {
			uint8_t *at = data + (ptrdiff_t)(y_px + y) * layout->stride_bytes[0] +
			              (ptrdiff_t)(x_px + x) * 2;
			int second = x + 1 < source->width_px ? x + 1 : x;
			struct rgb mean = average(source, x, y, 2, 1);
			at[0] = encode_y(format, get_pixel(source, x, y));
			at[1] = encode_cb(format, mean);
			at[2] = encode_y(format, get_pixel(source, second, y));
			at[3] = encode_cr(format, mean);
		}
	}
}

static void write_bgra(const struct lun_layout *layout, uint8_t *data, int x_px, int y_px,
        const struct source *source)
{
	for (int y = 0; y < source->height_px; y++) {
		uint8_t *row = data + (ptrdiff_t)(y_px + y) * layout->stride_bytes[0];
		for (int x = 0; x < source->width_px; x++) {
			uint8_t *at = row + (ptrdiff_t)(x_px + x) * 4;
			struct rgb pixel = get_pixel(source, x, y);
			at[0] = round_code(255 * pixel.blue);
			at[1] = round_code(255 * pixel.green);
			at[2] = round_code(255 * pixel.red);
			at[3] = 255;
		}
	}
}

void lun_convert_from_argb_reference(const struct lun_format *format,
        const struct lun_layout *layout, uint8_t *data, int x_px, int y_px, int width_px,
        int height_px, const uint8_t *argb, int argb_stride_bytes)
{
	struct source source = {argb, argb_stride_bytes, width_px, height_px};
	switch (format->pixel) {
	case LUN_PIXEL_NV12:
	case LUN_PIXEL_I420:
		write_planar(format, layout, data, x_px, y_px, &source);
		break;
	case LUN_PIXEL_YUY2:
		write_yuy2(format, layout, data, x_px, y_px, &source);
		break;
	case LUN_PIXEL_BGRA:
		write_bgra(layout, data, x_px, y_px, &source);
		break;
	}
}
