// The one door to all kinds of sources: hands calls on to the kind at hand, and opens what
// `--camera` names. Knows nothing about files or pixels.
#include "media/source.h"

#include <stdlib.h>
#include <string.h>

#include "lunette/camera_spec.h"
#include "media/source_impl.h"

void lun_source_destroy(struct lun_source *source)
{
	if (source)
		source->impl->destroy(source);
}

struct lun_picture *lun_source_get_picture(
        struct lun_source *source, struct lun_moment moment, struct lun_error *err)
{
	struct lun_error ignored;
	if (!err)
		err = &ignored;
	// Not the whole struct: it is large, and this is called at every tick.
	err->code = LUN_OK;
	err->message[0] = '\0';
	return source->impl->get_picture(source, moment, err);
}

int lun_source_width_px(const struct lun_source *source)
{
	return source->width_px;
}

int lun_source_height_px(const struct lun_source *source)
{
	return source->height_px;
}

double lun_source_fps(const struct lun_source *source)
{
	return source->fps;
}

double lun_source_duration_s(const struct lun_source *source)
{
	return source->duration_s;
}

void lun_source_seek(struct lun_source *source, struct lun_moment now, double position_s)
{
	if (source->impl->seek)
		source->impl->seek(source, now, position_s);
}

void lun_source_pause(struct lun_source *source, struct lun_moment now)
{
	if (source->impl->pause)
		source->impl->pause(source, now);
}

void lun_source_play(struct lun_source *source, struct lun_moment now)
{
	if (source->impl->play)
		source->impl->play(source, now);
}

double lun_source_position_s(const struct lun_source *source, struct lun_moment now)
{
	return source->impl->position_s ? source->impl->position_s(source, now) : now.time_s;
}

// Does this path end in the name of a pixel format?
static bool read_raw_ending(const char *path, enum lun_pixel_format *out_pixel)
{
	const char *slash = strrchr(path, '/');
	const char *ending = strrchr(slash ? slash : path, '.');
	return ending && lun_pixel_format_parse(ending + 1, out_pixel);
}

// size is what follows the path in the spec: ":1920x1080" or nothing.
static enum lun_result open_clip(int fd, const char *path, enum lun_pixel_format pixel,
        const char *size, struct lun_source **out_source, struct lun_error *err)
{
	int width_px, height_px;
	if (*size != ':' || !lun_size_parse(size + 1, &width_px, &height_px))
		return lun_fail(err, LUN_INVALID, "%s has no header: give its size, as in %s:1920x1080",
		        path, path);
	return lun_source_open_raw(fd, path, pixel, width_px, height_px, out_source, err);
}

enum lun_result lun_source_open_camera(
        int fd, const char *spec, struct lun_source **out_source, struct lun_error *err)
{
	char *path = lun_camera_spec_path(spec);
	if (!path) {
		*out_source = lun_source_create_synthetic();
		return LUN_OK;
	}
	enum lun_pixel_format pixel;
	enum lun_result rc;
	if (read_raw_ending(path, &pixel))
		rc = open_clip(fd, path, pixel, spec + strlen(path), out_source, err);
	else
		rc = lun_source_open_video(
		        fd, path, (struct lun_video_params){.loop = true, .rate = 1}, out_source, err);
	free(path);
	return rc;
}
