// Argument checks shared by all bindings.
#include "script/bind.h"

#include <math.h>
#include <string.h>

#include "lunette/params.h"

double lun_check_number(lua_State *L, int arg)
{
	double number = luaL_checknumber(L, arg);
	luaL_argcheck(L, isfinite(number), arg, "number is not finite");
	return number;
}

double lun_opt_number(lua_State *L, int arg, double fallback)
{
	return lua_isnoneornil(L, arg) ? fallback : lun_check_number(L, arg);
}

const char *lun_check_path(lua_State *L, int arg)
{
	size_t length;
	const char *path = luaL_checklstring(L, arg, &length);
	luaL_argcheck(L, strlen(path) == length, arg, "a name of a file has no zero bytes");
	return path;
}

bool lun_field_push(lua_State *L, int index, const char *name)
{
	if (lua_isnoneornil(L, index))
		return false;
	if (!lua_istable(L, index))
		(void)luaL_argerror(L, index, "options must be a table");
	if (lua_getfield(L, index, name) != LUA_TNIL)
		return true;
	lua_pop(L, 1);
	return false;
}

static bool is_listed(const char *name, const char *const *names)
{
	for (; *names; names++) {
		if (strcmp(name, *names) == 0)
			return true;
	}
	return false;
}

void lun_check_fields(lua_State *L, int index, const char *const *names)
{
	if (!lua_istable(L, index))
		return;
	lua_pushnil(L);
	while (lua_next(L, index)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TSTRING || !is_listed(lua_tostring(L, -1), names))
			(void)luaL_error(L, "there is no option \"%s\"", luaL_tolstring(L, -1, NULL));
	}
}

double lun_field_number(lua_State *L, int index, const char *name, double fallback)
{
	if (!lun_field_push(L, index, name))
		return fallback;
	int is_number;
	double number = lua_tonumberx(L, -1, &is_number);
	if (!is_number || !isfinite(number))
		(void)luaL_error(L, "option %s: wants a finite number, got %s", name, luaL_typename(L, -1));
	lua_pop(L, 1);
	return number;
}

bool lun_field_bool(lua_State *L, int index, const char *name, bool fallback)
{
	if (!lun_field_push(L, index, name))
		return fallback;
	bool value = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return value;
}

static void raise_choice(lua_State *L, const char *name, const char *const *choices)
{
	luaL_Buffer list;
	const char *got = lua_tostring(L, -1);
	luaL_buffinit(L, &list);
	for (int i = 0; choices[i]; i++) {
		luaL_addstring(&list, i ? ", " : "");
		luaL_addstring(&list, choices[i]);
	}
	luaL_pushresult(&list);
	(void)luaL_error(L, "option %s: wants one of %s; got %s", name, lua_tostring(L, -1),
	        got ? got : "no text");
}

int lun_field_choice(
        lua_State *L, int index, const char *name, const char *const *choices, int fallback)
{
	if (!lun_field_push(L, index, name))
		return fallback;
	const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
	for (int i = 0; choices[i]; i++) {
		if (strcmp(text, choices[i]) == 0) {
			lua_pop(L, 1);
			return i;
		}
	}
	raise_choice(L, name, choices);
	return fallback;
}

static void read_color_table(lua_State *L, int index, const char *what, double out_rgba[4])
{
	for (int i = 0; i < 4; i++) {
		int is_number = 1;
		out_rgba[i] = i == 3 ? 1 : 0;
		if (lua_rawgeti(L, index, i + 1) != LUA_TNIL || i < 3)
			out_rgba[i] = lua_tonumberx(L, -1, &is_number);
		lua_pop(L, 1);
		if (!is_number || !isfinite(out_rgba[i]))
			(void)luaL_error(L, "%s: a colour table is {r, g, b[, a]} with numbers 0..1", what);
	}
}

void lun_check_color(lua_State *L, int index, const char *what, double out_rgba[4])
{
	index = lua_absindex(L, index);
	if (lua_istable(L, index)) {
		read_color_table(L, index, what, out_rgba);
		return;
	}
	const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL;
	if (!text)
		(void)luaL_error(L, "%s: wants a colour (\"#rrggbb\", a CSS name, {r,g,b}), got %s", what,
		        luaL_typename(L, index));
	else if (!lun_color_parse(text, out_rgba))
		(void)luaL_error(L, "%s: \"%s\" is not a colour", what, text);
}

int lun_return_failure(lua_State *L, const struct lun_error *err)
{
	lua_pushnil(L);
	lua_pushstring(L, err->message);
	return 2;
}

void lun_check_result(lua_State *L, enum lun_result rc, const struct lun_error *err)
{
	if (rc != LUN_OK)
		(void)luaL_error(L, "%s", err->message);
}

void lun_new_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction collect)
{
	(void)luaL_newmetatable(L, type);
	lua_newtable(L);
	luaL_setfuncs(L, methods, 0);
	lua_setfield(L, -2, "__index");
	lua_pushliteral(L, "locked");
	lua_setfield(L, -2, "__metatable");
	if (collect) {
		lua_pushcfunction(L, collect);
		lua_setfield(L, -2, "__gc");
		lua_pushcfunction(L, collect);
		lua_setfield(L, -2, "__close");
	}
	lua_pop(L, 1);
}
