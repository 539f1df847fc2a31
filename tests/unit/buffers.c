// The camera's frame buffers: who has which, and that their memory cannot be pulled away.
#include "extension/camera/buffers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static struct lun_format small(void)
{
	struct lun_format format = lun_format_default();
	format.width_px = 33;
	format.height_px = 17;
	return format;
}

static bool make(struct lun_camera_buffers *buffers)
{
	const struct lun_format format = small();
	struct lun_error err;
	return lun_camera_buffers_init(buffers, &format, &err) == LUN_OK;
}

static int count_descriptors(void)
{
	int count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void a_buffer_goes_from_free_to_shown(void)
{
	struct lun_camera_buffers b;
	CHECK(make(&b));
	CHECK(!lun_camera_buffers_shown(&b));
	CHECK(!lun_camera_buffers_show(&b));
	int first = lun_camera_buffers_draw(&b);
	CHECK(first >= 0);
	CHECK_EQ(lun_camera_buffers_draw(&b), -1); // one at a time
	CHECK(!lun_camera_buffers_show(&b));
	lun_camera_buffers_drawn(&b, first, 42, 4711);
	const struct lun_camera_buffer *shown = lun_camera_buffers_show(&b);
	CHECK(shown == &b.all[first]);
	CHECK_EQ(shown->number, 42);
	CHECK_EQ(shown->picture, 4711);
	CHECK(!lun_camera_buffers_show(&b)); // ready once only
	CHECK(lun_camera_buffers_shown(&b) == shown);
	lun_camera_buffers_finish(&b);
}

static void what_is_ready_or_shown_is_never_drawn_into(void)
{
	struct lun_camera_buffers b;
	CHECK(make(&b));
	int shown = -1, ready = -1;
	uint64_t state = 1;
	for (int i = 0; i < 10000; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		int place = lun_camera_buffers_draw(&b);
		CHECK(place >= 0 && place < LUN_CAMERA_BUFFERS && place != shown && place != ready);
		lun_camera_buffers_drawn(&b, place, (uint64_t)i, 0);
		ready = place; // the one ready before is free again
		if (state >> 63) {
			CHECK(lun_camera_buffers_show(&b) == &b.all[ready]);
			shown = ready;
			ready = -1;
		}
	}
	lun_camera_buffers_finish(&b);
}

static void answers_for_buffers_that_are_not_being_drawn_change_nothing(void)
{
	struct lun_camera_buffers b;
	CHECK(make(&b));
	static const int places[] = {-1, 0, 1, 99, -2147483647 - 1, 2147483647};
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		lun_camera_buffers_drawn(&b, places[i], 1, 1);
	CHECK(!lun_camera_buffers_show(&b));
	int place = lun_camera_buffers_draw(&b);
	lun_camera_buffers_drawn(&b, place + 1, 1, 1);
	CHECK(!lun_camera_buffers_show(&b));
	lun_camera_buffers_drawn(&b, place, 1, 1);
	lun_camera_buffers_drawn(&b, place, 2, 2); // twice
	CHECK_EQ(lun_camera_buffers_show(&b)->number, 1);
	lun_camera_buffers_finish(&b);
}

static void a_renderer_that_is_gone_leaves_the_shown_frame(void)
{
	struct lun_camera_buffers b;
	CHECK(make(&b));
	int shown = lun_camera_buffers_draw(&b);
	lun_camera_buffers_drawn(&b, shown, 1, 1);
	(void)lun_camera_buffers_show(&b);
	int ready = lun_camera_buffers_draw(&b);
	lun_camera_buffers_drawn(&b, ready, 2, 2);
	int drawing = lun_camera_buffers_draw(&b);
	lun_camera_buffers_reset(&b);
	CHECK(!lun_camera_buffers_show(&b));
	CHECK(lun_camera_buffers_shown(&b) == &b.all[shown]);
	lun_camera_buffers_drawn(&b, drawing, 3, 3); // its last words came late
	CHECK(!lun_camera_buffers_show(&b));
	CHECK(lun_camera_buffers_draw(&b) >= 0);
	lun_camera_buffers_finish(&b);
}

static void the_memory_cannot_be_resized(void)
{
	struct lun_camera_buffers b;
	CHECK(make(&b));
	for (int i = 0; i < LUN_CAMERA_BUFFERS; i++) {
		int fd = b.all[i].fd, seals = fcntl(fd, F_GET_SEALS);
		CHECK_EQ(seals & (F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL),
		        F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
		CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		CHECK(ftruncate(fd, 0) != 0 && errno == EPERM);
		CHECK(ftruncate(fd, (off_t)b.layout.size_bytes * 2) != 0 && errno == EPERM);
		CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) != 0);
		struct stat status;
		CHECK_EQ(fstat(fd, &status), 0);
		CHECK_EQ(status.st_size, b.layout.size_bytes);
	}
	lun_camera_buffers_finish(&b);
}

static void what_a_renderer_writes_is_what_is_seen_and_copied(void)
{
	struct lun_camera_buffers b;
	CHECK(make(&b));
	CHECK_EQ(lun_camera_buffers_copy(&b), -1); // nothing is shown
	int place = lun_camera_buffers_draw(&b);
	size_t size = b.layout.size_bytes;
	uint8_t *theirs = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, b.all[place].fd, 0);
	CHECK(theirs != MAP_FAILED);
	for (size_t i = 0; i < size; i++)
		theirs[i] = (uint8_t)(i * 7);
	lun_camera_buffers_drawn(&b, place, 5, 5);
	const struct lun_camera_buffer *shown = lun_camera_buffers_show(&b);
	CHECK(memcmp(shown->data, theirs, size) == 0);

	int copy = lun_camera_buffers_copy(&b);
	CHECK(copy >= 0);
	theirs[0] ^= 0xff; // a copy is not the frame
	uint8_t *read_back = malloc(size + 1);
	CHECK_EQ(pread(copy, read_back, size + 1, 0), size);
	CHECK_EQ(read_back[0], 0);
	CHECK_EQ(read_back[size - 1], (uint8_t)((size - 1) * 7));
	CHECK(pwrite(copy, "x", 1, 0) < 0);
	CHECK(ftruncate(copy, 1) != 0);
	free(read_back);
	(void)close(copy);
	(void)munmap(theirs, size);
	lun_camera_buffers_finish(&b);
}

static void finishing_gives_everything_back_and_may_be_done_twice(void)
{
	int before = count_descriptors();
	struct lun_camera_buffers b;
	CHECK(make(&b));
	CHECK_EQ(count_descriptors(), before + LUN_CAMERA_BUFFERS);
	lun_camera_buffers_finish(&b);
	lun_camera_buffers_finish(&b);
	CHECK_EQ(count_descriptors(), before);
	CHECK_EQ(lun_camera_buffers_draw(&b), -1);
	CHECK(!lun_camera_buffers_shown(&b));
}

static void too_few_descriptors_are_an_error_with_a_reason(void)
{
	int before = count_descriptors();
	struct rlimit old;
	int lowest_free = dup(0);
	(void)close(lowest_free);
	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
	struct rlimit tight = {.rlim_cur = (rlim_t)lowest_free + 2, .rlim_max = old.rlim_max};
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
	struct lun_camera_buffers b;
	const struct lun_format format = small();
	struct lun_error err = {0};
	enum lun_result rc = lun_camera_buffers_init(&b, &format, &err);
	(void)setrlimit(RLIMIT_NOFILE, &old);
	CHECK_EQ(rc, LUN_IO);
	CHECK(strcmp(err.message, "cannot make frame buffers: Too many open files") == 0);
	CHECK_EQ(count_descriptors(), before);
}

TEST_MAIN({
	RUN(a_buffer_goes_from_free_to_shown);
	RUN(what_is_ready_or_shown_is_never_drawn_into);
	RUN(answers_for_buffers_that_are_not_being_drawn_change_nothing);
	RUN(a_renderer_that_is_gone_leaves_the_shown_frame);
	RUN(the_memory_cannot_be_resized);
	RUN(what_a_renderer_writes_is_what_is_seen_and_copied);
	RUN(finishing_gives_everything_back_and_may_be_done_twice);
	RUN(too_few_descriptors_are_an_error_with_a_reason);
})
