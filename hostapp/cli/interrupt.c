// Turns signals into a flag and a readable pipe: what a poll() loop can wait for without a race.
#include "hostapp/cli/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t is_noted;
static int pipe_fds[2] = {-1, -1};

static void note_signal(int number)
{
	(void)number;
	int saved_errno = errno;
	is_noted = 1;
	ssize_t written = write(pipe_fds[1], "", 1);
	(void)written; // a full pipe is readable as well
	errno = saved_errno;
}

void lun_interrupt_catch(void)
{
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) != 0)
		return; // then the signals end the program, as they would have
	// The second one is not caught any more: it ends a program that does not listen.
	struct sigaction action = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND};
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	// nohup: it is to go on when its terminal goes.
	struct sigaction hangup;
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
		(void)sigaction(SIGHUP, &action, NULL);
}

bool lun_is_interrupted(void)
{
	return is_noted;
}

int lun_interrupt_fd(void)
{
	return pipe_fds[0];
}
