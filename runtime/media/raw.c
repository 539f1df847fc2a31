// Raw clips: a mapped file whose bytes are the pictures. Nothing is copied; every picture keeps
// the mapping alive, so that it may outlive the source.
//
// A file that shrinks under a mapping turns its lost pages into SIGBUS. Its size is asked for
// before every picture and nothing beyond it is handed out any more; what remains is a file cut
// between that check and the moment the pixels are read, and one cut under a picture that somebody
// still holds. Both end the process, which its supervisor starts again.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/source_impl.h"

struct raw_mapping {
	uint8_t *bytes; // owned; read-only
	size_t size_bytes;
	int refs; // atomic: the source and each picture
};

struct raw_source {
	struct lun_source base;
	int fd;                      // owned
	char *name;                  // owned
	struct raw_mapping *mapping; // ref
	struct lun_format format;
	size_t frame_bytes;
	uint64_t frames;
	uint64_t source_id;
	struct lun_picture *last; // ref; the picture handed out before, NULL at first
	uint64_t last_index;
	bool has_reported;
};

static void unref_mapping(struct raw_mapping *mapping)
{
	if (__atomic_fetch_sub(&mapping->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	(void)munmap(mapping->bytes, mapping->size_bytes);
	free(mapping);
}

static void release_picture(struct lun_picture *picture)
{
	unref_mapping(picture->owner);
	free(picture);
}

static struct lun_picture *create_picture(struct raw_source *raw, uint64_t index)
{
	struct lun_layout layout;
	lun_format_layout(&raw->format, &layout);
	struct lun_picture *picture = lun_alloc(sizeof *picture);
	picture->pixel = raw->format.pixel;
	picture->matrix = raw->format.matrix;
	picture->range = raw->format.range;
	picture->width_px = raw->format.width_px;
	picture->height_px = raw->format.height_px;
	const uint8_t *at = raw->mapping->bytes + index * raw->frame_bytes;
	for (int i = 0; i < layout.planes; i++) {
		picture->plane[i] = at;
		picture->stride_bytes[i] = layout.row_bytes[i];
		at += (size_t)layout.row_bytes[i] * (size_t)layout.rows[i];
	}
	// The same clip frame has the same id in every round of the loop.
	picture->id = lun_source_stable_id(raw->source_id, index);
	picture->refs = 1;
	picture->release = release_picture;
	picture->owner = raw->mapping;
	__atomic_fetch_add(&raw->mapping->refs, 1, __ATOMIC_RELAXED);
	return picture;
}

// How many whole frames the file still holds.
static uint64_t count_frames_left(const struct raw_source *raw)
{
	struct stat file;
	if (fstat(raw->fd, &file) != 0 || file.st_size < 0)
		return 0;
	uint64_t left = (uint64_t)file.st_size / raw->frame_bytes;
	return left < raw->frames ? left : raw->frames;
}

static void report_cut(struct raw_source *raw, struct lun_error *err)
{
	if (raw->has_reported)
		return;
	raw->has_reported = true;
	(void)lun_fail(err, LUN_IO, "%s was cut short while it played; its last whole picture is held",
	        raw->name);
}

static struct lun_picture *get_picture(
        struct lun_source *source, struct lun_moment moment, struct lun_error *err)
{
	struct raw_source *raw = (struct raw_source *)source;
	uint64_t index = moment.number % raw->frames;
	uint64_t left = count_frames_left(raw);
	if (index >= left) {
		report_cut(raw, err);
		if (left == 0)
			return NULL;
		index = left - 1;
	}
	if (!raw->last || raw->last_index != index) {
		lun_picture_unref(raw->last);
		raw->last = create_picture(raw, index);
		raw->last_index = index;
	}
	return lun_picture_ref(raw->last);
}

static void destroy(struct lun_source *source)
{
	struct raw_source *raw = (struct raw_source *)source;
	lun_picture_unref(raw->last);
	unref_mapping(raw->mapping);
	(void)close(raw->fd);
	free(raw->name);
	free(raw);
}

static const struct lun_source_impl raw_impl = {
        .destroy = destroy,
        .get_picture = get_picture,
};

static enum lun_result check_size(int fd, const char *name, const struct lun_format *format,
        size_t frame_bytes, size_t *out_size_bytes, struct lun_error *err)
{
	struct stat file;
	if (fstat(fd, &file) != 0)
		return lun_fail(err, LUN_IO, "%s cannot be read: %s", name, strerror(errno));
	if (!S_ISREG(file.st_mode))
		return lun_fail(err, LUN_INVALID, "%s is not a file", name);
	if (file.st_size == 0)
		return lun_fail(err, LUN_INVALID, "%s is empty", name);
	if ((uint64_t)file.st_size > SIZE_MAX || (size_t)file.st_size % frame_bytes != 0)
		return lun_fail(err, LUN_INVALID,
		        "%s has %lld bytes, which is no whole number of %dx%d %s frames of %zu bytes", name,
		        (long long)file.st_size, format->width_px, format->height_px,
		        lun_pixel_format_name(format->pixel), frame_bytes);
	*out_size_bytes = (size_t)file.st_size;
	return LUN_OK;
}

static enum lun_result map_file(int fd, const char *name, size_t size_bytes,
        struct raw_mapping **out_mapping, struct lun_error *err)
{
	void *bytes = mmap(NULL, size_bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return lun_fail(err, errno == ENOMEM ? LUN_NOMEM : LUN_IO, "%s cannot be mapped: %s", name,
		        strerror(errno));
	struct raw_mapping *mapping = lun_alloc(sizeof *mapping);
	*mapping = (struct raw_mapping){.bytes = bytes, .size_bytes = size_bytes, .refs = 1};
	*out_mapping = mapping;
	return LUN_OK;
}

enum lun_result lun_source_open_raw(int fd, const char *name, enum lun_pixel_format pixel,
        int width_px, int height_px, struct lun_source **out_source, struct lun_error *err)
{
	struct lun_format format = lun_format_default();
	format.pixel = pixel;
	format.width_px = width_px;
	format.height_px = height_px;
	enum lun_result rc = lun_format_check(&format, err);
	if (rc != LUN_OK)
		return rc;
	size_t frame_bytes = lun_format_packed_bytes(&format);
	size_t size_bytes = 0;
	struct raw_mapping *mapping = NULL;
	rc = check_size(fd, name, &format, frame_bytes, &size_bytes, err);
	if (rc == LUN_OK)
		rc = map_file(fd, name, size_bytes, &mapping, err);
	if (rc != LUN_OK)
		return rc;
	struct raw_source *raw = lun_alloc(sizeof *raw);
	raw->base = (struct lun_source){
	        .impl = &raw_impl,
	        .width_px = width_px,
	        .height_px = height_px,
	};
	raw->fd = fd;
	raw->name = lun_strdup(name);
	raw->source_id = lun_picture_new_id();
	raw->mapping = mapping;
	raw->format = format;
	raw->frame_bytes = frame_bytes;
	raw->frames = size_bytes / frame_bytes;
	*out_source = &raw->base;
	return LUN_OK;
}
