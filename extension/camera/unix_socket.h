/**
 * Unix stream sockets: paths of any length, owners, descriptors in messages.
 *
 * Sockets made here do not block and are not inherited. Thread: any.
 */
#pragma once

#include <sys/types.h>

#include "lunette/base.h"

/** A socket that listens, and its file. */
struct lun_unix_listener {
	int fd;     // owned
	char *path; // owned
	dev_t device;
	ino_t inode; /**< so that finish removes our own file only */
};

/** @return LUN_OK, or LUN_IO, also for a path on which somebody listens already */
enum lun_result lun_unix_listen(
        const char *path, struct lun_unix_listener *out_listener, struct lun_error *err);
/** Close it and remove the file if it is still the one that was made. */
void lun_unix_listener_finish(struct lun_unix_listener *listener);

/** @return a connection, or -1 and errno */
int lun_unix_accept(int listener_fd);

/** Waits two seconds at most, should the listener be busy.
 *  @return LUN_NOT_FOUND when nobody listens there */
enum lun_result lun_unix_connect(const char *path, int *out_fd, struct lun_error *err);

/** Is the peer the user this process runs as, or root? */
bool lun_unix_peer_is_owner(int fd);

/** Like send(), with a descriptor unless it is -1 (borrowed). Never raises SIGPIPE. */
ssize_t lun_unix_send(int fd, const void *bytes, size_t size_bytes, int passed_fd);

/**
 * Like recv().
 *
 * @param out_fd  the first descriptor that came along, or -1; further ones are closed. It belongs
 *                to the line of the last byte received: the kernel ends a read behind the message
 *                that carried a descriptor.
 */
ssize_t lun_unix_receive(int fd, void *bytes, size_t size_bytes, int *out_fd);
