// Our find, match, gmatch and gsub against Lua's own: the same results, the same captures, the
// same errors, for patterns and subjects made up from their interesting characters.
#include <lualib.h>

#include "lunette/params.h"
#define PROP_CASES 20000
#include "prop.h"
#include "scene/world.h"
#include "script/bind.h"
#include "script/vm.h"

// Everything one pattern does to one subject, as one text.
static const char probe_source[] =
        "local function show(...)\n"
        "  local t = table.pack(...)\n"
        "  for i = 1, t.n do t[i] = type(t[i]) .. ':' .. tostring(t[i]) end\n"
        "  return table.concat(t, '|')\n"
        "end\n"
        "local s, p, r, i = ...\n"
        "local out = {}\n"
        "local function add(...) out[#out + 1] = show(...) end\n"
        "add(pcall(string.find, s, p, i))\n"
        "add(pcall(string.match, s, p, i))\n"
        "add(pcall(string.find, s, p, i, true))\n"
        "add(pcall(function()\n"
        "  local n = 0\n"
        "  for a, b, c in string.gmatch(s, p) do add(a, b, c) n = n + 1\n"
        "    if n > 40 then break end end\n"
        "end))\n"
        "add(pcall(string.gsub, s, p, r))\n"
        "add(pcall(string.gsub, s, p, r, i))\n"
        "add(pcall(string.gsub, s, p, { a = 'A', b = 1, ab = false, [1] = 'one' }))\n"
        "add(pcall(string.gsub, s, p, function(a, b) return b or a end))\n"
        "add(pcall(string.gsub, s, p, function() return nil end, 2))\n"
        "return table.concat(out, '\\n')\n";

static int run_probe(lua_State *L)
{
	if (luaL_loadstring(L, probe_source) != LUA_OK)
		return lua_error(L);
	lua_insert(L, 1);
	lua_call(L, 4, 1);
	return 1;
}

static lua_State *stock_state(void)
{
	static lua_State *L;
	if (!L) {
		L = luaL_newstate();
		luaL_openlibs(L);
	}
	return L;
}

static lua_State *our_state(void)
{
	static struct lun_vm *vm;
	if (!vm) {
		struct lun_format format = lun_format_default();
		if (lun_vm_create(lun_world_create("match", &format), &vm) != LUN_OK)
			abort();
		luaL_openlibs(vm->L);
		(void)lua_getglobal(vm->L, "string");
		lun_replace_matching(vm->L);
		lua_settop(vm->L, 0);
	}
	return vm->L;
}

struct probe {
	char subject[40], pattern[24], replacement[12];
	size_t subject_bytes, pattern_bytes, replacement_bytes;
	int init;
};

static const char *answer(lua_State *L, const struct probe *probe, size_t *out_bytes)
{
	lua_settop(L, 0);
	lua_pushcfunction(L, run_probe);
	lua_pushlstring(L, probe->subject, probe->subject_bytes);
	lua_pushlstring(L, probe->pattern, probe->pattern_bytes);
	lua_pushlstring(L, probe->replacement, probe->replacement_bytes);
	lua_pushinteger(L, probe->init);
	(void)lua_pcall(L, 4, 1, 0); // what it raises is an answer, too
	return lua_tolstring(L, -1, out_bytes);
}

static size_t make_text(struct gen *g, const char *const *words, int count, char *out, size_t room)
{
	size_t used = 0;
	for (int left = gen_range(g, 0, (int)room / 2); left > 0; left--) {
		const char *word = words[gen_range(g, 0, count - 1)];
		size_t length = *word ? strlen(word) : 1; // "" stands for a NUL
		if (used + length > room)
			break;
		memcpy(out + used, word, length);
		used += length;
	}
	return used;
}

static bool patterns_do_what_lua_does(struct gen *g)
{
	static const char *const letters[] = {
	        "a", "b", "c", "ab", "A", "0", "7", " ", "(", ")", "]", "%", "-", "\n", "\xe4", ""};
	static const char *const elements[] = {"a", "b", ".", "%a", "%d", "%s", "%W", "[ab]", "[^a]",
	        "[a-c]", "[%d-]", "[]]", "[^]", "[a-", "(", ")", "()", "(a", "(.)", "(.-)", "%1", "%2",
	        "%0", "%b()", "%bab", "%b", "%f[%a]", "%f[", "%f", "*", "+", "-", "?", "^", "$", "%",
	        "%%", "[%", "[", "]", "", "%z", "x"};
	static const char *const replacements[] = {"%0", "%1", "%2", "<", ">", "%%", "%", "%a", ""};
	struct probe probe = {0};
	probe.subject_bytes = make_text(g, letters, 16, probe.subject, sizeof probe.subject);
	probe.pattern_bytes = make_text(g, elements, 43, probe.pattern, sizeof probe.pattern);
	probe.replacement_bytes =
	        make_text(g, replacements, 9, probe.replacement, sizeof probe.replacement);
	probe.init = gen_range(g, -5, 12);
	size_t wanted_bytes, got_bytes;
	const char *wanted = answer(stock_state(), &probe, &wanted_bytes);
	const char *got = answer(our_state(), &probe, &got_bytes);
	if (wanted_bytes == got_bytes && memcmp(wanted, got, got_bytes) == 0)
		return true;
	printf("# subject \"%.*s\" pattern \"%.*s\" replacement \"%.*s\" init %d\n# Lua:\n%s\n# "
	       "ours:\n%s\n",
	        (int)probe.subject_bytes, probe.subject, (int)probe.pattern_bytes, probe.pattern,
	        (int)probe.replacement_bytes, probe.replacement, probe.init, wanted, got);
	return false;
}

PROPERTY(patterns_do_what_lua_does)
