/**
 * The camera's process as `lunette run` sees it: started, waited for until it is up, started
 * again when it dies, and stopped.
 *
 * Thread: the loop's.
 */
#pragma once

#include <jansson.h>
#include <uv.h>

#include "lunette/base.h"

struct lun_camera_process;

/** All members mandatory; none may destroy the process. */
struct lun_camera_process_events {
	/** It is up, for the first time or again. ready: what it said, borrowed. */
	void (*ready)(void *data, const json_t *ready);
	/** It ended without being asked to and is started again after delay_ms. */
	void (*ended)(void *data, const char *how, unsigned delay_ms);
	/** It could not be started, or ended too often: nothing runs now. why and the exit code that
	 *  it asks for. */
	void (*failed)(void *data, const struct lun_error *why, int exit_code);
	/** It ended after lun_camera_process_stop(). */
	void (*stopped)(void *data);
};

/**
 * @param args  NULL-terminated; the first is the program's path. Borrowed: they live until the
 *              process is destroyed or has others
 * @return LUN_OK with the caller owning *out_process (failed may still come), or LUN_UNSUPPORTED
 *         when the program cannot be run
 */
enum lun_result lun_camera_process_start(uv_loop_t *loop, const char *const *args,
        const struct lun_camera_process_events *events, void *data,
        struct lun_camera_process **out_process, struct lun_error *err);

/** What it is started with the next time. */
void lun_camera_process_set_args(struct lun_camera_process *process, const char *const *args);

/** Ask it to end; after 5 s it is killed. stopped follows, unless failed came before. */
void lun_camera_process_stop(struct lun_camera_process *process);

/** Nothing may run any more: after failed or stopped. NULL is fine. The memory goes once the loop
 *  has closed the handles. */
void lun_camera_process_destroy(struct lun_camera_process *process);
