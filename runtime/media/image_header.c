// The structure of image files: their kind, their size, and whether their end is there. Decoders
// show what they got of a truncated file; here it is found out before they are asked. No pixel
// is touched.
#include "media/image_header.h"

#include <string.h>

// Reading that never passes the end; what is not there reads as 0 and is_short is set.
struct reader {
	const uint8_t *bytes;
	size_t size, at;
	bool is_short;
};

static void skip(struct reader *r, size_t count)
{
	if (count > r->size - r->at) {
		r->is_short = true;
		count = r->size - r->at;
	}
	r->at += count;
}

static unsigned read_u8(struct reader *r)
{
	size_t at = r->at;
	skip(r, 1);
	return r->at > at ? r->bytes[at] : 0;
}

static unsigned read_be16(struct reader *r)
{
	unsigned high = read_u8(r);
	return high << 8 | read_u8(r);
}

static unsigned read_le16(struct reader *r)
{
	unsigned low = read_u8(r);
	return read_u8(r) << 8 | low;
}

static uint32_t read_le24(struct reader *r)
{
	uint32_t low = read_le16(r);
	return (uint32_t)read_u8(r) << 16 | low;
}

static uint32_t read_be32(struct reader *r)
{
	uint32_t high = read_be16(r);
	return high << 16 | read_be16(r);
}

static uint32_t read_le32(struct reader *r)
{
	uint32_t low = read_le16(r);
	return (uint32_t)read_le16(r) << 16 | low;
}

static bool read_tag(struct reader *r, const char tag[5])
{
	size_t at = r->at;
	skip(r, 4);
	return r->at - at == 4 && memcmp(r->bytes + at, tag, 4) == 0;
}

static bool sniff(const uint8_t *bytes, size_t size_bytes, enum lun_image_kind *out_kind)
{
	static const struct {
		enum lun_image_kind kind;
		const char *magic;
		size_t size;
	} kinds[] = {
	        {LUN_IMAGE_PNG, "\x89PNG\r\n\x1a\n", 8},
	        {LUN_IMAGE_JPEG, "\xff\xd8\xff", 3},
	        {LUN_IMAGE_GIF, "GIF87a", 6},
	        {LUN_IMAGE_GIF, "GIF89a", 6},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (size_bytes >= kinds[i].size && memcmp(bytes, kinds[i].magic, kinds[i].size) == 0) {
			*out_kind = kinds[i].kind;
			return true;
		}
	}
	*out_kind = LUN_IMAGE_WEBP;
	return size_bytes >= 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0;
}

static void clamp_size(struct lun_image_header *header, uint32_t width, uint32_t height)
{
	header->width_px = width > INT32_MAX ? INT32_MAX : (int)width;
	header->height_px = height > INT32_MAX ? INT32_MAX : (int)height;
}

// PNG (ISO/IEC 15948): chunks of length, type, data, CRC, up to IEND.
static void walk_png(struct reader *r, struct lun_image_header *header)
{
	skip(r, 8);
	(void)read_be32(r);
	if (!read_tag(r, "IHDR"))
		return;
	uint32_t width = read_be32(r);
	clamp_size(header, width, read_be32(r));
	skip(r, 5 + 4);
	while (!r->is_short) {
		uint32_t length = read_be32(r);
		bool is_end = read_tag(r, "IEND");
		skip(r, (size_t)length + 4);
		if (is_end)
			return;
	}
}

static bool is_frame_marker(unsigned marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// The next marker at or after the reader; 0 when there is none. In a scan, stuffed zeros and
// restart markers belong to the data.
static unsigned find_jpeg_marker(struct reader *r)
{
	while (r->at < r->size) {
		const uint8_t *ff = memchr(r->bytes + r->at, 0xff, r->size - r->at);
		if (!ff)
			break;
		r->at = (size_t)(ff - r->bytes) + 1;
		while (r->at < r->size && r->bytes[r->at] == 0xff)
			r->at++;
		unsigned marker = read_u8(r);
		if (marker != 0 && marker != 0x01 && (marker < 0xd0 || marker > 0xd7))
			return marker;
	}
	r->is_short = true;
	return 0;
}

// JPEG (ITU-T T.81): marker segments with a length, and after SOS data up to the next marker.
static void walk_jpeg(struct reader *r, struct lun_image_header *header)
{
	skip(r, 2);
	bool has_scan = false;
	for (unsigned marker; (marker = find_jpeg_marker(r)) != 0;) {
		if (marker == 0xd9) {
			r->is_short = !has_scan;
			return;
		}
		size_t start = r->at;
		unsigned length = read_be16(r);
		if (is_frame_marker(marker) && header->width_px == 0) {
			(void)read_u8(r);
			unsigned height = read_be16(r);
			clamp_size(header, read_be16(r), height);
		}
		has_scan |= marker == 0xda;
		r->at = start;
		skip(r, length < 2 ? 2 : length);
	}
}

// WebP: a RIFF file; the canvas size is in its first chunk, in one of three ways.
static void walk_webp(struct reader *r, struct lun_image_header *header)
{
	skip(r, 4);
	uint32_t riff_bytes = read_le32(r);
	skip(r, 4);
	size_t chunk = r->at;
	char tag[5] = "";
	if (r->size - chunk >= 4)
		memcpy(tag, r->bytes + chunk, 4);
	skip(r, 8);
	if (strcmp(tag, "VP8X") == 0) {
		header->is_animated = read_u8(r) & 0x02;
		skip(r, 3);
		uint32_t width = read_le24(r) + 1;
		clamp_size(header, width, read_le24(r) + 1);
	} else if (strcmp(tag, "VP8L") == 0) {
		skip(r, 1);
		uint32_t bits = read_le32(r);
		clamp_size(header, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
	} else if (strcmp(tag, "VP8 ") == 0) {
		skip(r, 6);
		unsigned width = read_le16(r) & 0x3fff;
		clamp_size(header, width, read_le16(r) & 0x3fff);
	}
	r->at = 8;
	skip(r, riff_bytes);
}

static void skip_gif_blocks(struct reader *r)
{
	unsigned length;
	while ((length = read_u8(r)) != 0)
		skip(r, length);
}

static void skip_gif_colors(struct reader *r, unsigned flags)
{
	if (flags & 0x80)
		skip(r, (size_t)3 << ((flags & 7) + 1));
}

// GIF89a: up to the end of the first image; what follows is not shown.
static void walk_gif(struct reader *r, struct lun_image_header *header)
{
	skip(r, 6);
	unsigned width = read_le16(r);
	clamp_size(header, width, read_le16(r));
	unsigned flags = read_u8(r);
	skip(r, 2);
	skip_gif_colors(r, flags);
	while (!r->is_short) {
		unsigned introducer = read_u8(r);
		if (introducer == 0x21) {
			skip(r, 1);
			skip_gif_blocks(r);
		} else if (introducer == 0x2c) {
			skip(r, 8);
			skip_gif_colors(r, read_u8(r));
			skip(r, 1);
			skip_gif_blocks(r);
			return;
		} else {
			r->is_short = true; // the trailer, before any image
		}
	}
}

enum lun_result lun_image_read_header(const uint8_t *bytes, size_t size_bytes, const char *name,
        struct lun_image_header *out_header, struct lun_error *err)
{
	static void (*const walks[])(struct reader *, struct lun_image_header *) = {
	        [LUN_IMAGE_PNG] = walk_png,
	        [LUN_IMAGE_JPEG] = walk_jpeg,
	        [LUN_IMAGE_WEBP] = walk_webp,
	        [LUN_IMAGE_GIF] = walk_gif,
	};
	struct lun_image_header header = {0};
	struct reader r = {.bytes = bytes, .size = size_bytes};
	if (!sniff(bytes, size_bytes, &header.kind))
		return lun_fail(err, LUN_UNSUPPORTED, "%s is not a PNG, JPEG, WebP or GIF image", name);
	walks[header.kind](&r, &header);
	if (header.width_px < 1 || header.height_px < 1)
		return lun_fail(err, LUN_INVALID, "%s is %s", name,
		        r.is_short ? "truncated" : "damaged: it has no size");
	header.is_truncated = r.is_short;
	*out_header = header;
	return LUN_OK;
}
