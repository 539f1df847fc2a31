// What a scene or a feed may be called.
#include "extension/camera/scene_name.h"

#include <stdlib.h>
#include <string.h>

#include "extension/camera/utf8.h"
#include "lunette/base.h"

enum { MAX_BYTES = 200 }; // so that NAME.json.broken is a name, too

// C0, DEL, and C1, which is c2 80 to c2 9f in UTF-8.
static bool is_control(const unsigned char *at)
{
	return at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0);
}

bool lun_scene_name_is_valid(const char *name)
{
	size_t length = strlen(name);
	if (length == 0 || length > MAX_BYTES || name[0] == '.' || !lun_utf8_is_valid(name))
		return false;
	for (const unsigned char *at = (const unsigned char *)name; *at; at++) {
		if (*at == '/' || is_control(at))
			return false;
	}
	return true;
}

char *lun_scene_name_from(const char *text)
{
	char *name = lun_utf8_scrub(text);
	size_t length = strlen(name);
	if (length > MAX_BYTES) {
		length = MAX_BYTES;
		while (length && ((unsigned char)name[length] & 0xc0) == 0x80)
			length--; // not in the middle of a character
		name[length] = 0;
	}
	// In place: what is written is never longer than what was read.
	char *to = name;
	for (const unsigned char *at = (const unsigned char *)name; *at; at++) {
		bool has_two = is_control(at) && *at == 0xc2;
		bool is_bad = *at == '/' || is_control(at) || (to == name && *at == '.');
		*to++ = is_bad ? '_' : (char)*at;
		at += has_two;
	}
	*to = 0;
	if (name[0])
		return name;
	free(name);
	return lun_strdup("scene");
}
