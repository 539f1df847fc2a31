/**
 * Small files, read whole and replaced whole.
 *
 * Thread: any.
 */
#pragma once

#include "lunette/base.h"

/**
 * Read a regular file. Never waits for a pipe or a device of that name.
 *
 * @param out_bytes  the caller frees it; terminated, although bytes may be zero
 * @return LUN_NOT_FOUND, LUN_LIMIT above max_bytes, LUN_IO
 */
enum lun_result lun_file_read(const char *path, size_t max_bytes, char **out_bytes,
        size_t *out_size_bytes, struct lun_error *err);

/** Replace a file, or make it: whoever reads it, also after a crash, sees the old or the new. */
enum lun_result lun_file_replace(
        const char *path, const void *bytes, size_t size_bytes, struct lun_error *err);
