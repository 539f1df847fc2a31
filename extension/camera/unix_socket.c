// Unix sockets as the control protocol needs them: one place for what differs between systems and
// for the traps of their paths. What is said over them is not its business.
#include "extension/camera/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 64, CONNECT_TIMEOUT_S = 2, MAX_PASSED_FDS = 16 };

// An address for a path of any length: a long one is reached through a descriptor of its folder.
static bool make_address(const char *path, int dir_fd, struct sockaddr_un *out_address)
{
	*out_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	size_t room = sizeof out_address->sun_path;
	int length = snprintf(out_address->sun_path, room, "%s", path);
	if (length >= 0 && (size_t)length < room)
		return true;
	const char *slash = strrchr(path, '/');
	length = snprintf(
	        out_address->sun_path, room, "/proc/self/fd/%d/%s", dir_fd, slash ? slash + 1 : path);
	return length >= 0 && (size_t)length < room && access("/proc/self/fd", X_OK) == 0;
}

static enum lun_result fail_too_long(const char *path, struct lun_error *err)
{
	return lun_fail(err, LUN_IO,
	        "the control socket's path has %zu bytes, more than this system takes: choose a "
	        "shorter "
	        "folder with --container (%.200s)",
	        strlen(path), path);
}

static int open_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *folder = lun_strdup(path);
	folder[slash == path ? 1 : slash - path] = 0;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	return fd;
}

static bool set_flags(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

static int open_socket(void)
{
#ifdef SOCK_CLOEXEC
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
#else
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd >= 0)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
#endif
}

// Sends time out too: that is what bounds connect() on a listener whose queue is full.
static int connect_to(const struct sockaddr_un *address)
{
	int fd = open_socket();
	if (fd < 0)
		return -1;
	struct timeval patience = {.tv_sec = CONNECT_TIMEOUT_S};
	int rc = setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (rc == 0) {
		do
			rc = connect(fd, (const struct sockaddr *)address, sizeof *address);
		while (rc < 0 && errno == EINTR);
	}
	if (rc == 0 && set_flags(fd))
		return fd;
	int reason = errno;
	(void)close(fd);
	errno = reason;
	return -1;
}

enum lun_result lun_unix_connect(const char *path, int *out_fd, struct lun_error *err)
{
	struct sockaddr_un address;
	int dir_fd = open_folder(path);
	if (dir_fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return lun_fail(err, LUN_NOT_FOUND, "no camera is running (nothing at %.800s)", path);
	enum lun_result rc = LUN_OK;
	if (make_address(path, dir_fd, &address))
		*out_fd = connect_to(&address);
	else
		rc = fail_too_long(path, err);
	int reason = errno;
	if (dir_fd >= 0)
		(void)close(dir_fd);
	if (rc != LUN_OK || *out_fd >= 0)
		return rc;
	if (reason == ENOENT || reason == ECONNREFUSED || reason == ENOTDIR)
		return lun_fail(
		        err, LUN_NOT_FOUND, "no camera is running (nobody listens on %.800s)", path);
	if (reason == EAGAIN)
		return lun_fail(err, LUN_IO, "the camera is too busy to answer on %.800s", path);
	return lun_fail(err, LUN_IO, "cannot reach the camera on %.700s: %s", path, strerror(reason));
}

// A socket file without a listener is left over from a crash and goes; anything else stays.
static enum lun_result remove_stale(
        const char *path, const struct sockaddr_un *address, struct lun_error *err)
{
	struct stat info;
	if (lstat(path, &info) < 0)
		return LUN_OK;
	if (!S_ISSOCK(info.st_mode))
		return lun_fail(err, LUN_IO, "%.800s is in the way of the control socket: remove it", path);
	int fd = connect_to(address);
	if (fd >= 0)
		(void)close(fd);
	if (fd >= 0 || errno == EAGAIN)
		return lun_fail(err, LUN_IO, "a camera is already running on %.800s", path);
	if (errno != ECONNREFUSED && errno != ENOENT)
		return lun_fail(
		        err, LUN_IO, "cannot test the control socket %.700s: %s", path, strerror(errno));
	if (unlink(path) < 0 && errno != ENOENT)
		return lun_fail(
		        err, LUN_IO, "cannot replace the control socket %.700s: %s", path, strerror(errno));
	return LUN_OK;
}

// On Linux the file gets the mode of the socket's own inode, so it is never open to others, and
// no umask of other threads is touched.
static bool bind_privately(int fd, const struct sockaddr_un *address, const char *path)
{
#ifdef __linux__
	if (fchmod(fd, 0600) < 0)
		return false;
	if (bind(fd, (const struct sockaddr *)address, sizeof *address) < 0)
		return false;
#else
	mode_t umask_before = umask(0177);
	int rc = bind(fd, (const struct sockaddr *)address, sizeof *address);
	(void)umask(umask_before);
	if (rc < 0)
		return false;
#endif
	return chmod(path, 0600) == 0;
}

static enum lun_result listen_in(
        int dir_fd, const char *path, struct lun_unix_listener *out_listener, struct lun_error *err)
{
	struct sockaddr_un address;
	if (!make_address(path, dir_fd, &address))
		return fail_too_long(path, err);
	enum lun_result rc = remove_stale(path, &address, err);
	if (rc != LUN_OK)
		return rc;
	int fd = open_socket();
	struct stat info;
	if (fd < 0 || !set_flags(fd) || !bind_privately(fd, &address, path) ||
	        listen(fd, BACKLOG) < 0 || lstat(path, &info) < 0) {
		rc = lun_fail(err, LUN_IO, "cannot listen on %.800s: %s", path, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return rc;
	}
	*out_listener = (struct lun_unix_listener){
	        .fd = fd, .path = lun_strdup(path), .device = info.st_dev, .inode = info.st_ino};
	return LUN_OK;
}

enum lun_result lun_unix_listen(
        const char *path, struct lun_unix_listener *out_listener, struct lun_error *err)
{
	int dir_fd = open_folder(path);
	if (dir_fd < 0)
		return lun_fail(err, LUN_IO, "cannot open the folder of %.800s: %s", path, strerror(errno));
	// Two cameras that start at once must not both take the file for a stale one.
	enum lun_result rc = LUN_IO;
	if (flock(dir_fd, LOCK_EX | LOCK_NB) < 0)
		(void)lun_fail(err, rc, "another camera is just starting on %.800s", path);
	else
		rc = listen_in(dir_fd, path, out_listener, err);
	(void)close(dir_fd);
	return rc;
}

void lun_unix_listener_finish(struct lun_unix_listener *listener)
{
	struct stat info;
	if (lstat(listener->path, &info) == 0 && info.st_dev == listener->device &&
	        info.st_ino == listener->inode)
		(void)unlink(listener->path);
	(void)close(listener->fd);
	free(listener->path);
}

int lun_unix_accept(int listener_fd)
{
#ifdef __linux__
	return accept4(listener_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
#else
	int fd = accept(listener_fd, NULL, NULL);
	if (fd >= 0 && !set_flags(fd)) {
		(void)close(fd);
		return -1;
	}
	return fd;
#endif
}

bool lun_unix_peer_is_owner(int fd)
{
#ifdef SO_PEERCRED
	struct ucred peer;
	socklen_t size = sizeof peer;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	uid_t uid = peer.uid;
#else
	uid_t uid;
	gid_t gid;
	if (getpeereid(fd, &uid, &gid) < 0)
		return false;
#endif
	return uid == 0 || uid == geteuid();
}

ssize_t lun_unix_send(int fd, const void *bytes, size_t size_bytes, int passed_fd)
{
	union {
		struct cmsghdr header; // for its alignment
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {.iov_base = (void *)bytes, .iov_len = size_bytes};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	if (passed_fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &passed_fd, sizeof passed_fd);
	}
	ssize_t sent;
	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent;
}

// Keeps the first descriptor of a message and closes what nobody asked for.
static int take_fds(struct msghdr *message)
{
	int first = -1;
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	        header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
			if (first < 0)
				first = fd;
			else
				(void)close(fd);
		}
	}
	return first;
}

ssize_t lun_unix_receive(int fd, void *bytes, size_t size_bytes, int *out_fd)
{
	union {
		struct cmsghdr header; // for its alignment
		char bytes[CMSG_SPACE(MAX_PASSED_FDS * sizeof(int))];
	} control;
	struct iovec part = {.iov_base = bytes, .iov_len = size_bytes};
	struct msghdr message = {.msg_iov = &part,
	        .msg_iovlen = 1,
	        .msg_control = control.bytes,
	        .msg_controllen = sizeof control.bytes};
	ssize_t received;
#ifdef MSG_CMSG_CLOEXEC
	int flags = MSG_CMSG_CLOEXEC;
#else
	int flags = 0;
#endif
	do
		received = recvmsg(fd, &message, flags);
	while (received < 0 && errno == EINTR);
	*out_fd = received < 0 ? -1 : take_fds(&message);
	return received;
}
