// The canvas type: what `cr` is. Its methods lie in the l_canvas_*.c files beside this one.
#include <string.h>

#include "script/api/canvas.h"

#define CANVAS "lunette.canvas"

struct canvas_handle {
	struct lun_recorder *recorder; // borrowed from the world, which outlives the VM
};

static const char canvas_key;

struct lun_recorder *lun_check_canvas(lua_State *L, int arg)
{
	struct canvas_handle *handle = luaL_checkudata(L, arg, CANVAS);
	if (!lun_recorder_is_begun(handle->recorder))
		(void)luaL_argerror(L, arg, "canvas used outside its draw callback");
	return handle->recorder;
}

void lun_check_points(lua_State *L, struct lun_recorder *recorder, double points)
{
	if (!lun_recorder_count_points(recorder, points))
		(void)luaL_error(L, "a path of more than %d points", LUN_MAX_PATH_POINTS);
}

// cr.method, cr.width, cr.height. Upvalue: the methods.
static int l_canvas_index(lua_State *L)
{
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
	const struct lun_world *world = lun_world_of(L);
	if (strcmp(key, "width") == 0)
		lua_pushnumber(L, world->design_width);
	else if (strcmp(key, "height") == 0)
		lua_pushnumber(L, world->design_height);
	else
		return luaL_error(L, "the canvas has no method \"%s\"", luaL_tolstring(L, 2, NULL));
	return 1;
}

void lun_push_canvas(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &canvas_key) != LUA_TNIL)
		return;
	lua_pop(L, 1);
	struct canvas_handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
	handle->recorder = lun_world_of(L)->recorder;
	luaL_setmetatable(L, CANVAS);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &canvas_key);
}

int lun_open_canvas(lua_State *L)
{
	lun_open_pattern(L);
	lun_open_path(L);
	(void)luaL_newmetatable(L, CANVAS);
	lua_newtable(L);
	lun_add_canvas_calls(L);
	luaL_setfuncs(L, lun_canvas_path_methods, 0);
	luaL_setfuncs(L, lun_canvas_style_methods, 0);
	luaL_setfuncs(L, lun_canvas_paint_methods, 0);
	luaL_setfuncs(L, lun_canvas_text_methods, 0);
	luaL_setfuncs(L, lun_canvas_picture_methods, 0);
	lua_pushcclosure(L, l_canvas_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pushliteral(L, "locked");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
	return 0;
}
