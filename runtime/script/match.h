/**
 * Lua patterns, matched by a matcher that can be stopped.
 *
 * What matches, what is captured and which patterns are errors is exactly as in Lua 5.4 (reference
 * manual 6.4.1); the difference is that every step is counted and, now and then, permission is
 * asked to go on. No Lua in here. Thread: one matcher, one thread.
 */
#pragma once

#include "lunette/base.h"

#define LUN_MATCH_CAPTURES 32
#define LUN_MATCH_DEPTH 200 /**< Lua's own limit of nested attempts */

/* In place of a capture's length. */
#define LUN_CAPTURE_OPEN (-1)
#define LUN_CAPTURE_POSITION (-2)

struct lun_match {
	const char *subject, *subject_end;
	const char *pattern, *pattern_end;

	/** Asked every some thousand steps; false ends the match with an error. */
	bool (*may_go_on)(void *data);
	void *data;

	/* after a match */
	int captures_count;
	struct {
		const char *start;
		ptrdiff_t length; /**< or LUN_CAPTURE_POSITION, or LUN_CAPTURE_OPEN */
	} captures[LUN_MATCH_CAPTURES];

	/** NULL, or what is wrong with the pattern; holds until the next attempt. */
	const char *error;

	// private
	char error_text[64];
	int depth;
	unsigned long steps;
};

/**
 * Try to match the whole pattern at one place of the subject.
 *
 * @return the end of the match; NULL when it does not match or error is set
 */
const char *lun_match_at(struct lun_match *match, const char *at);
