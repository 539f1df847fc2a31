// Compares two pictures: equal, close (max channel difference <= 2 on <= 0.1 % of the pixels: other
// versions of pixman and FreeType round otherwise), or different. A different one leaves a picture
// of the differences behind, white where they are large.
//
// Usage: golden-compare WANTED.png GOT.png DIFFERENCE.png; exit code 1 = different, 2 = unreadable
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cairo.h>

static cairo_surface_t *load(const char *path)
{
	cairo_surface_t *file = cairo_image_surface_create_from_png(path);
	if (cairo_surface_status(file) != CAIRO_STATUS_SUCCESS) {
		(void)fprintf(stderr, "%s: %s\n", path, cairo_status_to_string(cairo_surface_status(file)));
		exit(2);
	}
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24,
	        cairo_image_surface_get_width(file), cairo_image_surface_get_height(file));
	cairo_t *cr = cairo_create(surface);
	cairo_set_source_surface(cr, file, 0, 0);
	cairo_paint(cr);
	cairo_destroy(cr);
	cairo_surface_destroy(file);
	cairo_surface_flush(surface);
	return surface;
}

static uint32_t *row_of(cairo_surface_t *surface, int y)
{
	return (uint32_t *)(void *)(cairo_image_surface_get_data(surface) +
	                            (size_t)y * (size_t)cairo_image_surface_get_stride(surface));
}

static int pixel_difference(uint32_t a, uint32_t b)
{
	int largest = 0;
	for (int shift = 0; shift < 24; shift += 8) {
		int difference = abs((int)(a >> shift & 255) - (int)(b >> shift & 255));
		largest = difference > largest ? difference : largest;
	}
	return largest;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	cairo_surface_t *wanted = load(argv[1]), *got = load(argv[2]);
	int width = cairo_image_surface_get_width(wanted);
	int height = cairo_image_surface_get_height(wanted);
	if (cairo_image_surface_get_width(got) != width ||
	        cairo_image_surface_get_height(got) != height) {
		printf("%s has another size than %s\n", argv[2], argv[1]);
		return 1;
	}
	int largest = 0, count = 0;
	for (int y = 0; y < height; y++) {
		uint32_t *a = row_of(wanted, y), *b = row_of(got, y);
		for (int x = 0; x < width; x++) {
			int difference = pixel_difference(a[x], b[x]);
			largest = difference > largest ? difference : largest;
			count += difference > 0;
			int shown = difference * 32 > 255 ? 255 : difference * 32;
			a[x] = (uint32_t)shown * 0x010101u;
		}
	}
	printf("%s: %d of %d pixels differ, by %d at most\n", argv[2], count, width * height, largest);
	int rc = largest > 2 || count > width * height / 1000;
	cairo_surface_mark_dirty(wanted);
	if (rc)
		(void)cairo_surface_write_to_png(wanted, argv[3]);
	cairo_surface_destroy(wanted);
	cairo_surface_destroy(got);
	return rc;
}
