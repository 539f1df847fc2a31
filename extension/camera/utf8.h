/**
 * UTF-8 of text that came from outside: file names, a peer's words.
 *
 * JSON holds nothing else, so what is not UTF-8 is either refused or scrubbed. Thread: any.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** Well-formed as in RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool lun_utf8_is_valid(const char *text);

/** Copy in which every byte that is not part of UTF-8 is replaced by U+FFFD. The caller frees. */
char *lun_utf8_scrub(const char *text);
