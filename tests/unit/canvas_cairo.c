// What the canvas draws is what cairo draws: recording, display list and tiles add nothing and
// lose nothing. Each drawing is compared pixel for pixel with the same text run straight on cairo.
#include <unistd.h>

#include "check.h"
#include "direct_cairo.h"
#include "lunette/engine.h"
#include "scene_text.h"

struct drawing {
	const char *name, *text;
};

#define BACK "cr:set_source_rgb(0.2, 0.3, 0.5) cr:paint() cr:set_source_rgb(1, 0.8, 0.1) "
#define STAR                                                                           \
	"cr:move_to(128, 20) cr:line_to(190, 220) cr:line_to(30, 95) cr:line_to(226, 95) " \
	"cr:line_to(66, 220) cr:close_path() "
#define ZIGZAG                                                                         \
	"cr:move_to(30, 40) cr:line_to(220, 70) cr:line_to(50, 120) cr:line_to(210, 125) " \
	"cr:curve_to(250, 200, 10, 150, 60, 220) "
#define LINEAR \
	"gradient.linear(40, 30, 200, 180, {{0, '#ff2010'}, {0.4, '#20ff6080'}, {1, '#1030ff'}})"
#define RADIAL "gradient.radial(100, 100, 10, 130, 120, 70, {{0, '#ffffff'}, {1, '#102040c0'}})"

static const struct drawing drawings[] = {
        {"nothing", ""},
        {"paint", "cr:set_source_rgb(0.1, 0.5, 0.9) cr:paint()"},
        {"paint twice, translucent",
                BACK "cr:set_source_rgba(1, 0, 0, 0.3) cr:paint() cr:set_source_rgba(0, 1, 0, 0.7) "
                     "cr:paint()"},
        {"paint with alpha", BACK "cr:paint_with_alpha(0.37)"},
        {"colours as text",
                BACK "cr:set_source('#ff8000') cr:rectangle(10, 10, 100, 100) cr:fill() "
                     "cr:set_source('#12345678') cr:rectangle(60, 60, 100, 100) cr:fill()"},
        {"colours out of range", "cr:set_source_rgba(2, -1, 0.5, 3) cr:paint()"},
        {"fill on whole pixels", BACK "cr:rectangle(20, 30, 100, 150) cr:fill()"},
        {"fill between pixels", BACK "cr:rectangle(20.3, 30.7, 100.45, 150.15) cr:fill()"},
        {"fill across tiles", BACK "cr:rectangle(63.5, 63.5, 129, 65) cr:fill()"},
        {"rectangle backwards", BACK "cr:rectangle(200, 200, -100, -50) cr:fill()"},
        {"star, winding", BACK STAR "cr:fill()"},
        {"star, even-odd", BACK "cr:set_fill_rule('even_odd') " STAR "cr:fill()"},
        {"star, no antialiasing", BACK "cr:set_antialias('none') " STAR "cr:fill()"},
        {"star, best antialiasing", BACK "cr:set_antialias('best') " STAR "cr:fill()"},
        {"star, fast antialiasing", BACK "cr:set_antialias('fast') " STAR "cr:fill()"},
        {"arcs", BACK "cr:arc(128, 128, 90, 0.3, 4) cr:fill() cr:set_source_rgb(0, 0, 0) "
                      "cr:arc_negative(100, 140, 50, 1, -2) cr:line_to(100, 140) cr:fill()"},
        {"arc of several turns", BACK "cr:arc(128, 128, 60, 0, 20) cr:stroke()"},
        {"curves", BACK "cr:move_to(10, 200) cr:curve_to(90, -150, 150, 400, 240, 30) "
                        "cr:line_to(240, 250) cr:fill()"},
        {"relative steps", BACK "cr:move_to(40, 40) cr:rel_line_to(100, 20) cr:rel_curve_to(30, 0, "
                                "30, 90, 0, 100) cr:rel_move_to(-60, 10) cr:rel_line_to(-30, -80) "
                                "cr:set_line_width(7) cr:stroke()"},
        {"sub paths", BACK "cr:rectangle(20, 20, 150, 150) cr:rectangle(60, 60, 150, 150) "
                           "cr:new_sub_path() cr:arc(128, 128, 30, 0, 7) "
                           "cr:set_fill_rule('even_odd') cr:fill()"},
        {"fill and keep", BACK STAR "cr:fill_preserve() cr:set_source_rgb(0, 0, 0) "
                                    "cr:set_line_width(3) cr:stroke()"},
        {"stroke and keep", BACK STAR "cr:set_line_width(12) cr:stroke_preserve() "
                                      "cr:set_source_rgba(1, 1, 1, 0.5) cr:fill()"},
        {"hairline", BACK "cr:set_line_width(0.2) " ZIGZAG "cr:stroke()"},
        {"line of no width", BACK "cr:set_line_width(0) " ZIGZAG "cr:stroke()"},
        {"butt caps, miter joins", BACK "cr:set_line_width(17) " ZIGZAG "cr:stroke()"},
        {"round caps and joins", BACK "cr:set_line_width(17) cr:set_line_cap('round') "
                                      "cr:set_line_join('round') " ZIGZAG "cr:stroke()"},
        {"square caps, bevel joins", BACK "cr:set_line_width(17) cr:set_line_cap('square') "
                                          "cr:set_line_join('bevel') " ZIGZAG "cr:stroke()"},
        {"miter limit", BACK "cr:set_line_width(9) cr:set_miter_limit(2) " ZIGZAG "cr:stroke()"},
        {"sharp miters", BACK "cr:set_line_width(20) cr:set_miter_limit(40) cr:move_to(40, 200) "
                              "cr:line_to(128, 60) cr:line_to(150, 200) cr:stroke()"},
        {"points", BACK "cr:set_line_width(20) cr:set_line_cap('round') cr:move_to(60, 60) "
                        "cr:line_to(60, 60) cr:move_to(128, 128) cr:close_path() cr:stroke()"},
        {"dashes", BACK "cr:set_line_width(6) cr:set_dash({20, 7, 3, 7}, 5) " ZIGZAG "cr:stroke()"},
        {"odd dashes, round", BACK "cr:set_line_width(6) cr:set_line_cap('round') "
                                   "cr:set_dash({10, 5, 15}, -3.5) " STAR "cr:stroke()"},
        {"no dashes any more", BACK "cr:set_dash({5}, 0) cr:set_dash({}, 0) " STAR "cr:stroke()"},
        {"coarse tolerance", BACK "cr:set_tolerance(8) cr:arc(128, 128, 90, 0, 7) cr:fill()"},
        {"clip", BACK "cr:arc(128, 128, 80, 0, 7) cr:clip() cr:set_source_rgb(1, 1, 1) cr:paint()"},
        {"clips inside clips",
                BACK "cr:arc(100, 128, 80, 0, 7) cr:clip() cr:arc(160, 128, 80, 0, 7) cr:clip() "
                     "cr:rectangle(60.5, 100.25, 150, 40) cr:clip() cr:paint()"},
        {"clip, saved",
                BACK "cr:save() cr:rectangle(30, 30, 60, 60) cr:clip() cr:paint() "
                     "cr:restore() cr:set_source_rgba(0, 0, 0, 0.5) cr:rectangle(70, 70, 100, "
                     "100) cr:fill()"},
        {"clip, preserved and reset",
                BACK STAR "cr:clip_preserve() cr:set_source_rgb(1, 0, 0) cr:paint() "
                          "cr:set_source_rgb(0, 0, 0) cr:set_line_width(10) cr:stroke() "
                          "cr:reset_clip() cr:rectangle(0, 0, 20, 20) cr:fill()"},
        {"clip, even-odd, no antialiasing",
                BACK "cr:set_fill_rule('even_odd') cr:set_antialias('none') " STAR
                     "cr:clip() cr:set_antialias('default') cr:paint()"},
        {"clip of nothing", BACK "cr:clip() cr:paint()"},
        {"clip under a rotation", BACK "cr:translate(128, 128) cr:rotate(0.4) "
                                       "cr:rectangle(-60, -60, 120, 120) cr:clip() cr:rotate(0.8) "
                                       "cr:rectangle(-60, -60, 120, 120) cr:fill()"},
        {"transformations",
                BACK "cr:translate(30, 20) cr:scale(1.5, 0.75) cr:rotate(0.3) "
                     "cr:rectangle(10, 10, 80, 60) cr:fill() cr:set_line_width(8) "
                     "cr:transform({1, 0.2, -0.3, 1, 10, 5}) cr:rectangle(20, 20, 80, 60) "
                     "cr:set_source_rgb(0, 0, 0) cr:stroke()"},
        {"matrix set and reset",
                BACK "cr:set_matrix({0.5, 0.1, -0.2, 0.7, 80, 40}) cr:rectangle(0, 0, 200, 100) "
                     "cr:fill() cr:identity_matrix() cr:set_source_rgb(0, 0, 0) "
                     "cr:rectangle(0, 0, 20, 20) cr:fill()"},
        {"path before, pen after", BACK "cr:rectangle(60, 60, 100, 100) cr:scale(3, 0.5) "
                                        "cr:set_line_width(8) cr:stroke()"},
        {"mirrored", BACK "cr:translate(256, 0) cr:scale(-1, 1) " STAR "cr:fill()"},
        {"linear gradient", BACK "cr:set_source(" LINEAR ") cr:paint()"},
        {"radial gradient", BACK "cr:set_source(" RADIAL ") cr:paint()"},
        {"linear, none",
                BACK "local g = " LINEAR " g:set_extend('none') cr:set_source(g) cr:paint()"},
        {"linear, repeat",
                BACK "local g = " LINEAR " g:set_extend('repeat') cr:set_source(g) cr:paint()"},
        {"linear, reflect",
                BACK "local g = " LINEAR " g:set_extend('reflect') cr:set_source(g) cr:paint()"},
        {"radial, none",
                BACK "local g = " RADIAL " g:set_extend('none') cr:set_source(g) cr:paint()"},
        {"radial, repeat",
                BACK "local g = " RADIAL " g:set_extend('repeat') cr:set_source(g) cr:paint()"},
        {"radial, reflect",
                BACK "local g = " RADIAL " g:set_extend('reflect') cr:set_source(g) cr:paint()"},
        {"gradient with a matrix",
                BACK "local g = " LINEAR " g:set_extend('reflect') "
                     "g:set_matrix({1.5, 0.3, -0.4, 2, 20, 10}) cr:set_source(g) "
                     "cr:paint()"},
        {"gradient locked to user space",
                BACK "cr:translate(60, 60) cr:rotate(0.5) cr:set_source(" LINEAR
                     ") cr:identity_matrix() " STAR "cr:fill()"},
        {"gradient with late stops", BACK
                "local g = gradient.linear(0, 0, 256, 0) g:add_color_stop_rgba(0, 1, 0, 0, 0.2) "
                "g:add_color_stop_rgba(1, 0, 1, 0, 1) cr:set_source(g) cr:paint()"},
        {"gradient without stops", BACK "cr:set_source(gradient.linear(0, 0, 9, 0)) cr:paint()"},
        {"gradient with one stop",
                BACK "cr:set_source(gradient.linear(0, 0, 9, 0, {{0.5, '#ff000080'}})) cr:paint()"},
        {"gradient of no length",
                BACK "cr:set_source(gradient.linear(9, 9, 9, 9, {{0, '#ff0000'}, {1, '#00ff00'}})) "
                     "cr:paint()"},
        {"gradient along a stroke",
                BACK "cr:set_source(" RADIAL ") cr:set_line_width(30) " ZIGZAG "cr:stroke()"},
        {"gradient as mask", BACK "cr:mask(" LINEAR ")"},
        {"gradient as mask, locked",
                BACK "cr:translate(100, 20) cr:rotate(1) cr:set_source_rgb(1, 1, 1) cr:mask(" RADIAL
                     ")"},
        {"gradient through a gradient", BACK "cr:set_source(" LINEAR ") cr:mask(" RADIAL ")"},
        {"group", BACK "cr:push_group() cr:set_source_rgb(1, 0, 0) cr:arc(100, 128, 60, 0, 7) "
                       "cr:fill() cr:set_source_rgb(0, 0, 1) cr:arc(150, 128, 60, 0, 7) cr:fill() "
                       "cr:pop_group_to_source() cr:paint_with_alpha(0.5)"},
        {"group in a group",
                BACK "cr:push_group() cr:rectangle(20, 20, 100, 100) cr:fill() cr:push_group() "
                     "cr:set_source_rgb(0, 1, 0) cr:arc(110, 110, 50, 0, 7) cr:fill() "
                     "cr:pop_group_to_source() cr:paint_with_alpha(0.6) cr:pop_group_to_source() "
                     "cr:paint_with_alpha(0.7)"},
        {"group under a clip", BACK "cr:arc(128, 128, 70.3, 0, 7) cr:clip() cr:push_group() " STAR
                                    "cr:fill() cr:pop_group_to_source() cr:paint_with_alpha(0.8)"},
        {"clip inside a group",
                BACK "cr:push_group() cr:arc(128, 128, 70.3, 0, 7) cr:clip() "
                     "cr:paint() cr:pop_group_to_source() cr:paint_with_alpha(0.8)"},
        {"group that is moved", BACK "cr:push_group() " STAR "cr:fill() cr:pop_group_to_source() "
                                     "cr:rectangle(50, 50, 150, 150) cr:fill()"},
        {"group under a transformation",
                BACK "cr:translate(30, 10) cr:scale(0.8, 0.6) cr:push_group() " STAR
                     "cr:fill() cr:pop_group_to_source() cr:paint()"},
        {"group with operators",
                BACK "cr:push_group() cr:rectangle(30, 30, 150, 150) cr:fill() "
                     "cr:set_operator('dest_out') cr:arc(128, 128, 50, 0, 7) cr:fill() "
                     "cr:pop_group_to_source() cr:paint()"},
        {"state restored after a group", BACK
                "cr:set_line_width(9) cr:push_group() cr:set_line_width(30) cr:translate(50, 50) "
                "cr:pop_group_to_source() cr:set_source_rgb(0, 0, 0) " ZIGZAG "cr:stroke()"},
        {"group taken out and used twice",
                BACK "cr:push_group() " STAR "cr:fill() local g = cr:pop_group() cr:set_source(g) "
                     "cr:paint_with_alpha(0.4) cr:set_operator('xor') cr:set_source(g) cr:paint()"},
        {"group as a mask", BACK "cr:push_group() cr:set_source_rgba(0, 0, 0, 0.7) " STAR
                                 "cr:fill() local g = cr:pop_group() cr:set_source_rgb(1, 0, 0) "
                                 "cr:mask(g)"},
        {"image", BACK "cr:set_source_surface(image.load('check.png'), 40, 50) cr:paint()"},
        {"image between pixels",
                BACK "cr:set_source_surface(image.load('check.png'), 40.4, 50.6) cr:paint()"},
        {"image, smaller",
                BACK "cr:scale(0.37, 0.37) cr:set_source_surface(image.load('check.png'), "
                     "100, 100) cr:paint()"},
        {"image, larger", BACK "cr:scale(3.3, 3.3) cr:set_source_surface(image.load('check.png'), "
                               "10, 10) cr:paint()"},
        {"image, rotated", BACK "cr:translate(128, 40) cr:rotate(0.7) "
                                "cr:set_source_surface(image.load('check.png'), 0, 0) cr:paint()"},
        {"image in a shape",
                BACK "cr:set_source_surface(image.load('check.png'), 100, 100) " STAR "cr:fill()"},
        {"image as mask", BACK "cr:mask_surface(image.load('check.png'), 80, 90)"},
        {"image tiled", BACK "cr:set_source_surface(image.load('check.png'), 13, 7) "
                             "cr:get_source():set_extend('repeat') cr:paint()"},
        {"image tiled, nearest, larger",
                BACK "cr:scale(2.5, 2.5) cr:set_source_surface(image.load('check.png'), 3, 4) "
                     "local s = cr:get_source() s:set_filter('nearest') s:set_extend('reflect') "
                     "cr:paint()"},
        {"source taken and set again", BACK
                "local s = cr:get_source() cr:set_source_rgb(1, 0, 0) cr:rectangle(0, 0, 90, 90) "
                "cr:fill() cr:set_source(s) cr:rectangle(90, 90, 90, 90) cr:fill()"},
        {"text path",
                BACK "cr:select_font_face('DejaVu Sans', 'normal', 'bold') cr:set_font_size(60) "
                     "cr:move_to(20, 120) cr:text_path('Lua Ag') cr:fill_preserve() "
                     "cr:set_source_rgb(0, 0, 0) cr:set_line_width(1) cr:stroke()"},
        {"toy text", BACK "cr:select_font_face('DejaVu Sans', 'normal', 'normal') "
                          "cr:set_font_size(32) cr:move_to(10.3, 60.6) cr:show_text('Hamburg ÄÖ') "
                          "cr:show_text('!') cr:set_font_size(14) cr:move_to(20, 100) "
                          "cr:show_text('small letters')"},
        {"toy text, rotated", BACK
                "cr:select_font_face('DejaVu Sans', 'normal', 'bold') cr:set_font_size(40) "
                "cr:translate(40, 40) cr:rotate(0.6) cr:move_to(0, 30) cr:show_text('Turned')"},
        {"state nests",
                BACK "cr:save() cr:set_source_rgb(1, 0, 0) cr:set_line_width(20) cr:save() "
                     "cr:translate(50, 50) cr:restore() cr:restore() " ZIGZAG "cr:stroke()"},
        {"many clips", BACK "for i = 1, 1000 do cr:rectangle(i / 50, 0, 200, 200) cr:clip() end "
                            "cr:paint()"},
        {"many groups",
                BACK "for i = 1, 30 do cr:push_group() cr:paint() cr:rectangle(i, i, 150, 150) "
                     "cr:set_source_rgba(0, 0, 0, 0.1) cr:fill() cr:pop_group_to_source() end "
                     "cr:paint()"},
        {"many saves", BACK "for i = 1, 4000 do cr:save() cr:translate(0.01, 0.02) end " STAR
                            "cr:fill() for i = 1, 4000 do cr:restore() end"},
        {"far outside", BACK "cr:rectangle(-1e6, -1e6, 2e6, 2e6) cr:set_source_rgba(0, 0, 0, 0.5) "
                             "cr:fill() cr:move_to(-1e5, 128) cr:line_to(1e5, 130) cr:stroke()"},
};

// A group of cairo's is as large as the clip under which it began, a tile here. So groups that move
// are compared on a single tile.
static const struct drawing small_drawings[] = {
        {"group moved",
                BACK "cr:push_group() cr:rectangle(10, 10, 20, 20) cr:fill() "
                     "local g = cr:pop_group() cr:translate(15, 20) cr:set_source(g) cr:paint()"},
        {"group scaled and turned",
                BACK "cr:push_group() cr:arc(20, 20, 10, 0, 7) cr:fill() local g = cr:pop_group() "
                     "cr:translate(10, -8) cr:rotate(0.4) cr:scale(1.3, 1.8) cr:set_source(g) "
                     "cr:paint()"},
        {"group with a matrix of its own",
                BACK "cr:push_group() cr:arc(20, 20, 10, 0, 7) cr:fill() cr:pop_group_to_source() "
                     "cr:get_source():set_matrix({0.7, 0.1, 0, 0.7, 3, 4}) cr:paint()"},
        {"group tiled", BACK "cr:push_group() cr:arc(20, 20, 30, 0, 7) cr:fill() "
                             "local g = cr:pop_group() g:set_extend('reflect') "
                             "cr:translate(-20, -30) cr:set_source(g) cr:paint()"},
        {"group moved as a mask",
                BACK "cr:push_group() cr:arc(20, 20, 10, 0, 7) cr:fill() local g = cr:pop_group() "
                     "cr:set_source_rgb(1, 0, 0) cr:translate(15, 9) cr:mask(g)"},
        {"source changed in an inner state", BACK
                "cr:set_source(gradient.linear(10, 0, 30, 10, {{0, '#ff0000'}, {1, '#0000ff'}})) "
                "cr:save() cr:translate(5, 5) cr:rotate(1) cr:get_source():set_extend('repeat') "
                "cr:paint() cr:restore()"},
};

static const char *const operators[] = {"clear", "source", "over", "in", "out", "atop", "dest",
        "dest_over", "dest_in", "dest_out", "dest_atop", "xor", "add", "saturate", "multiply",
        "screen", "overlay", "darken", "lighten", "color_dodge", "color_burn", "hard_light",
        "soft_light", "difference", "exclusion", "hsl_hue", "hsl_saturation", "hsl_color",
        "hsl_luminosity"};

// Each operator: as a fill, a stroke, a mask and a paint under a clip, in a translucent group.
static const char operator_text[] = BACK
        "cr:push_group() cr:set_source(" LINEAR ") cr:rectangle(20.5, 20.5, 180, 180) cr:fill() "
        "cr:set_operator('%s') cr:set_source_rgba(0.9, 0.2, 0.4, 0.6) " STAR "%s "
        "cr:pop_group_to_source() cr:paint()";
static const char *const operator_uses[] = {"cr:fill()", "cr:set_line_width(9) cr:stroke()",
        "cr:new_path() cr:mask(" RADIAL ")", "cr:clip() cr:paint_with_alpha(0.7)"};

/* The world around. */

static cairo_surface_t *make_image(void)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 48, 40);
	uint8_t *data = cairo_image_surface_get_data(surface);
	for (int y = 0; y < 40; y++) {
		uint32_t *row = (uint32_t *)(data + y * cairo_image_surface_get_stride(surface));
		for (int x = 0; x < 48; x++) // opaque or not there: no rounding of alpha in the PNG
			row[x] = (x / 8 + y / 8) % 3 ? 0xff000000u | (uint32_t)(x * 5 << 16 | y * 6 << 8 | 99)
			                             : 0;
	}
	cairo_surface_mark_dirty(surface);
	return surface;
}

static cairo_status_t write_png(void *closure, const unsigned char *bytes, unsigned int count)
{
	return write(*(int *)closure, bytes, count) == (ssize_t)count ? CAIRO_STATUS_SUCCESS
	                                                              : CAIRO_STATUS_WRITE_ERROR;
}

struct scene_source {
	struct text_file files[2];
	cairo_surface_t *image;
};

static int open_source(void *data, const char *path, struct lun_error *err)
{
	struct scene_source *source = data;
	if (strcmp(path, "check.png") != 0)
		return open_text(source->files, path, err);
	int fd = memfd_create("png", MFD_CLOEXEC);
	if (cairo_surface_write_to_png_stream(source->image, write_png, &fd) != CAIRO_STATUS_SUCCESS)
		abort();
	return fd;
}

struct view {
	int width_px, height_px;
	double design_width, design_height;
};

static bool render_scene(const char *text, const struct view *view, cairo_surface_t *image,
        uint8_t *out, struct lun_layout *out_layout)
{
	char *scene_text = lun_format_string(
	        "return { size = { %.17g, %.17g }, draw = function(cr, frame) %s end }",
	        view->design_width, view->design_height, text);
	struct scene_source source = {.files = {{"scene.lua", scene_text}}, .image = image};
	struct lun_files files = {.open = open_source, .data = &source, .root = "test"};
	struct lun_format format = lun_format_default();
	format.pixel = LUN_PIXEL_BGRA;
	format.width_px = view->width_px;
	format.height_px = view->height_px;
	lun_format_layout(&format, out_layout);
	struct lun_error err;
	struct text_log log = {0};
	struct lun_engine *engine = NULL;
	struct lun_scene *scene;
	struct lun_frame_stats stats;
	struct lun_scene_params params = {.name = "test",
	        .file = "scene.lua",
	        .files = &files,
	        .format = format,
	        .camera_fd = -1,
	        .log = keep_log,
	        .log_data = &log};
	bool is_ok = lun_engine_create(&format, &engine, &err) == LUN_OK &&
	             lun_scene_load(&params, &scene, &err) == LUN_OK;
	if (is_ok) {
		lun_engine_take_scene(engine, scene);
		struct lun_buffer *buffer = lun_buffer_create(engine, out);
		is_ok = lun_engine_render(engine, 0, 0, buffer, &stats, &err) == LUN_OK && !log.text[0];
		lun_buffer_destroy(buffer);
	}
	if (!is_ok)
		printf("# %s: %d: %s %s\n", text, err.line, err.message, log.text);
	lun_engine_destroy(engine);
	free(scene_text);
	return is_ok;
}

static bool is_equal(const char *name, const char *text, const struct view *view)
{
	double scale = fmin(view->width_px / view->design_width, view->height_px / view->design_height);
	double x = (view->width_px - scale * view->design_width) / 2;
	double y = (view->height_px - scale * view->design_height) / 2;
	cairo_matrix_t base = {scale, 0, 0, scale, x, y};
	double visible[4] = {floor(x), floor(y), ceil(x + scale * view->design_width) - floor(x),
	        ceil(y + scale * view->design_height) - floor(y)};
	cairo_surface_t *image = make_image();
	struct lun_layout layout;
	uint8_t *ours = calloc((size_t)view->height_px + 1, (size_t)view->width_px * 4 + 64);
	int bad = -1;
	if (render_scene(text, view, image, ours, &layout)) {
		uint8_t *theirs =
		        draw_directly(text, view->width_px, view->height_px, &base, visible, image);
		bad = 0;
		for (int row = 0; row < view->height_px; row++) {
			for (int column = 0; column < view->width_px; column++) {
				const uint8_t *a = ours + row * layout.stride_bytes[0] + column * 4;
				const uint8_t *b = theirs + (row * view->width_px + column) * 4;
				if (memcmp(a, b, 3) != 0 && bad++ == 0)
					printf("# %s, %d x %d: at %d,%d we drew %d %d %d, cairo %d %d %d\n", name,
					        view->width_px, view->height_px, column, row, a[2], a[1], a[0], b[2],
					        b[1], b[0]);
			}
		}
		free(theirs);
	}
	if (bad != 0)
		printf("# %s: %d pixels differ\n", name, bad);
	free(ours);
	cairo_surface_destroy(image);
	return bad == 0;
}

static const struct view plain = {256, 256, 256, 256}, odd = {199, 131, 256, 256},
                         scaled = {320, 320, 256, 256}, tile = {64, 64, 64, 64};

static bool check_views(const char *name, const char *text)
{
	bool is_same = is_equal(name, text, &plain);
	is_same &= is_equal(name, text, &odd);
	return is_equal(name, text, &scaled) && is_same;
}

static void drawings_equal_cairo_pixel_for_pixel(void)
{
	bool is_same = true;
	for (size_t i = 0; i < sizeof drawings / sizeof drawings[0]; i++)
		is_same &= check_views(drawings[i].name, drawings[i].text);
	for (size_t i = 0; i < sizeof small_drawings / sizeof small_drawings[0]; i++)
		is_same &= is_equal(small_drawings[i].name, small_drawings[i].text, &tile);
	CHECK(is_same);
}

static void operators_equal_cairo_pixel_for_pixel(void)
{
	bool is_same = true;
	for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
		for (size_t use = 0; use < sizeof operator_uses / sizeof operator_uses[0]; use++) {
			char text[2048], name[128];
			(void)snprintf(text, sizeof text, operator_text, operators[i], operator_uses[use]);
			(void)snprintf(name, sizeof name, "%s: %s", operators[i], operator_uses[use]);
			is_same &= is_equal(name, text, &odd);
		}
	}
	CHECK(is_same);
}

TEST_MAIN(RUN(drawings_equal_cairo_pixel_for_pixel); RUN(operators_equal_cairo_pixel_for_pixel);)
