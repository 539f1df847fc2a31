// image.load and image handles.
#include <string.h>
#include <unistd.h>

#include "script/bind.h"

#define IMAGE "lunette.image"

struct image_handle {
	struct lun_image *image; // ref; NULL once closed
	struct lun_held *held;
};

static int l_image_close(lua_State *L)
{
	struct image_handle *handle = luaL_checkudata(L, 1, IMAGE);
	struct lun_image *image = handle->image;
	handle->image = NULL;
	if (image)
		lun_world_of(L)->image_bytes -= image->bytes;
	lun_vm_let_go(lun_vm_of(L), handle->held);
	handle->held = NULL;
	lun_image_unref(image);
	return 0;
}

static void release(void *image)
{
	lun_image_unref(image);
}

struct lun_image *lun_test_image(lua_State *L, int index)
{
	const struct image_handle *handle = luaL_testudata(L, index, IMAGE);
	if (handle && !handle->image)
		(void)luaL_argerror(L, index, "image is closed");
	return handle ? handle->image : NULL;
}

// What the scene holds is bounded; a full collection runs before the limit raises.
static void check_room(lua_State *L, const struct lun_image *image)
{
	const struct lun_world *world = lun_world_of(L);
	if (world->image_bytes + image->bytes > LUN_MAX_IMAGE_BYTES)
		(void)lua_gc(L, LUA_GCCOLLECT);
	if (world->image_bytes + image->bytes > LUN_MAX_IMAGE_BYTES)
		(void)luaL_error(
		        L, "the scene's images take more than %d MiB", (int)(LUN_MAX_IMAGE_BYTES >> 20));
}

int lun_push_image(lua_State *L, const char *path)
{
	struct lun_error err;
	struct lun_world *world = lun_world_of(L);
	struct image_handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
	*handle = (struct image_handle){0};
	luaL_setmetatable(L, IMAGE);
	int fd = lun_world_open(world, path, &err);
	struct lun_image *image = NULL;
	enum lun_result rc = fd < 0 ? LUN_NOT_FOUND : lun_image_decode(fd, path, &image, &err);
	if (fd >= 0)
		(void)close(fd);
	if (rc != LUN_OK) {
		lua_pop(L, 1); // the handle
		return lun_return_failure(L, &err);
	}
	handle->image = image;
	handle->held = lun_vm_hold(lun_vm_of(L), image, release);
	world->image_bytes += image->bytes;
	check_room(L, image);
	return 1;
}

static int l_image_load(lua_State *L)
{
	return lun_push_image(L, lun_check_path(L, 1));
}

// .width .height, and the methods. Upvalue: the methods.
static int l_image_index(lua_State *L)
{
	const struct image_handle *handle = luaL_checkudata(L, 1, IMAGE);
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	const char *key = luaL_checkstring(L, 2);
	luaL_argcheck(L, handle->image, 1, "image is closed");
	if (strcmp(key, "width") == 0)
		lua_pushinteger(L, handle->image->width_px);
	else if (strcmp(key, "height") == 0)
		lua_pushinteger(L, handle->image->height_px);
	return 1;
}

int lun_open_image(lua_State *L)
{
	static const luaL_Reg methods[] = {{"close", l_image_close}, {NULL, NULL}};
	static const luaL_Reg functions[] = {{"load", l_image_load}, {NULL, NULL}};
	lun_new_type(L, IMAGE, methods, l_image_close);
	(void)luaL_getmetatable(L, IMAGE);
	(void)lua_getfield(L, -1, "__index");
	lua_pushcclosure(L, l_image_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	return 1;
}
