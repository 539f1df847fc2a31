// Asks a renderer for frame after frame into shared buffers and hands each on in order. What is
// done with the frames, and what an error means, is up to the command.
#include "hostapp/cli/headless.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hostapp/cli/interrupt.h"

#define BUFFERS 2
// The renderer has limits of its own for scripts and rastering; these catch one that is stuck.
#define LOAD_LIMIT_MS 30000
#define FRAME_LIMIT_MS 20000

struct buffer {
	int fd;        // owned; -1 when there is none
	uint8_t *data; // mapped; NULL when there is none
	bool is_busy;
};

enum load_state {
	LOAD_WAITING,
	LOAD_DONE,
	LOAD_AGAIN, // the scene wants another format: load it anew for that one
};

struct run {
	const struct lun_headless_job *job;       // borrowed for the run
	const struct lun_headless_events *events; // borrowed for the run
	void *data;                               // the events'
	struct lun_error *err;                    // borrowed for the run
	struct lun_renderer *renderer;            // owned; NULL between two loads
	struct lun_format format;
	struct lun_layout layout;
	struct buffer buffers[BUFFERS];
	enum load_state load;
	bool is_format_final;
	uint64_t load_id;
	uint64_t next, done, end; // frames asked for, finished, wanted; counted from 0
	uint64_t asked_ns[BUFFERS];
	uint64_t progress_ns; // when the renderer last showed that it lives
	enum lun_result rc;   // once it is not LUN_OK, the run ends
};

static void end_run(struct run *run, const struct lun_error *why)
{
	if (run->rc != LUN_OK)
		return;
	run->rc = why->code ? why->code : LUN_IO;
	if (run->err && run->err != why)
		*run->err = *why;
}

// A renderer's frame number is counted here from the first one that is drawn.
static bool is_only_run(const struct run *run, uint64_t number)
{
	return number < run->job->from;
}

/* Buffers. */

static void drop_buffer(struct run *run, struct buffer *buffer)
{
	if (buffer->data)
		(void)munmap(buffer->data, run->layout.size_bytes);
	if (buffer->fd >= 0)
		(void)close(buffer->fd);
	*buffer = (struct buffer){.fd = -1};
}

static enum lun_result make_buffer(struct run *run, struct buffer *buffer)
{
	size_t size = run->layout.size_bytes;
	buffer->fd = memfd_create("lunette-frame", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (buffer->fd < 0 || ftruncate(buffer->fd, (off_t)size) != 0 ||
	        fcntl(buffer->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
		return lun_fail(
		        run->err, LUN_IO, "no memory for a frame of %zu bytes: %s", size, strerror(errno));
	void *data = mmap(NULL, size, PROT_READ, MAP_SHARED, buffer->fd, 0);
	if (data == MAP_FAILED)
		return lun_fail(
		        run->err, LUN_NOMEM, "no room for a frame of %zu bytes: %s", size, strerror(errno));
	buffer->data = data;
	return LUN_OK;
}

/* What the scene asks for. */

static uint64_t count_frames(const struct run *run)
{
	if (run->job->frames)
		return run->job->frames;
	double frames = run->job->seconds * run->format.fps_num / run->format.fps_den;
	return frames < 1.0 ? 1 : (uint64_t)llround(frames);
}

/* What the renderer tells. */

static void on_loaded(void *data, uint64_t load_id, json_t *info)
{
	struct run *run = data;
	run->progress_ns = lun_now_ns();
	if (load_id != run->load_id || run->load != LOAD_WAITING)
		return;
	struct lun_format wanted;
	struct lun_error why;
	if (lun_format_wish_settle(&run->job->wish, json_object_get(info, "output"), &wanted, &why) !=
	        LUN_OK) {
		end_run(run, &why);
		return;
	}
	if (!run->is_format_final && !lun_format_equal(&wanted, &run->format)) {
		run->format = wanted;
		run->is_format_final = true;
		run->load = LOAD_AGAIN;
		return;
	}
	run->load = LOAD_DONE;
	uint64_t frames = count_frames(run);
	run->end = run->job->from + frames;
	if (run->events->started(run->data, &run->format, frames, info, &why) != LUN_OK)
		end_run(run, &why);
}

static void on_load_failed(void *data, uint64_t load_id, const struct lun_error *why)
{
	struct run *run = data;
	if (load_id == run->load_id)
		end_run(run, why);
}

static void hand_on(struct run *run, const struct lun_render_report *report)
{
	uint64_t first_ns = lun_format_tick_ns(&run->format, run->job->from);
	struct lun_frame frame = {
	        .format = run->format,
	        .layout = run->layout,
	        .data = run->buffers[report->buffer].data,
	        .number = report->number,
	        .time_ns = lun_format_tick_ns(&run->format, report->number) - first_ns,
	};
	struct lun_error why = {0};
	uint64_t wall_ns = lun_now_ns() - run->asked_ns[report->buffer];
	if (run->events->frame(run->data, &frame, report, wall_ns, &why) != LUN_OK)
		end_run(run, &why);
}

static void on_done(void *data, const struct lun_render_report *report)
{
	struct run *run = data;
	run->progress_ns = lun_now_ns();
	if (run->rc != LUN_OK || run->load != LOAD_DONE)
		return;
	struct lun_error why = {0};
	bool is_drawn = !is_only_run(run, report->number);
	bool is_known = report->number == run->done && run->done < run->next &&
	                (!is_drawn || (report->buffer >= 0 && report->buffer < BUFFERS &&
	                                      run->buffers[report->buffer].is_busy));
	if (!is_known) {
		(void)lun_fail(&why, LUN_IO, "the renderer answered with a frame nobody asked for");
		end_run(run, &why);
		return;
	}
	run->done++;
	if (!is_drawn)
		return;
	hand_on(run, report);
	run->buffers[report->buffer].is_busy = false;
	run->progress_ns = lun_now_ns(); // what the frame's reader took is not the renderer's time
}

static void on_script_error(void *data, const struct lun_error *what)
{
	struct run *run = data;
	run->progress_ns = lun_now_ns();
	if (run->rc == LUN_OK && run->events->scene_error(run->data, what) != LUN_OK)
		end_run(run, what);
}

static void on_stopped(void *data, const struct lun_error *why)
{
	end_run(data, why);
}

static void on_logged(void *data, int level, const char *message)
{
	struct run *run = data;
	run->events->logged(run->data, level, message);
}

static void on_died(void *data, const char *how)
{
	struct run *run = data;
	struct lun_error why;
	(void)lun_fail(&why, LUN_IO, "the renderer ended: %s", how);
	end_run(run, &why);
}

static const struct lun_renderer_events renderer_events = {
        .loaded = on_loaded,
        .load_failed = on_load_failed,
        .done = on_done,
        .script_error = on_script_error,
        .stopped = on_stopped,
        .logged = on_logged,
        .died = on_died,
};

/* The run. */

static json_t *make_load_request(const struct lun_headless_job *job)
{
	json_t *request = json_pack("{s:s, s:s, s:s, s:O, s:O, s:O, s:i, s:f, s:s, s:I, s:b, s:b}",
	        "path", job->scene.file, "name", job->scene.name, "root", job->scene.root, "values",
	        job->values, "texts", job->texts, "feeds", job->feeds, "number", 0, "epoch",
	        job->epoch_s, "zone", "UTC", "seed", (json_int_t)job->seed, "keep_state", 0,
	        "full_redraw", job->is_full_redraw);
	return request;
}

static void stop_renderer(struct run *run)
{
	lun_renderer_destroy(run->renderer);
	run->renderer = NULL;
	for (int i = 0; i < BUFFERS; i++)
		drop_buffer(run, &run->buffers[i]);
}

static enum lun_result start_renderer(struct run *run)
{
	const struct lun_headless_job *job = run->job;
	json_t *request = make_load_request(job);
	if (!request)
		return lun_fail(run->err, LUN_INVALID, "a name or a path here is no valid UTF-8");
	enum lun_result rc = lun_renderer_spawn(&renderer_events, run, &run->renderer, run->err);
	if (rc != LUN_OK)
		goto drop_request;
	lun_format_layout(&run->format, &run->layout);
	lun_renderer_configure(run->renderer, &run->format);
	for (int i = 0; i < BUFFERS && rc == LUN_OK; i++) {
		rc = make_buffer(run, &run->buffers[i]);
		if (rc == LUN_OK)
			lun_renderer_add_buffer(run->renderer, i, run->buffers[i].fd, run->layout.size_bytes);
	}
	if (rc != LUN_OK)
		goto drop_request;
	if (job->camera_fd >= 0)
		lun_renderer_set_camera(run->renderer, job->camera, job->camera_fd);
	run->load = LOAD_WAITING;
	run->progress_ns = lun_now_ns();
	run->load_id = lun_renderer_load(run->renderer, request);

drop_request:
	json_decref(request);
	return rc;
}

static int find_free_buffer(const struct run *run)
{
	for (int i = 0; i < BUFFERS; i++)
		if (!run->buffers[i].is_busy)
			return i;
	return -1;
}

// Keep the renderer busy: it draws the next frame while the last one is written.
static void ask_for_frames(struct run *run)
{
	while (run->next < run->end && run->next - run->done < (uint64_t)run->job->depth) {
		int buffer = is_only_run(run, run->next) ? -1 : find_free_buffer(run);
		if (buffer >= 0) {
			run->buffers[buffer].is_busy = true;
			run->asked_ns[buffer] = lun_now_ns();
		} else if (!is_only_run(run, run->next)) {
			return;
		}
		if (run->next == run->done)
			run->progress_ns = lun_now_ns();
		double time_s = (double)lun_format_tick_ns(&run->format, run->next) / 1e9;
		lun_renderer_render(run->renderer, run->next, run->job->epoch_s + time_s, buffer);
		run->next++;
	}
}

static void check_patience(struct run *run)
{
	uint64_t waited_ms = (lun_now_ns() - run->progress_ns) / 1000000u;
	struct lun_error why;
	if (run->load == LOAD_WAITING && waited_ms > LOAD_LIMIT_MS)
		(void)lun_fail(&why, LUN_LIMIT, "the scene did not load within %d s", LOAD_LIMIT_MS / 1000);
	else if (run->load == LOAD_DONE && waited_ms > FRAME_LIMIT_MS)
		(void)lun_fail(&why, LUN_LIMIT, "frame %llu did not come within %d s",
		        (unsigned long long)run->done, FRAME_LIMIT_MS / 1000);
	else
		return;
	end_run(run, &why);
}

static void wait_for_renderer(struct run *run)
{
	struct pollfd fds[] = {
	        {.fd = lun_renderer_fd(run->renderer), .events = POLLIN},
	        {.fd = lun_interrupt_fd(), .events = POLLIN},
	};
	int ready = poll(fds, 2, 1000);
	struct lun_error why = {.code = LUN_IO};
	if (lun_is_interrupted() || (ready < 0 && errno != EINTR))
		end_run(run, &why);
	else if (ready > 0 && fds[0].revents)
		lun_renderer_dispatch(run->renderer);
	if (run->rc == LUN_OK)
		check_patience(run);
}

static bool is_finished(const struct run *run)
{
	return run->rc != LUN_OK || (run->load == LOAD_DONE && run->done == run->end);
}

enum lun_result lun_headless_run(const struct lun_headless_job *job,
        const struct lun_headless_events *events, void *data, struct lun_error *err)
{
	struct lun_error own_err;
	struct run run = {.job = job, .events = events, .data = data, .load = LOAD_AGAIN};
	run.err = err ? err : &own_err;
	run.format = job->wish.format;
	for (int i = 0; i < BUFFERS; i++)
		run.buffers[i].fd = -1;
	while (!is_finished(&run)) {
		if (run.load == LOAD_AGAIN) {
			stop_renderer(&run);
			run.rc = start_renderer(&run);
		} else {
			if (run.load == LOAD_DONE)
				ask_for_frames(&run);
			wait_for_renderer(&run);
		}
	}
	stop_renderer(&run);
	return run.rc;
}

void lun_headless_finish(struct lun_headless_job *job)
{
	lun_scene_ref_finish(&job->scene);
	if (job->camera_fd >= 0)
		(void)close(job->camera_fd);
	json_decref(job->values);
	json_decref(job->texts);
	json_decref(job->feeds);
}
