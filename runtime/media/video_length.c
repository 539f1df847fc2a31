// The length of a video, which makes a loop seamless: counted from the packets, because containers
// speak of decoding times, of sound and video together, or not at all.
#include "media/video_length.h"

#include <math.h>
#include <sys/stat.h>

// Up to this size a file is read through once (a fraction of a second from the page cache).
#define COUNT_MAX_BYTES ((int64_t)256 << 20)
// Of larger files this much of the end is read.
#define TAIL_S 10.0
// An end that comes earlier than promised by more than this is a break.
#define BREAK_MIN_S 0.1
// Keeps sums of hostile timestamps inside int64_t.
#define MAX_TICKS ((int64_t)1 << 60)

bool lun_media_is_untimed(const struct lun_media_input *input)
{
	return input->format->iformat->flags & AVFMT_NOTIMESTAMPS;
}

int64_t lun_media_frame_ticks(const struct lun_media_input *input)
{
	AVRational fps = av_guess_frame_rate(input->format, input->stream, NULL);
	if (fps.num <= 0 || fps.den <= 0)
		fps = (AVRational){25, 1};
	int64_t ticks = av_rescale_q(1, av_inv_q(fps), input->stream->time_base);
	return ticks < 1 ? 1 : ticks > MAX_TICKS ? MAX_TICKS : ticks;
}

struct packet_count {
	int64_t packets;                            // of the video
	int64_t first_ticks, last_ticks, end_ticks; // of the video; meaningless without timed
	int64_t timed;                              // packets of the video that carry a time
	double last_end_s;                          // of all streams, from the start of the file
	bool is_complete;                           // the file ended where it should
};

static int64_t packet_start(const AVPacket *packet)
{
	int64_t start = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
	return start > MAX_TICKS || start < -MAX_TICKS ? AV_NOPTS_VALUE : start;
}

static int64_t packet_length(const AVPacket *packet, int64_t frame_ticks)
{
	return packet->duration > 0 && packet->duration < MAX_TICKS ? packet->duration : frame_ticks;
}

static void count_video(struct packet_count *count, int64_t start, int64_t length)
{
	count->packets++;
	if (start == AV_NOPTS_VALUE)
		return;
	bool is_first = count->timed++ == 0;
	if (is_first || start < count->first_ticks)
		count->first_ticks = start;
	if (is_first || start > count->last_ticks)
		count->last_ticks = start;
	if (is_first || start + length > count->end_ticks)
		count->end_ticks = start + length;
}

static void count_packet(struct packet_count *count, const struct lun_media_input *input,
        const AVPacket *packet, int64_t frame_ticks)
{
	// An edit list marks what is decoded but not shown.
	if (packet->flags & AV_PKT_FLAG_DISCARD)
		return;
	bool is_video = packet->stream_index == input->stream->index;
	int64_t start = packet_start(packet);
	int64_t length = packet_length(packet, is_video ? frame_ticks : 0);
	if (is_video)
		count_video(count, start, length);
	if (start == AV_NOPTS_VALUE)
		return;
	const AVStream *stream = input->format->streams[packet->stream_index];
	double end_s = (double)(start + length) * av_q2d(stream->time_base);
	if (input->format->start_time != AV_NOPTS_VALUE)
		end_s -= (double)input->format->start_time / AV_TIME_BASE;
	if (end_s > count->last_end_s)
		count->last_end_s = end_s;
}

// Reads a file of moderate size through; of a larger one the last stretch alone.
static struct packet_count count_packets(
        int fd, const char *name, int64_t frame_ticks, int64_t from_ticks)
{
	struct packet_count count = {0};
	struct lun_media_input input;
	AVPacket *packet = av_packet_alloc();
	if (packet && lun_media_input_open(&input, fd, name, NULL) == LUN_OK) {
		for (unsigned i = 0; i < input.format->nb_streams; i++)
			input.format->streams[i]->discard = AVDISCARD_DEFAULT;
		if (from_ticks > 0)
			(void)av_seek_frame(
			        input.format, input.stream->index, from_ticks, AVSEEK_FLAG_BACKWARD);
		int rc;
		while ((rc = av_read_frame(input.format, packet)) >= 0) {
			count_packet(&count, &input, packet, frame_ticks);
			count.is_complete = !(packet->flags & AV_PKT_FLAG_CORRUPT);
			av_packet_unref(packet);
		}
		count.is_complete &= rc == AVERROR_EOF && !input.io->error;
		lun_media_input_close(&input);
	}
	av_packet_free(&packet);
	return count;
}

// What the container says; for all its streams together where it does not tell them apart.
static int64_t read_promise(const struct lun_media_input *input)
{
	int64_t ticks = input->stream->duration;
	if (ticks <= 0 && input->format->duration > 0)
		ticks = av_rescale_q(input->format->duration, AV_TIME_BASE_Q, input->stream->time_base);
	return ticks <= 0 || ticks > MAX_TICKS ? 0 : ticks;
}

static struct lun_media_length make_length(
        const struct lun_media_input *input, const struct packet_count *count, int64_t frame_ticks)
{
	if (!lun_media_is_untimed(input) && count->timed > 0)
		return (struct lun_media_length){
		        .duration_ticks = count->end_ticks - count->first_ticks,
		        .last_ticks = count->last_ticks - count->first_ticks,
		        .reachable_ticks = INT64_MAX,
		};
	int64_t packets = count->packets < 1 ? 1 : count->packets;
	int64_t ticks = packets > MAX_TICKS / frame_ticks ? MAX_TICKS : packets * frame_ticks;
	return (struct lun_media_length){
	        .duration_ticks = ticks,
	        .last_ticks = ticks - frame_ticks,
	        .reachable_ticks = INT64_MAX,
	};
}

struct lun_media_length lun_media_read_length(
        const struct lun_media_input *input, const char *name, int64_t origin_ticks)
{
	double tick_s = av_q2d(input->stream->time_base);
	int64_t promised = read_promise(input), frame_ticks = lun_media_frame_ticks(input);
	struct stat file;
	bool is_small = fstat(input->fd, &file) == 0 && file.st_size <= COUNT_MAX_BYTES;
	bool reads_all = is_small || promised == 0 || lun_media_is_untimed(input);
	int64_t tail = (int64_t)fmin(TAIL_S / tick_s, (double)promised);
	struct packet_count count = count_packets(
	        input->fd, name, frame_ticks, reads_all ? 0 : origin_ticks + promised - tail);
	if (!reads_all)
		count.first_ticks = origin_ticks;
	struct lun_media_length length = make_length(input, &count, frame_ticks);
	// A file that breaks off keeps the length it promised: its last picture is held until then.
	// One whose sound is longer than its video is complete.
	double slack_s = BREAK_MIN_S + 2 * (double)frame_ticks * tick_s;
	bool is_broken = !count.is_complete || count.last_end_s < (double)promised * tick_s - slack_s;
	if (length.duration_ticks < 1)
		length.duration_ticks = 1;
	if (!is_broken)
		return length;
	if (reads_all)
		length.reachable_ticks = length.last_ticks;
	if (promised > length.duration_ticks) {
		length.duration_ticks = promised;
		length.last_ticks = promised > frame_ticks ? promised - frame_ticks : 0;
	}
	return length;
}
