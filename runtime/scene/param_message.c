// The sentences about parameters: names and values of unknown length and content, made fit to be
// shown. Decides nothing.
#include <stdio.h>
#include <string.h>

#include "scene/param_kind.h"

void lun_param_shorten(const char *text, char out[LUN_PARAM_SHOWN_BYTES])
{
	static const char dots[] = "...";
	size_t length = strnlen(text, LUN_PARAM_SHOWN_BYTES);
	bool is_cut = length >= LUN_PARAM_SHOWN_BYTES;
	if (is_cut) {
		length = LUN_PARAM_SHOWN_BYTES - sizeof dots;
		while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--; // not into the middle of a character
	}
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		out[i] = c < 0x20 || c == 0x7f ? ' ' : text[i];
	}
	memcpy(out + length, is_cut ? dots : "", is_cut ? sizeof dots : 1);
}

void lun_param_show_name(const json_t *declaration, char out[LUN_PARAM_SHOWN_BYTES])
{
	const char *name = json_string_value(json_object_get(declaration, "name"));
	lun_param_shorten(name ? name : "without a name", out);
}

void lun_param_show_value(const json_t *value, char *out, size_t size)
{
	char text[LUN_PARAM_SHOWN_BYTES];
	const char *word = value ? "null" : "nothing";
	if (json_is_string(value)) {
		lun_param_shorten(json_string_value(value), text);
		(void)snprintf(out, size, "\"%s\"", text);
		return;
	}
	if (json_is_integer(value)) {
		(void)snprintf(out, size, "%lld", (long long)json_integer_value(value));
		return;
	}
	if (json_is_real(value)) {
		(void)snprintf(out, size, "%.10g", json_real_value(value));
		return;
	}
	if (json_is_boolean(value))
		word = json_is_true(value) ? "true" : "false";
	else if (json_is_array(value))
		word = "a list";
	else if (json_is_object(value))
		word = "an object";
	(void)snprintf(out, size, "%s", word);
}

enum lun_result lun_param_refuse(
        const json_t *declaration, const char *wants, const json_t *value, struct lun_error *err)
{
	char name[LUN_PARAM_SHOWN_BYTES], got[LUN_PARAM_SHOWN_BYTES + 8];
	lun_param_show_name(declaration, name);
	lun_param_show_value(value, got, sizeof got);
	return lun_fail(err, LUN_INVALID, "parameter %s wants %s, got %s", name, wants, got);
}
