/**
 * The operating system's half of watching: what happens below a folder, as it happens.
 *
 * For watch.c alone, which gathers it. Thread: the loop's.
 */
#pragma once

#include <uv.h>

#include "lunette/base.h"

enum lun_watch_change {
	LUN_WATCH_WRITTEN, /**< complete: closed, moved here, linked */
	LUN_WATCH_WRITING, /**< there, but somebody may be writing it still */
	LUN_WATCH_GONE,
};

/**
 * @param path    relative to the folder, borrowed for the call; NULL: everything may have changed
 * @param is_new  the tree did not know of this file before
 */
typedef void lun_watch_note(
        void *data, const char *path, enum lun_watch_change change, bool is_new);

struct lun_watch_tree;

/** @param dir  absolute; may not exist */
enum lun_result lun_watch_tree_create(uv_loop_t *loop, const char *dir, bool is_deep,
        lun_watch_note *note, void *data, struct lun_watch_tree **out_tree, struct lun_error *err);
/** No note comes after this. The memory goes once the loop has closed the handle. */
void lun_watch_tree_destroy(struct lun_watch_tree *tree);

/** Files that are nobody's work: hidden ones, editors' swap, backup, lock and probe files. */
bool lun_watch_is_ignored_file(const char *name);
/** Folders that are not entered: hidden ones, .git among them. */
bool lun_watch_is_ignored_folder(const char *name);
