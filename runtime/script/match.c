// A backtracking matcher for Lua's patterns. An attempt walks subject and pattern together; where
// there is a choice, it tries one way by calling itself and takes the other when that fails.
#include "script/match.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define STEPS_BETWEEN_QUESTIONS 4096

// One element of a pattern that matches one character, and what follows it.
struct element {
	const char *text, *end; // "a", ".", "%d", "[^a-z]"
	char repeat;            // '*', '+', '-', '?' or 0
	const char *next;       // the pattern behind element and repeat
};

static const char *attempt(struct lun_match *m, const char *s, const char *p);

static const char *fail(struct lun_match *m, const char *why)
{
	if (!m->error)
		m->error = why;
	return NULL;
}

// Counts work. @return false when the match has to end
static bool step(struct lun_match *m)
{
	if (++m->steps % STEPS_BETWEEN_QUESTIONS == 0 && m->may_go_on && !m->may_go_on(m->data))
		(void)fail(m, "the script was stopped");
	return !m->error;
}

/* Characters. */

// Is c in the class that a letter names (%a, %d, ...)? Any other character stands for itself.
static bool is_in_class(unsigned char c, unsigned char letter)
{
	bool is_in;
	switch (tolower(letter)) {
	case 'a':
		is_in = isalpha(c);
		break;
	case 'c':
		is_in = iscntrl(c);
		break;
	case 'd':
		is_in = isdigit(c);
		break;
	case 'g':
		is_in = isgraph(c);
		break;
	case 'l':
		is_in = islower(c);
		break;
	case 'p':
		is_in = ispunct(c);
		break;
	case 's':
		is_in = isspace(c);
		break;
	case 'u':
		is_in = isupper(c);
		break;
	case 'w':
		is_in = isalnum(c);
		break;
	case 'x':
		is_in = isxdigit(c);
		break;
	case 'z': // not in the manual any more, but there
		is_in = c == 0;
		break;
	default:
		return letter == c;
	}
	return isupper(letter) ? !is_in : is_in;
}

// The set from '[' to its ']'. A range is two characters around a '-' that is not the last one.
static bool is_in_set(unsigned char c, const char *set, const char *set_end)
{
	const char *p = set + 1, *last = set_end - 1;
	bool wanted = true;
	if (*p == '^') {
		wanted = false;
		p++;
	}
	for (; p < last; p++) {
		if (*p == '%') {
			p++;
			if (is_in_class(c, (unsigned char)*p))
				return wanted;
		} else if (p[1] == '-' && p + 2 < last) {
			if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2])
				return wanted;
			p += 2;
		} else if ((unsigned char)*p == c) {
			return wanted;
		}
	}
	return !wanted;
}

static bool is_match_of_one(const struct lun_match *m, const char *s, const struct element *e)
{
	if (s >= m->subject_end)
		return false;
	unsigned char c = (unsigned char)*s;
	switch (*e->text) {
	case '.':
		return true;
	case '%':
		return is_in_class(c, (unsigned char)e->text[1]);
	case '[':
		return is_in_set(c, e->text, e->end);
	default:
		return (unsigned char)*e->text == c;
	}
}

/* Reading the pattern. */

// Where the set that begins at p ends, behind its ']'; a ']' right at its beginning is a member.
static const char *end_of_set(struct lun_match *m, const char *p)
{
	p++;
	if (p < m->pattern_end && *p == '^')
		p++;
	do {
		if (p >= m->pattern_end)
			return fail(m, "malformed pattern (missing ']')");
		if (*p++ == '%') {
			if (p >= m->pattern_end)
				return fail(m, "malformed pattern (missing ']')");
			p++;
		}
	} while (p >= m->pattern_end || *p != ']');
	return p + 1;
}

static const char *end_of_one(struct lun_match *m, const char *p)
{
	if (*p == '%')
		return p + 1 < m->pattern_end ? p + 2 : fail(m, "malformed pattern (ends with '%')");
	return *p == '[' ? end_of_set(m, p) : p + 1;
}

static bool read_element(struct lun_match *m, const char *p, struct element *out)
{
	out->text = p;
	out->end = end_of_one(m, p);
	if (!out->end)
		return false;
	out->repeat = out->end < m->pattern_end && strchr("*+-?", *out->end) ? *out->end : 0;
	out->next = out->end + (out->repeat ? 1 : 0);
	return true;
}

/* Repetitions. */

static const char *match_most(struct lun_match *m, const char *s, const struct element *e)
{
	ptrdiff_t count = 0;
	while (is_match_of_one(m, s + count, e) && step(m))
		count++;
	for (; count >= 0 && !m->error; count--) {
		const char *end = attempt(m, s + count, e->next);
		if (end)
			return end;
	}
	return NULL;
}

static const char *match_fewest(struct lun_match *m, const char *s, const struct element *e)
{
	while (step(m)) {
		const char *end = attempt(m, s, e->next);
		if (end || !is_match_of_one(m, s, e))
			return end;
		s++;
	}
	return NULL;
}

/* Captures. */

static const char *open_capture(struct lun_match *m, const char *s, const char *p, ptrdiff_t length)
{
	if (m->captures_count >= LUN_MATCH_CAPTURES)
		return fail(m, "too many captures");
	m->captures[m->captures_count].start = s;
	m->captures[m->captures_count].length = length;
	m->captures_count++;
	const char *end = attempt(m, s, p);
	if (!end)
		m->captures_count--;
	return end;
}

static const char *close_capture(struct lun_match *m, const char *s, const char *p)
{
	int i = m->captures_count - 1;
	while (i >= 0 && m->captures[i].length != LUN_CAPTURE_OPEN)
		i--;
	if (i < 0)
		return fail(m, "invalid pattern capture");
	m->captures[i].length = s - m->captures[i].start;
	const char *end = attempt(m, s, p);
	if (!end)
		m->captures[i].length = LUN_CAPTURE_OPEN;
	return end;
}

// %1 to %9: what a capture holds, once more. @return behind it
static const char *match_capture(struct lun_match *m, const char *s, char digit)
{
	int i = digit - '1';
	if (i < 0 || i >= m->captures_count || m->captures[i].length == LUN_CAPTURE_OPEN) {
		(void)snprintf(m->error_text, sizeof m->error_text, "invalid capture index %%%d", i + 1);
		return fail(m, m->error_text);
	}
	// A position's length is a huge number to Lua, so nothing is ever long enough for it.
	size_t length = (size_t)m->captures[i].length;
	if ((size_t)(m->subject_end - s) < length || memcmp(m->captures[i].start, s, length) != 0)
		return NULL;
	return s + length;
}

/* Elements that are no single character. */

// %bxy: from an x to the y that balances it. p is behind "%b". @return behind the y
static const char *match_balance(struct lun_match *m, const char *s, const char *p)
{
	if (p + 1 >= m->pattern_end)
		return fail(m, "malformed pattern (missing arguments to '%b')");
	if (s >= m->subject_end || *s != *p)
		return NULL;
	for (ptrdiff_t open = 1; ++s < m->subject_end && step(m);) {
		if (*s == p[1] && --open == 0)
			return s + 1;
		if (*s == p[0] && *s != p[1])
			open++;
	}
	return NULL;
}

// %f[set]: between a character outside the set and one inside. p is at the set.
static bool is_frontier(struct lun_match *m, const char *s, const char *p, const char **out_next)
{
	if (p >= m->pattern_end || *p != '[')
		return fail(m, "missing '[' after '%f' in pattern");
	const char *set_end = end_of_one(m, p);
	if (!set_end)
		return false;
	unsigned char before = s == m->subject ? 0 : (unsigned char)s[-1];
	unsigned char after = s < m->subject_end ? (unsigned char)*s : 0;
	*out_next = set_end;
	return !is_in_set(before, p, set_end) && is_in_set(after, p, set_end);
}

enum outcome { OUTCOME_END, OUTCOME_GO_ON, OUTCOME_ORDINARY };

// A '%' that begins something other than a class. On OUTCOME_GO_ON, s and p are behind it; on
// OUTCOME_END, it did not match.
static enum outcome match_special(struct lun_match *m, const char **s, const char **p)
{
	char kind = *p + 1 < m->pattern_end ? (*p)[1] : 0;
	if (kind == 'b') {
		*s = match_balance(m, *s, *p + 2);
		*p += 4;
	} else if (kind == 'f') {
		const char *next = NULL;
		if (!is_frontier(m, *s, *p + 2, &next))
			return OUTCOME_END;
		*p = next;
	} else if (*p + 1 < m->pattern_end && isdigit((unsigned char)kind)) {
		*s = match_capture(m, *s, kind);
		*p += 2;
	} else {
		return OUTCOME_ORDINARY;
	}
	return *s ? OUTCOME_GO_ON : OUTCOME_END;
}

// One character, repeated or not. On OUTCOME_END, *s is the end of the whole match or NULL.
static enum outcome match_element(struct lun_match *m, const char **s, const char **p)
{
	struct element e;
	const char *end = NULL;
	if (!read_element(m, *p, &e)) {
		*s = NULL;
		return OUTCOME_END;
	}
	bool is_one = is_match_of_one(m, *s, &e);
	if (!is_one && e.repeat && e.repeat != '+') { // none of it
		*p = e.next;
		return OUTCOME_GO_ON;
	}
	switch (e.repeat) {
	case '*':
		end = match_most(m, *s, &e);
		break;
	case '+':
		end = is_one ? match_most(m, *s + 1, &e) : NULL;
		break;
	case '-':
		end = match_fewest(m, *s, &e);
		break;
	case '?':
		end = attempt(m, *s + 1, e.next);
		if (end || m->error)
			break;
		*p = e.next;
		return OUTCOME_GO_ON;
	default:
		if (is_one) {
			(*s)++;
			*p = e.next;
			return OUTCOME_GO_ON;
		}
	}
	*s = end;
	return OUTCOME_END;
}

static const char *walk(struct lun_match *m, const char *s, const char *p)
{
	while (p < m->pattern_end && step(m)) {
		if (*p == '(') {
			bool is_position = p + 1 < m->pattern_end && p[1] == ')';
			return is_position ? open_capture(m, s, p + 2, LUN_CAPTURE_POSITION)
			                   : open_capture(m, s, p + 1, LUN_CAPTURE_OPEN);
		}
		if (*p == ')')
			return close_capture(m, s, p + 1);
		if (*p == '$' && p + 1 == m->pattern_end)
			return s == m->subject_end ? s : NULL;
		enum outcome outcome = *p == '%' ? match_special(m, &s, &p) : OUTCOME_ORDINARY;
		if (outcome == OUTCOME_END)
			return NULL;
		if (outcome == OUTCOME_ORDINARY && match_element(m, &s, &p) == OUTCOME_END)
			return s;
	}
	return m->error ? NULL : s;
}

static const char *attempt(struct lun_match *m, const char *s, const char *p)
{
	if (m->depth == 0)
		return fail(m, "pattern too complex");
	m->depth--;
	const char *end = walk(m, s, p);
	m->depth++;
	return m->error ? NULL : end;
}

const char *lun_match_at(struct lun_match *match, const char *at)
{
	match->captures_count = 0;
	match->error = NULL;
	match->depth = LUN_MATCH_DEPTH;
	return attempt(match, at, match->pattern);
}
