// Text layout through Pango. Knows strings and styles; what is drawn when is the recorder's and
// the compositor's business.
#include "canvas/text.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-ft.h>
#include <pango/pangocairo.h>

#define WORD_MAX_CHARS 512
#define PARAGRAPH_MAX_EXTENT 2e6 // user units

struct lun_text {
	int refs;            // atomic
	PangoLayout *layout; // owned, under lock
	double width, height;
	double offset_x, offset_y; // of the layout's origin from the anchor
	double ink[4];
	double outline_width, outline_rgba[4];
	int lines;
	bool has_colour; // glyphs that bring their own colours, or markup that does
	uint64_t hash;
	// under lock, of the cache
	struct lun_text *cache_next;
	char *key; // owned; style and string, the identity that hash stands for
	size_t key_bytes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define CACHE_SLOTS 256
static struct lun_text *cache[CACHE_SLOTS]; // under lock; ref

struct lun_text_style lun_text_style_default(void)
{
	return (struct lun_text_style){.font = LUN_TEXT_DEFAULT_FONT};
}

// One context for the process: no hinting, no metrics hinting, grey antialiasing, so that a
// layout is the same at every scale.
static PangoContext *get_context(void)
{
	static PangoContext *context; // under lock
	if (context)
		return context;
	PangoFontMap *map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
	context = pango_font_map_create_context(map);
	g_object_unref(map);
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(context, options);
	cairo_font_options_destroy(options);
	pango_context_set_round_glyph_positions(context, FALSE);
	pango_context_set_language(context, pango_language_from_string("en"));
	return context;
}

static PangoFontDescription *describe_font(const struct lun_text_style *style, double *out_size)
{
	PangoFontDescription *font = pango_font_description_from_string(style->font);
	if (!(pango_font_description_get_set_fields(font) & PANGO_FONT_MASK_FAMILY))
		pango_font_description_set_family_static(font, LUN_TEXT_DEFAULT_FONT);
	double described = pango_font_description_get_size(font) / (double)PANGO_SCALE;
	*out_size = style->size > 0 ? style->size : described > 0 ? described : 32;
	if (style->weight)
		pango_font_description_set_weight(font, (PangoWeight)style->weight);
	if (style->is_italic)
		pango_font_description_set_style(font, PANGO_STYLE_ITALIC);
	return font;
}

static void set_size(PangoLayout *layout, PangoFontDescription *font, double size)
{
	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
}

static int to_pango_units(double length)
{
	double units = length * PANGO_SCALE;
	return units > 1e9 ? 1000000000 : (int)lrint(units);
}

static void set_box(PangoLayout *layout, const struct lun_text_style *style)
{
	static const PangoAlignment align[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT};
	static const PangoEllipsizeMode ellipsis[] = {PANGO_ELLIPSIZE_NONE, PANGO_ELLIPSIZE_START,
	        PANGO_ELLIPSIZE_MIDDLE, PANGO_ELLIPSIZE_END};
	pango_layout_set_alignment(layout, align[style->align]);
	pango_layout_set_ellipsize(layout, ellipsis[style->ellipsis]);
	pango_layout_set_spacing(layout, to_pango_units(style->spacing));
	if (style->width > 0 && (style->wrap != LUN_TEXT_WRAP_NONE || style->ellipsis)) {
		pango_layout_set_width(layout, to_pango_units(style->width));
		pango_layout_set_wrap(
		        layout, style->wrap == LUN_TEXT_WRAP_CHAR ? PANGO_WRAP_CHAR : PANGO_WRAP_WORD_CHAR);
	}
	if (style->wrap == LUN_TEXT_WRAP_NONE)
		pango_layout_set_height(layout, -1);
	else if (style->lines > 0)
		pango_layout_set_height(layout, -style->lines);
	else if (style->height > 0 && style->ellipsis)
		pango_layout_set_height(layout, to_pango_units(style->height));
	if (style->lines > 0 && !style->ellipsis)
		pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
}

static bool fits(PangoLayout *layout, const struct lun_text_style *style, bool is_one_line)
{
	PangoRectangle logical;
	pango_layout_get_extents(layout, NULL, &logical);
	if (style->width > 0 && logical.width > to_pango_units(style->width))
		return false;
	if (style->height > 0 && logical.height > to_pango_units(style->height))
		return false;
	if (is_one_line)
		return pango_layout_get_line_count(layout) <= 1;
	return style->lines <= 0 || pango_layout_get_line_count(layout) <= style->lines;
}

// Finds the largest size that fits, by halving the interval; at the smallest, an ellipsis.
static void shrink(PangoLayout *layout, PangoFontDescription *font,
        const struct lun_text_style *style, double size)
{
	bool is_one_line = style->height <= 0 && style->lines <= 0;
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_NONE);
	pango_layout_set_height(layout, -1);
	if (is_one_line)
		pango_layout_set_width(layout, -1);
	if (fits(layout, style, is_one_line))
		goto done;
	double low = style->min_size > 0 ? fmin(style->min_size, size) : size / 4, high = size;
	for (int i = 0; i < 10; i++) {
		double middle = (low + high) / 2;
		set_size(layout, font, middle);
		*(fits(layout, style, is_one_line) ? &low : &high) = middle;
	}
	set_size(layout, font, low);
	if (!fits(layout, style, is_one_line)) {
		pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
		pango_layout_set_height(layout, style->lines > 0    ? -style->lines
		                                : style->height > 0 ? to_pango_units(style->height)
		                                                    : -1);
	}
done:
	if (style->width > 0)
		pango_layout_set_width(layout, to_pango_units(style->width));
}

static bool has_colour_glyphs(PangoLayout *layout)
{
	bool found = false;
	PangoLayoutIter *iter = pango_layout_get_iter(layout);
	do {
		PangoLayoutRun *run = pango_layout_iter_get_run_readonly(iter);
		if (!run || !PANGO_IS_CAIRO_FONT(run->item->analysis.font))
			continue;
		cairo_scaled_font_t *font =
		        pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(run->item->analysis.font));
		if (!font || cairo_scaled_font_get_type(font) != CAIRO_FONT_TYPE_FT)
			continue;
		FT_Face face = cairo_ft_scaled_font_lock_face(font);
		found = face && (FT_HAS_COLOR(face) || !FT_IS_SCALABLE(face));
		cairo_ft_scaled_font_unlock_face(font);
	} while (!found && pango_layout_iter_next_run(iter));
	pango_layout_iter_free(iter);
	return found;
}

// Where the layout's origin goes when the text is drawn at its anchor.
static void place(struct lun_text *text, const struct lun_text_style *style)
{
	PangoRectangle ink, logical;
	pango_layout_get_extents(text->layout, &ink, &logical);
	const double unit = 1.0 / PANGO_SCALE;
	text->width = logical.width * unit;
	text->height = logical.height * unit;
	text->lines = pango_layout_get_line_count(text->layout);

	bool is_boxed = pango_layout_get_width(text->layout) >= 0;
	double factor = style->align == LUN_TEXT_LEFT ? 0 : style->align == LUN_TEXT_CENTER ? 0.5 : 1;
	if (style->width > 0)
		text->offset_x = is_boxed ? 0 : factor * (style->width - text->width) - logical.x * unit;
	else
		text->offset_x = -factor * text->width - logical.x * unit;
	factor = style->valign == LUN_TEXT_TOP ? 0 : style->valign == LUN_TEXT_MIDDLE ? 0.5 : 1;
	text->offset_y = factor * (style->height - text->height);
	if (style->is_baseline)
		text->offset_y = -pango_layout_get_baseline(text->layout) * unit;

	double margin = 1 + style->outline_width;
	int x0 = MIN(ink.x, logical.x), y0 = MIN(ink.y, logical.y);
	int x1 = MAX(ink.x + ink.width, logical.x + logical.width);
	int y1 = MAX(ink.y + ink.height, logical.y + logical.height);
	text->ink[0] = text->offset_x + x0 * unit - margin;
	text->ink[1] = text->offset_y + y0 * unit - margin;
	text->ink[2] = text->offset_x + x1 * unit + margin;
	text->ink[3] = text->offset_y + y1 * unit + margin;
}

// Pango takes quadratic time to break a word that is wider than the line, so a word of absurd
// length gets places where it may be broken (U+200B).
static char *cut_long_words(const char *valid)
{
	GString *text = g_string_new(NULL);
	int run = 0;
	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		run = g_unichar_isspace(c) ? 0 : run + 1;
		if (run % WORD_MAX_CHARS == WORD_MAX_CHARS - 1)
			g_string_append_unichar(text, 0x200b);
		g_string_append_unichar(text, c);
	}
	return g_string_free(text, FALSE);
}

static enum lun_result set_markup(PangoLayout *layout, const char *valid, struct lun_error *err)
{
	PangoAttrList *attributes = NULL;
	char *plain = NULL;
	GError *error = NULL;
	if (!pango_parse_markup(valid, -1, 0, &attributes, &plain, NULL, &error)) {
		enum lun_result rc = lun_fail(err, LUN_INVALID, "markup: %s", error->message);
		g_error_free(error);
		return rc;
	}
	pango_layout_set_text(layout, plain, -1);
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	g_free(plain);
	return LUN_OK;
}

static enum lun_result set_string(PangoLayout *layout, const char *string, size_t length_bytes,
        bool is_markup, struct lun_error *err)
{
	char *valid = g_utf8_make_valid(string, (gssize)length_bytes);
	enum lun_result rc = LUN_OK;
	if (is_markup) {
		rc = set_markup(layout, valid, err);
	} else {
		char *cut = cut_long_words(valid);
		pango_layout_set_text(layout, cut, -1);
		g_free(cut);
	}
	g_free(valid);
	return rc;
}

// Pango counts in 1/1024 in an int: a paragraph must fit even before it is broken into lines.
static enum lun_result check_extent(PangoLayout *layout, double size, struct lun_error *err)
{
	int longest = 0, run = 0;
	for (const char *at = pango_layout_get_text(layout); *at; at = g_utf8_next_char(at)) {
		run = *at == '\n' ? 0 : run + 1;
		longest = run > longest ? run : longest;
	}
	if (longest * size > PARAGRAPH_MAX_EXTENT)
		return lun_fail(err, LUN_LIMIT, "a paragraph of %d characters at size %g is too wide",
		        longest, size);
	return LUN_OK;
}

static enum lun_result lay_out(struct lun_text *text, const char *string, size_t length_bytes,
        const struct lun_text_style *style, struct lun_error *err)
{
	text->layout = pango_layout_new(get_context());
	enum lun_result rc = set_string(text->layout, string, length_bytes, style->is_markup, err);
	if (rc != LUN_OK)
		return rc;
	double size;
	PangoFontDescription *font = describe_font(style, &size);
	rc = check_extent(text->layout, size, err);
	if (rc != LUN_OK) {
		pango_font_description_free(font);
		return rc;
	}
	set_size(text->layout, font, size);
	set_box(text->layout, style);
	if (style->is_shrink)
		shrink(text->layout, font, style, size);
	pango_font_description_free(font);
	place(text, style);
	text->has_colour = style->is_markup || has_colour_glyphs(text->layout);
	text->outline_width = style->outline_width;
	memcpy(text->outline_rgba, style->outline_rgba, sizeof text->outline_rgba);
	return LUN_OK;
}

static void destroy_text(struct lun_text *text)
{
	if (text->layout)
		g_object_unref(text->layout);
	free(text->key);
	free(text);
}

// The identity of a text: every byte that decides how it looks.
static char *make_key(const char *string, size_t length_bytes, const struct lun_text_style *style,
        size_t *out_bytes)
{
	double numbers[] = {style->size, style->weight, style->is_italic, style->is_markup,
	        style->is_shrink, style->is_baseline, style->align, style->valign, style->wrap,
	        style->ellipsis, style->width, style->height, style->lines, style->min_size,
	        style->spacing, style->outline_width, style->outline_rgba[0], style->outline_rgba[1],
	        style->outline_rgba[2], style->outline_rgba[3]};
	size_t font_bytes = strlen(style->font) + 1;
	*out_bytes = sizeof numbers + font_bytes + length_bytes;
	char *key = lun_alloc(*out_bytes);
	memcpy(key, numbers, sizeof numbers);
	memcpy(key + sizeof numbers, style->font, font_bytes);
	memcpy(key + sizeof numbers + font_bytes, string, length_bytes);
	return key;
}

// Under lock. Each slot keeps its newest text: a bounded cache without a clock.
static struct lun_text *find_cached(uint64_t hash, const char *key, size_t key_bytes)
{
	struct lun_text *text = cache[hash % CACHE_SLOTS];
	if (text && text->hash == hash && text->key_bytes == key_bytes &&
	        memcmp(text->key, key, key_bytes) == 0)
		return lun_text_ref(text);
	return NULL;
}

// Under lock.
static void keep_in_cache(struct lun_text *text)
{
	struct lun_text **slot = &cache[text->hash % CACHE_SLOTS];
	struct lun_text *old = *slot;
	*slot = lun_text_ref(text);
	if (old && __atomic_sub_fetch(&old->refs, 1, __ATOMIC_ACQ_REL) == 0)
		destroy_text(old);
}

enum lun_result lun_text_create(const char *string, size_t length_bytes,
        const struct lun_text_style *style, struct lun_text **out_text, struct lun_error *err)
{
	if (length_bytes > LUN_TEXT_MAX_BYTES)
		return lun_fail(err, LUN_LIMIT, "text of %zu bytes; at most %zu are drawn", length_bytes,
		        LUN_TEXT_MAX_BYTES);
	size_t key_bytes;
	char *key = make_key(string, length_bytes, style, &key_bytes);
	uint64_t hash = lun_hash(key, key_bytes, 2);
	enum lun_result rc = LUN_OK;
	(void)pthread_mutex_lock(&lock);
	struct lun_text *text = find_cached(hash, key, key_bytes);
	if (text) {
		free(key);
	} else {
		text = lun_alloc(sizeof *text);
		*text = (struct lun_text){.refs = 1, .hash = hash, .key = key, .key_bytes = key_bytes};
		rc = lay_out(text, string, length_bytes, style, err);
		if (rc == LUN_OK) {
			keep_in_cache(text);
		} else {
			destroy_text(text);
			text = NULL;
		}
	}
	(void)pthread_mutex_unlock(&lock);
	if (rc == LUN_OK)
		*out_text = text;
	return rc;
}

struct lun_text *lun_text_ref(struct lun_text *text)
{
	(void)__atomic_add_fetch(&text->refs, 1, __ATOMIC_RELAXED);
	return text;
}

void lun_text_unref(struct lun_text *text)
{
	if (!text || __atomic_sub_fetch(&text->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	(void)pthread_mutex_lock(&lock);
	destroy_text(text);
	(void)pthread_mutex_unlock(&lock);
}

void lun_text_size(
        const struct lun_text *text, double *out_width, double *out_height, int *out_lines)
{
	*out_width = text->width;
	*out_height = text->height;
	*out_lines = text->lines;
}

void lun_text_ink(const struct lun_text *text, double out_box[4])
{
	memcpy(out_box, text->ink, sizeof text->ink);
}

uint64_t lun_text_hash(const struct lun_text *text)
{
	return text->hash;
}

// Below the glyphs, twice as wide as what shows of it.
static void draw_outline(const struct lun_text *text, cairo_t *cr, double x, double y)
{
	const double *c = text->outline_rgba;
	cairo_save(cr);
	cairo_new_path(cr);
	lun_text_path(text, cr, x, y);
	cairo_set_source_rgba(cr, c[0], c[1], c[2], c[3]);
	cairo_set_line_width(cr, 2 * text->outline_width);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	cairo_set_dash(cr, NULL, 0, 0);
	cairo_stroke(cr);
	cairo_restore(cr);
}

// Outlines are filled rather than glyph bitmaps shown: cairo 1.16 puts bitmaps on whole pixels,
// which spaces small text unevenly and makes moving text jump.
void lun_text_draw(const struct lun_text *text, cairo_t *cr, double x, double y)
{
	if (text->outline_width > 0)
		draw_outline(text, cr, x, y);
	if (!text->has_colour) {
		cairo_save(cr);
		cairo_new_path(cr);
		lun_text_path(text, cr, x, y);
		cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
		cairo_fill(cr);
		cairo_restore(cr);
		return;
	}
	(void)pthread_mutex_lock(&lock);
	cairo_save(cr);
	cairo_new_path(cr);
	cairo_move_to(cr, x + text->offset_x, y + text->offset_y);
	pango_cairo_show_layout(cr, text->layout);
	cairo_restore(cr);
	(void)pthread_mutex_unlock(&lock);
}

void lun_text_path(const struct lun_text *text, cairo_t *cr, double x, double y)
{
	(void)pthread_mutex_lock(&lock);
	cairo_move_to(cr, x + text->offset_x, y + text->offset_y);
	pango_cairo_layout_path(cr, text->layout);
	(void)pthread_mutex_unlock(&lock);
}
