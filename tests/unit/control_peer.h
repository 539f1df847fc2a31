// A control server on a real loop, and bare clients of it that say and read exactly what a test
// wants. Everything waits on the loop, at most DEADLINE_MS.
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "extension/camera/control.h"
#include "extension/camera/unix_socket.h"

enum { DEADLINE_MS = 10000, MAX_HELD = 20000 };

struct stage {
	uv_loop_t loop;
	uv_timer_t deadline;
	bool is_late;
	char folder[64];
	char path[100];
	struct lun_control *control;
	struct lun_control_request *held[MAX_HELD]; // requests "wait", in order
	int held_count;
	int handled_count;
	int fds_before;
};

struct peer {
	struct stage *stage;
	uv_poll_t poll;
	int fd;
	char *text; // everything received, terminated
	size_t size;
	bool has_ended;
};

static inline int count_fds(void)
{
	int count = 0;
	DIR *dir = opendir("/proc/self/fd");
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static inline int memory_file(const char *content)
{
	int fd = memfd_create("frame", MFD_CLOEXEC);
	if (write(fd, content, strlen(content)) < 0)
		abort();
	return fd;
}

// "echo" answers its value, "wait" is held, "frame" answers with a file that holds its text, "big"
// answers with that many bytes, "watch" subscribes, "fail" refuses, "close" closes the server.
static inline void stage_handler(void *data, struct lun_control_request *request, json_t *body)
{
	struct stage *stage = data;
	const char *verb = json_string_value(json_object_get(body, "do"));
	json_t *value = json_object_get(body, "value");
	stage->handled_count++;
	if (strcmp(verb, "echo") == 0) {
		lun_control_answer(request, json_pack("{sO*}", "value", value), -1);
	} else if (strcmp(verb, "wait") == 0) {
		if (stage->held_count == MAX_HELD)
			abort();
		stage->held[stage->held_count++] = request;
	} else if (strcmp(verb, "frame") == 0) {
		lun_control_answer(
		        request, json_pack("{sO}", "value", value), memory_file(json_string_value(value)));
	} else if (strcmp(verb, "big") == 0) {
		size_t size = (size_t)json_integer_value(value);
		char *text = malloc(size + 1);
		memset(text, 'x', size);
		lun_control_answer(request, json_pack("{ss#}", "text", text, (int)size), -1);
		free(text);
	} else if (strcmp(verb, "watch") == 0) {
		lun_control_subscribe(request, json_object_get(body, "events"));
		lun_control_answer(request, NULL, -1);
	} else if (strcmp(verb, "close") == 0) {
		lun_control_close(stage->control);
		stage->control = NULL;
		lun_control_answer(request, NULL, -1);
	} else {
		struct lun_error err;
		(void)lun_fail(&err, LUN_SCRIPT, "no verb %s", verb);
		snprintf(err.path, sizeof err.path, "scene.lua");
		err.line = 12;
		lun_control_refuse(request, &err);
	}
}

static inline void on_deadline(uv_timer_t *timer)
{
	struct stage *stage = timer->data;
	stage->is_late = true;
	printf("# nothing happened for %d ms\n", DEADLINE_MS);
}

// Wait for a condition. False when it did not come true in time.
#define WAIT_FOR(stage_, condition)                \
	(stage_arm(stage_), ({                         \
		while (!(condition) && !(stage_)->is_late) \
			uv_run(&(stage_)->loop, UV_RUN_ONCE);  \
		bool came_true_ = (condition);             \
		uv_timer_stop(&(stage_)->deadline);        \
		came_true_;                                \
	}))

static inline void stage_arm(struct stage *stage)
{
	stage->is_late = false;
	uv_timer_start(&stage->deadline, on_deadline, DEADLINE_MS, 0);
}

static inline void on_time_passed(uv_timer_t *timer)
{
	struct stage *stage = timer->data;
	stage->is_late = true;
}

// Let the loop turn for a while, to see what it does when nothing is to be done.
static inline void let_pass(struct stage *stage, int ms)
{
	stage->is_late = false;
	uv_timer_start(&stage->deadline, on_time_passed, (uint64_t)ms, 0);
	while (!stage->is_late)
		uv_run(&stage->loop, UV_RUN_ONCE);
}

// libuv opens some descriptors once for all loops; they are none of those that are counted.
static inline void open_what_loops_share(void)
{
	uv_loop_t loop;
	uv_loop_init(&loop);
	uv_loop_close(&loop);
}

static inline struct stage *stage_open(void)
{
	struct stage *stage = calloc(1, sizeof *stage);
	open_what_loops_share();
	stage->fds_before = count_fds();
	uv_loop_init(&stage->loop);
	uv_timer_init(&stage->loop, &stage->deadline);
	stage->deadline.data = stage;
	snprintf(stage->folder, sizeof stage->folder, "/tmp/lun-control-XXXXXX");
	if (!mkdtemp(stage->folder))
		abort();
	snprintf(stage->path, sizeof stage->path, "%s/lunette.sock", stage->folder);
	struct lun_error err;
	if (lun_control_listen(
	            &stage->loop, stage->path, stage_handler, stage, &stage->control, &err) != LUN_OK) {
		printf("# %s\n", err.message);
		abort();
	}
	return stage;
}

static inline void stage_close_server(struct stage *stage)
{
	lun_control_close(stage->control);
	stage->control = NULL;
}

// Whether everything is gone: handles, descriptors, the socket's file.
static inline bool stage_finish(struct stage *stage)
{
	lun_control_close(stage->control);
	for (int i = 0; i < stage->held_count; i++)
		lun_control_answer(stage->held[i], json_pack("{ss}", "late", "yes"), -1);
	uv_close((uv_handle_t *)&stage->deadline, NULL);
	uv_run(&stage->loop, UV_RUN_DEFAULT);
	bool is_clean = uv_loop_close(&stage->loop) == 0;
	is_clean = rmdir(stage->folder) == 0 && is_clean;
	int fds = count_fds();
	if (fds != stage->fds_before)
		printf("# %d descriptors before, %d now\n", stage->fds_before, fds);
	is_clean = fds == stage->fds_before && is_clean;
	free(stage);
	return is_clean;
}

static inline void on_peer_readable(uv_poll_t *poll, int status, int events)
{
	struct peer *peer = poll->data;
	char bytes[65536];
	ssize_t size = recv(peer->fd, bytes, sizeof bytes, 0);
	(void)status;
	(void)events;
	if (size < 0 && errno == EAGAIN)
		return;
	if (size <= 0) {
		peer->has_ended = true;
		uv_poll_stop(poll);
		return;
	}
	peer->text = realloc(peer->text, peer->size + (size_t)size + 1);
	memcpy(peer->text + peer->size, bytes, (size_t)size);
	peer->size += (size_t)size;
	peer->text[peer->size] = 0;
}

static inline void peer_read(struct peer *peer)
{
	uv_poll_start(&peer->poll, UV_READABLE, on_peer_readable);
}

// It does not read before it is told to.
static inline struct peer *peer_open_mute(struct stage *stage)
{
	struct peer *peer = calloc(1, sizeof *peer);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", stage->path);
	peer->stage = stage;
	peer->text = calloc(1, 1);
	peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(peer->fd, (struct sockaddr *)&address, sizeof address) < 0)
		abort();
	uv_poll_init(&stage->loop, &peer->poll, peer->fd);
	peer->poll.data = peer;
	return peer;
}

static inline struct peer *peer_open(struct stage *stage)
{
	struct peer *peer = peer_open_mute(stage);
	peer_read(peer);
	return peer;
}

static inline void free_peer(uv_handle_t *handle)
{
	struct peer *peer = handle->data;
	free(peer->text);
	free(peer);
}

static inline void peer_close(struct peer *peer)
{
	uv_close((uv_handle_t *)&peer->poll, free_peer);
	close(peer->fd);
}

// Sends all of it, running the loop while the socket is full; false when the server hung up.
static inline bool peer_send_bytes(struct peer *peer, const char *bytes, size_t size)
{
	stage_arm(peer->stage);
	while (size && !peer->stage->is_late) {
		ssize_t sent = send(peer->fd, bytes, size, MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN)
			break;
		if (sent > 0) {
			bytes += sent;
			size -= (size_t)sent;
		}
		if (size)
			uv_run(&peer->stage->loop, UV_RUN_NOWAIT);
	}
	uv_timer_stop(&peer->stage->deadline);
	return size == 0;
}

static inline bool peer_send(struct peer *peer, const char *text)
{
	return peer_send_bytes(peer, text, strlen(text));
}

static inline int count_lines(const struct peer *peer)
{
	int count = 0;
	for (size_t i = 0; i < peer->size; i++)
		count += peer->text[i] == '\n';
	return count;
}

static inline bool peer_wait_lines(struct peer *peer, int count)
{
	return WAIT_FOR(peer->stage, peer->has_ended || count_lines(peer) >= count) &&
	       count_lines(peer) == count;
}
