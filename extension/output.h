/**
 * An output: where frames go. PipeWire, a file, a hash, nowhere.
 *
 * Each output is one folder with one exported `struct lun_output_class` and one line in
 * registry.c. Thread: all calls on the thread that opened it (in the camera: the loop's).
 *
 * A program that opens outputs ignores SIGPIPE and SIGXFSZ from its start: then a reader that left
 * and a file-size limit are LUN_IO with a sentence, not the end of the program. Outputs on standard
 * output write to its descriptor, past stdio: flush stdout first.
 */
#pragma once

#include <uv.h>

#include "lunette/frame.h"

struct lun_output;

/** What an output tells the camera. Any member may be NULL. Called on the loop's thread. */
struct lun_output_events {
	/** How many clients stream from this output now. */
	void (*watchers)(void *data, int count);
	/** A client chose this of the formats offered; frames submitted from now on should have it. */
	void (*format)(void *data, const struct lun_format *format);
	/** The peer (a daemon, a device) went away; why is a sentence. submit() goes on being called
	 *  and drops frames; the output tries to come back by itself. */
	void (*lost)(void *data, const char *why);
	void (*back)(void *data);
};

struct lun_output_params {
	const char *target;               /**< what follows the colon in `file:out.y4m`; may be NULL */
	const char *name;                 /**< the camera's name, for people */
	const struct lun_format *formats; /**< offered, best first; the first is the initial one */
	int formats_count;                /**< at least 1 */
	bool is_raw;     /**< a pipe gets the frames alone, without a header, whatever their format */
	uv_loop_t *loop; /**< NULL where there is none (render): then no events come */
	const struct lun_output_events *events; // borrowed, may be NULL
	void *data;                             // handed to events
};

struct lun_output_class {
	const char *name; /**< "pipewire" */
	const char *help; /**< half a sentence for --help */

	/** mandatory. @return LUN_OK with the caller owning *out_output; LUN_UNSUPPORTED or LUN_IO
	 *  with a sentence that names the cure when this machine lacks what it needs */
	enum lun_result (*open)(const struct lun_output_params *params, struct lun_output **out_output,
	        struct lun_error *err);

	/**
	 * mandatory. Borrow a frame for the length of the call. A live output never blocks: it drops.
	 * A file output may wait for the disk. A format other than the last one is refused with
	 * LUN_UNSUPPORTED where the output cannot change (files).
	 */
	enum lun_result (*submit)(
	        struct lun_output *output, const struct lun_frame *frame, struct lun_error *err);

	/** optional: no more frames; write what is buffered and say whether all of it arrived */
	enum lun_result (*finish)(struct lun_output *output, struct lun_error *err);

	/** mandatory. Cannot fail. Leaves no half-written file that looks whole unless finish ran. */
	void (*close)(struct lun_output *output);
};

/** Every output starts with this. */
struct lun_output {
	const struct lun_output_class *class; // static
};

/** NULL-terminated. */
extern const struct lun_output_class *const lun_output_classes[];

/** @return NULL if there is none of that name in this build */
const struct lun_output_class *lun_output_class_find(const char *name);

/**
 * Open by the name that users type: "pipewire", "null:", "hash:", "-", or a file by its ending.
 * Names without a colon that are no class are files.
 */
enum lun_result lun_output_open(const char *spec, const struct lun_output_params *params,
        struct lun_output **out_output, struct lun_error *err);
enum lun_result lun_output_submit(
        struct lun_output *output, const struct lun_frame *frame, struct lun_error *err);
/** finish (where there is one); LUN_OK otherwise */
enum lun_result lun_output_finish(struct lun_output *output, struct lun_error *err);
void lun_output_close(struct lun_output *output); /**< NULL is fine */
