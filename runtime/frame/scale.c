// Scales planes with libyuv and keeps it inside the sizes where it is exact.
#include "frame/scale.h"

#include <stdlib.h>

#include <libyuv.h>

// libyuv's box filter divides by the box with 16 bits and sums in 16 bits: measured, a flat plane
// stays within one code up to boxes of 16 x 16, is 4 % darker at 64 x 64 and wraps around beyond
// 257 rows. Larger reductions take more than one step.
#define MAX_STEP 8

static int next_size(int from, int to)
{
	int stepped = (from + MAX_STEP - 1) / MAX_STEP;
	return stepped > to ? stepped : to;
}

static void scale_once(const struct lun_plane *plane, int width, int height, uint8_t *out)
{
	// Where an axis shrinks by less than two, libyuv goes on with its bilinear filter.
	ScalePlane(plane->data, plane->stride_bytes, plane->width, plane->height, out, width, width,
	        height, kFilterBox);
}

enum lun_result lun_scale_plane(const struct lun_plane *plane, int width, int height, uint8_t *out)
{
	int step_width = next_size(plane->width, width);
	int step_height = next_size(plane->height, height);
	if (step_width == width && step_height == height) {
		scale_once(plane, width, height, out);
		return LUN_OK;
	}

	size_t size_bytes;
	if (!lun_mul_size((size_t)step_width, (size_t)step_height, &size_bytes))
		return LUN_NOMEM;
	uint8_t *samples = malloc(size_bytes);
	if (!samples)
		return LUN_NOMEM;
	scale_once(plane, step_width, step_height, samples);
	struct lun_plane step = {samples, step_width, step_width, step_height};
	enum lun_result rc = lun_scale_plane(&step, width, height, out);
	free(samples);
	return rc;
}
