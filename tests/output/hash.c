// The hash output against FFmpeg's framehash over the same frames, packed by the tests' formula.
#include <signal.h>
#include <unistd.h>

#include "check.h"
#include "frames.h"

static char dir[] = "/tmp/lunette-hash-XXXXXX";

static char *in_dir(const char *name)
{
	return lun_format_string("%s/%s", dir, name);
}

static char *capture_hashes(const struct lun_format *format, uint64_t first, int count)
{
	char *path = in_dir("hashes");
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	int saved = test_stdout_to(fd);
	enum lun_result rc = test_write("hash:", format, first, count, NULL);
	test_stdout_back(saved);
	(void)close(fd);
	size_t size;
	char *text = (char *)test_read(path, &size);
	free(path);
	if (rc == LUN_OK)
		return text;
	free(text);
	return NULL;
}

// FFmpeg's lines are "0, pts, pts, 1, size, HASH".
static char *ffmpeg_hashes(
        const struct lun_format *format, const char *ffmpeg_pixel, uint64_t first, int count)
{
	size_t size;
	uint8_t *bytes = test_expect(format, first, count, &size);
	char *path = in_dir("frames.raw");
	FILE *file = fopen(path, "wb");
	(void)fwrite(bytes, 1, size, file);
	(void)fclose(file);
	free(bytes);
	char *command = lun_format_string("sh -c \"ffmpeg -v error -f rawvideo -pixel_format %s "
	                                  "-video_size %dx%d -i %s -f framehash "
	                                  "-hash sha256 - | grep -v '^#' | sed 's/.*, *//'\"",
	        ffmpeg_pixel, format->width_px, format->height_px, path);
	char *text = test_shell(command);
	free(command);
	free(path);
	return text;
}

static void compare(const struct lun_format *format, const char *ffmpeg_pixel)
{
	const uint64_t first = 41;
	char *ours = capture_hashes(format, first, 5);
	char *theirs = ffmpeg_hashes(format, ffmpeg_pixel, first, 5);
	CHECK(ours && *theirs);
	char *our_rest = ours, *their_rest = theirs;
	for (uint64_t number = first; number < first + 5; number++) {
		char *our_line = strsep(&our_rest, "\n"), *their_line = strsep(&their_rest, "\n");
		CHECK(our_line && their_line && strlen(their_line) == 64);
		char *want = lun_format_string("%" PRIu64 " %s", number, their_line);
		CHECK(!strcmp(our_line, want));
		free(want);
	}
	CHECK(our_rest && !*our_rest);
	free(ours);
	free(theirs);
}

static void ffmpeg_computes_the_same_hashes_for_every_pixel_format(void)
{
	static const char *const ffmpeg_pixels[LUN_PIXEL_FORMATS] = {
	        "nv12", "yuv420p", "yuyv422", "bgra"};
	for (int p = 0; p < LUN_PIXEL_FORMATS; p++) {
		struct lun_format format = test_format((enum lun_pixel_format)p, 66, 34);
		compare(&format, ffmpeg_pixels[p]);
		if (t_failed)
			return;
	}
}

static void odd_sizes_hash_without_their_padding(void)
{
	struct lun_format i420 = test_format(LUN_PIXEL_I420, 37, 21);
	compare(&i420, "yuv420p");
	struct lun_format nv12 = test_format(LUN_PIXEL_NV12, 37, 21);
	compare(&nv12, "nv12");
}

static void a_closed_standard_output_is_an_error_with_a_sentence(void)
{
	int ends[2];
	CHECK(pipe(ends) == 0);
	(void)close(ends[0]);
	struct lun_format format = test_format(LUN_PIXEL_I420, 16, 16);
	struct lun_error err = {0};
	int saved = test_stdout_to(ends[1]);
	enum lun_result rc = test_write("hash:", &format, 0, 1, &err);
	test_stdout_back(saved);
	(void)close(ends[1]);
	CHECK_EQ(rc, LUN_IO);
	CHECK(!strcmp(err.message, "standard output was closed"));
}

static void hash_takes_no_name(void)
{
	struct lun_format format = test_format(LUN_PIXEL_I420, 16, 16);
	struct lun_error err = {0};
	struct lun_output *output;
	CHECK_EQ(test_open("hash:x", &format, &output, &err), LUN_INVALID);
	CHECK(strstr(err.message, "standard output"));
}

static void remove_dir(void)
{
	char *command = lun_format_string("rm -rf %s", dir);
	free(test_shell(command));
	free(command);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(dir))
		return 1;
	if (test_has_program("ffmpeg")) {
		RUN(ffmpeg_computes_the_same_hashes_for_every_pixel_format);
		RUN(odd_sizes_hash_without_their_padding);
	} else {
		printf("# ffmpeg is not installed: hashes are not compared with it\n");
	}
	RUN(a_closed_standard_output_is_an_error_with_a_sentence);
	RUN(hash_takes_no_name);
	remove_dir();
	printf("1..%d\n", t_count);
	return t_any;
}
