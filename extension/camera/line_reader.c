// Cuts what a socket delivers into lines. It reads nothing itself and does not know what a line
// means.
#include "extension/camera/line_reader.h"

#include <stdlib.h>
#include <string.h>

#include "lunette/base.h"

void lun_line_reader_finish(struct lun_line_reader *reader)
{
	free(reader->bytes);
	memset(reader, 0, sizeof *reader);
}

char *lun_line_reader_room(struct lun_line_reader *reader, size_t size_bytes)
{
	if (reader->start) {
		memmove(reader->bytes, reader->bytes + reader->start, reader->end - reader->start);
		reader->scanned -= reader->start;
		reader->end -= reader->start;
		reader->start = 0;
	}
	if (reader->capacity_bytes - reader->end < size_bytes) {
		// Doubling: a line that comes byte by byte is not copied for each of them.
		size_t wanted = reader->end + size_bytes;
		size_t capacity = reader->capacity_bytes * 2;
		reader->capacity_bytes = capacity > wanted ? capacity : wanted;
		reader->bytes = realloc(reader->bytes, reader->capacity_bytes);
		lun_assert(reader->bytes);
	}
	return reader->bytes + reader->end;
}

void lun_line_reader_fill(struct lun_line_reader *reader, size_t size_bytes)
{
	lun_assert(size_bytes <= reader->capacity_bytes - reader->end);
	reader->end += size_bytes;
}

// Bytes of the next line with its newline, or of the part that is there.
static size_t next_size(const struct lun_line_reader *reader, bool *out_is_complete)
{
	*out_is_complete = false;
	if (reader->scanned == reader->end)
		return reader->end - reader->start;
	const char *from = reader->bytes + reader->scanned;
	const char *newline = memchr(from, '\n', reader->end - reader->scanned);
	*out_is_complete = newline != NULL;
	const char *stop = newline ? newline + 1 : reader->bytes + reader->end;
	return (size_t)(stop - reader->bytes) - reader->start;
}

bool lun_line_reader_take(
        struct lun_line_reader *reader, const char **out_line, size_t *out_size_bytes)
{
	bool is_complete;
	size_t size = next_size(reader, &is_complete);
	if (!is_complete) {
		reader->scanned = reader->end;
		return false;
	}
	if (size > LUN_LINE_MAX_BYTES)
		return false;
	*out_line = reader->bytes + reader->start;
	*out_size_bytes = size - 1;
	reader->start += size;
	reader->scanned = reader->start;
	reader->taken_bytes += size;
	return true;
}

bool lun_line_reader_is_too_long(const struct lun_line_reader *reader)
{
	bool is_complete;
	size_t size = next_size(reader, &is_complete);
	// A line without its newline needs room for it.
	return size + (is_complete ? 0 : 1) > LUN_LINE_MAX_BYTES;
}

bool lun_line_reader_is_empty(const struct lun_line_reader *reader)
{
	return reader->start == reader->end;
}
