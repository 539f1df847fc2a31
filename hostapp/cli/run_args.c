// Builds lunette-camera's command line and decides which scene it begins with.
#include "hostapp/cli/run_args.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "lunette/camera_spec.h"

#define FIRST_SCENE "lower-third"

static void take_word(struct lun_run_args *args, char *word)
{
	char **words = realloc(args->words, (args->count + 2) * sizeof *words);
	lun_assert(words);
	words[args->count++] = word;
	words[args->count] = NULL;
	args->words = words;
}

static void add_option(struct lun_run_args *args, const char *name, const char *value)
{
	take_word(args, lun_strdup(name));
	take_word(args, lun_strdup(value));
}

// The camera's program lies beside this one.
static enum lun_result add_program(struct lun_run_args *args, struct lun_error *err)
{
	char own_path[PATH_MAX];
	size_t size = sizeof own_path;
	if (uv_exepath(own_path, &size) != 0)
		return lun_fail(err, LUN_IO, "cannot find out where this program lies");
	char *slash = strrchr(own_path, '/');
	int folder = slash ? (int)(slash - own_path) : 0;
	char *program = lun_format_string("%.*s/lunette-camera", folder, own_path);
	enum lun_result rc = LUN_OK;
	if (access(program, X_OK) != 0)
		rc = lun_fail(err, LUN_UNSUPPORTED,
		        "cannot run %s: %s; it belongs beside `lunette`: build or install it again",
		        program, strerror(errno));
	take_word(args, program);
	return rc;
}

// Only what was chosen: the rest is the scene's to say, or the camera's default.
static void add_format(struct lun_run_args *args, const struct lun_format_options *options)
{
	const struct lun_format_wish wish = lun_format_options_get(options);
	const struct lun_format *format = &wish.format;
	char *size = lun_format_string("%dx%d", format->width_px, format->height_px);
	char *rate = lun_format_string("%d/%d", format->fps_num, format->fps_den);
	if (wish.has_size)
		add_option(args, "--size", size);
	if (wish.has_rate)
		add_option(args, "--fps", rate);
	if (options->pixel >= 0)
		add_option(args, "--pixel-format", lun_pixel_format_name(format->pixel));
	if (wish.has_matrix)
		add_option(args, "--matrix", lun_matrix_name(format->matrix));
	if (wish.has_range)
		add_option(args, "--range", lun_range_name(format->range));
	free(size);
	free(rate);
}

// A file that is not there is better told here than by a camera that shows a card.
static enum lun_result add_camera(
        struct lun_run_args *args, const char *spec, struct lun_error *err)
{
	char *path = lun_camera_spec_path(spec);
	if (!path)
		return LUN_OK;
	enum lun_result rc = LUN_OK;
	if (access(path, R_OK) != 0)
		rc = lun_fail(err, LUN_NOT_FOUND, "--camera: cannot open %s: %s", path, strerror(errno));
	add_option(args, "--camera", spec);
	free(path);
	return rc;
}

static bool has_name(const json_t *names, const char *name)
{
	size_t i;
	const json_t *at;
	json_array_foreach(names, i, at)
	{
		if (strcmp(json_string_value(at), name) == 0)
			return true;
	}
	return false;
}

static enum lun_result choose_first_scene(struct lun_container *container, struct lun_error *err)
{
	char *active = lun_container_active(container);
	bool is_chosen = active != NULL;
	free(active);
	if (is_chosen)
		return LUN_OK;
	json_t *names = lun_container_scenes(container);
	const char *name = has_name(names, FIRST_SCENE) ? FIRST_SCENE
	                                                : json_string_value(json_array_get(names, 0));
	enum lun_result rc = LUN_OK;
	if (name)
		rc = lun_container_set_active(container, name, err);
	else
		rc = lun_fail(err, LUN_NOT_FOUND,
		        "there is no scene in %s: `lunette new NAME` makes one, or give a path",
		        lun_container_dir(container));
	json_decref(names);
	return rc;
}

// What is named here must work, so it is given to the camera as a path; the active scene may be
// broken and mended on air.
static enum lun_result add_scene(struct lun_run_args *args, struct lun_container *container,
        const char *scene, struct lun_error *err)
{
	struct lun_scene_ref ref;
	if (!scene)
		return choose_first_scene(container, err);
	bool is_path = lun_scene_is_path(scene);
	enum lun_result rc = is_path ? lun_scene_ref_from_path(scene, &ref, err)
	                             : lun_container_find(container, scene, &ref, err);
	if (rc != LUN_OK)
		return rc;
	char *path = lun_format_string("%s/%s", ref.root, ref.file);
	add_option(args, "--scene", path);
	args->has_scene = true;
	if (!is_path)
		args->name = lun_strdup(scene);
	free(path);
	lun_scene_ref_finish(&ref);
	return LUN_OK;
}

enum lun_result lun_run_args_make(const struct lun_run_options *options,
        struct lun_container *container, const char *scene, struct lun_run_args *out_args,
        struct lun_error *err)
{
	struct lun_run_args args = {0};
	enum lun_result rc = add_program(&args, err);
	if (rc != LUN_OK)
		goto fail_args;
	add_option(&args, "--container", lun_container_dir(container));
	add_option(&args, "--name", options->camera_name);
	add_option(&args, "--ready-fd", "3");
	for (size_t i = 0; i < options->outputs.count; i++)
		add_option(&args, "--output", options->outputs.items[i]);
	add_format(&args, &options->format);
	for (size_t i = 0; i < options->input.params.count; i++)
		add_option(&args, "--param", options->input.params.items[i]);
	rc = add_camera(&args, options->input.camera, err);
	if (rc != LUN_OK)
		goto fail_args;
	rc = add_scene(&args, container, scene, err);
	if (rc != LUN_OK)
		goto fail_args;
	*out_args = args;
	return LUN_OK;

fail_args:
	lun_run_args_finish(&args);
	return rc;
}

void lun_run_args_finish(struct lun_run_args *args)
{
	for (size_t i = 0; i < args->count; i++)
		free(args->words[i]);
	free(args->words);
	free(args->name);
	free(args->first_name);
	*args = (struct lun_run_args){0};
}

const char *const *lun_run_args_get(const struct lun_run_args *args)
{
	return (const char *const *)args->words;
}

static void drop_scene(struct lun_run_args *args)
{
	if (!args->has_scene)
		return;
	args->has_scene = false;
	for (int i = 0; i < 2; i++) {
		args->count--;
		free(args->words[args->count]);
		args->words[args->count] = NULL;
	}
}

enum lun_result lun_run_args_scene_is(struct lun_run_args *args, struct lun_container *container,
        const char *name, struct lun_error *err)
{
	free(args->first_name);
	args->first_name = name ? lun_strdup(name) : NULL;
	if (!args->name)
		return LUN_OK;
	enum lun_result rc = lun_container_set_active(container, args->name, err);
	if (rc == LUN_OK)
		drop_scene(args);
	return rc;
}

void lun_run_args_scene_chosen(struct lun_run_args *args, const char *name)
{
	if (args->first_name && strcmp(args->first_name, name) != 0)
		drop_scene(args);
}
