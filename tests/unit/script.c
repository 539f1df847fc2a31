// A scene's program in its VM: what stops it, what an error tells, what the callbacks get.
#include "script/script.h"

#include "check.h"
#include "lunette/params.h"
#include "scene_text.h"
#include "script/vm.h"

struct fixture {
	struct text_file files[3];
	struct lun_files opener;
	struct lun_world *world;   // owned
	struct lun_script *script; // owned; NULL when it did not load
	struct text_log log;
	struct lun_error err;
	enum lun_result rc;
};

static void set_up(struct fixture *f, const char *text)
{
	*f = (struct fixture){.files = {{"scene.lua", text}}};
	f->opener = (struct lun_files){.open = open_text, .data = f->files, .root = "test"};
	struct lun_format format = lun_format_default();
	f->world = lun_world_create("test", &format);
	f->world->files = &f->opener;
	f->world->log = keep_log;
	f->world->log_data = &f->log;
	f->rc = lun_script_create(f->world, "scene.lua", &f->script, &f->err);
	if (f->rc != LUN_OK)
		return;
	json_t *values = lun_param_values(f->world->declarations, NULL);
	lun_world_set_values(f->world, values);
	json_decref(values);
	f->rc = lun_script_load(f->script, NULL, &f->err);
}

static enum lun_result draw(struct fixture *f)
{
	struct lun_list *list = NULL;
	f->rc = lun_script_draw(f->script, LUN_DRAW_FRAME, &list, &f->err);
	lun_list_unref(list);
	return f->rc;
}

static void tear_down(struct fixture *f)
{
	lun_script_destroy(f->script);
	lun_world_destroy(f->world);
}

// Every way that is known to keep a Lua state busy for ever. The loop starts in line 2.
static const char *const endless[] = {
        "while true do end",
        "repeat until false",
        "goto again ::again:: goto again",
        "local n = 0 while true do n = n + 1 end",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(error, 'x') end",
        "while true do pcall(pcall, pcall, error) end",
        "local function f() return f() end f()",
        "coroutine.wrap(function() while true do end end)()",
        "while true do coroutine.wrap(function() while true do end end)() end",
        "while true do pcall(coroutine.wrap(function() while true do end end)) end",
        "while true do local c = coroutine.create(function() while true do end end) "
        "coroutine.resume(c) coroutine.close(c) end",
        "local function nest() coroutine.wrap(nest)() end while true do pcall(nest) end",
        "while true do local guard <close> = setmetatable({}, "
        "{ __close = function() while true do end end }) end",
        "local guard <close> = setmetatable({}, { __close = function() while true do end end }) "
        "error('first')",
        "local function guard() return setmetatable({}, { __close = function() "
        "while true do end end }) end while true do pcall(function() local g <close> = guard() "
        "error('x') end) end",
        "return setmetatable({}, { __index = function() while true do end end }).x",
        "return setmetatable({}, { __add = function() while true do end end }) + 1",
        "for _ in pairs(setmetatable({}, { __pairs = function() while true do end end })) do end",
        "return tostring(setmetatable({}, { __tostring = function() while true do end end }))",
        "local t = setmetatable({}, {}) getmetatable(t).__index = t "
        "while true do local _ = pcall(function() return t.x end) end",
        "table.sort({ 3, 2, 1 }, function() while true do end end)",
        "while true do pcall(table.sort, { 3, 2, 1 }, function() while true do end end) end",
        "string.gsub('aaa', 'a', function() while true do end end)",
        "while true do pcall(string.gsub, 'aaa', 'a', function() while true do end end) end",
        "while true do load(function() while true do end end) end",
        "while true do pcall(load, function() while true do end end) end",
        "for _ in (function() while true do end end) do end",
        "for _ in function() return 1 end do end",
        "table.sort({ 3, 2, 1 }, function() coroutine.wrap(function() while true do end end)() "
        "end)",
        "while true do string.rep('x', 100) end",
        "('a'):rep(30):find(('a-'):rep(30) .. 'b')",
        "pcall(string.match, ('a'):rep(60), ('.-'):rep(9) .. 'b') while true do end",
        "for _ in ('a'):rep(60):gmatch(('.-'):rep(9) .. 'b') do end",
        "('a'):rep(60):gsub(('.*'):rep(9) .. 'b', '')",
        "while true do cr:save() cr:restore() end",
        "while true do pcall(cr.translate, cr, 0, 0) end",
        "while true do cr:measure('x') end",
        "while true do gradient.linear(0, 0, 1, 1, { { 0, 'red' }, { 1, 'blue' } }) end",
        "while true do json.decode('[1,2,3]') end",
        "while true do clock.date('%Y') end",
        "while true do pcall(require, 'nowhere') end",
        "while true do print() end",
        "print(setmetatable({}, { __tostring = function() while true do end end }))",
        "local t = setmetatable({}, { __lt = function() while true do end end }) return t < t",
        "table.concat(setmetatable({}, { __index = function() while true do end end, "
        "__len = function() return 5 end }))",
        "table.unpack(setmetatable({}, { __index = function() while true do end end }), 1, 5)",
        "local t = {} for i = 1, 20000 do t['k' .. i] = i end while true do pcall(pairs, t) end",
        "local t = {} for i = 1, 20000 do t['k' .. i] = i end while true do pcall(next, t) end",
        "pcall(next, setmetatable({}, { __index = next })) while true do pcall(next, {}) end",
};

static void every_endless_draw_is_stopped_within_its_budget(void)
{
	for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++) {
		struct fixture f;
		char text[1024];
		(void)snprintf(
		        text, sizeof text, "return { draw = function(cr, frame)\n%s\nend }", endless[i]);
		set_up(&f, text);
		uint64_t start_ns = lun_thread_cpu_ns();
		enum lun_result rc = f.rc == LUN_OK ? draw(&f) : LUN_INVALID;
		uint64_t took_ns = lun_thread_cpu_ns() - start_ns;
		bool is_right = rc == LUN_LIMIT && f.err.line == 2 && took_ns < 2 * LUN_VM_CALLBACK_NS &&
		                strcmp(f.err.path, "scene.lua") == 0 && strstr(f.err.message, "250 ms");
		if (!is_right)
			printf("# %s\n# %d %s:%d: %s after %llu ms\n", endless[i], (int)rc, f.err.path,
			        f.err.line, f.err.message, (unsigned long long)(took_ns / 1000000));
		tear_down(&f);
		CHECK(is_right);
	}
}

static void a_stopped_scene_is_never_entered_again(void)
{
	struct fixture f;
	set_up(&f, "local n = 0 return { draw = function() n = n + 1 log.info('drawn ' .. n) "
	           "while true do end end, save = function() return { n } end, "
	           "event = function() log.info('event') end }");
	CHECK_EQ(draw(&f), LUN_LIMIT);
	f.log.text[0] = '\0';
	CHECK_EQ(draw(&f), LUN_LIMIT);
	CHECK_EQ(lun_script_event(f.script, "x", NULL, &f.err), LUN_LIMIT);
	CHECK(lun_script_save(f.script, &f.err) == NULL);
	CHECK_EQ(strlen(f.log.text), 0);
	tear_down(&f);
}

static void loading_has_a_budget_of_its_own(void)
{
	static const char *const texts[] = {
	        "\nwhile true do end return {}",
	        "return { draw = function() end, load = function()\nwhile true do end end }",
	};
	for (int i = 0; i < 2; i++) {
		struct fixture f;
		uint64_t start_ns = lun_thread_cpu_ns();
		set_up(&f, texts[i]);
		uint64_t took_ns = lun_thread_cpu_ns() - start_ns;
		CHECK_EQ(f.rc, LUN_LIMIT);
		CHECK_EQ(f.err.line, 2);
		CHECK(took_ns >= LUN_VM_LOAD_NS && took_ns < LUN_VM_LOAD_NS + LUN_VM_CALLBACK_NS);
		tear_down(&f);
	}
}

static void update_event_save_and_watchers_have_budgets(void)
{
	struct fixture f;
	const char *text = "local function loop() while true do end end "
	                   "return { draw = function() end, %s = loop }";
	char scene[256];
	(void)snprintf(scene, sizeof scene, text, "update");
	set_up(&f, scene);
	CHECK_EQ(draw(&f), LUN_LIMIT);
	tear_down(&f);
	(void)snprintf(scene, sizeof scene, text, "event");
	set_up(&f, scene);
	CHECK_EQ(lun_script_event(f.script, "x", NULL, &f.err), LUN_LIMIT);
	tear_down(&f);
	(void)snprintf(scene, sizeof scene, text, "save");
	set_up(&f, scene);
	CHECK(lun_script_save(f.script, &f.err) == NULL);
	CHECK_EQ(f.err.code, LUN_LIMIT);
	tear_down(&f);
	(void)snprintf(scene, sizeof scene, text, "watchers");
	set_up(&f, scene);
	CHECK_EQ(lun_script_watchers(f.script, 1, &f.err), LUN_LIMIT);
	tear_down(&f);
}

// What goes wrong is told with its place, and the scene draws on.
struct failure_case {
	const char *body, *message;
	int line;
};

static const struct failure_case failures[] = {
        {"error('oh dear')", "oh dear", 2},
        {"\nerror('later')", "later", 3},
        {"error('no place', 0)", "no place", 2},
        {"error({ code = 7 })", "(error object is a table value)", 2},
        {"error()", "(error object is a nil value)", 2},
        {"error(nil)", "(error object is a nil value)", 2},
        {"error(12)", "12", 2},
        {"error(true)", "(error object is a boolean value)", 2},
        {"error(setmetatable({}, { __tostring = function() while true do end end }))",
                "(error object is a table value)", 2},
        {"error('')", "", 2},
        {"error('a:b:c', 0)", "a:b:c", 2},
        {"error('other.lua:77: far away', 0)", "far away", 77},
        {"local x = nil + 1", "attempt to perform arithmetic on a nil value", 2},
        {"cr:no_such_method()", "the canvas has no method \"no_such_method\"", 2},
        {"cr:move_to(1)", "bad argument #2 to 'move_to' (number expected, got no value)", 2},
        {"cr.width = 5", "attempt to index a lunette.canvas value (local 'cr')", 2},
        {"coroutine.yield()", "attempt to yield out of a callback", 2},
        {"coroutine.yield(1, 2, 3)", "attempt to yield out of a callback", 2},
        {"pcall(coroutine.yield)", "attempt to yield out of a callback", 2},
        {"local function deep(n) return 1 + deep(n + 1) end deep(1)", "stack overflow", 2},
        {"local s = '.' s:rep(1 << 40)", "resulting string too large", 2},
        {"local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000000) .. i end", "not enough memory",
                2},
        {"local s = ('x'):rep(40 << 20) s = s .. s", "not enough memory", 2},
        {"string.format('%99999d', 1)", "invalid conversion", 2},
        {"local a <close> = setmetatable({}, { __close = function() error('closing') end }) "
         "error('first')",
                "first", 2},
        {"params.nothing = 1", "params are read-only", 2},
        {"return params.nothing", "there is no parameter \"nothing\"", 2},
        {"cr:restore()", "restore without a save", 2},
        {"cr:scale(0, 1)", "cannot be inverted", 2},
        {"cr:rotate(0/0)", "number is not finite", 2},
        {"for i = 1, 1e7 do cr:save() end", "more than 4096 saves without a restore", 2},
        {"for i = 1, 1e7 do cr:push_group() end", "more than 4096 groups left open", 2},
        {"for i = 1, 1e7 do cr:rectangle(0, 0, 9, 9) cr:clip() end",
                "more than 1024 clips inside each other", 2},
        {"for i = 1, 1e7 do cr:push_group() cr:paint() cr:pop_group_to_source() end",
                "groups drawn inside groups, more than 32 deep", 2},
        {"for i = 1, 30 do cr:push_group() cr:paint() cr:paint() cr:pop_group_to_source() end",
                "groups draw more than 1000000 operations", 2},
        {"for i = 1, 1e7 do cr:arc(9, 9, 9, 0, 600) end", "a path of more than 1000000 points", 2},
        {"local paint = cr.paint for i = 1, 1e7 do paint(cr) end",
                "more than 100000 draw operations in one frame", 2},
        {"require('nowhere')", "nowhere", 2},
        {"require('module')", "broken module", 3},
};

static void errors_name_their_place_and_the_scene_draws_on(void)
{
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
		const struct failure_case *c = &failures[i];
		struct fixture f;
		char text[1024];
		(void)snprintf(text, sizeof text,
		        "return { draw = function(cr, frame) if frame.number > 0 then return end\n%s\n"
		        "end }",
		        c->body);
		set_up(&f, text);
		f.files[1] = (struct text_file){"module.lua", "\n\nerror('broken module')"};
		enum lun_result rc = f.rc == LUN_OK ? draw(&f) : LUN_INVALID;
		bool is_right =
		        rc == LUN_SCRIPT && f.err.line == c->line && strstr(f.err.message, c->message);
		if (!is_right)
			printf("# %s\n# %d %s:%d: %s\n%s\n", c->body, (int)rc, f.err.path, f.err.line,
			        f.err.message, f.err.traceback);
		f.world->moment.number = 1;
		enum lun_result next = draw(&f);
		if (next != LUN_OK)
			printf("# %s: afterwards: %s\n", c->body, f.err.message);
		tear_down(&f);
		CHECK(is_right);
		CHECK_EQ(next, LUN_OK);
	}
}

static void a_traceback_names_the_functions(void)
{
	struct fixture f;
	set_up(&f, "local function inner()\n  error('x')\nend\nlocal function outer()\n  inner()\n"
	           "  return 1\nend\nreturn { draw = function() outer() return 1 end }");
	CHECK_EQ(draw(&f), LUN_SCRIPT);
	CHECK_EQ(f.err.line, 2);
	const char *inner = strstr(f.err.traceback, "scene.lua:2: in");
	const char *outer = strstr(f.err.traceback, "scene.lua:5: in");
	CHECK(inner && outer && inner < outer);
	CHECK(strstr(f.err.traceback, "scene.lua:8: in"));
	tear_down(&f);
}

// Deep nesting through C must be an error before it is a crash.
static const char *const deep[] = {
        "local function f() return pcall(f) end f()",
        "local function f() table.sort({ 3, 2, 1 }, f) end f()",
        "local function f() string.gsub('a', 'a', f) end f()",
        "local function f() return coroutine.wrap(f)() end f()",
        "local t = {} for i = 1, 1e5 do t = { t } end json.encode(t)",
        "json.decode(('['):rep(1e6))",
        "json.decode(('{\"a\":'):rep(1e5))",
        "local t = {} t[1] = t json.encode(t)",
        "load('return ' .. ('('):rep(1e5))()",
        "load('return ' .. ('{'):rep(1e5))()",
        "load(('a.'):rep(1e5))()",
        "local t = setmetatable({}, {}) for i = 1, 1e5 do t = setmetatable({}, { __index = t }) "
        "end return t.x",
        "local t = setmetatable({}, { __index = function(t, k) return t[k] end }) return t.x",
        "string.find(('a'):rep(300000), ('(a'):rep(100))",
        "string.find(('('):rep(300), ('%b()'):rep(2000))",
        "return table.unpack({}, 1, 1e7)",
        "return select('#', table.unpack({}, 1, 1e6))",
        "return string.char(table.unpack({}, 1, 300))",
        "return ('x'):rep(1e6):byte(1, -1)",
        "return math.max(table.unpack(setmetatable({}, { __index = function() return 1 end }), 1, "
        "200000))",
};

static void nothing_deep_or_large_breaks_the_process(void)
{
	for (size_t i = 0; i < sizeof deep / sizeof deep[0]; i++) {
		struct fixture f;
		char text[1024];
		(void)snprintf(text, sizeof text,
		        "return { draw = function(cr, frame) if frame.number > 0 then return end\n%s\n"
		        "end }",
		        deep[i]);
		set_up(&f, text);
		CHECK_EQ(f.rc, LUN_OK);
		enum lun_result rc = draw(&f);
		if (rc == LUN_OK || rc == LUN_SCRIPT) {
			f.world->moment.number = 1;
			rc = draw(&f);
			if (rc != LUN_OK)
				printf("# %s: afterwards: %s\n", deep[i], f.err.message);
			CHECK_EQ(rc, LUN_OK);
		} else {
			CHECK_EQ(rc, LUN_LIMIT);
		}
		tear_down(&f);
	}
}

TEST_MAIN(RUN(every_endless_draw_is_stopped_within_its_budget);
          RUN(a_stopped_scene_is_never_entered_again); RUN(loading_has_a_budget_of_its_own);
          RUN(update_event_save_and_watchers_have_budgets);
          RUN(errors_name_their_place_and_the_scene_draws_on); RUN(a_traceback_names_the_functions);
          RUN(nothing_deep_or_large_breaks_the_process);)
