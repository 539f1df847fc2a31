// Pictures: their memory, their identity, and their reference count under threads.
// labels: tsan
#include "lunette/picture.h"

#include <pthread.h>

#include "check.h"

static void a_picture_has_the_planes_of_its_format(void)
{
	struct lun_picture *picture = lun_picture_create(LUN_PIXEL_I420, 5, 3);
	CHECK(picture);
	CHECK_EQ(picture->width_px, 5);
	CHECK_EQ(picture->height_px, 3);
	CHECK(picture->stride_bytes[0] >= 5 && picture->stride_bytes[1] >= 3);
	// Every byte is ours to write (the sanitizer watches).
	for (int i = 0; i < 3; i++) {
		int rows = i == 0 ? 3 : 2;
		memset((uint8_t *)picture->plane[i], i, (size_t)(rows * picture->stride_bytes[i]));
	}
	for (int i = 0; i < 3; i++)
		CHECK_EQ(picture->plane[i][0], i);
	lun_picture_unref(picture);
}

static void every_pixel_format_can_be_made(void)
{
	for (int pixel = 0; pixel < LUN_PIXEL_FORMATS; pixel++) {
		struct lun_picture *picture = lun_picture_create((enum lun_pixel_format)pixel, 17, 9);
		CHECK(picture && picture->plane[0]);
		CHECK_EQ(picture->pixel, pixel);
		lun_picture_unref(picture);
	}
}

static void impossible_sizes_are_refused(void)
{
	CHECK(!lun_picture_create(LUN_PIXEL_NV12, 0, 10));
	CHECK(!lun_picture_create(LUN_PIXEL_NV12, 10, -1));
	CHECK(!lun_picture_create(LUN_PIXEL_BGRA, LUN_MAX_SIZE_PX + 1, 10));
}

static void ids_are_never_the_same_and_never_zero(void)
{
	uint64_t a = lun_picture_new_id(), b = lun_picture_new_id();
	struct lun_picture *picture = lun_picture_create(LUN_PIXEL_BGRA, 1, 1);
	CHECK(a != 0 && b != 0 && a != b);
	CHECK(picture && picture->id != 0 && picture->id != a && picture->id != b);
	lun_picture_unref(picture);
}

static void no_picture_can_be_unreferenced(void)
{
	lun_picture_unref(NULL);
}

static int releases;

static void count_release(struct lun_picture *picture)
{
	(void)picture;
	__atomic_fetch_add(&releases, 1, __ATOMIC_RELAXED);
}

static void *hold_and_let_go(void *data)
{
	for (int i = 0; i < 20000; i++)
		lun_picture_unref(lun_picture_ref(data));
	lun_picture_unref(data);
	return NULL;
}

static void threads_release_a_picture_once(void)
{
	struct lun_picture picture = {.refs = 1, .release = count_release};
	pthread_t threads[4];
	for (int i = 0; i < 4; i++) {
		lun_picture_ref(&picture);
		CHECK_EQ(pthread_create(&threads[i], NULL, hold_and_let_go, &picture), 0);
	}
	CHECK_EQ(__atomic_load_n(&releases, __ATOMIC_RELAXED), 0);
	lun_picture_unref(&picture);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
	CHECK_EQ(releases, 1);
	CHECK_EQ(picture.refs, 0);
}

static uint64_t thread_ids[2][5000];

static void *draw_ids(void *data)
{
	uint64_t *ids = data;
	for (int i = 0; i < 5000; i++)
		ids[i] = lun_picture_new_id();
	return NULL;
}

static void threads_never_get_the_same_id(void)
{
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, draw_ids, thread_ids[i]), 0);
	for (int i = 0; i < 2; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
	// Each thread's are in order, so that a merge finds every pair.
	for (int a = 0, b = 0; a < 5000 && b < 5000;) {
		CHECK(thread_ids[0][a] != thread_ids[1][b]);
		if (thread_ids[0][a] < thread_ids[1][b])
			a++;
		else
			b++;
	}
}

TEST_MAIN(RUN(a_picture_has_the_planes_of_its_format); RUN(every_pixel_format_can_be_made);
          RUN(impossible_sizes_are_refused); RUN(ids_are_never_the_same_and_never_zero);
          RUN(no_picture_can_be_unreferenced); RUN(threads_release_a_picture_once);
          RUN(threads_never_get_the_same_id);)
