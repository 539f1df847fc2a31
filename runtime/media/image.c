// Still images: from an open file to pixels in memory, with every limit checked before anything of
// that size is allocated. The structure of files is read in image_header.c, pixels are converted
// in image_pixels.c; decoding is FFmpeg's.
#include "media/image.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lunette/picture.h"
#include "media/image_header.h"
#include "media/image_pixels.h"
#include "media/input.h"

#define FILE_MAX_BYTES ((int64_t)256 << 20)
// swscale may write a few bytes past the end of the last row.
#define SLACK_BYTES 64

static enum lun_result read_bytes(int fd, const char *name, AVPacket *packet, struct lun_error *err)
{
	for (int at = 0; at < packet->size;) {
		ssize_t got = pread(fd, packet->data + at, (size_t)(packet->size - at), at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return lun_fail(err, LUN_IO, "%s cannot be read: %s", name, strerror(errno));
		if (got == 0)
			return lun_fail(err, LUN_IO, "%s became shorter while it was read", name);
		at += (int)got;
	}
	return LUN_OK;
}

// The whole file, with the padding that decoders need.
static enum lun_result read_file(int fd, const char *name, AVPacket *packet, struct lun_error *err)
{
	struct stat file;
	if (fstat(fd, &file) != 0)
		return lun_fail(err, LUN_IO, "%s cannot be read: %s", name, strerror(errno));
	if (!S_ISREG(file.st_mode))
		return lun_fail(err, LUN_INVALID, "%s is not a file", name);
	if (file.st_size == 0)
		return lun_fail(err, LUN_INVALID, "%s is empty", name);
	if (file.st_size > FILE_MAX_BYTES)
		return lun_fail(err, LUN_LIMIT,
		        "%s has %lld bytes, and an image file may have at most %lld", name,
		        (long long)file.st_size, (long long)FILE_MAX_BYTES);
	if (av_new_packet(packet, (int)file.st_size) < 0)
		return lun_fail(err, LUN_NOMEM, "%s needs more memory than there is", name);
	return read_bytes(fd, name, packet, err);
}

static enum lun_result check_header(
        const struct lun_image_header *header, const char *name, struct lun_error *err)
{
	int width = header->width_px, height = header->height_px;
	if (width > LUN_IMAGE_MAX_SIDE_PX || height > LUN_IMAGE_MAX_SIDE_PX)
		return lun_fail(err, LUN_LIMIT, "%s is %dx%d, and an image may be at most %dx%d", name,
		        width, height, LUN_IMAGE_MAX_SIDE_PX, LUN_IMAGE_MAX_SIDE_PX);
	size_t bytes = (size_t)width * (size_t)height * 4;
	if (bytes > LUN_IMAGE_MAX_BYTES)
		return lun_fail(err, LUN_LIMIT,
		        "%s is %dx%d, which takes %zu MiB decoded, and an image may take at most %zu MiB",
		        name, width, height, bytes >> 20, LUN_IMAGE_MAX_BYTES >> 20);
	if (header->is_truncated)
		return lun_fail(err, LUN_INVALID, "%s is truncated", name);
	if (header->is_animated)
		return lun_fail(
		        err, LUN_UNSUPPORTED, "%s is an animated WebP; only stills are shown", name);
	return LUN_OK;
}

// Damaged files may leave parts of a frame unwritten; those are not to show old memory.
static int get_clear_buffer(AVCodecContext *codec, AVFrame *frame, int flags)
{
	int rc = avcodec_default_get_buffer2(codec, frame, flags);
	for (int i = 0; rc >= 0 && i < AV_NUM_DATA_POINTERS && frame->buf[i]; i++)
		memset(frame->buf[i]->data, 0, frame->buf[i]->size);
	return rc;
}

static AVCodecContext *open_codec(const struct lun_image_header *header)
{
	static const enum AVCodecID ids[] = {
	        [LUN_IMAGE_PNG] = AV_CODEC_ID_PNG,
	        [LUN_IMAGE_JPEG] = AV_CODEC_ID_MJPEG,
	        [LUN_IMAGE_WEBP] = AV_CODEC_ID_WEBP,
	        [LUN_IMAGE_GIF] = AV_CODEC_ID_GIF,
	};
	const AVCodec *decoder = avcodec_find_decoder(ids[header->kind]);
	AVCodecContext *codec = decoder ? avcodec_alloc_context3(decoder) : NULL;
	if (!codec)
		return NULL;
	codec->thread_count = 1;
	codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
	codec->get_buffer2 = get_clear_buffer;
	// Alignment to blocks is added to these before it is compared.
	codec->max_pixels = ((int64_t)header->width_px + 64) * ((int64_t)header->height_px + 64);
	if (avcodec_open2(codec, decoder, NULL) < 0)
		avcodec_free_context(&codec);
	return codec;
}

static enum lun_result decode_frame(const struct lun_image_header *header, const AVPacket *packet,
        const char *name, AVFrame *frame, struct lun_error *err)
{
	AVCodecContext *codec = open_codec(header);
	if (!codec)
		return lun_fail(err, LUN_UNSUPPORTED, "%s: this FFmpeg has no decoder for it", name);
	int rc = avcodec_send_packet(codec, packet);
	if (rc >= 0)
		rc = avcodec_send_packet(codec, NULL);
	if (rc >= 0)
		rc = avcodec_receive_frame(codec, frame);
	avcodec_free_context(&codec);
	if (rc == AVERROR(ENOMEM))
		return lun_fail(err, LUN_NOMEM, "%s needs more memory than there is", name);
	char text[AV_ERROR_MAX_STRING_SIZE];
	if (rc == AVERROR_PATCHWELCOME)
		return lun_fail(err, LUN_UNSUPPORTED, "%s is of a kind that cannot be decoded here", name);
	if (rc < 0)
		return lun_fail(
		        err, LUN_INVALID, "%s is damaged: %s", name, lun_media_error_text(rc, text));
	if (frame->decode_error_flags || frame->width != header->width_px ||
	        frame->height != header->height_px)
		return lun_fail(err, LUN_INVALID, "%s is damaged", name);
	return LUN_OK;
}

static struct lun_image *create_image(int width_px, int height_px)
{
	size_t bytes = (size_t)width_px * (size_t)height_px * 4;
	uint8_t *argb = malloc(bytes + SLACK_BYTES);
	if (!argb)
		return NULL;
	struct lun_image *image = lun_alloc(sizeof *image);
	*image = (struct lun_image){
	        .width_px = width_px,
	        .height_px = height_px,
	        .stride_bytes = width_px * 4,
	        .argb = argb,
	        .bytes = bytes,
	        .id = lun_picture_new_id(),
	        .refs = 1,
	};
	return image;
}

// How a camera was held (EXIF 2.32, tag 274): 1 upright .. 8, of which 5 and up swap the sides.
static int read_orientation(const AVFrame *frame)
{
	const AVDictionaryEntry *entry = av_dict_get(frame->metadata, "Orientation", NULL, 0);
	long orientation = entry ? strtol(entry->value, NULL, 10) : 1;
	return orientation >= 1 && orientation <= 8 ? (int)orientation : 1;
}

// Takes image. @return it upright; NULL when memory is refused
static struct lun_image *orient(struct lun_image *image, int orientation)
{
	if (orientation == 1)
		return image;
	bool is_swapped = orientation >= 5;
	bool flips_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
	bool flips_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
	int width = is_swapped ? image->height_px : image->width_px;
	int height = is_swapped ? image->width_px : image->height_px;
	struct lun_image *upright = create_image(width, height);
	for (int y = 0; upright && y < height; y++) {
		uint32_t *to = (uint32_t *)(upright->argb + (size_t)y * (size_t)upright->stride_bytes);
		for (int x = 0; x < width; x++) {
			int from_x = is_swapped ? y : x, from_y = is_swapped ? x : y;
			from_x = flips_x ? image->width_px - 1 - from_x : from_x;
			from_y = flips_y ? image->height_px - 1 - from_y : from_y;
			memcpy(&to[x],
			        image->argb + (size_t)from_y * (size_t)image->stride_bytes + (size_t)from_x * 4,
			        4);
		}
	}
	if (upright)
		upright->is_opaque = image->is_opaque;
	lun_image_unref(image);
	return upright;
}

static enum lun_result create_from_frame(const AVFrame *frame, bool is_full_range, const char *name,
        struct lun_image **out_image, struct lun_error *err)
{
	struct lun_image *image = create_image(frame->width, frame->height);
	if (!image)
		return lun_fail(err, LUN_NOMEM, "%s needs more memory than there is", name);
	if (!lun_image_write_argb(
	            frame, is_full_range, image->argb, image->stride_bytes, &image->is_opaque)) {
		lun_image_unref(image);
		return lun_fail(err, LUN_UNSUPPORTED, "%s has a pixel format that cannot be shown", name);
	}
	*out_image = orient(image, read_orientation(frame));
	return *out_image ? LUN_OK
	                  : lun_fail(err, LUN_NOMEM, "%s needs more memory than there is", name);
}

enum lun_result lun_image_decode(
        int fd, const char *name, struct lun_image **out_image, struct lun_error *err)
{
	lun_media_init();
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	lun_assert(packet && frame);
	struct lun_image_header header;
	enum lun_result rc = read_file(fd, name, packet, err);
	if (rc == LUN_OK)
		rc = lun_image_read_header(packet->data, (size_t)packet->size, name, &header, err);
	if (rc == LUN_OK)
		rc = check_header(&header, name, err);
	if (rc == LUN_OK)
		rc = decode_frame(&header, packet, name, frame, err);
	if (rc == LUN_OK)
		rc = create_from_frame(frame, header.kind == LUN_IMAGE_JPEG, name, out_image, err);
	av_frame_free(&frame);
	av_packet_free(&packet);
	return rc;
}

struct lun_image *lun_image_ref(struct lun_image *image)
{
	int before = __atomic_fetch_add(&image->refs, 1, __ATOMIC_RELAXED);
	lun_assert(before > 0);
	return image;
}

void lun_image_unref(struct lun_image *image)
{
	if (!image)
		return;
	int before = __atomic_fetch_sub(&image->refs, 1, __ATOMIC_ACQ_REL);
	lun_assert(before > 0);
	if (before != 1)
		return;
	free(image->argb);
	free(image);
}
