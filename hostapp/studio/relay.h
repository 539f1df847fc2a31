/**
 * Between the pages and the camera: requests up, answers and news down.
 *
 * What a page says (text messages, JSON):
 *   {"id":ID,"do":"set"|"use"|"pause"|"resume"|"reload"|"send",...}   as in the control protocol
 *   {"do":"look","on":true}                                         pictures, please
 * What it hears:
 *   {"answer":ID,"ok":true} or {"answer":ID,"ok":false,"error":{...}}
 *   {"push":"camera","live":true}    the camera runs; the others follow when they change
 *   {"push":"status","status":{...}} {"push":"scenes","scenes":[...]}
 *   {"push":"params","scene":NAME,"params":[...]}
 *   {"push":"error","error":{...}} {"push":"ok"}                    errors since the last "ok"
 * and pictures as binary messages, each one JPEG file.
 *
 * Thread: the loop's.
 */
#pragma once

#include <jansson.h>

#include "server.h"

struct lun_relay;

/** server is borrowed until lun_relay_stop. */
struct lun_relay *lun_relay_start(
        uv_loop_t *loop, const char *socket_path, struct lun_server *server);
void lun_relay_stop(struct lun_relay *relay); /**< NULL is fine */

/** Tell a new page everything that is known. */
void lun_relay_greet(struct lun_relay *relay, struct lun_page *page);
/** A message of a page, other than "look" (taken). */
void lun_relay_request(struct lun_relay *relay, struct lun_page *page, json_t *message);
