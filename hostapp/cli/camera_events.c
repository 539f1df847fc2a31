// A client of the control socket that only listens, for whoever sits before `lunette run`.
#include "hostapp/cli/camera_events.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension/camera/control.h"
#include "extension/camera/control_client.h"
#include "hostapp/cli/report.h"

struct lun_camera_events {
	struct lun_control_client *client; // owned
	lun_camera_scene_changed *changed; // NULL is fine
	void *data;
	bool has_failed; // an error was told since the scene last drew without
	char *scene;     // owned; the one on air by the last status; NULL before the first
	json_int_t reloads;
	uv_poll_t poll;
};

static void tell_error(struct lun_camera_events *events, const json_t *object)
{
	struct lun_error error;
	lun_error_from_json(object, &error);
	lun_report_error("scene", &error);
	events->has_failed = true;
}

// What went wrong before anybody listened is in the status.
static void tell_first(struct lun_camera_events *events, const json_t *status)
{
	const json_t *error = json_object_get(status, "last_error");
	if (json_is_object(error) && !events->has_failed)
		tell_error(events, error);
}

// A scene event says that something about the scenes is new; the status tells what it is, so that
// one save is one line.
static void tell_scene(const struct lun_camera_events *events, const char *scene, json_int_t count)
{
	if (strcmp(scene, events->scene) != 0)
		(void)lun_report(0, "on air", "%s", scene);
	else if (count != events->reloads)
		(void)lun_report(0, "reloaded", "%s", scene);
}

static void on_answer(struct lun_camera_events *events, const json_t *line)
{
	json_int_t reloads = json_integer_value(json_object_get(line, "reloads"));
	const char *scene = json_string_value(json_object_get(line, "scene"));
	if (!json_object_get(line, "reloads"))
		return; // the answer to watch
	if (!scene)
		scene = "";
	if (events->scene)
		tell_scene(events, scene, reloads);
	else
		tell_first(events, line);
	free(events->scene);
	events->scene = lun_strdup(scene);
	events->reloads = reloads;
}

static void ask_for_status(struct lun_camera_events *events)
{
	struct lun_error unused; // a camera that went is noticed by reading
	(void)lun_control_send(events->client, json_pack("{s:s}", "do", "status"), &unused);
}

static void on_event(struct lun_camera_events *events, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "event"));
	if (!name) {
		on_answer(events, line);
	} else if (strcmp(name, "error") == 0) {
		tell_error(events, json_object_get(line, "error"));
	} else if (strcmp(name, "ok") == 0 && events->has_failed) {
		events->has_failed = false;
		(void)lun_report(0, "scene", "draws without an error again");
	} else if (strcmp(name, "scene") == 0) {
		const char *scene = json_string_value(json_object_get(line, "scene"));
		if (!scene)
			return;
		ask_for_status(events);
		if (events->changed)
			events->changed(events->data, scene);
	}
}

static void on_readable(uv_poll_t *poll, int status, int happened)
{
	struct lun_camera_events *events = poll->data;
	(void)status;
	(void)happened;
	while (!uv_is_closing((uv_handle_t *)poll)) {
		json_t *line = NULL;
		int fd = -1;
		struct lun_error unused;
		if (lun_control_receive(events->client, &line, &fd, &unused) != LUN_OK) {
			// The camera went: its process says so too, and a new one gets new listeners.
			(void)uv_poll_stop(poll);
			return;
		}
		if (fd >= 0)
			(void)close(fd);
		if (!line)
			return;
		on_event(events, line);
		json_decref(line);
	}
}

static void on_closed(uv_handle_t *handle)
{
	struct lun_camera_events *events = handle->data;
	lun_control_disconnect(events->client);
	free(events->scene);
	free(events);
}

enum lun_result lun_camera_events_start(uv_loop_t *loop, const char *socket_path,
        lun_camera_scene_changed *changed, void *data, struct lun_camera_events **out_events,
        struct lun_error *err)
{
	struct lun_control_client *client = NULL;
	enum lun_result rc = lun_control_connect(socket_path, &client, err);
	if (rc != LUN_OK)
		return rc;
	rc = lun_control_send(
	        client, json_pack("{s:s, s:[s, s]}", "do", "watch", "events", "error", "scene"), err);
	if (rc == LUN_OK)
		rc = lun_control_send(client, json_pack("{s:s}", "do", "status"), err);
	if (rc != LUN_OK) {
		lun_control_disconnect(client);
		return rc;
	}
	struct lun_camera_events *events = lun_alloc(sizeof *events);
	*events = (struct lun_camera_events){.client = client, .changed = changed, .data = data};
	int error = uv_poll_init(loop, &events->poll, lun_control_client_fd(client));
	if (error) {
		lun_control_disconnect(client);
		free(events);
		return lun_fail(err, LUN_IO, "cannot listen to the camera: %s", uv_strerror(error));
	}
	events->poll.data = events;
	(void)uv_poll_start(&events->poll, UV_READABLE, on_readable);
	*out_events = events;
	return LUN_OK;
}

void lun_camera_events_stop(struct lun_camera_events *events)
{
	if (events && !uv_is_closing((uv_handle_t *)&events->poll))
		uv_close((uv_handle_t *)&events->poll, on_closed);
}
