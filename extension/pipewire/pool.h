/**
 * The buffers of a stream, and which of them may be written to now.
 *
 * All clients share one set of buffers and count in each how many of them still read it. A client
 * that hangs, or was killed while it read, never counts down again: without further care one such
 * program takes the picture from all others, for as long as any of them stays.
 * Thread: the loop's.
 */
#pragma once

#include <pipewire/stream.h>

#include "extension/pipewire/formats.h"

/** {0} is an empty pool. Filled by the stream's events; the stream empties it before it goes. */
struct lun_pipewire_pool {
	struct lun_pipewire_slot {
		struct pw_buffer *buffer; // borrowed from the stream; NULL = free slot
		uint64_t given_ns;        /**< when clients could see it last */
		bool is_taken;            /**< between take and give */
	} slots[LUN_PIPEWIRE_BUFFERS_MAX];
	int count;
	bool has_warned;
};

/** The stream announced a buffer: give it memory. Remove is due even after a failure. */
enum lun_result lun_pipewire_pool_add(struct lun_pipewire_pool *pool, struct pw_buffer *buffer,
        size_t size_bytes, struct lun_error *err);
void lun_pipewire_pool_remove(struct lun_pipewire_pool *pool, struct pw_buffer *buffer);

/**
 * A buffer that nobody reads. Whoever reads more than half of them for half a second hangs, and
 * loses them one by one.
 *
 * @return borrowed from the stream until give or remove; NULL: drop this frame
 */
struct pw_buffer *lun_pipewire_pool_take(struct lun_pipewire_pool *pool, struct pw_stream *stream);

/** Show a taken buffer to the clients. */
void lun_pipewire_pool_give(
        struct lun_pipewire_pool *pool, struct pw_stream *stream, struct pw_buffer *buffer);
