// Keeps the values of feeds and decides how fresh they are. Fetching is the host app's work.
#include "scene/feeds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lunette/files.h"

#define FEED_MAX_BYTES ((size_t)16 << 20)

struct lun_feeds {
	struct lun_feed *first; // owned
	json_t *outside;        // ref; {NAME: {"value", "updated", "error"}}
};

struct lun_feeds *lun_feeds_create(void)
{
	struct lun_feeds *feeds = lun_alloc(sizeof *feeds);
	feeds->outside = json_object();
	return feeds;
}

void lun_feeds_destroy(struct lun_feeds *feeds)
{
	if (!feeds)
		return;
	while (feeds->first) {
		struct lun_feed *feed = feeds->first;
		feeds->first = feed->next;
		json_decref(feed->value);
		free(feed->name);
		free(feed->path);
		free(feed);
	}
	json_decref(feeds->outside);
	free(feeds);
}

static struct lun_feed *find(const struct lun_feeds *feeds, const char *name)
{
	struct lun_feed *feed = feeds->first;
	while (feed && strcmp(feed->name, name) != 0)
		feed = feed->next;
	return feed;
}

static void set_value(struct lun_feed *feed, json_t *value, double updated_s)
{
	if (!json_equal(feed->value, value))
		feed->version++;
	json_decref(feed->value);
	feed->value = json_incref(value);
	feed->updated_s = updated_s;
	feed->error[0] = '\0';
}

static void set_error(struct lun_feed *feed, const char *why)
{
	(void)snprintf(feed->error, sizeof feed->error, "%.255s", why);
}

static void take_outside(struct lun_feed *feed, const json_t *entry)
{
	const char *error = json_string_value(json_object_get(entry, "error"));
	json_t *value = json_object_get(entry, "value");
	if (value && feed->kind == LUN_FEED_TEXT && !json_is_string(value))
		set_error(feed, "it is not text");
	else if (value)
		set_value(feed, value, json_number_value(json_object_get(entry, "updated")));
	if (error)
		set_error(feed, error);
}

struct lun_feed *lun_feeds_declare(struct lun_feeds *feeds, const char *name,
        enum lun_feed_kind kind, const char *path, double stale_after_s)
{
	struct lun_feed *feed = find(feeds, name);
	if (!feed) {
		feed = lun_alloc(sizeof *feed);
		feed->name = lun_strdup(name);
		feed->next = feeds->first;
		feeds->first = feed;
	}
	feed->kind = kind;
	free(feed->path);
	feed->path = path ? lun_strdup(path) : NULL;
	feed->stale_after_s = stale_after_s;
	const json_t *entry = json_object_get(feeds->outside, name);
	if (entry)
		take_outside(feed, entry);
	return feed;
}

void lun_feeds_set(struct lun_feeds *feeds, const char *name, json_t *value, double updated_s,
        const char *error)
{
	json_t *entry = json_object();
	const json_t *before = json_object_get(feeds->outside, name);
	if (value) {
		(void)json_object_set(entry, "value", value);
		(void)json_object_set_new(entry, "updated", json_real(updated_s));
	} else if (before) { // what broke keeps its last value, also for who declares it later
		(void)json_object_update(entry, (json_t *)before);
		(void)json_object_del(entry, "error");
	}
	if (error)
		(void)json_object_set_new(entry, "error", json_string(error));
	(void)json_object_set_new(feeds->outside, name, entry);
	struct lun_feed *feed = find(feeds, name);
	if (feed)
		take_outside(feed, entry);
}

// All of a small file. NULL with errno set.
static char *read_all(int fd, size_t *out_bytes)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return NULL;
	if ((size_t)status.st_size > FEED_MAX_BYTES) {
		errno = EFBIG;
		return NULL;
	}
	size_t size_bytes = (size_t)status.st_size, done = 0;
	char *text = lun_alloc(size_bytes + 1);
	while (done < size_bytes) {
		ssize_t got = pread(fd, text + done, size_bytes - done, (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	*out_bytes = done;
	return text;
}

static json_t *parse(enum lun_feed_kind kind, const char *text, size_t size_bytes, char *out_error,
        size_t error_bytes)
{
	if (kind == LUN_FEED_TEXT) {
		json_t *value = json_stringn(text, size_bytes);
		if (!value)
			(void)snprintf(out_error, error_bytes, "it is not UTF-8 text");
		return value;
	}
	json_error_t error;
	json_t *value = json_loadb(text, size_bytes, JSON_DECODE_ANY, &error);
	if (!value)
		(void)snprintf(out_error, error_bytes, "line %d: %s", error.line, error.text);
	return value;
}

static void read_file(struct lun_feed *feed, const struct lun_files *files, double now_s)
{
	struct lun_error err;
	int fd = files->open(files->data, feed->path, &err);
	if (fd < 0) {
		set_error(feed, err.message);
		return;
	}
	size_t size_bytes = 0;
	char *text = read_all(fd, &size_bytes);
	char why[200];
	(void)snprintf(why, sizeof why, "%s", text ? "" : strerror(errno));
	json_t *value = text ? parse(feed->kind, text, size_bytes, why, sizeof why) : NULL;
	if (value)
		set_value(feed, value, now_s);
	else
		(void)snprintf(feed->error, sizeof feed->error, "%.40s: %s", feed->path, why);
	json_decref(value);
	free(text);
	(void)close(fd);
}

void lun_feeds_read_files(struct lun_feeds *feeds, const struct lun_files *files, double now_s)
{
	for (struct lun_feed *feed = feeds->first; feed; feed = feed->next) {
		const json_t *entry = json_object_get(feeds->outside, feed->name);
		if (feed->path && !json_object_get(entry, "value"))
			read_file(feed, files, now_s);
	}
}

void lun_feeds_forget(struct lun_feeds *feeds, const char *name)
{
	(void)json_object_del(feeds->outside, name);
}

struct lun_feed *lun_feeds_first(struct lun_feeds *feeds)
{
	return feeds->first;
}

json_t *lun_feeds_paths(const struct lun_feeds *feeds)
{
	json_t *paths = json_array();
	for (const struct lun_feed *feed = feeds->first; feed; feed = feed->next) {
		if (feed->path)
			(void)json_array_append_new(paths, json_string(feed->path));
	}
	return paths;
}

bool lun_feed_is_stale(const struct lun_feed *feed, double now_s)
{
	if (!feed->value || feed->error[0])
		return true;
	return feed->stale_after_s > 0 && now_s - feed->updated_s > feed->stale_after_s;
}
