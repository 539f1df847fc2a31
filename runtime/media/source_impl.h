/**
 * What every kind of source implements. Private to runtime/media.
 */
#pragma once

#include "media/source.h"

struct lun_source_impl {
	void (*destroy)(struct lun_source *source);
	/** As lun_source_get_picture(); err is never NULL and is LUN_OK when called. */
	struct lun_picture *(*get_picture)(
	        struct lun_source *source, struct lun_moment moment, struct lun_error *err);
	// The four below are NULL where there is nothing to control.
	void (*seek)(struct lun_source *source, struct lun_moment now, double position_s);
	void (*pause)(struct lun_source *source, struct lun_moment now);
	void (*play)(struct lun_source *source, struct lun_moment now);
	double (*position_s)(const struct lun_source *source, struct lun_moment now);
};

/** The head of every source; the first member of its own struct. */
struct lun_source {
	const struct lun_source_impl *impl; // borrowed; static
	int width_px, height_px;
	double fps;
	double duration_s;
};

/**
 * The id of a source's picture number key: the same whenever it is made again, and apart from all
 * that lun_picture_new_id() hands out, which never sets the highest bit.
 *
 * @param source_id  a fresh id of the source's own
 */
static inline uint64_t lun_source_stable_id(uint64_t source_id, uint64_t key)
{
	return lun_hash_u64(key, lun_hash_u64(source_id, 0)) | (uint64_t)1 << 63;
}
