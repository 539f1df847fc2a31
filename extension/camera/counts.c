// Counts and their percentiles.
#include "extension/camera/counts.h"

#include <stdlib.h>
#include <string.h>

#include "extension/camera/control.h"

void lun_counts_add_report(struct lun_camera_counts *counts, const struct lun_render_report *report)
{
	uint64_t us = report->script_ns / 1000;
	counts->script_us[counts->script_next] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
	counts->script_next = (counts->script_next + 1) % LUN_SCRIPT_TIMES;
	if (counts->script_count < LUN_SCRIPT_TIMES)
		counts->script_count++;
	counts->memory_bytes = report->memory_bytes;
}

void lun_counts_add_error(struct lun_camera_counts *counts, const struct lun_error *err)
{
	counts->errors++;
	counts->has_error = true;
	counts->last_error = *err;
}

static int compare_us(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static json_t *script_times(const struct lun_camera_counts *counts)
{
	uint32_t sorted[LUN_SCRIPT_TIMES];
	size_t count = counts->script_count;
	if (count == 0)
		return json_pack("{s:f, s:f}", "p50", 0.0, "p99", 0.0);
	memcpy(sorted, counts->script_us, count * sizeof sorted[0]);
	qsort(sorted, count, sizeof sorted[0], compare_us);
	return json_pack(
	        "{s:f, s:f}", "p50", sorted[count / 2] / 1e3, "p99", sorted[count * 99 / 100] / 1e3);
}

json_t *lun_counts_to_json(const struct lun_camera_counts *counts)
{
	json_t *error = counts->has_error ? lun_error_to_json(&counts->last_error) : json_null();
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:I}", "frames",
	        (json_int_t)counts->frames, "late", (json_int_t)counts->late, "dropped",
	        (json_int_t)counts->dropped, "repeated", (json_int_t)counts->repeated, "reloads",
	        (json_int_t)counts->reloads, "errors", (json_int_t)counts->errors, "last_error", error,
	        "script_ms", script_times(counts), "memory_bytes", (json_int_t)counts->memory_bytes);
}

json_t *lun_format_to_json(const struct lun_format *format)
{
	return json_pack("{s:s, s:i, s:i, s:i, s:i, s:s, s:s}", "pixel",
	        lun_pixel_format_name(format->pixel), "width", format->width_px, "height",
	        format->height_px, "fps_num", format->fps_num, "fps_den", format->fps_den, "matrix",
	        lun_matrix_name(format->matrix), "range", lun_range_name(format->range));
}
