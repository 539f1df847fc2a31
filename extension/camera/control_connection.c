// A client of the control socket: cuts its bytes into requests, hands them to the handler, and
// writes the answers in the order of the requests, however late or early they come. Who may
// connect and what requests mean is decided elsewhere.
//
// Nothing a client does may cost more than the limits here: it is not read while answers pile up,
// and it is dropped when it leaves a megabyte unread.
#include "extension/camera/control_connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extension/camera/line_queue.h"
#include "extension/camera/line_reader.h"
#include "extension/camera/unix_socket.h"
#include "lunette/log.h"

enum {
	READ_BYTES = 64 * 1024,
	PAUSE_REQUESTS = 64,         // unanswered requests at which reading pauses
	PAUSE_BYTES = 64 * 1024,     // unread answers at which reading pauses
	MAX_WAITING_BYTES = 1 << 20, // unread answers and events at which the client is dropped
	MAX_EVENTS = 32,             // names one client can subscribe to
	MAX_EVENT_NAME_BYTES = 64,
};

struct lun_control_request {
	struct lun_control_request *next;          // owned by the connection's list
	struct lun_control_connection *connection; // borrowed; NULL when the client is gone
	char *line;                                // owned; NULL until it is answered
	size_t size_bytes;
	int fd; // owned; -1: none
};

struct lun_control_connection {
	uv_poll_t poll;
	struct lun_control_host *host; // borrowed, outlives us
	int fd;                        // owned; -1 once closed
	int polled_events;
	struct lun_line_reader input;
	struct lun_line_queue output;
	struct lun_control_request *first; // owned; oldest, to be answered first
	struct lun_control_request *last;  // borrowed from the list
	size_t request_count;
	json_t *events;         // owned; object whose keys are the names subscribed to, or NULL
	bool has_input_ended;   // nothing more will be read
	bool has_lines_waiting; // complete lines lie in input because reading paused
	bool is_banned;         // spoke nonsense: closed when what it asked is answered
	bool is_deaf;           // does not take what we write
	bool is_busy;           // inside handle_lines, which settles at its end
};

static bool is_closed(const struct lun_control_connection *connection)
{
	return connection->fd < 0;
}

static void free_request(struct lun_control_request *request)
{
	if (request->fd >= 0)
		(void)close(request->fd);
	free(request->line);
	free(request);
}

// Those that nobody answered yet live on until somebody does.
static void detach_requests(struct lun_control_connection *connection)
{
	while (connection->first) {
		struct lun_control_request *request = connection->first;
		connection->first = request->next;
		request->connection = NULL;
		if (request->line)
			free_request(request);
	}
}

static void free_connection(uv_handle_t *handle)
{
	free(handle->data);
}

void lun_control_connection_close(struct lun_control_connection *connection)
{
	detach_requests(connection);
	lun_line_queue_clear(&connection->output);
	lun_line_reader_finish(&connection->input);
	json_decref(connection->events);
	connection->events = NULL;
	uv_close((uv_handle_t *)&connection->poll, free_connection);
	(void)close(connection->fd);
	connection->fd = -1;
}

static void end_connection(struct lun_control_connection *connection)
{
	struct lun_control_host *host = connection->host;
	lun_control_connection_close(connection);
	host->closed(host, connection);
}

static bool is_paused(const struct lun_control_connection *connection)
{
	return !connection->is_deaf && (connection->request_count >= PAUSE_REQUESTS ||
	                                       connection->output.size_bytes >= PAUSE_BYTES);
}

static bool is_finished(const struct lun_control_connection *connection)
{
	if (!connection->has_input_ended || connection->has_lines_waiting || connection->first)
		return false;
	if (connection->is_deaf)
		return true;
	// Who only closed its sending side may still listen to events.
	return !connection->output.first && (connection->is_banned || !connection->events);
}

// Move the answers whose turn it is to the output and write what the socket takes.
static void flush(struct lun_control_connection *connection)
{
	while (connection->first && connection->first->line) {
		struct lun_control_request *request = connection->first;
		connection->first = request->next;
		connection->request_count--;
		lun_line_queue_push(&connection->output, request->line, request->size_bytes, request->fd);
		request->line = NULL;
		request->fd = -1;
		free_request(request);
	}
	if (!lun_line_queue_write(&connection->output, connection->fd))
		connection->is_deaf = true;
	if (connection->is_deaf)
		lun_line_queue_clear(&connection->output);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void poll_again(struct lun_control_connection *connection)
{
	int events = 0;
	bool is_ready = !is_paused(connection);
	if (is_ready && !connection->has_input_ended && !connection->has_lines_waiting)
		events |= UV_READABLE;
	// Lines that wait are handled from the loop, as soon as there is room for their answers.
	if (connection->output.first || (is_ready && connection->has_lines_waiting))
		events |= UV_WRITABLE;
	// With nothing to wait for, a hang-up is still told through this.
	if (!events)
		events = UV_PRIORITIZED;
	if (events == connection->polled_events)
		return;
	connection->polled_events = events;
	(void)uv_poll_start(&connection->poll, events, on_poll);
}

// What remains to be done after anything has changed. May end the connection.
static void settle(struct lun_control_connection *connection)
{
	if (is_closed(connection) || connection->is_busy)
		return;
	flush(connection);
	if (connection->output.size_bytes > MAX_WAITING_BYTES) {
		lun_log(LUN_LOG_WARN, "control: dropped a client that does not read its answers");
		end_connection(connection);
	} else if (is_finished(connection)) {
		end_connection(connection);
	} else {
		poll_again(connection);
	}
}

static struct lun_control_request *add_request(struct lun_control_connection *connection)
{
	struct lun_control_request *request = lun_alloc(sizeof *request);
	request->connection = connection;
	request->fd = -1;
	if (connection->first)
		connection->last->next = request;
	else
		connection->first = request;
	connection->last = request;
	connection->request_count++;
	return request;
}

static void refuse_new(
        struct lun_control_connection *connection, enum lun_result code, const char *message)
{
	struct lun_error err;
	(void)lun_fail(&err, code, "%s", message);
	lun_control_refuse(add_request(connection), &err);
}

// The stream cannot be trusted any further: say why, after the answers that are due, and close.
static void ban(
        struct lun_control_connection *connection, enum lun_result code, const char *message)
{
	connection->is_banned = true;
	connection->has_input_ended = true;
	connection->has_lines_waiting = false;
	lun_line_reader_finish(&connection->input);
	refuse_new(connection, code, message);
}

static void handle_line(
        struct lun_control_connection *connection, const char *line, size_t size_bytes)
{
	struct lun_control_host *host = connection->host;
	json_error_t why;
	json_t *body = json_loadb(line, size_bytes, JSON_REJECT_DUPLICATES, &why);
	if (!body) {
		char message[sizeof why.text + 64];
		(void)snprintf(message, sizeof message, "a request is one line of JSON: %s", why.text);
		refuse_new(connection, LUN_INVALID, message);
	} else if (!json_is_string(json_object_get(body, "do"))) {
		refuse_new(connection, LUN_INVALID,
		        "a request is a JSON object whose key do says what to do, as {\"do\":\"status\"}");
	} else {
		host->handler(host->handler_data, add_request(connection), body);
	}
	json_decref(body);
}

// The handler may answer, publish, subscribe and even close the server under us.
static void handle_lines(struct lun_control_connection *connection)
{
	const char *line;
	size_t size;
	connection->is_busy = true;
	connection->has_lines_waiting = false;
	while (!is_closed(connection)) {
		flush(connection);
		if (is_paused(connection)) {
			connection->has_lines_waiting = true;
			break;
		}
		if (!lun_line_reader_take(&connection->input, &line, &size))
			break;
		handle_line(connection, line, size);
	}
	connection->is_busy = false;
	if (is_closed(connection) || connection->has_lines_waiting)
		return;
	if (lun_line_reader_is_too_long(&connection->input))
		ban(connection, LUN_LIMIT, "a line of the control protocol has at most 1 MiB");
	else if (lun_line_reader_is_empty(&connection->input))
		lun_line_reader_finish(&connection->input); // an idle client costs no memory
	else if (connection->has_input_ended)
		ban(connection, LUN_INVALID, "the last line does not end with a newline");
}

// @return false when nothing more can be read now
static bool read_some(struct lun_control_connection *connection)
{
	char *room = lun_line_reader_room(&connection->input, READ_BYTES);
	ssize_t size;
	// Not recvmsg(): descriptors that a client sends are closed by the kernel.
	do
		size = recv(connection->fd, room, READ_BYTES, 0);
	while (size < 0 && errno == EINTR);
	if (size > 0)
		lun_line_reader_fill(&connection->input, (size_t)size);
	else if (size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
		connection->has_input_ended = true;
	return size > 0;
}

// The peer is gone in both directions. What it had asked before is still done.
static void hang_up(struct lun_control_connection *connection)
{
	connection->is_deaf = true;
	while (!is_closed(connection) && !connection->has_input_ended) {
		if (!read_some(connection))
			connection->has_input_ended = true;
		handle_lines(connection);
	}
	if (!is_closed(connection) && connection->has_lines_waiting)
		handle_lines(connection);
	if (!is_closed(connection))
		end_connection(connection);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct lun_control_connection *connection = poll->data;
	// Priority data is nothing that this protocol has: with the flag comes a hang-up, or an abuse.
	if (status < 0 || events & UV_PRIORITIZED) {
		hang_up(connection);
		return;
	}
	if (events & UV_READABLE)
		(void)read_some(connection);
	handle_lines(connection);
	settle(connection);
}

struct lun_control_connection *lun_control_connection_create(struct lun_control_host *host, int fd)
{
	struct lun_control_connection *connection = lun_alloc(sizeof *connection);
	connection->host = host;
	if (uv_poll_init(host->loop, &connection->poll, fd) < 0) {
		free(connection);
		return NULL;
	}
	connection->poll.data = connection;
	connection->fd = fd;
	poll_again(connection);
	return connection;
}

static void answer_line(struct lun_control_request *request, char *line, size_t size_bytes, int fd)
{
	struct lun_control_connection *connection = request->connection;
	lun_assert(!request->line);
	request->line = line;
	request->size_bytes = size_bytes;
	request->fd = fd;
	if (connection)
		settle(connection);
	else
		free_request(request);
}

// Takes answer.
static void answer_json(struct lun_control_request *request, json_t *answer, int fd)
{
	size_t size = 0;
	char *line = lun_line_from_json(answer, &size);
	json_decref(answer);
	if (line && size <= LUN_LINE_MAX_BYTES) {
		answer_line(request, line, size, fd);
		return;
	}
	free(line);
	if (fd >= 0)
		(void)close(fd);
	struct lun_error err;
	(void)lun_fail(&err, LUN_LIMIT, "the answer does not fit in one line of 1 MiB");
	lun_control_refuse(request, &err);
}

void lun_control_answer(struct lun_control_request *request, json_t *extra, int fd)
{
	json_t *answer = json_pack("{sb}", "ok", 1);
	lun_assert(answer);
	if (extra)
		(void)json_object_update_missing(answer, extra);
	json_decref(extra);
	answer_json(request, answer, fd);
}

void lun_control_refuse(struct lun_control_request *request, const struct lun_error *why)
{
	json_t *answer = json_pack("{sbso}", "ok", 0, "error", lun_error_to_json(why));
	lun_assert(answer);
	answer_json(request, answer, -1);
}

void lun_control_subscribe(struct lun_control_request *request, const json_t *names)
{
	struct lun_control_connection *connection = request->connection;
	if (!connection)
		return;
	if (!connection->events)
		connection->events = json_object();
	size_t i;
	const json_t *name;
	json_array_foreach((json_t *)names, i, name)
	{
		if (json_string_length(name) == 0 || json_string_length(name) > MAX_EVENT_NAME_BYTES ||
		        json_object_size(connection->events) >= MAX_EVENTS)
			continue;
		(void)json_object_set_new(connection->events, json_string_value(name), json_true());
	}
}

void lun_control_connection_publish(struct lun_control_connection *connection, const char *name,
        const char *line, size_t size_bytes)
{
	if (connection->is_deaf || connection->is_banned || !json_object_get(connection->events, name))
		return;
	char *copy = lun_alloc(size_bytes);
	memcpy(copy, line, size_bytes);
	lun_line_queue_push(&connection->output, copy, size_bytes, -1);
	settle(connection);
}
