// Watching the files of the scene on air and of the container: what a change of which file means.
#include <stdlib.h>
#include <string.h>

#include "extension/camera/camera.h"

#define QUIET_MS 10

static bool is_listed(const struct lun_airing *airing, const char *list, const char *path)
{
	size_t i;
	json_t *entry;
	json_array_foreach(json_object_get(airing->info, list), i, entry)
	{
		const char *name = json_string_value(entry);
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
		feeds += is_listed(airing, "feeds", paths[i]);
	if (feeds > 0 && camera->renderer)
		lun_renderer_set_feed(camera->renderer, NULL, NULL);
	if (feeds < count || count == 0)
		lun_airing_reload(camera, NULL);
}

static bool is_folder_scene(const struct lun_scene_ref *ref)
{
	return strcmp(ref->file, "scene.lua") == 0;
}

// A scene that is one file shares its folder with who knows what: its own files are itself and
// what it opened.
static bool is_own_file(const struct lun_airing *airing, const char *path)
{
	return strcmp(airing->ref.file, path) == 0 || is_listed(airing, "files", path);
}

// The path as the scene on air names it, of a path below its root or (prefix) below scenes/; NULL
// when it is none of its files.
static const char *within_scene(const struct lun_airing *airing, const char *path, bool has_prefix)
{
	if (!is_folder_scene(&airing->ref))
		return is_own_file(airing, path) ? path : NULL;
	if (!has_prefix)
		return path;
	size_t length = strlen(airing->ref.name);
	bool is_inside = strncmp(path, airing->ref.name, length) == 0 && path[length] == '/';
	return is_inside ? path + length + 1 : NULL;
}

static void take_own_changes(
        struct lun_camera *camera, const char *const *paths, size_t count, bool has_prefix)
{
	const char **own = lun_alloc((count + 1) * sizeof *own);
	size_t own_count = 0;
	for (size_t i = 0; i < count; i++) {
		const char *path = within_scene(&camera->airing, paths[i], has_prefix);
		if (path)
			own[own_count++] = path;
	}
	if (own_count > 0 || count == 0)
		take_changes(camera, own, own_count);
	free(own);
}

static void on_root_changed(void *data, const char *const *paths, size_t count)
{
	take_own_changes(data, paths, count, false);
}

static void on_scenes_changed(void *data, const char *const *paths, size_t count)
{
	struct lun_camera *camera = data;
	const struct lun_scene_ref *ref = &camera->airing.ref;
	lun_control_publish(camera->control, "scene",
	        json_pack("{s:s, s:s*}", "event", "scene", "scene", ref->name));
	if (!camera->airing.root_watch && ref->name) // else the scene on air lies elsewhere
		take_own_changes(camera, paths, count, true);
}

// The feed that SCENE/FEED.json or .txt is of. @return the caller frees it; NULL: not this scene's
static char *feed_of(const char *path, const char *scene)
{
	size_t length = strlen(scene);
	if (strncmp(path, scene, length) != 0 || path[length] != '/')
		return NULL;
	char *name = lun_strdup(path + length + 1);
	char *dot = strrchr(name, '.');
	if (dot)
		*dot = '\0';
	return name;
}

static void on_feeds_changed(void *data, const char *const *paths, size_t count)
{
	struct lun_camera *camera = data;
	const char *scene = camera->airing.ref.name, *name;
	json_t *news;
	if (!scene || !camera->renderer)
		return;
	json_t *feeds = lun_container_feeds(camera->container, scene);
	json_object_foreach(feeds, name, news)
	{
		lun_renderer_set_feed(camera->renderer, name, news);
	}
	for (size_t i = 0; i < count; i++) {
		char *gone = feed_of(paths[i], scene);
		if (gone && !json_object_get(feeds, gone))
			lun_renderer_set_feed(camera->renderer, gone, NULL);
		free(gone);
	}
	json_decref(feeds);
}

// Somebody wrote params/SCENE.json by hand: what is valid in it goes on air.
static void on_params_changed(void *data, const char *const *paths, size_t count)
{
	(void)paths;
	(void)count;
	lun_airing_read_values(data);
}

// Somebody wrote the file `active` by hand.
static void on_container_changed(void *data, const char *const *paths, size_t count)
{
	struct lun_camera *camera = data;
	bool is_active_named = count == 0;
	for (size_t i = 0; i < count; i++)
		is_active_named = is_active_named || strcmp(paths[i], "active") == 0;
	if (is_active_named && !camera->options->scene)
		lun_airing_follow_active(camera);
}

static struct lun_watch *watch(
        struct lun_camera *camera, const char *dir, bool is_deep, lun_watch_changed *changed)
{
	struct lun_error err;
	struct lun_watch *made = NULL;
	if (lun_watch_create(camera->loop, dir, is_deep, QUIET_MS, changed, camera, &made, &err) !=
	        LUN_OK)
		lun_log(LUN_LOG_WARN, "%s: changes are not seen: %s", dir, err.message);
	return made;
}

static bool is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);
	return strncmp(path, dir, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

// A scene of the container is watched with all scenes; one from elsewhere by itself.
void lun_airing_watch_root(struct lun_camera *camera)
{
	struct lun_airing *airing = &camera->airing;
	lun_watch_destroy(airing->root_watch);
	airing->root_watch = NULL;
	char *scenes = lun_container_path(camera->container, "scenes");
	if (airing->ref.root && !is_below(airing->ref.root, scenes))
		airing->root_watch =
		        watch(camera, airing->ref.root, is_folder_scene(&airing->ref), on_root_changed);
	free(scenes);
}

void lun_airing_watch_start(struct lun_camera *camera)
{
	struct lun_airing *airing = &camera->airing;
	char *scenes = lun_container_path(camera->container, "scenes");
	char *feeds = lun_container_path(camera->container, "feeds");
	char *params = lun_container_path(camera->container, "params");
	airing->scenes_watch = watch(camera, scenes, true, on_scenes_changed);
	airing->feeds_watch = watch(camera, feeds, true, on_feeds_changed);
	airing->params_watch = watch(camera, params, false, on_params_changed);
	airing->container_watch =
	        watch(camera, lun_container_dir(camera->container), false, on_container_changed);
	free(params);
	free(feeds);
	free(scenes);
}

void lun_airing_watch_stop(struct lun_camera *camera)
{
	const struct lun_airing *airing = &camera->airing;
	lun_watch_destroy(airing->scenes_watch);
	lun_watch_destroy(airing->root_watch);
	lun_watch_destroy(airing->feeds_watch);
	lun_watch_destroy(airing->params_watch);
	lun_watch_destroy(airing->container_watch);
}
