// Whatever is typed, the option parser reads it or refuses it in one sentence, and what it read
// lies within what the tables allow.
#include <stddef.h>

#include "prop.h"

// The command's files are in no library.
#include "hostapp/cli/date.c"
#include "hostapp/cli/nearest.c"
#include "hostapp/cli/options.c"

struct values {
	bool is_loud;
	const char *out;
	struct lun_option_texts params;
	int64_t frames;
	double seconds, date_s;
	struct lun_option_size size;
	struct lun_option_rate rate;
	int matrix;
};

static const char *const matrices[] = {"bt601", "bt709", NULL};
#define V(member) offsetof(struct values, member)
static const struct lun_option table[] = {
        {.name = "loud", .letter = 'l', .type = LUN_OPTION_FLAG, .offset = V(is_loud)},
        {.name = "out",
                .letter = 'o',
                .type = LUN_OPTION_TEXT,
                .offset = V(out),
                .value = "OUT",
                .help = "where to",
                .is_required = true},
        {.name = "param", .type = LUN_OPTION_PAIRS, .offset = V(params), .value = "NAME=VALUE"},
        {.name = "frames",
                .type = LUN_OPTION_INTEGER,
                .offset = V(frames),
                .value = "N",
                .min = 1,
                .max = 100},
        {.name = "seconds", .type = LUN_OPTION_SECONDS, .offset = V(seconds), .value = "S"},
        {.name = "date", .type = LUN_OPTION_DATE, .offset = V(date_s), .value = "ISO"},
        {.name = "size", .type = LUN_OPTION_SIZE, .offset = V(size), .value = "WIDTHxHEIGHT"},
        {.name = "fps", .type = LUN_OPTION_RATE, .offset = V(rate), .value = "RATE"},
        {.name = "matrix",
                .type = LUN_OPTION_CHOICE,
                .offset = V(matrix),
                .value = "M",
                .choices = matrices},
        {0},
};
static const struct lun_option_group groups[] = {{table, 0}, {0}};
static const struct lun_command command = {
        .name = "try",
        .arguments = "[SCENE...]",
        .arguments_max = 4,
        .groups = groups,
        .values_size = sizeof(struct values),
};

#define MAX_WORDS 12
#define WORD_BYTES 40

// Words that are nearly right are worth more than noise; each may have one byte replaced.
static void make_word(struct gen *gen, char *out)
{
	static const char *const words[] = {"--loud", "-l", "--out", "-o", "-ox", "--out=x", "--param",
	        "a=b", "--param=a=b", "--frames", "7", "101", "--frames=-1", "--seconds", "0.5", "1e9",
	        "--date", "2026-02-28T12:00:00+01:00", "2024-02-29T00:00:00.125Z", "--size",
	        "1920x1080", "8193x1", "--fps", "29.97", "30000/1001", "0", "--matrix", "bt709", "--",
	        "-", "--help", "", "--nothing", "scene"};
	int last = (int)(sizeof words / sizeof *words) - 1;
	(void)snprintf(out, WORD_BYTES, "%s", words[gen_range(gen, 0, last)]);
	size_t length = strlen(out);
	if (length && gen_range(gen, 0, 5) == 0)
		out[gen_range(gen, 0, (int)length - 1)] = (char)gen_range(gen, 1, 255);
}

static bool is_within_tables(const struct values *values)
{
	bool has_size = values->size.width_px || values->size.height_px;
	bool has_rate = values->rate.num || values->rate.den;
	for (size_t i = 0; i < values->params.count; i++)
		if (strchr(values->params.items[i], '=') <= values->params.items[i])
			return false;
	return values->out && *values->out && values->frames >= -1 && values->frames <= 100 &&
	       values->frames != 0 && (values->seconds == -1.0 || values->seconds > 0.0) &&
	       values->date_s >= -14.0 * 3600.0 && values->date_s < 253402300800.0 + 14.0 * 3600.0 &&
	       values->matrix >= -1 && values->matrix <= 1 &&
	       (!has_size || (values->size.width_px > 0 && values->size.width_px <= LUN_MAX_SIZE_PX)) &&
	       (!has_rate || (values->rate.den > 0 && values->rate.num / values->rate.den <= 240));
}

static bool is_sentence(const struct lun_error *err)
{
	return err->code == LUN_INVALID && err->message[0] == '-';
}

// "wants SCENE" and "one too many" begin otherwise.
static bool is_about_arguments(const struct lun_error *err)
{
	return strstr(err->message, "one argument too many") != NULL;
}

static bool every_command_line_is_read_or_refused(struct gen *gen)
{
	char text[MAX_WORDS][WORD_BYTES];
	const char *words[MAX_WORDS];
	int count = gen_range(gen, 0, MAX_WORDS);
	for (int i = 0; i < count; i++) {
		make_word(gen, text[i]);
		words[i] = text[i];
	}
	struct values values;
	struct lun_option_texts arguments;
	struct lun_error err = {0};
	bool is_help = false;
	enum lun_result rc =
	        lun_options_parse(&command, count, words, &values, &arguments, &is_help, &err);
	bool is_right = rc == LUN_OK ? is_help || (is_within_tables(&values) && arguments.count <= 4)
	                             : is_sentence(&err) || is_about_arguments(&err);
	lun_options_finish(&command, &values, &arguments);
	return is_right;
}

PROPERTY(every_command_line_is_read_or_refused)
