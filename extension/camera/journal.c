// Writes the log file. It is opened anew when it is gone from its path, so that a container which
// was deleted and made again gets its log back.
#include "extension/camera/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_FILE_BYTES (16 << 20) /* then the file becomes CAMERA.jsonl.1 */

struct lun_journal {
	char *path; // owned
	int fd;     // owned; -1 while it cannot be opened
};

static void reopen(struct lun_journal *journal)
{
	if (journal->fd >= 0)
		(void)close(journal->fd);
	journal->fd = open(journal->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

// Is the file that is open still the one at its path, and small enough?
static bool is_current(const struct lun_journal *journal)
{
	struct stat open_file, named;
	return journal->fd >= 0 && fstat(journal->fd, &open_file) == 0 &&
	       stat(journal->path, &named) == 0 && open_file.st_ino == named.st_ino;
}

static void rotate(struct lun_journal *journal)
{
	struct stat status;
	if (fstat(journal->fd, &status) != 0 || status.st_size < MAX_FILE_BYTES)
		return;
	char *old = lun_format_string("%s.1", journal->path);
	if (rename(journal->path, old) == 0)
		reopen(journal);
	free(old);
}

struct lun_journal *lun_journal_open(const struct lun_container *container, const char *camera)
{
	struct lun_journal *journal = lun_alloc(sizeof *journal);
	char *relative = lun_format_string("log/%s.jsonl", camera);
	for (char *at = relative + 4; *at; at++) {
		if (*at == '/')
			*at = '_';
	}
	journal->path = lun_container_path(container, relative);
	journal->fd = -1;
	free(relative);
	reopen(journal);
	return journal;
}

void lun_journal_close(struct lun_journal *journal)
{
	if (!journal)
		return;
	if (journal->fd >= 0)
		(void)close(journal->fd);
	free(journal->path);
	free(journal);
}

static const char *level_name(enum lun_log_level level)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	return level >= LUN_LOG_DEBUG && level <= LUN_LOG_ERROR ? names[level] : "info";
}

void lun_journal_write(struct lun_journal *journal, enum lun_log_level level, const char *event,
        const char *message, json_t *extra)
{
	struct timespec now;
	struct tm utc;
	char when[32];
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &utc);
	size_t length = strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
	(void)snprintf(when + length, sizeof when - length, ".%03uZ",
	        (unsigned)(now.tv_nsec / 1000000) % 1000);
	json_t *line = json_pack("{s:s, s:s, s:s, s:s*}", "time", when, "level", level_name(level),
	        "event", event, "message", message);
	if (line && extra)
		(void)json_object_update_missing(line, extra);
	json_decref(extra);
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	json_decref(line);
	if (!text)
		return; // the message was not UTF-8
	if (!is_current(journal))
		reopen(journal);
	if (journal->fd >= 0) {
		char *whole = lun_format_string("%s\n", text);
		(void)!write(journal->fd, whole, strlen(whole)); // a full disk costs the line
		free(whole);
		rotate(journal);
	}
	free(text);
}
