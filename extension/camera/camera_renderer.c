// The camera's renderer: starting it, hearing what it says, starting another when it ends.
#include <stdlib.h>

#include "extension/camera/camera.h"

static void on_done(void *data, const struct lun_render_report *report)
{
	lun_camera_frame_done(data, report);
}

static void on_loaded(void *data, uint64_t load_id, json_t *info)
{
	lun_airing_loaded(data, load_id, info);
}

static void on_load_failed(void *data, uint64_t load_id, const struct lun_error *why)
{
	lun_airing_failed(data, load_id, why);
}

static void on_script_error(void *data, const struct lun_error *what)
{
	lun_airing_tell_error(data, what);
}

static void on_stopped(void *data, const struct lun_error *why)
{
	struct lun_camera *camera = data;
	camera->airing.is_stopped = true;
	lun_airing_tell_error(camera, why);
}

static void on_logged(void *data, int level, const char *message)
{
	struct lun_camera *camera = data;
	enum lun_log_level known = level >= LUN_LOG_DEBUG && level <= LUN_LOG_ERROR
	                                   ? (enum lun_log_level)level
	                                   : LUN_LOG_INFO;
	lun_journal_write(camera->journal, known, "scene", message, NULL);
	lun_log(known, "%s: %s", camera->airing.ref.name ? camera->airing.ref.name : "scene", message);
}

static void on_poll_closed(uv_handle_t *handle)
{
	free(handle);
}

void lun_camera_drop_renderer(struct lun_camera *camera)
{
	if (camera->renderer_poll)
		uv_close((uv_handle_t *)camera->renderer_poll, on_poll_closed);
	camera->renderer_poll = NULL;
	lun_renderer_destroy(camera->renderer);
	camera->renderer = NULL;
	camera->has_scene = false;
	lun_camera_buffers_reset(&camera->buffers);
}

static void on_renderer_readable(uv_poll_t *poll, int status, int events)
{
	struct lun_camera *camera = poll->data;
	(void)status;
	(void)events;
	if (camera->renderer && camera->renderer_poll == poll)
		lun_renderer_dispatch(camera->renderer);
}

static void on_respawn(uv_timer_t *timer);

// Its death is told within a dispatch of it, so it is dropped by the timer, after that.
static void on_died(void *data, const char *how)
{
	struct lun_camera *camera = data;
	camera->deaths++;
	lun_log(LUN_LOG_ERROR, "the renderer ended: %s; starting another", how);
	lun_journal_write(camera->journal, LUN_LOG_ERROR, "renderer_died", how, NULL);
	(void)uv_poll_stop(camera->renderer_poll);
	lun_airing_abandon(camera, how);
	uint64_t wait_ms = camera->deaths <= 1 ? 0 : camera->deaths < 5 ? 250 : 2000;
	(void)uv_timer_start(&camera->respawn_timer, on_respawn, wait_ms, 0);
}

void lun_camera_hand_over_buffers(struct lun_camera *camera)
{
	lun_renderer_configure(camera->renderer, &camera->format);
	for (int i = 0; i < LUN_CAMERA_BUFFERS; i++)
		lun_renderer_add_buffer(
		        camera->renderer, i, camera->buffers.all[i].fd, camera->buffers.layout.size_bytes);
}

enum lun_result lun_camera_start_renderer(struct lun_camera *camera, struct lun_error *err)
{
	static const struct lun_renderer_events events = {
	        .loaded = on_loaded,
	        .load_failed = on_load_failed,
	        .done = on_done,
	        .script_error = on_script_error,
	        .stopped = on_stopped,
	        .logged = on_logged,
	        .died = on_died,
	};
	enum lun_result rc = lun_renderer_spawn(&events, camera, &camera->renderer, err);
	if (rc != LUN_OK)
		return rc;
	camera->renderer_poll = lun_alloc(sizeof *camera->renderer_poll);
	camera->renderer_poll->data = camera;
	(void)uv_poll_init(camera->loop, camera->renderer_poll, lun_renderer_fd(camera->renderer));
	(void)uv_poll_start(camera->renderer_poll, UV_READABLE, on_renderer_readable);
	if (camera->options->camera)
		lun_renderer_set_camera(camera->renderer, camera->options->camera, camera->camera_fd);
	lun_camera_hand_over_buffers(camera);
	if (camera->is_paused)
		lun_renderer_pause(camera->renderer, true);
	lun_renderer_watchers(camera->renderer, lun_camera_watchers(camera));
	return LUN_OK;
}

static void on_respawn(uv_timer_t *timer)
{
	struct lun_camera *camera = timer->data;
	struct lun_error err;
	lun_camera_drop_renderer(camera);
	if (lun_camera_start_renderer(camera, &err) == LUN_OK) {
		lun_airing_renew(camera);
		return;
	}
	lun_log(LUN_LOG_ERROR, "%s", err.message);
	(void)uv_timer_start(timer, on_respawn, 2000, 0);
}
