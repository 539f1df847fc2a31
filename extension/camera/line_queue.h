/**
 * Lines that wait to be written to a socket, each with a descriptor or without.
 *
 * Thread: one owner. A zeroed struct is an empty queue.
 */
#pragma once

#include <jansson.h>

#include "lunette/base.h"

struct lun_queued_line;

struct lun_line_queue {
	struct lun_queued_line *first; // owned
	struct lun_queued_line *last;  // borrowed from the list, NULL when it is empty
	size_t size_bytes;             /**< that wait */
};
/** Forget what waits and close its descriptors. The queue is empty and can be used again. */
void lun_line_queue_clear(struct lun_line_queue *queue);

/** @param text  taken, with its newline  @param fd  taken; -1: none */
void lun_line_queue_push(struct lun_line_queue *queue, char *text, size_t size_bytes, int fd);

/**
 * Write what the socket takes now. A descriptor goes out with the first byte of its line, and
 * never are two lines sent as one message when the second has a descriptor or the first had one.
 *
 * @return false when the peer does not listen any more
 */
bool lun_line_queue_write(struct lun_line_queue *queue, int socket_fd);

/** The JSON value on one line. The caller frees it; NULL when it cannot be written as JSON. */
char *lun_line_from_json(const json_t *value, size_t *out_size_bytes);
