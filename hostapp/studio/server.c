// Runs libwebsockets on the loop and turns its callbacks into the few events that Studio is made
// of. What a request may have is http.c's; what pages say is relay.c's.
#include "server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "http.h"
#include "listener.h"
#include "lunette/log.h"

#define CONNECTIONS_MAX 64
#define PAGES_MAX 32

struct lun_server {
	uv_loop_t *loop;                        // borrowed from the program, outlives us
	struct lun_listener *listener;          // owned; NULL once stopped
	struct lws_context *context;            // owned
	struct lws_vhost *vhost;                // borrowed from context
	const struct lun_server_events *events; // borrowed, static; NULL once stopped
	void *data;
	struct lun_access access;
	char *url;              // owned
	struct lun_page *pages; // borrowed from their sessions
	int pages_count;
	int connections; // sockets of libwebsockets that are not destroyed yet
	int turns_left;  // of the loop until everything of libwebsockets has closed
};

/** What libwebsockets keeps for each connection: at most one of the two is set. */
struct session {
	struct lun_page *page;         // owned
	const struct lun_asset *asset; // static
};

static const lws_retry_bo_t idle_policy = {
        .secs_since_valid_ping = 30,
        .secs_since_valid_hangup = 45,
};

static void add_page(struct lun_server *server, struct session *session, struct lws *wsi)
{
	session->page = lun_page_create(wsi);
	session->page->next = server->pages;
	server->pages = session->page;
	server->pages_count++;
	if (server->events)
		server->events->joined(server->data, session->page);
}

static void remove_page(struct lun_server *server, struct session *session)
{
	struct lun_page *page = session->page;
	if (!page)
		return;
	struct lun_page **link = &server->pages;
	while (*link != page)
		link = &(*link)->next;
	*link = page->next;
	server->pages_count--;
	session->page = NULL;
	if (server->events)
		server->events->left(server->data, page);
	lun_page_destroy(page);
}

static int refuse_socket(struct lws *wsi, unsigned status, const char *sentence)
{
	lun_http_refuse(wsi, status, sentence);
	return -1;
}

static int admit_socket(struct lun_server *server, struct lws *wsi)
{
	if (!lun_http_is_allowed(&server->access, wsi))
		return refuse_socket(wsi, HTTP_STATUS_FORBIDDEN, LUN_HTTP_FORBIDDEN);
	if (server->pages_count >= PAGES_MAX)
		return refuse_socket(wsi, HTTP_STATUS_SERVICE_UNAVAILABLE,
		        "Too many pages of this Studio are open. Close one.\n");
	return 0;
}

static int receive(struct lun_server *server, struct lun_page *page, struct lws *wsi,
        const char *bytes, size_t size_bytes)
{
	const char *text;
	size_t text_bytes;
	bool is_last = lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi);
	if (lws_frame_is_binary(wsi) ||
	        !lun_page_receive(page, bytes, size_bytes, is_last, &text, &text_bytes)) {
		lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
		return -1;
	}
	if (text && server->events)
		server->events->message(server->data, page, text, text_bytes);
	return 0;
}

static int write_page(struct lun_server *server, struct lun_page *page)
{
	bool had_picture = page->picture;
	if (!lun_page_write(page))
		return -1;
	if (had_picture && !page->picture && server->events)
		server->events->drained(server->data, page);
	return 0;
}

static int write_file(struct lws *wsi, struct session *session)
{
	const struct lun_asset *asset = session->asset;
	if (!asset)
		return -1;
	session->asset = NULL;
	return lun_http_write(wsi, asset);
}

static int dispatch(
        struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size_bytes)
{
	struct lws_vhost *vhost = lws_get_vhost(wsi);
	struct lun_server *server = vhost ? lws_vhost_user(vhost) : NULL;
	struct session *session = user;
	if (!server)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_WSI_CREATE:
		server->connections++;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		server->connections--;
		return 0;
	case LWS_CALLBACK_HTTP:
		return lun_http_answer(&server->access, wsi, in, &session->asset);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return write_file(wsi, session);
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return admit_socket(server, wsi);
	case LWS_CALLBACK_ESTABLISHED:
		add_page(server, session, wsi);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return receive(server, session->page, wsi, in, size_bytes);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_page(server, session->page);
	case LWS_CALLBACK_CLOSED:
		remove_page(server, session);
		return 0;
	case LWS_CALLBACK_PROTOCOL_INIT:
	case LWS_CALLBACK_PROTOCOL_DESTROY:
	case LWS_CALLBACK_HTTP_BIND_PROTOCOL:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, size_bytes);
	}
}

static const struct lws_protocols protocols[] = {
        {.name = "lunette", .callback = dispatch, .per_session_data_size = sizeof(struct session)},
        {0},
};

static void log_line(int level, const char *line)
{
	size_t length = strcspn(line, "\n");
	lun_log(level & LLL_ERR ? LUN_LOG_WARN : LUN_LOG_DEBUG, "studio: %.*s", (int)length, line);
}

static void take_connection(void *data, int fd)
{
	struct lun_server *server = data;
	if (server->connections >= CONNECTIONS_MAX) {
		(void)close(fd);
		return;
	}
	(void)lws_adopt_socket_vhost(server->vhost, fd); // closes fd when it fails
}

static enum lun_result create_context(struct lun_server *server, struct lun_error *err)
{
	void *loops[] = {server->loop};
	struct lws_context_creation_info info = {
	        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
	        .protocols = protocols,
	        .foreign_loops = loops,
	        .user = server,
	        .gid = (gid_t)-1,
	        .uid = (uid_t)-1,
	        .max_http_header_data = 16384,
	        .timeout_secs = 15,
	        .retry_and_idle_policy = &idle_policy,
	        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
	};
	lws_set_log_level(LLL_ERR | LLL_WARN, log_line);
	server->context = lws_create_context(&info);
	if (!server->context)
		return lun_fail(err, LUN_IO,
		        "Studio's web server does not start: is libwebsockets' part for libuv installed "
		        "(libwebsockets-evlib-uv)?");
	server->vhost = lws_create_vhost(server->context, &info);
	if (!server->vhost)
		return lun_fail(err, LUN_IO, "Studio's web server does not start: no memory");
	return LUN_OK;
}

enum lun_result lun_server_start(const struct lun_server_params *params,
        struct lun_server **out_server, struct lun_error *err)
{
	struct lun_server *server = lun_alloc(sizeof *server);
	server->loop = params->loop;
	server->events = params->events;
	server->data = params->data;
	enum lun_result rc = lun_listener_start(
	        params->loop, params->port, take_connection, server, &server->listener, err);
	if (rc != LUN_OK)
		goto fail_server;
	int port = lun_listener_port(server->listener);
	rc = lun_access_init(&server->access, port, params->token, err);
	if (rc != LUN_OK)
		goto fail_listener;
	rc = create_context(server, err);
	if (rc != LUN_OK && server->context) {
		lun_server_stop(server); // only it can take a context down
		return rc;
	}
	if (rc != LUN_OK)
		goto fail_listener;
	server->url = lun_format_string("http://127.0.0.1:%d/?token=%s", port, server->access.token);
	*out_server = server;
	return LUN_OK;

fail_listener:
	lun_listener_stop(server->listener);
fail_server:
	free(server);
	return rc;
}

// libwebsockets closes its handles over some turns of a loop that is not its own, and wants to be
// destroyed a second time after that; it does not say when. The closing handle here makes the loop
// turn until its sockets are gone, and then a few times more for its timers.
#define TURNS_AFTER_SOCKETS 4

static void finish_stop(uv_handle_t *handle)
{
	struct lun_server *server = handle->data;
	if (server->connections > 0)
		server->turns_left = TURNS_AFTER_SOCKETS;
	if (server->turns_left-- > 0) {
		(void)uv_timer_init(server->loop, (uv_timer_t *)handle);
		uv_close(handle, finish_stop);
		return;
	}
	lws_context_destroy(server->context);
	free(server->url);
	free(server);
	free(handle);
}

void lun_server_stop(struct lun_server *server)
{
	if (!server)
		return;
	server->events = NULL;
	lun_listener_stop(server->listener);
	server->listener = NULL;
	lws_context_destroy(server->context);
	server->turns_left = TURNS_AFTER_SOCKETS;
	uv_timer_t *turner = lun_alloc(sizeof *turner);
	(void)uv_timer_init(server->loop, turner);
	turner->data = server;
	uv_close((uv_handle_t *)turner, finish_stop);
}

const char *lun_server_url(const struct lun_server *server)
{
	return server->url;
}

struct lun_page *lun_server_pages(const struct lun_server *server)
{
	return server->pages;
}
