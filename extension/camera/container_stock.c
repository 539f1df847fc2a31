// The stock scenes: where they lie, and how they come into a container, each once. Nothing that a
// user has is ever touched.
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uv.h>

#include "extension/camera/atomic_file.h"
#include "extension/camera/container.h"
#include "extension/camera/copy_tree.h"
#include "extension/camera/path_set.h"
#include "extension/camera/scene_name.h"

enum { MAX_LIST_BYTES = 1 << 20, MAX_LEVELS_UP = 8 };

static bool is_folder(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// Takes path. @return it when it is a folder, else NULL
static char *keep_folder(char *path)
{
	if (is_folder(path))
		return path;
	free(path);
	return NULL;
}

char *lun_stock_scenes_dir(void)
{
	const char *chosen = getenv("LUNETTE_STOCK");
	if (chosen && chosen[0])
		return keep_folder(lun_strdup(chosen));
	char folder[PATH_MAX];
	size_t size = sizeof folder;
	if (uv_exepath(folder, &size) < 0)
		return NULL;
	char *slash = strrchr(folder, '/');
	if (slash)
		*slash = 0;
	char *found = keep_folder(lun_format_string("%s/../share/lunette/scenes", folder));
	// A build folder lies somewhere in its checkout.
	for (int i = 0; !found && slash && i < MAX_LEVELS_UP; i++) {
		found = keep_folder(lun_format_string("%s/scripts/scenes", folder));
		slash = strrchr(folder, '/');
		if (slash)
			*slash = 0;
	}
	return found;
}

// What was copied before, a name a line.
static enum lun_result read_list(
        const char *path, struct lun_path_set *names, struct lun_error *err)
{
	char *text, *rest = NULL;
	size_t size;
	bool is_new;
	enum lun_result rc = lun_file_read(path, MAX_LIST_BYTES, &text, &size, err);
	if (rc == LUN_NOT_FOUND)
		return LUN_OK;
	if (rc != LUN_OK)
		return rc;
	for (char *name = strtok_r(text, "\r\n", &rest); name; name = strtok_r(NULL, "\r\n", &rest))
		(void)lun_path_set_add(names, name, &is_new);
	free(text);
	return LUN_OK;
}

static enum lun_result write_list(
        const char *path, const struct lun_path_set *names, struct lun_error *err)
{
	size_t size = 1;
	for (size_t i = 0; i < names->count; i++)
		size += strlen(names->entries[i].text) + 1;
	char *text = lun_alloc(size);
	char *to = text;
	for (size_t i = 0; i < names->count; i++)
		to += sprintf(to, "%s\n", names->entries[i].text);
	enum lun_result rc = lun_file_replace(path, text, size - 1, err);
	free(text);
	return rc;
}

static bool exists(const char *folder, const char *name, const char *ending)
{
	struct stat info;
	char *path = lun_format_string("%s/%s%s", folder, name, ending);
	bool is_there = lstat(path, &info) == 0;
	free(path);
	return is_there;
}

// Copy one scene beside its place, under a hidden name, and then put it there.
static enum lun_result copy_scene(
        const char *stock_dir, const char *scenes, const char *name, struct lun_error *err)
{
	char *from = lun_format_string("%s/%s", stock_dir, name);
	char *to = lun_format_string("%s/%s", scenes, name);
	char *temporary = lun_format_string("%s/.%s.XXXXXX", scenes, name);
	enum lun_result rc;
	if (!mkdtemp(temporary)) {
		rc = lun_fail(err, LUN_IO, "cannot write to %.700s: %s", scenes, strerror(errno));
		goto done;
	}
	rc = lun_tree_copy(from, temporary, err);
	if (rc == LUN_OK && rename(temporary, to) < 0)
		rc = lun_fail(err, LUN_IO, "cannot write %.700s: %s", to, strerror(errno));
	if (rc != LUN_OK)
		lun_tree_remove(temporary);
done:
	free(temporary);
	free(to);
	free(from);
	return rc;
}

static enum lun_result copy_missing(DIR *stock, const char *stock_dir, const char *scenes,
        struct lun_path_set *copied, struct lun_error *err)
{
	enum lun_result rc = LUN_OK;
	const struct dirent *entry;
	while (rc == LUN_OK && (entry = readdir(stock))) {
		const char *name = entry->d_name;
		bool is_new;
		if (!lun_scene_name_is_valid(name) || !exists(stock_dir, name, "/scene.lua"))
			continue;
		if (lun_path_set_find(copied, name) || exists(scenes, name, "") ||
		        exists(scenes, name, ".lua"))
			continue;
		rc = copy_scene(stock_dir, scenes, name, err);
		if (rc == LUN_OK)
			(void)lun_path_set_add(copied, name, &is_new);
	}
	return rc;
}

enum lun_result lun_container_add_stock(
        struct lun_container *container, const char *stock_dir, struct lun_error *err)
{
	DIR *stock = opendir(stock_dir);
	if (!stock)
		return lun_fail(err, LUN_NOT_FOUND, "cannot find the stock scenes in %.700s: %s", stock_dir,
		        strerror(errno));
	struct lun_path_set copied = {0};
	char *list = lun_container_path(container, ".stock");
	char *scenes = lun_container_path(container, "scenes");
	enum lun_result rc = read_list(list, &copied, err);
	size_t count_before = copied.count;
	if (rc == LUN_OK)
		rc = copy_missing(stock, stock_dir, scenes, &copied, err);
	// Also after a failure: what was copied was copied. The first failure is the one to tell.
	if (copied.count > count_before) {
		enum lun_result written = write_list(list, &copied, rc == LUN_OK ? err : NULL);
		rc = rc == LUN_OK ? written : rc;
	}
	free(scenes);
	free(list);
	lun_path_set_finish(&copied);
	(void)closedir(stock);
	return rc;
}
