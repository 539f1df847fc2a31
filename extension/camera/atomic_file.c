// Reads small files within bounds and replaces them atomically. What is in them is not its
// business.
#include "extension/camera/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum lun_result fail_read(const char *path, int reason, struct lun_error *err)
{
	enum lun_result code = reason == ENOENT || reason == ENOTDIR ? LUN_NOT_FOUND : LUN_IO;
	return lun_fail(err, code, "cannot read %.700s: %s", path, strerror(reason));
}

// Fills the buffer as far as the file goes. @return bytes read, or -1 and errno
static ssize_t read_all(int fd, char *bytes, size_t size_bytes)
{
	size_t used = 0;
	while (used < size_bytes) {
		ssize_t size = read(fd, bytes + used, size_bytes - used);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -1;
		if (size == 0)
			break;
		used += (size_t)size;
	}
	return (ssize_t)used;
}

static enum lun_result read_open(int fd, const char *path, size_t max_bytes, char **out_bytes,
        size_t *out_size_bytes, struct lun_error *err)
{
	struct stat info;
	if (fstat(fd, &info) < 0)
		return fail_read(path, errno, err);
	if (!S_ISREG(info.st_mode))
		return lun_fail(err, LUN_IO, "cannot read %.700s: not a regular file", path);
	if (info.st_size < 0 || (uintmax_t)info.st_size > max_bytes)
		return lun_fail(
		        err, LUN_LIMIT, "%.700s is too big: at most %zu bytes are read", path, max_bytes);
	// One more than it has: who grows meanwhile is noticed.
	size_t room = (size_t)info.st_size + 1;
	char *bytes = malloc(room + 1);
	if (!bytes)
		return lun_fail(err, LUN_NOMEM, "no memory to read %.700s", path);
	ssize_t size = read_all(fd, bytes, room);
	if (size < 0 || (size_t)size == room) {
		free(bytes);
		return size < 0 ? fail_read(path, errno, err)
		                : lun_fail(err, LUN_IO, "%.700s changed while it was read", path);
	}
	bytes[size] = 0;
	*out_bytes = bytes;
	*out_size_bytes = (size_t)size;
	return LUN_OK;
}

enum lun_result lun_file_read(const char *path, size_t max_bytes, char **out_bytes,
        size_t *out_size_bytes, struct lun_error *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return fail_read(path, errno, err);
	enum lun_result rc = read_open(fd, path, max_bytes, out_bytes, out_size_bytes, err);
	(void)close(fd);
	return rc;
}

static bool write_all(int fd, const char *bytes, size_t size_bytes)
{
	while (size_bytes) {
		ssize_t size = write(fd, bytes, size_bytes);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return false;
		bytes += size;
		size_bytes -= (size_t)size;
	}
	return true;
}

// Bytes of path up to and with the last slash; 0 when it has none.
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? (size_t)(slash - path) + 1 : 0;
}

// So that the new name, too, is still there after a crash. Not every file system can.
static void sync_folder(const char *path)
{
	size_t length = folder_length(path);
	char *folder = length ? strndup(path, length) : lun_strdup(".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
	free(folder);
}

enum lun_result lun_file_replace(
        const char *path, const void *bytes, size_t size_bytes, struct lun_error *err)
{
	// Hidden: who watches or lists the folder does not see it.
	size_t length = folder_length(path);
	char *temporary = lun_format_string("%.*s.%s.XXXXXX", (int)length, path, path + length);
	int fd = mkostemp(temporary, O_CLOEXEC);
	bool is_written = fd >= 0 && write_all(fd, bytes, size_bytes) && fsync(fd) == 0;
	int reason = errno;
	// Some file systems tell only here that there is no room.
	if (fd >= 0 && close(fd) < 0 && is_written) {
		reason = errno;
		is_written = false;
	}
	if (is_written && rename(temporary, path) < 0) {
		reason = errno;
		is_written = false;
	}
	if (is_written)
		sync_folder(path);
	else if (fd >= 0)
		(void)unlink(temporary);
	free(temporary);
	if (!is_written)
		return lun_fail(err, LUN_IO, "cannot write %.700s: %s", path, strerror(reason));
	return LUN_OK;
}
