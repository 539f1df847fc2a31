// From packets to frames in the order of their times. Decides which frames may be shown (damage,
// leading pictures after a seek) and when to seek. What a frame becomes, and which time is asked
// for, is decided elsewhere.
#include "media/video_decoder.h"

#include <libavutil/display.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lunette/format.h"
#include "media/input.h"
#include "media/video_length.h"

#define DECODE_AHEAD_S 2.0
// Timestamps beyond this are taken as absent, which keeps differences of hostile ones in range.
#define MAX_TICKS ((int64_t)1 << 60)
#define BEFORE_ALL (-4 * MAX_TICKS)

// A packet that decoding can start from. Packets are numbered from 1 in the order they are decoded.
struct keyframe {
	int64_t packet;
	int64_t ticks;
};

// What must not be shown: everything decoded from a damaged packet on, up to a keyframe.
struct damage {
	int64_t from;        // 0 = there is none
	struct keyframe end; // packet 0 = not met yet
};

struct lun_video_decoder {
	char *name; // owned
	int fd;     // borrowed from the source, which outlives us
	struct lun_media_input input;
	AVCodecContext *codec; // owned
	AVPacket *packet;      // owned
	struct lun_video_info info;
	struct lun_media_length length;
	int64_t origin;      // the stream's time of the first picture
	int64_t frame_ticks; // for frames that carry no time
	bool is_lenient;     // the file is sloppy from its first picture on: small errors are let pass
	bool is_untimed;     // frames are counted
	bool is_seekable;

	AVFrame *current, *next; // owned; next is the one after current
	bool has_current, has_next;
	int64_t current_ticks, next_ticks; // from origin

	// State of one run of decoding, from a seek on.
	int64_t packets;     // decoded
	int64_t frames;      // that came out or were lost
	int64_t sent_ticks;  // of the last packet
	int64_t first_ticks; // of the keyframe the run began with: what is earlier lacks references
	int64_t last_ticks;  // of the frame that came out last
	struct keyframe last_key; // packet 0 = none
	struct damage damage;
	AVPacket *resume_at; // owned; the keyframe after damage while the decoder is emptied
	bool is_resuming;
	bool is_fresh;      // nothing was decoded yet, or nothing since damage
	bool is_before_key; // after a seek; nothing is decoded until there is a keyframe
	bool is_drained;

	int64_t held_ticks; // of the last good picture of the file, once it is known; else INT64_MAX
	bool is_lost;       // the file could not be opened again
	bool is_damaged, has_reported;
};

static int64_t clamp_ticks(int64_t ticks)
{
	return ticks > MAX_TICKS || ticks < -MAX_TICKS ? AV_NOPTS_VALUE : ticks;
}

// The packet's own time from origin, or one before all others.
static int64_t packet_ticks(const struct lun_video_decoder *decoder, const AVPacket *packet)
{
	int64_t ticks = clamp_ticks(packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts);
	return ticks == AV_NOPTS_VALUE ? BEFORE_ALL : ticks - decoder->origin;
}

// Pictures that are shown before the keyframe that decoding began with may fail: what they build on
// was not decoded.
static bool is_leading(const struct lun_video_decoder *decoder, int64_t ticks)
{
	return ticks != BEFORE_ALL && ticks < decoder->first_ticks;
}

static struct damage merge_damage(struct damage known, struct damage found)
{
	if (!known.from)
		return found;
	if (known.end.packet == found.end.packet)
		return known.from < found.from ? known : found;
	return known.end.packet ? found : known;
}

// Damage reaches up to the next keyframe; or only up to the last one, when the damaged picture is
// decoded after that but shown before it, or its damage shows up late.
static void note_damage(struct lun_video_decoder *decoder, int64_t packet, int64_t ticks)
{
	if (is_leading(decoder, ticks))
		return;
	decoder->is_damaged = true;
	if (packet < 1) // a decoder that does not pass our numbers on
		packet = decoder->packets;
	struct damage found = {.from = packet};
	const struct keyframe *key = &decoder->last_key;
	bool is_shown_before_key = ticks != BEFORE_ALL && ticks < key->ticks;
	if (key->packet && (key->packet > packet || is_shown_before_key))
		found.end = *key;
	decoder->damage = merge_damage(decoder->damage, found);
}

static bool is_waiting_for_key(const struct lun_video_decoder *decoder)
{
	return decoder->is_before_key || (decoder->damage.from && !decoder->damage.end.packet);
}

static void decode_packet(struct lun_video_decoder *decoder, AVPacket *packet)
{
	int64_t ticks = packet_ticks(decoder, packet);
	decoder->packets++;
	if (packet->flags & AV_PKT_FLAG_KEY) {
		if (decoder->is_fresh)
			decoder->first_ticks = ticks;
		decoder->last_key = (struct keyframe){.packet = decoder->packets, .ticks = ticks};
	}
	decoder->is_fresh = decoder->is_before_key = false;
	decoder->codec->reordered_opaque = decoder->packets;
	int rc = packet->flags & AV_PKT_FLAG_CORRUPT ? AVERROR_INVALIDDATA
	                                             : avcodec_send_packet(decoder->codec, packet);
	decoder->sent_ticks = ticks;
	if (rc >= 0 || rc == AVERROR(EAGAIN))
		return;
	note_damage(decoder, decoder->packets, ticks);
	decoder->frames++; // lost, but it has its time
}

// Decoding starts anew at the keyframe that follows damage, as it would after a seek to it. First
// what is still inside the decoder comes out.
static void prepare_resume(struct lun_video_decoder *decoder, AVPacket *packet)
{
	av_packet_move_ref(decoder->resume_at, packet);
	decoder->is_resuming = true;
	(void)avcodec_send_packet(decoder->codec, NULL);
}

static void resume(struct lun_video_decoder *decoder)
{
	avcodec_flush_buffers(decoder->codec);
	decoder->is_resuming = false;
	decoder->is_fresh = true;
	decoder->damage = (struct damage){0};
	decode_packet(decoder, decoder->resume_at);
	av_packet_unref(decoder->resume_at);
}

static void send_packet(struct lun_video_decoder *decoder, AVPacket *packet)
{
	bool is_key = packet->flags & AV_PKT_FLAG_KEY;
	if (!is_waiting_for_key(decoder) || (is_key && decoder->is_before_key))
		decode_packet(decoder, packet);
	else if (is_key)
		prepare_resume(decoder, packet);
	else
		decoder->frames++; // skipped, but it has its time
}

static void feed(struct lun_video_decoder *decoder)
{
	int rc = av_read_frame(decoder->input.format, decoder->packet);
	if (rc >= 0) {
		if (decoder->packet->stream_index == decoder->input.stream->index)
			send_packet(decoder, decoder->packet);
		av_packet_unref(decoder->packet);
		return;
	}
	if (rc != AVERROR_EOF || decoder->input.io->error)
		decoder->is_damaged = true;
	decoder->is_drained = true;
	(void)avcodec_send_packet(decoder->codec, NULL);
}

// The frame's time from origin. One without a time follows the one before it, unless something is
// missing there.
static int64_t frame_ticks(const struct lun_video_decoder *decoder, const AVFrame *frame)
{
	if (decoder->is_untimed) {
		bool fits = decoder->frames < MAX_TICKS / decoder->frame_ticks;
		return fits ? (decoder->frames - 1) * decoder->frame_ticks : MAX_TICKS;
	}
	int64_t ticks = frame->pts != AV_NOPTS_VALUE ? frame->pts : frame->best_effort_timestamp;
	ticks = clamp_ticks(ticks);
	if (ticks != AV_NOPTS_VALUE)
		return ticks - decoder->origin;
	if (decoder->last_ticks == BEFORE_ALL)
		return 0;
	bool is_known = !decoder->damage.from && decoder->last_ticks < MAX_TICKS;
	return is_known ? decoder->last_ticks + decoder->frame_ticks : decoder->last_ticks;
}

static bool is_hit_by_damage(const struct damage *damage, int64_t packet, int64_t ticks)
{
	return damage->from && packet >= damage->from &&
	       (!damage->end.packet || packet < damage->end.packet || ticks < damage->end.ticks);
}

// A frame came out of the decoder: may it be shown?
static bool accept_frame(
        struct lun_video_decoder *decoder, const AVFrame *frame, int64_t *out_ticks)
{
	decoder->frames++;
	int64_t ticks = frame_ticks(decoder, frame), packet = frame->reordered_opaque;
	if (frame->decode_error_flags || frame->flags & AV_FRAME_FLAG_CORRUPT)
		note_damage(decoder, packet, ticks);
	if (is_leading(decoder, ticks) || ticks <= decoder->last_ticks ||
	        is_hit_by_damage(&decoder->damage, packet, ticks))
		return false;
	decoder->last_ticks = ticks;
	*out_ticks = ticks;
	return true;
}

// The next frame that may be shown. @return false at the end of the file
static bool read_frame(struct lun_video_decoder *decoder, AVFrame *frame, int64_t *out_ticks)
{
	for (;;) {
		int rc = avcodec_receive_frame(decoder->codec, frame);
		if (rc >= 0) {
			if (accept_frame(decoder, frame, out_ticks))
				return true;
			av_frame_unref(frame);
			continue;
		}
		if (rc != AVERROR(EAGAIN) && rc != AVERROR_EOF)
			note_damage(decoder, decoder->packets, decoder->sent_ticks);
		if (decoder->is_resuming)
			resume(decoder);
		else if (decoder->is_drained)
			return false;
		else
			feed(decoder);
	}
}

static void begin_run(struct lun_video_decoder *decoder, bool is_at_start)
{
	avcodec_flush_buffers(decoder->codec);
	decoder->packets = decoder->frames = 0;
	decoder->first_ticks = decoder->last_ticks = BEFORE_ALL;
	decoder->last_key = (struct keyframe){0};
	decoder->damage = (struct damage){0};
	av_packet_unref(decoder->resume_at);
	decoder->is_resuming = false;
	decoder->is_fresh = true;
	decoder->is_before_key = !is_at_start;
	decoder->is_drained = false;
	decoder->has_current = decoder->has_next = false;
}

static bool read_next(struct lun_video_decoder *decoder)
{
	av_frame_unref(decoder->next);
	decoder->has_next = read_frame(decoder, decoder->next, &decoder->next_ticks);
	return decoder->has_next;
}

static enum lun_result open_codec(struct lun_video_decoder *decoder, struct lun_error *err)
{
	const AVCodecParameters *parameters = decoder->input.stream->codecpar;
	const AVCodec *codec = avcodec_find_decoder(parameters->codec_id);
	if (!codec)
		return lun_fail(err, LUN_UNSUPPORTED, "%s holds %s video, which cannot be decoded here",
		        decoder->name, avcodec_get_name(parameters->codec_id));
	decoder->codec = avcodec_alloc_context3(codec);
	if (!decoder->codec || avcodec_parameters_to_context(decoder->codec, parameters) < 0)
		return lun_fail(err, LUN_NOMEM, "out of memory");
	AVCodecContext *context = decoder->codec;
	context->codec_whitelist = av_strdup(decoder->input.format->codec_whitelist);
	context->pkt_timebase = decoder->input.stream->time_base;
	context->thread_count = 1;
	if (!decoder->is_lenient)
		context->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
	context->max_pixels = (int64_t)LUN_MAX_SIZE_PX * LUN_MAX_SIZE_PX;
	if (avcodec_open2(context, codec, NULL) < 0)
		return lun_fail(err, LUN_UNSUPPORTED, "%s holds %s video, which is not opened here",
		        decoder->name, codec->name);
	return LUN_OK;
}

static int read_quarter_turns(const AVStream *stream)
{
	const int32_t *matrix =
	        (const int32_t *)av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, NULL);
	double turned = matrix ? av_display_rotation_get(matrix) : 0;
	if (!isfinite(turned))
		return 0;
	// libav counts anticlockwise.
	return (int)(lround(-turned / 90) + 4) & 3;
}

// Opens the file and its decoder as they are at the start of the file.
static enum lun_result open_input(struct lun_video_decoder *decoder, struct lun_error *err)
{
	enum lun_result rc = lun_media_input_open(&decoder->input, decoder->fd, decoder->name, err);
	if (rc != LUN_OK)
		return rc;
	rc = open_codec(decoder, err);
	if (rc == LUN_OK)
		begin_run(decoder, true);
	return rc;
}

static void close_input(struct lun_video_decoder *decoder)
{
	avcodec_free_context(&decoder->codec);
	lun_media_input_close(&decoder->input);
}

// Formats whose pictures build on all before them, or whose position has no time.
static bool can_seek(const struct lun_media_input *input)
{
	const char *name = input->format->iformat->name;
	return !lun_media_is_untimed(input) && strcmp(name, "gif") != 0 && strcmp(name, "apng") != 0;
}

static enum lun_result read_first_frame(struct lun_video_decoder *decoder, struct lun_error *err)
{
	decoder->origin = 0;
	if (!read_next(decoder))
		return lun_fail(
		        err, LUN_INVALID, "%s is damaged: no picture in it can be decoded", decoder->name);
	if (decoder->next->width > LUN_MAX_SIZE_PX || decoder->next->height > LUN_MAX_SIZE_PX)
		return lun_fail(err, LUN_LIMIT, "%s is %dx%d, and a video may be at most %dx%d",
		        decoder->name, decoder->next->width, decoder->next->height, LUN_MAX_SIZE_PX,
		        LUN_MAX_SIZE_PX);
	// From here on times count from this picture.
	decoder->origin = decoder->next_ticks;
	decoder->damage.end.ticks -= decoder->origin;
	decoder->last_key.ticks -= decoder->origin;
	decoder->first_ticks = BEFORE_ALL;
	decoder->last_ticks = decoder->next_ticks = 0;
	return LUN_OK;
}

static void fill_info(struct lun_video_decoder *decoder)
{
	decoder->length = lun_media_read_length(&decoder->input, decoder->name, decoder->origin);
	decoder->held_ticks = decoder->length.reachable_ticks;
	AVStream *stream = decoder->input.stream;
	AVRational fps = av_guess_frame_rate(decoder->input.format, stream, NULL);
	decoder->info = (struct lun_video_info){
	        .width_px = decoder->next->width,
	        .height_px = decoder->next->height,
	        .tick_s = av_q2d(stream->time_base),
	        .fps = fps.num > 0 && fps.den > 0 ? av_q2d(fps) : 0,
	        .duration_ticks = decoder->length.duration_ticks,
	        .quarter_turns = read_quarter_turns(stream),
	};
}

static enum lun_result open_first_frame(struct lun_video_decoder *decoder, struct lun_error *err)
{
	enum lun_result rc = open_input(decoder, err);
	if (rc != LUN_OK)
		return rc;
	decoder->is_untimed = lun_media_is_untimed(&decoder->input);
	decoder->is_seekable = can_seek(&decoder->input);
	decoder->frame_ticks = lun_media_frame_ticks(&decoder->input);
	return read_first_frame(decoder, err);
}

enum lun_result lun_video_decoder_open(
        int fd, const char *name, struct lun_video_decoder **out_decoder, struct lun_error *err)
{
	struct lun_video_decoder *decoder = lun_alloc(sizeof *decoder);
	decoder->name = lun_strdup(name);
	decoder->fd = fd;
	decoder->packet = av_packet_alloc();
	decoder->resume_at = av_packet_alloc();
	decoder->current = av_frame_alloc();
	decoder->next = av_frame_alloc();
	lun_assert(decoder->packet && decoder->resume_at && decoder->current && decoder->next);
	enum lun_result rc = open_first_frame(decoder, err);
	if (rc != LUN_OK && decoder->codec && decoder->is_damaged) {
		close_input(decoder);
		decoder->is_lenient = true;
		decoder->is_damaged = false;
		rc = open_first_frame(decoder, err);
	}
	if (rc != LUN_OK) {
		lun_video_decoder_destroy(decoder);
		return rc;
	}
	fill_info(decoder);
	*out_decoder = decoder;
	return LUN_OK;
}

void lun_video_decoder_destroy(struct lun_video_decoder *decoder)
{
	if (!decoder)
		return;
	av_frame_free(&decoder->current);
	av_frame_free(&decoder->next);
	av_packet_free(&decoder->packet);
	av_packet_free(&decoder->resume_at);
	close_input(decoder);
	free(decoder->name);
	free(decoder);
}

const struct lun_video_info *lun_video_decoder_info(const struct lun_video_decoder *decoder)
{
	return &decoder->info;
}

// Back to the first picture. Seeking there is quick, and checked; opening anew always works.
static void rewind_to_start(struct lun_video_decoder *decoder)
{
	if (decoder->is_seekable && av_seek_frame(decoder->input.format, decoder->input.stream->index,
	                                    decoder->origin, AVSEEK_FLAG_BACKWARD) >= 0) {
		begin_run(decoder, true);
		if (read_next(decoder) && decoder->next_ticks == 0)
			return;
	}
	close_input(decoder);
	decoder->has_current = decoder->has_next = false;
	if (open_input(decoder, NULL) == LUN_OK)
		(void)read_next(decoder);
	else
		decoder->is_lost = decoder->is_damaged = true;
}

static bool seek_to_key(struct lun_video_decoder *decoder, int64_t ticks)
{
	if (av_seek_frame(decoder->input.format, decoder->input.stream->index, decoder->origin + ticks,
	            AVSEEK_FLAG_BACKWARD) < 0)
		return false;
	begin_run(decoder, false);
	return read_next(decoder);
}

// Start a run whose first good frame is not later than ticks. A demuxer's seek may land too late
// (its index is by decoding time), or where all is damaged: then further back each time.
static void seek(struct lun_video_decoder *decoder, int64_t ticks)
{
	double second = 1 / decoder->info.tick_s;
	int64_t back = second < (double)MAX_TICKS ? (int64_t)second + 1 : MAX_TICKS;
	int64_t goal = ticks;
	while (decoder->is_seekable && goal > 0) {
		if (seek_to_key(decoder, goal) && decoder->next_ticks <= ticks)
			return;
		goal = ticks - back;
		back = back > MAX_TICKS / 4 ? MAX_TICKS : back * 4;
	}
	rewind_to_start(decoder);
}

static void advance(struct lun_video_decoder *decoder)
{
	AVFrame *shown = decoder->current;
	decoder->current = decoder->next;
	decoder->current_ticks = decoder->next_ticks;
	decoder->has_current = true;
	decoder->next = shown;
	(void)read_next(decoder);
}

static bool needs_seek(const struct lun_video_decoder *decoder, int64_t ticks)
{
	if (!decoder->has_current)
		return !decoder->has_next || decoder->next_ticks > ticks;
	if (ticks < decoder->current_ticks)
		return true;
	// Further ahead a keyframe is looked for instead of decoding all that lies between.
	return decoder->is_seekable && decoder->has_next &&
	       (double)(ticks - decoder->next_ticks) * decoder->info.tick_s > DECODE_AHEAD_S;
}

// The run is at its end: whatever is later shows the same picture. That the end is an early one
// is found out here.
static void note_end(struct lun_video_decoder *decoder)
{
	if (decoder->current_ticks < decoder->held_ticks)
		decoder->held_ticks = decoder->current_ticks;
	int64_t missing = decoder->length.last_ticks - decoder->current_ticks;
	double slack_s = 0.1 + 2 * (double)decoder->frame_ticks * decoder->info.tick_s;
	if ((double)missing * decoder->info.tick_s > slack_s)
		decoder->is_damaged = true;
}

static void report_damage(struct lun_video_decoder *decoder, struct lun_error *err)
{
	if (!err || !decoder->is_damaged || decoder->has_reported)
		return;
	decoder->has_reported = true;
	(void)lun_fail(err, LUN_IO,
	        "%s is damaged or truncated after %.2f s; the last good picture is held", decoder->name,
	        (double)decoder->current_ticks * decoder->info.tick_s);
}

const AVFrame *lun_video_decoder_get_frame(
        struct lun_video_decoder *decoder, int64_t ticks, int64_t *out_ticks, struct lun_error *err)
{
	if (ticks > decoder->held_ticks)
		ticks = decoder->held_ticks;
	if (ticks < 0)
		ticks = 0;
	if (!decoder->is_lost && needs_seek(decoder, ticks))
		seek(decoder, ticks);
	while (decoder->has_next && (!decoder->has_current || decoder->next_ticks <= ticks))
		advance(decoder);
	if (decoder->has_current && !decoder->has_next)
		note_end(decoder);
	report_damage(decoder, err);
	*out_ticks = decoder->current_ticks;
	return decoder->has_current ? decoder->current : NULL;
}
