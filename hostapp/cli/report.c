// Errors, JSON and exit codes: the one place that decides what the command says and how.
#include "hostapp/cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool lun_error_has_place(const struct lun_error *err)
{
	return err->path[0] != '\0';
}

void lun_report_error(const char *what, const struct lun_error *err)
{
	if (!lun_error_has_place(err)) {
		(void)fprintf(stderr, "lunette: %s: %s\n", what, err->message);
		return;
	}
	if (err->line > 0)
		(void)fprintf(stderr, "%s:%d: %s\n", err->path, err->line, err->message);
	else
		(void)fprintf(stderr, "%s: %s\n", err->path, err->message);
	size_t length = strlen(err->traceback);
	if (length)
		(void)fprintf(
		        stderr, "%s%s", err->traceback, err->traceback[length - 1] == '\n' ? "" : "\n");
}

int lun_exit_code(const struct lun_error *err)
{
	if (lun_error_has_place(err))
		return LUN_EXIT_FAILED;
	switch (err->code) {
	case LUN_OK:
		return LUN_EXIT_FINE;
	case LUN_INVALID:
		return LUN_EXIT_USAGE;
	case LUN_UNSUPPORTED:
		return LUN_EXIT_MISSING;
	default:
		return LUN_EXIT_FAILED;
	}
}

int lun_report_failure(const char *what, const struct lun_error *err)
{
	lun_report_error(what, err);
	return lun_exit_code(err);
}

int lun_report(int code, const char *what, const char *format, ...)
{
	struct lun_error err;
	va_list args;
	va_start(args, format);
	(void)vsnprintf(err.message, sizeof err.message, format, args);
	va_end(args);
	(void)fprintf(stderr, "lunette: %s: %s\n", what, err.message);
	return code;
}

int lun_report_json(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(object);
	lun_assert(text);
	int written = puts(text);
	free(text);
	return written < 0 ? LUN_EXIT_FAILED : LUN_EXIT_FINE;
}

int lun_report_flush(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	return code == LUN_EXIT_FINE ? LUN_EXIT_FAILED : code;
}
