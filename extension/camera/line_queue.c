// Keeps lines until the socket takes them, in order, with their descriptors. It waits for nothing.
#include "extension/camera/line_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension/camera/unix_socket.h"

struct lun_queued_line {
	struct lun_queued_line *next; // owned
	char *text;                   // owned
	size_t size_bytes;
	size_t written_bytes;
	int fd; // owned until it is sent, then -1
};

static void drop_first(struct lun_line_queue *queue)
{
	struct lun_queued_line *line = queue->first;
	queue->first = line->next;
	if (!queue->first)
		queue->last = NULL;
	queue->size_bytes -= line->size_bytes - line->written_bytes;
	if (line->fd >= 0)
		(void)close(line->fd);
	free(line->text);
	free(line);
}

void lun_line_queue_clear(struct lun_line_queue *queue)
{
	while (queue->first)
		drop_first(queue);
}

void lun_line_queue_push(struct lun_line_queue *queue, char *text, size_t size_bytes, int fd)
{
	struct lun_queued_line *line = lun_alloc(sizeof *line);
	*line = (struct lun_queued_line){.text = text, .size_bytes = size_bytes, .fd = fd};
	if (queue->last)
		queue->last->next = line;
	else
		queue->first = line;
	queue->last = line;
	queue->size_bytes += size_bytes;
}

bool lun_line_queue_write(struct lun_line_queue *queue, int socket_fd)
{
	while (queue->first) {
		struct lun_queued_line *line = queue->first;
		ssize_t written = lun_unix_send(socket_fd, line->text + line->written_bytes,
		        line->size_bytes - line->written_bytes, line->fd);
		if (written < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		if (line->fd >= 0)
			(void)close(line->fd);
		line->fd = -1;
		line->written_bytes += (size_t)written;
		queue->size_bytes -= (size_t)written;
		if (line->written_bytes == line->size_bytes)
			drop_first(queue);
	}
	return true;
}

char *lun_line_from_json(const json_t *value, size_t *out_size_bytes)
{
	char *text = json_dumps(value, JSON_COMPACT);
	if (!text)
		return NULL;
	size_t size = strlen(text);
	text = realloc(text, size + 2);
	lun_assert(text);
	memcpy(text + size, "\n", 2);
	*out_size_bytes = size + 1;
	return text;
}
