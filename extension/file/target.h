/**
 * Where bytes go that end in a file: a temporary file beside its final name, something that exists
 * and is no regular file (FIFO, device), or standard output.
 *
 * The program must ignore SIGPIPE and SIGXFSZ; then a reader that left and a file-size limit come
 * back as errors here. Writes block. Thread: one owner.
 */
#pragma once

#include "lunette/base.h"

struct lun_target;

/**
 * @param path  "-" (or /dev/stdout): standard output. Opening a FIFO waits for its reader.
 * @return LUN_OK, or LUN_IO with "cannot write PATH: reason"
 */
enum lun_result lun_target_open(
        const char *path, struct lun_target **out_target, struct lun_error *err);

/** All of it, or LUN_IO. A failure sticks: every later write and commit fails with it too.
 *  LUN_INVALID after commit. */
enum lun_result lun_target_write(
        struct lun_target *target, const void *bytes, size_t size_bytes, struct lun_error *err);

/** Pipes and sockets cannot. */
bool lun_target_can_seek(const struct lun_target *target);

/** lseek(). @return the new position, or -1 with errno set */
int64_t lun_target_seek(struct lun_target *target, int64_t offset, int whence);

/** The end of the file reached its disk: give it its final name. */
enum lun_result lun_target_commit(struct lun_target *target, struct lun_error *err);

/** Without commit the temporary file is removed and the final name untouched. NULL is fine. */
void lun_target_close(struct lun_target *target);

/** What sentences call it: the path as given, or "standard output". Borrowed. */
const char *lun_target_name(const struct lun_target *target);

/** Is path something that exists and is written straight into: a FIFO, a device, "-"? */
bool lun_target_is_straight(const char *path);
