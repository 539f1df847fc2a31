// The output that takes every frame and shows it to nobody: it counts and forgets. Nothing here
// knows formats, so it takes any, and a change of format too.
#include "extension/null/null.h"

#include <stdlib.h>

struct null_output {
	struct lun_output base;
	uint64_t frames;
};

static enum lun_result open_null(const struct lun_output_params *params,
        struct lun_output **out_output, struct lun_error *err)
{
	if (params->target && *params->target) {
		return lun_fail(err, LUN_INVALID, "null: throws frames away and takes no name, not \"%s\"",
		        params->target);
	}
	struct null_output *null = lun_alloc(sizeof *null);
	null->base.class = &lun_null_output;
	*out_output = &null->base;
	return LUN_OK;
}

static enum lun_result submit_null(
        struct lun_output *output, const struct lun_frame *frame, struct lun_error *err)
{
	(void)frame;
	(void)err;
	((struct null_output *)output)->frames++;
	return LUN_OK;
}

static void close_null(struct lun_output *output)
{
	free(output);
}

uint64_t lun_null_output_frames(const struct lun_output *output)
{
	lun_assert(output->class == &lun_null_output);
	return ((const struct null_output *)output)->frames;
}

const struct lun_output_class lun_null_output = {
        .name = "null",
        .help = "count the frames and throw them away",
        .open = open_null,
        .submit = submit_null,
        .close = close_null,
};
