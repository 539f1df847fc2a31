// From a decoder's frame to a picture: by reference where the layout is one of ours, else through
// swscale, and turned upright. Colours are tagged here and converted nowhere: a change of matrix
// or range is the compositor's business.
#include "media/video_picture.h"

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

#define HD_FROM_LINES 720

// What a frame in a given pixel format becomes.
struct target {
	enum lun_pixel_format pixel;
	enum AVPixelFormat native; // the same in libav's words
	bool is_direct;            // the frame's planes can be shown as they are
};

void lun_video_converter_finish(struct lun_video_converter *converter)
{
	sws_freeContext(converter->scaler);
	converter->scaler = NULL;
}

// The deprecated "J" formats differ by their range alone, which is a tag here.
static enum AVPixelFormat drop_range(enum AVPixelFormat format)
{
	switch (format) {
	case AV_PIX_FMT_YUVJ420P:
		return AV_PIX_FMT_YUV420P;
	case AV_PIX_FMT_YUVJ411P:
		return AV_PIX_FMT_YUV411P;
	case AV_PIX_FMT_YUVJ422P:
		return AV_PIX_FMT_YUV422P;
	case AV_PIX_FMT_YUVJ444P:
		return AV_PIX_FMT_YUV444P;
	case AV_PIX_FMT_YUVJ440P:
		return AV_PIX_FMT_YUV440P;
	default:
		return format;
	}
}

static bool is_rgb(const AVPixFmtDescriptor *format)
{
	return format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL);
}

static struct target choose_target(enum AVPixelFormat format, int quarter_turns)
{
	switch (drop_range(format)) {
	case AV_PIX_FMT_YUV420P:
	case AV_PIX_FMT_YUVA420P: // alpha is the fourth plane
		return (struct target){LUN_PIXEL_I420, AV_PIX_FMT_YUV420P, true};
	case AV_PIX_FMT_NV12:
		return (struct target){LUN_PIXEL_NV12, AV_PIX_FMT_NV12, true};
	case AV_PIX_FMT_YUYV422:
	case AV_PIX_FMT_YUV422P:
		if (quarter_turns) // pairs of pixels cannot be turned
			break;
		return (struct target){LUN_PIXEL_YUY2, AV_PIX_FMT_YUYV422, format == AV_PIX_FMT_YUYV422};
	default:
		if (is_rgb(av_pix_fmt_desc_get(format)))
			return (struct target){LUN_PIXEL_BGRA, AV_PIX_FMT_BGRA, false};
	}
	return (struct target){LUN_PIXEL_I420, AV_PIX_FMT_YUV420P, false};
}

static enum lun_matrix choose_matrix(const AVFrame *frame)
{
	switch (frame->colorspace) {
	case AVCOL_SPC_BT470BG:
	case AVCOL_SPC_SMPTE170M:
	case AVCOL_SPC_FCC:
		return LUN_MATRIX_BT601;
	case AVCOL_SPC_UNSPECIFIED:
	case AVCOL_SPC_RESERVED:
		return frame->height < HD_FROM_LINES ? LUN_MATRIX_BT601 : LUN_MATRIX_BT709;
	default: // of those we have, the nearest to BT.2020 and SMPTE 240M
		return LUN_MATRIX_BT709;
	}
}

static enum lun_range choose_range(const AVFrame *frame)
{
	const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
	// Grey comes out of swscale as limited, whatever it was.
	if (format->nb_components < 3 && !is_rgb(format))
		return LUN_RANGE_LIMITED;
	bool is_full = frame->color_range == AVCOL_RANGE_JPEG ||
	               drop_range(frame->format) != (enum AVPixelFormat)frame->format;
	return is_full ? LUN_RANGE_FULL : LUN_RANGE_LIMITED;
}

static void release_frame(struct lun_picture *picture)
{
	AVFrame *frame = picture->owner;
	av_frame_free(&frame);
	free(picture);
}

static bool is_top_down(const AVFrame *frame)
{
	for (int i = 0; i < LUN_MAX_PLANES && frame->data[i]; i++)
		if (frame->linesize[i] <= 0)
			return false;
	return true;
}

// Shares the frame's memory.
static struct lun_picture *borrow_frame(const AVFrame *frame, enum lun_pixel_format pixel)
{
	AVFrame *owned = av_frame_clone(frame);
	if (!owned)
		return NULL;
	struct lun_picture *picture = lun_alloc(sizeof *picture);
	picture->pixel = pixel;
	picture->width_px = frame->width;
	picture->height_px = frame->height;
	int planes = pixel == LUN_PIXEL_I420 ? 3 : pixel == LUN_PIXEL_NV12 ? 2 : 1;
	for (int i = 0; i < planes; i++) {
		picture->plane[i] = owned->data[i];
		picture->stride_bytes[i] = owned->linesize[i];
	}
	picture->refs = 1;
	picture->release = release_frame;
	picture->owner = owned;
	return picture;
}

// Ours until it is shared.
static void get_writable_planes(
        const struct lun_picture *picture, uint8_t *planes[4], int strides[4])
{
	for (int i = 0; i < 4; i++) {
		planes[i] = i < LUN_MAX_PLANES ? (uint8_t *)picture->plane[i] : NULL;
		strides[i] = i < LUN_MAX_PLANES ? picture->stride_bytes[i] : 0;
	}
}

// swscale leaves colour untouched: both sides have the same matrix and range. Only from grey it
// makes limited range.
static struct lun_picture *convert_frame(
        struct lun_video_converter *converter, const AVFrame *frame, const struct target *target)
{
	converter->scaler = sws_getCachedContext(converter->scaler, frame->width, frame->height,
	        drop_range(frame->format), frame->width, frame->height, target->native,
	        SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_BITEXACT, NULL, NULL, NULL);
	if (!converter->scaler)
		return NULL;
	struct lun_picture *picture = lun_picture_create(target->pixel, frame->width, frame->height);
	if (!picture)
		return NULL;
	uint8_t *planes[4];
	int strides[4];
	get_writable_planes(picture, planes, strides);
	if (sws_scale(converter->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0,
	            frame->height, planes, strides) > 0)
		return picture;
	lun_picture_unref(picture);
	return NULL;
}

static bool has_alpha(const AVFrame *frame)
{
	return av_pix_fmt_desc_get(frame->format)->flags &
	       (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL);
}

// Pictures are opaque: what shines through is black.
static void compose_over_black(struct lun_picture *picture)
{
	for (int y = 0; y < picture->height_px; y++) {
		uint8_t *pixel =
		        (uint8_t *)picture->plane[0] + (size_t)y * (size_t)picture->stride_bytes[0];
		for (int x = 0; x < picture->width_px; x++, pixel += 4) {
			unsigned alpha = pixel[3];
			for (int i = 0; i < 3; i++)
				pixel[i] = (uint8_t)((pixel[i] * alpha + 127) / 255);
			pixel[3] = 255;
		}
	}
}

// One plane of elements of size_bytes each, turned clockwise. width and height are the source's.
static void turn_plane(const uint8_t *from, int from_stride, int width, int height, int size_bytes,
        int quarter_turns, uint8_t *to, int to_stride)
{
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			int to_x = quarter_turns == 1 ? height - 1 - y : quarter_turns == 2 ? width - 1 - x : y;
			int to_y = quarter_turns == 1 ? x : quarter_turns == 2 ? height - 1 - y : width - 1 - x;
			memcpy(to + (ptrdiff_t)to_y * to_stride + (ptrdiff_t)to_x * size_bytes,
			        from + (ptrdiff_t)y * from_stride + (ptrdiff_t)x * size_bytes,
			        (size_t)size_bytes);
		}
	}
}

// Takes picture. @return another one, turned; NULL when memory is refused
static struct lun_picture *turn_picture(struct lun_picture *picture, int quarter_turns)
{
	int width = picture->width_px, height = picture->height_px;
	bool is_upright = quarter_turns == 2;
	struct lun_picture *turned = lun_picture_create(
	        picture->pixel, is_upright ? width : height, is_upright ? height : width);
	if (turned) {
		uint8_t *planes[4];
		int strides[4];
		get_writable_planes(turned, planes, strides);
		for (int i = 0; i < LUN_MAX_PLANES && picture->plane[i]; i++) {
			int size_bytes = picture->pixel == LUN_PIXEL_BGRA             ? 4
			                 : picture->pixel == LUN_PIXEL_NV12 && i == 1 ? 2
			                                                              : 1;
			int halve = i > 0;
			turn_plane(picture->plane[i], picture->stride_bytes[i], (width + halve) >> halve,
			        (height + halve) >> halve, size_bytes, quarter_turns, planes[i], strides[i]);
		}
	}
	lun_picture_unref(picture);
	return turned;
}

struct lun_picture *lun_video_picture_create(
        struct lun_video_converter *converter, const AVFrame *frame, int quarter_turns, uint64_t id)
{
	if (frame->width < 1 || frame->height < 1 || frame->width > LUN_MAX_SIZE_PX ||
	        frame->height > LUN_MAX_SIZE_PX || !av_pix_fmt_desc_get(frame->format))
		return NULL;
	struct target target = choose_target(frame->format, quarter_turns);
	struct lun_picture *picture = target.is_direct && is_top_down(frame)
	                                      ? borrow_frame(frame, target.pixel)
	                                      : convert_frame(converter, frame, &target);
	if (picture && target.pixel == LUN_PIXEL_BGRA && has_alpha(frame))
		compose_over_black(picture);
	if (picture && quarter_turns)
		picture = turn_picture(picture, quarter_turns);
	if (!picture)
		return NULL;
	picture->matrix = choose_matrix(frame);
	picture->range = choose_range(frame);
	picture->id = id;
	return picture;
}
