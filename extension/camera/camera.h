/**
 * A camera: the loop that takes frames from a renderer to outputs on time.
 *
 * camera.c paces and shows, camera_renderer.c and camera_outputs.c speak with those who draw and
 * those who watch, airing.c decides which scene is on air, commands.c answers the control
 * socket. Thread: the loop's; everything in here.
 */
#pragma once

#include <uv.h>

#include "extension/camera/buffers.h"
#include "extension/camera/container.h"
#include "extension/camera/control.h"
#include "extension/camera/counts.h"
#include "extension/camera/journal.h"
#include "extension/camera/options.h"
#include "extension/camera/pacer.h"
#include "extension/camera/watch.h"
#include "extension/isolate/renderer.h"
#include "extension/output.h"

struct lun_camera;

/** A load that the renderer was asked for, and who waits for it. */
struct lun_pending_load {
	uint64_t id;
	bool is_switch;                      /**< another scene than the one on air */
	unsigned changes;                    /**< of the airing when it was asked for */
	struct lun_scene_ref ref;            // owned
	struct lun_control_request *request; // NULL: nobody waits
	struct lun_pending_load *next;
};

/** The scene on air. */
struct lun_airing {
	struct lun_scene_ref ref;         // owned; name NULL before the first
	json_t *info;                     // ref; the renderer's description; NULL before the first
	struct lun_pending_load *pending; // owned
	bool is_stopped;                  /**< by a hard limit */
	unsigned changes;                 /**< counts new values, which a load may miss */
	struct lun_watch *scenes_watch, *root_watch;                    // owned; NULL without
	struct lun_watch *feeds_watch, *params_watch, *container_watch; // owned; NULL without
};

struct lun_frame_waiter {
	struct lun_control_request *request;
	uint64_t after;    /**< only a picture with a higher serial will do */
	uint64_t drawn_at; /**< only a picture drawn for this tick or later will do */
	uint64_t until_ns;
	struct lun_frame_waiter *next;
};

struct lun_camera_output {
	struct lun_camera *camera;
	const char *spec;          // borrowed
	struct lun_output *output; // owned
	int watchers;
	bool is_failing; /**< a submit failed; said once until one succeeds */
};

struct lun_camera {
	const struct lun_camera_options *options; // borrowed
	uv_loop_t *loop;                          // borrowed
	struct lun_container *container;          // owned
	struct lun_journal *journal;              // owned
	struct lun_control *control;              // owned
	uint64_t started_ns;

	struct lun_format format;
	struct lun_camera_buffers buffers;
	struct lun_pacer pacer;
	int timer_fd; // owned
	uv_poll_t timer_poll;
	bool is_running;       /**< somebody watches: ticks happen */
	bool is_first_awaited; /**< running, but the first frame has not come yet */
	bool is_paused;

	struct lun_renderer *renderer; // owned; NULL while it is away
	uv_poll_t *renderer_poll;      // owned by the loop until closed
	uv_timer_t respawn_timer;
	unsigned deaths;  /**< in a row */
	bool has_scene;   /**< the renderer draws one: else what it draws is black */
	unsigned waiting; /**< ticks since the frame that is being drawn was asked for */
	int camera_fd;    // owned; the file of --camera, -1 without

	struct lun_camera_output outputs[LUN_CAMERA_MAX_OUTPUTS];
	int outputs_count;
	bool is_free_running; /**< `--output none`: paces for nobody */
	json_t *missing;      // ref; sentences about outputs that are not there

	uint64_t preview_until_ns; /**< a control client looks at frames until then */
	uint64_t serial;           /**< counts pictures shown */
	uint64_t shown_picture;
	struct lun_frame_waiter *waiters; // owned
	uv_timer_t housekeeping;

	struct lun_airing airing;
	struct lun_camera_counts counts;

	/** Told once: the first load is over. NULL err: it went well. */
	void (*first_load)(struct lun_camera *camera, const struct lun_error *err);
};

/* camera.c */
enum lun_result lun_camera_start(struct lun_camera *camera, struct lun_error *err);
void lun_camera_stop(struct lun_camera *camera);
/** Everything is made anew in another format; what was shown is no use any more. On failure the
 *  camera stays as it was. */
enum lun_result lun_camera_set_format(
        struct lun_camera *camera, const struct lun_format *format, struct lun_error *err);
/** Run or rest, as watchers and previews ask. */
void lun_camera_check_watchers(struct lun_camera *camera);
int lun_camera_watchers(const struct lun_camera *camera);
/** A new scene took the air: have the next frame drawn by it. */
void lun_camera_has_scene(struct lun_camera *camera);
void lun_camera_pause(struct lun_camera *camera, bool is_paused);
/** Scene clock of a moment of CLOCK_MONOTONIC. */
double lun_camera_epoch_s(uint64_t when_ns);
const char *lun_camera_state(const struct lun_camera *camera);

/** The renderer's answer to a request for a frame. */
void lun_camera_frame_done(struct lun_camera *camera, const struct lun_render_report *report);

/* camera_renderer.c */
enum lun_result lun_camera_start_renderer(struct lun_camera *camera, struct lun_error *err);
/** End it, if there is one; frames it was drawing are forgotten. */
void lun_camera_drop_renderer(struct lun_camera *camera);
/** Tell it the format, and hand it the buffers of that format. */
void lun_camera_hand_over_buffers(struct lun_camera *camera);

/* camera_outputs.c */
/** Open the outputs; what is missing is noted in camera->missing unless it was asked for. */
enum lun_result lun_camera_open_outputs(struct lun_camera *camera, struct lun_error *err);

/* airing.c */
/** Decide the first scene, watch the folders, ask for the first load. */
enum lun_result lun_airing_start(struct lun_camera *camera, struct lun_error *err);
void lun_airing_stop(struct lun_camera *camera);
/** Load the scene on air again; request (may be NULL) is answered when it took the air. */
void lun_airing_reload(struct lun_camera *camera, struct lun_control_request *request);
/** Switch to a scene of the container. */
void lun_airing_use(
        struct lun_camera *camera, const char *name, struct lun_control_request *request);
/** Switch to the container's active scene, unless it is on air or on its way. */
void lun_airing_follow_active(struct lun_camera *camera);

/* airing_watch.c */
void lun_airing_watch_start(struct lun_camera *camera);
void lun_airing_watch_stop(struct lun_camera *camera);
/** Another scene is on air: watch its folder. */
void lun_airing_watch_root(struct lun_camera *camera);

/* airing_params.c */
/** The values stored in the container may have changed: air what is valid. */
void lun_airing_read_values(struct lun_camera *camera);
/** Check, keep and air parameter values: values or texts (the other NULL). */
enum lun_result lun_airing_set(struct lun_camera *camera, const json_t *values, const json_t *texts,
        struct lun_error *err);

/* airing.c, told by the renderer */
void lun_airing_loaded(struct lun_camera *camera, uint64_t load_id, json_t *info);
void lun_airing_failed(struct lun_camera *camera, uint64_t load_id, const struct lun_error *why);
/** The renderer is new: it needs the scene again. */
void lun_airing_renew(struct lun_camera *camera);
/** The renderer is gone: nobody waits for it any more. */
void lun_airing_abandon(struct lun_camera *camera, const char *why);
/** Count, log and publish an error of the scene on air. */
void lun_airing_tell_error(struct lun_camera *camera, const struct lun_error *err);

/* commands.c */
lun_control_handler lun_camera_command;
/** A new picture is shown, or time passed: answer who waits for frames. */
void lun_camera_answer_waiters(struct lun_camera *camera);
