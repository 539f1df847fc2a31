// clock, and os on the scene clock: no call here ever reads the machine's.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scene/dates.h"
#include "script/bind.h"

static int l_clock_now(lua_State *L)
{
	lua_pushnumber(L, lun_world_of(L)->epoch_s);
	return 1;
}

static const char *opt_zone(lua_State *L, int arg)
{
	return luaL_optstring(L, arg, lun_world_of(L)->zone);
}

// Pushes a fresh text and frees it; Lua may refuse memory for the copy, so it is copied guarded.
static int push_taken(lua_State *L, char *text)
{
	char copy[4096];
	size_t length = strlen(text);
	if (length >= sizeof copy) {
		free(text);
		return luaL_error(L, "the formatted date is too long");
	}
	memcpy(copy, text, length + 1);
	free(text);
	lua_pushlstring(L, copy, length);
	return 1;
}

static int push_date(lua_State *L, double epoch_s, const char *format, const char *zone)
{
	struct lun_error err;
	char *text = lun_date_format(epoch_s, format, zone, &err);
	return text ? push_taken(L, text) : luaL_error(L, "%s", err.message);
}

// date(fmt[, zone])
static int l_clock_date(lua_State *L)
{
	const char *format = luaL_optstring(L, 1, "%c");
	return push_date(L, lun_world_of(L)->epoch_s, format, opt_zone(L, 2));
}

// zone(name): a table with now's date in that zone
static int push_split(lua_State *L, double epoch_s, const char *zone)
{
	struct lun_error err;
	struct lun_date date;
	lun_check_result(L, lun_date_split(epoch_s, zone, &date, &err), &err);
	const struct {
		const char *name;
		int value;
	} fields[] = {{"year", date.year}, {"month", date.month}, {"day", date.day},
	        {"hour", date.hour}, {"min", date.minute}, {"sec", date.second}, {"wday", date.weekday},
	        {"yday", date.yearday}};
	lua_createtable(L, 0, 10);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		lua_pushinteger(L, fields[i].value);
		lua_setfield(L, -2, fields[i].name);
	}
	lua_pushboolean(L, date.is_dst);
	lua_setfield(L, -2, "isdst");
	lua_pushinteger(L, date.offset_s);
	lua_setfield(L, -2, "offset");
	return 1;
}

static int l_clock_zone(lua_State *L)
{
	return push_split(L, lun_world_of(L)->epoch_s, luaL_checkstring(L, 1));
}

// ago(t): "just now", "5 minutes ago", "in 2 hours"
static int l_clock_ago(lua_State *L)
{
	static const struct {
		double seconds;
		const char *name;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};
	double ago = lun_world_of(L)->epoch_s - lun_check_number(L, 1);
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		lua_Integer count = (lua_Integer)floor(fmin(fabs(ago) / units[i].seconds, 1e15));
		if (count >= 1) {
			lua_pushfstring(L, ago > 0 ? "%I %s%s ago" : "in %I %s%s", (LUAI_UACINT)count,
			        units[i].name, count == 1 ? "" : "s");
			return 1;
		}
	}
	lua_pushliteral(L, "just now");
	return 1;
}

int lun_open_clock(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"now", l_clock_now},
	        {"date", l_clock_date},
	        {"zone", l_clock_zone},
	        {"ago", l_clock_ago},
	        {NULL, NULL},
	};
	luaL_newlib(L, functions);
	return 1;
}

static int read_field(lua_State *L, const char *name, bool is_needed, int fallback)
{
	int is_integer;
	if (lua_getfield(L, 1, name) == LUA_TNIL && !is_needed) {
		lua_pop(L, 1);
		return fallback;
	}
	lua_Integer value = lua_tointegerx(L, -1, &is_integer);
	if (!is_integer)
		(void)luaL_error(L, "field '%s' missing in date table or not an integer", name);
	if (value < -100000000 || value > 100000000)
		(void)luaL_error(L, "field '%s' is out-of-bound", name);
	lua_pop(L, 1);
	return (int)value;
}

static int l_os_time(lua_State *L)
{
	const struct lun_world *world = lun_world_of(L);
	if (lua_isnoneornil(L, 1)) {
		lua_pushinteger(L, (lua_Integer)floor(world->epoch_s));
		return 1;
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	struct lun_date date = {
	        .year = read_field(L, "year", true, 0),
	        .month = read_field(L, "month", true, 0),
	        .day = read_field(L, "day", true, 0),
	        .hour = read_field(L, "hour", false, 12),
	        .minute = read_field(L, "min", false, 0),
	        .second = read_field(L, "sec", false, 0),
	};
	struct lun_error err;
	double epoch_s;
	lun_check_result(L, lun_date_join(&date, world->zone, &epoch_s, &err), &err);
	lua_pushinteger(L, (lua_Integer)epoch_s);
	return 1;
}

static int l_os_date(lua_State *L)
{
	const struct lun_world *world = lun_world_of(L);
	const char *format = luaL_optstring(L, 1, "%c"), *zone = world->zone;
	double epoch_s = lua_isnoneornil(L, 2) ? world->epoch_s : lun_check_number(L, 2);
	if (*format == '!') {
		zone = "UTC";
		format++;
	}
	if (strncmp(format, "*t", 2) == 0)
		return push_split(L, epoch_s, zone);
	return push_date(L, epoch_s, format, zone);
}

static int l_os_clock(lua_State *L)
{
	lua_pushnumber(L, lun_world_of(L)->moment.time_s);
	return 1;
}

static int l_os_difftime(lua_State *L)
{
	lua_pushnumber(L, lun_check_number(L, 1) - lun_check_number(L, 2));
	return 1;
}

int lun_open_os(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"time", l_os_time},
	        {"date", l_os_date},
	        {"clock", l_os_clock},
	        {"difftime", l_os_difftime},
	        {NULL, NULL},
	};
	luaL_newlib(L, functions);
	return 1;
}
