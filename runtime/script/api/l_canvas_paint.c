// Sources, state, clips and the calls that paint.
#include <math.h>

#include "script/api/canvas.h"

static int l_canvas_save(lua_State *L)
{
	struct lun_error err;
	lun_check_result(L, lun_recorder_save(lun_check_canvas(L, 1), &err), &err);
	return 0;
}

static int l_canvas_restore(lua_State *L)
{
	if (!lun_recorder_restore(lun_check_canvas(L, 1)))
		return luaL_error(L, "restore without a save");
	return 0;
}

static int l_canvas_push_group(lua_State *L)
{
	struct lun_error err;
	lun_check_result(L, lun_recorder_push_group(lun_check_canvas(L, 1), &err), &err);
	return 0;
}

static int l_canvas_pop_group_to_source(lua_State *L)
{
	if (!lun_recorder_pop_group_to_source(lun_check_canvas(L, 1)))
		return luaL_error(L, "pop_group_to_source without a push_group");
	return 0;
}

static int l_canvas_pop_group(lua_State *L)
{
	struct lun_error err;
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	int *pattern = lun_push_pattern(L, recorder);
	lun_check_result(L, lun_recorder_pop_group(recorder, pattern, &err), &err);
	return 1;
}

static int l_canvas_get_source(lua_State *L)
{
	struct lun_error err;
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	int *pattern = lun_push_pattern(L, recorder);
	lun_check_result(L, lun_recorder_get_source(recorder, pattern, &err), &err);
	return 1;
}

static int l_canvas_set_source_rgb(lua_State *L)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	lun_recorder_set_source_rgba(
	        recorder, lun_check_number(L, 2), lun_check_number(L, 3), lun_check_number(L, 4), 1);
	return 0;
}

static int l_canvas_set_source_rgba(lua_State *L)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	lun_recorder_set_source_rgba(recorder, lun_check_number(L, 2), lun_check_number(L, 3),
	        lun_check_number(L, 4), lun_check_number(L, 5));
	return 0;
}

// set_source(colour | gradient | image | pattern)
static int l_canvas_set_source(lua_State *L)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	struct lun_gradient *gradient = lun_test_gradient(L, 2);
	struct lun_image *image = lun_test_image(L, 2);
	const int *pattern = lun_test_pattern(L, 2, recorder);
	if (pattern) {
		lun_recorder_set_source_pattern(recorder, *pattern);
	} else if (gradient) {
		lun_recorder_set_source_gradient(recorder, gradient);
	} else if (image) {
		lun_recorder_set_source_image(
		        recorder, image, lun_opt_number(L, 3, 0), lun_opt_number(L, 4, 0));
	} else {
		double rgba[4];
		lun_check_color(L, 2, "set_source", rgba);
		lun_recorder_set_source_rgba(recorder, rgba[0], rgba[1], rgba[2], rgba[3]);
	}
	return 0;
}

static int l_canvas_set_source_surface(lua_State *L)
{
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	struct lun_image *image = lun_test_image(L, 2);
	luaL_argexpected(L, image, 2, "image");
	lun_recorder_set_source_image(
	        recorder, image, lun_opt_number(L, 3, 0), lun_opt_number(L, 4, 0));
	return 0;
}

static int draw_path(lua_State *L, bool preserve,
        enum lun_result (*draw)(struct lun_recorder *, bool, struct lun_error *))
{
	struct lun_error err;
	lun_check_result(L, draw(lun_check_canvas(L, 1), preserve, &err), &err);
	return 0;
}

static int l_canvas_fill(lua_State *L)
{
	return draw_path(L, false, lun_recorder_fill);
}

static int l_canvas_fill_preserve(lua_State *L)
{
	return draw_path(L, true, lun_recorder_fill);
}

static int l_canvas_stroke(lua_State *L)
{
	return draw_path(L, false, lun_recorder_stroke);
}

static int l_canvas_stroke_preserve(lua_State *L)
{
	return draw_path(L, true, lun_recorder_stroke);
}

static int l_canvas_paint(lua_State *L)
{
	struct lun_error err;
	lun_check_result(L, lun_recorder_paint(lun_check_canvas(L, 1), 1, &err), &err);
	return 0;
}

static int l_canvas_paint_with_alpha(lua_State *L)
{
	struct lun_error err;
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	double alpha = fmax(0, fmin(lun_check_number(L, 2), 1));
	lun_check_result(L, lun_recorder_paint(recorder, alpha, &err), &err);
	return 0;
}

// mask(gradient | image | pattern), mask_surface(image, x, y)
static int l_canvas_mask(lua_State *L)
{
	struct lun_error err;
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	struct lun_gradient *gradient = lun_test_gradient(L, 2);
	struct lun_image *image = lun_test_image(L, 2);
	const int *pattern = lun_test_pattern(L, 2, recorder);
	double x = lun_opt_number(L, 3, 0), y = lun_opt_number(L, 4, 0);
	luaL_argexpected(L, gradient || image || pattern, 2, "gradient, image or pattern");
	enum lun_result rc = gradient ? lun_recorder_mask_gradient(recorder, gradient, &err)
	                     : image  ? lun_recorder_mask_image(recorder, image, x, y, &err)
	                              : lun_recorder_mask_pattern(recorder, *pattern, &err);
	lun_check_result(L, rc, &err);
	return 0;
}

static int l_canvas_clip(lua_State *L)
{
	return draw_path(L, false, lun_recorder_clip);
}

static int l_canvas_clip_preserve(lua_State *L)
{
	return draw_path(L, true, lun_recorder_clip);
}

static int l_canvas_reset_clip(lua_State *L)
{
	lun_recorder_reset_clip(lun_check_canvas(L, 1));
	return 0;
}

const luaL_Reg lun_canvas_paint_methods[] = {
        {"save", l_canvas_save},
        {"restore", l_canvas_restore},
        {"push_group", l_canvas_push_group},
        {"pop_group", l_canvas_pop_group},
        {"pop_group_to_source", l_canvas_pop_group_to_source},
        {"get_source", l_canvas_get_source},
        {"set_source_rgb", l_canvas_set_source_rgb},
        {"set_source_rgba", l_canvas_set_source_rgba},
        {"set_source", l_canvas_set_source},
        {"set_source_surface", l_canvas_set_source_surface},
        {"fill", l_canvas_fill},
        {"fill_preserve", l_canvas_fill_preserve},
        {"stroke", l_canvas_stroke},
        {"stroke_preserve", l_canvas_stroke_preserve},
        {"paint", l_canvas_paint},
        {"paint_with_alpha", l_canvas_paint_with_alpha},
        {"mask", l_canvas_mask},
        {"mask_surface", l_canvas_mask},
        {"clip", l_canvas_clip},
        {"clip_preserve", l_canvas_clip_preserve},
        {"reset_clip", l_canvas_reset_clip},
        {NULL, NULL},
};
