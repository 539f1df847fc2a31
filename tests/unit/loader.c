// labels: tsan
// The loader: every request is answered once, the newest wins, and what it made may be used on
// the thread that takes it.
#include "extension/isolate/loader.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "extension/isolate/file_server.h"
#include "lunette/engine.h"
#include "scene_folder.h"

#define LOADS 64 /* ids 1..LOADS lie in the scene's folder */

// The supervisor's part: hands files over, on a thread of its own.
struct server {
	pthread_t thread;
	struct lun_file_server *files; // owned
	struct lun_file_socket socket;
	int client_fd; // owned
};

static void *serve(void *data)
{
	struct server *server = data;
	struct pollfd polled = {.fd = lun_file_server_fd(server->files), .events = POLLIN};
	while (poll(&polled, 1, -1) > 0 && lun_file_server_dispatch(server->files))
		continue;
	return NULL;
}

static void start_server(struct server *server)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		exit(1);
	server->files = lun_file_server_create(pair[0]);
	for (uint64_t id = 1; id <= LOADS; id++)
		lun_file_server_add(server->files, id, scene_folder);
	server->client_fd = pair[1];
	server->socket.fd = pair[1];
	(void)pthread_mutex_init(&server->socket.mutex, NULL);
	if (pthread_create(&server->thread, NULL, serve, server) != 0)
		exit(1);
}

static void stop_server(struct server *server)
{
	(void)shutdown(server->client_fd, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->client_fd);
	(void)pthread_mutex_destroy(&server->socket.mutex);
	lun_file_server_destroy(server->files);
}

static struct lun_format small(void)
{
	struct lun_format format = lun_format_default();
	format.pixel = LUN_PIXEL_BGRA;
	format.width_px = 64;
	format.height_px = 36;
	return format;
}

static void ignore_log(void *data, enum lun_log_level level, const char *message)
{
	(void)data;
	(void)level;
	(void)message;
}

static void request(struct lun_loader *loader, struct server *server, int64_t id, const char *file)
{
	const struct lun_loader_context context = {
	        .format = small(), .file_socket = &server->socket, .camera_fd = -1, .log = ignore_log};
	json_t *wanted = json_pack("{s:s, s:s, s:s, s:i, s:s}", "path", file, "name", "test", "root",
	        scene_folder, "seed", 3, "zone", "UTC");
	lun_loader_start(loader, id, wanted, NULL, &context);
	json_decref(wanted); // the loader has its own
}

static bool is_readable(const struct lun_loader *loader, int timeout_ms)
{
	struct pollfd polled = {.fd = lun_loader_fd(loader), .events = POLLIN};
	return poll(&polled, 1, timeout_ms) == 1;
}

// Waits for the next answer; the caller owns it.
static struct lun_loaded *wait_for(struct lun_loader *loader)
{
	return is_readable(loader, 30000) ? lun_loader_take(loader) : NULL;
}

static void write_scenes(void)
{
	scene_write("good.lua", "return {draw = function(cr) cr:set_source('#ff0000') cr:paint() "
	                        "cr:text('hi', 10, 10, {size = 400, color = '#00ff00'}) end}\n");
	scene_write("slow.lua", // a while, by the sandbox's own clock of work
	        "local x = 0\nfor i = 1, 3000000 do x = x + i end\n"
	        "return {draw = function(cr) cr:paint() end}\n");
	scene_write("bad.lua", "local a\nreturn a.b.c\n");
	scene_write("word.txt", "from a file");
	scene_write("feed.lua", "local f = feed.text('word', 'word.txt')\n"
	                        "return {draw = function(cr) assert(f.value == 'from a file') end}\n");
}

static void a_scene_is_loaded_and_used_on_the_thread_that_takes_it(void)
{
	struct server server;
	start_server(&server);
	struct lun_loader *loader = lun_loader_create();
	CHECK(!is_readable(loader, 0));
	CHECK(!lun_loader_take(loader));
	request(loader, &server, 1, "good.lua");
	struct lun_loaded *loaded = wait_for(loader);
	CHECK(loaded);
	CHECK_EQ(loaded->id, 1);
	CHECK(loaded->scene);
	CHECK(!is_readable(loader, 0));

	struct lun_engine *engine;
	struct lun_error err;
	const struct lun_format format = small();
	CHECK_EQ(lun_engine_create(&format, &engine, &err), LUN_OK);
	uint8_t *pixels = calloc(1, lun_format_packed_bytes(&format));
	struct lun_buffer *buffer = lun_buffer_create(engine, pixels);
	lun_engine_take_scene(engine, loaded->scene);
	loaded->scene = NULL;
	request(loader, &server, 2, "slow.lua"); // another one beside it
	struct lun_frame_stats stats;
	for (uint64_t n = 0; n < 50; n++)
		CHECK_EQ(lun_engine_render(engine, n, 0, buffer, &stats, &err), LUN_OK);
	CHECK_EQ(pixels[2], 255); // red
	lun_buffer_destroy(buffer);
	lun_engine_destroy(engine);
	free(pixels);
	lun_loaded_destroy(loaded);
	lun_loader_destroy(loader);
	stop_server(&server);
}

static void what_fails_is_answered_with_its_place(void)
{
	struct server server;
	start_server(&server);
	struct lun_loader *loader = lun_loader_create();
	request(loader, &server, 1, "bad.lua");
	struct lun_loaded *loaded = wait_for(loader);
	CHECK(loaded && !loaded->scene);
	CHECK_EQ(loaded->err.code, LUN_SCRIPT);
	CHECK_EQ(loaded->err.line, 2);
	CHECK(strcmp(loaded->err.path, "bad.lua") == 0);
	lun_loaded_destroy(loaded);
	request(loader, &server, 2, "none.lua");
	loaded = wait_for(loader);
	CHECK(loaded && !loaded->scene);
	CHECK_EQ(loaded->err.code, LUN_NOT_FOUND);
	CHECK(strcmp(loaded->err.message, "cannot open none.lua: No such file or directory") == 0);
	lun_loaded_destroy(loaded);
	request(loader, &server, LOADS + 1, "good.lua"); // of a load that nobody knows
	loaded = wait_for(loader);
	CHECK(loaded && !loaded->scene);
	CHECK(strstr(loaded->err.message, "its scene is gone"));
	lun_loaded_destroy(loaded);
	request(loader, &server, 3, "feed.lua");
	loaded = wait_for(loader);
	CHECK(loaded && loaded->scene);
	lun_loaded_destroy(loaded);
	lun_loader_destroy(loader);
	stop_server(&server);
}

// A save every few milliseconds: the newest version goes on air, those before it are answered.
static void the_newest_request_wins_and_all_are_answered_once(void)
{
	struct server server;
	start_server(&server);
	struct lun_loader *loader = lun_loader_create();
	enum { REQUESTS = 20 };
	int answers[REQUESTS + 1] = {0}, superseded = 0, last = 0;
	for (int id = 1; id < REQUESTS; id++)
		request(loader, &server, id, id % 3 ? "slow.lua" : "bad.lua");
	request(loader, &server, REQUESTS, "good.lua");
	while (!answers[REQUESTS]) {
		struct lun_loaded *loaded = wait_for(loader);
		CHECK(loaded);
		CHECK(loaded->id >= 1 && loaded->id <= REQUESTS);
		answers[loaded->id]++;
		last = (int)loaded->id;
		if (loaded->err.code == LUN_NOT_FOUND) {
			CHECK(!loaded->scene);
			CHECK(strcmp(loaded->err.message, "superseded by a newer version") == 0);
			superseded++;
		}
		if (loaded->id == REQUESTS)
			CHECK(loaded->scene);
		lun_loaded_destroy(loaded);
	}
	CHECK_EQ(last, REQUESTS);
	for (int id = 1; id <= REQUESTS; id++)
		CHECK_EQ(answers[id], 1);
	CHECK(superseded > 0); // twenty slow ones cannot all have run meanwhile
	CHECK(!lun_loader_take(loader));
	lun_loader_destroy(loader);
	stop_server(&server);
}

static void a_loader_ends_whatever_it_is_doing(void)
{
	struct server server;
	start_server(&server);
	for (int turn = 0; turn < 6; turn++) {
		struct lun_loader *loader = lun_loader_create();
		if (turn > 0)
			request(loader, &server, 1, "good.lua");
		if (turn == 2)
			CHECK(is_readable(loader, 30000)); // ready, and nobody takes it
		if (turn > 2)
			request(loader, &server, 2, "slow.lua");
		if (turn > 3)
			request(loader, &server, 3, "good.lua");
		lun_loader_destroy(loader);
	}
	stop_server(&server);
}

static void a_supervisor_that_is_gone_fails_the_load(void)
{
	struct server server;
	start_server(&server);
	(void)shutdown(server.client_fd, SHUT_RDWR);
	struct lun_loader *loader = lun_loader_create();
	request(loader, &server, 1, "good.lua");
	struct lun_loaded *loaded = wait_for(loader);
	CHECK(loaded && !loaded->scene);
	CHECK_EQ(loaded->err.code, LUN_IO);
	lun_loaded_destroy(loaded);
	lun_loaded_destroy(NULL);
	lun_loader_destroy(loader);
	stop_server(&server);
}

TEST_MAIN({
	scene_make_folder();
	write_scenes();
	RUN(a_scene_is_loaded_and_used_on_the_thread_that_takes_it);
	RUN(what_fails_is_answered_with_its_place);
	RUN(the_newest_request_wins_and_all_are_answered_once);
	RUN(a_loader_ends_whatever_it_is_doing);
	RUN(a_supervisor_that_is_gone_fails_the_load);
})
