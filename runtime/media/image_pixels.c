// From every pixel format that still images decode to, to premultiplied ARGB. RGB and grey are
// converted here, exactly; swscale does Y'CbCr alone, for its chroma interpolation.
#include "media/image_pixels.h"

#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

static uint32_t pack(unsigned a, unsigned r, unsigned g, unsigned b)
{
	return (uint32_t)a << 24 | (uint32_t)r << 16 | (uint32_t)g << 8 | b;
}

// A big-endian component of 16 bits, rounded to 8.
static unsigned component16(const uint8_t *at)
{
	unsigned value = (unsigned)at[0] << 8 | at[1];
	return (value * 255u + 32767u) / 65535u;
}

// How components of 1 or 2 bytes lie in packed formats; -1 = absent (opaque).
struct packing {
	enum AVPixelFormat format;
	int pixel_bytes;
	int r, g, b, a; // offsets
	bool is_16bit;
};

static const struct packing packings[] = {
        {AV_PIX_FMT_GRAY8, 1, 0, 0, 0, -1, false},
        {AV_PIX_FMT_YA8, 2, 0, 0, 0, 1, false},
        {AV_PIX_FMT_RGB24, 3, 0, 1, 2, -1, false},
        {AV_PIX_FMT_BGR24, 3, 2, 1, 0, -1, false},
        {AV_PIX_FMT_RGBA, 4, 0, 1, 2, 3, false},
        {AV_PIX_FMT_BGRA, 4, 2, 1, 0, 3, false},
        {AV_PIX_FMT_ARGB, 4, 1, 2, 3, 0, false},
        {AV_PIX_FMT_GRAY16BE, 2, 0, 0, 0, -1, true},
        {AV_PIX_FMT_YA16BE, 4, 0, 0, 0, 2, true},
        {AV_PIX_FMT_RGB48BE, 6, 0, 2, 4, -1, true},
        {AV_PIX_FMT_RGBA64BE, 8, 0, 2, 4, 6, true},
};

static void write_packed_row(
        const struct packing *packing, const uint8_t *from, uint32_t *to, int width)
{
	for (int x = 0; x < width; x++, from += packing->pixel_bytes) {
		unsigned value[4] = {255, 0, 0, 0};
		const int offsets[4] = {packing->a, packing->r, packing->g, packing->b};
		for (int i = 0; i < 4; i++)
			if (offsets[i] >= 0)
				value[i] = packing->is_16bit ? component16(from + offsets[i]) : from[offsets[i]];
		to[x] = pack(value[0], value[1], value[2], value[3]);
	}
}

static void write_planar_row(const AVFrame *frame, int y, uint32_t *to)
{
	const uint8_t *row[4] = {NULL}; // G B R A
	for (int i = 0; i < 4; i++)
		if (frame->data[i])
			row[i] = frame->data[i] + (ptrdiff_t)y * frame->linesize[i];
	bool has_alpha = frame->format == AV_PIX_FMT_GBRAP;
	for (int x = 0; x < frame->width; x++)
		to[x] = pack(has_alpha ? row[3][x] : 255, row[2][x], row[0][x], row[1][x]);
}

static void write_palette_row(const AVFrame *frame, int y, uint32_t *to)
{
	const uint8_t *from = frame->data[0] + (ptrdiff_t)y * frame->linesize[0];
	const uint32_t *palette = (const uint32_t *)frame->data[1];
	for (int x = 0; x < frame->width; x++)
		to[x] = palette[from[x]];
}

static void write_bit_row(const AVFrame *frame, int y, uint32_t *to)
{
	const uint8_t *from = frame->data[0] + (ptrdiff_t)y * frame->linesize[0];
	bool is_inverted = frame->format == AV_PIX_FMT_MONOWHITE;
	for (int x = 0; x < frame->width; x++) {
		bool is_white = (from[x >> 3] >> (7 - (x & 7)) & 1) != is_inverted;
		to[x] = is_white ? 0xffffffffu : 0xff000000u;
	}
}

static const struct packing *find_packing(enum AVPixelFormat format)
{
	for (size_t i = 0; i < sizeof packings / sizeof *packings; i++)
		if (packings[i].format == format)
			return &packings[i];
	return NULL;
}

// @return false when the row's format is none of those that are written here
static bool write_row(const AVFrame *frame, int y, uint32_t *to)
{
	const struct packing *packing = find_packing(frame->format);
	if (packing) {
		write_packed_row(
		        packing, frame->data[0] + (ptrdiff_t)y * frame->linesize[0], to, frame->width);
		return true;
	}
	switch (frame->format) {
	case AV_PIX_FMT_GBRP:
	case AV_PIX_FMT_GBRAP:
		write_planar_row(frame, y, to);
		return true;
	case AV_PIX_FMT_PAL8:
		write_palette_row(frame, y, to);
		return true;
	case AV_PIX_FMT_MONOBLACK:
	case AV_PIX_FMT_MONOWHITE:
		write_bit_row(frame, y, to);
		return true;
	default:
		return false;
	}
}

// Subsampled chroma lies in the middle of the pixels it is for.
static void set_chroma_position(struct SwsContext *scaler, const AVPixFmtDescriptor *format)
{
	if (format->log2_chroma_w)
		(void)av_opt_set_int(scaler, "src_h_chr_pos", 128, 0);
	if (format->log2_chroma_h)
		(void)av_opt_set_int(scaler, "src_v_chr_pos", 128, 0);
}

static struct SwsContext *create_scaler(const AVFrame *frame, bool is_full_range)
{
	struct SwsContext *scaler = sws_alloc_context();
	if (!scaler)
		return NULL;
	(void)av_opt_set_int(scaler, "srcw", frame->width, 0);
	(void)av_opt_set_int(scaler, "srch", frame->height, 0);
	(void)av_opt_set_int(scaler, "src_format", frame->format, 0);
	(void)av_opt_set_int(scaler, "dstw", frame->width, 0);
	(void)av_opt_set_int(scaler, "dsth", frame->height, 0);
	(void)av_opt_set_int(scaler, "dst_format", AV_PIX_FMT_RGB32, 0);
	(void)av_opt_set_int(scaler, "sws_flags",
	        SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT,
	        0);
	set_chroma_position(scaler, av_pix_fmt_desc_get(frame->format));
	const int *matrix = sws_getCoefficients(SWS_CS_ITU601);
	if (sws_init_context(scaler, NULL, NULL) >= 0 &&
	        sws_setColorspaceDetails(
	                scaler, matrix, is_full_range, matrix, 1, 0, 1 << 16, 1 << 16) >= 0)
		return scaler;
	sws_freeContext(scaler);
	return NULL;
}

// swscale rounds alpha where it should only pass through.
static void copy_alpha(const AVFrame *frame, uint8_t *argb, int stride_bytes)
{
	for (int y = 0; y < frame->height; y++) {
		const uint8_t *from = frame->data[3] + (ptrdiff_t)y * frame->linesize[3];
		uint32_t *to = (uint32_t *)(argb + (ptrdiff_t)y * stride_bytes);
		for (int x = 0; x < frame->width; x++)
			to[x] = (to[x] & 0xffffff) | (uint32_t)from[x] << 24;
	}
}

static bool write_ycbcr(const AVFrame *frame, bool is_full_range, uint8_t *argb, int stride_bytes)
{
	struct SwsContext *scaler = create_scaler(frame, is_full_range);
	if (!scaler)
		return false;
	uint8_t *planes[4] = {argb};
	int strides[4] = {stride_bytes};
	int rows = sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0,
	        frame->height, planes, strides);
	sws_freeContext(scaler);
	const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
	if (format->flags & AV_PIX_FMT_FLAG_ALPHA && format->comp[3].depth == 8)
		copy_alpha(frame, argb, stride_bytes);
	return rows == frame->height;
}

static unsigned premultiply_component(uint32_t value, unsigned shift, unsigned alpha)
{
	return ((value >> shift & 255) * alpha + 127) / 255;
}

// @return whether every pixel of the row was opaque
static bool premultiply_row(uint32_t *row, int width)
{
	bool is_opaque = true;
	for (int x = 0; x < width; x++) {
		unsigned alpha = row[x] >> 24;
		if (alpha == 255)
			continue;
		is_opaque = false;
		row[x] = pack(alpha, premultiply_component(row[x], 16, alpha),
		        premultiply_component(row[x], 8, alpha), premultiply_component(row[x], 0, alpha));
	}
	return is_opaque;
}

bool lun_image_write_argb(const AVFrame *frame, bool is_full_range, uint8_t *argb, int stride_bytes,
        bool *out_is_opaque)
{
	bool is_ours = write_row(frame, 0, (uint32_t *)argb);
	if (!is_ours && !write_ycbcr(frame, is_full_range, argb, stride_bytes))
		return false;
	*out_is_opaque = true;
	for (int y = 0; y < frame->height; y++) {
		uint32_t *row = (uint32_t *)(argb + (ptrdiff_t)y * stride_bytes);
		if (is_ours)
			(void)write_row(frame, y, row);
		*out_is_opaque &= premultiply_row(row, frame->width);
	}
	return true;
}
