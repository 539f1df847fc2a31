/**
 * How the command tells what happened: errors on standard error, one JSON object on standard
 * output, and exit codes.
 */
#pragma once

#include <jansson.h>

#include "lunette/base.h"

enum lun_exit {
	LUN_EXIT_FINE = 0,
	LUN_EXIT_FAILED = 1,  /**< the work failed */
	LUN_EXIT_USAGE = 2,   /**< asked for in a way that makes no sense */
	LUN_EXIT_MISSING = 3, /**< something on this machine is missing */
	LUN_EXIT_INTERRUPTED = 130,
};

/**
 * Print an error: a scene's as `path:line: message` with its traceback, any other as
 * `lunette: what: message`.
 */
void lun_report_error(const char *what, const struct lun_error *err);

/** Print it. @return the exit code that fits its kind */
int lun_report_failure(const char *what, const struct lun_error *err);

/** The same; with is_json also as {"ok":false,"error":{...}} on standard output. */
int lun_report_failure_as(bool is_json, const char *what, const struct lun_error *err);

/** Print `lunette: what: sentence`. @return code */
int lun_report(int code, const char *what, const char *format, ...) LUN_PRINTF(3, 4);

/** Is this error a scene's, with a place in it? */
bool lun_error_has_place(const struct lun_error *err);

/** The exit code for an error's kind. */
int lun_exit_code(const struct lun_error *err);

/** Print one object and a newline on standard output. object is taken. @return an exit code */
int lun_report_json(json_t *object);

/** Write out what standard output holds back. @return code, or 1 when it did not arrive */
int lun_report_flush(int code);
