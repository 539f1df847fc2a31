/**
 * One client of the control socket: its requests in, the answers out in the order of the requests.
 *
 * For control.c alone. Thread: the loop's.
 */
#pragma once

#include "extension/camera/control.h"

struct lun_control_connection;

/** What a connection needs of the server it belongs to. Outlives it. */
struct lun_control_host {
	uv_loop_t *loop; // borrowed
	lun_control_handler *handler;
	void *handler_data;
	/** The connection is over: forget it. Its memory goes by itself. */
	void (*closed)(struct lun_control_host *host, struct lun_control_connection *connection);
};

/** @param fd  taken on success  @return NULL when the loop refused */
struct lun_control_connection *lun_control_connection_create(struct lun_control_host *host, int fd);

/** Ends it without a call of `closed`. What was asked and not answered is answered into nothing. */
void lun_control_connection_close(struct lun_control_connection *connection);

/** Queue an event line (borrowed) if the client subscribed to name. May end the connection. */
void lun_control_connection_publish(struct lun_control_connection *connection, const char *name,
        const char *line, size_t size_bytes);
