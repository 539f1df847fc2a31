// Patterns: what pop_group and get_source return. A handle is a place in the recorder, good for the
// frame that it was made in.
#include <math.h>

#include "script/api/canvas.h"

#define PATTERN "lunette.pattern"

struct pattern_handle {
	int place;
	uint64_t serial; // of the frame
};

int *lun_push_pattern(lua_State *L, const struct lun_recorder *recorder)
{
	struct pattern_handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
	*handle = (struct pattern_handle){-1, lun_recorder_serial(recorder)};
	luaL_setmetatable(L, PATTERN);
	return &handle->place;
}

const int *lun_test_pattern(lua_State *L, int index, const struct lun_recorder *recorder)
{
	const struct pattern_handle *handle = luaL_testudata(L, index, PATTERN);
	if (!handle)
		return NULL;
	bool is_good = lun_recorder_is_begun(recorder) && handle->place >= 0 &&
	               handle->serial == lun_recorder_serial(recorder);
	luaL_argcheck(L, is_good, index, "pattern used outside the frame that made it");
	return &handle->place;
}

static int check_pattern(lua_State *L, struct lun_recorder *recorder)
{
	const int *place = lun_test_pattern(L, 1, recorder);
	luaL_argexpected(L, place, 1, "pattern");
	return *place;
}

static int l_pattern_set_extend(lua_State *L)
{
	static const char *const names[] = {"none", "repeat", "reflect", "pad", NULL};
	struct lun_recorder *recorder = lun_world_of(L)->recorder;
	int place = check_pattern(L, recorder);
	lun_recorder_set_pattern_extend(
	        recorder, place, (cairo_extend_t)luaL_checkoption(L, 2, NULL, names));
	return 0;
}

static int l_pattern_set_filter(lua_State *L)
{
	static const char *const names[] = {"fast", "good", "best", "nearest", "bilinear", NULL};
	struct lun_recorder *recorder = lun_world_of(L)->recorder;
	int place = check_pattern(L, recorder);
	lun_recorder_set_pattern_filter(
	        recorder, place, (cairo_filter_t)luaL_checkoption(L, 2, NULL, names));
	return 0;
}

static int l_pattern_set_matrix(lua_State *L)
{
	struct lun_recorder *recorder = lun_world_of(L)->recorder;
	int place = check_pattern(L, recorder);
	cairo_matrix_t matrix;
	lun_check_matrix(L, 2, &matrix);
	lun_recorder_set_pattern_matrix(recorder, place, &matrix);
	return 0;
}

void lun_open_pattern(lua_State *L)
{
	static const luaL_Reg methods[] = {
	        {"set_extend", l_pattern_set_extend},
	        {"set_filter", l_pattern_set_filter},
	        {"set_matrix", l_pattern_set_matrix},
	        {NULL, NULL},
	};
	lun_new_type(L, PATTERN, methods, NULL);
}
