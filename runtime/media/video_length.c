// The length of a video, which makes a loop seamless: taken from the container where it keeps an
// account of each stream, else counted from the packets.
#include "media/video_length.h"

#include <libavutil/avstring.h>
#include <sys/stat.h>

// Up to this size a file is read through once (a fraction of a second from the page cache).
#define COUNT_MAX_BYTES ((int64_t)256 << 20)
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
	int64_t packets;
	int64_t first_ticks, end_ticks; // AV_NOPTS_VALUE: no packet had a time
	bool is_complete;               // the file ended where it should
};

static void count_packet(struct packet_count *count, const AVPacket *packet, int64_t frame_ticks)
{
	// An edit list marks what is decoded but not shown.
	if (packet->flags & AV_PKT_FLAG_DISCARD)
		return;
	count->packets++;
	int64_t start = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
	if (start == AV_NOPTS_VALUE || start > MAX_TICKS || start < -MAX_TICKS)
		return;
	int64_t length = packet->duration;
	if (length <= 0 || length > MAX_TICKS)
		length = frame_ticks;
	if (count->first_ticks == AV_NOPTS_VALUE || start < count->first_ticks)
		count->first_ticks = start;
	if (count->end_ticks == AV_NOPTS_VALUE || start + length > count->end_ticks)
		count->end_ticks = start + length;
}

static struct packet_count count_packets(int fd, const char *name, int64_t frame_ticks)
{
	struct packet_count count = {.first_ticks = AV_NOPTS_VALUE, .end_ticks = AV_NOPTS_VALUE};
	struct lun_media_input input;
	AVPacket *packet = av_packet_alloc();
	if (packet && lun_media_input_open(&input, fd, name, NULL) == LUN_OK) {
		int rc;
		while ((rc = av_read_frame(input.format, packet)) >= 0) {
			if (packet->stream_index == input.stream->index)
				count_packet(&count, packet, frame_ticks);
			av_packet_unref(packet);
		}
		count.is_complete = rc == AVERROR_EOF && !input.io->error;
		lun_media_input_close(&input);
	}
	av_packet_free(&packet);
	return count;
}

static int64_t container_ticks(const struct lun_media_input *input)
{
	int64_t ticks = input->stream->duration;
	if (ticks <= 0 && input->format->duration > 0)
		ticks = av_rescale_q(input->format->duration, AV_TIME_BASE_Q, input->stream->time_base);
	return ticks <= 0 || ticks > MAX_TICKS ? 0 : ticks;
}

// These keep a table of every sample of every track.
static bool has_sample_table(const struct lun_media_input *input)
{
	return av_match_list(input->format->iformat->name, "mov", ',') > 0 &&
	       input->stream->nb_frames > 0;
}

int64_t lun_media_length_ticks(
        const struct lun_media_input *input, const char *name, bool *out_is_exact)
{
	int64_t ticks = container_ticks(input);
	*out_is_exact = ticks > 0 && has_sample_table(input);
	struct stat file;
	bool is_small = fstat(input->fd, &file) == 0 && file.st_size <= COUNT_MAX_BYTES;
	if (*out_is_exact || (ticks > 0 && !is_small))
		return ticks;
	int64_t frame_ticks = lun_media_frame_ticks(input);
	struct packet_count count = count_packets(input->fd, name, frame_ticks);
	// A file that breaks off keeps the length it promised: its last picture is held until then.
	if (!count.is_complete && ticks > 0)
		return ticks;
	*out_is_exact = count.is_complete;
	if (lun_media_is_untimed(input) || count.end_ticks == AV_NOPTS_VALUE)
		ticks = count.packets > MAX_TICKS / frame_ticks ? MAX_TICKS : count.packets * frame_ticks;
	else
		ticks = count.end_ticks - count.first_ticks;
	return ticks < 1 ? 1 : ticks;
}
