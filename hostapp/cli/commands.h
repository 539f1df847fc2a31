/**
 * Every command of `lunette`, each in its own file.
 */
#pragma once

#include "hostapp/cli/options.h"

extern const struct lun_command lun_command_run;
extern const struct lun_command lun_command_render;
extern const struct lun_command lun_command_check;
extern const struct lun_command lun_command_bench;
extern const struct lun_command lun_command_new;
extern const struct lun_command lun_command_scenes;
extern const struct lun_command lun_command_use;
extern const struct lun_command lun_command_set;
extern const struct lun_command lun_command_send;
extern const struct lun_command lun_command_pause;
extern const struct lun_command lun_command_resume;
extern const struct lun_command lun_command_status;
extern const struct lun_command lun_command_logs;
extern const struct lun_command lun_command_snapshot;
