// Frames for the tests of the outputs: a moving pattern written straight from its formula, both as
// a padded frame in memory and as the packed bytes that a reader of the file should see.
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extension/output.h"
#include "lunette/frame.h"

#define PADDING 0xee

// Component 0 is Y (or B), 1 Cb (G), 2 Cr (R); x and y count in the component's own samples.
static inline uint8_t test_sample(int component, int x, int y, uint64_t number)
{
	int n = (int)(number % 997);
	switch (component) {
	case 0:
		return (uint8_t)(40 + (x * 2 + y * 3 + n * 7) % 160);
	case 1:
		return (uint8_t)(90 + (x + n) % 40);
	default:
		return (uint8_t)(150 + (y + n) % 40);
	}
}

static inline uint8_t *test_put_plane(
        uint8_t *out, int component, int width, int height, uint64_t number)
{
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++)
			*out++ = test_sample(component, x, y, number);
	}
	return out;
}

static inline size_t test_packed_bytes(const struct lun_format *f)
{
	size_t w = (size_t)f->width_px, h = (size_t)f->height_px, cw = (w + 1) / 2, ch = (h + 1) / 2;
	switch (f->pixel) {
	case LUN_PIXEL_YUY2:
		return cw * 4 * h;
	case LUN_PIXEL_BGRA:
		return w * 4 * h;
	default:
		return w * h + 2 * cw * ch;
	}
}

static inline void test_pack_yuv420(uint8_t *out, const struct lun_format *f, uint64_t number)
{
	int w = f->width_px, h = f->height_px, cw = (w + 1) / 2, ch = (h + 1) / 2;
	out = test_put_plane(out, 0, w, h, number);
	if (f->pixel == LUN_PIXEL_I420) {
		out = test_put_plane(out, 1, cw, ch, number);
		(void)test_put_plane(out, 2, cw, ch, number);
		return;
	}
	for (int y = 0; y < ch; y++) {
		for (int x = 0; x < cw; x++) {
			*out++ = test_sample(1, x, y, number);
			*out++ = test_sample(2, x, y, number);
		}
	}
}

/** The packed bytes of a frame, from the formula alone. */
static inline void test_pack(uint8_t *out, const struct lun_format *f, uint64_t number)
{
	if (f->pixel == LUN_PIXEL_NV12 || f->pixel == LUN_PIXEL_I420) {
		test_pack_yuv420(out, f, number);
		return;
	}
	bool is_bgra = f->pixel == LUN_PIXEL_BGRA;
	for (int y = 0; y < f->height_px; y++) {
		for (int x = 0; x < (is_bgra ? f->width_px : (f->width_px + 1) / 2); x++) {
			*out++ = test_sample(0, is_bgra ? x : 2 * x, y, number);
			*out++ = test_sample(1, x, y, number);
			*out++ = test_sample(is_bgra ? 2 : 0, is_bgra ? x : 2 * x + 1, y, number);
			*out++ = is_bgra ? 255 : test_sample(2, x, y, number);
		}
	}
}

struct test_frame {
	struct lun_frame frame;
	uint8_t *data; // owned
};

/** A frame in memory; what is padding holds PADDING. The caller frees data. */
static inline struct test_frame test_frame_make(const struct lun_format *format, uint64_t number)
{
	struct test_frame made = {.frame = {.format = *format, .number = number}};
	struct lun_layout *layout = &made.frame.layout;
	lun_format_layout(format, layout);
	made.data = malloc(layout->size_bytes);
	memset(made.data, PADDING, layout->size_bytes);
	uint8_t *packed = malloc(test_packed_bytes(format)), *from = packed;
	test_pack(packed, format, number);
	for (int p = 0; p < layout->planes; p++) {
		for (int y = 0; y < layout->rows[p]; y++, from += layout->row_bytes[p])
			memcpy(made.data + layout->offset_bytes[p] +
			                (size_t)y * (size_t)layout->stride_bytes[p],
			        from, (size_t)layout->row_bytes[p]);
	}
	free(packed);
	made.frame.data = made.data;
	made.frame.time_ns =
	        number * 1000000000u * (unsigned)format->fps_den / (unsigned)format->fps_num;
	return made;
}

static inline enum lun_result test_submit(struct lun_output *output,
        const struct lun_format *format, uint64_t number, struct lun_error *err)
{
	struct test_frame made = test_frame_make(format, number);
	enum lun_result rc = lun_output_submit(output, &made.frame, err);
	free(made.data);
	return rc;
}

static inline struct lun_format test_format(enum lun_pixel_format pixel, int width, int height)
{
	return (struct lun_format){.pixel = pixel,
	        .width_px = width,
	        .height_px = height,
	        .fps_num = 30,
	        .fps_den = 1,
	        .matrix = LUN_MATRIX_BT601,
	        .range = LUN_RANGE_LIMITED};
}

static inline enum lun_result test_open(const char *spec, const struct lun_format *format,
        struct lun_output **out_output, struct lun_error *err)
{
	struct lun_output_params params = {.name = "test", .formats = format, .formats_count = 1};
	return lun_output_open(spec, &params, out_output, err);
}

/** Open, submit frames first .. first + count - 1, finish, close. */
static inline enum lun_result test_write(const char *spec, const struct lun_format *format,
        uint64_t first, int count, struct lun_error *err)
{
	struct lun_output *output;
	enum lun_result rc = test_open(spec, format, &output, err);
	if (rc != LUN_OK)
		return rc;
	for (int i = 0; i < count && rc == LUN_OK; i++)
		rc = test_submit(output, format, first + (uint64_t)i, err);
	if (rc == LUN_OK)
		rc = lun_output_finish(output, err);
	lun_output_close(output);
	return rc;
}

/** The packed bytes of several frames; the caller frees them. */
static inline uint8_t *test_expect(
        const struct lun_format *format, uint64_t first, int count, size_t *out_bytes)
{
	size_t frame_bytes = test_packed_bytes(format);
	uint8_t *bytes = malloc(frame_bytes * (size_t)count);
	for (int i = 0; i < count; i++)
		test_pack(bytes + frame_bytes * (size_t)i, format, first + (uint64_t)i);
	*out_bytes = frame_bytes * (size_t)count;
	return bytes;
}

/** A whole file; NULL if it cannot be read. One zero byte follows. The caller frees it. */
static inline uint8_t *test_read(const char *path, size_t *out_bytes)
{
	*out_bytes = 0;
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	uint8_t *bytes = NULL;
	size_t used = 0, got;
	do {
		bytes = realloc(bytes, used + 65536 + 1);
		got = fread(bytes + used, 1, 65536, file);
		used += got;
	} while (got > 0);
	(void)fclose(file);
	bytes[used] = 0;
	*out_bytes = used;
	return bytes;
}

/** What a shell command prints, "" when it fails. The caller frees it. */
static inline char *test_shell(const char *command)
{
	char *bounded = lun_format_string("exec 2>/dev/null; timeout 60 %s", command);
	FILE *pipe = popen(bounded, "r");
	free(bounded);
	char *text = calloc(1, 65536);
	size_t used = pipe ? fread(text, 1, 65535, pipe) : 0;
	if (!pipe || pclose(pipe) != 0)
		used = 0;
	text[used] = 0;
	return text;
}

static inline bool test_has_program(const char *name)
{
	char *command = lun_format_string("sh -c 'command -v %s'", name);
	char *text = test_shell(command);
	bool has = *text != 0;
	free(command);
	free(text);
	return has;
}

/** Standard output goes to a file until test_stdout_back(). @return what that needs */
static inline int test_stdout_to(int fd)
{
	(void)fflush(stdout);
	int saved = dup(STDOUT_FILENO);
	(void)dup2(fd, STDOUT_FILENO);
	return saved;
}

static inline void test_stdout_back(int saved)
{
	(void)dup2(saved, STDOUT_FILENO);
	(void)close(saved);
}
