/**
 * The control socket's server: lines of JSON in, lines of JSON out, a descriptor now and then.
 *
 * It knows the protocol's frame (docs/control-protocol.md), not its commands: those are the
 * handler's. Every byte that comes in is hostile. Thread: the loop's.
 */
#pragma once

#include <jansson.h>
#include <uv.h>

#include "lunette/base.h"

struct lun_control;
struct lun_control_request; /**< one request that waits for its answer */

/**
 * Called for each well-formed request. Exactly one of the answer functions must be called for it,
 * now or later; if the client is gone by then they do nothing.
 *
 * @param body  borrowed for the length of the call
 */
typedef void lun_control_handler(void *data, struct lun_control_request *request, json_t *body);

/**
 * @param path  of the socket, created with mode 0600; a socket file whose owner is dead is
 *              replaced, a live one is LUN_IO "a camera is already running on PATH"
 */
enum lun_result lun_control_listen(uv_loop_t *loop, const char *path, lun_control_handler *handler,
        void *data, struct lun_control **out_control, struct lun_error *err);
/** Closes all connections and removes the socket. NULL is fine. */
void lun_control_close(struct lun_control *control);

/** {"ok":true} with the members of extra (taken; may be NULL). fd (-1: none) is taken and closed.
 */
void lun_control_answer(struct lun_control_request *request, json_t *extra, int fd);
/** {"ok":false,"error":{...}} */
void lun_control_refuse(struct lun_control_request *request, const struct lun_error *why);

/** Subscribe the request's connection to the named events (a JSON list of strings). */
void lun_control_subscribe(struct lun_control_request *request, const json_t *names);
/** Send an event line (taken) to who subscribed to name. A client that does not read is dropped
 *  once 1 MiB waits for it. */
void lun_control_publish(struct lun_control *control, const char *name, json_t *event);

/** {"code","message"} and, for scene errors, "path" "line" "traceback". New reference. */
json_t *lun_error_to_json(const struct lun_error *err);
void lun_error_from_json(const json_t *object, struct lun_error *out_err);
const char *lun_result_name(enum lun_result code); /**< "invalid", "not_found", ... */
