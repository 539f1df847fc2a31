// pairs and next in one order: numbers ascending, strings bytewise, booleans, then the rest as it
// comes. Lua's own order depends on addresses and the time, and would make each run of a scene draw
// something else.
#include "script/order.h"

#include <stdlib.h>
#include <string.h>

#include "script/vm.h"

struct key {
	enum { KEY_NUMBER, KEY_STRING, KEY_BOOLEAN, KEY_OTHER } rank;
	bool is_integer, boolean;
	lua_Integer integer;
	lua_Number number;
	const char *text; // borrowed from the string, which its table holds
	size_t length_bytes;
	int place; // in the list of keys, in Lua's own order
};

static struct key read_key(lua_State *L, int index)
{
	struct key key = {.rank = KEY_OTHER};
	switch (lua_type(L, index)) {
	case LUA_TNUMBER:
		key.rank = KEY_NUMBER;
		key.is_integer = lua_isinteger(L, index);
		key.integer = lua_tointeger(L, index);
		key.number = lua_tonumber(L, index);
		break;
	case LUA_TSTRING:
		key.rank = KEY_STRING;
		key.text = lua_tolstring(L, index, &key.length_bytes);
		break;
	case LUA_TBOOLEAN:
		key.rank = KEY_BOOLEAN;
		key.boolean = lua_toboolean(L, index);
		break;
	default:
		break;
	}
	return key;
}

static int compare_texts(const struct key *a, const struct key *b)
{
	size_t common = a->length_bytes < b->length_bytes ? a->length_bytes : b->length_bytes;
	int order = memcmp(a->text, b->text, common);
	if (order != 0)
		return order;
	return (a->length_bytes > b->length_bytes) - (a->length_bytes < b->length_bytes);
}

// A float key has a fraction (or lies beyond all integers), so comparing it as a float is exact.
static int compare_keys(const void *left, const void *right)
{
	const struct key *a = left, *b = right;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	switch (a->rank) {
	case KEY_NUMBER:
		if (a->is_integer && b->is_integer)
			return (a->integer > b->integer) - (a->integer < b->integer);
		return (a->number > b->number) - (a->number < b->number);
	case KEY_STRING:
		return compare_texts(a, b);
	case KEY_BOOLEAN:
		return a->boolean - b->boolean;
	case KEY_OTHER:
		break;
	}
	return (a->place > b->place) - (a->place < b->place);
}

// How many keys the table at index 1 has; *out_is_list when they are 1, 2, 3, ... as they come.
static lua_Integer count_keys(lua_State *L, bool *out_is_list)
{
	lua_Integer count = 0;
	*out_is_list = true;
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pop(L, 1);
		count++;
		if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) != count)
			*out_is_list = false;
	}
	return count;
}

// table, last place -> key, value. Upvalue: how many places there are.
static int step_list(lua_State *L)
{
	lua_Integer count = lua_tointeger(L, lua_upvalueindex(1));
	luaL_checktype(L, 1, LUA_TTABLE);
	for (lua_Integer i = luaL_checkinteger(L, 2) + 1; i <= count && i > 0; i++) {
		if (lua_rawgeti(L, 1, i) != LUA_TNIL) {
			lua_pushinteger(L, i);
			lua_insert(L, -2);
			return 2;
		}
		lua_pop(L, 1);
	}
	return 0;
}

// table -> key, value. Upvalues: the keys in order; how many were visited, how many there are. What
// was removed on the way is left out.
static int step_keys(lua_State *L)
{
	lua_Integer place = lua_tointeger(L, lua_upvalueindex(2));
	lua_Integer count = lua_tointeger(L, lua_upvalueindex(3));
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	while (place < count) {
		(void)lua_rawgeti(L, lua_upvalueindex(1), ++place);
		lua_pushvalue(L, -1);
		if (lua_rawget(L, 1) != LUA_TNIL) {
			lua_pushinteger(L, place);
			lua_replace(L, lua_upvalueindex(2));
			return 2;
		}
		lua_settop(L, 1);
	}
	return 0;
}

// Pushes a list of the keys of the table at index 1, in order.
static void push_sorted_keys(lua_State *L, lua_Integer count)
{
	struct key *keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0);
	lua_createtable(L, (int)count, 0); // in Lua's own order
	int list = lua_gettop(L), place = 0;
	lua_pushnil(L);
	while (place < count && lua_next(L, 1)) {
		lua_pop(L, 1);
		keys[place] = read_key(L, -1);
		keys[place].place = place + 1;
		place++;
		lua_pushvalue(L, -1);
		lua_rawseti(L, list, place);
	}
	lua_settop(L, list);
	qsort(keys, (size_t)place, sizeof *keys, compare_keys);
	lua_createtable(L, place, 0);
	for (int i = 0; i < place; i++) {
		(void)lua_rawgeti(L, list, keys[i].place);
		lua_rawseti(L, list + 1, i + 1);
	}
}

static int finish_pairs(lua_State *L, int status, lua_KContext context)
{
	(void)L;
	(void)status;
	(void)context;
	return 3;
}

int lun_order_pairs(lua_State *L)
{
	luaL_checkany(L, 1);
	if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_callk(L, 1, 3, 0, finish_pairs);
		return finish_pairs(L, LUA_OK, 0);
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	bool is_list;
	lua_Integer count = count_keys(L, &is_list);
	if (is_list) {
		lua_pushinteger(L, count);
		lua_pushcclosure(L, step_list, 1);
		lua_pushvalue(L, 1);
		lua_pushinteger(L, 0);
	} else {
		push_sorted_keys(L, count);
		lua_pushinteger(L, 0);
		lua_pushinteger(L, count);
		lua_pushcclosure(L, step_keys, 3);
		lua_pushvalue(L, 1);
		lua_pushnil(L);
	}
	lun_vm_check_budget(L);
	return 3;
}

// Keys without an order of their own follow each other as in Lua's own next.
static int next_other(lua_State *L)
{
	lua_settop(L, 2);
	while (lua_next(L, 1)) {
		if (read_key(L, -2).rank == KEY_OTHER)
			return 2;
		lua_pop(L, 1);
	}
	lua_pushnil(L);
	return 1;
}

// One walk over the table: the smallest key that is larger than the one given.
int lun_order_next(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 2);
	bool is_first = lua_isnil(L, 2), has_best = false;
	struct key last = read_key(L, 2), best = {.rank = KEY_OTHER};
	if (!is_first && last.rank == KEY_OTHER)
		return next_other(L);
	lua_pushnil(L); // 3: the best key so far
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pop(L, 1);
		struct key key = read_key(L, -1);
		if (key.rank == KEY_OTHER || (!is_first && compare_keys(&key, &last) <= 0) ||
		        (has_best && compare_keys(&key, &best) >= 0))
			continue;
		has_best = true;
		best = key;
		lua_pushvalue(L, -1);
		lua_replace(L, 3);
	}
	lun_vm_check_budget(L);
	if (!has_best) {
		lua_pushnil(L);
		lua_replace(L, 2);
		return next_other(L);
	}
	lua_settop(L, 3);
	lua_pushvalue(L, 3);
	(void)lua_rawget(L, 1);
	return 2;
}
