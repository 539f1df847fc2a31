// Finds the running camera through the container's control socket, asks it one thing, and turns
// what went wrong into a sentence and an exit code.
#include "hostapp/cli/camera_link.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension/camera/control_client.h"
#include "hostapp/cli/report.h"

#define MEMBER(member) offsetof(struct lun_link_options, member)
const struct lun_option lun_link_option_table[] = {
        {.name = "container",
                .type = LUN_OPTION_TEXT,
                .offset = MEMBER(container),
                .value = "DIR",
                .help = "the folder the camera runs in (default: $LUNETTE_CONTAINER, else "
                        "~/.local/share/lunette)"},
        {.name = "camera-name",
                .type = LUN_OPTION_TEXT,
                .offset = MEMBER(camera_name),
                .value = "NAME",
                .help = "the camera that is meant, where several run"},
        {.name = "json",
                .type = LUN_OPTION_FLAG,
                .offset = MEMBER(is_json),
                .help = "answer with one JSON object"},
        {0},
};

const struct lun_option_group lun_link_option_groups[] = {{lun_link_option_table, 0}, {0}};

int lun_camera_open_container(const char *what, const struct lun_link_options *options,
        struct lun_container **out_container)
{
	struct lun_error err;
	if (lun_container_open(options->container, out_container, &err) == LUN_OK)
		return LUN_EXIT_FINE;
	return lun_report_failure_as(options->is_json, what, &err);
}

static enum lun_result connect_in(const struct lun_container *container,
        struct lun_control_client **out_client, struct lun_error *err)
{
	char *path = lun_container_path(container, "run/lunette.sock");
	enum lun_result rc = lun_control_connect(path, out_client, err);
	free(path);
	return rc;
}

bool lun_camera_is_running(const struct lun_container *container)
{
	struct lun_control_client *client = NULL;
	struct lun_error unused;
	bool is_running = connect_in(container, &client, &unused) == LUN_OK;
	lun_control_disconnect(client);
	return is_running;
}

// With --camera-name only that camera may answer.
static enum lun_result check_name(
        struct lun_control_client *client, const char *name, struct lun_error *err)
{
	json_t *status = NULL;
	if (!name)
		return LUN_OK;
	enum lun_result rc = lun_control_call(
	        client, json_pack("{s:s}", "do", "status"), LUN_CAMERA_TIMEOUT_MS, &status, NULL, err);
	if (rc != LUN_OK)
		return rc;
	const char *running = json_string_value(json_object_get(status, "camera"));
	if (!running || strcmp(running, name) != 0)
		rc = lun_fail(err, LUN_NOT_FOUND, "no camera called \"%s\" is running here; \"%s\" is",
		        name, running ? running : "?");
	json_decref(status);
	return rc;
}

static int report_no_camera(const char *what, bool is_json, struct lun_error *err)
{
	if (err->code == LUN_NOT_FOUND)
		(void)lun_fail(err, LUN_NOT_FOUND, "no camera is running: start one with `lunette run`");
	return lun_report_failure_as(is_json, what, err);
}

int lun_camera_ask(const char *what, const struct lun_link_options *options, json_t *request,
        json_t **out_reply, int *out_fd)
{
	struct lun_container *container = NULL;
	struct lun_control_client *client = NULL;
	struct lun_error err;
	int code = lun_camera_open_container(what, options, &container);
	if (code != LUN_EXIT_FINE || !request) {
		json_decref(request);
		lun_container_close(container);
		return code != LUN_EXIT_FINE ? code : lun_report(LUN_EXIT_USAGE, what, "wants valid UTF-8");
	}
	if (connect_in(container, &client, &err) != LUN_OK) {
		json_decref(request);
		code = report_no_camera(what, options->is_json, &err);
	} else if (check_name(client, options->camera_name, &err) != LUN_OK) {
		json_decref(request);
		code = lun_report_failure_as(options->is_json, what, &err);
	} else if (lun_control_call(client, request, LUN_CAMERA_TIMEOUT_MS, out_reply, out_fd, &err) !=
	           LUN_OK) {
		code = lun_report_failure_as(options->is_json, what, &err);
	}
	lun_control_disconnect(client);
	lun_container_close(container);
	return code;
}

int lun_camera_tell(const char *what, const struct lun_link_options *options, json_t *request)
{
	json_t *reply = NULL;
	int code = lun_camera_ask(what, options, request, &reply, NULL);
	if (code == LUN_EXIT_FINE && options->is_json)
		code = lun_report_json(json_incref(reply));
	json_decref(reply);
	return code;
}
