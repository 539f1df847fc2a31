// JSON to Lua values and back. A json_t under construction is held by a userdata, so that nothing
// leaks when Lua raises.
#include <math.h>

#include "script/bind.h"

#define MAX_DEPTH 64
#define MAX_BYTES ((size_t)4 << 20) // of the text, roughly: one value may be reached many times
#define HOLDER "lunette.json"

static int collect_holder(lua_State *L)
{
	struct lun_held **slot = luaL_checkudata(L, 1, HOLDER);
	struct lun_held *held = *slot;
	*slot = NULL;
	if (held) {
		json_decref(held->object);
		lun_vm_let_go(lun_vm_of(L), held);
	}
	return 0;
}

static void release(void *value)
{
	json_decref(value);
}

void lun_push_json(lua_State *L, const json_t *value)
{
	luaL_checkstack(L, 4, "JSON is nested too deeply");
	switch (json_typeof(value)) {
	case JSON_OBJECT: {
		const char *key;
		json_t *member;
		lua_createtable(L, 0, (int)json_object_size(value));
		json_object_foreach((json_t *)value, key, member)
		{
			lua_pushstring(L, key);
			lun_push_json(L, member);
			lua_rawset(L, -3);
		}
		return;
	}
	case JSON_ARRAY:
		lua_createtable(L, (int)json_array_size(value), 0);
		for (size_t i = 0; i < json_array_size(value); i++) {
			lun_push_json(L, json_array_get(value, i));
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		return;
	case JSON_STRING:
		lua_pushlstring(L, json_string_value(value), json_string_length(value));
		return;
	case JSON_INTEGER:
		lua_pushinteger(L, json_integer_value(value));
		return;
	case JSON_REAL:
		lua_pushnumber(L, json_real_value(value));
		return;
	case JSON_TRUE:
	case JSON_FALSE:
		lua_pushboolean(L, json_is_true(value));
		return;
	case JSON_NULL:
		lua_pushnil(L);
		return;
	}
}

static json_t *convert(lua_State *L, int index, int depth, size_t *left);

// Shared tables and strings are written out each time: without a limit, a few lines of a script
// would ask for more than any machine has.
static void spend(lua_State *L, size_t bytes, size_t *left)
{
	if (bytes > *left)
		(void)luaL_error(L, "plain data of more than %d MiB", (int)(MAX_BYTES >> 20));
	*left -= bytes;
}

// Attach a member to what the holder keeps, or drop both by raising.
static void check_member(lua_State *L, int status)
{
	if (status != 0)
		(void)luaL_error(L, "plain data wants UTF-8 text");
}

// @return where the value is kept: it may be replaced, and taken out by leaving NULL
static json_t **hold(lua_State *L, json_t *value)
{
	struct lun_held **slot = lua_newuserdatauv(L, sizeof *slot, 0);
	*slot = NULL;
	if (luaL_newmetatable(L, HOLDER)) {
		lua_pushcfunction(L, collect_holder);
		lua_setfield(L, -2, "__gc");
	}
	lua_setmetatable(L, -2);
	*slot = lun_vm_hold(lun_vm_of(L), value, release);
	return (json_t **)&(*slot)->object;
}

// Is the key at index one of 1..length?
static bool is_place(lua_State *L, int index, lua_Unsigned length)
{
	return lua_isinteger(L, index) && (lua_Unsigned)lua_tointeger(L, index) - 1 < length;
}

static json_t *convert_table(lua_State *L, int index, int depth, size_t *left)
{
	lua_Unsigned length = lua_rawlen(L, index);
	json_t **held = hold(L, NULL);
	int holder = lua_gettop(L);
	*held = length > 0 ? json_array() : json_object();
	for (lua_Unsigned i = 1; i <= length; i++) {
		(void)lua_rawgeti(L, index, (lua_Integer)i);
		check_member(L, json_array_append_new(*held, convert(L, lua_gettop(L), depth + 1, left)));
		lua_settop(L, holder);
	}
	lua_pushnil(L);
	while (lua_next(L, index)) {
		if (length > 0 && !is_place(L, -2, length))
			(void)luaL_error(L, "plain data wants text keys or a list without gaps, not both");
		if (length > 0) {
			lua_pop(L, 1);
			continue;
		}
		if (lua_type(L, -2) != LUA_TSTRING)
			(void)luaL_error(
			        L, "plain data wants text keys or a list, got a %s key", luaL_typename(L, -2));
		size_t key_bytes;
		const char *key = lua_tolstring(L, -2, &key_bytes);
		spend(L, key_bytes + 3, left);
		check_member(
		        L, json_object_set_new(*held, key, convert(L, lua_gettop(L), depth + 1, left)));
		lua_settop(L, holder + 1);
	}
	json_t *value = *held;
	*held = NULL;
	lua_settop(L, holder - 1);
	return value;
}

static json_t *convert(lua_State *L, int index, int depth, size_t *left)
{
	luaL_checkstack(L, 8, "data is nested too deeply");
	if (depth > MAX_DEPTH)
		(void)luaL_error(L, "plain data is nested more than %d deep (or holds itself)", MAX_DEPTH);
	spend(L, 2, left);
	switch (lua_type(L, index)) {
	case LUA_TNIL:
		return json_null();
	case LUA_TBOOLEAN:
		return json_boolean(lua_toboolean(L, index));
	case LUA_TNUMBER:
		if (lua_isinteger(L, index))
			return json_integer(lua_tointeger(L, index));
		if (!isfinite(lua_tonumber(L, index)))
			(void)luaL_error(L, "plain data wants finite numbers");
		return json_real(lua_tonumber(L, index));
	case LUA_TSTRING: {
		size_t length;
		const char *text = lua_tolstring(L, index, &length);
		spend(L, length, left);
		return json_stringn(text, length);
	}
	case LUA_TTABLE:
		return convert_table(L, index, depth, left);
	default:
		(void)luaL_error(L, "plain data cannot hold a %s", luaL_typename(L, index));
		return NULL;
	}
}

json_t *lun_check_json(lua_State *L, int index)
{
	size_t left = MAX_BYTES;
	json_t *value = convert(L, lua_absindex(L, index), 0, &left);
	if (!value)
		(void)luaL_error(L, "plain data wants UTF-8 text");
	return value;
}

// At once rather than by the collector, which does not know how large it is.
static void drop(json_t **held)
{
	json_decref(*held);
	*held = NULL;
}

static int l_json_decode(lua_State *L)
{
	size_t length;
	const char *text = luaL_checklstring(L, 1, &length);
	json_error_t error;
	json_t **held = hold(L, NULL);
	*held = json_loadb(text, length, JSON_DECODE_ANY, &error);
	if (!*held) {
		lua_pushnil(L);
		lua_pushfstring(L, "line %d: %s", error.line, error.text);
		return 2;
	}
	lun_push_json(L, *held);
	drop(held);
	return 1;
}

static int l_json_encode(lua_State *L)
{
	luaL_checkany(L, 1);
	json_t **held = hold(L, NULL);
	*held = lun_check_json(L, 1);
	char *text = json_dumps(*held, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
	drop(held);
	*held = text ? json_string(text) : NULL; // held, for the push below may raise
	free(text);
	if (!*held)
		return luaL_error(L, "not enough memory");
	lua_pushlstring(L, json_string_value(*held), json_string_length(*held));
	drop(held);
	return 1;
}

int lun_open_json(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"decode", l_json_decode},
	        {"encode", l_json_encode},
	        {NULL, NULL},
	};
	luaL_newlib(L, functions);
	return 1;
}
