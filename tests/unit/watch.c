// Watching folders, by doing to them exactly what editors and tools do: what is told, and how
// often.
//
// That nothing is told is proved by a last change of another file: what was to be told before it
// would have come with it.
#include "extension/camera/watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "lunette/log.h"

enum { DEADLINE_MS = 20000, QUIET_MS = 20 };

struct stage {
	uv_loop_t loop;
	uv_timer_t deadline;
	bool is_late;
	char dir[64];  // the temporary folder
	char root[96]; // what is watched: a folder in it
	struct lun_watch *watch;
	int count;        // callbacks
	char last[65536]; // what the last one told, joined by commas; "*" for everything
	char *all;        // of all of them, each path between newlines
	bool has_told_everything;
	bool destroys_itself;
};

static struct stage *stage; // one at a time

static void run(const char *format, ...)
{
	char command[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	if (system(command) != 0)
		printf("# failed: %s\n", command);
}

static const char *in_root(const char *name)
{
	static char paths[4][512];
	static int next;
	char *path = paths[next++ % 4];
	snprintf(path, 512, "%s/%s", stage->root, name);
	return path;
}

static int open_file(const char *name, int flags)
{
	return open(in_root(name), flags | O_WRONLY | O_CLOEXEC, 0644);
}

static void put(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		abort();
}

static void write_file(const char *name, const char *text)
{
	int fd = open_file(name, O_CREAT | O_TRUNC);
	put(fd, text);
	close(fd);
}

static void on_changed(void *data, const char *const *paths, size_t count)
{
	(void)data;
	stage->count++;
	stage->last[0] = 0;
	size_t used = strlen(stage->all);
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(stage->last);
		snprintf(stage->last + length, sizeof stage->last - length, "%s%s", i ? "," : "", paths[i]);
		size_t size = strlen(paths[i]);
		stage->all = realloc(stage->all, used + size + 2);
		used += (size_t)sprintf(stage->all + used, "%s\n", paths[i]);
	}
	if (count == 0)
		strcpy(stage->last, "*");
	stage->has_told_everything |= count == 0;
	if (stage->destroys_itself) {
		lun_watch_destroy(stage->watch);
		stage->watch = NULL;
	}
}

static void on_deadline(uv_timer_t *timer)
{
	(void)timer;
	stage->is_late = true;
}

static void turn(void)
{
	uv_run(&stage->loop, UV_RUN_NOWAIT);
}

#define WAIT_FOR(condition)                                                                    \
	(stage->is_late = false, uv_timer_start(&stage->deadline, on_deadline, DEADLINE_MS, 0), ({ \
		while (!(condition) && !stage->is_late)                                                \
			uv_run(&stage->loop, UV_RUN_ONCE);                                                 \
		uv_timer_stop(&stage->deadline);                                                       \
		condition;                                                                             \
	}))

static void open_stage(void)
{
	stage = calloc(1, sizeof *stage);
	stage->all = calloc(1, 1);
	uv_loop_init(&stage->loop);
	uv_timer_init(&stage->loop, &stage->deadline);
	strcpy(stage->dir, "/tmp/lun-watch-XXXXXX");
	if (!mkdtemp(stage->dir))
		abort();
	snprintf(stage->root, sizeof stage->root, "%s/scene", stage->dir);
	mkdir(stage->root, 0755);
	write_file("scene.lua", "return 1");
	write_file("logo.png", "png");
	mkdir(in_root("lib"), 0755);
	write_file("lib/util.lua", "return {}");
	mkdir(in_root(".git"), 0755);
	write_file(".git/HEAD", "ref: refs/heads/main");
}

static bool start_watch_of(bool is_deep, unsigned quiet_ms)
{
	struct lun_error err;
	enum lun_result rc = lun_watch_create(
	        &stage->loop, stage->root, is_deep, quiet_ms, on_changed, NULL, &stage->watch, &err);
	if (rc != LUN_OK)
		printf("# %s\n", err.message);
	return rc == LUN_OK;
}

static bool start_watch(unsigned quiet_ms)
{
	return start_watch_of(true, quiet_ms);
}

static bool close_stage(void)
{
	lun_watch_destroy(stage->watch);
	uv_close((uv_handle_t *)&stage->deadline, NULL);
	uv_run(&stage->loop, UV_RUN_DEFAULT);
	bool is_clean = uv_loop_close(&stage->loop) == 0;
	run("rm -rf %s", stage->dir);
	free(stage->all);
	free(stage);
	stage = NULL;
	return is_clean;
}

// The change that was just made is told as exactly this, in one call.
static bool tells(const char *wanted)
{
	int before = stage->count;
	bool is_told = WAIT_FOR(stage->count > before);
	if (!is_told || strcmp(stage->last, wanted) != 0)
		printf("# told %s, want %s\n", is_told ? stage->last : "nothing", wanted);
	return is_told && strcmp(stage->last, wanted) == 0;
}

static bool tells_nothing_more(void)
{
	write_file("zz", "last");
	return tells("zz");
}

#define CHECK_ALONE(change, wanted)   \
	do {                              \
		open_stage();                 \
		CHECK(start_watch(QUIET_MS)); \
		change;                       \
		CHECK(tells(wanted));         \
		CHECK(tells_nothing_more());  \
		CHECK(close_stage());         \
	} while (0)

// Ways to save scene.lua. Between their steps the loop turns, as it does when an editor is slow.

static void save_in_place(void)
{
	int fd = open_file("scene.lua", O_TRUNC);
	turn();
	put(fd, "return ");
	turn();
	put(fd, "2");
	turn();
	close(fd);
}

static void save_in_two_openings(void)
{
	int fd = open_file("scene.lua", O_TRUNC);
	close(fd);
	turn();
	fd = open_file("scene.lua", O_APPEND);
	put(fd, "return 2");
	close(fd);
}

// Vim with backupcopy=no: tries the folder, moves the file away, writes it anew.
static void save_like_vim(void)
{
	write_file(".scene.lua.swp", "b0VIM");
	close(open_file("4913", O_CREAT | O_EXCL));
	unlink(in_root("4913"));
	turn();
	rename(in_root("scene.lua"), in_root("scene.lua~"));
	turn();
	int fd = open_file("scene.lua", O_CREAT | O_EXCL);
	turn();
	put(fd, "return 2");
	fsync(fd);
	turn();
	close(fd);
	chmod(in_root("scene.lua"), 0644);
	unlink(in_root("scene.lua~"));
	unlink(in_root(".scene.lua.swp"));
}

// Emacs: a lock that is a dangling link, autosave, a backup by renaming or by copying.
static void save_like_emacs(void)
{
	if (symlink("me@host.1234:1700000000", in_root(".#scene.lua")) < 0)
		abort();
	write_file("#scene.lua#", "return 2");
	turn();
	rename(in_root("scene.lua"), in_root("scene.lua~"));
	turn();
	write_file("scene.lua", "return 2");
	turn();
	unlink(in_root("#scene.lua#"));
	unlink(in_root(".#scene.lua"));
}

// GLib, and everything that uses it.
static void save_by_renaming_a_hidden_file(void)
{
	write_file(".goutputstream-2ZK5Q1", "return 2");
	turn();
	rename(in_root(".goutputstream-2ZK5Q1"), in_root("scene.lua"));
}

// Kate, Sublime Text and many a library's "atomic write".
static void save_by_renaming_a_visible_file(void)
{
	write_file("scene.lua.Xt3s1A", "return 2");
	turn();
	rename(in_root("scene.lua.Xt3s1A"), in_root("scene.lua"));
}

// JetBrains' safe write.
static void save_with_two_renames(void)
{
	write_file("scene.lua___jb_tmp___", "return 2");
	turn();
	rename(in_root("scene.lua"), in_root("scene.lua___jb_old___"));
	turn();
	rename(in_root("scene.lua___jb_tmp___"), in_root("scene.lua"));
	turn();
	unlink(in_root("scene.lua___jb_old___"));
}

static void save_by_deleting_first(void)
{
	unlink(in_root("scene.lua"));
	turn();
	write_file("scene.lua", "return 2");
}

// An unnamed file gets its name when it is complete.
static void save_by_linking(void)
{
	char path[64];
	int fd = open(stage->root, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
	put(fd, "return 2");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	unlink(in_root("scene.lua"));
	if (linkat(AT_FDCWD, path, AT_FDCWD, in_root("scene.lua"), AT_SYMLINK_FOLLOW) < 0)
		printf("# linkat: %s\n", strerror(errno));
	close(fd);
}

static void every_way_to_save_is_one_change_of_one_file(void)
{
	CHECK_ALONE(save_in_place(), "scene.lua");
	CHECK_ALONE(save_in_two_openings(), "scene.lua");
	CHECK_ALONE(save_like_vim(), "scene.lua");
	CHECK_ALONE(save_like_emacs(), "scene.lua");
	CHECK_ALONE(save_by_renaming_a_hidden_file(), "scene.lua");
	CHECK_ALONE(save_by_renaming_a_visible_file(), "scene.lua");
	CHECK_ALONE(save_with_two_renames(), "scene.lua");
	CHECK_ALONE(save_by_deleting_first(), "scene.lua");
	CHECK_ALONE(save_by_linking(), "scene.lua");
}

static bool has_program(const char *name)
{
	char command[100];
	snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", name);
	if (system(command) == 0)
		return true;
	printf("# no %s here: not run\n", name);
	return false;
}

static void real_tools_are_one_change_of_one_file(void)
{
	CHECK_ALONE(run("sed -i s/1/2/ %s", in_root("scene.lua")), "scene.lua");
	CHECK_ALONE(run("echo 'return 2' > %s", in_root("scene.lua")), "scene.lua");
	CHECK_ALONE(run("cp /etc/passwd %s", in_root("lib/util.lua")), "lib/util.lua");
	if (has_program("vim"))
		CHECK_ALONE(run("cd %s && vim -u NONE -N -es -c 'set swapfile backup' -c '%%s/1/2/' -c wq "
		                "scene.lua </dev/null",
		                    stage->root),
		        "scene.lua");
	if (has_program("rsync"))
		CHECK_ALONE(run("rsync /etc/passwd %s", in_root("scene.lua")), "scene.lua");
	if (has_program("emacs"))
		CHECK_ALONE(run("emacs -Q --batch %s --eval '(progn (insert \"x\") (save-buffer))' 2>&1",
		                    in_root("scene.lua")),
		        "scene.lua");
}

static void what_is_nobodys_work_is_not_told(void)
{
	open_stage();
	CHECK(start_watch(QUIET_MS));
	static const char *const names[] = {".hidden", ".scene.lua.swp", ".scene.lua.swx", "scene.lua~",
	        "4913", "#scene.lua#", ".#scene.lua", ".git/index", ".git/new", "lib/.x.swo"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		write_file(names[i], "x");
	mkdir(in_root(".cache"), 0755);
	mkdir(in_root("empty"), 0755);
	chmod(in_root("scene.lua"), 0600);
	FILE *file = fopen(in_root("scene.lua"), "r");
	CHECK(fgetc(file) == 'r');
	fclose(file);
	CHECK(utimensat(AT_FDCWD, in_root("scene.lua"), NULL, 0) == 0);
	write_file(".cache/x", "x");
	CHECK(tells_nothing_more());
	// A file that comes and goes within one moment leaves nothing to tell.
	write_file("passing", "x");
	turn();
	unlink(in_root("passing"));
	CHECK(tells_nothing_more());
	CHECK_EQ(stage->count, 2);
	CHECK(close_stage());
}

static void files_come_and_go(void)
{
	CHECK_ALONE(write_file("new.lua", ""), "new.lua");
	CHECK_ALONE(unlink(in_root("logo.png")), "logo.png");
	CHECK_ALONE(rename(in_root("logo.png"), in_root("mark.png")), "logo.png,mark.png");
	CHECK_ALONE(rename(in_root("logo.png"), in_root("../logo.png")), "logo.png");
	CHECK_ALONE(rename(in_root("logo.png"), in_root("scene.lua")), "logo.png,scene.lua");
	CHECK_ALONE(CHECK(link(in_root("logo.png"), in_root("b.png")) == 0), "b.png");
	CHECK_ALONE(CHECK(symlink("logo.png", in_root("b.png")) == 0), "b.png");
	CHECK_ALONE(CHECK(symlink("..", in_root("up")) == 0), "up");
	CHECK_ALONE(CHECK(mkfifo(in_root("pipe"), 0600) == 0), "pipe");
	CHECK_ALONE(CHECK(truncate(in_root("logo.png"), 1) == 0), "logo.png");
}

static void folders_come_and_go(void)
{
	CHECK_ALONE(run("cd %s && mkdir -p a/b/c && echo 1 > a/b/c/f && echo 2 > a/g", stage->root),
	        "a/b/c/f,a/g");
	CHECK_ALONE(run("cd %s && rm -r lib", stage->root), "lib/util.lua");
	CHECK_ALONE(run("cd %s && mv lib tools", stage->root), "lib/util.lua,tools/util.lua");
	CHECK_ALONE(run("cd %s && mv lib ..", stage->root), "lib/util.lua");
	CHECK_ALONE(run("cd %s && mv lib .lib", stage->root), "lib/util.lua");
	CHECK_ALONE(run("cd %s && mkdir -p ../new/deep && echo 1 > ../new/deep/f && mv ../new .",
	                    stage->root),
	        "new/deep/f");
	CHECK_ALONE(run("cd %s && mkdir a b && mv lib a && mv a/lib b && echo 3 > b/lib/util.lua",
	                    stage->root),
	        "b/lib/util.lua,lib/util.lua");
	CHECK_ALONE(run("cd %s && rm -r lib && mkdir lib && echo 5 > lib/other", stage->root),
	        "lib/other,lib/util.lua");
}

static void folders_stay_watched_after_they_moved(void)
{
	open_stage();
	CHECK(start_watch(QUIET_MS));
	run("cd %s && mkdir -p lib/x/y && touch lib/x/y/f", stage->root);
	CHECK(tells("lib/x/y/f"));
	run("cd %s && mv lib a", stage->root);
	CHECK(tells("a/util.lua,a/x/y/f,lib/util.lua,lib/x/y/f"));
	run("cd %s && mv a/x b && mv a b/a", stage->root);
	CHECK(tells("a/util.lua,a/x/y/f,b/a/util.lua,b/y/f"));
	write_file("b/y/f", "1");
	CHECK(tells("b/y/f"));
	write_file("b/a/util.lua", "1");
	CHECK(tells("b/a/util.lua"));
	// What left the tree is not ours any more.
	run("cd %s && mv b ..", stage->root);
	CHECK(tells("b/a/util.lua,b/y/f"));
	write_file("../b/y/f", "2");
	CHECK(tells_nothing_more());
	// A name that is used again.
	run("cd %s && mkdir b && echo 1 > b/f", stage->root);
	CHECK(tells("b/f"));
	write_file("../b/y/f", "3");
	write_file("b/f", "2");
	CHECK(tells("b/f"));
	CHECK(close_stage());
}

static void a_root_that_goes_is_watched_when_it_is_back(void)
{
	open_stage();
	CHECK(start_watch(QUIET_MS));
	run("rm -rf %s", stage->root);
	CHECK(tells("*"));
	run("mkdir %s && echo 1 > %s", stage->root, in_root("scene.lua"));
	CHECK(tells("*"));
	write_file("scene.lua", "2");
	CHECK(tells("scene.lua"));
	// Within one moment, as a package manager or git does.
	run("rm -rf %s && mkdir %s && echo 1 > %s", stage->root, stage->root, in_root("scene.lua"));
	CHECK(tells("*"));
	write_file("scene.lua", "3");
	CHECK(tells("scene.lua"));
	// Moved away and another one moved in.
	run("cp -r %s %s.new && mv %s %s.old && mv %s.new %s", stage->root, stage->root, stage->root,
	        stage->root, stage->root, stage->root);
	CHECK(tells("*"));
	write_file("../scene.old/scene.lua", "4");
	write_file("scene.lua", "4");
	CHECK(tells("scene.lua"));
	CHECK(close_stage());
}

static void a_root_may_be_made_later_with_all_its_parents(void)
{
	open_stage();
	snprintf(stage->root, sizeof stage->root, "%s/x/y/z", stage->dir);
	CHECK(start_watch(QUIET_MS));
	run("mkdir %s/other", stage->dir);
	run("mkdir %s/x && mkdir %s/x/q", stage->dir, stage->dir);
	turn();
	run("mkdir -p %s", stage->root);
	CHECK(tells("*"));
	write_file("scene.lua", "1");
	CHECK(tells("scene.lua"));
	// A folder far above goes and comes back.
	run("mv %s/x %s/w", stage->dir, stage->dir);
	CHECK(tells("*"));
	run("mv %s/w %s/x", stage->dir, stage->dir);
	CHECK(tells("*"));
	write_file("scene.lua", "2");
	CHECK(tells("scene.lua"));
	CHECK(close_stage());
}

static void a_root_may_be_a_link(void)
{
	open_stage();
	run("mv %s %s/real && ln -s real %s", stage->root, stage->dir, stage->root);
	CHECK(start_watch(QUIET_MS));
	write_file("scene.lua", "2");
	CHECK(tells("scene.lua"));
	run("mkdir %s/real2 && ln -sfn real2 %s", stage->dir, stage->root);
	CHECK(tells("*"));
	write_file("scene.lua", "3");
	CHECK(tells("scene.lua"));
	// Even to a folder that is watched as one of those above it.
	run("ln -sfn %s %s", stage->dir, stage->root);
	CHECK(tells("*"));
	write_file("file", "3");
	CHECK(tells("file"));
	unlink(stage->root);
	CHECK(tells("*"));
	CHECK(close_stage());
}

static void a_relative_folder_is_watched_where_it_was(void)
{
	char here[4096];
	open_stage();
	char *root = strdup(stage->root);
	CHECK(getcwd(here, sizeof here) && chdir(stage->dir) == 0);
	strcpy(stage->root, "./scene//");
	CHECK(start_watch(QUIET_MS));
	strcpy(stage->root, root);
	free(root);
	CHECK(chdir(here) == 0);
	write_file("scene.lua", "2");
	CHECK(tells("scene.lua"));
	run("rm -r %s && mkdir %s", stage->root, stage->root);
	CHECK(tells("*"));
	CHECK(close_stage());
}

// A program as a child of the loop, so that watching and its work really happen side by side.
static bool child_is_done;

static void on_child_exit(uv_process_t *process, int64_t status, int signal)
{
	if (status || signal)
		printf("# child: exit %d, signal %d\n", (int)status, signal);
	child_is_done = true;
	uv_close((uv_handle_t *)process, NULL);
}

static bool run_beside(const char *command)
{
	uv_process_t process;
	char *args[] = {"sh", "-c", (char *)command, NULL};
	uv_process_options_t options = {
	        .file = "/bin/sh", .args = args, .cwd = stage->root, .exit_cb = on_child_exit};
	child_is_done = false;
	if (uv_spawn(&stage->loop, &process, &options) < 0)
		return false;
	bool is_done = WAIT_FOR(child_is_done);
	turn();
	return is_done;
}

static void a_shallow_watch_tells_of_its_own_files_only(void)
{
	open_stage();
	CHECK(start_watch_of(false, QUIET_MS));
	write_file("lib/util.lua", "return {1}");
	mkdir(in_root("new"), 0755);
	write_file("new/file.lua", "return 2");
	write_file("scene.lua", "return 2");
	CHECK(tells("scene.lua"));
	CHECK(close_stage());
}

static void a_checkout_of_many_files_is_one_change(void)
{
	if (!has_program("git"))
		return;
	open_stage();
	run("cd %s && rm -rf .git && git init -q -b one . && git config user.email t@example.com && "
	    "git config user.name T && git config gc.auto 0 && "
	    "for i in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do echo $i > file$i; done && "
	    "mkdir only && echo 1 > only/one && git add -A && git commit -qm one && "
	    "git checkout -q -b two && for i in 10 12 20; do echo two$i > file$i; done && "
	    "git rm -q -r only && mkdir -p deep/er && echo 2 > deep/er/two && echo 2 > file99 && "
	    "git add -A && git commit -qm two && git checkout -q one",
	        stage->root);
	CHECK(start_watch(100));
	CHECK(run_beside("git checkout -q two"));
	CHECK(WAIT_FOR(stage->count > 0));
	CHECK(strcmp(stage->last, "deep/er/two,file10,file12,file20,file99,only/one") == 0);
	CHECK(run_beside("git checkout -q one"));
	CHECK(WAIT_FOR(stage->count > 1));
	CHECK(strcmp(stage->last, "deep/er/two,file10,file12,file20,file99,only/one") == 0);
	CHECK(run_beside("git stash list && git status && git gc -q"));
	CHECK(tells_nothing_more());
	CHECK_EQ(stage->count, 3);
	CHECK(close_stage());
}

static void a_writer_that_never_closes_is_noticed(void)
{
	open_stage();
	CHECK(start_watch(10));
	int fd = open_file("scene.lua", O_TRUNC);
	put(fd, "return 2");
	CHECK(tells("scene.lua"));
	put(fd, " + 3");
	CHECK(tells("scene.lua"));
	close(fd);
	CHECK(tells("scene.lua"));
	CHECK(close_stage());
}

static void let_pass(unsigned ms)
{
	stage->is_late = false;
	uv_timer_start(&stage->deadline, on_deadline, ms, 0);
	while (!stage->is_late)
		uv_run(&stage->loop, UV_RUN_ONCE);
}

static void an_editor_that_takes_its_time_makes_one_change(void)
{
	open_stage();
	CHECK(start_watch(60));
	unlink(in_root("scene.lua"));
	let_pass(100); // longer than the quiet period: a slow disk
	int fd = open_file("scene.lua", O_CREAT | O_EXCL);
	put(fd, "return ");
	let_pass(100);
	put(fd, "2");
	close(fd);
	CHECK_EQ(stage->count, 0);
	CHECK(tells("scene.lua"));
	CHECK(tells_nothing_more());
	CHECK_EQ(stage->count, 2);
	CHECK(close_stage());
}

static void a_git_that_takes_its_time_makes_one_change(void)
{
	open_stage();
	CHECK(start_watch(5));
	write_file(".git/index.lock", "");
	write_file("scene.lua", "return 2");
	let_pass(150); // longer than a busy folder is waited for
	write_file("lib/util.lua", "return 2");
	let_pass(150);
	CHECK_EQ(stage->count, 0);
	unlink(in_root(".git/index.lock"));
	CHECK(tells("lib/util.lua,scene.lua"));
	write_file(".git/index.lock", ""); // of a git that crashed
	CHECK(tells_nothing_more());
	CHECK(close_stage());
}

static void a_folder_that_is_never_quiet_is_told_of_still(void)
{
	open_stage();
	CHECK(start_watch(20));
	char name[32];
	int written = 0;
	uint64_t begin_ns = uv_hrtime(), took_ns = 0;
	while (stage->count == 0 && took_ns < 10000000000u) {
		snprintf(name, sizeof name, "file%d", written++ % 10);
		write_file(name, "x");
		turn();
		took_ns = uv_hrtime() - begin_ns;
	}
	CHECK_EQ(stage->count, 1);
	CHECK(took_ns >= 20000000);
	CHECK(took_ns < 3000000000u); // ten times the quiet period, and a slow machine's leave
	CHECK(close_stage());
}

static void a_full_queue_means_everything(void)
{
	int limit = 16384;
	FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
	if (file && fscanf(file, "%d", &limit) != 1)
		limit = 16384;
	if (file)
		fclose(file);
	if (limit > 100000) {
		printf("# the kernel's queue is too long to be filled: not run\n");
		return;
	}
	open_stage();
	CHECK(start_watch(QUIET_MS));
	const char *a = in_root("a"), *b = in_root("b");
	close(open_file("a", O_CREAT));
	for (int i = 0; i < limit / 2 + 100; i++)
		CHECK(rename(i % 2 ? b : a, i % 2 ? a : b) == 0);
	// Lost in the flood: this folder's birth.
	mkdir(in_root("late"), 0755);
	// A slow machine may tell of the first of them before it reads that some were lost.
	CHECK(WAIT_FOR(stage->has_told_everything));
	write_file("late/file", "1");
	CHECK(tells("late/file"));
	CHECK(close_stage());
}

static void the_kernels_limit_is_named(void)
{
	// A user namespace has limits of its own.
	pid_t child = fork();
	if (child == 0) {
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(77);
		FILE *file = fopen("/proc/sys/user/max_inotify_watches", "w");
		if (!file || fprintf(file, "12") < 0 || fclose(file) != 0)
			_exit(77);
		open_stage();
		for (int i = 0; i < 20; i++) {
			char name[16];
			snprintf(name, sizeof name, "folder%d", i);
			mkdir(in_root(name), 0755);
		}
		struct lun_error err = {0};
		enum lun_result rc = lun_watch_create(
		        &stage->loop, stage->root, true, QUIET_MS, on_changed, NULL, &stage->watch, &err);
		bool is_right = rc == LUN_IO && strstr(err.message, "fs.inotify.max_user_watches") != NULL;
		if (!is_right)
			printf("# %d %s\n", rc, err.message);
		stage->watch = NULL;
		_exit(close_stage() && is_right ? 0 : 1);
	}
	int status;
	CHECK_EQ(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		printf("# no user namespaces here: not run\n");
	else
		CHECK_EQ(status, 0);
}

static void a_folder_nobody_may_watch_is_an_error(void)
{
	struct lun_error err;
	open_stage();
	snprintf(stage->root, sizeof stage->root, "%s/scene/scene.lua/x", stage->dir);
	// Below a file: cannot be there now, but might one day.
	CHECK(start_watch(QUIET_MS));
	lun_watch_destroy(stage->watch);
	stage->watch = NULL;
	pid_t child = fork();
	if (child == 0) {
		snprintf(stage->root, sizeof stage->root, "%s/scene", stage->dir);
		if (chmod(stage->dir, 0755) < 0 || chmod(stage->root, 0300) < 0 ||
		        (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0))
			_exit(3);
		_exit(lun_watch_create(&stage->loop, stage->root, true, 1, on_changed, NULL, &stage->watch,
		              &err) == LUN_IO &&
		                        strstr(err.message, "Permission denied")
		                ? 0
		                : 1);
	}
	int status;
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
	CHECK(close_stage());
}

static void a_watch_may_be_destroyed_in_its_callback(void)
{
	open_stage();
	CHECK(start_watch(1));
	stage->destroys_itself = true;
	write_file("scene.lua", "2");
	CHECK(tells("scene.lua"));
	write_file("scene.lua", "3");
	turn();
	CHECK_EQ(stage->count, 1);
	CHECK(close_stage());
}

// Random work on a small tree, whose picture before and after is compared with what was told.

struct picture {
	char paths[512][64];
	char contents[512][32];
	int count;
};

static void take_picture(struct picture *picture, const char *folder)
{
	struct dirent *entry;
	DIR *dir = opendir(*folder ? in_root(folder) : stage->root);
	while (dir && (entry = readdir(dir))) {
		char path[300];
		struct stat info;
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s%s%s", folder, *folder ? "/" : "", entry->d_name);
		if (lstat(in_root(path), &info) < 0)
			continue;
		if (S_ISDIR(info.st_mode)) {
			take_picture(picture, path);
			continue;
		}
		char *content = picture->contents[picture->count];
		snprintf(picture->paths[picture->count++], 64, "%.63s", path);
		memset(content, 0, 32);
		if (S_ISLNK(info.st_mode)) {
			if (readlink(in_root(path), content, 31) < 0)
				abort();
			continue;
		}
		int fd = open(in_root(path), O_RDONLY | O_CLOEXEC);
		if (read(fd, content, 31) < 0)
			abort();
		close(fd);
	}
	if (dir)
		closedir(dir);
}

static const char *content_of(const struct picture *picture, const char *path)
{
	for (int i = 0; i < picture->count; i++) {
		if (strcmp(picture->paths[i], path) == 0)
			return picture->contents[i];
	}
	return NULL;
}

static bool was_told(const char *path)
{
	char line[128];
	snprintf(line, sizeof line, "%s\n", path);
	for (const char *at = stage->all; (at = strstr(at, line)); at++) {
		if (at == stage->all || at[-1] == '\n')
			return true;
	}
	return stage->has_told_everything;
}

static bool covers(const struct picture *before, const struct picture *after)
{
	const struct picture *both[2] = {before, after};
	for (int k = 0; k < 2; k++) {
		for (int i = 0; i < both[k]->count; i++) {
			const char *path = both[k]->paths[i];
			const char *old = content_of(before, path), *new = content_of(after, path);
			if ((old && new &&strcmp(old, new) == 0) || was_told(path))
				continue;
			printf("# %s: %s became %s and was not told\n", path, old ? old : "nothing",
			        new ? new : "nothing");
			return false;
		}
	}
	return true;
}

static unsigned long long seed;

static unsigned random_below(unsigned limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % limit;
}

static const char *random_path(bool is_folder)
{
	static const char *const folders[] = {"", "a", "b", "a/c", "a/d", "b/c", "a/c/e"};
	static const char *const files[] = {"1", "2", "3"};
	static char paths[4][64];
	static int next;
	char *path = paths[next++ % 4];
	const char *folder = folders[random_below(7)];
	if (is_folder)
		snprintf(path, 64, "%s", *folder ? folder : "a");
	else
		snprintf(path, 64, "%s%s%s", folder, *folder ? "/" : "", files[random_below(3)]);
	return path;
}

static void do_something(int number)
{
	char text[32];
	snprintf(text, sizeof text, "%d", number);
	const char *from = random_path(false), *to = random_path(false);
	const char *from_folder = random_path(true), *to_folder = random_path(true);
	char command[256];
	int fd;
	switch (random_below(10)) {
	case 0:
	case 1: // truncate and write
		if ((fd = open_file(to, O_CREAT | O_TRUNC)) >= 0) {
			put(fd, text);
			close(fd);
		}
		break;
	case 2: // write into what is there
		if ((fd = open_file(to, 0)) >= 0) {
			put(fd, text);
			close(fd);
		}
		break;
	case 3:
		(void)rename(in_root(from), in_root(to));
		break;
	case 4:
		(void)rename(in_root(from_folder), in_root(to_folder));
		break;
	case 5:
	case 6:
		(void)mkdir(in_root(to_folder), 0755);
		break;
	case 7:
		(void)unlink(in_root(to));
		break;
	case 8: // links
		if (random_below(2))
			(void)!symlink(text, in_root(to));
		else
			(void)!link(in_root(from), in_root(to));
		break;
	case 9: // a whole folder, now and then
		snprintf(command, sizeof command, "rm -rf %s", in_root(to_folder));
		if (random_below(4) == 0 && system(command) != 0)
			abort();
		break;
	}
}

// All that was done is told once a last file, written after it, is told.
static bool wait_for_last(const char *name)
{
	write_file(name, "last");
	return WAIT_FOR(was_told(name) || stage->has_told_everything);
}

static void forget_told(void)
{
	stage->all[0] = 0;
	stage->has_told_everything = false;
}

static bool try_random_work(bool is_beside, unsigned long long start)
{
	static struct picture before, after;
	memset(&before, 0, sizeof before);
	memset(&after, 0, sizeof after);
	seed = start;
	for (int i = 0; i < 50; i++)
		do_something(i);
	take_picture(&before, "");
	if (!start_watch(2))
		return false;
	if (is_beside) {
		pid_t child = fork();
		if (child == 0) {
			for (int i = 100; i < 300; i++)
				do_something(i);
			_exit(0);
		}
		while (waitpid(child, NULL, WNOHANG) == 0)
			turn();
	} else {
		for (int i = 100; i < 300; i++) {
			do_something(i);
			if (random_below(3) == 0)
				turn();
		}
	}
	if (!wait_for_last("last1"))
		return false;
	take_picture(&after, "");
	if (!covers(&before, &after))
		return false;
	// And everything there is still watched where it is now.
	forget_told();
	before = after;
	memset(&after, 0, sizeof after);
	for (int i = 0; i < before.count; i++) {
		struct stat info;
		if (lstat(in_root(before.paths[i]), &info) == 0 && S_ISREG(info.st_mode)) {
			unlink(in_root(before.paths[i]));
			write_file(before.paths[i], "once more");
		}
	}
	if (!wait_for_last("last2"))
		return false;
	take_picture(&after, "");
	return covers(&before, &after) && !stage->has_told_everything;
}

static void whatever_changes_is_told(void)
{
	for (unsigned long long start = 1; start <= 30; start++) {
		open_stage();
		bool is_right = try_random_work(start % 3 == 0, start);
		if (!is_right)
			printf("# seed %llu\n", start);
		CHECK(is_right);
		CHECK(close_stage());
	}
}

static void ignore_log(void *data, enum lun_log_level level, const char *message)
{
	(void)data;
	(void)level;
	(void)message;
}

// clang-format off
TEST_MAIN(
	lun_log_set_sink(ignore_log, NULL);
	RUN(every_way_to_save_is_one_change_of_one_file);
	RUN(real_tools_are_one_change_of_one_file);
	RUN(what_is_nobodys_work_is_not_told);
	RUN(files_come_and_go);
	RUN(folders_come_and_go);
	RUN(folders_stay_watched_after_they_moved);
	RUN(a_root_that_goes_is_watched_when_it_is_back);
	RUN(a_root_may_be_made_later_with_all_its_parents);
	RUN(a_root_may_be_a_link);
	RUN(a_relative_folder_is_watched_where_it_was);
	RUN(a_shallow_watch_tells_of_its_own_files_only);
	RUN(a_checkout_of_many_files_is_one_change);
	RUN(a_git_that_takes_its_time_makes_one_change);
	RUN(a_writer_that_never_closes_is_noticed);
	RUN(an_editor_that_takes_its_time_makes_one_change);
	RUN(a_folder_that_is_never_quiet_is_told_of_still);
	RUN(a_full_queue_means_everything);
	RUN(the_kernels_limit_is_named);
	RUN(a_folder_nobody_may_watch_is_an_error);
	RUN(a_watch_may_be_destroyed_in_its_callback);
	RUN(whatever_changes_is_told);
)
