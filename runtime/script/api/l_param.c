// param.*: declarations; params: the values, read-only. What is a right value is decided in
// scene/params.c.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lunette/params.h"
#include "script/bind.h"

static const char *const kinds[] = {"text", "number", "integer", "bool", "color", "choice", "image",
        "font", "duration", "section", "list", "url", NULL};

static void copy_options(lua_State *L, int options, int declaration)
{
	static const char *const names[] = {
	        "label", "help", "min", "max", "step", "multiline", "show_if", "order", NULL};
	lun_check_fields(L, options, names);
	for (int i = 0; names[i]; i++) {
		if (lun_field_push(L, options, names[i]))
			lua_setfield(L, declaration, names[i]);
	}
}

// A default colour may be a table; values are strings.
static void push_default(lua_State *L, bool is_color)
{
	if (!is_color || !lua_istable(L, 2)) {
		lua_pushvalue(L, 2);
		return;
	}
	double rgba[4];
	char text[16];
	lun_check_color(L, 2, "default", rgba);
	int code[4];
	for (int i = 0; i < 4; i++)
		code[i] = (int)lround(255 * fmax(0, fmin(rgba[i], 1)));
	(void)snprintf(text, sizeof text, code[3] < 255 ? "#%02x%02x%02x%02x" : "#%02x%02x%02x",
	        code[0], code[1], code[2], code[3]);
	lua_pushstring(L, text);
}

// kind(name[, default][, choices][, options]) -> declaration. Upvalue: the kind.
static int l_param_declare(lua_State *L)
{
	const char *kind = lua_tostring(L, lua_upvalueindex(1));
	bool is_choice = strcmp(kind, "choice") == 0;
	lua_settop(L, 4);
	luaL_checktype(L, 1, LUA_TSTRING);
	int options = is_choice ? 4 : 3;
	if (strcmp(kind, "section") == 0 && lua_istable(L, 2))
		options = 2;
	if (is_choice)
		luaL_checktype(L, 3, LUA_TTABLE);
	lua_newtable(L);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_setfield(L, 5, "kind");
	lua_pushvalue(L, 1);
	lua_setfield(L, 5, "name");
	if (options != 2) {
		push_default(L, strcmp(kind, "color") == 0);
		lua_setfield(L, 5, "default");
	}
	if (is_choice) {
		lua_pushvalue(L, 3);
		lua_setfield(L, 5, "choices");
	}
	copy_options(L, options, 5);
	return 1;
}

int lun_open_param(lua_State *L)
{
	lua_newtable(L);
	for (int i = 0; kinds[i]; i++) {
		lua_pushstring(L, kinds[i]);
		lua_pushcclosure(L, l_param_declare, 1);
		lua_setfield(L, -2, kinds[i]);
	}
	return 1;
}
