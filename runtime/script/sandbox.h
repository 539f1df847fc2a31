/**
 * What a script finds when it starts: the allowed part of Lua's library and Lunette's modules.
 */
#pragma once

#include "script/vm.h"

/** Fill the VM's globals. Called once, inside lun_vm_protect(). */
int lun_sandbox_open(lua_State *L);

/** Load text (never bytecode) as a function on the stack; on failure pushes nil and message.
 *  @return how many values were pushed */
int lun_sandbox_load(lua_State *L, const char *text, size_t length_bytes, const char *chunk_name);
