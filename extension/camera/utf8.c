// Checks and mends UTF-8. It knows nothing of what the text is for.
#include "extension/camera/utf8.h"

#include <stdint.h>
#include <string.h>

#include "lunette/base.h"

// Bytes of the sequence that begins here; 0 when it is malformed. Table 3-7 of the Unicode
// standard.
static size_t sequence_length(const unsigned char *at)
{
	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	size_t length = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	unsigned char lowest = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char highest = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
	if (at[1] < lowest || at[1] > highest)
		return 0;
	// The terminator is no continuation byte, so this never runs past the end.
	for (size_t i = 2; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	return length;
}

bool lun_utf8_is_valid(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	while (*at) {
		size_t length = sequence_length(at);
		if (!length)
			return false;
		at += length;
	}
	return true;
}

char *lun_utf8_scrub(const char *text)
{
	static const char replacement[3] = {'\xef', '\xbf', '\xbd'};
	const unsigned char *at = (const unsigned char *)text;
	char *scrubbed = lun_alloc(strlen(text) * sizeof replacement + 1);
	char *to = scrubbed;
	while (*at) {
		size_t length = sequence_length(at);
		if (length) {
			memcpy(to, at, length);
			to += length;
			at += length;
		} else {
			memcpy(to, replacement, sizeof replacement);
			to += sizeof replacement;
			at++;
		}
	}
	return scrubbed;
}
