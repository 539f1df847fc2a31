// The log's one door: formats a line and hands it to the sink.
#include "lunette/log.h"

#include <stdio.h>

static void write_to_stderr(void *data, enum lun_log_level level, const char *message)
{
	(void)data;
	if (level > LUN_LOG_DEBUG)
		(void)fprintf(stderr, "lunette: %s\n", message);
}

// Set once at start-up, before there are threads.
static lun_log_sink *current_sink = write_to_stderr;
static void *current_data;

void lun_log_set_sink(lun_log_sink *sink, void *data)
{
	current_sink = sink ? sink : write_to_stderr;
	current_data = data;
}

void lun_log(enum lun_log_level level, const char *format, ...)
{
	char message[2048];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(message, sizeof message, format, args);
	va_end(args);
	current_sink(current_data, level, message);
}
