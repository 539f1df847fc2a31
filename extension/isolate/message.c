// The wire format between supervisor and renderer: one packet a message, descriptors beside it.
#include "extension/isolate/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void lun_message_finish(struct lun_message *message)
{
	free(message->payload);
	message->payload = NULL;
	if (message->fd >= 0)
		(void)close(message->fd);
	message->fd = -1;
}

static bool write_all(int fd, const char *bytes, size_t size_bytes)
{
	while (size_bytes > 0) {
		ssize_t wrote = write(fd, bytes, size_bytes);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return false;
		bytes += wrote;
		size_bytes -= (size_t)wrote;
	}
	return true;
}

#define PAYLOAD_SEALS (F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE)

// A memory file that holds a payload too large for a packet. -1 on failure.
static int make_payload_file(const void *payload, size_t payload_bytes)
{
	int fd = memfd_create("lunette-payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	if (write_all(fd, payload, payload_bytes) &&
	        fcntl(fd, F_ADD_SEALS, PAYLOAD_SEALS | F_SEAL_SEAL) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static enum lun_result send_packet(int socket_fd, const struct lun_message_header *header,
        const void *payload, size_t inline_bytes, int fd)
{
	struct iovec parts[] = {{(void *)header, sizeof *header}, {(void *)payload, inline_bytes}};
	struct msghdr packet = {.msg_iov = parts, .msg_iovlen = inline_bytes ? 2 : 1};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	if (fd >= 0) {
		packet.msg_control = control.bytes;
		packet.msg_controllen = sizeof control.bytes;
		struct cmsghdr *rights = CMSG_FIRSTHDR(&packet);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(rights), &fd, sizeof fd);
	}
	ssize_t sent;
	do
		sent = sendmsg(socket_fd, &packet, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent >= 0 ? LUN_OK : LUN_IO;
}

enum lun_result lun_message_send(int socket_fd, const struct lun_message_header *header,
        const void *payload, size_t payload_bytes, int fd)
{
	struct lun_message_header copy = *header;
	copy.payload_bytes = (uint32_t)payload_bytes;
	if (payload_bytes > LUN_MESSAGE_MAX_BYTES)
		return LUN_IO;
	if (payload_bytes <= LUN_MESSAGE_INLINE_BYTES)
		return send_packet(socket_fd, &copy, payload, payload_bytes, fd);
	lun_assert(fd < 0); // no kind has both
	int file = make_payload_file(payload, payload_bytes);
	if (file < 0)
		return LUN_IO;
	enum lun_result rc = send_packet(socket_fd, &copy, NULL, 0, file);
	(void)close(file);
	return rc;
}

enum lun_result lun_message_send_json(
        int socket_fd, const struct lun_message_header *header, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!text)
		return LUN_IO;
	enum lun_result rc = lun_message_send(socket_fd, header, text, strlen(text), -1);
	free(text);
	return rc;
}

// Takes the first descriptor of a packet and closes any others.
static int take_descriptor(struct msghdr *packet)
{
	int kept = -1;
	for (struct cmsghdr *at = CMSG_FIRSTHDR(packet); at; at = CMSG_NXTHDR(packet, at)) {
		if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(at) + i * sizeof fd, sizeof fd);
			if (kept < 0)
				kept = fd;
			else
				(void)close(fd);
		}
	}
	return kept;
}

static bool read_payload_file(struct lun_message *message)
{
	size_t size_bytes = message->header.payload_bytes, done = 0;
	struct stat status;
	// Only memory files have seals. Any other could keep its reader waiting, and one that is not
	// sealed could change under its reader.
	int seals = message->fd < 0 ? -1 : fcntl(message->fd, F_GET_SEALS);
	if (seals < 0 || (seals & PAYLOAD_SEALS) != PAYLOAD_SEALS)
		return false;
	if (fstat(message->fd, &status) != 0 || (size_t)status.st_size != size_bytes)
		return false;
	message->payload = malloc(size_bytes + 1);
	while (message->payload && done < size_bytes) {
		ssize_t got = pread(message->fd, message->payload + done, size_bytes - done, (off_t)done);
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	(void)close(message->fd);
	message->fd = -1;
	return message->payload;
}

static bool take_payload(struct lun_message *message, const char *bytes, size_t inline_bytes)
{
	size_t wanted = message->header.payload_bytes;
	if (wanted > LUN_MESSAGE_MAX_BYTES)
		return false;
	if (wanted > LUN_MESSAGE_INLINE_BYTES) {
		if (inline_bytes != 0 || !read_payload_file(message))
			return false;
	} else {
		if (wanted != inline_bytes)
			return false;
		message->payload = lun_alloc(wanted + 1);
		memcpy(message->payload, bytes, wanted);
	}
	message->payload[wanted] = '\0';
	return true;
}

enum lun_result lun_message_receive(int socket_fd, struct lun_message *out_message)
{
	static _Thread_local char bytes[LUN_MESSAGE_INLINE_BYTES];
	*out_message = (struct lun_message){.fd = -1};
	struct iovec parts[] = {
	        {&out_message->header, sizeof out_message->header}, {bytes, sizeof bytes}};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(8 * sizeof(int))];
	} control;
	struct msghdr packet = {.msg_iov = parts,
	        .msg_iovlen = 2,
	        .msg_control = control.bytes,
	        .msg_controllen = sizeof control.bytes};
	ssize_t got;
	do
		got = recvmsg(socket_fd, &packet, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return LUN_NOT_FOUND;
	if (got < 0)
		return LUN_IO;
	out_message->fd = take_descriptor(&packet); // even an empty packet may bring some
	size_t header_bytes = sizeof out_message->header;
	if ((size_t)got < header_bytes || (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	        !take_payload(out_message, bytes, (size_t)got - header_bytes)) {
		lun_message_finish(out_message);
		return LUN_IO;
	}
	return LUN_OK;
}

json_t *lun_message_json(const struct lun_message *message)
{
	return json_loadb(message->payload, message->header.payload_bytes, JSON_DECODE_ANY, NULL);
}
