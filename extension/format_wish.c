// Settles a format between the command line and the scene.
#include "extension/format_wish.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void read_size(const json_t *value, int *out_size_px)
{
	if (!json_is_number(value))
		return;
	double size_px = json_number_value(value);
	// What no int holds is out of range anyway; the format's check says so.
	*out_size_px = size_px >= 0.0 && size_px <= 1e6 ? (int)size_px : -1;
}

static void read_rate(const json_t *value, struct lun_format *format)
{
	char text[64] = "";
	if (json_is_string(value))
		(void)snprintf(text, sizeof text, "%s", json_string_value(value));
	else if (json_is_number(value))
		(void)snprintf(text, sizeof text, "%.10g", json_number_value(value));
	else
		return;
	if (!lun_rate_parse(text, &format->fps_num, &format->fps_den))
		format->fps_num = 0;
}

enum lun_result lun_format_wish_settle(const struct lun_format_wish *wish, const json_t *output,
        struct lun_format *out_format, struct lun_error *err)
{
	const char *matrix = json_string_value(json_object_get(output, "matrix"));
	const char *range = json_string_value(json_object_get(output, "range"));
	*out_format = wish->format;
	if (!wish->has_size) {
		read_size(json_object_get(output, "width"), &out_format->width_px);
		read_size(json_object_get(output, "height"), &out_format->height_px);
	}
	if (!wish->has_rate)
		read_rate(json_object_get(output, "fps"), out_format);
	if (!wish->has_matrix && matrix && !lun_matrix_parse(matrix, &out_format->matrix))
		return lun_fail(err, LUN_SCRIPT, "scene.output.matrix is \"%s\"", matrix);
	if (!wish->has_range && range && !lun_range_parse(range, &out_format->range))
		return lun_fail(err, LUN_SCRIPT, "scene.output.range is \"%s\"", range);
	struct lun_error why;
	if (lun_format_check(out_format, &why) != LUN_OK)
		return lun_fail(err, LUN_SCRIPT, "scene.output: %s", why.message);
	return LUN_OK;
}
