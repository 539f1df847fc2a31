// Keeps one connection to the camera: connects, watches it, and tries again with growing pauses
// when the camera is away. What is said over it is relay.c's and preview.c's.
#include "link.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension/camera/control_client.h"

#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 2000
#define LINES_AT_ONCE 64 // then other handles of the loop get their turn

struct lun_link {
	uv_loop_t *loop;                      // borrowed from the program, outlives us
	char *socket_path;                    // owned
	const struct lun_link_events *events; // borrowed, static
	void *data;                           // borrowed until stopped
	struct lun_control_client *client;    // owned; NULL while down
	uv_poll_t *poll;                      // owned; NULL while down
	uv_timer_t retry;
	uint64_t pause_ms;
};

static void try_to_connect(uv_timer_t *timer);

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void disconnect(struct lun_link *link)
{
	if (link->poll)
		uv_close((uv_handle_t *)link->poll, free_handle);
	link->poll = NULL;
	lun_control_disconnect(link->client);
	link->client = NULL;
}

static void retry_later(struct lun_link *link)
{
	(void)uv_timer_start(&link->retry, try_to_connect, link->pause_ms, 0);
	link->pause_ms *= 2;
	if (link->pause_ms > PAUSE_MAX_MS)
		link->pause_ms = PAUSE_MAX_MS;
}

static void lose(struct lun_link *link)
{
	disconnect(link);
	retry_later(link);
	link->events->down(link->data);
}

static void read_on(uv_timer_t *timer);
static void on_event(uv_poll_t *poll, int status, int events);

// What the socket did not take of a request is written when it has room again.
static bool watch_events(struct lun_link *link)
{
	int events = UV_READABLE | UV_DISCONNECT;
	if (lun_control_client_is_writing(link->client))
		events |= UV_WRITABLE;
	return !uv_poll_start(link->poll, events, on_event);
}

static void read_lines(struct lun_link *link, int status)
{
	struct lun_control_client *client = link->client;
	for (int i = 0; i < LINES_AT_ONCE; i++) {
		json_t *line = NULL;
		int fd = -1;
		if (status < 0 || lun_control_receive(client, &line, &fd, NULL) != LUN_OK) {
			lose(link);
			return;
		}
		if (!line) {
			(void)watch_events(link);
			return;
		}
		link->pause_ms = PAUSE_MIN_MS; // it speaks: a camera, not a socket that hangs up at once
		link->events->line(link->data, line, fd);
		json_decref(line);
		if (fd >= 0)
			(void)close(fd);
		if (link->client != client)
			return; // stopped or reset by the callback
	}
	(void)uv_timer_start(&link->retry, read_on, 0, 0);
}

static void read_on(uv_timer_t *timer)
{
	read_lines(timer->data, 0);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
	(void)events;
	read_lines(poll->data, status);
}

static bool watch(struct lun_link *link)
{
	link->poll = lun_alloc(sizeof *link->poll);
	if (uv_poll_init(link->loop, link->poll, lun_control_client_fd(link->client))) {
		free(link->poll);
		link->poll = NULL;
		return false;
	}
	link->poll->data = link;
	return watch_events(link);
}

static void try_to_connect(uv_timer_t *timer)
{
	struct lun_link *link = timer->data;
	if (lun_control_connect(link->socket_path, &link->client, NULL) != LUN_OK || !watch(link)) {
		disconnect(link);
		retry_later(link);
		return;
	}
	link->events->up(link->data);
}

struct lun_link *lun_link_start(
        uv_loop_t *loop, const char *socket_path, const struct lun_link_events *events, void *data)
{
	struct lun_link *link = lun_alloc(sizeof *link);
	link->loop = loop;
	link->socket_path = lun_strdup(socket_path);
	link->events = events;
	link->data = data;
	link->pause_ms = PAUSE_MIN_MS;
	(void)uv_timer_init(loop, &link->retry);
	link->retry.data = link;
	(void)uv_timer_start(&link->retry, try_to_connect, 0, 0);
	return link;
}

static void free_link(uv_handle_t *handle)
{
	struct lun_link *link = handle->data;
	free(link->socket_path);
	free(link);
}

void lun_link_stop(struct lun_link *link)
{
	if (!link)
		return;
	disconnect(link);
	uv_close((uv_handle_t *)&link->retry, free_link);
}

bool lun_link_is_up(const struct lun_link *link)
{
	return link->client;
}

bool lun_link_send(struct lun_link *link, json_t *request)
{
	if (!link->client) {
		json_decref(request);
		return false;
	}
	if (lun_control_send(link->client, request, NULL) != LUN_OK)
		return false;
	(void)watch_events(link);
	return true;
}

void lun_link_reset(struct lun_link *link)
{
	if (link->client)
		lose(link);
}
