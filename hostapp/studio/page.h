/**
 * One open page: its WebSocket, what waits to be sent to it, and what it has said so far.
 *
 * Text waits in order; of pictures only the newest waits, so a slow page sees fewer, never old
 * ones. Thread: the loop's.
 */
#pragma once

#include <libwebsockets.h>

#include "lunette/base.h"

/** A JPEG shared by all pages that still have to send it. */
struct lun_shared_jpeg {
	int refs;
	size_t size_bytes;
	unsigned char *buffer; // owned; LWS_PRE bytes, then the JPEG
};

/** Copies bytes. The caller owns one reference; NULL when memory is refused. */
struct lun_shared_jpeg *lun_shared_jpeg_create(const uint8_t *bytes, size_t size_bytes);
struct lun_shared_jpeg *lun_shared_jpeg_ref(struct lun_shared_jpeg *jpeg);
void lun_shared_jpeg_unref(struct lun_shared_jpeg *jpeg); /**< NULL is fine */

#define LUN_PAGE_MESSAGE_MAX (256 * 1024)

struct lun_page_text;

struct lun_page {
	uint64_t id; /**< never used again in this process */
	bool wants_pictures;
	struct lun_page *next; // borrowed; the server's list

	// private: page.c
	struct lws *wsi; // borrowed from the server, which destroys us before it ends
	struct lun_page_text *first, *last; // owned; waiting
	size_t waiting_bytes;
	struct lun_shared_jpeg *picture; // ref; NULL when none waits
	char *incoming;                  // owned; the message that is arriving
	size_t incoming_bytes;
	bool is_doomed;
};

struct lun_page *lun_page_create(struct lws *wsi);
void lun_page_destroy(struct lun_page *page); /**< NULL is fine */

/** Queue a text. A page that does not read its texts is closed. */
void lun_page_send(struct lun_page *page, const char *text);
/** Queue a picture in place of one that still waits. */
void lun_page_show(struct lun_page *page, struct lun_shared_jpeg *picture);
/** It wants pictures and none waits to be sent. */
bool lun_page_is_ready(const struct lun_page *page);

/** The socket takes bytes. @return false when the connection has to be closed */
bool lun_page_write(struct lun_page *page);
/**
 * A piece of a message arrived.
 *
 * @param out_text  the complete message, 0-terminated, borrowed until the next call; NULL when
 *                  more has to come
 * @return false when the message is longer than LUN_PAGE_MESSAGE_MAX
 */
bool lun_page_receive(struct lun_page *page, const char *bytes, size_t size_bytes, bool is_last,
        const char **out_text, size_t *out_size_bytes);
