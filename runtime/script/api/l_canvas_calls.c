// Methods that take only numbers and are cairo's own: one table, one binding.
#include <math.h>

#include "script/api/canvas.h"

struct number_call {
	const char *name;
	int argc;
	int points;       /**< added to the path */
	bool is_relative; /**< wants a current point */
	void (*call)(cairo_t *cr, const double *a);
};

static void call_move_to(cairo_t *cr, const double *a)
{
	cairo_move_to(cr, a[0], a[1]);
}

static void call_line_to(cairo_t *cr, const double *a)
{
	cairo_line_to(cr, a[0], a[1]);
}

static void call_curve_to(cairo_t *cr, const double *a)
{
	cairo_curve_to(cr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void call_rel_move_to(cairo_t *cr, const double *a)
{
	cairo_rel_move_to(cr, a[0], a[1]);
}

static void call_rel_line_to(cairo_t *cr, const double *a)
{
	cairo_rel_line_to(cr, a[0], a[1]);
}

static void call_rel_curve_to(cairo_t *cr, const double *a)
{
	cairo_rel_curve_to(cr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void call_rectangle(cairo_t *cr, const double *a)
{
	cairo_rectangle(cr, a[0], a[1], a[2], a[3]);
}

static void call_new_sub_path(cairo_t *cr, const double *a)
{
	(void)a;
	cairo_new_sub_path(cr);
}

static void call_close_path(cairo_t *cr, const double *a)
{
	(void)a;
	cairo_close_path(cr);
}

static void call_circle(cairo_t *cr, const double *a)
{
	cairo_new_sub_path(cr);
	cairo_arc(cr, a[0], a[1], lun_limit_length(cr, a[2]), 0, 2 * M_PI);
	cairo_close_path(cr);
}

static void call_set_line_width(cairo_t *cr, const double *a)
{
	cairo_set_line_width(cr, a[0]);
}

static void call_set_miter_limit(cairo_t *cr, const double *a)
{
	cairo_set_miter_limit(cr, a[0]);
}

static void call_set_tolerance(cairo_t *cr, const double *a)
{
	cairo_set_tolerance(cr, a[0]);
}

static const struct number_call calls[] = {
        {"move_to", 2, 1, false, call_move_to},
        {"line_to", 2, 1, false, call_line_to},
        {"curve_to", 6, 3, false, call_curve_to},
        {"rel_move_to", 2, 1, true, call_rel_move_to},
        {"rel_line_to", 2, 1, true, call_rel_line_to},
        {"rel_curve_to", 6, 3, true, call_rel_curve_to},
        {"rectangle", 4, 5, false, call_rectangle},
        {"new_sub_path", 0, 0, false, call_new_sub_path},
        {"close_path", 0, 1, false, call_close_path},
        {"circle", 3, 14, false, call_circle},
        {"set_line_width", 1, 0, false, call_set_line_width},
        {"set_miter_limit", 1, 0, false, call_set_miter_limit},
        {"set_tolerance", 1, 0, false, call_set_tolerance},
};

// Upvalue: the place in calls.
static int l_canvas_call(lua_State *L)
{
	const struct number_call *call = &calls[lua_tointeger(L, lua_upvalueindex(1))];
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	double arguments[6];
	for (int i = 0; i < call->argc; i++)
		arguments[i] = lun_check_number(L, i + 2);
	cairo_t *cr = lun_recorder_cairo(recorder);
	if (call->is_relative && !cairo_has_current_point(cr))
		return luaL_error(L, "%s: there is no current point to start from", call->name);
	lun_check_points(L, recorder, call->points);
	call->call(cr, arguments);
	return 0;
}

void lun_add_canvas_calls(lua_State *L)
{
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
		lua_pushinteger(L, (lua_Integer)i);
		lua_pushcclosure(L, l_canvas_call, 1);
		lua_setfield(L, -2, calls[i].name);
	}
}
