// Deadlines by absolute arithmetic. Reads no clock.
#include "extension/camera/pacer.h"

void lun_pacer_start(
        struct lun_pacer *pacer, const struct lun_format *format, uint64_t next, uint64_t first_ns)
{
	pacer->format = *format;
	pacer->next = next;
	pacer->start_ns = first_ns - lun_format_tick_ns(format, next);
}

static uint64_t due_ns(const struct lun_pacer *pacer, uint64_t number)
{
	return pacer->start_ns + lun_format_tick_ns(&pacer->format, number);
}

uint64_t lun_pacer_deadline_ns(const struct lun_pacer *pacer)
{
	return due_ns(pacer, pacer->next);
}

uint64_t lun_pacer_step(struct lun_pacer *pacer, uint64_t now_ns, uint64_t *out_missed)
{
	uint64_t number = pacer->next;
	uint64_t behind_ns = now_ns - due_ns(pacer, number);
	*out_missed = 0;
	if ((int64_t)behind_ns > 0) {
		uint64_t period_ns = lun_format_tick_ns(&pacer->format, 1);
		*out_missed = behind_ns / period_ns;
		number += *out_missed;
		while (due_ns(pacer, number) > now_ns) { // the period was rounded down
			number--;
			(*out_missed)--;
		}
	}
	pacer->next = number + 1;
	return number;
}

bool lun_pacer_is_late(const struct lun_pacer *pacer, uint64_t number, uint64_t now_ns)
{
	int64_t behind_ns = (int64_t)(now_ns - due_ns(pacer, number));
	return behind_ns > (int64_t)(lun_format_tick_ns(&pacer->format, 1) / 4);
}

uint64_t lun_pacer_rebase(
        const struct lun_format *from, const struct lun_format *to, uint64_t number)
{
	// number / (from rate) * (to rate), rounded; 128 bits hold any tick
	unsigned __int128 product =
	        (unsigned __int128)number * (unsigned)from->fps_den * (unsigned)to->fps_num;
	unsigned __int128 divisor = (unsigned __int128)(unsigned)from->fps_num * (unsigned)to->fps_den;
	return (uint64_t)((product + divisor / 2) / divisor);
}
