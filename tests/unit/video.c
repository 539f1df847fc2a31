// Videos on the scene clock: every picture is held against what the ffmpeg command decodes from
// the same file, in any order of moments; and files that are damaged, cut short or not videos.
#include "check.h"
#include "media.h"
#include "media/source.h"

static enum lun_result open_video(const char *name, struct lun_video_params params,
        struct lun_source **out_source, struct lun_error *err)
{
	int fd = media_open(name);
	*out_source = NULL;
	enum lun_result rc = lun_source_open_video(fd, name, params, out_source, err);
	if (rc != LUN_OK)
		(void)close(fd);
	return rc;
}

static struct lun_moment at(double time_s)
{
	return (struct lun_moment){.number = (uint64_t)(time_s * 1000), .time_s = time_s};
}

// A file opened as a source, beside all its frames as ffmpeg decodes them.
struct clip {
	struct lun_source *source;
	uint8_t *frames;
	size_t frame_bytes;
	int count;
};

static void close_clip(struct clip *clip)
{
	lun_source_destroy(clip->source);
	free(clip->frames);
	*clip = (struct clip){0};
}

static bool open_clip(struct clip *clip, const char *name, const char *pixel_format,
        struct lun_video_params params)
{
	*clip = (struct clip){0};
	struct lun_error err;
	size_t size;
	if (media_run(FFMPEG "-i %s -map 0:v -vsync 0 -f rawvideo -pix_fmt %s frames", name,
	            pixel_format) != 0)
		return false;
	if (open_video(name, params, &clip->source, &err) != LUN_OK) {
		printf("# %s\n", err.message);
		return false;
	}
	struct lun_picture *picture = lun_source_get_picture(clip->source, at(0), NULL);
	clip->frames = media_read("frames", &size);
	if (!picture || !clip->frames)
		return false;
	clip->frame_bytes = media_picture_bytes(picture);
	clip->count = (int)(size / clip->frame_bytes);
	lun_picture_unref(picture);
	return clip->count > 0 && size % clip->frame_bytes == 0;
}

// Which of ffmpeg's frames is shown at a moment? The expected one is tried first. -1: none of them.
static int shown_frame(struct clip *clip, double time_s, int expected)
{
	struct lun_error err;
	struct lun_picture *picture = lun_source_get_picture(clip->source, at(time_s), &err);
	if (!picture)
		return -1;
	if (err.code != LUN_OK)
		printf("# at %f: %s\n", time_s, err.message);
	int found = -1;
	if (expected >= 0 && expected < clip->count &&
	        media_picture_equals(picture, clip->frames + (size_t)expected * clip->frame_bytes))
		found = expected;
	for (int i = 0; found < 0 && i < clip->count; i++)
		if (media_picture_equals(picture, clip->frames + (size_t)i * clip->frame_bytes))
			found = i;
	lun_picture_unref(picture);
	return found;
}

#define CHECK_SHOWN(clip, time_s, frame) CHECK_EQ(shown_frame(&(clip), time_s, frame), frame)

static const struct lun_video_params once = {.rate = 1}, looped = {.loop = true, .rate = 1};

// Every frame at its time and just before the next, then 60 moments in a wild order.
static void check_all_moments(struct clip *clip, double fps)
{
	for (int i = 0; i < clip->count; i++) {
		CHECK_SHOWN(*clip, i / fps, i);
		CHECK_SHOWN(*clip, (i + 0.9) / fps, i);
	}
	uint32_t random = 7;
	for (int i = 0; i < 60; i++) {
		random = random * 1664525u + 1013904223u;
		int frame = (int)(random >> 8) % clip->count;
		CHECK_SHOWN(*clip, (frame + 0.3) / fps, frame);
	}
}

static void check_file(const char *name, const char *pixel_format, int count, double fps)
{
	struct clip clip;
	CHECK(open_clip(&clip, name, pixel_format, once));
	CHECK_EQ(clip.count, count);
	printf("# %s: %.4f fps, %.4f s\n", name, lun_source_fps(clip.source),
	        lun_source_duration_s(clip.source));
	CHECK(lun_source_duration_s(clip.source) > (count - 0.1) / fps);
	CHECK(lun_source_duration_s(clip.source) < (count + 0.1) / fps);
	check_all_moments(&clip, fps);
	close_clip(&clip);
}

#define TESTSRC "-f lavfi -i testsrc2=s=320x180:r=25:d=%d "

static void h264_with_b_frames_shows_every_frame_at_its_time(void)
{
	CHECK_EQ(media_run(FFMPEG TESTSRC "-c:v libx264 -pix_fmt yuv420p -g 30 -bf 3 -b_strategy 0 "
	                                  "a.mp4",
	                 4),
	        0);
	check_file("a.mp4", "yuv420p", 100, 25);
}

static void h264_with_open_gops_shows_every_frame_at_its_time(void)
{
	CHECK_EQ(media_run(FFMPEG TESTSRC "-c:v libx264 -pix_fmt yuv420p -g 12 -bf 2 -b_strategy 0 "
	                                  "-x264-params open-gop=1:scenecut=0 open.mp4",
	                 4),
	        0);
	check_file("open.mp4", "yuv420p", 100, 25);
	CHECK_EQ(media_run(FFMPEG "-i open.mp4 -c copy open.ts"), 0);
	check_file("open.ts", "yuv420p", 100, 25);
	CHECK_EQ(media_run(FFMPEG "-i open.mp4 -c copy open.mkv"), 0);
	check_file("open.mkv", "yuv420p", 100, 25);
}

static void vp9_with_millisecond_times_shows_every_frame_at_its_time(void)
{
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i testsrc2=s=160x90:r=30:d=2 -c:v libvpx-vp9 -cpu-used 8 "
	                          "-deadline realtime -g 20 -pix_fmt yuv420p a.webm"),
	        0);
	check_file("a.webm", "yuv420p", 60, 30);
}

static void ntsc_rates_do_not_drift(void)
{
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i testsrc2=s=160x90:r=30000/1001:d=4 -c:v libx264 "
	                          "-pix_fmt yuv420p ntsc.mp4"),
	        0);
	check_file("ntsc.mp4", "yuv420p", 120, 30000.0 / 1001);
}

static void other_containers_and_codecs_play_as_well(void)
{
	CHECK_EQ(media_run(FFMPEG TESTSRC "-c:v mpeg4 -bf 2 -pix_fmt yuv420p a.avi", 2), 0);
	check_file("a.avi", "yuv420p", 50, 25);
	CHECK_EQ(media_run(FFMPEG TESTSRC "-c:v mpeg2video -bf 2 -pix_fmt yuv420p a.mpg", 2), 0);
	check_file("a.mpg", "yuv420p", 50, 25);
	CHECK_EQ(media_run(FFMPEG TESTSRC "-c:v libx264 -bf 2 -pix_fmt yuv420p a.h264", 2), 0);
	check_file("a.h264", "yuv420p", 50, 25);
	CHECK_EQ(media_run(FFMPEG TESTSRC "-pix_fmt yuv420p a.y4m", 1), 0);
	check_file("a.y4m", "yuv420p", 25, 25);
}

static void jpeg_video_is_full_range_and_bt601(void)
{
	CHECK_EQ(media_run(FFMPEG TESTSRC "-c:v mjpeg -pix_fmt yuvj420p a.mjpeg.avi", 1), 0);
	check_file("a.mjpeg.avi", "yuvj420p", 25, 25);
	struct clip clip;
	CHECK(open_clip(&clip, "a.mjpeg.avi", "yuvj420p", once));
	struct lun_picture *picture = lun_source_get_picture(clip.source, at(0), NULL);
	CHECK_EQ(picture->pixel, LUN_PIXEL_I420);
	CHECK_EQ(picture->range, LUN_RANGE_FULL);
	CHECK_EQ(picture->matrix, LUN_MATRIX_BT601);
	lun_picture_unref(picture);
	close_clip(&clip);
}

static void gif_plays_as_opaque_bgra(void)
{
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i testsrc2=s=160x90:r=10:d=3 a.gif"), 0);
	check_file("a.gif", "bgra", 30, 10);
	struct clip clip;
	CHECK(open_clip(&clip, "a.gif", "bgra", looped));
	CHECK_SHOWN(clip, 3.0 + 1.25, 12);
	CHECK_SHOWN(clip, 1.05, 10);
	close_clip(&clip);
}

static void rgb_with_alpha_is_composed_over_black(void)
{
	CHECK_EQ(media_run(FFMPEG
	                 "-f lavfi -i \"color=c=0xff8040:s=32x16:r=5:d=1,format=rgba,"
	                 "geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='X*8'\" -c:v qtrle -pix_fmt argb "
	                 "alpha.mov"),
	        0);
	struct lun_source *source;
	struct lun_error err;
	CHECK_EQ(open_video("alpha.mov", once, &source, &err), LUN_OK);
	struct lun_picture *picture = lun_source_get_picture(source, at(0), &err);
	CHECK(picture);
	CHECK_EQ(picture->pixel, LUN_PIXEL_BGRA);
	for (int x = 0; x < 32; x++) {
		const uint8_t *pixel = picture->plane[0] + 4 * x;
		CHECK_EQ(pixel[0], (0x40 * x * 8 + 127) / 255);
		CHECK_EQ(pixel[1], (0x80 * x * 8 + 127) / 255);
		CHECK_EQ(pixel[2], (0xff * x * 8 + 127) / 255);
		CHECK_EQ(pixel[3], 255);
	}
	lun_picture_unref(picture);
	lun_source_destroy(source);
}

static void video_of_4_2_2_keeps_its_chroma_as_yuy2(void)
{
	CHECK_EQ(media_run(FFMPEG TESTSRC "-c:v ffv1 -pix_fmt yuv422p a422.mkv", 1), 0);
	check_file("a422.mkv", "yuyv422", 25, 25);
	CHECK_EQ(media_run(FFMPEG TESTSRC "-c:v rawvideo -pix_fmt yuyv422 yuyv.nut", 1), 0);
	check_file("yuyv.nut", "yuyv422", 25, 25);
	CHECK_EQ(media_run(FFMPEG TESTSRC "-c:v rawvideo -pix_fmt nv12 nv12.nut", 1), 0);
	check_file("nv12.nut", "nv12", 25, 25);
}

// More bits or more chroma than we have become I420 whose luma is right.
static void check_luma(const char *pixel_format, int shift)
{
	CHECK_EQ(
	        media_run(FFMPEG
	                "-f lavfi -i testsrc2=s=64x36:r=5:d=1 -c:v ffv1 -pix_fmt %s deep.mkv && " FFMPEG
	                "-i deep.mkv -f rawvideo deep.raw",
	                pixel_format),
	        0);
	struct lun_source *source;
	struct lun_error err;
	CHECK_EQ(open_video("deep.mkv", once, &source, &err), LUN_OK);
	struct lun_picture *picture = lun_source_get_picture(source, at(0), &err);
	size_t size;
	uint8_t *raw = media_read("deep.raw", &size);
	CHECK(picture && raw);
	CHECK_EQ(picture->pixel, LUN_PIXEL_I420);
	CHECK_EQ(picture->range, LUN_RANGE_LIMITED);
	for (int i = 0; i < 64 * 36; i++) {
		int want = shift ? (raw[2 * i] | raw[2 * i + 1] << 8) : raw[i];
		int got = picture->plane[0][i / 64 * picture->stride_bytes[0] + i % 64] << shift;
		CHECK(abs(got - want) <= (1 << shift) - (shift == 0));
	}
	free(raw);
	lun_picture_unref(picture);
	lun_source_destroy(source);
}

static void deeper_and_fuller_formats_become_i420(void)
{
	check_luma("yuv420p10le", 2);
	check_luma("yuv444p", 0);
	check_luma("yuv422p12le", 4);
}

static void check_tags(const char *options, enum lun_matrix matrix, enum lun_range range)
{
	CHECK_EQ(media_run(FFMPEG "%s -c:v libx264 tags.mp4", options), 0);
	struct lun_source *source;
	struct lun_error err;
	CHECK_EQ(open_video("tags.mp4", once, &source, &err), LUN_OK);
	struct lun_picture *picture = lun_source_get_picture(source, at(0), &err);
	CHECK(picture);
	CHECK_EQ(picture->matrix, matrix);
	CHECK_EQ(picture->range, range);
	lun_picture_unref(picture);
	lun_source_destroy(source);
}

static void matrix_and_range_come_from_the_tags_or_the_size(void)
{
	check_tags("-f lavfi -i testsrc2=s=64x718:r=5:d=0.4 -pix_fmt yuv420p", LUN_MATRIX_BT601,
	        LUN_RANGE_LIMITED);
	check_tags("-f lavfi -i testsrc2=s=64x720:r=5:d=0.4 -pix_fmt yuv420p", LUN_MATRIX_BT709,
	        LUN_RANGE_LIMITED);
	check_tags("-f lavfi -i testsrc2=s=64x64:r=5:d=0.4 -pix_fmt yuv420p -colorspace bt709",
	        LUN_MATRIX_BT709, LUN_RANGE_LIMITED);
	check_tags("-f lavfi -i testsrc2=s=64x720:r=5:d=0.4 -pix_fmt yuv420p -colorspace smpte170m",
	        LUN_MATRIX_BT601, LUN_RANGE_LIMITED);
	check_tags("-f lavfi -i testsrc2=s=64x64:r=5:d=0.4 -pix_fmt yuv420p -color_range pc",
	        LUN_MATRIX_BT601, LUN_RANGE_FULL);
}

static void a_variable_rate_follows_the_times_in_the_file(void)
{
	// Frames 0, 1, 2, 10, 11, 30 and 49 of 25 a second, at their own times.
	CHECK_EQ(
	        media_run(FFMPEG TESTSRC "-vf \"select='lt(n,3)+eq(n,10)+eq(n,11)+eq(n,30)+eq(n,49)'\" "
	                                 "-vsync vfr -c:v libx264 -pix_fmt yuv420p vfr.mp4",
	                2),
	        0);
	struct clip clip;
	CHECK(open_clip(&clip, "vfr.mp4", "yuv420p", once));
	CHECK_EQ(clip.count, 7);
	static const int starts[] = {0, 1, 2, 10, 11, 30, 49, 50};
	for (int i = 6; i >= 0; i--)
		for (int k = starts[i]; k < starts[i + 1]; k++)
			CHECK_SHOWN(clip, k * 0.04, i);
	for (int i = 0; i < 7; i++)
		for (int k = starts[i]; k < starts[i + 1]; k++)
			CHECK_SHOWN(clip, k * 0.04 + 0.039, i);
	close_clip(&clip);
}

static void a_loop_has_no_seam(void)
{
	struct clip clip;
	CHECK(open_clip(&clip, "a.mp4", "yuv420p", looped));
	CHECK(lun_source_duration_s(clip.source) == 4.0);
	for (int i = 90; i < 310; i++)
		CHECK_SHOWN(clip, i / 25.0, i % 100);
	CHECK_SHOWN(clip, 4.0 * 100000 + 0.02, 0);
	CHECK_SHOWN(clip, 4.0 * 100000 - 0.02, 99);
	close_clip(&clip);
	// Times in the file that are rounded to milliseconds make no difference.
	CHECK(open_clip(&clip, "a.webm", "yuv420p", looped));
	for (int i = 50; i < 130; i++)
		CHECK_SHOWN(clip, i / 30.0, i % 60);
	close_clip(&clip);
}

static void without_a_loop_the_last_picture_stays(void)
{
	struct clip clip;
	CHECK(open_clip(&clip, "a.mp4", "yuv420p", once));
	CHECK_SHOWN(clip, 1000, 99);
	CHECK_SHOWN(clip, 4, 99);
	CHECK_SHOWN(clip, 0.5, 12);
	CHECK_SHOWN(clip, 1e300, 99);
	CHECK_SHOWN(clip, -5, 0);
	close_clip(&clip);
}

static void the_same_picture_has_the_same_id(void)
{
	struct clip clip;
	CHECK(open_clip(&clip, "a.mp4", "yuv420p", looped));
	uint64_t ids[100];
	for (int i = 0; i < 100; i++) {
		struct lun_picture *a = lun_source_get_picture(clip.source, at(i / 25.0), NULL);
		struct lun_picture *b = lun_source_get_picture(clip.source, at(i / 25.0 + 0.03), NULL);
		CHECK(a == b);
		ids[i] = a->id;
		for (int k = 0; k < i; k++)
			CHECK(ids[k] != ids[i]);
		lun_picture_unref(a);
		lun_picture_unref(b);
	}
	for (int i = 99; i >= 0; i -= 7) {
		struct lun_picture *again = lun_source_get_picture(clip.source, at(4 + i / 25.0), NULL);
		CHECK(again->id == ids[i]);
		lun_picture_unref(again);
	}
	close_clip(&clip);
}

static void a_picture_outlives_its_source(void)
{
	struct clip clip;
	CHECK(open_clip(&clip, "a.mp4", "yuv420p", once));
	struct lun_picture *first = lun_source_get_picture(clip.source, at(0), NULL);
	for (int i = 0; i < 100; i++)
		lun_picture_unref(lun_source_get_picture(clip.source, at(i / 25.0), NULL));
	CHECK(media_picture_equals(first, clip.frames));
	lun_source_destroy(clip.source);
	clip.source = NULL;
	CHECK(media_picture_equals(first, clip.frames));
	lun_picture_unref(first);
	close_clip(&clip);
}

static void start_and_rate_place_the_file_on_the_clock(void)
{
	struct clip clip;
	struct lun_video_params params = {.loop = true, .start_s = 1, .rate = 2};
	CHECK(open_clip(&clip, "a.mp4", "yuv420p", params));
	CHECK_SHOWN(clip, 0, 25);
	CHECK_SHOWN(clip, 1, 75);
	CHECK_SHOWN(clip, 1.5, 0);
	CHECK_SHOWN(clip, 1.51, 0);
	CHECK_SHOWN(clip, 1.53, 1);
	CHECK(lun_source_position_s(clip.source, at(1.75)) == 0.5);
	close_clip(&clip);
	params = (struct lun_video_params){.start_s = -1, .rate = 0};
	CHECK(open_clip(&clip, "a.mp4", "yuv420p", params));
	CHECK_SHOWN(clip, 0.9, 0);
	CHECK_SHOWN(clip, 1.5, 12);
	close_clip(&clip);
}

static void seek_pause_and_play_take_effect_at_their_moment(void)
{
	struct clip clip;
	CHECK(open_clip(&clip, "a.mp4", "yuv420p", once));
	CHECK_SHOWN(clip, 1, 25);
	lun_source_seek(clip.source, at(1), 3);
	CHECK(lun_source_position_s(clip.source, at(1)) == 3);
	CHECK_SHOWN(clip, 1, 75);
	CHECK_SHOWN(clip, 1.5, 87);
	lun_source_pause(clip.source, at(1.5));
	CHECK_SHOWN(clip, 1.5, 87);
	CHECK_SHOWN(clip, 60, 87);
	CHECK(lun_source_position_s(clip.source, at(60)) == 3.5);
	lun_source_seek(clip.source, at(60), 0.4);
	CHECK_SHOWN(clip, 61, 10);
	lun_source_play(clip.source, at(61));
	CHECK_SHOWN(clip, 61, 10);
	CHECK_SHOWN(clip, 62, 35);
	// Past the end and back: play goes on from the end, not from somewhere behind it.
	CHECK_SHOWN(clip, 100, 99);
	CHECK(lun_source_position_s(clip.source, at(100)) == 4);
	lun_source_seek(clip.source, at(100), 0);
	CHECK_SHOWN(clip, 100.5, 12);
	close_clip(&clip);
}

// Shows clip i's picture and gives the result's error code.
static enum lun_result show(struct lun_source *source, double time_s, struct lun_error *err)
{
	lun_picture_unref(lun_source_get_picture(source, at(time_s), err));
	return err->code;
}

static void a_phone_video_stands_upright(void)
{
	static const struct {
		int degrees, width, height;
	} turns[] = {{90, 180, 320}, {180, 320, 180}, {270, 180, 320}};
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(media_run(FFMPEG "-i a.mp4 -c copy -t 1 -metadata:s:v rotate=%d turned.mp4",
		                 turns[i].degrees),
		        0);
		struct clip clip;
		CHECK(open_clip(&clip, "turned.mp4", "yuv420p", once));
		CHECK_EQ(lun_source_width_px(clip.source), turns[i].width);
		CHECK_EQ(lun_source_height_px(clip.source), turns[i].height);
		CHECK_SHOWN(clip, 0.5, 12);
		CHECK_SHOWN(clip, 0, 0);
		close_clip(&clip);
	}
}

static void a_still_image_is_a_video_of_one_picture(void)
{
	CHECK_EQ(media_run(FFMPEG TESTSRC "-frames:v 1 still.png", 1), 0);
	struct clip clip;
	CHECK(open_clip(&clip, "still.png", "bgra", looped));
	CHECK_EQ(clip.count, 1);
	for (int i = 0; i < 10; i++)
		CHECK_SHOWN(clip, i * 0.03, 0);
	close_clip(&clip);
}

// Cut at several points: what is left plays right, the last good picture is held, and it is said
// exactly once. A file that can no longer be opened says so.
static void check_cut(const char *name, const char *pixel_format, int count, double fps)
{
	size_t size;
	uint8_t *bytes = media_read(name, &size);
	struct clip clip;
	CHECK(bytes && open_clip(&clip, name, pixel_format, once));
	for (int part = 1; part < 10; part++) {
		struct lun_error err = {0};
		lun_source_destroy(clip.source);
		CHECK(media_write("cut", bytes, size * (size_t)part / 10));
		if (open_video("cut", once, &clip.source, &err) != LUN_OK) {
			CHECK(err.code == LUN_INVALID || err.code == LUN_UNSUPPORTED);
			CHECK(strstr(err.message, "cut "));
			continue;
		}
		int reports = 0, last = 0;
		for (int i = 0; i < count; i++) {
			if (show(clip.source, i / fps, &err) != LUN_OK) {
				CHECK_EQ(err.code, LUN_IO);
				CHECK(strstr(err.message, "cut is damaged or truncated"));
				reports++;
			}
			int shown = shown_frame(&clip, i / fps, reports ? last : i);
			CHECK(shown == i || (shown >= 0 && shown <= i && shown >= last));
			last = shown;
		}
		printf("# %s cut to %d/10: last good frame %d of %d, %d report\n", name, part, last, count,
		        reports);
		CHECK(last < count - 1);
		CHECK_EQ(reports, 1);
		// From anywhere the end looks the same.
		CHECK_SHOWN(clip, 0, 0);
		CHECK_SHOWN(clip, (count - 1) / fps, last);
		CHECK_SHOWN(clip, last / fps, last);
		// Also when it is asked for first.
		lun_source_destroy(clip.source);
		CHECK_EQ(open_video("cut", once, &clip.source, &err), LUN_OK);
		CHECK_EQ(show(clip.source, (count - 1) / fps, &err), LUN_IO);
		CHECK_SHOWN(clip, (count - 1) / fps, last);
		CHECK_EQ(show(clip.source, (count - 1) / fps, &err), LUN_OK);
	}
	free(bytes);
	close_clip(&clip);
}

static void a_truncated_file_holds_its_last_good_picture(void)
{
	CHECK_EQ(media_run(FFMPEG "-i a.mp4 -c copy -movflags +faststart fast.mp4"), 0);
	check_cut("fast.mp4", "yuv420p", 100, 25);
	check_cut("a.webm", "yuv420p", 60, 30);
	check_cut("a.avi", "yuv420p", 50, 25);
}

static uint64_t hash_shown(struct lun_source *source, double time_s)
{
	struct lun_picture *picture = lun_source_get_picture(source, at(time_s), NULL);
	uint64_t hash = 0;
	for (int i = 0; picture && i < LUN_MAX_PLANES && picture->plane[i]; i++)
		for (int y = 0; y < picture->height_px >> (i > 0); y++)
			hash = lun_hash(picture->plane[i] + (ptrdiff_t)y * picture->stride_bytes[i],
			        (size_t)picture->width_px >> (i > 0), hash);
	lun_picture_unref(picture);
	return hash;
}

// Packets whose beginning is destroyed, so that the decoder cannot but notice: no picture of them,
// nor of any that was predicted from them, is shown, in whatever order.
static void check_broken_packets(const char *name, int first, int step)
{
	size_t size, text_size;
	uint8_t *bytes = media_read(name, &size);
	CHECK(bytes);
	CHECK_EQ(media_run("timeout 20 ffprobe -v error -select_streams v -show_entries packet=pos "
	                   "-of csv=p=0 %s > positions",
	                 name),
	        0);
	char *positions = (char *)media_read("positions", &text_size);
	CHECK(positions);
	positions[text_size] = '\0';
	int packet = 0;
	for (char *at_line = positions; at_line && *at_line; packet++) {
		size_t position = strtoul(at_line, NULL, 10);
		CHECK(position > 0 && position + 16 < size);
		if (packet >= first && (packet - first) % step == 0)
			memset(bytes + position, 0xff, 16);
		at_line = strchr(at_line, '\n');
		at_line += at_line != NULL;
	}
	CHECK(media_write("broken", bytes, size));
	free(bytes);
	free(positions);

	struct clip clip;
	struct lun_error err;
	CHECK(open_clip(&clip, name, "yuv420p", once));
	CHECK_EQ(packet, clip.count);
	lun_source_destroy(clip.source);
	CHECK_EQ(open_video("broken", once, &clip.source, &err), LUN_OK);
	int shown[200], reports = 0, held = 0;
	for (int i = 0; i < clip.count; i++) {
		reports += show(clip.source, i / 25.0, &err) == LUN_IO;
		shown[i] = shown_frame(&clip, i / 25.0, i);
		CHECK(shown[i] >= 0 && shown[i] <= i);
		CHECK(i == 0 || shown[i] >= shown[i - 1]);
		held += shown[i] < i;
	}
	printf("# %s: %d of %d pictures held\n", name, held, clip.count);
	CHECK(held > 0 && held < clip.count);
	CHECK_EQ(reports, 1);
	for (int i = 0; i < clip.count; i++) {
		int k = i * 37 % clip.count;
		CHECK_SHOWN(clip, k / 25.0, shown[k]);
	}
	close_clip(&clip);
}

static void damage_in_the_middle_is_never_shown(void)
{
	check_broken_packets("fast.mp4", 17, 41);
	check_broken_packets("fast.mp4", 30, 30); // keyframes
	check_broken_packets("fast.mp4", 99, 1);
	check_broken_packets("open.mkv", 8, 45);
	CHECK_EQ(media_run(FFMPEG TESTSRC "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -g 25 "
	                                  "-pix_fmt yuv420p vp9.mp4",
	                 4),
	        0);
	check_broken_packets("vp9.mp4", 20, 50);
}

// Damage anywhere: a decoder may not notice, but the same moment still shows the same picture
// whatever was shown before.
static void damage_does_not_make_pictures_depend_on_the_past(void)
{
	size_t size;
	uint8_t *bytes = media_read("fast.mp4", &size);
	CHECK(bytes);
	uint32_t random = 99;
	for (int round = 0; round < 8; round++) {
		uint8_t *damaged = malloc(size);
		memcpy(damaged, bytes, size);
		for (int i = 0; i < 2; i++) {
			random = random * 1664525u + 1013904223u;
			memset(damaged + size / 4 + (random >> 8) % (size / 2), (int)(random >> 24), 300);
		}
		CHECK(media_write("damaged.mp4", damaged, size));
		free(damaged);
		struct lun_source *source;
		struct lun_error err;
		CHECK_EQ(open_video("damaged.mp4", once, &source, &err), LUN_OK);
		uint64_t forward[100];
		for (int i = 0; i < 100; i++)
			forward[i] = hash_shown(source, i / 25.0);
		for (int i = 0; i < 100; i += 3)
			CHECK(hash_shown(source, (i * 37 % 100) / 25.0) == forward[i * 37 % 100]);
		lun_source_destroy(source);
	}
	free(bytes);
}

static void check_refused(const char *name, enum lun_result code, const char *word)
{
	struct lun_source *source;
	struct lun_error err = {0};
	CHECK_EQ(open_video(name, once, &source, &err), code);
	CHECK(!source);
	printf("# %s\n", err.message);
	CHECK(strstr(err.message, name) && strstr(err.message, word));
}

static void what_is_no_video_is_refused_with_a_reason(void)
{
	CHECK(media_write("empty.mp4", "", 0));
	check_refused("empty.mp4", LUN_INVALID, "is empty");
	CHECK(media_write("text.mp4", "It was a dark and stormy night.\n", 32));
	check_refused("text.mp4", LUN_UNSUPPORTED, "not a video");
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i sine=d=1 sound.m4a"), 0);
	check_refused("sound.m4a", LUN_INVALID, "sound.m4a has no video");
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i sine=d=1 sound.wav"), 0);
	check_refused("sound.wav", LUN_INVALID, "sound.wav has no video");
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i sine=d=1 -i still.png -map 0 -map 1 -disposition:v "
	                          "attached_pic -c:v copy cover.m4a"),
	        0);
	check_refused("cover.m4a", LUN_INVALID, "cover.m4a has no video");
	struct lun_source *source;
	struct lun_error err;
	CHECK_EQ(lun_source_open_video(-1, "nothing", once, &source, &err), LUN_IO);
	int fd = open(media_folder, O_RDONLY | O_DIRECTORY);
	CHECK_EQ(lun_source_open_video(fd, "folder", once, &source, &err), LUN_INVALID);
	(void)close(fd);
}

static void random_bytes_are_refused(void)
{
	uint32_t random = 4711;
	for (int round = 0; round < 20; round++) {
		uint8_t bytes[20000];
		for (size_t i = 0; i < sizeof bytes; i++) {
			random = random * 1664525u + 1013904223u;
			bytes[i] = (uint8_t)(random >> 24);
		}
		struct lun_source *source;
		struct lun_error err = {0};
		CHECK(media_write("noise", bytes, sizeof bytes));
		CHECK(open_video("noise", once, &source, &err) != LUN_OK);
		CHECK(!source && err.message[0]);
	}
}

// Lists of other files are not followed, neither as files nor as addresses.
static void playlists_open_nothing(void)
{
	char text[2048];
	(void)snprintf(text, sizeof text, "ffconcat version 1.0\nfile '%s'\n", media_path("a.mp4"));
	CHECK(media_write("list.ffconcat", text, strlen(text)));
	check_refused("list.ffconcat", LUN_UNSUPPORTED, "concat");
	(void)snprintf(text, sizeof text,
	        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile://%s\n"
	        "#EXT-X-ENDLIST\n",
	        media_path("open.ts"));
	CHECK(media_write("list.m3u8", text, strlen(text)));
	check_refused("list.m3u8", LUN_UNSUPPORTED, "hls");
	static const char dash[] =
	        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
	        "profiles=\"urn:mpeg:dash:profile:isoff-live:2011\"></MPD>";
	CHECK(media_write("list.mpd", dash, sizeof dash - 1));
	check_refused("list.mpd", LUN_UNSUPPORTED, "list.mpd");
	static const char sdp[] = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
	                          "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n";
	CHECK(media_write("list.sdp", sdp, sizeof sdp - 1));
	check_refused("list.sdp", LUN_UNSUPPORTED, "list.sdp");
}

static void a_video_that_is_too_large_is_refused(void)
{
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i color=s=8200x64:r=5:d=0.2 -c:v ffv1 wide.mkv"), 0);
	check_refused("wide.mkv", LUN_LIMIT, "8200x64");
}

// Damage all over, headers included: any answer is right but a crash.
static void damaged_files_do_no_harm(void)
{
	static const char *const names[] = {"a.webm", "a.gif", "a.avi", "open.ts", "vfr.mp4"};
	uint32_t random = 31;
	for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
		size_t size;
		uint8_t *bytes = media_read(names[n], &size);
		CHECK(bytes);
		for (int round = 0; round < 6; round++) {
			for (int i = 0; i < 12; i++) {
				random = random * 1664525u + 1013904223u;
				size_t span = i & 1 ? size : size < 2000 ? size : 2000;
				bytes[(random >> 4) % span] = (uint8_t)(random >> 24);
			}
			struct lun_source *source;
			struct lun_error err = {0};
			CHECK(media_write("harm", bytes, size));
			if (open_video("harm", looped, &source, &err) != LUN_OK)
				continue;
			for (int i = 0; i < 12; i++)
				(void)show(source, i * 0.37, &err);
			lun_source_destroy(source);
		}
		free(bytes);
	}
}

// The file disappears under a playing source.
static void a_file_emptied_while_it_plays_holds_its_picture(void)
{
	size_t size;
	uint8_t *bytes = media_read("a.gif", &size);
	CHECK(bytes && media_write("gone.gif", bytes, size));
	free(bytes);
	struct clip clip;
	CHECK(open_clip(&clip, "gone.gif", "bgra", looped));
	CHECK_SHOWN(clip, 0.55, 5);
	CHECK_EQ(truncate(media_path("gone.gif"), 0), 0);
	int reports = 0;
	for (int i = 0; i < 80; i++) {
		struct lun_error err;
		struct lun_picture *picture = lun_source_get_picture(clip.source, at(i * 0.1), &err);
		CHECK(picture);
		reports += err.code == LUN_IO;
		lun_picture_unref(picture);
	}
	CHECK_EQ(reports, 1);
	close_clip(&clip);
}

TEST_MAIN(
        media_begin(); RUN(h264_with_b_frames_shows_every_frame_at_its_time);
        RUN(h264_with_open_gops_shows_every_frame_at_its_time);
        RUN(vp9_with_millisecond_times_shows_every_frame_at_its_time); RUN(ntsc_rates_do_not_drift);
        RUN(other_containers_and_codecs_play_as_well); RUN(jpeg_video_is_full_range_and_bt601);
        RUN(gif_plays_as_opaque_bgra); RUN(rgb_with_alpha_is_composed_over_black);
        RUN(video_of_4_2_2_keeps_its_chroma_as_yuy2); RUN(deeper_and_fuller_formats_become_i420);
        RUN(matrix_and_range_come_from_the_tags_or_the_size);
        RUN(a_variable_rate_follows_the_times_in_the_file); RUN(a_loop_has_no_seam);
        RUN(without_a_loop_the_last_picture_stays); RUN(the_same_picture_has_the_same_id);
        RUN(a_picture_outlives_its_source); RUN(start_and_rate_place_the_file_on_the_clock);
        RUN(seek_pause_and_play_take_effect_at_their_moment); RUN(a_phone_video_stands_upright);
        RUN(a_still_image_is_a_video_of_one_picture);
        RUN(a_truncated_file_holds_its_last_good_picture); RUN(damage_in_the_middle_is_never_shown);
        RUN(damage_does_not_make_pictures_depend_on_the_past);
        RUN(what_is_no_video_is_refused_with_a_reason); RUN(random_bytes_are_refused);
        RUN(playlists_open_nothing); RUN(a_video_that_is_too_large_is_refused);
        RUN(damaged_files_do_no_harm); RUN(a_file_emptied_while_it_plays_holds_its_picture);)
