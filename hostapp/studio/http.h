/**
 * Answers to plain HTTP requests, and the checks that every request has to pass.
 *
 * Thread: the loop's.
 */
#pragma once

#include <libwebsockets.h>

#include "access.h"
#include "assets.h"

/** Do its headers allow this request (page, file or WebSocket) in? Its answer is not sent here. */
bool lun_http_is_allowed(const struct lun_access *access, struct lws *wsi);

/** Refuse with a plain sentence. */
void lun_http_refuse(struct lws *wsi, unsigned status, const char *sentence);

/**
 * Answer a request for path: its head now; the body follows in lun_http_write.
 *
 * @param out_asset  what to write; NULL when the request was refused (its answer is on its way)
 * @return what the callback of libwebsockets has to return
 */
int lun_http_answer(const struct lun_access *access, struct lws *wsi, const char *path,
        const struct lun_asset **out_asset);
int lun_http_write(struct lws *wsi, const struct lun_asset *asset);

#define LUN_HTTP_FORBIDDEN                                                                   \
	"This page belongs to somebody's camera. Open the address that Lunette printed when it " \
	"started, with everything after the question mark.\n"
