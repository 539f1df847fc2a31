/**
 * A scene's feeds: outside data under a name, with its age.
 *
 * A value comes from outside (the container, `--feed`) or from a file of the scene's folder; the
 * outside wins. A feed that breaks keeps its last value and says so. Thread: the scene's owner.
 */
#pragma once

#include <jansson.h>

#include "lunette/base.h"

struct lun_files;

enum lun_feed_kind {
	LUN_FEED_JSON,
	LUN_FEED_TEXT,
};

struct lun_feed {
	char *name; // owned
	enum lun_feed_kind kind;
	char *path;           // owned; file of the scene that feeds it; NULL without
	double stale_after_s; /**< 0: a value never gets too old */
	json_t *value;        // ref; NULL while there is none
	double updated_s;     /**< epoch seconds; 0 while there is no value */
	char error[256];      /**< why the newest value could not be read; "" = it could */
	uint64_t version;     /**< counts changes of value */
	bool is_error_told;   // to the scene's author
	struct lun_feed *next;
};

struct lun_feeds;

struct lun_feeds *lun_feeds_create(void);
void lun_feeds_destroy(struct lun_feeds *feeds); /**< NULL is fine */

/** Declare a feed. @return borrowed, lives as long as feeds; an existing one of that name is
 *  declared anew. */
struct lun_feed *lun_feeds_declare(struct lun_feeds *feeds, const char *name,
        enum lun_feed_kind kind, const char *path, double stale_after_s);

/** A value from outside (value is borrowed; NULL with error set: it could not be read). Values for
 *  names not declared yet are kept for them. */
void lun_feeds_set(struct lun_feeds *feeds, const char *name, json_t *value, double updated_s,
        const char *error);

/** There is no value from outside any more; what was there stays until another one comes. */
void lun_feeds_forget(struct lun_feeds *feeds, const char *name);

/** The first of the list; NULL without. */
struct lun_feed *lun_feeds_first(struct lun_feeds *feeds);

/** Read the files of feeds that have one and no value from outside. */
void lun_feeds_read_files(struct lun_feeds *feeds, const struct lun_files *files, double now_s);

/** Names of the files that feeds read. New reference. */
json_t *lun_feeds_paths(const struct lun_feeds *feeds);

/** No value, too old, or the newest one broken. */
bool lun_feed_is_stale(const struct lun_feed *feed, double now_s);
