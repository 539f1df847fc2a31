/**
 * Programs of ours, found beside the one that runs; and the renderer's side of its process.
 */
#pragma once

#include "lunette/base.h"

/** Where the renderer finds its sockets: the one for messages, the one for files. */
#define LUN_RENDERER_FD 3
#define LUN_RENDERER_FILES_FD 4

/** The path of `name` in the running program's folder (or its sibling `bin`). LUN_NOT_FOUND says
 *  where it was looked for. */
enum lun_result lun_program_find(
        const char *name, char *out_path, size_t path_bytes, struct lun_error *err);

/** What `lunette-camera --renderer` does: lock itself in, serve the socket at fd until the peer
 *  goes. @return exit code */
int lun_renderer_main(int fd, int files_fd);
