/**
 * Opens scenes' files for a renderer: the supervisor's side.
 *
 * A request names a load and a path; only files below that load's folder are handed over, and only
 * for reading. Thread: the renderer's owner.
 */
#pragma once

#include "lunette/base.h"

struct lun_file_server;

/** @param fd  the supervisor's end of the socket; taken */
struct lun_file_server *lun_file_server_create(int fd);
void lun_file_server_destroy(struct lun_file_server *server); /**< NULL is fine */

int lun_file_server_fd(const struct lun_file_server *server);

/** Files of load id lie below root. A folder that is not there fails each request for it. */
void lun_file_server_add(struct lun_file_server *server, uint64_t id, const char *root);
/** Forget loads: one that failed, or all before the one that took the air. */
void lun_file_server_drop(struct lun_file_server *server, uint64_t id);
void lun_file_server_drop_before(struct lun_file_server *server, uint64_t id);

/** Answer what was asked. @return false when the peer is gone or speaks nonsense */
bool lun_file_server_dispatch(struct lun_file_server *server);
