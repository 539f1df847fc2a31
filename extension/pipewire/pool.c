// Keeps the stream's buffers going round, also past clients that do not give them back. The memory
// behind them is buffer.c's, what is drawn into them node.c's.
#include "extension/pipewire/pool.h"

#include <errno.h>

#include "extension/pipewire/buffer.h"
#include "lunette/log.h"

// Sixteen buffers last half a second at 30 frames a second: a client that reads all of them for
// longer hangs.
#define HANGING_NS 500000000u

static struct lun_pipewire_slot *find_slot(
        struct lun_pipewire_pool *pool, const struct pw_buffer *buffer)
{
	for (size_t i = 0; i < LUN_PIPEWIRE_BUFFERS_MAX; i++) {
		if (pool->slots[i].buffer == buffer)
			return &pool->slots[i];
	}
	return NULL;
}

enum lun_result lun_pipewire_pool_add(struct lun_pipewire_pool *pool, struct pw_buffer *buffer,
        size_t size_bytes, struct lun_error *err)
{
	struct lun_pipewire_slot *slot = find_slot(pool, NULL);
	enum lun_result rc = lun_pipewire_buffer_init(buffer->buffer, size_bytes, err);
	if (rc != LUN_OK)
		return rc;
	if (!slot)
		return lun_fail(err, LUN_LIMIT, "PipeWire wants more than %d buffers for a camera",
		        LUN_PIPEWIRE_BUFFERS_MAX);
	*slot = (struct lun_pipewire_slot){.buffer = buffer};
	pool->count++;
	return LUN_OK;
}

void lun_pipewire_pool_remove(struct lun_pipewire_pool *pool, struct pw_buffer *buffer)
{
	struct lun_pipewire_slot *slot = find_slot(pool, buffer);
	if (slot) {
		slot->buffer = NULL;
		pool->count--;
		pool->has_warned = false;
	}
	lun_pipewire_buffer_finish(buffer->buffer);
}

// A buffer that a client still reads comes back as EBUSY and goes to the end of the line: ask for
// each of them once.
static struct pw_buffer *dequeue(struct lun_pipewire_pool *pool, struct pw_stream *stream)
{
	for (int i = 0; i < pool->count; i++) {
		struct pw_buffer *buffer = pw_stream_dequeue_buffer(stream);
		if (buffer)
			return buffer;
		if (errno != EBUSY)
			return NULL;
	}
	return NULL;
}

static bool is_hanging(const struct lun_pipewire_slot *slot, uint64_t now_ns)
{
	return slot->buffer && !slot->is_taken && now_ns - slot->given_ns >= HANGING_NS &&
	       lun_pipewire_buffer_readers(slot->buffer->buffer) != 0;
}

static bool is_older(const struct lun_pipewire_slot *slot, const struct lun_pipewire_slot *than)
{
	return !than || slot->given_ns < than->given_ns;
}

// The oldest is the one that a hanging client is in the middle of; those after it still wait in
// its queue. So the second oldest is the one to take: nobody sees a torn frame.
static struct lun_pipewire_slot *find_hanging(struct lun_pipewire_pool *pool, int *out_count)
{
	struct lun_pipewire_slot *oldest = NULL, *second = NULL;
	uint64_t now_ns = lun_now_ns();
	*out_count = 0;
	for (size_t i = 0; i < LUN_PIPEWIRE_BUFFERS_MAX; i++) {
		struct lun_pipewire_slot *slot = &pool->slots[i];
		if (!is_hanging(slot, now_ns))
			continue;
		++*out_count;
		if (is_older(slot, oldest)) {
			second = oldest;
			oldest = slot;
		} else if (is_older(slot, second)) {
			second = slot;
		}
	}
	return second;
}

static void free_hanging(struct lun_pipewire_pool *pool, int allowed)
{
	int hanging;
	struct lun_pipewire_slot *slot = find_hanging(pool, &hanging);
	if (!slot || hanging <= allowed)
		return;
	lun_pipewire_buffer_set_readers(slot->buffer->buffer, 0);
	if (!pool->has_warned)
		lun_log(LUN_LOG_WARN, "a program that watches the camera hangs: its frames go to others");
	pool->has_warned = true;
}

struct pw_buffer *lun_pipewire_pool_take(struct lun_pipewire_pool *pool, struct pw_stream *stream)
{
	struct pw_buffer *buffer = dequeue(pool, stream);
	if (!buffer) {
		free_hanging(pool, 1);
		buffer = dequeue(pool, stream);
	}
	if (!buffer)
		return NULL;
	// We count as a user while we write. A client that woke up gives back what was taken from it
	// and counts below zero: put that right, or the next reader would not be counted.
	lun_pipewire_buffer_set_readers(buffer->buffer, 1);
	struct lun_pipewire_slot *slot = find_slot(pool, buffer);
	lun_assert(slot);
	slot->is_taken = true;
	// Half of them are enough for the clients that do not hang.
	free_hanging(pool, pool->count / 2);
	return buffer;
}

void lun_pipewire_pool_give(
        struct lun_pipewire_pool *pool, struct pw_stream *stream, struct pw_buffer *buffer)
{
	struct lun_pipewire_slot *slot = find_slot(pool, buffer);
	lun_assert(slot);
	slot->is_taken = false;
	slot->given_ns = lun_now_ns();
	pw_stream_queue_buffer(stream, buffer);
}
