// Carries what pages ask to the camera and its answers back to who asked, and keeps all pages up
// to date: events say what changed, a tick asks for the status while a page is open. Answers come
// in the order of the requests, so a queue of tickets says whose they are.
#include "relay.h"

#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "news.h"

#define TICK_MS 1000
#define PATIENCE_MS 20000 // "use" may load a scene first
#define TICKETS_MAX 256

/** One request that the camera has not answered yet. */
struct ticket {
	struct ticket *next; // owned
	int topic;           // enum lun_news_topic, or one of the two below
	uint64_t page_id;
	json_t *id; // ref; the page's, NULL if it gave none
	uint64_t sent_ms;
};
#define TICKET_PAGE (-1)
#define TICKET_WATCH (-2)

struct lun_relay {
	struct lun_link *link;     // owned
	struct lun_server *server; // borrowed, outlives us
	struct lun_news news;
	struct ticket *first, **end; // owned; oldest first
	int tickets_count;
	bool is_asked[LUN_NEWS_TOPICS]; // in flight
	bool is_stale[LUN_NEWS_TOPICS]; // changed again since it was asked
	uv_timer_t tick;
};

static void send_to_page(struct lun_page *page, const json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	if (text)
		lun_page_send(page, text);
	free(text);
}

static void send_to_all(struct lun_relay *relay, const json_t *message)
{
	struct lun_page *page = lun_server_pages(relay->server);
	char *text = page && message ? json_dumps(message, JSON_COMPACT) : NULL;
	for (; page && text; page = page->next)
		lun_page_send(page, text);
	free(text);
}

static void send_to_all_new(struct lun_relay *relay, json_t *message)
{
	send_to_all(relay, message);
	json_decref(message);
}

// error is borrowed; NULL means that all went well.
static void answer_page(struct lun_page *page, json_t *id, json_t *error)
{
	json_t *answer = json_pack("{s:O?, s:b, s:O*}", "answer", id, "ok", !error, "error", error);
	if (answer)
		send_to_page(page, answer);
	json_decref(answer);
}

static void refuse_page(struct lun_page *page, json_t *id, const char *code, const char *message)
{
	json_t *error = json_pack("{s:s, s:s}", "code", code, "message", message);
	lun_assert(error);
	answer_page(page, id, error);
	json_decref(error);
}

static struct lun_page *find_page(struct lun_relay *relay, uint64_t id)
{
	struct lun_page *page = lun_server_pages(relay->server);
	while (page && page->id != id)
		page = page->next;
	return page;
}

static struct ticket *add_ticket(struct lun_relay *relay, int topic)
{
	struct ticket *ticket = lun_alloc(sizeof *ticket);
	ticket->topic = topic;
	ticket->sent_ms = uv_now(relay->tick.loop);
	*relay->end = ticket;
	relay->end = &ticket->next;
	relay->tickets_count++;
	return ticket;
}

static struct ticket *take_ticket(struct lun_relay *relay)
{
	struct ticket *ticket = relay->first;
	if (!ticket)
		return NULL;
	relay->first = ticket->next;
	if (!relay->first)
		relay->end = &relay->first;
	relay->tickets_count--;
	return ticket;
}

static void free_ticket(struct ticket *ticket)
{
	json_decref(ticket->id);
	free(ticket);
}

static void ask(struct lun_relay *relay, enum lun_news_topic topic)
{
	if (!lun_link_is_up(relay->link))
		return;
	if (relay->is_asked[topic]) {
		relay->is_stale[topic] = true; // the answer on its way may be of before
		return;
	}
	json_t *request = json_pack("{s:s}", "do", lun_news_name(topic));
	lun_assert(request);
	if (!lun_link_send(relay->link, request))
		return;
	(void)add_ticket(relay, topic);
	relay->is_asked[topic] = true;
}

static void take_topic(struct lun_relay *relay, enum lun_news_topic topic, const json_t *answer)
{
	relay->is_asked[topic] = false;
	if (json_is_true(json_object_get(answer, "ok"))) {
		bool is_first = !relay->news.pushes[topic];
		send_to_all(relay, lun_news_take(&relay->news, topic, answer));
		// Only a camera that already runs tells by its status what went wrong before.
		if (topic == LUN_NEWS_STATUS && is_first)
			send_to_all_new(relay,
			        lun_news_take_error(&relay->news, json_object_get(answer, "last_error")));
	}
	if (relay->is_stale[topic]) {
		relay->is_stale[topic] = false;
		ask(relay, topic);
	}
}

static void take_answer(struct lun_relay *relay, const json_t *answer)
{
	struct ticket *ticket = take_ticket(relay);
	if (!ticket)
		return;
	if (ticket->topic >= 0) {
		take_topic(relay, (enum lun_news_topic)ticket->topic, answer);
	} else if (ticket->topic == TICKET_PAGE) {
		struct lun_page *page = find_page(relay, ticket->page_id);
		json_t *error = json_object_get(answer, "error");
		if (page && json_is_true(json_object_get(answer, "ok")))
			answer_page(page, ticket->id, NULL);
		else if (page && json_is_object(error))
			answer_page(page, ticket->id, error);
		else if (page)
			refuse_page(page, ticket->id, "io", "the camera refused without a reason");
	}
	free_ticket(ticket);
}

static void take_event(struct lun_relay *relay, const char *event, const json_t *line)
{
	if (!strcmp(event, "error")) {
		send_to_all_new(relay, lun_news_take_error(&relay->news, json_object_get(line, "error")));
		ask(relay, LUN_NEWS_STATUS);
	} else if (!strcmp(event, "ok")) {
		send_to_all_new(relay, lun_news_take_ok(&relay->news));
		ask(relay, LUN_NEWS_STATUS);
	} else if (!strcmp(event, "scene")) {
		for (int topic = 0; topic < LUN_NEWS_TOPICS; topic++)
			ask(relay, (enum lun_news_topic)topic);
	} else if (!strcmp(event, "params")) {
		ask(relay, LUN_NEWS_PARAMS);
	} else if (!strcmp(event, "status")) {
		ask(relay, LUN_NEWS_STATUS);
	}
}

static void on_line(void *data, json_t *line, int fd)
{
	(void)fd;
	struct lun_relay *relay = data;
	const char *event = json_string_value(json_object_get(line, "event"));
	if (event)
		take_event(relay, event, line);
	else
		take_answer(relay, line);
}

static void on_up(void *data)
{
	struct lun_relay *relay = data;
	send_to_all_new(relay, lun_news_take_camera(&relay->news, true));
	json_t *watch = json_pack("{s:s, s:[s,s,s,s,s]}", "do", "watch", "events", "error", "ok",
	        "scene", "params", "status");
	lun_assert(watch);
	if (lun_link_send(relay->link, watch))
		(void)add_ticket(relay, TICKET_WATCH);
	for (int topic = 0; topic < LUN_NEWS_TOPICS; topic++)
		ask(relay, (enum lun_news_topic)topic);
}

static void drop_tickets(struct lun_relay *relay)
{
	struct ticket *ticket;
	while ((ticket = take_ticket(relay))) {
		struct lun_page *page = find_page(relay, ticket->page_id);
		if (page)
			refuse_page(page, ticket->id, "io", "the camera went away before it answered");
		free_ticket(ticket);
	}
	memset(relay->is_asked, 0, sizeof relay->is_asked);
	memset(relay->is_stale, 0, sizeof relay->is_stale);
}

static void on_down(void *data)
{
	struct lun_relay *relay = data;
	drop_tickets(relay);
	send_to_all_new(relay, lun_news_take_camera(&relay->news, false));
}

// The status costs the camera a little, so nobody asks for it while no page is open.
static void on_tick(uv_timer_t *timer)
{
	struct lun_relay *relay = timer->data;
	if (relay->first && uv_now(timer->loop) - relay->first->sent_ms > PATIENCE_MS)
		lun_link_reset(relay->link);
	if (lun_server_pages(relay->server) && !relay->is_asked[LUN_NEWS_STATUS])
		ask(relay, LUN_NEWS_STATUS);
}

static const struct lun_link_events link_events = {.up = on_up, .down = on_down, .line = on_line};

struct lun_relay *lun_relay_start(
        uv_loop_t *loop, const char *socket_path, struct lun_server *server)
{
	struct lun_relay *relay = lun_alloc(sizeof *relay);
	relay->server = server;
	relay->end = &relay->first;
	lun_news_init(&relay->news);
	(void)uv_timer_init(loop, &relay->tick);
	relay->tick.data = relay;
	(void)uv_timer_start(&relay->tick, on_tick, TICK_MS, TICK_MS);
	relay->link = lun_link_start(loop, socket_path, &link_events, relay);
	return relay;
}

static void free_relay(uv_handle_t *handle)
{
	free(handle->data);
}

void lun_relay_stop(struct lun_relay *relay)
{
	if (!relay)
		return;
	lun_link_stop(relay->link);
	struct ticket *ticket;
	while ((ticket = take_ticket(relay)))
		free_ticket(ticket);
	lun_news_finish(&relay->news);
	uv_close((uv_handle_t *)&relay->tick, free_relay);
}

void lun_relay_greet(struct lun_relay *relay, struct lun_page *page)
{
	json_t *messages = lun_news_tell(&relay->news);
	size_t i;
	json_t *message;
	json_array_foreach(messages, i, message) send_to_page(page, message);
	json_decref(messages);
}

static bool is_for_pages(const char *verb)
{
	static const char *const verbs[] = {"set", "use", "pause", "resume", "reload", "send", NULL};
	const char *const *at = verbs;
	while (*at && strcmp(*at, verb) != 0)
		at++;
	return *at;
}

static void pass_on(struct lun_relay *relay, struct lun_page *page, json_t *message)
{
	json_t *id = json_incref(json_object_get(message, "id"));
	(void)json_object_del(message, "id");
	if (lun_link_send(relay->link, message)) {
		struct ticket *ticket = add_ticket(relay, TICKET_PAGE);
		ticket->page_id = page->id;
		ticket->id = id;
		return;
	}
	refuse_page(page, id, "limit", "the camera does not take this request: it is too long");
	json_decref(id);
}

void lun_relay_request(struct lun_relay *relay, struct lun_page *page, json_t *message)
{
	const char *verb = json_string_value(json_object_get(message, "do"));
	json_t *id = json_object_get(message, "id");
	if (!verb || !is_for_pages(verb)) {
		refuse_page(page, id, "unsupported", "Studio does not pass this request on");
	} else if (!lun_link_is_up(relay->link)) {
		refuse_page(page, id, "io", "the camera is not running");
	} else if (relay->tickets_count >= TICKETS_MAX) {
		refuse_page(page, id, "limit", "the camera is busy: try again in a moment");
	} else {
		pass_on(relay, page, message);
		return;
	}
	json_decref(message);
}
