/**
 * The camera's log file, log/CAMERA.jsonl in the container: one JSON object a line.
 *
 * A full disk or a folder that is gone costs lines, never the camera. Thread: the loop's.
 */
#pragma once

#include <jansson.h>

#include "extension/camera/container.h"
#include "lunette/log.h"

struct lun_journal;

struct lun_journal *lun_journal_open(const struct lun_container *container, const char *camera);
void lun_journal_close(struct lun_journal *journal); /**< NULL is fine */

/** @param extra  members to add (taken; may be NULL) */
void lun_journal_write(struct lun_journal *journal, enum lun_log_level level, const char *event,
        const char *message, json_t *extra);
