// The control socket from both ends: order, limits, descriptors, and peers that misbehave or die.
#include "extension/camera/control.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "check.h"
#include "extension/camera/control_client.h"
#include "lunette/log.h"
#include "tests/unit/control_peer.h"

static void answers_come_in_the_order_of_the_requests(void)
{
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	CHECK(peer_send(peer, "{\"do\":\"wait\"}\n{\"do\":\"wait\"}\n{\"do\":\"echo\",\"value\":3}\n"));
	CHECK(WAIT_FOR(stage, stage->handled_count == 3));
	lun_control_answer(stage->held[1], json_pack("{si}", "value", 2), -1);
	uv_run(&stage->loop, UV_RUN_NOWAIT);
	CHECK_EQ(peer->size, 0);
	lun_control_answer(stage->held[0], json_pack("{si}", "value", 1), -1);
	stage->held_count = 0;
	CHECK(peer_wait_lines(peer, 3));
	CHECK(strcmp(peer->text, "{\"ok\":true,\"value\":1}\n{\"ok\":true,\"value\":2}\n"
	                         "{\"ok\":true,\"value\":3}\n") == 0);
	peer_close(peer);
	CHECK(stage_finish(stage));
}

static void a_request_may_come_byte_by_byte(void)
{
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	const char *request = "{\"do\":\"echo\",\"value\":\"\xc3\xa9\"}\n";
	for (const char *at = request; *at; at++) {
		CHECK(peer_send_bytes(peer, at, 1));
		uv_run(&stage->loop, UV_RUN_NOWAIT);
	}
	CHECK(peer_wait_lines(peer, 1));
	CHECK(strcmp(peer->text, "{\"ok\":true,\"value\":\"\xc3\xa9\"}\n") == 0);
	peer_close(peer);
	CHECK(stage_finish(stage));
}

static void nonsense_is_refused_and_the_connection_goes_on(void)
{
	static const char *const lines[] = {"", "{", "null", "[]", "{\"do\":1}", "{\"Do\":\"echo\"}",
	        "{\"do\":\"echo\",\"do\":\"wait\"}", "\xff\xfe", "{\"do\":\"ec\xc3\"}",
	        "{\"do\":\"echo\"} {\"do\":\"echo\"}", "{\"do\":\"a\\u0000b\"}"};
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	int count = sizeof lines / sizeof *lines;
	for (int i = 0; i < count; i++)
		CHECK(peer_send(peer, lines[i]) && peer_send(peer, "\n"));
	char *deep = malloc(100001);
	memset(deep, '[', 100000);
	deep[100000] = '\n';
	CHECK(peer_send_bytes(peer, deep, 100001) && peer_send_bytes(peer, "\0\n", 2));
	free(deep);
	CHECK(peer_wait_lines(peer, count + 2));
	const char *at = peer->text;
	for (int i = 0; i < count + 2; i++) {
		const char *wanted = "{\"ok\":false,\"error\":{\"code\":\"invalid\",\"message\":\"";
		CHECK(strncmp(at, wanted, strlen(wanted)) == 0);
		at = strchr(at, '\n') + 1;
	}
	CHECK_EQ(stage->handled_count, 0);
	CHECK(peer_send(peer, "{\"do\":\"echo\"}\n"));
	CHECK(peer_wait_lines(peer, count + 3));
	peer_close(peer);
	CHECK(stage_finish(stage));
}

// A request "echo" of exactly size bytes, newline included.
static char *echo_of_size(size_t size)
{
	const char *head = "{\"do\":\"echo\",\"pad\":\"";
	char *line = malloc(size);
	memset(line, 'x', size);
	memcpy(line, head, strlen(head));
	memcpy(line + size - 3, "\"}\n", 3);
	return line;
}

static void a_line_has_at_most_one_mebibyte(void)
{
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	char *line = echo_of_size(1 << 20);
	CHECK(peer_send_bytes(peer, line, 1 << 20));
	CHECK(peer_wait_lines(peer, 1));
	CHECK(strcmp(peer->text, "{\"ok\":true}\n") == 0);
	free(line);
	line = echo_of_size((1 << 20) + 1);
	(void)peer_send(peer, "{\"do\":\"wait\"}\n");
	(void)peer_send_bytes(peer, line, (1 << 20) + 1);
	CHECK(WAIT_FOR(stage, stage->held_count == 1));
	lun_control_answer(stage->held[0], json_pack("{si}", "value", 1), -1);
	stage->held_count = 0;
	CHECK(WAIT_FOR(stage, peer->has_ended));
	CHECK_EQ(count_lines(peer), 3);
	const char *wanted = "{\"ok\":true}\n{\"ok\":true,\"value\":1}\n"
	                     "{\"ok\":false,\"error\":{\"code\":\"limit\",\"message\":\"";
	CHECK(strncmp(peer->text, wanted, strlen(wanted)) == 0);
	peer_close(peer);

	// One that never ends is not waited for.
	peer = peer_open(stage);
	memset(line, 'x', 1 << 20);
	(void)peer_send_bytes(peer, line, 1 << 20);
	free(line);
	CHECK(WAIT_FOR(stage, peer->has_ended));
	CHECK_EQ(count_lines(peer), 1);
	CHECK(strstr(peer->text, "\"limit\""));
	CHECK_EQ(stage->handled_count, 2);
	peer_close(peer);
	CHECK(stage_finish(stage));
}

static void who_only_stops_sending_gets_its_answers(void)
{
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	CHECK(peer_send(peer, "{\"do\":\"wait\"}\n{\"do\":\"echo\"}\n"));
	CHECK_EQ(shutdown(peer->fd, SHUT_WR), 0);
	CHECK(WAIT_FOR(stage, stage->handled_count == 2));
	uv_run(&stage->loop, UV_RUN_NOWAIT);
	CHECK(!peer->has_ended);
	lun_control_answer(stage->held[0], NULL, -1);
	stage->held_count = 0;
	CHECK(WAIT_FOR(stage, peer->has_ended));
	CHECK(strcmp(peer->text, "{\"ok\":true}\n{\"ok\":true}\n") == 0);
	peer_close(peer);

	// A last line without its newline is told apart from one that was cut off.
	peer = peer_open(stage);
	CHECK(peer_send(peer, "{\"do\":\"echo\"}"));
	CHECK_EQ(shutdown(peer->fd, SHUT_WR), 0);
	CHECK(WAIT_FOR(stage, peer->has_ended));
	CHECK(strstr(peer->text, "newline"));
	peer_close(peer);
	CHECK(stage_finish(stage));
}

static void events_go_to_who_asked_for_them_only(void)
{
	struct stage *stage = stage_open();
	struct peer *errors = peer_open(stage);
	struct peer *both = peer_open(stage);
	struct peer *none = peer_open(stage);
	CHECK(peer_send(errors, "{\"do\":\"watch\",\"events\":[\"error\",7,null,\"\"]}\n"));
	CHECK(peer_send(both, "{\"do\":\"watch\",\"events\":[\"error\"]}\n"
	                      "{\"do\":\"watch\",\"events\":[\"scene\"]}\n"));
	CHECK(peer_send(none, "{\"do\":\"watch\",\"events\":3}\n"));
	CHECK(peer_wait_lines(errors, 1) && peer_wait_lines(both, 2) && peer_wait_lines(none, 1));
	// The half that is still open goes on to get events.
	CHECK_EQ(shutdown(both->fd, SHUT_WR), 0);
	uv_run(&stage->loop, UV_RUN_NOWAIT);
	lun_control_publish(stage->control, "scene", json_pack("{ss}", "event", "scene"));
	lun_control_publish(stage->control, "error", json_pack("{ss}", "event", "error"));
	lun_control_publish(stage->control, "status", json_pack("{ss}", "event", "status"));
	CHECK(peer_wait_lines(errors, 2) && peer_wait_lines(both, 4));
	CHECK(strcmp(errors->text, "{\"ok\":true}\n{\"event\":\"error\"}\n") == 0);
	CHECK(strcmp(both->text, "{\"ok\":true}\n{\"ok\":true}\n{\"event\":\"scene\"}\n"
	                         "{\"event\":\"error\"}\n") == 0);
	CHECK_EQ(count_lines(none), 1);
	peer_close(errors);
	peer_close(both);
	peer_close(none);
	CHECK(stage_finish(stage));
}

static void who_does_not_read_is_dropped_and_the_others_go_on(void)
{
	struct stage *stage = stage_open();
	struct peer *slow = peer_open_mute(stage);
	struct peer *fast = peer_open(stage);
	CHECK(peer_send(slow, "{\"do\":\"watch\",\"events\":[\"status\"]}\n"));
	CHECK(peer_send(fast, "{\"do\":\"watch\",\"events\":[\"status\"]}\n"));
	CHECK(peer_wait_lines(fast, 1) && WAIT_FOR(stage, stage->handled_count == 2));
	char text[10001];
	memset(text, 'x', 10000);
	text[10000] = 0;
	for (int i = 0; i < 400; i++) {
		lun_control_publish(
		        stage->control, "status", json_pack("{ssss}", "event", "status", "text", text));
		uv_run(&stage->loop, UV_RUN_NOWAIT);
	}
	CHECK(peer_wait_lines(fast, 401));
	CHECK(!fast->has_ended);
	peer_read(slow);
	CHECK(WAIT_FOR(stage, slow->has_ended));
	CHECK(slow->size < (1 << 20) + 400000);
	peer_close(slow);
	peer_close(fast);
	CHECK(stage_finish(stage));
}

static void who_asks_much_and_reads_late_is_served_piece_by_piece(void)
{
	enum { COUNT = 5000 };
	struct stage *stage = stage_open();
	struct peer *peer = peer_open_mute(stage);
	char request[64];
	for (int i = 0; i < COUNT; i++) {
		int size =
		        snprintf(request, sizeof request, "{\"do\":\"echo\",\"value\":[%d,12345678]}\n", i);
		if (i == COUNT / 2)
			peer_read(peer);
		ssize_t sent = send(peer->fd, request, (size_t)size, MSG_NOSIGNAL);
		if (sent < 0 && errno == EAGAIN) {
			peer_read(peer);
			CHECK(peer_send(peer, request));
		} else {
			CHECK_EQ(sent, size);
		}
		if (i % 64 == 0)
			uv_run(&stage->loop, UV_RUN_NOWAIT);
	}
	CHECK(peer_wait_lines(peer, COUNT));
	const char *at = peer->text;
	for (int i = 0; i < COUNT; i++) {
		char wanted[64];
		int size = snprintf(wanted, sizeof wanted, "{\"ok\":true,\"value\":[%d,12345678]}\n", i);
		CHECK(strncmp(at, wanted, (size_t)size) == 0);
		at += size;
	}
	peer_close(peer);
	CHECK(stage_finish(stage));
}

static void what_waits_for_answers_is_bounded(void)
{
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	const char request[] = "{\"do\":\"wait\"}\n";
	int sent_count = 0;
	stage_arm(stage);
	for (int idle = 0; idle < 20 && !stage->is_late;) {
		ssize_t sent = send(peer->fd, request, sizeof request - 1, MSG_NOSIGNAL);
		CHECK(sent > 0 || errno == EAGAIN);
		CHECK(sent < 0 || sent == sizeof request - 1);
		sent_count += sent > 0;
		idle = sent > 0 ? 0 : idle + 1;
		if (sent < 0)
			uv_run(&stage->loop, UV_RUN_NOWAIT);
	}
	CHECK_EQ(stage->held_count, 64);
	CHECK(sent_count > 64);
	// Answered one by one, the rest comes in.
	for (int i = 0; i < sent_count; i++) {
		CHECK(WAIT_FOR(stage, stage->held_count > i));
		CHECK(stage->held_count <= i + 64);
		lun_control_answer(stage->held[i], json_pack("{si}", "value", i), -1);
		stage->held[i] = NULL;
	}
	CHECK(peer_wait_lines(peer, sent_count));
	stage->held_count = 0;
	peer_close(peer);
	CHECK(stage_finish(stage));
}

// Counts how often the loop turns, to tell waiting from spinning.
static void count_turn(uv_check_t *check)
{
	++*(int *)check->data;
}

static void waiting_for_an_answer_does_not_spin(void)
{
	int turns = 0;
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	struct peer *half = peer_open(stage);
	char requests[100 * 14 + 1] = "";
	for (int i = 0; i < 100; i++)
		strcat(requests, "{\"do\":\"wait\"}\n");
	CHECK(peer_send(peer, requests));
	CHECK(peer_send(half, "{\"do\":\"wait\"}\n"));
	shutdown(half->fd, SHUT_WR);
	CHECK(WAIT_FOR(stage, stage->held_count == 65));
	uv_check_t check;
	uv_check_init(&stage->loop, &check);
	check.data = &turns;
	uv_check_start(&check, count_turn);
	let_pass(stage, 50);
	CHECK(turns < 10);
	uv_close((uv_handle_t *)&check, NULL);
	peer_close(peer);
	peer_close(half);
	CHECK(stage_finish(stage));
}

static void the_65th_client_is_told_and_let_in_when_one_leaves(void)
{
	struct stage *stage = stage_open();
	struct peer *peers[65];
	for (int i = 0; i < 64; i++) {
		peers[i] = peer_open(stage);
		CHECK(peer_send(peers[i], "{\"do\":\"echo\"}\n"));
	}
	for (int i = 0; i < 64; i++)
		CHECK(peer_wait_lines(peers[i], 1));
	peers[64] = peer_open(stage);
	CHECK(WAIT_FOR(stage, peers[64]->has_ended));
	CHECK(strstr(peers[64]->text, "\"code\":\"limit\""));
	peer_close(peers[64]);
	peer_close(peers[10]);
	uv_run(&stage->loop, UV_RUN_NOWAIT);
	uv_run(&stage->loop, UV_RUN_NOWAIT);
	peers[10] = peer_open(stage);
	CHECK(peer_send(peers[10], "{\"do\":\"echo\"}\n"));
	CHECK(peer_wait_lines(peers[10], 1));
	for (int i = 0; i < 64; i++)
		peer_close(peers[i]);
	CHECK(stage_finish(stage));
}

static void running_out_of_descriptors_neither_spins_nor_loses_clients(void)
{
	int turns = 0;
	struct stage *stage = stage_open();
	uv_run(&stage->loop, UV_RUN_NOWAIT);
	uv_check_t check;
	uv_check_init(&stage->loop, &check);
	check.data = &turns;
	uv_check_start(&check, count_turn);
	struct peer *peer = peer_open(stage);
	CHECK(peer_send(peer, "{\"do\":\"echo\"}\n"));
	struct rlimit before, now;
	getrlimit(RLIMIT_NOFILE, &before);
	now = before;
	now.rlim_cur = (rlim_t)peer->fd + 1;
	setrlimit(RLIMIT_NOFILE, &now);
	let_pass(stage, 400);
	setrlimit(RLIMIT_NOFILE, &before);
	CHECK(turns < 20);
	CHECK_EQ(stage->handled_count, 0);
	CHECK(peer_wait_lines(peer, 1));
	uv_close((uv_handle_t *)&check, NULL);
	peer_close(peer);
	CHECK(stage_finish(stage));
}

// The next line of a client that does not wait, with the loop turning meanwhile.
static json_t *next_line(struct stage *stage, struct lun_control_client *client, int *out_fd)
{
	json_t *line = NULL;
	struct lun_error err;
	stage_arm(stage);
	while (!line && !stage->is_late) {
		if (lun_control_receive(client, &line, out_fd, &err) != LUN_OK)
			break;
		if (!line)
			uv_run(&stage->loop, UV_RUN_NOWAIT);
	}
	uv_timer_stop(&stage->deadline);
	return line;
}

static bool file_says(int fd, const char *text)
{
	char content[64] = "";
	return pread(fd, content, sizeof content - 1, 0) >= 0 && strcmp(content, text) == 0;
}

static void a_descriptor_arrives_with_its_own_line(void)
{
	struct stage *stage = stage_open();
	struct lun_control_client *client;
	CHECK_EQ(lun_control_connect(stage->path, &client, NULL), LUN_OK);
	for (int i = 0; i < 6; i++) {
		json_t *value = i % 3 ? json_sprintf("picture %d", i) : json_string("none");
		CHECK_EQ(lun_control_send(client,
		                 json_pack("{ssso}", "do", i % 3 ? "frame" : "echo", "value", value), NULL),
		        LUN_OK);
	}
	// All answers lie in the socket before the first one is read.
	CHECK(WAIT_FOR(stage, stage->handled_count == 6));
	for (int i = 0; i < 6; i++) {
		int fd;
		json_t *line = next_line(stage, client, &fd);
		CHECK(line);
		CHECK_EQ(fd >= 0, i % 3 != 0);
		if (fd >= 0) {
			CHECK(file_says(fd, json_string_value(json_object_get(line, "value"))));
			CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
			close(fd);
		}
		json_decref(line);
	}
	lun_control_disconnect(client);
	CHECK(stage_finish(stage));
}

static void descriptors_that_nobody_reads_are_closed(void)
{
	struct stage *stage = stage_open();
	struct lun_control_client *client;
	CHECK_EQ(lun_control_connect(stage->path, &client, NULL), LUN_OK);
	for (int i = 0; i < 40; i++)
		CHECK_EQ(lun_control_send(
		                 client, json_pack("{ssss}", "do", "frame", "value", "picture"), NULL),
		        LUN_OK);
	CHECK(WAIT_FOR(stage, stage->handled_count == 40));
	json_t *line = next_line(stage, client, NULL);
	CHECK(line);
	json_decref(line);
	lun_control_disconnect(client);
	// An answer that comes when its client is gone closes its descriptor as well.
	struct peer *peer = peer_open(stage);
	CHECK(peer_send(peer, "{\"do\":\"wait\"}\n"));
	CHECK(WAIT_FOR(stage, stage->held_count == 1));
	peer_close(peer);
	uv_run(&stage->loop, UV_RUN_NOWAIT);
	uv_run(&stage->loop, UV_RUN_NOWAIT);
	lun_control_answer(stage->held[0], NULL, memory_file("late"));
	stage->held_count = 0;
	CHECK(stage_finish(stage));
}

static void descriptors_sent_to_the_server_are_closed(void)
{
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	const char request[] = "{\"do\":\"echo\"}\n";
	int fd = memory_file("hostile");
	CHECK_EQ(lun_unix_send(peer->fd, request, sizeof request - 1, fd), sizeof request - 1);
	close(fd);
	CHECK(peer_wait_lines(peer, 1));
	peer_close(peer);
	CHECK(stage_finish(stage));
}

// Each of these peers dies in another state.
static void a_peer_may_die_at_any_moment(void)
{
	static const char *const said[] = {"", "{\"do\":", "{\"do\":\"wait\"}\n", "{\"do\":\"echo\"}\n",
	        "{\"do\":\"wait\"}\n{\"do\":\"echo\"}\n{\"do\":\"fra",
	        "{\"do\":\"frame\",\"value\":\"x\"}\n", "{\"do\":\"big\",\"value\":900000}\n",
	        "{\"do\":\"watch\",\"events\":[\"status\"]}\n"};
	int count = sizeof said / sizeof *said;
	for (int how = 0; how < count * 8; how++) {
		struct stage *stage = stage_open();
		struct peer *peer = how & 1 ? peer_open(stage) : peer_open_mute(stage);
		CHECK(peer_send(peer, said[how / 8]));
		if (how & 2)
			shutdown(peer->fd, SHUT_WR);
		for (int turn = 0; how & 4 && turn < 4; turn++)
			uv_run(&stage->loop, UV_RUN_NOWAIT);
		peer_close(peer);
		// The server still serves, and does nothing but wait once it has noticed.
		struct peer *other = peer_open(stage);
		CHECK(peer_send(other, "{\"do\":\"echo\"}\n"));
		CHECK(peer_wait_lines(other, 1));
		lun_control_publish(stage->control, "status", json_pack("{ss}", "event", "status"));
		peer_close(other);
		CHECK(stage_finish(stage));
	}
}

static void what_was_asked_is_done_although_the_asker_left(void)
{
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	CHECK(peer_send(peer, "{\"do\":\"echo\"}\n"));
	CHECK(WAIT_FOR(stage, stage->handled_count == 1));
	CHECK(peer_send(peer, "{\"do\":\"echo\"}\n{\"do\":\"echo\"}\n{\"do\":\"wait\"}\n"));
	peer_close(peer);
	CHECK(WAIT_FOR(stage, stage->handled_count == 4));
	CHECK(stage_finish(stage));
}

static void the_server_may_be_closed_by_a_request(void)
{
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	struct peer *other = peer_open(stage);
	CHECK(peer_send(other, "{\"do\":\"wait\"}\n"));
	CHECK(WAIT_FOR(stage, stage->held_count == 1));
	CHECK(peer_send(peer, "{\"do\":\"close\"}\n{\"do\":\"echo\"}\n"));
	CHECK(WAIT_FOR(stage, peer->has_ended && other->has_ended));
	CHECK_EQ(stage->handled_count, 2);
	peer_close(peer);
	peer_close(other);
	CHECK(stage_finish(stage));
}

static void an_answer_that_is_too_long_becomes_an_error(void)
{
	struct stage *stage = stage_open();
	struct peer *peer = peer_open(stage);
	CHECK(peer_send(
	        peer, "{\"do\":\"big\",\"value\":2000000}\n{\"do\":\"big\",\"value\":1048000}\n"));
	CHECK(peer_wait_lines(peer, 2));
	CHECK(strncmp(peer->text, "{\"ok\":false,\"error\":{\"code\":\"limit\"", 34) == 0);
	CHECK(strstr(peer->text, "{\"ok\":true,\"text\":\"xxx"));
	peer_close(peer);
	CHECK(stage_finish(stage));
}

static void the_socket_is_private_and_goes_with_its_server(void)
{
	struct stat info;
	struct stage *stage = stage_open();
	CHECK_EQ(lstat(stage->path, &info), 0);
	CHECK(S_ISSOCK(info.st_mode));
	CHECK_EQ(info.st_mode & 07777, 0600);
	struct lun_control *second;
	struct lun_error err;
	CHECK_EQ(lun_control_listen(&stage->loop, stage->path, stage_handler, stage, &second, &err),
	        LUN_IO);
	CHECK(strstr(err.message, "a camera is already running on /tmp/lun-control-"));
	stage_close_server(stage);
	CHECK(lstat(stage->path, &info) < 0);
	struct lun_control_client *client;
	CHECK_EQ(lun_control_connect(stage->path, &client, &err), LUN_NOT_FOUND);
	CHECK(strstr(err.message, "no camera is running"));
	CHECK(stage_finish(stage));
}

static void a_socket_whose_owner_died_is_replaced(void)
{
	struct stage *stage = stage_open();
	stage_close_server(stage);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", stage->path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	close(fd);
	struct lun_control_client *client;
	CHECK_EQ(lun_control_connect(stage->path, &client, NULL), LUN_NOT_FOUND);
	CHECK_EQ(lun_control_listen(
	                 &stage->loop, stage->path, stage_handler, stage, &stage->control, NULL),
	        LUN_OK);
	struct peer *peer = peer_open(stage);
	CHECK(peer_send(peer, "{\"do\":\"echo\"}\n"));
	CHECK(peer_wait_lines(peer, 1));
	peer_close(peer);
	CHECK(stage_finish(stage));
}

static void what_is_no_socket_is_left_alone(void)
{
	struct lun_error err;
	struct stage *stage = stage_open();
	stage_close_server(stage);
	int fd = open(stage->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK_EQ(write(fd, "mine", 4), 4);
	close(fd);
	CHECK_EQ(lun_control_listen(
	                 &stage->loop, stage->path, stage_handler, stage, &stage->control, &err),
	        LUN_IO);
	CHECK(strstr(err.message, "in the way"));
	struct stat info;
	CHECK_EQ(stat(stage->path, &info), 0);
	CHECK_EQ(info.st_size, 4);
	unlink(stage->path);
	CHECK_EQ(lun_control_listen(&stage->loop, "/dev/null/x/lunette.sock", stage_handler, stage,
	                 &stage->control, &err),
	        LUN_IO);
	CHECK(strstr(err.message, "/dev/null/x"));
	CHECK(stage_finish(stage));
}

static void a_server_removes_only_its_own_file(void)
{
	struct stage *stage = stage_open();
	CHECK_EQ(unlink(stage->path), 0);
	int fd = open(stage->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	close(fd);
	stage_close_server(stage);
	CHECK_EQ(access(stage->path, F_OK), 0);
	unlink(stage->path);
	CHECK(stage_finish(stage));
}

static void a_folder_with_a_long_name_works_too(void)
{
	struct stage *stage = stage_open();
	char folder[256];
	snprintf(folder, sizeof folder, "%s/%0120d", stage->folder, 7);
	CHECK_EQ(mkdir(folder, 0700), 0);
	char path[512];
	snprintf(path, sizeof path, "%s/lunette.sock", folder);
	struct lun_control *control;
	CHECK_EQ(lun_control_listen(&stage->loop, path, stage_handler, stage, &control, NULL), LUN_OK);
	struct lun_control_client *client;
	CHECK_EQ(lun_control_connect(path, &client, NULL), LUN_OK);
	CHECK_EQ(lun_control_send(client, json_pack("{ss}", "do", "echo"), NULL), LUN_OK);
	json_t *line = next_line(stage, client, NULL);
	CHECK(json_is_true(json_object_get(line, "ok")));
	json_decref(line);
	lun_control_disconnect(client);
	lun_control_close(control);
	CHECK(access(path, F_OK) < 0);
	// A name that no address can hold is an error that names the cure.
	struct lun_error err;
	snprintf(path, sizeof path, "%s/%0120d", folder, 8);
	CHECK_EQ(lun_control_listen(&stage->loop, path, stage_handler, stage, &control, &err), LUN_IO);
	CHECK(strstr(err.message, "--container"));
	CHECK_EQ(rmdir(folder), 0);
	CHECK(stage_finish(stage));
}

static void on_child(uv_signal_t *signal, int number)
{
	(void)number;
	*(bool *)signal->data = true;
}

static void programs_of_another_user_are_turned_away(void)
{
	if (geteuid() != 0) {
		printf("# needs root to become somebody else: not run\n");
		return;
	}
	struct stage *stage = stage_open();
	CHECK_EQ(chmod(stage->folder, 0755) | chmod(stage->path, 0666), 0);
	bool has_ended = false;
	uv_signal_t signal;
	uv_signal_init(&stage->loop, &signal);
	signal.data = &has_ended;
	uv_signal_start(&signal, on_child, SIGCHLD);
	// The child waits for the server's word; that it gets none is its exit code.
	pid_t child = fork();
	if (child == 0) {
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		snprintf(address.sun_path, sizeof address.sun_path, "%s", stage->path);
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		char byte;
		if (setresuid(65534, 65534, 65534) < 0 ||
		        connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
			_exit(2);
		(void)send(fd, "{\"do\":\"echo\"}\n", 14, MSG_NOSIGNAL);
		_exit(recv(fd, &byte, 1, 0) <= 0 ? 0 : 1);
	}
	int status = -1;
	CHECK(WAIT_FOR(stage, has_ended));
	CHECK_EQ(waitpid(child, &status, 0), child);
	uv_close((uv_handle_t *)&signal, NULL);
	CHECK_EQ(status, 0);
	CHECK_EQ(stage->handled_count, 0);
	CHECK(stage_finish(stage));
}

// lun_control_call blocks, so it runs on a thread of its own.
struct call {
	const char *path;
	struct lun_control_client *client; // borrowed; NULL: one for this call
	json_t *request;                   // taken by the call
	int timeout_ms;
	struct stage *stage;
	uv_async_t done;
	bool is_done;
	enum lun_result result;
	json_t *reply;
	int fd;
	struct lun_error err;
};

static void on_call_done(uv_async_t *async)
{
	((struct call *)async->data)->is_done = true;
}

static void call_thread(void *data)
{
	struct call *call = data;
	struct lun_control_client *client;
	call->fd = -1;
	call->result = lun_control_connect(call->path, &client, &call->err);
	if (call->result == LUN_OK) {
		call->result = lun_control_call(
		        client, call->request, call->timeout_ms, &call->reply, &call->fd, &call->err);
		lun_control_disconnect(client);
	}
	uv_async_send(&call->done);
}

static bool run_call_of(struct stage *stage, struct lun_control_client *client, struct call *call,
        json_t *request, int timeout_ms)
{
	*call = (struct call){
	        .path = stage->path, .client = client, .request = request, .timeout_ms = timeout_ms};
	uv_async_init(&stage->loop, &call->done, on_call_done);
	call->done.data = call;
	uv_thread_t thread;
	uv_thread_create(&thread, call_thread, call);
	bool is_done = WAIT_FOR(stage, call->is_done);
	uv_thread_join(&thread);
	uv_close((uv_handle_t *)&call->done, NULL);
	uv_run(&stage->loop, UV_RUN_NOWAIT);
	return is_done;
}

static bool run_call(struct stage *stage, struct call *call, json_t *request, int timeout_ms)
{
	return run_call_of(stage, NULL, call, request, timeout_ms);
}

static void a_call_returns_the_answer_or_the_reason(void)
{
	struct call call;
	struct stage *stage = stage_open();
	CHECK(run_call(stage, &call, json_pack("{sssi}", "do", "echo", "value", 5), 5000));
	CHECK_EQ(call.result, LUN_OK);
	CHECK_EQ(json_integer_value(json_object_get(call.reply, "value")), 5);
	CHECK_EQ(call.fd, -1);
	json_decref(call.reply);

	CHECK(run_call(stage, &call, json_pack("{ssss}", "do", "frame", "value", "pixels"), 5000));
	CHECK_EQ(call.result, LUN_OK);
	CHECK(file_says(call.fd, "pixels"));
	close(call.fd);
	json_decref(call.reply);

	CHECK(run_call(stage, &call, json_pack("{ss}", "do", "dance"), 5000));
	CHECK_EQ(call.result, LUN_SCRIPT);
	CHECK(strcmp(call.err.message, "no verb dance") == 0);
	CHECK(strcmp(call.err.path, "scene.lua") == 0);
	CHECK_EQ(call.err.line, 12);

	CHECK(run_call(stage, &call, json_pack("{ss}", "do", "wait"), 30));
	CHECK_EQ(call.result, LUN_IO);
	CHECK(strstr(call.err.message, "in time"));

	CHECK(run_call(stage, &call, json_pack("{ss}", "do", "close"), 5000));
	CHECK_EQ(call.result, LUN_IO);
	CHECK(strstr(call.err.message, "went away"));

	CHECK(run_call(stage, &call, json_pack("{ss}", "do", "echo"), 5000));
	CHECK_EQ(call.result, LUN_NOT_FOUND);
	json_decref(call.request);
	CHECK(stage_finish(stage));
}

// A server that answers with what a test made up.
struct false_server {
	struct lun_unix_listener listener;
	const char *answer;
	int fd_count; // descriptors sent along, all in one message
};

static void false_server_thread(void *data)
{
	struct false_server *server = data;
	int fd;
	while ((fd = lun_unix_accept(server->listener.fd)) < 0 && errno == EAGAIN)
		(void)poll(&(struct pollfd){.fd = server->listener.fd, .events = POLLIN}, 1, DEADLINE_MS);
	char bytes[1000], control[CMSG_SPACE(32 * sizeof(int))] = {0};
	while (recv(fd, bytes, sizeof bytes, 0) < 0 && errno == EAGAIN)
		(void)poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, DEADLINE_MS);
	struct iovec part = {(void *)server->answer, strlen(server->answer)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	if (server->fd_count) {
		size_t size = (size_t)server->fd_count * sizeof(int);
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(size);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		*header = (struct cmsghdr){CMSG_LEN(size), SOL_SOCKET, SCM_RIGHTS};
		for (int i = 0; i < server->fd_count; i++)
			memcpy(CMSG_DATA(header) + (size_t)i * sizeof(int), &fd, sizeof fd);
	}
	(void)sendmsg(fd, &message, MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_WR);
	while (recv(fd, bytes, sizeof bytes, 0) != 0)
		(void)poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, DEADLINE_MS);
	close(fd);
}

static enum lun_result call_false_server(
        struct stage *stage, const char *answer, int fd_count, int *out_fd, struct lun_error *err)
{
	struct false_server server = {.answer = answer, .fd_count = fd_count};
	if (lun_unix_listen(stage->path, &server.listener, err) != LUN_OK)
		abort();
	uv_thread_t thread;
	uv_thread_create(&thread, false_server_thread, &server);
	struct lun_control_client *client;
	enum lun_result rc = lun_control_connect(stage->path, &client, err);
	if (rc == LUN_OK) {
		rc = lun_control_call(
		        client, json_pack("{ss}", "do", "frame"), DEADLINE_MS, NULL, out_fd, err);
		lun_control_disconnect(client);
	}
	uv_thread_join(&thread);
	lun_unix_listener_finish(&server.listener);
	return rc;
}

static void a_false_server_cannot_harm_its_client(void)
{
	struct lun_error err;
	int fd = -1;
	struct stage *stage = stage_open();
	stage_close_server(stage);
	CHECK_EQ(call_false_server(stage, "{\"ok\":true}\n", 20, &fd, &err), LUN_OK);
	CHECK(fd >= 0);
	close(fd);
	CHECK_EQ(call_false_server(stage, "{\"ok\":true}\n", 20, NULL, &err), LUN_OK);
	CHECK_EQ(call_false_server(
	                 stage, "{\"event\":\"ok\"}\n{\"ok\":true}\n{\"ok\":false}\n", 3, &fd, &err),
	        LUN_OK);
	CHECK_EQ(fd, -1); // it came with the last line
	CHECK_EQ(call_false_server(stage, "{\"ok\":true", 1, &fd, &err), LUN_IO);
	CHECK_EQ(call_false_server(stage, "[1]\n", 1, &fd, &err), LUN_IO);
	CHECK_EQ(call_false_server(stage, "\xff\n", 0, &fd, &err), LUN_IO);
	CHECK_EQ(call_false_server(stage, "{}\n", 0, &fd, &err), LUN_IO);
	CHECK(err.message[0]);
	CHECK_EQ(call_false_server(stage, "{\"ok\":false,\"error\":[]}\n", 0, &fd, &err), LUN_IO);
	CHECK_EQ(call_false_server(stage,
	                 "{\"ok\":false,\"error\":{\"code\":\"limit\",\"line\":99999999999,"
	                 "\"message\":7,\"path\":\"p\"}}\n",
	                 0, &fd, &err),
	        LUN_LIMIT);
	CHECK_EQ(err.line, 0);
	CHECK(strcmp(err.path, "p") == 0);
	char *endless = echo_of_size((1 << 20) + 2);
	endless[(1 << 20) + 1] = 0;
	CHECK_EQ(call_false_server(stage, endless, 0, &fd, &err), LUN_IO);
	free(endless);
	CHECK(stage_finish(stage));
}

static void a_late_answer_is_not_taken_for_the_next_one(void)
{
	struct stage *stage = stage_open();
	struct lun_control_client *client;
	CHECK_EQ(lun_control_connect(stage->path, &client, NULL), LUN_OK);
	struct lun_error err;
	json_t *reply = NULL;
	CHECK_EQ(lun_control_call(
	                 client, json_pack("{sssi}", "do", "echo", "value", 1), 0, &reply, NULL, &err),
	        LUN_IO);
	CHECK(!reply);
	CHECK(WAIT_FOR(stage, stage->handled_count == 1));
	CHECK_EQ(lun_control_send(client, json_pack("{sssi}", "do", "echo", "value", 2), NULL), LUN_OK);
	CHECK(WAIT_FOR(stage, stage->handled_count == 2));
	// Both answers lie there when the next call begins.
	struct call call;
	CHECK(run_call_of(
	        stage, client, &call, json_pack("{sssi}", "do", "echo", "value", 3), DEADLINE_MS));
	CHECK_EQ(call.result, LUN_OK);
	CHECK_EQ(json_integer_value(json_object_get(call.reply, "value")), 3);
	json_decref(call.reply);
	lun_control_disconnect(client);
	CHECK(stage_finish(stage));
}

static void a_request_too_long_is_not_sent(void)
{
	struct lun_error err;
	struct stage *stage = stage_open();
	struct lun_control_client *client;
	CHECK_EQ(lun_control_connect(stage->path, &client, NULL), LUN_OK);
	char *text = malloc((1 << 20) + 1);
	memset(text, 'x', 1 << 20);
	text[1 << 20] = 0;
	CHECK_EQ(lun_control_send(client, json_pack("{ss}", "do", text), &err), LUN_LIMIT);
	text[1 << 19] = 0;
	CHECK_EQ(lun_control_send(client, json_pack("{ssss}", "do", "echo", "value", text), &err),
	        LUN_OK);
	free(text);
	CHECK(lun_control_client_is_writing(client)); // more than a socket takes at once
	json_t *line = next_line(stage, client, NULL);
	CHECK_EQ(json_string_length(json_object_get(line, "value")), 1 << 19);
	CHECK(!lun_control_client_is_writing(client));
	json_decref(line);
	lun_control_disconnect(client);
	CHECK(stage_finish(stage));
}

static void an_error_crosses_as_it_was(void)
{
	static const enum lun_result codes[] = {
	        LUN_INVALID, LUN_NOT_FOUND, LUN_UNSUPPORTED, LUN_LIMIT, LUN_IO, LUN_SCRIPT};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		struct lun_error before, after;
		(void)lun_fail(&before, codes[i], "it is \"so\"\n\xc3\xa9");
		before.line = (int)i;
		snprintf(before.path, sizeof before.path, i & 1 ? "a b.lua" : "");
		snprintf(before.traceback, sizeof before.traceback, i & 2 ? "one\n\ttwo" : "");
		json_t *object = lun_error_to_json(&before);
		lun_error_from_json(object, &after);
		CHECK_EQ(after.code, before.code);
		CHECK_EQ(after.line, before.line);
		CHECK(strcmp(after.message, before.message) == 0);
		CHECK(strcmp(after.path, before.path) == 0);
		CHECK(strcmp(after.traceback, before.traceback) == 0);
		CHECK_EQ(json_object_size(object), 2 + (i > 0) + (i & 1) + (i >> 1 & 1));
		json_decref(object);
	}
	struct lun_error broken;
	(void)lun_fail(&broken, LUN_NOMEM, "half a letter: \xc3");
	json_t *object = lun_error_to_json(&broken);
	CHECK(strcmp(json_string_value(json_object_get(object, "code")), "limit") == 0);
	CHECK(strcmp(json_string_value(json_object_get(object, "message")),
	              "half a letter: \xef\xbf\xbd") == 0);
	json_decref(object);
	lun_error_from_json(NULL, &broken);
	CHECK_EQ(broken.code, LUN_IO);
}

static void ignore_log(void *data, enum lun_log_level level, const char *message)
{
	(void)data;
	(void)level;
	(void)message;
}

// clang-format off
TEST_MAIN(
	lun_log_set_sink(ignore_log, NULL);
	RUN(answers_come_in_the_order_of_the_requests);
	RUN(a_request_may_come_byte_by_byte);
	RUN(nonsense_is_refused_and_the_connection_goes_on);
	RUN(a_line_has_at_most_one_mebibyte);
	RUN(who_only_stops_sending_gets_its_answers);
	RUN(events_go_to_who_asked_for_them_only);
	RUN(who_does_not_read_is_dropped_and_the_others_go_on);
	RUN(who_asks_much_and_reads_late_is_served_piece_by_piece);
	RUN(what_waits_for_answers_is_bounded);
	RUN(waiting_for_an_answer_does_not_spin);
	RUN(the_65th_client_is_told_and_let_in_when_one_leaves);
	RUN(running_out_of_descriptors_neither_spins_nor_loses_clients);
	RUN(a_descriptor_arrives_with_its_own_line);
	RUN(descriptors_that_nobody_reads_are_closed);
	RUN(descriptors_sent_to_the_server_are_closed);
	RUN(a_peer_may_die_at_any_moment);
	RUN(what_was_asked_is_done_although_the_asker_left);
	RUN(the_server_may_be_closed_by_a_request);
	RUN(an_answer_that_is_too_long_becomes_an_error);
	RUN(the_socket_is_private_and_goes_with_its_server);
	RUN(a_socket_whose_owner_died_is_replaced);
	RUN(what_is_no_socket_is_left_alone);
	RUN(a_server_removes_only_its_own_file);
	RUN(a_folder_with_a_long_name_works_too);
	RUN(programs_of_another_user_are_turned_away);
	RUN(a_call_returns_the_answer_or_the_reason);
	RUN(a_false_server_cannot_harm_its_client);
	RUN(a_late_answer_is_not_taken_for_the_next_one);
	RUN(a_request_too_long_is_not_sent);
	RUN(an_error_crosses_as_it_was);
)
