/**
 * A scene's program: its Lua text running in a VM, seen without Lua.
 *
 * Thread: one owner at a time; it may change between calls.
 */
#pragma once

#include <jansson.h>

#include "scene/world.h"

struct lun_script;

/**
 * Read, compile and run a scene's file. Fills the world's design size, fit and declarations.
 *
 * @param world  borrowed, outlives the script
 * @param file   relative to the scene's folder
 * @return LUN_OK with the caller owning *out_script; LUN_NOT_FOUND, LUN_SCRIPT, LUN_LIMIT
 */
enum lun_result lun_script_create(struct lun_world *world, const char *file,
        struct lun_script **out_script, struct lun_error *err);
void lun_script_destroy(struct lun_script *script); /**< NULL is fine */

/** Call scene.load(saved). The world's values are set before. saved may be NULL. */
enum lun_result lun_script_load(
        struct lun_script *script, const json_t *saved, struct lun_error *err);

/** What scene.save() returns, as plain data. New reference; NULL without a save, or on error. */
json_t *lun_script_save(struct lun_script *script, struct lun_error *err);

enum lun_draw_kind {
	LUN_DRAW_FRAME,   /**< scene.update(dt), then scene.draw(cr, frame) */
	LUN_DRAW_IDLE,    /**< scene.idle(cr, frame); the built-in card where there is none */
	LUN_DRAW_NOTHING, /**< the callbacks of a frame run, what they draw is not kept */
};

/** Draw the world's frame. @return LUN_OK with one owned reference to the list (NULL for
 *  LUN_DRAW_NOTHING); LUN_SCRIPT; LUN_LIMIT: the VM was stopped for good */
enum lun_result lun_script_draw(struct lun_script *script, enum lun_draw_kind kind,
        struct lun_list **out_list, struct lun_error *err);

enum lun_result lun_script_event(
        struct lun_script *script, const char *name, const json_t *data, struct lun_error *err);
enum lun_result lun_script_watchers(struct lun_script *script, int count, struct lun_error *err);

const char *lun_script_title(const struct lun_script *script); // borrowed; the name without one
/** scene.output as plain data; borrowed, an object. */
const json_t *lun_script_output(const struct lun_script *script);
size_t lun_script_memory_bytes(const struct lun_script *script);
