/**
 * The kinds of parameters: what each takes as a value, and how one is read from text.
 *
 * Declarations and values are untrusted JSON. Thread: any.
 */
#pragma once

#include "lunette/params.h"

struct lun_param_kind {
	const char *name;
	/** Fills *out_value (never NULL here) with a new reference on LUN_OK only. */
	enum lun_result (*check)(const json_t *declaration, const json_t *value, json_t **out_value,
	        struct lun_error *err);
	/**
	 * The value that text means; what cannot be understood becomes the text itself, for check to
	 * refuse.
	 *
	 * @return new reference; NULL when the text is not UTF-8
	 */
	json_t *(*read)(const json_t *declaration, const char *text);
};

/** @return static; NULL for a declaration without a kind that exists, and why in err */
const struct lun_param_kind *lun_param_get_kind(const json_t *declaration, struct lun_error *err);

/** "parameter NAME wants WANTS, got VALUE" @return LUN_INVALID */
enum lun_result lun_param_refuse(
        const json_t *declaration, const char *wants, const json_t *value, struct lun_error *err);

#define LUN_PARAM_SHOWN_BYTES 64

/** Text for a message: shortened between two characters, control characters blanked. */
void lun_param_shorten(const char *text, char out[LUN_PARAM_SHOWN_BYTES]);

/** The declaration's name for a message. */
void lun_param_show_name(const json_t *declaration, char out[LUN_PARAM_SHOWN_BYTES]);

/** A value for a message. */
void lun_param_show_value(const json_t *value, char *out, size_t size);

/* Readers from text, one a shape of value. */
json_t *lun_param_read_text(const json_t *declaration, const char *text);
json_t *lun_param_read_number(const json_t *declaration, const char *text);
json_t *lun_param_read_bool(const json_t *declaration, const char *text);
json_t *lun_param_read_choice(const json_t *declaration, const char *text);
json_t *lun_param_read_list(const json_t *declaration, const char *text);

/** "90", "1.5", "1m30s", "250ms", "01:30", "1:02:03". @return false for anything else */
bool lun_param_parse_duration(const char *text, double *out_seconds);
