/**
 * The log: one line an event, for people on standard error and, structured, wherever the sink
 * sends it.
 *
 * Thread: any; the sink is called on the logging thread and never with a lock of ours held.
 */
#pragma once

#include "lunette/base.h"

enum lun_log_level {
	LUN_LOG_DEBUG,
	LUN_LOG_INFO,
	LUN_LOG_WARN,
	LUN_LOG_ERROR,
};

/** Receives every line. message has no newline at its end and is borrowed for the call. */
typedef void lun_log_sink(void *data, enum lun_log_level level, const char *message);

/** Replace the sink (default: `lunette: message` on standard error, without DEBUG). NULL: default.
 */
void lun_log_set_sink(lun_log_sink *sink, void *data);

void lun_log(enum lun_log_level level, const char *format, ...) LUN_PRINTF(2, 3);
