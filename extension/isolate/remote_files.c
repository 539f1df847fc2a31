// Asks the supervisor for files. What is asked for is the scene's text; what may be had is the
// supervisor's decision.
#include "extension/isolate/remote_files.h"

#include <stdio.h>
#include <string.h>

#include "extension/camera/control.h"
#include "extension/isolate/message.h"

static int take_answer(const struct lun_message *message, struct lun_error *err)
{
	if (message->header.kind == LUN_MESSAGE_OPENED && message->fd >= 0)
		return message->fd;
	json_t *why = lun_message_json(message);
	lun_error_from_json(why, err);
	json_decref(why);
	return -1;
}

static int open_remote(void *data, const char *path, struct lun_error *err)
{
	struct lun_remote_files *remote = data;
	struct lun_message_header header = {.kind = LUN_MESSAGE_OPEN, .id = remote->load_id};
	struct lun_error answer_err = {0};
	struct lun_message message;
	int fd = -1;
	(void)pthread_mutex_lock(&remote->socket->mutex);
	enum lun_result rc = lun_message_send(remote->socket->fd, &header, path, strlen(path), -1);
	if (rc == LUN_OK)
		rc = lun_message_receive(remote->socket->fd, &message);
	(void)pthread_mutex_unlock(&remote->socket->mutex);
	if (rc != LUN_OK) {
		(void)lun_fail(err, LUN_IO, "cannot open %s: the camera is gone", path);
		return -1;
	}
	fd = take_answer(&message, &answer_err);
	if (fd >= 0)
		message.fd = -1; // the caller's now
	lun_message_finish(&message);
	if (fd < 0 && err)
		*err = answer_err;
	return fd;
}

void lun_remote_files_init(struct lun_remote_files *remote, struct lun_file_socket *socket,
        int64_t load_id, const char *root)
{
	*remote = (struct lun_remote_files){.socket = socket, .load_id = load_id};
	(void)snprintf(remote->root, sizeof remote->root, "%s", root);
	remote->files = (struct lun_files){.open = open_remote, .data = remote, .root = remote->root};
}
