// Finds the one number in a name such as out%04d.png and fills it in. No printf sees the text.
#include "extension/file/pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_DIGITS 20

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

// at points behind the %. @return the length of "d" or "04d", or 0
static size_t parse_number(const char *at, int *out_digits)
{
	size_t length = 0;
	int digits = 0;
	if (*at == '0') {
		for (; is_digit(at[length]) && digits <= MAX_DIGITS; length++)
			digits = digits * 10 + (at[length] - '0');
		if (digits < 1 || digits > MAX_DIGITS)
			return 0;
	}
	*out_digits = digits;
	return at[length] == 'd' ? length + 1 : 0;
}

enum lun_result lun_pattern_parse(
        const char *text, struct lun_pattern *out_pattern, struct lun_error *err)
{
	struct lun_pattern pattern = {.text = text};
	for (const char *at = strchr(text, '%'); at; at = strchr(at, '%')) {
		int digits;
		size_t length = parse_number(at + 1, &digits);
		if (at[1] == '%') {
			at += 2;
		} else if (length && !pattern.has_number) {
			pattern.has_number = true;
			pattern.number_at = (size_t)(at - text);
			pattern.number_length = length + 1;
			pattern.digits = digits;
			at += length + 1;
		} else {
			return lun_fail(err, LUN_INVALID,
			        "%s: a name may hold one number, %%d or %%04d, and %%%% for a percent sign",
			        text);
		}
	}
	*out_pattern = pattern;
	return LUN_OK;
}

// Copy until end with each %% made one %. @return where to go on writing
static char *unescape(char *out, const char *from, const char *end)
{
	for (; from < end; from++) {
		*out++ = *from;
		if (*from == '%')
			from++;
	}
	*out = '\0';
	return out;
}

char *lun_pattern_name(const struct lun_pattern *pattern, uint64_t number)
{
	size_t text_bytes = strlen(pattern->text);
	char *name = lun_alloc(text_bytes + MAX_DIGITS + 1);
	const char *end = pattern->text + text_bytes;
	if (!pattern->has_number) {
		(void)unescape(name, pattern->text, end);
		return name;
	}
	const char *number_start = pattern->text + pattern->number_at;
	char *at = unescape(name, pattern->text, number_start);
	at += snprintf(at, MAX_DIGITS + 1, "%0*" PRIu64, pattern->digits, number);
	(void)unescape(at, number_start + pattern->number_length, end);
	return name;
}
