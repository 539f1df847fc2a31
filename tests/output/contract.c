// What every output must do, whatever it is: one suite, run against each class of the registry and
// against each kind of file. An output whose service this machine lacks passes with its sentence.
#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include "check.h"
#include "extension/file/file.h"
#include "frames.h"

static char dir[] = "/tmp/lunette-contract-XXXXXX";
static char *spec; // what is being tested; owned
static struct lun_format format;
static uv_loop_t loop; // fresh for every test: live outputs need one, the others must not mind

static bool is_sentence(const struct lun_error *err)
{
	return strlen(err->message) >= 12 && !strchr(err->message, '\n');
}

// An error struct full of junk, so that an empty message can only come from the output.
static struct lun_error junk_error(void)
{
	struct lun_error err;
	memset(&err, 'x', sizeof err);
	err.message[0] = '\0';
	return err;
}

static int count_files(void)
{
	DIR *folder = opendir(dir);
	int count = 0;
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
		count += entry->d_name[0] != '.' || strstr(entry->d_name, "lunette") != NULL;
	(void)closedir(folder);
	return count;
}

static void empty_dir(void)
{
	char *command = lun_format_string("find %s -mindepth 1 -delete", dir);
	free(test_shell(command));
	free(command);
}

static enum lun_result open_spec(
        const struct lun_format *wanted, struct lun_output **out_output, struct lun_error *err)
{
	struct lun_output_params params = {
	        .name = "test", .formats = wanted, .formats_count = 1, .loop = &loop};
	return lun_output_open(spec, &params, out_output, err);
}

// Give up the test without failing it where the machine lacks what the output needs.
#define OPEN_OR_PASS(out_output)                                                  \
	do {                                                                          \
		struct lun_error open_error = junk_error();                               \
		enum lun_result opened = open_spec(&format, out_output, &open_error);     \
		if (opened == LUN_UNSUPPORTED || opened == LUN_IO) {                      \
			CHECK(is_sentence(&open_error));                                      \
			CHECK_EQ(open_error.code, opened);                                    \
			printf("# %s is not to be had here: %s\n", spec, open_error.message); \
			return;                                                               \
		}                                                                         \
		CHECK_EQ(opened, LUN_OK);                                                 \
		CHECK((*(out_output))->class);                                            \
	} while (0)

static bool takes_one_frame(void)
{
	const char *dot = strrchr(spec, '.');
	return dot && !strcmp(dot, ".png") && !strchr(spec, '%');
}

static void frames_go_in_and_finish_says_they_arrived(void)
{
	struct lun_output *output;
	OPEN_OR_PASS(&output);
	for (uint64_t number = 7; number < (takes_one_frame() ? 8 : 12); number++)
		CHECK_EQ(test_submit(output, &format, number, NULL), LUN_OK);
	CHECK_EQ(lun_output_finish(output, NULL), LUN_OK);
	lun_output_close(output);
}

static void finishing_twice_is_the_same_as_once(void)
{
	struct lun_output *output;
	OPEN_OR_PASS(&output);
	CHECK_EQ(test_submit(output, &format, 0, NULL), LUN_OK);
	CHECK_EQ(lun_output_finish(output, NULL), LUN_OK);
	CHECK_EQ(lun_output_finish(output, NULL), LUN_OK);
	struct lun_error err = junk_error();
	if (test_submit(output, &format, 1, &err) != LUN_OK)
		CHECK(is_sentence(&err));
	lun_output_close(output);
}

static void close_without_finish_leaves_nothing_that_looks_whole(void)
{
	struct lun_output *output;
	OPEN_OR_PASS(&output);
	bool is_sequence = strchr(spec, '%') != NULL;
	CHECK_EQ(test_submit(output, &format, 0, NULL), LUN_OK);
	lun_output_close(output);
	// Each picture of a sequence is whole by itself.
	CHECK_EQ(count_files(), is_sequence ? 1 : 0);
}

static void close_right_after_open(void)
{
	struct lun_output *output;
	OPEN_OR_PASS(&output);
	lun_output_close(output);
	CHECK_EQ(count_files(), 0);
	lun_output_close(NULL);
}

static void two_may_be_open_at_once(void)
{
	struct lun_output *first, *second;
	OPEN_OR_PASS(&first);
	OPEN_OR_PASS(&second);
	CHECK(first != second);
	CHECK_EQ(test_submit(first, &format, 0, NULL), LUN_OK);
	CHECK_EQ(test_submit(second, &format, 0, NULL), LUN_OK);
	CHECK_EQ(lun_output_finish(second, NULL), LUN_OK);
	lun_output_close(first);
	lun_output_close(second);
}

static void try_other_format(struct lun_output *output, const struct lun_format *other)
{
	struct lun_error err = junk_error();
	enum lun_result rc = test_submit(output, other, 1, &err);
	if (rc == LUN_OK)
		return;
	CHECK_EQ(rc, LUN_UNSUPPORTED);
	CHECK(is_sentence(&err));
	CHECK_EQ(test_submit(output, other, 1, NULL), LUN_UNSUPPORTED);
}

static void another_format_is_taken_or_refused_and_spoils_nothing(void)
{
	struct lun_output *output;
	OPEN_OR_PASS(&output);
	CHECK_EQ(test_submit(output, &format, 0, NULL), LUN_OK);
	for (int p = 0; p < LUN_PIXEL_FORMATS; p++) {
		struct lun_format other = format;
		other.pixel = (enum lun_pixel_format)p;
		other.width_px = 32;
		try_other_format(output, &other);
		if (t_failed)
			return;
	}
	if (!takes_one_frame())
		CHECK_EQ(test_submit(output, &format, 2, NULL), LUN_OK);
	CHECK_EQ(lun_output_finish(output, NULL), LUN_OK);
	lun_output_close(output);
}

static void events_and_their_members_may_be_missing(void)
{
	static const struct lun_output_events no_events;
	const struct lun_output_events *const events[] = {NULL, &no_events};
	for (int i = 0; i < 2; i++) {
		struct lun_output_params params = {
		        .formats = &format, .formats_count = 1, .loop = &loop, .events = events[i]};
		struct lun_output *output = NULL;
		if (lun_output_open(spec, &params, &output, NULL) != LUN_OK)
			continue;
		(void)uv_run(&loop, UV_RUN_NOWAIT);
		CHECK_EQ(test_submit(output, &format, 0, NULL), LUN_OK);
		(void)uv_run(&loop, UV_RUN_NOWAIT);
		lun_output_close(output);
	}
}

static void without_a_loop_it_works_or_says_why_not(void)
{
	struct lun_output *output = NULL;
	struct lun_error err = junk_error();
	enum lun_result rc = test_open(spec, &format, &output, &err);
	if (rc != LUN_OK) {
		CHECK(rc == LUN_UNSUPPORTED || rc == LUN_IO);
		CHECK(is_sentence(&err));
		return;
	}
	CHECK_EQ(test_submit(output, &format, 0, NULL), LUN_OK);
	CHECK_EQ(lun_output_finish(output, NULL), LUN_OK);
	lun_output_close(output);
}

static void an_invalid_format_is_refused(void)
{
	struct lun_format broken = format;
	broken.width_px = 0;
	struct lun_output *output = NULL;
	struct lun_error err = junk_error();
	CHECK_EQ(open_spec(&broken, &output, &err), LUN_INVALID);
	CHECK(is_sentence(&err));
	CHECK(!output);
	CHECK_EQ(count_files(), 0);
}

// Closing must have let go of every handle, or a camera could never end.
static void end_loop(void)
{
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	CHECK_EQ(uv_loop_close(&loop), 0);
}

// RUN under the name of what is being tested.
#define RUN_FOR(fn)                                                                 \
	do {                                                                            \
		t_failed = 0;                                                               \
		(void)uv_loop_init(&loop);                                                  \
		fn();                                                                       \
		if (!t_failed)                                                              \
			end_loop();                                                             \
		printf("%sok %d - %s: %s\n", t_failed ? "not " : "", ++t_count, spec, #fn); \
		t_any |= t_failed;                                                          \
		empty_dir();                                                                \
	} while (0)

static void run_contract(const char *text, enum lun_pixel_format pixel)
{
	spec = lun_strdup(text);
	format = test_format(pixel, 64, 36);
	RUN_FOR(frames_go_in_and_finish_says_they_arrived);
	RUN_FOR(finishing_twice_is_the_same_as_once);
	RUN_FOR(close_without_finish_leaves_nothing_that_looks_whole);
	RUN_FOR(close_right_after_open);
	RUN_FOR(two_may_be_open_at_once);
	RUN_FOR(another_format_is_taken_or_refused_and_spoils_nothing);
	RUN_FOR(events_and_their_members_may_be_missing);
	RUN_FOR(without_a_loop_it_works_or_says_why_not);
	RUN_FOR(an_invalid_format_is_refused);
	free(spec);
}

static void run_files(void)
{
	static const struct {
		const char *name;
		enum lun_pixel_format pixel;
	} files[] = {
	        {"a.y4m", LUN_PIXEL_I420},
	        {"a.i420", LUN_PIXEL_I420},
	        {"a.nv12", LUN_PIXEL_NV12},
	        {"a.yuy2", LUN_PIXEL_YUY2},
	        {"a.bgra", LUN_PIXEL_BGRA},
	        {"a.png", LUN_PIXEL_NV12},
	        {"%04d.png", LUN_PIXEL_BGRA},
	        {"a.mp4", LUN_PIXEL_NV12},
	        {"a.mkv", LUN_PIXEL_I420},
	        {"a.webm", LUN_PIXEL_NV12},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char *text = lun_format_string("file:%s/%s", dir, files[i].name);
		run_contract(text, files[i].pixel);
		free(text);
	}
	run_contract("-", LUN_PIXEL_I420);
}

// What outputs print on standard output is not TAP: it goes to a file of its own.
static int protect_tap(void)
{
	int sink = open("/dev/null", O_WRONLY);
	int tap = test_stdout_to(sink);
	(void)close(sink);
	FILE *out = fdopen(tap, "w");
	if (!out)
		return -1;
	stdout = out;
	setvbuf(stdout, NULL, _IONBF, 0);
	return 0;
}

int main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(dir) || protect_tap() != 0)
		return 1;
	for (const struct lun_output_class *const *at = lun_output_classes; *at; at++) {
		if (*at == &lun_file_output) {
			run_files();
		} else {
			char *text = lun_format_string("%s:", (*at)->name);
			run_contract(text, LUN_PIXEL_NV12);
			free(text);
		}
	}
	(void)rmdir(dir);
	printf("1..%d\n", t_count);
	return t_any;
}
