// Files: what FFmpeg and GStreamer read out of them against the tests' own formula, and what is
// left on disk when things go wrong.
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "extension/file/encoder.h"
#include "extension/file/pattern.h"
#include "extension/file/png.h"
#include "extension/file/video.h"
#include "frames.h"

static char dir[] = "/tmp/lunette-file-XXXXXX";
static bool has_ffmpeg, has_gstreamer, has_y4mdec;

static char *in_dir(const char *name)
{
	return lun_format_string("%s/%s", dir, name);
}

// Write frames into a file of the folder and give its path; NULL and a message if that failed.
static char *write_file(
        const char *name, const struct lun_format *format, uint64_t first, int count)
{
	char *path = in_dir(name);
	struct lun_error err = {0};
	if (test_write(path, format, first, count, &err) == LUN_OK)
		return path;
	printf("# %s\n", err.message);
	free(path);
	return NULL;
}

static bool holds_bytes(const char *path, size_t skip, const uint8_t *want, size_t want_bytes)
{
	size_t size;
	uint8_t *got = test_read(path, &size);
	bool is_same = got && size == skip + want_bytes && !memcmp(got + skip, want, want_bytes);
	if (!is_same)
		printf("# %s: %zu bytes, want %zu\n", path, got ? size : 0, skip + want_bytes);
	free(got);
	return is_same;
}

static bool probe_says(const char *path, const char *entry, const char *want)
{
	char *command = lun_format_string("ffprobe -v error -count_frames -select_streams v "
	                                  "-show_entries stream=%s -of csv=p=0:nk=1 %s",
	        entry, path);
	char *got = test_shell(command);
	got[strcspn(got, ",\n")] = '\0';
	bool is_same = !strcmp(got, want);
	if (!is_same)
		printf("# %s: %s is \"%s\", want \"%s\"\n", path, entry, got, want);
	free(got);
	free(command);
	return is_same;
}

static bool shell_makes(const char *made, const uint8_t *want, size_t want_bytes, char *command)
{
	free(test_shell(command));
	bool is_same = holds_bytes(made, 0, want, want_bytes);
	if (!is_same)
		printf("# from: %s\n", command);
	free(command);
	(void)unlink(made);
	return is_same;
}

static bool ffmpeg_decodes(const char *path, const char *input_options, const char *pixel,
        const uint8_t *want, size_t want_bytes)
{
	char *made = in_dir("decoded.raw");
	bool is_same = shell_makes(made, want, want_bytes,
	        lun_format_string("ffmpeg -v error -y %s -i %s -f rawvideo -pix_fmt %s %s",
	                input_options, path, pixel, made));
	free(made);
	return is_same;
}

static bool gstreamer_decodes(
        const char *path, const char *elements, const uint8_t *want, size_t want_bytes)
{
	char *made = in_dir("decoded.raw");
	bool is_same = shell_makes(made, want, want_bytes,
	        lun_format_string("gst-launch-1.0 -q filesrc location=%s ! %s ! filesink location=%s",
	                path, elements, made));
	free(made);
	return is_same;
}

static int count_files(void)
{
	DIR *folder = opendir(dir);
	int count = 0;
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
		count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	(void)closedir(folder);
	return count;
}

static void empty_dir(void)
{
	char *command = lun_format_string("find %s -mindepth 1 -delete", dir);
	free(test_shell(command));
	free(command);
}

// Y4M

static void y4m_has_a_header_and_the_packed_planes(void)
{
	struct lun_format format = test_format(LUN_PIXEL_I420, 37, 21);
	format.fps_num = 30000;
	format.fps_den = 1001;
	char *path = write_file("a.y4m", &format, 3, 1);
	CHECK(path);
	size_t size;
	uint8_t *want = test_expect(&format, 3, 1, &size);
	const char header[] =
	        "YUV4MPEG2 W37 H21 F30000:1001 Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\nFRAME\n";
	CHECK(holds_bytes(path, strlen(header), want, size));
	uint8_t *got = test_read(path, &size);
	CHECK(!memcmp(got, header, strlen(header)));
	free(got);
	free(want);
	free(path);
}

static void y4m_reads_the_same_in_ffmpeg(void)
{
	static const struct {
		int width, height;
		enum lun_range range;
		const char *ffmpeg_range;
	} cases[] = {
	        {64, 36, LUN_RANGE_LIMITED, "tv"},
	        {37, 21, LUN_RANGE_FULL, "pc"},
	        {1, 1, LUN_RANGE_LIMITED, "tv"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lun_format format = test_format(LUN_PIXEL_I420, cases[i].width, cases[i].height);
		format.range = cases[i].range;
		format.fps_num = 30000;
		format.fps_den = 1001;
		char *path = write_file("a.y4m", &format, 0, 5);
		CHECK(path);
		size_t size;
		uint8_t *want = test_expect(&format, 0, 5, &size);
		// yuv420p is named, not converted to: FFmpeg would change the codes of a full-range file.
		CHECK(ffmpeg_decodes(path, "", "+", want, size));
		CHECK(probe_says(path, "color_range", cases[i].ffmpeg_range));
		CHECK(probe_says(path, "chroma_location", "center"));
		CHECK(probe_says(path, "r_frame_rate", "30000/1001"));
		CHECK(probe_says(path, "sample_aspect_ratio", "1:1"));
		CHECK(probe_says(path, "nb_read_frames", "5"));
		free(want);
		free(path);
	}
}

static void y4m_reads_the_same_in_gstreamer(void)
{
	struct lun_format format = test_format(LUN_PIXEL_I420, 64, 36);
	char *path = write_file("a.y4m", &format, 0, 5);
	CHECK(path);
	size_t size;
	uint8_t *want = test_expect(&format, 0, 5, &size);
	CHECK(gstreamer_decodes(
	        path, "y4mdec ! video/x-raw,width=64,height=36,framerate=30/1", want, size));
	free(want);
	free(path);
}

static void y4m_header_fits_gstreamer_at_the_largest_usual_values(void)
{
	struct lun_format format = test_format(LUN_PIXEL_I420, 8192, 2);
	format.fps_num = 120000;
	format.fps_den = 1001;
	char *path = write_file("a.y4m", &format, 0, 1);
	CHECK(path);
	size_t size;
	uint8_t *got = test_read(path, &size);
	CHECK(strchr((char *)got, '\n') - (char *)got < 79);
	free(got);
	free(path);
}

// Raw

static void raw_files_hold_nothing_but_packed_frames(void)
{
	for (int p = 0; p < LUN_PIXEL_FORMATS; p++) {
		struct lun_format format = test_format((enum lun_pixel_format)p, 37, 21);
		char *name = lun_format_string("a.%s", lun_pixel_format_name(format.pixel));
		char *path = write_file(name, &format, 9, 4);
		CHECK(path);
		size_t size;
		uint8_t *want = test_expect(&format, 9, 4, &size);
		CHECK(holds_bytes(path, 0, want, size));
		free(want);
		free(path);
		free(name);
	}
}

static void raw_files_read_the_same_in_ffmpeg_and_gstreamer(void)
{
	static const char *const ffmpeg_pixels[] = {"nv12", "yuv420p", "yuyv422", "bgra"};
	static const char *const gstreamer_pixels[] = {"nv12", "i420", "yuy2", "bgra"};
	for (int p = 0; p < LUN_PIXEL_FORMATS; p++) {
		struct lun_format format = test_format((enum lun_pixel_format)p, 64, 36);
		char *name = lun_format_string("a.%s", lun_pixel_format_name(format.pixel));
		char *path = write_file(name, &format, 0, 4);
		CHECK(path);
		size_t size;
		uint8_t *want = test_expect(&format, 0, 4, &size);
		char *options = lun_format_string(
		        "-f rawvideo -video_size 64x36 -pixel_format %s", ffmpeg_pixels[p]);
		CHECK(!has_ffmpeg || ffmpeg_decodes(path, options, ffmpeg_pixels[p], want, size));
		char *elements = lun_format_string(
		        "rawvideoparse format=%s width=64 height=36 framerate=30/1", gstreamer_pixels[p]);
		CHECK(!has_gstreamer || gstreamer_decodes(path, elements, want, size));
		free(elements);
		free(options);
		free(want);
		free(path);
		free(name);
	}
}

// PNG

static uint8_t *expect_rgb(const struct lun_format *format, uint64_t number, size_t *out_bytes)
{
	size_t pixels = (size_t)format->width_px * (size_t)format->height_px, bytes;
	uint8_t *bgra = test_expect(format, number, 1, &bytes);
	uint8_t *rgb = malloc(pixels * 3);
	for (size_t i = 0; i < pixels; i++) {
		for (size_t c = 0; c < 3; c++)
			rgb[3 * i + c] = bgra[4 * i + 2 - c];
	}
	free(bgra);
	*out_bytes = pixels * 3;
	return rgb;
}

static void a_png_of_a_bgra_frame_is_exactly_its_rgb(void)
{
	static const int sizes[][2] = {{64, 36}, {37, 21}, {1, 1}};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct lun_format format = test_format(LUN_PIXEL_BGRA, sizes[i][0], sizes[i][1]);
		char *path = write_file("a.png", &format, 5, 1);
		CHECK(path);
		size_t size;
		uint8_t *want = expect_rgb(&format, 5, &size);
		CHECK(!has_ffmpeg || ffmpeg_decodes(path, "", "rgb24", want, size));
		CHECK(!has_ffmpeg || probe_says(path, "pix_fmt", "rgb24"));
		// GStreamer pads rows to 4 bytes; 64 * 3 needs no padding.
		CHECK(!has_gstreamer || format.width_px % 4 ||
		        gstreamer_decodes(path, "pngdec ! video/x-raw,format=RGB", want, size));
		free(want);
		free(path);
	}
}

static void a_grey_nv12_frame_is_grey_in_its_png(void)
{
	struct lun_format format = test_format(LUN_PIXEL_NV12, 16, 16);
	struct test_frame made = test_frame_make(&format, 0);
	memset(made.data, 126, made.frame.layout.size_bytes);
	memset(made.data + made.frame.layout.offset_bytes[1], 128,
	        made.frame.layout.size_bytes - made.frame.layout.offset_bytes[1]);
	char *path = in_dir("grey.png");
	enum lun_result rc = lun_png_write(path, &made.frame, NULL);
	free(made.data);
	CHECK_EQ(rc, LUN_OK);
	// (126 - 16) * 255 / 219 = 128.08
	uint8_t want[16 * 16 * 3];
	memset(want, 128, sizeof want);
	CHECK(ffmpeg_decodes(path, "", "rgb24", want, sizeof want));
	free(path);
}

static void a_sequence_is_named_after_the_frames(void)
{
	empty_dir();
	struct lun_format format = test_format(LUN_PIXEL_BGRA, 16, 16);
	char *pattern = write_file("p%03d%%.PNG", &format, 99, 3);
	CHECK(pattern);
	free(pattern);
	CHECK_EQ(count_files(), 3);
	for (uint64_t number = 99; number < 102; number++) {
		char *name = lun_format_string("p%03d%%.PNG", (int)number);
		char *path = in_dir(name);
		size_t size;
		uint8_t *want = expect_rgb(&format, number, &size);
		CHECK(has_ffmpeg ? ffmpeg_decodes(path, "-f image2 -pattern_type none", "rgb24", want, size)
		                 : access(path, R_OK) == 0);
		free(want);
		free(path);
		free(name);
	}
}

static void a_second_frame_into_one_png_is_refused_with_the_cure(void)
{
	struct lun_format format = test_format(LUN_PIXEL_BGRA, 16, 16);
	char *path = in_dir("one.png");
	struct lun_error err = {0};
	CHECK_EQ(test_write(path, &format, 0, 2, &err), LUN_INVALID);
	CHECK(strstr(err.message, "%04d"));
	CHECK(access(path, F_OK) != 0);
	free(path);
}

static void patterns_are_parsed_and_never_printed_with(void)
{
	static const struct {
		const char *pattern;
		const char *name; // for 42; NULL = refused
	} cases[] = {
	        {"a.png", "a.png"},
	        {"a%d.png", "a42.png"},
	        {"a%04d.png", "a0042.png"},
	        {"a%01d.png", "a42.png"},
	        {"%020d", "00000000000000000042"},
	        {"%%%d%%", "%42%"},
	        {"100%%", "100%"},
	        {"%%d", "%d"},
	        {"%d/%%d.png", "42/%d.png"},
	        {"%021d", NULL},
	        {"%00d", NULL},
	        {"%0d", NULL},
	        {"%4d", NULL},
	        {"%d%d", NULL},
	        {"%s%n", NULL},
	        {"%", NULL},
	        {"a%", NULL},
	        {"%-5d", NULL},
	        {"%04", NULL},
	        {"%099999999999999999999d", NULL},
	        {"%ld", NULL},
	        {"%1$d", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lun_pattern pattern;
		struct lun_error err = {0};
		enum lun_result rc = lun_pattern_parse(cases[i].pattern, &pattern, &err);
		char *name = rc == LUN_OK ? lun_pattern_name(&pattern, 42) : NULL;
		bool is_right = cases[i].name ? name && !strcmp(name, cases[i].name)
		                              : rc == LUN_INVALID && strstr(err.message, "%04d");
		if (!is_right)
			printf("# %s gave %s\n", cases[i].pattern, name ? name : err.message);
		free(name);
		CHECK(is_right);
	}
	struct lun_pattern pattern;
	CHECK_EQ(lun_pattern_parse("%d", &pattern, NULL), LUN_OK);
	char *name = lun_pattern_name(&pattern, UINT64_MAX);
	CHECK(!strcmp(name, "18446744073709551615"));
	free(name);
}

// Video

// Mean difference of the decoded frames from the pattern, in codes; 255 when sizes differ.
static double mean_difference(const char *path, const struct lun_format *format, int count)
{
	struct lun_format planar = *format;
	planar.pixel = LUN_PIXEL_I420;
	size_t want_bytes, got_bytes = 0;
	uint8_t *want = test_expect(&planar, 0, count, &want_bytes);
	char *made = in_dir("decoded.raw");
	char *command = lun_format_string(
	        "ffmpeg -v error -y -i %s -vsync passthrough -f rawvideo -pix_fmt + %s", path, made);
	free(test_shell(command));
	uint8_t *got = test_read(made, &got_bytes);
	double sum = 0;
	for (size_t i = 0; got_bytes == want_bytes && i < want_bytes; i++)
		sum += abs(got[i] - want[i]);
	double mean = got_bytes == want_bytes ? sum / (double)want_bytes : 255;
	(void)unlink(made);
	free(got);
	free(want);
	free(command);
	free(made);
	return mean;
}

static void check_video(const char *name, const struct lun_format *format, const char *codec)
{
	char *path = write_file(name, format, 0, 20);
	CHECK(path);
	bool is_bt709 = format->matrix == LUN_MATRIX_BT709;
	bool is_webm = !strcmp(codec, "vp9");
	char *width = lun_format_string("%d", format->width_px);
	char *height = lun_format_string("%d", format->height_px);
	char *rate = lun_format_string("%d/%d", format->fps_num, format->fps_den);
	CHECK(probe_says(path, "codec_name", codec));
	CHECK(probe_says(path, "width", width));
	CHECK(probe_says(path, "height", height));
	CHECK(probe_says(path, "avg_frame_rate", rate));
	CHECK(probe_says(path, "nb_read_frames", "20"));
	CHECK(probe_says(path, "color_range", format->range == LUN_RANGE_FULL ? "pc" : "tv"));
	CHECK(probe_says(path, "color_space", is_bt709 ? "bt709" : "smpte170m"));
	CHECK(probe_says(path, "color_primaries", is_bt709 ? "bt709" : "smpte170m"));
	CHECK(probe_says(path, "color_transfer", is_bt709 ? "bt709" : "smpte170m"));
	CHECK(is_webm || probe_says(path, "chroma_location", "center"));
	double difference = mean_difference(path, format, 20);
	printf("# %s: mean difference %.2f codes\n", name, difference);
	CHECK(difference < 2.5);
	free(rate);
	free(height);
	free(width);
	free(path);
}

static void videos_carry_size_rate_colour_and_pictures(void)
{
	struct lun_format format = test_format(LUN_PIXEL_NV12, 128, 72);
	check_video("a.mp4", &format, "h264");
	CHECK(!t_failed);
	check_video("a.webm", &format, "vp9");
	CHECK(!t_failed);
	format.matrix = LUN_MATRIX_BT709;
	format.pixel = LUN_PIXEL_I420;
	check_video("a.mkv", &format, "h264");
	CHECK(!t_failed);
	format.range = LUN_RANGE_FULL;
	format.fps_num = 30000;
	format.fps_den = 1001;
	check_video("full.MP4", &format, "h264");
	CHECK(!t_failed);
	check_video("full.webm", &format, "vp9");
	CHECK(!t_failed);
}

static void webm_takes_odd_sizes_and_mp4_names_the_cure(void)
{
	struct lun_format format = test_format(LUN_PIXEL_NV12, 131, 71);
	check_video("odd.webm", &format, "vp9");
	CHECK(!t_failed);
	char *path = in_dir("odd.mp4");
	struct lun_error err = {0};
	CHECK_EQ(test_write(path, &format, 0, 1, &err), LUN_INVALID);
	CHECK(strstr(err.message, "132x72"));
	CHECK(access(path, F_OK) != 0);
	free(path);
}

static void left_out_ticks_keep_their_time(void)
{
	struct lun_format format = test_format(LUN_PIXEL_NV12, 64, 36);
	format.fps_num = 25;
	char *path = in_dir("gaps.mkv");
	struct lun_output *output;
	CHECK_EQ(test_open(path, &format, &output, NULL), LUN_OK);
	static const uint64_t numbers[] = {1000, 1001, 1004, 1010};
	for (int i = 0; i < 4; i++)
		CHECK_EQ(test_submit(output, &format, numbers[i], NULL), LUN_OK);
	struct lun_error err = {0};
	CHECK_EQ(test_submit(output, &format, 1010, &err), LUN_INVALID);
	CHECK(strstr(err.message, "1010"));
	CHECK_EQ(lun_output_finish(output, NULL), LUN_OK);
	lun_output_close(output);
	char *command = lun_format_string(
	        "sh -c 'ffprobe -v error -show_entries frame=pts_time -of csv=p=0 %s | grep .'", path);
	char *times = test_shell(command);
	char *rest = times;
	for (int i = 0; i < 4; i++) {
		char *line = strsep(&rest, "\n");
		CHECK(line);
		double want = (double)(numbers[i] - 1000) / 25;
		CHECK(strtod(line, NULL) > want - 0.0011 && strtod(line, NULL) < want + 0.0011);
	}
	free(times);
	free(command);
	free(path);
}

static void the_second_choice_of_encoder_works_too(void)
{
	static const struct {
		const char *name, *ending, *codec;
	} cases[] = {{"second.mp4", "mp4", "mpeg4"}, {"second.webm", "webm", "vp8"}};
	struct lun_format format = test_format(LUN_PIXEL_NV12, 64, 36);
	for (int i = 0; i < 2; i++) {
		char *path = in_dir(cases[i].name);
		const struct lun_encoder_choice *choices = lun_encoder_choices(cases[i].ending);
		struct lun_encoder_choice missing_first[] = {
		        {"lun-no-such-encoder", "", false}, choices[1], {0}};
		struct lun_writer *writer;
		CHECK_EQ(lun_video_open(path, cases[i].ending, missing_first, &format, &writer, NULL),
		        LUN_OK);
		for (uint64_t number = 0; number < 10; number++) {
			struct test_frame made = test_frame_make(&format, number);
			enum lun_result rc = writer->class->write(writer, &made.frame, NULL);
			free(made.data);
			CHECK_EQ(rc, LUN_OK);
		}
		CHECK_EQ(writer->class->finish(writer, NULL), LUN_OK);
		writer->class->close(writer);
		CHECK(probe_says(path, "codec_name", cases[i].codec));
		CHECK(probe_says(path, "nb_read_frames", "10"));
		CHECK(mean_difference(path, &format, 10) < 4);
		free(path);
	}
}

static void no_encoder_at_all_is_a_sentence(void)
{
	struct lun_format format = test_format(LUN_PIXEL_NV12, 64, 36);
	static const struct lun_encoder_choice none[] = {{"lun-no-such-encoder", "", false}, {0}};
	struct lun_writer *writer;
	struct lun_error err = {0};
	char *path = in_dir("none.mp4");
	CHECK_EQ(lun_video_open(path, "mp4", none, &format, &writer, &err), LUN_UNSUPPORTED);
	CHECK(strstr(err.message, "lun-no-such-encoder") && strstr(err.message, ".y4m"));
	CHECK(access(path, F_OK) != 0);
	free(path);
}

static void gstreamer_reads_the_videos(void)
{
	struct lun_format format = test_format(LUN_PIXEL_NV12, 64, 36);
	char *webm = write_file("g.webm", &format, 0, 8);
	CHECK(webm);
	char *made = in_dir("decoded.raw");
	char *command =
	        lun_format_string("gst-launch-1.0 -q filesrc location=%s ! matroskademux ! vp9dec ! "
	                          "video/x-raw,format=I420,width=64,height=36 ! filesink "
	                          "location=%s",
	                webm, made);
	free(test_shell(command));
	struct stat status;
	CHECK(stat(made, &status) == 0);
	CHECK_EQ(status.st_size, 8 * 64 * 36 * 3 / 2);
	free(command);

	char *mp4 = write_file("g.mp4", &format, 0, 8);
	CHECK(mp4);
	command = lun_format_string("gst-launch-1.0 -v filesrc location=%s ! qtdemux ! "
	                            "video/x-h264,width=64,height=36,framerate=30/1 ! fakesink",
	        mp4);
	char *said = test_shell(command);
	CHECK(strstr(said, "colorimetry=(string)bt601") || strstr(said, "colorimetry=(string)2:4"));
	free(said);
	free(command);
	free(made);
	free(mp4);
	free(webm);
}

static void the_same_frames_give_the_same_file(void)
{
	static const char *const endings[] = {"mp4", "mkv", "webm", "png"};
	struct lun_format format = test_format(LUN_PIXEL_NV12, 64, 36);
	for (int i = 0; i < 4; i++) {
		char *name = lun_format_string("same.%s", endings[i]);
		char *path = write_file(name, &format, 0, strcmp(endings[i], "png") ? 5 : 1);
		CHECK(path);
		size_t size;
		uint8_t *first = test_read(path, &size);
		free(path);
		path = write_file(name, &format, 0, strcmp(endings[i], "png") ? 5 : 1);
		CHECK(path && holds_bytes(path, 0, first, size));
		free(first);
		free(path);
		free(name);
	}
}

// What may go wrong

static void expect_refusal(const char *spec, enum lun_pixel_format pixel, enum lun_result want,
        const char *part_of_sentence)
{
	struct lun_format format = test_format(pixel, 16, 16);
	struct lun_output *output = NULL;
	struct lun_error err = {0};
	enum lun_result rc = test_open(spec, &format, &output, &err);
	if (rc != want || !strstr(err.message, part_of_sentence))
		printf("# %s: %d, \"%s\"\n", spec, rc, err.message);
	CHECK_EQ(rc, want);
	CHECK(!output);
	CHECK(strstr(err.message, part_of_sentence));
}

static void names_that_make_no_sense_are_refused_with_the_cure(void)
{
	expect_refusal("a.avi", LUN_PIXEL_I420, LUN_INVALID, ".y4m");
	expect_refusal("noending", LUN_PIXEL_I420, LUN_INVALID, ".mp4");
	expect_refusal(".png", LUN_PIXEL_I420, LUN_INVALID, ".png");
	expect_refusal("dir.png/x", LUN_PIXEL_I420, LUN_INVALID, ".mkv");
	expect_refusal("", LUN_PIXEL_I420, LUN_INVALID, "name");
	expect_refusal("file:", LUN_PIXEL_I420, LUN_INVALID, "name");
	expect_refusal("file", LUN_PIXEL_I420, LUN_INVALID, "name");
	expect_refusal("null:x", LUN_PIXEL_I420, LUN_INVALID, "null");
	expect_refusal("nosuch:thing", LUN_PIXEL_I420, LUN_UNSUPPORTED, "hash, null");
	expect_refusal("%s%n.png", LUN_PIXEL_I420, LUN_INVALID, "%04d");
	expect_refusal("a.y4m", LUN_PIXEL_NV12, LUN_INVALID, "--pixel-format i420");
	expect_refusal("a.nv12", LUN_PIXEL_I420, LUN_INVALID, "--pixel-format nv12");
	expect_refusal("a.bgra", LUN_PIXEL_YUY2, LUN_INVALID, "--pixel-format bgra");
	expect_refusal("a.mp4", LUN_PIXEL_BGRA, LUN_INVALID, "--pixel-format nv12");
	expect_refusal(
	        "/nosuchfolder/a.y4m", LUN_PIXEL_I420, LUN_IO, "/nosuchfolder/a.y4m: no such file");
	expect_refusal("/dev/null/a.mp4", LUN_PIXEL_NV12, LUN_IO, "/dev/null/a.mp4: not a directory");
}

static void colons_belong_to_files_where_no_output_is_meant(void)
{
	CHECK(lun_output_class_find("hash"));
	CHECK(!lun_output_class_find("has"));
	CHECK(!lun_output_class_find(""));
	struct lun_format format = test_format(LUN_PIXEL_I420, 16, 16);
	char *path = write_file("12:30 hash:.y4m", &format, 0, 1);
	CHECK(path && access(path, R_OK) == 0);
	free(path);
}

static void an_old_file_stays_until_the_new_one_is_whole(void)
{
	empty_dir();
	char *path = in_dir("old.y4m");
	FILE *old = fopen(path, "w");
	(void)fputs("old", old);
	(void)fclose(old);
	CHECK(chmod(path, 0640) == 0);
	struct lun_format format = test_format(LUN_PIXEL_I420, 16, 16);
	struct lun_output *output;
	CHECK_EQ(test_open(path, &format, &output, NULL), LUN_OK);
	CHECK_EQ(test_submit(output, &format, 0, NULL), LUN_OK);
	CHECK_EQ(count_files(), 2);
	CHECK(holds_bytes(path, 0, (const uint8_t *)"old", 3));
	lun_output_close(output);
	CHECK(holds_bytes(path, 0, (const uint8_t *)"old", 3));
	CHECK_EQ(count_files(), 1);

	char *link = in_dir("link.y4m");
	CHECK(symlink("old.y4m", link) == 0);
	CHECK_EQ(test_write(link, &format, 0, 1, NULL), LUN_OK);
	struct stat status;
	CHECK(lstat(link, &status) == 0 && S_ISLNK(status.st_mode));
	CHECK(stat(path, &status) == 0 && (status.st_mode & 0777) == 0640 && status.st_size > 3);
	CHECK_EQ(count_files(), 2);
	free(link);
	free(path);
}

static void nothing_submitted_means_nothing_written(void)
{
	empty_dir();
	struct lun_format format = test_format(LUN_PIXEL_NV12, 16, 16);
	char *path = in_dir("empty.mp4");
	struct lun_error err = {0};
	CHECK_EQ(test_write(path, &format, 0, 0, &err), LUN_INVALID);
	CHECK(strstr(err.message, "no frame"));
	CHECK_EQ(count_files(), 0);
	free(path);
}

// After the first failure everything says the same and the file has no name.
static void fill_until_it_fails(const char *spec, enum lun_pixel_format pixel, const char *why)
{
	struct lun_format format = test_format(pixel, 320, 180);
	struct lun_output *output;
	struct lun_error err = {0};
	enum lun_result rc = test_open(spec, &format, &output, &err);
	bool is_open = rc == LUN_OK;
	for (uint64_t number = 0; rc == LUN_OK && number < 300; number++)
		rc = test_submit(output, &format, number, &err);
	if (rc == LUN_OK)
		rc = lun_output_finish(output, &err);
	printf("# %s: %s\n", spec, err.message);
	CHECK_EQ(rc, LUN_IO);
	CHECK_EQ(err.code, LUN_IO);
	CHECK(strstr(err.message, spec) && strstr(err.message, why));
	if (!is_open)
		return;
	struct lun_error again = {0};
	CHECK_EQ(test_submit(output, &format, 1000, &again), LUN_IO);
	CHECK(!strcmp(again.message, err.message));
	CHECK_EQ(lun_output_finish(output, &again), LUN_IO);
	CHECK(!strcmp(again.message, err.message));
	lun_output_close(output);
}

static void a_full_disk_is_told(void)
{
	if (access("/dev/full", W_OK) != 0) {
		printf("# there is no /dev/full here\n");
		return;
	}
	fill_until_it_fails("/dev/full", LUN_PIXEL_I420, "no space left");
	CHECK(!t_failed);
	static const char *const endings[] = {"mp4", "mkv", "webm", "png", "nv12"};
	for (int i = 0; i < 5; i++) {
		char *name = lun_format_string("full.%s", endings[i]);
		char *path = in_dir(name);
		CHECK(symlink("/dev/full", path) == 0);
		if (strcmp(endings[i], "png"))
			fill_until_it_fails(path, LUN_PIXEL_NV12, "no space left");
		struct stat status;
		CHECK(lstat(path, &status) == 0 && S_ISLNK(status.st_mode));
		struct lun_error err = {0};
		struct lun_format format = test_format(LUN_PIXEL_NV12, 16, 16);
		CHECK_EQ(test_write(path, &format, 0, 1, &err), LUN_IO);
		CHECK(strstr(err.message, "no space left"));
		CHECK(unlink(path) == 0);
		free(path);
		free(name);
		CHECK(!t_failed);
	}
}

static void a_size_limit_is_told_and_leaves_nothing(void)
{
	empty_dir();
	struct rlimit old, tiny;
	CHECK(getrlimit(RLIMIT_FSIZE, &old) == 0);
	tiny = old;
	tiny.rlim_cur = 4000;
	static const char *const names[] = {"big.y4m", "big.mkv", "big.mp4"};
	for (int i = 0; i < 3; i++) {
		char *path = in_dir(names[i]);
		CHECK(setrlimit(RLIMIT_FSIZE, &tiny) == 0);
		fill_until_it_fails(path, LUN_PIXEL_I420, "file too large");
		CHECK(setrlimit(RLIMIT_FSIZE, &old) == 0);
		free(path);
		CHECK(!t_failed);
		CHECK_EQ(count_files(), 0);
	}
}

static void a_failed_picture_of_a_sequence_spoils_only_itself(void)
{
	empty_dir();
	struct lun_format format = test_format(LUN_PIXEL_BGRA, 16, 16);
	char *folder = in_dir("2.png"), *path = in_dir("%d.png");
	CHECK(mkdir(folder, 0700) == 0);
	struct lun_error err = {0};
	CHECK_EQ(test_write(path, &format, 0, 5, &err), LUN_IO);
	CHECK(strstr(err.message, "2.png"));
	CHECK_EQ(count_files(), 3);
	CHECK(rmdir(folder) == 0);
	free(folder);
	free(path);
}

static void a_fifo_is_written_straight_into(void)
{
	empty_dir();
	char *path = in_dir("pipe.y4m"), *copy = in_dir("copy.raw");
	CHECK(mkfifo(path, 0600) == 0);
	(void)fflush(stdout);
	pid_t reader = fork();
	if (reader == 0) {
		execlp("cp", "cp", "--copy-contents", path, copy, (char *)NULL);
		_exit(127);
	}
	struct lun_format format = test_format(LUN_PIXEL_I420, 64, 36);
	enum lun_result rc = test_write(path, &format, 0, 30, NULL);
	int status;
	CHECK(waitpid(reader, &status, 0) == reader && status == 0);
	CHECK_EQ(rc, LUN_OK);
	struct stat kind;
	CHECK(stat(path, &kind) == 0 && S_ISFIFO(kind.st_mode));
	CHECK(stat(copy, &kind) == 0);
	CHECK_EQ(
	        kind.st_size, strlen("YUV4MPEG2 W64 H36 F30:1 Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\n") +
	                              30 * (6 + 64 * 36 * 3 / 2));
	free(path);
	free(copy);
}

static void mp4_does_not_go_into_a_pipe_but_mkv_does(void)
{
	char *mp4 = in_dir("p.mp4"), *mkv = in_dir("p.mkv");
	CHECK(mkfifo(mp4, 0600) == 0 && mkfifo(mkv, 0600) == 0);
	struct lun_format format = test_format(LUN_PIXEL_NV12, 64, 36);
	// A reader and writer in one: opening does not wait, and the pipe takes these few bytes.
	int both = open(mp4, O_RDWR | O_CLOEXEC);
	struct lun_error err = {0};
	CHECK_EQ(test_write(mp4, &format, 0, 1, &err), LUN_INVALID);
	CHECK(strstr(err.message, ".mkv"));
	(void)close(both);
	both = open(mkv, O_RDWR | O_CLOEXEC);
	CHECK_EQ(test_write(mkv, &format, 0, 3, NULL), LUN_OK);
	uint8_t start[4];
	CHECK(read(both, start, 4) == 4);
	CHECK(!memcmp(start, "\x1a\x45\xdf\xa3", 4)); // EBML
	(void)close(both);
	CHECK(unlink(mp4) == 0 && unlink(mkv) == 0);
	free(mp4);
	free(mkv);
}

static void standard_output_is_y4m_for_i420_and_raw_for_the_rest(void)
{
	for (int p = 0; p < LUN_PIXEL_FORMATS; p++) {
		struct lun_format format = test_format((enum lun_pixel_format)p, 37, 21);
		char *path = in_dir("stdout");
		int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
		int saved = test_stdout_to(fd);
		enum lun_result rc = test_write(p % 2 ? "-" : "/dev/stdout", &format, 2, 1, NULL);
		test_stdout_back(saved);
		(void)close(fd);
		CHECK_EQ(rc, LUN_OK);
		size_t size;
		uint8_t *want = test_expect(&format, 2, 1, &size);
		const char header[] =
		        "YUV4MPEG2 W37 H21 F30:1 Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\nFRAME\n";
		size_t skip = format.pixel == LUN_PIXEL_I420 ? strlen(header) : 0;
		CHECK(holds_bytes(path, skip, want, size));
		free(want);
		free(path);
	}
}

static void a_reader_that_leaves_is_told(void)
{
	int ends[2];
	CHECK(pipe(ends) == 0);
	(void)close(ends[0]);
	struct lun_format format = test_format(LUN_PIXEL_I420, 16, 16);
	struct lun_error err = {0};
	int saved = test_stdout_to(ends[1]);
	enum lun_result rc = test_write("-", &format, 0, 1, &err);
	test_stdout_back(saved);
	(void)close(ends[1]);
	CHECK_EQ(rc, LUN_IO);
	CHECK(!strcmp(err.message, "standard output was closed"));
}

static void frames_are_not_poured_onto_a_terminal(void)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	CHECK(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
	char name[128];
	CHECK(ptsname_r(terminal, name, sizeof name) == 0);
	int screen = open(name, O_RDWR | O_NOCTTY);
	CHECK(screen >= 0);
	struct lun_format format = test_format(LUN_PIXEL_I420, 16, 16);
	struct lun_error err = {0};
	int saved = test_stdout_to(screen);
	enum lun_result rc = test_write("-", &format, 0, 1, &err);
	test_stdout_back(saved);
	(void)close(screen);
	(void)close(terminal);
	CHECK_EQ(rc, LUN_INVALID);
	CHECK(strstr(err.message, "terminal"));
}

static void a_non_blocking_pipe_is_waited_for(void)
{
	int ends[2];
	CHECK(pipe2(ends, O_NONBLOCK) == 0);
	char *copy = in_dir("slow.raw");
	(void)fflush(stdout);
	pid_t reader = fork();
	if (reader == 0) {
		(void)close(ends[1]);
		(void)fcntl(ends[0], F_SETFL, 0);
		(void)dup2(ends[0], STDIN_FILENO);
		int out = open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		(void)dup2(out, STDOUT_FILENO);
		execlp("cat", "cat", (char *)NULL);
		_exit(127);
	}
	(void)close(ends[0]);
	struct lun_format format = test_format(LUN_PIXEL_NV12, 320, 180);
	int saved = test_stdout_to(ends[1]);
	(void)close(ends[1]);
	enum lun_result rc = test_write("-", &format, 0, 10, NULL);
	test_stdout_back(saved);
	int status;
	CHECK(waitpid(reader, &status, 0) == reader && status == 0);
	CHECK_EQ(rc, LUN_OK);
	size_t size;
	uint8_t *want = test_expect(&format, 0, 10, &size);
	CHECK(holds_bytes(copy, 0, want, size));
	free(want);
	free(copy);
}

static void devices_without_an_ending_take_what_standard_output_takes(void)
{
	struct lun_format format = test_format(LUN_PIXEL_I420, 16, 16);
	CHECK_EQ(test_write("/dev/null", &format, 0, 3, NULL), LUN_OK);
	struct stat status;
	CHECK(stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode));
}

static void run_readers(void)
{
	if (has_ffmpeg) {
		RUN(y4m_reads_the_same_in_ffmpeg);
		RUN(a_grey_nv12_frame_is_grey_in_its_png);
		RUN(videos_carry_size_rate_colour_and_pictures);
		RUN(webm_takes_odd_sizes_and_mp4_names_the_cure);
		RUN(left_out_ticks_keep_their_time);
		RUN(the_second_choice_of_encoder_works_too);
	}
	if (has_gstreamer)
		RUN(gstreamer_reads_the_videos);
	if (has_y4mdec)
		RUN(y4m_reads_the_same_in_gstreamer);
	RUN(raw_files_read_the_same_in_ffmpeg_and_gstreamer);
	RUN(a_png_of_a_bgra_frame_is_exactly_its_rgb);
}

static void find_readers(void)
{
	has_ffmpeg = test_has_program("ffmpeg") && test_has_program("ffprobe");
	has_gstreamer = test_has_program("gst-launch-1.0");
	char *said = test_shell("gst-inspect-1.0 y4mdec");
	has_y4mdec = has_gstreamer && *said;
	free(said);
	printf("# readers:%s%s%s\n", has_ffmpeg ? " ffmpeg" : "", has_gstreamer ? " gstreamer" : "",
	        has_y4mdec ? " y4mdec" : " (no y4mdec: it is in gstreamer1.0-plugins-bad)");
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	// As every program that writes outputs must.
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	if (!mkdtemp(dir))
		return 1;
	find_readers();
	run_readers();
	RUN(y4m_has_a_header_and_the_packed_planes);
	RUN(y4m_header_fits_gstreamer_at_the_largest_usual_values);
	RUN(raw_files_hold_nothing_but_packed_frames);
	RUN(a_sequence_is_named_after_the_frames);
	RUN(a_second_frame_into_one_png_is_refused_with_the_cure);
	RUN(patterns_are_parsed_and_never_printed_with);
	RUN(no_encoder_at_all_is_a_sentence);
	RUN(the_same_frames_give_the_same_file);
	RUN(names_that_make_no_sense_are_refused_with_the_cure);
	RUN(colons_belong_to_files_where_no_output_is_meant);
	RUN(an_old_file_stays_until_the_new_one_is_whole);
	RUN(nothing_submitted_means_nothing_written);
	RUN(a_full_disk_is_told);
	RUN(a_size_limit_is_told_and_leaves_nothing);
	RUN(a_failed_picture_of_a_sequence_spoils_only_itself);
	RUN(a_fifo_is_written_straight_into);
	RUN(mp4_does_not_go_into_a_pipe_but_mkv_does);
	RUN(standard_output_is_y4m_for_i420_and_raw_for_the_rest);
	RUN(a_reader_that_leaves_is_told);
	RUN(frames_are_not_poured_onto_a_terminal);
	RUN(a_non_blocking_pipe_is_waited_for);
	RUN(devices_without_an_ending_take_what_standard_output_takes);
	empty_dir();
	(void)rmdir(dir);
	printf("1..%d\n", t_count);
	return t_any;
}
