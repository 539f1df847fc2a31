/**
 * What lunette-camera was started with. Thread: read by the loop's, constant after parsing.
 */
#pragma once

#include <jansson.h>

#include "extension/format_wish.h"

#define LUN_CAMERA_MAX_OUTPUTS 8

struct lun_camera_options {
	const char *container; // borrowed from argv, as all texts; NULL = the default one
	const char *name;
	const char *scene; /**< a path; NULL = the container's active scene */
	const char *outputs[LUN_CAMERA_MAX_OUTPUTS];
	int outputs_count; /**< 0: whichever this machine has */
	struct lun_format_wish wish;
	const char *camera; /**< `--camera` spec; NULL = synthetic */
	json_t *texts;      // owned; {NAME: "TEXT"} of --param
	int ready_fd;       /**< -1 without */
};

/** @return LUN_OK, or LUN_INVALID naming the option */
enum lun_result lun_camera_options_parse(
        struct lun_camera_options *options, int argc, char **argv, struct lun_error *err);
void lun_camera_options_finish(struct lun_camera_options *options);
