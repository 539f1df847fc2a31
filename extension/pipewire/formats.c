// Translates between struct lun_format and SPA's format objects, and says which buffers a format
// needs. What the numbers mean for clients is measured: WebRTC ignores objects whose size or pixel
// format is a choice, so every format offered becomes an object of its own with plain values.
#include "extension/pipewire/formats.h"

#include <stdlib.h>

#include <spa/buffer/buffer.h>
#include <spa/buffer/meta.h>
#include <spa/param/buffers.h>
#include <spa/param/param.h>
#include <spa/param/video/format-utils.h>

// Eleven properties of at most 24 bytes, and the object's own header.
#define POD_BYTES 512

static enum spa_video_format spa_format_of(enum lun_pixel_format pixel)
{
	switch (pixel) {
	case LUN_PIXEL_NV12:
		return SPA_VIDEO_FORMAT_NV12;
	case LUN_PIXEL_I420:
		return SPA_VIDEO_FORMAT_I420;
	case LUN_PIXEL_YUY2:
		return SPA_VIDEO_FORMAT_YUY2;
	case LUN_PIXEL_BGRA:
		// Frames are opaque: a client need not blend.
		return SPA_VIDEO_FORMAT_BGRx;
	}
	return SPA_VIDEO_FORMAT_UNKNOWN;
}

static enum spa_video_color_range spa_range_of(const struct lun_format *format)
{
	if (format->pixel == LUN_PIXEL_BGRA || format->range == LUN_RANGE_FULL)
		return SPA_VIDEO_COLOR_RANGE_0_255;
	return SPA_VIDEO_COLOR_RANGE_16_235;
}

static enum spa_video_color_matrix spa_matrix_of(const struct lun_format *format)
{
	if (format->pixel == LUN_PIXEL_BGRA)
		return SPA_VIDEO_COLOR_MATRIX_RGB;
	return format->matrix == LUN_MATRIX_BT709 ? SPA_VIDEO_COLOR_MATRIX_BT709
	                                          : SPA_VIDEO_COLOR_MATRIX_BT601;
}

static enum spa_video_transfer_function spa_transfer_of(const struct lun_format *format)
{
	// BT.601 and BT.709 share one curve, and only the latter's name is in every version of SPA.
	return format->pixel == LUN_PIXEL_BGRA ? SPA_VIDEO_TRANSFER_SRGB : SPA_VIDEO_TRANSFER_BT709;
}

static enum spa_video_color_primaries spa_primaries_of(const struct lun_format *format)
{
	if (format->pixel == LUN_PIXEL_BGRA || format->matrix == LUN_MATRIX_BT709)
		return SPA_VIDEO_COLOR_PRIMARIES_BT709;
	return SPA_VIDEO_COLOR_PRIMARIES_SMPTE170M;
}

static struct spa_rectangle spa_size_of(const struct lun_format *format)
{
	return SPA_RECTANGLE((uint32_t)format->width_px, (uint32_t)format->height_px);
}

static struct spa_fraction spa_rate_of(const struct lun_format *format)
{
	return SPA_FRACTION((uint32_t)format->fps_num, (uint32_t)format->fps_den);
}

static const struct spa_pod *build_format(
        struct spa_pod_builder *builder, const struct lun_format *format)
{
	struct spa_rectangle size = spa_size_of(format);
	struct spa_fraction rate = spa_rate_of(format);
	// clang-format off
	return spa_pod_builder_add_object(builder,
			SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat,
			SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
			SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw),
			SPA_FORMAT_VIDEO_format, SPA_POD_Id(spa_format_of(format->pixel)),
			SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle(&size),
			SPA_FORMAT_VIDEO_framerate, SPA_POD_Fraction(&rate),
			SPA_FORMAT_VIDEO_colorRange, SPA_POD_Id(spa_range_of(format)),
			SPA_FORMAT_VIDEO_colorMatrix, SPA_POD_Id(spa_matrix_of(format)),
			SPA_FORMAT_VIDEO_transferFunction, SPA_POD_Id(spa_transfer_of(format)),
			SPA_FORMAT_VIDEO_colorPrimaries, SPA_POD_Id(spa_primaries_of(format)));
	// clang-format on
}

void lun_pipewire_offer_init(
        struct lun_pipewire_offer *offer, const struct lun_format *formats, int formats_count)
{
	size_t count = (size_t)formats_count;
	size_t bytes, pods_bytes;
	lun_assert(formats_count > 0 && lun_mul_size(count, POD_BYTES, &bytes) &&
	           lun_mul_size(count, sizeof *offer->pods, &pods_bytes));
	offer->count = (uint32_t)count;
	offer->bytes = lun_alloc(bytes);
	offer->pods = lun_alloc(pods_bytes);
	for (size_t i = 0; i < count; i++) {
		struct spa_pod_builder builder =
		        SPA_POD_BUILDER_INIT(offer->bytes + i * POD_BYTES, POD_BYTES);
		offer->pods[i] = build_format(&builder, &formats[i]);
		lun_assert(offer->pods[i]);
	}
}

void lun_pipewire_offer_finish(struct lun_pipewire_offer *offer)
{
	free(offer->pods);
	free(offer->bytes);
}

static bool is_same_picture(const struct spa_video_info_raw *info, const struct lun_format *format)
{
	return info->format == spa_format_of(format->pixel) &&
	       info->size.width == (uint32_t)format->width_px &&
	       info->size.height == (uint32_t)format->height_px;
}

// Formats that differ in rate or colour only: the nearest wins, and what a client left out counts
// for none of them.
static int likeness(const struct spa_video_info_raw *info, const struct lun_format *format)
{
	int points = 1;
	if (info->framerate.num == (uint32_t)format->fps_num &&
	        info->framerate.denom == (uint32_t)format->fps_den)
		points += 4;
	if (info->color_matrix == spa_matrix_of(format))
		points += 1;
	if (info->color_range == spa_range_of(format))
		points += 1;
	return points;
}

int lun_pipewire_format_find(
        const struct spa_pod *param, const struct lun_format *formats, int formats_count)
{
	uint32_t media_type, media_subtype;
	struct spa_video_info_raw info = {0};
	if (spa_format_parse(param, &media_type, &media_subtype) < 0 ||
	        media_type != SPA_MEDIA_TYPE_video || media_subtype != SPA_MEDIA_SUBTYPE_raw ||
	        spa_format_video_raw_parse(param, &info) < 0)
		return -1;
	int best = -1, best_points = 0;
	for (int i = 0; i < formats_count; i++) {
		int points = is_same_picture(&info, &formats[i]) ? likeness(&info, &formats[i]) : 0;
		if (points > best_points) {
			best = i;
			best_points = points;
		}
	}
	return best;
}

void lun_pipewire_answer_build(struct spa_pod_builder *builder, const struct lun_layout *layout,
        const struct spa_pod *out_pods[LUN_PIPEWIRE_ANSWER_PODS])
{
	// clang-format off
	out_pods[0] = spa_pod_builder_add_object(builder,
			SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers,
			SPA_PARAM_BUFFERS_buffers, SPA_POD_CHOICE_RANGE_Int(8, 2, LUN_PIPEWIRE_BUFFERS_MAX),
			SPA_PARAM_BUFFERS_blocks, SPA_POD_Int(1),
			SPA_PARAM_BUFFERS_size, SPA_POD_Int((int32_t)layout->size_bytes),
			SPA_PARAM_BUFFERS_stride, SPA_POD_Int(layout->stride_bytes[0]),
			SPA_PARAM_BUFFERS_dataType, SPA_POD_CHOICE_FLAGS_Int(1 << SPA_DATA_MemFd));
	out_pods[1] = spa_pod_builder_add_object(builder,
			SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
			SPA_PARAM_META_type, SPA_POD_Id(SPA_META_Header),
			SPA_PARAM_META_size, SPA_POD_Int(sizeof(struct spa_meta_header)));
	// clang-format on
	lun_assert(out_pods[0] && out_pods[1]);
}
