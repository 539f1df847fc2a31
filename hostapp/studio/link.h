/**
 * A connection to the camera's control socket that comes back by itself.
 *
 * Thread: the loop's. Callbacks come from the loop, never from inside a call.
 */
#pragma once

#include <jansson.h>
#include <uv.h>

#include "lunette/base.h"

struct lun_link;

struct lun_link_events {
	void (*up)(void *data);   /**< connected: nothing is in flight */
	void (*down)(void *data); /**< what was in flight will not be answered */
	/** An answer or an event; line is borrowed, fd (-1: none) is closed after the call. */
	void (*line)(void *data, json_t *line, int fd);
};

/** socket_path and events are copied or static; data is borrowed until lun_link_stop. */
struct lun_link *lun_link_start(
        uv_loop_t *loop, const char *socket_path, const struct lun_link_events *events, void *data);
/** No event comes after this; the memory goes at the loop's next turn. NULL is fine. */
void lun_link_stop(struct lun_link *link);

bool lun_link_is_up(const struct lun_link *link);
/** Send a request (taken). @return false when there will be no answer: the link is down, or the
 *  request is nothing that can be sent */
bool lun_link_send(struct lun_link *link, json_t *request);
/** Give the connection up and start over: the camera does not answer. */
void lun_link_reset(struct lun_link *link);
