// The "pipewire" output: a camera node that every PipeWire client sees. It runs PipeWire's loop
// inside libuv's, tells the camera what changed, and brings the node back when the daemon was
// away. What a node is, and how frames travel, is node.c's.
#include "extension/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pipewire/pipewire.h>

#include "extension/pipewire/node.h"

#define RETRY_MS 1000

extern const struct lun_output_class lun_pipewire_output;

struct pipewire_output {
	struct lun_output base;
	uv_poll_t poll;
	uv_timer_t retry;
	int open_handles;               // the memory goes with the last of them
	struct pw_loop *loop;           // owned
	struct pw_context *context;     // owned
	struct lun_pipewire_node *node; // owned; NULL while there is no daemon

	char *name;                 // owned
	char *remote;               // owned; NULL: the session's daemon
	struct lun_format *formats; // owned
	int formats_count;
	const struct lun_output_events *events; // borrowed from the camera; NULL once closed
	void *data;

	// What the camera was told last.
	bool is_lost;
	int format, watchers;
};

static void tell_watchers(struct pipewire_output *output, int watchers)
{
	if (watchers == output->watchers)
		return;
	output->watchers = watchers;
	if (output->events && output->events->watchers)
		output->events->watchers(output->data, watchers);
}

static void tell_format(struct pipewire_output *output, int format)
{
	if (format < 0 || format == output->format)
		return;
	output->format = format;
	if (output->events && output->events->format)
		output->events->format(output->data, &output->formats[format]);
}

static void tell_lost(struct pipewire_output *output, const char *why)
{
	if (output->is_lost)
		return;
	output->is_lost = true;
	if (output->events && output->events->lost)
		output->events->lost(output->data, why);
}

static void tell_back(struct pipewire_output *output)
{
	if (!output->is_lost)
		return;
	output->is_lost = false;
	if (output->events && output->events->back)
		output->events->back(output->data);
}

static void on_retry(uv_timer_t *timer);

static void lose_node(struct pipewire_output *output, const char *failure)
{
	char *why = lun_strdup(failure); // it lies in the node
	lun_pipewire_node_destroy(output->node);
	output->node = NULL;
	uv_timer_start(&output->retry, on_retry, RETRY_MS, RETRY_MS);
	tell_watchers(output, 0);
	tell_lost(output, why);
	free(why);
}

// Any of these calls may close the output: then its events are gone and the rest tells nobody.
static void tell_changes(struct pipewire_output *output)
{
	struct lun_pipewire_status status;
	if (!output->node)
		return;
	lun_pipewire_node_get_status(output->node, &status);
	if (status.failure) {
		lose_node(output, status.failure);
		return;
	}
	if (status.is_up)
		tell_back(output);
	tell_format(output, status.format);
	tell_watchers(output, status.watchers);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct pipewire_output *output = poll->data;
	(void)status, (void)events;
	pw_loop_enter(output->loop);
	pw_loop_iterate(output->loop, 0);
	pw_loop_leave(output->loop);
	tell_changes(output);
}

static enum lun_result create_node(struct pipewire_output *output, struct lun_error *err)
{
	struct lun_pipewire_node_params params = {
	        .context = output->context,
	        .remote = output->remote,
	        .name = output->name,
	        .formats = output->formats,
	        .formats_count = output->formats_count,
	};
	return lun_pipewire_node_create(&params, &output->node, err);
}

static void on_retry(uv_timer_t *timer)
{
	struct pipewire_output *output = timer->data;
	if (create_node(output, NULL) != LUN_OK)
		return;
	uv_timer_stop(timer);
	tell_changes(output);
}

static enum lun_result start_pipewire(struct pipewire_output *output, struct lun_error *err)
{
	pw_init(NULL, NULL);
	output->loop = pw_loop_new(NULL);
	if (!output->loop)
		return lun_fail(err, LUN_IO, "cannot make a PipeWire loop: %s", strerror(errno));
	output->context = pw_context_new(output->loop, NULL, 0);
	if (!output->context)
		return lun_fail(err, LUN_UNSUPPORTED,
		        "libpipewire does not start (%s): are its modules installed?", strerror(errno));
	return create_node(output, err);
}

static void stop_pipewire(struct pipewire_output *output)
{
	lun_pipewire_node_destroy(output->node);
	if (output->context)
		pw_context_destroy(output->context);
	if (output->loop)
		pw_loop_destroy(output->loop);
	pw_deinit();
}

static void free_output(struct pipewire_output *output)
{
	free(output->formats);
	free(output->remote);
	free(output->name);
	free(output);
}

static void on_closed(uv_handle_t *handle)
{
	struct pipewire_output *output = handle->data;
	if (--output->open_handles == 0)
		free_output(output);
}

static enum lun_result attach(
        struct pipewire_output *output, uv_loop_t *loop, struct lun_error *err)
{
	int code = uv_poll_init(loop, &output->poll, pw_loop_get_fd(output->loop));
	if (code < 0)
		return lun_fail(err, LUN_IO, "cannot watch PipeWire: %s", uv_strerror(code));
	uv_timer_init(loop, &output->retry);
	output->poll.data = output->retry.data = output;
	output->open_handles = 2;
	uv_poll_start(&output->poll, UV_READABLE, on_readable);
	return LUN_OK;
}

static struct pipewire_output *create_output(const struct lun_output_params *params)
{
	struct pipewire_output *output = lun_alloc(sizeof *output);
	size_t formats_bytes;
	lun_assert(params->formats_count > 0 && lun_mul_size((size_t)params->formats_count,
	                                                sizeof *output->formats, &formats_bytes));
	output->base.class = &lun_pipewire_output;
	output->name = lun_strdup(params->name ? params->name : "");
	output->remote = params->target && *params->target ? lun_strdup(params->target) : NULL;
	output->formats = lun_alloc(formats_bytes);
	memcpy(output->formats, params->formats, formats_bytes);
	output->formats_count = params->formats_count;
	output->events = params->events;
	output->data = params->data;
	output->format = -1;
	return output;
}

static enum lun_result open_output(const struct lun_output_params *params,
        struct lun_output **out_output, struct lun_error *err)
{
	if (!params->loop)
		return lun_fail(err, LUN_UNSUPPORTED,
		        "a PipeWire camera is live: it cannot be rendered to, run the scene instead");
	struct pipewire_output *output = create_output(params);
	enum lun_result rc = start_pipewire(output, err);
	if (rc == LUN_OK)
		rc = attach(output, params->loop, err);
	if (rc != LUN_OK) {
		stop_pipewire(output);
		free_output(output);
		return rc;
	}
	*out_output = &output->base;
	return LUN_OK;
}

static enum lun_result submit_frame(
        struct lun_output *base, const struct lun_frame *frame, struct lun_error *err)
{
	struct pipewire_output *output = (struct pipewire_output *)base;
	(void)err;
	if (output->node)
		lun_pipewire_node_push(output->node, frame);
	return LUN_OK;
}

// Everything of PipeWire goes at once. The handles' memory goes when the loop runs next: libuv
// tells about closed handles there and nowhere else.
static void close_output(struct lun_output *base)
{
	struct pipewire_output *output = (struct pipewire_output *)base;
	output->events = NULL;
	uv_close((uv_handle_t *)&output->poll, on_closed);
	uv_close((uv_handle_t *)&output->retry, on_closed);
	stop_pipewire(output);
	output->node = NULL;
}

const struct lun_output_class lun_pipewire_output = {
        .name = "pipewire",
        .help = "a camera for every PipeWire client (pipewire:SOCKET for another daemon)",
        .open = open_output,
        .submit = submit_frame,
        .close = close_output,
};
