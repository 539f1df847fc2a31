// Which scene is on air: choosing it, loading it beside the one that runs, reloading it when its
// files change, its parameters. The loop that shows it goes on whatever happens here.
#include <stdlib.h>
#include <string.h>

#include "extension/camera/camera.h"
#include "lunette/params.h"

#define QUIET_MS 10

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
	lun_control_publish(camera->control, "error", json_pack("{s:s}", "event", "ok"));
}

static void watch_root(struct lun_camera *camera);

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
	camera->counts.has_error = false;
	if (is_same)
		camera->counts.reloads++;
	else
		watch_root(camera);
	lun_journal_write(
	        camera->journal, LUN_LOG_INFO, is_same ? "reloaded" : "on_air", airing->ref.name, NULL);
	publish_scene(camera);
	if (load->request)
		lun_control_answer(load->request, NULL, -1);
	destroy_load(load);
	finish_first_load(camera, NULL);
}

void lun_airing_tell_error(struct lun_camera *camera, const struct lun_error *err)
{
	lun_counts_add_error(&camera->counts, err);
	json_t *object = lun_error_to_json(err);
	lun_journal_write(camera->journal, LUN_LOG_ERROR, "error", err->message,
	        json_pack("{s:O}", "error", object));
	lun_control_publish(
	        camera->control, "error", json_pack("{s:s, s:o}", "event", "error", "error", object));
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
	if (!is_superseded(camera, load) && !load->request)
		lun_airing_tell_error(camera, why);
	if (load->request)
		lun_control_refuse(load->request, why);
	if (!camera->airing.ref.name) { // it is the one that its author will mend
		take_ref(&camera->airing.ref, &load->ref);
		watch_root(camera);
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
	if (lun_container_find(camera->container, name, &ref, &err) != LUN_OK ||
	        lun_container_set_active(camera->container, name, &err) != LUN_OK) {
		lun_control_refuse(request, &err);
		return;
	}
	start_load(camera, &ref, true, request);
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
		destroy_load(load);
	}
}

/* Parameters. */

static enum lun_result merge_values(const json_t *declarations, const json_t *given, bool is_text,
        json_t *merged, struct lun_error *err)
{
	const char *name;
	json_t *entry;
	json_object_foreach((json_t *)given, name, entry)
	{
		const json_t *declaration = lun_param_find(declarations, name);
		json_t *value = NULL;
		if (!declaration)
			return lun_fail(err, LUN_NOT_FOUND, "the scene has no parameter %s", name);
		if (is_text && !json_is_string(entry))
			return lun_fail(err, LUN_INVALID, "parameter %s: its text is no text", name);
		enum lun_result rc =
		        is_text ? lun_param_parse(declaration, json_string_value(entry), &value, err)
		                : lun_param_check(declaration, entry, &value, err);
		if (rc != LUN_OK)
			return rc;
		(void)json_object_set_new(merged, name, value);
	}
	return LUN_OK;
}

// What is on air now, by the declarations' own "value".
static json_t *current_values(const json_t *declarations)
{
	json_t *values = json_object();
	size_t i;
	json_t *declaration;
	json_array_foreach(declarations, i, declaration)
	{
		const char *name = json_string_value(json_object_get(declaration, "name"));
		json_t *value = json_object_get(declaration, "value");
		if (name && value)
			(void)json_object_set(values, name, value);
	}
	return values;
}

static void note_values(json_t *declarations, json_t *values)
{
	size_t i;
	json_t *declaration;
	json_array_foreach(declarations, i, declaration)
	{
		const char *name = json_string_value(json_object_get(declaration, "name"));
		json_t *value = name ? json_object_get(values, name) : NULL;
		if (value)
			(void)json_object_set(declaration, "value", value);
	}
}

enum lun_result lun_airing_set(
        struct lun_camera *camera, const json_t *values, const json_t *texts, struct lun_error *err)
{
	struct lun_airing *airing = &camera->airing;
	json_t *declarations = json_object_get(airing->info, "params");
	if (!declarations)
		return lun_fail(err, LUN_NOT_FOUND, "no scene is on air");
	json_t *changed = json_object();
	enum lun_result rc = merge_values(declarations, values, false, changed, err);
	if (rc == LUN_OK)
		rc = merge_values(declarations, texts, true, changed, err);
	if (rc == LUN_OK) {
		json_t *stored = lun_container_values(camera->container, airing->ref.name);
		(void)json_object_update(stored, changed);
		rc = lun_container_set_values(camera->container, airing->ref.name, stored, err);
		json_decref(stored);
	}
	if (rc == LUN_OK) {
		json_t *all = current_values(declarations);
		(void)json_object_update(all, changed);
		note_values(declarations, all);
		if (camera->renderer)
			lun_renderer_set_values(camera->renderer, all);
		json_decref(all);
		lun_control_publish(camera->control, "params", json_pack("{s:s}", "event", "params"));
	}
	json_decref(changed);
	return rc;
}

/* Watching. */

static bool is_feed_file(const struct lun_airing *airing, const char *path)
{
	size_t i;
	json_t *feed;
	json_array_foreach(json_object_get(airing->info, "feeds"), i, feed)
	{
		const char *name = json_string_value(feed);
		if (name && strcmp(name, path) == 0)
			return true;
	}
	return false;
}

// Files of the scene on air changed: feeds are read again, anything else is a new version.
static void take_changes(struct lun_camera *camera, const char *const *paths, size_t count)
{
	struct lun_airing *airing = &camera->airing;
	size_t feeds = 0;
	for (size_t i = 0; i < count; i++)
		feeds += is_feed_file(airing, paths[i]);
	if (feeds > 0 && camera->renderer)
		lun_renderer_set_feed(camera->renderer, "", NULL, 0);
	if (feeds < count || count == 0)
		lun_airing_reload(camera, NULL);
}

static void on_root_changed(void *data, const char *const *paths, size_t count)
{
	take_changes(data, paths, count);
}

// The path below the scene's folder, of a path below scenes/; NULL when it is another scene's.
static const char *within_scene(const struct lun_scene_ref *ref, const char *path)
{
	if (strcmp(ref->file, "scene.lua") != 0)
		return strcmp(path, ref->file) == 0 ? path : NULL;
	size_t length = strlen(ref->name);
	if (strncmp(path, ref->name, length) != 0 || path[length] != '/')
		return NULL;
	return path + length + 1;
}

static void on_scenes_changed(void *data, const char *const *paths, size_t count)
{
	struct lun_camera *camera = data;
	const struct lun_scene_ref *ref = &camera->airing.ref;
	lun_control_publish(camera->control, "scene",
	        json_pack("{s:s, s:s*}", "event", "scene", "scene", ref->name));
	if (camera->airing.root_watch || !ref->name)
		return; // the scene on air lies elsewhere
	const char **own = lun_alloc((count + 1) * sizeof *own);
	size_t own_count = 0;
	for (size_t i = 0; i < count; i++) {
		const char *path = within_scene(ref, paths[i]);
		if (path)
			own[own_count++] = path;
	}
	if (own_count > 0 || count == 0)
		take_changes(camera, own, own_count);
	free(own);
}

static void on_feeds_changed(void *data, const char *const *paths, size_t count)
{
	struct lun_camera *camera = data;
	const char *scene = camera->airing.ref.name;
	(void)paths;
	(void)count;
	if (!scene || !camera->renderer)
		return;
	json_t *feeds = lun_container_feeds(camera->container, scene);
	const char *name;
	json_t *feed;
	json_object_foreach(feeds, name, feed)
	{
		lun_renderer_set_feed(camera->renderer, name, json_object_get(feed, "value"),
		        json_number_value(json_object_get(feed, "updated")));
	}
	json_decref(feeds);
}

static struct lun_watch *watch(
        struct lun_camera *camera, const char *dir, lun_watch_changed *changed)
{
	struct lun_error err;
	struct lun_watch *made = NULL;
	if (lun_watch_create(camera->loop, dir, QUIET_MS, changed, camera, &made, &err) != LUN_OK)
		lun_log(LUN_LOG_WARN, "%s: changes are not seen: %s", dir, err.message);
	return made;
}

static bool is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);
	return strncmp(path, dir, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

// A scene of the container is watched with all scenes; one from elsewhere by itself.
static void watch_root(struct lun_camera *camera)
{
	struct lun_airing *airing = &camera->airing;
	lun_watch_destroy(airing->root_watch);
	airing->root_watch = NULL;
	char *scenes = lun_container_path(camera->container, "scenes");
	if (airing->ref.root && !is_below(airing->ref.root, scenes))
		airing->root_watch = watch(camera, airing->ref.root, on_root_changed);
	free(scenes);
}

/* Starting and ending. */

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
	struct lun_airing *airing = &camera->airing;
	struct lun_scene_ref ref;
	enum lun_result rc = find_first(camera, &ref, err);
	if (rc != LUN_OK && camera->options->scene)
		return rc;
	char *scenes = lun_container_path(camera->container, "scenes");
	char *feeds = lun_container_path(camera->container, "feeds");
	airing->scenes_watch = watch(camera, scenes, on_scenes_changed);
	airing->feeds_watch = watch(camera, feeds, on_feeds_changed);
	free(feeds);
	free(scenes);
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
	lun_watch_destroy(airing->scenes_watch);
	lun_watch_destroy(airing->root_watch);
	lun_watch_destroy(airing->feeds_watch);
	lun_scene_ref_finish(&airing->ref);
	json_decref(airing->info);
	*airing = (struct lun_airing){0};
}
