// The client's end of the control socket: writes requests, reads lines, keeps apart answers and
// events, and gives each line the descriptor that came with it.
#include "extension/camera/control_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension/camera/control.h"
#include "extension/camera/line_queue.h"
#include "extension/camera/line_reader.h"
#include "extension/camera/unix_socket.h"

enum { READ_BYTES = 64 * 1024, MAX_WAITING_BYTES = 4 << 20, MAX_FDS = 8 };

// A descriptor and the byte of the stream whose line it belongs to.
struct received_fd {
	int fd; // owned
	uint64_t offset;
};

struct lun_control_client {
	int fd; // owned
	struct lun_line_reader input;
	struct lun_line_queue output;
	struct received_fd fds[MAX_FDS]; // the first fd_count, by offset
	size_t fd_count;
	unsigned unanswered_count; // requests sent whose answers were not received yet
	bool has_input_ended;
};

enum lun_result lun_control_connect(
        const char *socket_path, struct lun_control_client **out_client, struct lun_error *err)
{
	int fd;
	enum lun_result rc = lun_unix_connect(socket_path, &fd, err);
	if (rc != LUN_OK)
		return rc;
	struct lun_control_client *client = lun_alloc(sizeof *client);
	client->fd = fd;
	*out_client = client;
	return LUN_OK;
}

void lun_control_disconnect(struct lun_control_client *client)
{
	if (!client)
		return;
	for (size_t i = 0; i < client->fd_count; i++)
		(void)close(client->fds[i].fd);
	lun_line_queue_clear(&client->output);
	lun_line_reader_finish(&client->input);
	(void)close(client->fd);
	free(client);
}

int lun_control_client_fd(const struct lun_control_client *client)
{
	return client->fd;
}

bool lun_control_client_is_writing(const struct lun_control_client *client)
{
	return client->output.first != NULL;
}

static enum lun_result fail_gone(struct lun_error *err)
{
	return lun_fail(err, LUN_IO, "the camera went away");
}

enum lun_result lun_control_send(
        struct lun_control_client *client, json_t *request, struct lun_error *err)
{
	size_t size = 0;
	char *line = lun_line_from_json(request, &size);
	json_decref(request);
	if (!line)
		return lun_fail(err, LUN_INVALID, "the request cannot be written as JSON");
	if (size > LUN_LINE_MAX_BYTES || client->output.size_bytes > MAX_WAITING_BYTES) {
		free(line);
		if (size > LUN_LINE_MAX_BYTES)
			return lun_fail(err, LUN_LIMIT, "a request to the camera has at most 1 MiB");
		return lun_fail(err, LUN_IO, "the camera does not read its requests");
	}
	lun_line_queue_push(&client->output, line, size, -1);
	client->unanswered_count++;
	// A peer that is gone may have said something before: reading tells.
	if (!lun_line_queue_write(&client->output, client->fd))
		lun_line_queue_clear(&client->output);
	return LUN_OK;
}

static void keep_fd(struct lun_control_client *client, int fd)
{
	if (client->fd_count == MAX_FDS) {
		(void)close(fd);
		return;
	}
	const struct lun_line_reader *input = &client->input;
	uint64_t stream_end = input->taken_bytes + (input->end - input->start);
	client->fds[client->fd_count++] = (struct received_fd){.fd = fd, .offset = stream_end - 1};
}

// Read what there is. @return false when there was nothing
static bool read_some(struct lun_control_client *client)
{
	int fd;
	char *room = lun_line_reader_room(&client->input, READ_BYTES);
	ssize_t size = lun_unix_receive(client->fd, room, READ_BYTES, &fd);
	if (size > 0) {
		lun_line_reader_fill(&client->input, (size_t)size);
		if (fd >= 0)
			keep_fd(client, fd);
		return true;
	}
	if (fd >= 0)
		(void)close(fd);
	if (size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
		client->has_input_ended = true;
	return false;
}

// The descriptor of the line that was taken last, or -1. A second one for it is closed.
static int take_fd(struct lun_control_client *client)
{
	int fd = -1;
	size_t used = 0;
	for (; used < client->fd_count && client->fds[used].offset < client->input.taken_bytes;
	        used++) {
		if (fd < 0)
			fd = client->fds[used].fd;
		else
			(void)close(client->fds[used].fd);
	}
	client->fd_count -= used;
	memmove(client->fds, client->fds + used, client->fd_count * sizeof *client->fds);
	return fd;
}

static bool is_event(const json_t *line)
{
	return json_object_get(line, "event") != NULL;
}

enum lun_result lun_control_receive(
        struct lun_control_client *client, json_t **out_line, int *out_fd, struct lun_error *err)
{
	const char *text;
	size_t size;
	*out_line = NULL;
	if (out_fd)
		*out_fd = -1;
	if (!lun_line_queue_write(&client->output, client->fd))
		lun_line_queue_clear(&client->output);
	while (!lun_line_reader_take(&client->input, &text, &size)) {
		if (lun_line_reader_is_too_long(&client->input))
			return lun_fail(err, LUN_IO, "the camera answered with an endless line");
		if (client->has_input_ended)
			return fail_gone(err);
		if (!read_some(client) && !client->has_input_ended)
			return LUN_OK;
	}
	json_t *line = json_loadb(text, size, 0, NULL);
	int fd = take_fd(client);
	if (out_fd && json_is_object(line))
		*out_fd = fd;
	else if (fd >= 0)
		(void)close(fd);
	if (!json_is_object(line)) {
		json_decref(line);
		return lun_fail(err, LUN_IO, "the camera answered with something that is no JSON object");
	}
	if (!is_event(line) && client->unanswered_count)
		client->unanswered_count--;
	*out_line = line;
	return LUN_OK;
}

// Wait until there is something to read, or room for what waits to be written.
static enum lun_result wait_for(
        struct lun_control_client *client, uint64_t deadline_ns, struct lun_error *err)
{
	uint64_t now = lun_now_ns();
	if (now >= deadline_ns)
		return LUN_OK;
	struct pollfd poller = {.fd = client->fd, .events = POLLIN};
	if (client->output.first)
		poller.events |= POLLOUT;
	// Rounded up, so that the last millisecond is not spent asking again and again.
	if (poll(&poller, 1, (int)((deadline_ns - now + 999999) / 1000000)) < 0 && errno != EINTR)
		return lun_fail(err, LUN_IO, "cannot wait for the camera: %s", strerror(errno));
	return LUN_OK;
}

// Wait for the answer to the request sent last; what was asked before it is dropped.
static enum lun_result await_answer(struct lun_control_client *client, uint64_t deadline_ns,
        json_t **out_answer, int *out_fd, struct lun_error *err)
{
	for (;;) {
		json_t *line;
		enum lun_result rc = lun_control_receive(client, &line, out_fd, err);
		if (rc != LUN_OK)
			return rc;
		if (line && !is_event(line) && client->unanswered_count == 0) {
			*out_answer = line;
			return LUN_OK;
		}
		if (*out_fd >= 0)
			(void)close(*out_fd);
		*out_fd = -1;
		if (!line)
			rc = wait_for(client, deadline_ns, err);
		json_decref(line);
		if (rc == LUN_OK && lun_now_ns() >= deadline_ns)
			rc = lun_fail(err, LUN_IO, "the camera did not answer in time");
		if (rc != LUN_OK)
			return rc;
	}
}

static enum lun_result fail_as_peer_says(const json_t *answer, struct lun_error *err)
{
	struct lun_error why;
	lun_error_from_json(json_object_get(answer, "error"), &why);
	if (err)
		*err = why;
	return why.code;
}

enum lun_result lun_control_call(struct lun_control_client *client, json_t *request, int timeout_ms,
        json_t **out_reply, int *out_fd, struct lun_error *err)
{
	int fd = -1;
	json_t *answer = NULL;
	uint64_t patience_ns = timeout_ms > 0 ? (uint64_t)timeout_ms * 1000000 : 0;
	uint64_t deadline_ns = lun_now_ns() + patience_ns;
	if (out_fd)
		*out_fd = -1;
	enum lun_result rc = lun_control_send(client, request, err);
	if (rc == LUN_OK)
		rc = await_answer(client, deadline_ns, &answer, &fd, err);
	if (rc == LUN_OK && !json_is_true(json_object_get(answer, "ok")))
		rc = fail_as_peer_says(answer, err);
	if (rc == LUN_OK && out_fd) {
		*out_fd = fd;
		fd = -1;
	}
	if (fd >= 0)
		(void)close(fd);
	if (rc == LUN_OK && out_reply)
		*out_reply = json_incref(answer);
	json_decref(answer);
	return rc;
}
