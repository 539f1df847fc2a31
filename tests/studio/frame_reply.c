// Answers to "frame" that lie: about sizes, formats and their memory.
#include "hostapp/studio/frame_reply.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

#define GOOD_FORMAT                                                                           \
	"\"format\":{\"pixel\":\"nv12\",\"width\":64,\"height\":48,\"fps_num\":30,\"fps_den\":1," \
	"\"matrix\":\"bt601\",\"range\":\"limited\"}"
#define GOOD_BYTES (64 * 48 * 3 / 2)

static int make_memory(size_t size_bytes, int seals)
{
	int fd = memfd_create("frame", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	lun_assert(fd >= 0 && !ftruncate(fd, (off_t)size_bytes));
	lun_assert(!fcntl(fd, F_ADD_SEALS, seals));
	return fd;
}

static enum lun_result map(const char *text, int fd, struct lun_error *err)
{
	json_t *reply = json_loads(text, 0, NULL);
	lun_assert(reply);
	struct lun_frame_reply frame;
	enum lun_result rc = lun_frame_reply_map(reply, fd, &frame, err);
	if (rc == LUN_OK)
		lun_frame_reply_unmap(&frame);
	json_decref(reply);
	return rc;
}

static void a_good_frame_is_mapped(void)
{
	int fd = make_memory(GOOD_BYTES, 0);
	static const char pixel = 77;
	CHECK_EQ(pwrite(fd, &pixel, 1, GOOD_BYTES - 1), 1);
	lun_assert(!fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL));
	json_t *reply = json_loads("{\"ok\":true,\"serial\":9," GOOD_FORMAT "}", 0, NULL);
	struct lun_frame_reply frame;
	CHECK_EQ(lun_frame_reply_map(reply, fd, &frame, NULL), LUN_OK);
	(void)close(fd);
	CHECK_EQ(frame.serial, 9);
	CHECK_EQ(frame.size_bytes, GOOD_BYTES);
	CHECK_EQ(frame.format.width_px, 64);
	CHECK_EQ(frame.data[GOOD_BYTES - 1], 77);
	lun_frame_reply_unmap(&frame);
	json_decref(reply);
}

static void formats_that_make_no_sense_are_refused(void)
{
	static const char *const formats[] = {"{}", "[]", "7", "\"nv12\"",
	        "{\"pixel\":\"nv12\",\"width\":64}",
	        "{\"pixel\":\"nv12\",\"width\":0,\"height\":48,\"fps_num\":30,\"fps_den\":1,\"matrix\":"
	        "\"bt601\",\"range\":\"full\"}",
	        "{\"pixel\":\"nv12\",\"width\":-64,\"height\":-48,\"fps_num\":30,\"fps_den\":1,"
	        "\"matrix\":\"bt601\",\"range\":\"full\"}",
	        "{\"pixel\":\"nv12\",\"width\":4294967360,\"height\":48,\"fps_num\":30,\"fps_den\":1,"
	        "\"matrix\":\"bt601\",\"range\":\"full\"}",
	        "{\"pixel\":\"nv12\",\"width\":99999,\"height\":99999,\"fps_num\":30,\"fps_den\":1,"
	        "\"matrix\":\"bt601\",\"range\":\"full\"}",
	        "{\"pixel\":\"nv12\",\"width\":64.5,\"height\":48,\"fps_num\":30,\"fps_den\":1,"
	        "\"matrix\":\"bt601\",\"range\":\"full\"}",
	        "{\"pixel\":\"rgb\",\"width\":64,\"height\":48,\"fps_num\":30,\"fps_den\":1,\"matrix\":"
	        "\"bt601\",\"range\":\"full\"}",
	        "{\"pixel\":\"nv12\",\"width\":64,\"height\":48,\"fps_num\":30,\"fps_den\":1,"
	        "\"matrix\":\"bt2020\",\"range\":\"full\"}"};
	int fd = make_memory(GOOD_BYTES, F_SEAL_SHRINK);
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		struct lun_error err;
		char *text = lun_format_string("{\"ok\":true,\"serial\":1,\"format\":%s}", formats[i]);
		CHECK_EQ(map(text, fd, &err), LUN_IO);
		CHECK(strstr(err.message, "format that makes no sense"));
		free(text);
	}
	(void)close(fd);
}

static void memory_that_is_missing_too_small_or_not_sealed_is_refused(void)
{
	static const char reply[] = "{\"ok\":true,\"serial\":1," GOOD_FORMAT "}";
	struct lun_error err;
	CHECK_EQ(map(reply, -1, &err), LUN_IO);
	CHECK(strstr(err.message, "without its memory"));

	int fd = make_memory(GOOD_BYTES - 1, F_SEAL_SHRINK);
	CHECK_EQ(map(reply, fd, &err), LUN_IO);
	CHECK(strstr(err.message, "4607 bytes for a frame of 4608"));
	(void)close(fd);

	fd = make_memory(GOOD_BYTES, 0);
	CHECK_EQ(map(reply, fd, &err), LUN_IO);
	CHECK(strstr(err.message, "not sealed"));
	(void)close(fd);

	int ends[2];
	CHECK(!pipe(ends));
	CHECK_EQ(map(reply, ends[0], &err), LUN_IO);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void serial_numbers_are_whole_and_not_negative(void)
{
	int fd = make_memory(GOOD_BYTES, F_SEAL_SHRINK);
	struct lun_error err;
	CHECK_EQ(map("{\"ok\":true," GOOD_FORMAT "}", fd, &err), LUN_IO);
	CHECK_EQ(map("{\"ok\":true,\"serial\":-1," GOOD_FORMAT "}", fd, &err), LUN_IO);
	CHECK_EQ(map("{\"ok\":true,\"serial\":1.5," GOOD_FORMAT "}", fd, &err), LUN_IO);
	CHECK_EQ(map("{\"ok\":true,\"serial\":0," GOOD_FORMAT "}", fd, &err), LUN_OK);
	(void)close(fd);
}

static void a_bgra_frame_needs_no_matrix(void)
{
	int fd = make_memory(16 * 4 * 8, F_SEAL_SHRINK);
	CHECK_EQ(map("{\"ok\":true,\"serial\":1,\"format\":{\"pixel\":\"bgra\",\"width\":16,\"height\":"
	             "8,\"fps_num\":30,\"fps_den\":1}}",
	                 fd, NULL),
	        LUN_OK);
	(void)close(fd);
}

TEST_MAIN(RUN(a_good_frame_is_mapped); RUN(formats_that_make_no_sense_are_refused);
          RUN(memory_that_is_missing_too_small_or_not_sealed_is_refused);
          RUN(serial_numbers_are_whole_and_not_negative); RUN(a_bgra_frame_needs_no_matrix);)
