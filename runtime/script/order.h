/**
 * pairs and next in an order that does not depend on the process. Thread: the VM's owner.
 */
#pragma once

#include <lua.h>

int lun_order_pairs(lua_State *L);
int lun_order_next(lua_State *L);
