// string.find, match, gmatch and gsub on the matcher that can be stopped. They replace Lua's own,
// whose backtracking no hook can interrupt; everything else of `string` is Lua's.
#include <string.h>

#include "script/bind.h"
#include "script/match.h"

#define SPECIALS "^$*+?.([%-"

static bool may_go_on(void *data)
{
	return !lun_vm_is_spent(data);
}

static void begin(lua_State *L, struct lun_match *match, int subject_arg, int pattern_arg)
{
	size_t subject_bytes, pattern_bytes;
	match->subject = luaL_checklstring(L, subject_arg, &subject_bytes);
	match->pattern = luaL_checklstring(L, pattern_arg, &pattern_bytes);
	match->subject_end = match->subject + subject_bytes;
	match->pattern_end = match->pattern + pattern_bytes;
	match->may_go_on = may_go_on;
	match->data = L;
	match->steps = 0;
	match->captures_count = 0;
	match->error = NULL;
}

static const char *match_at(lua_State *L, struct lun_match *match, const char *at)
{
	const char *end = lun_match_at(match, at);
	if (match->error)
		(void)luaL_error(L, "%s", match->error);
	return end;
}

// Capture i; the whole match, from start to end, is capture 0 of a pattern without any.
static void push_capture(
        lua_State *L, const struct lun_match *match, int i, const char *start, const char *end)
{
	if (i >= match->captures_count) {
		if (i != 0)
			(void)luaL_error(L, "invalid capture index %%%d", i + 1);
		lua_pushlstring(L, start, (size_t)(end - start));
		return;
	}
	ptrdiff_t length = match->captures[i].length;
	if (length == LUN_CAPTURE_OPEN)
		(void)luaL_error(L, "unfinished capture");
	if (length == LUN_CAPTURE_POSITION)
		lua_pushinteger(L, match->captures[i].start - match->subject + 1);
	else
		lua_pushlstring(L, match->captures[i].start, (size_t)length);
}

// start NULL: only what the pattern captured.
static int push_captures(
        lua_State *L, const struct lun_match *match, const char *start, const char *end)
{
	int count = match->captures_count == 0 && start ? 1 : match->captures_count;
	luaL_checkstack(L, count, "too many captures");
	for (int i = 0; i < count; i++)
		push_capture(L, match, i, start, end);
	return count;
}

// Where a search begins: init counts from 1, or from the end when it is negative.
static size_t check_start(lua_State *L, int arg, size_t subject_bytes)
{
	lua_Integer init = luaL_optinteger(L, arg, 1);
	if (init > 0)
		return (size_t)init - 1;
	if (init == 0 || init < -(lua_Integer)subject_bytes)
		return 0;
	return subject_bytes + (size_t)init;
}

static bool has_specials(const struct lun_match *match)
{
	for (const char *p = match->pattern; p < match->pattern_end; p++) {
		if (*p && strchr(SPECIALS, *p))
			return true;
	}
	return false;
}

static int find_plain(lua_State *L, const struct lun_match *match, size_t start)
{
	size_t pattern_bytes = (size_t)(match->pattern_end - match->pattern);
	const char *from = match->subject + start;
	const char *found =
	        memmem(from, (size_t)(match->subject_end - from), match->pattern, pattern_bytes);
	if (!found) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, found - match->subject + 1);
	lua_pushinteger(L, found - match->subject + (lua_Integer)pattern_bytes);
	return 2;
}

// A '^' at the beginning ties the pattern to one place. @return true when there was one
static bool take_anchor(struct lun_match *match)
{
	bool is_anchored = match->pattern < match->pattern_end && *match->pattern == '^';
	match->pattern += is_anchored;
	return is_anchored;
}

static int search(lua_State *L, bool is_find)
{
	struct lun_match match;
	begin(L, &match, 1, 2);
	size_t subject_bytes = (size_t)(match.subject_end - match.subject);
	size_t start = check_start(L, 3, subject_bytes);
	if (start > subject_bytes) {
		lua_pushnil(L);
		return 1;
	}
	if (is_find && (lua_toboolean(L, 4) || !has_specials(&match)))
		return find_plain(L, &match, start);
	bool is_anchored = take_anchor(&match);
	const char *s = match.subject + start;
	do {
		const char *end = match_at(L, &match, s);
		if (end && is_find) {
			lua_pushinteger(L, s - match.subject + 1);
			lua_pushinteger(L, end - match.subject);
			return push_captures(L, &match, NULL, NULL) + 2;
		}
		if (end)
			return push_captures(L, &match, s, end);
	} while (s++ < match.subject_end && !is_anchored);
	lua_pushnil(L);
	return 1;
}

static int l_string_find(lua_State *L)
{
	return search(L, true);
}

static int l_string_match(lua_State *L)
{
	return search(L, false);
}

/* gmatch: upvalues are subject, pattern and where it is. */

struct gmatch_state {
	size_t next;     // offset of the next attempt
	size_t last_end; // offset behind the last match
	bool has_last;
};

static int gmatch_next(lua_State *L)
{
	struct lun_match match;
	struct gmatch_state *state = lua_touserdata(L, lua_upvalueindex(3));
	begin(L, &match, lua_upvalueindex(1), lua_upvalueindex(2));
	size_t subject_bytes = (size_t)(match.subject_end - match.subject);
	for (size_t at = state->next; at <= subject_bytes; at++) {
		const char *end = match_at(L, &match, match.subject + at);
		// An empty match right behind the last match is that match's end, found again.
		if (!end || (state->has_last && (size_t)(end - match.subject) == state->last_end))
			continue;
		state->next = state->last_end = (size_t)(end - match.subject);
		state->has_last = true;
		return push_captures(L, &match, match.subject + at, end);
	}
	return 0;
}

static int l_string_gmatch(lua_State *L)
{
	size_t subject_bytes;
	(void)luaL_checklstring(L, 1, &subject_bytes);
	(void)luaL_checkstring(L, 2);
	size_t start = check_start(L, 3, subject_bytes);
	lua_settop(L, 2);
	struct gmatch_state *state = lua_newuserdatauv(L, sizeof *state, 0);
	*state = (struct gmatch_state){.next = start};
	lua_pushcclosure(L, gmatch_next, 3);
	return 1;
}

/* gsub */

// The replacement text with its %0 to %9 filled in.
static void add_text(lua_State *L, luaL_Buffer *out, const struct lun_match *match,
        const char *start, const char *end)
{
	size_t bytes;
	const char *text = lua_tolstring(L, 3, &bytes), *text_end = text + bytes;
	const char *percent;
	while ((percent = memchr(text, '%', (size_t)(text_end - text)))) {
		luaL_addlstring(out, text, (size_t)(percent - text));
		char kind = percent + 1 < text_end ? percent[1] : 0;
		if (kind == '%') {
			luaL_addchar(out, '%');
		} else if (kind == '0') {
			luaL_addlstring(out, start, (size_t)(end - start));
		} else if (kind >= '1' && kind <= '9') {
			push_capture(L, match, kind - '1', start, end);
			(void)luaL_tolstring(L, -1, NULL); // a position is a number
			lua_remove(L, -2);
			luaL_addvalue(out);
		} else {
			(void)luaL_error(L, "invalid use of '%%' in replacement string");
		}
		text = percent + 2;
	}
	luaL_addlstring(out, text, (size_t)(text_end - text));
}

// What a table or a function says about a match; false and nil keep it. @return was it replaced?
static bool add_value(lua_State *L, luaL_Buffer *out, const struct lun_match *match,
        const char *start, const char *end, int type)
{
	if (type == LUA_TFUNCTION) {
		lua_pushvalue(L, 3);
		int count = push_captures(L, match, start, end);
		lua_call(L, count, 1);
	} else if (type == LUA_TTABLE) {
		push_capture(L, match, 0, start, end);
		(void)lua_gettable(L, 3);
	} else {
		add_text(L, out, match, start, end);
		return true;
	}
	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		luaL_addlstring(out, start, (size_t)(end - start));
		return false;
	}
	if (!lua_isstring(L, -1))
		(void)luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
	luaL_addvalue(out);
	return true;
}

static int l_string_gsub(lua_State *L)
{
	struct lun_match match;
	begin(L, &match, 1, 2);
	const char *s = match.subject, *last_end = NULL;
	int type = lua_type(L, 3);
	luaL_argexpected(L,
	        type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
	                type == LUA_TTABLE,
	        3, "string/function/table");
	lua_Integer most = luaL_optinteger(L, 4, match.subject_end - match.subject + 1), count = 0;
	bool is_anchored = take_anchor(&match), is_changed = false;
	luaL_Buffer out;
	luaL_buffinit(L, &out);
	while (count < most) {
		const char *end = match_at(L, &match, s);
		if (end && end != last_end) {
			count++;
			is_changed = add_value(L, &out, &match, s, end, type) || is_changed;
			s = last_end = end;
		} else if (s < match.subject_end) {
			luaL_addchar(&out, *s++);
		} else {
			break;
		}
		if (is_anchored)
			break;
	}
	if (is_changed) {
		luaL_addlstring(&out, s, (size_t)(match.subject_end - s));
		luaL_pushresult(&out);
	} else {
		lua_pushvalue(L, 1);
	}
	lua_pushinteger(L, count);
	return 2;
}

void lun_replace_matching(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"find", l_string_find},
	        {"match", l_string_match},
	        {"gmatch", l_string_gmatch},
	        {"gsub", l_string_gsub},
	        {NULL, NULL},
	};
	luaL_setfuncs(L, functions, 0);
}
