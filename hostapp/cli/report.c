// Errors, JSON and exit codes: the one place that decides what the command says and how.
#include "hostapp/cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extension/camera/control.h"

bool lun_error_has_place(const struct lun_error *err)
{
	return err->path[0] != '\0';
}

// Names, messages and tracebacks come from files and peers: nothing in them may steer a terminal.
static void print_clean(const char *text, bool may_break)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool is_kept = (c >= 0x20 && c != 0x7f) || c == '\t' || (may_break && c == '\n');
		(void)fputc(is_kept ? c : '?', stderr);
	}
}

static void print_sentence(const char *what, const char *message)
{
	(void)fputs("lunette: ", stderr);
	print_clean(what, false);
	(void)fputs(": ", stderr);
	print_clean(message, false);
	(void)fputc('\n', stderr);
}

// As Lua prints it: a heading, then one indented line for each call.
static void print_traceback(const char *traceback)
{
	static const char heading[] = "stack traceback:";
	char line[256];
	if (!*traceback)
		return;
	(void)fprintf(stderr, "%s\n", heading);
	if (strncmp(traceback, heading, sizeof heading - 1) == 0)
		traceback += sizeof heading - 1;
	while (*traceback) {
		traceback += strspn(traceback, "\t\n ");
		size_t length = strcspn(traceback, "\n");
		(void)snprintf(line, sizeof line, "%.*s", (int)length, traceback);
		traceback += length;
		if (!*line)
			continue;
		(void)fputc('\t', stderr);
		print_clean(line, false);
		(void)fputc('\n', stderr);
	}
}

void lun_report_error(const char *what, const struct lun_error *err)
{
	if (!lun_error_has_place(err)) {
		print_sentence(what, err->message);
		return;
	}
	print_clean(err->path, false);
	if (err->line > 0)
		(void)fprintf(stderr, ":%d", err->line);
	(void)fputs(": ", stderr);
	print_clean(err->message, true);
	(void)fputc('\n', stderr);
	print_traceback(err->traceback);
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

int lun_report_failure_as(bool is_json, const char *what, const struct lun_error *err)
{
	int code = lun_report_failure(what, err);
	if (is_json)
		(void)lun_report_json(json_pack("{s:b, s:o}", "ok", 0, "error", lun_error_to_json(err)));
	return code;
}

int lun_report(int code, const char *what, const char *format, ...)
{
	struct lun_error err;
	va_list args;
	va_start(args, format);
	(void)vsnprintf(err.message, sizeof err.message, format, args);
	va_end(args);
	print_sentence(what, err.message);
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
