/**
 * The format of a frame: pixel format, size, frame rate, colour matrix, range; and where its
 * planes lie in memory.
 *
 * Thread: any; everything here is a value.
 */
#pragma once

#include "lunette/base.h"

enum lun_pixel_format {
	LUN_PIXEL_NV12, /**< 4:2:0, Y plane, interleaved CbCr plane */
	LUN_PIXEL_I420, /**< 4:2:0, Y, Cb, Cr planes */
	LUN_PIXEL_YUY2, /**< 4:2:2, packed Y0 Cb Y1 Cr */
	LUN_PIXEL_BGRA, /**< bytes B G R A; opaque; matrix and range do not apply */
};
#define LUN_PIXEL_FORMATS 4

enum lun_matrix {
	LUN_MATRIX_BT601, /**< ITU-R BT.601-7: Kr 0.299, Kb 0.114 */
	LUN_MATRIX_BT709, /**< ITU-R BT.709-6: Kr 0.2126, Kb 0.0722 */
};

enum lun_range {
	LUN_RANGE_LIMITED, /**< Y 16..235, C 16..240 */
	LUN_RANGE_FULL,    /**< 0..255 */
};

/** {0} is not valid; start from lun_format_default(). */
struct lun_format {
	enum lun_pixel_format pixel;
	int width_px, height_px;
	int fps_num, fps_den;
	enum lun_matrix matrix;
	enum lun_range range;
};

#define LUN_MAX_SIZE_PX 8192
#define LUN_MAX_PLANES 3

/** Where the planes lie. Strides are multiples of 4 (GStreamer's default layout). */
struct lun_layout {
	int planes;
	size_t offset_bytes[LUN_MAX_PLANES];
	int stride_bytes[LUN_MAX_PLANES];
	int row_bytes[LUN_MAX_PLANES]; /**< the bytes of a row that carry pixels */
	int rows[LUN_MAX_PLANES];      /**< chroma of an odd height is rounded up */
	size_t size_bytes;             /**< of one frame in this layout */
};

/** NV12, 1920 x 1080, 30/1, BT.601 limited: what goes on air when nobody chose otherwise. */
struct lun_format lun_format_default(void);

/**
 * @return LUN_OK, or LUN_INVALID with a sentence: sizes 1..LUN_MAX_SIZE_PX, rate above 0 and at
 *         most 240 per second. Odd sizes are valid in every pixel format.
 */
enum lun_result lun_format_check(const struct lun_format *format, struct lun_error *err);

bool lun_format_equal(const struct lun_format *a, const struct lun_format *b);

/** The padded layout used in memory. format must be valid. */
void lun_format_layout(const struct lun_format *format, struct lun_layout *out_layout);

/** Size of one frame without padding: what raw files and pipes carry. */
size_t lun_format_packed_bytes(const struct lun_format *format);

/** Copy a frame row by row without its padding. out holds lun_format_packed_bytes(). */
void lun_format_pack(const struct lun_format *format, const struct lun_layout *layout,
        const uint8_t *data, uint8_t *out);

/** Nanoseconds from tick 0 to tick number: exact integer arithmetic, no drift. */
uint64_t lun_format_tick_ns(const struct lun_format *format, uint64_t number);

/* Names: "nv12" "i420" "yuy2" "bgra"; "bt601" "bt709"; "limited" "full". */
const char *lun_pixel_format_name(enum lun_pixel_format pixel);
const char *lun_matrix_name(enum lun_matrix matrix);
const char *lun_range_name(enum lun_range range);

/* Parsers are case-insensitive and return false for what they do not know. */
bool lun_pixel_format_parse(const char *text, enum lun_pixel_format *out_pixel);
bool lun_matrix_parse(const char *text, enum lun_matrix *out_matrix);
bool lun_range_parse(const char *text, enum lun_range *out_range);
/** "1280x720" */
bool lun_size_parse(const char *text, int *out_width_px, int *out_height_px);
/** "30", "29.97" (becomes 30000/1001), "30000/1001" */
bool lun_rate_parse(const char *text, int *out_num, int *out_den);
