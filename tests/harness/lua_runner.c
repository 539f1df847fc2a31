// Runs one file of tests/lua in a VM with the real sandbox and bindings, three times: as it is,
// with the garbage collector at every step, and with every allocation failing once. The file's
// chunk gets a table of helpers (see `helpers` below) as its argument. After each run the VM is
// destroyed, which asserts that no byte of Lua memory is left; LeakSanitizer watches the rest.
//
// Usage: lua-runner FILE.lua. A line `-- runs: once` leaves out the two repetitions.
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>

#include "scene/world.h"
#include "script/bind.h"
#include "script/sandbox.h"
#include "script/vm.h"

#define FILE_MAX_BYTES ((size_t)1 << 20)
#define LOG_MAX_LINES 64
#define SWEEP_NS ((uint64_t)12000000000)
#define BUDGET_NS ((uint64_t)60000000000)

struct run {
	struct lun_world *world;         // owned
	struct lun_folder_files *folder; // borrowed
	const char *file, *text;         // borrowed
	size_t length_bytes;
	char *log[LOG_MAX_LINES]; // owned
	int log_count;
	struct lun_list *list; // ref; what the last t.finish() recorded
	bool is_torture;
	long boot_allocations;
};

static void keep_line(void *data, enum lun_log_level level, const char *message)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	struct run *run = data;
	if (run->log_count < LOG_MAX_LINES)
		run->log[run->log_count++] = lun_format_string("%s: %s", names[level], message);
}

static struct run *run_of(lua_State *L)
{
	return lun_world_of(L)->log_data;
}

// t.log() -> list of lines, forgotten with that
static int l_test_log(lua_State *L)
{
	struct run *run = run_of(L);
	lua_createtable(L, run->log_count, 0);
	for (int i = 0; i < run->log_count; i++) {
		lua_pushstring(L, run->log[i]);
		lua_rawseti(L, -2, i + 1);
	}
	while (run->log_count > 0)
		free(run->log[--run->log_count]);
	return 1;
}

// t.begin([width, height]) -> cr
static int l_test_begin(lua_State *L)
{
	struct lun_world *world = lun_world_of(L);
	world->format.width_px = (int)luaL_optinteger(L, 1, 1920);
	world->format.height_px = (int)luaL_optinteger(L, 2, 1080);
	struct lun_box frame = {0, 0, world->format.width_px, world->format.height_px}, visible;
	cairo_matrix_t base;
	lun_world_base(world, &base, &visible);
	if (lun_recorder_is_begun(world->recorder))
		return luaL_error(L, "begun twice");
	lun_push_canvas(L);
	lun_recorder_begin(world->recorder, frame, visible, &base);
	return 1;
}

// t.finish() -> saves left open, operations, hash of the list, cairo's status
static int l_test_finish(lua_State *L)
{
	struct run *run = run_of(L);
	struct lun_recorder *recorder = run->world->recorder;
	luaL_argcheck(L, lun_recorder_is_begun(recorder), 1, "nothing was begun");
	cairo_status_t status = cairo_status(lun_recorder_cairo(recorder));
	int unbalanced;
	lun_list_unref(run->list);
	run->list = lun_recorder_end(recorder, &unbalanced);
	lua_pushinteger(L, unbalanced);
	lua_pushinteger(L, (lua_Integer)run->list->count);
	lua_pushinteger(L, (lua_Integer)run->list->hash);
	lua_pushstring(L, cairo_status_to_string(status));
	return 4;
}

// t.bounds(i) -> x0, y0, x1, y1 of an operation of the last list
static int l_test_bounds(lua_State *L)
{
	const struct run *run = run_of(L);
	lua_Integer i = luaL_checkinteger(L, 1);
	luaL_argcheck(L, run->list && i >= 1 && i <= (lua_Integer)run->list->count, 1, "no such op");
	struct lun_box box = run->list->ops[i - 1].bounds;
	lua_pushinteger(L, box.x0);
	lua_pushinteger(L, box.y0);
	lua_pushinteger(L, box.x1);
	lua_pushinteger(L, box.y1);
	return 4;
}

// t.declare(list of param.*, values): what loading a scene does
static int l_test_declare(lua_State *L)
{
	struct lun_world *world = lun_world_of(L);
	json_t *declarations = lun_check_json(L, 1);
	json_decref(world->declarations);
	world->declarations = declarations;
	json_t *values = lun_check_json(L, 2);
	lun_world_set_values(world, values);
	json_decref(values);
	return 0;
}

// t.feed(name, value, updated[, error])
static int l_test_feed(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1), *error = luaL_optstring(L, 4, NULL);
	double updated_s = luaL_checknumber(L, 3);
	json_t *value = lua_isnil(L, 2) ? NULL : lun_check_json(L, 2);
	lun_feeds_set(lun_world_of(L)->feeds, name, value, updated_s, error);
	json_decref(value);
	return 0;
}

// t.at(epoch[, tick]): the scene clock
static int l_test_at(lua_State *L)
{
	struct lun_world *world = lun_world_of(L);
	world->epoch_s = luaL_checknumber(L, 1);
	world->moment.number = (uint64_t)luaL_optinteger(L, 2, (lua_Integer)world->moment.number);
	world->moment.time_s = (double)world->moment.number / 30;
	return 0;
}

// t.zone(name): the default time zone
static int l_test_zone(lua_State *L)
{
	struct lun_world *world = lun_world_of(L);
	(void)snprintf(world->zone, sizeof world->zone, "%s", luaL_checkstring(L, 1));
	return 0;
}

// t.design(width, height)
static int l_test_design(lua_State *L)
{
	struct lun_world *world = lun_world_of(L);
	world->design_width = luaL_checknumber(L, 1);
	world->design_height = luaL_checknumber(L, 2);
	return 0;
}

static int append_piece(lua_State *L, const void *piece, size_t size_bytes, void *data)
{
	(void)L;
	luaL_addlstring(data, piece, size_bytes);
	return 0;
}

// t.dump(function) -> its binary chunk
static int l_test_dump(lua_State *L)
{
	luaL_Buffer buffer;
	luaL_checktype(L, 1, LUA_TFUNCTION);
	lua_settop(L, 1);
	// lua_dump() wants the function on top of a stack, and the buffer has its box there.
	lua_State *holder = lua_newthread(L);
	lua_pushvalue(L, 1);
	lua_xmove(L, holder, 1);
	luaL_buffinit(L, &buffer);
	(void)lua_dump(holder, append_piece, &buffer, 0);
	luaL_pushresult(&buffer);
	return 1;
}

static const luaL_Reg helpers[] = {
        {"log", l_test_log},
        {"begin", l_test_begin},
        {"finish", l_test_finish},
        {"bounds", l_test_bounds},
        {"declare", l_test_declare},
        {"feed", l_test_feed},
        {"at", l_test_at},
        {"zone", l_test_zone},
        {"design", l_test_design},
        {"dump", l_test_dump},
        {NULL, NULL},
};

// Helpers that are easier said in Lua.
static const char prelude[] =
        "local t = ...\n"
        "local pcall, error, tostring, find, type = pcall, error, tostring, string.find, type\n"
        "function t.check(condition, message)\n"
        "  if not condition then error(message or 'check failed', 2) end\n"
        "end\n"
        "function t.equal(got, want, message)\n"
        "  if got ~= want then\n"
        "    error((message and message .. ': ' or '') .. 'got ' .. tostring(got) ..\n"
        "      ', want ' .. tostring(want), 2)\n"
        "  end\n"
        "end\n"
        "function t.near(got, want, within, message)\n"
        "  if type(got) ~= 'number' or not (got - want <= (within or 1e-9) and\n"
        "      want - got <= (within or 1e-9)) then\n"
        "    error((message and message .. ': ' or '') .. 'got ' .. tostring(got) ..\n"
        "      ', want ' .. tostring(want), 2)\n"
        "  end\n"
        "end\n"
        "function t.raises(fn, text)\n"
        "  local ok, why = pcall(fn)\n"
        "  if ok then error('nothing raised; want: ' .. text, 2) end\n"
        "  if not find(tostring(why), text, 1, true) then\n"
        "    error('raised: ' .. tostring(why) .. '; want: ' .. text, 2)\n"
        "  end\n"
        "end\n"
        "function t.draw(fn, w, h)\n"
        "  local cr = t.begin(w, h)\n"
        "  local ok, why = pcall(fn, cr)\n"
        "  local unbalanced, count, hash, status = t.finish()\n"
        "  if not ok then error(why, 0) end\n"
        "  return unbalanced, count, hash, status\n"
        "end\n"
        "return t\n";

static int boot(lua_State *L)
{
	(void)lun_sandbox_open(L);
	return 0;
}

static int run_chunk(lua_State *L)
{
	const struct run *run = lua_touserdata(L, 1);
	if (run->is_torture)
		(void)lua_gc(L, LUA_GCINC, 1, 1000, 0);
	const char *chunk_name = lua_pushfstring(L, "@%s", run->file);
	if (lun_sandbox_load(L, run->text, run->length_bytes, chunk_name) != 1)
		return lua_error(L);
	if (luaL_loadbufferx(L, prelude, sizeof prelude - 1, "=helpers", "t") != LUA_OK)
		return lua_error(L);
	luaL_newlib(L, helpers);
	lun_vm_call(L, 1, 1, BUDGET_NS);
	lun_vm_call(L, 1, 0, BUDGET_NS);
	return 0;
}

static struct lun_world *create_world(struct run *run)
{
	struct lun_format format = lun_format_default();
	struct lun_world *world = lun_world_create("test", &format);
	world->files = &run->folder->files;
	world->log = keep_line;
	world->log_data = run;
	world->epoch_s = 1767225600; // 2026-01-01T00:00:00Z
	(void)snprintf(world->zone, sizeof world->zone, "UTC");
	return world;
}

// One VM's life. fail_after as in lun_vm, counted from an empty state. @return false when the
// script raised; *out_allocations counts what succeeded
static bool run_once(struct run *run, long fail_after, long *out_allocations, struct lun_error *err)
{
	const long plenty = LONG_MAX / 2;
	struct lun_vm *vm;
	run->world = create_world(run);
	if (lun_vm_create(run->world, &vm) != LUN_OK)
		abort();
	vm->fail_after = fail_after < 0 ? plenty : fail_after;
	enum lun_result rc = lun_vm_protect(vm, boot, NULL, err);
	run->boot_allocations = plenty - vm->fail_after;
	if (rc == LUN_OK)
		rc = lun_vm_protect(vm, run_chunk, run, err);
	*out_allocations = plenty - vm->fail_after;
	lun_assert(lua_gettop(vm->L) == 0);
	vm->fail_after = -1;
	lun_list_unref(run->list);
	run->list = NULL;
	lun_vm_destroy(vm);
	lun_world_destroy(run->world);
	while (run->log_count > 0)
		free(run->log[--run->log_count]);
	return rc == LUN_OK;
}

static int count;

static bool report(bool is_ok, const char *what, const struct lun_error *err)
{
	printf("%sok %d - %s\n", is_ok ? "" : "not ", ++count, what);
	if (!is_ok)
		printf("# %s:%d: %s\n# %s\n", err->path, err->line, err->message, err->traceback);
	return is_ok;
}

// Fails allocation after allocation. Setting the sandbox up is the same for every file: `boot`
// does it. Where there are more allocations than time, later ones are left out evenly.
static bool sweep(struct run *run, long first, long total)
{
	struct lun_error err;
	uint64_t until_ns = lun_now_ns() + SWEEP_NS;
	long tried = 0, step = 1, unused;
	for (long n = first; n < total; n += step) {
		(void)run_once(run, n, &unused, &err);
		tried++;
		uint64_t now_ns = lun_now_ns();
		if (now_ns >= until_ns)
			break;
		long affordable = (long)((double)tried * (double)(until_ns - now_ns) /
		                         (double)(now_ns + SWEEP_NS - until_ns + 1));
		step = affordable > 0 ? (total - n) / affordable + 1 : total;
	}
	printf("# %ld of %ld allocations failed in turn\n", tried, total - first);
	return tried > 0;
}

static char *read_file(const char *path, size_t *out_bytes)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	char *text = lun_alloc(FILE_MAX_BYTES);
	*out_bytes = fread(text, 1, FILE_MAX_BYTES - 1, file);
	(void)fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	struct lun_error err;
	struct lun_folder_files folder;
	struct run run = {.folder = &folder};
	long allocations, unused;
	char *slash = argc == 2 ? strrchr(argv[1], '/') : NULL;
	if (!slash) {
		(void)fprintf(stderr, "usage: lua-runner FOLDER/FILE.lua\n");
		return 2;
	}
	(void)setvbuf(stdout, NULL, _IONBF, 0);
	char *text = read_file(argv[1], &run.length_bytes);
	*slash = '\0';
	run.file = slash + 1;
	run.text = text;
	if (!text || lun_folder_files_init(&folder, argv[1], &err) != LUN_OK) {
		(void)fprintf(stderr, "cannot read %s\n", run.file);
		return 2;
	}
	bool is_ok = report(run_once(&run, -1, &allocations, &err), "runs", &err);
	if (is_ok && !strstr(text, "\n-- runs: once\n")) {
		long first = strstr(text, "\n-- sweep: boot\n") ? 0 : run.boot_allocations;
		run.is_torture = true;
		is_ok &= report(run_once(&run, -1, &unused, &err), "runs while collecting garbage", &err);
		run.is_torture = false;
		is_ok &= report(sweep(&run, first, allocations), "survives failing allocations", &err);
		is_ok &= report(run_once(&run, -1, &unused, &err), "runs as before", &err);
	}
	printf("1..%d\n", count);
	lun_folder_files_finish(&folder);
	free(text);
	return is_ok ? 0 : 1;
}
