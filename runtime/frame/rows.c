// The arithmetic of our own rows: plain loops over planes in 16-bit fixed point, shaped so that the
// compiler makes vectors of them (a byte in the upper half of 16 bits, times a weight, upper half
// of the product: one instruction each). Which pixels they are for is convert.c's business.
//
// Written from ITU-R BT.601-7 and BT.709-6: Y' = Kr R' + Kg G' + Kb B', Cb = (B'-Y') / (2 (1-Kb)),
// Cr = (R'-Y') / (2 (1-Kr)).
#include "frame/rows.h"

#include <string.h>

#define WEIGHT(share) ((int)((share)*65536 + 0.5))

// The largest weight of a line is what is left for it, so that greys are exact: the weights of Y
// add up to the scale, those of Cb and Cr to nothing.
#define Y_GREEN(kr, kb, scale) (WEIGHT(scale) - WEIGHT((kr) * (scale)) - WEIGHT((kb) * (scale)))
#define DOWN(share, other, scale) WEIGHT((share) / (2 * (1 - (other))) * (scale))

#define MATRIX(kr, kg, kb, y_offset, y_scale, c_scale)                                           \
	{                                                                                            \
		.y_red = (uint16_t)WEIGHT((kr) * (y_scale)),                                             \
		.y_green = (uint16_t)Y_GREEN(kr, kb, y_scale),                                           \
		.y_blue = (uint16_t)WEIGHT((kb) * (y_scale)), .y_bias = (y_offset)*256 + Y_HALF,         \
		.cb_red = (uint16_t)DOWN(kr, kb, c_scale), .cb_green = (uint16_t)DOWN(kg, kb, c_scale),  \
		.cb_blue = (uint16_t)(DOWN(kr, kb, c_scale) + DOWN(kg, kb, c_scale)),                    \
		.cr_red = (uint16_t)(DOWN(kg, kr, c_scale) + DOWN(kb, kr, c_scale)),                     \
		.cr_green = (uint16_t)DOWN(kg, kr, c_scale), .cr_blue = (uint16_t)DOWN(kb, kr, c_scale), \
		.chroma_bias = 128 * 256 + C_HALF,                                                       \
	}

// One half in 1/256 codes. Three products lose 1.5/256 on the average, which Y gets back; in Cb and
// Cr two of the three are taken away, and one less keeps full range's 255.5 inside 16 bits, where
// it becomes 255 by itself.
#define Y_HALF 129
#define C_HALF 127

const struct lun_rows_matrix *lun_rows_get_matrix(enum lun_matrix matrix, enum lun_range range)
{
	static const struct lun_rows_matrix matrices[2][2] = {
	        [LUN_MATRIX_BT601] =
	                {
	                        [LUN_RANGE_LIMITED] =
	                                MATRIX(0.299, 0.587, 0.114, 16, 219 / 255.0, 224 / 255.0),
	                        [LUN_RANGE_FULL] = MATRIX(0.299, 0.587, 0.114, 0, 1.0, 1.0),
	                },
	        [LUN_MATRIX_BT709] =
	                {
	                        [LUN_RANGE_LIMITED] =
	                                MATRIX(0.2126, 0.7152, 0.0722, 16, 219 / 255.0, 224 / 255.0),
	                        [LUN_RANGE_FULL] = MATRIX(0.2126, 0.7152, 0.0722, 0, 1.0, 1.0),
	                },
	};
	return &matrices[matrix][range];
}

/** value * weight / 65536; value is a component times 256 */
static inline uint16_t scale_by(uint16_t value, uint16_t weight)
{
	return (uint16_t)(((uint32_t)value * weight) >> 16);
}

void lun_rows_luma(const struct lun_rows_matrix *matrix, const uint8_t *restrict red,
        const uint8_t *restrict green, const uint8_t *restrict blue, uint8_t *restrict out_y,
        int width_px)
{
	const struct lun_rows_matrix m = *matrix;
	for (int x = 0; x < width_px; x++) {
		uint16_t r = scale_by((uint16_t)(red[x] << 8), m.y_red);
		uint16_t g = scale_by((uint16_t)(green[x] << 8), m.y_green);
		uint16_t b = scale_by((uint16_t)(blue[x] << 8), m.y_blue);
		out_y[x] = (uint8_t)((uint16_t)(r + g + b + m.y_bias) >> 8);
	}
}

void lun_rows_average(const uint8_t *restrict top, const uint8_t *restrict bottom,
        uint16_t *restrict out, int width_px)
{
	int pairs = width_px / 2;
	for (int i = 0; i < pairs; i++) {
		unsigned sum = (unsigned)(top[2 * i] + top[2 * i + 1] + bottom[2 * i] + bottom[2 * i + 1]);
		out[i] = (uint16_t)(sum << 6);
	}
	if (width_px % 2)
		out[pairs] = (uint16_t)((top[width_px - 1] + bottom[width_px - 1]) << 7);
}

void lun_rows_chroma(const struct lun_rows_matrix *matrix, const uint16_t *restrict red,
        const uint16_t *restrict green, const uint16_t *restrict blue, uint8_t *restrict out_cb,
        uint8_t *restrict out_cr, int count)
{
	const struct lun_rows_matrix m = *matrix;
	for (int i = 0; i < count; i++) {
		uint16_t down = (uint16_t)(scale_by(red[i], m.cb_red) + scale_by(green[i], m.cb_green));
		uint16_t up = scale_by(blue[i], m.cb_blue);
		out_cb[i] = (uint8_t)((uint16_t)(m.chroma_bias + up - down) >> 8);
	}
	for (int i = 0; i < count; i++) {
		uint16_t down = (uint16_t)(scale_by(green[i], m.cr_green) + scale_by(blue[i], m.cr_blue));
		uint16_t up = scale_by(red[i], m.cr_red);
		out_cr[i] = (uint8_t)((uint16_t)(m.chroma_bias + up - down) >> 8);
	}
}

void lun_rows_interleave(
        const uint8_t *restrict cb, const uint8_t *restrict cr, uint8_t *restrict out, int count)
{
	for (int i = 0; i < count; i++) {
		out[2 * i] = cb[i];
		out[2 * i + 1] = cr[i];
	}
}

void lun_rows_pack_yuy2(const uint8_t *restrict y, const uint8_t *restrict cb,
        const uint8_t *restrict cr, uint8_t *restrict out, int width_px)
{
	int pairs = width_px / 2;
	for (int i = 0; i < pairs; i++) {
		out[4 * i] = y[2 * i];
		out[4 * i + 1] = cb[i];
		out[4 * i + 2] = y[2 * i + 1];
		out[4 * i + 3] = cr[i];
	}
	if (width_px % 2) {
		out[4 * pairs] = out[4 * pairs + 2] = y[width_px - 1];
		out[4 * pairs + 1] = cb[pairs];
		out[4 * pairs + 3] = cr[pairs];
	}
}

// The way back for BT.709 limited: gains times 8192, which gives 1/32 codes.
#define GAIN(gain) ((uint16_t)((gain)*8192 + 0.5))
#define Y_GAIN (255 / 219.0)
#define RED_CR (2 * (1 - 0.2126) * 255 / 224)
#define BLUE_CB (2 * (1 - 0.0722) * 255 / 224)
#define GREEN_CR (RED_CR * 0.2126 / 0.7152)
#define GREEN_CB (BLUE_CB * 0.0722 / 0.7152)

// What the offsets 16 and 128 amount to and one half for the rounding, in 1/32 codes. Each product
// loses half a unit on the average.
#define DOWN_BIAS(gain) ((int16_t)(32 * (16 * Y_GAIN + 128 * (gain)-0.5) - 0.5))
#define UP_BIAS(gain) ((int16_t)(32 * (0.5 - 16 * Y_GAIN + 128 * (gain))))

/** 1/32 codes, which stay inside 16 bits: 1.17 * 255 + 2.12 * 127 is 568 */
static inline uint8_t round_clamped(int16_t value)
{
	int16_t code = (int16_t)(value >> 5);
	code = code < 0 ? 0 : code;
	return (uint8_t)(code > 255 ? 255 : code);
}

void lun_rows_double(const uint8_t *restrict chroma, uint8_t *restrict out, int width_px)
{
	for (int i = 0; i < width_px / 2; i++) {
		out[2 * i] = chroma[i];
		out[2 * i + 1] = chroma[i];
	}
	if (width_px % 2)
		out[width_px - 1] = chroma[width_px / 2];
}

void lun_rows_decode_bt709(const uint8_t *restrict y, const uint8_t *restrict cb,
        const uint8_t *restrict cr, uint8_t *restrict out_red, uint8_t *restrict out_green,
        uint8_t *restrict out_blue, int width_px)
{
	for (int x = 0; x < width_px; x++) {
		int luma = scale_by((uint16_t)(y[x] << 8), GAIN(Y_GAIN));
		uint16_t u = (uint16_t)(cb[x] << 8), v = (uint16_t)(cr[x] << 8);
		int down = scale_by(u, GAIN(GREEN_CB)) + scale_by(v, GAIN(GREEN_CR));
		int red = luma + scale_by(v, GAIN(RED_CR)) - DOWN_BIAS(RED_CR);
		int green = luma - down + UP_BIAS(GREEN_CB + GREEN_CR);
		int blue = luma + scale_by(u, GAIN(BLUE_CB)) - DOWN_BIAS(BLUE_CB);
		out_red[x] = round_clamped((int16_t)red);
		out_green[x] = round_clamped((int16_t)green);
		out_blue[x] = round_clamped((int16_t)blue);
	}
}

void lun_rows_copy_opaque(const uint8_t *from, int from_stride_bytes, uint8_t *to,
        int to_stride_bytes, int width_px, int height_px)
{
	for (int y = 0; y < height_px; y++) {
		const uint8_t *restrict in = from + (ptrdiff_t)y * from_stride_bytes;
		uint8_t *restrict out = to + (ptrdiff_t)y * to_stride_bytes;
		for (int x = 0; x < width_px; x++) {
			uint32_t pixel;
			memcpy(&pixel, in + (ptrdiff_t)4 * x, 4);
			pixel |= 0xff000000u;
			memcpy(out + (ptrdiff_t)4 * x, &pixel, 4);
		}
	}
}
