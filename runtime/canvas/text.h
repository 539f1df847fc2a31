/**
 * Laid-out text: a string, a style and where every glyph goes.
 *
 * Shaping is Pango's. All of Pango and fontconfig is entered under one lock of this module, so
 * texts may be made and drawn on any thread; a text itself is immutable and reference counted.
 * Layouts are cached by content: asking for the same text again costs a look-up.
 */
#pragma once

#include <cairo.h>

#include "lunette/base.h"

enum lun_text_align {
	LUN_TEXT_LEFT,
	LUN_TEXT_CENTER,
	LUN_TEXT_RIGHT,
};

enum lun_text_valign {
	LUN_TEXT_TOP,
	LUN_TEXT_MIDDLE,
	LUN_TEXT_BOTTOM,
};

enum lun_text_wrap {
	LUN_TEXT_WRAP_WORD,
	LUN_TEXT_WRAP_CHAR,
	LUN_TEXT_WRAP_NONE,
};

enum lun_text_ellipsis {
	LUN_TEXT_ELLIPSIS_NONE,
	LUN_TEXT_ELLIPSIS_START,
	LUN_TEXT_ELLIPSIS_MIDDLE,
	LUN_TEXT_ELLIPSIS_END,
};

/** Lengths in user units. Start from lun_text_style_default(). */
struct lun_text_style {
	const char *font; /**< a family or a Pango description; borrowed for the call */
	double size;      /**< of the em square; 0: the description's own, or 32 */
	int weight;       /**< 100..1000; 0: the description's own */
	bool is_italic, is_markup, is_shrink, is_baseline;
	enum lun_text_align align;
	enum lun_text_valign valign;
	enum lun_text_wrap wrap;
	enum lun_text_ellipsis ellipsis;
	double width, height; /**< of the box; 0: none */
	int lines;            /**< at most; 0: any number */
	double min_size;      /**< of shrinking; 0: a quarter of size */
	double spacing;       /**< extra between lines */
	double outline_width; /**< around the glyphs, outside of them; 0: none */
	double outline_rgba[4];
};

#define LUN_TEXT_MAX_BYTES ((size_t)64 << 10)
#define LUN_TEXT_DEFAULT_FONT "Inter"

struct lun_text_style lun_text_style_default(void);

struct lun_text;

/**
 * Lay a string out. Invalid UTF-8 is shown as replacement characters.
 *
 * @return LUN_OK with one owned reference; LUN_LIMIT above LUN_TEXT_MAX_BYTES, or when a
 *         paragraph in one line would be wider than Pango can count; LUN_INVALID for markup that
 *         does not parse
 */
enum lun_result lun_text_create(const char *string, size_t length_bytes,
        const struct lun_text_style *style, struct lun_text **out_text, struct lun_error *err);
struct lun_text *lun_text_ref(struct lun_text *text);
void lun_text_unref(struct lun_text *text); /**< NULL is fine */

/** Logical size in user units and number of lines. */
void lun_text_size(
        const struct lun_text *text, double *out_width, double *out_height, int *out_lines);

/** What drawing at (0,0) can touch, in user units: x0 y0 x1 y1. */
void lun_text_ink(const struct lun_text *text, double out_box[4]);

/** Identity of string and style. */
uint64_t lun_text_hash(const struct lun_text *text);

/** Draw with the current source at (x,y) of the current user space, by the style's anchors. */
void lun_text_draw(const struct lun_text *text, cairo_t *cr, double x, double y);

/** The glyphs' outlines appended to the current path; nothing for bitmap glyphs. */
void lun_text_path(const struct lun_text *text, cairo_t *cr, double x, double y);
