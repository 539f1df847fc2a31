/**
 * The parts of the canvas binding: one table of methods a file.
 */
#pragma once

#include "script/bind.h"

/** The recorder behind a canvas argument; raises outside its draw callback. */
struct lun_recorder *lun_check_canvas(lua_State *L, int arg);

/** Raise unless points more fit into the path. */
void lun_check_points(lua_State *L, struct lun_recorder *recorder, double points);

/** {xx, yx, xy, yy, x0, y0}, one that can be inverted. */
void lun_check_matrix(lua_State *L, int arg, cairo_matrix_t *out_matrix);

/** Push a pattern handle of this frame; its place is to be filled in. */
int *lun_push_pattern(lua_State *L, const struct lun_recorder *recorder);
/** The place of a pattern; NULL: not one. Raises for one of another frame. */
const int *lun_test_pattern(lua_State *L, int index, const struct lun_recorder *recorder);
void lun_open_pattern(lua_State *L); /**< makes the pattern type */

/** A path as a value: copy_path and append_path. */
int l_canvas_copy_path(lua_State *L);
int l_canvas_append_path(lua_State *L);
void lun_open_path(lua_State *L); /**< makes the path type */

/* NULL-terminated; canvas_calls.c fills closures that share one function. */
void lun_add_canvas_calls(lua_State *L); /**< adds to the table on top of the stack */
extern const luaL_Reg lun_canvas_path_methods[];
extern const luaL_Reg lun_canvas_style_methods[];
extern const luaL_Reg lun_canvas_paint_methods[];
extern const luaL_Reg lun_canvas_text_methods[];
extern const luaL_Reg lun_canvas_picture_methods[];
