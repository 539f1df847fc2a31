// lunette send: an event for the scene on air, with data.
#include <string.h>

#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/report.h"

static int run(const void *values, const struct lun_option_texts *arguments)
{
	json_t *data = json_null();
	if (arguments->count > 1) {
		json_error_t why;
		const char *text = arguments->items[1];
		data = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
		if (!data)
			return lun_report(LUN_EXIT_USAGE, "send",
			        "wants JSON, got \"%s\": %s; a text is '\"so\"'", text, why.text);
	}
	return lun_camera_tell("send", values,
	        json_pack("{s:s, s:s, s:o}", "do", "send", "event", arguments->items[0], "data", data));
}

const struct lun_command lun_command_send = {
        .name = "send",
        .arguments = "EVENT [JSON]",
        .help = "send an event to the scene on air",
        .details = "The scene gets it as scene.event(name, data). Example:\n"
                   "lunette send score '{\"home\": 2, \"away\": 1}'",
        .arguments_min = 1,
        .arguments_max = 2,
        .groups = lun_link_option_groups,
        .values_size = sizeof(struct lun_link_options),
        .run = run,
};
