// Gathers what happens in a tree of folders until it has been quiet for a moment, and tells it as
// one change. How the operating system tells it is watch_tree's business.
//
// A file that somebody may be writing still, or that went (editors remove the old one and then
// write the new one), makes the wait longer; what appeared and went within it is not told.
#include "extension/camera/watch.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension/camera/path_set.h"
#include "extension/camera/watch_tree.h"

enum {
	UNSETTLED_FACTOR = 5, // times the quiet period, while a file may be half written
	BUSY_FACTOR = 10,     // times the quiet period, after which changes are told in any case
	MAX_PATHS = 20000,    // more than that is "everything"
	GIT_LIMIT_MS = 2000,  // how long a git that works is waited for; it may have crashed
};

enum { IS_NEW = 1, IS_UNSETTLED = 2 };

struct lun_watch {
	uv_timer_t timer;
	struct lun_watch_tree *tree; // owned
	lun_watch_changed *changed;
	void *data;
	char *dir; // owned; absolute
	unsigned quiet_ms;
	struct lun_path_set pending; // flags as above
	size_t unsettled_count;      // of pending
	bool is_everything;
	bool is_waiting;   // the timer runs
	bool has_seen_git; // git was at work when it ran out
	uint64_t since_ms; // when the first of what is pending happened
};

// *~, #*#, 4913 (vim tries whether it may create files), .*.sw? and .#* (hidden).
bool lun_watch_is_ignored_file(const char *name)
{
	size_t length = strlen(name);
	if (length == 0 || name[0] == '.' || name[length - 1] == '~')
		return true;
	return strcmp(name, "4913") == 0 || (length > 1 && name[0] == '#' && name[length - 1] == '#');
}

bool lun_watch_is_ignored_folder(const char *name)
{
	return name[0] == '.';
}

static void forget_pending(struct lun_watch *watch)
{
	lun_path_set_finish(&watch->pending);
	watch->unsettled_count = 0;
}

static void tell(struct lun_watch *watch)
{
	struct lun_path_set told = watch->pending;
	watch->pending = (struct lun_path_set){0};
	watch->unsettled_count = 0;
	watch->is_everything = false;
	watch->is_waiting = false;
	const char **paths = lun_alloc((told.count + 1) * sizeof *paths);
	for (size_t i = 0; i < told.count; i++)
		paths[i] = told.entries[i].text;
	// Last use of watch: it may be destroyed in there.
	watch->changed(watch->data, paths, told.count);
	free(paths);
	lun_path_set_finish(&told);
}

// git holds this lock for as long as it changes files (checkout, stash, merge), here or in a folder
// above. Linked worktrees have theirs elsewhere: they are like any other writer.
static bool is_git_working(const struct lun_watch *watch)
{
	for (size_t length = strlen(watch->dir); length > 0; length--) {
		if (length > 1 && watch->dir[length] != '/' && watch->dir[length] != '\0')
			continue;
		char *lock = lun_format_string("%.*s/.git/index.lock", (int)length, watch->dir);
		bool is_there = access(lock, F_OK) == 0;
		free(lock);
		if (is_there)
			return true;
	}
	return false;
}

static void wait_for_quiet(struct lun_watch *watch);

static void on_quiet(uv_timer_t *timer)
{
	struct lun_watch *watch = timer->data;
	uint64_t now = uv_now(timer->loop);
	bool is_working = is_git_working(watch);
	if (is_working && now < watch->since_ms + GIT_LIMIT_MS) {
		watch->has_seen_git = true;
		(void)uv_timer_start(timer, on_quiet, watch->quiet_ms, 0);
	} else if (!is_working && watch->has_seen_git) { // its last changes may not have been read yet
		watch->has_seen_git = false;
		watch->since_ms = now;
		wait_for_quiet(watch);
	} else {
		watch->has_seen_git = false;
		tell(watch);
	}
}

static void wait_for_quiet(struct lun_watch *watch)
{
	if (!watch->is_everything && watch->pending.count == 0) {
		watch->is_waiting = false;
		(void)uv_timer_stop(&watch->timer);
		return;
	}
	uint64_t now = uv_now(watch->timer.loop);
	if (!watch->is_waiting)
		watch->since_ms = now;
	watch->is_waiting = true;
	bool is_settled = !watch->is_everything && watch->unsettled_count == 0;
	uint64_t wait_ms = (uint64_t)watch->quiet_ms * (is_settled ? 1 : UNSETTLED_FACTOR);
	uint64_t latest = watch->since_ms + (uint64_t)watch->quiet_ms * BUSY_FACTOR;
	if (now + wait_ms > latest)
		wait_ms = latest > now ? latest - now : 0;
	(void)uv_timer_start(&watch->timer, on_quiet, wait_ms, 0);
}

static void set_unsettled(struct lun_watch *watch, struct lun_path_entry *entry, bool is_unsettled)
{
	if (entry->flags & IS_UNSETTLED)
		watch->unsettled_count--;
	entry->flags &= ~(unsigned)IS_UNSETTLED;
	if (!is_unsettled)
		return;
	entry->flags |= IS_UNSETTLED;
	watch->unsettled_count++;
}

static void note_path(
        struct lun_watch *watch, const char *path, enum lun_watch_change change, bool is_new)
{
	bool is_first;
	struct lun_path_entry *entry = lun_path_set_add(&watch->pending, path, &is_first);
	if (is_first && is_new)
		entry->flags |= IS_NEW;
	set_unsettled(watch, entry, change != LUN_WATCH_WRITTEN);
	if (change == LUN_WATCH_GONE && entry->flags & IS_NEW) {
		set_unsettled(watch, entry, false);
		(void)lun_path_set_remove(&watch->pending, path);
	}
}

static void note(void *data, const char *path, enum lun_watch_change change, bool is_new)
{
	struct lun_watch *watch = data;
	if (path && !watch->is_everything)
		note_path(watch, path, change, is_new);
	if (!path || watch->pending.count > MAX_PATHS) {
		watch->is_everything = true;
		forget_pending(watch);
	}
	wait_for_quiet(watch);
}

// Without slashes at its end. The caller frees it; NULL when there is no current folder.
static char *make_absolute(const char *dir)
{
	char here[PATH_MAX];
	char *absolute;
	if (dir[0] == '/')
		absolute = lun_strdup(dir);
	else if (getcwd(here, sizeof here))
		absolute = lun_format_string("%s/%s", here, dir);
	else
		return NULL;
	size_t length = strlen(absolute);
	while (length > 1 && absolute[length - 1] == '/')
		absolute[--length] = 0;
	return absolute;
}

enum lun_result lun_watch_create(uv_loop_t *loop, const char *dir, bool is_deep, unsigned quiet_ms,
        lun_watch_changed *changed, void *data, struct lun_watch **out_watch, struct lun_error *err)
{
	char *absolute = make_absolute(dir);
	if (!absolute)
		return lun_fail(err, LUN_IO, "cannot watch %.800s: the current folder is gone", dir);
	struct lun_watch *watch = lun_alloc(sizeof *watch);
	watch->changed = changed;
	watch->data = data;
	watch->quiet_ms = quiet_ms;
	watch->dir = absolute;
	(void)uv_timer_init(loop, &watch->timer);
	watch->timer.data = watch;
	enum lun_result rc =
	        lun_watch_tree_create(loop, absolute, is_deep, note, watch, &watch->tree, err);
	if (rc != LUN_OK) {
		lun_watch_destroy(watch);
		return rc;
	}
	*out_watch = watch;
	return LUN_OK;
}

static void free_watch(uv_handle_t *handle)
{
	struct lun_watch *watch = handle->data;
	free(watch->dir);
	free(watch);
}

void lun_watch_destroy(struct lun_watch *watch)
{
	if (!watch)
		return;
	lun_watch_tree_destroy(watch->tree);
	forget_pending(watch);
	uv_close((uv_handle_t *)&watch->timer, free_watch);
}
