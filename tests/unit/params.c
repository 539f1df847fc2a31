// Parameters: every kind with what it takes and what it refuses, and in which words; declarations
// that nobody sane would write; colours against FFmpeg's table of names.
#include "lunette/params.h"

#include <libavutil/parseutils.h>
#include <math.h>

#include "check.h"
#include "lunette/log.h"

/** JSON with ' for ", to be readable in C. */
static json_t *json(const char *text)
{
	char *copy = lun_strdup(text);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json_error_t error;
	json_t *value = json_loads(copy, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	if (!value)
		printf("# bad test: %s: %s\n", copy, error.text);
	lun_assert(value);
	free(copy);
	return value;
}

struct row {
	const char *declaration, *input;
	const char *want;  // JSON, or NULL: refused
	const char *words; // in the message
};

/** One row of a table; is_text: the input is typed text, else JSON. */
static bool holds(const struct row *row, bool is_text)
{
	json_t *declaration = json(row->declaration), *before = json_deep_copy(declaration);
	json_t *value = is_text ? NULL : json(row->input), *got = NULL;
	json_t *want = row->want ? json(row->want) : NULL;
	struct lun_error err = {0};
	enum lun_result rc = is_text ? lun_param_parse(declaration, row->input, &got, &err)
	                             : lun_param_check(declaration, value, &got, &err);
	bool is_good = rc == (want ? LUN_OK : LUN_INVALID) && json_equal(declaration, before);
	if (want)
		is_good = is_good && json_equal(want, got) && json_typeof(want) == json_typeof(got);
	else
		is_good = is_good && !got && err.code == LUN_INVALID && strstr(err.message, row->words);
	if (!is_good) {
		char *dump = got ? json_dumps(got, JSON_ENCODE_ANY) : NULL;
		printf("# %s with %s: %s %s\n", row->declaration, row->input, dump ? dump : "nothing",
		        err.message);
		free(dump);
	}
	// Without anywhere to put the answers it is the same decision.
	enum lun_result quiet = is_text ? lun_param_parse(declaration, row->input, NULL, NULL)
	                                : lun_param_check(declaration, value, NULL, NULL);
	json_decref(declaration);
	json_decref(before);
	json_decref(value);
	json_decref(want);
	json_decref(got);
	return is_good && quiet == rc;
}

#define EACH(rows, is_text)                                           \
	do {                                                              \
		for (size_t i_ = 0; i_ < sizeof(rows) / sizeof *(rows); i_++) \
			CHECK(holds(&(rows)[i_], is_text));                       \
	} while (0)

static void each_kind_takes_its_values(void)
{
	static const struct row rows[] = {
	        {"{'name':'t','kind':'text'}", "'Ada'", "'Ada'", NULL},
	        {"{'name':'t','kind':'text'}", "''", "''", NULL},
	        {"{'name':'t','kind':'text'}", "'a\\nb'", "'a\\nb'", NULL},
	        {"{'name':'t','kind':'text','max':3}", "'äöü'", "'äöü'", NULL},
	        {"{'name':'t','kind':'text','max':1}", "'🌙'", "'🌙'", NULL},
	        {"{'name':'n','kind':'number'}", "1.5", "1.5", NULL},
	        {"{'name':'n','kind':'number'}", "-3", "-3", NULL},
	        {"{'name':'n','kind':'number','min':0,'max':1}", "0", "0", NULL},
	        {"{'name':'n','kind':'number','min':0,'max':1}", "1.0", "1.0", NULL},
	        {"{'name':'i','kind':'integer'}", "7", "7", NULL},
	        {"{'name':'i','kind':'integer'}", "7.0", "7", NULL},
	        {"{'name':'i','kind':'integer'}", "9007199254740993", "9007199254740993", NULL},
	        {"{'name':'b','kind':'bool'}", "true", "true", NULL},
	        {"{'name':'b','kind':'bool'}", "false", "false", NULL},
	        {"{'name':'c','kind':'color'}", "'#0A84FF'", "'#0a84ff'", NULL},
	        {"{'name':'c','kind':'color'}", "'Orange'", "'#ffa500'", NULL},
	        {"{'name':'c','kind':'color'}", "'#fff'", "'#ffffff'", NULL},
	        {"{'name':'c','kind':'color'}", "'#1238'", "'#11223388'", NULL},
	        {"{'name':'c','kind':'color'}", "'#112233FF'", "'#112233'", NULL},
	        {"{'name':'c','kind':'color'}", "'transparent'", "'#00000000'", NULL},
	        {"{'name':'z','kind':'choice','choices':['UTC','Europe/Berlin']}", "'UTC'", "'UTC'",
	                NULL},
	        {"{'name':'z','kind':'choice','choices':[1,2.5]}", "2.5", "2.5", NULL},
	        {"{'name':'p','kind':'image'}", "'logo.png'", "'logo.png'", NULL},
	        {"{'name':'p','kind':'image'}", "''", "''", NULL},
	        {"{'name':'f','kind':'font'}", "'a/b.ttf'", "'a/b.ttf'", NULL},
	        {"{'name':'d','kind':'duration'}", "90", "90", NULL},
	        {"{'name':'d','kind':'duration'}", "0.25", "0.25", NULL},
	        {"{'name':'d','kind':'duration'}", "'1m30s'", "90", NULL},
	        {"{'name':'d','kind':'duration','max':90}", "'01:30'", "90", NULL},
	        {"{'name':'l','kind':'list'}", "[]", "[]", NULL},
	        {"{'name':'l','kind':'list','max':2}", "['a','b']", "['a','b']", NULL},
	        {"{'name':'u','kind':'url'}", "'https://example.org/x?y#z'",
	                "'https://example.org/x?y#z'", NULL},
	        {"{'name':'u','kind':'url'}", "'HTTP://[::1]:80'", "'HTTP://[::1]:80'", NULL},
	        {"{'name':'u','kind':'url'}", "'file:///tmp/a'", "'file:///tmp/a'", NULL},
	        {"{'name':'u','kind':'url'}", "''", "''", NULL},
	};
	EACH(rows, false);
}

static void each_kind_refuses_in_a_sentence(void)
{
	static const struct row rows[] = {
	        {"{'name':'t','kind':'text'}", "3", NULL, "parameter t wants text, got 3"},
	        {"{'name':'t','kind':'text'}", "null", NULL, "parameter t wants text, got null"},
	        {"{'name':'t','kind':'text'}", "'a\\u0000b'", NULL,
	                "parameter t wants text, got \"a\""},
	        {"{'name':'t','kind':'text','max':2}", "'äöü'", NULL,
	                "parameter t wants at most 2 characters, got 3"},
	        {"{'name':'n','kind':'number'}", "'1'", NULL, "parameter n wants a number, got \"1\""},
	        {"{'name':'n','kind':'number','min':0,'max':10}", "12", NULL,
	                "parameter n wants a number from 0 to 10, got 12"},
	        {"{'name':'n','kind':'number','min':0.5}", "0.25", NULL,
	                "parameter n wants a number of at least 0.5, got 0.25"},
	        {"{'name':'n','kind':'number','max':-1}", "0", NULL,
	                "parameter n wants a number of at most -1, got 0"},
	        {"{'name':'i','kind':'integer'}", "1.5", NULL,
	                "parameter i wants a whole number, got 1.5"},
	        {"{'name':'i','kind':'integer'}", "1e300", NULL,
	                "parameter i wants a whole number, got 1e+300"},
	        {"{'name':'i','kind':'integer','min':1,'max':3}", "4", NULL,
	                "parameter i wants a whole number from 1 to 3, got 4"},
	        {"{'name':'clock','kind':'bool'}", "3", NULL,
	                "parameter clock wants true or false, got 3"},
	        {"{'name':'clock','kind':'bool'}", "'true'", NULL,
	                "parameter clock wants true or false, got \"true\""},
	        {"{'name':'c','kind':'color'}", "'#12345'", NULL,
	                "parameter c wants a colour such as #ff8800 or orange, got \"#12345\""},
	        {"{'name':'c','kind':'color'}", "[1,0,0]", NULL, "got a list"},
	        {"{'name':'zone','kind':'choice','choices':['UTC','Europe/Berlin']}", "'Mars'", NULL,
	                "parameter zone wants one of UTC, Europe/Berlin, got \"Mars\""},
	        {"{'name':'zone','kind':'choice','choices':['UTC']}", "'utc'", NULL,
	                "parameter zone wants one of UTC, got \"utc\""},
	        {"{'name':'zone','kind':'choice','choices':['1']}", "1", NULL, "got 1"},
	        {"{'name':'p','kind':'image'}", "true", NULL,
	                "parameter p wants the path of a file, got true"},
	        {"{'name':'f','kind':'font'}", "{}", NULL,
	                "parameter f wants the path of a file, got an object"},
	        {"{'name':'d','kind':'duration'}", "-1", NULL,
	                "parameter d wants a duration such as 90, 1m30s or 01:30, got -1"},
	        {"{'name':'d','kind':'duration'}", "'soon'", NULL, "got \"soon\""},
	        {"{'name':'d','kind':'duration','min':5,'max':60}", "'2m'", NULL,
	                "parameter d wants a duration in seconds from 5 to 60, got \"2m\""},
	        {"{'name':'s','kind':'section'}", "'x'", NULL,
	                "parameter s is a heading and has no value"},
	        {"{'name':'l','kind':'list'}", "'a'", NULL,
	                "parameter l wants a list of texts, got \"a\""},
	        {"{'name':'l','kind':'list'}", "['a',3]", NULL, "got 3"},
	        {"{'name':'l','kind':'list'}", "['a\\u0000']", NULL, "list of texts"},
	        {"{'name':'l','kind':'list','max':1}", "['a','b']", NULL,
	                "parameter l wants at most 1 entries, got 2"},
	        {"{'name':'u','kind':'url'}", "'javascript:alert(1)'", NULL,
	                "parameter u wants an address that starts with http://, https:// or file://, "
	                "got"},
	        {"{'name':'u','kind':'url'}", "'http://'", NULL, "address"},
	        {"{'name':'u','kind':'url'}", "'http:///x'", NULL, "address"},
	        {"{'name':'u','kind':'url'}", "'http://a b'", NULL, "address"},
	        {"{'name':'u','kind':'url'}", "'http://a\\nb'", NULL, "got \"http://a b\""},
	        {"{'name':'u','kind':'url'}", "'ftp://a'", NULL, "address"},
	};
	EACH(rows, false);
}

static void text_from_a_command_line_is_read(void)
{
	static const struct row rows[] = {
	        {"{'name':'t','kind':'text'}", "12", "'12'", NULL},
	        {"{'name':'t','kind':'text'}", "true", "'true'", NULL},
	        {"{'name':'t','kind':'text'}", "\xff", NULL, "parameter t wants text in UTF-8"},
	        {"{'name':'t','kind':'text','max':1}", "ab", NULL, "at most 1 characters"},
	        {"{'name':'n','kind':'number'}", "12", "12", NULL},
	        {"{'name':'n','kind':'number'}", "1.5", "1.5", NULL},
	        {"{'name':'n','kind':'number'}", "+1.5", "1.5", NULL},
	        {"{'name':'n','kind':'number'}", ".5", "0.5", NULL},
	        {"{'name':'n','kind':'number'}", "-.5", "-0.5", NULL},
	        {"{'name':'n','kind':'number'}", "007", "7", NULL},
	        {"{'name':'n','kind':'number'}", "00.5", "0.5", NULL},
	        {"{'name':'n','kind':'number'}", "0", "0", NULL},
	        {"{'name':'n','kind':'number'}", "1e3", "1000.0", NULL},
	        {"{'name':'n','kind':'number'}", "", NULL, "wants a number, got \"\""},
	        {"{'name':'n','kind':'number'}", "-", NULL, "wants a number, got \"-\""},
	        {"{'name':'n','kind':'number'}", ".", NULL, "wants a number"},
	        {"{'name':'n','kind':'number'}", "1.", NULL, "wants a number"},
	        {"{'name':'n','kind':'number'}", "+-1", NULL, "wants a number"},
	        {"{'name':'n','kind':'number'}", "0x10", NULL, "wants a number"},
	        {"{'name':'n','kind':'number'}", "nan", NULL, "wants a number"},
	        {"{'name':'n','kind':'number'}", "inf", NULL, "wants a number"},
	        {"{'name':'n','kind':'number'}", "1e999", NULL, "wants a number"},
	        {"{'name':'n','kind':'number'}", "1,5", NULL, "wants a number"},
	        {"{'name':'n','kind':'number'}", "[1]", NULL, "wants a number, got \"[1]\""},
	        {"{'name':'n','kind':'number'}", "true", NULL, "wants a number, got \"true\""},
	        {"{'name':'i','kind':'integer'}", "3", "3", NULL},
	        {"{'name':'i','kind':'integer'}", "3.0", "3", NULL},
	        {"{'name':'i','kind':'integer'}", "3.5", NULL, "wants a whole number, got 3.5"},
	        {"{'name':'i','kind':'integer'}", "99999999999999999999", NULL, "a whole number"},
	        {"{'name':'b','kind':'bool'}", "true", "true", NULL},
	        {"{'name':'b','kind':'bool'}", "YES", "true", NULL},
	        {"{'name':'b','kind':'bool'}", "on", "true", NULL},
	        {"{'name':'b','kind':'bool'}", "1", "true", NULL},
	        {"{'name':'b','kind':'bool'}", "off", "false", NULL},
	        {"{'name':'b','kind':'bool'}", "No", "false", NULL},
	        {"{'name':'b','kind':'bool'}", "0", "false", NULL},
	        {"{'name':'b','kind':'bool'}", "maybe", NULL,
	                "parameter b wants true or false, got \"maybe\""},
	        {"{'name':'c','kind':'color'}", "#F80", "'#ff8800'", NULL},
	        {"{'name':'z','kind':'choice','choices':['10','20']}", "10", "'10'", NULL},
	        {"{'name':'z','kind':'choice','choices':[10,20]}", "20", "20", NULL},
	        {"{'name':'z','kind':'choice','choices':[10,20]}", "30", NULL,
	                "one of 10, 20, got \"30\""},
	        {"{'name':'p','kind':'image'}", "a b.png", "'a b.png'", NULL},
	        {"{'name':'d','kind':'duration'}", "90", "90", NULL},
	        {"{'name':'s','kind':'section'}", "x", NULL, "is a heading"},
	        {"{'name':'l','kind':'list'}", "", "[]", NULL},
	        {"{'name':'l','kind':'list'}", "a", "['a']", NULL},
	        {"{'name':'l','kind':'list'}", "a, b ,c", "['a','b','c']", NULL},
	        {"{'name':'l','kind':'list'}", "a,,b", "['a','','b']", NULL},
	        {"{'name':'l','kind':'list'}", "a, b\nc", "['a, b','c']", NULL},
	        {"{'name':'l','kind':'list'}", "[\"a,b\",\"c\"]", "['a,b','c']", NULL},
	        {"{'name':'l','kind':'list'}", "[1]", NULL, "list of texts"},
	        {"{'name':'l','kind':'list'}", "[oops", NULL, "wants a list of texts, got \"[oops\""},
	        {"{'name':'l','kind':'list'}", "a,\xff", NULL, "UTF-8"},
	        {"{'name':'u','kind':'url'}", "http://x", "'http://x'", NULL},
	};
	EACH(rows, true);
}

static void durations_are_read(void)
{
	static const struct {
		const char *text;
		double seconds; // below 0: refused
	} rows[] = {{"0", 0}, {"90", 90}, {"1.5", 1.5}, {"45s", 45}, {"1m30s", 90}, {"1m 30s", 90},
	        {"2h", 7200}, {"1.5h", 5400}, {"1h30m", 5400}, {"1d", 86400}, {"1d12h", 129600},
	        {"250ms", 0.25}, {"1s500ms", 1.5}, {"1M30S", 90}, {"01:30", 90}, {"90:00", 5400},
	        {"1:02:03", 3723}, {"0:00.5", 0.5}, {"", -1}, {"s", -1}, {"-5", -1}, {"+5", -1},
	        {"1x", -1}, {"1m30", -1}, {"30s1m", -1}, {"1m1m", -1}, {"1:5", -1}, {"1:60", -1},
	        {"1:2:3:4", -1}, {"1:00:00:00", -1}, {"1.5:30", -1}, {"1:30.5:10", -1}, {"1:30m", -1},
	        {"1h:30", -1}, {":30", -1}, {"1:", -1}, {"1..5", -1}, {"1.", -1}, {".5", -1},
	        {"1e3", -1}, {"5 ", -1}, {" 5", -1}, {"1 m", -1}, {"nan", -1}, {"inf", -1},
	        {"9999999999999999999999", -1}, {"1mm", -1}, {"1mss", -1}};
	json_t *declaration = json("{'name':'d','kind':'duration'}");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		json_t *got = NULL;
		enum lun_result rc = lun_param_parse(declaration, rows[i].text, &got, NULL);
		double seconds = rc == LUN_OK ? json_number_value(got) : -1;
		json_decref(got);
		if (fabs(seconds - rows[i].seconds) > 1e-9)
			printf("# \"%s\" is %g\n", rows[i].text, seconds);
		CHECK(fabs(seconds - rows[i].seconds) <= 1e-9);
	}
	json_decref(declaration);
}

static void hostile_declarations_are_survived(void)
{
	static const struct row rows[] = {
	        {"null", "1", NULL, "parameter without a name is declared without a kind"},
	        {"3", "1", NULL, "without a kind"},
	        {"[]", "1", NULL, "without a kind"},
	        {"{}", "1", NULL, "without a kind"},
	        {"{'name':3,'kind':'bool'}", "1", NULL, "parameter without a name wants true"},
	        {"{'name':'x','kind':7}", "1", NULL, "parameter x is declared without a kind"},
	        {"{'name':'x','kind':'rocket'}", "1", NULL,
	                "parameter x is of the kind \"rocket\", which does not exist"},
	        {"{'name':'x','kind':'text','max':'many'}", "'abc'", "'abc'", NULL},
	        {"{'name':'x','kind':'text','max':-1}", "''", NULL, "at most -1 characters"},
	        {"{'name':'x','kind':'number','min':[],'max':{}}", "5", "5", NULL},
	        {"{'name':'x','kind':'number','min':10,'max':1}", "5", NULL, "from 10 to 1"},
	        {"{'name':'x','kind':'choice'}", "'a'", NULL,
	                "parameter x wants one of its choices, and has none, got \"a\""},
	        {"{'name':'x','kind':'choice','choices':'a'}", "'a'", NULL, "has none"},
	        {"{'name':'x','kind':'choice','choices':[null,[],{},true,'b']}", "'a'", NULL,
	                "one of null, a list, an object, true, b, got \"a\""},
	        {"{'name':'x','kind':'choice','choices':[null,[],{},true]}", "null", NULL, "got null"},
	        {"{'name':'x','kind':'choice','choices':[null,[],{},true]}", "{}", NULL, "an object"},
	        {"{'name':'a\\nb\\u001b[31m','kind':'bool'}", "1", NULL, "parameter a b [31m wants"},
	        {"{'name':'x','kind':'list','max':null}", "['a']", "['a']", NULL},
	};
	EACH(rows, false);
	CHECK_EQ(lun_param_check(NULL, NULL, NULL, NULL), LUN_INVALID);
	json_t *declaration = json("{'name':'x','kind':'bool'}");
	struct lun_error err;
	CHECK_EQ(lun_param_check(declaration, NULL, NULL, &err), LUN_INVALID);
	CHECK(strstr(err.message, "got nothing"));
	json_decref(declaration);
}

/** Text of length characters of two bytes each. */
static json_t *make_long_text(size_t length)
{
	char *text = lun_alloc(2 * length + 1);
	for (size_t i = 0; i < length; i++)
		memcpy(text + 2 * i, "ß", 2);
	json_t *value = json_string(text);
	free(text);
	return value;
}

static void messages_stay_short_and_valid_utf8(void)
{
	// Long names, values and choices, cut at either byte of a character.
	for (size_t shift = 0; shift < 2; shift++) {
		json_t *text = make_long_text(100000);
		char *name = lun_format_string("%s%s", shift ? "x" : "", json_string_value(text));
		char *other = lun_format_string("%s!", name);
		json_t *choices = json_array();
		for (int i = 0; i < 1000; i++)
			(void)json_array_append(choices, text);
		json_t *declaration =
		        json_pack("{s:s, s:s, s:o}", "name", name, "kind", "choice", "choices", choices);
		json_t *value = json_string(other);
		struct lun_error err;
		enum lun_result rc = lun_param_check(declaration, value, NULL, &err);
		json_t *message = json_string(err.message); // refuses what is not UTF-8
		bool is_valid = message != NULL;
		size_t length = strlen(err.message);
		bool ends_in_value = strstr(err.message, ", got \"") != NULL;
		json_decref(message);
		json_decref(declaration);
		json_decref(value);
		json_decref(text);
		free(name);
		free(other);
		CHECK_EQ(rc, LUN_INVALID);
		CHECK(is_valid && ends_in_value);
		CHECK(length < 800);
	}
}

static int warnings;
static char last_warning[1024];

static void count_warning(void *data, enum lun_log_level level, const char *message)
{
	(void)data;
	if (level != LUN_LOG_WARN)
		return;
	warnings++;
	(void)snprintf(last_warning, sizeof last_warning, "%s", message);
}

static void values_are_defaults_replaced_by_what_is_valid(void)
{
	static const char declarations[] =
	        "[{'name':'name','kind':'text','default':'Ada'},"
	        " {'name':'head','kind':'section','label':'Look','default':'x'},"
	        " {'name':'accent','kind':'color','default':'Orange'},"
	        " {'name':'clock','kind':'bool','default':true},"
	        " {'name':'pause','kind':'duration','default':'1m'},"
	        " {'name':'logo','kind':'image'},"
	        " {'name':'name','kind':'integer','default':5},"
	        " 7, null, {'kind':'text','default':'nameless'}]";
	static const struct {
		const char *stored, *want;
		int warnings;
		const char *words;
	} rows[] = {
	        {NULL, "{'name':'Ada','accent':'#ffa500','clock':true,'pause':60}", 0, ""},
	        {"{}", "{'name':'Ada','accent':'#ffa500','clock':true,'pause':60}", 0, ""},
	        {"[1]", "{'name':'Ada','accent':'#ffa500','clock':true,'pause':60}", 0, ""},
	        {"{'name':'Grace','logo':'a.png','gone':1}",
	                "{'name':'Grace','accent':'#ffa500','clock':true,'pause':60,'logo':'a.png'}", 0,
	                ""},
	        {"{'clock':3,'accent':'#FFF'}",
	                "{'name':'Ada','accent':'#ffffff','clock':true,'pause':60}", 1,
	                "parameter clock wants true or false, got 3"},
	        {"{'name':null,'pause':-1,'head':'y'}",
	                "{'name':'Ada','accent':'#ffa500','clock':true,'pause':60}", 2,
	                "parameter pause wants a duration"},
	};
	json_t *list = json(declarations);
	lun_log_set_sink(count_warning, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		json_t *stored = rows[i].stored ? json(rows[i].stored) : NULL;
		json_t *want = json(rows[i].want);
		warnings = 0;
		last_warning[0] = '\0';
		json_t *got = lun_param_values(list, stored);
		bool is_same = json_equal(want, got);
		json_decref(stored);
		json_decref(want);
		json_decref(got);
		CHECK(is_same);
		CHECK_EQ(warnings, rows[i].warnings);
		CHECK(strstr(last_warning, rows[i].words));
	}
	json_decref(list);

	// A default that the declaration itself refuses is left out, and said.
	list = json("[{'name':'n','kind':'number','max':1,'default':2}]");
	warnings = 0;
	json_t *values = lun_param_values(list, NULL);
	size_t size = json_object_size(values);
	json_decref(values);
	json_decref(list);
	CHECK_EQ(size, 0);
	CHECK_EQ(warnings, 1);
	values = lun_param_values(NULL, NULL);
	size = json_is_object(values) ? json_object_size(values) : 99;
	json_decref(values);
	CHECK_EQ(size, 0);
	lun_log_set_sink(NULL, NULL);
}

static void declarations_are_found_by_name(void)
{
	json_t *list = json("[3,{'kind':'text'},{'name':4},{'name':'a','kind':'text'},"
	                    "{'name':'b','kind':'text'},{'name':'b','kind':'bool'}]");
	const json_t *a = lun_param_find(list, "a"), *b = lun_param_find(list, "b");
	bool is_right = a == json_array_get(list, 3) && b == json_array_get(list, 4) &&
	                !lun_param_find(list, "c") && !lun_param_find(list, "") &&
	                !lun_param_find(list, NULL) && !lun_param_find(NULL, "a") &&
	                !lun_param_find(a, "a");
	json_decref(list);
	CHECK(is_right);
}

static bool is_color(const char *text, int red, int green, int blue, int alpha)
{
	double rgba[4];
	return lun_color_parse(text, rgba) && lround(rgba[0] * 255) == red &&
	       lround(rgba[1] * 255) == green && lround(rgba[2] * 255) == blue &&
	       lround(rgba[3] * 255) == alpha;
}

static void colours_are_those_of_css(void)
{
	CHECK(is_color("#f80", 255, 136, 0, 255));
	CHECK(is_color("#f804", 255, 136, 0, 68));
	CHECK(is_color("#0A84fF", 10, 132, 255, 255));
	CHECK(is_color("#0a84ff80", 10, 132, 255, 128));
	CHECK(is_color("RebeccaPurple", 102, 51, 153, 255)); // the one that CSS 4 added
	CHECK(is_color("transparent", 0, 0, 0, 0));
	CHECK(is_color("lightgoldenrodyellow", 250, 250, 210, 255));
	static const char *const greys[] = {"gray", "darkgray", "darkslategray", "dimgray", "lightgray",
	        "lightslategray", "slategray"};
	for (int i = 0; i < 7; i++) { // both spellings are the same colour
		char name[32];
		double gray[4], grey[4];
		(void)snprintf(name, sizeof name, "%s", greys[i]);
		CHECK(lun_color_parse(name, gray));
		strstr(name, "gray")[2] = 'e';
		CHECK(lun_color_parse(name, grey));
		CHECK(memcmp(gray, grey, sizeof gray) == 0);
	}
	static const char *const bad[] = {"", "#", "#1", "#12", "#12345", "#1234567", "#123456789",
	        "#ggg", "#12 ", " red", "red ", "re", "reds", "0xff0000", "rgb(1,2,3)", "currentcolor",
	        "#\xc3\xa4g"};
	double rgba[4] = {7, 7, 7, 7};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!lun_color_parse(bad[i], rgba));
	CHECK(!lun_color_parse(NULL, rgba));
	CHECK(rgba[0] == 7 && rgba[3] == 7);
}

static void colour_names_agree_with_ffmpegs(void)
{
	int count = 0;
	const uint8_t *rgb;
	for (const char *name; (name = av_get_known_color_name(count, &rgb)); count++) {
		// Two that FFmpeg has from a draft of CSS 3, which had d8 for db.
		if (strcmp(name, "MediumPurple") == 0)
			CHECK(is_color(name, 0x93, 0x70, 0xdb, 255));
		else if (strcmp(name, "PaleVioletRed") == 0)
			CHECK(is_color(name, 0xdb, 0x70, 0x93, 255));
		else
			CHECK(is_color(name, rgb[0], rgb[1], rgb[2], 255));
	}
	CHECK(count >= 140); // the names of HTML
}

TEST_MAIN(RUN(each_kind_takes_its_values); RUN(each_kind_refuses_in_a_sentence);
          RUN(text_from_a_command_line_is_read); RUN(durations_are_read);
          RUN(hostile_declarations_are_survived); RUN(messages_stay_short_and_valid_utf8);
          RUN(values_are_defaults_replaced_by_what_is_valid); RUN(declarations_are_found_by_name);
          RUN(colours_are_those_of_css); RUN(colour_names_agree_with_ffmpegs);)
