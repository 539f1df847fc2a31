/**
 * The inside of a loaded scene, for the engine. Thread: the owner's.
 */
#pragma once

#include "lunette/scene.h"
#include "scene/world.h"
#include "script/script.h"

struct lun_scene {
	struct lun_world *world;   // owned
	struct lun_script *script; // owned
	struct lun_list *first;    // ref; the frame drawn while loading, until it is shown
	bool is_stopped;           /**< a hard limit was hit: its callbacks are never called again */
};
