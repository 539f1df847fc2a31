// copy_path and append_path: a path as an opaque value, in user space. Its data lies in the
// userdata, so that it counts as the scene's Lua memory.
#include <string.h>

#include "script/api/canvas.h"

#define PATH "lunette.path"

struct path_handle {
	int count;
	int points;
	cairo_path_data_t data[];
};

int l_canvas_copy_path(lua_State *L)
{
	cairo_t *cr = lun_recorder_cairo(lun_check_canvas(L, 1));
	cairo_path_t *path = cairo_copy_path(cr);
	int count = path->num_data;
	cairo_path_destroy(path); // the next line may raise
	struct path_handle *handle =
	        lua_newuserdatauv(L, sizeof *handle + (size_t)count * sizeof handle->data[0], 0);
	luaL_setmetatable(L, PATH);
	path = cairo_copy_path(cr);
	handle->count = path->num_data;
	handle->points = 0;
	for (int i = 0; i < path->num_data; i += path->data[i].header.length)
		handle->points += path->data[i].header.length > 1 ? path->data[i].header.length - 1 : 1;
	if (count)
		memcpy(handle->data, path->data, (size_t)count * sizeof handle->data[0]);
	cairo_path_destroy(path);
	return 1;
}

int l_canvas_append_path(lua_State *L)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	struct path_handle *handle = luaL_checkudata(L, 2, PATH);
	cairo_path_t path = {CAIRO_STATUS_SUCCESS, handle->data, handle->count};
	lun_check_points(L, recorder, handle->points);
	cairo_append_path(lun_recorder_cairo(recorder), &path);
	return 0;
}

void lun_open_path(lua_State *L)
{
	static const luaL_Reg methods[] = {{NULL, NULL}};
	lun_new_type(L, PATH, methods, NULL);
}
