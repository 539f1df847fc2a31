// Splits the text of `--camera` into file and size, so that whoever opens the file need not know
// how clips are decoded. Opening and decoding are not its job.
#include "lunette/camera_spec.h"

#include <stdlib.h>
#include <string.h>

#include "lunette/format.h"

// Does this path end in the name of a pixel format (".nv12")?
static bool is_raw_clip(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *ending = strrchr(slash ? slash : path, '.');
	enum lun_pixel_format pixel;
	return ending && lun_pixel_format_parse(ending + 1, &pixel);
}

char *lun_camera_spec_path(const char *spec)
{
	if (!spec || !*spec)
		return NULL;
	char *path = lun_strdup(spec);
	char *colon = strrchr(path, ':');
	int width_px = 0, height_px = 0;
	if (!colon || !lun_size_parse(colon + 1, &width_px, &height_px))
		return path;
	*colon = '\0';
	if (is_raw_clip(path))
		return path;
	*colon = ':';
	return path;
}
