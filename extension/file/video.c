// Encoded video in MP4, Matroska and WebM, through libav inside this process. The bytes go to a
// target, never to a URL that libav would open; encoders are chosen in encoder.c.
#include "extension/file/video.h"

#include <errno.h>
#include <inttypes.h>
#include <libavformat/avformat.h>
#include <stdlib.h>
#include <string.h>

#include "extension/file/target.h"

#define IO_BUFFER_BYTES 65536

// libavformat 61 made the bytes const.
#if LIBAVFORMAT_VERSION_MAJOR < 61
#define IO_BYTES uint8_t
#else
#define IO_BYTES const uint8_t
#endif

struct video_writer {
	struct lun_writer base;
	char *path;                 // owned
	struct lun_target *target;  // owned
	AVCodecContext *encoder;    // owned
	AVFormatContext *container; // owned
	AVIOContext *io;            // owned
	AVStream *stream;           // borrowed from container
	AVFrame *picture;           // owned
	AVPacket *packet;           // owned
	bool has_frames;
	uint64_t first_number, last_number;
};

static int write_io(void *opaque, IO_BYTES *bytes, int size_bytes)
{
	struct video_writer *video = opaque;
	enum lun_result rc = lun_target_write(video->target, bytes, (size_t)size_bytes, NULL);
	return rc == LUN_OK ? size_bytes : AVERROR(EIO);
}

static int64_t seek_io(void *opaque, int64_t offset, int whence)
{
	struct video_writer *video = opaque;
	if (whence & AVSEEK_SIZE)
		return AVERROR(ENOSYS);
	int64_t position = lun_target_seek(video->target, offset, whence & ~AVSEEK_FORCE);
	return position < 0 ? AVERROR(errno) : position;
}

// What the disk said is worth more than what libav made of it.
static enum lun_result explain(struct video_writer *video, int av_error, struct lun_error *err)
{
	if (video->target && lun_target_write(video->target, NULL, 0, err) != LUN_OK)
		return LUN_IO;
	if (av_error == AVERROR(ENOMEM))
		return lun_fail(err, LUN_NOMEM, "no memory to encode %s", video->path);
	return lun_fail(err, LUN_IO, "cannot encode %s: %s", video->path, av_err2str(av_error));
}

static const char *container_name(const char *ending)
{
	return strcmp(ending, "mkv") != 0 ? ending : "matroska";
}

static enum lun_result open_container(
        struct video_writer *video, const char *ending, struct lun_error *err)
{
	int rc = avformat_alloc_output_context2(&video->container, NULL, container_name(ending), NULL);
	if (rc < 0) {
		return lun_fail(err, LUN_UNSUPPORTED,
		        "%s: the FFmpeg libraries here cannot write this kind of file: %s", video->path,
		        av_err2str(rc));
	}
	video->container->flags |= AVFMT_FLAG_BITEXACT; // no random identities: same frames, same file
	return LUN_OK;
}

static enum lun_result check_seekable(
        const struct video_writer *video, const char *ending, struct lun_error *err)
{
	if (strcmp(ending, "mp4") != 0 || lun_target_can_seek(video->target))
		return LUN_OK;
	return lun_fail(err, LUN_INVALID, "%s is a pipe, and MP4 is completed at its front: use .mkv",
	        video->path);
}

static enum lun_result open_io(
        struct video_writer *video, const char *ending, struct lun_error *err)
{
	enum lun_result rc = lun_target_open(video->path, &video->target, err);
	if (rc == LUN_OK)
		rc = check_seekable(video, ending, err);
	if (rc != LUN_OK)
		return rc;
	unsigned char *buffer = av_malloc(IO_BUFFER_BYTES);
	if (!buffer)
		return explain(video, AVERROR(ENOMEM), err);
	bool can_seek = lun_target_can_seek(video->target);
	video->io = avio_alloc_context(
	        buffer, IO_BUFFER_BYTES, 1, video, NULL, write_io, can_seek ? seek_io : NULL);
	if (!video->io) {
		av_free(buffer);
		return explain(video, AVERROR(ENOMEM), err);
	}
	video->container->pb = video->io;
	return LUN_OK;
}

static int allocate_picture(struct video_writer *video)
{
	video->packet = av_packet_alloc();
	video->picture = av_frame_alloc();
	if (!video->packet || !video->picture)
		return AVERROR(ENOMEM);
	AVFrame *picture = video->picture;
	picture->format = video->encoder->pix_fmt;
	picture->width = video->encoder->width;
	picture->height = video->encoder->height;
	picture->sample_aspect_ratio = video->encoder->sample_aspect_ratio;
	picture->colorspace = video->encoder->colorspace;
	picture->color_primaries = video->encoder->color_primaries;
	picture->color_trc = video->encoder->color_trc;
	picture->color_range = video->encoder->color_range;
	picture->chroma_location = video->encoder->chroma_sample_location;
	return av_frame_get_buffer(picture, 0);
}

static int start_stream(struct video_writer *video)
{
	video->stream = avformat_new_stream(video->container, NULL);
	if (!video->stream)
		return AVERROR(ENOMEM);
	video->stream->time_base = video->encoder->time_base;
	video->stream->avg_frame_rate = video->encoder->framerate;
	video->stream->sample_aspect_ratio = video->encoder->sample_aspect_ratio;
	int rc = avcodec_parameters_from_context(video->stream->codecpar, video->encoder);
	return rc < 0 ? rc : avformat_write_header(video->container, NULL);
}

static void close_video(struct lun_writer *writer)
{
	struct video_writer *video = (struct video_writer *)writer;
	av_frame_free(&video->picture);
	av_packet_free(&video->packet);
	avcodec_free_context(&video->encoder);
	avformat_free_context(video->container);
	if (video->io)
		av_freep(&video->io->buffer);
	avio_context_free(&video->io);
	lun_target_close(video->target);
	free(video->path);
	free(video);
}

static enum lun_result start(struct video_writer *video, const char *ending,
        const struct lun_encoder_choice *choices, const struct lun_format *format,
        struct lun_error *err)
{
	enum lun_result rc = open_container(video, ending, err);
	if (rc != LUN_OK)
		return rc;
	bool has_global_header = video->container->oformat->flags & AVFMT_GLOBALHEADER;
	rc = lun_encoder_open(video->path, choices, format, has_global_header, &video->encoder, err);
	if (rc == LUN_OK)
		rc = open_io(video, ending, err);
	if (rc != LUN_OK)
		return rc;
	int av_error = allocate_picture(video);
	if (av_error >= 0)
		av_error = start_stream(video);
	return av_error < 0 ? explain(video, av_error, err) : LUN_OK;
}

enum lun_result lun_video_open(const char *path, const char *ending,
        const struct lun_encoder_choice *choices, const struct lun_format *format,
        struct lun_writer **out_writer, struct lun_error *err)
{
	struct video_writer *video = lun_alloc(sizeof *video);
	video->base.class = &lun_video_writer;
	video->path = lun_strdup(path);
	enum lun_result rc = start(video, ending, choices, format, err);
	if (rc != LUN_OK) {
		close_video(&video->base);
		return rc;
	}
	*out_writer = &video->base;
	return LUN_OK;
}

static enum lun_result open_video(const char *path, const char *ending,
        const struct lun_format *format, struct lun_writer **out_writer, struct lun_error *err)
{
	return lun_video_open(path, ending, lun_encoder_choices(ending), format, out_writer, err);
}

// picture NULL: the last one has been sent, empty the encoder.
static int encode(struct video_writer *video, const AVFrame *picture)
{
	int rc = avcodec_send_frame(video->encoder, picture);
	while (rc >= 0) {
		rc = avcodec_receive_packet(video->encoder, video->packet);
		if (rc == AVERROR(EAGAIN) || rc == AVERROR_EOF)
			return 0;
		if (rc < 0)
			break;
		if (video->packet->duration == 0)
			video->packet->duration = 1;
		video->packet->stream_index = video->stream->index;
		av_packet_rescale_ts(video->packet, video->encoder->time_base, video->stream->time_base);
		rc = av_interleaved_write_frame(video->container, video->packet);
	}
	return rc;
}

// A live camera may leave ticks out: the file then shows the frame before for longer.
static enum lun_result check_number(
        struct video_writer *video, uint64_t number, struct lun_error *err)
{
	if (!video->has_frames) {
		video->first_number = number;
	} else if (number <= video->last_number) {
		return lun_fail(err, LUN_INVALID, "%s: frame %" PRIu64 " came after frame %" PRIu64,
		        video->path, number, video->last_number);
	}
	video->has_frames = true;
	video->last_number = number;
	return LUN_OK;
}

static enum lun_result write_video(
        struct lun_writer *writer, const struct lun_frame *frame, struct lun_error *err)
{
	struct video_writer *video = (struct video_writer *)writer;
	enum lun_result rc = check_number(video, frame->number, err);
	if (rc != LUN_OK)
		return rc;
	int av_error = av_frame_make_writable(video->picture);
	if (av_error >= 0) {
		lun_encoder_fill(video->picture, &frame->format, &frame->layout, frame->data);
		video->picture->pts = (int64_t)(frame->number - video->first_number);
		av_error = encode(video, video->picture);
	}
	if (av_error < 0 || video->io->error < 0)
		return explain(video, av_error < 0 ? av_error : video->io->error, err);
	return LUN_OK;
}

static enum lun_result finish_video(struct lun_writer *writer, struct lun_error *err)
{
	struct video_writer *video = (struct video_writer *)writer;
	int av_error = encode(video, NULL);
	if (av_error >= 0)
		av_error = av_write_trailer(video->container);
	avio_flush(video->io);
	if (av_error < 0 || video->io->error < 0)
		return explain(video, av_error < 0 ? av_error : video->io->error, err);
	return lun_target_commit(video->target, err);
}

const struct lun_writer_class lun_video_writer = {
        .open = open_video,
        .write = write_video,
        .finish = finish_video,
        .close = close_video,
};
