// Copies and removes folders. It never leaves the folder it was given: links are not followed.
#include "extension/camera/copy_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 32, CHUNK_BYTES = 64 * 1024 };

static enum lun_result fail_copy(const char *name, struct lun_error *err)
{
	return lun_fail(err, LUN_IO, "cannot copy %.500s: %s", name, strerror(errno));
}

static bool copy_bytes(int from, int to)
{
	char *bytes = lun_alloc(CHUNK_BYTES);
	ssize_t size;
	while ((size = read(from, bytes, CHUNK_BYTES)) > 0 || (size < 0 && errno == EINTR)) {
		for (ssize_t done = 0; done < size;) {
			ssize_t written = write(to, bytes + done, (size_t)(size - done));
			if (written < 0 && errno != EINTR) {
				free(bytes);
				return false;
			}
			done += written > 0 ? written : 0;
		}
	}
	free(bytes);
	return size == 0;
}

static enum lun_result copy_file(
        int from_folder, int to_folder, const char *name, struct lun_error *err)
{
	enum lun_result rc = LUN_OK;
	int to = -1;
	int from = openat(from_folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (from >= 0)
		to = openat(to_folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (to < 0 || !copy_bytes(from, to) || fsync(to) < 0)
		rc = fail_copy(name, err);
	if (to >= 0 && close(to) < 0 && rc == LUN_OK)
		rc = fail_copy(name, err);
	if (from >= 0)
		(void)close(from);
	return rc;
}

static enum lun_result copy_folder(int from, int to, unsigned depth, struct lun_error *err);

static int open_folder_at(int folder, const char *name)
{
	return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static enum lun_result copy_subfolder(
        int from_folder, int to_folder, const char *name, unsigned depth, struct lun_error *err)
{
	if (depth == MAX_DEPTH)
		return lun_fail(err, LUN_LIMIT, "cannot copy %.500s: folders are nested too deeply", name);
	int from = open_folder_at(from_folder, name);
	int to = -1;
	if (from >= 0 && mkdirat(to_folder, name, 0755) == 0)
		to = open_folder_at(to_folder, name);
	enum lun_result rc = to < 0 ? fail_copy(name, err) : copy_folder(from, to, depth + 1, err);
	if (to >= 0)
		(void)close(to);
	if (from >= 0)
		(void)close(from);
	return rc;
}

static enum lun_result copy_entry(
        int from, int to, const char *name, unsigned depth, struct lun_error *err)
{
	struct stat info;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return LUN_OK;
	if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_copy(name, err);
	if (S_ISDIR(info.st_mode))
		return copy_subfolder(from, to, name, depth, err);
	return S_ISREG(info.st_mode) ? copy_file(from, to, name, err) : LUN_OK;
}

static enum lun_result copy_folder(int from, int to, unsigned depth, struct lun_error *err)
{
	int own = fcntl(from, F_DUPFD_CLOEXEC, 0);
	DIR *stream = own >= 0 ? fdopendir(own) : NULL;
	if (!stream) {
		if (own >= 0)
			(void)close(own);
		return fail_copy("a folder", err);
	}
	enum lun_result rc = LUN_OK;
	const struct dirent *entry;
	while (rc == LUN_OK && (entry = readdir(stream)))
		rc = copy_entry(from, to, entry->d_name, depth, err);
	(void)closedir(stream);
	return rc;
}

enum lun_result lun_tree_copy(const char *from, const char *to, struct lun_error *err)
{
	int from_fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from_fd < 0)
		return fail_copy(from, err);
	int to_fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum lun_result rc = to_fd < 0 ? fail_copy(to, err) : copy_folder(from_fd, to_fd, 0, err);
	if (to_fd >= 0)
		(void)close(to_fd);
	(void)close(from_fd);
	return rc;
}

static void remove_entries(int folder)
{
	DIR *stream = fdopendir(folder); // takes folder
	if (!stream) {
		(void)close(folder);
		return;
	}
	const struct dirent *entry;
	while ((entry = readdir(stream))) {
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (unlinkat(dirfd(stream), name, 0) == 0)
			continue;
		int below = open_folder_at(dirfd(stream), name);
		if (below >= 0)
			remove_entries(below);
		(void)unlinkat(dirfd(stream), name, AT_REMOVEDIR);
	}
	(void)closedir(stream);
}

void lun_tree_remove(const char *path)
{
	int fd = open_folder_at(AT_FDCWD, path);
	if (fd >= 0)
		remove_entries(fd);
	(void)rmdir(path);
}
