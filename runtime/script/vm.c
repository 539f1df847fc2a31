// The bounded Lua state: allocator, budget and the only entry into Lua. What a script may call is
// decided by the sandbox and the bindings.
#include "script/vm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lunette/log.h"

#define HOOK_INSTRUCTIONS 1000

static void *allocate(void *data, void *memory, size_t old_bytes, size_t new_bytes)
{
	struct lun_vm *vm = data;
	size_t held_bytes = memory ? old_bytes : 0; // without memory, Lua passes a type tag
	if (new_bytes == 0) {
		free(memory);
		vm->used_bytes -= held_bytes;
		return NULL;
	}
	if (!memory && old_bytes == LUA_TSTRING && new_bytes > LUN_VM_STRING_BYTES + 64) {
		vm->has_refused_string = true; // 64: its header
		return NULL;
	}
	if (new_bytes > held_bytes) {
		if (vm->used_bytes - held_bytes + new_bytes > vm->limit_bytes)
			return NULL;
		if (vm->fail_after == 0)
			return NULL;
		if (vm->fail_after > 0)
			vm->fail_after--;
	}
	void *fresh = realloc(memory, new_bytes);
	if (fresh)
		vm->used_bytes += new_bytes - held_bytes;
	return fresh;
}

struct lun_vm *lun_vm_of(lua_State *L)
{
	return *(struct lun_vm **)lua_getextraspace(L);
}

struct lun_world *lun_world_of(lua_State *L)
{
	return lun_vm_of(L)->world;
}

// The innermost line of a file that is running; without one, of any chunk.
static bool find_position(lua_State *L, lua_Debug *out_ar)
{
	lua_Debug ar;
	bool is_found = false;
	for (int level = 0; lua_getstack(L, level, &ar); level++) {
		if (!lua_getinfo(L, "Sl", &ar) || ar.currentline <= 0)
			continue;
		if (!is_found || *ar.source == '@')
			*out_ar = ar;
		is_found = true;
		if (*ar.source == '@')
			break;
	}
	return is_found;
}

static void note_position(struct lun_vm *vm, lua_State *L)
{
	lua_Debug ar;
	if (find_position(L, &ar))
		(void)snprintf(vm->killed_at, sizeof vm->killed_at, "%s:%d", ar.short_src, ar.currentline);
}

// Wall time costs 25 ns to read, CPU time a system call: the first decides whether to ask for the
// second.
static bool is_budget_spent(const struct lun_vm *vm)
{
	return lun_now_ns() - vm->start_wall_ns > vm->budget_ns &&
	       lun_thread_cpu_ns() - vm->start_cpu_ns > vm->budget_ns;
}

static void kill_vm(struct lun_vm *vm, lua_State *L);

bool lun_vm_is_spent(lua_State *L)
{
	struct lun_vm *vm = lun_vm_of(L);
	if (!vm->is_killed && is_budget_spent(vm))
		kill_vm(vm, L);
	return vm->is_killed;
}

// A yield cannot be caught by pcall. Where a C function stands between (table.sort), it becomes
// an error that can; so from the kill on, the hook fires at every instruction.
static void check_budget(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	if (!lun_vm_is_spent(L))
		return;
	lua_sethook(L, check_budget, LUA_MASKCOUNT, 1);
	if (lua_isyieldable(L))
		(void)lua_yield(L, 0);
	else
		(void)luaL_error(L, "the script was stopped");
}

static void kill_vm(struct lun_vm *vm, lua_State *L)
{
	note_position(vm, L);
	vm->is_killed = true;
	lua_sethook(L, check_budget, LUA_MASKCOUNT, 1);
}

void lun_vm_check_budget(lua_State *L)
{
	struct lun_vm *vm = lun_vm_of(L);
	if (!vm->is_killed && !is_budget_spent(vm))
		return;
	if (!vm->is_killed)
		note_position(vm, L);
	vm->is_killed = true;
	lua_sethook(L, check_budget, LUA_MASKCOUNT, 1);
	(void)luaL_error(L, "the script was stopped");
}

static int panic(lua_State *L)
{
	const char *message = lua_tostring(L, -1);
	(void)fprintf(stderr, "lunette: bug: unprotected Lua error: %s\n", message ? message : "?");
	abort();
}

static void warn(void *data, const char *message, int to_continue)
{
	(void)data;
	(void)to_continue;
	lun_log(LUN_LOG_WARN, "lua: %s", message);
}

static int make_coroutine(lua_State *L)
{
	struct lun_vm *vm = lun_vm_of(L);
	vm->co = lua_newthread(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, vm);
	return 0;
}

enum lun_result lun_vm_create(struct lun_world *world, struct lun_vm **out_vm)
{
	struct lun_vm *vm = lun_alloc(sizeof *vm);
	vm->world = world;
	vm->limit_bytes = LUN_VM_MEMORY_BYTES;
	vm->fail_after = -1;
	vm->L = lua_newstate(allocate, vm);
	if (!vm->L) {
		free(vm);
		return LUN_NOMEM;
	}
	*(struct lun_vm **)lua_getextraspace(vm->L) = vm; // new threads inherit it, and the hook
	(void)lua_atpanic(vm->L, panic);
	lua_setwarnf(vm->L, warn, vm);
	lua_sethook(vm->L, check_budget, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
	vm->budget_ns = UINT64_MAX;
	if (lun_vm_protect(vm, make_coroutine, NULL, NULL) != LUN_OK) {
		lun_vm_destroy(vm);
		return LUN_NOMEM;
	}
	*out_vm = vm;
	return LUN_OK;
}

struct lun_held *lun_vm_hold(struct lun_vm *vm, void *object, void (*release)(void *object))
{
	struct lun_held *held = lun_alloc(sizeof *held);
	*held = (struct lun_held){.next = vm->held, .object = object, .release = release};
	if (vm->held)
		vm->held->previous = held;
	vm->held = held;
	return held;
}

void lun_vm_let_go(struct lun_vm *vm, struct lun_held *held)
{
	if (!held)
		return;
	if (held->next)
		held->next->previous = held->previous;
	*(held->previous ? &held->previous->next : &vm->held) = held->next;
	free(held);
}

void lun_vm_destroy(struct lun_vm *vm)
{
	if (!vm)
		return;
	lua_sethook(vm->L, NULL, 0, 0);
	// Finalisers run once and need a little stack: none may fail for want of it.
	vm->limit_bytes = SIZE_MAX;
	vm->fail_after = -1;
	lua_close(vm->L);
	lun_assert(vm->used_bytes == 0);
	while (vm->held) {
		vm->held->release(vm->held->object);
		lun_vm_let_go(vm, vm->held);
	}
	free(vm);
}

// "scene.lua:12: what happened" into its parts; no metamethod of the script is run for it.
static void describe_error(lua_State *L, int index, struct lun_error *err)
{
	const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL;
	char number[64];
	if (lua_type(L, index) == LUA_TNUMBER) {
		(void)snprintf(number, sizeof number, "%.14g", lua_tonumber(L, index));
		text = number;
	}
	if (!text) {
		(void)snprintf(err->message, sizeof err->message, "(error object is a %s value)",
		        luaL_typename(L, index));
		return;
	}
	const char *colon = strchr(text, ':');
	char *end = NULL;
	long line = colon ? strtol(colon + 1, &end, 10) : 0;
	if (colon && line > 0 && end && end[0] == ':' && end[1] == ' ') {
		err->line = (int)line;
		(void)snprintf(err->path, sizeof err->path, "%.*s", (int)(colon - text), text);
		text = end + 2;
	}
	(void)snprintf(err->message, sizeof err->message, "%s", text);
}

// Where the error was raised, when its message does not say so itself.
static void locate_error(lua_State *co, struct lun_error *err)
{
	lua_Debug ar;
	if (err->line == 0 && find_position(co, &ar)) {
		err->line = ar.currentline;
		(void)snprintf(err->path, sizeof err->path, "%s", ar.short_src);
	}
}

static void describe_stack(lua_State *co, struct lun_error *err)
{
	size_t used = 0;
	lua_Debug ar;
	for (int level = 0; level < 24 && lua_getstack(co, level, &ar); level++) {
		if (!lua_getinfo(co, "Sln", &ar))
			continue;
		char where[80];
		(void)snprintf(where, sizeof where, "function <%s:%d>", ar.short_src, ar.linedefined);
		const char *name = ar.name ? ar.name : *ar.what == 'm' ? "main chunk" : where;
		int wrote = ar.currentline > 0
		                    ? snprintf(err->traceback + used, sizeof err->traceback - used,
		                              "%s%s:%d: in %s", used ? "\n" : "", ar.short_src,
		                              ar.currentline, name)
		                    : snprintf(err->traceback + used, sizeof err->traceback - used,
		                              "%s[C]: in %s", used ? "\n" : "", name);
		if (wrote < 0 || used + (size_t)wrote >= sizeof err->traceback)
			return;
		used += (size_t)wrote;
	}
}

// What a call that failed hands from lun_vm_call() to lun_vm_protect() across Lua's own unwinding.
struct failure {
	struct lun_error err;
	bool is_set;
};

struct protected_call {
	lua_CFunction function;
	void *argument;
	struct failure failure;
};

static const char protected_key;

static int run_protected(lua_State *L)
{
	struct protected_call *call = lua_touserdata(L, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &protected_key); // for lun_vm_call()
	lua_pushlightuserdata(L, call->argument);
	return call->function(L);
}

enum lun_result lun_vm_protect(
        struct lun_vm *vm, lua_CFunction function, void *argument, struct lun_error *err)
{
	lua_State *L = vm->L;
	if (vm->is_killed)
		return lun_fail(err, LUN_LIMIT, "the script was stopped");
	int top = lua_gettop(L);
	struct protected_call *call = lun_alloc(sizeof *call);
	*call = (struct protected_call){.function = function, .argument = argument};
	lua_pushcfunction(L, run_protected);
	lua_pushlightuserdata(L, call);
	enum lun_result rc = LUN_OK;
	if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
		if (!call->failure.is_set) {
			call->failure.err.code = LUN_SCRIPT;
			describe_error(L, -1, &call->failure.err);
		}
		rc = call->failure.err.code;
		if (err)
			*err = call->failure.err;
	}
	lua_settop(L, top);
	free(call);
	return rc;
}

static struct failure *current_failure(lua_State *L)
{
	(void)lua_rawgetp(L, LUA_REGISTRYINDEX, &protected_key);
	struct protected_call *call = lua_touserdata(L, -1);
	lua_pop(L, 1);
	return &call->failure;
}

static void describe_kill(struct lun_vm *vm, uint64_t budget_ns, struct failure *failure)
{
	struct lun_error *err = &failure->err;
	(void)lun_fail(err, LUN_LIMIT, "the script ran for more than %llu ms and was stopped",
	        (unsigned long long)(budget_ns / 1000000));
	const char *colon = strrchr(vm->killed_at, ':');
	if (colon) {
		err->line = atoi(colon + 1);
		(void)snprintf(
		        err->path, sizeof err->path, "%.*s", (int)(colon - vm->killed_at), vm->killed_at);
	}
}

static void describe_memory(const struct lun_vm *vm, struct lun_error *err)
{
	if (vm->has_refused_string)
		(void)snprintf(err->message, sizeof err->message,
		        "not enough memory: a string of more than %zu MiB", LUN_VM_STRING_BYTES >> 20);
	else
		(void)snprintf(err->message, sizeof err->message, "not enough memory: a scene has %zu MiB",
		        vm->limit_bytes >> 20);
}

static void describe_failure(lua_State *co, int status, struct failure *failure)
{
	failure->err.code = LUN_SCRIPT;
	if (status == LUA_YIELD) {
		(void)lun_fail(&failure->err, LUN_SCRIPT, "attempt to yield out of a callback");
	} else {
		describe_error(co, -1, &failure->err);
	}
	if (status == LUA_ERRMEM)
		describe_memory(lun_vm_of(co), &failure->err);
	locate_error(co, &failure->err);
	describe_stack(co, &failure->err);
}

void lun_vm_call(lua_State *L, int nargs, int nresults, uint64_t budget_ns)
{
	struct lun_vm *vm = lun_vm_of(L);
	struct failure *failure = current_failure(L);
	lua_State *co = vm->co;
	if (!lua_checkstack(co, nargs + 2))
		(void)luaL_error(L, "not enough memory");
	lua_xmove(L, co, nargs + 1);
	vm->has_refused_string = false;
	vm->budget_ns = budget_ns;
	vm->start_wall_ns = lun_now_ns();
	vm->start_cpu_ns = lun_thread_cpu_ns();
	int got = 0;
	int status = lua_resume(co, L, nargs, &got);
	if (status == LUA_OK && !vm->is_killed) {
		lua_settop(co, lua_gettop(co) - got + nresults); // the results lie on top
		luaL_checkstack(L, nresults, NULL);
		lua_xmove(co, L, nresults);
		lua_settop(co, 0);
		vm->budget_ns = UINT64_MAX;
		return;
	}
	failure->is_set = true;
	if (vm->is_killed) {
		describe_kill(vm, budget_ns, failure);
	} else {
		describe_failure(co, status, failure);
		// Closes what the script left to be closed, which runs its code: still on the budget.
		(void)lua_resetthread(co);
		lua_settop(co, 0);
		if (vm->is_killed)
			describe_kill(vm, budget_ns, failure);
	}
	vm->budget_ns = UINT64_MAX;
	lua_pushnil(L);
	(void)lua_error(L);
}
