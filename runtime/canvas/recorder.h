/**
 * Records what a scene draws into a display list.
 *
 * The state that cairo defines (path, matrix, line style, tolerance, ...) is kept by cairo itself,
 * in a context that never paints: bindings call cairo on lun_recorder_cairo() for it. What cairo
 * cannot be asked back for (source, clip paths, groups) is kept here. Thread: the scene's owner.
 */
#pragma once

#include "canvas/list.h"

struct lun_recorder;

#define LUN_MAX_OPS 100000
#define LUN_MAX_PATH_POINTS 1000000
#define LUN_MAX_SAVES 4096      /**< open at one time */
#define LUN_MAX_CLIP_DEPTH 1024 /**< clips inside each other */
#define LUN_MAX_GROUP_DEPTH 32  /**< groups painted inside groups */
#define LUN_MAX_REPLAYS 1000000 /**< operations of groups, counted each time a group is painted */
#define LUN_MAX_LIST_BYTES ((size_t)64 << 20)

struct lun_recorder *lun_recorder_create(void);
void lun_recorder_destroy(struct lun_recorder *recorder); /**< NULL is fine */

/**
 * Start a list.
 *
 * @param frame    all device pixels
 * @param visible  those that may be painted, a part of frame: an outermost clip that stays
 * @param base     design units to device pixels; hidden from the scene
 */
void lun_recorder_begin(struct lun_recorder *recorder, struct lun_box frame, struct lun_box visible,
        const cairo_matrix_t *base);

/**
 * Seal and hand over what was recorded since begin.
 *
 * @param out_unbalanced  how many saves and groups were left open
 * @return owned reference; NULL when nothing was begun
 */
struct lun_list *lun_recorder_end(struct lun_recorder *recorder, int *out_unbalanced);

/** Is a list being recorded? Nothing else may be called while not. */
bool lun_recorder_is_begun(const struct lun_recorder *recorder);

/** Forget the path. */
void lun_recorder_new_path(struct lun_recorder *recorder);

/** cairo's own state: for path, matrix and style calls, never for painting or clipping. */
cairo_t *lun_recorder_cairo(struct lun_recorder *recorder); // borrowed

/** The matrix as the scene sees it: design units, without base. */
void lun_recorder_get_matrix(struct lun_recorder *recorder, cairo_matrix_t *out_matrix);
/** @return false when it cannot be inverted once base is in it; then nothing changed */
bool lun_recorder_set_matrix(struct lun_recorder *recorder, const cairo_matrix_t *matrix);

/** @return LUN_OK; LUN_LIMIT when too many are open */
enum lun_result lun_recorder_save(struct lun_recorder *recorder, struct lun_error *err);
/** @return false when there is no save to go back to */
bool lun_recorder_restore(struct lun_recorder *recorder);
/** @return LUN_OK; LUN_LIMIT when too many are open */
enum lun_result lun_recorder_push_group(struct lun_recorder *recorder, struct lun_error *err);
/** @return false when no group is open; the source becomes the group */
bool lun_recorder_pop_group_to_source(struct lun_recorder *recorder);

/* Sources; what is set holds until the matching restore. References are taken anew. */
void lun_recorder_set_source_rgba(
        struct lun_recorder *recorder, double r, double g, double b, double a);
void lun_recorder_set_source_gradient(struct lun_recorder *recorder, struct lun_gradient *gradient);
void lun_recorder_set_source_image(
        struct lun_recorder *recorder, struct lun_image *image, double x, double y);

/* Patterns: sources that the scene holds on to, by their place. They are gone with the frame,
 * whose serial tells whether a place is still good. */
uint64_t lun_recorder_serial(const struct lun_recorder *recorder);
/** @return LUN_OK; LUN_INVALID when no group is open */
enum lun_result lun_recorder_pop_group(
        struct lun_recorder *recorder, int *out_pattern, struct lun_error *err);
/** The current source. @return LUN_OK; LUN_LIMIT */
enum lun_result lun_recorder_get_source(
        struct lun_recorder *recorder, int *out_pattern, struct lun_error *err);
void lun_recorder_set_source_pattern(struct lun_recorder *recorder, int pattern);
/* Changes of a pattern are changes of the source that it is. A solid colour knows none of them. */
void lun_recorder_set_pattern_extend(
        struct lun_recorder *recorder, int pattern, cairo_extend_t extend);
void lun_recorder_set_pattern_filter(
        struct lun_recorder *recorder, int pattern, cairo_filter_t filter);
/** @param user_to_pattern  can be inverted */
void lun_recorder_set_pattern_matrix(
        struct lun_recorder *recorder, int pattern, const cairo_matrix_t *user_to_pattern);

/* Drawing. Each returns LUN_LIMIT with a sentence when the frame has too many operations, and
 * then records nothing. `preserve` keeps the path. */
enum lun_result lun_recorder_fill(
        struct lun_recorder *recorder, bool preserve, struct lun_error *err);
enum lun_result lun_recorder_stroke(
        struct lun_recorder *recorder, bool preserve, struct lun_error *err);
enum lun_result lun_recorder_paint(
        struct lun_recorder *recorder, double alpha, struct lun_error *err);
/** Paint the source through the alpha of an image at (x,y). */
enum lun_result lun_recorder_mask_image(struct lun_recorder *recorder, struct lun_image *image,
        double x, double y, struct lun_error *err);
enum lun_result lun_recorder_mask_gradient(
        struct lun_recorder *recorder, struct lun_gradient *gradient, struct lun_error *err);
enum lun_result lun_recorder_mask_pattern(
        struct lun_recorder *recorder, int pattern, struct lun_error *err);
/** Toy text at the current point, which moves on. */
enum lun_result lun_recorder_show_text(
        struct lun_recorder *recorder, const char *utf8, struct lun_error *err);

/** rgba NULL: the current source. */
enum lun_result lun_recorder_text(struct lun_recorder *recorder, struct lun_text *text, double x,
        double y, const double *rgba, struct lun_error *err);
/** The outlines of a text's glyphs, stroked that wide on each side. */
enum lun_result lun_recorder_text_outline(struct lun_recorder *recorder, struct lun_text *text,
        double x, double y, double width, const double *rgba, struct lun_error *err);
enum lun_result lun_recorder_image(struct lun_recorder *recorder, struct lun_image *image,
        const struct lun_placement *placement, struct lun_error *err);
enum lun_result lun_recorder_video(struct lun_recorder *recorder, struct lun_picture *picture,
        const struct lun_placement *placement, struct lun_error *err);

/**
 * A length in user space, cut to a million device pixels: cairo spends time and memory without
 * bounds on arcs and pens of larger radius.
 */
double lun_limit_length(cairo_t *cr, double length);

/** Count points about to be added to the path. @return false when the path would have too many */
bool lun_recorder_count_points(struct lun_recorder *recorder, double points);

/** Clip to the path. @return LUN_OK; LUN_LIMIT when there are too many clips inside each other */
enum lun_result lun_recorder_clip(
        struct lun_recorder *recorder, bool preserve, struct lun_error *err);
void lun_recorder_reset_clip(struct lun_recorder *recorder);
