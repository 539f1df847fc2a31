/**
 * A sorted set of texts, each with flags that mean what its user says.
 *
 * Meant for up to some thousands. Thread: one owner. A zeroed struct is an empty set.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct lun_path_entry {
	char *text; // owned
	unsigned flags;
};

struct lun_path_set {
	struct lun_path_entry *entries; // owned; sorted bytewise
	size_t count;
	size_t capacity;
};
void lun_path_set_finish(struct lun_path_set *set); /**< the set is empty and can be used again */

/** @return borrowed until the set changes; NULL when it is not there */
struct lun_path_entry *lun_path_set_find(const struct lun_path_set *set, const char *text);
/** Find it, or put a copy in, with no flags. @return as above */
struct lun_path_entry *lun_path_set_add(
        struct lun_path_set *set, const char *text, bool *out_is_new);
/** @return whether it was there */
bool lun_path_set_remove(struct lun_path_set *set, const char *text);
