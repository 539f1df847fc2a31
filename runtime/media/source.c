// The one door to all kinds of sources: hands calls on to the kind at hand, and reads what
// `--camera` names. Knows nothing about files or pixels.
#include "media/source.h"

#include <stdlib.h>
#include <string.h>

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

// A `--camera` spec taken apart. Only a file whose ending names a pixel format is raw; a colon in
// any other name belongs to the name.
struct camera_spec {
	size_t path_length;
	bool is_raw;
	bool has_size; // a valid :WxH follows the path
	enum lun_pixel_format pixel;
	int width_px, height_px;
};

static bool parse_raw_ending(const char *spec, size_t length, enum lun_pixel_format *out_pixel)
{
	char ending[8] = "";
	size_t dot = length;
	while (dot > 0 && spec[dot - 1] != '.' && spec[dot - 1] != '/')
		dot--;
	if (dot < 2 || spec[dot - 1] != '.' || length - dot >= sizeof ending)
		return false;
	memcpy(ending, spec + dot, length - dot);
	return lun_pixel_format_parse(ending, out_pixel);
}

static struct camera_spec parse_camera_spec(const char *spec)
{
	struct camera_spec parsed = {.path_length = strlen(spec)};
	const char *colon = strrchr(spec, ':');
	if (colon && parse_raw_ending(spec, (size_t)(colon - spec), &parsed.pixel)) {
		parsed.is_raw = true;
		parsed.path_length = (size_t)(colon - spec);
		parsed.has_size = lun_size_parse(colon + 1, &parsed.width_px, &parsed.height_px);
	} else {
		parsed.is_raw = parse_raw_ending(spec, parsed.path_length, &parsed.pixel);
	}
	return parsed;
}

char *lun_source_camera_path(const char *spec)
{
	if (!spec || !*spec)
		return NULL;
	return lun_format_string("%.*s", (int)parse_camera_spec(spec).path_length, spec);
}

enum lun_result lun_source_open_camera(
        int fd, const char *spec, struct lun_source **out_source, struct lun_error *err)
{
	if (!spec || !*spec) {
		*out_source = lun_source_create_synthetic();
		return LUN_OK;
	}
	struct camera_spec parsed = parse_camera_spec(spec);
	if (!parsed.is_raw) {
		struct lun_video_params params = {.loop = true, .rate = 1};
		return lun_source_open_video(fd, spec, params, out_source, err);
	}
	char *path = lun_source_camera_path(spec);
	enum lun_result rc;
	if (parsed.has_size)
		rc = lun_source_open_raw(
		        fd, path, parsed.pixel, parsed.width_px, parsed.height_px, out_source, err);
	else
		rc = lun_fail(err, LUN_INVALID, "%s has no header: give its size, as in %s:1920x1080", path,
		        path);
	free(path);
	return rc;
}
