/**
 * What a camera counts about itself, and its status as JSON. Thread: the loop's.
 */
#pragma once

#include <jansson.h>

#include "extension/isolate/renderer.h"

#define LUN_SCRIPT_TIMES 300

struct lun_camera_counts {
	uint64_t frames;   /**< ticks that showed a picture */
	uint64_t late;     /**< shown after their deadline */
	uint64_t repeated; /**< answered by the last frame, because the new one was not ready */
	uint64_t dropped;  /**< nothing was submitted */
	uint64_t reloads, errors;
	uint64_t memory_bytes;
	uint32_t script_us[LUN_SCRIPT_TIMES]; /**< the last ones, a ring */
	size_t script_next, script_count;
	bool has_error;
	struct lun_error last_error;
};

void lun_counts_add_report(
        struct lun_camera_counts *counts, const struct lun_render_report *report);
void lun_counts_add_error(struct lun_camera_counts *counts, const struct lun_error *err);

/** The members of status that are counts. New reference. */
json_t *lun_counts_to_json(const struct lun_camera_counts *counts);

/** {"pixel","width","height","fps_num","fps_den","matrix","range"}. New reference. */
json_t *lun_format_to_json(const struct lun_format *format);
