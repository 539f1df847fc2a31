// lunette set: values for the parameters of the scene on air.
#include <string.h>

#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/report.h"
#include "hostapp/cli/scene_options.h"

static int run(const void *values, const struct lun_option_texts *arguments)
{
	for (size_t i = 0; i < arguments->count; i++) {
		const char *equals = strchr(arguments->items[i], '=');
		if (!equals || equals == arguments->items[i])
			return lun_report(
			        LUN_EXIT_USAGE, "set", "wants NAME=VALUE, got \"%s\"", arguments->items[i]);
	}
	json_t *texts = lun_pairs_to_json(arguments);
	return lun_camera_tell(
	        "set", values, texts ? json_pack("{s:s, s:o}", "do", "set", "text", texts) : NULL);
}

const struct lun_command lun_command_set = {
        .name = "set",
        .arguments = "NAME=VALUE...",
        .help = "set parameters of the scene on air",
        .details = "On air at the next frame, and kept. A value of the wrong type is exit code 2. "
                   "Example:\nlunette set name='Grace Hopper' clock=true accent=#ff8800",
        .arguments_min = 1,
        .arguments_max = 1000,
        .groups = lun_link_option_groups,
        .values_size = sizeof(struct lun_link_options),
        .run = run,
};
