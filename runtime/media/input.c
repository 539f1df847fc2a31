// Opening a media file that is not trusted: reads go through the descriptor alone, formats that
// name other files (playlists) are refused, and so are pictures that are too large, before
// a decoder sees them. Decoding is not done here.
#include "media/input.h"

#include <errno.h>
#include <libavutil/avstring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <threads.h>
#include <unistd.h>

#include "lunette/format.h"

#define IO_BUFFER_BYTES (64 << 10)

// Containers that hold their own pictures. Absent on purpose: everything that is a list of other
// files or addresses (hls, dash, concat, imf, image2, sdp, rtsp), scripts, and raw streams that any
// file could be taken for.
static const char allowed_formats[] =
        "3dostr,apng,asf,asf_o,av1,avi,dirac,dv,dxa,ffm,film_cpk,flic,flv,gif,gxf,h261,h263,h264,"
        "hevc,ivf,jpeg_pipe,live_flv,m4v,matroska,webm,mjpeg,mov,mp4,m4a,3gp,3g2,mj2,mpeg,mpegts,"
        "mpegvideo,mxf,nsv,nut,nuv,obu,ogg,png_pipe,rm,roq,swf,vc1,vc1test,webp_pipe,wtv,"
        "yuv4mpegpipe";

// Never a video; known only so that the message can say so.
static const char sound_formats[] = "aac,ac3,aiff,amr,au,caf,eac3,flac,mp3,wav,wv";

// Decoders a video may use: those that films, cameras, screen recorders and editors write. The
// audio ones are there because probing opens them; nothing is ever decoded with them.
static const char allowed_codecs[] =
        "h264,hevc,vp8,vp9,libdav1d,libaom-av1,av1,mpeg1video,mpeg2video,mpegvideo,mpeg4,h261,"
        "h263,h263i,h263p,flv,msmpeg4v1,msmpeg4v2,msmpeg4,wmv1,wmv2,wmv3,vc1,theora,dirac,mjpeg,"
        "mjpegb,jpeg2000,ffv1,ffvhuff,huffyuv,utvideo,magicyuv,lagarith,prores,dnxhd,cfhd,hap,"
        "dvvideo,rawvideo,v210,v410,v308,v408,yuv4,qtrle,rpza,smc,svq1,svq3,cinepak,msrle,"
        "msvideo1,zlib,zmbv,flashsv,flashsv2,camtasia,vp3,vp5,vp6,vp6a,vp6f,rv10,rv20,rv30,rv40,"
        "png,apng,gif,webp,bmp,qoi,targa,tiff,"
        "aac,aac_latm,ac3,eac3,dca,mp1,mp2,mp3,mp3float,opus,vorbis,flac,alac,truehd,mlp,wmav1,"
        "wmav2,wmapro,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,adpcm_swf,pcm_s16le,pcm_s16be,pcm_s24le,"
        "pcm_s24be,pcm_s32le,pcm_f32le,pcm_u8,pcm_alaw,pcm_mulaw,amrnb,amrwb,nellymoser,speex,"
        "cook,ra_144,ra_288";

static void silence_log(void)
{
	av_log_set_level(AV_LOG_QUIET);
}

void lun_media_init(void)
{
	static once_flag once = ONCE_FLAG_INIT;
	call_once(&once, silence_log);
}

const char *lun_media_error_text(int code, char *out_text)
{
	(void)av_strerror(code, out_text, AV_ERROR_MAX_STRING_SIZE);
	return out_text;
}

static int read_from_fd(void *opaque, uint8_t *buffer, int size_bytes)
{
	struct lun_media_input *input = opaque;
	ssize_t got;
	do
		got = pread(input->fd, buffer, (size_t)size_bytes, input->offset);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return AVERROR(errno);
	if (got == 0)
		return AVERROR_EOF;
	input->offset += got;
	return (int)got;
}

static int64_t seek_in_fd(void *opaque, int64_t offset, int whence)
{
	struct lun_media_input *input = opaque;
	struct stat file;
	if (fstat(input->fd, &file) != 0)
		return AVERROR(errno);
	whence &= ~AVSEEK_FORCE;
	if (whence == AVSEEK_SIZE)
		return file.st_size;
	int64_t from = whence == SEEK_CUR ? input->offset : whence == SEEK_END ? file.st_size : 0;
	int64_t target;
	if (__builtin_add_overflow(from, offset, &target) || target < 0)
		return AVERROR(EINVAL);
	input->offset = target;
	return target;
}

// Whatever a file says: it may not make the demuxer open anything.
static int refuse_open(AVFormatContext *format, AVIOContext **out_io, const char *url, int flags,
        AVDictionary **options)
{
	(void)format;
	(void)out_io;
	(void)url;
	(void)flags;
	(void)options;
	return AVERROR(EPERM);
}

static enum lun_result check_file(int fd, const char *name, struct lun_error *err)
{
	struct stat file;
	if (fstat(fd, &file) != 0)
		return lun_fail(err, LUN_IO, "%s cannot be read: %s", name, strerror(errno));
	if (!S_ISREG(file.st_mode))
		return lun_fail(err, LUN_INVALID, "%s is not a file", name);
	if (file.st_size == 0)
		return lun_fail(err, LUN_INVALID, "%s is empty", name);
	return LUN_OK;
}

static enum lun_result create_io(struct lun_media_input *input, struct lun_error *err)
{
	uint8_t *buffer = av_malloc(IO_BUFFER_BYTES);
	if (buffer)
		input->io = avio_alloc_context(
		        buffer, IO_BUFFER_BYTES, 0, input, read_from_fd, NULL, seek_in_fd);
	if (input->io)
		return LUN_OK;
	av_free(buffer);
	return lun_fail(err, LUN_NOMEM, "out of memory");
}

static enum lun_result fail_open(const char *name, int code, struct lun_error *err)
{
	char text[AV_ERROR_MAX_STRING_SIZE];
	if (code == AVERROR(ENOMEM))
		return lun_fail(err, LUN_NOMEM, "%s needs more memory than there is", name);
	if (code == AVERROR(EIO))
		return lun_fail(err, LUN_IO, "%s cannot be read", name);
	return lun_fail(err, LUN_INVALID, "%s is damaged or truncated: %s", name,
	        lun_media_error_text(code, text));
}

// What the bytes look like decides, never the name.
static enum lun_result probe_format(struct lun_media_input *input, const char *name,
        const AVInputFormat **out_probed, struct lun_error *err)
{
	int rc = av_probe_input_buffer2(input->io, out_probed, "", NULL, 0, 0);
	if (rc == AVERROR_INVALIDDATA || rc == AVERROR_EOF || (rc >= 0 && !*out_probed))
		return lun_fail(err, LUN_UNSUPPORTED, "%s is not a video in a format that is known", name);
	if (rc < 0)
		return fail_open(name, rc, err);
	if (av_match_list((*out_probed)->name, sound_formats, ',') > 0)
		return lun_fail(err, LUN_INVALID, "%s has no video", name);
	if (av_match_list((*out_probed)->name, allowed_formats, ',') <= 0)
		return lun_fail(err, LUN_UNSUPPORTED,
		        "%s looks like \"%s\", which is not opened as a video", name, (*out_probed)->name);
	return LUN_OK;
}

static enum lun_result open_format(struct lun_media_input *input, const char *name,
        const AVInputFormat *probed, struct lun_error *err)
{
	AVFormatContext *format = avformat_alloc_context();
	if (!format)
		return lun_fail(err, LUN_NOMEM, "out of memory");
	format->pb = input->io;
	format->flags |= AVFMT_FLAG_CUSTOM_IO;
	format->io_open = refuse_open;
	format->format_whitelist = av_strdup(allowed_formats);
	format->codec_whitelist = av_strdup(allowed_codecs);
	format->protocol_whitelist = av_strdup("none");
	// Frees format when it fails.
	int rc = avformat_open_input(&format, "", probed, NULL);
	if (rc < 0)
		return fail_open(name, rc, err);
	input->format = format;
	return LUN_OK;
}

static enum lun_result check_picture_size(
        const AVFormatContext *format, const char *name, struct lun_error *err)
{
	for (unsigned i = 0; i < format->nb_streams; i++) {
		const AVCodecParameters *codec = format->streams[i]->codecpar;
		if (codec->width > LUN_MAX_SIZE_PX || codec->height > LUN_MAX_SIZE_PX)
			return lun_fail(err, LUN_LIMIT, "%s is %dx%d, and a video may be at most %dx%d", name,
			        codec->width, codec->height, LUN_MAX_SIZE_PX, LUN_MAX_SIZE_PX);
	}
	return LUN_OK;
}

// The sizes of the streams may come from the header, or out of the probing below. Probing decodes,
// so that its decoders have to have the limit as well.
static enum lun_result probe_streams(
        AVFormatContext *format, const char *name, struct lun_error *err)
{
	enum lun_result rc = check_picture_size(format, name, err);
	if (rc != LUN_OK)
		return rc;
	unsigned streams = format->nb_streams;
	AVDictionary **options = lun_alloc((streams + 1) * sizeof(AVDictionary *));
	for (unsigned i = 0; i < streams; i++)
		(void)av_dict_set_int(
		        &options[i], "max_pixels", (int64_t)LUN_MAX_SIZE_PX * LUN_MAX_SIZE_PX, 0);
	int code = avformat_find_stream_info(format, options);
	for (unsigned i = 0; i < streams; i++)
		av_dict_free(&options[i]);
	free(options);
	if (code < 0)
		return fail_open(name, code, err);
	return check_picture_size(format, name, err);
}

static enum lun_result choose_stream(
        struct lun_media_input *input, const char *name, struct lun_error *err)
{
	AVFormatContext *format = input->format;
	int best = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
	// The cover of a song is no video.
	if (best < 0 || format->streams[best]->disposition & AV_DISPOSITION_ATTACHED_PIC)
		return lun_fail(err, LUN_INVALID, "%s has no video", name);
	for (unsigned i = 0; i < format->nb_streams; i++)
		if (i != (unsigned)best)
			format->streams[i]->discard = AVDISCARD_ALL;
	input->stream = format->streams[best];
	return LUN_OK;
}

enum lun_result lun_media_input_open(
        struct lun_media_input *input, int fd, const char *name, struct lun_error *err)
{
	lun_media_init();
	*input = (struct lun_media_input){.fd = fd};
	const AVInputFormat *probed = NULL;
	enum lun_result rc = check_file(fd, name, err);
	if (rc == LUN_OK)
		rc = create_io(input, err);
	if (rc == LUN_OK)
		rc = probe_format(input, name, &probed, err);
	if (rc == LUN_OK)
		rc = open_format(input, name, probed, err);
	if (rc == LUN_OK)
		rc = probe_streams(input->format, name, err);
	if (rc == LUN_OK)
		rc = choose_stream(input, name, err);
	if (rc != LUN_OK)
		lun_media_input_close(input);
	return rc;
}

void lun_media_input_close(struct lun_media_input *input)
{
	avformat_close_input(&input->format);
	if (input->io)
		av_freep(&input->io->buffer);
	avio_context_free(&input->io);
	input->stream = NULL;
}
