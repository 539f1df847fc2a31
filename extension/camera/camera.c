// The camera's loop: at each deadline show the frame that is ready, then ask for the next. It
// runs no script and decodes nothing, and it never waits for the renderer that does.
#include "extension/camera/camera.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "lunette/camera_spec.h"

#define FIRST_FRAME_NS ((uint64_t)50000000) /* how long a new watcher's first frame may take */
#define HOUSEKEEPING_MS 500
/* How long a frame may take: update and draw have 250 ms each, drawing what they said 1 s. */
#define FRAME_LIMIT_NS ((uint64_t)1500000000)

double lun_camera_epoch_s(uint64_t when_ns)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	double ahead_s = (double)(int64_t)(when_ns - lun_now_ns()) / 1e9;
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9 + ahead_s;
}

int lun_camera_watchers(const struct lun_camera *camera)
{
	int count = camera->waiters || lun_now_ns() < camera->preview_until_ns ? 1 : 0;
	for (int i = 0; i < camera->outputs_count; i++)
		count += camera->outputs[i].watchers;
	return count;
}

const char *lun_camera_state(const struct lun_camera *camera)
{
	if (camera->is_paused)
		return "paused";
	if (camera->airing.is_stopped)
		return "stopped";
	return camera->is_running ? "live" : "idle";
}

/* Pacing. */

static void arm(struct lun_camera *camera)
{
	uint64_t due_ns = lun_pacer_deadline_ns(&camera->pacer);
	struct itimerspec when = {
	        .it_value = {.tv_sec = (time_t)(due_ns / 1000000000),
	                .tv_nsec = (long)(due_ns % 1000000000)},
	};
	(void)timerfd_settime(camera->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void disarm(struct lun_camera *camera)
{
	struct itimerspec never = {0};
	(void)timerfd_settime(camera->timer_fd, 0, &never, NULL);
}

// A renderer that is new, or whose scene does not load any more, would draw black over it.
static bool is_last_picture_better(const struct lun_camera *camera)
{
	return !camera->has_scene && camera->airing.info && lun_camera_buffers_shown(&camera->buffers);
}

// Ask for a frame, unless one is still being drawn.
static void request_frame(struct lun_camera *camera, uint64_t number)
{
	if (!camera->renderer || is_last_picture_better(camera))
		return;
	int place = lun_camera_buffers_draw(&camera->buffers);
	if (place < 0)
		return;
	camera->waiting = 0;
	uint64_t due_ns = camera->pacer.start_ns + lun_format_tick_ns(&camera->pacer.format, number);
	lun_renderer_render(camera->renderer, number, lun_camera_epoch_s(due_ns), place);
}

static void submit(struct lun_camera *camera, const struct lun_frame *frame)
{
	for (int i = 0; i < camera->outputs_count; i++) {
		struct lun_camera_output *out = &camera->outputs[i];
		struct lun_error err;
		bool has_failed = lun_output_submit(out->output, frame, &err) != LUN_OK;
		if (has_failed && !out->is_failing)
			lun_log(LUN_LOG_ERROR, "%s: %s", out->spec, err.message);
		out->is_failing = has_failed;
	}
}

static void show(struct lun_camera *camera, uint64_t number, uint64_t now_ns)
{
	const struct lun_camera_buffer *fresh = lun_camera_buffers_show(&camera->buffers);
	const struct lun_camera_buffer *buffer =
	        fresh ? fresh : lun_camera_buffers_shown(&camera->buffers);
	if (!buffer) {
		camera->counts.dropped++;
		return;
	}
	if (!fresh)
		camera->counts.repeated++;
	if (lun_pacer_is_late(&camera->pacer, number, now_ns))
		camera->counts.late++;
	camera->counts.frames++;
	const struct lun_frame frame = {
	        .format = camera->buffers.format,
	        .layout = camera->buffers.layout,
	        .data = buffer->data,
	        .number = number,
	        .time_ns = camera->pacer.start_ns + lun_format_tick_ns(&camera->pacer.format, number),
	        .is_repeat = !fresh || buffer->picture == camera->shown_picture,
	};
	submit(camera, &frame);
	if (camera->serial == 0 || buffer->picture != camera->shown_picture)
		camera->serial++;
	camera->shown_picture = buffer->picture;
	lun_camera_answer_waiters(camera);
}

void lun_camera_has_scene(struct lun_camera *camera)
{
	camera->has_scene = true;
	if (camera->is_running)
		request_frame(camera, camera->pacer.next);
}

// Counted in ticks and not by the clock, so that a machine that slept is no renderer that hangs.
static void check_renderer(struct lun_camera *camera)
{
	if (!camera->renderer || !lun_camera_buffers_is_drawing(&camera->buffers))
		return;
	if (lun_format_tick_ns(&camera->format, ++camera->waiting) <= FRAME_LIMIT_NS)
		return;
	camera->waiting = 0;
	lun_log(LUN_LOG_ERROR, "a frame took the renderer more than %.1f s", FRAME_LIMIT_NS / 1e9);
	lun_renderer_kill(camera->renderer);
}

static void tick(struct lun_camera *camera)
{
	uint64_t now_ns = lun_now_ns(), missed;
	uint64_t number = lun_pacer_step(&camera->pacer, now_ns, &missed);
	camera->is_first_awaited = false;
	camera->counts.dropped += missed;
	show(camera, number, now_ns);
	if (!camera->is_running)
		return; // an output's last watcher left within submit
	check_renderer(camera);
	request_frame(camera, camera->pacer.next);
	arm(camera);
}

static void on_timer(uv_poll_t *poll, int status, int events)
{
	struct lun_camera *camera = poll->data;
	uint64_t expirations;
	(void)status;
	(void)events;
	if (read(camera->timer_fd, &expirations, sizeof expirations) < 0)
		return;
	if (camera->is_running)
		tick(camera);
}

static void run(struct lun_camera *camera)
{
	camera->is_running = camera->is_first_awaited = true;
	lun_pacer_start(
	        &camera->pacer, &camera->format, camera->pacer.next, lun_now_ns() + FIRST_FRAME_NS);
	request_frame(camera, camera->pacer.next);
	arm(camera);
}

static void rest(struct lun_camera *camera)
{
	camera->is_running = false;
	disarm(camera);
}

void lun_camera_check_watchers(struct lun_camera *camera)
{
	bool is_wanted = camera->is_free_running || lun_camera_watchers(camera) > 0;
	if (is_wanted && !camera->is_running)
		run(camera);
	else if (!is_wanted && camera->is_running)
		rest(camera);
}

void lun_camera_pause(struct lun_camera *camera, bool is_paused)
{
	camera->is_paused = is_paused;
	if (camera->renderer)
		lun_renderer_pause(camera->renderer, is_paused);
	json_t *event = json_pack("{s:s, s:s}", "event", "status", "state", lun_camera_state(camera));
	lun_control_publish(camera->control, "status", event);
}

static void on_housekeeping(uv_timer_t *timer)
{
	struct lun_camera *camera = timer->data;
	lun_camera_answer_waiters(camera);
	lun_camera_check_watchers(camera);
}

void lun_camera_frame_done(struct lun_camera *camera, const struct lun_render_report *report)
{
	lun_camera_buffers_drawn(&camera->buffers, report->buffer, report->number, report->picture);
	lun_counts_add_report(&camera->counts, report);
	camera->deaths = 0;
	if (!camera->is_running)
		return;
	if (camera->is_first_awaited) {
		lun_pacer_start(&camera->pacer, &camera->format, camera->pacer.next, lun_now_ns());
		tick(camera);
	} else if (report->number < camera->pacer.next) {
		request_frame(camera, camera->pacer.next); // it was late: the next one need not be
	}
}

enum lun_result lun_camera_set_format(
        struct lun_camera *camera, const struct lun_format *format, struct lun_error *err)
{
	struct lun_camera_buffers buffers;
	if (lun_format_equal(format, &camera->format))
		return LUN_OK;
	enum lun_result rc = lun_camera_buffers_init(&buffers, format, err);
	if (rc != LUN_OK)
		return rc;
	lun_camera_buffers_finish(&camera->buffers);
	camera->buffers = buffers;
	camera->pacer.next = lun_pacer_rebase(&camera->format, format, camera->pacer.next);
	camera->format = *format;
	if (camera->renderer)
		lun_camera_hand_over_buffers(camera);
	if (camera->is_running)
		run(camera);
	return LUN_OK;
}

/* Starting and ending. */

static enum lun_result open_camera_file(struct lun_camera *camera, struct lun_error *err)
{
	char *path = lun_camera_spec_path(camera->options->camera);
	enum lun_result rc = LUN_OK;
	if (path) {
		camera->camera_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (camera->camera_fd < 0)
			rc = lun_fail(
			        err, LUN_NOT_FOUND, "--camera: cannot open %s: %s", path, strerror(errno));
	}
	free(path);
	return rc;
}

static enum lun_result start_timers(struct lun_camera *camera, struct lun_error *err)
{
	camera->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (camera->timer_fd < 0)
		return lun_fail(err, LUN_IO, "cannot make a timer: %s", strerror(errno));
	camera->timer_poll.data = camera->housekeeping.data = camera->respawn_timer.data = camera;
	(void)uv_poll_init(camera->loop, &camera->timer_poll, camera->timer_fd);
	(void)uv_poll_start(&camera->timer_poll, UV_READABLE, on_timer);
	(void)uv_timer_init(camera->loop, &camera->respawn_timer);
	(void)uv_timer_init(camera->loop, &camera->housekeeping);
	(void)uv_timer_start(&camera->housekeeping, on_housekeeping, HOUSEKEEPING_MS, HOUSEKEEPING_MS);
	return LUN_OK;
}

enum lun_result lun_camera_start(struct lun_camera *camera, struct lun_error *err)
{
	camera->started_ns = lun_now_ns();
	camera->format = camera->options->wish.format;
	camera->camera_fd = -1;
	camera->missing = json_array();
	lun_pacer_start(&camera->pacer, &camera->format, 0, camera->started_ns);
	enum lun_result rc = lun_camera_buffers_init(&camera->buffers, &camera->format, err);
	if (rc == LUN_OK)
		rc = open_camera_file(camera, err);
	if (rc == LUN_OK)
		rc = start_timers(camera, err);
	if (rc != LUN_OK)
		return rc;
	char *path = lun_container_path(camera->container, "run/lunette.sock");
	rc = lun_control_listen(camera->loop, path, lun_camera_command, camera, &camera->control, err);
	free(path);
	if (rc == LUN_OK)
		rc = lun_camera_start_renderer(camera, err);
	if (rc == LUN_OK)
		rc = lun_airing_start(camera, err);
	return rc;
}

static void close_handle(uv_handle_t *handle)
{
	if (handle->loop && !uv_is_closing(handle))
		uv_close(handle, NULL);
}

void lun_camera_stop(struct lun_camera *camera)
{
	camera->is_running = false;
	while (camera->outputs_count > 0)
		lun_output_close(camera->outputs[--camera->outputs_count].output);
	lun_airing_abandon(camera, "the camera is being stopped");
	camera->preview_until_ns = 0;
	while (camera->waiters) {
		struct lun_frame_waiter *waiter = camera->waiters;
		struct lun_error err;
		(void)lun_fail(&err, LUN_NOT_FOUND, "the camera is being stopped");
		camera->waiters = waiter->next;
		lun_control_refuse(waiter->request, &err);
		free(waiter);
	}
	lun_airing_stop(camera);
	lun_control_close(camera->control);
	lun_camera_drop_renderer(camera);
	close_handle((uv_handle_t *)&camera->timer_poll);
	close_handle((uv_handle_t *)&camera->respawn_timer);
	close_handle((uv_handle_t *)&camera->housekeeping);
	if (camera->timer_fd > 0)
		(void)close(camera->timer_fd);
	if (camera->camera_fd >= 0)
		(void)close(camera->camera_fd);
	lun_camera_buffers_finish(&camera->buffers);
	json_decref(camera->missing);
}
