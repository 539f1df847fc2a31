/**
 * Names that become names of files: of scenes and of feeds. Thread: any.
 */
#pragma once

#include <stdbool.h>

/**
 * Not empty, at most 200 bytes of UTF-8, no slash, no dot in front, no control characters. What on
 * disk has another name is no scene and no feed.
 */
bool lun_scene_name_is_valid(const char *name);
/** A valid name as near as can be. The caller frees it. */
char *lun_scene_name_from(const char *text);
