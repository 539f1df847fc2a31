// Watches PipeWire's registry for links that start at our node and keeps the state of each: links
// tell how many clients stream, the stream itself only whether there is one.
#include "extension/pipewire/links.h"

#include <stdlib.h>

#include <pipewire/pipewire.h>
#include <spa/utils/list.h>
#include <spa/utils/string.h>

struct link {
	struct spa_list entry;
	uint32_t id;
	uint32_t input_node;
	bool is_active;
	struct pw_proxy *proxy; // owned
	struct spa_hook listener;
};

struct lun_pipewire_links {
	struct pw_registry *registry; // owned
	struct pw_stream *stream;     // borrowed from the node, outlives us
	struct spa_hook listener;
	struct spa_list all; // of struct link, owned
};

static void on_info(void *data, const struct pw_link_info *info)
{
	struct link *link = data;
	link->input_node = info->input_node_id;
	if (info->change_mask & PW_LINK_CHANGE_MASK_STATE)
		link->is_active = info->state == PW_LINK_STATE_ACTIVE;
}

static const struct pw_link_events link_events = {
        PW_VERSION_LINK_EVENTS,
        .info = on_info,
};

static void destroy_link(struct link *link)
{
	spa_list_remove(&link->entry);
	spa_hook_remove(&link->listener);
	pw_proxy_destroy(link->proxy);
	free(link);
}

// The daemon tells us our node's id before anybody can link to it.
static bool is_ours(const struct lun_pipewire_links *links, const struct spa_dict *props)
{
	uint32_t node_id = pw_stream_get_node_id(links->stream), output_node;
	const char *text = props ? spa_dict_lookup(props, PW_KEY_LINK_OUTPUT_NODE) : NULL;
	return node_id != PW_ID_ANY && spa_atou32(text, &output_node, 10) && output_node == node_id;
}

static void on_global(void *data, uint32_t id, uint32_t permissions, const char *type,
        uint32_t version, const struct spa_dict *props)
{
	struct lun_pipewire_links *links = data;
	(void)permissions, (void)version;
	if (!spa_streq(type, PW_TYPE_INTERFACE_Link) || !is_ours(links, props))
		return;
	struct pw_proxy *proxy = pw_registry_bind(links->registry, id, type, PW_VERSION_LINK, 0);
	if (!proxy)
		return;
	struct link *link = lun_alloc(sizeof *link);
	link->id = id;
	link->input_node = PW_ID_ANY;
	link->proxy = proxy;
	pw_link_add_listener((struct pw_link *)proxy, &link->listener, &link_events, link);
	spa_list_append(&links->all, &link->entry);
}

static void on_global_remove(void *data, uint32_t id)
{
	struct lun_pipewire_links *links = data;
	struct link *link, *next;
	spa_list_for_each_safe(link, next, &links->all, entry)
	{
		if (link->id == id)
			destroy_link(link);
	}
}

static const struct pw_registry_events registry_events = {
        PW_VERSION_REGISTRY_EVENTS,
        .global = on_global,
        .global_remove = on_global_remove,
};

struct lun_pipewire_links *lun_pipewire_links_create(struct pw_core *core, struct pw_stream *stream)
{
	struct pw_registry *registry = pw_core_get_registry(core, PW_VERSION_REGISTRY, 0);
	if (!registry)
		return NULL;
	struct lun_pipewire_links *links = lun_alloc(sizeof *links);
	links->registry = registry;
	links->stream = stream;
	spa_list_init(&links->all);
	pw_registry_add_listener(registry, &links->listener, &registry_events, links);
	return links;
}

void lun_pipewire_links_destroy(struct lun_pipewire_links *links)
{
	if (!links)
		return;
	struct link *link, *next;
	spa_list_for_each_safe(link, next, &links->all, entry) destroy_link(link);
	spa_hook_remove(&links->listener);
	pw_proxy_destroy((struct pw_proxy *)links->registry);
	free(links);
}

// Two links may lead to one client (one to each of its ports): is this the first of them?
static bool is_first_of_client(const struct lun_pipewire_links *links, const struct link *link)
{
	const struct link *other;
	spa_list_for_each(other, &links->all, entry)
	{
		if (other == link)
			return true;
		if (other->is_active && other->input_node == link->input_node)
			return false;
	}
	return true;
}

int lun_pipewire_links_count(const struct lun_pipewire_links *links)
{
	int count = 0;
	const struct link *link;
	spa_list_for_each(link, &links->all, entry)
	{
		if (link->is_active && is_first_of_client(links, link))
			count++;
	}
	return count;
}
