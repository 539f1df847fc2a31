/**
 * What Studio knows about the camera, for pages that come later: status, scenes, declarations and
 * the errors since the scene last drew without one.
 *
 * Thread: one owner.
 */
#pragma once

#include <jansson.h>

#include "lunette/base.h"

/** In this order a new page hears them. */
enum lun_news_topic { LUN_NEWS_STATUS, LUN_NEWS_SCENES, LUN_NEWS_PARAMS, LUN_NEWS_TOPICS };

struct lun_news {
	bool is_live;
	json_t *pushes[LUN_NEWS_TOPICS]; // ref; the message as pages get it, NULL: not known yet
	json_t *errors;                  // ref; a list of error objects
};

void lun_news_init(struct lun_news *news);
void lun_news_finish(struct lun_news *news);

/** The camera's request for a topic: "status", "scenes", "params". */
const char *lun_news_name(enum lun_news_topic topic);

/**
 * Note an answer of the camera.
 *
 * @return the message for the pages (borrowed), or NULL when it says nothing new
 */
const json_t *lun_news_take(struct lun_news *news, enum lun_news_topic topic, const json_t *answer);
/** @return the message for the pages (new reference), or NULL for what is no error object or is
 *  known already */
json_t *lun_news_take_error(struct lun_news *news, const json_t *error);
/** The scene draws again. @return the message for the pages; new reference */
json_t *lun_news_take_ok(struct lun_news *news);
/** The camera came or went: what was known of it is forgotten. @return as above */
json_t *lun_news_take_camera(struct lun_news *news, bool is_live);

/** All there is to tell a page that just came: a new list of messages. */
json_t *lun_news_tell(const struct lun_news *news);
