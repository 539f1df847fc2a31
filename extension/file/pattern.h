/**
 * Names of numbered files, as in `out%04d.png`.
 *
 * The text comes from users, so it is parsed here and never reaches printf. Thread: any.
 */
#pragma once

#include "lunette/base.h"

/** Where the number goes. Plain value; borrows the text it was parsed from. */
struct lun_pattern {
	const char *text; // borrowed from who parsed it
	size_t number_at; /**< index of the % that stands for the number */
	size_t number_length;
	int digits; /**< at least that many, filled with zeros; 0 = as many as it takes */
	bool has_number;
};

/**
 * `%d` or `%04d` (any width up to 20), once; `%%` is a percent sign.
 *
 * @return LUN_OK, or LUN_INVALID with the rule
 */
enum lun_result lun_pattern_parse(
        const char *text, struct lun_pattern *out_pattern, struct lun_error *err);

/** The name for a number, in fresh memory; the caller frees it. */
char *lun_pattern_name(const struct lun_pattern *pattern, uint64_t number);
