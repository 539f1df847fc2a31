/**
 * What `lunette run` starts lunette-camera with: its options, turned into a command line.
 *
 * Thread: one owner.
 */
#pragma once

#include "extension/camera/container.h"
#include "hostapp/cli/scene_options.h"

struct lun_run_options {
	const char *camera_name;
	struct lun_option_texts outputs;
	int64_t port; /**< -1 = not chosen */
	bool is_studio_off;
	const char *container;
	struct lun_format_options format;
	struct lun_input_options input;
};

struct lun_run_args {
	char **words; // owned, and each word; NULL-terminated
	size_t count;
	bool has_scene;   /**< the last two words are --scene and a path */
	char *name;       // owned; the scene of the container that was named; NULL without, or a path
	char *first_name; // owned; of the scene at the start; NULL before it is known
};

/**
 * @param scene  a path, a name, or NULL: then the container's active scene, or the first one
 * @return LUN_OK with the caller owning out_args' contents: lun_run_args_finish()
 */
enum lun_result lun_run_args_make(const struct lun_run_options *options,
        struct lun_container *container, const char *scene, struct lun_run_args *out_args,
        struct lun_error *err);
void lun_run_args_finish(struct lun_run_args *args);

/** NULL-terminated; valid until args change. */
const char *const *lun_run_args_get(const struct lun_run_args *args);

/**
 * The camera is up with that scene (NULL is fine). One of the container becomes its active one, so
 * that the next start finds it there, mended or not.
 */
enum lun_result lun_run_args_scene_is(struct lun_run_args *args, struct lun_container *container,
        const char *name, struct lun_error *err);

/** That scene took the air: if it is another one than at the start, the next start is without
 *  --scene and airs what was chosen last. */
void lun_run_args_scene_chosen(struct lun_run_args *args, const char *name);
