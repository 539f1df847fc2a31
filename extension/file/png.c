// Makes a PNG of a frame with libav's encoder. Where it lies and how it gets its name is the
// target's business; numbered sequences are picture.c's.
#include "extension/file/png.h"

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <stdlib.h>
#include <string.h>

#include "extension/file/target.h"
#include "lunette/snapshot.h"

static enum lun_result fail_nomem(const struct lun_frame *frame, struct lun_error *err)
{
	return lun_fail(err, LUN_NOMEM, "no memory for a picture of %d x %d", frame->format.width_px,
	        frame->format.height_px);
}

static void copy_rgb_row(uint8_t *rgb, const uint8_t *argb, int width_px)
{
	for (int x = 0; x < width_px; x++) {
		uint32_t pixel;
		memcpy(&pixel, argb + 4 * (size_t)x, sizeof pixel);
		*rgb++ = (uint8_t)(pixel >> 16);
		*rgb++ = (uint8_t)(pixel >> 8);
		*rgb++ = (uint8_t)pixel;
	}
}

static enum lun_result fill_picture(
        AVFrame *picture, const struct lun_frame *frame, struct lun_error *err)
{
	int width_px = frame->format.width_px, height_px = frame->format.height_px;
	int stride_bytes = width_px * 4;
	uint8_t *argb = malloc((size_t)stride_bytes * (size_t)height_px);
	if (!argb)
		return fail_nomem(frame, err);
	enum lun_result rc = lun_frame_to_argb(frame, argb, stride_bytes);
	if (rc != LUN_OK) {
		free(argb);
		return fail_nomem(frame, err);
	}
	for (int y = 0; y < height_px; y++) {
		copy_rgb_row(picture->data[0] + (ptrdiff_t)y * picture->linesize[0],
		        argb + (size_t)y * (size_t)stride_bytes, width_px);
	}
	free(argb);
	return LUN_OK;
}

static enum lun_result make_picture(
        const struct lun_frame *frame, AVFrame **out_picture, struct lun_error *err)
{
	AVFrame *picture = av_frame_alloc();
	if (!picture)
		return fail_nomem(frame, err);
	picture->format = AV_PIX_FMT_RGB24;
	picture->width = frame->format.width_px;
	picture->height = frame->format.height_px;
	enum lun_result rc = av_frame_get_buffer(picture, 0) < 0 ? fail_nomem(frame, err)
	                                                         : fill_picture(picture, frame, err);
	if (rc != LUN_OK) {
		av_frame_free(&picture);
		return rc;
	}
	*out_picture = picture;
	return LUN_OK;
}

static enum lun_result open_encoder(
        const struct lun_frame *frame, AVCodecContext **out_encoder, struct lun_error *err)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
	if (!codec)
		return lun_fail(err, LUN_UNSUPPORTED, "the FFmpeg libraries here cannot write PNG");
	AVCodecContext *encoder = avcodec_alloc_context3(codec);
	if (!encoder)
		return fail_nomem(frame, err);
	encoder->width = frame->format.width_px;
	encoder->height = frame->format.height_px;
	encoder->pix_fmt = AV_PIX_FMT_RGB24;
	encoder->time_base = (AVRational){1, 1};
	encoder->thread_count = 1;
	// Drawn pictures are flat areas and gradients: a row is best told by the row above.
	(void)av_opt_set(encoder->priv_data, "pred", "up", 0);
	int rc = avcodec_open2(encoder, codec, NULL);
	if (rc < 0) {
		avcodec_free_context(&encoder);
		return lun_fail(err, LUN_UNSUPPORTED, "cannot encode PNG: %s", av_err2str(rc));
	}
	*out_encoder = encoder;
	return LUN_OK;
}

static enum lun_result encode(
        AVCodecContext *encoder, const AVFrame *picture, AVPacket *packet, struct lun_error *err)
{
	int rc = avcodec_send_frame(encoder, picture);
	if (rc >= 0)
		rc = avcodec_send_frame(encoder, NULL);
	if (rc >= 0)
		rc = avcodec_receive_packet(encoder, packet);
	if (rc == AVERROR(ENOMEM))
		return lun_fail(err, LUN_NOMEM, "no memory to encode a PNG");
	if (rc < 0)
		return lun_fail(err, LUN_IO, "cannot encode PNG: %s", av_err2str(rc));
	return LUN_OK;
}

enum lun_result lun_png_write_target(
        struct lun_target *target, const struct lun_frame *frame, struct lun_error *err)
{
	AVCodecContext *encoder = NULL;
	enum lun_result rc = open_encoder(frame, &encoder, err);
	if (rc != LUN_OK)
		return rc;
	AVFrame *picture = NULL;
	AVPacket *packet = av_packet_alloc();
	rc = packet ? make_picture(frame, &picture, err) : fail_nomem(frame, err);
	if (rc == LUN_OK)
		rc = encode(encoder, picture, packet, err);
	if (rc == LUN_OK && packet)
		rc = lun_target_write(target, packet->data, (size_t)packet->size, err);
	av_frame_free(&picture);
	av_packet_free(&packet);
	avcodec_free_context(&encoder);
	return rc;
}

enum lun_result lun_png_write(
        const char *path, const struct lun_frame *frame, struct lun_error *err)
{
	struct lun_target *target = NULL;
	enum lun_result rc = lun_target_open(path, &target, err);
	if (rc != LUN_OK)
		return rc;
	rc = lun_png_write_target(target, frame, err);
	if (rc == LUN_OK)
		rc = lun_target_commit(target, err);
	lun_target_close(target);
	return rc;
}
