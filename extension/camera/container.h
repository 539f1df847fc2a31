/**
 * The container: the folder in which scenes, parameter values, feed data, the control socket and
 * the log lie. Names and layout: see `docs/reference` and the README.
 *
 * Everything that is written here is replaced atomically (temporary file, fsync, rename).
 * Thread: one owner. Blocking, but on small local files only.
 */
#pragma once

#include <jansson.h>

#include "lunette/base.h"

struct lun_container;

/** A scene on disk. Plain strings owned by the struct; finish frees them. */
struct lun_scene_ref {
	char *name; /**< its folder's name, or its file's without ".lua" */
	char *root; /**< absolute folder that its assets are relative to and that is watched */
	char *file; /**< the Lua file, relative to root: "scene.lua", or "card.lua" for a single file */
};
void lun_scene_ref_finish(struct lun_scene_ref *ref);

/**
 * @param dir  NULL: $LUNETTE_CONTAINER, else $XDG_DATA_HOME/lunette, else ~/.local/share/lunette.
 *             Created with its folders (mode 0700) when it is not there.
 * @return LUN_OK, or LUN_IO with "cannot write to DIR: reason"
 */
enum lun_result lun_container_open(
        const char *dir, struct lun_container **out_container, struct lun_error *err);
void lun_container_close(struct lun_container *container); /**< NULL is fine */

const char *lun_container_dir(const struct lun_container *container); // borrowed, absolute
/** dir/relative in fresh memory; the caller frees it. */
char *lun_container_path(const struct lun_container *container, const char *relative);

/**
 * Copy the stock scenes in where no scene of that name lies yet; nothing is ever overwritten and
 * a scene that was copied once and then deleted stays deleted (a list of what was copied is kept).
 * @param stock_dir  folder with one folder a scene; missing: LUN_NOT_FOUND
 */
enum lun_result lun_container_add_stock(
        struct lun_container *container, const char *stock_dir, struct lun_error *err);

/** Where the stock scenes lie: beside the program (installed or in a build folder of a checkout).
 *  The caller frees it; NULL when they are not found. */
char *lun_stock_scenes_dir(void);

/** Names of the container's scenes, sorted: folders with a scene.lua and single .lua files. */
json_t *lun_container_scenes(const struct lun_container *container);

/** Find a scene by NAME in the container. LUN_NOT_FOUND names the scenes that are there. */
enum lun_result lun_container_find(const struct lun_container *container, const char *name,
        struct lun_scene_ref *out_ref, struct lun_error *err);

/** A path given on a command line: a folder with scene.lua or a .lua file, used where it lies.
 *  LUN_NOT_FOUND says what is missing ("no scene.lua in that folder"). */
enum lun_result lun_scene_ref_from_path(
        const char *path, struct lun_scene_ref *out_ref, struct lun_error *err);

/** Does this text name a path rather than a scene of the container? (has a slash, or exists here)
 */
bool lun_scene_is_path(const char *text);

/** The active scene's name; the caller frees it; NULL when none was chosen yet. */
char *lun_container_active(const struct lun_container *container);
enum lun_result lun_container_set_active(
        struct lun_container *container, const char *name, struct lun_error *err);

/** Stored parameter values of a scene. @return new object, empty when there are none or the file
 *  is broken (then a warning is logged and the broken file is kept beside as NAME.json.broken) */
json_t *lun_container_values(const struct lun_container *container, const char *scene);
enum lun_result lun_container_set_values(struct lun_container *container, const char *scene,
        const json_t *values, struct lun_error *err);

/** Every feed of a scene that lies in feeds/SCENE: {FEED: {"value":…, "updated": epoch}}; a .json
 *  file gives its value, a .txt file a string. Broken files give {"error": "…"} instead. New ref.
 */
json_t *lun_container_feeds(const struct lun_container *container, const char *scene);
