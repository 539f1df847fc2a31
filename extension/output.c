// Finds and calls outputs by the name that users type. What an output does is its own business;
// which ones there are is registry.c's.
#include "extension/output.h"

#include <stdio.h>
#include <string.h>

#include "extension/file/file.h"
#include "extension/file/target.h"

#define MAX_NAME_BYTES 32

const struct lun_output_class *lun_output_class_find(const char *name)
{
	for (const struct lun_output_class *const *at = lun_output_classes; *at; at++) {
		if (!strcmp((*at)->name, name))
			return *at;
	}
	return NULL;
}

// Words such as "v4l2" before a colon name an output; "12", "./a" and "C d" belong to a file name.
static size_t measure_class_name(const char *spec)
{
	size_t length = strspn(spec, "abcdefghijklmnopqrstuvwxyz0123456789-");
	bool is_word = *spec >= 'a' && *spec <= 'z' && length < MAX_NAME_BYTES;
	return is_word ? length : 0;
}

static void list_names(char *out, size_t size)
{
	size_t used = 0;
	*out = '\0';
	for (const struct lun_output_class *const *at = lun_output_classes; *at; at++) {
		(void)snprintf(out + used, size - used, "%s%s", used ? ", " : "", (*at)->name);
		used = strlen(out);
	}
}

static enum lun_result fail_unknown(const char *spec, size_t name_length, struct lun_error *err)
{
	char names[256];
	list_names(names, sizeof names);
	return lun_fail(err, LUN_UNSUPPORTED,
	        "this build has no output \"%.*s\", only %s; a file of that name is ./%s",
	        (int)name_length, spec, names, spec);
}

// A plain word is more likely a mistyped output than a file of a kind nobody can guess.
static enum lun_result fail_word(const char *word, struct lun_error *err)
{
	char names[256];
	list_names(names, sizeof names);
	return lun_fail(err, LUN_INVALID,
	        "there is no output \"%s\", only %s (and none, for a camera); a file "
	        "has an ending, as in %s.mp4",
	        word, names, word);
}

// Which class a spec means, and where in it the target begins (NULL: it has none).
static enum lun_result resolve(const char *spec, const struct lun_output_class **out_class,
        const char **out_target, struct lun_error *err)
{
	char name[MAX_NAME_BYTES] = "";
	size_t length = measure_class_name(spec);
	memcpy(name, spec, length);
	const struct lun_output_class *class = lun_output_class_find(name);
	bool has_colon = spec[length] == ':';
	if (length && class && (has_colon || !spec[length])) {
		*out_class = class;
		*out_target = has_colon && spec[length + 1] ? spec + length + 1 : NULL;
		return LUN_OK;
	}
	if (length && has_colon)
		return fail_unknown(spec, length, err);
	if (length && !spec[length] && !lun_target_is_straight(spec))
		return fail_word(spec, err);
	*out_class = &lun_file_output;
	*out_target = spec;
	return LUN_OK;
}

enum lun_result lun_output_open(const char *spec, const struct lun_output_params *params,
        struct lun_output **out_output, struct lun_error *err)
{
	lun_assert(params->formats && params->formats_count > 0);
	struct lun_output_params resolved = *params;
	const struct lun_output_class *class = NULL;
	enum lun_result rc = resolve(spec, &class, &resolved.target, err);
	for (int i = 0; i < params->formats_count && rc == LUN_OK; i++)
		rc = lun_format_check(&params->formats[i], err);
	if (rc != LUN_OK)
		return rc;
	lun_assert(class);
	return class->open(&resolved, out_output, err);
}

enum lun_result lun_output_submit(
        struct lun_output *output, const struct lun_frame *frame, struct lun_error *err)
{
	return output->class->submit(output, frame, err);
}

enum lun_result lun_output_finish(struct lun_output *output, struct lun_error *err)
{
	return output->class->finish ? output->class->finish(output, err) : LUN_OK;
}

void lun_output_close(struct lun_output *output)
{
	if (output)
		output->class->close(output);
}
