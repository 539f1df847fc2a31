// Dates through GLib, whose time zones are values rather than the process's state.
#include "scene/dates.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static GTimeZone *open_zone(const char *zone, struct lun_error *err)
{
	GTimeZone *opened = zone[0] ? g_time_zone_new_identifier(zone) : g_time_zone_new_local();
	if (!opened)
		(void)lun_fail(err, LUN_INVALID, "there is no time zone \"%s\"", zone);
	return opened;
}

bool lun_zone_exists(const char *zone)
{
	GTimeZone *opened = zone[0] ? g_time_zone_new_identifier(zone) : NULL;
	if (opened)
		g_time_zone_unref(opened);
	return opened;
}

static GDateTime *open_date(double epoch_s, const char *zone, struct lun_error *err)
{
	GTimeZone *opened = open_zone(zone, err);
	if (!opened)
		return NULL;
	// GLib knows the years 1 to 9999.
	double bounded = fmax(-62135596800.0, fmin(epoch_s, 253402300799.0));
	GDateTime *utc = g_date_time_new_from_unix_utc((gint64)floor(bounded));
	GDateTime *date = g_date_time_to_timezone(utc, opened);
	g_date_time_unref(utc);
	g_time_zone_unref(opened);
	if (!date)
		(void)lun_fail(err, LUN_INVALID, "the year lies outside 1 to 9999");
	return date;
}

// The abbreviation of the zone is borrowed from date.
static struct tm to_tm(GDateTime *date)
{
	return (struct tm){
	        .tm_year = g_date_time_get_year(date) - 1900,
	        .tm_mon = g_date_time_get_month(date) - 1,
	        .tm_mday = g_date_time_get_day_of_month(date),
	        .tm_hour = g_date_time_get_hour(date),
	        .tm_min = g_date_time_get_minute(date),
	        .tm_sec = g_date_time_get_second(date),
	        .tm_wday = g_date_time_get_day_of_week(date) % 7,
	        .tm_yday = g_date_time_get_day_of_year(date) - 1,
	        .tm_isdst = g_date_time_is_daylight_savings(date),
	        .tm_gmtoff = (long)(g_date_time_get_utc_offset(date) / G_USEC_PER_SEC),
	        .tm_zone = g_date_time_get_timezone_abbreviation(date),
	};
}

// One conversion, from the % on: a flag, a modifier, a letter. 0 when it is none. No widths: a
// date has the length of its format.
static size_t measure_conversion(const char *at)
{
	size_t length = 1;
	length += at[length] && strchr("_-0^#", at[length]) ? 1 : 0;
	length += at[length] == 'E' || at[length] == 'O';
	const char *known = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%";
	return at[length] && strchr(known, at[length]) ? length + 1 : 0;
}

static void append_conversion(GString *text, const char *at, size_t length, GDateTime *date)
{
	char format[8], out[128];
	if (at[length - 1] == 's') { // strftime would ask the process's own zone
		g_string_append_printf(text, "%" G_GINT64_FORMAT, g_date_time_to_unix(date));
		return;
	}
	memcpy(format, at, length);
	format[length] = '\0';
	const struct tm tm = to_tm(date);
	g_string_append_len(text, out, (gssize)strftime(out, sizeof out, format, &tm));
}

// strftime's own formats, which Lua's authors know: GLib's differ in letters and spaces.
char *lun_date_format(double epoch_s, const char *format, const char *zone, struct lun_error *err)
{
	GDateTime *date = open_date(epoch_s, zone, err);
	if (!date)
		return NULL;
	GString *text = g_string_new(NULL);
	size_t length = 1;
	for (const char *at = format; *at && length; at += length) {
		length = *at == '%' ? measure_conversion(at) : strcspn(at, "%");
		if (*at != '%')
			g_string_append_len(text, at, (gssize)length);
		else if (length)
			append_conversion(text, at, length, date);
	}
	if (!length)
		(void)lun_fail(err, LUN_INVALID, "\"%s\" is not a date format", format);
	char *copy = length ? lun_strdup(text->str) : NULL;
	(void)g_string_free(text, TRUE);
	g_date_time_unref(date);
	return copy;
}

enum lun_result lun_date_split(
        double epoch_s, const char *zone, struct lun_date *out_date, struct lun_error *err)
{
	GDateTime *date = open_date(epoch_s, zone, err);
	if (!date)
		return LUN_INVALID;
	*out_date = (struct lun_date){
	        .year = g_date_time_get_year(date),
	        .month = g_date_time_get_month(date),
	        .day = g_date_time_get_day_of_month(date),
	        .hour = g_date_time_get_hour(date),
	        .minute = g_date_time_get_minute(date),
	        .second = g_date_time_get_second(date),
	        .weekday = g_date_time_get_day_of_week(date) % 7 + 1,
	        .yearday = g_date_time_get_day_of_year(date),
	        .is_dst = g_date_time_is_daylight_savings(date),
	        .offset_s = (int)(g_date_time_get_utc_offset(date) / G_USEC_PER_SEC),
	};
	g_date_time_unref(date);
	return LUN_OK;
}

enum lun_result lun_date_join(
        const struct lun_date *date, const char *zone, double *out_epoch_s, struct lun_error *err)
{
	GTimeZone *opened = open_zone(zone, err);
	if (!opened)
		return LUN_INVALID;
	enum lun_result rc = LUN_INVALID;
	int months = date->month - 1;
	int year = date->year + months / 12 - (months % 12 < 0);
	GDateTime *first = g_date_time_new(opened, year, (months % 12 + 12) % 12 + 1, 1, 0, 0, 0);
	GDateTime *day = first ? g_date_time_add_days(first, date->day - 1) : NULL;
	GDateTime *at =
	        day ? g_date_time_add_full(day, 0, 0, 0, date->hour, date->minute, date->second) : NULL;
	if (at) {
		*out_epoch_s = (double)g_date_time_to_unix(at);
		g_date_time_unref(at);
		rc = LUN_OK;
	} else {
		(void)lun_fail(err, LUN_INVALID, "the year lies outside 1 to 9999");
	}
	if (day)
		g_date_time_unref(day);
	if (first)
		g_date_time_unref(first);
	g_time_zone_unref(opened);
	return rc;
}
