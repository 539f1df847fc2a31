/**
 * Dates of the scene clock, in any time zone, without touching the process's own zone.
 *
 * Thread: any.
 */
#pragma once

#include "lunette/base.h"

/**
 * Format an instant as strftime does.
 *
 * @param zone  "" = the machine's, "UTC", "Europe/Berlin", "+02:00"
 * @return fresh text for free(); NULL with err filled for an unknown zone or a broken format
 */
char *lun_date_format(double epoch_s, const char *format, const char *zone, struct lun_error *err);

/** Broken-down time, as os.date("*t"). */
struct lun_date {
	int year, month, day, hour, minute, second, weekday /* 1 = Sunday */, yearday;
	bool is_dst;
	int offset_s; /**< east of UTC */
};

enum lun_result lun_date_split(
        double epoch_s, const char *zone, struct lun_date *out_date, struct lun_error *err);

/** The instant of a date in a zone; members out of range are carried over, as mktime does. */
enum lun_result lun_date_join(
        const struct lun_date *date, const char *zone, double *out_epoch_s, struct lun_error *err);

/** Is there such a zone? */
bool lun_zone_exists(const char *zone);
