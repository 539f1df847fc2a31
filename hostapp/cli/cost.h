/**
 * What frames cost, gathered over a run: means, percentiles, maxima. Thread: one owner.
 */
#pragma once

#include "extension/isolate/renderer.h"

/** What one frame cost, in nanoseconds. */
struct lun_cost_sample {
	uint64_t wall_ns, cpu_ns;
	uint64_t script_ns, record_ns, compare_ns, raster_ns, convert_ns;
	uint64_t drawing_ns; /**< all stages together */
};

/** {0} is empty. */
struct lun_cost {
	struct lun_cost_sample *samples; // owned
	size_t count, room;
	double redrawn;        /**< sum over frames of the part of the tiles that was drawn anew */
	uint64_t memory_bytes; /**< most */
};

void lun_cost_add(struct lun_cost *cost, const struct lun_render_report *report, uint64_t wall_ns);
void lun_cost_finish(struct lun_cost *cost);

/* member: offsetof(struct lun_cost_sample, ...). In milliseconds; 0 without samples. */
double lun_cost_mean_ms(const struct lun_cost *cost, size_t member);
/** The least value that percent of the frames do not exceed. 100: the most. */
double lun_cost_percentile_ms(const struct lun_cost *cost, size_t member, unsigned percent);

/** Mean part of the tiles that a frame drew anew, 0..1. */
double lun_cost_redrawn(const struct lun_cost *cost);
