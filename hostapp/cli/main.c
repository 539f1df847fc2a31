// lunette: the command. Finds the subcommand, reads its command line and runs it; what each does
// lies in its own cmd_NAME.c.
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "hostapp/cli/commands.h"
#include "hostapp/cli/help.h"
#include "hostapp/cli/report.h"

static const struct lun_command *const commands[] = {
        &lun_command_run,
        &lun_command_render,
        &lun_command_check,
        &lun_command_bench,
        &lun_command_new,
        &lun_command_scenes,
        &lun_command_use,
        &lun_command_set,
        &lun_command_send,
        &lun_command_pause,
        &lun_command_resume,
        &lun_command_status,
        &lun_command_logs,
        &lun_command_snapshot,
        NULL,
};
#define COMMANDS (sizeof commands / sizeof *commands - 1)

static const struct lun_command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int refuse_command(const char *name)
{
	const char *names[COMMANDS + 2] = {"help"};
	for (size_t i = 0; i < COMMANDS; i++)
		names[i + 1] = commands[i]->name;
	const char *nearest = lun_nearest(name, names);
	if (nearest)
		return lun_report(
		        LUN_EXIT_USAGE, name, "no such command; did you mean `lunette %s`?", nearest);
	return lun_report(LUN_EXIT_USAGE, name, "no such command; `lunette --help` lists them");
}

static int run_command(const struct lun_command *command, int argc, const char *const *argv)
{
	struct lun_option_texts arguments;
	struct lun_error err;
	bool is_help = false;
	void *values = lun_alloc(command->values_size);
	int code = LUN_EXIT_USAGE;
	if (lun_options_parse(command, argc, argv, values, &arguments, &is_help, &err) != LUN_OK) {
		lun_report_error(command->name, &err);
	} else if (is_help) {
		lun_help_command(stdout, command);
		code = LUN_EXIT_FINE;
	} else {
		code = command->run(values, &arguments);
	}
	lun_options_finish(command, values, &arguments);
	free(values);
	return lun_report_flush(code);
}

static int show_help(int argc, const char *const *argv)
{
	if (argc == 0) {
		lun_help_program(stdout, commands);
		return lun_report_flush(LUN_EXIT_FINE);
	}
	const struct lun_command *command = find_command(argv[0]);
	if (!command)
		return refuse_command(argv[0]);
	lun_help_command(stdout, command);
	return lun_report_flush(LUN_EXIT_FINE);
}

int main(int argc, char **argv)
{
	// A reader that goes away and a full quota are errors of the write, not the program's end.
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	const char *const *words = (const char *const *)argv;
	if (argc < 2) {
		lun_help_program(stderr, commands);
		return LUN_EXIT_USAGE;
	}
	if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)
		return show_help(0, NULL);
	if (strcmp(words[1], "help") == 0)
		return show_help(argc - 2, words + 2);
	if (strcmp(words[1], "--version") == 0) {
		(void)puts("lunette " LUN_VERSION);
		return lun_report_flush(LUN_EXIT_FINE);
	}
	if (words[1][0] == '-')
		return lun_report(LUN_EXIT_USAGE, words[1],
		        "no such option here; options follow the command, as in `lunette run --help`");
	const struct lun_command *command = find_command(words[1]);
	return command ? run_command(command, argc - 2, words + 2) : refuse_command(words[1]);
}
