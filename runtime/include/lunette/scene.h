/**
 * A scene that is loaded: its program, its parameters, its first frame.
 *
 * Made on any thread, then handed to an engine, whose thread owns it from there on.
 */
#pragma once

#include <jansson.h>

#include "lunette/files.h"
#include "lunette/format.h"
#include "lunette/log.h"

struct lun_scene;

/** Everything is borrowed for the call but files and camera, which outlive the scene. */
struct lun_scene_params {
	const char *name; /**< the scene's NAME */
	const char *file; /**< relative to the folder behind files: "scene.lua" */
	const struct lun_files *files;
	struct lun_format format; /**< of the frames it draws */
	json_t *values;           /**< stored parameter values; may be NULL; wrong ones are left out */
	json_t *texts;            /**< {NAME: "TEXT"} that win over values; a wrong one is an error */
	json_t *feeds;            /**< {NAME: {"value", "updated", "error"}}; may be NULL */
	json_t *saved;            /**< what the scene before it saved; may be NULL */
	uint64_t number;          /**< of its first frame */
	double epoch_s;           /**< the scene clock of its first frame */
	const char *zone;         /**< "" = the machine's */
	uint64_t seed;
	const char *camera_spec; /**< what camera.open shows; NULL with camera_fd -1: synthetic */
	int camera_fd;
	int watchers;
	void (*log)(void *data, enum lun_log_level level, const char *message);
	void *log_data;
};

/**
 * Load a scene and let it draw its first frame.
 *
 * @return LUN_OK with the caller owning *out_scene; LUN_NOT_FOUND, LUN_SCRIPT, LUN_LIMIT, or
 *         LUN_INVALID for a wrong parameter text. err's path is that of the file in its folder.
 */
enum lun_result lun_scene_load(
        const struct lun_scene_params *params, struct lun_scene **out_scene, struct lun_error *err);
void lun_scene_destroy(struct lun_scene *scene); /**< NULL is fine */

/** {"title", "size":[w,h], "params":[declarations with "value"], "feeds":[paths], "files":[what it
 *  opened], "output":{}}.
 *  New reference. */
json_t *lun_scene_info(const struct lun_scene *scene);
/** What scene.save() returns. New reference; NULL when there is nothing to carry over. */
json_t *lun_scene_save(struct lun_scene *scene, struct lun_error *err);

/** New parameter values, already checked: all of them. Seen from the next frame on. */
void lun_scene_set_values(struct lun_scene *scene, json_t *values);
/** News of a feed from outside: {"value", "updated"} or {"error"}; NULL: there is none any more.
 *  name NULL: read the feeds' files of the scene's folder again. */
void lun_scene_set_feed(struct lun_scene *scene, const char *name, const json_t *news);
