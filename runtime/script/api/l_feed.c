// feed: outside data by name. A handle's fields are read at each access; a value's table is made
// once for each change.
#include <math.h>
#include <string.h>

#include "script/bind.h"

#define FEED "lunette.feed"

struct feed_handle {
	struct lun_feed *feed; // borrowed from the world, which outlives the VM
	uint64_t version;      // of the value in user value 1
};

static int declare(lua_State *L, enum lun_feed_kind kind)
{
	lua_settop(L, 3);
	const char *name = luaL_checkstring(L, 1);
	int options = lua_istable(L, 2) ? 2 : 3;
	const char *path = options == 2 ? NULL : luaL_optstring(L, 2, NULL);
	static const char *const names[] = {"stale_after", NULL};
	lun_check_fields(L, options, names);
	double stale_after_s = fmax(0, lun_field_number(L, options, "stale_after", 0));
	struct lun_world *world = lun_world_of(L);
	struct feed_handle *handle = lua_newuserdatauv(L, sizeof *handle, 1);
	handle->feed = lun_feeds_declare(world->feeds, name, kind, path, stale_after_s);
	handle->version = 0;
	luaL_setmetatable(L, FEED);
	lun_feeds_read_files(world->feeds, world->files, world->epoch_s);
	return 1;
}

// json(name[, path][, {stale_after}])
static int l_feed_json(lua_State *L)
{
	return declare(L, LUN_FEED_JSON);
}

// text(name[, path][, {stale_after}])
static int l_feed_text(lua_State *L)
{
	return declare(L, LUN_FEED_TEXT);
}

static void push_value(lua_State *L, struct feed_handle *handle)
{
	const struct lun_feed *feed = handle->feed;
	if (!feed->value) {
		lua_pushnil(L);
		return;
	}
	if (handle->version != feed->version) {
		lun_push_json(L, feed->value);
		(void)lua_setiuservalue(L, 1, 1);
		handle->version = feed->version;
	}
	(void)lua_getiuservalue(L, 1, 1);
}

static int l_feed_index(lua_State *L)
{
	struct feed_handle *handle = luaL_checkudata(L, 1, FEED);
	const struct lun_feed *feed = handle->feed;
	double now_s = lun_world_of(L)->epoch_s;
	const char *key = luaL_checkstring(L, 2);
	if (strcmp(key, "value") == 0)
		push_value(L, handle);
	else if (strcmp(key, "updated") == 0 && feed->value)
		lua_pushnumber(L, feed->updated_s);
	else if (strcmp(key, "age") == 0 && feed->value)
		lua_pushnumber(L, fmax(0, now_s - feed->updated_s));
	else if (strcmp(key, "stale") == 0)
		lua_pushboolean(L, lun_feed_is_stale(feed, now_s));
	else if (strcmp(key, "error") == 0 && feed->error[0])
		lua_pushstring(L, feed->error);
	else if (strcmp(key, "name") == 0)
		lua_pushstring(L, feed->name);
	else
		lua_pushnil(L);
	return 1;
}

int lun_open_feed(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"json", l_feed_json},
	        {"text", l_feed_text},
	        {NULL, NULL},
	};
	(void)luaL_newmetatable(L, FEED);
	lua_pushcfunction(L, l_feed_index);
	lua_setfield(L, -2, "__index");
	lua_pushliteral(L, "locked");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	return 1;
}
