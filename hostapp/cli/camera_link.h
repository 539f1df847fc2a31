/**
 * One request to the running camera: what the short commands have in common.
 *
 * Errors are printed here. Thread: the main one; blocking.
 */
#pragma once

#include <jansson.h>

#include "extension/camera/container.h"
#include "hostapp/cli/options.h"

struct lun_link_options {
	const char *container;
	const char *camera_name;
	bool is_json;
};
extern const struct lun_option lun_link_option_table[];

/** The groups of a command that has no options of its own. */
extern const struct lun_option_group lun_link_option_groups[];

/** Long enough for a scene that uses all of its load budget. */
#define LUN_CAMERA_TIMEOUT_MS 15000

/**
 * Ask the camera that --container and --camera-name choose.
 *
 * @param what       the command, for messages
 * @param request    taken
 * @param out_reply  may be NULL; new reference, set on LUN_EXIT_FINE only
 * @param out_fd     may be NULL; owned by the caller; -1 when none came
 * @return an exit code
 */
int lun_camera_ask(const char *what, const struct lun_link_options *options, json_t *request,
        json_t **out_reply, int *out_fd);

/** A request without an answer worth showing. request is taken. @return an exit code */
int lun_camera_tell(const char *what, const struct lun_link_options *options, json_t *request);

/** Open the container of --container. The caller closes it. @return an exit code */
int lun_camera_open_container(const char *what, const struct lun_link_options *options,
        struct lun_container **out_container);

/** Does a camera run in this container, so that commands reach it? */
bool lun_camera_is_running(const struct lun_container *container);
