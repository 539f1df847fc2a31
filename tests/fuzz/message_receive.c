// libFuzzer: packets of a hostile renderer, with descriptors of all sorts, through the receiver.
// Nothing may leak, and what is received is as its header says.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extension/isolate/message.h"

#define MAX_FDS 10

static void add_descriptors(
        struct msghdr *packet, char *control, size_t control_bytes, int count, const int *sources)
{
	size_t bytes = (size_t)count * sizeof(int);
	packet->msg_control = control;
	packet->msg_controllen = CMSG_SPACE(bytes);
	if (packet->msg_controllen > control_bytes)
		abort();
	struct cmsghdr *rights = CMSG_FIRSTHDR(packet);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(bytes);
	memcpy(CMSG_DATA(rights), sources, bytes);
}

// The first byte decides on descriptors, the rest is the packet.
static void send_packet(int socket_fd, const uint8_t *bytes, size_t size)
{
	char control[CMSG_SPACE(MAX_FDS * sizeof(int))] = {0};
	struct iovec part = {(void *)(bytes + 1), size - 1};
	struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
	int count = bytes[0] % (MAX_FDS + 1), sources[MAX_FDS];
	int file = memfd_create("payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (ftruncate(file, 32769 + bytes[0] / 128) != 0)
		abort();
	if (bytes[0] & 64)
		(void)fcntl(file, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE);
	for (int i = 0; i < count; i++)
		sources[i] = i % 2 ? socket_fd : file;
	if (count)
		add_descriptors(&packet, control, sizeof control, count, sources);
	if (sendmsg(socket_fd, &packet, MSG_NOSIGNAL) < 0)
		abort();
	(void)close(file);
}

static int lowest_free(void)
{
	int fd = dup(0);
	(void)close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int pair[2], before = lowest_free();
	struct lun_message message;
	if (size == 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return 0;
	(void)fcntl(pair[1], F_SETFL, O_NONBLOCK);
	send_packet(pair[0], bytes, size);
	enum lun_result rc = lun_message_receive(pair[1], &message);
	if (rc == LUN_OK) {
		if (message.payload[message.header.payload_bytes] != '\0')
			abort();
		json_decref(lun_message_json(&message));
		lun_message_finish(&message);
	} else if (rc != LUN_IO) {
		abort();
	}
	(void)close(pair[0]);
	(void)close(pair[1]);
	if (lowest_free() != before)
		abort();
	return 0;
}
