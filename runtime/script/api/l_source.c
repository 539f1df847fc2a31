// camera and video: handles of sources, which `cr:video` draws.
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "script/bind.h"

#define SOURCE "lunette.source"

struct source_handle {
	struct lun_source *source; // owned; NULL once closed
	struct lun_held *held;
};

static int l_source_close(lua_State *L)
{
	struct source_handle *handle = luaL_checkudata(L, 1, SOURCE);
	struct lun_source *source = handle->source;
	handle->source = NULL;
	lun_vm_let_go(lun_vm_of(L), handle->held);
	handle->held = NULL;
	lun_source_destroy(source);
	return 0;
}

static void release(void *source)
{
	lun_source_destroy(source);
}

// The source was opened into its handle, which is the result.
static int keep(lua_State *L, struct source_handle *handle)
{
	handle->held = lun_vm_hold(lun_vm_of(L), handle->source, release);
	return 1;
}

struct lun_source *lun_check_source(lua_State *L, int index)
{
	const struct source_handle *handle = luaL_checkudata(L, index, SOURCE);
	luaL_argcheck(L, handle->source, index, "source is closed");
	return handle->source;
}

static struct source_handle *push_handle(lua_State *L)
{
	struct source_handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
	*handle = (struct source_handle){0};
	luaL_setmetatable(L, SOURCE);
	return handle;
}

// camera.open([id]): the camera that the user chose; with none there, a synthetic one.
static int l_camera_open(lua_State *L)
{
	const struct lun_world *world = lun_world_of(L);
	struct source_handle *handle = push_handle(L);
	struct lun_error err;
	int fd = world->camera_fd < 0 ? -1 : fcntl(world->camera_fd, F_DUPFD_CLOEXEC, 3);
	const char *spec = world->camera_fd < 0 ? NULL : world->camera_spec;
	if (lun_source_open_camera(fd, spec, &handle->source, &err) == LUN_OK)
		return keep(L, handle);
	if (fd >= 0)
		(void)close(fd);
	return luaL_error(L, "camera.open: %s", err.message); // the user's mistake, not the scene's
}

static int l_camera_list(lua_State *L)
{
	const struct lun_world *world = lun_world_of(L);
	lua_createtable(L, 1, 0);
	lua_createtable(L, 0, 2);
	lua_pushstring(L, world->camera_fd < 0 ? "synthetic" : "file");
	lua_setfield(L, -2, "id");
	lua_pushstring(L, world->camera_fd < 0 ? "Synthetic camera" : world->camera_spec);
	lua_setfield(L, -2, "name");
	lua_rawseti(L, -2, 1);
	return 1;
}

// video.open(path[, {loop, start, rate}])
static int l_video_open(lua_State *L)
{
	lua_settop(L, 2);
	static const char *const names[] = {"loop", "start", "rate", NULL};
	const char *path = lun_check_path(L, 1);
	lun_check_fields(L, 2, names);
	struct lun_video_params params = {
	        .loop = lun_field_bool(L, 2, "loop", true),
	        .start_s = fmax(0, lun_field_number(L, 2, "start", 0)),
	        .rate = lun_field_number(L, 2, "rate", 1),
	};
	if (!(params.rate > 0 && params.rate <= 100))
		return luaL_error(L, "option rate: wants a number above 0, at most 100");
	struct source_handle *handle = push_handle(L);
	struct lun_error err;
	int fd = lun_world_open(lun_world_of(L), path, &err);
	if (fd < 0)
		return lun_return_failure(L, &err);
	if (lun_source_open_video(fd, path, params, &handle->source, &err) == LUN_OK)
		return keep(L, handle);
	(void)close(fd);
	return lun_return_failure(L, &err);
}

static int l_source_seek(lua_State *L)
{
	struct lun_source *source = lun_check_source(L, 1);
	lun_source_seek(source, lun_world_of(L)->moment, fmax(0, lun_check_number(L, 2)));
	return 0;
}

static int l_source_pause(lua_State *L)
{
	lun_source_pause(lun_check_source(L, 1), lun_world_of(L)->moment);
	return 0;
}

static int l_source_play(lua_State *L)
{
	lun_source_play(lun_check_source(L, 1), lun_world_of(L)->moment);
	return 0;
}

// .width .height .fps .live .duration .position, and the methods. Upvalue: the methods.
static int l_source_index(lua_State *L)
{
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	struct lun_source *source = lun_check_source(L, 1);
	const struct lun_world *world = lun_world_of(L);
	const char *key = luaL_checkstring(L, 2);
	if (strcmp(key, "width") == 0) {
		lua_pushinteger(L, lun_source_width_px(source));
	} else if (strcmp(key, "height") == 0) {
		lua_pushinteger(L, lun_source_height_px(source));
	} else if (strcmp(key, "fps") == 0) {
		double fps = lun_source_fps(source);
		lua_pushnumber(L, fps > 0 ? fps : (double)world->format.fps_num / world->format.fps_den);
	} else if (strcmp(key, "live") == 0) {
		lua_pushboolean(L, true);
	} else if (strcmp(key, "duration") == 0) {
		lua_pushnumber(L, lun_source_duration_s(source));
	} else if (strcmp(key, "position") == 0) {
		lua_pushnumber(L, lun_source_position_s(source, world->moment));
	}
	return 1;
}

int lun_open_video(lua_State *L)
{
	static const luaL_Reg methods[] = {
	        {"seek", l_source_seek},
	        {"pause", l_source_pause},
	        {"play", l_source_play},
	        {"close", l_source_close},
	        {NULL, NULL},
	};
	static const luaL_Reg functions[] = {{"open", l_video_open}, {NULL, NULL}};
	lun_new_type(L, SOURCE, methods, l_source_close);
	(void)luaL_getmetatable(L, SOURCE);
	(void)lua_getfield(L, -1, "__index");
	lua_pushcclosure(L, l_source_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	return 1;
}

int lun_open_camera(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"open", l_camera_open},
	        {"list", l_camera_list},
	        {NULL, NULL},
	};
	luaL_newlib(L, functions);
	return 1;
}
