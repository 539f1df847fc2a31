// What every kind of parameter takes as a value, and the sentences for what it does not take. Works
// on JSON values only; text becomes a value in param_text.c.
#include "scene/param_kind.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/** A bound that the declaration sets. @return false if it has none that is a number */
static bool get_bound(const json_t *declaration, const char *key, double *out_bound)
{
	const json_t *bound = json_object_get(declaration, key);
	*out_bound = json_number_value(bound);
	return json_is_number(bound);
}

static enum lun_result check_bounds(const json_t *declaration, double number, const char *what,
        const json_t *value, struct lun_error *err)
{
	double min, max;
	bool has_min = get_bound(declaration, "min", &min);
	bool has_max = get_bound(declaration, "max", &max);
	char wants[128];
	if ((!has_min || number >= min) && (!has_max || number <= max))
		return LUN_OK;
	if (has_min && has_max)
		(void)snprintf(wants, sizeof wants, "%s from %.10g to %.10g", what, min, max);
	else
		(void)snprintf(wants, sizeof wants, "%s of at %s %.10g", what, has_min ? "least" : "most",
		        has_min ? min : max);
	return lun_param_refuse(declaration, wants, value, err);
}

/** JSON can carry a zero byte inside a text; nothing behind us could. */
static bool is_text(const json_t *value)
{
	return json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value);
}

/** A new reference to something we only read. */
static json_t *share(const json_t *value)
{
	return json_incref((json_t *)value);
}

static size_t count_characters(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static enum lun_result check_text(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	double max;
	if (!is_text(value))
		return lun_param_refuse(declaration, "text", value, err);
	size_t count = count_characters(json_string_value(value));
	if (get_bound(declaration, "max", &max) && (double)count > max) {
		char name[LUN_PARAM_SHOWN_BYTES];
		lun_param_show_name(declaration, name);
		return lun_fail(err, LUN_INVALID, "parameter %s wants at most %.10g characters, got %zu",
		        name, max, count);
	}
	*out_value = share(value);
	return LUN_OK;
}

static enum lun_result check_number(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	if (!json_is_number(value) || !isfinite(json_number_value(value)))
		return lun_param_refuse(declaration, "a number", value, err);
	enum lun_result rc =
	        check_bounds(declaration, json_number_value(value), "a number", value, err);
	if (rc == LUN_OK)
		*out_value = share(value);
	return rc;
}

/** A number as the integer it is, where doubles are still exact. */
static json_t *whole_or_real(double number)
{
	const double exact = 9007199254740992.0; // 2^53
	if (number == floor(number) && fabs(number) <= exact)
		return json_integer((json_int_t)number);
	return json_real(number);
}

static enum lun_result check_integer(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	static const char what[] = "a whole number";
	json_t *whole = json_is_real(value) ? whole_or_real(json_real_value(value))
	                                    : share(value); // writers in JavaScript may say 3.0
	enum lun_result rc = LUN_OK;
	if (!json_is_integer(whole))
		rc = lun_param_refuse(declaration, what, value, err);
	else
		rc = check_bounds(declaration, json_number_value(whole), what, value, err);
	if (rc == LUN_OK)
		*out_value = whole;
	else
		json_decref(whole);
	return rc;
}

static enum lun_result check_bool(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	if (!json_is_boolean(value))
		return lun_param_refuse(declaration, "true or false", value, err);
	*out_value = share(value);
	return LUN_OK;
}

static enum lun_result check_color(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	double rgba[4];
	unsigned code[4];
	char text[10];
	if (!is_text(value) || !lun_color_parse(json_string_value(value), rgba))
		return lun_param_refuse(declaration, "a colour such as #ff8800 or orange", value, err);
	for (int i = 0; i < 4; i++)
		code[i] = (unsigned)lround(rgba[i] * 255);
	if (code[3] == 255)
		(void)snprintf(text, sizeof text, "#%02x%02x%02x", code[0], code[1], code[2]);
	else
		(void)snprintf(text, sizeof text, "#%02x%02x%02x%02x", code[0], code[1], code[2], code[3]);
	*out_value = json_string(text);
	return LUN_OK;
}

/** "one of UTC, Europe/Berlin"; a long list ends in dots. */
static void list_choices(const json_t *choices, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size, "one of ");
	size_t index;
	json_t *choice;
	json_array_foreach(choices, index, choice)
	{
		char shown[LUN_PARAM_SHOWN_BYTES + 8];
		if (json_is_string(choice))
			lun_param_shorten(json_string_value(choice), shown);
		else
			lun_param_show_value(choice, shown, sizeof shown);
		bool is_full = used + strlen(shown) + sizeof ", ..." >= size;
		used += (size_t)snprintf(
		        out + used, size - used, "%s%s", index ? ", " : "", is_full ? "..." : shown);
		if (is_full)
			return;
	}
}

static enum lun_result check_choice(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	const json_t *choices = json_object_get(declaration, "choices");
	char wants[512];
	size_t index;
	json_t *choice;
	json_array_foreach(choices, index, choice)
	{
		if ((is_text(choice) || json_is_number(choice)) && json_equal(choice, value)) {
			*out_value = share(choice);
			return LUN_OK;
		}
	}
	if (json_array_size(choices) == 0)
		return lun_param_refuse(declaration, "one of its choices, and has none", value, err);
	list_choices(choices, wants, sizeof wants);
	return lun_param_refuse(declaration, wants, value, err);
}

static enum lun_result check_path(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	if (!is_text(value))
		return lun_param_refuse(declaration, "the path of a file", value, err);
	*out_value = share(value);
	return LUN_OK;
}

static enum lun_result check_duration(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	static const char what[] = "a duration in seconds";
	double seconds = json_number_value(value);
	bool is_known =
	        json_is_number(value) ||
	        (is_text(value) && lun_param_parse_duration(json_string_value(value), &seconds));
	if (!is_known || !isfinite(seconds) || seconds < 0)
		return lun_param_refuse(declaration, "a duration such as 90, 1m30s or 01:30", value, err);
	enum lun_result rc = check_bounds(declaration, seconds, what, value, err);
	if (rc == LUN_OK)
		*out_value = whole_or_real(seconds);
	return rc;
}

static enum lun_result check_section(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	char name[LUN_PARAM_SHOWN_BYTES];
	(void)value;
	(void)out_value;
	lun_param_show_name(declaration, name);
	return lun_fail(err, LUN_INVALID, "parameter %s is a heading and has no value", name);
}

static enum lun_result check_list(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	double max;
	size_t index;
	json_t *entry;
	if (!json_is_array(value))
		return lun_param_refuse(declaration, "a list of texts", value, err);
	json_array_foreach(value, index, entry)
	{
		if (!is_text(entry))
			return lun_param_refuse(declaration, "a list of texts alone", entry, err);
	}
	if (get_bound(declaration, "max", &max) && (double)json_array_size(value) > max) {
		char name[LUN_PARAM_SHOWN_BYTES];
		lun_param_show_name(declaration, name);
		return lun_fail(err, LUN_INVALID, "parameter %s wants at most %.10g entries, got %zu", name,
		        max, json_array_size(value));
	}
	*out_value = json_copy((json_t *)value);
	lun_assert(*out_value);
	return LUN_OK;
}

/** An absolute address without blanks. Empty means that there is none. */
static bool is_address(const char *text)
{
	static const char *const schemes[] = {"http://", "https://", "file://"};
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at <= 0x20 || *at == 0x7f)
			return false;
	}
	for (int i = 0; i < 3; i++) {
		size_t length = strlen(schemes[i]);
		bool is_file = i == 2;
		if (strncasecmp(text, schemes[i], length) == 0)
			return text[length] && (is_file || !strchr("/?#", text[length]));
	}
	return text[0] == '\0';
}

static enum lun_result check_url(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err)
{
	if (!is_text(value) || !is_address(json_string_value(value)))
		return lun_param_refuse(declaration,
		        "an address that starts with http://, https:// or file://", value, err);
	*out_value = share(value);
	return LUN_OK;
}

static const struct lun_param_kind KINDS[] = {
        {"text", check_text, lun_param_read_text},
        {"number", check_number, lun_param_read_number},
        {"integer", check_integer, lun_param_read_number},
        {"bool", check_bool, lun_param_read_bool},
        {"color", check_color, lun_param_read_text},
        {"choice", check_choice, lun_param_read_choice},
        {"image", check_path, lun_param_read_text},
        {"font", check_path, lun_param_read_text},
        {"duration", check_duration, lun_param_read_text},
        {"section", check_section, lun_param_read_text},
        {"list", check_list, lun_param_read_list},
        {"url", check_url, lun_param_read_text},
};

const struct lun_param_kind *lun_param_get_kind(const json_t *declaration, struct lun_error *err)
{
	char name[LUN_PARAM_SHOWN_BYTES], shown[LUN_PARAM_SHOWN_BYTES];
	const char *kind = json_string_value(json_object_get(declaration, "kind"));
	lun_param_show_name(declaration, name);
	if (!kind) {
		(void)lun_fail(err, LUN_INVALID, "parameter %s is declared without a kind", name);
		return NULL;
	}
	for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
		if (strcmp(KINDS[i].name, kind) == 0)
			return &KINDS[i];
	}
	lun_param_shorten(kind, shown);
	(void)lun_fail(err, LUN_INVALID, "parameter %s is of the kind \"%s\", which does not exist",
	        name, shown);
	return NULL;
}
