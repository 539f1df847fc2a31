// Puts bytes where they belong and never lets a half-written file look whole: regular files are
// written under a temporary name and renamed at the end. Knows nothing of what the bytes mean.
#include "extension/file/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#define TEMPORARY_ATTEMPTS 64

struct lun_target {
	char *name;      // owned; as the user wrote it
	char *path;      // owned; the final name; NULL when written straight
	char *temporary; // owned; NULL when written straight or already renamed
	int fd;          // -1 once closed
	int failure;     // errno of the first failure, 0 = none
	bool is_stdout;
	bool is_committed;
};

static bool names_stdout(const char *path)
{
	return !strcmp(path, "-") || !strcmp(path, "/dev/stdout");
}

bool lun_target_is_straight(const char *path)
{
	if (names_stdout(path))
		return true;
	// Links in /dev/fd and /proc lead to open files: the file they show is somebody else's to name.
	if (!strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6))
		return access(path, F_OK) == 0;
	struct stat status;
	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static enum lun_result explain(
        const struct lun_target *target, const char *name, int error, struct lun_error *err)
{
	if (target && target->is_stdout && error == EPIPE)
		return lun_fail(err, LUN_IO, "standard output was closed");
	return lun_fail(
	        err, LUN_IO, "cannot write %s: %s", name, uv_strerror(uv_translate_sys_error(error)));
}

static enum lun_result fail_target(struct lun_target *target, int error, struct lun_error *err)
{
	if (!target->failure)
		target->failure = error;
	return explain(target, lun_target_name(target), target->failure, err);
}

// The path behind symbolic links, so that the link survives and the rename stays on one disk.
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL);
	return real ? real : lun_strdup(path);
}

static char *make_temporary_name(const char *path)
{
	static atomic_uint counter;
	const char *slash = strrchr(path, '/');
	int folder_length = slash ? (int)(slash - path) + 1 : 0;
	return lun_format_string("%.*s.lunette-%ld-%u.part", folder_length, path, (long)getpid(),
	        atomic_fetch_add(&counter, 1));
}

// What lies at path already is about to be replaced: only if it may be written, and with its mode.
static int adopt_mode(const char *path, int fd)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return errno == ENOENT ? 0 : errno;
	if (access(path, W_OK) != 0)
		return errno;
	return fchmod(fd, status.st_mode & 0777) == 0 ? 0 : errno;
}

static int open_temporary(struct lun_target *target)
{
	for (int i = 0; i < TEMPORARY_ATTEMPTS; i++) {
		free(target->temporary);
		target->temporary = make_temporary_name(target->path);
		target->fd = open(target->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (target->fd >= 0)
			return adopt_mode(target->path, target->fd);
		if (errno != EEXIST)
			break;
	}
	int error = errno;
	free(target->temporary);
	target->temporary = NULL;
	return error;
}

static int open_straight(struct lun_target *target, const char *path)
{
	do {
		target->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	} while (target->fd < 0 && errno == EINTR);
	return target->fd < 0 ? errno : 0;
}

static int open_descriptor(struct lun_target *target, const char *path)
{
	if (target->is_stdout) {
		target->fd = STDOUT_FILENO;
		return fcntl(STDOUT_FILENO, F_GETFD) < 0 ? errno : 0;
	}
	if (lun_target_is_straight(path))
		return open_straight(target, path);
	target->path = resolve(path);
	return open_temporary(target);
}

enum lun_result lun_target_open(
        const char *path, struct lun_target **out_target, struct lun_error *err)
{
	struct lun_target *target = lun_alloc(sizeof *target);
	target->fd = -1;
	target->is_stdout = names_stdout(path);
	target->name = lun_strdup(target->is_stdout ? "standard output" : path);
	int error = open_descriptor(target, path);
	if (error) {
		enum lun_result rc = fail_target(target, error, err);
		lun_target_close(target);
		return rc;
	}
	*out_target = target;
	return LUN_OK;
}

// A pipe that somebody else made non-blocking is waited for, not given up.
static int wait_writable(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};
	return poll(&poller, 1, -1) < 0 && errno != EINTR ? errno : 0;
}

static int write_all(int fd, const char *bytes, size_t size_bytes)
{
	while (size_bytes > 0) {
		ssize_t written = write(fd, bytes, size_bytes < SSIZE_MAX ? size_bytes : SSIZE_MAX);
		if (written > 0) {
			bytes += written;
			size_bytes -= (size_t)written;
			continue;
		}
		int error = written == 0 ? ENOSPC : errno;
		if (error == EAGAIN || error == EWOULDBLOCK)
			error = wait_writable(fd);
		if (error && error != EINTR)
			return error;
	}
	return 0;
}

enum lun_result lun_target_write(
        struct lun_target *target, const void *bytes, size_t size_bytes, struct lun_error *err)
{
	if (target->is_committed)
		return lun_fail(err, LUN_INVALID, "%s is finished and takes no more", target->name);
	int error = target->failure ? target->failure : write_all(target->fd, bytes, size_bytes);
	return error ? fail_target(target, error, err) : LUN_OK;
}

bool lun_target_can_seek(const struct lun_target *target)
{
	return lseek(target->fd, 0, SEEK_CUR) >= 0;
}

int64_t lun_target_seek(struct lun_target *target, int64_t offset, int whence)
{
	return lseek(target->fd, offset, whence);
}

// Errors of delayed writing (a quota, a network disk, a worn one) come out of fsync and close.
static int settle(struct lun_target *target)
{
	bool is_kept = target->is_stdout;
	int error = 0;
	if (target->temporary && fsync(target->fd) != 0 && errno != EINVAL && errno != ENOSYS)
		error = errno;
	if (!is_kept && close(target->fd) != 0 && errno != EINTR && !error)
		error = errno;
	target->fd = -1;
	return error;
}

enum lun_result lun_target_commit(struct lun_target *target, struct lun_error *err)
{
	if (target->failure)
		return fail_target(target, target->failure, err);
	if (target->is_committed)
		return LUN_OK;
	int error = settle(target);
	if (!error && target->temporary && rename(target->temporary, target->path) != 0)
		error = errno;
	if (error)
		return fail_target(target, error, err);
	free(target->temporary);
	target->temporary = NULL;
	target->is_committed = true;
	return LUN_OK;
}

void lun_target_close(struct lun_target *target)
{
	if (!target)
		return;
	if (target->fd >= 0 && !target->is_stdout)
		(void)close(target->fd);
	if (target->temporary)
		(void)unlink(target->temporary);
	free(target->temporary);
	free(target->path);
	free(target->name);
	free(target);
}

const char *lun_target_name(const struct lun_target *target)
{
	return target->name;
}
