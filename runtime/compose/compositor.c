// The compositor's loop: name every tile's content, raster what the surface lacks, convert what
// the target lacks. How one operation is painted is raster's business.
#include "compose/compositor.h"

#include <stdlib.h>
#include <string.h>

#include "compose/pictures.h"
#include "compose/raster.h"
#include "frame/convert.h"

#define PICTURES_MAX_BYTES ((size_t)96 << 20)

struct lun_compositor {
	struct lun_format format;
	struct lun_layout layout;
	int columns, rows;
	uint8_t *argb; // owned; the composed picture
	int argb_stride_bytes;
	uint64_t *held;                // owned; what the tiles of argb hold, 0 = undefined
	uint64_t *wanted;              // owned; what the list asks for
	struct lun_pictures *pictures; // owned
};

struct lun_compositor *lun_compositor_create(const struct lun_format *format)
{
	struct lun_compositor *c = lun_alloc(sizeof *c);
	c->format = *format;
	lun_format_layout(format, &c->layout);
	c->columns = (format->width_px + LUN_TILE_PX - 1) / LUN_TILE_PX;
	c->rows = (format->height_px + LUN_TILE_PX - 1) / LUN_TILE_PX;
	c->argb_stride_bytes = cairo_format_stride_for_width(CAIRO_FORMAT_ARGB32, format->width_px);
	c->argb = calloc((size_t)format->height_px, (size_t)c->argb_stride_bytes);
	c->held = lun_alloc(lun_compositor_tiles(c) * sizeof *c->held);
	c->wanted = lun_alloc(lun_compositor_tiles(c) * sizeof *c->wanted);
	c->pictures = lun_pictures_create(PICTURES_MAX_BYTES);
	if (!c->argb) {
		lun_compositor_destroy(c);
		return NULL;
	}
	return c;
}

void lun_compositor_destroy(struct lun_compositor *compositor)
{
	if (!compositor)
		return;
	lun_pictures_destroy(compositor->pictures);
	free(compositor->wanted);
	free(compositor->held);
	free(compositor->argb);
	free(compositor);
}

size_t lun_compositor_tiles(const struct lun_compositor *compositor)
{
	return (size_t)compositor->columns * (size_t)compositor->rows;
}

void lun_compositor_invalidate(struct lun_compositor *compositor)
{
	memset(compositor->held, 0, lun_compositor_tiles(compositor) * sizeof *compositor->held);
}

void lun_target_invalidate(const struct lun_compositor *compositor, struct lun_target *target)
{
	memset(target->tiles, 0, lun_compositor_tiles(compositor) * sizeof *target->tiles);
}

// The pixels of a tile; the last column and row end at the frame's edge.
static struct lun_box tile_box(const struct lun_compositor *c, int column, int row)
{
	struct lun_box frame = {0, 0, c->format.width_px, c->format.height_px};
	struct lun_box tile = {column * LUN_TILE_PX, row * LUN_TILE_PX, (column + 1) * LUN_TILE_PX,
	        (row + 1) * LUN_TILE_PX};
	return lun_box_intersect(tile, frame);
}

// The tiles that a box of pixels touches, as a box of columns and rows.
static struct lun_box tiles_of(struct lun_box box)
{
	return (struct lun_box){box.x0 / LUN_TILE_PX, box.y0 / LUN_TILE_PX,
	        (box.x1 + LUN_TILE_PX - 1) / LUN_TILE_PX, (box.y1 + LUN_TILE_PX - 1) / LUN_TILE_PX};
}

static void name_tiles(struct lun_compositor *c, const struct lun_list *list)
{
	size_t tiles = lun_compositor_tiles(c);
	for (size_t i = 0; i < tiles; i++)
		c->wanted[i] = 1; // opaque black; 0 means undefined
	for (size_t i = 0; i < list->count; i++) {
		struct lun_box touched = tiles_of(list->ops[i].bounds);
		for (int row = touched.y0; row < touched.y1; row++) {
			uint64_t *wanted = c->wanted + (size_t)row * (size_t)c->columns;
			for (int column = touched.x0; column < touched.x1; column++)
				wanted[column] = lun_hash_u64(list->ops[i].hash, wanted[column]) | 1;
		}
	}
}

static uint8_t *pixel_at(const struct lun_compositor *c, int x, int y)
{
	return c->argb + (size_t)y * (size_t)c->argb_stride_bytes + (size_t)x * 4;
}

static enum lun_result raster_tile(
        struct lun_compositor *c, const struct lun_list *list, struct lun_box box)
{
	enum lun_result rc = LUN_OK;
	cairo_surface_t *surface = cairo_image_surface_create_for_data(pixel_at(c, box.x0, box.y0),
	        CAIRO_FORMAT_ARGB32, box.x1 - box.x0, box.y1 - box.y0, c->argb_stride_bytes);
	cairo_surface_set_device_offset(surface, -box.x0, -box.y0);
	cairo_t *cr = cairo_create(surface);
	cairo_set_source_rgb(cr, 0, 0, 0);
	cairo_paint(cr);
	for (size_t i = 0; i < list->count; i++) {
		const struct lun_op *op = &list->ops[i];
		if (lun_box_is_empty(lun_box_intersect(op->bounds, box)))
			continue;
		cairo_surface_t *picture = NULL;
		if (lun_op_wants_picture(op) && !(picture = lun_pictures_get(c->pictures, op)))
			rc = LUN_NOMEM;
		else
			lun_op_paint(op, cr, box, picture);
	}
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	return rc;
}

static enum lun_result raster_missing(struct lun_compositor *c, const struct lun_list *list)
{
	enum lun_result rc = LUN_OK;
	for (int row = 0; row < c->rows; row++) {
		for (int column = 0; column < c->columns; column++) {
			size_t tile = (size_t)row * (size_t)c->columns + (size_t)column;
			if (c->held[tile] == c->wanted[tile])
				continue;
			enum lun_result tile_rc = raster_tile(c, list, tile_box(c, column, row));
			c->held[tile] = tile_rc == LUN_OK ? c->wanted[tile] : 0;
			if (tile_rc != LUN_OK)
				rc = tile_rc;
		}
	}
	lun_pictures_trim(c->pictures);
	return rc;
}

static uint32_t convert_missing(struct lun_compositor *c, struct lun_target *target)
{
	uint32_t converted = 0;
	for (int row = 0; row < c->rows; row++) {
		for (int column = 0; column < c->columns; column++) {
			size_t tile = (size_t)row * (size_t)c->columns + (size_t)column;
			if (target->tiles[tile] == c->held[tile] && c->held[tile])
				continue;
			struct lun_box box = tile_box(c, column, row);
			lun_convert_from_argb(&c->format, &c->layout, target->data, box.x0, box.y0,
			        box.x1 - box.x0, box.y1 - box.y0, pixel_at(c, box.x0, box.y0),
			        c->argb_stride_bytes);
			target->tiles[tile] = c->held[tile];
			converted++;
		}
	}
	return converted;
}

enum lun_result lun_compositor_render(struct lun_compositor *compositor,
        const struct lun_list *list, struct lun_target *target, struct lun_compose_stats *out_stats)
{
	uint64_t start_ns = lun_now_ns();
	name_tiles(compositor, list);
	uint64_t named_ns = lun_now_ns();
	enum lun_result rc = raster_missing(compositor, list);
	uint64_t rastered_ns = lun_now_ns();
	uint32_t converted = convert_missing(compositor, target);
	*out_stats = (struct lun_compose_stats){
	        .compare_ns = named_ns - start_ns,
	        .raster_ns = rastered_ns - named_ns,
	        .convert_ns = lun_now_ns() - rastered_ns,
	        .tiles = (uint32_t)lun_compositor_tiles(compositor),
	        .tiles_redrawn = converted,
	};
	return rc;
}
