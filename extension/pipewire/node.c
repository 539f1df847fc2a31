// The pw_stream behind a camera: what it offers, the buffers the clients agreed on, and passing
// frames through them. It neither retries nor tells anybody: output.c reads the status and decides.
#include "extension/pipewire/node.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pipewire/pipewire.h>
#include <spa/utils/result.h>

#include "extension/pipewire/formats.h"
#include "extension/pipewire/links.h"
#include "extension/pipewire/pool.h"

struct lun_pipewire_node {
	struct pw_core *core; // owned
	struct spa_hook core_listener;
	struct pw_stream *stream; // owned
	struct spa_hook stream_listener;
	struct lun_pipewire_links *links; // owned
	const struct lun_format *formats; // borrowed from the owner, outlives us by contract
	int formats_count;

	bool is_up, is_streaming;
	int format; // index into formats, -1 = none agreed on
	struct lun_layout layout;
	struct lun_pipewire_pool pool;
	struct pw_buffer *filled; // borrowed from stream; NULL = none waits for its cycle
	uint64_t sequence;
	char failure[256]; // "" = none
};

// The first reason is the one to tell: later ones follow from it.
static void set_failure(struct lun_pipewire_node *node, const char *format, ...) LUN_PRINTF(2, 3);
static void set_failure(struct lun_pipewire_node *node, const char *format, ...)
{
	if (node->failure[0])
		return;
	va_list args;
	va_start(args, format);
	(void)vsnprintf(node->failure, sizeof node->failure, format, args);
	va_end(args);
}

static void on_core_error(void *data, uint32_t id, int seq, int res, const char *message)
{
	struct lun_pipewire_node *node = data;
	(void)seq;
	// Errors of other objects, a link that vanished while we asked for it say, are not ours.
	if (id == PW_ID_CORE && res == -EPIPE)
		set_failure(node, "the PipeWire daemon went away (%s)", message);
}

static const struct pw_core_events core_events = {
        PW_VERSION_CORE_EVENTS,
        .error = on_core_error,
};

static void on_state_changed(
        void *data, enum pw_stream_state old, enum pw_stream_state state, const char *error)
{
	struct lun_pipewire_node *node = data;
	(void)old;
	node->is_streaming = state == PW_STREAM_STATE_STREAMING;
	node->is_up = node->is_streaming || state == PW_STREAM_STATE_PAUSED;
	if (state == PW_STREAM_STATE_ERROR)
		set_failure(node, "PipeWire took the camera away (%s)", error ? error : "no reason given");
	else if (state == PW_STREAM_STATE_UNCONNECTED)
		set_failure(node, "PipeWire removed the camera");
}

static void on_param_changed(void *data, uint32_t id, const struct spa_pod *param)
{
	struct lun_pipewire_node *node = data;
	if (id != SPA_PARAM_Format)
		return;
	node->format = -1;
	if (!param)
		return;
	int format = lun_pipewire_format_find(param, node->formats, node->formats_count);
	if (format < 0) {
		set_failure(node, "PipeWire chose a format that the camera does not offer");
		return;
	}
	node->format = format;
	lun_format_layout(&node->formats[format], &node->layout);

	uint8_t bytes[1024];
	struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(bytes, sizeof bytes);
	const struct spa_pod *pods[LUN_PIPEWIRE_ANSWER_PODS];
	lun_pipewire_answer_build(&builder, &node->layout, pods);
	pw_stream_update_params(node->stream, pods, LUN_PIPEWIRE_ANSWER_PODS);
}

static void on_add_buffer(void *data, struct pw_buffer *buffer)
{
	struct lun_pipewire_node *node = data;
	struct lun_error err;
	if (lun_pipewire_pool_add(&node->pool, buffer, node->layout.size_bytes, &err) != LUN_OK)
		set_failure(node, "%s", err.message);
}

static void on_remove_buffer(void *data, struct pw_buffer *buffer)
{
	struct lun_pipewire_node *node = data;
	if (node->filled == buffer)
		node->filled = NULL;
	lun_pipewire_pool_remove(&node->pool, buffer);
}

// A cycle of the graph begins: hand over what was filled for it.
static void on_process(void *data)
{
	struct lun_pipewire_node *node = data;
	if (!node->filled)
		return;
	lun_pipewire_pool_give(&node->pool, node->stream, node->filled);
	node->filled = NULL;
}

static const struct pw_stream_events stream_events = {
        PW_VERSION_STREAM_EVENTS,
        .state_changed = on_state_changed,
        .param_changed = on_param_changed,
        .add_buffer = on_add_buffer,
        .remove_buffer = on_remove_buffer,
        .process = on_process,
};

// node.name is what scripts and clients remember a camera by: it depends on the camera's name
// alone. "Lobby Cam 2" becomes "lobby-cam-2"; letters beyond ASCII stay.
static char *create_node_name(const char *name)
{
	char *slug = lun_alloc(strlen(name) + sizeof "lunette");
	size_t length = 0;
	for (const char *c = name; *c; c++) {
		bool is_kept = isalnum((unsigned char)*c) || (unsigned char)*c >= 0x80;
		if (is_kept)
			slug[length++] = (char)tolower((unsigned char)*c);
		else if (length > 0 && slug[length - 1] != '-')
			slug[length++] = '-';
	}
	while (length > 0 && slug[length - 1] == '-')
		length--;
	slug[length] = '\0';
	if (length == 0)
		memcpy(slug, "lunette", sizeof "lunette");
	return slug;
}

static struct pw_properties *create_props(const char *name)
{
	char *node_name = create_node_name(name);
	// Class and role are both looked for, literally, by WirePlumber and by the camera portal.
	// Browsers do not show a node without a description. An idle node that keeps its format and
	// its buffers, as is usual, holds memory for nobody, and hands the next client buffers that
	// are not there yet if that one wants another format (0.3.65).
	// clang-format off
	struct pw_properties *props = pw_properties_new(
			PW_KEY_MEDIA_TYPE, "Video",
			PW_KEY_MEDIA_CATEGORY, "Capture",
			PW_KEY_MEDIA_ROLE, "Camera",
			PW_KEY_MEDIA_CLASS, "Video/Source",
			PW_KEY_NODE_NAME, node_name,
			PW_KEY_NODE_DESCRIPTION, *name ? name : "Lunette",
			PW_KEY_NODE_NICK, *name ? name : "Lunette",
			PW_KEY_NODE_VIRTUAL, "true",
			PW_KEY_NODE_SUSPEND_ON_IDLE, "true",
			NULL);
	// clang-format on
	free(node_name);
	lun_assert(props);
	return props;
}

// Where libpipewire looks, for people: with an absolute name it looks nowhere else.
static enum lun_result fail_without_daemon(const char *remote, int code, struct lun_error *err)
{
	const char *folder = getenv("PIPEWIRE_RUNTIME_DIR");
	if (!folder)
		folder = getenv("XDG_RUNTIME_DIR");
	if (!remote)
		remote = getenv("PIPEWIRE_REMOTE");
	if (!remote)
		remote = "pipewire-0";
	bool is_absolute = remote[0] == '/';
	if (!is_absolute && !folder)
		return lun_fail(err, LUN_UNSUPPORTED,
		        "no PipeWire session here: XDG_RUNTIME_DIR is not set; log in to a desktop, or "
		        "choose another --output");
	return lun_fail(err, LUN_UNSUPPORTED,
	        "no PipeWire session here (%s%s%s: %s): start PipeWire, or choose another --output",
	        is_absolute ? "" : folder, is_absolute ? "" : "/", remote, strerror(code));
}

static enum lun_result connect_core(struct lun_pipewire_node *node,
        const struct lun_pipewire_node_params *params, struct lun_error *err)
{
	struct pw_properties *props = pw_properties_new(NULL, NULL);
	lun_assert(props);
	if (params->remote)
		pw_properties_set(props, PW_KEY_REMOTE_NAME, params->remote);
	node->core = pw_context_connect(params->context, props, 0);
	if (!node->core)
		return fail_without_daemon(params->remote, errno, err);
	pw_core_add_listener(node->core, &node->core_listener, &core_events, node);
	return LUN_OK;
}

// We set the pace (DRIVER: otherwise some sound card does), and the memory is ours.
static enum lun_result connect_stream(struct lun_pipewire_node *node,
        const struct lun_pipewire_node_params *params, struct lun_error *err)
{
	node->stream = pw_stream_new(node->core, "lunette", create_props(params->name));
	if (!node->stream)
		return lun_fail(err, LUN_UNSUPPORTED, "PipeWire makes no stream: %s", strerror(errno));
	pw_stream_add_listener(node->stream, &node->stream_listener, &stream_events, node);

	struct lun_pipewire_offer offer;
	lun_pipewire_offer_init(&offer, params->formats, params->formats_count);
	int res = pw_stream_connect(node->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY,
	        PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_ALLOC_BUFFERS, offer.pods, offer.count);
	lun_pipewire_offer_finish(&offer);
	if (res < 0)
		return lun_fail(err, LUN_UNSUPPORTED, "PipeWire refuses the camera: %s", spa_strerror(res));
	node->links = lun_pipewire_links_create(node->core, node->stream);
	if (!node->links)
		return lun_fail(err, LUN_UNSUPPORTED, "PipeWire has no registry: %s", strerror(errno));
	return LUN_OK;
}

enum lun_result lun_pipewire_node_create(const struct lun_pipewire_node_params *params,
        struct lun_pipewire_node **out_node, struct lun_error *err)
{
	struct lun_pipewire_node *node = lun_alloc(sizeof *node);
	node->formats = params->formats;
	node->formats_count = params->formats_count;
	node->format = -1;
	enum lun_result rc = connect_core(node, params, err);
	if (rc == LUN_OK)
		rc = connect_stream(node, params, err);
	if (rc != LUN_OK) {
		lun_pipewire_node_destroy(node);
		return rc;
	}
	*out_node = node;
	return LUN_OK;
}

void lun_pipewire_node_destroy(struct lun_pipewire_node *node)
{
	if (!node)
		return;
	lun_pipewire_links_destroy(node->links);
	if (node->stream)
		pw_stream_destroy(node->stream);
	if (node->core) {
		spa_hook_remove(&node->core_listener);
		pw_core_disconnect(node->core);
	}
	free(node);
}

void lun_pipewire_node_get_status(
        const struct lun_pipewire_node *node, struct lun_pipewire_status *out_status)
{
	int links = lun_pipewire_links_count(node->links);
	out_status->is_up = node->is_up;
	out_status->format = node->format;
	// The stream knows best whether anybody is there; a daemon may hide others' links from us.
	out_status->watchers = !node->is_streaming ? 0 : links > 0 ? links : 1;
	out_status->failure = node->failure[0] ? node->failure : NULL;
}

static void fill(
        struct lun_pipewire_node *node, struct spa_buffer *buffer, const struct lun_frame *frame)
{
	struct spa_data *data = &buffer->datas[0];
	memcpy(data->data, frame->data, node->layout.size_bytes);
	data->chunk->offset = 0;
	data->chunk->size = (uint32_t)node->layout.size_bytes;
	data->chunk->stride = node->layout.stride_bytes[0];
	data->chunk->flags = 0;

	struct spa_meta_header *header =
	        spa_buffer_find_meta_data(buffer, SPA_META_Header, sizeof *header);
	if (!header)
		return;
	header->flags = 0;
	header->offset = 0;
	header->pts = (int64_t)frame->time_ns;
	header->dts_offset = 0;
	header->seq = node->sequence;
}

void lun_pipewire_node_push(struct lun_pipewire_node *node, const struct lun_frame *frame)
{
	if (node->failure[0] || !node->is_streaming || node->format < 0 ||
	        !lun_format_equal(&frame->format, &node->formats[node->format]) ||
	        frame->layout.size_bytes != node->layout.size_bytes)
		return;
	// Still there from the last push where another node sets the pace: then the newer frame wins.
	if (!node->filled)
		node->filled = lun_pipewire_pool_take(&node->pool, node->stream);
	if (!node->filled)
		return;
	fill(node, node->filled->buffer, frame);
	node->sequence++;
	pw_stream_trigger_process(node->stream);
}
