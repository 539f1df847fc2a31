// The container's folders and its small files: the active scene and parameter values. Scenes,
// feeds and stock have files of their own.
#include "extension/camera/container.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extension/camera/atomic_file.h"
#include "extension/camera/scene_name.h"
#include "lunette/log.h"

enum { MAX_ACTIVE_BYTES = 1024, MAX_VALUES_BYTES = 1 << 20 };

struct lun_container {
	char *dir; // owned; absolute
};

static const char *get_environment(const char *name)
{
	const char *value = getenv(name);
	return value && value[0] ? value : NULL;
}

static const char *home_folder(void)
{
	const char *home = get_environment("HOME");
	if (home && home[0] == '/')
		return home;
	const struct passwd *user = getpwuid(geteuid());
	return user && user->pw_dir && user->pw_dir[0] == '/' ? user->pw_dir : NULL;
}

// The caller frees it; NULL when this user has no home.
static char *default_dir(void)
{
	const char *dir = get_environment("LUNETTE_CONTAINER");
	if (dir)
		return lun_strdup(dir);
	// The specification has relative ones ignored.
	const char *data = get_environment("XDG_DATA_HOME");
	if (data && data[0] == '/')
		return lun_format_string("%s/lunette", data);
	const char *home = home_folder();
	return home ? lun_format_string("%s/.local/share/lunette", home) : NULL;
}

// Takes dir. Absolute, without slashes at its end; NULL and errno.
static char *make_absolute(char *dir)
{
	char here[PATH_MAX];
	char *absolute = dir;
	if (dir[0] != '/') {
		absolute = getcwd(here, sizeof here) ? lun_format_string("%s/%s", here, dir) : NULL;
		free(dir);
	}
	size_t length = absolute ? strlen(absolute) : 0;
	while (length > 1 && absolute[length - 1] == '/')
		absolute[--length] = 0;
	return absolute;
}

// @return false and errno unless it is a folder afterwards
static bool make_folder(const char *path)
{
	struct stat info;
	if (mkdir(path, 0700) == 0)
		return true;
	int reason = errno;
	if (stat(path, &info) < 0) {
		errno = reason == EEXIST ? ENOENT : reason; // a link that leads nowhere
		return false;
	}
	errno = ENOTDIR;
	return S_ISDIR(info.st_mode);
}

static bool make_folders(const char *path)
{
	char *part = lun_strdup(path);
	bool is_made = true;
	for (char *at = part + 1; is_made && *at; at++) {
		if (*at != '/')
			continue;
		*at = 0;
		is_made = make_folder(part);
		*at = '/';
	}
	is_made = is_made && make_folder(part);
	free(part);
	return is_made;
}

static enum lun_result fail_write(const char *dir, int reason, struct lun_error *err)
{
	return lun_fail(err, LUN_IO,
	        "cannot write to %.700s: %s (another folder is chosen with --container DIR)", dir,
	        strerror(reason));
}

static enum lun_result prepare(const struct lun_container *container, struct lun_error *err)
{
	static const char *const folders[] = {"scenes", "params", "feeds", "run", "log"};
	if (!make_folders(container->dir))
		return fail_write(container->dir, errno, err);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char *folder = lun_container_path(container, folders[i]);
		bool is_fine = make_folder(folder) && access(folder, R_OK | W_OK | X_OK) == 0;
		enum lun_result rc = is_fine ? LUN_OK : fail_write(folder, errno, err);
		free(folder);
		if (rc != LUN_OK)
			return rc;
	}
	if (access(container->dir, R_OK | W_OK | X_OK) < 0)
		return fail_write(container->dir, errno, err);
	return LUN_OK;
}

enum lun_result lun_container_open(
        const char *dir, struct lun_container **out_container, struct lun_error *err)
{
	char *chosen = dir ? lun_strdup(dir) : default_dir();
	if (!chosen)
		return lun_fail(err, LUN_IO,
		        "there is no home folder to keep scenes in: set HOME, or choose a folder with "
		        "--container DIR");
	char *absolute = chosen[0] ? make_absolute(chosen) : chosen;
	if (!absolute || !absolute[0]) {
		free(absolute);
		return fail_write(dir ? dir : "the container", ENOENT, err);
	}
	struct lun_container *container = lun_alloc(sizeof *container);
	container->dir = absolute;
	enum lun_result rc = prepare(container, err);
	if (rc != LUN_OK) {
		lun_container_close(container);
		return rc;
	}
	*out_container = container;
	return LUN_OK;
}

void lun_container_close(struct lun_container *container)
{
	if (!container)
		return;
	free(container->dir);
	free(container);
}

const char *lun_container_dir(const struct lun_container *container)
{
	return container->dir;
}

char *lun_container_path(const struct lun_container *container, const char *relative)
{
	bool is_root = strcmp(container->dir, "/") == 0;
	return lun_format_string("%s/%s", is_root ? "" : container->dir, relative);
}

char *lun_container_active(const struct lun_container *container)
{
	char *name = NULL;
	size_t size;
	char *path = lun_container_path(container, "active");
	enum lun_result rc = lun_file_read(path, MAX_ACTIVE_BYTES, &name, &size, NULL);
	free(path);
	if (rc != LUN_OK)
		return NULL;
	// As a person would write it, too: with a newline.
	name[strcspn(name, "\r\n")] = 0;
	if (lun_scene_name_is_valid(name))
		return name;
	free(name);
	return NULL;
}

static enum lun_result check_name(const char *name, struct lun_error *err)
{
	if (lun_scene_name_is_valid(name))
		return LUN_OK;
	return lun_fail(err, LUN_INVALID,
	        "a scene cannot be called \"%.200s\": no slash, no dot in front, no control "
	        "characters, "
	        "at most 200 bytes of UTF-8",
	        name);
}

enum lun_result lun_container_set_active(
        struct lun_container *container, const char *name, struct lun_error *err)
{
	enum lun_result rc = check_name(name, err);
	if (rc != LUN_OK)
		return rc;
	char *path = lun_container_path(container, "active");
	char *line = lun_format_string("%s\n", name);
	rc = lun_file_replace(path, line, strlen(line), err);
	free(line);
	free(path);
	return rc;
}

static char *values_path(const struct lun_container *container, const char *scene)
{
	char *relative = lun_format_string("params/%s.json", scene);
	char *path = lun_container_path(container, relative);
	free(relative);
	return path;
}

// Out of the way, but not lost.
static void put_aside(const char *path, const char *why)
{
	char *aside = lun_format_string("%s.broken", path);
	lun_log(LUN_LOG_WARN, "parameter values are not readable and were kept as %s: %s", aside, why);
	if (rename(path, aside) < 0)
		lun_log(LUN_LOG_WARN, "cannot rename %s: %s", path, strerror(errno));
	free(aside);
}

// @return new object, or NULL with the reason
static json_t *parse_values(const char *text, size_t size_bytes, struct lun_error *err)
{
	json_error_t why;
	json_t *values = json_loadb(text, size_bytes, 0, &why);
	if (!values)
		(void)lun_fail(err, LUN_INVALID, "line %d: %s", why.line, why.text);
	else if (!json_is_object(values))
		(void)lun_fail(err, LUN_INVALID, "it is no JSON object");
	if (json_is_object(values))
		return values;
	json_decref(values);
	return NULL;
}

static json_t *read_values(const char *path)
{
	struct lun_error err;
	char *text = NULL;
	size_t size;
	json_t *values = NULL;
	enum lun_result rc = lun_file_read(path, MAX_VALUES_BYTES, &text, &size, &err);
	if (rc == LUN_OK)
		values = parse_values(text, size, &err);
	if (!values && (rc == LUN_OK || rc == LUN_LIMIT))
		put_aside(path, err.message);
	else if (!values && rc != LUN_NOT_FOUND)
		lun_log(LUN_LOG_WARN, "parameter values: %s", err.message);
	free(text);
	return values;
}

json_t *lun_container_values(const struct lun_container *container, const char *scene)
{
	json_t *values = NULL;
	if (lun_scene_name_is_valid(scene)) {
		char *path = values_path(container, scene);
		values = read_values(path);
		free(path);
	}
	if (!values)
		values = json_object();
	lun_assert(values);
	return values;
}

enum lun_result lun_container_set_values(struct lun_container *container, const char *scene,
        const json_t *values, struct lun_error *err)
{
	enum lun_result rc = check_name(scene, err);
	if (rc != LUN_OK)
		return rc;
	char *text = json_is_object(values) ? json_dumps(values, JSON_INDENT(2)) : NULL;
	if (!text)
		return lun_fail(err, LUN_INVALID, "parameter values are a JSON object");
	size_t size = strlen(text);
	if (size > MAX_VALUES_BYTES) {
		free(text);
		return lun_fail(
		        err, LUN_LIMIT, "the parameter values of %.200s are more than 1 MiB", scene);
	}
	char *path = values_path(container, scene);
	rc = lun_file_replace(path, text, size, err);
	free(path);
	free(text);
	return rc;
}
