// Studio without the rest of `lunette run`: studio-alone SOCKET [PORT [TOKEN]]. Prints the address;
// SIGTERM and SIGINT end it, and it exits with 0 only if Studio left nothing behind in the loop.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "hostapp/studio/studio.h"

static struct lun_studio *studio;
static uv_signal_t signals[2];

static void stop(uv_signal_t *handle, int number)
{
	(void)handle;
	(void)number;
	lun_studio_stop(studio);
	for (int i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&signals[i], NULL);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		(void)fprintf(stderr, "usage: studio-alone SOCKET [PORT [TOKEN]]\n");
		return 2;
	}
	uv_loop_t loop;
	if (uv_loop_init(&loop))
		return 1;
	struct lun_studio_params params = {
	        .loop = &loop,
	        .socket_path = argv[1],
	        .port = argc > 2 ? atoi(argv[2]) : 0,
	        .token = argc > 3 ? argv[3] : NULL,
	};
	struct lun_error err;
	enum lun_result rc = lun_studio_start(&params, &studio, &err);
	if (rc != LUN_OK) {
		(void)fprintf(stderr, "studio-alone: %d: %s\n", (int)rc, err.message);
	} else {
		(void)printf("%s\n", lun_studio_url(studio));
		(void)fflush(stdout);
		const int numbers[2] = {SIGTERM, SIGINT};
		for (int i = 0; i < 2; i++) {
			(void)uv_signal_init(&loop, &signals[i]);
			(void)uv_signal_start(&signals[i], stop, numbers[i]);
		}
	}
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	bool is_clean = uv_loop_close(&loop) == 0;
	if (!is_clean)
		(void)fprintf(stderr, "studio-alone: handles are left in the loop\n");
	return rc == LUN_OK && is_clean ? 0 : 1;
}
