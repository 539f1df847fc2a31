// Keeps what every frame of a run cost, so that percentiles are exact.
#include "hostapp/cli/cost.h"

#include <stdlib.h>
#include <string.h>

static uint64_t get_ns(const struct lun_cost_sample *sample, size_t member)
{
	return *(const uint64_t *)(const void *)((const char *)sample + member);
}

void lun_cost_add(struct lun_cost *cost, const struct lun_render_report *report, uint64_t wall_ns)
{
	if (cost->count == cost->room) {
		cost->room = cost->room ? cost->room * 2 : 256;
		cost->samples = realloc(cost->samples, cost->room * sizeof *cost->samples);
		lun_assert(cost->samples);
	}
	cost->samples[cost->count++] = (struct lun_cost_sample){
	        .wall_ns = wall_ns,
	        .cpu_ns = report->cpu_ns,
	        .script_ns = report->script_ns,
	        .record_ns = report->record_ns,
	        .compare_ns = report->compare_ns,
	        .raster_ns = report->raster_ns,
	        .convert_ns = report->convert_ns,
	        .drawing_ns = report->script_ns + report->record_ns + report->compare_ns +
	                      report->raster_ns + report->convert_ns,
	};
	if (report->tiles)
		cost->redrawn += (double)report->tiles_redrawn / report->tiles;
	if (report->memory_bytes > cost->memory_bytes)
		cost->memory_bytes = report->memory_bytes;
}

void lun_cost_finish(struct lun_cost *cost)
{
	free(cost->samples);
	*cost = (struct lun_cost){0};
}

double lun_cost_mean_ms(const struct lun_cost *cost, size_t member)
{
	double sum = 0.0;
	for (size_t i = 0; i < cost->count; i++)
		sum += (double)get_ns(&cost->samples[i], member);
	return cost->count ? sum / (double)cost->count / 1e6 : 0.0;
}

static int compare_ns(const void *a, const void *b)
{
	uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
	return (first > second) - (first < second);
}

double lun_cost_percentile_ms(const struct lun_cost *cost, size_t member, unsigned percent)
{
	if (cost->count == 0)
		return 0.0;
	uint64_t *sorted = malloc(cost->count * sizeof *sorted);
	lun_assert(sorted);
	for (size_t i = 0; i < cost->count; i++)
		sorted[i] = get_ns(&cost->samples[i], member);
	qsort(sorted, cost->count, sizeof *sorted, compare_ns);
	size_t rank = (cost->count * percent + 99) / 100; // nearest rank, from 1
	double value = (double)sorted[rank ? rank - 1 : 0] / 1e6;
	free(sorted);
	return value;
}

double lun_cost_redrawn(const struct lun_cost *cost)
{
	return cost->count ? cost->redrawn / (double)cost->count : 0.0;
}
