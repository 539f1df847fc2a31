// log.info, log.warn, log.error.
#include "script/bind.h"

static int write_line(lua_State *L, enum lun_log_level level)
{
	luaL_checkany(L, 1);
	const char *text = luaL_tolstring(L, 1, NULL);
	lun_world_log(lun_world_of(L), level, "%s", text);
	return 0;
}

static int l_log_info(lua_State *L)
{
	return write_line(L, LUN_LOG_INFO);
}

static int l_log_warn(lua_State *L)
{
	return write_line(L, LUN_LOG_WARN);
}

static int l_log_error(lua_State *L)
{
	return write_line(L, LUN_LOG_ERROR);
}

int lun_open_log(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"info", l_log_info},
	        {"warn", l_log_warn},
	        {"error", l_log_error},
	        {NULL, NULL},
	};
	luaL_newlib(L, functions);
	return 1;
}
