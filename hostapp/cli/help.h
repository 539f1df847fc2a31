/**
 * The --help texts, printed from the tables.
 */
#pragma once

#include <stdio.h>

#include "hostapp/cli/options.h"

/** `lunette CMD --help`: usage, what it does, every option. */
void lun_help_command(FILE *out, const struct lun_command *command);

/** `lunette --help`: every command with its line. @param commands  NULL-terminated */
void lun_help_program(FILE *out, const struct lun_command *const *commands);
