/**
 * When frames are due: tick n at start + n periods, in exact integers, so that nothing drifts.
 *
 * Pure arithmetic on times that the caller reads, which tests make up. Thread: any.
 */
#pragma once

#include "lunette/format.h"

struct lun_pacer {
	struct lun_format format; /**< only its rate matters */
	uint64_t start_ns;        /**< CLOCK_MONOTONIC of tick 0; wraps below zero after a resume */
	uint64_t next;            /**< the tick that is due next */
};

/** Pace so that tick `next` is due at first_ns. */
void lun_pacer_start(
        struct lun_pacer *pacer, const struct lun_format *format, uint64_t next, uint64_t first_ns);

/** When the next tick is due. */
uint64_t lun_pacer_deadline_ns(const struct lun_pacer *pacer);

/**
 * The next tick's time has come: step over it.
 *
 * @param out_missed  ticks that passed unused before it, because now_ns came too late for them
 * @return the tick to show now
 */
uint64_t lun_pacer_step(struct lun_pacer *pacer, uint64_t now_ns, uint64_t *out_missed);

/** Is a tick shown at now_ns late? A quarter of a frame's time is granted to the scheduler. */
bool lun_pacer_is_late(const struct lun_pacer *pacer, uint64_t number, uint64_t now_ns);

/** The tick at the same time under another rate. */
uint64_t lun_pacer_rebase(
        const struct lun_format *from, const struct lun_format *to, uint64_t number);
