/**
 * One kind of file: what the file output does with frames once the ending of the name is known.
 *
 * All frames handed to a writer have the format it was opened with. Thread: one owner.
 */
#pragma once

#include "lunette/frame.h"

struct lun_writer;

struct lun_writer_class {
	/**
	 * @param path    as the user wrote it
	 * @param ending  of path, lower case, without its dot; "" for standard output and devices
	 * @return LUN_OK with the caller owning *out_writer; LUN_INVALID with the cure when this
	 * kind of file cannot hold the format
	 */
	enum lun_result (*open)(const char *path, const char *ending, const struct lun_format *format,
	        struct lun_writer **out_writer, struct lun_error *err);
	/** After LUN_IO or LUN_NOMEM the file is lost; after others the next frame may be fine. */
	enum lun_result (*write)(
	        struct lun_writer *writer, const struct lun_frame *frame, struct lun_error *err);
	/** Complete the file and give it its name. Called once, after at least one frame. */
	enum lun_result (*finish)(struct lun_writer *writer, struct lun_error *err);
	/** Cannot fail. Without finish nothing of the file remains. */
	void (*close)(struct lun_writer *writer);
};

/** Every writer starts with this. */
struct lun_writer {
	const struct lun_writer_class *class; // static
};

extern const struct lun_writer_class lun_raw_writer;     /**< y4m, and packed frames as they are */
extern const struct lun_writer_class lun_picture_writer; /**< png, one or a sequence */
extern const struct lun_writer_class lun_video_writer;   /**< mp4, mkv, webm */
