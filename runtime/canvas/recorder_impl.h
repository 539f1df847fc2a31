/**
 * The inside of a recorder, for the files that record: recorder.c the operations, sources.c what
 * they paint with.
 */
#pragma once

#include "canvas/recorder.h"

// What cairo_save() keeps and cairo cannot be asked back for.
struct recorder_state {
	struct lun_paint source; // owned
	struct lun_clip *clip;   // ref, NULL without
	struct lun_list *group;  // ref; the list drawn into before this group began; NULL: plain save
	cairo_matrix_t user_to_pattern; // of source
	int pattern;                    // the place of source in patterns; -1: it is not a pattern
};

// A source that the scene holds on to: what pop_group and get_source return.
struct recorder_pattern {
	struct lun_paint paint; // owned; its to_pattern is not used
	cairo_matrix_t user_to_pattern;
};

struct lun_recorder {
	cairo_surface_t *surface; // owned; records nothing, gives cairo its extents
	cairo_t *cr;              // owned between begin and end
	cairo_matrix_t base, base_inverse;
	struct lun_box extent;
	struct lun_clip *base_clip;    // ref, NULL when all of the frame is visible
	struct lun_list *list;         // ref; what is drawn into now, the innermost group's
	struct recorder_state *states; // owned; the last one is current
	size_t depth, capacity;
	size_t ops, bytes;                 // of the whole frame, groups included
	size_t replays;                    // of operations, when groups are painted
	double points;                     // of the path
	struct recorder_pattern *patterns; // owned; of this frame
	size_t patterns_count, patterns_capacity;
	uint64_t serial; // counts frames
};

static inline struct recorder_state *lun_recorder_current(struct lun_recorder *recorder)
{
	return &recorder->states[recorder->depth - 1];
}

/** May one more operation be recorded? @return LUN_OK, LUN_LIMIT */
enum lun_result lun_recorder_check_limits(struct lun_recorder *recorder, struct lun_error *err);

/** Seal the innermost group and go back to what was drawn before. @return owned; NULL without */
struct lun_list *lun_recorder_take_group(struct lun_recorder *recorder);

/** Paint the source through mask, which is taken. */
enum lun_result lun_recorder_mask(
        struct lun_recorder *recorder, struct lun_paint mask, struct lun_error *err);

/** Forget the patterns of this frame. */
void lun_recorder_clear_patterns(struct lun_recorder *recorder);
