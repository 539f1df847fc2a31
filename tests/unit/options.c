// The option parser, dates and help, on a table of our own: what is read, what is refused, and in
// which words.
#include <stddef.h>

#include "check.h"

// The command's files are in no library.
#include "hostapp/cli/date.c"
#include "hostapp/cli/help.c"
#include "hostapp/cli/nearest.c"
#include "hostapp/cli/options.c"

struct inner {
	struct lun_option_size size;
	struct lun_option_rate rate;
	int matrix;
};

struct values {
	bool is_loud;
	const char *out;
	const char *title;
	struct lun_option_texts outputs, params;
	int64_t frames, seed;
	double seconds, date_s;
	struct inner inner;
};

static const char *const matrices[] = {"bt601", "bt709", NULL};
#define V(member) offsetof(struct values, member)
static const struct lun_option table[] = {
        {.name = "loud",
                .letter = 'l',
                .type = LUN_OPTION_FLAG,
                .offset = V(is_loud),
                .help = "noise"},
        {.name = "out",
                .letter = 'o',
                .type = LUN_OPTION_TEXT,
                .offset = V(out),
                .value = "OUT",
                .help = "where to",
                .is_required = true},
        {.name = "title",
                .type = LUN_OPTION_TEXT,
                .offset = V(title),
                .value = "TEXT",
                .help = "a title",
                .fallback = "none"},
        {.name = "output",
                .type = LUN_OPTION_TEXTS,
                .offset = V(outputs),
                .value = "OUTPUT",
                .help = "outputs"},
        {.name = "param",
                .type = LUN_OPTION_PAIRS,
                .offset = V(params),
                .value = "NAME=VALUE",
                .help = "parameters"},
        {.name = "frames",
                .type = LUN_OPTION_INTEGER,
                .offset = V(frames),
                .value = "N",
                .min = 1,
                .max = 100,
                .help = "how many"},
        {.name = "seed",
                .type = LUN_OPTION_INTEGER,
                .offset = V(seed),
                .value = "N",
                .max = INT64_MAX,
                .fallback = "7",
                .help = "luck"},
        {.name = "seconds",
                .type = LUN_OPTION_SECONDS,
                .offset = V(seconds),
                .value = "S",
                .help = "how long"},
        {.name = "date",
                .type = LUN_OPTION_DATE,
                .offset = V(date_s),
                .value = "ISO",
                .fallback = "1970-01-02T00:00:00Z",
                .help = "when"},
        {0},
};
#define I(member) offsetof(struct inner, member)
static const struct lun_option inner_table[] = {
        {.name = "size",
                .type = LUN_OPTION_SIZE,
                .offset = I(size),
                .value = "WIDTHxHEIGHT",
                .help = "in pixels"},
        {.name = "fps",
                .type = LUN_OPTION_RATE,
                .offset = I(rate),
                .value = "RATE",
                .help = "speed"},
        {.name = "matrix",
                .type = LUN_OPTION_CHOICE,
                .offset = I(matrix),
                .value = "M",
                .choices = matrices,
                .help = "colours"},
        {0},
};
static const struct lun_option_group groups[] = {{table, 0}, {inner_table, V(inner)}, {0}};
static const struct lun_command command = {
        .name = "try",
        .arguments = "SCENE [MORE]",
        .help = "try something",
        .arguments_min = 1,
        .arguments_max = 2,
        .groups = groups,
        .values_size = sizeof(struct values),
};

static struct values values;
static struct lun_option_texts arguments;
static struct lun_error err;
static bool is_help_wanted;

// Words are split at spaces.
static enum lun_result parse(const char *line)
{
	static char text[512];
	static const char *words[64];
	int count = 0;
	lun_options_finish(&command, &values, &arguments);
	(void)snprintf(text, sizeof text, "%s", line);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		words[count++] = word;
	memset(&err, 0, sizeof err);
	return lun_options_parse(&command, count, words, &values, &arguments, &is_help_wanted, &err);
}

static bool refuses(const char *line, const char *sentence)
{
	bool is_right = parse(line) == LUN_INVALID && strcmp(err.message, sentence) == 0;
	if (!is_right)
		printf("# %s: got \"%s\"\n", line, err.message);
	return is_right;
}

static void values_are_read_in_both_spellings(void)
{
	CHECK(parse("scene --size 1280x720 --fps=29.97 -o a.y4m --loud --matrix bt709") == LUN_OK);
	CHECK_EQ(values.inner.size.width_px, 1280);
	CHECK_EQ(values.inner.size.height_px, 720);
	CHECK_EQ(values.inner.rate.num, 30000);
	CHECK_EQ(values.inner.rate.den, 1001);
	CHECK_EQ(values.inner.matrix, LUN_MATRIX_BT709);
	CHECK(values.is_loud);
	CHECK(strcmp(values.out, "a.y4m") == 0);
	CHECK_EQ(arguments.count, 1);
	CHECK(strcmp(arguments.items[0], "scene") == 0);
}

static void a_letter_takes_its_value_apart_or_attached(void)
{
	CHECK(parse("s -o x") == LUN_OK && strcmp(values.out, "x") == 0);
	CHECK(parse("s -ox") == LUN_OK && strcmp(values.out, "x") == 0);
	CHECK(parse("s --out=x") == LUN_OK && strcmp(values.out, "x") == 0);
	CHECK(parse("s -o -") == LUN_OK && strcmp(values.out, "-") == 0);
}

static void what_is_not_given_has_its_fallback(void)
{
	CHECK(parse("s -o x") == LUN_OK);
	CHECK_EQ(values.seed, 7);
	CHECK_EQ(values.frames, -1);
	CHECK_EQ(values.inner.matrix, -1);
	CHECK_EQ(values.inner.size.width_px, 0);
	CHECK(values.seconds == -1.0);
	CHECK(values.date_s == 86400.0);
	CHECK(strcmp(values.title, "none") == 0);
	CHECK(!values.is_loud);
	CHECK_EQ(values.outputs.count, 0);
}

static void repeated_texts_are_kept_in_order(void)
{
	CHECK(parse("--output one s --output=two -o x --param a=1 --param b==") == LUN_OK);
	CHECK_EQ(values.outputs.count, 2);
	CHECK(strcmp(values.outputs.items[0], "one") == 0);
	CHECK(strcmp(values.outputs.items[1], "two") == 0);
	CHECK_EQ(values.params.count, 2);
	CHECK(strcmp(lun_option_pair_value(values.params.items[1]), "=") == 0);
	char *name = lun_option_pair_name(values.params.items[1]);
	bool is_b = strcmp(name, "b") == 0;
	free(name);
	CHECK(is_b);
}

static void two_dashes_end_the_options(void)
{
	CHECK(parse("-o x -- --loud -o") == LUN_OK);
	CHECK_EQ(arguments.count, 2);
	CHECK(strcmp(arguments.items[0], "--loud") == 0);
	CHECK(!values.is_loud);
}

static void a_wrong_value_is_named_with_what_is_wanted(void)
{
	CHECK(refuses(
	        "s -o x --size 0x10", "--size: wants WIDTHxHEIGHT, each from 1 to 8192, got \"0x10\""));
	CHECK(refuses("s -o x --size 9000x10",
	        "--size: wants WIDTHxHEIGHT, each from 1 to 8192, got \"9000x10\""));
	CHECK(refuses("s -o x --matrix bt2020", "--matrix: wants bt601 or bt709, got \"bt2020\""));
	CHECK(refuses("s -o x --frames 0", "--frames: wants a whole number from 1 to 100, got \"0\""));
	CHECK(refuses(
	        "s -o x --frames 5x", "--frames: wants a whole number from 1 to 100, got \"5x\""));
	CHECK(refuses("s -o x --frames=", "--frames: wants a whole number from 1 to 100, got \"\""));
	CHECK(refuses(
	        "s -o x --seconds -1", "--seconds: wants a number of seconds above 0, got \"-1\""));
	CHECK(refuses(
	        "s -o x --seconds inf", "--seconds: wants a number of seconds above 0, got \"inf\""));
	CHECK(refuses("s -o x --param =5", "--param: wants NAME=VALUE, got \"=5\""));
	CHECK(refuses("s -o x --param five", "--param: wants NAME=VALUE, got \"five\""));
	CHECK(refuses("s -o x --fps 0", "--fps: wants frames per second above 0, at most 240 (30, "
	                                "29.97, 30000/1001), got \"0\""));
	CHECK(refuses("s -o x --date 2026-01-01",
	        "--date: wants a date and time with its zone, as in 2026-01-01T00:00:00Z, got "
	        "\"2026-01-01\""));
}

static void a_missing_value_is_named(void)
{
	CHECK(refuses("s -o x --size", "--size: wants WIDTHxHEIGHT, each from 1 to 8192"));
	CHECK(refuses("s -o", "--out: wants OUT"));
	CHECK(refuses("s", "-o OUT is missing: where to"));
}

static void a_flag_takes_no_value(void)
{
	CHECK(refuses("s -o x --loud=yes", "--loud: takes no value, got \"yes\""));
	CHECK(refuses("s -o x -lx", "--loud: takes no value, got \"x\""));
}

static void an_unknown_option_is_refused_with_the_nearest(void)
{
	CHECK(refuses("s -o x --frmes 3", "--frmes: no such option; did you mean --frames?"));
	CHECK(refuses("s -o x --szie=1x1", "--szie: no such option; did you mean --size?"));
	CHECK(refuses("s -o x --gamma", "--gamma: no such option; see lunette try --help"));
	CHECK(refuses("s -o x -q", "-q: no such option; see lunette try --help"));
}

static void too_few_and_too_many_arguments_are_refused(void)
{
	CHECK(refuses("-o x", "wants SCENE [MORE]; see lunette try --help"));
	CHECK(refuses("a b c -o x", "\"c\" is one argument too many; see lunette try --help"));
}

static void help_counts_before_everything_behind_it(void)
{
	CHECK(parse("--help --nonsense") == LUN_OK && is_help_wanted);
	CHECK(parse("-h") == LUN_OK && is_help_wanted);
	CHECK(parse("s -o x") == LUN_OK && !is_help_wanted);
}

static bool is_date(const char *text, double epoch_s)
{
	double got = -1.0;
	return lun_date_parse(text, &got) && got == epoch_s;
}

// Expected values: `date -u -d TEXT +%s`.
static void dates_with_zones_become_seconds(void)
{
	CHECK(is_date("1970-01-01T00:00:00Z", 0.0));
	CHECK(is_date("2026-01-01T00:00:00Z", 1767225600.0));
	CHECK(is_date("2024-02-29T23:59:59Z", 1709251199.0));
	CHECK(is_date("2026-01-01T02:30:00+02:30", 1767225600.0));
	CHECK(is_date("2025-12-31T19:00:00-05:00", 1767225600.0));
	CHECK(is_date("2026-01-01T00:00:00.5Z", 1767225600.5));
	CHECK(is_date("9999-12-31T23:59:59Z", 253402300799.0));
}

static void dates_that_do_not_exist_or_have_no_zone_are_refused(void)
{
	static const char *const wrong[] = {"", "2026", "2026-01-01", "2026-01-01T00:00:00",
	        "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
	        "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z",
	        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
	        "2026-1-1T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00z",
	        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+0200", "2026-01-01T00:00:00+15:00",
	        "2026-01-01T00:00:00+14:60", "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z",
	        "1969-12-31T23:59:59Z", "+2026-01-01T00:00:00Z"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		double unused;
		if (lun_date_parse(wrong[i], &unused))
			printf("# taken: \"%s\"\n", wrong[i]);
		CHECK(!lun_date_parse(wrong[i], &unused));
	}
}

static bool is_nearest(const char *word, const char *wanted)
{
	static const char *const words[] = {"run", "render", "resume", "set", "send", "scenes", NULL};
	const char *got = lun_nearest(word, words);
	return wanted ? got && strcmp(got, wanted) == 0 : !got;
}

static void a_slip_of_the_finger_finds_its_word(void)
{
	CHECK(is_nearest("rnder", "render"));
	CHECK(is_nearest("redner", "render"));
	CHECK(is_nearest("Render", "render"));
	CHECK(is_nearest("rum", "run"));
	CHECK(is_nearest("scene", "scenes"));
	CHECK(is_nearest("resum", "resume"));
	CHECK(is_nearest("", NULL));
	CHECK(is_nearest("install", NULL));
	CHECK(is_nearest("x", NULL));
	CHECK(is_nearest("renderrenderrenderrenderrenderrenderrender", NULL));
}

static void help_names_every_option_and_stays_within_80_columns(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	lun_help_command(out, &command);
	(void)fclose(out);
	static const char *const wanted[] = {"usage: lunette try -o OUT [OPTIONS] SCENE [MORE]\n",
	        "Try something.\n", "  -l, --loud ", "  -o, --out OUT ", "      --size WIDTHxHEIGHT ",
	        "      --matrix M ", "bt601, bt709", "(default 7)", "(repeatable)", "  -h, --help "};
	size_t missing = 0, wide = 0;
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		missing += !strstr(text, wanted[i]);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		wide += strlen(line) > 80;
	free(text);
	CHECK_EQ(missing, 0);
	CHECK_EQ(wide, 0);
}

TEST_MAIN({
	RUN(values_are_read_in_both_spellings);
	RUN(a_letter_takes_its_value_apart_or_attached);
	RUN(what_is_not_given_has_its_fallback);
	RUN(repeated_texts_are_kept_in_order);
	RUN(two_dashes_end_the_options);
	RUN(a_wrong_value_is_named_with_what_is_wanted);
	RUN(a_missing_value_is_named);
	RUN(a_flag_takes_no_value);
	RUN(an_unknown_option_is_refused_with_the_nearest);
	RUN(too_few_and_too_many_arguments_are_refused);
	RUN(help_counts_before_everything_behind_it);
	RUN(dates_with_zones_become_seconds);
	RUN(dates_that_do_not_exist_or_have_no_zone_are_refused);
	RUN(a_slip_of_the_finger_finds_its_word);
	RUN(help_names_every_option_and_stays_within_80_columns);
	lun_options_finish(&command, &values, &arguments);
})
