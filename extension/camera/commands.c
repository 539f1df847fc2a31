// The commands of the control protocol, each a few lines on the camera.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension/camera/camera.h"

#define PREVIEW_NS ((uint64_t)2000000000) /* a client that looked is a watcher for so long */
#define FRAME_WAIT_NS ((uint64_t)2000000000)

typedef void command_fn(
        struct lun_camera *camera, struct lun_control_request *request, json_t *body);

static void do_status(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	(void)body;
	const struct lun_airing *airing = &camera->airing;
	char *file = airing->ref.root ? lun_format_string("%s/%s", airing->ref.root, airing->ref.file)
	                              : NULL;
	json_t *status = lun_counts_to_json(&camera->counts);
	json_t *about = json_pack("{s:s, s:s?, s:s?, s:s, s:i, s:o, s:f, s:f, s:O}", "camera",
	        camera->options->name, "scene", airing->ref.name, "file", file, "state",
	        lun_camera_state(camera), "watchers", lun_camera_watchers(camera), "format",
	        lun_format_to_json(&camera->format), "fps",
	        (double)camera->format.fps_num / camera->format.fps_den, "uptime_s",
	        (double)(lun_now_ns() - camera->started_ns) / 1e9, "missing", camera->missing);
	(void)json_object_update_new(status, about);
	free(file);
	lun_control_answer(request, status, -1);
}

static void do_scenes(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	(void)body;
	json_t *names = lun_container_scenes(camera->container), *scenes = json_array(), *name;
	char *active = lun_container_active(camera->container);
	size_t i;
	json_array_foreach(names, i, name)
	{
		struct lun_scene_ref ref;
		const char *text = json_string_value(name);
		if (lun_container_find(camera->container, text, &ref, NULL) != LUN_OK)
			continue;
		const char *root = camera->airing.ref.root, *file = camera->airing.ref.file;
		bool is_on_air = root && strcmp(root, ref.root) == 0 && strcmp(file, ref.file) == 0;
		char *path = lun_format_string("%s/%s", ref.root, ref.file);
		(void)json_array_append_new(
		        scenes, json_pack("{s:s, s:s, s:b, s:b}", "name", text, "path", path, "active",
		                        active && strcmp(active, text) == 0, "on_air", is_on_air));
		free(path);
		lun_scene_ref_finish(&ref);
	}
	free(active);
	json_decref(names);
	lun_control_answer(request, json_pack("{s:o}", "scenes", scenes), -1);
}

static void refuse(struct lun_control_request *request, const char *why)
{
	struct lun_error err;
	(void)lun_fail(&err, LUN_INVALID, "%s", why);
	lun_control_refuse(request, &err);
}

static void do_use(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	const char *name = json_string_value(json_object_get(body, "scene"));
	if (name)
		lun_airing_use(camera, name, request);
	else
		refuse(request, "use wants a scene's name");
}

static void do_params(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	(void)body;
	json_t *params = json_object_get(camera->airing.info, "params");
	lun_control_answer(request,
	        json_pack("{s:s?, s:o}", "scene", camera->airing.ref.name, "params",
	                params ? json_deep_copy(params) : json_array()),
	        -1);
}

static void do_set(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	struct lun_error err;
	const json_t *values = json_object_get(body, "values"), *texts = json_object_get(body, "text");
	if ((values && !json_is_object(values)) || (texts && !json_is_object(texts)) ||
	        (!values && !texts))
		refuse(request, "set wants values, an object of names and values");
	else if (lun_airing_set(camera, values, texts, &err) == LUN_OK)
		lun_control_answer(request, NULL, -1);
	else
		lun_control_refuse(request, &err);
}

static void do_pause(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	(void)body;
	lun_camera_pause(camera, true);
	lun_control_answer(request, NULL, -1);
}

static void do_resume(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	(void)body;
	lun_camera_pause(camera, false);
	lun_control_answer(request, NULL, -1);
}

static void do_send(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	const char *event = json_string_value(json_object_get(body, "event"));
	if (!event) {
		refuse(request, "send wants an event's name");
		return;
	}
	if (camera->renderer)
		lun_renderer_send_event(camera->renderer, event, json_object_get(body, "data"));
	lun_control_answer(request, NULL, -1);
}

static void do_watch(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	(void)camera;
	lun_control_subscribe(request, json_object_get(body, "events"));
	lun_control_answer(request, NULL, -1);
}

static void do_reload(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	(void)body;
	if (camera->airing.ref.name)
		lun_airing_reload(camera, request);
	else
		refuse(request, "no scene is on air");
}

static void do_frame(struct lun_camera *camera, struct lun_control_request *request, json_t *body)
{
	struct lun_frame_waiter *waiter = lun_alloc(sizeof *waiter);
	uint64_t now_ns = lun_now_ns();
	waiter->request = request;
	waiter->after = (uint64_t)json_integer_value(json_object_get(body, "after"));
	waiter->until_ns = now_ns + FRAME_WAIT_NS;
	// Who names no picture wants to see what holds now: the next tick's frame may be drawn already.
	waiter->drawn_at = waiter->after == 0 ? camera->pacer.next + 1 : 0;
	waiter->next = camera->waiters;
	camera->waiters = waiter;
	bool was_running = camera->is_running;
	camera->preview_until_ns = now_ns + PREVIEW_NS;
	lun_camera_check_watchers(camera);
	if (was_running)
		lun_camera_answer_waiters(camera);
}

static void answer_with_frame(struct lun_camera *camera, struct lun_control_request *request)
{
	struct lun_error err;
	int fd = lun_camera_buffers_copy(&camera->buffers);
	if (fd < 0) {
		(void)lun_fail(&err, LUN_IO, "there is no memory for a copy of the picture");
		lun_control_refuse(request, &err);
		return;
	}
	const struct lun_camera_buffer *shown = lun_camera_buffers_shown(&camera->buffers);
	lun_control_answer(request,
	        json_pack("{s:I, s:I, s:o, s:I}", "serial", (json_int_t)camera->serial, "number",
	                (json_int_t)shown->number, "format",
	                lun_format_to_json(&camera->buffers.format), "size_bytes",
	                (json_int_t)camera->buffers.layout.size_bytes),
	        fd);
}

static void answer_without_frame(struct lun_control_request *request)
{
	struct lun_error err;
	(void)lun_fail(&err, LUN_NOT_FOUND, "there is no newer picture");
	lun_control_refuse(request, &err);
}

// Is what is shown what a waiter wants? Once its time is over, any picture is better than none for
// who asked for no particular one: a scene that was stopped draws no new one.
static bool is_good_for(
        const struct lun_camera *camera, const struct lun_frame_waiter *waiter, bool is_over)
{
	const struct lun_camera_buffer *shown = lun_camera_buffers_shown(&camera->buffers);
	if (!camera->is_running || !shown || camera->serial <= waiter->after)
		return false;
	return shown->number >= waiter->drawn_at || (is_over && waiter->after == 0);
}

void lun_camera_answer_waiters(struct lun_camera *camera)
{
	uint64_t now_ns = lun_now_ns();
	struct lun_frame_waiter **link = &camera->waiters;
	while (*link) {
		struct lun_frame_waiter *waiter = *link;
		bool is_over = now_ns >= waiter->until_ns;
		bool has_frame = is_good_for(camera, waiter, is_over);
		if (!has_frame && !is_over) {
			link = &waiter->next;
			continue;
		}
		*link = waiter->next;
		if (has_frame)
			answer_with_frame(camera, waiter->request);
		else
			answer_without_frame(waiter->request);
		free(waiter);
	}
}

void lun_camera_command(void *data, struct lun_control_request *request, json_t *body)
{
	static const struct {
		const char *name;
		command_fn *run;
	} commands[] = {{"status", do_status}, {"scenes", do_scenes}, {"use", do_use},
	        {"params", do_params}, {"set", do_set}, {"pause", do_pause}, {"resume", do_resume},
	        {"send", do_send}, {"frame", do_frame}, {"watch", do_watch}, {"reload", do_reload}};
	const char *name = json_string_value(json_object_get(body, "do"));
	for (size_t i = 0; name && i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			commands[i].run(data, request, body);
			return;
		}
	}
	refuse(request, "there is no such command");
}
