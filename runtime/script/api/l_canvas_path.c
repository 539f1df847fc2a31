// Paths and transformations.
#include <math.h>

#include "script/api/canvas.h"

static bool is_invertible(const cairo_matrix_t *m)
{
	double determinant = m->xx * m->yy - m->yx * m->xy;
	return isfinite(determinant) && determinant != 0 && isfinite(m->x0) && isfinite(m->y0);
}

static int l_canvas_new_path(lua_State *L)
{
	lun_recorder_new_path(lun_check_canvas(L, 1));
	return 0;
}

static void add_arc(lua_State *L, void (*arc)(cairo_t *, double, double, double, double, double))
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	double x = lun_check_number(L, 2), y = lun_check_number(L, 3), radius = lun_check_number(L, 4);
	double from = lun_check_number(L, 5), to = lun_check_number(L, 6);
	lun_check_points(L, recorder, 2 + 6 * fabs(to - from));
	cairo_t *cr = lun_recorder_cairo(recorder);
	arc(cr, x, y, lun_limit_length(cr, radius), from, to);
}

static int l_canvas_arc(lua_State *L)
{
	add_arc(L, cairo_arc);
	return 0;
}

static int l_canvas_arc_negative(lua_State *L)
{
	add_arc(L, cairo_arc_negative);
	return 0;
}

static int l_canvas_rounded_rectangle(lua_State *L)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	double x = lun_check_number(L, 2), y = lun_check_number(L, 3);
	double w = lun_check_number(L, 4), h = lun_check_number(L, 5);
	double r = fmax(0, fmin(lun_check_number(L, 6), fmin(fabs(w), fabs(h)) / 2));
	lun_check_points(L, recorder, 24);
	cairo_t *cr = lun_recorder_cairo(recorder);
	r = lun_limit_length(cr, r);
	if (w < 0)
		x += w;
	if (h < 0)
		y += h;
	w = fabs(w);
	h = fabs(h);
	cairo_new_sub_path(cr);
	cairo_arc(cr, x + w - r, y + r, r, -M_PI_2, 0);
	cairo_arc(cr, x + w - r, y + h - r, r, 0, M_PI_2);
	cairo_arc(cr, x + r, y + h - r, r, M_PI_2, M_PI);
	cairo_arc(cr, x + r, y + r, r, M_PI, 3 * M_PI_2);
	cairo_close_path(cr);
	return 0;
}

static int l_canvas_ellipse(lua_State *L)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	double x = lun_check_number(L, 2), y = lun_check_number(L, 3);
	double rx = lun_check_number(L, 4), ry = lun_check_number(L, 5);
	lun_check_points(L, recorder, 14);
	cairo_t *cr = lun_recorder_cairo(recorder);
	cairo_matrix_t matrix, scaled = {rx, 0, 0, ry, x, y};
	cairo_get_matrix(cr, &matrix);
	scaled.xx = lun_limit_length(cr, rx);
	scaled.yy = lun_limit_length(cr, ry);
	cairo_matrix_multiply(&scaled, &scaled, &matrix);
	if (!is_invertible(&scaled)) // nothing to see, and cairo would never recover
		return 0;
	cairo_new_sub_path(cr);
	cairo_set_matrix(cr, &scaled);
	cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
	cairo_close_path(cr);
	cairo_set_matrix(cr, &matrix);
	return 0;
}

static double check_coordinate(lua_State *L, lua_Unsigned i)
{
	int is_number;
	(void)lua_rawgeti(L, 2, (lua_Integer)i);
	double value = lua_tonumberx(L, -1, &is_number);
	lua_pop(L, 1);
	if (!is_number || !isfinite(value))
		(void)luaL_error(L, "polygon: coordinate %d is not a finite number", (int)i);
	return value;
}

static int l_canvas_polygon(lua_State *L)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_Unsigned count = lua_rawlen(L, 2);
	luaL_argcheck(L, count % 2 == 0, 2, "polygon wants an even number of coordinates");
	lun_check_points(L, recorder, (double)count / 2 + 1);
	cairo_t *cr = lun_recorder_cairo(recorder);
	cairo_new_sub_path(cr);
	for (lua_Unsigned i = 1; i < count; i += 2) {
		double x = check_coordinate(L, i), y = check_coordinate(L, i + 1);
		cairo_line_to(cr, x, y);
	}
	cairo_close_path(cr);
	return 0;
}

static int l_canvas_get_current_point(lua_State *L)
{
	double x, y;
	cairo_get_current_point(lun_recorder_cairo(lun_check_canvas(L, 1)), &x, &y);
	lua_pushnumber(L, x);
	lua_pushnumber(L, y);
	return 2;
}

static int l_canvas_has_current_point(lua_State *L)
{
	lua_pushboolean(L, cairo_has_current_point(lun_recorder_cairo(lun_check_canvas(L, 1))));
	return 1;
}

// A pen of any width would need as many corners.
static void limit_pen(cairo_t *cr)
{
	cairo_set_line_width(cr, lun_limit_length(cr, cairo_get_line_width(cr)));
}

static int push_box(
        lua_State *L, void (*extents)(cairo_t *, double *, double *, double *, double *))
{
	double box[4];
	extents(lun_recorder_cairo(lun_check_canvas(L, 1)), &box[0], &box[1], &box[2], &box[3]);
	for (int i = 0; i < 4; i++)
		lua_pushnumber(L, box[i]);
	return 4;
}

static int l_canvas_path_extents(lua_State *L)
{
	return push_box(L, cairo_path_extents);
}

static int l_canvas_fill_extents(lua_State *L)
{
	return push_box(L, cairo_fill_extents);
}

static int l_canvas_stroke_extents(lua_State *L)
{
	limit_pen(lun_recorder_cairo(lun_check_canvas(L, 1)));
	return push_box(L, cairo_stroke_extents);
}

static int l_canvas_clip_extents(lua_State *L)
{
	return push_box(L, cairo_clip_extents);
}

static int push_hit(lua_State *L, cairo_bool_t (*test)(cairo_t *, double, double))
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	lua_pushboolean(L, test(cr, lun_check_number(L, 2), lun_check_number(L, 3)));
	return 1;
}

static int l_canvas_in_fill(lua_State *L)
{
	return push_hit(L, cairo_in_fill);
}

static int l_canvas_in_stroke(lua_State *L)
{
	limit_pen(lun_recorder_cairo(lun_check_canvas(L, 1)));
	return push_hit(L, cairo_in_stroke);
}

static int l_canvas_in_clip(lua_State *L)
{
	return push_hit(L, cairo_in_clip);
}

// A singular matrix would break cairo's context for good, so it never gets there.
static int apply_matrix(lua_State *L, const cairo_matrix_t *matrix)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	cairo_matrix_t before, after;
	cairo_get_matrix(lun_recorder_cairo(recorder), &before);
	cairo_matrix_multiply(&after, matrix, &before);
	if (!is_invertible(matrix) || !is_invertible(&after))
		return luaL_error(L, "the transformation cannot be inverted (a scale of 0?)");
	cairo_set_matrix(lun_recorder_cairo(recorder), &after);
	return 0;
}

static int l_canvas_translate(lua_State *L)
{
	cairo_matrix_t matrix;
	cairo_matrix_init_translate(&matrix, lun_check_number(L, 2), lun_check_number(L, 3));
	return apply_matrix(L, &matrix);
}

static int l_canvas_scale(lua_State *L)
{
	cairo_matrix_t matrix;
	double sx = lun_check_number(L, 2);
	cairo_matrix_init_scale(&matrix, sx, lun_opt_number(L, 3, sx));
	return apply_matrix(L, &matrix);
}

static int l_canvas_rotate(lua_State *L)
{
	cairo_matrix_t matrix;
	cairo_matrix_init_rotate(&matrix, lun_check_number(L, 2));
	return apply_matrix(L, &matrix);
}

void lun_check_matrix(lua_State *L, int arg, cairo_matrix_t *out_matrix)
{
	double *const members[] = {&out_matrix->xx, &out_matrix->yx, &out_matrix->xy, &out_matrix->yy,
	        &out_matrix->x0, &out_matrix->y0};
	luaL_checktype(L, arg, LUA_TTABLE);
	for (int i = 0; i < 6; i++) {
		int is_number;
		(void)lua_rawgeti(L, arg, i + 1);
		*members[i] = lua_tonumberx(L, -1, &is_number);
		lua_pop(L, 1);
		if (!is_number || !isfinite(*members[i]))
			(void)luaL_argerror(L, arg, "a matrix is {xx, yx, xy, yy, x0, y0}, finite numbers");
	}
	luaL_argcheck(L, is_invertible(out_matrix), arg, "the matrix cannot be inverted");
}

static int l_canvas_transform(lua_State *L)
{
	cairo_matrix_t matrix;
	lun_check_matrix(L, 2, &matrix);
	return apply_matrix(L, &matrix);
}

static int l_canvas_set_matrix(lua_State *L)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	cairo_matrix_t matrix;
	lun_check_matrix(L, 2, &matrix);
	luaL_argcheck(
	        L, lun_recorder_set_matrix(recorder, &matrix), 2, "the matrix cannot be inverted");
	return 0;
}

static int l_canvas_identity_matrix(lua_State *L)
{
	cairo_matrix_t identity;
	cairo_matrix_init_identity(&identity);
	(void)lun_recorder_set_matrix(lun_check_canvas(L, 1), &identity);
	return 0;
}

static int l_canvas_get_matrix(lua_State *L)
{
	cairo_matrix_t m;
	lun_recorder_get_matrix(lun_check_canvas(L, 1), &m);
	const double members[] = {m.xx, m.yx, m.xy, m.yy, m.x0, m.y0};
	lua_createtable(L, 6, 0);
	for (int i = 0; i < 6; i++) {
		lua_pushnumber(L, members[i]);
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

static int push_transformed(lua_State *L, bool is_inverse,
        void (*transform)(const cairo_matrix_t *, double *, double *))
{
	cairo_matrix_t matrix;
	lun_recorder_get_matrix(lun_check_canvas(L, 1), &matrix);
	double x = lun_check_number(L, 2), y = lun_check_number(L, 3);
	if (is_inverse)
		(void)cairo_matrix_invert(&matrix);
	transform(&matrix, &x, &y);
	lua_pushnumber(L, x);
	lua_pushnumber(L, y);
	return 2;
}

static int l_canvas_user_to_device(lua_State *L)
{
	return push_transformed(L, false, cairo_matrix_transform_point);
}

static int l_canvas_device_to_user(lua_State *L)
{
	return push_transformed(L, true, cairo_matrix_transform_point);
}

static int l_canvas_user_to_device_distance(lua_State *L)
{
	return push_transformed(L, false, cairo_matrix_transform_distance);
}

static int l_canvas_device_to_user_distance(lua_State *L)
{
	return push_transformed(L, true, cairo_matrix_transform_distance);
}

const luaL_Reg lun_canvas_path_methods[] = {
        {"new_path", l_canvas_new_path},
        {"arc", l_canvas_arc},
        {"arc_negative", l_canvas_arc_negative},
        {"rounded_rectangle", l_canvas_rounded_rectangle},
        {"ellipse", l_canvas_ellipse},
        {"polygon", l_canvas_polygon},
        {"get_current_point", l_canvas_get_current_point},
        {"has_current_point", l_canvas_has_current_point},
        {"copy_path", l_canvas_copy_path},
        {"append_path", l_canvas_append_path},
        {"path_extents", l_canvas_path_extents},
        {"fill_extents", l_canvas_fill_extents},
        {"stroke_extents", l_canvas_stroke_extents},
        {"clip_extents", l_canvas_clip_extents},
        {"in_fill", l_canvas_in_fill},
        {"in_stroke", l_canvas_in_stroke},
        {"in_clip", l_canvas_in_clip},
        {"translate", l_canvas_translate},
        {"scale", l_canvas_scale},
        {"rotate", l_canvas_rotate},
        {"transform", l_canvas_transform},
        {"set_matrix", l_canvas_set_matrix},
        {"get_matrix", l_canvas_get_matrix},
        {"identity_matrix", l_canvas_identity_matrix},
        {"user_to_device", l_canvas_user_to_device},
        {"device_to_user", l_canvas_device_to_user},
        {"user_to_device_distance", l_canvas_user_to_device_distance},
        {"device_to_user_distance", l_canvas_device_to_user_distance},
        {NULL, NULL},
};
