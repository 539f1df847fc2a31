/**
 * Ctrl-C and SIGTERM for commands without an event loop: noted, and told through a descriptor.
 *
 * A second signal ends the program at once. Thread: the main one.
 */
#pragma once

#include "lunette/base.h"

/** From now on SIGINT, SIGTERM and SIGHUP are noted. */
void lun_interrupt_catch(void);
bool lun_is_interrupted(void);
/** Readable once a signal came; -1 before catch. */
int lun_interrupt_fd(void);
