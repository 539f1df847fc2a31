// Images and videos laid into a box.
#include <math.h>

#include "script/api/canvas.h"

static const char *const fit_names[] = {"contain", "cover", "stretch", NULL};
enum { FIT_CONTAIN, FIT_COVER, FIT_STRETCH };

// Makes a source of width x height fill its box by a fit: contain shrinks the box, cover crops the
// source.
static void apply_fit(struct lun_placement *p, int fit)
{
	double scale_x = p->width / p->crop.width_px, scale_y = p->height / p->crop.height_px;
	if (fit == FIT_CONTAIN) {
		double scale = fmin(scale_x, scale_y);
		double width = p->crop.width_px * scale, height = p->crop.height_px * scale;
		p->x += (p->width - width) / 2;
		p->y += (p->height - height) / 2;
		p->width = width;
		p->height = height;
	} else if (fit == FIT_COVER) {
		double scale = fmax(scale_x, scale_y);
		double width_px = p->width / scale, height_px = p->height / scale;
		p->crop.x_px += (p->crop.width_px - width_px) / 2;
		p->crop.y_px += (p->crop.height_px - height_px) / 2;
		p->crop.width_px = width_px;
		p->crop.height_px = height_px;
	}
}

static double check_size(lua_State *L, double size, const char *what)
{
	if (!(size > 0 && size < 1e6))
		(void)luaL_error(L, "%s: wants a size above 0", what);
	return size;
}

// image(img, x, y[, {width, height, fit, radius, alpha, filter, rotate}])
static int l_canvas_image(lua_State *L)
{
	static const char *const filters[] = {"fast", "good", "best", "nearest", NULL};
	lua_settop(L, 5);
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	struct lun_image *image = lun_test_image(L, 2);
	luaL_argexpected(L, image, 2, "image");
	static const char *const names[] = {
	        "width", "height", "fit", "radius", "alpha", "filter", "rotate", NULL};
	lun_check_fields(L, 5, names);
	double natural_width = image->width_px, natural_height = image->height_px;
	double width = lun_field_number(L, 5, "width", 0), height = lun_field_number(L, 5, "height", 0);
	bool has_width = lun_field_push(L, 5, "width"), has_height = lun_field_push(L, 5, "height");
	if (has_height)
		height = check_size(L, height, "option height");
	if (!has_width)
		width = has_height ? height * natural_width / natural_height : natural_width;
	if (!has_height)
		height = width * natural_height / natural_width;
	struct lun_placement placement = {
	        .x = lun_check_number(L, 3),
	        .y = lun_check_number(L, 4),
	        .width = check_size(L, width, "option width"),
	        .height = check_size(L, height, "option height"),
	        .radius = fmax(0, lun_field_number(L, 5, "radius", 0)),
	        .alpha = fmax(0, fmin(lun_field_number(L, 5, "alpha", 1), 1)),
	        .filter = (cairo_filter_t)lun_field_choice(L, 5, "filter", filters, 1),
	        .crop = {0, 0, natural_width, natural_height},
	};
	double angle = lun_field_number(L, 5, "rotate", 0);
	apply_fit(&placement, lun_field_choice(L, 5, "fit", fit_names, FIT_CONTAIN));
	cairo_t *cr = lun_recorder_cairo(recorder);
	cairo_matrix_t matrix;
	cairo_get_matrix(cr, &matrix);
	if (angle != 0) { // about the middle of the box
		double x = placement.x + placement.width / 2, y = placement.y + placement.height / 2;
		cairo_translate(cr, x, y);
		cairo_rotate(cr, angle);
		cairo_translate(cr, -x, -y);
	}
	struct lun_error err;
	enum lun_result rc = lun_recorder_image(recorder, image, &placement, &err);
	cairo_set_matrix(cr, &matrix);
	lun_check_result(L, rc, &err);
	return 0;
}

// crop = {x, y, w, h} in the source's pixels
static struct lun_crop check_crop(lua_State *L, int index, const struct lun_picture *picture)
{
	struct lun_crop crop = {0, 0, picture->width_px, picture->height_px};
	if (!lun_field_push(L, index, "crop"))
		return crop;
	double numbers[4];
	for (int i = 0; i < 4; i++) {
		int is_number = 0;
		if (lua_istable(L, -1)) {
			(void)lua_rawgeti(L, -1, i + 1);
			numbers[i] = lua_tonumberx(L, -1, &is_number);
			lua_pop(L, 1);
		}
		if (!is_number || !isfinite(numbers[i])) {
			crop.width_px = 0;
			break;
		}
	}
	if (crop.width_px > 0) {
		double x0 = fmax(0, numbers[0]), y0 = fmax(0, numbers[1]);
		crop = (struct lun_crop){x0, y0, fmin(numbers[0] + numbers[2], crop.width_px) - x0,
		        fmin(numbers[1] + numbers[3], crop.height_px) - y0};
	}
	if (!(crop.width_px >= 1 && crop.height_px >= 1))
		crop.width_px = 0;
	lua_pop(L, 1);
	return crop;
}

// video(src, x, y, w, h[, {fit, mirror, radius, alpha, crop}])
static int l_canvas_video(lua_State *L)
{
	lua_settop(L, 7);
	struct lun_recorder *recorder = lun_check_canvas(L, 1);
	struct lun_source *source = lun_check_source(L, 2);
	static const char *const names[] = {"fit", "mirror", "radius", "alpha", "crop", "key", NULL};
	lun_check_fields(L, 7, names);
	struct lun_placement placement = {
	        .x = lun_check_number(L, 3),
	        .y = lun_check_number(L, 4),
	        .width = check_size(L, lun_check_number(L, 5), "width"),
	        .height = check_size(L, lun_check_number(L, 6), "height"),
	        .radius = fmax(0, lun_field_number(L, 7, "radius", 0)),
	        .alpha = fmax(0, fmin(lun_field_number(L, 7, "alpha", 1), 1)),
	        .filter = CAIRO_FILTER_GOOD,
	        .is_mirrored = lun_field_bool(L, 7, "mirror", false),
	};
	int fit = lun_field_choice(L, 7, "fit", fit_names, FIT_COVER);
	if (lun_field_push(L, 7, "key"))
		return luaL_error(L, "option key: the chroma key is not available in this version");
	struct lun_error err = {0};
	struct lun_world *world = lun_world_of(L);
	struct lun_picture *picture = lun_source_get_picture(source, world->moment, &err);
	if (err.message[0])
		lun_world_log(world, LUN_LOG_WARN, "%s", err.message);
	if (!picture)
		return 0;
	placement.crop = (struct lun_crop){0, 0, picture->width_px, picture->height_px};
	enum lun_result rc = LUN_INVALID;
	(void)lun_fail(&err, rc, "option crop: wants {x, y, w, h} inside the picture");
	if (lua_istable(L, 7))
		placement.crop = check_crop(L, 7, picture);
	if (placement.crop.width_px > 0) {
		apply_fit(&placement, fit);
		rc = lun_recorder_video(recorder, picture, &placement, &err);
	}
	lun_picture_unref(picture);
	lun_check_result(L, rc, &err);
	return 0;
}

const luaL_Reg lun_canvas_picture_methods[] = {
        {"image", l_canvas_image},
        {"video", l_canvas_video},
        {NULL, NULL},
};
