// Decides when to ask the camera for a frame: at most fifteen times a second, only while a page
// wants pictures and can take one, one question at a time. Each frame is encoded once for all
// pages.
#include "preview.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "frame_reply.h"
#include "jpeg.h"
#include "link.h"
#include "lunette/log.h"

#define INTERVAL_MS 67 // just under fifteen a second
#define REFUSED_PAUSE_MS 1000
#define PATIENCE_MS 10000 // the camera promises an answer within 2 s

struct lun_preview {
	struct lun_link *link;        // owned
	struct lun_server *server;    // borrowed, outlives us
	struct lun_jpeg *jpeg;        // owned
	struct lun_shared_jpeg *last; // ref; NULL until there is one, and while nobody looks
	uv_timer_t timer;             // until the next question, or until patience ends
	uint64_t serial;              // of the newest frame
	uint64_t earliest_ms;         // the next question
	bool is_waiting;              // for an answer
	char complaint[256];          // the last one that was logged
};

static void on_timer(uv_timer_t *timer)
{
	struct lun_preview *preview = timer->data;
	if (preview->is_waiting)
		lun_link_reset(preview->link);
	else
		lun_preview_poke(preview);
}

// Once nobody wants pictures the last one is forgotten: who comes next shall not see it.
static bool has_ready_page(struct lun_preview *preview)
{
	bool is_wanted = false, is_ready = false;
	for (struct lun_page *page = lun_server_pages(preview->server); page; page = page->next) {
		is_wanted |= page->wants_pictures;
		is_ready |= lun_page_is_ready(page);
	}
	if (!is_wanted) {
		lun_shared_jpeg_unref(preview->last);
		preview->last = NULL;
		preview->serial = 0;
	}
	return is_ready;
}

void lun_preview_poke(struct lun_preview *preview)
{
	bool is_ready = has_ready_page(preview);
	if (!is_ready || preview->is_waiting || !lun_link_is_up(preview->link))
		return;
	uint64_t now_ms = uv_now(preview->timer.loop);
	if (now_ms < preview->earliest_ms) {
		(void)uv_timer_start(&preview->timer, on_timer, preview->earliest_ms - now_ms, 0);
		return;
	}
	json_t *request = json_pack("{s:s, s:I}", "do", "frame", "after", (json_int_t)preview->serial);
	lun_assert(request);
	if (!lun_link_send(preview->link, request))
		return;
	preview->is_waiting = true;
	preview->earliest_ms = now_ms + INTERVAL_MS;
	(void)uv_timer_start(&preview->timer, on_timer, PATIENCE_MS, 0);
}

void lun_preview_show_last(struct lun_preview *preview, struct lun_page *page)
{
	if (preview->last)
		lun_page_show(page, preview->last);
	lun_preview_poke(preview);
}

// The same complaint fifteen times a second helps nobody.
static void complain(struct lun_preview *preview, const char *message)
{
	if (!strncmp(preview->complaint, message, sizeof preview->complaint - 1))
		return;
	(void)snprintf(preview->complaint, sizeof preview->complaint, "%s", message);
	lun_log(LUN_LOG_WARN, "studio: no preview: %s", message);
}

static void show_to_all(struct lun_preview *preview, const uint8_t *bytes, size_t size_bytes)
{
	struct lun_shared_jpeg *picture = lun_shared_jpeg_create(bytes, size_bytes);
	if (!picture)
		return;
	for (struct lun_page *page = lun_server_pages(preview->server); page; page = page->next)
		if (page->wants_pictures)
			lun_page_show(page, picture);
	lun_shared_jpeg_unref(preview->last);
	preview->last = picture;
}

static enum lun_result take_frame(
        struct lun_preview *preview, const json_t *reply, int fd, struct lun_error *err)
{
	struct lun_frame_reply frame;
	enum lun_result rc = lun_frame_reply_map(reply, fd, &frame, err);
	if (rc != LUN_OK)
		return rc;
	const uint8_t *bytes;
	size_t size_bytes;
	rc = lun_jpeg_encode(preview->jpeg, &frame.format, frame.data, &bytes, &size_bytes, err);
	lun_frame_reply_unmap(&frame);
	if (rc != LUN_OK)
		return rc;
	preview->serial = frame.serial;
	preview->complaint[0] = 0;
	show_to_all(preview, bytes, size_bytes);
	return LUN_OK;
}

static bool is_no_news(const json_t *reply)
{
	const json_t *error = json_object_get(reply, "error");
	const char *code = json_string_value(json_object_get(error, "code"));
	return code && !strcmp(code, "not_found");
}

static void on_line(void *data, json_t *line, int fd)
{
	struct lun_preview *preview = data;
	if (!preview->is_waiting || json_object_get(line, "event"))
		return;
	preview->is_waiting = false;
	(void)uv_timer_stop(&preview->timer);
	struct lun_error err = {.message = "the camera refuses"};
	bool is_fine = is_no_news(line);
	if (json_is_true(json_object_get(line, "ok")))
		is_fine = take_frame(preview, line, fd, &err) == LUN_OK;
	if (!is_fine) {
		complain(preview, err.message);
		preview->earliest_ms = uv_now(preview->timer.loop) + REFUSED_PAUSE_MS;
	}
	lun_preview_poke(preview);
}

static void on_up(void *data)
{
	struct lun_preview *preview = data;
	preview->serial = 0; // another camera counts anew
	lun_preview_poke(preview);
}

static void on_down(void *data)
{
	struct lun_preview *preview = data;
	lun_shared_jpeg_unref(preview->last); // of a camera that is no more
	preview->last = NULL;
	preview->is_waiting = false;
	(void)uv_timer_stop(&preview->timer);
}

static const struct lun_link_events link_events = {.up = on_up, .down = on_down, .line = on_line};

enum lun_result lun_preview_start(uv_loop_t *loop, const char *socket_path,
        struct lun_server *server, struct lun_preview **out_preview, struct lun_error *err)
{
	struct lun_preview *preview = lun_alloc(sizeof *preview);
	preview->jpeg = lun_jpeg_create();
	if (!preview->jpeg) {
		free(preview);
		return lun_fail(err, LUN_NOMEM, "no memory for Studio's preview");
	}
	preview->server = server;
	(void)uv_timer_init(loop, &preview->timer);
	preview->timer.data = preview;
	preview->link = lun_link_start(loop, socket_path, &link_events, preview);
	*out_preview = preview;
	return LUN_OK;
}

static void free_preview(uv_handle_t *handle)
{
	free(handle->data);
}

void lun_preview_stop(struct lun_preview *preview)
{
	if (!preview)
		return;
	lun_link_stop(preview->link);
	lun_jpeg_destroy(preview->jpeg);
	lun_shared_jpeg_unref(preview->last);
	uv_close((uv_handle_t *)&preview->timer, free_preview);
}
