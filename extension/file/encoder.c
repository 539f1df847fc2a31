// Chooses and sets up a video encoder of libav's and fills its pictures. Containers and files are
// video.c's.
#include "extension/file/encoder.h"

#include <libavutil/dict.h>
#include <libavutil/log.h>
#include <string.h>

// Near to transparent, and fast enough to record a live 1080p camera beside everything else.
// VP8 has no quality-only mode: its bit rate is a ceiling. libx264's macroblock tree (164, with its
// assembly) reads memory nobody wrote, at some sizes: without it the same frames give the same
// file.
static const struct lun_encoder_choice h264_choices[] = {
        {"libx264", "preset=veryfast:crf=18:mbtree=0", true},
        {"mpeg4", "flags=+qscale:global_quality=236:threads=1", true},
        {0},
};
static const struct lun_encoder_choice vpx_choices[] = {
        {"libvpx-vp9", "crf=20:b=0:deadline=good:cpu-used=5:row-mt=1:threads=0", false},
        {"libvpx", "crf=6:b=40M:deadline=good:cpu-used=5:threads=0", false},
        {0},
};

const struct lun_encoder_choice *lun_encoder_choices(const char *ending)
{
	return strcmp(ending, "webm") == 0 ? vpx_choices : h264_choices;
}

static enum lun_result check_format(const char *name, const struct lun_encoder_choice *choice,
        const struct lun_format *format, struct lun_error *err)
{
	if (format->pixel != LUN_PIXEL_NV12 && format->pixel != LUN_PIXEL_I420) {
		return lun_fail(err, LUN_INVALID,
		        "%s: video files are made of nv12 or i420, not %s: use --pixel-format nv12", name,
		        lun_pixel_format_name(format->pixel));
	}
	int width_px = format->width_px, height_px = format->height_px;
	if (choice->needs_even_size && (width_px % 2 || height_px % 2)) {
		return lun_fail(err, LUN_INVALID,
		        "%s: this kind of video needs an even width and height, not %dx%d: use --size "
		        "%dx%d, "
		        "or a .webm or .y4m file",
		        name, width_px, height_px, width_px + width_px % 2, height_px + height_px % 2);
	}
	return LUN_OK;
}

static void set_colour(AVCodecContext *encoder, const struct lun_format *format)
{
	bool is_bt709 = format->matrix == LUN_MATRIX_BT709;
	encoder->colorspace = is_bt709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
	encoder->color_primaries = is_bt709 ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M;
	encoder->color_trc = is_bt709 ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
	encoder->color_range = format->range == LUN_RANGE_FULL ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
	encoder->chroma_sample_location = AVCHROMA_LOC_CENTER;
}

static enum AVPixelFormat choose_pixel_format(const AVCodec *codec, const struct lun_format *format)
{
	const enum AVPixelFormat *at = codec->pix_fmts;
	for (; format->pixel == LUN_PIXEL_NV12 && at && *at != AV_PIX_FMT_NONE; at++) {
		if (*at == AV_PIX_FMT_NV12)
			return AV_PIX_FMT_NV12;
	}
	return AV_PIX_FMT_YUV420P;
}

static AVCodecContext *make_encoder(
        const AVCodec *codec, const struct lun_format *format, bool has_global_header)
{
	AVCodecContext *encoder = avcodec_alloc_context3(codec);
	lun_assert(encoder);
	encoder->width = format->width_px;
	encoder->height = format->height_px;
	encoder->pix_fmt = choose_pixel_format(codec, format);
	encoder->time_base = (AVRational){format->fps_den, format->fps_num};
	encoder->framerate = (AVRational){format->fps_num, format->fps_den};
	encoder->sample_aspect_ratio = (AVRational){1, 1};
	encoder->log_level_offset = AV_LOG_TRACE; // encoders chat on standard error
	if (has_global_header)
		encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	set_colour(encoder, format);
	return encoder;
}

static int try_choice(const struct lun_encoder_choice *choice, const struct lun_format *format,
        bool has_global_header, AVCodecContext **out_encoder)
{
	const AVCodec *codec = avcodec_find_encoder_by_name(choice->codec);
	if (!codec)
		return AVERROR_ENCODER_NOT_FOUND;
	AVCodecContext *encoder = make_encoder(codec, format, has_global_header);
	AVDictionary *options = NULL;
	int rc = av_dict_parse_string(&options, choice->options, "=", ":", 0);
	if (rc >= 0)
		rc = avcodec_open2(encoder, codec, &options);
	lun_assert(rc < 0 || av_dict_count(options) == 0);
	av_dict_free(&options);
	if (rc < 0)
		avcodec_free_context(&encoder);
	*out_encoder = encoder;
	return rc;
}

enum lun_result lun_encoder_open(const char *name, const struct lun_encoder_choice *choices,
        const struct lun_format *format, bool has_global_header, AVCodecContext **out_encoder,
        struct lun_error *err)
{
	enum lun_result rc = check_format(name, choices, format, err);
	if (rc != LUN_OK)
		return rc;
	int why = AVERROR_ENCODER_NOT_FOUND;
	for (const struct lun_encoder_choice *choice = choices; choice->codec; choice++) {
		int result = try_choice(choice, format, has_global_header, out_encoder);
		if (result >= 0)
			return LUN_OK;
		if (result != AVERROR_ENCODER_NOT_FOUND)
			why = result;
	}
	return lun_fail(err, LUN_UNSUPPORTED,
	        "%s: the FFmpeg libraries here cannot encode it (%s: %s); write .y4m instead", name,
	        choices->codec, av_err2str(why));
}

static void copy_rows(
        uint8_t *out, int out_stride, const uint8_t *in, int in_stride, int row_bytes, int rows)
{
	for (int y = 0; y < rows; y++)
		memcpy(out + (ptrdiff_t)y * out_stride, in + (ptrdiff_t)y * in_stride, (size_t)row_bytes);
}

static void split_chroma(AVFrame *picture, const struct lun_layout *layout, const uint8_t *data)
{
	for (int y = 0; y < layout->rows[1]; y++) {
		const uint8_t *in = data + layout->offset_bytes[1] + (ptrdiff_t)y * layout->stride_bytes[1];
		uint8_t *cb = picture->data[1] + (ptrdiff_t)y * picture->linesize[1];
		uint8_t *cr = picture->data[2] + (ptrdiff_t)y * picture->linesize[2];
		for (int x = 0; x < layout->row_bytes[1] / 2; x++) {
			*cb++ = *in++;
			*cr++ = *in++;
		}
	}
}

void lun_encoder_fill(AVFrame *picture, const struct lun_format *format,
        const struct lun_layout *layout, const uint8_t *data)
{
	bool is_split = format->pixel == LUN_PIXEL_NV12 && picture->format == AV_PIX_FMT_YUV420P;
	int planes = is_split ? 1 : layout->planes;
	for (int p = 0; p < planes; p++) {
		copy_rows(picture->data[p], picture->linesize[p], data + layout->offset_bytes[p],
		        layout->stride_bytes[p], layout->row_bytes[p], layout->rows[p]);
	}
	if (is_split)
		split_chroma(picture, layout, data);
}
