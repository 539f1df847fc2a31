/**
 * The listening socket on 127.0.0.1: accepts connections and hands them on.
 *
 * Thread: the loop's.
 */
#pragma once

#include <uv.h>

#include "lunette/base.h"

struct lun_listener;

/** fd is a connected, non-blocking socket; the callee owns it. */
typedef void lun_listener_accepted(void *data, int fd);

/**
 * @param port  0: any free one
 * @return LUN_OK; LUN_IO "port 4000 is in use: ..."
 */
enum lun_result lun_listener_start(uv_loop_t *loop, int port, lun_listener_accepted *accepted,
        void *data, struct lun_listener **out_listener, struct lun_error *err);
/** Closes the socket now; the memory goes at the loop's next turn. NULL is fine. */
void lun_listener_stop(struct lun_listener *listener);

int lun_listener_port(const struct lun_listener *listener);
