// Which of some words was probably meant: for "did you mean" after a typing mistake.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "hostapp/cli/options.h"

#define MAX_WORD 32

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;
	return least < c ? least : c;
}

// Edits (insert, delete, replace, swap of neighbours) from one word to the other: the optimal
// string alignment distance, with three rows of the table.
static unsigned count_edits(const char *from, size_t from_length, const char *to, size_t to_length)
{
	unsigned rows[3][MAX_WORD + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];
	for (size_t j = 0; j <= to_length; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= from_length; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= to_length; j++) {
			unsigned replace = tolower((unsigned char)from[i - 1]) != to[j - 1];
			now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + replace);
			bool is_swap = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
			if (is_swap && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		unsigned *free_row = before;
		before = last;
		last = now;
		now = free_row;
	}
	return last[to_length];
}

const char *lun_nearest(const char *word, const char *const *candidates)
{
	size_t length = strlen(word);
	if (length == 0 || length > MAX_WORD)
		return NULL;
	const char *nearest = NULL;
	// A third of the word may be wrong, but one letter always.
	unsigned least = (unsigned)(length < 3 ? 1 : length / 3) + 1;
	for (; *candidates; candidates++) {
		size_t candidate_length = strlen(*candidates);
		if (candidate_length > MAX_WORD)
			continue;
		unsigned edits = count_edits(word, length, *candidates, candidate_length);
		if (length >= 3 && strncmp(word, *candidates, length) == 0)
			edits = 1;
		if (edits < least && edits < candidate_length) {
			least = edits;
			nearest = *candidates;
		}
	}
	return nearest;
}
