// Lays the tables of commands and options out for people: two columns, at most 80 wide.
#include "hostapp/cli/help.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 80
#define OPTION_COLUMN 29

// Print text from column on, wrapped at spaces; lines after the first are indented to indent.
static void print_wrapped(FILE *out, const char *text, int column, int indent)
{
	while (*text) {
		int length = (int)strcspn(text, " \n");
		bool is_first = column <= indent;
		if (*text == '\n' || (length > 0 && !is_first && column + 1 + length > COLUMNS)) {
			(void)fprintf(out, "\n%*s", indent, "");
			column = indent;
		} else if (length > 0 && !is_first) {
			(void)fputc(' ', out);
			column++;
		}
		(void)fprintf(out, "%.*s", length, text);
		column += length;
		text += length ? length : 1;
	}
	(void)fputc('\n', out);
}

static void describe_option(const struct lun_option *option, char *out, size_t size)
{
	int length = (int)strlen(option->help);
	(void)snprintf(out, size, "%s", option->help);
	if (option->type == LUN_OPTION_CHOICE) {
		for (int i = 0; option->choices[i] && (size_t)length < size; i++)
			length += snprintf(out + length, size - (size_t)length, "%s%s", i ? ", " : ": ",
			        option->choices[i]);
	}
	bool is_list = option->type == LUN_OPTION_TEXTS || option->type == LUN_OPTION_PAIRS;
	if (option->fallback && (size_t)length < size)
		(void)snprintf(out + length, size - (size_t)length, " (default %s)", option->fallback);
	else if (is_list && (size_t)length < size)
		(void)snprintf(out + length, size - (size_t)length, " (repeatable)");
}

static void print_option(FILE *out, const struct lun_option *option)
{
	char letter[] = "   ";
	if (option->letter)
		(void)snprintf(letter, sizeof letter, "-%c,", option->letter);
	int column = fprintf(out, "  %s --%s%s%s", letter, option->name, option->value ? " " : "",
	        option->value ? option->value : "");
	if (column >= OPTION_COLUMN) {
		(void)fputc('\n', out);
		column = 0;
	}
	(void)fprintf(out, "%*s", OPTION_COLUMN - column, "");
	char text[512];
	describe_option(option, text, sizeof text);
	print_wrapped(out, text, OPTION_COLUMN, OPTION_COLUMN);
}

void lun_help_command(FILE *out, const struct lun_command *command)
{
	(void)fprintf(out, "usage: lunette %s", command->name);
	for (const struct lun_option_group *group = command->groups; group->options; group++)
		for (const struct lun_option *option = group->options; option->name; option++)
			if (option->is_required)
				(void)fprintf(out, " -%c %s", option->letter, option->value);
	(void)fprintf(out, " [OPTIONS]%s%s\n\n", *command->arguments ? " " : "", command->arguments);
	char *sentence = lun_format_string("%s.", command->help);
	sentence[0] = (char)toupper((unsigned char)sentence[0]);
	print_wrapped(out, sentence, 0, 0);
	free(sentence);
	if (command->details) {
		(void)fputc('\n', out);
		print_wrapped(out, command->details, 0, 0);
	}
	(void)fputs("\nOptions:\n", out);
	static const struct lun_option help = {
	        .name = "help", .letter = 'h', .type = LUN_OPTION_FLAG, .help = "show this text"};
	for (const struct lun_option_group *group = command->groups; group->options; group++)
		for (const struct lun_option *option = group->options; option->name; option++)
			print_option(out, option);
	print_option(out, &help);
}

void lun_help_program(FILE *out, const struct lun_command *const *commands)
{
	(void)fputs("usage: lunette COMMAND [OPTIONS] [ARGUMENTS]\n\n"
	            "Lunette is a camera that you program in Lua.\n\nCommands:\n",
	        out);
	for (; *commands; commands++) {
		int column = fprintf(out, "  %-10s", (*commands)->name);
		print_wrapped(out, (*commands)->help, column, column);
	}
	(void)fputs("\n`lunette help COMMAND` or `lunette COMMAND --help` says more about one.\n"
	            "Exit codes: 0 fine, 1 the work failed, 2 wrong usage, 3 something on this machine "
	            "is\nmissing.\n",
	        out);
}
