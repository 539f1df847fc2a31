/**
 * Studio: the web page of a running camera, served on 127.0.0.1.
 *
 * It is a client of the control socket like any other and survives the camera's restart.
 * Thread: the loop's.
 */
#pragma once

#include <uv.h>

#include "lunette/base.h"

struct lun_studio;

struct lun_studio_params {
	uv_loop_t *loop;
	const char *socket_path; /**< the camera's control socket */
	int port;                /**< 0: any free one */
	const char *token;       /**< NULL: a random one is made */
};

/** @return LUN_OK, or LUN_IO "port 4000 is in use: ..." */
enum lun_result lun_studio_start(const struct lun_studio_params *params,
        struct lun_studio **out_studio, struct lun_error *err);
/**
 * Nothing happens for pages after this. Connections and memory go during the next turns of the
 * loop: let it run until it has nothing left before it is closed. NULL is fine.
 */
void lun_studio_stop(struct lun_studio *studio);

/** "http://127.0.0.1:PORT/?token=…" Borrowed from studio. */
const char *lun_studio_url(const struct lun_studio *studio);
