// Converts the preview's small planes to JPEG's colours by tables. Exact to a rounding for BT.601.
// For BT.709 two things are approximate: Y takes the chroma sample that covers it without
// interpolation, and colours that only BT.709's chroma can express are clamped. Frames on air are
// not its business.
#include "colour.h"

#include <math.h>

#define FIXED_ONE 65536.0

struct primaries {
	double kr, kb;
};

static struct primaries get_primaries(enum lun_matrix matrix)
{
	return matrix == LUN_MATRIX_BT709 ? (struct primaries){0.2126, 0.0722}
	                                  : (struct primaries){0.299, 0.114};
}

// Both matrices are of the same RGB, so one minus the other is what chroma contributes.
static void mix_matrices(const struct primaries *from, const struct primaries *to, double out[3][3])
{
	double from_kg = 1 - from->kr - from->kb, to_kg = 1 - to->kr - to->kb;
	// R = Y + 2 (1 - kr) Cr, B = Y + 2 (1 - kb) Cb, G from Y = kr R + kg G + kb B
	double g_from_cb = -2 * (1 - from->kb) * from->kb / from_kg;
	double g_from_cr = -2 * (1 - from->kr) * from->kr / from_kg;
	double r_from_cr = 2 * (1 - from->kr), b_from_cb = 2 * (1 - from->kb);
	out[0][0] = 1;
	out[0][1] = to_kg * g_from_cb + to->kb * b_from_cb;
	out[0][2] = to->kr * r_from_cr + to_kg * g_from_cr;
	for (int i = 0; i < 3; i++) {
		double b = i == 0 ? 1 : i == 1 ? b_from_cb : 0;
		double r = i == 0 ? 1 : i == 2 ? r_from_cr : 0;
		out[1][i] = (b - out[0][i]) / (2 * (1 - to->kb));
		out[2][i] = (r - out[0][i]) / (2 * (1 - to->kr));
	}
}

static int32_t to_fixed(double codes)
{
	return (int32_t)lrint(codes * FIXED_ONE);
}

void lun_colour_table_init(
        struct lun_colour_table *table, enum lun_matrix matrix, enum lun_range range)
{
	struct primaries from = get_primaries(matrix), to = get_primaries(LUN_MATRIX_BT601);
	double mix[3][3];
	mix_matrices(&from, &to, mix);
	bool is_full = range == LUN_RANGE_FULL;
	double y_scale = is_full ? 1 : 255.0 / 219, c_scale = is_full ? 1 : 255.0 / 224;
	table->is_mixing = matrix != LUN_MATRIX_BT601;
	table->is_identity = is_full && !table->is_mixing;
	for (int code = 0; code < 256; code++) {
		double y = (code - (is_full ? 0 : 16)) * y_scale, c = (code - 128) * c_scale;
		table->y_from_y[code] = to_fixed(y + 0.5);
		table->y_from_cb[code] = to_fixed(mix[0][1] * c);
		table->y_from_cr[code] = to_fixed(mix[0][2] * c);
		table->cb_from_cb[code] = to_fixed(mix[1][1] * c + 128.5);
		table->cb_from_cr[code] = to_fixed(mix[1][2] * c);
		table->cr_from_cb[code] = to_fixed(mix[2][1] * c);
		table->cr_from_cr[code] = to_fixed(mix[2][2] * c + 128.5);
	}
}

static uint8_t to_code(int32_t fixed)
{
	return fixed < 0 ? 0 : fixed >= 256 * 65536 ? 255 : (uint8_t)(fixed >> 16);
}

static void convert_y(const struct lun_colour_table *table, const struct lun_colour_planes *planes)
{
	uint8_t *y = planes->y;
	for (int row = 0; row < planes->height_px; row++) {
		size_t chroma_row = (size_t)(row >> planes->chroma_shift_y);
		const uint8_t *cb = planes->cb + chroma_row * (size_t)planes->chroma_width_px;
		const uint8_t *cr = planes->cr + chroma_row * (size_t)planes->chroma_width_px;
		for (int x = 0; x < planes->width_px; x++, y++) {
			int32_t sum = table->y_from_y[*y];
			if (table->is_mixing) {
				int chroma_x = x >> planes->chroma_shift_x;
				sum += table->y_from_cb[cb[chroma_x]] + table->y_from_cr[cr[chroma_x]];
			}
			*y = to_code(sum);
		}
	}
}

static void convert_chroma(
        const struct lun_colour_table *table, const struct lun_colour_planes *planes)
{
	size_t samples = (size_t)planes->chroma_width_px * (size_t)planes->chroma_height_px;
	for (size_t i = 0; i < samples; i++) {
		uint8_t cb = planes->cb[i], cr = planes->cr[i];
		planes->cb[i] = to_code(table->cb_from_cb[cb] + table->cb_from_cr[cr]);
		planes->cr[i] = to_code(table->cr_from_cr[cr] + table->cr_from_cb[cb]);
	}
}

void lun_colour_convert(
        const struct lun_colour_table *table, const struct lun_colour_planes *planes)
{
	if (table->is_identity)
		return;
	convert_y(table, planes); // first: it reads the chroma as it came
	convert_chroma(table, planes);
}
