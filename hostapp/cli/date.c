// ISO 8601 dates with a zone, read strictly: a date that is silently taken for another one gives
// frames that look right and are not.
#include <ctype.h>
#include <string.h>

#include "hostapp/cli/options.h"

static bool read_digits(const char **at, int count, int *out_value)
{
	int value = 0;
	for (int i = 0; i < count; i++) {
		if (!isdigit((unsigned char)(*at)[i]))
			return false;
		value = value * 10 + ((*at)[i] - '0');
	}
	*at += count;
	*out_value = value;
	return true;
}

static bool skip_char(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

static bool is_leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap_year(year));
}

static bool read_day(const char **at, int64_t *out_days)
{
	int year = 0, month = 0, day = 0;
	if (!read_digits(at, 4, &year) || !skip_char(at, '-') || !read_digits(at, 2, &month) ||
	        !skip_char(at, '-') || !read_digits(at, 2, &day))
		return false;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
		return false;
	int64_t days = day - 1;
	for (int y = 1970; y < year; y++)
		days += 365 + is_leap_year(y);
	for (int m = 1; m < month; m++)
		days += days_of_month(year, m);
	*out_days = days;
	return true;
}

static bool read_time(const char **at, double *out_seconds)
{
	int hour = 0, minute = 0, second = 0;
	if (!read_digits(at, 2, &hour) || !skip_char(at, ':') || !read_digits(at, 2, &minute) ||
	        !skip_char(at, ':') || !read_digits(at, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	double fraction = 0.0;
	if (skip_char(at, '.')) {
		double place = 0.1;
		if (!isdigit((unsigned char)**at))
			return false;
		for (; isdigit((unsigned char)**at); (*at)++, place /= 10.0)
			fraction += (**at - '0') * place;
	}
	*out_seconds = hour * 3600 + minute * 60 + second + fraction;
	return true;
}

static bool read_zone(const char **at, int *out_seconds)
{
	if (skip_char(at, 'Z')) {
		*out_seconds = 0;
		return true;
	}
	int sign = **at == '-' ? -1 : 1;
	int hours = 0, minutes = 0;
	if (!skip_char(at, '+') && !skip_char(at, '-'))
		return false;
	if (!read_digits(at, 2, &hours) || !skip_char(at, ':') || !read_digits(at, 2, &minutes))
		return false;
	*out_seconds = sign * (hours * 3600 + minutes * 60);
	return hours <= 14 && minutes <= 59;
}

bool lun_date_parse(const char *text, double *out_epoch_s)
{
	int64_t days = 0;
	double seconds = 0.0;
	int zone_s = 0;
	if (!read_day(&text, &days) || !skip_char(&text, 'T') || !read_time(&text, &seconds) ||
	        !read_zone(&text, &zone_s) || *text)
		return false;
	*out_epoch_s = (double)(days * 86400 - zone_s) + seconds;
	return true;
}
