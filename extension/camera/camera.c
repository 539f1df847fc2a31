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
	int count = lun_now_ns() < camera->preview_until_ns ? 1 : 0;
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

/* The renderer. */

static void on_done(void *data, const struct lun_render_report *report)
{
	struct lun_camera *camera = data;
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

static void drop_renderer(struct lun_camera *camera)
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

static void hand_over_buffers(struct lun_camera *camera)
{
	lun_renderer_configure(camera->renderer, &camera->format);
	for (int i = 0; i < LUN_CAMERA_BUFFERS; i++)
		lun_renderer_add_buffer(
		        camera->renderer, i, camera->buffers.all[i].fd, camera->buffers.layout.size_bytes);
}

static enum lun_result start_renderer(struct lun_camera *camera, struct lun_error *err)
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
	hand_over_buffers(camera);
	if (camera->is_paused)
		lun_renderer_pause(camera->renderer, true);
	lun_renderer_watchers(camera->renderer, lun_camera_watchers(camera));
	return LUN_OK;
}

static void on_respawn(uv_timer_t *timer)
{
	struct lun_camera *camera = timer->data;
	struct lun_error err;
	drop_renderer(camera);
	if (start_renderer(camera, &err) == LUN_OK) {
		lun_airing_renew(camera);
		return;
	}
	lun_log(LUN_LOG_ERROR, "%s", err.message);
	(void)uv_timer_start(timer, on_respawn, 2000, 0);
}

/* Outputs. */

static void on_watchers(void *data, int count)
{
	struct lun_camera_output *out = data;
	struct lun_camera *camera = out->camera;
	if (out->watchers == count)
		return;
	out->watchers = count;
	int all = lun_camera_watchers(camera);
	lun_journal_write(
	        camera->journal, LUN_LOG_INFO, "watchers", NULL, json_pack("{s:i}", "watchers", all));
	if (camera->renderer)
		lun_renderer_watchers(camera->renderer, all);
	lun_camera_check_watchers(camera);
	lun_control_publish(
	        camera->control, "status", json_pack("{s:s, s:i}", "event", "status", "watchers", all));
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
		hand_over_buffers(camera);
	if (camera->is_running)
		run(camera);
	return LUN_OK;
}

static void on_format(void *data, const struct lun_format *format)
{
	struct lun_camera_output *out = data;
	struct lun_error err;
	if (lun_camera_set_format(out->camera, format, &err) != LUN_OK)
		lun_log(LUN_LOG_ERROR, "%s", err.message);
}

static void on_lost(void *data, const char *why)
{
	struct lun_camera_output *out = data;
	lun_log(LUN_LOG_WARN, "%s: %s", out->spec, why);
	lun_journal_write(out->camera->journal, LUN_LOG_WARN, "output_lost", why, NULL);
}

static void on_back(void *data)
{
	struct lun_camera_output *out = data;
	lun_log(LUN_LOG_INFO, "%s: back", out->spec);
	lun_journal_write(out->camera->journal, LUN_LOG_INFO, "output_back", out->spec, NULL);
}

// The formats a camera offers: the chosen one first, then what programs commonly ask for.
static int list_formats(const struct lun_format *chosen, struct lun_format *out_formats)
{
	static const int sizes[][2] = {{0, 0}, {1920, 1080}, {1280, 720}, {640, 360}};
	static const enum lun_pixel_format pixels[] = {LUN_PIXEL_NV12, LUN_PIXEL_I420, LUN_PIXEL_YUY2};
	int count = 0;
	out_formats[count++] = *chosen;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		for (size_t k = 0; k < sizeof pixels / sizeof pixels[0]; k++) {
			struct lun_format format = *chosen;
			format.pixel = pixels[k];
			if (i > 0) {
				format.width_px = sizes[i][0];
				format.height_px = sizes[i][1];
			}
			bool is_new = true;
			for (int known = 0; known < count; known++)
				is_new = is_new && !lun_format_equal(&format, &out_formats[known]);
			if (is_new)
				out_formats[count++] = format;
		}
	}
	return count;
}

static enum lun_result open_output(
        struct lun_camera *camera, const char *spec, struct lun_error *err)
{
	static const struct lun_output_events events = {
	        .watchers = on_watchers,
	        .format = on_format,
	        .lost = on_lost,
	        .back = on_back,
	};
	struct lun_format formats[16];
	struct lun_camera_output *out = &camera->outputs[camera->outputs_count];
	*out = (struct lun_camera_output){.camera = camera, .spec = spec};
	const struct lun_output_params params = {
	        .name = camera->options->name,
	        .formats = formats,
	        .formats_count = list_formats(&camera->format, formats),
	        .loop = camera->loop,
	        .events = &events,
	        .data = out,
	};
	enum lun_result rc = lun_output_open(spec, &params, &out->output, err);
	if (rc == LUN_OK)
		camera->outputs_count++;
	return rc;
}

enum lun_result lun_camera_open_outputs(struct lun_camera *camera, struct lun_error *err)
{
	const struct lun_camera_options *options = camera->options;
	for (int i = 0; i < options->outputs_count; i++) {
		if (strcmp(options->outputs[i], "none") == 0) {
			camera->is_free_running = true;
			continue;
		}
		enum lun_result rc = open_output(camera, options->outputs[i], err);
		if (rc != LUN_OK)
			return rc;
	}
	struct lun_error missing;
	if (options->outputs_count == 0 && open_output(camera, "pipewire", &missing) != LUN_OK)
		(void)json_array_append_new(camera->missing, json_string(missing.message));
	lun_camera_check_watchers(camera);
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
		rc = start_renderer(camera, err);
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
	drop_renderer(camera);
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
