/**
 * Options and commands as tables: one parser reads them, one printer makes --help of them.
 *
 * A command declares a struct for its values and, in groups, where each option's value goes in
 * it. Thread: any; nothing here keeps state.
 */
#pragma once

#include "lunette/base.h"

/** What the value of an option looks like, and which member takes it. */
enum lun_option_type {
	LUN_OPTION_FLAG,    /**< bool */
	LUN_OPTION_TEXT,    /**< const char *; NULL when not given */
	LUN_OPTION_TEXTS,   /**< struct lun_option_texts; may be repeated */
	LUN_OPTION_PAIRS,   /**< the same; each text is NAME=VALUE */
	LUN_OPTION_INTEGER, /**< int64_t within min and max; -1 when not given */
	LUN_OPTION_SECONDS, /**< double above 0; -1 when not given */
	LUN_OPTION_SIZE,    /**< struct lun_option_size; zeroed when not given */
	LUN_OPTION_RATE,    /**< struct lun_option_rate; zeroed when not given */
	LUN_OPTION_CHOICE,  /**< int, the index in choices; -1 when not given */
	LUN_OPTION_DATE,    /**< double, seconds since 1970 */
};

struct lun_option_size {
	int width_px, height_px;
};

struct lun_option_rate {
	int num, den;
};

struct lun_option_texts {
	const char **items; // owned; the texts are borrowed from argv
	size_t count;
};

struct lun_option {
	const char *name; /**< without dashes; NULL ends a table */
	char letter;      /**< 'o' for -o; 0 for none */
	enum lun_option_type type;
	size_t offset;     /**< of the member, within its group's struct */
	const char *value; /**< what --help and errors call the value; NULL for flags */
	const char *help;
	const char *fallback;       /**< used, and shown, when the option is not given; may be NULL */
	const char *const *choices; /**< LUN_OPTION_CHOICE: NULL-terminated */
	int64_t min, max;           /**< LUN_OPTION_INTEGER */
	bool is_required;
};

/** A table and where its struct lies in the command's values. */
struct lun_option_group {
	const struct lun_option *options; /**< NULL ends a list of groups */
	size_t offset;
};

struct lun_command {
	const char *name;
	const char *arguments; /**< "SCENE", "[SCENE]", "NAME=VALUE..."; "" for none */
	const char *help;      /**< one line */
	const char *details;   /**< more for --help; may be NULL */
	int arguments_min, arguments_max;
	const struct lun_option_group *groups;
	size_t values_size;
	/** @return the exit code */
	int (*run)(const void *values, const struct lun_option_texts *arguments);
};

/**
 * Read a command line. Options and arguments may be mixed; `--` ends the options.
 *
 * @param argv           without the program's and the command's names
 * @param values         command->values_size bytes; filled, also on failure: call finish
 * @param out_arguments  filled, also on failure
 * @param out_is_help    -h or --help was there: nothing else counts then
 * @return LUN_OK, or LUN_INVALID with `--size: wants WIDTHxHEIGHT, got "0x10"`
 */
enum lun_result lun_options_parse(const struct lun_command *command, int argc,
        const char *const *argv, void *values, struct lun_option_texts *out_arguments,
        bool *out_is_help, struct lun_error *err);

/** Free what parse allocated. */
void lun_options_finish(
        const struct lun_command *command, void *values, struct lun_option_texts *arguments);

/** The option of that long name, or NULL; out_group says whose it is and may be NULL. */
const struct lun_option *lun_options_find(const struct lun_command *command, const char *name,
        size_t length, const struct lun_option_group **out_group);

/** The value of NAME=VALUE texts: what follows the first "=". Borrowed. */
const char *lun_option_pair_value(const char *pair);
/** The name of NAME=VALUE. The caller frees it. */
char *lun_option_pair_name(const char *pair);

/**
 * Seconds since 1970 of an ISO 8601 date and time with a zone: 2026-01-01T00:00:00Z,
 * 2026-01-01T12:30:00.250+02:00. Years 1970 to 9999; without a zone it is refused.
 */
bool lun_date_parse(const char *text, double *out_epoch_s);

/**
 * The candidate that is most likely meant by a mistyped word.
 *
 * @param candidates  NULL-terminated
 * @return one of them, or NULL when none is near
 */
const char *lun_nearest(const char *word, const char *const *candidates);
