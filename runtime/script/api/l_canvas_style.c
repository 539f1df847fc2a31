// Line style, operator, fill rule, fonts of the toy text: cairo's state that is not a path.
#include <math.h>

#include "script/api/canvas.h"

static const char *const antialias_names[] = {
        "default", "none", "gray", "subpixel", "fast", "good", "best", NULL};
static const char *const fill_rule_names[] = {"winding", "even_odd", NULL};
static const char *const line_cap_names[] = {"butt", "round", "square", NULL};
static const char *const line_join_names[] = {"miter", "round", "bevel", NULL};
static const char *const operator_names[] = {"clear", "source", "over", "in", "out", "atop", "dest",
        "dest_over", "dest_in", "dest_out", "dest_atop", "xor", "add", "saturate", "multiply",
        "screen", "overlay", "darken", "lighten", "color_dodge", "color_burn", "hard_light",
        "soft_light", "difference", "exclusion", "hsl_hue", "hsl_saturation", "hsl_color",
        "hsl_luminosity", NULL};

// cairo's enumerations count from 0 in the order of these names.
static int check_name(lua_State *L, int arg, const char *const *names)
{
	return luaL_checkoption(L, arg, NULL, names);
}

static int l_canvas_set_antialias(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	cairo_set_antialias(cr, (cairo_antialias_t)check_name(L, 2, antialias_names));
	return 0;
}

static int l_canvas_get_antialias(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	lua_pushstring(L, antialias_names[cairo_get_antialias(cr)]);
	return 1;
}

static int l_canvas_set_fill_rule(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	cairo_set_fill_rule(cr, (cairo_fill_rule_t)check_name(L, 2, fill_rule_names));
	return 0;
}

static int l_canvas_get_fill_rule(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	lua_pushstring(L, fill_rule_names[cairo_get_fill_rule(cr)]);
	return 1;
}

static int l_canvas_set_line_cap(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	cairo_set_line_cap(cr, (cairo_line_cap_t)check_name(L, 2, line_cap_names));
	return 0;
}

static int l_canvas_get_line_cap(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	lua_pushstring(L, line_cap_names[cairo_get_line_cap(cr)]);
	return 1;
}

static int l_canvas_set_line_join(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	cairo_set_line_join(cr, (cairo_line_join_t)check_name(L, 2, line_join_names));
	return 0;
}

static int l_canvas_get_line_join(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	lua_pushstring(L, line_join_names[cairo_get_line_join(cr)]);
	return 1;
}

static int l_canvas_set_operator(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	cairo_set_operator(cr, (cairo_operator_t)check_name(L, 2, operator_names));
	return 0;
}

static int l_canvas_get_operator(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	lua_pushstring(L, operator_names[cairo_get_operator(cr)]);
	return 1;
}

static int push_number(lua_State *L, double (*get)(cairo_t *))
{
	lua_pushnumber(L, get(lun_recorder_cairo(lun_check_canvas(L, 1))));
	return 1;
}

static int l_canvas_get_line_width(lua_State *L)
{
	return push_number(L, cairo_get_line_width);
}

static int l_canvas_get_miter_limit(lua_State *L)
{
	return push_number(L, cairo_get_miter_limit);
}

static int l_canvas_get_tolerance(lua_State *L)
{
	return push_number(L, cairo_get_tolerance);
}

#define MAX_DASHES 1024

static int l_canvas_set_dash(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	luaL_checktype(L, 2, LUA_TTABLE);
	double offset = lun_opt_number(L, 3, 0), dashes[MAX_DASHES], sum = 0;
	lua_Unsigned count = lua_rawlen(L, 2);
	luaL_argcheck(L, count <= MAX_DASHES, 2, "more than 1024 dashes");
	for (lua_Unsigned i = 0; i < count; i++) {
		(void)lua_rawgeti(L, 2, (lua_Integer)i + 1);
		int is_number;
		dashes[i] = lua_tonumberx(L, -1, &is_number);
		lua_pop(L, 1);
		luaL_argcheck(L, is_number && isfinite(dashes[i]) && dashes[i] >= 0, 2,
		        "a dash is a finite number, not negative");
		sum += dashes[i];
	}
	luaL_argcheck(L, count == 0 || sum > 0, 2, "all dashes are 0");
	cairo_set_dash(cr, dashes, (int)count, offset);
	return 0;
}

static int l_canvas_get_dash(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	double dashes[MAX_DASHES], offset;
	int count = cairo_get_dash_count(cr);
	cairo_get_dash(cr, dashes, &offset);
	lua_createtable(L, count, 0);
	for (int i = 0; i < count; i++) {
		lua_pushnumber(L, dashes[i]);
		lua_rawseti(L, -2, i + 1);
	}
	lua_pushnumber(L, offset);
	return 2;
}

static int l_canvas_select_font_face(lua_State *L)
{
	static const char *const slants[] = {"normal", "italic", "oblique", NULL};
	static const char *const weights[] = {"normal", "bold", NULL};
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	const char *family = luaL_checkstring(L, 2);
	int slant = luaL_checkoption(L, 3, "normal", slants);
	int weight = luaL_checkoption(L, 4, "normal", weights);
	cairo_select_font_face(cr, family, (cairo_font_slant_t)slant, (cairo_font_weight_t)weight);
	return 0;
}

static int l_canvas_set_font_size(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	double size = lun_check_number(L, 2);
	luaL_argcheck(L, size > 0 && size < 1e5, 2, "a font size lies above 0 and below 100000");
	cairo_set_font_size(cr, size);
	return 0;
}

const luaL_Reg lun_canvas_style_methods[] = {
        {"set_antialias", l_canvas_set_antialias},
        {"get_antialias", l_canvas_get_antialias},
        {"set_fill_rule", l_canvas_set_fill_rule},
        {"get_fill_rule", l_canvas_get_fill_rule},
        {"set_line_cap", l_canvas_set_line_cap},
        {"get_line_cap", l_canvas_get_line_cap},
        {"set_line_join", l_canvas_set_line_join},
        {"get_line_join", l_canvas_get_line_join},
        {"set_operator", l_canvas_set_operator},
        {"get_operator", l_canvas_get_operator},
        {"get_line_width", l_canvas_get_line_width},
        {"get_miter_limit", l_canvas_get_miter_limit},
        {"get_tolerance", l_canvas_get_tolerance},
        {"set_dash", l_canvas_set_dash},
        {"get_dash", l_canvas_get_dash},
        {"select_font_face", l_canvas_select_font_face},
        {"set_font_size", l_canvas_set_font_size},
        {NULL, NULL},
};
