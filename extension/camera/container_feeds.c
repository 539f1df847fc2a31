// Reads the feed data that the host app left for a scene. It fetches nothing.
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "extension/camera/atomic_file.h"
#include "extension/camera/container.h"
#include "extension/camera/scene_name.h"
#include "extension/camera/utf8.h"

enum { MAX_FEEDS = 256, MAX_FEED_BYTES = 16 << 20 };

static json_t *make_error(const char *reason)
{
	char *scrubbed = lun_utf8_scrub(reason);
	json_t *feed = json_pack("{ss}", "error", scrubbed);
	free(scrubbed);
	return feed;
}

static json_t *parse_json(const char *text, size_t size_bytes, struct lun_error *err)
{
	json_error_t why;
	json_t *value = json_loadb(text, size_bytes, JSON_DECODE_ANY, &why);
	if (!value)
		(void)lun_fail(err, LUN_INVALID, "broken JSON in line %d: %s", why.line, why.text);
	return value;
}

static json_t *parse_text(const char *text, size_t size_bytes, struct lun_error *err)
{
	bool is_text = strlen(text) == size_bytes && lun_utf8_is_valid(text);
	if (!is_text)
		(void)lun_fail(err, LUN_INVALID, "the text is not UTF-8");
	return is_text ? json_stringn(text, size_bytes) : NULL;
}

static json_t *read_feed(const char *path, bool is_json)
{
	struct lun_error err;
	struct stat info;
	char *text;
	size_t size;
	// Its age first: if it is replaced meanwhile, the next look finds it newer than this.
	if (stat(path, &info) < 0)
		return make_error("it is gone");
	if (lun_file_read(path, MAX_FEED_BYTES, &text, &size, &err) != LUN_OK)
		return make_error(err.message);
	json_t *value = is_json ? parse_json(text, size, &err) : parse_text(text, size, &err);
	free(text);
	if (!value)
		return make_error(err.message);
#ifdef __APPLE__
	struct timespec updated = info.st_mtimespec;
#else
	struct timespec updated = info.st_mtim;
#endif
	double seconds = (double)updated.tv_sec + (double)updated.tv_nsec / 1e9;
	return json_pack("{sosf}", "value", value, "updated", seconds);
}

// Length of the stem when the name ends so, else 0.
static size_t stem_length(const char *name, const char *ending)
{
	size_t length = strlen(name), tail = strlen(ending);
	if (length <= tail || strcmp(name + length - tail, ending) != 0)
		return 0;
	return length - tail;
}

static void add_feed(json_t *feeds, const char *folder, const char *name)
{
	size_t json_length = stem_length(name, ".json");
	size_t length = json_length ? json_length : stem_length(name, ".txt");
	if (!length)
		return;
	char *stem = strndup(name, length);
	lun_assert(stem);
	// Where both are there, the .json file is the feed.
	bool is_wanted = lun_scene_name_is_valid(stem) && json_object_size(feeds) < MAX_FEEDS &&
	                 (json_length || !json_object_get(feeds, stem));
	if (is_wanted) {
		char *path = lun_format_string("%s/%s", folder, name);
		(void)json_object_set_new(feeds, stem, read_feed(path, json_length > 0));
		free(path);
	}
	free(stem);
}

json_t *lun_container_feeds(const struct lun_container *container, const char *scene)
{
	json_t *feeds = json_object();
	lun_assert(feeds);
	if (!lun_scene_name_is_valid(scene))
		return feeds;
	char *relative = lun_format_string("feeds/%s", scene);
	char *folder = lun_container_path(container, relative);
	DIR *stream = opendir(folder);
	const struct dirent *entry;
	while (stream && (entry = readdir(stream)))
		add_feed(feeds, folder, entry->d_name);
	if (stream)
		(void)closedir(stream);
	free(folder);
	free(relative);
	return feeds;
}
