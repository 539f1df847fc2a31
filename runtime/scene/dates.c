// Dates through GLib, whose time zones are values rather than the process's state.
#include "scene/dates.h"

#include <glib.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Zones that were opened are kept: a scene asks for one many times a frame, GLib reads a file.
#define ZONES 8
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	GTimeZone *zone; // ref, under lock
	char *name;      // owned, under lock; as it was asked for
} known[ZONES];
static unsigned oldest; // under lock

// Under lock. The caller owns a reference.
static GTimeZone *find_known(const char *zone)
{
	for (unsigned i = 0; i < ZONES; i++) {
		if (known[i].name && strcmp(known[i].name, zone) == 0)
			return g_time_zone_ref(known[i].zone);
	}
	return NULL;
}

// Under lock.
static void keep(const char *zone, GTimeZone *opened)
{
	if (known[oldest].name)
		g_time_zone_unref(known[oldest].zone);
	free(known[oldest].name);
	known[oldest].name = lun_strdup(zone);
	known[oldest].zone = g_time_zone_ref(opened);
	oldest = (oldest + 1) % ZONES;
}

// GLib would open any path: a scene names zones and nothing else.
static bool is_zone_name(const char *zone)
{
	const char *letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-:/";
	return zone[0] != '/' && strlen(zone) < 64 && zone[strspn(zone, letters)] == '\0';
}

static GTimeZone *open_named(const char *zone)
{
	if (!is_zone_name(zone))
		return NULL;
	(void)pthread_mutex_lock(&lock);
	GTimeZone *opened = find_known(zone);
	if (!opened) {
		opened = g_time_zone_new_identifier(zone);
		if (opened)
			keep(zone, opened);
	}
	(void)pthread_mutex_unlock(&lock);
	return opened;
}

static GTimeZone *open_zone(const char *zone, struct lun_error *err)
{
	GTimeZone *opened = zone[0] ? open_named(zone) : g_time_zone_new_local();
	if (!opened)
		(void)lun_fail(err, LUN_INVALID, "there is no time zone \"%s\"", zone);
	return opened;
}

bool lun_zone_exists(const char *zone)
{
	GTimeZone *opened = zone[0] ? open_named(zone) : NULL;
	if (opened)
		g_time_zone_unref(opened);
	return opened;
}

// GLib knows the years 1 to 9999.
#define FIRST_S (-62135596800)
#define LAST_S 253402300799

static GDateTime *open_date(double epoch_s, const char *zone, struct lun_error *err)
{
	GTimeZone *opened = open_zone(zone, err);
	if (!opened)
		return NULL;
	double bounded = fmax(FIRST_S, fmin(epoch_s, LAST_S));
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
	const char *letters = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%";
	return at[length] && strchr(letters, at[length]) ? length + 1 : 0;
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

// The wall clock's time with members carried over, counted as if there were no zones: in one with
// summer time, some days have no 24 hours. NULL outside of the calendar.
static GDateTime *carry_over(const struct lun_date *date)
{
	int64_t months = (int64_t)date->month - 1;
	int64_t year = date->year + months / 12 - (months % 12 < 0);
	if (year < 1 || year > 9999)
		return NULL;
	GDate first;
	g_date_clear(&first, 1);
	g_date_set_dmy(&first, 1, (GDateMonth)((months % 12 + 12) % 12 + 1), (GDateYear)year);
	const int64_t epoch_days = 719163; // 1970-01-01; day 1 is 0001-01-01
	int64_t days = (int64_t)g_date_get_julian(&first) + date->day - 1 - epoch_days;
	int64_t wall_s = days * 86400 + (int64_t)date->hour * 3600 + (int64_t)date->minute * 60;
	if (wall_s < FIRST_S || wall_s > LAST_S)
		return NULL;
	return g_date_time_new_from_unix_utc(wall_s);
}

enum lun_result lun_date_join(
        const struct lun_date *date, const char *zone, double *out_epoch_s, struct lun_error *err)
{
	GTimeZone *opened = open_zone(zone, err);
	if (!opened)
		return LUN_INVALID;
	GDateTime *at = NULL, *wall = carry_over(date);
	if (wall) {
		int year, month, day;
		g_date_time_get_ymd(wall, &year, &month, &day);
		at = g_date_time_new(opened, year, month, day, g_date_time_get_hour(wall),
		        g_date_time_get_minute(wall), 0);
		g_date_time_unref(wall);
	}
	g_time_zone_unref(opened);
	double epoch_s = INFINITY;
	if (at) {
		// Seconds pass on any clock alike, so glibc's mktime adds them last.
		epoch_s = (double)g_date_time_to_unix(at) + date->second;
		g_date_time_unref(at);
	}
	if (epoch_s < FIRST_S || epoch_s > LAST_S)
		return lun_fail(err, LUN_INVALID, "the year lies outside 1 to 9999");
	*out_epoch_s = epoch_s;
	return LUN_OK;
}
