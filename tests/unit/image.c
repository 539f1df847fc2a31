// Still images, held against what the ffmpeg command and arithmetic say about the same pixels;
// and files that are too large, cut short, damaged or no image at all.
#include "media/image.h"

#include "check.h"
#include "media.h"

static enum lun_result decode(const char *name, struct lun_image **out_image, struct lun_error *err)
{
	int fd = media_open(name);
	*out_image = NULL;
	enum lun_result rc = lun_image_decode(fd, name, out_image, err);
	(void)close(fd);
	return rc;
}

static uint32_t pixel_at(const struct lun_image *image, int x, int y)
{
	uint32_t pixel;
	memcpy(&pixel, image->argb + (size_t)y * (size_t)image->stride_bytes + (size_t)x * 4, 4);
	return pixel;
}

static uint32_t premultiplied(unsigned r, unsigned g, unsigned b, unsigned a)
{
	return a << 24 | (r * a + 127) / 255 << 16 | (g * a + 127) / 255 << 8 | (b * a + 127) / 255;
}

// Largest and mean difference of a component between the image and unmultiplied RGBA bytes.
struct difference {
	int largest;
	double mean;
};

static struct difference compare(const struct lun_image *image, const uint8_t *rgba)
{
	struct difference difference = {0};
	int64_t sum = 0;
	for (int y = 0; y < image->height_px; y++) {
		for (int x = 0; x < image->width_px; x++, rgba += 4) {
			uint32_t want = premultiplied(rgba[0], rgba[1], rgba[2], rgba[3]);
			uint32_t got = pixel_at(image, x, y);
			for (int shift = 0; shift < 32; shift += 8) {
				int off = abs((int)(want >> shift & 255) - (int)(got >> shift & 255));
				difference.largest = off > difference.largest ? off : difference.largest;
				sum += off;
			}
		}
	}
	difference.mean = (double)sum / (3.0 * image->width_px * image->height_px);
	return difference;
}

static const char source_rgba[] =
        "testsrc2=s=161x93,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='mod(X*3+Y*5,256)'";

// The picture as PNG in a pixel format must come out as ffmpeg decodes that PNG, premultiplied.
static void check_png(const char *pixel_format, bool is_opaque)
{
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i \"%s\" -frames:v 1 -pix_fmt %s a.png && " FFMPEG
	                          "-i a.png -f rawvideo -pix_fmt rgba a.rgba",
	                 source_rgba, pixel_format),
	        0);
	struct lun_image *image;
	struct lun_error err;
	CHECK_EQ(decode("a.png", &image, &err), LUN_OK);
	CHECK_EQ(image->width_px, 161);
	CHECK_EQ(image->height_px, 93);
	CHECK_EQ(image->stride_bytes, 161 * 4);
	CHECK_EQ(image->bytes, 161 * 93 * 4);
	CHECK_EQ(image->is_opaque, is_opaque);
	size_t size;
	uint8_t *rgba = media_read("a.rgba", &size);
	CHECK(rgba && size == 161 * 93 * 4);
	CHECK_EQ(compare(image, rgba).largest, 0);
	free(rgba);
	lun_image_unref(image);
}

static void png_rgb_comes_out_exactly(void)
{
	check_png("rgb24", true);
}

static void png_with_alpha_is_premultiplied_exactly(void)
{
	check_png("rgba", false);
}

static void png_grey_comes_out_exactly(void)
{
	check_png("gray", true);
}

static void png_grey_with_alpha_comes_out_exactly(void)
{
	check_png("ya8", false);
}

static void png_with_one_bit_comes_out_exactly(void)
{
	check_png("monob", true);
}

static void png_with_a_palette_comes_out_exactly(void)
{
	check_png("pal8", true);
}

// Big-endian components of 16 bits that hit every rounding case.
static void check_png16(const char *pixel_format, int components)
{
	enum { WIDTH = 256, HEIGHT = 16 };
	static uint8_t raw[WIDTH * HEIGHT * 8];
	int has_alpha = components == 2 || components == 4;
	for (int i = 0; i < WIDTH * HEIGHT * components; i++) {
		unsigned value = (unsigned)i * 40503u & 0xffffu;
		raw[2 * i] = (uint8_t)(value >> 8);
		raw[2 * i + 1] = (uint8_t)value;
	}
	CHECK(media_write("raw16", raw, (size_t)(WIDTH * HEIGHT * components * 2)));
	CHECK_EQ(media_run(FFMPEG "-f rawvideo -pix_fmt %s -s %dx%d -i raw16 a.png", pixel_format,
	                 WIDTH, HEIGHT),
	        0);
	struct lun_image *image;
	struct lun_error err;
	CHECK_EQ(decode("a.png", &image, &err), LUN_OK);
	for (int i = 0; i < WIDTH * HEIGHT; i++) {
		unsigned c[4];
		for (int k = 0; k < components; k++) {
			const uint8_t *at = raw + (i * components + k) * 2;
			c[k] = (unsigned)((at[0] * 256 + at[1]) / 257.0 + 0.5);
		}
		unsigned alpha = has_alpha ? c[components - 1] : 255;
		uint32_t want = components < 3 ? premultiplied(c[0], c[0], c[0], alpha)
		                               : premultiplied(c[0], c[1], c[2], alpha);
		CHECK_EQ(pixel_at(image, i % WIDTH, i / WIDTH), want);
	}
	lun_image_unref(image);
}

static void png_with_16_bits_is_rounded(void)
{
	check_png16("gray16be", 1);
	check_png16("ya16be", 2);
	check_png16("rgb48be", 3);
	check_png16("rgba64be", 4);
}

// A soft picture without detail: what a JPEG keeps almost unharmed.
static const char soft_source[] =
        "color=s=200x120,format=rgb24,geq=r='128+100*sin(X/30)':g='X+20':b='Y*2'";

static void check_jpeg(const char *options, double mean_max)
{
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i \"%s\" -frames:v 1 o.png && " FFMPEG
	                          "-i o.png -f rawvideo -pix_fmt rgba o.rgba && " FFMPEG
	                          "-i o.png -q:v 1 -qmin 1 %s a.jpg",
	                 soft_source, options),
	        0);
	struct lun_image *image;
	struct lun_error err;
	CHECK_EQ(decode("a.jpg", &image, &err), LUN_OK);
	CHECK(image->is_opaque);
	size_t size;
	uint8_t *rgba = media_read("o.rgba", &size);
	CHECK(rgba && size == 200 * 120 * 4);
	struct difference difference = compare(image, rgba);
	printf("# jpeg %s: mean %.3f, largest %d\n", options, difference.mean, difference.largest);
	CHECK(difference.mean <= mean_max);
	free(rgba);
	lun_image_unref(image);
}

static void jpeg_keeps_the_colours_of_its_original(void)
{
	check_jpeg("-pix_fmt yuvj444p", 0.7);
	check_jpeg("-pix_fmt yuvj422p", 0.8);
	check_jpeg("-pix_fmt yuvj420p", 0.8);
}

static void grey_jpeg_is_grey(void)
{
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i \"%s\" -frames:v 1 -pix_fmt gray o.png && " FFMPEG
	                          "-i o.png -f rawvideo -pix_fmt gray o.gray && " FFMPEG
	                          "-i o.png -q:v 1 -qmin 1 -pix_fmt gray -strict unofficial a.jpg",
	                 soft_source),
	        0);
	struct lun_image *image;
	struct lun_error err;
	CHECK_EQ(decode("a.jpg", &image, &err), LUN_OK);
	size_t size;
	uint8_t *gray = media_read("o.gray", &size);
	CHECK(gray && size == 200 * 120);
	for (int i = 0; i < 200 * 120; i++) {
		uint32_t got = pixel_at(image, i % 200, i / 200);
		CHECK((got >> 16 & 255) == (got & 255) && (got >> 8 & 255) == (got & 255));
		CHECK(abs((int)(got & 255) - gray[i]) <= 3);
	}
	free(gray);
	lun_image_unref(image);
}

// An EXIF block with nothing but the orientation, put behind the SOI of a JPEG.
static bool write_oriented_jpeg(const char *from, const char *to, int orientation)
{
	uint8_t exif[] = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0,
	        1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (uint8_t)orientation, 0, 0, 0, 0, 0, 0};
	size_t size;
	uint8_t *jpeg = media_read(from, &size);
	if (!jpeg)
		return false;
	uint8_t *whole = malloc(size + sizeof exif);
	memcpy(whole, jpeg, 2);
	memcpy(whole + 2, exif, sizeof exif);
	memcpy(whole + 2 + sizeof exif, jpeg + 2, size - 2);
	bool is_written = media_write(to, whole, size + sizeof exif);
	free(jpeg);
	free(whole);
	return is_written;
}

static void jpeg_stands_upright_as_exif_says(void)
{
	// Where the pixel that is shown at (x, y) lies in a file of w x h, from the EXIF table.
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i \"%s\" -frames:v 1 -q:v 1 -pix_fmt yuvj444p plain.jpg",
	                 soft_source),
	        0);
	struct lun_image *plain;
	struct lun_error err;
	CHECK_EQ(decode("plain.jpg", &plain, &err), LUN_OK);
	int w = plain->width_px, h = plain->height_px;
	for (int orientation = 1; orientation <= 8; orientation++) {
		struct lun_image *image;
		CHECK(write_oriented_jpeg("plain.jpg", "turned.jpg", orientation));
		CHECK_EQ(decode("turned.jpg", &image, &err), LUN_OK);
		CHECK_EQ(image->width_px, orientation < 5 ? w : h);
		CHECK_EQ(image->height_px, orientation < 5 ? h : w);
		for (int y = 0; y < image->height_px; y += 7) {
			for (int x = 0; x < image->width_px; x += 5) {
				const int from[9][2] = {{0, 0}, {x, y}, {w - 1 - x, y}, {w - 1 - x, h - 1 - y},
				        {x, h - 1 - y}, {y, x}, {y, h - 1 - x}, {w - 1 - y, h - 1 - x},
				        {w - 1 - y, x}};
				CHECK_EQ(pixel_at(image, x, y),
				        pixel_at(plain, from[orientation][0], from[orientation][1]));
			}
		}
		lun_image_unref(image);
	}
	lun_image_unref(plain);
}

static void lossless_webp_comes_out_exactly(void)
{
	CHECK_EQ(media_run(FFMPEG
	                 "-f lavfi -i \"%s\" -frames:v 1 -c:v libwebp -lossless 1 -pix_fmt bgra "
	                 "a.webp && " FFMPEG "-i a.webp -f rawvideo -pix_fmt rgba a.rgba",
	                 source_rgba),
	        0);
	struct lun_image *image;
	struct lun_error err;
	CHECK_EQ(decode("a.webp", &image, &err), LUN_OK);
	CHECK(!image->is_opaque);
	size_t size;
	uint8_t *rgba = media_read("a.rgba", &size);
	CHECK(rgba && size == 161 * 93 * 4);
	CHECK_EQ(compare(image, rgba).largest, 0);
	free(rgba);
	lun_image_unref(image);
}

static void lossy_webp_keeps_its_colours_and_its_alpha(void)
{
	CHECK_EQ(media_run(FFMPEG
	                 "-f lavfi -i \"%s,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='55+X'\" "
	                 "-frames:v 1 o.png && " FFMPEG
	                 "-i o.png -f rawvideo -pix_fmt rgba o.rgba && " FFMPEG
	                 "-i o.png -c:v libwebp -quality 100 -pix_fmt yuva420p a.webp && " FFMPEG
	                 "-i a.webp -f rawvideo -pix_fmt yuva420p a.yuva",
	                 soft_source),
	        0);
	struct lun_image *image;
	struct lun_error err;
	CHECK_EQ(decode("a.webp", &image, &err), LUN_OK);
	CHECK(!image->is_opaque);
	size_t size;
	// The file's own alpha, which is stored without loss, is the last of four planes.
	uint8_t *yuva = media_read("a.yuva", &size);
	CHECK(yuva && size == 200 * 120 * 5 / 2);
	for (int i = 0; i < 200 * 120; i++)
		CHECK_EQ(pixel_at(image, i % 200, i / 200) >> 24, yuva[200 * 120 * 3 / 2 + i]);
	free(yuva);
	uint8_t *rgba = media_read("o.rgba", &size);
	CHECK(rgba && size == 200 * 120 * 4);
	struct difference difference = compare(image, rgba);
	printf("# webp: mean %.3f, largest %d\n", difference.mean, difference.largest);
	CHECK(difference.mean <= 1.2);
	free(rgba);
	lun_image_unref(image);
}

static void gif_shows_its_first_frame(void)
{
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i testsrc2=s=160x90:r=10:d=1 a.gif && " FFMPEG
	                          "-i a.gif -frames:v 1 -f rawvideo -pix_fmt rgba a.rgba"),
	        0);
	struct lun_image *image;
	struct lun_error err;
	CHECK_EQ(decode("a.gif", &image, &err), LUN_OK);
	size_t size;
	uint8_t *rgba = media_read("a.rgba", &size);
	CHECK(rgba && size == 160 * 90 * 4);
	CHECK_EQ(compare(image, rgba).largest, 0);
	free(rgba);
	lun_image_unref(image);
}

static void put_be32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void check_huge_png(uint32_t width, uint32_t height, const char *word)
{
	uint8_t png[33] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
	put_be32(png + 16, width);
	put_be32(png + 20, height);
	png[24] = 8;
	png[25] = 6;
	CHECK(media_write("huge.png", png, sizeof png));
	struct lun_image *image;
	struct lun_error err = {0};
	CHECK_EQ(decode("huge.png", &image, &err), LUN_LIMIT);
	CHECK(!image);
	CHECK(strstr(err.message, "huge.png") && strstr(err.message, word));
}

static void sizes_beyond_the_limit_are_refused_from_the_header_alone(void)
{
	check_huge_png(60000, 60000, "60000x60000");
	check_huge_png(60000, 60000, "16384x16384");
	check_huge_png(16384, 16384, "16384x16384");
	check_huge_png(16384, 16384, "512 MiB");
	check_huge_png(0xffffffff, 1, "x1,");
}

static void a_damaged_header_has_no_size(void)
{
	uint8_t png[33] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
	struct lun_image *image;
	struct lun_error err;
	CHECK(media_write("a.png", png, sizeof png));
	CHECK_EQ(decode("a.png", &image, &err), LUN_INVALID);
	CHECK(media_write("a.jpg", "\xff\xd8\xff\xd9", 4));
	CHECK_EQ(decode("a.jpg", &image, &err), LUN_INVALID);
}

// Cut anywhere, a file is refused, with its name.
static void check_cuts(const char *whole, const char *cut)
{
	size_t size;
	uint8_t *bytes = media_read(whole, &size);
	CHECK(bytes);
	for (int part = 1; part <= 24; part++) {
		size_t length = part == 24 ? size - 1 : size * (size_t)part / 24;
		struct lun_image *image;
		struct lun_error err = {0};
		CHECK(media_write(cut, bytes, length));
		enum lun_result rc = decode(cut, &image, &err);
		if (rc != LUN_INVALID)
			printf("# %s cut to %zu of %zu: %d\n", whole, length, size, rc);
		CHECK_EQ(rc, LUN_INVALID);
		CHECK(!image && strstr(err.message, cut) && strstr(err.message, "truncated"));
	}
	free(bytes);
}

static void truncated_images_are_refused(void)
{
	CHECK_EQ(media_run(FFMPEG "-f lavfi -i \"%s\" -frames:v 1 whole.png && " FFMPEG
	                          "-i whole.png whole.jpg && " FFMPEG
	                          "-i whole.png whole.webp && " FFMPEG "-i whole.png whole.gif",
	                 source_rgba),
	        0);
	check_cuts("whole.png", "cut.png");
	check_cuts("whole.jpg", "cut.jpg");
	check_cuts("whole.webp", "cut.webp");
}

static void a_gif_may_end_after_its_first_frame_but_not_within(void)
{
	size_t size;
	uint8_t *bytes = media_read("whole.gif", &size);
	CHECK(bytes);
	struct lun_image *image;
	struct lun_error err = {0};
	CHECK(media_write("cut.gif", bytes, size / 2));
	CHECK_EQ(decode("cut.gif", &image, &err), LUN_INVALID);
	CHECK(strstr(err.message, "cut.gif is truncated"));
	CHECK(media_write("cut.gif", bytes, size - 1)); // the trailer alone is missing
	CHECK_EQ(decode("cut.gif", &image, &err), LUN_OK);
	lun_image_unref(image);
	free(bytes);
}

// A JPEG whose middle is gone but whose end is there.
static void a_jpeg_with_a_hole_is_refused(void)
{
	size_t size;
	uint8_t *bytes = media_read("whole.jpg", &size);
	CHECK(bytes);
	memmove(bytes + size / 2, bytes + size - 2, 2);
	CHECK(media_write("hole.jpg", bytes, size / 2 + 2));
	struct lun_image *image;
	struct lun_error err = {0};
	CHECK_EQ(decode("hole.jpg", &image, &err), LUN_INVALID);
	CHECK(strstr(err.message, "hole.jpg"));
	free(bytes);
}

static void a_flipped_bit_in_a_png_is_found(void)
{
	size_t size;
	uint8_t *bytes = media_read("whole.png", &size);
	CHECK(bytes);
	bytes[size / 2] ^= 1;
	CHECK(media_write("flip.png", bytes, size));
	struct lun_image *image;
	struct lun_error err = {0};
	CHECK_EQ(decode("flip.png", &image, &err), LUN_INVALID);
	CHECK(strstr(err.message, "flip.png is damaged"));
	free(bytes);
}

static void other_files_are_no_images(void)
{
	struct lun_image *image;
	struct lun_error err = {0};
	CHECK(media_write("text.png", "hello, world\n", 13));
	CHECK_EQ(decode("text.png", &image, &err), LUN_UNSUPPORTED);
	CHECK(strstr(err.message, "text.png is not a PNG, JPEG, WebP or GIF"));
	CHECK(media_write("empty.png", "", 0));
	CHECK_EQ(decode("empty.png", &image, &err), LUN_INVALID);
	CHECK(strstr(err.message, "empty.png is empty"));
	int fd = open(media_folder, O_RDONLY | O_DIRECTORY);
	CHECK_EQ(lun_image_decode(fd, "folder", &image, &err), LUN_INVALID);
	(void)close(fd);
	CHECK_EQ(lun_image_decode(-1, "nothing", &image, &err), LUN_IO);
	CHECK_EQ(lun_image_decode(-1, "nothing", &image, NULL), LUN_IO);
}

// Bytes changed at random: any answer is right but a crash or a wrong size.
static void damaged_images_do_no_harm(void)
{
	static const char *const names[] = {"whole.png", "whole.jpg", "whole.webp", "whole.gif"};
	uint32_t random = 12345;
	for (int n = 0; n < 4; n++) {
		size_t size;
		uint8_t *bytes = media_read(names[n], &size);
		CHECK(bytes);
		for (int round = 0; round < 60; round++) {
			for (int i = 0; i < 3; i++) {
				random = random * 1664525u + 1013904223u;
				bytes[random % size] = (uint8_t)(random >> 24);
			}
			struct lun_image *image;
			struct lun_error err = {0};
			CHECK(media_write("damaged", bytes, size));
			enum lun_result rc = decode("damaged", &image, &err);
			CHECK((rc == LUN_OK) == (image != NULL));
			CHECK(rc == LUN_OK || err.message[0]);
			lun_image_unref(image);
		}
		free(bytes);
	}
}

static void two_loads_are_two_identities(void)
{
	struct lun_image *a, *b;
	struct lun_error err;
	CHECK_EQ(decode("whole.png", &a, &err), LUN_OK);
	CHECK_EQ(decode("whole.png", &b, &err), LUN_OK);
	CHECK(a->id && b->id && a->id != b->id);
	CHECK(memcmp(a->argb, b->argb, a->bytes) == 0);
	CHECK(lun_image_ref(a) == a);
	lun_image_unref(a);
	CHECK_EQ(a->refs, 1);
	lun_image_unref(a);
	lun_image_unref(b);
	lun_image_unref(NULL);
}

TEST_MAIN(media_begin(); RUN(png_rgb_comes_out_exactly);
          RUN(png_with_alpha_is_premultiplied_exactly); RUN(png_grey_comes_out_exactly);
          RUN(png_grey_with_alpha_comes_out_exactly); RUN(png_with_one_bit_comes_out_exactly);
          RUN(png_with_a_palette_comes_out_exactly); RUN(png_with_16_bits_is_rounded);
          RUN(jpeg_keeps_the_colours_of_its_original); RUN(grey_jpeg_is_grey);
          RUN(jpeg_stands_upright_as_exif_says); RUN(lossless_webp_comes_out_exactly);
          RUN(lossy_webp_keeps_its_colours_and_its_alpha); RUN(gif_shows_its_first_frame);
          RUN(sizes_beyond_the_limit_are_refused_from_the_header_alone);
          RUN(a_damaged_header_has_no_size); RUN(truncated_images_are_refused);
          RUN(a_gif_may_end_after_its_first_frame_but_not_within);
          RUN(a_jpeg_with_a_hole_is_refused); RUN(a_flipped_bit_in_a_png_is_found);
          RUN(other_files_are_no_images); RUN(damaged_images_do_no_harm);
          RUN(two_loads_are_two_identities);)
