/**
 * Bytes of a stream, cut into lines of bounded length.
 *
 * Thread: one owner. A zeroed struct is ready to use.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Longest line of the control protocol, its newline included. */
enum { LUN_LINE_MAX_BYTES = 1 << 20 };

struct lun_line_reader {
	char *bytes; // owned; NULL while nothing was read
	size_t capacity_bytes;
	size_t start;         /**< of the first line that was not taken */
	size_t scanned;       /**< no newline lies between start and here */
	size_t end;           /**< of what was read */
	uint64_t taken_bytes; /**< place of start in the stream */
};
void lun_line_reader_finish(struct lun_line_reader *reader);

/** Room to read into. Invalidates the lines taken before. @return borrowed */
char *lun_line_reader_room(struct lun_line_reader *reader, size_t size_bytes);
/** So much of the room was filled. */
void lun_line_reader_fill(struct lun_line_reader *reader, size_t size_bytes);

/**
 * Take the next complete line.
 *
 * @param out_line  borrowed until the next call for room, without its newline and not terminated
 * @return false when there is no complete line that is not too long
 */
bool lun_line_reader_take(
        struct lun_line_reader *reader, const char **out_line, size_t *out_size_bytes);

/** Is the line that comes next, complete or not, longer than allowed? */
bool lun_line_reader_is_too_long(const struct lun_line_reader *reader);
/** Has part of a line come in? Meant for the end of the stream. */
bool lun_line_reader_is_empty(const struct lun_line_reader *reader);
