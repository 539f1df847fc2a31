/**
 * How a scene's files are opened.
 *
 * Whoever loads a scene decides: a folder on disk, or a supervisor that hands descriptors over.
 * Thread: the implementation says.
 */
#pragma once

#include "lunette/base.h"

struct lun_files {
	/**
	 * Open a file for reading.
	 *
	 * @param path  relative to the scene's folder, as the scene wrote it: hostile
	 * @return descriptor that the caller closes, or -1 with err filled
	 */
	int (*open)(void *data, const char *path, struct lun_error *err);
	void *data;
	const char *root; /**< for messages: what a relative path is relative to; borrowed */
};

/** Files below a folder, never outside it (openat2 with RESOLVE_BENEATH). */
struct lun_folder_files {
	struct lun_files files;
	int folder_fd;
	char root[512];
};

/** @return LUN_OK; LUN_NOT_FOUND when the folder cannot be opened. Thread: any once initialised. */
enum lun_result lun_folder_files_init(
        struct lun_folder_files *folder, const char *root, struct lun_error *err);
void lun_folder_files_finish(struct lun_folder_files *folder);
