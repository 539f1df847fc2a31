// Puts Studio together: the web server, the relay to the camera and the preview. It decides only
// who of them hears of a page.
#include "studio.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "preview.h"
#include "relay.h"
#include "server.h"

struct lun_studio {
	struct lun_server *server;   // owned
	struct lun_relay *relay;     // owned
	struct lun_preview *preview; // owned
};

static void on_joined(void *data, struct lun_page *page)
{
	struct lun_studio *studio = data;
	lun_relay_greet(studio->relay, page);
}

static void on_left(void *data, struct lun_page *page)
{
	(void)page;
	struct lun_studio *studio = data;
	lun_preview_poke(studio->preview);
}

static void on_drained(void *data, struct lun_page *page)
{
	(void)page;
	struct lun_studio *studio = data;
	lun_preview_poke(studio->preview);
}

static void look(struct lun_studio *studio, struct lun_page *page, bool is_on)
{
	bool was_on = page->wants_pictures;
	page->wants_pictures = is_on;
	if (is_on && !was_on)
		lun_preview_show_last(studio->preview, page);
	else
		lun_preview_poke(studio->preview);
}

static void on_message(void *data, struct lun_page *page, const char *text, size_t size_bytes)
{
	struct lun_studio *studio = data;
	json_t *message = json_loadb(text, size_bytes, JSON_REJECT_DUPLICATES, NULL);
	const char *verb = json_string_value(json_object_get(message, "do"));
	if (verb && !strcmp(verb, "look")) {
		look(studio, page, json_is_true(json_object_get(message, "on")));
		json_decref(message);
	} else {
		lun_relay_request(studio->relay, page, message);
	}
}

static const struct lun_server_events server_events = {
        .joined = on_joined,
        .left = on_left,
        .message = on_message,
        .drained = on_drained,
};

enum lun_result lun_studio_start(const struct lun_studio_params *params,
        struct lun_studio **out_studio, struct lun_error *err)
{
	struct lun_studio *studio = lun_alloc(sizeof *studio);
	struct lun_server_params server_params = {
	        .loop = params->loop,
	        .port = params->port,
	        .token = params->token,
	        .events = &server_events,
	        .data = studio,
	};
	enum lun_result rc = lun_server_start(&server_params, &studio->server, err);
	if (rc != LUN_OK)
		goto fail_studio;
	rc = lun_preview_start(
	        params->loop, params->socket_path, studio->server, &studio->preview, err);
	if (rc != LUN_OK)
		goto fail_server;
	studio->relay = lun_relay_start(params->loop, params->socket_path, studio->server);
	*out_studio = studio;
	return LUN_OK;

fail_server:
	lun_server_stop(studio->server);
fail_studio:
	free(studio);
	return rc;
}

void lun_studio_stop(struct lun_studio *studio)
{
	if (!studio)
		return;
	lun_relay_stop(studio->relay);
	lun_preview_stop(studio->preview);
	lun_server_stop(studio->server);
	free(studio);
}

const char *lun_studio_url(const struct lun_studio *studio)
{
	return lun_server_url(studio->server);
}
