/**
 * What every binding file leans on: argument checks and the list of modules.
 *
 * Bindings convert arguments, call one core function, convert the result. Programmer mistakes
 * raise; the world's failures return nil and a message. Thread: the VM's owner.
 */
#pragma once

#include <jansson.h>

#include "canvas/recorder.h"
#include "scene/world.h"
#include "script/vm.h"

/** A finite number, or an error that names the argument. */
double lun_check_number(lua_State *L, int arg);
/** The same, or fallback when there is none. */
double lun_opt_number(lua_State *L, int arg, double fallback);

/** The name of a file, without zero bytes. */
const char *lun_check_path(lua_State *L, int arg);

/* Fields of an options table at index (which may be nil or absent: then every field is). Each
 * raises "option NAME: wants …" for a wrong type. */
double lun_field_number(lua_State *L, int index, const char *name, double fallback);
bool lun_field_bool(lua_State *L, int index, const char *name, bool fallback);
/** One of a NULL-terminated list. @return its place, or fallback */
int lun_field_choice(
        lua_State *L, int index, const char *name, const char *const *choices, int fallback);
/** Raise for a field of an options table that is not in a NULL-terminated list. */
void lun_check_fields(lua_State *L, int index, const char *const *names);
/** Pushes the field; true when it is not nil (otherwise nothing is pushed). */
bool lun_field_push(lua_State *L, int index, const char *name);

/** A colour: "#rrggbb", a CSS name, {r,g,b[,a]}. what names it in the error. */
void lun_check_color(lua_State *L, int index, const char *what, double out_rgba[4]);

/** nil, message */
int lun_return_failure(lua_State *L, const struct lun_error *err);
/** Raise when rc is not LUN_OK. */
void lun_check_result(lua_State *L, enum lun_result rc, const struct lun_error *err);

/** A type of userdata: metatable with __gc, __close, __index = methods, locked. */
void lun_new_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction collect);

/** JSON to a Lua value on the stack (null becomes nil). May raise for memory. */
void lun_push_json(lua_State *L, const json_t *value);
/** Plain data at index to JSON; raises for functions, userdata, cycles, depth above 64. The
 *  caller owns the reference. */
json_t *lun_check_json(lua_State *L, int index);

/* Handles that other bindings take. */
struct lun_image *lun_test_image(lua_State *L, int index);       /**< NULL: not an image */
struct lun_gradient *lun_test_gradient(lua_State *L, int index); /**< NULL: not a gradient */
struct lun_source *lun_check_source(lua_State *L, int index);
/** Push a fresh image handle for the scene's file; on failure pushes nil and message. @return
 *  how many values were pushed */
int lun_push_image(lua_State *L, const char *path);

/** Push the scene's canvas object. It is usable only while its recorder is begun. */
void lun_push_canvas(lua_State *L);

/** Put our find, match, gmatch and gsub into the string library on top of the stack. */
void lun_replace_matching(lua_State *L);

/* Modules: each opens into a table on the stack and is reached as a global and by require. */
int lun_open_canvas(lua_State *L); // no table of its own: makes the canvas type
int lun_open_image(lua_State *L);
int lun_open_gradient(lua_State *L);
int lun_open_video(lua_State *L);
int lun_open_camera(lua_State *L);
int lun_open_param(lua_State *L);
int lun_open_params(lua_State *L);
int lun_open_feed(lua_State *L);
int lun_open_clock(lua_State *L);
int lun_open_color(lua_State *L);
int lun_open_json(lua_State *L);
int lun_open_log(lua_State *L);
int lun_open_os(lua_State *L);
