// A renderer seen from outside: starts the process, sends it messages, turns what it answers into
// events.
#include "extension/isolate/renderer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spawn.h>

#include "extension/camera/control.h"
#include "extension/isolate/file_server.h"
#include "extension/isolate/message.h"
#include "extension/isolate/program.h"

extern char **environ;

struct lun_renderer {
	struct lun_renderer_events events;
	void *data;                    // borrowed, the events'
	int fd;                        // owned; non-blocking
	int poll_fd;                   // owned; readable when fd or the files' socket is
	struct lun_file_server *files; // owned
	pid_t pid;                     // -1 once reaped
	uint64_t next_load_id;
	bool has_died; // said
};

// The child's ends lie above the places they are moved to, so that no move overwrites another.
#define CHILD_FDS_FROM 16

static int spawn_program(const char *path, const int child_fds[2], pid_t *out_pid)
{
	posix_spawn_file_actions_t actions;
	int status = posix_spawn_file_actions_init(&actions);
	if (status != 0)
		return status;
	char *const arguments[] = {"lunette-renderer", "--renderer", NULL};
	status = posix_spawn_file_actions_adddup2(&actions, child_fds[0], LUN_RENDERER_FD);
	if (status == 0)
		status = posix_spawn_file_actions_adddup2(&actions, child_fds[1], LUN_RENDERER_FILES_FD);
	if (status == 0)
		status = posix_spawn(out_pid, path, &actions, NULL, arguments, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return status;
}

// A socket whose first end is ours and does not block, the second the child's.
static bool make_socket(int out_pair[2])
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	out_pair[0] = pair[0];
	out_pair[1] = fcntl(pair[1], F_DUPFD_CLOEXEC, CHILD_FDS_FROM);
	int why = errno;
	(void)close(pair[1]);
	if (out_pair[1] >= 0 && fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0)
		return true;
	(void)close(pair[0]);
	errno = why;
	return false;
}

static void close_pair(const int pair[2])
{
	(void)close(pair[0]);
	(void)close(pair[1]);
}

// One descriptor to poll for both sockets.
static int make_poll_fd(int fd, int files_fd)
{
	int poll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event readable = {.events = EPOLLIN};
	if (poll_fd >= 0 && epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &readable) == 0 &&
	        epoll_ctl(poll_fd, EPOLL_CTL_ADD, files_fd, &readable) == 0)
		return poll_fd;
	if (poll_fd >= 0)
		(void)close(poll_fd);
	return -1;
}

enum lun_result lun_renderer_spawn(const struct lun_renderer_events *events, void *data,
        struct lun_renderer **out_renderer, struct lun_error *err)
{
	int messages[2], files[2];
	char path[4096];
	enum lun_result rc = lun_program_find("lunette-camera", path, sizeof path, err);
	if (rc != LUN_OK)
		return rc;
	struct lun_renderer *renderer = lun_alloc(sizeof *renderer);
	int status = 0;
	if (!make_socket(messages)) {
		status = errno;
		goto fail_renderer;
	}
	if (!make_socket(files)) {
		status = errno;
		goto fail_messages;
	}
	renderer->poll_fd = make_poll_fd(messages[0], files[0]);
	if (renderer->poll_fd < 0) {
		status = errno;
		goto fail_files;
	}
	const int child_fds[] = {messages[1], files[1]};
	status = spawn_program(path, child_fds, &renderer->pid);
	if (status != 0)
		goto fail_poll;
	(void)close(messages[1]);
	(void)close(files[1]);
	renderer->events = *events;
	renderer->data = data;
	renderer->fd = messages[0];
	renderer->files = lun_file_server_create(files[0]);
	*out_renderer = renderer;
	return LUN_OK;

fail_poll:
	(void)close(renderer->poll_fd);
fail_files:
	close_pair(files);
fail_messages:
	close_pair(messages);
fail_renderer:
	free(renderer);
	return lun_fail(err, LUN_IO, "cannot start a renderer (%s): %s", path, strerror(status));
}

// Ends and reaps the process; says how it ended.
static void reap(struct lun_renderer *renderer, char *out_how, size_t how_bytes)
{
	int status = 0;
	if (renderer->pid > 0) {
		(void)kill(renderer->pid, SIGKILL);
		while (waitpid(renderer->pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	renderer->pid = -1;
	if (WIFSIGNALED(status))
		(void)snprintf(out_how, how_bytes, "signal %d (%s)", WTERMSIG(status),
		        strsignal(WTERMSIG(status)));
	else
		(void)snprintf(out_how, how_bytes, "exit %d", WEXITSTATUS(status));
}

void lun_renderer_destroy(struct lun_renderer *renderer)
{
	if (!renderer)
		return;
	char how[64];
	(void)close(renderer->poll_fd);
	lun_file_server_destroy(renderer->files);
	(void)close(renderer->fd);
	reap(renderer, how, sizeof how);
	free(renderer);
}

void lun_renderer_kill(struct lun_renderer *renderer)
{
	if (renderer->pid > 0)
		(void)kill(renderer->pid, SIGKILL);
}

int lun_renderer_fd(const struct lun_renderer *renderer)
{
	return renderer->poll_fd;
}

int lun_renderer_pid(const struct lun_renderer *renderer)
{
	return renderer->pid;
}

static void say_died(struct lun_renderer *renderer)
{
	if (renderer->has_died)
		return;
	char how[128];
	renderer->has_died = true;
	reap(renderer, how, sizeof how);
	renderer->events.died(renderer->data, how);
}

/* Answers. */

static void read_error(const struct lun_message *message, struct lun_error *out_err)
{
	json_t *object = lun_message_json(message);
	lun_error_from_json(object, out_err);
	json_decref(object);
}

static void tell_loaded(struct lun_renderer *renderer, const struct lun_message *message)
{
	json_t *info = lun_message_json(message);
	lun_file_server_drop_before(renderer->files, (uint64_t)message->header.id);
	if (json_is_object(info))
		renderer->events.loaded(renderer->data, (uint64_t)message->header.id, info);
	json_decref(info);
}

static void tell_done(struct lun_renderer *renderer, const struct lun_message *message)
{
	struct lun_render_report report;
	if (message->header.payload_bytes != sizeof report)
		return;
	memcpy(&report, message->payload, sizeof report);
	renderer->events.done(renderer->data, &report);
}

static void tell(struct lun_renderer *renderer, const struct lun_message *message)
{
	const struct lun_renderer_events *events = &renderer->events;
	struct lun_error err;
	switch (message->header.kind) {
	case LUN_MESSAGE_LOADED:
		tell_loaded(renderer, message);
		break;
	case LUN_MESSAGE_LOAD_FAILED:
		read_error(message, &err);
		lun_file_server_drop(renderer->files, (uint64_t)message->header.id);
		events->load_failed(renderer->data, (uint64_t)message->header.id, &err);
		break;
	case LUN_MESSAGE_DONE:
		tell_done(renderer, message);
		break;
	case LUN_MESSAGE_SCRIPT_ERROR:
		read_error(message, &err);
		events->script_error(renderer->data, &err);
		break;
	case LUN_MESSAGE_STOPPED:
		read_error(message, &err);
		events->stopped(renderer->data, &err);
		break;
	case LUN_MESSAGE_LOG:
		events->logged(renderer->data, (int)message->header.number, message->payload);
		break;
	default:
		break; // not for us: a renderer is not trusted to speak well
	}
}

// How many messages one dispatch handles: a renderer that floods must not hold the loop.
#define MESSAGES_AT_ONCE 256

// @return whether all that waited was heard; then the files' socket may tell of an end
static bool hear_messages(struct lun_renderer *renderer)
{
	for (int i = 0; i < MESSAGES_AT_ONCE && !renderer->has_died; i++) {
		struct lun_message message;
		enum lun_result rc = lun_message_receive(renderer->fd, &message);
		if (rc == LUN_NOT_FOUND)
			return true;
		if (rc != LUN_OK) {
			say_died(renderer);
			return false;
		}
		tell(renderer, &message);
		lun_message_finish(&message);
	}
	return false;
}

void lun_renderer_dispatch(struct lun_renderer *renderer)
{
	if (hear_messages(renderer) && !lun_file_server_dispatch(renderer->files) &&
	        hear_messages(renderer)) // what it said between the two
		say_died(renderer);
}

/* Requests. One that cannot be sent means a renderer that is gone or takes nothing any more: its
 * socket is shut, so that dispatch finds it dead. */

static void send_message(struct lun_renderer *renderer, const struct lun_message_header *header,
        const void *payload, size_t payload_bytes, int fd)
{
	if (lun_message_send(renderer->fd, header, payload, payload_bytes, fd) != LUN_OK)
		(void)shutdown(renderer->fd, SHUT_RDWR);
}

static void send_json(
        struct lun_renderer *renderer, enum lun_message_kind kind, int64_t id, const json_t *value)
{
	struct lun_message_header header = {.kind = kind, .id = id};
	if (lun_message_send_json(renderer->fd, &header, value) != LUN_OK)
		(void)shutdown(renderer->fd, SHUT_RDWR);
}

static void send_number(struct lun_renderer *renderer, enum lun_message_kind kind, uint64_t number)
{
	struct lun_message_header header = {.kind = kind, .number = number};
	send_message(renderer, &header, NULL, 0, -1);
}

void lun_renderer_configure(struct lun_renderer *renderer, const struct lun_format *format)
{
	struct lun_message_header header = {.kind = LUN_MESSAGE_CONFIGURE};
	send_message(renderer, &header, format, sizeof *format, -1);
}

void lun_renderer_add_buffer(struct lun_renderer *renderer, int buffer, int fd, size_t size_bytes)
{
	struct lun_message_header header = {
	        .kind = LUN_MESSAGE_BUFFER, .id = buffer, .number = size_bytes};
	send_message(renderer, &header, NULL, 0, fd);
}

void lun_renderer_set_camera(struct lun_renderer *renderer, const char *spec, int fd)
{
	struct lun_message_header header = {.kind = LUN_MESSAGE_CAMERA};
	send_message(renderer, &header, spec ? spec : "", spec ? strlen(spec) : 0, fd);
}

uint64_t lun_renderer_load(struct lun_renderer *renderer, json_t *request)
{
	uint64_t id = ++renderer->next_load_id;
	const char *root = json_string_value(json_object_get(request, "root"));
	lun_file_server_add(renderer->files, id, root ? root : ".");
	send_json(renderer, LUN_MESSAGE_LOAD, (int64_t)id, request);
	return id;
}

void lun_renderer_render(struct lun_renderer *renderer, uint64_t number, double epoch_s, int buffer)
{
	struct lun_message_header header = {
	        .kind = LUN_MESSAGE_RENDER, .id = buffer, .number = number, .time_s = epoch_s};
	send_message(renderer, &header, NULL, 0, -1);
}

void lun_renderer_set_values(struct lun_renderer *renderer, json_t *values)
{
	send_json(renderer, LUN_MESSAGE_VALUES, 0, values);
}

void lun_renderer_set_feed(struct lun_renderer *renderer, const char *name, json_t *news)
{
	json_t *feed = json_pack("{s:s*, s:O*}", "name", name, "news", news);
	send_json(renderer, LUN_MESSAGE_FEED, 0, feed);
	json_decref(feed);
}

void lun_renderer_pause(struct lun_renderer *renderer, bool is_paused)
{
	send_number(renderer, LUN_MESSAGE_PAUSE, is_paused);
}

void lun_renderer_watchers(struct lun_renderer *renderer, int count)
{
	send_number(renderer, LUN_MESSAGE_WATCHERS, (uint64_t)count);
}

void lun_renderer_send_event(struct lun_renderer *renderer, const char *name, json_t *data)
{
	json_t *event = json_pack("{s:s, s:O?}", "name", name, "data", data);
	send_json(renderer, LUN_MESSAGE_EVENT, 0, event);
	json_decref(event);
}
