// The conversion's promises on random frames: fast and reference agree within one code, and it
// does not matter into which rectangles a frame is split.
#include "frame/convert.h"

#include "prop.h"

#define MAX_SIDE 200
#define GUARD 0xa5

struct surface {
	uint8_t *argb; // owned
	int width_px, height_px, stride_bytes;
};

static uint64_t next_random(uint64_t *state)
{
	*state = lun_hash_u64(*state, 77);
	return *state;
}

/** Noise, flat areas and extremes: what rounding goes wrong at, all three. */
static struct surface make_surface(struct gen *g, int width_px, int height_px)
{
	struct surface surface = {.width_px = width_px, .height_px = height_px};
	surface.stride_bytes = (width_px + gen_range(g, 0, 9)) * 4;
	surface.argb = lun_alloc((size_t)surface.stride_bytes * (size_t)height_px);
	uint64_t state = gen_u32(g);
	int kind = gen_range(g, 0, 3);
	uint32_t flat = gen_u32(g) | 0xff000000u;
	for (int y = 0; y < height_px; y++) {
		for (int x = 0; x < width_px; x++) {
			uint32_t pixel = (uint32_t)next_random(&state) | 0xff000000u;
			if (kind == 1 && x % 8)
				pixel = flat;
			else if (kind == 2) // every component at an end
				pixel = ((pixel & 0x808080u) >> 7) * 255u | 0xff000000u;
			memcpy(surface.argb + (size_t)y * (size_t)surface.stride_bytes + (size_t)x * 4, &pixel,
			        4);
		}
	}
	return surface;
}

static uint8_t *make_frame(const struct lun_layout *layout)
{
	uint8_t *frame = lun_alloc(layout->size_bytes);
	memset(frame, GUARD, layout->size_bytes);
	return frame;
}

static bool is_luma(enum lun_pixel_format pixel, int plane, int byte)
{
	return pixel == LUN_PIXEL_YUY2 ? byte % 2 == 0 : plane == 0;
}

/**
 * Our rows promise one code. libyuv (BT.601 limited) averages by two rounding means of 8 bits and
 * truncates Cb and Cr, which adds up to less than two codes, and has weights of 8 bits: one code in
 * Y.
 */
static int find_tolerance(const struct lun_format *format, int plane, int byte)
{
	if (format->pixel == LUN_PIXEL_BGRA)
		return 0;
	if (format->matrix == LUN_MATRIX_BT601 && format->range == LUN_RANGE_LIMITED)
		return is_luma(format->pixel, plane, byte) ? 1 : 2;
	return 1;
}

static bool is_close(const struct lun_format *format, const struct lun_layout *layout,
        const uint8_t *fast, const uint8_t *reference)
{
	for (int plane = 0; plane < layout->planes; plane++) {
		for (int y = 0; y < layout->rows[plane]; y++) {
			for (int i = 0; i < layout->stride_bytes[plane]; i++) {
				size_t at = layout->offset_bytes[plane] +
				            (size_t)y * (size_t)layout->stride_bytes[plane] + (size_t)i;
				bool is_padding = i >= layout->row_bytes[plane];
				int tolerance = find_tolerance(format, plane, i);
				if (!is_padding && abs(fast[at] - reference[at]) <= tolerance)
					continue;
				if (is_padding && fast[at] == GUARD)
					continue;
				printf("# %s %s %s %dx%d: plane %d row %d byte %d is %d, reference %d\n",
				        lun_pixel_format_name(format->pixel), lun_matrix_name(format->matrix),
				        lun_range_name(format->range), format->width_px, format->height_px, plane,
				        y, i, fast[at], reference[at]);
				return false;
			}
		}
	}
	return true;
}

/** Convert a rectangle, or split it in two at an even place and convert those. */
static void convert_split(struct gen *g, const struct lun_format *format,
        const struct lun_layout *layout, uint8_t *data, const struct surface *surface, int x, int y,
        int width, int height, int depth)
{
	bool is_wide = gen_u32(g) & 1;
	int side = is_wide ? width : height;
	if (depth == 0 || side <= 2) {
		lun_convert_from_argb(format, layout, data, x, y, width, height,
		        surface->argb + (size_t)y * (size_t)surface->stride_bytes + (size_t)x * 4,
		        surface->stride_bytes);
		return;
	}
	int cut = 2 * gen_range(g, 1, (side - 1) / 2);
	convert_split(g, format, layout, data, surface, x, y, is_wide ? cut : width,
	        is_wide ? height : cut, depth - 1);
	convert_split(g, format, layout, data, surface, is_wide ? x + cut : x, is_wide ? y : y + cut,
	        is_wide ? width - cut : width, is_wide ? height : height - cut, depth - 1);
}

/** The compositor's grid. */
static void convert_tiles(const struct lun_format *format, const struct lun_layout *layout,
        uint8_t *data, const struct surface *surface)
{
	const int tile = 64;
	for (int y = 0; y < format->height_px; y += tile) {
		for (int x = 0; x < format->width_px; x += tile) {
			int width = format->width_px - x < tile ? format->width_px - x : tile;
			int height = format->height_px - y < tile ? format->height_px - y : tile;
			lun_convert_from_argb(format, layout, data, x, y, width, height,
			        surface->argb + (size_t)y * (size_t)surface->stride_bytes + (size_t)x * 4,
			        surface->stride_bytes);
		}
	}
}

static bool conversion_is_close_and_splits(struct gen *g)
{
	struct lun_format format = lun_format_default();
	struct lun_layout layout;
	format.pixel = (enum lun_pixel_format)gen_range(g, 0, LUN_PIXEL_FORMATS - 1);
	format.matrix = (enum lun_matrix)gen_range(g, 0, 1);
	format.range = (enum lun_range)gen_range(g, 0, 1);
	format.width_px = gen_range(g, 1, gen_u32(g) & 3 ? 70 : MAX_SIDE);
	format.height_px = gen_range(g, 1, gen_u32(g) & 3 ? 9 : MAX_SIDE);
	lun_format_layout(&format, &layout);

	struct surface surface = make_surface(g, format.width_px, format.height_px);
	uint8_t *whole = make_frame(&layout), *reference = make_frame(&layout);
	uint8_t *split = make_frame(&layout), *tiled = make_frame(&layout);
	lun_convert_from_argb(&format, &layout, whole, 0, 0, format.width_px, format.height_px,
	        surface.argb, surface.stride_bytes);
	lun_convert_from_argb_reference(&format, &layout, reference, 0, 0, format.width_px,
	        format.height_px, surface.argb, surface.stride_bytes);
	convert_split(g, &format, &layout, split, &surface, 0, 0, format.width_px, format.height_px, 5);
	convert_tiles(&format, &layout, tiled, &surface);

	bool is_good = is_close(&format, &layout, whole, reference);
	if (memcmp(whole, split, layout.size_bytes) != 0 ||
	        memcmp(whole, tiled, layout.size_bytes) != 0) {
		printf("# %s %s %s %dx%d: split differs from whole\n", lun_pixel_format_name(format.pixel),
		        lun_matrix_name(format.matrix), lun_range_name(format.range), format.width_px,
		        format.height_px);
		is_good = false;
	}
	free(surface.argb);
	free(whole);
	free(reference);
	free(split);
	free(tiled);
	return is_good;
}

PROPERTY(conversion_is_close_and_splits)
