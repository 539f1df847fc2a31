// lunette snapshot: the picture on air as a PNG.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extension/file/png.h"
#include "extension/file/target.h"
#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/report.h"

struct options {
	const char *out;
	struct lun_link_options camera;
};

#define MEMBER(member) offsetof(struct options, member)
static const struct lun_option option_table[] = {
        {.name = "out",
                .letter = 'o',
                .type = LUN_OPTION_TEXT,
                .offset = MEMBER(out),
                .value = "OUT.png",
                .is_required = true,
                .help = "where the picture goes; - for standard output"},
        {0},
};

static const struct lun_option_group option_groups[] = {
        {option_table, 0},
        {lun_link_option_table, MEMBER(camera)},
        {0},
};

static bool read_format(const json_t *object, struct lun_format *out_format)
{
	const char *pixel = NULL, *matrix = NULL, *range = NULL;
	struct lun_format format;
	if (json_unpack((json_t *)object, "{s:s, s:i, s:i, s:i, s:i, s:s, s:s}", "pixel", &pixel,
	            "width", &format.width_px, "height", &format.height_px, "fps_num", &format.fps_num,
	            "fps_den", &format.fps_den, "matrix", &matrix, "range", &range) != 0)
		return false;
	if (!lun_pixel_format_parse(pixel, &format.pixel) ||
	        !lun_matrix_parse(matrix, &format.matrix) || !lun_range_parse(range, &format.range))
		return false;
	*out_format = format;
	return lun_format_check(&format, NULL) == LUN_OK;
}

// The frame lies in memory that the camera shares: its size is checked before it is touched.
static enum lun_result write_frame(
        const char *path, const json_t *reply, int fd, struct lun_error *err)
{
	struct lun_frame frame = {0};
	struct stat info;
	if (fd < 0 || !read_format(json_object_get(reply, "format"), &frame.format))
		return lun_fail(err, LUN_IO, "the camera sent no frame that this program understands");
	lun_format_layout(&frame.format, &frame.layout);
	size_t size = frame.layout.size_bytes;
	if (fstat(fd, &info) != 0 || info.st_size < 0 || (size_t)info.st_size < size)
		return lun_fail(err, LUN_IO, "the camera sent less than a frame");
	void *data = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED)
		return lun_fail(err, LUN_IO, "cannot read the camera's frame: %s", strerror(errno));
	frame.data = data;
	frame.number = (uint64_t)json_integer_value(json_object_get(reply, "number"));
	enum lun_result rc = lun_png_write(path, &frame, err);
	(void)munmap(data, size);
	return rc;
}

static bool is_picture_name(const char *path)
{
	size_t length = strlen(path);
	return length > 4 && strcasecmp(path + length - 4, ".png") == 0;
}

// x.png for "x.jpg", "a.b/x" and "x".
static int refuse_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash : path, '.');
	int length = dot && dot > path && dot[-1] != '/' ? (int)(dot - path) : (int)strlen(path);
	return lun_report(LUN_EXIT_USAGE, "snapshot", "%s: a snapshot is a PNG: name it %.*s.png", path,
	        length, path);
}

static int run(const void *values, const struct lun_option_texts *arguments)
{
	const struct options *options = values;
	json_t *reply = NULL;
	int fd = -1;
	struct lun_error err;
	(void)arguments;
	bool is_stdout = strcmp(options->out, "-") == 0;
	if (is_stdout && options->camera.is_json)
		return lun_report(LUN_EXIT_USAGE, "snapshot", "--json and -o - both want standard output");
	if (!is_stdout && !is_picture_name(options->out) && !lun_target_is_straight(options->out))
		return refuse_name(options->out);
	int code = lun_camera_ask("snapshot", &options->camera,
	        json_pack("{s:s, s:i}", "do", "frame", "after", 0), &reply, &fd);
	if (code == LUN_EXIT_FINE && write_frame(options->out, reply, fd, &err) != LUN_OK)
		code = lun_report_failure_as(options->camera.is_json, "snapshot", &err);
	if (code == LUN_EXIT_FINE && options->camera.is_json)
		code = lun_report_json(json_pack("{s:b, s:s, s:O?, s:O?}", "ok", 1, "output", options->out,
		        "number", json_object_get(reply, "number"), "format",
		        json_object_get(reply, "format")));
	if (fd >= 0)
		(void)close(fd);
	json_decref(reply);
	return code;
}

const struct lun_command lun_command_snapshot = {
        .name = "snapshot",
        .arguments = "",
        .help = "save the picture on air as a PNG",
        .groups = option_groups,
        .values_size = sizeof(struct options),
        .run = run,
};
