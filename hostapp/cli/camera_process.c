// Keeps one lunette-camera alive. Each start has a child of its own, so that what is left of the
// last one (handles that are closing) never meets the next.
#include "hostapp/cli/camera_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extension/camera/control.h"

#define READY_FD 3
#define READY_LIMIT_MS 20000
#define STOP_LIMIT_MS 5000
#define MAX_LINE_BYTES (1 << 20)
#define MAX_DEATHS 5
#define DEATHS_WITHIN_NS 60000000000u
#define FIRST_DELAY_MS 200

enum state {
	STATE_STARTING,
	STATE_UP,
	STATE_WAITING, // until it is started again
	STATE_STOPPING,
	STATE_OVER,
};

struct child {
	struct lun_camera_process *owner; // borrowed; NULL once it is of no interest any more
	uv_process_t process;
	uv_pipe_t ready_pipe;
	int handles; // open ones; the last one's close frees the child
	char *line;  // owned; what came over the pipe so far
	size_t length;
};

struct lun_camera_process {
	uv_loop_t *loop;                                // borrowed from the caller, outlives us
	const char *const *args;                        // borrowed from the caller
	const struct lun_camera_process_events *events; // borrowed from the caller
	void *data;
	enum state state;
	bool has_been_up;
	struct child *child;  // owned; NULL while nothing runs
	uv_timer_t timer;     // one at a time: ready, start again, or kill
	struct lun_error why; // what the camera said before it ended; an empty message: nothing
	int exit_code;        // that it asked for
	uint64_t deaths_ns[MAX_DEATHS]; // the last ones, as a ring
	unsigned deaths;
};

static void start_again(uv_timer_t *timer);

/* The child and its handles. */

static void on_child_handle_closed(uv_handle_t *handle)
{
	struct child *child = handle->data;
	if (--child->handles > 0)
		return;
	free(child->line);
	free(child);
}

static void close_ready_pipe(struct child *child)
{
	if (!uv_is_closing((uv_handle_t *)&child->ready_pipe))
		uv_close((uv_handle_t *)&child->ready_pipe, on_child_handle_closed);
}

static void let_go_of_child(struct lun_camera_process *process)
{
	struct child *child = process->child;
	process->child = NULL;
	child->owner = NULL;
	close_ready_pipe(child);
	uv_close((uv_handle_t *)&child->process, on_child_handle_closed);
}

static void describe_end(char *out, size_t size, int64_t status, int signal)
{
	if (signal)
		(void)snprintf(out, size, "signal %d (%s)", signal, strsignal(signal));
	else
		(void)snprintf(out, size, "exit code %d", (int)status);
}

/* What follows an end. */

static void fail(struct lun_camera_process *process, const struct lun_error *why, int exit_code)
{
	process->state = STATE_OVER;
	(void)uv_timer_stop(&process->timer);
	process->events->failed(process->data, why, exit_code);
}

static bool is_too_often(struct lun_camera_process *process)
{
	uint64_t now_ns = lun_now_ns();
	uint64_t oldest_ns = process->deaths_ns[process->deaths % MAX_DEATHS];
	bool is_full = process->deaths >= MAX_DEATHS && now_ns - oldest_ns < DEATHS_WITHIN_NS;
	process->deaths_ns[process->deaths++ % MAX_DEATHS] = now_ns;
	return is_full;
}

// The more deaths in the last minute, the longer the wait.
static unsigned choose_delay_ms(const struct lun_camera_process *process)
{
	unsigned recent = 0;
	for (unsigned i = 0; i < MAX_DEATHS && i < process->deaths; i++)
		recent += lun_now_ns() - process->deaths_ns[i] < DEATHS_WITHIN_NS;
	return FIRST_DELAY_MS << (recent ? recent - 1 : 0);
}

static void on_unexpected_end(struct lun_camera_process *process, const char *how)
{
	struct lun_error why;
	if (!process->has_been_up) {
		if (process->why.message[0])
			fail(process, &process->why, process->exit_code);
		else {
			(void)lun_fail(&why, LUN_IO, "the camera ended before it was up: %s", how);
			fail(process, &why, 1);
		}
	} else if (is_too_often(process)) {
		(void)lun_fail(&why, LUN_IO, "the camera ended %d times within a minute, at last by %s",
		        MAX_DEATHS + 1, how);
		fail(process, &why, 1);
	} else {
		unsigned delay_ms = choose_delay_ms(process);
		process->state = STATE_WAITING;
		(void)uv_timer_start(&process->timer, start_again, delay_ms, 0);
		process->events->ended(
		        process->data, process->why.message[0] ? process->why.message : how, delay_ms);
	}
}

static void on_child_exit(uv_process_t *handle, int64_t status, int signal)
{
	struct child *child = handle->data;
	struct lun_camera_process *process = child->owner;
	char how[64];
	describe_end(how, sizeof how, status, signal);
	let_go_of_child(process);
	(void)uv_timer_stop(&process->timer);
	if (process->state == STATE_STOPPING) {
		process->state = STATE_OVER;
		process->events->stopped(process->data);
	} else {
		on_unexpected_end(process, how);
	}
}

static void on_patience_over(uv_timer_t *timer)
{
	struct lun_camera_process *process = timer->data;
	if (process->state == STATE_STARTING)
		(void)lun_fail(
		        &process->why, LUN_IO, "the camera was not up within %d s", READY_LIMIT_MS / 1000);
	(void)uv_process_kill(&process->child->process, SIGKILL);
}

/* The line that says it is up. */

static void on_ready_line(struct lun_camera_process *process, const char *line, size_t length)
{
	json_t *ready = json_loadb(line, length, 0, NULL);
	if (json_is_true(json_object_get(ready, "ok"))) {
		process->state = STATE_UP;
		process->has_been_up = true;
		(void)uv_timer_stop(&process->timer);
		process->events->ready(process->data, ready);
	} else {
		// It ends by itself now; if it does not, patience does.
		lun_error_from_json(json_object_get(ready, "error"), &process->why);
		json_int_t code = json_integer_value(json_object_get(ready, "exit"));
		process->exit_code = code > 0 && code < 126 ? (int)code : 1;
		if (!process->why.message[0])
			(void)lun_fail(&process->why, LUN_IO, "the camera did not start");
		(void)uv_timer_start(&process->timer, on_patience_over, STOP_LIMIT_MS, 0);
	}
	json_decref(ready);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out_buf)
{
	struct child *child = handle->data;
	(void)suggested;
	size_t wanted = child->length + 4096;
	if (wanted > MAX_LINE_BYTES) {
		*out_buf = uv_buf_init(NULL, 0);
		return;
	}
	char *line = realloc(child->line, wanted);
	lun_assert(line);
	child->line = line;
	*out_buf = uv_buf_init(line + child->length, 4096);
}

static void on_ready_bytes(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct child *child = stream->data;
	(void)buf;
	if (got == 0)
		return;
	if (got < 0) { // it closed its end without a line: its exit tells the rest
		close_ready_pipe(child);
		return;
	}
	child->length += (size_t)got;
	char *newline = memchr(child->line, '\n', child->length);
	if (!newline)
		return;
	close_ready_pipe(child);
	if (child->owner && child->owner->state == STATE_STARTING)
		on_ready_line(child->owner, child->line, (size_t)(newline - child->line));
}

/* Starting and stopping. */

static int spawn(struct lun_camera_process *process)
{
	struct child *child = lun_alloc(sizeof *child);
	child->owner = process;
	child->handles = 2;
	child->process.data = child;
	(void)uv_pipe_init(process->loop, &child->ready_pipe, 0);
	child->ready_pipe.data = child;
	// Its standard output is not ours: only we write there.
	uv_stdio_container_t stdio[READY_FD + 1] = {
	        {.flags = UV_IGNORE},
	        {.flags = UV_INHERIT_FD, .data.fd = 2},
	        {.flags = UV_INHERIT_FD, .data.fd = 2},
	        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	                .data.stream = (uv_stream_t *)&child->ready_pipe},
	};
	uv_process_options_t options = {
	        .exit_cb = on_child_exit,
	        .file = process->args[0],
	        .args = (char **)process->args,
	        // A session of its own: Ctrl-C reaches us alone, and we stop it in order.
	        .flags = UV_PROCESS_DETACHED,
	        .stdio = stdio,
	        .stdio_count = READY_FD + 1,
	};
	process->child = child;
	int rc = uv_spawn(process->loop, &child->process, &options);
	child->process.data = child;
	if (rc != 0) {
		let_go_of_child(process);
		return rc;
	}
	process->state = STATE_STARTING;
	process->why = (struct lun_error){0};
	process->exit_code = 1;
	(void)uv_timer_start(&process->timer, on_patience_over, READY_LIMIT_MS, 0);
	(void)uv_read_start((uv_stream_t *)&child->ready_pipe, give_room, on_ready_bytes);
	return 0;
}

static enum lun_result explain_spawn(const char *program, int rc, struct lun_error *err)
{
	return lun_fail(err, LUN_UNSUPPORTED, "cannot start %s: %s; it belongs beside `lunette`",
	        program, uv_strerror(rc));
}

static void start_again(uv_timer_t *timer)
{
	struct lun_camera_process *process = timer->data;
	struct lun_error why;
	int rc = spawn(process);
	if (rc == 0)
		return;
	(void)explain_spawn(process->args[0], rc, &why);
	fail(process, &why, 3);
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

enum lun_result lun_camera_process_start(uv_loop_t *loop, const char *const *args,
        const struct lun_camera_process_events *events, void *data,
        struct lun_camera_process **out_process, struct lun_error *err)
{
	struct lun_camera_process *process = lun_alloc(sizeof *process);
	process->loop = loop;
	process->args = args;
	process->events = events;
	process->data = data;
	(void)uv_timer_init(loop, &process->timer);
	process->timer.data = process;
	int rc = spawn(process);
	if (rc != 0) {
		process->state = STATE_OVER;
		lun_camera_process_destroy(process);
		return explain_spawn(args[0], rc, err);
	}
	*out_process = process;
	return LUN_OK;
}

void lun_camera_process_set_args(struct lun_camera_process *process, const char *const *args)
{
	process->args = args;
}

void lun_camera_process_stop(struct lun_camera_process *process)
{
	if (process->state == STATE_OVER || process->state == STATE_STOPPING)
		return;
	(void)uv_timer_stop(&process->timer);
	if (process->state == STATE_WAITING) {
		process->state = STATE_OVER;
		process->events->stopped(process->data);
		return;
	}
	process->state = STATE_STOPPING;
	(void)uv_process_kill(&process->child->process, SIGTERM);
	(void)uv_timer_start(&process->timer, on_patience_over, STOP_LIMIT_MS, 0);
}

void lun_camera_process_destroy(struct lun_camera_process *process)
{
	if (!process)
		return;
	lun_assert(!process->child);
	uv_close((uv_handle_t *)&process->timer, on_timer_closed);
}
