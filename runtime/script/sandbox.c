// The allow-list: which of Lua's own library a script gets, what guards replace, and our modules.
// Whatever is not named here does not exist for a script.
#include "script/sandbox.h"

#include <stdlib.h>
#include <string.h>

#include <lualib.h>

#include "script/bind.h"
#include "script/order.h"

#define SCRIPT_MAX_BYTES ((size_t)4 << 20)

static const char *const allowed_base[] = {"assert", "error", "getmetatable", "ipairs", "pcall",
        "rawequal", "rawget", "rawlen", "rawset", "select", "tonumber", "tostring", "type",
        "_VERSION", NULL};

static int l_print(lua_State *L)
{
	int count = lua_gettop(L);
	luaL_Buffer line;
	luaL_buffinit(L, &line);
	for (int i = 1; i <= count; i++) {
		if (i > 1)
			luaL_addchar(&line, '\t');
		(void)luaL_tolstring(L, i, NULL);
		luaL_addvalue(&line);
	}
	luaL_pushresult(&line);
	lun_world_log(lun_world_of(L), LUN_LOG_INFO, "%s", lua_tostring(L, -1));
	return 0;
}

// A finaliser runs with hooks off, so an endless one could not be stopped: none is accepted.
static int l_setmetatable(lua_State *L)
{
	int type = lua_type(L, 2);
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		return luaL_error(L, "cannot change a protected metatable");
	if (type == LUA_TTABLE) {
		lua_pushliteral(L, "__gc");
		if (lua_rawget(L, 2) != LUA_TNIL)
			return luaL_argerror(L, 2, "__gc is not available to scenes");
	}
	lua_settop(L, 2);
	(void)lua_setmetatable(L, 1);
	return 1;
}

int lun_sandbox_load(lua_State *L, const char *text, size_t length_bytes, const char *chunk_name)
{
	if (luaL_loadbufferx(L, text, length_bytes, chunk_name, "t") == LUA_OK)
		return 1;
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

static const char *read_piece(lua_State *L, void *data, size_t *out_bytes)
{
	size_t *total = data;
	luaL_checkstack(L, 2, "too many nested functions");
	lua_pushvalue(L, 1);
	lua_call(L, 0, 1);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		*out_bytes = 0;
		return NULL;
	}
	if (!lua_isstring(L, -1))
		(void)luaL_error(L, "reader function must return a string");
	lua_replace(L, 5); // anchored while Lua reads it
	const char *piece = lua_tolstring(L, 5, out_bytes);
	*total += *out_bytes;
	if (*total > SCRIPT_MAX_BYTES)
		(void)luaL_error(L, "script of more than %d bytes", (int)SCRIPT_MAX_BYTES);
	return piece;
}

// load(chunk [, name [, mode [, env]]]): text only, whatever mode asks for.
static int l_load(lua_State *L)
{
	bool has_env = !lua_isnone(L, 4);
	lua_settop(L, 5);
	int status;
	size_t length = 0;
	const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &length) : NULL;
	if (text) {
		status = luaL_loadbufferx(L, text, length, luaL_optstring(L, 2, text), "t");
	} else {
		luaL_checktype(L, 1, LUA_TFUNCTION);
		status = lua_load(L, read_piece, &length, luaL_optstring(L, 2, "=(load)"), "t");
	}
	if (status != LUA_OK) {
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	if (has_env) {
		lua_pushvalue(L, 4);
		if (!lua_setupvalue(L, -2, 1))
			lua_pop(L, 1);
	}
	return 1;
}

// The loader behind require: a file of the scene's folder as a function, or nil and message.
static int l_load_file(lua_State *L)
{
	const char *name = lun_check_path(L, 1);
	const char *path = luaL_gsub(L, name, ".", "/");
	path = lua_pushfstring(L, "%s.lua", path);
	const char *chunk_name = lua_pushfstring(L, "@%s", path);
	struct lun_error err;
	size_t length;
	char *text = lun_world_read(lun_world_of(L), path, SCRIPT_MAX_BYTES, &length, &err);
	if (!text)
		return lun_return_failure(L, &err);
	int status = luaL_loadbufferx(L, text, length, chunk_name, "t");
	free(text); // lua_load() reports everything, memory too; it never raises
	if (status == LUA_ERRMEM)
		return luaL_error(L, "not enough memory");
	if (status == LUA_OK)
		return 1;
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

static int l_randomseed(lua_State *L)
{
	if (lua_gettop(L) == 0)
		lua_pushinteger(L, (lua_Integer)lun_world_of(L)->seed);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, 0);
	return 0;
}

static int l_collectgarbage(lua_State *L)
{
	const char *what = luaL_optstring(L, 1, "count");
	if (strcmp(what, "count") != 0)
		return luaL_argerror(L, 1, "only \"count\" is available to scenes");
	lua_pushnumber(L, (double)lun_vm_of(L)->used_bytes / 1024);
	return 1;
}

static int l_traceback(lua_State *L)
{
	const char *message = lua_tostring(L, 1);
	luaL_traceback(L, L, message, 1);
	return 1;
}

// require is Lua, so that the module's code may use coroutines and is budgeted like any other.
static const char require_source[] =
        "local loaded, load_file = ...\n"
        "local loading = {}\n"
        "local type, error, setmetatable = type, error, setmetatable\n"
        "local mark = {\n"
        "  __close = function(name) loading[name[1]] = nil end,\n"
        "}\n"
        "function require(name)\n"
        "  if type(name) ~= 'string' then error('require wants a name', 2) end\n"
        "  if loaded[name] ~= nil then return loaded[name] end\n"
        "  if loading[name] then error(\"module '\" .. name .. \"' requires itself\", 2) end\n"
        "  local chunk, why = load_file(name)\n"
        "  if not chunk then error(\"module '\" .. name .. \"': \" .. why, 2) end\n"
        "  local done <close> = setmetatable({ name }, mark)\n"
        "  loading[name] = true\n"
        "  local value = chunk(name)\n"
        "  if value == nil then value = true end\n"
        "  loaded[name] = value\n"
        "  return value\n"
        "end\n";

static void open_base(lua_State *L)
{
	static const luaL_Reg replaced[] = {
	        {"print", l_print},
	        {"pairs", lun_order_pairs},
	        {"next", lun_order_next},
	        {"setmetatable", l_setmetatable},
	        {"load", l_load},
	        {"collectgarbage", l_collectgarbage},
	        {NULL, NULL},
	};
	luaL_requiref(L, "_G", luaopen_base, 0);
	lua_newtable(L);
	for (int i = 0; allowed_base[i]; i++) {
		(void)lua_getfield(L, -2, allowed_base[i]);
		lua_setfield(L, -2, allowed_base[i]);
	}
	luaL_setfuncs(L, replaced, 0);
	lua_pushvalue(L, -1);
	lua_setfield(L, -2, "_G");
	lua_pushvalue(L, -1);
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	lua_pop(L, 2);
}

// Opens a module of Lua's and leaves it as a global, without the members named.
static void open_standard(lua_State *L, const char *name, lua_CFunction open, const char *without)
{
	luaL_requiref(L, name, open, 1);
	if (without) {
		lua_pushnil(L);
		lua_setfield(L, -2, without);
	}
	lua_pop(L, 1);
}

static void seed_random(lua_State *L)
{
	(void)lua_getglobal(L, "math");
	(void)lua_getfield(L, -1, "randomseed");
	lua_pushcclosure(L, l_randomseed, 1);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, "randomseed");
	lua_call(L, 0, 0);
	lua_pop(L, 1);
}

static void hide_string_metatable(lua_State *L)
{
	lua_pushliteral(L, "");
	(void)lua_getmetatable(L, -1);
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 2);
}

static void open_modules(lua_State *L)
{
	static const luaL_Reg modules[] = {
	        {"image", lun_open_image},
	        {"gradient", lun_open_gradient},
	        {"video", lun_open_video},
	        {"camera", lun_open_camera},
	        {"param", lun_open_param},
	        {"params", lun_open_params},
	        {"feed", lun_open_feed},
	        {"clock", lun_open_clock},
	        {"color", lun_open_color},
	        {"json", lun_open_json},
	        {"log", lun_open_log},
	        {"os", lun_open_os},
	        {NULL, NULL},
	};
	(void)lun_open_canvas(L);
	for (const luaL_Reg *module = modules; module->name; module++) {
		luaL_requiref(L, module->name, module->func, 1);
		lua_pop(L, 1);
	}
	lua_newtable(L);
	lua_pushcfunction(L, l_traceback);
	lua_setfield(L, -2, "traceback");
	lua_setglobal(L, "debug");
}

static void open_require(lua_State *L)
{
	if (luaL_loadbufferx(L, require_source, sizeof require_source - 1, "=require", "t") != LUA_OK)
		(void)lua_error(L);
	(void)lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_pushcfunction(L, l_load_file);
	lua_call(L, 2, 0);
}

int lun_sandbox_open(lua_State *L)
{
	open_base(L);
	open_standard(L, "string", luaopen_string, "dump");
	(void)lua_getglobal(L, "string");
	lun_replace_matching(L);
	lua_pop(L, 1);
	open_standard(L, "table", luaopen_table, NULL);
	open_standard(L, "math", luaopen_math, NULL);
	open_standard(L, "utf8", luaopen_utf8, NULL);
	open_standard(L, "coroutine", luaopen_coroutine, NULL);
	seed_random(L);
	hide_string_metatable(L);
	open_modules(L);
	open_require(L);
	// The stock table of globals is out of reach from here on.
	(void)lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_pushnil(L);
	lua_setfield(L, -2, "_G");
	return 0;
}
