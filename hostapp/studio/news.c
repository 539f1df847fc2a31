// Keeps the camera's last answers in the form pages get them, and tells what is new. It asks and
// sends nothing itself: that is relay.c's.
#include "news.h"

#include <string.h>

#define ERRORS_MAX 20 // the newest; a scene can fail in more ways than anybody reads

static const char *const topic_names[LUN_NEWS_TOPICS] = {"status", "scenes", "params"};

void lun_news_init(struct lun_news *news)
{
	memset(news, 0, sizeof *news);
	news->errors = json_array();
	lun_assert(news->errors);
}

void lun_news_finish(struct lun_news *news)
{
	for (int i = 0; i < LUN_NEWS_TOPICS; i++)
		json_decref(news->pushes[i]);
	json_decref(news->errors);
	memset(news, 0, sizeof *news);
}

const char *lun_news_name(enum lun_news_topic topic)
{
	return topic_names[topic];
}

static json_t *make_push(const char *name)
{
	json_t *push = json_pack("{s:s}", "push", name);
	lun_assert(push);
	return push;
}

static json_t *make_topic_push(enum lun_news_topic topic, const json_t *answer)
{
	json_t *push = make_push(topic_names[topic]);
	if (topic == LUN_NEWS_STATUS) {
		json_t *status = json_copy((json_t *)answer);
		(void)json_object_del(status, "ok");
		(void)json_object_set_new(push, "status", status);
		return push;
	}
	(void)json_object_set(push, topic_names[topic], json_object_get(answer, topic_names[topic]));
	if (topic == LUN_NEWS_PARAMS)
		(void)json_object_set(push, "scene", json_object_get(answer, "scene"));
	return push;
}

const json_t *lun_news_take(struct lun_news *news, enum lun_news_topic topic, const json_t *answer)
{
	json_t *push = make_topic_push(topic, answer);
	if (news->pushes[topic] && json_equal(push, news->pushes[topic])) {
		json_decref(push);
		return NULL;
	}
	json_decref(news->pushes[topic]);
	news->pushes[topic] = push;
	return push;
}

static json_t *make_error_push(const json_t *error)
{
	json_t *push = make_push("error");
	(void)json_object_set(push, "error", (json_t *)error);
	return push;
}

json_t *lun_news_take_error(struct lun_news *news, const json_t *error)
{
	if (!json_is_object(error))
		return NULL;
	size_t i;
	json_t *known;
	json_array_foreach(news->errors, i, known) if (json_equal(known, error)) return NULL;
	(void)json_array_append(news->errors, (json_t *)error);
	if (json_array_size(news->errors) > ERRORS_MAX)
		(void)json_array_remove(news->errors, 0);
	return make_error_push(error);
}

json_t *lun_news_take_ok(struct lun_news *news)
{
	(void)json_array_clear(news->errors);
	return make_push("ok");
}

static json_t *make_camera_push(bool is_live)
{
	json_t *push = make_push("camera");
	(void)json_object_set_new(push, "live", json_boolean(is_live));
	return push;
}

json_t *lun_news_take_camera(struct lun_news *news, bool is_live)
{
	lun_news_finish(news);
	lun_news_init(news);
	news->is_live = is_live;
	return make_camera_push(is_live);
}

json_t *lun_news_tell(const struct lun_news *news)
{
	json_t *messages = json_array();
	lun_assert(messages);
	(void)json_array_append_new(messages, make_camera_push(news->is_live));
	for (int i = 0; i < LUN_NEWS_TOPICS; i++)
		if (news->pushes[i])
			(void)json_array_append(messages, news->pushes[i]);
	size_t i;
	json_t *error;
	json_array_foreach(news->errors, i, error)(void)
	        json_array_append_new(messages, make_error_push(error));
	return messages;
}
