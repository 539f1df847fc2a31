// The words and numbers that people write formats with, both ways. Whether a format makes sense
// is lun_format_check()'s decision, not the parsers'.
#include <string.h>
#include <strings.h>

#include "lunette/format.h"

static const char *const PIXEL_NAMES[LUN_PIXEL_FORMATS] = {
        [LUN_PIXEL_NV12] = "nv12",
        [LUN_PIXEL_I420] = "i420",
        [LUN_PIXEL_YUY2] = "yuy2",
        [LUN_PIXEL_BGRA] = "bgra",
};
static const char *const MATRIX_NAMES[] = {
        [LUN_MATRIX_BT601] = "bt601",
        [LUN_MATRIX_BT709] = "bt709",
};
static const char *const RANGE_NAMES[] = {
        [LUN_RANGE_LIMITED] = "limited",
        [LUN_RANGE_FULL] = "full",
};

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static const char *name_of(const char *const *names, int count, int index)
{
	lun_assert(index >= 0 && index < count);
	return names[index];
}

/** @return the index of the name, or -1 */
static int find_name(const char *const *names, int count, const char *text)
{
	for (int i = 0; text && i < count; i++) {
		if (strcasecmp(names[i], text) == 0)
			return i;
	}
	return -1;
}

const char *lun_pixel_format_name(enum lun_pixel_format pixel)
{
	return name_of(PIXEL_NAMES, COUNT(PIXEL_NAMES), (int)pixel);
}

const char *lun_matrix_name(enum lun_matrix matrix)
{
	return name_of(MATRIX_NAMES, COUNT(MATRIX_NAMES), (int)matrix);
}

const char *lun_range_name(enum lun_range range)
{
	return name_of(RANGE_NAMES, COUNT(RANGE_NAMES), (int)range);
}

bool lun_pixel_format_parse(const char *text, enum lun_pixel_format *out_pixel)
{
	int index = find_name(PIXEL_NAMES, COUNT(PIXEL_NAMES), text);
	if (index < 0)
		return false;
	*out_pixel = (enum lun_pixel_format)index;
	return true;
}

bool lun_matrix_parse(const char *text, enum lun_matrix *out_matrix)
{
	int index = find_name(MATRIX_NAMES, COUNT(MATRIX_NAMES), text);
	if (index < 0)
		return false;
	*out_matrix = (enum lun_matrix)index;
	return true;
}

bool lun_range_parse(const char *text, enum lun_range *out_range)
{
	int index = find_name(RANGE_NAMES, COUNT(RANGE_NAMES), text);
	if (index < 0)
		return false;
	*out_range = (enum lun_range)index;
	return true;
}

/** Read 1 to max_digits (at most 9) digits and move *text behind them. */
static bool take_digits(const char **text, int max_digits, int *out_value, int *out_digits)
{
	int value = 0, digits = 0;
	for (; **text >= '0' && **text <= '9'; (*text)++) {
		if (++digits > max_digits)
			return false;
		value = 10 * value + (**text - '0');
	}
	*out_value = value;
	*out_digits = digits;
	return digits > 0;
}

bool lun_size_parse(const char *text, int *out_width_px, int *out_height_px)
{
	int width, height, digits;
	if (!text || !take_digits(&text, 6, &width, &digits))
		return false;
	if (*text != 'x' && *text != 'X')
		return false;
	text++;
	if (!take_digits(&text, 6, &height, &digits) || *text || width == 0 || height == 0)
		return false;
	*out_width_px = width;
	*out_height_px = height;
	return true;
}

static void set_fraction(int64_t num, int64_t den, int *out_num, int *out_den)
{
	int64_t a = num, b = den;
	while (b) {
		int64_t rest = a % b;
		a = b;
		b = rest;
	}
	*out_num = (int)(num / a);
	*out_den = (int)(den / a);
}

/**
 * "29.97" means 30000/1001: a number that is not whole, given with two digits or more, is the NTSC
 * rate that rounds to it, if there is one.
 *
 * @param mantissa  the number times scale
 */
static void set_decimal(int64_t mantissa, int64_t scale, int *out_num, int *out_den)
{
	if (scale >= 100 && mantissa % scale != 0) {
		int64_t nominal = (mantissa * 1001 + scale * 500) / (scale * 1000);
		// |nominal * 1000/1001 - mantissa/scale| <= half a unit of the last digit
		int64_t distance = nominal * 2000 * scale - mantissa * 2002;
		if (nominal > 0 && distance >= -1001 && distance <= 1001) {
			set_fraction(nominal * 1000, 1001, out_num, out_den);
			return;
		}
	}
	set_fraction(mantissa, scale, out_num, out_den);
}

bool lun_rate_parse(const char *text, int *out_num, int *out_den)
{
	int whole, digits;
	if (!text || !take_digits(&text, 9, &whole, &digits))
		return false;
	if (*text == '/') {
		int den;
		text++;
		if (!take_digits(&text, 9, &den, &digits) || *text || whole == 0 || den == 0)
			return false;
		set_fraction(whole, den, out_num, out_den);
		return true;
	}
	int64_t scale = 1;
	int fraction = 0;
	if (*text == '.') {
		text++;
		// Six digits tell 30000/1001 from every other sensible rate, and keep the result small.
		if (whole > 999 || !take_digits(&text, 6, &fraction, &digits))
			return false;
		while (digits-- > 0)
			scale *= 10;
	}
	int64_t mantissa = whole * scale + fraction;
	if (*text || mantissa == 0)
		return false;
	set_decimal(mantissa, scale, out_num, out_den);
	return true;
}
