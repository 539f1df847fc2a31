// Parsers of format words on any bytes: never crash, and what they take they also take in its
// canonical spelling, with the same meaning. Layouts and packed sizes of any format agree.
#include "lunette/format.h"
#include "prop.h"

/** Text that is often nearly right. */
static void make_text(struct gen *g, char *out, int size)
{
	static const char letters[] = "0123456789012345678901234567890129x/./.X- +e";
	static const char *const words[] = {"nv12", "i420", "YUY2", "bgra", "bt601", "BT709", "limited",
	        "full", "30000/1001", "29.97", "1280x720", "23.976"};
	int length = gen_range(g, 0, size - 1);
	bool is_noise = gen_u32(g) % 8 == 0;
	for (int i = 0; i < length; i++)
		out[i] = is_noise ? (char)gen_range(g, 1, 255)
		                  : letters[gen_range(g, 0, (int)sizeof letters - 2)];
	out[length] = '\0';
	if (gen_u32(g) % 2)
		(void)snprintf(out, (size_t)size, "%s", words[gen_range(g, 0, 11)]);
	if (gen_u32(g) % 4 == 0 && out[0]) // one byte off
		out[gen_range(g, 0, (int)strlen(out) - 1)] = (char)gen_range(g, 1, 255);
}

static bool words_are_stable(const char *text)
{
	enum lun_pixel_format pixel, pixel2;
	enum lun_matrix matrix, matrix2;
	enum lun_range range, range2;
	if (lun_pixel_format_parse(text, &pixel) &&
	        !(lun_pixel_format_parse(lun_pixel_format_name(pixel), &pixel2) && pixel == pixel2))
		return false;
	if (lun_matrix_parse(text, &matrix) &&
	        !(lun_matrix_parse(lun_matrix_name(matrix), &matrix2) && matrix == matrix2))
		return false;
	return !lun_range_parse(text, &range) ||
	       (lun_range_parse(lun_range_name(range), &range2) && range == range2);
}

static bool size_is_stable(const char *text)
{
	int width, height, width2, height2;
	char canonical[64];
	if (!lun_size_parse(text, &width, &height))
		return true;
	(void)snprintf(canonical, sizeof canonical, "%dx%d", width, height);
	return width > 0 && height > 0 && lun_size_parse(canonical, &width2, &height2) &&
	       width == width2 && height == height2;
}

static bool rate_is_stable(const char *text)
{
	int num, den, num2, den2;
	char canonical[64];
	if (!lun_rate_parse(text, &num, &den))
		return true;
	(void)snprintf(canonical, sizeof canonical, "%d/%d", num, den);
	if (num <= 0 || den <= 0 || !lun_rate_parse(canonical, &num2, &den2))
		return false;
	// Decimals mean what they say, to half a unit of their last digit.
	double value = strtod(text, NULL), unit = 1;
	const char *point = strchr(text, '.');
	for (const char *digit = point ? point + 1 : ""; *digit; digit++)
		unit /= 10;
	if (point && (double)num / den - value > unit * 0.501)
		return false;
	if (point && value - (double)num / den > unit * 0.501)
		return false;
	return num == num2 && den == den2;
}

static bool layout_is_sane(struct gen *g)
{
	struct lun_format format = lun_format_default();
	struct lun_layout layout;
	size_t packed = 0, end = 0;
	format.pixel = (enum lun_pixel_format)gen_range(g, 0, LUN_PIXEL_FORMATS - 1);
	format.width_px = gen_range(g, 1, LUN_MAX_SIZE_PX);
	format.height_px = gen_range(g, 1, LUN_MAX_SIZE_PX);
	lun_format_layout(&format, &layout);
	for (int plane = 0; plane < layout.planes; plane++) {
		int stride = layout.stride_bytes[plane], row = layout.row_bytes[plane];
		if (stride % 4 || row > stride || layout.offset_bytes[plane] < end)
			return false;
		end = layout.offset_bytes[plane] + (size_t)stride * (size_t)layout.rows[plane];
		packed += (size_t)row * (size_t)layout.rows[plane];
	}
	return end <= layout.size_bytes && packed == lun_format_packed_bytes(&format);
}

static bool parsers_are_stable(struct gen *g)
{
	char text[24];
	make_text(g, text, (int)sizeof text);
	bool is_good = words_are_stable(text) && size_is_stable(text) && rate_is_stable(text);
	if (!is_good)
		printf("# \"%s\"\n", text);
	return is_good && layout_is_sane(g);
}

PROPERTY(parsers_are_stable)
