// The renderer's process: one scene on air, one being loaded beside it, frames drawn into buffers
// that were handed over. It is told what to do and decides nothing.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extension/camera/control.h"
#include "extension/isolate/confine.h"
#include "extension/isolate/loader.h"
#include "extension/isolate/message.h"
#include "extension/isolate/program.h"
#include "extension/isolate/renderer.h"
#include "lunette/engine.h"

#define MAX_BUFFERS 16
#define MAX_ERRORS_SAID 256

struct mapped_buffer {
	uint8_t *data; // owned mapping; NULL = no such buffer
	size_t size_bytes;
	struct lun_buffer *buffer; // owned
};

struct renderer {
	int fd; // borrowed
	struct lun_file_socket file_socket;
	struct lun_format format;
	struct lun_engine *engine; // owned; NULL before the first configure
	struct lun_loader *loader; // owned
	struct lun_loaded *on_air; // owned; its scene belongs to the engine
	struct mapped_buffer buffers[MAX_BUFFERS];
	char *camera_spec; // owned; NULL = synthetic
	int camera_fd;     // owned; -1 = synthetic
	int watchers;
	uint64_t said[MAX_ERRORS_SAID]; // hashes of errors told since the last load
	size_t said_count;
};

/* Telling. */

static void send_json(struct renderer *r, enum lun_message_kind kind, int64_t id, json_t *value)
{
	struct lun_message_header header = {.kind = kind, .id = id};
	(void)lun_message_send_json(r->fd, &header, value); // a dead peer is found by receive
	json_decref(value);
}

// Any thread: a packet is sent whole.
static void send_log(void *data, enum lun_log_level level, const char *message)
{
	const struct renderer *r = data;
	struct lun_message_header header = {.kind = LUN_MESSAGE_LOG, .number = level};
	(void)lun_message_send(r->fd, &header, message, strlen(message), -1);
}

// Paths in errors are the scene's own; people want them from the root.
static void make_path_absolute(struct lun_error *err, const struct lun_remote_files *files)
{
	char path[sizeof err->path];
	if (!err->path[0] || err->path[0] == '/' || err->path[0] == '[' || !files)
		return;
	int wrote = snprintf(path, sizeof path, "%s/%s", files->root, err->path);
	if (wrote > 0 && (size_t)wrote < sizeof path)
		memcpy(err->path, path, sizeof path);
}

static bool is_first_time(struct renderer *r, const struct lun_error *err)
{
	uint64_t hash = lun_hash(err->message, strlen(err->message), (uint64_t)err->line);
	hash = lun_hash(err->path, strlen(err->path), hash);
	for (size_t i = 0; i < r->said_count; i++) {
		if (r->said[i] == hash)
			return false;
	}
	if (r->said_count == MAX_ERRORS_SAID)
		return false; // an error whose text differs each time must not flood the log
	r->said[r->said_count++] = hash;
	return true;
}

static void tell_failure(struct renderer *r, enum lun_result rc, struct lun_error *err)
{
	make_path_absolute(err, r->on_air ? r->on_air->files : NULL);
	if (rc == LUN_LIMIT)
		send_json(r, LUN_MESSAGE_STOPPED, 0, lun_error_to_json(err));
	else if (is_first_time(r, err))
		send_json(r, LUN_MESSAGE_SCRIPT_ERROR, 0, lun_error_to_json(err));
}

/* Buffers. */

static void drop_buffer(struct mapped_buffer *mapped)
{
	lun_buffer_destroy(mapped->buffer);
	if (mapped->data)
		(void)munmap(mapped->data, mapped->size_bytes);
	*mapped = (struct mapped_buffer){0};
}

static void drop_buffers(struct renderer *r)
{
	for (size_t i = 0; i < MAX_BUFFERS; i++)
		drop_buffer(&r->buffers[i]);
}

static void add_buffer(struct renderer *r, const struct lun_message *message)
{
	struct lun_layout layout;
	struct stat status;
	int64_t id = message->header.id;
	if (!r->engine || id < 0 || id >= MAX_BUFFERS || message->fd < 0)
		return;
	lun_format_layout(&r->format, &layout);
	if (fstat(message->fd, &status) != 0 || (size_t)status.st_size < layout.size_bytes)
		return;
	void *data = mmap(NULL, layout.size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, message->fd, 0);
	if (data == MAP_FAILED) {
		lun_log(LUN_LOG_ERROR, "cannot map a frame buffer: %s", strerror(errno));
		return;
	}
	struct mapped_buffer *mapped = &r->buffers[id];
	drop_buffer(mapped);
	mapped->data = data;
	mapped->size_bytes = layout.size_bytes;
	mapped->buffer = lun_buffer_create(r->engine, data);
}

/* Requests. */

static void configure(struct renderer *r, const struct lun_message *message)
{
	struct lun_error err;
	struct lun_format format;
	if (message->header.payload_bytes != sizeof format)
		return;
	memcpy(&format, message->payload, sizeof format);
	drop_buffers(r);
	enum lun_result rc = r->engine ? lun_engine_configure(r->engine, &format, &err)
	                               : lun_engine_create(&format, &r->engine, &err);
	if (rc == LUN_OK)
		r->format = format;
	else
		lun_log(LUN_LOG_ERROR, "%s", err.message);
}

// The scenes that were loaded keep their duplicates and this spec's text; it is set once.
static void set_camera(struct renderer *r, struct lun_message *message)
{
	if (message->header.payload_bytes == 0 || r->camera_spec)
		return;
	r->camera_spec = lun_strdup(message->payload);
	r->camera_fd = message->fd;
	message->fd = -1;
}

static void start_load(struct renderer *r, const struct lun_message *message)
{
	struct lun_error err = {0};
	json_t *request = lun_message_json(message);
	if (!r->engine || !json_is_object(request)) {
		json_decref(request);
		(void)lun_fail(&err, LUN_INVALID, "a scene cannot be loaded before there is a format");
		send_json(r, LUN_MESSAGE_LOAD_FAILED, message->header.id, lun_error_to_json(&err));
		return;
	}
	json_t *saved = NULL;
	struct lun_scene *scene = lun_engine_scene(r->engine);
	if (scene && json_is_true(json_object_get(request, "keep_state"))) {
		saved = lun_scene_save(scene, &err);
		if (err.message[0])
			tell_failure(r, err.code, &err);
	}
	lun_engine_set_full_redraw(r->engine, json_is_true(json_object_get(request, "full_redraw")));
	const struct lun_loader_context context = {
	        .format = r->format,
	        .file_socket = &r->file_socket,
	        .camera_spec = r->camera_spec,
	        .camera_fd = r->camera_fd,
	        .watchers = r->watchers,
	        .log = send_log,
	        .log_data = r,
	};
	lun_loader_start(r->loader, message->header.id, request, saved, &context);
	json_decref(saved);
	json_decref(request);
}

static void finish_load(struct renderer *r)
{
	struct lun_loaded *loaded = lun_loader_take(r->loader);
	if (!loaded)
		return;
	if (!loaded->scene) {
		make_path_absolute(&loaded->err, loaded->files);
		send_json(r, LUN_MESSAGE_LOAD_FAILED, loaded->id, lun_error_to_json(&loaded->err));
		lun_loaded_destroy(loaded);
		return;
	}
	int64_t id = loaded->id;
	json_t *info = lun_scene_info(loaded->scene);
	lun_engine_take_scene(r->engine, loaded->scene); // destroys the scene before
	loaded->scene = NULL;
	lun_loaded_destroy(r->on_air); // its files
	r->on_air = loaded;
	r->said_count = 0;
	send_json(r, LUN_MESSAGE_LOADED, id, info);
}

static void render(struct renderer *r, const struct lun_message *message)
{
	struct lun_error err;
	int64_t id = message->header.id;
	struct lun_buffer *buffer = id >= 0 && id < MAX_BUFFERS ? r->buffers[id].buffer : NULL;
	struct lun_render_report report = {.number = message->header.number, .buffer = (int)id};
	if (r->engine && (buffer || id < 0)) {
		struct lun_frame_stats stats;
		enum lun_result rc = lun_engine_render(
		        r->engine, message->header.number, message->header.time_s, buffer, &stats, &err);
		report.has_failed = rc != LUN_OK;
		report.is_unchanged = stats.is_unchanged;
		report.script_ns = stats.script_ns;
		report.record_ns = stats.record_ns;
		report.compare_ns = stats.compare_ns;
		report.raster_ns = stats.raster_ns;
		report.convert_ns = stats.convert_ns;
		report.cpu_ns = stats.cpu_ns;
		report.tiles = stats.tiles;
		report.tiles_redrawn = stats.tiles_redrawn;
		report.memory_bytes = stats.memory_bytes;
		report.picture = stats.picture;
		if (rc != LUN_OK)
			tell_failure(r, rc, &err);
	}
	struct lun_message_header header = {.kind = LUN_MESSAGE_DONE};
	(void)lun_message_send(r->fd, &header, &report, sizeof report, -1);
}

static void set_values(struct renderer *r, const struct lun_message *message)
{
	json_t *values = lun_message_json(message);
	struct lun_scene *scene = r->engine ? lun_engine_scene(r->engine) : NULL;
	if (scene && json_is_object(values))
		lun_scene_set_values(scene, values);
	json_decref(values);
}

static void set_feed(struct renderer *r, const struct lun_message *message)
{
	json_t *feed = lun_message_json(message);
	struct lun_scene *scene = r->engine ? lun_engine_scene(r->engine) : NULL;
	if (scene)
		lun_scene_set_feed(scene, json_string_value(json_object_get(feed, "name")),
		        json_object_get(feed, "news"));
	json_decref(feed);
}

static void send_event(struct renderer *r, const struct lun_message *message)
{
	struct lun_error err;
	json_t *event = lun_message_json(message);
	const char *name = json_string_value(json_object_get(event, "name"));
	if (r->engine && name) {
		enum lun_result rc =
		        lun_engine_send_event(r->engine, name, json_object_get(event, "data"), &err);
		if (rc != LUN_OK)
			tell_failure(r, rc, &err);
	}
	json_decref(event);
}

static void set_watchers(struct renderer *r, const struct lun_message *message)
{
	struct lun_error err;
	r->watchers = (int)message->header.number;
	enum lun_result rc = r->engine ? lun_engine_set_watchers(r->engine, r->watchers, &err) : LUN_OK;
	if (rc != LUN_OK)
		tell_failure(r, rc, &err);
}

static void handle(struct renderer *r, struct lun_message *message)
{
	switch (message->header.kind) {
	case LUN_MESSAGE_CONFIGURE:
		configure(r, message);
		break;
	case LUN_MESSAGE_BUFFER:
		add_buffer(r, message);
		break;
	case LUN_MESSAGE_CAMERA:
		set_camera(r, message);
		break;
	case LUN_MESSAGE_LOAD:
		start_load(r, message);
		break;
	case LUN_MESSAGE_RENDER:
		render(r, message);
		break;
	case LUN_MESSAGE_VALUES:
		set_values(r, message);
		break;
	case LUN_MESSAGE_FEED:
		set_feed(r, message);
		break;
	case LUN_MESSAGE_PAUSE:
		if (r->engine)
			lun_engine_pause(r->engine, message->header.number);
		break;
	case LUN_MESSAGE_WATCHERS:
		set_watchers(r, message);
		break;
	case LUN_MESSAGE_EVENT:
		send_event(r, message);
		break;
	default:
		break;
	}
}

// Serves until the peer goes.
static void serve(struct renderer *r)
{
	struct pollfd polled[] = {
	        {.fd = r->fd, .events = POLLIN}, {.fd = lun_loader_fd(r->loader), .events = POLLIN}};
	for (;;) {
		if (poll(polled, 2, -1) < 0 && errno != EINTR)
			return;
		if (polled[1].revents)
			finish_load(r);
		if (!polled[0].revents)
			continue;
		struct lun_message message;
		if (lun_message_receive(r->fd, &message) != LUN_OK)
			return;
		handle(r, &message);
		lun_message_finish(&message);
	}
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Sanitizers open files and start processes of their own.
static bool confine(void)
{
	return true;
}
#else
#define MEMORY_MAX_BYTES ((rlim_t)4 << 30)

// Fonts first: what is loaded once need not be asked for again.
static bool confine(void)
{
	struct lun_error err;
	struct lun_confinement confinement;
	const struct rlimit memory = {MEMORY_MAX_BYTES, MEMORY_MAX_BYTES};
	const struct rlimit no_core = {0, 0};
	lun_engine_warm_up();
	(void)setrlimit(RLIMIT_AS, &memory);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	if (lun_confine(&confinement, &err) != LUN_OK) {
		lun_log(LUN_LOG_ERROR, "the renderer cannot be locked in: %s", err.message);
		return false;
	}
	if (confinement.landlock_abi == 0)
		lun_log(LUN_LOG_WARN, "this kernel has no Landlock: scenes are kept from files by "
		                      "system call filters alone");
	return true;
}
#endif

int lun_renderer_main(int fd, int files_fd)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGINT, SIG_IGN); // Ctrl-C is the supervisor's to handle
	struct renderer r = {.fd = fd, .camera_fd = -1};
	r.file_socket.fd = files_fd;
	(void)pthread_mutex_init(&r.file_socket.mutex, NULL);
	lun_log_set_sink(send_log, &r);
	if (!confine())
		return 1;
	r.loader = lun_loader_create();
	serve(&r);
	lun_loader_destroy(r.loader);
	drop_buffers(&r);
	lun_engine_destroy(r.engine);
	lun_loaded_destroy(r.on_air);
	if (r.camera_fd >= 0)
		(void)close(r.camera_fd);
	free(r.camera_spec);
	lun_log_set_sink(NULL, NULL);
	return 0;
}
