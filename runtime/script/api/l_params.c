// params: the values of the scene's parameters, read-only.
#include <string.h>

#include "lunette/params.h"
#include "script/bind.h"

#define PARAMS "lunette.params"

struct params_handle {
	uint64_t version; // of the values that user value 1 holds
};

static bool is_image(const json_t *declaration)
{
	const char *kind = json_string_value(json_object_get(declaration, "kind"));
	return kind && strcmp(kind, "image") == 0;
}

// An image's handle is made when it is first read, and again when the values change. One that does
// not load is false, and the log says why.
static void push_image_param(lua_State *L, const char *path)
{
	if (path && path[0]) {
		if (lun_push_image(L, path) == 1)
			return;
		lun_world_log(lun_world_of(L), LUN_LOG_WARN, "%s", lua_tostring(L, -1));
		lua_pop(L, 2); // nil, message
	}
	lua_pushboolean(L, false);
}

static void push_value(lua_State *L, const json_t *declaration, const json_t *value)
{
	if (is_image(declaration))
		push_image_param(L, json_string_value(value));
	else if (value)
		lun_push_json(L, value);
	else
		lua_pushnil(L);
}

// The table of values that were converted so far, anew after each change of the values.
static void push_made(lua_State *L, struct params_handle *handle, uint64_t version)
{
	if (handle->version != version) {
		lua_newtable(L);
		(void)lua_setiuservalue(L, 1, 1);
		handle->version = version;
	}
	(void)lua_getiuservalue(L, 1, 1);
}

static int l_params_index(lua_State *L)
{
	struct params_handle *handle = luaL_checkudata(L, 1, PARAMS);
	const struct lun_world *world = lun_world_of(L);
	const char *name = luaL_checkstring(L, 2);
	if (!world->values)
		return luaL_error(L, "params can be read from scene.load on");
	const json_t *declaration = lun_param_find(world->declarations, name);
	if (!declaration)
		return luaL_error(L, "there is no parameter \"%s\"", name);
	push_made(L, handle, world->values_version);
	if (lua_getfield(L, -1, name) == LUA_TNIL) {
		lua_pop(L, 1);
		push_value(L, declaration, json_object_get(world->values, name));
		lua_pushvalue(L, -1);
		lua_setfield(L, -3, name);
	}
	if (is_image(declaration) && !lua_toboolean(L, -1))
		lua_pushnil(L); // false says that loading it was tried
	return 1;
}

static int l_params_newindex(lua_State *L)
{
	return luaL_error(L, "params are read-only: the user sets \"%s\"", luaL_tolstring(L, 2, NULL));
}

int lun_open_params(lua_State *L)
{
	struct params_handle *handle = lua_newuserdatauv(L, sizeof *handle, 1);
	handle->version = 0;
	(void)luaL_newmetatable(L, PARAMS);
	lua_pushcfunction(L, l_params_index);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, l_params_newindex);
	lua_setfield(L, -2, "__newindex");
	lua_pushliteral(L, "locked");
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	return 1;
}
