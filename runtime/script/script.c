// Runs a scene's program: loads its file, finds its callbacks and calls them within their budgets.
// What the callbacks may do is the bindings' matter; when they run is the engine's.
#include "script/script.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lunette/params.h"
#include "script/bind.h"
#include "script/sandbox.h"

#define SCENE_MAX_BYTES ((size_t)4 << 20)

struct lun_script {
	struct lun_world *world; // borrowed, outlives us
	struct lun_vm *vm;       // owned
	char *title;             // owned
	json_t *output;          // ref
	bool was_unbalanced;     // said once
};

static const char scene_key, frame_key;

// A member of the scene's table, or of the tables it inherits from by __index: data is looked up,
// no code of the scene runs for it.
static int push_member(lua_State *L, const char *name)
{
	(void)lua_rawgetp(L, LUA_REGISTRYINDEX, &scene_key);
	for (int depth = 0; depth < 8; depth++) {
		lua_pushstring(L, name);
		if (lua_rawget(L, -2) != LUA_TNIL) {
			lua_remove(L, -2);
			return lua_type(L, -1);
		}
		lua_pop(L, 1);
		int type = luaL_getmetafield(L, -1, "__index");
		if (type != LUA_TTABLE) {
			lua_pop(L, type == LUA_TNIL ? 0 : 1);
			break;
		}
		lua_remove(L, -2);
	}
	lua_pop(L, 1);
	lua_pushnil(L);
	return LUA_TNIL;
}

/* Reading what the main chunk returned. */

static void check_callbacks(lua_State *L)
{
	static const char *const names[] = {
	        "load", "save", "update", "draw", "idle", "event", "watchers", NULL};
	if (push_member(L, "draw") == LUA_TNIL)
		(void)luaL_error(L, "a scene needs a function draw(cr, frame)");
	for (int i = 0; names[i]; i++) {
		int type = push_member(L, names[i]);
		if (type != LUA_TNIL && type != LUA_TFUNCTION)
			(void)luaL_error(
			        L, "scene.%s: wants a function, got %s", names[i], lua_typename(L, type));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static void read_title(lua_State *L, struct lun_script *script)
{
	const char *title = script->world->name;
	if (push_member(L, "title") == LUA_TSTRING)
		title = lua_tostring(L, -1);
	script->title = lun_strdup(title);
	lua_pop(L, 1);
}

static void read_size(lua_State *L, struct lun_world *world)
{
	double size[2] = {world->design_width, world->design_height};
	int type = push_member(L, "size");
	if (type == LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	for (int i = 0; i < 2; i++) {
		int is_number = 0;
		if (type == LUA_TTABLE) {
			(void)lua_rawgeti(L, -1, i + 1);
			size[i] = lua_tonumberx(L, -1, &is_number);
			lua_pop(L, 1);
		}
		if (!is_number || !(size[i] >= 1 && size[i] <= 65536))
			(void)luaL_error(L, "scene.size: wants {width, height}, each from 1 to 65536");
	}
	world->design_width = size[0];
	world->design_height = size[1];
	lua_pop(L, 1);
}

static void read_fit(lua_State *L, struct lun_world *world)
{
	int type = push_member(L, "fit");
	if (type != LUA_TNIL &&
	        (type != LUA_TSTRING || !lun_fit_parse(lua_tostring(L, -1), &world->fit)))
		(void)luaL_error(L, "scene.fit: wants contain, cover, stretch or none");
	lua_pop(L, 1);
}

static void check_declaration(lua_State *L, json_t *declaration, size_t place)
{
	struct lun_error err;
	const char *name = json_string_value(json_object_get(declaration, "name"));
	const char *kind = json_string_value(json_object_get(declaration, "kind"));
	json_t *fallback = json_object_get(declaration, "default");
	if (!name || !kind)
		(void)luaL_error(L, "scene.params: entry %d is not made by param.*", (int)place + 1);
	if (strcmp(kind, "list") == 0 && json_is_object(fallback) && json_object_size(fallback) == 0)
		(void)json_object_set_new(declaration, "default", json_array()); // {} in Lua
	fallback = json_object_get(declaration, "default");
	if (strcmp(kind, "section") != 0 && fallback) {
		enum lun_result rc = lun_param_check(declaration, fallback, NULL, &err);
		if (rc != LUN_OK)
			(void)luaL_error(L, "scene.params: default: %s", err.message);
	}
	if (!json_object_get(declaration, "label"))
		(void)json_object_set_new(declaration, "label", json_string(name));
}

static void check_first_of_name(lua_State *L, const json_t *all, const json_t *declaration)
{
	const char *name = json_string_value(json_object_get(declaration, "name"));
	if (lun_param_find(all, name) != declaration)
		(void)luaL_error(L, "scene.params: there are two parameters \"%s\"", name);
}

static void read_params(lua_State *L, struct lun_world *world)
{
	if (push_member(L, "params") != LUA_TNIL) {
		if (!lua_istable(L, -1))
			(void)luaL_error(L, "scene.params: wants a list of param.*");
		json_t *list = lun_check_json(L, -1);
		json_decref(world->declarations);
		world->declarations = json_is_array(list) ? list : json_array();
		if (!json_is_array(list))
			json_decref(list);
		for (size_t i = 0; i < json_array_size(world->declarations); i++) {
			json_t *declaration = json_array_get(world->declarations, i);
			check_declaration(L, declaration, i);
			check_first_of_name(L, world->declarations, declaration);
		}
	}
	lua_pop(L, 1);
}

static void read_output(lua_State *L, struct lun_script *script)
{
	if (push_member(L, "output") == LUA_TTABLE)
		script->output = lun_check_json(L, -1);
	lua_pop(L, 1);
	if (!json_is_object(script->output)) {
		json_decref(script->output);
		script->output = json_object();
	}
}

/* Protected steps: each gets its argument as a light userdata and may raise. */

struct run_call {
	struct lun_script *script;
	const char *text, *file;
	size_t length_bytes;
};

static int run_main(lua_State *L)
{
	const struct run_call *call = lua_touserdata(L, 1);
	(void)lun_sandbox_open(L);
	lua_settop(L, 1);
	const char *chunk_name = lua_pushfstring(L, "@%s", call->file);
	if (lun_sandbox_load(L, call->text, call->length_bytes, chunk_name) != 1)
		return lua_error(L);
	lun_vm_call(L, 0, 1, LUN_VM_LOAD_NS);
	if (!lua_istable(L, -1))
		return luaL_error(L, "a scene returns a table, this one returned %s", luaL_typename(L, -1));
	lua_rawsetp(L, LUA_REGISTRYINDEX, &scene_key);
	check_callbacks(L);
	read_title(L, call->script);
	read_size(L, call->script->world);
	read_fit(L, call->script->world);
	read_params(L, call->script->world);
	read_output(L, call->script);
	return 0;
}

enum lun_result lun_script_create(struct lun_world *world, const char *file,
        struct lun_script **out_script, struct lun_error *err)
{
	size_t length_bytes;
	char *text = lun_world_read(world, file, SCENE_MAX_BYTES, &length_bytes, err);
	if (!text)
		return LUN_NOT_FOUND;
	struct lun_script *script = lun_alloc(sizeof *script);
	script->world = world;
	enum lun_result rc = lun_vm_create(world, &script->vm);
	if (rc != LUN_OK) {
		(void)lun_fail(err, rc, "not enough memory for a scene");
		goto fail;
	}
	struct run_call call = {script, text, file, length_bytes};
	rc = lun_vm_protect(script->vm, run_main, &call, err);
	if (rc == LUN_SCRIPT && err && !err->path[0]) { // what the file returned is wrong as a whole
		(void)snprintf(err->path, sizeof err->path, "%s", file);
		err->line = 1;
	}
	if (rc != LUN_OK)
		goto fail;
	free(text);
	*out_script = script;
	return LUN_OK;

fail:
	lun_script_destroy(script);
	free(text);
	return rc;
}

void lun_script_destroy(struct lun_script *script)
{
	if (!script)
		return;
	lun_vm_destroy(script->vm);
	json_decref(script->output);
	free(script->title);
	free(script);
}

struct data_call {
	struct lun_script *script;
	const char *name;
	const json_t *data;
	json_t *result; // ref
	int count;
};

static int run_load(lua_State *L)
{
	const struct data_call *call = lua_touserdata(L, 1);
	if (push_member(L, "load") != LUA_TFUNCTION)
		return 0;
	if (call->data)
		lun_push_json(L, call->data);
	else
		lua_pushnil(L);
	lun_vm_call(L, 1, 0, LUN_VM_LOAD_NS);
	return 0;
}

enum lun_result lun_script_load(
        struct lun_script *script, const json_t *saved, struct lun_error *err)
{
	struct data_call call = {.script = script, .data = saved};
	return lun_vm_protect(script->vm, run_load, &call, err);
}

static int run_save(lua_State *L)
{
	struct data_call *call = lua_touserdata(L, 1);
	if (push_member(L, "save") != LUA_TFUNCTION)
		return 0;
	lun_vm_call(L, 0, 1, LUN_VM_CALLBACK_NS);
	call->result = lun_check_json(L, -1);
	return 0;
}

json_t *lun_script_save(struct lun_script *script, struct lun_error *err)
{
	struct data_call call = {.script = script};
	(void)lun_vm_protect(script->vm, run_save, &call, err);
	return call.result;
}

static int run_event(lua_State *L)
{
	const struct data_call *call = lua_touserdata(L, 1);
	if (push_member(L, "event") != LUA_TFUNCTION)
		return 0;
	lua_pushstring(L, call->name);
	if (call->data)
		lun_push_json(L, call->data);
	else
		lua_pushnil(L);
	lun_vm_call(L, 2, 0, LUN_VM_CALLBACK_NS);
	return 0;
}

enum lun_result lun_script_event(
        struct lun_script *script, const char *name, const json_t *data, struct lun_error *err)
{
	struct data_call call = {.script = script, .name = name, .data = data};
	return lun_vm_protect(script->vm, run_event, &call, err);
}

static int run_watchers(lua_State *L)
{
	const struct data_call *call = lua_touserdata(L, 1);
	if (push_member(L, "watchers") != LUA_TFUNCTION)
		return 0;
	lua_pushinteger(L, call->count);
	lun_vm_call(L, 1, 0, LUN_VM_CALLBACK_NS);
	return 0;
}

enum lun_result lun_script_watchers(struct lun_script *script, int count, struct lun_error *err)
{
	struct data_call call = {.script = script, .count = count};
	return lun_vm_protect(script->vm, run_watchers, &call, err);
}

/* Drawing. */

static void set_field(lua_State *L, const char *name, double value)
{
	lua_pushnumber(L, value);
	lua_setfield(L, -2, name);
}

static void set_integer_field(lua_State *L, const char *name, lua_Integer value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, name);
}

// The `frame` argument: one table for the scene's life, filled anew for each frame.
static void push_frame(lua_State *L, const struct lun_world *world)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &frame_key) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_createtable(L, 0, 8);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, LUA_REGISTRYINDEX, &frame_key);
	}
	set_integer_field(L, "number", (lua_Integer)world->moment.number);
	set_field(L, "time", world->moment.time_s);
	set_field(L, "dt", world->dt_s);
	if (world->format.fps_den == 1)
		set_integer_field(L, "fps", world->format.fps_num);
	else
		set_field(L, "fps", (double)world->format.fps_num / world->format.fps_den);
	set_integer_field(L, "width", world->format.width_px);
	set_integer_field(L, "height", world->format.height_px);
	set_integer_field(L, "watchers", world->watchers);
}

static int run_update(lua_State *L)
{
	const struct data_call *call = lua_touserdata(L, 1);
	if (push_member(L, "update") != LUA_TFUNCTION)
		return 0;
	lua_pushnumber(L, call->script->world->dt_s);
	lun_vm_call(L, 1, 0, LUN_VM_CALLBACK_NS);
	return 0;
}

static int run_draw(lua_State *L)
{
	struct data_call *call = lua_touserdata(L, 1);
	if (push_member(L, call->name) != LUA_TFUNCTION)
		return 0;
	lun_push_canvas(L);
	push_frame(L, call->script->world);
	lun_vm_call(L, 2, 0, LUN_VM_CALLBACK_NS);
	call->count = 1;
	return 0;
}

// What a paused camera shows when the scene does not say.
static void record_idle_card(struct lun_world *world)
{
	struct lun_text_style style = lun_text_style_default();
	struct lun_text *text;
	struct lun_recorder *recorder = world->recorder;
	lun_recorder_set_source_rgba(recorder, 0.09, 0.1, 0.12, 1);
	(void)lun_recorder_paint(recorder, 1, NULL);
	style.size = world->design_height / 18;
	style.weight = 500;
	style.align = LUN_TEXT_CENTER;
	style.valign = LUN_TEXT_MIDDLE;
	const char *words = "Camera paused";
	if (lun_text_create(words, strlen(words), &style, &text, NULL) != LUN_OK)
		return;
	const double rgba[4] = {0.85, 0.87, 0.9, 1};
	(void)lun_recorder_text(
	        recorder, text, world->design_width / 2, world->design_height / 2, rgba, NULL);
	lun_text_unref(text);
}

// A context in error draws nothing any more: that is a bug of ours, said once a frame.
static enum lun_result check_context(struct lun_world *world, struct lun_error *err)
{
	cairo_status_t status = cairo_status(lun_recorder_cairo(world->recorder));
	if (status == CAIRO_STATUS_SUCCESS)
		return LUN_OK;
	return lun_fail(err, LUN_SCRIPT, "drawing stopped: %s", cairo_status_to_string(status));
}

static enum lun_result record(struct lun_script *script, enum lun_draw_kind kind,
        struct lun_list **out_list, struct lun_error *err)
{
	struct lun_world *world = script->world;
	struct lun_box frame = {0, 0, world->format.width_px, world->format.height_px}, visible;
	cairo_matrix_t base;
	lun_world_base(world, &base, &visible);
	lun_recorder_begin(world->recorder, frame, visible, &base);
	struct data_call call = {.script = script, .name = kind == LUN_DRAW_IDLE ? "idle" : "draw"};
	enum lun_result rc = lun_vm_protect(script->vm, run_draw, &call, err);
	if (rc == LUN_OK)
		rc = check_context(world, err);
	if (rc == LUN_OK && !call.count)
		record_idle_card(world);
	int unbalanced;
	struct lun_list *list = lun_recorder_end(world->recorder, &unbalanced);
	if (rc != LUN_OK) {
		lun_list_unref(list);
		return rc;
	}
	if (unbalanced > 0 && !script->was_unbalanced) {
		script->was_unbalanced = true;
		lun_world_log(
		        world, LUN_LOG_WARN, "%s left %d save or push_group open", call.name, unbalanced);
	}
	*out_list = list;
	return LUN_OK;
}

enum lun_result lun_script_draw(struct lun_script *script, enum lun_draw_kind kind,
        struct lun_list **out_list, struct lun_error *err)
{
	*out_list = NULL;
	if (kind != LUN_DRAW_IDLE) {
		struct data_call call = {.script = script};
		enum lun_result rc = lun_vm_protect(script->vm, run_update, &call, err);
		if (rc != LUN_OK)
			return rc;
	}
	enum lun_result rc = record(script, kind, out_list, err);
	if (rc == LUN_OK && kind == LUN_DRAW_NOTHING) {
		lun_list_unref(*out_list);
		*out_list = NULL;
	}
	return rc;
}

const char *lun_script_title(const struct lun_script *script)
{
	return script->title;
}

const json_t *lun_script_output(const struct lun_script *script)
{
	return script->output;
}

size_t lun_script_memory_bytes(const struct lun_script *script)
{
	return script->vm->used_bytes;
}
