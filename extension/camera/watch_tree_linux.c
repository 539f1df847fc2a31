// Watching on Linux: one inotify descriptor for a tree of folders and for the folders above it.
// It tells each event as it comes; gathering them is watch.c's business.
//
// Links are not followed: a link that is made or removed is told, a change of what it points to is
// not. Folders deeper than MAX_DEPTH are not watched.
#ifdef __linux__
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extension/camera/watch_node.h"
#include "extension/camera/watch_tree.h"
#include "lunette/log.h"

enum { MAX_DEPTH = 64, MAX_ANCHORS = 128, READS_AT_ONCE = 16 };

enum {
	SELF_MASK = IN_DELETE_SELF | IN_MOVE_SELF,
	NAMES_MASK = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO,
	NODE_MASK = NAMES_MASK | IN_CLOSE_WRITE | IN_MODIFY | IN_EXCL_UNLINK | IN_ONLYDIR,
};

// A folder above the root, watched so that the root is found again when it or one of them is
// moved, removed or made.
struct anchor {
	int wd;
	const char *next; // borrowed from dir: the name below it on the way to the root
	size_t next_length;
};

struct lun_watch_tree {
	uv_poll_t poll;
	int fd;    // owned
	char *dir; // owned; absolute
	bool is_deep;
	lun_watch_note *note;
	void *data;
	struct anchor anchors[MAX_ANCHORS]; // from / down to the last one that is there
	size_t anchor_count;
	struct lun_watch_nodes nodes;
	struct lun_watch_node *root; // owned; NULL while it is not there
	bool must_renew;             // the root may be another one now
	bool has_warned;             // that not all can be watched
};

static enum lun_result fail_watch(const char *path, int reason, struct lun_error *err)
{
	if (reason == ENOSPC)
		return lun_fail(err, LUN_IO,
		        "too many folders are watched on this machine to watch %.400s: raise the limit "
		        "with "
		        "sysctl fs.inotify.max_user_watches=524288, or watch a smaller folder",
		        path);
	return lun_fail(err, LUN_IO, "cannot watch %.700s: %s", path, strerror(reason));
}

static bool is_anchor(const struct lun_watch_tree *tree, int wd)
{
	for (size_t i = 0; i < tree->anchor_count; i++) {
		if (tree->anchors[i].wd == wd)
			return true;
	}
	return false;
}

// Absolute path of a name in a folder. The caller frees it.
static char *make_path(
        const struct lun_watch_tree *tree, const struct lun_watch_node *node, const char *name)
{
	char *relative = lun_watch_node_path(node, name);
	char *path = lun_format_string("%s/%s", tree->dir, relative);
	free(relative);
	return path;
}

static void note_file(struct lun_watch_tree *tree, struct lun_watch_node *node, const char *name,
        enum lun_watch_change change)
{
	bool is_new = false;
	if (change == LUN_WATCH_GONE)
		is_new = !lun_path_set_remove(&node->files, name);
	else
		(void)lun_path_set_add(&node->files, name, &is_new);
	char *path = lun_watch_node_path(node, name);
	tree->note(tree->data, path, change, is_new);
	free(path);
}

// Forget a folder and all below it. Its files are told to be gone unless the whole tree goes.
static void drop_node(struct lun_watch_tree *tree, struct lun_watch_node *node, bool is_telling)
{
	while (node->children)
		drop_node(tree, node->children, is_telling);
	while (is_telling && node->files.count) {
		char *name = lun_strdup(node->files.entries[node->files.count - 1].text);
		note_file(tree, node, name, LUN_WATCH_GONE);
		free(name);
	}
	if (!is_anchor(tree, node->wd))
		(void)inotify_rm_watch(tree->fd, node->wd);
	lun_watch_node_destroy(&tree->nodes, node);
}

// How a folder that is taken in tells of the files in it.
enum telling { TELL_NOTHING, TELL_WRITTEN, TELL_WRITING };

static enum lun_result take_in(struct lun_watch_tree *tree, struct lun_watch_node *parent,
        const char *name, enum telling telling, struct lun_error *err);

static bool is_folder(DIR *stream, const struct dirent *entry)
{
	struct stat info;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dirfd(stream), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(info.st_mode);
}

static enum lun_result take_in_entry(struct lun_watch_tree *tree, struct lun_watch_node *node,
        DIR *stream, const struct dirent *entry, enum telling telling, struct lun_error *err)
{
	const char *name = entry->d_name;
	bool is_new;
	if (is_folder(stream, entry))
		return lun_watch_is_ignored_folder(name) ? LUN_OK : take_in(tree, node, name, telling, err);
	if (lun_watch_is_ignored_file(name))
		return LUN_OK;
	if (telling == TELL_NOTHING)
		(void)lun_path_set_add(&node->files, name, &is_new);
	else
		note_file(
		        tree, node, name, telling == TELL_WRITTEN ? LUN_WATCH_WRITTEN : LUN_WATCH_WRITING);
	return LUN_OK;
}

// After the watch is placed: what comes later is an event, what was there before is found here.
static enum lun_result scan(struct lun_watch_tree *tree, struct lun_watch_node *node,
        const char *path, enum telling telling, struct lun_error *err)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (node->parent ? O_NOFOLLOW : 0);
	int fd = open(path, flags);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		return fail_watch(path, errno, err);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream)
		return LUN_OK; // gone again, which is an event
	enum lun_result rc = LUN_OK;
	const struct dirent *entry;
	while (rc == LUN_OK && (entry = readdir(stream)))
		rc = take_in_entry(tree, node, stream, entry, telling, err);
	(void)closedir(stream);
	return rc;
}

static bool is_inside(const struct lun_watch_node *node, const struct lun_watch_node *folder)
{
	while (node && node != folder)
		node = node->parent;
	return node != NULL;
}

// Watch a folder. @return its node, or NULL with errno; 0 means that it is watched above already
static struct lun_watch_node *place_watch(struct lun_watch_tree *tree,
        struct lun_watch_node *parent, const char *name, const char *path)
{
	uint32_t mask = NODE_MASK | IN_MASK_ADD | (parent ? IN_DONT_FOLLOW : SELF_MASK);
	for (;;) {
		int wd = inotify_add_watch(tree->fd, path, mask);
		if (wd < 0)
			return NULL;
		struct lun_watch_node *before = parent ? lun_watch_node_child(parent, name) : NULL;
		if (before && before->wd == wd)
			return before;
		if (before)
			drop_node(tree, before, true);
		struct lun_watch_node *same = lun_watch_nodes_find(&tree->nodes, wd);
		if (!same)
			return lun_watch_node_create(&tree->nodes, parent, name, wd);
		errno = 0;
		if (is_inside(parent, same))
			return NULL;
		// It was moved here, and the event that says so is still to come. The watch goes with its
		// node, so it is placed anew.
		drop_node(tree, same, true);
	}
}

// Watch a folder and what is below it. That it is not there (any more) is no failure.
static enum lun_result take_in(struct lun_watch_tree *tree, struct lun_watch_node *parent,
        const char *name, enum telling telling, struct lun_error *err)
{
	if (parent && lun_watch_node_depth(parent) >= (tree->is_deep ? MAX_DEPTH : 0))
		return LUN_OK;
	char *path = parent ? make_path(tree, parent, name) : lun_strdup(tree->dir);
	struct lun_watch_node *node = place_watch(tree, parent, name, path);
	int reason = errno;
	enum lun_result rc = LUN_OK;
	if (node && !parent)
		tree->root = node;
	if (node)
		rc = scan(tree, node, path, telling, err);
	else if (reason == ENOSPC || reason == ENOMEM || (!parent && reason == EACCES))
		rc = fail_watch(path, reason, err);
	free(path);
	return rc;
}

static void remove_anchors(struct lun_watch_tree *tree)
{
	while (tree->anchor_count) {
		int wd = tree->anchors[--tree->anchor_count].wd;
		if (wd >= 0 && !is_anchor(tree, wd) && !lun_watch_nodes_find(&tree->nodes, wd))
			(void)inotify_rm_watch(tree->fd, wd);
	}
}

// Length of the path of the folder that holds the component at `at`.
static size_t folder_length(const char *dir, const char *at)
{
	return at == dir + 1 ? 1 : (size_t)(at - dir) - 1;
}

// Watch the folders above the root, from the top. @return false: the next is not there
static bool add_anchor(struct lun_watch_tree *tree, const char *at)
{
	char *folder = strndup(tree->dir, folder_length(tree->dir, at));
	lun_assert(folder);
	int wd = inotify_add_watch(tree->fd, folder, SELF_MASK | IN_ONLYDIR | IN_MASK_ADD);
	bool is_there = wd >= 0 || (errno != ENOENT && errno != ENOTDIR && errno != ELOOP);
	free(folder);
	if (!is_there || tree->anchor_count == MAX_ANCHORS)
		return false;
	// One that may not be read, say, is there, but cannot be watched: its wd is -1.
	tree->anchors[tree->anchor_count++] =
	        (struct anchor){.wd = wd, .next = at, .next_length = strcspn(at, "/")};
	return true;
}

static void place_anchors(struct lun_watch_tree *tree)
{
	remove_anchors(tree);
	const char *at = tree->dir + strspn(tree->dir, "/");
	while (*at && add_anchor(tree, at)) {
		at += strcspn(at, "/");
		at += strspn(at, "/");
	}
	if (!tree->anchor_count)
		return;
	// The lowest one sees the name come, or go.
	const struct anchor *lowest = &tree->anchors[tree->anchor_count - 1];
	char *folder = strndup(tree->dir, folder_length(tree->dir, lowest->next));
	lun_assert(folder);
	if (lowest->wd >= 0)
		(void)inotify_add_watch(tree->fd, folder, NAMES_MASK | IN_ONLYDIR | IN_MASK_ADD);
	free(folder);
}

// Has the next folder on the way to the root been made while the anchors were placed?
static bool is_anchor_missing(const struct lun_watch_tree *tree)
{
	if (!tree->anchor_count)
		return false;
	const struct anchor *lowest = &tree->anchors[tree->anchor_count - 1];
	if (!lowest->next[lowest->next_length])
		return false; // the next is the root itself
	struct stat info;
	char *next = strndup(tree->dir, (size_t)(lowest->next - tree->dir) + lowest->next_length);
	lun_assert(next);
	bool is_there = stat(next, &info) == 0 && S_ISDIR(info.st_mode);
	free(next);
	return is_there;
}

static enum lun_result find_root(struct lun_watch_tree *tree, struct lun_error *err)
{
	int attempts = 0;
	do
		place_anchors(tree);
	while (is_anchor_missing(tree) && ++attempts < MAX_DEPTH);
	return take_in(tree, NULL, "", TELL_NOTHING, err);
}

static void warn_once(struct lun_watch_tree *tree, const struct lun_error *err)
{
	if (!tree->has_warned)
		lun_log(LUN_LOG_WARN, "%s", err->message);
	tree->has_warned = true;
}

static void renew_root(struct lun_watch_tree *tree)
{
	struct lun_error err;
	bool was_there = tree->root != NULL;
	if (tree->root)
		drop_node(tree, tree->root, false);
	tree->root = NULL;
	tree->must_renew = false;
	if (find_root(tree, &err) != LUN_OK)
		warn_once(tree, &err);
	if (was_there || tree->root)
		tree->note(tree->data, NULL, LUN_WATCH_WRITING, false);
}

static void handle_folder(
        struct lun_watch_tree *tree, struct lun_watch_node *node, const struct inotify_event *event)
{
	struct lun_error err;
	if (lun_watch_is_ignored_folder(event->name))
		return;
	if (event->mask & (IN_DELETE | IN_MOVED_FROM)) {
		struct lun_watch_node *child = lun_watch_node_child(node, event->name);
		if (child)
			drop_node(tree, child, true);
	} else if (event->mask & (IN_CREATE | IN_MOVED_TO)) {
		enum telling telling = event->mask & IN_CREATE ? TELL_WRITING : TELL_WRITTEN;
		if (take_in(tree, node, event->name, telling, &err) != LUN_OK)
			warn_once(tree, &err);
	}
}

// A link is complete once it is there; a file is when its writer closes it, which comes later.
static bool is_link(
        const struct lun_watch_tree *tree, const struct lun_watch_node *node, const char *name)
{
	struct stat info;
	char *path = make_path(tree, node, name);
	bool is = lstat(path, &info) == 0 && (S_ISLNK(info.st_mode) || info.st_nlink > 1);
	free(path);
	return is;
}

static void handle_file(
        struct lun_watch_tree *tree, struct lun_watch_node *node, const struct inotify_event *event)
{
	const char *name = event->name;
	if (lun_watch_is_ignored_file(name))
		return;
	if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO))
		note_file(tree, node, name, LUN_WATCH_WRITTEN);
	else if (event->mask & (IN_DELETE | IN_MOVED_FROM))
		note_file(tree, node, name, LUN_WATCH_GONE);
	else if (event->mask & IN_CREATE && is_link(tree, node, name))
		note_file(tree, node, name, LUN_WATCH_WRITTEN);
	else if (event->mask & (IN_CREATE | IN_MODIFY))
		note_file(tree, node, name, LUN_WATCH_WRITING);
}

static bool concerns_anchor(const struct lun_watch_tree *tree, const struct inotify_event *event)
{
	for (size_t i = 0; i < tree->anchor_count; i++) {
		const struct anchor *anchor = &tree->anchors[i];
		if (anchor->wd != event->wd)
			continue;
		if (event->mask & (SELF_MASK | IN_UNMOUNT | IN_IGNORED))
			return true;
		if (event->len && event->mask & NAMES_MASK &&
		        strncmp(event->name, anchor->next, anchor->next_length) == 0 &&
		        event->name[anchor->next_length] == 0)
			return true;
	}
	return false;
}

static void handle_event(struct lun_watch_tree *tree, const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW || concerns_anchor(tree, event)) {
		tree->must_renew = true;
		return;
	}
	// Events of a watch that we removed are still in the queue: no node has them any more.
	struct lun_watch_node *node = lun_watch_nodes_find(&tree->nodes, event->wd);
	if (!node)
		return;
	if (node == tree->root && event->mask & (SELF_MASK | IN_UNMOUNT | IN_IGNORED))
		tree->must_renew = true;
	else if (event->mask & (IN_UNMOUNT | IN_IGNORED))
		drop_node(tree, node, true);
	else if (event->len && event->mask & IN_ISDIR)
		handle_folder(tree, node, event);
	else if (event->len)
		handle_file(tree, node, event);
}

static void on_events(uv_poll_t *poll, int status, int events)
{
	struct lun_watch_tree *tree = poll->data;
	_Alignas(struct inotify_event) char bytes[16 * 1024];
	(void)status;
	(void)events;
	for (int i = 0; i < READS_AT_ONCE; i++) {
		ssize_t size = read(tree->fd, bytes, sizeof bytes);
		if (size <= 0)
			break;
		for (const char *at = bytes; at < bytes + size;) {
			const struct inotify_event *event = (const struct inotify_event *)at;
			handle_event(tree, event);
			at += sizeof *event + event->len;
		}
	}
	if (tree->must_renew)
		renew_root(tree);
}

static void release_tree(struct lun_watch_tree *tree)
{
	if (tree->root)
		drop_node(tree, tree->root, false);
	lun_watch_nodes_finish(&tree->nodes);
	if (tree->fd >= 0)
		(void)close(tree->fd);
	free(tree->dir);
}

enum lun_result lun_watch_tree_create(uv_loop_t *loop, const char *dir, bool is_deep,
        lun_watch_note *note, void *data, struct lun_watch_tree **out_tree, struct lun_error *err)
{
	struct lun_watch_tree *tree = lun_alloc(sizeof *tree);
	tree->dir = lun_strdup(dir);
	tree->is_deep = is_deep;
	tree->note = note;
	tree->data = data;
	tree->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	enum lun_result rc = LUN_OK;
	if (tree->fd < 0 && errno == EMFILE)
		rc = lun_fail(err, LUN_IO,
		        "too many programs watch folders on this machine to watch %.400s: raise the limit "
		        "with sysctl fs.inotify.max_user_instances=1024",
		        dir);
	else if (tree->fd < 0)
		rc = fail_watch(dir, errno, err);
	else
		rc = find_root(tree, err);
	int status = rc == LUN_OK ? uv_poll_init(loop, &tree->poll, tree->fd) : 0;
	if (status < 0)
		rc = lun_fail(err, LUN_IO, "cannot watch %.700s: %s", dir, uv_strerror(status));
	if (rc != LUN_OK) {
		release_tree(tree);
		free(tree);
		return rc;
	}
	tree->poll.data = tree;
	(void)uv_poll_start(&tree->poll, UV_READABLE, on_events);
	*out_tree = tree;
	return LUN_OK;
}

static void free_tree(uv_handle_t *handle)
{
	free(handle->data);
}

void lun_watch_tree_destroy(struct lun_watch_tree *tree)
{
	if (!tree)
		return;
	uv_close((uv_handle_t *)&tree->poll, free_tree);
	release_tree(tree);
}
#endif
