// Files of a scene's folder, and nothing else: every way out of it is tried.
#include "lunette/files.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"

static char outer[64], root[96]; // the folder around the scene's, and the scene's

static const char *in(const char *folder, const char *name)
{
	static char path[4][256];
	static int turn;
	turn = (turn + 1) % 4;
	(void)snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
	return path[turn];
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	if (file) {
		(void)fputs(text, file);
		(void)fclose(file);
	}
}

static void make_socket(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
		printf("# no socket at %s\n", path);
	(void)close(fd);
}

static void make_link(const char *target, const char *path)
{
	if (symlink(target, path) != 0)
		printf("# no link at %s\n", path);
}

static void make_folders(void)
{
	(void)snprintf(outer, sizeof outer, "/tmp/lunette-files-XXXXXX");
	if (!mkdtemp(outer))
		exit(1);
	(void)snprintf(root, sizeof root, "%s/scene", outer);
	(void)mkdir(root, 0700);
	(void)mkdir(in(root, "sub"), 0700);
	write_text(in(outer, "secret"), "secret");
	write_text(in(root, "a.txt"), "inside");
	write_text(in(root, "sub/b.txt"), "deeper");
	write_text(in(root, "closed"), "x");
	(void)chmod(in(root, "closed"), 0);
	make_link("a.txt", in(root, "link-in"));
	make_link("../a.txt", in(root, "sub/link-up-and-in"));
	make_link("../secret", in(root, "link-out"));
	make_link(in(outer, "secret"), in(root, "link-absolute"));
	make_link(in(root, "a.txt"), in(root, "link-absolute-in"));
	make_link("..", in(root, "folder-out"));
	make_link("loop", in(root, "loop"));
	make_link("/proc/self/fd/0", in(root, "magic"));
	(void)mkfifo(in(root, "fifo"), 0600);
	make_socket(in(root, "socket"));
}

static void remove_folders(void)
{
	char command[128];
	(void)snprintf(command, sizeof command, "rm -rf '%s'", outer);
	if (system(command) != 0)
		printf("# could not remove %s\n", outer);
}

struct attempt {
	bool is_open;
	char text[32];
	struct lun_error err;
};

static struct attempt try_open(const char *path)
{
	struct attempt attempt = {0};
	struct lun_folder_files folder;
	if (lun_folder_files_init(&folder, root, &attempt.err) != LUN_OK)
		return attempt;
	int fd = folder.files.open(folder.files.data, path, &attempt.err);
	attempt.is_open = fd >= 0;
	if (fd >= 0) {
		ssize_t got = read(fd, attempt.text, sizeof attempt.text - 1);
		if (got < 0 || !(fcntl(fd, F_GETFD) & FD_CLOEXEC) ||
		        (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY)
			attempt.is_open = false;
		(void)close(fd);
	}
	lun_folder_files_finish(&folder);
	return attempt;
}

static bool reads(const char *path, const char *text)
{
	struct attempt attempt = try_open(path);
	if (!attempt.is_open)
		printf("# %s: %s\n", path, attempt.err.message);
	return attempt.is_open && strcmp(attempt.text, text) == 0;
}

static bool is_refused(const char *path, const char *reason)
{
	struct attempt attempt = try_open(path);
	char want[sizeof attempt.err.message];
	(void)snprintf(want, sizeof want, "cannot open %s: %s", path, reason);
	if (attempt.is_open || strcmp(attempt.err.message, want) != 0)
		printf("# %s: %s\n", path, attempt.is_open ? "was opened" : attempt.err.message);
	return !attempt.is_open && attempt.err.code == LUN_NOT_FOUND &&
	       strcmp(attempt.err.message, want) == 0;
}

static void files_of_the_folder_are_read(void)
{
	CHECK(reads("a.txt", "inside"));
	CHECK(reads("sub/b.txt", "deeper"));
	CHECK(reads("./sub//./b.txt", "deeper"));
	CHECK(reads("sub/../a.txt", "inside"));
}

static void links_that_stay_inside_are_followed(void)
{
	CHECK(reads("link-in", "inside"));
	CHECK(reads("sub/link-up-and-in", "inside"));
}

static void nothing_leads_out_of_the_folder(void)
{
	const char *outside = "it lies outside the scene's folder";
	CHECK(is_refused("../secret", outside));
	CHECK(is_refused("sub/../../secret", outside));
	CHECK(is_refused("..", outside));
	CHECK(is_refused("/etc/passwd", outside));
	CHECK(is_refused(in(root, "a.txt"), outside)); // absolute, though it would end inside
	CHECK(is_refused("link-out", outside));
	CHECK(is_refused("link-absolute", outside));
	CHECK(is_refused("link-absolute-in", outside));
	CHECK(is_refused("folder-out/secret", outside));
	CHECK(is_refused("folder-out/scene/a.txt", outside));
}

static void what_is_no_file_is_refused(void)
{
	CHECK(is_refused("sub", "it is not a file"));
	CHECK(is_refused(".", "it is not a file"));
	CHECK(is_refused("fifo", "it is not a file")); // and nobody waits for a writer
	CHECK(is_refused("socket", "it is not a file"));
	CHECK(is_refused("a.txt/", "Not a directory"));
	CHECK(is_refused("", "No such file or directory"));
	CHECK(is_refused("none.png", "No such file or directory"));
	CHECK(is_refused("sub/none/none", "No such file or directory"));
	CHECK(is_refused("loop", "Too many levels of symbolic links"));
}

static void links_of_the_kernel_are_refused(void)
{
	struct attempt attempt = try_open("magic");
	CHECK(!attempt.is_open);
	CHECK_EQ(attempt.err.code, LUN_NOT_FOUND);
}

static void a_closed_file_is_refused_with_its_reason(void)
{
	if (geteuid() != 0) // nothing is closed to root
		CHECK(is_refused("closed", "Permission denied"));
}

static void a_name_of_any_length_is_refused_in_one_sentence(void)
{
	char name[9000];
	memset(name, 'n', sizeof name);
	name[300] = '\0';
	CHECK(!try_open(name).is_open);
	name[300] = 'n';
	name[sizeof name - 1] = '\0';
	struct attempt attempt = try_open(name);
	CHECK(!attempt.is_open);
	CHECK(strstr(attempt.err.message, "File name too long") != NULL);
}

static void a_folder_that_is_not_there_is_named(void)
{
	struct lun_folder_files folder;
	struct lun_error err;
	CHECK_EQ(lun_folder_files_init(&folder, in(outer, "none"), &err), LUN_NOT_FOUND);
	CHECK(strstr(err.message, "none: No such file or directory") != NULL);
	lun_folder_files_finish(&folder);
	CHECK_EQ(lun_folder_files_init(&folder, in(outer, "secret"), &err), LUN_NOT_FOUND);
	CHECK(strstr(err.message, "secret: Not a directory") != NULL);
	lun_folder_files_finish(&folder);
}

static void a_folder_that_is_renamed_is_still_the_same_one(void)
{
	struct lun_folder_files folder;
	struct lun_error err;
	CHECK_EQ(lun_folder_files_init(&folder, root, &err), LUN_OK);
	CHECK(strcmp(folder.files.root, root) == 0);
	CHECK_EQ(rename(root, in(outer, "moved")), 0);
	int fd = folder.files.open(folder.files.data, "a.txt", &err);
	CHECK_EQ(rename(in(outer, "moved"), root), 0);
	CHECK(fd >= 0);
	(void)close(fd);
	lun_folder_files_finish(&folder);
}

TEST_MAIN({
	make_folders();
	RUN(files_of_the_folder_are_read);
	RUN(links_that_stay_inside_are_followed);
	RUN(nothing_leads_out_of_the_folder);
	RUN(what_is_no_file_is_refused);
	RUN(links_of_the_kernel_are_refused);
	RUN(a_closed_file_is_refused_with_its_reason);
	RUN(a_name_of_any_length_is_refused_in_one_sentence);
	RUN(a_folder_that_is_not_there_is_named);
	RUN(a_folder_that_is_renamed_is_still_the_same_one);
	remove_folders();
})
