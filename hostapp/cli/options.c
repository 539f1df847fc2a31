// Reads a command line by the command's tables and says in one sentence what is wrong with it.
// Not its job: what the values mean together, and printing.
#include "hostapp/cli/options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lunette/format.h"

#define MAX_NAMES 64

static bool is_list(const struct lun_option *option)
{
	return option->type == LUN_OPTION_TEXTS || option->type == LUN_OPTION_PAIRS;
}

const struct lun_option *lun_options_find(const struct lun_command *command, const char *name,
        size_t length, const struct lun_option_group **out_group)
{
	for (const struct lun_option_group *group = command->groups; group->options; group++) {
		for (const struct lun_option *option = group->options; option->name; option++) {
			if (strlen(option->name) != length || memcmp(option->name, name, length) != 0)
				continue;
			if (out_group)
				*out_group = group;
			return option;
		}
	}
	return NULL;
}

static const struct lun_option *find_letter(
        const struct lun_command *command, char letter, const struct lun_option_group **out_group)
{
	for (const struct lun_option_group *group = command->groups; group->options; group++) {
		for (const struct lun_option *option = group->options; option->name; option++) {
			if (letter && option->letter == letter) {
				*out_group = group;
				return option;
			}
		}
	}
	return NULL;
}

static void add_text(struct lun_option_texts *texts, const char *text)
{
	const char **items = realloc(texts->items, (texts->count + 1) * sizeof *items);
	lun_assert(items);
	items[texts->count++] = text;
	texts->items = items;
}

static bool read_integer(const struct lun_option *option, const char *text, int64_t *out_value)
{
	char *end = NULL;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	// strtoll skips blanks and takes a plus: neither is a number as people mean it here.
	if (errno || end == text || *end || !strchr("-0123456789", *text))
		return false;
	if (value < option->min || value > option->max)
		return false;
	*out_value = value;
	return true;
}

static bool read_seconds(const char *text, double *out_value)
{
	if (text[strspn(text, "0123456789.")] || !*text)
		return false;
	char *end = NULL;
	double value = strtod(text, &end);
	if (*end || !isfinite(value) || value <= 0.0 || value > 1e7)
		return false;
	*out_value = value;
	return true;
}

static bool read_choice(const struct lun_option *option, const char *text, int *out_index)
{
	for (int i = 0; option->choices[i]; i++) {
		if (strcmp(option->choices[i], text) == 0) {
			*out_index = i;
			return true;
		}
	}
	return false;
}

static bool read_rate(const char *text, struct lun_option_rate *out_rate)
{
	struct lun_format format = lun_format_default();
	if (!lun_rate_parse(text, &format.fps_num, &format.fps_den) ||
	        lun_format_check(&format, NULL) != LUN_OK)
		return false;
	*out_rate = (struct lun_option_rate){format.fps_num, format.fps_den};
	return true;
}

static bool read_size(const char *text, struct lun_option_size *out_size)
{
	struct lun_format format = lun_format_default();
	if (!lun_size_parse(text, &format.width_px, &format.height_px) ||
	        lun_format_check(&format, NULL) != LUN_OK)
		return false;
	*out_size = (struct lun_option_size){format.width_px, format.height_px};
	return true;
}

static bool is_pair(const char *text)
{
	const char *equals = strchr(text, '=');
	return equals && equals != text;
}

// Flags have no text and are set where they are met.
static bool read_value(const struct lun_option *option, const char *text, void *member)
{
	switch (option->type) {
	case LUN_OPTION_FLAG:
		return false;
	case LUN_OPTION_TEXT:
		*(const char **)member = text;
		return *text;
	case LUN_OPTION_TEXTS:
		add_text(member, text);
		return *text;
	case LUN_OPTION_PAIRS:
		add_text(member, text);
		return is_pair(text);
	case LUN_OPTION_INTEGER:
		return read_integer(option, text, member);
	case LUN_OPTION_SECONDS:
		return read_seconds(text, member);
	case LUN_OPTION_SIZE:
		return read_size(text, member);
	case LUN_OPTION_RATE:
		return read_rate(text, member);
	case LUN_OPTION_CHOICE:
		return read_choice(option, text, member);
	case LUN_OPTION_DATE:
		return lun_date_parse(text, member);
	}
	return false;
}

// "nv12, i420, yuy2 or bgra", "a number from 0 to 65535", or the table's name for the value.
static void describe_value(const struct lun_option *option, char *out, size_t size)
{
	size_t used = 0;
	if (option->type == LUN_OPTION_INTEGER) {
		(void)snprintf(out, size, "a whole number from %lld to %lld", (long long)option->min,
		        (long long)option->max);
	} else if (option->type == LUN_OPTION_SECONDS) {
		(void)snprintf(out, size, "a number of seconds above 0");
	} else if (option->type == LUN_OPTION_SIZE) {
		(void)snprintf(out, size, "%s, each from 1 to %d", option->value, LUN_MAX_SIZE_PX);
	} else if (option->type == LUN_OPTION_RATE) {
		(void)snprintf(out, size, "frames per second above 0, at most 240 (30, 29.97, 30000/1001)");
	} else if (option->type == LUN_OPTION_DATE) {
		(void)snprintf(out, size, "a date and time with its zone, as in 2026-01-01T00:00:00Z");
	} else if (option->type == LUN_OPTION_CHOICE) {
		out[0] = '\0';
		for (int i = 0; option->choices[i] && used < size; i++) {
			const char *glue = i == 0 ? "" : option->choices[i + 1] ? ", " : " or ";
			used += (size_t)snprintf(out + used, size - used, "%s%s", glue, option->choices[i]);
		}
	} else {
		(void)snprintf(out, size, "%s", option->value);
	}
}

static enum lun_result fail_option(
        const struct lun_option *option, const char *text, struct lun_error *err)
{
	char wanted[256];
	describe_value(option, wanted, sizeof wanted);
	if (!text)
		return lun_fail(err, LUN_INVALID, "--%s: wants %s", option->name, wanted);
	return lun_fail(err, LUN_INVALID, "--%s: wants %s, got \"%s\"", option->name, wanted, text);
}

static enum lun_result fail_unknown(
        const struct lun_command *command, const char *name, size_t length, struct lun_error *err)
{
	const char *names[MAX_NAMES + 1] = {"help"};
	size_t count = 1;
	for (const struct lun_option_group *group = command->groups; group->options; group++)
		for (const struct lun_option *option = group->options; option->name; option++)
			if (count < MAX_NAMES)
				names[count++] = option->name;
	char *word = strndup(name, length);
	lun_assert(word);
	const char *nearest = lun_nearest(word, names);
	if (nearest)
		(void)lun_fail(err, LUN_INVALID, "--%s: no such option; did you mean --%s?", word, nearest);
	else
		(void)lun_fail(err, LUN_INVALID, "--%s: no such option; see lunette %s --help", word,
		        command->name);
	free(word);
	return LUN_INVALID;
}

static void *get_member(
        void *values, const struct lun_option_group *group, const struct lun_option *option)
{
	return (char *)values + group->offset + option->offset;
}

// Where the parser is: the words that are left.
struct cursor {
	const struct lun_command *command;
	const char *const *words; // borrowed
	int left;
	void *values; // borrowed
};

// attached: the text in `--name=text` and `-otext`, or NULL.
static enum lun_result take_option(struct cursor *at, const struct lun_option *option,
        const struct lun_option_group *group, const char *attached, struct lun_error *err)
{
	void *member = get_member(at->values, group, option);
	if (option->type == LUN_OPTION_FLAG) {
		if (attached)
			return lun_fail(
			        err, LUN_INVALID, "--%s: takes no value, got \"%s\"", option->name, attached);
		*(bool *)member = true;
		return LUN_OK;
	}
	if (!attached && at->left == 0)
		return fail_option(option, NULL, err);
	const char *text = attached;
	if (!text) {
		text = *at->words++;
		at->left--;
	}
	return read_value(option, text, member) ? LUN_OK : fail_option(option, text, err);
}

static enum lun_result take_long(struct cursor *at, const char *name, struct lun_error *err)
{
	size_t length = strcspn(name, "=");
	const struct lun_option_group *group = NULL;
	const struct lun_option *option = lun_options_find(at->command, name, length, &group);
	if (!option)
		return fail_unknown(at->command, name, length, err);
	return take_option(at, option, group, name[length] ? name + length + 1 : NULL, err);
}

static enum lun_result take_short(struct cursor *at, const char *letters, struct lun_error *err)
{
	const struct lun_option_group *group = NULL;
	const struct lun_option *option = find_letter(at->command, letters[0], &group);
	if (!option)
		return lun_fail(err, LUN_INVALID, "-%s: no such option; see lunette %s --help", letters,
		        at->command->name);
	return take_option(at, option, group, letters[1] ? letters + 1 : NULL, err);
}

static void set_fallbacks(const struct lun_command *command, void *values)
{
	memset(values, 0, command->values_size);
	for (const struct lun_option_group *group = command->groups; group->options; group++) {
		for (const struct lun_option *option = group->options; option->name; option++) {
			void *member = get_member(values, group, option);
			if (option->fallback)
				lun_assert(read_value(option, option->fallback, member));
			else if (option->type == LUN_OPTION_INTEGER)
				*(int64_t *)member = -1;
			else if (option->type == LUN_OPTION_SECONDS)
				*(double *)member = -1.0;
			else if (option->type == LUN_OPTION_CHOICE)
				*(int *)member = -1;
		}
	}
}

static enum lun_result check_required(
        const struct lun_command *command, void *values, struct lun_error *err)
{
	for (const struct lun_option_group *group = command->groups; group->options; group++) {
		for (const struct lun_option *option = group->options; option->name; option++) {
			if (!option->is_required || *(const char **)get_member(values, group, option))
				continue;
			const char *dashes = option->letter ? "-" : "--";
			const char letter[] = {option->letter, '\0'};
			return lun_fail(err, LUN_INVALID, "%s%s %s is missing: %s", dashes,
			        option->letter ? letter : option->name, option->value, option->help);
		}
	}
	return LUN_OK;
}

static enum lun_result check_arguments(const struct lun_command *command,
        const struct lun_option_texts *arguments, struct lun_error *err)
{
	if (arguments->count < (size_t)command->arguments_min)
		return lun_fail(err, LUN_INVALID, "wants %s; see lunette %s --help", command->arguments,
		        command->name);
	if (arguments->count <= (size_t)command->arguments_max)
		return LUN_OK;
	const char *extra = arguments->items[command->arguments_max];
	return lun_fail(err, LUN_INVALID, "\"%s\" is one argument too many; see lunette %s --help",
	        extra, command->name);
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

enum lun_result lun_options_parse(const struct lun_command *command, int argc,
        const char *const *argv, void *values, struct lun_option_texts *out_arguments,
        bool *out_is_help, struct lun_error *err)
{
	struct cursor at = {command, argv, argc, values};
	bool is_ended = false;
	*out_is_help = false;
	*out_arguments = (struct lun_option_texts){0};
	set_fallbacks(command, values);
	while (at.left > 0) {
		const char *word = *at.words++;
		at.left--;
		enum lun_result rc = LUN_OK;
		if (is_ended || word[0] != '-' || !word[1]) {
			add_text(out_arguments, word);
		} else if (strcmp(word, "--") == 0) {
			is_ended = true;
		} else if (is_help(word)) {
			*out_is_help = true;
			return LUN_OK;
		} else {
			rc = word[1] == '-' ? take_long(&at, word + 2, err) : take_short(&at, word + 1, err);
		}
		if (rc != LUN_OK)
			return rc;
	}
	enum lun_result rc = check_arguments(command, out_arguments, err);
	return rc == LUN_OK ? check_required(command, values, err) : rc;
}

void lun_options_finish(
        const struct lun_command *command, void *values, struct lun_option_texts *arguments)
{
	for (const struct lun_option_group *group = command->groups; group->options; group++)
		for (const struct lun_option *option = group->options; option->name; option++)
			if (is_list(option))
				free(((struct lun_option_texts *)get_member(values, group, option))->items);
	free(arguments->items);
	*arguments = (struct lun_option_texts){0};
}

const char *lun_option_pair_value(const char *pair)
{
	const char *equals = strchr(pair, '=');
	lun_assert(equals);
	return equals + 1;
}

char *lun_option_pair_name(const char *pair)
{
	char *name = strndup(pair, strcspn(pair, "="));
	lun_assert(name);
	return name;
}
