/**
 * The parts of the canvas binding: one table of methods a file.
 */
#pragma once

#include "script/bind.h"

/** The recorder behind a canvas argument; raises outside its draw callback. */
struct lun_recorder *lun_check_canvas(lua_State *L, int arg);

/** Raise unless points more fit into the path. */
void lun_check_points(lua_State *L, struct lun_recorder *recorder, double points);

/* NULL-terminated; canvas_calls.c fills closures that share one function. */
void lun_add_canvas_calls(lua_State *L); /**< adds to the table on top of the stack */
extern const luaL_Reg lun_canvas_path_methods[];
extern const luaL_Reg lun_canvas_style_methods[];
extern const luaL_Reg lun_canvas_paint_methods[];
extern const luaL_Reg lun_canvas_text_methods[];
extern const luaL_Reg lun_canvas_picture_methods[];
