// Values of parameters from text as typed on a command line. Only says what a text means; whether
// the parameter takes it is decided in param_kind.c.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "scene/param_kind.h"

json_t *lun_param_read_text(const json_t *declaration, const char *text)
{
	(void)declaration;
	return json_string(text);
}

/**
 * Bring "+5", ".5" and "007" into the form that JSON knows.
 *
 * Reading numbers through JSON keeps them independent of the process's locale.
 */
static bool spell_number(const char *text, char *out, size_t size)
{
	size_t used = 0;
	if (*text == '-')
		out[used++] = *text;
	if (*text == '-' || *text == '+')
		text++;
	if (!isdigit((unsigned char)*text) && *text != '.')
		return false;
	while (*text == '0' && isdigit((unsigned char)text[1]))
		text++;
	if (*text == '.')
		out[used++] = '0';
	size_t length = strlen(text);
	if (length >= size - used || text[length - 1] == '.')
		return false;
	memcpy(out + used, text, length + 1);
	return true;
}

json_t *lun_param_read_number(const json_t *declaration, const char *text)
{
	char number[64];
	json_t *value = NULL;
	(void)declaration;
	if (spell_number(text, number, sizeof number))
		value = json_loads(number, JSON_DECODE_ANY, NULL);
	if (json_is_number(value))
		return value;
	json_decref(value);
	return json_string(text);
}

json_t *lun_param_read_bool(const json_t *declaration, const char *text)
{
	static const char *const words[2][4] = {
	        {"false", "no", "off", "0"}, {"true", "yes", "on", "1"}};
	(void)declaration;
	for (int is_true = 0; is_true < 2; is_true++) {
		for (int i = 0; i < 4; i++) {
			if (strcasecmp(words[is_true][i], text) == 0)
				return json_boolean(is_true);
		}
	}
	return json_string(text);
}

json_t *lun_param_read_choice(const json_t *declaration, const char *text)
{
	size_t index;
	json_t *choice;
	json_array_foreach(json_object_get(declaration, "choices"), index, choice)
	{
		if (!json_is_number(choice))
			continue;
		char *spelled = json_dumps(choice, JSON_ENCODE_ANY);
		bool is_same = spelled && strcmp(spelled, text) == 0;
		free(spelled);
		if (is_same)
			return json_incref(choice);
	}
	return json_string(text);
}

/** Append the text between start and end without the blanks around it. */
static bool append_trimmed(json_t *list, const char *start, const char *end)
{
	while (start < end && isspace((unsigned char)*start))
		start++;
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	json_t *entry = json_stringn(start, (size_t)(end - start));
	return entry && json_array_append_new(list, entry) == 0;
}

/** Lines where there are several, else what commas part. */
static json_t *split_list(const char *text)
{
	json_t *list = json_array();
	const char *separator = strchr(text, '\n') ? "\n" : ",";
	lun_assert(list);
	for (const char *start = text; *text; start = text + 1) {
		text = start + strcspn(start, separator);
		if (!append_trimmed(list, start, text)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *lun_param_read_list(const json_t *declaration, const char *text)
{
	(void)declaration;
	if (*text == '[') {
		json_t *list = json_loads(text, 0, NULL);
		return list ? list : json_string(text);
	}
	return split_list(text);
}

/** Read a decimal number and move *text behind it. */
static bool take_decimal(const char **text, double *out_number)
{
	const int max_digits = 15; // what a double holds exactly
	double number = 0, scale = 1;
	int digits = 0;
	for (; isdigit((unsigned char)**text); (*text)++, digits++)
		number = number * 10 + (**text - '0');
	if (**text == '.' && digits > 0 && isdigit((unsigned char)(*text)[1])) {
		for ((*text)++; isdigit((unsigned char)**text); (*text)++, digits++) {
			number = number * 10 + (**text - '0');
			scale *= 10;
		}
	}
	*out_number = number / scale;
	return digits > 0 && digits <= max_digits;
}

/** Behind the first number of "1:02:03": parts below 60, of which only the last has a fraction. */
static bool take_clock(const char **text, double *inout_seconds)
{
	double seconds = *inout_seconds, part;
	for (int parts = 1; **text == ':'; parts++) {
		(*text)++;
		if (parts == 3 || seconds != (double)(long long)seconds ||
		        !isdigit((unsigned char)(*text)[0]) || !isdigit((unsigned char)(*text)[1]) ||
		        !take_decimal(text, &part) || part >= 60)
			return false;
		seconds = seconds * 60 + part;
	}
	*inout_seconds = seconds;
	return true;
}

/** A unit at *text, with an index above *inout_unit: units go from large to small. */
static bool take_unit(const char **text, int *inout_unit, double *out_seconds)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {"ms", 0.001}};
	for (int i = *inout_unit + 1; i < 5; i++) {
		size_t length = strlen(units[i].name);
		// No letter follows a unit: "ms" is not "m".
		if (strncasecmp(*text, units[i].name, length) == 0 &&
		        !isalpha((unsigned char)(*text)[length])) {
			*text += length;
			*inout_unit = i;
			*out_seconds = units[i].seconds;
			return true;
		}
	}
	return false;
}

bool lun_param_parse_duration(const char *text, double *out_seconds)
{
	double number, factor, seconds = 0;
	int unit = -1;
	if (!take_decimal(&text, &number))
		return false;
	if (*text == ':' && (!take_clock(&text, &number) || *text))
		return false;
	*out_seconds = number;
	if (!*text)
		return true;

	for (;;) {
		if (!take_unit(&text, &unit, &factor))
			return false;
		seconds += number * factor;
		while (*text == ' ')
			text++;
		if (!*text)
			break;
		if (!take_decimal(&text, &number))
			return false;
	}
	*out_seconds = seconds;
	return true;
}
