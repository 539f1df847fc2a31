// Feeds: where a value comes from, how fresh it is, and what breaks without being lost.
#include "scene/feeds.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "lunette/files.h"

static char folder_path[64];
static struct lun_folder_files folder;

static void write_bytes(const char *name, const void *bytes, size_t size)
{
	char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", folder_path, name);
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
		exit(1);
}

static void write_text(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

static void make_folder(void)
{
	struct lun_error err;
	(void)snprintf(folder_path, sizeof folder_path, "/tmp/lunette-feeds-XXXXXX");
	if (!mkdtemp(folder_path) || lun_folder_files_init(&folder, folder_path, &err) != LUN_OK)
		exit(1);
}

static void remove_folder(void)
{
	char command[128];
	lun_folder_files_finish(&folder);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", folder_path);
	if (system(command) != 0)
		printf("# could not remove %s\n", folder_path);
}

static bool holds(const struct lun_feed *feed, const char *text)
{
	return json_is_string(feed->value) && strcmp(json_string_value(feed->value), text) == 0;
}

static void set_text(struct lun_feeds *feeds, const char *name, const char *text, double updated_s)
{
	json_t *value = json_string(text);
	lun_feeds_set(feeds, name, value, updated_s, NULL);
	json_decref(value);
}

static void a_feed_without_a_value_is_stale_and_empty(void)
{
	struct lun_feeds *feeds = lun_feeds_create();
	struct lun_feed *feed = lun_feeds_declare(feeds, "a", LUN_FEED_JSON, NULL, 0);
	CHECK(!feed->value);
	CHECK_EQ(feed->version, 0);
	CHECK(feed->updated_s == 0);
	CHECK(lun_feed_is_stale(feed, 0));
	CHECK_EQ(feed->error[0], 0);
	lun_feeds_destroy(feeds);
}

static void files_are_read_when_nobody_sends_a_value(void)
{
	write_text("rooms.json", "{\"room\": \"Blue\", \"free\": true}");
	write_text("word", "Gr\xc3\xbc\xc3\x9f dich\n");
	struct lun_feeds *feeds = lun_feeds_create();
	struct lun_feed *rooms = lun_feeds_declare(feeds, "rooms", LUN_FEED_JSON, "rooms.json", 0);
	struct lun_feed *word = lun_feeds_declare(feeds, "word", LUN_FEED_TEXT, "word", 0);
	lun_feeds_read_files(feeds, &folder.files, 100);
	CHECK(json_is_true(json_object_get(rooms->value, "free")));
	CHECK(holds(word, "Gr\xc3\xbc\xc3\x9f dich\n"));
	CHECK(word->updated_s == 100);
	CHECK(!lun_feed_is_stale(word, 1e12)); // nothing said how long it keeps
	json_t *paths = lun_feeds_paths(feeds);
	CHECK_EQ(json_array_size(paths), 2);
	json_decref(paths);
	lun_feeds_destroy(feeds);
}

static void what_comes_from_outside_wins_over_the_file(void)
{
	write_text("word", "from the file");
	struct lun_feeds *feeds = lun_feeds_create();
	set_text(feeds, "early", "before it was declared", 5);
	struct lun_feed *early = lun_feeds_declare(feeds, "early", LUN_FEED_TEXT, "word", 0);
	struct lun_feed *later = lun_feeds_declare(feeds, "later", LUN_FEED_TEXT, "word", 0);
	lun_feeds_read_files(feeds, &folder.files, 10);
	CHECK(holds(early, "before it was declared"));
	CHECK(early->updated_s == 5);
	CHECK(holds(later, "from the file"));
	set_text(feeds, "later", "from outside", 20);
	CHECK(holds(later, "from outside"));
	lun_feeds_read_files(feeds, &folder.files, 30);
	CHECK(holds(later, "from outside"));
	CHECK(later->updated_s == 20);
	lun_feeds_destroy(feeds);
}

static void what_breaks_keeps_its_last_value_and_says_why(void)
{
	write_text("data.json", "[1, 2]");
	struct lun_feeds *feeds = lun_feeds_create();
	struct lun_feed *feed = lun_feeds_declare(feeds, "data", LUN_FEED_JSON, "data.json", 0);
	lun_feeds_read_files(feeds, &folder.files, 1);
	CHECK_EQ(json_array_size(feed->value), 2);
	static const char *const broken[] = {"", "[1, 2", "{\"a\": }", "[1] x", "\xff\xfe"};
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		write_text("data.json", broken[i]);
		lun_feeds_read_files(feeds, &folder.files, 2);
		CHECK_EQ(json_array_size(feed->value), 2);
		CHECK(strncmp(feed->error, "data.json: line ", 16) == 0);
		CHECK(feed->updated_s == 1);
		CHECK(lun_feed_is_stale(feed, 2));
	}
	(void)unlinkat(folder.folder_fd, "data.json", 0);
	lun_feeds_read_files(feeds, &folder.files, 3);
	CHECK_EQ(json_array_size(feed->value), 2);
	CHECK(strcmp(feed->error, "cannot open data.json: No such file or directory") == 0);
	write_text("data.json", "[3]");
	lun_feeds_read_files(feeds, &folder.files, 4);
	CHECK_EQ(json_array_size(feed->value), 1);
	CHECK_EQ(feed->error[0], 0);
	CHECK(!lun_feed_is_stale(feed, 4));
	lun_feeds_destroy(feeds);
}

static void text_that_is_no_text_is_refused(void)
{
	struct lun_feeds *feeds = lun_feeds_create();
	write_bytes("word", "\xc3", 1);
	struct lun_feed *feed = lun_feeds_declare(feeds, "word", LUN_FEED_TEXT, "word", 0);
	lun_feeds_read_files(feeds, &folder.files, 1);
	CHECK(!feed->value);
	CHECK(strcmp(feed->error, "word: it is not UTF-8 text") == 0);
	set_text(feeds, "word", "fine", 2);
	CHECK(holds(feed, "fine"));
	json_t *number = json_integer(4);
	lun_feeds_set(feeds, "word", number, 3, NULL);
	json_decref(number);
	CHECK(holds(feed, "fine"));
	CHECK(strcmp(feed->error, "it is not text") == 0);
	CHECK(feed->updated_s == 2);
	lun_feeds_destroy(feeds);
}

static void an_error_from_outside_keeps_the_value_until_a_new_one_comes(void)
{
	struct lun_feeds *feeds = lun_feeds_create();
	struct lun_feed *feed = lun_feeds_declare(feeds, "a", LUN_FEED_TEXT, NULL, 60);
	set_text(feeds, "a", "old", 100);
	lun_feeds_set(feeds, "a", NULL, 130, "HTTP 500");
	CHECK(holds(feed, "old"));
	CHECK(feed->updated_s == 100); // its age is that of the value
	CHECK(strcmp(feed->error, "HTTP 500") == 0);
	CHECK(lun_feed_is_stale(feed, 131));
	set_text(feeds, "a", "new", 140);
	CHECK(holds(feed, "new"));
	CHECK_EQ(feed->error[0], 0);
	CHECK(!lun_feed_is_stale(feed, 140));
	lun_feeds_destroy(feeds);
}

// The scene is loaded after its feed had a value and then broke.
static void a_value_that_broke_before_it_was_declared_is_kept(void)
{
	struct lun_feeds *feeds = lun_feeds_create();
	set_text(feeds, "a", "old", 100);
	lun_feeds_set(feeds, "a", NULL, 130, "HTTP 500");
	struct lun_feed *feed = lun_feeds_declare(feeds, "a", LUN_FEED_TEXT, NULL, 0);
	CHECK(holds(feed, "old"));
	CHECK(feed->updated_s == 100);
	CHECK(strcmp(feed->error, "HTTP 500") == 0);
	lun_feeds_destroy(feeds);
}

static void values_get_stale_after_their_time(void)
{
	struct lun_feeds *feeds = lun_feeds_create();
	struct lun_feed *feed = lun_feeds_declare(feeds, "a", LUN_FEED_TEXT, NULL, 60);
	set_text(feeds, "a", "x", 1000);
	CHECK(!lun_feed_is_stale(feed, 1000));
	CHECK(!lun_feed_is_stale(feed, 1060));
	CHECK(lun_feed_is_stale(feed, 1060.001));
	CHECK(!lun_feed_is_stale(feed, 900)); // a clock that was set back
	lun_feeds_destroy(feeds);
}

static void versions_count_changes_and_nothing_else(void)
{
	struct lun_feeds *feeds = lun_feeds_create();
	struct lun_feed *feed = lun_feeds_declare(feeds, "a", LUN_FEED_TEXT, NULL, 0);
	set_text(feeds, "a", "x", 1);
	CHECK_EQ(feed->version, 1);
	set_text(feeds, "a", "x", 2);
	CHECK_EQ(feed->version, 1);
	CHECK(feed->updated_s == 2);
	lun_feeds_set(feeds, "a", NULL, 3, "broken");
	CHECK_EQ(feed->version, 1);
	set_text(feeds, "a", "y", 4);
	CHECK_EQ(feed->version, 2);
	lun_feeds_destroy(feeds);
}

static void a_feed_that_is_declared_anew_keeps_its_place_and_value(void)
{
	struct lun_feeds *feeds = lun_feeds_create();
	struct lun_feed *feed = lun_feeds_declare(feeds, "a", LUN_FEED_TEXT, NULL, 0);
	set_text(feeds, "a", "x", 1);
	CHECK(lun_feeds_declare(feeds, "a", LUN_FEED_TEXT, "word", 5) == feed);
	CHECK(holds(feed, "x"));
	CHECK_EQ(feed->version, 1);
	CHECK(lun_feed_is_stale(feed, 7));
	lun_feeds_destroy(feeds);
}

static void files_too_large_or_no_files_are_refused(void)
{
	struct lun_feeds *feeds = lun_feeds_create();
	write_text("big", "");
	int fd = openat(folder.folder_fd, "big", O_WRONLY | O_CLOEXEC);
	CHECK_EQ(ftruncate(fd, (16 << 20) + 1), 0); // sparse
	(void)close(fd);
	struct lun_feed *big = lun_feeds_declare(feeds, "big", LUN_FEED_TEXT, "big", 0);
	struct lun_feed *out = lun_feeds_declare(feeds, "out", LUN_FEED_TEXT, "../../etc/passwd", 0);
	lun_feeds_read_files(feeds, &folder.files, 1);
	CHECK(!big->value && strcmp(big->error, "big: File too large") == 0);
	CHECK(!out->value && strstr(out->error, "outside the scene's folder"));
	lun_feeds_destroy(feeds);
}

TEST_MAIN({
	make_folder();
	RUN(a_feed_without_a_value_is_stale_and_empty);
	RUN(files_are_read_when_nobody_sends_a_value);
	RUN(what_comes_from_outside_wins_over_the_file);
	RUN(what_breaks_keeps_its_last_value_and_says_why);
	RUN(text_that_is_no_text_is_refused);
	RUN(an_error_from_outside_keeps_the_value_until_a_new_one_comes);
	RUN(a_value_that_broke_before_it_was_declared_is_kept);
	RUN(values_get_stale_after_their_time);
	RUN(versions_count_changes_and_nothing_else);
	RUN(a_feed_that_is_declared_anew_keeps_its_place_and_value);
	RUN(files_too_large_or_no_files_are_refused);
	remove_folder();
})
