/**
 * What happens in the running camera, as lines on standard error: scene errors with their
 * tracebacks, and what takes the air.
 *
 * Thread: the loop's.
 */
#pragma once

#include <uv.h>

#include "lunette/base.h"

struct lun_camera_events;

/** Another scene, or a new version of it, took the air. name is borrowed. */
typedef void lun_camera_scene_changed(void *data, const char *name);

/** @param changed  may be NULL. @return LUN_OK with the caller owning *out_events */
enum lun_result lun_camera_events_start(uv_loop_t *loop, const char *socket_path,
        lun_camera_scene_changed *changed, void *data, struct lun_camera_events **out_events,
        struct lun_error *err);

/** Safe in changed. NULL is fine. The memory goes once the loop has closed the handle. */
void lun_camera_events_stop(struct lun_camera_events *events);
