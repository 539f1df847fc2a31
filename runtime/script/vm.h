/**
 * A Lua state that is bounded: memory by its allocator, time by a hook that cannot be caught.
 *
 * The one place that enters Lua. Thread: one owner at a time; it may change once it is idle.
 */
#pragma once

#include <lauxlib.h>
#include <lua.h>

#include "lunette/base.h"

struct lun_world;

/** A C object that a Lua handle keeps. Under want of memory Lua may never call the handle's
 *  finaliser: then the VM lets go of the object when it ends. */
struct lun_held {
	struct lun_held *previous, *next; // in the VM's list
	void *object;
	void (*release)(void *object);
};

struct lun_vm {
	lua_State *L;            // owned
	lua_State *co;           // borrowed from L's registry: the coroutine that callbacks run in
	struct lun_world *world; // borrowed, outlives us
	size_t used_bytes, limit_bytes;
	long fail_after;       /**< tests: this many allocations from now, all fail; -1 = never */
	struct lun_held *held; // owned list
	uint64_t budget_ns, start_wall_ns, start_cpu_ns;
	bool has_refused_string; /**< the running call asked for one that was too long */
	bool is_killed;          /**< the budget was exceeded; the VM is never entered again */
	char killed_at[160];     /**< where the script was then: "scene.lua:12" */
};

#define LUN_VM_MEMORY_BYTES ((size_t)64 << 20)
#define LUN_VM_STRING_BYTES ((size_t)4 << 20) /**< one string */
#ifdef LUN_FUZZ                               // a fuzzer tries many endless loops
#define LUN_VM_CALLBACK_NS ((uint64_t)10000000)
#define LUN_VM_LOAD_NS ((uint64_t)20000000)
#else
#define LUN_VM_CALLBACK_NS ((uint64_t)250000000)
#define LUN_VM_LOAD_NS ((uint64_t)2000000000)
#endif

/** @return LUN_OK, or LUN_NOMEM */
enum lun_result lun_vm_create(struct lun_world *world, struct lun_vm **out_vm);
void lun_vm_destroy(struct lun_vm *vm); /**< NULL is fine */

/** Note an object that a handle has acquired. Cannot fail or raise. @return for lun_vm_let_go() */
struct lun_held *lun_vm_hold(struct lun_vm *vm, void *object, void (*release)(void *object));
/** The handle releases its object itself. NULL is fine. */
void lun_vm_let_go(struct lun_vm *vm, struct lun_held *held);

/** The VM that a state belongs to. */
struct lun_vm *lun_vm_of(lua_State *L);
struct lun_world *lun_world_of(lua_State *L);

/**
 * Run a C function in protected mode: whatever it raises becomes err (path, line and traceback
 * filled when a script was running). The stack is left as it was.
 */
enum lun_result lun_vm_protect(
        struct lun_vm *vm, lua_CFunction function, void *argument, struct lun_error *err);

/** Has the running callback used up its budget? Then the VM is killed: who asked raises an error
 *  and returns at once. For C loops that no hook interrupts. */
bool lun_vm_is_spent(lua_State *L);

/**
 * Call a script's function inside lun_vm_protect(): it lies on L's stack below nargs arguments,
 * all of which are consumed; nresults are pushed on L. Raises what the script raised. The script
 * runs in the host coroutine under a budget of CPU time.
 */
void lun_vm_call(lua_State *L, int nargs, int nresults, uint64_t budget_ns);

/**
 * For C functions that take long: the hook counts instructions of Lua, so a loop of such calls
 * would run far beyond the budget. Raises, and ends the VM, once the budget is spent.
 */
void lun_vm_check_budget(lua_State *L);
