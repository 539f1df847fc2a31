/**
 * Locks the calling process in: no files but fonts, libraries and time zones, no network, no new
 * programs, no other processes.
 *
 * For the renderer, after its libraries are loaded and before it has threads. Thread: main.
 */
#pragma once

#include "lunette/base.h"

/** What could be put in force; each part holds for the rest of the process's life. */
struct lun_confinement {
	int landlock_abi; /**< 0: this kernel has none; then paths are not restricted */
	bool has_seccomp;
};

/**
 * Put the sandbox in force. A violation ends the process (SIGSYS).
 *
 * @return LUN_OK with at least seccomp in force; LUN_UNSUPPORTED where the kernel has no seccomp;
 *         LUN_IO when a rule could not be made. On failure less than promised is in force.
 */
enum lun_result lun_confine(struct lun_confinement *out_confinement, struct lun_error *err);
