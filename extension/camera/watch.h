/**
 * Watching folders for changes, nested ones too, whatever an editor's way of saving is.
 *
 * Changes that come close together (a save by rename, a checkout of many files) are told as one.
 * Thread: the loop's.
 */
#pragma once

#include <uv.h>

#include "lunette/base.h"

struct lun_watch;

/**
 * @param paths  what changed, relative to the watched folder, sorted, without duplicates: files
 *               whose content may differ, appeared or went. Editors' swap and backup files
 *               (.*.sw?, *~, 4913, .#*, #*#), hidden files and what is in hidden folders (.git)
 *               are left out; a change of nothing else is not told, nor is a file that came and
 *               went in between. Links are not followed: what they point to is not watched.
 *               count 0: everything may have changed (the folder was removed and made again, or
 *               the kernel's queue overflowed).
 */
typedef void lun_watch_changed(void *data, const char *const *paths, size_t count);

/**
 * @param is_deep   watch nested folders, too; otherwise only what lies in dir itself
 * @param dir       may not exist yet: then its nearest existing parent is watched for it
 * @param quiet_ms  how long nothing more must happen before changes are told (10 suits editors);
 *                  told after at most 10 times that, however busy the folder is; but a git that
 *                  is at work there or above is waited for, at most 2 s
 */
enum lun_result lun_watch_create(uv_loop_t *loop, const char *dir, bool is_deep, unsigned quiet_ms,
        lun_watch_changed *changed, void *data, struct lun_watch **out_watch,
        struct lun_error *err);
/** Safe inside the callback. NULL is fine. The memory goes once the loop has closed the handles. */
void lun_watch_destroy(struct lun_watch *watch);
