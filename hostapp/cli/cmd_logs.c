// lunette logs: the last lines of the camera's log, for people or as they are.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/report.h"

struct options {
	int64_t lines;
	struct lun_link_options camera;
};

#define MEMBER(member) offsetof(struct options, member)
static const struct lun_option option_table[] = {
        {.name = "lines",
                .letter = 'n',
                .type = LUN_OPTION_INTEGER,
                .offset = MEMBER(lines),
                .value = "N",
                .fallback = "40",
                .min = 1,
                .max = 100000,
                .help = "how many of the last lines"},
        {0},
};

static const struct lun_option_group option_groups[] = {
        {option_table, 0},
        {lun_link_option_table, MEMBER(camera)},
        {0},
};

// The newest log in the folder. @return the caller frees it; NULL when there is none
static char *find_newest(const char *dir)
{
	DIR *folder = opendir(dir);
	char *newest = NULL;
	time_t newest_time = 0;
	for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
		size_t length = strlen(entry->d_name);
		if (length < 7 || strcmp(entry->d_name + length - 6, ".jsonl") != 0)
			continue;
		char *path = lun_format_string("%s/%s", dir, entry->d_name);
		struct stat info;
		if (stat(path, &info) != 0 || (newest && info.st_mtime <= newest_time)) {
			free(path);
			continue;
		}
		free(newest);
		newest = path;
		newest_time = info.st_mtime;
	}
	if (folder)
		(void)closedir(folder);
	return newest;
}

static const char *get_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static void print_entry(const json_t *entry)
{
	const json_t *error = json_object_get(entry, "error");
	printf("%s  %-5s  %-8s ", get_text(entry, "time"), get_text(entry, "level"),
	        get_text(entry, "event"));
	if (*get_text(error, "path"))
		printf(" %s:%lld:", get_text(error, "path"),
		        (long long)json_integer_value(json_object_get(error, "line")));
	printf(" %s\n", get_text(entry, "message"));
}

static void print_line(const char *line)
{
	json_t *entry = json_loads(line, 0, NULL);
	if (json_is_object(entry))
		print_entry(entry);
	else // cut off by a full disk, say
		printf("%s%s", line, strchr(line, '\n') ? "" : "\n");
	json_decref(entry);
}

// Keep the last lines in a ring while reading through.
static void print_last(FILE *file, size_t wanted, bool is_json)
{
	char **ring = calloc(wanted, sizeof *ring);
	lun_assert(ring);
	char *line = NULL;
	size_t room = 0, count = 0;
	while (getline(&line, &room, file) >= 0) {
		free(ring[count % wanted]);
		ring[count++ % wanted] = lun_strdup(line);
	}
	for (size_t i = count < wanted ? 0 : count - wanted; i < count; i++) {
		if (is_json)
			(void)fputs(ring[i % wanted], stdout);
		else
			print_line(ring[i % wanted]);
	}
	for (size_t i = 0; i < wanted; i++)
		free(ring[i]);
	free(ring);
	free(line);
}

static int run(const void *values, const struct lun_option_texts *arguments)
{
	const struct options *options = values;
	struct lun_container *container = NULL;
	(void)arguments;
	int code = lun_camera_open_container("logs", &options->camera, &container);
	if (code != LUN_EXIT_FINE)
		return code;
	char *dir = lun_container_path(container, "log");
	const char *name = options->camera.camera_name;
	char *path = name && !strchr(name, '/') ? lun_format_string("%s/%s.jsonl", dir, name)
	                                        : find_newest(dir);
	FILE *file = path ? fopen(path, "re") : NULL;
	if (!path)
		code = lun_report(LUN_EXIT_FAILED, "logs", "there is no log in %s yet", dir);
	else if (!file)
		code = lun_report(LUN_EXIT_FAILED, "logs", "cannot open %s: %s", path, strerror(errno));
	else
		print_last(file, (size_t)options->lines, options->camera.is_json);
	if (file)
		(void)fclose(file);
	free(path);
	free(dir);
	lun_container_close(container);
	return code;
}

const struct lun_command lun_command_logs = {
        .name = "logs",
        .arguments = "",
        .help = "show the last lines of the camera's log",
        .details = "With --json every line as it lies in the log: one JSON object each.",
        .groups = option_groups,
        .values_size = sizeof(struct options),
        .run = run,
};
