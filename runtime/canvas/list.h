/**
 * The display list: everything a frame would paint, in order, as immutable data.
 *
 * An operation knows where it paints (device pixels) and has a hash of all that decides its
 * pixels; two operations with equal hash and bounds paint the same. Coordinates are device pixels
 * of the format that the list was recorded for.
 *
 * A list is written by one recorder, then sealed and shared by reference. Thread: any once sealed.
 */
#pragma once

#include <cairo.h>

#include "canvas/gradient.h"
#include "canvas/text.h"
#include "frame/convert.h"
#include "lunette/picture.h"
#include "media/image.h"

/** Half-open box of device pixels: x0 <= x < x1. Empty when x0 >= x1 or y0 >= y1. */
struct lun_box {
	int x0, y0, x1, y1;
};

static inline struct lun_box lun_box_intersect(struct lun_box a, struct lun_box b)
{
	return (struct lun_box){a.x0 > b.x0 ? a.x0 : b.x0, a.y0 > b.y0 ? a.y0 : b.y0,
	        a.x1 < b.x1 ? a.x1 : b.x1, a.y1 < b.y1 ? a.y1 : b.y1};
}

static inline bool lun_box_is_empty(struct lun_box box)
{
	return box.x0 >= box.x1 || box.y0 >= box.y1;
}

/** Pixels that lie partly or wholly in a rectangle of doubles, inside limit. */
struct lun_box lun_box_around(double x0, double y0, double x1, double y1, struct lun_box limit);

enum lun_paint_kind {
	LUN_PAINT_SOLID,
	LUN_PAINT_GRADIENT,
	LUN_PAINT_IMAGE,
	LUN_PAINT_GROUP, /**< what a group recorded, drawn on transparent */
};

/** What colours a shape. The reference is owned by whoever holds the paint. */
struct lun_paint {
	enum lun_paint_kind kind;
	double rgba[4]; /**< solid; not premultiplied */
	union {
		struct lun_gradient *gradient; // ref
		struct lun_image *image;       // ref
		struct lun_list *group;        // ref
	};
	cairo_matrix_t to_pattern; /**< device space to the pattern's own space */
	cairo_extend_t extend;     // image and group
	cairo_filter_t filter;     // image and group
	uint64_t hash;
};

struct lun_paint lun_paint_solid(double r, double g, double b, double a);
struct lun_paint lun_paint_copy(const struct lun_paint *paint); /**< takes its own reference */
void lun_paint_clear(struct lun_paint *paint);                  /**< drops the reference */
void lun_paint_rehash(struct lun_paint *paint);                 /**< after a change of a member */

/** One clip inside its parent: paths intersect. Reference counted, immutable. */
struct lun_clip {
	int refs;                // atomic
	struct lun_clip *parent; // ref, NULL for the outermost
	cairo_path_t *path;      // owned, device space
	cairo_fill_rule_t fill_rule;
	cairo_antialias_t antialias;
	double tolerance;
	struct lun_box bounds; /**< of this and all parents */
	uint64_t hash;         /**< of this and all parents */
	int depth;             /**< how many clips this is, with its parents */
};

struct lun_clip *lun_clip_ref(struct lun_clip *clip); /**< NULL is fine */
void lun_clip_unref(struct lun_clip *clip);           /**< NULL is fine */

enum lun_op_kind {
	LUN_OP_PAINT,
	LUN_OP_FILL,
	LUN_OP_STROKE,
	LUN_OP_MASK,
	LUN_OP_GLYPHS,
	LUN_OP_TEXT,
	LUN_OP_IMAGE,
	LUN_OP_VIDEO,
};

/** How a stroke is drawn; a copy of cairo's state. */
struct lun_stroke_style {
	double width, miter_limit;
	cairo_line_cap_t cap;
	cairo_line_join_t join;
	double *dashes; // owned, NULL without
	int dashes_count;
	double dash_offset;
};

/** A box that an image or a video is laid into. */
struct lun_placement {
	double x, y, width, height; /**< user space of the operation's matrix */
	double radius;              /**< of rounded corners, user space */
	double alpha;
	cairo_filter_t filter;
	struct lun_crop crop; /**< the part of the source that is shown, its own pixels */
	bool is_mirrored;
};

struct lun_op {
	enum lun_op_kind kind;
	cairo_operator_t operator;
	cairo_antialias_t antialias;
	cairo_fill_rule_t fill_rule;
	double tolerance;
	double alpha;           // LUN_OP_PAINT
	cairo_matrix_t matrix;  /**< user to device, for pens, text and placements */
	struct lun_box bounds;  /**< what it can change */
	uint64_t hash;          /**< of all that decides its pixels, clip and bounds included */
	uint64_t content_hash;  /**< the same without clip and operator: names its picture */
	struct lun_clip *clip;  // ref, NULL without
	struct lun_paint paint; // owned
	struct lun_paint mask;  // owned; LUN_OP_MASK
	cairo_path_t *path;     // owned; fill and stroke, device space
	struct lun_stroke_style stroke;
	cairo_scaled_font_t *font; // ref; glyphs
	cairo_glyph_t *glyphs;     // owned; user space
	int glyphs_count;
	struct lun_text *text;     // ref
	double text_x, text_y;     // user space
	struct lun_image *image;   // ref
	struct lun_picture *video; // ref
	struct lun_placement placement;
};

struct lun_list {
	int refs;              // atomic
	struct lun_box extent; /**< the frame, or the group's limits */
	struct lun_op *ops;    // owned
	size_t count, capacity;
	size_t bytes;  /**< roughly what the operations hold */
	size_t weight; /**< operations to replay, those of groups included each time */
	int depth;     /**< how far groups lie inside groups */
	uint64_t hash;
};

struct lun_list *lun_list_create(struct lun_box extent);
struct lun_list *lun_list_ref(struct lun_list *list);
void lun_list_unref(struct lun_list *list); /**< NULL is fine */
/** What a sealed list shows in the frame it was recorded for, stretched to another frame. The
 * caller owns a reference. */
struct lun_list *lun_list_fit(struct lun_list *list, struct lun_box from, struct lun_box to);
/** Room for one more, zeroed. Valid until the next call. */
struct lun_op *lun_list_append(struct lun_list *list);

/** Hash of a path's shape; equal paths in device space have equal hashes. */
uint64_t lun_path_hash(const cairo_path_t *path, uint64_t seed);
