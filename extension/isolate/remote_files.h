/**
 * A scene's files, opened by the supervisor and handed over as descriptors: the renderer's side.
 *
 * Thread: open() from any thread; requests on one socket take turns.
 */
#pragma once

#include <pthread.h>

#include "lunette/files.h"

/** The renderer's end of the socket that files come through. */
struct lun_file_socket {
	int fd; // borrowed
	pthread_mutex_t mutex;
};

/** The files of one load. */
struct lun_remote_files {
	struct lun_files files;
	struct lun_file_socket *socket; // borrowed, outlives us
	int64_t load_id;
	char root[512]; /**< for messages only */
};

void lun_remote_files_init(struct lun_remote_files *remote, struct lun_file_socket *socket,
        int64_t load_id, const char *root);
