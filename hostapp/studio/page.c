// Queues for one WebSocket: texts in order and bounded, the newest picture only, and the pieces of
// a message that is still arriving. What the messages mean is not its business.
#include "page.h"

#include <stdlib.h>
#include <string.h>

#define WAITING_MAX_BYTES (4 * 1024 * 1024)

struct lun_page_text {
	struct lun_page_text *next; // owned
	size_t size_bytes;
	unsigned char buffer[]; // LWS_PRE bytes, then the text
};

struct lun_shared_jpeg *lun_shared_jpeg_create(const uint8_t *bytes, size_t size_bytes)
{
	unsigned char *buffer = malloc(LWS_PRE + size_bytes);
	if (!buffer)
		return NULL;
	struct lun_shared_jpeg *jpeg = lun_alloc(sizeof *jpeg);
	jpeg->refs = 1;
	jpeg->size_bytes = size_bytes;
	jpeg->buffer = buffer;
	memcpy(buffer + LWS_PRE, bytes, size_bytes);
	return jpeg;
}

struct lun_shared_jpeg *lun_shared_jpeg_ref(struct lun_shared_jpeg *jpeg)
{
	jpeg->refs++;
	return jpeg;
}

void lun_shared_jpeg_unref(struct lun_shared_jpeg *jpeg)
{
	if (!jpeg || --jpeg->refs > 0)
		return;
	free(jpeg->buffer);
	free(jpeg);
}

struct lun_page *lun_page_create(struct lws *wsi)
{
	static uint64_t last_id;
	struct lun_page *page = lun_alloc(sizeof *page);
	page->id = ++last_id;
	page->wsi = wsi;
	return page;
}

static void drop_first_text(struct lun_page *page)
{
	struct lun_page_text *text = page->first;
	page->first = text->next;
	if (!page->first)
		page->last = NULL;
	page->waiting_bytes -= text->size_bytes;
	free(text);
}

void lun_page_destroy(struct lun_page *page)
{
	if (!page)
		return;
	while (page->first)
		drop_first_text(page);
	lun_shared_jpeg_unref(page->picture);
	free(page->incoming);
	free(page);
}

static void ask_to_write(struct lun_page *page)
{
	(void)lws_callback_on_writable(page->wsi);
}

// Its socket may never take bytes again, so do not wait for that. A page may connect anew.
static void doom(struct lun_page *page)
{
	if (!page->is_doomed)
		lws_set_timeout(page->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
	page->is_doomed = true;
}

void lun_page_send(struct lun_page *page, const char *text)
{
	size_t size_bytes = strlen(text);
	struct lun_page_text *entry = NULL;
	if (!page->is_doomed && page->waiting_bytes + size_bytes <= WAITING_MAX_BYTES)
		entry = malloc(sizeof *entry + LWS_PRE + size_bytes);
	if (!entry) {
		doom(page);
		return;
	}
	ask_to_write(page);
	entry->next = NULL;
	entry->size_bytes = size_bytes;
	memcpy(entry->buffer + LWS_PRE, text, size_bytes);
	if (page->last)
		page->last->next = entry;
	else
		page->first = entry;
	page->last = entry;
	page->waiting_bytes += size_bytes;
}

void lun_page_show(struct lun_page *page, struct lun_shared_jpeg *picture)
{
	lun_shared_jpeg_ref(picture);
	lun_shared_jpeg_unref(page->picture);
	page->picture = picture;
	ask_to_write(page);
}

bool lun_page_is_ready(const struct lun_page *page)
{
	return page->wants_pictures && !page->picture && !page->is_doomed;
}

// One message a call: libwebsockets keeps what the socket did not take and calls again once all of
// it has gone, so nothing piles up there.
bool lun_page_write(struct lun_page *page)
{
	if (page->is_doomed)
		return false;
	int written = 0;
	if (page->first) {
		struct lun_page_text *text = page->first;
		written = lws_write(page->wsi, text->buffer + LWS_PRE, text->size_bytes, LWS_WRITE_TEXT);
		drop_first_text(page);
	} else if (page->picture) {
		struct lun_shared_jpeg *jpeg = page->picture;
		written = lws_write(page->wsi, jpeg->buffer + LWS_PRE, jpeg->size_bytes, LWS_WRITE_BINARY);
		page->picture = NULL;
		lun_shared_jpeg_unref(jpeg);
	}
	if (page->first || page->picture)
		ask_to_write(page);
	return written >= 0;
}

bool lun_page_receive(struct lun_page *page, const char *bytes, size_t size_bytes, bool is_last,
        const char **out_text, size_t *out_size_bytes)
{
	*out_text = NULL;
	if (size_bytes > LUN_PAGE_MESSAGE_MAX - page->incoming_bytes)
		return false;
	char *incoming = realloc(page->incoming, page->incoming_bytes + size_bytes + 1);
	if (!incoming)
		return false;
	page->incoming = incoming;
	if (size_bytes)
		memcpy(incoming + page->incoming_bytes, bytes, size_bytes);
	page->incoming_bytes += size_bytes;
	incoming[page->incoming_bytes] = 0;
	if (!is_last)
		return true;
	*out_text = incoming;
	*out_size_bytes = page->incoming_bytes;
	page->incoming_bytes = 0;
	return true;
}
