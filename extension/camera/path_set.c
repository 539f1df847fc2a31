// A sorted array of texts. It does not know what they name.
#include "extension/camera/path_set.h"

#include <stdlib.h>
#include <string.h>

#include "lunette/base.h"

void lun_path_set_finish(struct lun_path_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->entries[i].text);
	free(set->entries);
	memset(set, 0, sizeof *set);
}

// Where text is, or where it belongs.
static size_t find_place(const struct lun_path_set *set, const char *text, bool *out_is_there)
{
	size_t low = 0, high = set->count;
	*out_is_there = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(set->entries[middle].text, text);
		if (order == 0) {
			*out_is_there = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct lun_path_entry *lun_path_set_find(const struct lun_path_set *set, const char *text)
{
	bool is_there;
	size_t place = find_place(set, text, &is_there);
	return is_there ? &set->entries[place] : NULL;
}

static void grow(struct lun_path_set *set)
{
	set->capacity = set->capacity ? set->capacity * 2 : 8;
	size_t size_bytes;
	lun_assert(lun_mul_size(set->capacity, sizeof *set->entries, &size_bytes));
	set->entries = realloc(set->entries, size_bytes);
	lun_assert(set->entries);
}

struct lun_path_entry *lun_path_set_add(
        struct lun_path_set *set, const char *text, bool *out_is_new)
{
	bool is_there;
	size_t place = find_place(set, text, &is_there);
	*out_is_new = !is_there;
	if (is_there)
		return &set->entries[place];
	if (set->count == set->capacity)
		grow(set);
	struct lun_path_entry *entry = &set->entries[place];
	memmove(entry + 1, entry, (set->count - place) * sizeof *entry);
	*entry = (struct lun_path_entry){.text = lun_strdup(text)};
	set->count++;
	return entry;
}

bool lun_path_set_remove(struct lun_path_set *set, const char *text)
{
	bool is_there;
	size_t place = find_place(set, text, &is_there);
	if (!is_there)
		return false;
	struct lun_path_entry *entry = &set->entries[place];
	free(entry->text);
	set->count--;
	memmove(entry, entry + 1, (set->count - place) * sizeof *entry);
	return true;
}
