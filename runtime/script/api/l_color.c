// color: parse, mix, lighten, alpha. Colours are tables {r, g, b, a}, 0..1, which every call that
// takes a colour takes.
#include <math.h>

#include "script/bind.h"

static int push_color(lua_State *L, const double rgba[4])
{
	lua_createtable(L, 4, 0);
	for (int i = 0; i < 4; i++) {
		lua_pushnumber(L, rgba[i]);
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

static int l_color_parse(lua_State *L)
{
	double rgba[4];
	lun_check_color(L, 1, "color.parse", rgba);
	return push_color(L, rgba);
}

// mix(a, b, t)
static int l_color_mix(lua_State *L)
{
	double a[4], b[4];
	lun_check_color(L, 1, "color.mix", a);
	lun_check_color(L, 2, "color.mix", b);
	double t = fmax(0, fmin(lun_check_number(L, 3), 1));
	for (int i = 0; i < 4; i++)
		a[i] += (b[i] - a[i]) * t;
	return push_color(L, a);
}

// lighten(c, t): towards white; a negative t darkens, towards black
static int l_color_lighten(lua_State *L)
{
	double rgba[4];
	lun_check_color(L, 1, "color.lighten", rgba);
	double t = fmax(-1, fmin(lun_check_number(L, 2), 1));
	for (int i = 0; i < 3; i++)
		rgba[i] += ((t > 0 ? 1 : 0) - rgba[i]) * fabs(t);
	return push_color(L, rgba);
}

// alpha(c, a): the same colour with that alpha
static int l_color_alpha(lua_State *L)
{
	double rgba[4];
	lun_check_color(L, 1, "color.alpha", rgba);
	rgba[3] = fmax(0, fmin(lun_check_number(L, 2), 1));
	return push_color(L, rgba);
}

int lun_open_color(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"parse", l_color_parse},
	        {"mix", l_color_mix},
	        {"lighten", l_color_lighten},
	        {"alpha", l_color_alpha},
	        {NULL, NULL},
	};
	luaL_newlib(L, functions);
	return 1;
}
