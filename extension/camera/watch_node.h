/**
 * The folders of a watched tree, found by inotify's watch descriptor.
 *
 * For watch_tree_linux.c alone: plain structure, no system call. Thread: the loop's.
 */
#pragma once

#include "extension/camera/path_set.h"

struct lun_watch_node {
	int wd;
	char *name;                      // owned; "" for the root
	struct lun_watch_node *parent;   // borrowed, outlives us; NULL for the root
	struct lun_watch_node *children; // owned
	struct lun_watch_node *next;     // owned by the parent's list
	struct lun_path_set files;       // names of files seen here
};

/** All nodes by watch descriptor. */
struct lun_watch_nodes {
	struct lun_watch_node **by_wd; // the array is owned, the nodes are the tree's
	size_t count;
	size_t capacity;
};
void lun_watch_nodes_finish(struct lun_watch_nodes *nodes);

/** @return borrowed, or NULL */
struct lun_watch_node *lun_watch_nodes_find(const struct lun_watch_nodes *nodes, int wd);

/** @param wd  of no other node  @return owned by parent, or by the caller when that is NULL */
struct lun_watch_node *lun_watch_node_create(
        struct lun_watch_nodes *nodes, struct lun_watch_node *parent, const char *name, int wd);
/** Takes it out of its parent, too. It must have no children. */
void lun_watch_node_destroy(struct lun_watch_nodes *nodes, struct lun_watch_node *node);

/** @return borrowed, or NULL */
struct lun_watch_node *lun_watch_node_child(const struct lun_watch_node *node, const char *name);
/** Levels above it; 0 for the root. */
unsigned lun_watch_node_depth(const struct lun_watch_node *node);
/** Path of a name in this folder, relative to the root; "" as name: the folder's own. The caller
 *  frees it. */
char *lun_watch_node_path(const struct lun_watch_node *node, const char *name);
