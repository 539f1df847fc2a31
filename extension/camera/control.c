// The control socket's server: listens, lets its owner's programs in, up to a number, and spreads
// events. What a client says is its connection's business, what it means the handler's.
#include "extension/camera/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension/camera/control_connection.h"
#include "extension/camera/line_queue.h"
#include "extension/camera/line_reader.h"
#include "extension/camera/unix_socket.h"
#include "lunette/log.h"

enum { MAX_CONNECTIONS = 64, ACCEPTS_AT_ONCE = 16, ACCEPT_PAUSE_MS = 250 };

struct lun_control {
	struct lun_control_host host; // first: a connection's host is its server
	struct lun_unix_listener listener;
	uv_poll_t poll;
	uv_timer_t pause; // runs while there are no descriptors for more clients
	struct lun_control_connection *connections[MAX_CONNECTIONS]; // owned, the first count
	size_t count;
	int open_handles; // of poll and pause; memory goes with the last
};

static void forget_connection(
        struct lun_control_host *host, struct lun_control_connection *connection)
{
	struct lun_control *control = (struct lun_control *)host;
	for (size_t i = 0; i < control->count; i++) {
		if (control->connections[i] == connection) {
			control->connections[i] = control->connections[--control->count];
			return;
		}
	}
}

static void turn_away(int fd)
{
	struct lun_error err;
	(void)lun_fail(&err, LUN_LIMIT, "too many programs (%d) speak with this camera already",
	        (int)MAX_CONNECTIONS);
	json_t *answer = json_pack("{sbso}", "ok", 0, "error", lun_error_to_json(&err));
	size_t size;
	char *line = lun_line_from_json(answer, &size);
	if (line)
		(void)lun_unix_send(fd, line, size, -1);
	free(line);
	json_decref(answer);
}

// Takes fd.
static void welcome(struct lun_control *control, int fd)
{
	struct lun_control_connection *connection = NULL;
	if (!lun_unix_peer_is_owner(fd))
		lun_log(LUN_LOG_WARN, "control: another user's program tried to connect");
	else if (control->count == MAX_CONNECTIONS)
		turn_away(fd);
	else
		connection = lun_control_connection_create(&control->host, fd);
	if (connection)
		control->connections[control->count++] = connection;
	else
		(void)close(fd);
}

static void on_client(uv_poll_t *poll, int status, int events);

static void on_pause_over(uv_timer_t *pause)
{
	struct lun_control *control = pause->data;
	(void)uv_poll_start(&control->poll, UV_READABLE, on_client);
}

static void on_client(uv_poll_t *poll, int status, int events)
{
	struct lun_control *control = poll->data;
	(void)status;
	(void)events;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		int fd = lun_unix_accept(control->listener.fd);
		if (fd >= 0) {
			welcome(control, fd);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK) {
			// Out of descriptors, most likely. The client stays in the queue; asking for it again
			// at once would turn the loop into a busy one.
			lun_log(LUN_LOG_WARN, "control: cannot let a program in: %s", strerror(errno));
			(void)uv_poll_stop(&control->poll);
			(void)uv_timer_start(&control->pause, on_pause_over, ACCEPT_PAUSE_MS, 0);
		}
		return;
	}
}

enum lun_result lun_control_listen(uv_loop_t *loop, const char *path, lun_control_handler *handler,
        void *data, struct lun_control **out_control, struct lun_error *err)
{
	struct lun_unix_listener listener;
	enum lun_result rc = lun_unix_listen(path, &listener, err);
	if (rc != LUN_OK)
		return rc;
	struct lun_control *control = lun_alloc(sizeof *control);
	control->host = (struct lun_control_host){
	        .loop = loop, .handler = handler, .handler_data = data, .closed = forget_connection};
	control->listener = listener;
	int status = uv_poll_init(loop, &control->poll, listener.fd);
	if (status < 0) {
		lun_unix_listener_finish(&control->listener);
		free(control);
		return lun_fail(err, LUN_IO, "cannot watch the control socket: %s", uv_strerror(status));
	}
	(void)uv_timer_init(loop, &control->pause);
	control->poll.data = control;
	control->pause.data = control;
	control->open_handles = 2;
	(void)uv_poll_start(&control->poll, UV_READABLE, on_client);
	*out_control = control;
	return LUN_OK;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct lun_control *control = handle->data;
	if (--control->open_handles == 0)
		free(control);
}

void lun_control_close(struct lun_control *control)
{
	if (!control)
		return;
	while (control->count)
		lun_control_connection_close(control->connections[--control->count]);
	uv_close((uv_handle_t *)&control->poll, on_handle_closed);
	uv_close((uv_handle_t *)&control->pause, on_handle_closed);
	lun_unix_listener_finish(&control->listener);
}

void lun_control_publish(struct lun_control *control, const char *name, json_t *event)
{
	size_t size = 0;
	char *line = lun_line_from_json(event, &size);
	json_decref(event);
	if (!line || size > LUN_LINE_MAX_BYTES) {
		lun_log(LUN_LOG_WARN, "control: an event %s does not fit in one line", name);
		free(line);
		return;
	}
	// Backwards: a connection that ends leaves its place to the last one, which was served already.
	for (size_t i = control->count; i-- > 0;)
		lun_control_connection_publish(control->connections[i], name, line, size);
	free(line);
}
