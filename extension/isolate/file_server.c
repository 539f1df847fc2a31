// Hands files of a scene's folder to its renderer as open descriptors. The paths come from the
// scene: the kernel keeps them below the folder.
#include "extension/isolate/file_server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension/camera/control.h"
#include "extension/isolate/message.h"
#include "lunette/files.h"

struct served_load {
	uint64_t id;
	struct lun_folder_files folder; // owned
	struct lun_error err;           // why the folder could not be opened
	struct served_load *next;
};

struct lun_file_server {
	int fd;                    // owned; non-blocking
	struct served_load *loads; // owned, newest first
};

struct lun_file_server *lun_file_server_create(int fd)
{
	struct lun_file_server *server = lun_alloc(sizeof *server);
	server->fd = fd;
	return server;
}

static void drop_first(struct served_load **link)
{
	struct served_load *load = *link;
	*link = load->next;
	lun_folder_files_finish(&load->folder);
	free(load);
}

void lun_file_server_destroy(struct lun_file_server *server)
{
	if (!server)
		return;
	while (server->loads)
		drop_first(&server->loads);
	(void)close(server->fd);
	free(server);
}

int lun_file_server_fd(const struct lun_file_server *server)
{
	return server->fd;
}

void lun_file_server_add(struct lun_file_server *server, uint64_t id, const char *root)
{
	struct served_load *load = lun_alloc(sizeof *load);
	load->id = id;
	(void)lun_folder_files_init(&load->folder, root, &load->err);
	load->next = server->loads;
	server->loads = load;
}

void lun_file_server_drop(struct lun_file_server *server, uint64_t id)
{
	for (struct served_load **link = &server->loads; *link; link = &(*link)->next) {
		if ((*link)->id == id) {
			drop_first(link);
			return;
		}
	}
}

void lun_file_server_drop_before(struct lun_file_server *server, uint64_t id)
{
	struct served_load **link = &server->loads;
	while (*link) {
		if ((*link)->id < id)
			drop_first(link);
		else
			link = &(*link)->next;
	}
}

static int open_for(
        struct lun_file_server *server, uint64_t id, const char *path, struct lun_error *err)
{
	for (struct served_load *load = server->loads; load; load = load->next) {
		if (load->id != id)
			continue;
		if (load->folder.folder_fd < 0) {
			*err = load->err;
			return -1;
		}
		return load->folder.files.open(load->folder.files.data, path, err);
	}
	(void)lun_fail(err, LUN_NOT_FOUND, "cannot open %s: its scene is gone", path);
	return -1;
}

static bool answer(struct lun_file_server *server, const struct lun_message *message)
{
	struct lun_error err;
	struct lun_message_header header = {.kind = LUN_MESSAGE_OPENED, .id = message->header.id};
	if (message->header.kind != LUN_MESSAGE_OPEN ||
	        strlen(message->payload) != message->header.payload_bytes)
		return false;
	int fd = open_for(server, (uint64_t)message->header.id, message->payload, &err);
	if (fd >= 0) {
		enum lun_result rc = lun_message_send(server->fd, &header, NULL, 0, fd);
		(void)close(fd);
		return rc == LUN_OK;
	}
	header.kind = LUN_MESSAGE_OPEN_FAILED;
	json_t *why = lun_error_to_json(&err);
	enum lun_result rc = lun_message_send_json(server->fd, &header, why);
	json_decref(why);
	return rc == LUN_OK;
}

// A renderer that asks without end must not hold the loop.
#define REQUESTS_AT_ONCE 64

bool lun_file_server_dispatch(struct lun_file_server *server)
{
	for (int i = 0; i < REQUESTS_AT_ONCE; i++) {
		struct lun_message message;
		enum lun_result rc = lun_message_receive(server->fd, &message);
		if (rc == LUN_NOT_FOUND)
			return true;
		if (rc != LUN_OK)
			return false;
		bool is_answered = answer(server, &message);
		lun_message_finish(&message);
		if (!is_answered)
			return false;
	}
	return true;
}
