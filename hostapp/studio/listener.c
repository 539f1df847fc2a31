// Listens on 127.0.0.1 and nowhere else. libwebsockets could listen by itself, but would not say
// why it cannot, and would notice that only after half of it was set up.
#include "listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lunette/log.h"

#define BACKLOG 16
#define PAUSE_MS 250 // after the process ran out of descriptors

struct lun_listener {
	int fd; // owned
	int port;
	int open_handles;
	uv_poll_t poll;
	uv_timer_t pause;
	lun_listener_accepted *accepted;
	void *data; // borrowed from whoever listens, who stops us first
};

static void accept_one(uv_poll_t *poll, int status, int events);

static void resume(uv_timer_t *timer)
{
	struct lun_listener *listener = timer->data;
	(void)uv_poll_start(&listener->poll, UV_READABLE, accept_one);
}

static void accept_one(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	struct lun_listener *listener = poll->data;
	int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		listener->accepted(listener->data, fd);
		return;
	}
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	lun_log(LUN_LOG_WARN, "studio: cannot accept a connection: %s", strerror(errno));
	(void)uv_poll_stop(&listener->poll);
	(void)uv_timer_start(&listener->pause, resume, PAUSE_MS, 0);
}

static enum lun_result explain_bind(int port, struct lun_error *err)
{
	if (errno == EADDRINUSE)
		return lun_fail(
		        err, LUN_IO, "port %d is in use: another Studio or another program has it", port);
	if (errno == EACCES)
		return lun_fail(
		        err, LUN_IO, "port %d is not for ordinary users: choose one above 1023", port);
	return lun_fail(err, LUN_IO, "Studio cannot listen on 127.0.0.1:%d: %s", port, strerror(errno));
}

static enum lun_result open_socket(int port, int *out_fd, int *out_port, struct lun_error *err)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return lun_fail(err, LUN_IO, "no socket for Studio: %s", strerror(errno));
	// A port whose last connections still linger is free for us; a listening one is not.
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	struct sockaddr_in address = {
	        .sin_family = AF_INET,
	        .sin_port = htons((uint16_t)port),
	        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size_bytes = sizeof address;
	if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, BACKLOG) ||
	        getsockname(fd, (struct sockaddr *)&address, &size_bytes)) {
		enum lun_result rc = explain_bind(port, err);
		(void)close(fd);
		return rc;
	}
	*out_fd = fd;
	*out_port = ntohs(address.sin_port);
	return LUN_OK;
}

enum lun_result lun_listener_start(uv_loop_t *loop, int port, lun_listener_accepted *accepted,
        void *data, struct lun_listener **out_listener, struct lun_error *err)
{
	if (port < 0 || port > 65535)
		return lun_fail(err, LUN_INVALID, "port %d: ports are 1 to 65535, or 0 for any", port);
	struct lun_listener *listener = lun_alloc(sizeof *listener);
	enum lun_result rc = open_socket(port, &listener->fd, &listener->port, err);
	if (rc != LUN_OK)
		goto fail_listener;
	int status = uv_poll_init(loop, &listener->poll, listener->fd);
	if (status) {
		rc = lun_fail(err, LUN_IO, "Studio cannot watch its socket: %s", uv_strerror(status));
		goto fail_fd;
	}
	(void)uv_timer_init(loop, &listener->pause); // cannot fail
	listener->open_handles = 2;
	listener->poll.data = listener->pause.data = listener;
	listener->accepted = accepted;
	listener->data = data;
	(void)uv_poll_start(&listener->poll, UV_READABLE, accept_one);
	*out_listener = listener;
	return LUN_OK;

fail_fd:
	(void)close(listener->fd);
fail_listener:
	free(listener);
	return rc;
}

static void forget_handle(uv_handle_t *handle)
{
	struct lun_listener *listener = handle->data;
	if (--listener->open_handles == 0)
		free(listener);
}

void lun_listener_stop(struct lun_listener *listener)
{
	if (!listener)
		return;
	uv_close((uv_handle_t *)&listener->poll, forget_handle);
	uv_close((uv_handle_t *)&listener->pause, forget_handle);
	(void)close(listener->fd);
}

int lun_listener_port(const struct lun_listener *listener)
{
	return listener->port;
}
