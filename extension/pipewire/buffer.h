/**
 * The memory of one PipeWire buffer: a memfd of ours, sealed against resizing, so that a frame can
 * be drawn by another process that was lent the descriptor.
 *
 * Thread: one owner.
 */
#pragma once

#include <spa/buffer/buffer.h>

#include "lunette/base.h"

/**
 * Give a buffer that has none its memory: called when the stream announces it.
 *
 * @return LUN_OK; LUN_UNSUPPORTED when the peer does not take memfds, LUN_IO when the system has
 *         no more of them. Afterwards lun_pipewire_buffer_finish() is due in every case.
 */
enum lun_result lun_pipewire_buffer_init(
        struct spa_buffer *buffer, size_t size_bytes, struct lun_error *err);
void lun_pipewire_buffer_finish(struct spa_buffer *buffer);

/** How many clients still read the buffer, by what they say; a writer counts as one, too. */
uint32_t lun_pipewire_buffer_readers(const struct spa_buffer *buffer);
void lun_pipewire_buffer_set_readers(struct spa_buffer *buffer, uint32_t readers);
