// gradient.linear, gradient.radial and their methods.
#include <math.h>

#include "script/api/canvas.h"

#define GRADIENT "lunette.gradient"

struct gradient_handle {
	struct lun_gradient *gradient; // ref; NULL once closed
	struct lun_held *held;
};

static int l_gradient_close(lua_State *L)
{
	struct gradient_handle *handle = luaL_checkudata(L, 1, GRADIENT);
	struct lun_gradient *gradient = handle->gradient;
	handle->gradient = NULL;
	lun_vm_let_go(lun_vm_of(L), handle->held);
	handle->held = NULL;
	lun_gradient_unref(gradient);
	return 0;
}

static void release(void *gradient)
{
	lun_gradient_unref(gradient);
}

struct lun_gradient *lun_test_gradient(lua_State *L, int index)
{
	const struct gradient_handle *handle = luaL_testudata(L, index, GRADIENT);
	if (handle && !handle->gradient)
		(void)luaL_argerror(L, index, "gradient is closed");
	return handle ? handle->gradient : NULL;
}

// The gradient, ours alone to change: what was recorded with it keeps the old one.
static struct lun_gradient *check_own(lua_State *L, int arg)
{
	struct gradient_handle *handle = luaL_checkudata(L, arg, GRADIENT);
	luaL_argcheck(L, handle->gradient, arg, "gradient is closed");
	if (__atomic_load_n(&handle->gradient->refs, __ATOMIC_ACQUIRE) > 1) {
		struct lun_gradient *copy = lun_gradient_copy(handle->gradient);
		lun_gradient_unref(handle->gradient);
		handle->gradient = handle->held->object = copy;
	}
	return handle->gradient;
}

static void add_stop(lua_State *L, struct lun_gradient *gradient, struct lun_gradient_stop stop)
{
	if (lun_gradient_add_stop(gradient, stop) != LUN_OK)
		(void)luaL_error(L, "a gradient of more than %d stops", LUN_GRADIENT_MAX_STOPS);
}

// stops = { {0, "#000"}, {1, "#fff"} } at index
static void add_stops(lua_State *L, int index, struct lun_gradient *gradient)
{
	if (lua_isnoneornil(L, index))
		return;
	luaL_checktype(L, index, LUA_TTABLE);
	lua_Unsigned count = lua_rawlen(L, index);
	for (lua_Unsigned i = 1; i <= count; i++) {
		struct lun_gradient_stop stop;
		int is_number = 0;
		if (lua_rawgeti(L, index, (lua_Integer)i) == LUA_TTABLE) {
			(void)lua_rawgeti(L, -1, 1);
			stop.offset = lua_tonumberx(L, -1, &is_number);
			lua_pop(L, 1);
		}
		if (!is_number || !isfinite(stop.offset))
			(void)luaL_error(L, "gradient stop %d: wants {offset, colour}", (int)i);
		(void)lua_rawgeti(L, -1, 2);
		lun_check_color(L, -1, "gradient stop", stop.rgba);
		lua_pop(L, 2);
		add_stop(L, gradient, stop);
	}
}

static int create(lua_State *L, bool is_radial)
{
	double geometry[6];
	int count = is_radial ? 6 : 4;
	for (int i = 0; i < count; i++)
		geometry[i] = lun_check_number(L, i + 1);
	if (is_radial)
		luaL_argcheck(L, geometry[2] >= 0 && geometry[5] >= 0, 3, "a radius is negative");
	struct gradient_handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
	*handle = (struct gradient_handle){0};
	luaL_setmetatable(L, GRADIENT);
	handle->gradient = lun_gradient_create(is_radial, geometry);
	handle->held = lun_vm_hold(lun_vm_of(L), handle->gradient, release);
	add_stops(L, count + 1, handle->gradient);
	return 1;
}

static int l_gradient_linear(lua_State *L)
{
	lua_settop(L, 5);
	return create(L, false);
}

static int l_gradient_radial(lua_State *L)
{
	lua_settop(L, 7);
	return create(L, true);
}

static int add_color(lua_State *L, bool has_alpha)
{
	struct lun_gradient *gradient = check_own(L, 1);
	struct lun_gradient_stop stop = {
	        lun_check_number(L, 2),
	        {lun_check_number(L, 3), lun_check_number(L, 4), lun_check_number(L, 5),
	                has_alpha ? lun_check_number(L, 6) : 1},
	};
	add_stop(L, gradient, stop);
	return 0;
}

static int l_gradient_add_color_stop_rgb(lua_State *L)
{
	return add_color(L, false);
}

static int l_gradient_add_color_stop_rgba(lua_State *L)
{
	return add_color(L, true);
}

static int l_gradient_set_extend(lua_State *L)
{
	static const char *const names[] = {"none", "repeat", "reflect", "pad", NULL};
	check_own(L, 1)->extend = (cairo_extend_t)luaL_checkoption(L, 2, NULL, names);
	return 0;
}

static int l_gradient_set_filter(lua_State *L)
{
	static const char *const names[] = {"fast", "good", "best", "nearest", "bilinear", NULL};
	check_own(L, 1)->filter = (cairo_filter_t)luaL_checkoption(L, 2, NULL, names);
	return 0;
}

static int l_gradient_set_matrix(lua_State *L)
{
	struct lun_gradient *gradient = check_own(L, 1);
	cairo_matrix_t matrix;
	lun_check_matrix(L, 2, &matrix);
	gradient->matrix = matrix;
	return 0;
}

int lun_open_gradient(lua_State *L)
{
	static const luaL_Reg methods[] = {
	        {"add_color_stop_rgb", l_gradient_add_color_stop_rgb},
	        {"add_color_stop_rgba", l_gradient_add_color_stop_rgba},
	        {"set_extend", l_gradient_set_extend},
	        {"set_filter", l_gradient_set_filter},
	        {"set_matrix", l_gradient_set_matrix},
	        {"close", l_gradient_close},
	        {NULL, NULL},
	};
	static const luaL_Reg functions[] = {
	        {"linear", l_gradient_linear},
	        {"radial", l_gradient_radial},
	        {NULL, NULL},
	};
	lun_new_type(L, GRADIENT, methods, l_gradient_close);
	luaL_newlib(L, functions);
	return 1;
}
