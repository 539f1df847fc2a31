// The reference for the canvas: the same Lua text, each call straight to cairo on one tile after
// the other. No recorder, no list, no compositor, nothing of liblunette.
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

struct direct {
	cairo_t *cr;
	cairo_matrix_t base;
	cairo_path_t *path;           // the last one copied; owned
	cairo_surface_t *image;       // what image.load returns
	cairo_pattern_t *pattern[64]; // made by the text; owned
	int patterns;
};

#define MAX_ARGS 256

struct direct_args {
	double n[MAX_ARGS];
	const char *s[MAX_ARGS];
	cairo_pattern_t *pattern;
	int numbers, strings;
};

static void flatten(lua_State *L, int index, struct direct_args *a)
{
	switch (lua_type(L, index)) {
	case LUA_TNUMBER:
		a->n[a->numbers++] = lua_tonumber(L, index);
		return;
	case LUA_TSTRING:
		a->s[a->strings++] = lua_tostring(L, index);
		return;
	case LUA_TTABLE:
		for (int i = 1; i <= (int)lua_rawlen(L, index); i++) {
			(void)lua_rawgeti(L, index, i);
			flatten(L, lua_gettop(L), a);
		}
		return;
	case LUA_TUSERDATA:
		a->pattern = *(cairo_pattern_t **)lua_touserdata(L, index);
		return;
	default:
		return;
	}
}

static struct direct *get_args(lua_State *L, int first, struct direct_args *a)
{
	*a = (struct direct_args){0};
	int top = lua_gettop(L);
	luaL_checkstack(L, 100, NULL);
	for (int i = first; i <= top; i++)
		flatten(L, i, a);
	(void)lua_getfield(L, LUA_REGISTRYINDEX, "direct");
	return lua_touserdata(L, -1);
}

static int place(const char *name, const char *names)
{
	char list[512], *rest = list;
	(void)snprintf(list, sizeof list, "%s", names);
	int i = 0;
	for (char *word; (word = strsep(&rest, " ")); i++) {
		if (strcmp(word, name) == 0)
			return i;
	}
	(void)fprintf(stderr, "direct_cairo: no %s in %s\n", name, names);
	abort();
}

static void parse_hex(const char *text, double out[4])
{
	unsigned r, g, b, a = 255;
	if (sscanf(text, "#%2x%2x%2x%2x", &r, &g, &b, &a) < 3)
		abort();
	out[0] = r / 255.0;
	out[1] = g / 255.0;
	out[2] = b / 255.0;
	out[3] = a / 255.0;
}

static void push_pattern(lua_State *L, struct direct *d, cairo_pattern_t *pattern)
{
	d->pattern[d->patterns++] = pattern;
	*(cairo_pattern_t **)lua_newuserdatauv(L, sizeof pattern, 0) = pattern;
	luaL_setmetatable(L, "pattern");
}

static int l_gradient(lua_State *L)
{
	struct direct_args a;
	struct direct *d = get_args(L, 1, &a);
	int count = (int)lua_tointeger(L, lua_upvalueindex(1));
	cairo_pattern_t *p =
	        count == 6 ? cairo_pattern_create_radial(a.n[0], a.n[1], a.n[2], a.n[3], a.n[4], a.n[5])
	                   : cairo_pattern_create_linear(a.n[0], a.n[1], a.n[2], a.n[3]);
	for (int i = 0; i < a.strings; i++) {
		double c[4];
		parse_hex(a.s[i], c);
		cairo_pattern_add_color_stop_rgba(p, a.n[count + i], c[0], c[1], c[2], c[3]);
	}
	push_pattern(L, d, p);
	return 1;
}

static int l_pattern(lua_State *L)
{
	struct direct_args a;
	(void)get_args(L, 1, &a);
	const char *name = lua_tostring(L, lua_upvalueindex(1));
	if (strcmp(name, "set_extend") == 0)
		cairo_pattern_set_extend(
		        a.pattern, (cairo_extend_t)place(a.s[0], "none repeat reflect pad"));
	else if (strcmp(name, "set_filter") == 0)
		cairo_pattern_set_filter(
		        a.pattern, (cairo_filter_t)place(a.s[0], "fast good best nearest bilinear"));
	else if (strcmp(name, "set_matrix") == 0) {
		cairo_matrix_t m = {a.n[0], a.n[1], a.n[2], a.n[3], a.n[4], a.n[5]};
		cairo_pattern_set_matrix(a.pattern, &m);
	} else
		cairo_pattern_add_color_stop_rgba(a.pattern, a.n[0], a.n[1], a.n[2], a.n[3], a.n[4]);
	return 0;
}

static int l_load(lua_State *L)
{
	struct direct_args a;
	struct direct *d = get_args(L, 1, &a);
	push_pattern(L, d, cairo_pattern_create_for_surface(d->image));
	return 1;
}

static void set_source(cairo_t *cr, const struct direct_args *a)
{
	if (a->pattern && cairo_pattern_get_type(a->pattern) == CAIRO_PATTERN_TYPE_SURFACE &&
	        a->numbers) {
		cairo_surface_t *surface;
		(void)cairo_pattern_get_surface(a->pattern, &surface);
		cairo_set_source_surface(cr, surface, a->n[0], a->n[1]);
	} else if (a->pattern) {
		cairo_set_source(cr, a->pattern);
	} else {
		double c[4];
		parse_hex(a->s[0], c);
		cairo_set_source_rgba(cr, c[0], c[1], c[2], c[3]);
	}
}

#define OPERATORS                                                                               \
	"clear source over in out atop dest dest_over dest_in dest_out dest_atop xor add saturate " \
	"multiply screen overlay darken lighten color_dodge color_burn hard_light soft_light "      \
	"difference exclusion hsl_hue hsl_saturation hsl_color hsl_luminosity"

// Calls that take numbers only.
static bool call_numbers(cairo_t *cr, const char *name, const double *n)
{
	const struct {
		const char *name;
		void (*call0)(cairo_t *);
		void (*call1)(cairo_t *, double);
		void (*call2)(cairo_t *, double, double);
		void (*call4)(cairo_t *, double, double, double, double);
		void (*call5)(cairo_t *, double, double, double, double, double);
		void (*call6)(cairo_t *, double, double, double, double, double, double);
	} table[] = {
	        {.name = "save", .call0 = cairo_save},
	        {.name = "restore", .call0 = cairo_restore},
	        {.name = "push_group", .call0 = cairo_push_group},
	        {.name = "pop_group_to_source", .call0 = cairo_pop_group_to_source},
	        {.name = "clip", .call0 = cairo_clip},
	        {.name = "clip_preserve", .call0 = cairo_clip_preserve},
	        {.name = "fill", .call0 = cairo_fill},
	        {.name = "fill_preserve", .call0 = cairo_fill_preserve},
	        {.name = "stroke", .call0 = cairo_stroke},
	        {.name = "stroke_preserve", .call0 = cairo_stroke_preserve},
	        {.name = "paint", .call0 = cairo_paint},
	        {.name = "new_path", .call0 = cairo_new_path},
	        {.name = "new_sub_path", .call0 = cairo_new_sub_path},
	        {.name = "close_path", .call0 = cairo_close_path},
	        {.name = "reset_clip", .call0 = cairo_reset_clip},
	        {.name = "paint_with_alpha", .call1 = cairo_paint_with_alpha},
	        {.name = "set_line_width", .call1 = cairo_set_line_width},
	        {.name = "set_miter_limit", .call1 = cairo_set_miter_limit},
	        {.name = "set_tolerance", .call1 = cairo_set_tolerance},
	        {.name = "set_font_size", .call1 = cairo_set_font_size},
	        {.name = "rotate", .call1 = cairo_rotate},
	        {.name = "move_to", .call2 = cairo_move_to},
	        {.name = "line_to", .call2 = cairo_line_to},
	        {.name = "rel_move_to", .call2 = cairo_rel_move_to},
	        {.name = "rel_line_to", .call2 = cairo_rel_line_to},
	        {.name = "translate", .call2 = cairo_translate},
	        {.name = "scale", .call2 = cairo_scale},
	        {.name = "rectangle", .call4 = cairo_rectangle},
	        {.name = "set_source_rgba", .call4 = cairo_set_source_rgba},
	        {.name = "arc", .call5 = cairo_arc},
	        {.name = "arc_negative", .call5 = cairo_arc_negative},
	        {.name = "curve_to", .call6 = cairo_curve_to},
	        {.name = "rel_curve_to", .call6 = cairo_rel_curve_to},
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (strcmp(table[i].name, name) != 0)
			continue;
		if (table[i].call0)
			table[i].call0(cr);
		else if (table[i].call1)
			table[i].call1(cr, n[0]);
		else if (table[i].call2)
			table[i].call2(cr, n[0], n[1]);
		else if (table[i].call4)
			table[i].call4(cr, n[0], n[1], n[2], n[3]);
		else if (table[i].call5)
			table[i].call5(cr, n[0], n[1], n[2], n[3], n[4]);
		else
			table[i].call6(cr, n[0], n[1], n[2], n[3], n[4], n[5]);
		return true;
	}
	return false;
}

static void call_style(struct direct *d, const char *name, const struct direct_args *a)
{
	cairo_t *cr = d->cr;
	cairo_matrix_t m = {a->n[0], a->n[1], a->n[2], a->n[3], a->n[4], a->n[5]};
	if (strcmp(name, "set_source_rgb") == 0)
		cairo_set_source_rgb(cr, a->n[0], a->n[1], a->n[2]);
	else if (strncmp(name, "set_source", 10) == 0)
		set_source(cr, a);
	else if (strcmp(name, "mask") == 0)
		cairo_mask(cr, a->pattern);
	else if (strcmp(name, "mask_surface") == 0)
		cairo_mask_surface(cr, d->image, a->n[0], a->n[1]);
	else if (strcmp(name, "set_operator") == 0)
		cairo_set_operator(cr, (cairo_operator_t)place(a->s[0], OPERATORS));
	else if (strcmp(name, "set_line_cap") == 0)
		cairo_set_line_cap(cr, (cairo_line_cap_t)place(a->s[0], "butt round square"));
	else if (strcmp(name, "set_line_join") == 0)
		cairo_set_line_join(cr, (cairo_line_join_t)place(a->s[0], "miter round bevel"));
	else if (strcmp(name, "set_fill_rule") == 0)
		cairo_set_fill_rule(cr, (cairo_fill_rule_t)place(a->s[0], "winding even_odd"));
	else if (strcmp(name, "set_antialias") == 0)
		cairo_set_antialias(
		        cr, (cairo_antialias_t)place(a->s[0], "default none gray subpixel fast good best"));
	else if (strcmp(name, "set_dash") == 0) // the last number is the offset
		cairo_set_dash(cr, a->n, a->numbers - 1, a->n[a->numbers - 1]);
	else if (strcmp(name, "transform") == 0)
		cairo_transform(cr, &m);
	else if (strcmp(name, "set_matrix") == 0) {
		cairo_matrix_multiply(&m, &m, &d->base);
		cairo_set_matrix(cr, &m);
	} else if (strcmp(name, "identity_matrix") == 0)
		cairo_set_matrix(cr, &d->base);
	else if (strcmp(name, "select_font_face") == 0)
		cairo_select_font_face(cr, a->s[0],
		        (cairo_font_slant_t)place(a->s[1], "normal italic oblique"),
		        (cairo_font_weight_t)place(a->s[2], "normal bold"));
	else if (strcmp(name, "show_text") == 0)
		cairo_show_text(cr, a->s[0]);
	else if (strcmp(name, "text_path") == 0)
		cairo_text_path(cr, a->s[0]);
	else {
		(void)fprintf(stderr, "direct_cairo: no call %s\n", name);
		abort();
	}
}

static int l_call(lua_State *L)
{
	struct direct_args a;
	struct direct *d = get_args(L, 2, &a);
	const char *name = lua_tostring(L, lua_upvalueindex(1));
	if (strcmp(name, "pop_group") == 0) {
		push_pattern(L, d, cairo_pop_group(d->cr));
		return 1;
	}
	if (strcmp(name, "copy_path") == 0) {
		d->path = cairo_copy_path(d->cr);
		return 0;
	}
	if (strcmp(name, "append_path") == 0) {
		cairo_append_path(d->cr, d->path);
		return 0;
	}
	if (strcmp(name, "get_source") == 0) {
		push_pattern(L, d, cairo_pattern_reference(cairo_get_source(d->cr)));
		return 1;
	}
	if (!call_numbers(d->cr, name, a.n))
		call_style(d, name, &a);
	return 0;
}

static int l_index(lua_State *L)
{
	lua_pushvalue(L, 2);
	lua_pushcclosure(L, lua_toboolean(L, lua_upvalueindex(1)) ? l_pattern : l_call, 1);
	return 1;
}

static lua_State *open_direct(struct direct *d)
{
	lua_State *L = luaL_newstate();
	luaL_openlibs(L);
	lua_pushlightuserdata(L, d);
	lua_setfield(L, LUA_REGISTRYINDEX, "direct");
	for (int is_pattern = 0; is_pattern < 2; is_pattern++) {
		(void)luaL_newmetatable(L, is_pattern ? "pattern" : "cr");
		lua_pushboolean(L, is_pattern);
		lua_pushcclosure(L, l_index, 1);
		lua_setfield(L, -2, "__index");
		lua_pop(L, 1);
	}
	lua_newtable(L);
	for (int count = 4; count <= 6; count += 2) {
		lua_pushinteger(L, count);
		lua_pushcclosure(L, l_gradient, 1);
		lua_setfield(L, -2, count == 4 ? "linear" : "radial");
	}
	lua_setglobal(L, "gradient");
	lua_newtable(L);
	lua_pushcfunction(L, l_load);
	lua_setfield(L, -2, "load");
	lua_setglobal(L, "image");
	return L;
}

static void draw_tile(
        lua_State *L, struct direct *d, const char *text, cairo_t *cr, const double visible[4])
{
	cairo_font_options_t *options = cairo_font_options_create();
	d->cr = cr;
	cairo_rectangle(cr, visible[0], visible[1], visible[2], visible[3]);
	cairo_clip(cr);
	cairo_set_matrix(cr, &d->base);
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_set_font_options(cr, options);
	cairo_font_options_destroy(options);
	(void)lua_newuserdatauv(L, 1, 0);
	luaL_setmetatable(L, "cr");
	lua_setglobal(L, "cr");
	if (luaL_loadstring(L, text) != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK) {
		(void)fprintf(stderr, "direct_cairo: %s\n", lua_tostring(L, -1));
		abort();
	}
	while (d->patterns > 0)
		cairo_pattern_destroy(d->pattern[--d->patterns]);
	if (d->path)
		cairo_path_destroy(d->path);
	d->path = NULL;
	lua_settop(L, 0);
}

/** Draws text (a chunk with a global `cr`) on a grid of tiles of 64 pixels. */
static uint8_t *draw_directly(const char *text, int width_px, int height_px,
        const cairo_matrix_t *base, const double visible[4], cairo_surface_t *image)
{
	struct direct d = {.base = *base, .image = image};
	lua_State *L = open_direct(&d);
	int stride_bytes = width_px * 4;
	uint8_t *argb = calloc((size_t)height_px, (size_t)stride_bytes);
	for (int y = 0; y < height_px; y += 64) {
		for (int x = 0; x < width_px; x += 64) {
			int w = width_px - x < 64 ? width_px - x : 64,
			    h = height_px - y < 64 ? height_px - y : 64;
			cairo_surface_t *tile = cairo_image_surface_create_for_data(
			        argb + y * stride_bytes + x * 4, CAIRO_FORMAT_ARGB32, w, h, stride_bytes);
			cairo_surface_set_device_offset(tile, -x, -y);
			cairo_t *cr = cairo_create(tile);
			cairo_set_source_rgb(cr, 0, 0, 0);
			cairo_paint(cr);
			draw_tile(L, &d, text, cr, visible);
			if (cairo_status(cr) != CAIRO_STATUS_SUCCESS) {
				(void)fprintf(
				        stderr, "direct_cairo: %s\n", cairo_status_to_string(cairo_status(cr)));
				abort();
			}
			cairo_destroy(cr);
			cairo_surface_destroy(tile);
		}
	}
	lua_close(L);
	return argb;
}
