// labels: release
// A real renderer process: what it draws, how it dies, and that nothing it does or omits makes its
// owner wait or fall.
#include "extension/isolate/renderer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "extension/isolate/message.h"
#include "extension/isolate/program.h"
#include "scene_folder.h"

#define PATIENCE_MS 30000

// What the events told.
struct told {
	int loaded, load_failed, done, script_errors, stopped, died;
	uint64_t loaded_id, failed_id;
	struct lun_error err;
	struct lun_render_report report;
	char how[128], title[64], logged[256];
};

static void on_loaded(void *data, uint64_t id, json_t *info)
{
	struct told *told = data;
	const char *title = json_string_value(json_object_get(info, "title"));
	told->loaded++;
	told->loaded_id = id;
	(void)snprintf(told->title, sizeof told->title, "%s", title ? title : "");
}

static void on_load_failed(void *data, uint64_t id, const struct lun_error *why)
{
	struct told *told = data;
	told->load_failed++;
	told->failed_id = id;
	told->err = *why;
}

static void on_done(void *data, const struct lun_render_report *report)
{
	struct told *told = data;
	told->done++;
	told->report = *report;
}

static void on_script_error(void *data, const struct lun_error *what)
{
	struct told *told = data;
	told->script_errors++;
	told->err = *what;
}

static void on_stopped(void *data, const struct lun_error *why)
{
	struct told *told = data;
	told->stopped++;
	told->err = *why;
}

static void on_logged(void *data, int level, const char *message)
{
	struct told *told = data;
	(void)level;
	(void)snprintf(told->logged, sizeof told->logged, "%s", message);
}

static void on_died(void *data, const char *how)
{
	struct told *told = data;
	told->died++;
	(void)snprintf(told->how, sizeof told->how, "%s", how);
}

static const struct lun_renderer_events events = {.loaded = on_loaded,
        .load_failed = on_load_failed,
        .done = on_done,
        .script_error = on_script_error,
        .stopped = on_stopped,
        .logged = on_logged,
        .died = on_died};

// Dispatches until a count was reached, or patience is at an end.
static bool await(struct lun_renderer *renderer, const int *count, int wanted)
{
	uint64_t end_ns = lun_now_ns() + (uint64_t)PATIENCE_MS * 1000000;
	while (*count < wanted && lun_now_ns() < end_ns) {
		struct pollfd polled = {.fd = lun_renderer_fd(renderer), .events = POLLIN};
		if (poll(&polled, 1, 1000) > 0)
			lun_renderer_dispatch(renderer);
	}
	return *count >= wanted;
}

struct rig {
	struct lun_renderer *renderer; // owned
	struct lun_format format;
	int fd;                // owned; buffer 0
	const uint8_t *pixels; // owned mapping
	size_t size_bytes;
	struct told told;
};

static bool start(struct rig *rig)
{
	struct lun_layout layout;
	struct lun_error err;
	*rig = (struct rig){.format = lun_format_default()};
	rig->format.pixel = LUN_PIXEL_BGRA;
	rig->format.width_px = 64;
	rig->format.height_px = 36;
	lun_format_layout(&rig->format, &layout);
	rig->size_bytes = layout.size_bytes;
	rig->fd = memfd_create("test", MFD_CLOEXEC);
	if (ftruncate(rig->fd, (off_t)rig->size_bytes) != 0)
		return false;
	rig->pixels = mmap(NULL, rig->size_bytes, PROT_READ, MAP_SHARED, rig->fd, 0);
	if (lun_renderer_spawn(&events, &rig->told, &rig->renderer, &err) != LUN_OK) {
		printf("# %s\n", err.message);
		return false;
	}
	lun_renderer_configure(rig->renderer, &rig->format);
	lun_renderer_add_buffer(rig->renderer, 0, rig->fd, rig->size_bytes);
	return true;
}

static void stop(struct rig *rig)
{
	lun_renderer_destroy(rig->renderer);
	(void)munmap((void *)rig->pixels, rig->size_bytes);
	(void)close(rig->fd);
}

static uint64_t load(struct rig *rig, const char *text)
{
	scene_write("scene.lua", text);
	json_t *request = json_pack("{s:s, s:s, s:s, s:i, s:f, s:s, s:i}", "path", "scene.lua", "name",
	        "test", "root", scene_folder, "number", 0, "epoch", 0.0, "zone", "UTC", "seed", 1);
	uint64_t id = lun_renderer_load(rig->renderer, request);
	json_decref(request);
	return id;
}

static bool render(struct rig *rig, uint64_t number)
{
	int before = rig->told.done;
	lun_renderer_render(rig->renderer, number, 0, 0);
	return await(rig->renderer, &rig->told.done, before + 1) && rig->told.report.number == number;
}

#define RED_THEN_BLUE                                                     \
	"return {title = 'Colours', draw = function(cr, frame)\n"             \
	"  cr:set_source(frame.number % 2 == 0 and '#ff0000' or '#0000ff')\n" \
	"  cr:paint()\n"                                                      \
	"end}\n"

static int count_descriptors(void)
{
	int count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void a_scene_is_loaded_and_drawn_into_the_buffer(void)
{
	int before = count_descriptors();
	struct rig rig;
	CHECK(start(&rig));
	uint64_t id = load(&rig, RED_THEN_BLUE);
	CHECK(await(rig.renderer, &rig.told.loaded, 1));
	CHECK(rig.told.loaded_id == id);
	CHECK(strcmp(rig.told.title, "Colours") == 0);
	CHECK(render(&rig, 0));
	CHECK(memcmp(rig.pixels, "\x00\x00\xff\xff", 4) == 0);
	CHECK(!rig.told.report.is_unchanged && !rig.told.report.has_failed);
	uint64_t red = rig.told.report.picture;
	CHECK(render(&rig, 1));
	CHECK(memcmp(rig.pixels, "\xff\x00\x00\xff", 4) == 0);
	CHECK(rig.told.report.picture != red);
	CHECK(render(&rig, 3));
	CHECK(rig.told.report.is_unchanged);
	CHECK(render(&rig, 4));
	CHECK(rig.told.report.picture == red);
	CHECK_EQ(rig.told.died, 0);
	stop(&rig);
	CHECK_EQ(count_descriptors(), before);
}

static void a_killed_renderer_is_told_once_with_its_signal(void)
{
	struct rig rig;
	CHECK(start(&rig));
	int pid = lun_renderer_pid(rig.renderer);
	CHECK(pid > 0);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK(await(rig.renderer, &rig.told.died, 1));
	CHECK(strcmp(rig.told.how, "signal 9 (Killed)") == 0);
	CHECK_EQ(lun_renderer_pid(rig.renderer), -1);
	lun_renderer_render(rig.renderer, 1, 0, 0); // too late, and harmless
	lun_renderer_pause(rig.renderer, true);
	(void)load(&rig, RED_THEN_BLUE);
	for (int i = 0; i < 3; i++)
		lun_renderer_dispatch(rig.renderer);
	CHECK_EQ(rig.told.died, 1);
	CHECK(kill(pid, 0) != 0); // reaped
	stop(&rig);
}

// What it said before its death is heard, not lost with it.
static void the_last_words_of_a_renderer_are_heard(void)
{
	struct rig rig;
	CHECK(start(&rig));
	(void)load(&rig, RED_THEN_BLUE);
	CHECK(await(rig.renderer, &rig.told.loaded, 1));
	lun_renderer_render(rig.renderer, 0, 0, 0);
	struct pollfd polled = {.fd = lun_renderer_fd(rig.renderer), .events = POLLIN};
	CHECK_EQ(poll(&polled, 1, PATIENCE_MS), 1); // it has said that it is done
	int pid = lun_renderer_pid(rig.renderer);
	siginfo_t info;
	lun_renderer_kill(rig.renderer);
	CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0); // dead before we listen
	CHECK(await(rig.renderer, &rig.told.died, 1));
	CHECK_EQ(rig.told.done, 1);
	stop(&rig);
}

static void a_stopped_process_makes_nobody_wait(void)
{
	struct rig rig;
	CHECK(start(&rig));
	CHECK_EQ(kill(lun_renderer_pid(rig.renderer), SIGSTOP), 0);
	char *text = malloc(30001);
	memset(text, 'x', 30000);
	text[30000] = '\0';
	json_t *values = json_pack("{s:s}", "text", text);
	uint64_t start_ns = lun_now_ns();
	for (uint64_t n = 0; n < 2000; n++) {
		lun_renderer_render(rig.renderer, n, 0, 0);
		lun_renderer_set_values(rig.renderer, values);
		lun_renderer_send_event(rig.renderer, "e", values);
		lun_renderer_watchers(rig.renderer, 1);
		lun_renderer_dispatch(rig.renderer);
	}
	// It takes no more, so it is given up: killed although it stands still.
	CHECK(await(rig.renderer, &rig.told.died, 1));
	CHECK(lun_now_ns() - start_ns < (uint64_t)PATIENCE_MS * 1000000);
	CHECK(strcmp(rig.told.how, "signal 9 (Killed)") == 0);
	json_decref(values);
	free(text);
	stop(&rig);
}

static void a_stopped_process_is_destroyed(void)
{
	struct rig rig;
	CHECK(start(&rig));
	int pid = lun_renderer_pid(rig.renderer);
	CHECK_EQ(kill(pid, SIGSTOP), 0);
	stop(&rig);
	CHECK(kill(pid, 0) != 0);
}

static void failures_are_told_with_their_place(void)
{
	struct rig rig;
	char path[512];
	CHECK(start(&rig));
	uint64_t id = load(&rig, "local x = nil\nreturn x.y\n");
	CHECK(await(rig.renderer, &rig.told.load_failed, 1));
	(void)snprintf(path, sizeof path, "%s/scene.lua", scene_folder);
	CHECK(rig.told.failed_id == id);
	CHECK(strcmp(rig.told.err.path, path) == 0);
	CHECK_EQ(rig.told.err.line, 2);
	CHECK(render(&rig, 0)); // black, but there
	CHECK(memcmp(rig.pixels, "\x00\x00\x00\xff", 4) == 0);

	json_t *request = json_pack("{s:s, s:s}", "path", "scene.lua", "root", "/nonexistent/folder");
	(void)lun_renderer_load(rig.renderer, request);
	json_decref(request);
	CHECK(await(rig.renderer, &rig.told.load_failed, 2));
	CHECK(strstr(rig.told.err.message, "/nonexistent/folder"));
	stop(&rig);
}

static void an_error_on_air_is_told_once_and_a_limit_stops_the_scene(void)
{
	struct rig rig;
	CHECK(start(&rig));
	(void)load(&rig, "return {draw = function(cr, frame)\n"
	                 "  if frame.number == 9 then while true do end end\n"
	                 "  if frame.number > 0 then error('broken') end\n"
	                 "  cr:set_source('#ff0000')\n"
	                 "  cr:paint()\n"
	                 "end}\n");
	CHECK(await(rig.renderer, &rig.told.loaded, 1));
	for (uint64_t n = 0; n < 5; n++) {
		CHECK(render(&rig, n));
		CHECK_EQ(rig.told.report.has_failed, n > 0);
		CHECK(memcmp(rig.pixels, "\x00\x00\xff\xff", 4) == 0);
	}
	CHECK_EQ(rig.told.script_errors, 1);
	CHECK_EQ(rig.told.err.line, 3);
	CHECK(render(&rig, 9));
	CHECK_EQ(rig.told.stopped, 1);
	CHECK(render(&rig, 10));
	CHECK_EQ(rig.told.stopped, 1);
	CHECK(memcmp(rig.pixels, "\x00\x00\xff\xff", 4) == 0);
	(void)load(&rig, RED_THEN_BLUE); // and the next one takes over
	CHECK(await(rig.renderer, &rig.told.loaded, 2));
	CHECK(render(&rig, 11)); // the frame it drew while it was loaded
	CHECK(render(&rig, 13));
	CHECK(memcmp(rig.pixels, "\xff\x00\x00\xff", 4) == 0);
	stop(&rig);
}

static void requests_that_make_no_sense_are_survived(void)
{
	struct rig rig;
	CHECK(start(&rig));
	struct lun_format bad = rig.format;
	bad.width_px = -5;
	lun_renderer_configure(rig.renderer, &bad);
	lun_renderer_add_buffer(rig.renderer, 99, rig.fd, rig.size_bytes);
	lun_renderer_add_buffer(rig.renderer, -1, rig.fd, rig.size_bytes);
	lun_renderer_render(rig.renderer, 0, 0, 77);
	lun_renderer_render(rig.renderer, UINT64_MAX, -1e300, -77);
	CHECK(await(rig.renderer, &rig.told.done, 2));
	json_t *list = json_array(), *empty = json_object();
	lun_renderer_set_values(rig.renderer, list);
	lun_renderer_set_feed(rig.renderer, "nobody", NULL);
	lun_renderer_send_event(rig.renderer, "nobody", list);
	(void)lun_renderer_load(rig.renderer, list);
	(void)lun_renderer_load(rig.renderer, empty);
	CHECK(await(rig.renderer, &rig.told.load_failed, 2));
	json_decref(list);
	json_decref(empty);
	(void)load(&rig, RED_THEN_BLUE);
	CHECK(await(rig.renderer, &rig.told.loaded, 1));
	lun_renderer_configure(rig.renderer, &rig.format);
	lun_renderer_add_buffer(rig.renderer, 0, rig.fd, 1); // what is said is not what counts
	CHECK(render(&rig, 0));
	CHECK(memcmp(rig.pixels, "\x00\x00\xff\xff", 4) == 0);
	CHECK_EQ(rig.told.died, 0);
	stop(&rig);
}

/* A renderer whose sockets are in our own hands. */

struct raw {
	pid_t pid;
	int messages, files; // owned
};

static bool start_raw(struct raw *raw)
{
	int messages[2], files[2];
	char path[4096];
	if (lun_program_find("lunette-camera", path, sizeof path, NULL) != LUN_OK ||
	        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, messages) != 0 ||
	        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, files) != 0)
		return false;
	raw->pid = fork();
	if (raw->pid == 0) {
		int theirs[] = {fcntl(messages[1], F_DUPFD, 20), fcntl(files[1], F_DUPFD, 20)};
		(void)dup2(theirs[0], LUN_RENDERER_FD);
		(void)dup2(theirs[1], LUN_RENDERER_FILES_FD);
		(void)execl(path, "lunette-renderer", "--renderer", (char *)NULL);
		_exit(127);
	}
	(void)close(messages[1]);
	(void)close(files[1]);
	raw->messages = messages[0];
	raw->files = files[0];
	return raw->pid > 0;
}

// Hangs up and says how the process ended.
static int stop_raw(struct raw *raw)
{
	int status = -1;
	(void)close(raw->messages);
	(void)close(raw->files);
	(void)waitpid(raw->pid, &status, 0);
	return status;
}

static void packets_of_rubbish_end_a_renderer_in_good_order(void)
{
	char rubbish[2000];
	memset(rubbish, 0xa5, sizeof rubbish);
	static const size_t sizes[] = {1, 8, 39, 41, 2000};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct raw raw;
		CHECK(start_raw(&raw));
		CHECK_EQ(send(raw.messages, rubbish, sizes[i], MSG_NOSIGNAL), sizes[i]);
		int status = stop_raw(&raw);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			printf("# %zu bytes: status %d\n", sizes[i], status);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

// Well-formed packets of every kind, with payloads that are none of what the kind wants, before
// there is a format and after.
static void messages_without_sense_are_ignored(void)
{
	static const char *const payloads[] = {"", "{}", "[]", "null", "{\"name\": 5, \"news\": []}",
	        "\xff\xff", "{\"path\": [], \"root\": {}, \"number\": \"x\"}",
	        "0123456789012345678901"};
	struct raw raw;
	CHECK(start_raw(&raw));
	const struct lun_format format = lun_format_default();
	struct lun_message_header configure = {.kind = LUN_MESSAGE_CONFIGURE};
	for (int turn = 0; turn < 2; turn++) {
		for (uint32_t kind = 0; kind <= LUN_MESSAGE_LOG + 2; kind++) {
			if (kind == LUN_MESSAGE_LOAD)
				continue; // would ask for files; what loads make of rubbish is said above
			for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
				struct lun_message_header header = {.kind = kind,
				        .id = i % 2 ? INT64_MIN : INT64_MAX,
				        .number = UINT64_MAX,
				        .time_s = -1e308};
				int fd = i % 3 ? -1 : raw.files;
				CHECK_EQ(lun_message_send(
				                 raw.messages, &header, payloads[i], strlen(payloads[i]), fd),
				        LUN_OK);
			}
		}
		CHECK_EQ(lun_message_send(raw.messages, &configure, &format, sizeof format, -1), LUN_OK);
	}
	// It is still there: it answers.
	struct lun_message_header ask = {.kind = LUN_MESSAGE_RENDER, .id = -1, .number = 4711};
	CHECK_EQ(lun_message_send(raw.messages, &ask, NULL, 0, -1), LUN_OK);
	bool is_answered = false;
	struct pollfd polled = {.fd = raw.messages, .events = POLLIN};
	while (!is_answered && poll(&polled, 1, PATIENCE_MS) == 1) {
		struct lun_message message;
		CHECK_EQ(lun_message_receive(raw.messages, &message), LUN_OK);
		struct lun_render_report report = {0};
		if (message.header.kind == LUN_MESSAGE_DONE)
			memcpy(&report, message.payload, sizeof report);
		is_answered = report.number == 4711;
		lun_message_finish(&message);
	}
	CHECK(is_answered);
	int status = stop_raw(&raw);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_MAIN({
	(void)signal(SIGPIPE, SIG_DFL); // nothing may raise it
	scene_make_folder();
	RUN(a_scene_is_loaded_and_drawn_into_the_buffer);
	RUN(a_killed_renderer_is_told_once_with_its_signal);
	RUN(the_last_words_of_a_renderer_are_heard);
	RUN(a_stopped_process_makes_nobody_wait);
	RUN(a_stopped_process_is_destroyed);
	RUN(failures_are_told_with_their_place);
	RUN(an_error_on_air_is_told_once_and_a_limit_stops_the_scene);
	RUN(requests_that_make_no_sense_are_survived);
	RUN(packets_of_rubbish_end_a_renderer_in_good_order);
	RUN(messages_without_sense_are_ignored);
})
