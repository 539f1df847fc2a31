/**
 * The options that several commands share: a scene's format, what it is given, and its clock.
 */
#pragma once

#include "hostapp/cli/headless.h"
#include "hostapp/cli/options.h"

struct lun_format_options {
	struct lun_option_size size;
	struct lun_option_rate rate;
	int pixel;  /**< enum lun_pixel_format; -1 = not chosen */
	int matrix; /**< enum lun_matrix; -1 = not chosen */
	int range;  /**< enum lun_range; -1 = not chosen */
};
extern const struct lun_option lun_format_option_table[];

struct lun_input_options {
	struct lun_option_texts params;
	const char *camera;
};
extern const struct lun_option lun_input_option_table[];

/** For scenes that run without a camera. */
struct lun_headless_options {
	struct lun_option_texts feeds;
	double date_s;
	int64_t seed;
	bool is_full_redraw;
	const char *container;
};
extern const struct lun_option lun_headless_option_table[];

/** What was chosen; the rest as lun_format_default() has it. */
struct lun_format_wish lun_format_options_get(const struct lun_format_options *options);

/**
 * Make a job of what was typed: find the scene, open the camera file, read the feeds. A scene of
 * the container has its values and feeds; what was typed wins. The caller sets frames or seconds,
 * from and depth.
 *
 * @param scene  a path, or the name of a scene in the container or in stock
 * @return on LUN_OK the caller owns *out_job: lun_headless_finish()
 */
enum lun_result lun_headless_prepare(const char *scene, const struct lun_format_options *format,
        const struct lun_input_options *input, const struct lun_headless_options *headless,
        struct lun_headless_job *out_job, struct lun_error *err);

/** {NAME: "TEXT"} of NAME=VALUE texts; NULL when one is no valid UTF-8. New reference. */
json_t *lun_pairs_to_json(const struct lun_option_texts *pairs);
