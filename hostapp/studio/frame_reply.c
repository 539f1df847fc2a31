// Takes a frame from the camera without trusting a number in it: the format is checked, and the
// memory has to be as large as the format needs and sealed against shrinking, since reading past
// the end of a file is a SIGBUS.
#include "frame_reply.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static bool read_int(const json_t *object, const char *name, int *out_value)
{
	const json_t *value = json_object_get(object, name);
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value) || number < 0 || number > INT32_MAX)
		return false;
	*out_value = (int)number;
	return true;
}

static const char *read_name(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static bool read_format(const json_t *object, struct lun_format *out_format)
{
	struct lun_format format = lun_format_default();
	// An opaque RGB format has no use for a matrix and may leave it out.
	bool is_complete = lun_pixel_format_parse(read_name(object, "pixel"), &format.pixel) &&
	                   read_int(object, "width", &format.width_px) &&
	                   read_int(object, "height", &format.height_px) &&
	                   read_int(object, "fps_num", &format.fps_num) &&
	                   read_int(object, "fps_den", &format.fps_den) &&
	                   (format.pixel == LUN_PIXEL_BGRA ||
	                           (lun_matrix_parse(read_name(object, "matrix"), &format.matrix) &&
	                                   lun_range_parse(read_name(object, "range"), &format.range)));
	if (!is_complete || lun_format_check(&format, NULL) != LUN_OK)
		return false;
	*out_format = format;
	return true;
}

static enum lun_result check_memory(int fd, size_t need_bytes, struct lun_error *err)
{
	struct stat status;
	if (fd < 0 || fstat(fd, &status) != 0)
		return lun_fail(err, LUN_IO, "the camera sent a frame without its memory");
	if (status.st_size < 0 || (uintmax_t)status.st_size < need_bytes)
		return lun_fail(err, LUN_IO, "the camera sent %jd bytes for a frame of %zu",
		        (intmax_t)status.st_size, need_bytes);
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || !(seals & F_SEAL_SHRINK))
		return lun_fail(err, LUN_IO, "the camera sent a frame in memory that is not sealed");
	return LUN_OK;
}

enum lun_result lun_frame_reply_map(
        const json_t *reply, int fd, struct lun_frame_reply *out_frame, struct lun_error *err)
{
	struct lun_frame_reply frame = {0};
	const json_t *serial = json_object_get(reply, "serial");
	if (!json_is_integer(serial) || json_integer_value(serial) < 0)
		return lun_fail(err, LUN_IO, "the camera sent a frame without a serial number");
	frame.serial = (uint64_t)json_integer_value(serial);
	if (!read_format(json_object_get(reply, "format"), &frame.format))
		return lun_fail(err, LUN_IO, "the camera sent a frame in a format that makes no sense");
	struct lun_layout layout;
	lun_format_layout(&frame.format, &layout);
	enum lun_result rc = check_memory(fd, layout.size_bytes, err);
	if (rc != LUN_OK)
		return rc;
	void *memory = mmap(NULL, layout.size_bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return lun_fail(err, LUN_IO, "cannot map the camera's frame: %s", strerror(errno));
	frame.data = memory;
	frame.size_bytes = layout.size_bytes;
	*out_frame = frame;
	return LUN_OK;
}

void lun_frame_reply_unmap(struct lun_frame_reply *frame)
{
	(void)munmap((void *)frame->data, frame->size_bytes);
}
