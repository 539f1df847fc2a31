/**
 * One camera node in one PipeWire daemon, from connecting to the daemon until it goes away.
 *
 * The node calls nobody: its owner lets PipeWire's loop run and then reads the status, so whatever
 * the owner does about it happens outside of PipeWire's callbacks. Thread: the loop's.
 */
#pragma once

#include <pipewire/context.h>

#include "lunette/frame.h"

struct lun_pipewire_node;

struct lun_pipewire_node_params {
	struct pw_context *context;       // borrowed, must outlive the node
	const char *remote;               /**< the daemon's name or socket; NULL: the session's */
	const char *name;                 /**< the camera's name, for people */
	const struct lun_format *formats; // borrowed, must outlive the node
	int formats_count;
};

struct lun_pipewire_status {
	bool is_up;          /**< clients can find the node */
	int format;          /**< what the clients agreed on: index into formats; -1 = nothing yet */
	int watchers;        /**< how many clients stream */
	const char *failure; // borrowed from the node; NULL while it works. The node must be destroyed
};

/** @return LUN_OK when the daemon was reached (the node is up some events later), else
 *          LUN_UNSUPPORTED with a sentence */
enum lun_result lun_pipewire_node_create(const struct lun_pipewire_node_params *params,
        struct lun_pipewire_node **out_node, struct lun_error *err);

/** Not inside a PipeWire callback. NULL is fine. */
void lun_pipewire_node_destroy(struct lun_pipewire_node *node);

void lun_pipewire_node_get_status(
        const struct lun_pipewire_node *node, struct lun_pipewire_status *out_status);

/** Show a frame to whoever streams. Dropped when nobody does, when its format is not the agreed
 *  one, or when the clients still read every buffer. */
void lun_pipewire_node_push(struct lun_pipewire_node *node, const struct lun_frame *frame);
