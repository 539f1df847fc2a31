// Finds scenes on disk: by name in the container, by path where they lie. It reads names only;
// what a scene says is the renderer's business.
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extension/camera/container.h"
#include "extension/camera/path_set.h"
#include "extension/camera/scene_name.h"

void lun_scene_ref_finish(struct lun_scene_ref *ref)
{
	free(ref->name);
	free(ref->root);
	free(ref->file);
	memset(ref, 0, sizeof *ref);
}

static bool is_file(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static bool is_folder(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_folder_scene(const char *folder)
{
	char *file = lun_format_string("%s/scene.lua", folder);
	bool is = is_folder(folder) && is_file(file);
	free(file);
	return is;
}

static bool ends_with_lua(const char *name)
{
	size_t length = strlen(name);
	return length > 4 && strcmp(name + length - 4, ".lua") == 0;
}

// The name of the scene that an entry of the scenes folder is. The caller frees it; NULL: none.
static char *scene_of_entry(const char *folder, const char *entry)
{
	if (!lun_scene_name_is_valid(entry))
		return NULL;
	char *path = lun_format_string("%s/%s", folder, entry);
	char *name = NULL;
	if (is_folder_scene(path))
		name = lun_strdup(entry);
	else if (ends_with_lua(entry) && is_file(path))
		name = strndup(entry, strlen(entry) - 4);
	free(path);
	return name;
}

static void list_scenes(const struct lun_container *container, struct lun_path_set *names)
{
	bool is_new;
	char *folder = lun_container_path(container, "scenes");
	DIR *stream = opendir(folder);
	const struct dirent *entry;
	while (stream && (entry = readdir(stream))) {
		char *name = scene_of_entry(folder, entry->d_name);
		if (name)
			(void)lun_path_set_add(names, name, &is_new);
		free(name);
	}
	if (stream)
		(void)closedir(stream);
	free(folder);
}

json_t *lun_container_scenes(const struct lun_container *container)
{
	struct lun_path_set names = {0};
	list_scenes(container, &names);
	json_t *list = json_array();
	lun_assert(list);
	for (size_t i = 0; i < names.count; i++)
		(void)json_array_append_new(list, json_string(names.entries[i].text));
	lun_path_set_finish(&names);
	return list;
}

static enum lun_result fail_unknown(
        const struct lun_container *container, const char *name, struct lun_error *err)
{
	struct lun_path_set names = {0};
	char text[512] = "";
	list_scenes(container, &names);
	for (size_t i = 0; i < names.count; i++) {
		size_t used = strlen(text);
		bool has_room = used + strlen(names.entries[i].text) + 8 < sizeof text;
		(void)snprintf(text + used, sizeof text - used, "%s%s", i ? ", " : "",
		        has_room ? names.entries[i].text : "...");
		if (!has_room)
			break;
	}
	bool has_none = names.count == 0;
	lun_path_set_finish(&names);
	if (has_none)
		return lun_fail(err, LUN_NOT_FOUND,
		        "there is no scene %.200s, nor any other in %.400s/scenes", name,
		        lun_container_dir(container));
	return lun_fail(err, LUN_NOT_FOUND, "there is no scene %.200s; there are: %s", name, text);
}

enum lun_result lun_container_find(const struct lun_container *container, const char *name,
        struct lun_scene_ref *out_ref, struct lun_error *err)
{
	if (!lun_scene_name_is_valid(name))
		return fail_unknown(container, name, err);
	char *scenes = lun_container_path(container, "scenes");
	char *folder = lun_format_string("%s/%s", scenes, name);
	char *file = lun_format_string("%s/%s.lua", scenes, name);
	enum lun_result rc = LUN_OK;
	// The folder comes first where both are there.
	if (is_folder_scene(folder))
		*out_ref = (struct lun_scene_ref){.name = lun_strdup(name),
		        .root = lun_strdup(folder),
		        .file = lun_strdup("scene.lua")};
	else if (is_file(file))
		*out_ref = (struct lun_scene_ref){.name = lun_strdup(name),
		        .root = lun_strdup(scenes),
		        .file = lun_format_string("%s.lua", name)};
	else
		rc = fail_unknown(container, name, err);
	free(file);
	free(folder);
	free(scenes);
	return rc;
}

// Drop what says nothing, in place: "//", "/./" and slashes at the end.
static void tidy(char *absolute)
{
	char *to = absolute;
	for (const char *at = absolute; *at;) {
		at += strspn(at, "/");
		size_t length = strcspn(at, "/");
		bool is_saying = length && !(length == 1 && at[0] == '.');
		if (is_saying) {
			*to++ = '/';
			memmove(to, at, length);
			to += length;
		}
		at += length;
	}
	*to = 0;
}

// Absolute and tidy; "" is the root folder. Links stay what they are, so that one that is set anew
// is noticed, unless the path ends in ".." or ".", which is no name. The caller frees it; NULL and
// errno.
static char *absolute_path(const char *path)
{
	char here[PATH_MAX];
	size_t length = strlen(path);
	while (length && path[length - 1] == '/')
		length--;
	bool has_no_name = length == 0 || path[length - 1] == '.';
	char *absolute;
	if (has_no_name)
		absolute = realpath(path, NULL);
	else if (path[0] == '/')
		absolute = lun_strdup(path);
	else
		absolute = getcwd(here, sizeof here) ? lun_format_string("%s/%s", here, path) : NULL;
	if (absolute)
		tidy(absolute);
	return absolute;
}

// Cut the last component off. @return it, in the same memory
static char *split_last(char *path)
{
	char *slash = strrchr(path, '/');
	*slash = 0;
	return slash + 1;
}

static struct lun_scene_ref ref_of_folder(const char *folder)
{
	const char *slash = strrchr(folder, '/');
	return (struct lun_scene_ref){.name = lun_scene_name_from(slash ? slash + 1 : folder),
	        .root = lun_strdup(folder[0] ? folder : "/"),
	        .file = lun_strdup("scene.lua")};
}

// Takes the path of a .lua file apart.
static struct lun_scene_ref ref_of_file(char *path)
{
	char *file = split_last(path);
	if (strcmp(file, "scene.lua") == 0)
		return ref_of_folder(path);
	char *stem = strndup(file, strlen(file) - 4);
	lun_assert(stem);
	struct lun_scene_ref ref = {.name = lun_scene_name_from(stem),
	        .root = lun_strdup(path[0] ? path : "/"),
	        .file = lun_strdup(file)};
	free(stem);
	return ref;
}

enum lun_result lun_scene_ref_from_path(
        const char *path, struct lun_scene_ref *out_ref, struct lun_error *err)
{
	struct stat info;
	if (stat(path, &info) < 0)
		return lun_fail(err, LUN_NOT_FOUND, "cannot find %.700s: %s", path, strerror(errno));
	char *absolute = absolute_path(path);
	if (!absolute)
		return lun_fail(err, LUN_NOT_FOUND, "cannot find %.700s: %s", path, strerror(errno));
	enum lun_result rc = LUN_OK;
	if (is_folder_scene(absolute))
		*out_ref = ref_of_folder(absolute);
	else if (S_ISDIR(info.st_mode))
		rc = lun_fail(err, LUN_NOT_FOUND, "no scene.lua in that folder: %.800s", path);
	else if (S_ISREG(info.st_mode) && ends_with_lua(strrchr(absolute, '/') + 1))
		*out_ref = ref_of_file(absolute);
	else
		rc = lun_fail(err, LUN_NOT_FOUND,
		        "%.700s is no scene: a scene is a folder with scene.lua, or a file whose name ends "
		        "in .lua",
		        path);
	free(absolute);
	return rc;
}

bool lun_scene_is_path(const char *text)
{
	return strchr(text, '/') || (text[0] && access(text, F_OK) == 0);
}
