/**
 * Who streams from our node: follows the links that the session manager makes.
 *
 * Thread: the loop's.
 */
#pragma once

#include <pipewire/core.h>
#include <pipewire/stream.h>

#include "lunette/base.h"

struct lun_pipewire_links;

/**
 * @param core    must outlive the links
 * @param stream  whose links; must outlive them too
 * @return NULL when the connection is gone
 */
struct lun_pipewire_links *lun_pipewire_links_create(
        struct pw_core *core, struct pw_stream *stream);

/** Not inside a PipeWire callback. NULL is fine. */
void lun_pipewire_links_destroy(struct lun_pipewire_links *links);

/** How many nodes have an active link from ours. A client that paused its stream has none. */
int lun_pipewire_links_count(const struct lun_pipewire_links *links);
