// lunette-camera: the program that the OS sees as the camera; with --renderer, the process that
// draws for one.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "extension/camera/camera.h"
#include "extension/isolate/program.h"

/** Everything that lives as long as the program. */
struct program {
	struct lun_camera camera;
	struct lun_camera_options options;
	uv_loop_t loop;
	uv_signal_t on_term, on_int;
	int exit_code;
};

static int exit_code_of(const struct lun_error *err)
{
	return err->code == LUN_UNSUPPORTED ? 3 : err->code == LUN_INVALID ? 2 : 1;
}

// One line of JSON to whoever started us, then the end of file.
static void tell_ready(struct lun_camera_options *options, json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	if (options->ready_fd >= 0 && text) {
		char *whole = lun_format_string("%s\n", text);
		(void)!write(options->ready_fd, whole, strlen(whole)); // who does not listen is not told
		free(whole);
		(void)close(options->ready_fd);
	}
	options->ready_fd = -1;
	free(text);
}

static void tell_failed(struct program *program, const struct lun_error *err)
{
	program->exit_code = exit_code_of(err);
	if (program->options.ready_fd < 0)
		lun_log(LUN_LOG_ERROR, "%s", err->message);
	tell_ready(&program->options, json_pack("{s:b, s:o, s:i}", "ok", 0, "error",
	                                      lun_error_to_json(err), "exit", program->exit_code));
}

static void tell_started(struct program *program)
{
	const struct lun_camera *camera = &program->camera;
	const struct lun_scene_ref *ref = &camera->airing.ref;
	json_t *outputs = json_array();
	for (int i = 0; i < camera->outputs_count; i++)
		(void)json_array_append_new(outputs, json_pack("{s:s}", "name", camera->outputs[i].spec));
	char *file = ref->name ? lun_format_string("%s/%s", ref->root, ref->file) : NULL;
	tell_ready(&program->options,
	        json_pack("{s:b, s:s?, s:s?, s:o, s:O}", "ok", 1, "scene", ref->name, "file", file,
	                "outputs", outputs, "missing", camera->missing));
	free(file);
}

// A scene or a parameter named on the command line must work; one that was chosen earlier may be
// mended while the camera is on air.
static void on_first_load(struct lun_camera *camera, const struct lun_error *load_err)
{
	struct program *program = (struct program *)camera;
	struct lun_error err;
	if (load_err && (camera->options->scene || load_err->code == LUN_INVALID))
		err = *load_err;
	else if (lun_camera_open_outputs(camera, &err) == LUN_OK) {
		tell_started(program);
		return;
	}
	tell_failed(program, &err);
	uv_stop(&program->loop);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct program *program = signal->data;
	(void)number;
	uv_stop(&program->loop);
}

static void close_any(uv_handle_t *handle, void *data)
{
	(void)data;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static enum lun_result start(struct program *program, struct lun_error *err)
{
	struct lun_camera *camera = &program->camera;
	camera->options = &program->options;
	camera->loop = &program->loop;
	camera->first_load = on_first_load;
	enum lun_result rc = lun_container_open(program->options.container, &camera->container, err);
	if (rc != LUN_OK)
		return rc;
	camera->journal = lun_journal_open(camera->container, program->options.name);
	lun_journal_write(camera->journal, LUN_LOG_INFO, "start", NULL, NULL);
	return lun_camera_start(camera, err);
}

// Frames must be on time on a busy machine, too, and this process needs little: where the system
// allows it, it goes first. Its renderer does not inherit that.
static void ask_for_priority(void)
{
	const struct sched_param priority = {.sched_priority = 1};
	(void)sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &priority);
}

static int run(int argc, char **argv)
{
	static struct program program;
	struct lun_error err;
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM); // with `lunette run`, its camera ends
	ask_for_priority();
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	if (lun_camera_options_parse(&program.options, argc, argv, &err) != LUN_OK) {
		tell_failed(&program, &err);
		lun_camera_options_finish(&program.options);
		return 2;
	}
	lun_assert(uv_loop_init(&program.loop) == 0);
	program.on_term.data = program.on_int.data = &program;
	(void)uv_signal_init(&program.loop, &program.on_term);
	(void)uv_signal_init(&program.loop, &program.on_int);
	(void)uv_signal_start(&program.on_term, on_signal, SIGTERM);
	(void)uv_signal_start(&program.on_int, on_signal, SIGINT);
	if (start(&program, &err) == LUN_OK)
		(void)uv_run(&program.loop, UV_RUN_DEFAULT);
	else
		tell_failed(&program, &err);
	lun_camera_stop(&program.camera);
	uv_walk(&program.loop, close_any, NULL);
	(void)uv_run(&program.loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&program.loop);
	if (program.camera.journal)
		lun_journal_write(program.camera.journal, LUN_LOG_INFO, "stop", NULL, NULL);
	lun_journal_close(program.camera.journal);
	lun_container_close(program.camera.container);
	lun_camera_options_finish(&program.options);
	return program.exit_code;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--renderer") == 0)
		return lun_renderer_main(LUN_RENDERER_FD, LUN_RENDERER_FILES_FD);
	return run(argc, argv);
}
