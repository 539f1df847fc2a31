// Messages between supervisor and renderer: every size there and back, and a peer that lies.
#include "extension/isolate/message.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static int left, right; // a pair of sockets, fresh for each test
static int descriptors_before;

static int count_descriptors(void)
{
	int count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void open_pair(void)
{
	int pair[2];
	descriptors_before = count_descriptors();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		exit(1);
	left = pair[0];
	right = pair[1];
	(void)fcntl(right, F_SETFL, O_NONBLOCK);
}

static bool close_pair(void)
{
	(void)close(left);
	(void)close(right);
	return count_descriptors() == descriptors_before;
}

static char *make_text(size_t size)
{
	char *text = malloc(size + 1);
	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + (i * 31 + i / 977) % 26);
	text[size] = '\0';
	return text;
}

static bool travels(size_t size)
{
	struct lun_message_header header = {
	        .kind = LUN_MESSAGE_LOG, .id = -7, .number = UINT64_MAX, .time_s = 0.1};
	struct lun_message message;
	char *text = make_text(size);
	open_pair();
	bool is_fine = lun_message_send(left, &header, text, size, -1) == LUN_OK &&
	               lun_message_receive(right, &message) == LUN_OK;
	if (is_fine) {
		is_fine = message.header.kind == LUN_MESSAGE_LOG && message.header.id == -7 &&
		          message.header.number == UINT64_MAX && message.header.time_s == 0.1 &&
		          message.header.payload_bytes == size && message.fd == -1 &&
		          memcmp(message.payload, text, size + 1) == 0;
		lun_message_finish(&message);
		is_fine = is_fine && lun_message_receive(right, &message) == LUN_NOT_FOUND;
	}
	free(text);
	return close_pair() && is_fine;
}

static void payloads_of_every_size_travel_whole(void)
{
	static const size_t sizes[] = {0, 1, 2, 4095, 4096, LUN_MESSAGE_INLINE_BYTES - 1,
	        LUN_MESSAGE_INLINE_BYTES, LUN_MESSAGE_INLINE_BYTES + 1, 65536, 5 << 20};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		if (!travels(sizes[i]))
			printf("# %zu bytes did not\n", sizes[i]);
		CHECK(travels(sizes[i]));
	}
}

static void more_than_the_limit_is_not_sent(void)
{
	struct lun_message_header header = {.kind = LUN_MESSAGE_LOG};
	char byte = 'x';
	open_pair();
	enum lun_result rc = lun_message_send(left, &header, &byte, LUN_MESSAGE_MAX_BYTES + 1, -1);
	struct lun_message message;
	enum lun_result nothing = lun_message_receive(right, &message);
	CHECK(close_pair());
	CHECK_EQ(rc, LUN_IO);
	CHECK_EQ(nothing, LUN_NOT_FOUND);
}

static void a_descriptor_travels_beside_a_message(void)
{
	struct lun_message_header header = {.kind = LUN_MESSAGE_BUFFER, .id = 3};
	struct lun_message message;
	char text[8] = {0};
	open_pair();
	int file = memfd_create("test", MFD_CLOEXEC);
	CHECK_EQ(pwrite(file, "hello", 5, 0), 5);
	CHECK_EQ(lun_message_send(left, &header, "abc", 3, file), LUN_OK);
	(void)close(file); // ours; theirs lives on
	CHECK_EQ(lun_message_receive(right, &message), LUN_OK);
	CHECK(message.fd >= 0);
	CHECK(fcntl(message.fd, F_GETFD) & FD_CLOEXEC);
	CHECK_EQ(pread(message.fd, text, sizeof text, 0), 5);
	CHECK(strcmp(text, "hello") == 0);
	CHECK(strcmp(message.payload, "abc") == 0);
	lun_message_finish(&message);
	lun_message_finish(&message); // nothing is left to give back
	CHECK(close_pair());
}

static void json_travels_and_what_is_none_is_told(void)
{
	struct lun_message_header header = {.kind = LUN_MESSAGE_VALUES};
	struct lun_message message;
	json_t *value = json_pack("{s:[i,f,n,b], s:s}", "list", 1, 2.5, 1, "text", "\xc3\xa4");
	open_pair();
	CHECK_EQ(lun_message_send_json(left, &header, value), LUN_OK);
	CHECK_EQ(lun_message_receive(right, &message), LUN_OK);
	json_t *got = lun_message_json(&message);
	CHECK(json_equal(got, value));
	json_decref(got);
	lun_message_finish(&message);
	json_decref(value);
	static const char *const broken[] = {"", "{", "{\"a\":1}x", "\xff", "nul"};
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		CHECK_EQ(lun_message_send(left, &header, broken[i], strlen(broken[i]), -1), LUN_OK);
		CHECK_EQ(lun_message_receive(right, &message), LUN_OK);
		CHECK(!lun_message_json(&message));
		lun_message_finish(&message);
	}
	CHECK(close_pair());
}

static void a_peer_that_is_gone_is_told_and_kills_nobody(void)
{
	struct lun_message_header header = {.kind = LUN_MESSAGE_PAUSE};
	struct lun_message message;
	open_pair();
	(void)close(left);
	CHECK_EQ(lun_message_receive(right, &message), LUN_IO);
	CHECK_EQ(lun_message_send(right, &header, NULL, 0, -1), LUN_IO); // and no SIGPIPE
	left = -1;
	CHECK(close_pair());
}

static void a_peer_that_reads_nothing_blocks_nobody(void)
{
	struct lun_message_header header = {.kind = LUN_MESSAGE_LOG};
	char *text = make_text(LUN_MESSAGE_INLINE_BYTES);
	open_pair();
	enum lun_result rc = LUN_OK;
	int sent = 0;
	while (rc == LUN_OK && sent++ < 100000)
		rc = lun_message_send(right, &header, text, LUN_MESSAGE_INLINE_BYTES, -1);
	free(text);
	CHECK(close_pair());
	CHECK_EQ(rc, LUN_IO);
}

/* A hostile peer. */

struct packet {
	const void *bytes;
	size_t size;
	int fds[16];
	int fds_count;
};

static bool send_raw(const struct packet *packet)
{
	struct iovec part = {(void *)packet->bytes, packet->size};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(16 * sizeof(int))];
	} control = {0};
	struct msghdr out = {.msg_iov = &part, .msg_iovlen = 1};
	if (packet->fds_count) {
		size_t bytes = (size_t)packet->fds_count * sizeof(int);
		out.msg_control = control.bytes;
		out.msg_controllen = CMSG_SPACE(bytes);
		struct cmsghdr *rights = CMSG_FIRSTHDR(&out);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(bytes);
		memcpy(CMSG_DATA(rights), packet->fds, bytes);
	}
	return sendmsg(left, &out, MSG_NOSIGNAL) == (ssize_t)packet->size;
}

// What our side makes of a packet; whatever came in is given back.
static enum lun_result receive_raw(const struct packet *packet)
{
	struct lun_message message;
	if (!send_raw(packet))
		printf("# a packet of %zu bytes was not sent\n", packet->size);
	enum lun_result rc = lun_message_receive(right, &message);
	if (rc == LUN_OK)
		lun_message_finish(&message);
	return rc;
}

static enum lun_result receive_header(uint32_t payload_bytes, int fd)
{
	struct lun_message_header header = {.kind = LUN_MESSAGE_LOG, .payload_bytes = payload_bytes};
	struct packet packet = {&header, sizeof header, {fd}, fd >= 0};
	return receive_raw(&packet);
}

static void short_and_long_packets_are_refused(void)
{
	static char bytes[sizeof(struct lun_message_header) + LUN_MESSAGE_INLINE_BYTES + 4096];
	for (size_t size = 1; size < sizeof(struct lun_message_header); size++) {
		open_pair();
		struct packet packet = {.bytes = bytes, .size = size};
		enum lun_result rc = receive_raw(&packet);
		CHECK(close_pair());
		CHECK_EQ(rc, LUN_IO);
	}
	open_pair();
	struct packet packet = {.bytes = bytes, .size = sizeof bytes}; // more than fits
	enum lun_result rc = receive_raw(&packet);
	CHECK(close_pair());
	CHECK_EQ(rc, LUN_IO);
}

static void an_empty_packet_with_a_descriptor_leaks_nothing(void)
{
	open_pair();
	struct packet packet = {"", 0, {left, left}, 2};
	enum lun_result rc = receive_raw(&packet);
	CHECK(close_pair());
	CHECK_EQ(rc, LUN_IO);
}

static void wrong_payload_sizes_are_refused(void)
{
	static const uint32_t sizes[] = {1, 2, LUN_MESSAGE_INLINE_BYTES, LUN_MESSAGE_INLINE_BYTES + 1,
	        LUN_MESSAGE_MAX_BYTES, LUN_MESSAGE_MAX_BYTES + 1, UINT32_MAX};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		open_pair();
		enum lun_result rc = receive_header(sizes[i], -1); // with no payload at all
		CHECK(close_pair());
		CHECK_EQ(rc, LUN_IO);
	}
	struct {
		struct lun_message_header header;
		char text[10];
	} more = {.header = {.payload_bytes = 9}};
	open_pair();
	struct packet packet = {.bytes = &more, .size = sizeof more.header + 10};
	enum lun_result rc = receive_raw(&packet);
	CHECK(close_pair());
	CHECK_EQ(rc, LUN_IO);
}

static void several_descriptors_are_closed_but_the_first(void)
{
	for (int count = 2; count <= 8; count++) {
		struct lun_message_header header = {.kind = LUN_MESSAGE_LOG};
		open_pair();
		struct packet packet = {.bytes = &header, .size = sizeof header, .fds_count = count};
		for (int i = 0; i < count; i++)
			packet.fds[i] = left;
		enum lun_result rc = receive_raw(&packet);
		CHECK(close_pair());
		CHECK_EQ(rc, LUN_OK);
	}
}

static void more_descriptors_than_anybody_sends_are_refused_and_closed(void)
{
	struct lun_message_header header = {.kind = LUN_MESSAGE_LOG};
	open_pair();
	struct packet packet = {.bytes = &header, .size = sizeof header, .fds_count = 16};
	for (int i = 0; i < 16; i++)
		packet.fds[i] = left;
	enum lun_result rc = receive_raw(&packet);
	CHECK(close_pair());
	CHECK_EQ(rc, LUN_IO);
}

// A file for a large payload that is not what it should be.
static enum lun_result receive_file(off_t file_bytes, uint32_t claimed_bytes, bool is_sealed)
{
	int file = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (ftruncate(file, file_bytes) != 0)
		return LUN_OK;
	if (is_sealed)
		(void)fcntl(file, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL);
	enum lun_result rc = receive_header(claimed_bytes, file);
	(void)close(file);
	return rc;
}

static void payload_files_that_lie_are_refused(void)
{
	open_pair();
	CHECK_EQ(receive_file(50000, 50000, true), LUN_OK);
	CHECK_EQ(receive_file(50000, 49999, true), LUN_IO);
	CHECK_EQ(receive_file(50000, 50001, true), LUN_IO);
	CHECK_EQ(receive_file(0, 50000, true), LUN_IO);
	CHECK_EQ(receive_file(50000, 50000, false), LUN_IO); // may shrink under the reader
	CHECK(close_pair());
}

static void payload_files_that_are_no_memory_files_are_refused(void)
{
	open_pair();
	int ends[2];
	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	CHECK_EQ(receive_header(50000, ends[0]), LUN_IO); // a pipe could keep its reader waiting
	CHECK_EQ(receive_header(50000, left), LUN_IO);
	int folder = open("/", O_RDONLY | O_CLOEXEC);
	CHECK_EQ(receive_header(50000, folder), LUN_IO);
	FILE *file = tmpfile();
	CHECK(file);
	CHECK_EQ(ftruncate(fileno(file), 50000), 0);
	CHECK_EQ(receive_header(50000, fileno(file)), LUN_IO);
	(void)fclose(file);
	(void)close(folder);
	(void)close(ends[0]);
	(void)close(ends[1]);
	CHECK(close_pair());
}

TEST_MAIN({
	RUN(payloads_of_every_size_travel_whole);
	RUN(more_than_the_limit_is_not_sent);
	RUN(a_descriptor_travels_beside_a_message);
	RUN(json_travels_and_what_is_none_is_told);
	RUN(a_peer_that_is_gone_is_told_and_kills_nobody);
	RUN(a_peer_that_reads_nothing_blocks_nobody);
	RUN(short_and_long_packets_are_refused);
	RUN(an_empty_packet_with_a_descriptor_leaks_nothing);
	RUN(wrong_payload_sizes_are_refused);
	RUN(several_descriptors_are_closed_but_the_first);
	RUN(more_descriptors_than_anybody_sends_are_refused_and_closed);
	RUN(payload_files_that_lie_are_refused);
	RUN(payload_files_that_are_no_memory_files_are_refused);
})
