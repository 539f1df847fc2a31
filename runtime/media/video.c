// A video on the scene's clock: which time of the file belongs to a moment (start, rate, loop,
// pause), and the picture held for it. Files and frames are the decoder's.
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/source_impl.h"
#include "media/video_decoder.h"
#include "media/video_picture.h"

// Moments are floating point and files round their times to their own ticks, at worst to
// milliseconds: a picture due this little later is due now.
#define EARLY_MAX_S 0.0005
#define FLOAT_SLACK_S 1e-6

struct video_source {
	struct lun_source base;
	int fd;                            // owned
	struct lun_video_decoder *decoder; // owned
	struct lun_video_converter converter;
	uint64_t source_id;
	bool is_looped;
	double rate;
	double early_s;

	// Where playback stands: at anchor_time_s of the scene's clock the file is at anchor_s.
	double anchor_time_s, anchor_s;
	bool is_paused;

	struct lun_picture *picture; // ref; the one handed out last; at first the file's first
	int64_t picture_ticks;
};

// Seconds since the start of the file, neither wrapped nor bounded.
static double run_position(const struct video_source *video, struct lun_moment now)
{
	if (video->is_paused)
		return video->anchor_s;
	return video->anchor_s + (now.time_s - video->anchor_time_s) * video->rate;
}

static double file_position(const struct video_source *video, struct lun_moment now)
{
	double duration = video->base.duration_s;
	double position = run_position(video, now);
	if (!isfinite(position))
		return 0;
	if (!video->is_looped)
		return fmin(fmax(position, 0), duration);
	position = fmod(position, duration);
	if (position < 0)
		position += duration;
	return duration - position <= video->early_s ? 0 : position;
}

static int64_t to_ticks(const struct video_source *video, double position_s)
{
	const struct lun_video_info *info = lun_video_decoder_info(video->decoder);
	double ticks = floor((position_s + video->early_s) / info->tick_s);
	return ticks < 0 ? 0 : ticks < 0x1p60 ? (int64_t)ticks : (int64_t)1 << 60;
}

static void show_frame(struct video_source *video, double at_s, struct lun_error *err)
{
	int64_t ticks;
	const AVFrame *frame =
	        lun_video_decoder_get_frame(video->decoder, to_ticks(video, at_s), &ticks, err);
	if (!frame || (video->picture && ticks == video->picture_ticks))
		return;
	struct lun_picture *picture = lun_video_picture_create(&video->converter, frame,
	        lun_video_decoder_info(video->decoder)->quarter_turns,
	        lun_source_stable_id(video->source_id, (uint64_t)ticks));
	if (!picture)
		return;
	lun_picture_unref(video->picture);
	video->picture = picture;
	video->picture_ticks = ticks;
}

static struct lun_picture *get_picture(
        struct lun_source *source, struct lun_moment moment, struct lun_error *err)
{
	struct video_source *video = (struct video_source *)source;
	show_frame(video, file_position(video, moment), err);
	return lun_picture_ref(video->picture);
}

static void anchor(struct video_source *video, struct lun_moment now, double position_s)
{
	video->anchor_time_s = now.time_s;
	video->anchor_s = isfinite(position_s) ? position_s : 0;
}

static void seek(struct lun_source *source, struct lun_moment now, double position_s)
{
	anchor((struct video_source *)source, now, position_s);
}

static void pause_playback(struct lun_source *source, struct lun_moment now)
{
	struct video_source *video = (struct video_source *)source;
	anchor(video, now, file_position(video, now));
	video->is_paused = true;
}

static void play(struct lun_source *source, struct lun_moment now)
{
	struct video_source *video = (struct video_source *)source;
	anchor(video, now, file_position(video, now));
	video->is_paused = false;
}

static double position_s(const struct lun_source *source, struct lun_moment now)
{
	return file_position((const struct video_source *)source, now);
}

static void destroy(struct lun_source *source)
{
	struct video_source *video = (struct video_source *)source;
	lun_picture_unref(video->picture);
	lun_video_converter_finish(&video->converter);
	lun_video_decoder_destroy(video->decoder);
	if (video->fd >= 0)
		(void)close(video->fd);
	free(video);
}

static const struct lun_source_impl video_impl = {
        .destroy = destroy,
        .get_picture = get_picture,
        .seek = seek,
        .pause = pause_playback,
        .play = play,
        .position_s = position_s,
};

enum lun_result lun_source_open_video(int fd, const char *name, struct lun_video_params params,
        struct lun_source **out_source, struct lun_error *err)
{
	struct lun_video_decoder *decoder;
	enum lun_result rc = lun_video_decoder_open(fd, name, &decoder, err);
	if (rc != LUN_OK)
		return rc;
	const struct lun_video_info *info = lun_video_decoder_info(decoder);
	bool is_on_its_side = info->quarter_turns & 1;
	struct video_source *video = lun_alloc(sizeof *video);
	video->base = (struct lun_source){
	        .impl = &video_impl,
	        .width_px = is_on_its_side ? info->height_px : info->width_px,
	        .height_px = is_on_its_side ? info->width_px : info->height_px,
	        .fps = info->fps,
	        .duration_s = (double)info->duration_ticks * info->tick_s,
	};
	video->fd = fd;
	video->decoder = decoder;
	video->source_id = lun_picture_new_id();
	video->is_looped = params.loop;
	video->rate = isfinite(params.rate) && params.rate != 0 ? params.rate : 1;
	video->anchor_s = isfinite(params.start_s) ? params.start_s : 0;
	video->early_s = fmin(info->tick_s / 2, EARLY_MAX_S) + FLOAT_SLACK_S;
	show_frame(video, 0, NULL);
	if (!video->picture) {
		video->fd = -1; // the caller keeps it
		destroy(&video->base);
		return lun_fail(err, LUN_UNSUPPORTED, "%s has a pixel format that cannot be shown", name);
	}
	*out_source = &video->base;
	return LUN_OK;
}
