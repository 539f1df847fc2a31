/**
 * The web server: files of the page over HTTP, one WebSocket for each open page.
 *
 * Thread: the loop's.
 */
#pragma once

#include <uv.h>

#include "page.h"

struct lun_server;

/** Called on the loop's thread; a page is valid from joined to left. */
struct lun_server_events {
	void (*joined)(void *data, struct lun_page *page);
	void (*left)(void *data, struct lun_page *page); /**< it is no longer in the list */
	/** text ends with 0 and may hold more of them; borrowed for the call */
	void (*message)(void *data, struct lun_page *page, const char *text, size_t size_bytes);
	/** its picture is on its way: it can take another */
	void (*drained)(void *data, struct lun_page *page);
};

struct lun_server_params {
	uv_loop_t *loop;
	int port;                               // 0: any free one
	const char *token;                      // NULL: a random one is made
	const struct lun_server_events *events; // borrowed, static
	void *data;                             // handed to events
};

enum lun_result lun_server_start(const struct lun_server_params *params,
        struct lun_server **out_server, struct lun_error *err);
/**
 * No event comes after this. Connections and memory go during the loop's next turns. NULL is fine.
 */
void lun_server_stop(struct lun_server *server);

/** Borrowed from server. */
const char *lun_server_url(const struct lun_server *server);

/** The first of the open pages (the others by ->next), or NULL. */
struct lun_page *lun_server_pages(const struct lun_server *server);
