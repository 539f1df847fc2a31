// Watching where there is no inotify: libuv's recursive watch (FSEvents on macOS) of the lowest
// folder above the root that is there. So the root may come, go and be replaced.
//
// There is no event for a closed file here: one that is written is told as perhaps incomplete.
#ifndef __linux__
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "extension/camera/watch_tree.h"

struct lun_watch_tree {
	uv_fs_event_t event;
	char *dir; // owned; absolute
	bool is_deep;
	const char *rest; // borrowed from dir: the root, relative to the folder that is watched
	lun_watch_note *note;
	void *data;
};

static void on_event(uv_fs_event_t *event, const char *name, int events, int status);

// Watch the folder that the first length bytes of dir name.
static int watch_above(struct lun_watch_tree *tree, size_t length)
{
	char *folder = length ? strndup(tree->dir, length) : lun_strdup("/");
	lun_assert(folder);
	int status = uv_fs_event_start(&tree->event, on_event, folder, UV_FS_EVENT_RECURSIVE);
	free(folder);
	return status;
}

static int place(struct lun_watch_tree *tree)
{
	int status = UV_ENOENT;
	size_t length = strlen(tree->dir);
	while (length && (status == UV_ENOENT || status == UV_ENOTDIR)) {
		while (length && tree->dir[length - 1] != '/')
			length--;
		length -= length > 0;
		status = watch_above(tree, length);
		tree->rest = tree->dir + length + 1;
	}
	return status;
}

static bool is_ignored(const char *path)
{
	const char *slash;
	for (; (slash = strchr(path, '/')); path = slash + 1) {
		if (lun_watch_is_ignored_folder(path))
			return true;
	}
	return lun_watch_is_ignored_file(path);
}

static void note_path(struct lun_watch_tree *tree, const char *path, int events)
{
	struct stat info;
	if (is_ignored(path) || (!tree->is_deep && strchr(path, '/')))
		return;
	char *absolute = lun_format_string("%s/%s", tree->dir, path);
	bool is_there = lstat(absolute, &info) == 0;
	free(absolute);
	if (!is_there)
		tree->note(tree->data, path, LUN_WATCH_GONE, false);
	else if (!S_ISDIR(info.st_mode))
		tree->note(tree->data, path, events & UV_RENAME ? LUN_WATCH_WRITTEN : LUN_WATCH_WRITING,
		        false);
	else if (events & UV_RENAME)
		tree->note(tree->data, NULL, LUN_WATCH_WRITING, false); // with whatever is in it
}

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
	struct lun_watch_tree *tree = event->data;
	size_t rest_length = strlen(tree->rest);
	if (status == 0 && name && strncmp(name, tree->rest, rest_length) == 0 &&
	        name[rest_length] == '/') {
		note_path(tree, name + rest_length + 1, events);
		return;
	}
	// The root itself, a folder on the way to it, or nobody knows what.
	size_t length = name ? strlen(name) : 0;
	bool is_above = length <= rest_length && (!name || strncmp(name, tree->rest, length) == 0) &&
	                (tree->rest[length] == '/' || !tree->rest[length] || !length);
	if (status == 0 && !(is_above && events & UV_RENAME))
		return;
	(void)uv_fs_event_stop(event);
	(void)place(tree);
	tree->note(tree->data, NULL, LUN_WATCH_WRITING, false);
}

static void free_tree(uv_handle_t *handle)
{
	struct lun_watch_tree *tree = handle->data;
	free(tree->dir);
	free(tree);
}

enum lun_result lun_watch_tree_create(uv_loop_t *loop, const char *dir, bool is_deep,
        lun_watch_note *note, void *data, struct lun_watch_tree **out_tree, struct lun_error *err)
{
	struct lun_watch_tree *tree = lun_alloc(sizeof *tree);
	tree->dir = lun_strdup(dir);
	tree->note = note;
	tree->is_deep = is_deep;
	tree->data = data;
	(void)uv_fs_event_init(loop, &tree->event);
	tree->event.data = tree;
	int status = place(tree);
	if (status < 0) {
		uv_close((uv_handle_t *)&tree->event, free_tree);
		return lun_fail(err, LUN_IO, "cannot watch %.700s: %s", dir, uv_strerror(status));
	}
	*out_tree = tree;
	return LUN_OK;
}

void lun_watch_tree_destroy(struct lun_watch_tree *tree)
{
	if (tree)
		uv_close((uv_handle_t *)&tree->event, free_tree);
}
#endif
