/**
 * The loader: builds scenes on a thread of its own, one at a time, the newest request first.
 *
 * Thread: all calls on the renderer's main thread.
 */
#pragma once

#include <jansson.h>

#include "extension/isolate/remote_files.h"
#include "lunette/scene.h"

struct lun_loader;

/** A scene together with what it reads its files from. */
struct lun_loaded {
	struct lun_scene *scene;        // owned; NULL when loading failed
	struct lun_remote_files *files; // owned; outlives scene
	int64_t id;
	struct lun_error err; /**< why scene is NULL */
};

/** What all scenes share: set before each request. */
struct lun_loader_context {
	struct lun_format format;
	struct lun_file_socket *file_socket; // borrowed, outlives the scenes
	const char *camera_spec;             // borrowed, outlives the scenes
	int camera_fd;                       // borrowed
	int watchers;
	void (*log)(void *data, enum lun_log_level level, const char *message); // any thread
	void *log_data;
};

struct lun_loader *lun_loader_create(void);
void lun_loader_destroy(struct lun_loader *loader); /**< waits for a load in progress */

/** Readable when lun_loader_take() has something. */
int lun_loader_fd(const struct lun_loader *loader);

/**
 * @param request  as in lun_renderer_load(), borrowed; saved is borrowed, may be NULL
 * A request that waits is replaced; its id is answered as superseded.
 */
void lun_loader_start(struct lun_loader *loader, int64_t id, const json_t *request,
        const json_t *saved, const struct lun_loader_context *context);

/** The next finished load. The caller owns it. NULL when there is none. */
struct lun_loaded *lun_loader_take(struct lun_loader *loader);
void lun_loaded_destroy(struct lun_loaded *loaded); /**< NULL is fine */
