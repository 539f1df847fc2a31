/**
 * The live picture: asks the camera for frames while somebody looks, and shows them to the pages.
 *
 * Thread: the loop's.
 */
#pragma once

#include "server.h"

struct lun_preview;

/** server is borrowed until lun_preview_stop. */
enum lun_result lun_preview_start(uv_loop_t *loop, const char *socket_path,
        struct lun_server *server, struct lun_preview **out_preview, struct lun_error *err);
void lun_preview_stop(struct lun_preview *preview); /**< NULL is fine */

/** This page wants pictures from now on: it gets the last one at once. */
void lun_preview_show_last(struct lun_preview *preview, struct lun_page *page);
/** A page came, went, or can take another picture: ask the camera if that makes sense now. */
void lun_preview_poke(struct lun_preview *preview);
