// lunette run: the camera and Studio, until Ctrl-C. Chooses the scene, keeps the camera's process
// alive and tells people where everything is; frames are none of its business.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension/camera/container.h"
#include "hostapp/cli/camera_events.h"
#include "hostapp/cli/camera_link.h"
#include "hostapp/cli/camera_process.h"
#include "hostapp/cli/commands.h"
#include "hostapp/cli/report.h"
#include "hostapp/cli/run_args.h"
#include "hostapp/studio/studio.h"

#define USUAL_PORT 4848
#define LABEL_COLUMNS 9

#define MEMBER(member) offsetof(struct lun_run_options, member)
static const struct lun_option option_table[] = {
        {.name = "camera-name",
                .type = LUN_OPTION_TEXT,
                .offset = MEMBER(camera_name),
                .value = "NAME",
                .fallback = "Lunette",
                .help = "what programs call the camera"},
        {.name = "output",
                .letter = 'o',
                .type = LUN_OPTION_TEXTS,
                .offset = MEMBER(outputs),
                .value = "OUTPUT",
                .help = "pipewire, v4l2:/dev/videoN, or none, which draws for nobody (default: "
                        "whichever this machine has)"},
        {.name = "port",
                .type = LUN_OPTION_INTEGER,
                .offset = MEMBER(port),
                .value = "N",
                .max = 65535,
                .help = "of Studio (default: 4848, or a free one); 0: a free one"},
        {.name = "no-studio",
                .type = LUN_OPTION_FLAG,
                .offset = MEMBER(is_studio_off),
                .help = "without the web page"},
        {.name = "container",
                .type = LUN_OPTION_TEXT,
                .offset = MEMBER(container),
                .value = "DIR",
                .help = "the folder of scenes, values and feeds (default: $LUNETTE_CONTAINER, "
                        "else ~/.local/share/lunette)"},
        {0},
};

static const struct lun_option_group option_groups[] = {
        {option_table, 0},
        {lun_format_option_table, MEMBER(format)},
        {lun_input_option_table, MEMBER(input)},
        {0},
};

#define SIGNALS 3

struct run {
	const struct lun_run_options *options; // borrowed for the run
	struct lun_container *container;       // borrowed for the run
	uv_loop_t loop;
	uv_signal_t signals[SIGNALS];
	char *socket_path;                   // owned
	struct lun_run_args args;            // finish it
	struct lun_camera_process *process;  // owned
	struct lun_camera_events *listening; // owned; NULL while the camera is not up
	struct lun_studio *studio;           // owned; NULL before the camera is up, and without
	bool has_been_up, is_stopping;
	int code;
};

/* What people read. */

static void print_row(const char *label, const char *text)
{
	printf("  %-*s %s\n", LABEL_COLUMNS, label, text ? text : "-");
}

static void print_output(const char *label, const json_t *output)
{
	const char *name = json_string_value(json_object_get(output, "name"));
	const char *detail = json_string_value(json_object_get(output, "detail"));
	bool has_detail = detail && *detail;
	if (name && strcmp(name, "pipewire") == 0) {
		print_row(label, "PipeWire apps: GNOME Snapshot, OBS 30.2+ (PipeWire camera),");
		print_row("", "Firefox with media.webrtc.camera.allow-pipewire=true in about:config,");
		print_row("", "Chromium and Chrome with --enable-features=WebRtcPipeWireCamera");
		return;
	}
	bool is_device = name && strcmp(name, "v4l2") == 0;
	printf("  %-*s %s%s%s\n", LABEL_COLUMNS, label,
	        is_device ? "every program that opens webcams"
	        : name    ? name
	                  : "?",
	        has_detail ? ": " : "", has_detail ? detail : "");
}

// Who sees the camera, and what is missing for others to.
static void print_viewers(const struct run *run, const json_t *ready)
{
	const json_t *outputs = json_object_get(ready, "outputs");
	const json_t *missing = json_object_get(ready, "missing");
	size_t i;
	const json_t *at;
	json_array_foreach(outputs, i, at)
	{
		print_output(i == 0 ? "Seen by" : "", at);
	}
	if (json_array_size(outputs) == 0)
		print_row("Seen by",
		        run->studio ? "no program yet; Studio shows the live picture" : "no program yet");
	json_array_foreach(missing, i, at)
	{
		print_row(i == 0 ? "Missing" : "", json_string_value(at));
	}
}

static void print_welcome(const struct run *run, const json_t *ready)
{
	printf("Lunette is running.\n\n");
	if (run->studio)
		print_row("Studio", lun_studio_url(run->studio));
	print_row("Scene", json_string_value(json_object_get(ready, "scene")));
	print_row("Edit", json_string_value(json_object_get(ready, "file")));
	print_row("Camera", run->options->camera_name);
	print_viewers(run, ready);
	printf("\nCtrl-C stops.\n");
	(void)fflush(stdout);
}

/* Ends. */

static void begin_stop(struct run *run, int code)
{
	if (run->is_stopping)
		return;
	run->is_stopping = true;
	run->code = code;
	lun_studio_stop(run->studio);
	run->studio = NULL;
	lun_camera_events_stop(run->listening);
	run->listening = NULL;
	lun_camera_process_stop(run->process);
}

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	begin_stop(signal->data, LUN_EXIT_FINE);
}

/* The camera. */

static enum lun_result start_studio(struct run *run, struct lun_error *err)
{
	struct lun_studio_params params = {
	        .loop = &run->loop,
	        .socket_path = run->socket_path,
	        .port = run->options->port < 0 ? USUAL_PORT : (int)run->options->port,
	};
	enum lun_result rc = lun_studio_start(&params, &run->studio, err);
	if (rc == LUN_OK || run->options->port >= 0)
		return rc;
	params.port = 0;
	return lun_studio_start(&params, &run->studio, err);
}

static void on_scene_changed(void *data, const char *name)
{
	struct run *run = data;
	lun_run_args_scene_chosen(&run->args, name);
	lun_camera_process_set_args(run->process, lun_run_args_get(&run->args));
}

static void listen_to_camera(struct run *run)
{
	struct lun_error err;
	if (lun_camera_events_start(&run->loop, run->socket_path, on_scene_changed, run,
	            &run->listening, &err) != LUN_OK)
		lun_report_error("run", &err);
}

static void on_ready(void *data, const json_t *ready)
{
	struct run *run = data;
	struct lun_error err;
	listen_to_camera(run);
	if (run->has_been_up) {
		(void)lun_report(0, "camera", "it is back");
		return;
	}
	run->has_been_up = true;
	const char *scene = json_string_value(json_object_get(ready, "scene"));
	if (lun_run_args_scene_is(&run->args, run->container, scene, &err) != LUN_OK)
		lun_report_error("run", &err);
	if (!run->options->is_studio_off && start_studio(run, &err) != LUN_OK) {
		(void)lun_report(0, "run", "%s; choose another with --port, or --no-studio", err.message);
		begin_stop(run, LUN_EXIT_FAILED);
		return;
	}
	print_welcome(run, ready);
}

static void on_ended(void *data, const char *how, unsigned delay_ms)
{
	struct run *run = data;
	lun_camera_events_stop(run->listening);
	run->listening = NULL;
	(void)lun_report(0, "camera", "ended by itself (%s); starting it again in %.1f s", how,
	        delay_ms / 1000.0);
}

static void on_failed(void *data, const struct lun_error *why, int exit_code)
{
	struct run *run = data;
	lun_report_error("run", why);
	if (!run->is_stopping)
		run->code = exit_code;
	uv_stop(&run->loop);
}

static void on_stopped(void *data)
{
	struct run *run = data;
	uv_stop(&run->loop);
}

static const struct lun_camera_process_events process_events = {
        .ready = on_ready,
        .ended = on_ended,
        .failed = on_failed,
        .stopped = on_stopped,
};

static void watch_signals(struct run *run)
{
	static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction hangup;
	bool is_kept_on = sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler == SIG_IGN;
	for (int i = 0; i < SIGNALS; i++) {
		(void)uv_signal_init(&run->loop, &run->signals[i]);
		run->signals[i].data = run;
		// nohup: it is to go on when its terminal goes.
		if (numbers[i] != SIGHUP || !is_kept_on)
			(void)uv_signal_start(&run->signals[i], on_signal, numbers[i]);
		uv_unref((uv_handle_t *)&run->signals[i]);
	}
}

static void close_loop(struct run *run)
{
	lun_studio_stop(run->studio);
	lun_camera_events_stop(run->listening);
	lun_camera_process_destroy(run->process);
	for (int i = 0; i < SIGNALS; i++)
		uv_close((uv_handle_t *)&run->signals[i], NULL);
	(void)uv_run(&run->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&run->loop);
}

static int run_camera(struct run *run)
{
	struct lun_error err;
	run->socket_path = lun_container_path(run->container, "run/lunette.sock");
	(void)uv_loop_init(&run->loop);
	watch_signals(run);
	if (lun_camera_process_start(&run->loop, lun_run_args_get(&run->args), &process_events, run,
	            &run->process, &err) == LUN_OK)
		(void)uv_run(&run->loop, UV_RUN_DEFAULT);
	else
		run->code = lun_report_failure("run", &err);
	close_loop(run);
	free(run->socket_path);
	return run->code;
}

static enum lun_result add_stock_scenes(struct lun_container *container, struct lun_error *err)
{
	char *dir = lun_stock_scenes_dir();
	enum lun_result rc = dir ? lun_container_add_stock(container, dir, err) : LUN_OK;
	free(dir);
	return rc == LUN_NOT_FOUND ? LUN_OK : rc;
}

static int run_in(
        const struct lun_run_options *options, struct lun_container *container, const char *scene)
{
	struct lun_error err;
	struct run run = {.options = options, .container = container};
	if (lun_camera_is_running(container))
		return lun_report(LUN_EXIT_FAILED, "run",
		        "a camera is already running in %s: stop it first, or use another folder with "
		        "--container",
		        lun_container_dir(container));
	if (add_stock_scenes(container, &err) != LUN_OK ||
	        lun_run_args_make(options, container, scene, &run.args, &err) != LUN_OK)
		return lun_report_failure("run", &err);
	int code = run_camera(&run);
	lun_run_args_finish(&run.args);
	return code;
}

static int run_command(const void *values, const struct lun_option_texts *arguments)
{
	const struct lun_run_options *options = values;
	struct lun_container *container = NULL;
	struct lun_error err;
	if (lun_container_open(options->container, &container, &err) != LUN_OK)
		return lun_report_failure("run", &err);
	int code = run_in(options, container, arguments->count ? arguments->items[0] : NULL);
	lun_container_close(container);
	return code;
}

const struct lun_command lun_command_run = {
        .name = "run",
        .arguments = "[SCENE]",
        .help = "start the camera and Studio",
        .details = "SCENE is a folder with scene.lua, a .lua file, or the name of a scene in the "
                   "container; without it the active scene goes on air. Saving the file changes "
                   "the picture. Ctrl-C stops.",
        .arguments_max = 1,
        .groups = option_groups,
        .values_size = sizeof(struct lun_run_options),
        .run = run_command,
};
