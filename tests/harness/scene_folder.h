// A folder with a scene in it, made by the test and removed at its end.
#pragma once
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char scene_folder[256];

static inline void scene_remove_folder(void)
{
	char command[512];
	(void)snprintf(command, sizeof command, "rm -rf '%s'", scene_folder);
	if (system(command) != 0)
		printf("# could not remove %s\n", scene_folder);
}

static inline void scene_make_folder(void)
{
	const char *parent = getenv("TMPDIR");
	(void)snprintf(scene_folder, sizeof scene_folder, "%s/lunette-scene-XXXXXX",
	        parent && *parent ? parent : "/tmp");
	if (!mkdtemp(scene_folder))
		exit(1);
	(void)atexit(scene_remove_folder);
}

static inline void scene_write(const char *name, const char *text)
{
	char path[512];
	(void)snprintf(path, sizeof path, "%s/%s", scene_folder, name);
	FILE *file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		exit(1);
}
