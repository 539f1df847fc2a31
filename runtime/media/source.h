/**
 * Something that has a picture at every tick: a video file, a file that plays the camera, or the
 * synthetic camera.
 *
 * Thread: one owner at a time; the pictures it hands out may go to any thread.
 */
#pragma once

#include "lunette/picture.h"

struct lun_source;

/** The moment a picture is wanted for. */
struct lun_moment {
	uint64_t number; /**< the tick */
	double time_s;   /**< number / fps */
};

struct lun_video_params {
	bool loop;
	double start_s; /**< where in the file tick 0 begins */
	double rate;    /**< 1 = as recorded; 0 is taken as 1 */
};

/**
 * Open any file that FFmpeg decodes, as a video on the scene clock.
 *
 * @param fd    readable and seekable; the source takes it on success and closes it
 * @param name  for messages
 */
enum lun_result lun_source_open_video(int fd, const char *name, struct lun_video_params params,
        struct lun_source **out_source, struct lun_error *err);

/**
 * A raw clip without a header (`clip.nv12:1920x1080`): mapped, one clip frame a tick, looped.
 * A size that is no whole number of frames is refused with both numbers in the message.
 */
enum lun_result lun_source_open_raw(int fd, const char *name, enum lun_pixel_format pixel,
        int width_px, int height_px, struct lun_source **out_source, struct lun_error *err);

/**
 * The synthetic camera: a calm moving picture that depends on the tick's number alone, so that
 * scenes over a camera can be rendered and tested where there is none. 1280 x 720, NV12, BT.601
 * limited.
 */
struct lun_source *lun_source_create_synthetic(void);

/**
 * Open what `--camera` names: NULL or "" = synthetic; `FILE.nv12:WxH` (also .i420 .yuy2 .bgra) =
 * raw clip; anything else = video file, looped. fd is -1 for the synthetic one; else it is the open
 * file that lun_camera_spec_path() names, and is taken on success.
 */
enum lun_result lun_source_open_camera(
        int fd, const char *spec, struct lun_source **out_source, struct lun_error *err);

void lun_source_destroy(struct lun_source *source); /**< NULL is fine */

/**
 * The picture that is shown at a moment: the last one whose time is not after it.
 *
 * Pure: the same moment gives the same pixels, whatever was asked before (seeking costs time, not
 * correctness). Asked for the same picture twice it returns the same id. A file that breaks in the
 * middle holds its last good picture and says so in err once, with LUN_IO and the picture.
 *
 * @return owned reference; NULL if there is none at all
 */
struct lun_picture *lun_source_get_picture(
        struct lun_source *source, struct lun_moment moment, struct lun_error *err);

int lun_source_width_px(const struct lun_source *source);
int lun_source_height_px(const struct lun_source *source);
double lun_source_fps(const struct lun_source *source);        /**< nominal; 0 = one a tick */
double lun_source_duration_s(const struct lun_source *source); /**< 0 = endless */

/* Playback control of a video source; nothing happens on others. The scene clock stays master:
 * each call takes effect at the given moment. */
void lun_source_seek(struct lun_source *source, struct lun_moment now, double position_s);
void lun_source_pause(struct lun_source *source, struct lun_moment now);
void lun_source_play(struct lun_source *source, struct lun_moment now);
double lun_source_position_s(const struct lun_source *source, struct lun_moment now);
