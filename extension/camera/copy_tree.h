/**
 * Folders copied and removed whole. Thread: any.
 */
#pragma once

#include "lunette/base.h"

/**
 * Copy the regular files and folders below `from` into the existing folder `to`. Links and special
 * files are left out; modes are the usual ones, so that copies can be edited. What is copied is on
 * the disk when this returns.
 */
enum lun_result lun_tree_copy(const char *from, const char *to, struct lun_error *err);

/** Remove a folder and all in it, as far as that is possible. Follows no link. */
void lun_tree_remove(const char *path);
