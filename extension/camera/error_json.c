// Errors as the control protocol writes them, and back. What comes back is a peer's word: it is
// bounded and mended, never trusted.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extension/camera/control.h"
#include "extension/camera/utf8.h"

static const char *const result_names[] = {
        [LUN_OK] = "ok",
        [LUN_INVALID] = "invalid",
        [LUN_NOT_FOUND] = "not_found",
        [LUN_UNSUPPORTED] = "unsupported",
        [LUN_LIMIT] = "limit",
        [LUN_IO] = "io",
        [LUN_SCRIPT] = "script",
        // Last, so that "limit" is read as LUN_LIMIT: the protocol does not tell the two apart.
        [LUN_NOMEM] = "limit",
};
enum { RESULT_COUNT = sizeof result_names / sizeof *result_names };

const char *lun_result_name(enum lun_result code)
{
	lun_assert((unsigned)code < RESULT_COUNT);
	return result_names[code];
}

static enum lun_result result_of_name(const char *name)
{
	if (!name)
		return LUN_IO;
	for (int code = LUN_OK + 1; code < RESULT_COUNT; code++) {
		if (code != LUN_NOMEM && strcmp(name, result_names[code]) == 0)
			return (enum lun_result)code;
	}
	return LUN_IO;
}

static void set_text(json_t *object, const char *key, const char *text)
{
	char *scrubbed = lun_utf8_scrub(text);
	(void)json_object_set_new(object, key, json_string(scrubbed));
	free(scrubbed);
}

json_t *lun_error_to_json(const struct lun_error *err)
{
	json_t *object = json_object();
	lun_assert(object);
	set_text(object, "code", lun_result_name(err->code));
	set_text(object, "message", err->message);
	if (err->path[0])
		set_text(object, "path", err->path);
	if (err->line > 0)
		(void)json_object_set_new(object, "line", json_integer(err->line));
	if (err->traceback[0])
		set_text(object, "traceback", err->traceback);
	return object;
}

static void copy_text(const json_t *object, const char *key, char *out_text, size_t size_bytes)
{
	const char *text = json_string_value(json_object_get(object, key));
	if (text)
		(void)snprintf(out_text, size_bytes, "%s", text);
}

void lun_error_from_json(const json_t *object, struct lun_error *out_err)
{
	memset(out_err, 0, sizeof *out_err);
	out_err->code = result_of_name(json_string_value(json_object_get(object, "code")));
	copy_text(object, "message", out_err->message, sizeof out_err->message);
	copy_text(object, "path", out_err->path, sizeof out_err->path);
	copy_text(object, "traceback", out_err->traceback, sizeof out_err->traceback);
	json_int_t line = json_integer_value(json_object_get(object, "line"));
	out_err->line = line > 0 && line <= INT_MAX ? (int)line : 0;
	if (!out_err->message[0])
		(void)snprintf(out_err->message, sizeof out_err->message, "the camera gave no reason");
}
