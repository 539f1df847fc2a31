// lunette pause and lunette resume: the card on air, and back.
#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/commands.h"

static int run_pause(const void *values, const struct lun_option_texts *arguments)
{
	(void)arguments;
	return lun_camera_tell("pause", values, json_pack("{s:s}", "do", "pause"));
}

static int run_resume(const void *values, const struct lun_option_texts *arguments)
{
	(void)arguments;
	return lun_camera_tell("resume", values, json_pack("{s:s}", "do", "resume"));
}

const struct lun_command lun_command_pause = {
        .name = "pause",
        .arguments = "",
        .help = "show the scene's idle picture, or a card, instead of the scene",
        .groups = lun_link_option_groups,
        .values_size = sizeof(struct lun_link_options),
        .run = run_pause,
};

const struct lun_command lun_command_resume = {
        .name = "resume",
        .arguments = "",
        .help = "show the scene again",
        .groups = lun_link_option_groups,
        .values_size = sizeof(struct lun_link_options),
        .run = run_resume,
};
