// Keeps the folders of a watched tree. What is watched and told is decided in watch_tree_linux.c.
#include "extension/camera/watch_node.h"

#include <stdlib.h>
#include <string.h>

#include "lunette/base.h"

void lun_watch_nodes_finish(struct lun_watch_nodes *nodes)
{
	free(nodes->by_wd);
	memset(nodes, 0, sizeof *nodes);
}

// Index of the first node whose descriptor is not below wd.
static size_t find_place(const struct lun_watch_nodes *nodes, int wd)
{
	size_t low = 0, high = nodes->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (nodes->by_wd[middle]->wd < wd)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct lun_watch_node *lun_watch_nodes_find(const struct lun_watch_nodes *nodes, int wd)
{
	size_t place = find_place(nodes, wd);
	bool is_there = place < nodes->count && nodes->by_wd[place]->wd == wd;
	return is_there ? nodes->by_wd[place] : NULL;
}

static void insert(struct lun_watch_nodes *nodes, struct lun_watch_node *node)
{
	if (nodes->count == nodes->capacity) {
		nodes->capacity = nodes->capacity ? nodes->capacity * 2 : 16;
		nodes->by_wd = realloc(nodes->by_wd, nodes->capacity * sizeof(struct lun_watch_node *));
		lun_assert(nodes->by_wd);
	}
	size_t place = find_place(nodes, node->wd);
	struct lun_watch_node **at = &nodes->by_wd[place];
	memmove(at + 1, at, (nodes->count - place) * sizeof(struct lun_watch_node *));
	*at = node;
	nodes->count++;
}

struct lun_watch_node *lun_watch_node_create(
        struct lun_watch_nodes *nodes, struct lun_watch_node *parent, const char *name, int wd)
{
	struct lun_watch_node *node = lun_alloc(sizeof *node);
	node->wd = wd;
	node->name = lun_strdup(name);
	node->parent = parent;
	if (parent) {
		node->next = parent->children;
		parent->children = node;
	}
	insert(nodes, node);
	return node;
}

void lun_watch_node_destroy(struct lun_watch_nodes *nodes, struct lun_watch_node *node)
{
	lun_assert(!node->children);
	if (node->parent) {
		struct lun_watch_node **link = &node->parent->children;
		while (*link != node)
			link = &(*link)->next;
		*link = node->next;
	}
	size_t place = find_place(nodes, node->wd);
	nodes->count--;
	memmove(&nodes->by_wd[place], &nodes->by_wd[place + 1],
	        (nodes->count - place) * sizeof(struct lun_watch_node *));
	lun_path_set_finish(&node->files);
	free(node->name);
	free(node);
}

struct lun_watch_node *lun_watch_node_child(const struct lun_watch_node *node, const char *name)
{
	struct lun_watch_node *child = node->children;
	while (child && strcmp(child->name, name) != 0)
		child = child->next;
	return child;
}

unsigned lun_watch_node_depth(const struct lun_watch_node *node)
{
	unsigned depth = 0;
	for (; node->parent; node = node->parent)
		depth++;
	return depth;
}

char *lun_watch_node_path(const struct lun_watch_node *node, const char *name)
{
	size_t length = strlen(name) + 1;
	for (const struct lun_watch_node *up = node; up->parent; up = up->parent)
		length += strlen(up->name) + 1;
	char *path = lun_alloc(length);
	// Written from its end.
	char *to = path + length - 1 - strlen(name);
	memcpy(to, name, strlen(name));
	for (; node->parent; node = node->parent) {
		if (*to)
			*--to = '/';
		to -= strlen(node->name);
		memcpy(to, node->name, strlen(node->name));
	}
	if (to != path)
		memmove(path, to, strlen(to) + 1);
	return path;
}
