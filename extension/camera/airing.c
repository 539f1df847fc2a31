// Which scene is on air: choosing it, loading it beside the one that runs, reloading it when its
// files change, its parameters. The loop that shows it goes on whatever happens here.
#include <stdlib.h>
#include <string.h>

#include "extension/camera/camera.h"

static void take_ref(struct lun_scene_ref *to, struct lun_scene_ref *from)
{
	lun_scene_ref_finish(to);
	*to = *from;
	*from = (struct lun_scene_ref){0};
}

static struct lun_scene_ref copy_ref(const struct lun_scene_ref *ref)
{
	return (struct lun_scene_ref){
	        lun_strdup(ref->name), lun_strdup(ref->root), lun_strdup(ref->file)};
}

/* Loading. */

static json_t *make_request(
        struct lun_camera *camera, const struct lun_scene_ref *ref, bool keep_state)
{
	double epoch_s = lun_camera_epoch_s(lun_now_ns());
	return json_pack("{s:s, s:s, s:s, s:o, s:O, s:o, s:I, s:f, s:s, s:I, s:b}", "path", ref->file,
	        "name", ref->name, "root", ref->root, "values",
	        lun_container_values(camera->container, ref->name), "texts", camera->options->texts,
	        "feeds", lun_container_feeds(camera->container, ref->name), "number",
	        (json_int_t)camera->pacer.next, "epoch", epoch_s, "zone", "", "seed", (json_int_t)0,
	        "keep_state", keep_state);
}

// Takes ref. Without a renderer the scene is loaded once there is one again.
static void start_load(struct lun_camera *camera, struct lun_scene_ref *ref, bool is_switch,
        struct lun_control_request *request)
{
	struct lun_pending_load *load = lun_alloc(sizeof *load);
	load->is_switch = is_switch;
	load->changes = camera->airing.changes;
	load->request = request;
	take_ref(&load->ref, ref);
	if (camera->renderer) {
		json_t *wanted = make_request(camera, &load->ref, !is_switch);
		load->id = lun_renderer_load(camera->renderer, wanted);
		json_decref(wanted);
	}
	load->next = camera->airing.pending;
	camera->airing.pending = load;
}

static struct lun_pending_load *take_pending(struct lun_camera *camera, uint64_t id)
{
	struct lun_pending_load **link = &camera->airing.pending;
	while (*link && (*link)->id != id)
		link = &(*link)->next;
	struct lun_pending_load *load = *link;
	if (load)
		*link = load->next;
	return load;
}

static void destroy_load(struct lun_pending_load *load)
{
	lun_scene_ref_finish(&load->ref);
	free(load);
}

static void finish_first_load(struct lun_camera *camera, const struct lun_error *err)
{
	void (*told)(struct lun_camera *, const struct lun_error *) = camera->first_load;
	camera->first_load = NULL;
	if (told)
		told(camera, err);
}

static void publish_scene(struct lun_camera *camera)
{
	lun_control_publish(camera->control, "scene",
	        json_pack("{s:s, s:s}", "event", "scene", "scene", camera->airing.ref.name));
	lun_control_publish(camera->control, "params", json_pack("{s:s}", "event", "params"));
	if (camera->counts.has_error)
		lun_control_publish(camera->control, "error", json_pack("{s:s}", "event", "ok"));
	camera->counts.has_error = false;
}

// A scene may wish for a format; who watches has been promised another.
static void follow_wishes(struct lun_camera *camera)
{
	struct lun_error err;
	struct lun_format format;
	const json_t *output = json_object_get(camera->airing.info, "output");
	if (camera->is_running)
		return;
	if (lun_format_wish_settle(&camera->options->wish, output, &format, &err) != LUN_OK ||
	        lun_camera_set_format(camera, &format, &err) != LUN_OK)
		lun_airing_tell_error(camera, &err);
}

// What was chosen is what the next camera begins with, but not before it works.
static void keep_active(struct lun_camera *camera)
{
	struct lun_error err;
	if (lun_container_set_active(camera->container, camera->airing.ref.name, &err) != LUN_OK)
		lun_log(LUN_LOG_WARN, "%s", err.message);
}

void lun_airing_loaded(struct lun_camera *camera, uint64_t load_id, json_t *info)
{
	struct lun_airing *airing = &camera->airing;
	struct lun_pending_load *load = take_pending(camera, load_id);
	if (!load)
		return;
	bool is_same = airing->ref.root && strcmp(airing->ref.root, load->ref.root) == 0 &&
	               strcmp(airing->ref.file, load->ref.file) == 0;
	take_ref(&airing->ref, &load->ref);
	json_decref(airing->info);
	airing->info = json_incref(info);
	airing->is_stopped = false;
	if (is_same)
		camera->counts.reloads++;
	else
		lun_airing_watch_root(camera);
	lun_journal_write(
	        camera->journal, LUN_LOG_INFO, is_same ? "reloaded" : "on_air", airing->ref.name, NULL);
	follow_wishes(camera);
	if (load->is_switch && load->request)
		keep_active(camera);
	if (load->changes != airing->changes)
		lun_airing_read_values(camera);
	lun_camera_has_scene(camera);
	publish_scene(camera);
	if (load->request)
		lun_control_answer(load->request, NULL, -1);
	destroy_load(load);
	finish_first_load(camera, NULL);
}

static void log_error(struct lun_camera *camera, const struct lun_error *err)
{
	lun_journal_write(camera->journal, LUN_LOG_ERROR, "error", err->message,
	        json_pack("{s:o}", "error", lun_error_to_json(err)));
}

void lun_airing_tell_error(struct lun_camera *camera, const struct lun_error *err)
{
	lun_counts_add_error(&camera->counts, err);
	log_error(camera, err);
	lun_control_publish(camera->control, "error",
	        json_pack("{s:s, s:o}", "event", "error", "error", lun_error_to_json(err)));
}

// Versions that a newer one overtook are not failures.
static bool is_superseded(const struct lun_camera *camera, const struct lun_pending_load *load)
{
	for (const struct lun_pending_load *at = camera->airing.pending; at; at = at->next) {
		if (at->id > load->id)
			return true;
	}
	return false;
}

void lun_airing_failed(struct lun_camera *camera, uint64_t load_id, const struct lun_error *why)
{
	struct lun_pending_load *load = take_pending(camera, load_id);
	if (!load)
		return;
	if (load->request && load->is_switch) // an error of a scene that is not on air
		log_error(camera, why);
	else if (!is_superseded(camera, load))
		lun_airing_tell_error(camera, why);
	if (load->request)
		lun_control_refuse(load->request, why);
	if (!camera->airing.ref.name) { // it is the one that its author will mend
		take_ref(&camera->airing.ref, &load->ref);
		lun_airing_watch_root(camera);
	}
	destroy_load(load);
	finish_first_load(camera, why);
}

void lun_airing_reload(struct lun_camera *camera, struct lun_control_request *request)
{
	struct lun_scene_ref ref = copy_ref(&camera->airing.ref);
	start_load(camera, &ref, false, request);
}

void lun_airing_use(
        struct lun_camera *camera, const char *name, struct lun_control_request *request)
{
	struct lun_error err;
	struct lun_scene_ref ref;
	if (lun_container_find(camera->container, name, &ref, &err) == LUN_OK)
		start_load(camera, &ref, true, request);
	else
		lun_control_refuse(request, &err);
}

void lun_airing_renew(struct lun_camera *camera)
{
	if (camera->airing.ref.name)
		lun_airing_reload(camera, NULL);
}

void lun_airing_abandon(struct lun_camera *camera, const char *why)
{
	struct lun_error err;
	(void)lun_fail(&err, LUN_IO, "the renderer ended while it loaded: %s", why);
	while (camera->airing.pending) {
		struct lun_pending_load *load = camera->airing.pending;
		camera->airing.pending = load->next;
		if (load->request)
			lun_control_refuse(load->request, &err);
		if (!camera->airing.ref.name) // it is loaded again by the next renderer
			take_ref(&camera->airing.ref, &load->ref);
		destroy_load(load);
	}
	finish_first_load(camera, &err);
}

/* Starting and ending. */

// Is a switch to that scene under way?
static bool is_wanted_already(const struct lun_camera *camera, const char *name)
{
	for (const struct lun_pending_load *at = camera->airing.pending; at; at = at->next) {
		if (strcmp(at->ref.name, name) == 0)
			return true;
	}
	return false;
}

void lun_airing_follow_active(struct lun_camera *camera)
{
	struct lun_scene_ref ref;
	char *active = lun_container_active(camera->container);
	const char *on_air = camera->airing.ref.name;
	if (active && (!on_air || strcmp(active, on_air) != 0) && !is_wanted_already(camera, active) &&
	        lun_container_find(camera->container, active, &ref, NULL) == LUN_OK)
		start_load(camera, &ref, true, NULL);
	free(active);
}

static enum lun_result find_first(
        struct lun_camera *camera, struct lun_scene_ref *out_ref, struct lun_error *err)
{
	if (camera->options->scene)
		return lun_scene_ref_from_path(camera->options->scene, out_ref, err);
	char *active = lun_container_active(camera->container);
	enum lun_result rc = active ? lun_container_find(camera->container, active, out_ref, err)
	                            : lun_fail(err, LUN_NOT_FOUND,
	                                      "no scene is chosen yet; choose one: lunette use NAME");
	free(active);
	return rc;
}

enum lun_result lun_airing_start(struct lun_camera *camera, struct lun_error *err)
{
	struct lun_scene_ref ref;
	enum lun_result rc = find_first(camera, &ref, err);
	if (rc != LUN_OK && camera->options->scene)
		return rc;
	lun_airing_watch_start(camera);
	if (rc == LUN_OK) {
		start_load(camera, &ref, true, NULL);
	} else { // a camera without a scene is still a camera: it waits for one
		lun_airing_tell_error(camera, err);
		finish_first_load(camera, err);
	}
	return LUN_OK;
}

void lun_airing_stop(struct lun_camera *camera)
{
	struct lun_airing *airing = &camera->airing;
	lun_airing_watch_stop(camera);
	lun_scene_ref_finish(&airing->ref);
	json_decref(airing->info);
	*airing = (struct lun_airing){0};
}
