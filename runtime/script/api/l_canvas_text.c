// Text: laid out by Pango (text, measure), and cairo's toy calls.
#include <math.h>
#include <string.h>

#include "script/api/canvas.h"

// A number, or one of CSS's names.
static int check_weight(lua_State *L, int index)
{
	static const struct {
		const char *name;
		int weight;
	} names[] = {{"thin", 100}, {"extralight", 200}, {"light", 300}, {"normal", 400},
	        {"regular", 400}, {"medium", 500}, {"semibold", 600}, {"bold", 700}, {"extrabold", 800},
	        {"black", 900}};
	if (!lun_field_push(L, index, "weight"))
		return 0;
	int is_number, weight = (int)lua_tointegerx(L, -1, &is_number);
	const char *text = is_number ? NULL : lua_tostring(L, -1);
	for (size_t i = 0; text && i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(text, names[i].name) == 0)
			weight = names[i].weight;
	}
	if (weight < 100 || weight > 1000)
		(void)luaL_error(L, "option weight: wants 100..1000 or a name such as \"bold\"");
	lua_pop(L, 1);
	return weight;
}

// ellipsis = true | "end" | "start" | "middle"
static enum lun_text_ellipsis check_ellipsis(lua_State *L, int index)
{
	static const char *const names[] = {"none", "start", "middle", "end", NULL};
	if (!lun_field_push(L, index, "ellipsis"))
		return LUN_TEXT_ELLIPSIS_NONE;
	bool is_boolean = lua_isboolean(L, -1), value = lua_toboolean(L, -1);
	lua_pop(L, 1);
	if (is_boolean)
		return value ? LUN_TEXT_ELLIPSIS_END : LUN_TEXT_ELLIPSIS_NONE;
	return (enum lun_text_ellipsis)lun_field_choice(L, index, "ellipsis", names, 0);
}

static double check_length(lua_State *L, int index, const char *name)
{
	double length = lun_field_number(L, index, name, 0);
	if (length < 0)
		(void)luaL_error(L, "option %s: is negative", name);
	return length;
}

// outline = {width, color}, or {width = 4, color = "#000"}
static void check_outline(lua_State *L, int index, struct lun_text_style *style)
{
	if (!lun_field_push(L, index, "outline"))
		return;
	int outline = lua_gettop(L), is_number;
	if (!lua_istable(L, outline))
		(void)luaL_error(L, "option outline: wants {width, color}");
	if (lua_rawgeti(L, outline, 1) == LUA_TNIL)
		(void)lua_getfield(L, outline, "width");
	style->outline_width = lua_tonumberx(L, -1, &is_number);
	if (!is_number || !(style->outline_width >= 0 && style->outline_width < 1e5))
		(void)luaL_error(L, "option outline: wants a width from 0 to 100000");
	style->outline_rgba[3] = 1;
	if (lua_rawgeti(L, outline, 2) == LUA_TNIL)
		(void)lua_getfield(L, outline, "color");
	if (!lua_isnil(L, -1))
		lun_check_color(L, -1, "option outline", style->outline_rgba);
	lua_settop(L, outline - 1);
}

// The font's name stays valid while the options table lies on the stack.
static struct lun_text_style check_style(lua_State *L, int index)
{
	static const char *const aligns[] = {"left", "center", "right", NULL};
	static const char *const valigns[] = {"top", "middle", "bottom", NULL};
	static const char *const wraps[] = {"word", "char", "none", NULL};
	static const char *const fits[] = {"none", "shrink", NULL};
	static const char *const names[] = {"font", "size", "weight", "italic", "color", "align",
	        "valign", "width", "height", "wrap", "lines", "ellipsis", "fit", "min_size", "spacing",
	        "markup", "baseline", "outline", "shadow", NULL};
	lun_check_fields(L, index, names);
	struct lun_text_style style = lun_text_style_default();
	if (lun_field_push(L, index, "font")) {
		if (lua_type(L, -1) != LUA_TSTRING)
			(void)luaL_error(L, "option font: wants a name, got %s", luaL_typename(L, -1));
		style.font = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	style.size = check_length(L, index, "size");
	if (style.size > 1e5)
		(void)luaL_error(L, "option size: above 100000");
	style.weight = check_weight(L, index);
	style.is_italic = lun_field_bool(L, index, "italic", false);
	style.is_markup = lun_field_bool(L, index, "markup", false);
	style.is_baseline = lun_field_bool(L, index, "baseline", false);
	style.is_shrink = lun_field_choice(L, index, "fit", fits, 0) == 1;
	style.align = (enum lun_text_align)lun_field_choice(L, index, "align", aligns, 0);
	style.valign = (enum lun_text_valign)lun_field_choice(L, index, "valign", valigns, 0);
	style.wrap = (enum lun_text_wrap)lun_field_choice(L, index, "wrap", wraps, 0);
	style.ellipsis = check_ellipsis(L, index);
	style.width = check_length(L, index, "width");
	style.height = check_length(L, index, "height");
	style.min_size = check_length(L, index, "min_size");
	style.spacing = lun_field_number(L, index, "spacing", 0);
	check_outline(L, index, &style);
	double lines = check_length(L, index, "lines");
	style.lines = lines > 10000 ? 10000 : (int)lines;
	return style;
}

// The layout of the string at arg with the options at options. The caller owns a reference, and
// must not raise before it dropped it.
static struct lun_text *make_text(lua_State *L, int arg, int options)
{
	size_t length;
	struct lun_error err;
	struct lun_text *text = NULL;
	const char *string = luaL_checklstring(L, arg, &length);
	struct lun_text_style style = check_style(L, options);
	lun_check_result(L, lun_text_create(string, length, &style, &text, &err), &err);
	return text;
}

static int push_size(lua_State *L, const struct lun_text *text)
{
	double width, height;
	int lines;
	lun_text_size(text, &width, &height, &lines);
	lua_pushnumber(L, width);
	lua_pushnumber(L, height);
	lua_pushinteger(L, lines);
	return 3;
}

// A list of count - 1 numbers and a colour: outline = {width, color}. @return false without
static bool check_effect(
        lua_State *L, const char *name, int count, double *out_numbers, double out_rgba[4])
{
	if (!lun_field_push(L, 5, name))
		return false;
	for (int i = 0; i < count - 1; i++) {
		int is_number = 0;
		if (lua_istable(L, -1)) {
			(void)lua_rawgeti(L, -1, i + 1);
			out_numbers[i] = lua_tonumberx(L, -1, &is_number);
			lua_pop(L, 1);
		}
		if (!is_number || !isfinite(out_numbers[i]))
			(void)luaL_error(L, "option %s: wants %d finite numbers and a colour", name, count - 1);
	}
	if (lua_rawgeti(L, -1, count) == LUA_TNIL) {
		const double black[4] = {0, 0, 0, 1};
		memcpy(out_rgba, black, sizeof black);
	} else {
		lun_check_color(L, -1, name, out_rgba);
	}
	lua_pop(L, 2);
	return true;
}

/** What goes below a text. */
struct text_effects {
	bool has_shadow, has_outline;
	double shadow[3], shadow_rgba[4]; // dx, dy, blur (not drawn yet)
	double outline[1], outline_rgba[4];
};

static enum lun_result record_text(struct lun_recorder *recorder, struct lun_text *text, double x,
        double y, const double *rgba, const struct text_effects *effects, struct lun_error *err)
{
	enum lun_result rc = LUN_OK;
	if (effects->has_shadow)
		rc = lun_recorder_text(recorder, text, x + effects->shadow[0], y + effects->shadow[1],
		        effects->shadow_rgba, err);
	if (rc == LUN_OK && effects->has_outline)
		rc = lun_recorder_text_outline(
		        recorder, text, x, y, effects->outline[0], effects->outline_rgba, err);
	if (rc == LUN_OK)
		rc = lun_recorder_text(recorder, text, x, y, rgba, err);
	return rc;
}

// text(s, x, y[, opts]) -> w, h, lines
static int l_canvas_text(lua_State *L)
{
	lua_settop(L, 5);
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	double x = lun_check_number(L, 3), y = lun_check_number(L, 4), rgba[4];
	bool has_color = lun_field_push(L, 5, "color");
	if (has_color)
		lun_check_color(L, -1, "option color", rgba);
	struct text_effects effects;
	effects.has_shadow = check_effect(L, "shadow", 4, effects.shadow, effects.shadow_rgba);
	effects.has_outline = check_effect(L, "outline", 2, effects.outline, effects.outline_rgba);
	struct lun_text *text = make_text(L, 2, 5);
	struct lun_error err;
	enum lun_result rc = record_text(recorder, text, x, y, has_color ? rgba : NULL, &effects, &err);
	int count = push_size(L, text); // numbers on a stack with room: cannot raise
	lun_text_unref(text);
	lun_check_result(L, rc, &err);
	return count;
}

// measure(s[, opts]) -> w, h, lines
static int l_canvas_measure(lua_State *L)
{
	lua_settop(L, 3);
	(void)lun_check_canvas(L, 1);
	struct lun_text *text = make_text(L, 2, 3);
	int count = push_size(L, text);
	lun_text_unref(text);
	return count;
}

static const char *check_utf8(lua_State *L, int arg)
{
	size_t length;
	const char *text = luaL_checklstring(L, arg, &length);
	luaL_argcheck(L, length <= 65536, arg, "toy text of more than 64 KiB; use text()");
	json_t *check = json_stringn(text, length); // NULL: not UTF-8
	bool is_valid = check && strlen(text) == length;
	json_decref(check);
	luaL_argcheck(L, is_valid, arg, "text is not valid UTF-8");
	return text;
}

static int l_canvas_show_text(lua_State *L)
{
	struct lun_error err;
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	lun_check_result(L, lun_recorder_show_text(recorder, check_utf8(L, 2), &err), &err);
	return 0;
}

static int l_canvas_text_path(lua_State *L)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	const char *text = check_utf8(L, 2);
	lun_check_points(L, recorder, 64 * (double)strlen(text));
	cairo_text_path(lun_recorder_cairo(recorder), text);
	return 0;
}

static void set_number(lua_State *L, const char *name, double value)
{
	lua_pushnumber(L, value);
	lua_setfield(L, -2, name);
}

static int l_canvas_text_extents(lua_State *L)
{
	cairo_text_extents_t extents;
	cairo_text_extents(lun_recorder_cairo(lun_check_canvas(L, 1)), check_utf8(L, 2), &extents);
	lua_createtable(L, 0, 6);
	set_number(L, "x_bearing", extents.x_bearing);
	set_number(L, "y_bearing", extents.y_bearing);
	set_number(L, "width", extents.width);
	set_number(L, "height", extents.height);
	set_number(L, "x_advance", extents.x_advance);
	set_number(L, "y_advance", extents.y_advance);
	return 1;
}

static int l_canvas_font_extents(lua_State *L)
{
	cairo_font_extents_t extents;
	cairo_font_extents(lun_recorder_cairo(lun_check_canvas(L, 1)), &extents);
	lua_createtable(L, 0, 5);
	set_number(L, "ascent", extents.ascent);
	set_number(L, "descent", extents.descent);
	set_number(L, "height", extents.height);
	set_number(L, "max_x_advance", extents.max_x_advance);
	set_number(L, "max_y_advance", extents.max_y_advance);
	return 1;
}

const luaL_Reg lun_canvas_text_methods[] = {
        {"text", l_canvas_text},
        {"measure", l_canvas_measure},
        {"show_text", l_canvas_show_text},
        {"text_path", l_canvas_text_path},
        {"text_extents", l_canvas_text_extents},
        {"font_extents", l_canvas_font_extents},
        {NULL, NULL},
};
