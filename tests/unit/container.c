// The container on a real disk: where it is, what is found in it, what hostile or broken files do,
// and that stock never overwrites.
#include "extension/camera/container.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "extension/camera/scene_name.h"
#include "lunette/log.h"

static char dir[64]; // a temporary folder for each test
static struct lun_container *container;
static int warning_count;
static char last_warning[2048];

static void keep_log(void *data, enum lun_log_level level, const char *message)
{
	(void)data;
	warning_count += level == LUN_LOG_WARN;
	snprintf(last_warning, sizeof last_warning, "%s", message);
}

static void run(const char *format, ...)
{
	char command[2048];
	va_list args;
	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	if (system(command) != 0)
		printf("# failed: %s\n", command);
}

static const char *at(const char *name)
{
	static char paths[4][256];
	static int next;
	char *path = paths[next++ % 4];
	snprintf(path, 256, "%s/%s", dir, name);
	return path;
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
		printf("# cannot write %s\n", path);
}

static void write_text(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

static bool file_says(const char *path, const char *text)
{
	char content[256] = "";
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	size_t size = fread(content, 1, sizeof content - 1, file);
	fclose(file);
	return size == strlen(text) && strcmp(content, text) == 0;
}

static void make_dir(void)
{
	strcpy(dir, "/tmp/lun-container-XXXXXX");
	if (!mkdtemp(dir))
		abort();
}

static bool open_container(void)
{
	struct lun_error err;
	make_dir();
	return lun_container_open(at("c"), &container, &err) == LUN_OK;
}

static void close_container(void)
{
	lun_container_close(container);
	container = NULL;
	run("rm -rf %s", dir);
}

static bool is_mode(const char *path, mode_t mode)
{
	struct stat info;
	return stat(path, &info) == 0 && (info.st_mode & 07777) == mode;
}

static void a_container_is_made_private_with_its_folders(void)
{
	make_dir();
	CHECK_EQ(lun_container_open(at("a/b/c//"), &container, NULL), LUN_OK);
	CHECK(strcmp(lun_container_dir(container), at("a/b/c")) == 0);
	CHECK(is_mode(at("a"), 0700) && is_mode(at("a/b/c"), 0700));
	static const char *const folders[] = {"scenes", "params", "feeds", "run", "log"};
	for (int i = 0; i < 5; i++) {
		char *path = lun_container_path(container, folders[i]);
		CHECK(strncmp(path, at("a/b/c/"), strlen(at("a/b/c/"))) == 0);
		CHECK(is_mode(path, 0700));
		free(path);
	}
	lun_container_close(container);
	// What is there stays as it is.
	CHECK_EQ(chmod(at("a/b/c/scenes"), 0755), 0);
	write_text(at("a/b/c/active"), "card\n");
	CHECK_EQ(lun_container_open(at("a/b/c"), &container, NULL), LUN_OK);
	CHECK(is_mode(at("a/b/c/scenes"), 0755));
	CHECK(file_says(at("a/b/c/active"), "card\n"));
	close_container();
}

static bool opens_at(const char *wanted)
{
	struct lun_error err;
	if (lun_container_open(NULL, &container, &err) != LUN_OK) {
		printf("# %s\n", err.message);
		return false;
	}
	bool is_right = strcmp(lun_container_dir(container), wanted) == 0;
	if (!is_right)
		printf("# at %s\n", lun_container_dir(container));
	lun_container_close(container);
	container = NULL;
	return is_right;
}

static void the_environment_says_where_it_is(void)
{
	make_dir();
	char here[4096];
	CHECK(getcwd(here, sizeof here) && chdir(dir) == 0);
	setenv("HOME", at("home"), 1);
	setenv("XDG_DATA_HOME", at("data"), 1);
	setenv("LUNETTE_CONTAINER", at("chosen"), 1);
	CHECK(opens_at(at("chosen")));
	setenv("LUNETTE_CONTAINER", "relative", 1);
	CHECK(opens_at(at("relative")));
	setenv("LUNETTE_CONTAINER", "", 1);
	CHECK(opens_at(at("data/lunette")));
	setenv("XDG_DATA_HOME", "data", 1); // to be ignored, says the specification
	CHECK(opens_at(at("home/.local/share/lunette")));
	unsetenv("XDG_DATA_HOME");
	unsetenv("LUNETTE_CONTAINER");
	CHECK(opens_at(at("home/.local/share/lunette")));
	CHECK_EQ(chdir(here), 0);
	run("rm -rf %s", dir);
}

// Where a user whose home is not there would keep scenes, from the reason why that fails.
static int open_without_home(void)
{
	struct lun_error err;
	if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
		return 2;
	struct passwd *user = getpwuid(geteuid());
	if (!user || access(user->pw_dir, F_OK) == 0)
		return 77; // a real home is no place for a test's files
	unsetenv("LUNETTE_CONTAINER");
	unsetenv("XDG_DATA_HOME");
	unsetenv("HOME");
	char wanted[4096];
	snprintf(wanted, sizeof wanted, "%s/.local/share/lunette", user->pw_dir);
	return lun_container_open(NULL, &container, &err) == LUN_IO && strstr(err.message, wanted) ? 0
	                                                                                           : 1;
}

static void without_home_the_password_file_says_where(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(open_without_home());
	int status;
	CHECK_EQ(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		printf("# this user has a home: not run\n");
	else
		CHECK_EQ(status, 0);
}

static void a_container_that_cannot_be_written_is_an_error(void)
{
	struct lun_error err;
	make_dir();
	CHECK_EQ(lun_container_open("/dev/null/x", &container, &err), LUN_IO);
	CHECK(strncmp(err.message, "cannot write to /dev/null/x: Not a directory", 44) == 0);
	write_text(at("file"), "");
	CHECK_EQ(lun_container_open(at("file"), &container, &err), LUN_IO);
	CHECK_EQ(lun_container_open(at("file/deep/er"), &container, &err), LUN_IO);
	CHECK(strstr(err.message, "file/deep/er"));
	CHECK_EQ(symlink("nowhere", at("link")), 0);
	CHECK_EQ(lun_container_open(at("link"), &container, &err), LUN_IO);
	CHECK_EQ(lun_container_open("", &container, &err), LUN_IO);
	// One of its folders is a file.
	CHECK_EQ(mkdir(at("c"), 0700), 0);
	write_text(at("c/params"), "");
	CHECK_EQ(lun_container_open(at("c"), &container, &err), LUN_IO);
	CHECK(strstr(err.message, "/c/params: Not a directory"));
	// Somebody else's.
	pid_t child = fork();
	if (child == 0) {
		if (unlink(at("c/params")) < 0 || chmod(dir, 0755) < 0 || chmod(at("c"), 0555) < 0 ||
		        (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0))
			_exit(2);
		_exit(lun_container_open(at("c"), &container, &err) == LUN_IO &&
		                        strstr(err.message, "Permission denied")
		                ? 0
		                : 1);
	}
	int status;
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
	run("chmod -R u+w %s", dir);
	close_container();
}

// Every kind of thing that may lie in the scenes folder.
static void fill_scenes(void)
{
	run("cd %s/c/scenes && mkdir hello bare .hidden 'two words' empty.lua linked-to.d && "
	    "touch hello/scene.lua .hidden/scene.lua 'two words/scene.lua' card.lua .dot.lua .lua "
	    "notes.txt card.lua~ hello.lua && mkfifo pipe.lua && mkdir folder && mkdir "
	    "folder/scene.lua && ln -s nowhere gone.lua && ln -s hello alias && "
	    "printf x > \"$(printf 'bad\\377.lua')\" && printf x > \"$(printf 'new\\nline.lua')\" && "
	    "printf x > \"$(printf '\\303\\251t\\303\\251.lua')\" && printf x > "
	    "\"$(printf 'bell\\007.lua')\"",
	        dir);
}

static void scenes_are_listed_by_name_and_hostile_names_are_not(void)
{
	CHECK(open_container());
	json_t *empty = lun_container_scenes(container);
	CHECK_EQ(json_array_size(empty), 0);
	json_decref(empty);
	fill_scenes();
	json_t *scenes = lun_container_scenes(container);
	char *text = json_dumps(scenes, JSON_COMPACT);
	CHECK(strcmp(text, "[\"alias\",\"card\",\"hello\",\"two words\",\"\xc3\xa9t\xc3\xa9\"]") == 0);
	free(text);
	json_decref(scenes);
	close_container();
}

static void a_scene_is_found_by_its_name(void)
{
	struct lun_scene_ref ref;
	struct lun_error err;
	CHECK(open_container());
	CHECK_EQ(lun_container_find(container, "x", &ref, &err), LUN_NOT_FOUND);
	CHECK(strstr(err.message, "nor any other"));
	fill_scenes();
	CHECK_EQ(lun_container_find(container, "hello", &ref, &err), LUN_OK);
	CHECK(strcmp(ref.name, "hello") == 0 && strcmp(ref.file, "scene.lua") == 0);
	CHECK(strcmp(ref.root, at("c/scenes/hello")) == 0);
	lun_scene_ref_finish(&ref);
	lun_scene_ref_finish(&ref); // finished twice is finished
	CHECK_EQ(lun_container_find(container, "card", &ref, &err), LUN_OK);
	CHECK(strcmp(ref.name, "card") == 0 && strcmp(ref.file, "card.lua") == 0);
	CHECK(strcmp(ref.root, at("c/scenes")) == 0);
	lun_scene_ref_finish(&ref);
	static const char *const strangers[] = {"bare", "folder", "pipe", "gone", ".hidden", "", ".",
	        "..", "../scenes/hello", "hello/", "bad\xff", "new\nline", "card.lua"};
	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
		CHECK_EQ(lun_container_find(container, strangers[i], &ref, &err), LUN_NOT_FOUND);
		CHECK(strstr(err.message, "there are: alias, card, hello, two words, \xc3\xa9t\xc3\xa9"));
	}
	// However many there are, the sentence ends.
	for (int i = 0; i < 200; i++) {
		char name[64];
		snprintf(name, sizeof name, "c/scenes/scene-number-%03d.lua", i);
		write_text(at(name), "");
	}
	CHECK_EQ(lun_container_find(container, "x", &ref, &err), LUN_NOT_FOUND);
	CHECK(strcmp(err.message + strlen(err.message) - 5, ", ...") == 0);
	close_container();
}

static bool refers(const char *path, const char *name, const char *root, const char *file)
{
	struct lun_scene_ref ref;
	struct lun_error err;
	if (lun_scene_ref_from_path(path, &ref, &err) != LUN_OK) {
		printf("# %s\n", err.message);
		return false;
	}
	bool is_right = strcmp(ref.name, name) == 0 && strcmp(ref.root, root) == 0 &&
	                strcmp(ref.file, file) == 0;
	if (!is_right)
		printf("# %s: %s %s %s\n", path, ref.name, ref.root, ref.file);
	lun_scene_ref_finish(&ref);
	return is_right;
}

static void a_path_is_used_where_it_lies(void)
{
	CHECK(open_container());
	fill_scenes();
	char here[4096];
	CHECK(getcwd(here, sizeof here) && chdir(at("c/scenes")) == 0);
	char scenes[256];
	snprintf(scenes, sizeof scenes, "%s", at("c/scenes"));
	CHECK(refers("hello", "hello", at("c/scenes/hello"), "scene.lua"));
	CHECK(refers("hello//", "hello", at("c/scenes/hello"), "scene.lua"));
	CHECK(refers("hello/scene.lua", "hello", at("c/scenes/hello"), "scene.lua"));
	CHECK(refers("./card.lua", "card", at("c/scenes"), "card.lua"));
	CHECK(refers(".././/scenes/card.lua", "card", at("c/scenes/../scenes"), "card.lua"));
	CHECK(refers(at("c/scenes/card.lua"), "card", scenes, "card.lua"));
	CHECK(refers("alias", "alias", at("c/scenes/alias"), "scene.lua"));
	CHECK(refers(".hidden", "_hidden", at("c/scenes/.hidden"), "scene.lua"));
	CHECK(refers(".dot.lua", "_dot", scenes, ".dot.lua"));
	CHECK(refers("new\nline.lua", "new_line", scenes, "new\nline.lua"));
	CHECK(chdir("hello") == 0 && refers(".", "hello", at("c/scenes/hello"), "scene.lua"));
	CHECK(mkdir("sub", 0700) == 0 && chdir("sub") == 0);
	CHECK(refers("..", "hello", at("c/scenes/hello"), "scene.lua"));
	CHECK(chdir("../..") == 0);
	struct lun_scene_ref ref;
	struct lun_error err;
	CHECK_EQ(lun_scene_ref_from_path("bare", &ref, &err), LUN_NOT_FOUND);
	CHECK(strstr(err.message, "no scene.lua in that folder"));
	CHECK_EQ(lun_scene_ref_from_path("folder", &ref, &err), LUN_NOT_FOUND);
	CHECK_EQ(lun_scene_ref_from_path("empty.lua", &ref, &err), LUN_NOT_FOUND);
	CHECK_EQ(lun_scene_ref_from_path("notes.txt", &ref, &err), LUN_NOT_FOUND);
	CHECK(strstr(err.message, "ends in .lua"));
	CHECK_EQ(lun_scene_ref_from_path("pipe.lua", &ref, &err), LUN_NOT_FOUND);
	CHECK_EQ(lun_scene_ref_from_path(".lua", &ref, &err), LUN_NOT_FOUND);
	CHECK_EQ(lun_scene_ref_from_path("gone.lua", &ref, &err), LUN_NOT_FOUND);
	CHECK_EQ(lun_scene_ref_from_path("", &ref, &err), LUN_NOT_FOUND);
	CHECK(lun_scene_is_path("hello") && lun_scene_is_path("card.lua") && lun_scene_is_path("."));
	CHECK(lun_scene_is_path("x/y") && lun_scene_is_path("/"));
	CHECK(!lun_scene_is_path("lower-third") && !lun_scene_is_path(""));
	CHECK_EQ(chdir(here), 0);
	close_container();
}

static void any_text_becomes_a_valid_name(void)
{
	static const char *const texts[][2] = {{"a b", "a b"}, {"", "scene"}, {".x", "_x"},
	        {"a/b", "a_b"}, {"..", "_."}, {"\x7f\n", "__"}, {"a\xc2\x85z", "a_z"},
	        {"\xc3\xa9", "\xc3\xa9"}, {"\xff", "\xef\xbf\xbd"}, {"a.lua", "a.lua"},
	        {"_\xc3\xa9", "_\xc3\xa9"}};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char *name = lun_scene_name_from(texts[i][0]);
		CHECK(strcmp(name, texts[i][1]) == 0);
		CHECK(lun_scene_name_is_valid(name));
		free(name);
	}
	char longest[301];
	for (int i = 0; i < 300; i++)
		longest[i] = i % 3 == 0 ? '\xe2' : i % 3 == 1 ? '\x82' : '\xac';
	longest[300] = 0;
	CHECK(!lun_scene_name_is_valid(longest));
	char *name = lun_scene_name_from(longest);
	CHECK_EQ(strlen(name), 198);
	CHECK(lun_scene_name_is_valid(name));
	free(name);
}

static void the_active_scene_is_remembered(void)
{
	struct lun_error err;
	CHECK(open_container());
	CHECK(!lun_container_active(container));
	CHECK_EQ(lun_container_set_active(container, "two words", &err), LUN_OK);
	CHECK(file_says(at("c/active"), "two words\n"));
	CHECK(is_mode(at("c/active"), 0600));
	char *name = lun_container_active(container);
	CHECK(name && strcmp(name, "two words") == 0);
	free(name);
	static const char *const bad[] = {"", "..", "a/b", "a\nb", "\xff", ".x"};
	for (int i = 0; i < 6; i++)
		CHECK_EQ(lun_container_set_active(container, bad[i], &err), LUN_INVALID);
	CHECK(file_says(at("c/active"), "two words\n"));
	// As people write it, and as nobody should.
	write_text(at("c/active"), "card");
	name = lun_container_active(container);
	CHECK(name && strcmp(name, "card") == 0);
	free(name);
	write_text(at("c/active"), "card\r\nrest");
	name = lun_container_active(container);
	CHECK(name && strcmp(name, "card") == 0);
	free(name);
	static const char *const broken[] = {"", "\n", "../x\n", "\xff\xfe\n"};
	for (int i = 0; i < 4; i++) {
		write_text(at("c/active"), broken[i]);
		CHECK(!lun_container_active(container));
	}
	run("cd %s/c && rm active && mkfifo active", dir);
	CHECK(!lun_container_active(container)); // and does not wait for a writer
	run("cd %s/c && rm active && mkdir active", dir);
	CHECK(!lun_container_active(container));
	CHECK_EQ(lun_container_set_active(container, "card", &err), LUN_IO);
	CHECK(strstr(err.message, "/c/active"));
	run("test -z \"$(find %s/c -name '.*.*')\"", dir); // no temporary file is left
	close_container();
}

static void values_are_kept(void)
{
	struct lun_error err;
	CHECK(open_container());
	json_t *values = lun_container_values(container, "card");
	CHECK(json_is_object(values) && json_object_size(values) == 0);
	json_decref(values);
	values = json_pack("{sss{sisb}sn}", "name", "Grace \xc3\xa9", "o", "i", 3, "b", 1, "null");
	CHECK_EQ(lun_container_set_values(container, "card", values, &err), LUN_OK);
	json_t *back = lun_container_values(container, "card");
	CHECK(json_equal(values, back));
	json_decref(back);
	CHECK(is_mode(at("c/params/card.json"), 0600));
	CHECK_EQ(lun_container_set_values(container, "../card", values, &err), LUN_INVALID);
	CHECK_EQ(lun_container_set_values(container, "card", NULL, &err), LUN_INVALID);
	json_t *list = json_array();
	CHECK_EQ(lun_container_set_values(container, "card", list, &err), LUN_INVALID);
	json_decref(list);
	back = lun_container_values(container, "../params/card");
	CHECK_EQ(json_object_size(back), 0);
	json_decref(back);
	char *text = malloc((1 << 20) + 1);
	memset(text, 'x', 1 << 20);
	text[1 << 20] = 0;
	json_object_set_new(values, "long", json_string(text));
	free(text);
	CHECK_EQ(lun_container_set_values(container, "card", values, &err), LUN_LIMIT);
	json_decref(values);
	back = lun_container_values(container, "card");
	CHECK_EQ(json_object_size(back), 3);
	json_decref(back);
	close_container();
}

static void broken_values_are_put_aside(void)
{
	static const char *const broken[] = {"", "{\"a\":1", "[1]", "\"text\"", "{\"a\":\"\xff\"}"};
	CHECK(open_container());
	for (int i = 0; i < 5; i++) {
		write_text(at("c/params/card.json"), broken[i]);
		warning_count = 0;
		json_t *values = lun_container_values(container, "card");
		CHECK(json_is_object(values) && json_object_size(values) == 0);
		json_decref(values);
		CHECK_EQ(warning_count, 1);
		CHECK(strstr(last_warning, "card.json.broken"));
		CHECK(access(at("c/params/card.json"), F_OK) < 0);
		CHECK(file_says(at("c/params/card.json.broken"), broken[i]));
		values = lun_container_values(container, "card");
		CHECK_EQ(warning_count, 1);
		json_decref(values);
	}
	run("head -c 1100000 /dev/zero > %s", at("c/params/card.json"));
	json_t *values = lun_container_values(container, "card");
	CHECK_EQ(json_object_size(values), 0);
	json_decref(values);
	CHECK(access(at("c/params/card.json"), F_OK) < 0);
	// A pipe is not waited for, and is not ours to move.
	CHECK_EQ(mkfifo(at("c/params/card.json"), 0600), 0);
	warning_count = 0;
	values = lun_container_values(container, "card");
	CHECK_EQ(json_object_size(values), 0);
	json_decref(values);
	CHECK_EQ(warning_count, 1);
	CHECK_EQ(access(at("c/params/card.json"), F_OK), 0);
	close_container();
}

static bool has_error(const json_t *feeds, const char *name, const char *part)
{
	const json_t *feed = json_object_get(feeds, name);
	const char *text = json_string_value(json_object_get(feed, "error"));
	bool is_right = text && strstr(text, part) && json_object_size(feed) == 1;
	if (!is_right)
		printf("# %s: %s\n", name, text ? text : "no error");
	return is_right;
}

static void feeds_are_read_with_their_age(void)
{
	CHECK(open_container());
	json_t *feeds = lun_container_feeds(container, "room");
	CHECK(json_is_object(feeds) && json_object_size(feeds) == 0);
	json_decref(feeds);
	CHECK_EQ(mkdir(at("c/feeds/room"), 0700), 0);
	write_text(at("c/feeds/room/events.json"), "{\"next\":[1,2]}");
	write_text(at("c/feeds/room/number.json"), "7");
	write_text(at("c/feeds/room/line.txt"), "Hello \xc3\xa9\n");
	write_text(at("c/feeds/room/both.txt"), "text");
	write_text(at("c/feeds/room/both.json"), "\"json\"");
	write_text(at("c/feeds/room/half.json"), "{\n\"next\":[1,");
	write_text(at("c/feeds/room/latin.txt"), "\xe9");
	write_bytes(at("c/feeds/room/zero.txt"), "a\0b", 3);
	write_text(at("c/feeds/room/.new.json"), "1");
	write_text(at("c/feeds/room/picture.png"), "1");
	run("cd %s/c/feeds/room && head -c 17000000 /dev/zero > big.txt && mkfifo pipe.json && "
	    "mkdir folder.json && ln -s nowhere lost.json && "
	    "printf 1 > \"$(printf 'bad\\377.json')\"",
	        dir);
	struct timespec times[2] = {{.tv_sec = 1700000000, .tv_nsec = 500000000},
	        {.tv_sec = 1700000000, .tv_nsec = 500000000}};
	CHECK_EQ(utimensat(AT_FDCWD, at("c/feeds/room/events.json"), times, 0), 0);
	feeds = lun_container_feeds(container, "room");
	CHECK_EQ(json_object_size(feeds), 11);
	const json_t *events = json_object_get(feeds, "events");
	CHECK(json_real_value(json_object_get(events, "updated")) == 1700000000.5);
	json_t *wanted = json_pack("{s[ii]}", "next", 1, 2);
	CHECK(json_equal(json_object_get(events, "value"), wanted));
	json_decref(wanted);
	json_t *value = json_object_get(json_object_get(feeds, "number"), "value");
	CHECK_EQ(json_integer_value(value), 7);
	value = json_object_get(json_object_get(feeds, "line"), "value");
	CHECK(strcmp(json_string_value(value), "Hello \xc3\xa9\n") == 0);
	value = json_object_get(json_object_get(feeds, "both"), "value");
	CHECK(strcmp(json_string_value(value), "json") == 0);
	CHECK(has_error(feeds, "half", "line 2"));
	CHECK(has_error(feeds, "latin", "UTF-8"));
	CHECK(has_error(feeds, "zero", "UTF-8"));
	CHECK(has_error(feeds, "big", "too big"));
	CHECK(has_error(feeds, "pipe", "not a regular file"));
	CHECK(has_error(feeds, "folder", "not a regular file"));
	CHECK(has_error(feeds, "lost", "gone"));
	json_decref(feeds);
	feeds = lun_container_feeds(container, "../feeds/room");
	CHECK_EQ(json_object_size(feeds), 0);
	json_decref(feeds);
	close_container();
}

static void stock_scenes_are_copied_once(void)
{
	struct lun_error err;
	CHECK(open_container());
	CHECK_EQ(lun_container_add_stock(container, at("stock"), &err), LUN_NOT_FOUND);
	run("mkdir -p %s/stock/hello/img/deep %s/stock/card %s/stock/bare %s/stock/.git %s/stock/mine "
	    "%s/stock/single && cd %s/stock && echo hello > hello/scene.lua && echo png > "
	    "hello/img/deep/a.png && ln -s /etc/passwd hello/link && mkfifo hello/pipe && "
	    "echo card > card/scene.lua && echo x > .git/scene.lua && echo stock > mine/scene.lua && "
	    "echo stock > single/scene.lua && chmod -R a-w hello card && "
	    "mkdir ../c/scenes/mine && echo own > ../c/scenes/mine/scene.lua && "
	    "echo own > ../c/scenes/single.lua",
	        dir, dir, dir, dir, dir, dir, dir);
	CHECK_EQ(lun_container_add_stock(container, at("stock"), &err), LUN_OK);
	CHECK(file_says(at("c/scenes/hello/scene.lua"), "hello\n"));
	CHECK(file_says(at("c/scenes/hello/img/deep/a.png"), "png\n"));
	CHECK(file_says(at("c/scenes/card/scene.lua"), "card\n"));
	CHECK(file_says(at("c/scenes/mine/scene.lua"), "own\n"));
	CHECK(access(at("c/scenes/single"), F_OK) < 0);
	CHECK(access(at("c/scenes/bare"), F_OK) < 0);
	struct stat info;
	CHECK(lstat(at("c/scenes/hello/link"), &info) < 0);
	CHECK(lstat(at("c/scenes/hello/pipe"), &info) < 0);
	CHECK(stat(at("c/scenes/hello/scene.lua"), &info) == 0 && info.st_mode & S_IWUSR);
	CHECK(stat(at("c/scenes/hello/img"), &info) == 0 && info.st_mode & S_IWUSR);
	CHECK(file_says(at("c/.stock"), "card\nhello\n"));
	// What was deleted stays deleted, what was edited stays edited; what is new comes.
	run("cd %s && rm -r c/scenes/card && echo edited > c/scenes/hello/scene.lua && "
	    "mkdir stock/later && echo later > stock/later/scene.lua && rm c/scenes/single.lua",
	        dir);
	CHECK_EQ(lun_container_add_stock(container, at("stock"), &err), LUN_OK);
	CHECK(access(at("c/scenes/card"), F_OK) < 0);
	CHECK(file_says(at("c/scenes/hello/scene.lua"), "edited\n"));
	CHECK(file_says(at("c/scenes/later/scene.lua"), "later\n"));
	CHECK(file_says(at("c/scenes/single/scene.lua"), "stock\n"));
	CHECK(file_says(at("c/.stock"), "card\nhello\nlater\nsingle\n"));
	run("chmod -R u+w %s", dir);
	close_container();
}

static void a_copy_that_fails_leaves_nothing_half_done(void)
{
	struct lun_error err;
	CHECK(open_container());
	run("mkdir -p %s/stock/a %s/stock/a/$(seq -s / 1 40) && cd %s/stock && echo a > a/scene.lua",
	        dir, dir, dir);
	CHECK_EQ(lun_container_add_stock(container, at("stock"), &err), LUN_LIMIT);
	CHECK(strstr(err.message, "nested too deeply"));
	run("test -z \"$(ls -A %s/c/scenes)\"", dir);
	CHECK(access(at("c/.stock"), F_OK) < 0);
	CHECK_EQ(access(at("c/scenes/a"), F_OK), -1);
	close_container();
}

static void stock_is_found_beside_the_program(void)
{
	make_dir();
	setenv("LUNETTE_STOCK", dir, 1);
	char *found = lun_stock_scenes_dir();
	CHECK(found && strcmp(found, dir) == 0);
	free(found);
	setenv("LUNETTE_STOCK", "/dev/null/x", 1);
	CHECK(!lun_stock_scenes_dir());
	unsetenv("LUNETTE_STOCK");
	// The program elsewhere: this test itself, copied, asks there.
	run("mkdir -p %s/build/dev/bin %s/scripts/scenes %s/usr/bin %s/usr/share/lunette/scenes && "
	    "cp /proc/%d/exe %s/build/dev/bin/x && cp %s/build/dev/bin/x %s/usr/bin/x",
	        dir, dir, dir, dir, (int)getpid(), dir, dir, dir);
	char command[512];
	snprintf(command, sizeof command, "test \"$(%s/build/dev/bin/x --stock)\" = %s/scripts/scenes",
	        dir, dir);
	CHECK_EQ(system(command), 0);
	snprintf(command, sizeof command,
	        "test \"$(realpath $(%s/usr/bin/x --stock))\" = %s/usr/share/lunette/scenes", dir, dir);
	CHECK_EQ(system(command), 0);
	run("rm -rf %s", dir);
}

static int print_stock(void)
{
	char *found = lun_stock_scenes_dir();
	printf("%s\n", found ? found : "");
	free(found);
	return 0;
}

static int run_all(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	lun_log_set_sink(keep_log, NULL);
	RUN(a_container_is_made_private_with_its_folders);
	RUN(the_environment_says_where_it_is);
	RUN(without_home_the_password_file_says_where);
	RUN(a_container_that_cannot_be_written_is_an_error);
	RUN(scenes_are_listed_by_name_and_hostile_names_are_not);
	RUN(a_scene_is_found_by_its_name);
	RUN(a_path_is_used_where_it_lies);
	RUN(any_text_becomes_a_valid_name);
	RUN(the_active_scene_is_remembered);
	RUN(values_are_kept);
	RUN(broken_values_are_put_aside);
	RUN(feeds_are_read_with_their_age);
	RUN(stock_scenes_are_copied_once);
	RUN(a_copy_that_fails_leaves_nothing_half_done);
	RUN(stock_is_found_beside_the_program);
	printf("1..%d\n", t_count);
	return t_any;
}

int main(int argc, char **argv)
{
	return argc == 2 && strcmp(argv[1], "--stock") == 0 ? print_stock() : run_all();
}
