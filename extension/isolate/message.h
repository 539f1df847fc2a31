/**
 * Messages between a supervisor and its renderer, over a SEQPACKET socket.
 *
 * A message is a header, a text or a struct, and at most one descriptor. What arrives is checked
 * for its form here and trusted nowhere. Thread: one sender and one receiver a socket.
 */
#pragma once

#include <jansson.h>

#include "lunette/base.h"

enum lun_message_kind {
	/* to the renderer */
	LUN_MESSAGE_CONFIGURE, /**< payload struct lun_format */
	LUN_MESSAGE_BUFFER,    /**< id, size; descriptor */
	LUN_MESSAGE_CAMERA,    /**< payload spec; descriptor, or none for the synthetic camera */
	LUN_MESSAGE_LOAD,      /**< id; payload JSON */
	LUN_MESSAGE_RENDER,    /**< id = buffer, number, time_s = epoch */
	LUN_MESSAGE_VALUES,    /**< payload JSON */
	LUN_MESSAGE_FEED,      /**< payload JSON */
	LUN_MESSAGE_PAUSE,     /**< number */
	LUN_MESSAGE_WATCHERS,  /**< number */
	LUN_MESSAGE_EVENT,     /**< payload JSON */
	/* on the files' socket */
	LUN_MESSAGE_OPEN,        /**< to the supervisor: id of the load; payload path */
	LUN_MESSAGE_OPENED,      /**< descriptor */
	LUN_MESSAGE_OPEN_FAILED, /**< payload JSON of an error */
	/* from the renderer */
	LUN_MESSAGE_LOADED,       /**< id; payload JSON */
	LUN_MESSAGE_LOAD_FAILED,  /**< id; payload JSON of an error */
	LUN_MESSAGE_DONE,         /**< payload struct lun_render_report */
	LUN_MESSAGE_SCRIPT_ERROR, /**< payload JSON of an error */
	LUN_MESSAGE_STOPPED,      /**< payload JSON of an error */
	LUN_MESSAGE_LOG,          /**< number = level; payload text */
};

struct lun_message_header {
	uint32_t kind;
	uint32_t payload_bytes;
	int64_t id;
	uint64_t number;
	double time_s;
};

/** A larger payload travels in a memory file of its own. */
#define LUN_MESSAGE_INLINE_BYTES 32768
#define LUN_MESSAGE_MAX_BYTES ((size_t)64 << 20)

struct lun_message {
	struct lun_message_header header;
	char *payload; // owned; a 0 byte follows
	int fd;        // owned; -1 without
};

void lun_message_finish(struct lun_message *message);

/**
 * @param fd  borrowed; -1 without
 * @return LUN_OK; LUN_IO when the peer is gone or (on a non-blocking socket) takes no more
 */
enum lun_result lun_message_send(int socket_fd, const struct lun_message_header *header,
        const void *payload, size_t payload_bytes, int fd);

/** payload as JSON text; value is borrowed. */
enum lun_result lun_message_send_json(
        int socket_fd, const struct lun_message_header *header, const json_t *value);

/** @return LUN_OK; LUN_NOT_FOUND when nothing waits (non-blocking); LUN_IO when the peer is gone
 *  or sent something malformed. The caller finishes out_message after LUN_OK. */
enum lun_result lun_message_receive(int socket_fd, struct lun_message *out_message);

/** The payload as JSON. New reference; NULL when it is none. */
json_t *lun_message_json(const struct lun_message *message);
