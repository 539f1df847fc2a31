// Sources without a decoder: the `--camera` spec, raw clips and the synthetic camera.
#include "media/source.h"

#include "check.h"
#include "lunette/camera_spec.h"
#include "media.h"

static struct lun_moment tick(uint64_t number)
{
	return (struct lun_moment){.number = number, .time_s = (double)number / 30};
}

static void check_path(const char *spec, const char *want)
{
	char *path = lun_camera_spec_path(spec);
	printf("# %s -> %s\n", spec, path);
	CHECK(path && strcmp(path, want) == 0);
	free(path);
}

static void a_spec_names_a_path_and_perhaps_a_size(void)
{
	CHECK(!lun_camera_spec_path(NULL));
	CHECK(!lun_camera_spec_path(""));
	check_path("clip.nv12:1920x1080", "clip.nv12");
	check_path("a/b.c/clip.I420:2x2", "a/b.c/clip.I420");
	check_path("clip.yuy2:10x10", "clip.yuy2");
	check_path("clip.bgra:oops", "clip.bgra:oops");
	check_path("clip.nv12", "clip.nv12");
	check_path("clip.mp4", "clip.mp4");
	check_path("talk 10:30.mp4", "talk 10:30.mp4");
	check_path("clip.mp4:1920x1080", "clip.mp4:1920x1080");
	check_path("10:30/clip.nv12:4x4", "10:30/clip.nv12");
	check_path(":", ":");
}

static void no_spec_is_the_synthetic_camera(void)
{
	static const char *const specs[] = {NULL, ""};
	for (int i = 0; i < 2; i++) {
		struct lun_source *source;
		struct lun_error err;
		CHECK_EQ(lun_source_open_camera(-1, specs[i], &source, &err), LUN_OK);
		CHECK_EQ(lun_source_width_px(source), 1280);
		CHECK_EQ(lun_source_height_px(source), 720);
		CHECK(lun_source_fps(source) == 0 && lun_source_duration_s(source) == 0);
		lun_source_destroy(source);
	}
}

// A clip whose every byte tells its frame and place.
static void make_clip(const char *name, size_t frame_bytes, int frames, uint8_t *out_bytes)
{
	for (size_t i = 0; i < frame_bytes * (size_t)frames; i++)
		out_bytes[i] = (uint8_t)(i / frame_bytes * 31 + i * 7 + i / 251);
	CHECK(media_write(name, out_bytes, frame_bytes * (size_t)frames));
}

static enum lun_result open_spec(
        const char *file, const char *suffix, struct lun_source **out_source, struct lun_error *err)
{
	char spec[512];
	(void)snprintf(spec, sizeof spec, "%s%s", file, suffix);
	*out_source = NULL;
	int fd = media_open(file);
	enum lun_result rc = lun_source_open_camera(fd, spec, out_source, err);
	if (rc != LUN_OK)
		(void)close(fd);
	return rc;
}

static void raw_clips_of_every_format_loop_by_tick(void)
{
	static const struct {
		const char *name;
		enum lun_pixel_format pixel;
		size_t frame_bytes;
	} clips[] = {
	        // 17 x 5: chroma is 9 x 3
	        {"clip.nv12", LUN_PIXEL_NV12, 17 * 5 + 2 * 9 * 3},
	        {"clip.i420", LUN_PIXEL_I420, 17 * 5 + 2 * 9 * 3},
	        {"clip.yuy2", LUN_PIXEL_YUY2, 2 * 18 * 5},
	        {"clip.bgra", LUN_PIXEL_BGRA, 4 * 17 * 5},
	};
	static uint8_t bytes[4 * 17 * 5 * 7];
	for (int i = 0; i < 4; i++) {
		struct lun_source *source;
		struct lun_error err;
		make_clip(clips[i].name, clips[i].frame_bytes, 7, bytes);
		CHECK_EQ(open_spec(clips[i].name, ":17x5", &source, &err), LUN_OK);
		CHECK_EQ(lun_source_width_px(source), 17);
		CHECK_EQ(lun_source_height_px(source), 5);
		static const uint64_t ticks[] = {0, 1, 6, 7, 3, 7000000001, 13, 2};
		for (int k = 0; k < 8; k++) {
			struct lun_picture *picture = lun_source_get_picture(source, tick(ticks[k]), &err);
			CHECK(picture && err.code == LUN_OK);
			CHECK_EQ(picture->pixel, clips[i].pixel);
			CHECK_EQ(picture->range, LUN_RANGE_LIMITED);
			CHECK_EQ(picture->matrix, LUN_MATRIX_BT601);
			CHECK_EQ(media_picture_bytes(picture), clips[i].frame_bytes);
			CHECK(media_picture_equals(picture, bytes + ticks[k] % 7 * clips[i].frame_bytes));
			lun_picture_unref(picture);
		}
		lun_source_destroy(source);
	}
}

static void a_raw_picture_has_one_id_in_every_round(void)
{
	struct lun_source *source;
	struct lun_error err;
	CHECK_EQ(open_spec("clip.bgra", ":17x5", &source, &err), LUN_OK);
	uint64_t ids[7];
	for (int round = 0; round < 3; round++) {
		for (uint64_t i = 0; i < 7; i++) {
			struct lun_picture *picture = lun_source_get_picture(source, tick(i), &err);
			CHECK(round == 0 || picture->id == ids[i]);
			ids[i] = picture->id;
			for (uint64_t k = 0; k < i; k++)
				CHECK(ids[k] != ids[i]);
			lun_picture_unref(picture);
		}
	}
	lun_source_destroy(source);
}

static void a_raw_picture_outlives_its_source(void)
{
	static uint8_t bytes[4 * 17 * 5 * 7];
	struct lun_source *source;
	struct lun_error err;
	make_clip("clip.bgra", 4 * 17 * 5, 7, bytes);
	CHECK_EQ(open_spec("clip.bgra", ":17x5", &source, &err), LUN_OK);
	struct lun_picture *picture = lun_source_get_picture(source, tick(4), &err);
	lun_source_destroy(source);
	CHECK(media_picture_equals(picture, bytes + 4 * 4 * 17 * 5));
	lun_picture_unref(picture);
}

static void check_refused(
        const char *file, const char *suffix, enum lun_result code, const char *a, const char *b)
{
	struct lun_source *source;
	struct lun_error err = {0};
	CHECK_EQ(open_spec(file, suffix, &source, &err), code);
	printf("# %s\n", err.message);
	CHECK(!source && strstr(err.message, a) && strstr(err.message, b));
}

static void a_clip_of_the_wrong_size_is_refused_with_both_numbers(void)
{
	uint8_t bytes[1000] = {0};
	CHECK(media_write("odd.nv12", bytes, 1000));
	check_refused("odd.nv12", ":16x16", LUN_INVALID, "1000", "384");
	check_refused("odd.nv12", "", LUN_INVALID, "odd.nv12", ":1920x1080");
	check_refused("odd.nv12", ":9000x16", LUN_INVALID, "9000", "8192");
	CHECK(media_write("empty.nv12", "", 0));
	check_refused("empty.nv12", ":16x16", LUN_INVALID, "empty.nv12", "empty");
	struct lun_source *source;
	struct lun_error err;
	CHECK_EQ(lun_source_open_raw(-1, "nothing", LUN_PIXEL_NV12, 16, 16, &source, &err), LUN_IO);
	int fd = open(media_folder, O_RDONLY | O_DIRECTORY);
	CHECK_EQ(lun_source_open_raw(fd, "folder", LUN_PIXEL_NV12, 16, 16, &source, &err), LUN_INVALID);
	(void)close(fd);
}

static void a_clip_cut_while_it_plays_holds_what_is_left(void)
{
	// Frames of a page each, so that what is cut off is really gone.
	enum { FRAME = 4 * 64 * 64 };
	static uint8_t bytes[FRAME * 5];
	struct lun_source *source;
	struct lun_error err;
	make_clip("cut.bgra", FRAME, 5, bytes);
	CHECK_EQ(open_spec("cut.bgra", ":64x64", &source, &err), LUN_OK);
	lun_picture_unref(lun_source_get_picture(source, tick(3), &err));
	CHECK_EQ(truncate(media_path("cut.bgra"), FRAME * 2 + FRAME / 2), 0);
	int reports = 0;
	for (uint64_t i = 0; i < 10; i++) {
		struct lun_picture *picture = lun_source_get_picture(source, tick(i), &err);
		CHECK(picture);
		CHECK(err.code == LUN_OK || (err.code == LUN_IO && strstr(err.message, "cut.bgra")));
		reports += err.code != LUN_OK;
		CHECK(media_picture_equals(picture, bytes + (i % 5 < 2 ? i % 5 : 1) * FRAME));
		lun_picture_unref(picture);
	}
	CHECK_EQ(reports, 1);
	CHECK_EQ(truncate(media_path("cut.bgra"), 0), 0);
	CHECK(!lun_source_get_picture(source, tick(0), &err));
	lun_source_destroy(source);
}

static void playback_control_does_nothing_to_a_camera(void)
{
	struct lun_source *source = lun_source_create_synthetic();
	lun_source_seek(source, tick(0), 5);
	lun_source_pause(source, tick(1));
	lun_source_play(source, tick(2));
	CHECK(lun_source_position_s(source, tick(60)) == 2);
	lun_source_destroy(source);
	lun_source_destroy(NULL);
}

static uint64_t hash_of(const struct lun_picture *picture)
{
	uint64_t hash = 0;
	for (int y = 0; y < 720; y++)
		hash = lun_hash(picture->plane[0] + (ptrdiff_t)y * picture->stride_bytes[0], 1280, hash);
	for (int y = 0; y < 360; y++)
		hash = lun_hash(picture->plane[1] + (ptrdiff_t)y * picture->stride_bytes[1], 1280, hash);
	return hash;
}

static void the_synthetic_camera_depends_on_the_tick_alone(void)
{
	struct lun_source *a = lun_source_create_synthetic(), *b = lun_source_create_synthetic();
	static const uint64_t ticks[] = {0, 1, 900, 3599, 3600, 100000, 1ull << 40, UINT64_MAX};
	uint64_t hashes[8];
	for (int i = 0; i < 8; i++) {
		struct lun_picture *picture = lun_source_get_picture(a, tick(ticks[i]), NULL);
		CHECK_EQ(picture->pixel, LUN_PIXEL_NV12);
		CHECK_EQ(picture->matrix, LUN_MATRIX_BT601);
		CHECK_EQ(picture->range, LUN_RANGE_LIMITED);
		hashes[i] = hash_of(picture);
		lun_picture_unref(picture);
	}
	for (int i = 7; i >= 0; i--) {
		// The frame rate is none of its business.
		struct lun_moment moment = {.number = ticks[i], .time_s = -1};
		struct lun_picture *picture = lun_source_get_picture(b, moment, NULL);
		CHECK(hash_of(picture) == hashes[i]);
		lun_picture_unref(picture);
	}
	lun_source_destroy(a);
	lun_source_destroy(b);
}

static void the_synthetic_camera_moves_at_every_tick_within_its_range(void)
{
	struct lun_source *source = lun_source_create_synthetic();
	uint64_t last = 0;
	for (uint64_t i = 0; i < 40; i++) {
		struct lun_picture *picture = lun_source_get_picture(source, tick(i), NULL);
		uint64_t hash = hash_of(picture);
		CHECK(hash != last);
		last = hash;
		for (int y = 0; i % 20 == 0 && y < 720; y++) {
			const uint8_t *luma = picture->plane[0] + (ptrdiff_t)y * picture->stride_bytes[0];
			const uint8_t *chroma =
			        picture->plane[1] + (ptrdiff_t)(y / 2) * picture->stride_bytes[1];
			for (int x = 0; x < 1280; x++)
				CHECK(luma[x] >= 16 && luma[x] <= 235 && chroma[x] >= 16 && chroma[x] <= 240);
		}
		lun_picture_unref(picture);
	}
	lun_source_destroy(source);
}

static void a_synthetic_picture_that_is_held_never_changes(void)
{
	struct lun_source *source = lun_source_create_synthetic();
	struct lun_picture *held[4];
	uint64_t hashes[4];
	for (uint64_t i = 0; i < 4; i++) {
		held[i] = lun_source_get_picture(source, tick(i * 50), NULL);
		hashes[i] = hash_of(held[i]);
		struct lun_picture *again = lun_source_get_picture(source, tick(i * 50), NULL);
		CHECK(again == held[i] && again->id == held[i]->id);
		lun_picture_unref(again);
	}
	for (uint64_t i = 0; i < 10; i++)
		lun_picture_unref(lun_source_get_picture(source, tick(i), NULL));
	lun_source_destroy(source);
	for (int i = 0; i < 4; i++) {
		CHECK(hash_of(held[i]) == hashes[i]);
		CHECK(i == 0 || held[i]->id != held[i - 1]->id);
	}
	for (int i = 0; i < 4; i++)
		lun_picture_unref(held[i]);
}

TEST_MAIN(media_begin(); RUN(a_spec_names_a_path_and_perhaps_a_size);
          RUN(no_spec_is_the_synthetic_camera); RUN(raw_clips_of_every_format_loop_by_tick);
          RUN(a_raw_picture_has_one_id_in_every_round); RUN(a_raw_picture_outlives_its_source);
          RUN(a_clip_of_the_wrong_size_is_refused_with_both_numbers);
          RUN(a_clip_cut_while_it_plays_holds_what_is_left);
          RUN(playback_control_does_nothing_to_a_camera);
          RUN(the_synthetic_camera_depends_on_the_tick_alone);
          RUN(the_synthetic_camera_moves_at_every_tick_within_its_range);
          RUN(a_synthetic_picture_that_is_held_never_changes);)
