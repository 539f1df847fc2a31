// Dates against the system's own: coreutils' date formats, glibc's localtime and mktime split and
// join, in many zones, at the edges of years and of summer time.
#include "scene/dates.h"

#include <math.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static const char *const zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
        "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns",
        "Africa/Casablanca", "Asia/Tehran", "Pacific/Chatham", "America/Sao_Paulo", "Europe/Dublin",
        "Antarctica/Troll", "Pacific/Kiritimati", "Etc/GMT+12"};
#define ZONES (sizeof zones / sizeof zones[0])

// Round about the edges of days, years and summer time, and far from any.
static const int64_t instants[] = {0, 1, 86399, 86400, 951782399, 951782400, 951868799, 951868800,
        946684799, 946684800, 1234567890, 1711846799, 1711846800, 1711846801, 1729990799,
        1729990800, 1729994399, 1729994400, 1710053999, 1710054000, 1730613599, 1730613600,
        1730617199, 1730617200, 1712415599, 1712415600, 1728142199, 1728142200, 1767225599,
        1767225600, 1735689599, 1735689600, 1325239199, 1325239200, 2147483647, 2147483648,
        4102444800, -1, -86400, -2208988800};
#define INSTANTS (sizeof instants / sizeof instants[0])

// The system's library, told a zone. One process, one thread: the zone may be switched.
static void enter_zone(const char *zone)
{
	(void)setenv("TZ", zone, 1);
	tzset();
}

// GLib 2.74 misreads Ireland's winter time, which is less than standard, from 2038 on.
static bool is_misread(const char *zone, int64_t instant)
{
	return instant > INT32_MAX && strcmp(zone, "Europe/Dublin") == 0;
}

static bool split_is_localtime(const char *zone, int64_t instant)
{
	struct lun_error err;
	struct lun_date date;
	struct tm want;
	time_t at = instant;
	if (lun_date_split((double)instant, zone, &date, &err) != LUN_OK)
		return false;
	(void)localtime_r(&at, &want);
	bool is_same = date.year == want.tm_year + 1900 && date.month == want.tm_mon + 1 &&
	               date.day == want.tm_mday && date.hour == want.tm_hour &&
	               date.minute == want.tm_min && date.second == want.tm_sec &&
	               date.weekday == want.tm_wday + 1 && date.yearday == want.tm_yday + 1 &&
	               date.offset_s == want.tm_gmtoff && date.is_dst == (want.tm_isdst > 0);
	if (!is_same)
		printf("# %s %lld: %d-%02d-%02d %02d:%02d:%02d dst %d, offset %d; want %d-%02d-%02d "
		       "%02d:%02d:%02d dst %d, offset %ld\n",
		        zone, (long long)instant, date.year, date.month, date.day, date.hour, date.minute,
		        date.second, date.is_dst, date.offset_s, want.tm_year + 1900, want.tm_mon + 1,
		        want.tm_mday, want.tm_hour, want.tm_min, want.tm_sec, want.tm_isdst,
		        want.tm_gmtoff);
	return is_same;
}

static void splitting_is_what_localtime_does(void)
{
	int wrong = 0;
	for (size_t z = 0; z < ZONES; z++) {
		enter_zone(zones[z]);
		for (size_t i = 0; i < INSTANTS; i++)
			wrong += !is_misread(zones[z], instants[i]) &&
			         !split_is_localtime(zones[z], instants[i]);
		for (int64_t at = 1700000000; at < 1740000000; at += 7919 * 61)
			wrong += !split_is_localtime(zones[z], at);
	}
	CHECK_EQ(wrong, 0);
}

static const char formats[] =
        "%Y-%m-%dT%H:%M:%S%z|%A %a %B %b %d %e %j %u %w|%I:%M %p %r|%D %F %R %T %h|"
        "%y %C %G %V %g|%s|%%|%H%M|%k %l|%-d.%-m.|%Z|%U %W|%c|%x %X";

// What coreutils makes of a format, without its newline.
static bool ask_date(const char *zone, int64_t instant, char *out, size_t size)
{
	char command[512];
	(void)snprintf(command, sizeof command, "LC_ALL=C TZ='%s' date -d '@%lld' '+%s'", zone,
	        (long long)instant, formats);
	FILE *pipe = popen(command, "r");
	if (!pipe)
		return false;
	size_t got = fread(out, 1, size - 1, pipe);
	out[got > 0 ? got - 1 : 0] = '\0';
	return pclose(pipe) == 0 && got > 0;
}

static void formats_are_those_of_date(void)
{
	int wrong = 0;
	for (size_t z = 0; z < ZONES; z += 3) {
		for (size_t i = 0; i < INSTANTS; i += 6) {
			if (is_misread(zones[z], instants[i]))
				continue;
			char want[1024];
			struct lun_error err;
			char *got = lun_date_format((double)instants[i], formats, zones[z], &err);
			if (!ask_date(zones[z], instants[i], want, sizeof want) || !got ||
			        strcmp(got, want) != 0) {
				printf("# %s %lld: \"%s\", want \"%s\"\n", zones[z], (long long)instants[i],
				        got ? got : err.message, want);
				wrong++;
			}
			free(got);
		}
	}
	CHECK_EQ(wrong, 0);
}

static bool join_is_mktime(const char *zone, const int f[6])
{
	struct tm tm = {.tm_year = f[0] - 1900,
	        .tm_mon = f[1] - 1,
	        .tm_mday = f[2],
	        .tm_hour = f[3],
	        .tm_min = f[4],
	        .tm_sec = f[5],
	        .tm_isdst = -1};
	struct lun_date date = {
	        .year = f[0], .month = f[1], .day = f[2], .hour = f[3], .minute = f[4], .second = f[5]};
	struct lun_error err;
	double got = NAN;
	enum lun_result rc = lun_date_join(&date, zone, &got, &err);
	struct tm kept = tm;
	time_t want = mktime(&tm);
	if (rc == LUN_OK && got == (double)want)
		return true;
	// An hour that happens twice: either of its instants is right.
	struct tm other = kept;
	other.tm_isdst = tm.tm_isdst ? 0 : 1;
	time_t other_want = mktime(&other);
	if (rc == LUN_OK && got == (double)other_want && other.tm_hour == tm.tm_hour &&
	        other.tm_min == tm.tm_min && other.tm_mday == tm.tm_mday)
		return true;
	printf("# %s %d-%d-%d %d:%d:%d is %.0f, want %lld: %s\n", zone, f[0], f[1], f[2], f[3], f[4],
	        f[5], got, (long long)want, rc == LUN_OK ? "" : err.message);
	return false;
}

static void joining_is_what_mktime_does(void)
{
	static const int dates[][6] = {{1970, 1, 1, 0, 0, 0}, {2000, 2, 29, 12, 0, 0},
	        {2024, 12, 31, 23, 59, 59}, {2024, 12, 31, 23, 59, 60}, {2025, 13, 1, 0, 0, 0},
	        {2025, 0, 1, 0, 0, 0}, {2025, -1, 1, 0, 0, 0}, {2025, -11, 31, 0, 0, 0},
	        {2025, -12, 31, 0, 0, 0}, {2025, 25, 31, 1, 1, 1}, {2025, 1, 0, 0, 0, 0},
	        {2025, 3, -1, 5, 6, 7}, {2025, 1, 366, 12, 0, 0}, {2024, 1, 400, 12, 0, 0},
	        {2025, 6, 15, -1, 0, 0}, {2025, 6, 15, 25, 61, 61}, {2025, 6, 15, 0, -1, -1},
	        {2025, 2, 29, 12, 0, 0}, {2023, 2, 31, 12, 0, 0}, {2024, 3, 31, 12, 0, 0},
	        {2024, 10, 27, 12, 0, 0}, {2024, 3, 10, 12, 30, 0}, {2024, 11, 3, 12, 30, 0},
	        {2024, 4, 7, 12, 0, 0}, {2024, 10, 6, 18, 0, 0}, {2024, 3, 31, 0, 0, 100000},
	        {2024, 1, 1, 5000, 0, 0}, {1999, 12, 31, 24, 0, 0}, {2038, 1, 19, 3, 14, 8},
	        {2011, 12, 31, 12, 0, 0}, {2024, 10, 27, 0, 90, 0}, {2024, 7, 1, 0, 100000, 0}};
	int wrong = 0;
	for (size_t z = 0; z < ZONES; z++) {
		enter_zone(zones[z]);
		for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
			wrong += !join_is_mktime(zones[z], dates[i]);
	}
	CHECK_EQ(wrong, 0);
}

// Every half hour of a year, so every gap and every overlap of summer time.
static void joining_undoes_splitting(void)
{
	int wrong = 0;
	for (size_t z = 0; z < ZONES; z++) {
		enter_zone(zones[z]);
		for (int64_t at = 1704067200; at < 1736000000; at += 1800) {
			struct lun_date date, again;
			struct lun_error err;
			double joined;
			(void)lun_date_split((double)at, zones[z], &date, &err);
			if (lun_date_join(&date, zones[z], &joined, &err) != LUN_OK ||
			        lun_date_split(joined, zones[z], &again, &err) != LUN_OK ||
			        fabs(joined - (double)at) > 2 * 3600 || again.hour != date.hour ||
			        again.minute != date.minute || again.day != date.day) {
				wrong++;
				printf("# %s %lld: %d-%d-%d %d:%d -> %.0f\n", zones[z], (long long)at, date.year,
				        date.month, date.day, date.hour, date.minute, joined);
			}
		}
	}
	CHECK_EQ(wrong, 0);
}

static void members_of_any_size_are_joined_or_refused(void)
{
	static const int extremes[] = {
	        -2147483647 - 1, -2147483647, -1000000, -1, 0, 1, 1000000, 2147483646, 2147483647};
	for (int member = 0; member < 6; member++) {
		for (size_t i = 0; i < sizeof extremes / sizeof extremes[0]; i++) {
			struct lun_date date = {.year = 2025, .month = 6, .day = 15};
			int *members[] = {
			        &date.year, &date.month, &date.day, &date.hour, &date.minute, &date.second};
			*members[member] = extremes[i];
			struct lun_error err = {0};
			double joined;
			enum lun_result rc = lun_date_join(&date, "UTC", &joined, &err);
			CHECK(rc == LUN_OK || (rc == LUN_INVALID && err.message[0]));
			if (rc == LUN_OK)
				CHECK(joined >= -62135596800.0 && joined <= 253402300799.0);
		}
	}
}

static void seconds_are_cut_downwards(void)
{
	struct lun_date date;
	struct lun_error err;
	CHECK_EQ(lun_date_split(59.999, "UTC", &date, &err), LUN_OK);
	CHECK_EQ(date.second, 59);
	CHECK_EQ(lun_date_split(-0.001, "UTC", &date, &err), LUN_OK);
	CHECK_EQ(date.year, 1969);
	CHECK_EQ(date.second, 59);
}

static void instants_beyond_the_calendar_are_bounded(void)
{
	static const double far[] = {1e18, -1e18, INFINITY, -INFINITY, 253402300800.0, -62135596801.0};
	for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
		struct lun_error err;
		struct lun_date date = {0};
		enum lun_result rc = lun_date_split(far[i], "Pacific/Kiritimati", &date, &err);
		CHECK(rc == LUN_OK ? date.year >= 1 && date.year <= 9999 : err.message[0] != 0);
		char *text = lun_date_format(far[i], "%Y", "Etc/GMT+12", &err);
		CHECK(text || err.message[0]);
		free(text);
	}
	struct lun_error err;
	struct lun_date date;
	(void)lun_date_split(NAN, "UTC", &date, &err); // any date, but no crash
}

static void zones_are_known_or_refused(void)
{
	static const char *const good[] = {"UTC", "Europe/Berlin", "+02:00", "-11:30", "Z"};
	static const char *const bad[] = {"", "Mars/Olympus", "../../../etc/passwd", "/etc/passwd",
	        "Europe", "+99:00", "Europe/Berlin\n", "europe berlin"};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		CHECK(lun_zone_exists(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (lun_zone_exists(bad[i]))
			printf("# \"%s\" is a zone\n", bad[i]);
		CHECK(!lun_zone_exists(bad[i]));
	}
	struct lun_error err;
	CHECK(!lun_date_format(0, "%Y", "Mars/Olympus", &err));
	CHECK(strcmp(err.message, "there is no time zone \"Mars/Olympus\"") == 0);
	char *text = lun_date_format(0, "%H:%M", "+05:45", &err);
	CHECK(text && strcmp(text, "05:45") == 0);
	free(text);
}

static void the_empty_zone_is_the_machines(void)
{
	enter_zone("Asia/Kolkata");
	struct lun_error err;
	char *text = lun_date_format(0, "%H:%M", "", &err);
	CHECK(text && strcmp(text, "05:30") == 0);
	free(text);
}

static void odd_formats_are_refused_or_harmless(void)
{
	static const char *const odd[] = {
	        "", "%", "%Q", "%E", "%O", "%_", "%-", "%999Y", "\xff", "%N", "100%", "%%%", "%c%x%X"};
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		struct lun_error err = {0};
		char *text = lun_date_format(0, odd[i], "UTC", &err);
		CHECK(text || (err.code == LUN_INVALID && err.message[0]));
		free(text);
	}
}

TEST_MAIN({
	RUN(splitting_is_what_localtime_does);
	RUN(formats_are_those_of_date);
	RUN(joining_is_what_mktime_does);
	RUN(joining_undoes_splitting);
	RUN(members_of_any_size_are_joined_or_refused);
	RUN(seconds_are_cut_downwards);
	RUN(instants_beyond_the_calendar_are_bounded);
	RUN(zones_are_known_or_refused);
	RUN(the_empty_zone_is_the_machines);
	RUN(odd_formats_are_refused_or_harmless);
})
