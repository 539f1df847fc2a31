/**
 * The client's end of the control socket, blocking (for commands) and not (for Studio).
 *
 * Thread: one owner.
 */
#pragma once

#include <jansson.h>

#include "lunette/base.h"

struct lun_control_client;

/**
 * @param socket_path  run/lunette.sock of the container
 * @return LUN_OK, or LUN_NOT_FOUND "no camera is running" when nobody listens there
 */
enum lun_result lun_control_connect(
        const char *socket_path, struct lun_control_client **out_client, struct lun_error *err);
void lun_control_disconnect(struct lun_control_client *client); /**< NULL is fine */

/**
 * Send one request and wait for its answer (events that come between are dropped).
 *
 * @param request    taken
 * @param out_fd     may be NULL; the descriptor that came along, owned by the caller, or -1
 * @param out_reply  may be NULL; new reference, only set on LUN_OK
 * @return LUN_OK for `ok` true; else the peer's own error, or LUN_IO when it went away or did not
 *         answer within timeout_ms
 */
enum lun_result lun_control_call(struct lun_control_client *client, json_t *request, int timeout_ms,
        json_t **out_reply, int *out_fd, struct lun_error *err);

/* Without waiting: */
int lun_control_client_fd(const struct lun_control_client *client); /**< poll it for reading */
/** Does a part of a request wait for room in the socket? Then poll for writing too, and call
 *  lun_control_receive, which writes on. */
bool lun_control_client_is_writing(const struct lun_control_client *client);
/** Queue a request (taken) and write what the socket takes. */
enum lun_result lun_control_send(
        struct lun_control_client *client, json_t *request, struct lun_error *err);
/** The next complete line, answer or event. @return LUN_OK with *out_line NULL when there is none
 *  yet; LUN_IO when the peer is gone. out_fd as above. */
enum lun_result lun_control_receive(
        struct lun_control_client *client, json_t **out_line, int *out_fd, struct lun_error *err);
