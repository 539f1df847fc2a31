// The synthetic camera: dusk over hills, a moon that crosses the sky and bands of cloud that
// drift. All of it is integer arithmetic on the tick's number, so that a scene over it comes out
// the same on every machine. The sky and the hills are drawn once; a tick costs a copy, the
// moon's square and the clouds' rows.
#include <stdlib.h>
#include <string.h>

#include "media/source_impl.h"

#define WIDTH 1280
#define HEIGHT 720

// Colours and blends are carried with 8 more bits, so that slow gradients can be dithered.
struct color {
	int y, cb, cr; // x 256
};

struct synthetic_source {
	struct lun_source base;
	uint64_t source_id;
	uint8_t *luma, *chroma;    // owned; what does not move, in NV12
	struct lun_picture *last;  // ref; NULL at first
	struct lun_picture *spare; // ref; an older picture whose memory may be free again, or NULL
	uint64_t last_number;
};

// BT.601 limited, from 8-bit RGB.
static struct color from_rgb(int r, int g, int b)
{
	return (struct color){
	        .y = 16 * 256 + (16829 * r + 33039 * g + 6416 * b) / 256,
	        .cb = 128 * 256 + (-9714 * r - 19071 * g + 28784 * b) / 256,
	        .cr = 128 * 256 + (28784 * r - 24103 * g - 4681 * b) / 256,
	};
}

// weight 0..256
static int mix(int a, int b, int weight)
{
	return a + (b - a) * weight / 256;
}

static struct color mix_color(struct color a, struct color b, int weight)
{
	return (struct color){mix(a.y, b.y, weight), mix(a.cb, b.cb, weight), mix(a.cr, b.cr, weight)};
}

// Ease in and out: 0..256 to 0..256.
static int smooth(int t)
{
	t = t < 0 ? 0 : t > 256 ? 256 : t;
	return t * t * (768 - 2 * t) / 65536;
}

// A wave with a period of 65536, between -amplitude and amplitude: two smooth steps.
static int wave(uint64_t phase, int amplitude)
{
	int64_t t = (int64_t)(phase & 0xffff);
	t = t < 32768 ? t * 2 : (65535 - t) * 2;
	int64_t step = t * t / 65536 * (3 * 65536 - 2 * t) / 65536;
	return (int)(step * 2 * amplitude / 65536) - amplitude;
}

// 4 x 4 ordered dither: thresholds 0..240 for the 8 bits below a code.
static int dither(int value, int x, int y)
{
	static const uint8_t bayer[4][4] = {
	        {0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}};
	return (value + bayer[y & 3][x & 3] * 16 + 8) >> 8;
}

// The sky's colour at a height, 0 at the top to 4096 at the horizon.
static struct color sky_color(int at)
{
	static const struct {
		int at, r, g, b;
	} stops[] = {
	        {0, 22, 24, 58},
	        {1300, 58, 48, 104},
	        {2400, 128, 76, 128},
	        {3300, 214, 120, 118},
	        {4096, 250, 184, 126},
	};
	at = at < 0 ? 0 : at > 4095 ? 4095 : at;
	int i = 0;
	while (at >= stops[i + 1].at)
		i++;
	return mix_color(from_rgb(stops[i].r, stops[i].g, stops[i].b),
	        from_rgb(stops[i + 1].r, stops[i + 1].g, stops[i + 1].b),
	        (at - stops[i].at) * 256 / (stops[i + 1].at - stops[i].at));
}

// Three ranges of hills, the nearest last: their upper edge at x, in 1/16 pixels.
static int hill_edge(int range, int x)
{
	static const struct {
		int base;
		struct {
			int period_px, height_px, phase;
		} waves[3];
	} hills[] = {
	        {500, {{1130, 34, 9000}, {410, 14, 30000}, {150, 4, 5000}}},
	        {560, {{890, 40, 41000}, {330, 12, 52000}, {113, 3, 100}}},
	        {632, {{1490, 44, 21000}, {520, 14, 33000}, {171, 3, 47000}}},
	};
	int edge = hills[range].base * 16;
	for (int i = 0; i < 3; i++)
		edge -= wave((uint64_t)(x * 65536 / hills[range].waves[i].period_px +
		                        hills[range].waves[i].phase),
		        hills[range].waves[i].height_px * 16);
	return edge;
}

static struct color background_color(int x, int y)
{
	// The light falls in from the lower right.
	struct color color = sky_color((y * 8 + x - WIDTH / 2) * 4096 / (560 * 8));
	const struct color hills[] = {
	        from_rgb(116, 72, 112), from_rgb(66, 48, 88), from_rgb(34, 30, 60)};
	const struct color mist = from_rgb(186, 112, 118);
	for (int i = 0; i < 3; i++) {
		int below = y * 16 - hill_edge(i, x);
		if (below <= -16)
			continue;
		int cover = below >= 0 ? 256 : (below + 16) * 16;
		// Mist gathers at the foot of the far ranges.
		int fade = i == 2 ? 0 : smooth(below / 16) / 3;
		color = mix_color(color, mix_color(hills[i], mist, fade), cover);
	}
	return color;
}

static void draw_background(struct synthetic_source *synthetic)
{
	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++) {
			struct color color = background_color(x, y);
			synthetic->luma[y * WIDTH + x] = (uint8_t)dither(color.y, x, y);
			if ((x | y) & 1)
				continue;
			uint8_t *chroma = synthetic->chroma + y / 2 * WIDTH + x;
			chroma[0] = (uint8_t)dither(color.cb, x / 2, y / 2);
			chroma[1] = (uint8_t)dither(color.cr, x / 2, y / 2);
		}
	}
}

struct canvas {
	uint8_t *luma, *chroma;
	int luma_stride, chroma_stride;
};

static void blend(uint8_t *code, int target, int weight, int x, int y)
{
	*code = (uint8_t)dither(mix(*code * 256, target, weight), x, y);
}

static void blend_pixel(
        const struct canvas *canvas, int x, int y, const struct color *color, int weight)
{
	blend(canvas->luma + y * canvas->luma_stride + x, color->y, weight, x, y);
	if ((x | y) & 1)
		return;
	uint8_t *chroma = canvas->chroma + y / 2 * canvas->chroma_stride + x;
	blend(chroma, color->cb, weight, x / 2, y / 2);
	blend(chroma + 1, color->cr, weight, x / 2, y / 2);
}

static int clamp_weight(int weight)
{
	return weight < 0 ? 0 : weight > 256 ? 256 : weight;
}

#define MOON_RADIUS 50
#define GLOW_RADIUS 190

// Squared distance of a pixel's middle to a point in 1/16 pixels.
static int distance2(int x, int y, int to_x, int to_y)
{
	int dx = x * 16 + 8 - to_x, dy = y * 16 + 8 - to_y;
	return dx * dx + dy * dy;
}

// How much of a pixel a disc covers, with an edge that is edge_px soft: 0..256.
static int disc_cover(int squared, int radius_px, int edge_px)
{
	int radius = radius_px * 16;
	return clamp_weight((radius * radius - squared) / (2 * radius * edge_px) * 16 + 128);
}

static struct color moon_color(int x, int y, int moon_x, int moon_y)
{
	// The dark plains, in pixels from the middle.
	static const struct {
		int x, y, radius;
	} plains[] = {{-16, -14, 17}, {9, -20, 10}, {15, 4, 14}, {-12, 15, 9}, {24, 22, 6}};
	int shade = 0;
	for (size_t i = 0; i < sizeof plains / sizeof *plains; i++) {
		int squared = distance2(x, y, moon_x + plains[i].x * 16, moon_y + plains[i].y * 16);
		int cover = disc_cover(squared, plains[i].radius, 8);
		shade = cover > shade ? cover : shade;
	}
	return mix_color(from_rgb(255, 244, 226), from_rgb(226, 206, 196), shade);
}

static void draw_moon(const struct canvas *canvas, uint64_t number)
{
	int moon_x = 930 * 16 + wave(number % 3600 * 65536 / 3600 + 13000, 170 * 16);
	int moon_y = 176 * 16 + wave(number % 2700 * 65536 / 2700 + 9000, 26 * 16);
	const struct color glow = from_rgb(255, 222, 196);
	int left = moon_x / 16 - GLOW_RADIUS - 1, right = moon_x / 16 + GLOW_RADIUS + 1;
	int top = moon_y / 16 - GLOW_RADIUS - 1, bottom = moon_y / 16 + GLOW_RADIUS + 1;
	const int glow2 = GLOW_RADIUS * 16 * GLOW_RADIUS * 16;
	for (int y = top < 0 ? 0 : top; y < bottom; y++) {
		for (int x = left; x < right && x < WIDTH; x++) {
			int squared = distance2(x, y, moon_x, moon_y);
			if (squared >= glow2)
				continue;
			int near = 256 - squared / (glow2 / 256);
			int cover = disc_cover(squared, MOON_RADIUS, 1);
			if (cover < 256)
				blend_pixel(canvas, x, y, &glow, near * near / 256 * near / 820);
			if (cover > 0) {
				struct color color = moon_color(x, y, moon_x, moon_y);
				blend_pixel(canvas, x, y, &color, cover);
			}
		}
	}
}

struct cloud {
	int y, half_height, length; // pixels
	int speed, offset;          // 1/16 pixels a tick; pixels
	int weight;                 // 0..256 where it is densest
};

static void draw_cloud(const struct canvas *canvas, const struct cloud *cloud, uint64_t number)
{
	uint64_t road = (uint64_t)(WIDTH + cloud->length) * 16;
	uint64_t travelled =
	        (number % road * (uint64_t)cloud->speed + (uint64_t)cloud->offset * 16) % road;
	int left = (int)travelled - cloud->length * 16; // 1/16 pixels
	int across[WIDTH];
	int first = left < 0 ? 0 : left / 16;
	int last = left / 16 + cloud->length < WIDTH ? left / 16 + cloud->length : WIDTH;
	for (int x = first; x < last; x++) {
		int at = (x * 16 + 8 - left) * 256 / (cloud->length * 16);
		across[x] = smooth(at < 96 ? at * 256 / 96 : (256 - at) * 256 / 160);
	}
	const struct color color = from_rgb(255, 190, 170);
	for (int y = cloud->y - cloud->half_height; y < cloud->y + cloud->half_height; y++) {
		int off = abs(2 * (y - cloud->y) + 1);
		int down = smooth(256 - off * 128 / cloud->half_height) * cloud->weight / 256;
		for (int x = first; x < last; x++)
			blend_pixel(canvas, x, y, &color, across[x] * down / 256);
	}
}

static void draw_clouds(const struct canvas *canvas, uint64_t number)
{
	static const struct cloud clouds[] = {
	        {120, 11, 620, 5, 300, 66},
	        {214, 16, 820, 7, 1250, 84},
	        {262, 7, 430, 9, 520, 60},
	        {330, 14, 900, 6, 820, 92},
	        {392, 9, 560, 8, 60, 76},
	};
	for (size_t i = 0; i < sizeof clouds / sizeof *clouds; i++)
		draw_cloud(canvas, &clouds[i], number);
}

static void draw_frame(
        const struct synthetic_source *synthetic, struct lun_picture *picture, uint64_t number)
{
	// Ours until it is handed out.
	const struct canvas canvas = {
	        .luma = (uint8_t *)picture->plane[0],
	        .chroma = (uint8_t *)picture->plane[1],
	        .luma_stride = picture->stride_bytes[0],
	        .chroma_stride = picture->stride_bytes[1],
	};
	for (int y = 0; y < HEIGHT; y++)
		memcpy(canvas.luma + y * canvas.luma_stride, synthetic->luma + y * WIDTH, WIDTH);
	for (int y = 0; y < HEIGHT / 2; y++)
		memcpy(canvas.chroma + y * canvas.chroma_stride, synthetic->chroma + y * WIDTH, WIDTH);
	draw_moon(&canvas, number);
	draw_clouds(&canvas, number);
}

static bool is_free(const struct lun_picture *picture)
{
	return picture && __atomic_load_n(&picture->refs, __ATOMIC_ACQUIRE) == 1;
}

// A picture nobody else holds: one of the two handed out last, or a new one.
static struct lun_picture *take_free_picture(struct synthetic_source *synthetic)
{
	struct lun_picture **slot = is_free(synthetic->last)    ? &synthetic->last
	                            : is_free(synthetic->spare) ? &synthetic->spare
	                                                        : NULL;
	if (!slot)
		return lun_picture_create(LUN_PIXEL_NV12, WIDTH, HEIGHT);
	struct lun_picture *picture = *slot;
	*slot = NULL;
	return picture;
}

static struct lun_picture *get_picture(
        struct lun_source *source, struct lun_moment moment, struct lun_error *err)
{
	struct synthetic_source *synthetic = (struct synthetic_source *)source;
	if (synthetic->last && synthetic->last_number == moment.number)
		return lun_picture_ref(synthetic->last);
	struct lun_picture *picture = take_free_picture(synthetic);
	if (!picture) {
		(void)lun_fail(err, LUN_NOMEM, "out of memory for the synthetic camera");
		return synthetic->last ? lun_picture_ref(synthetic->last) : NULL;
	}
	draw_frame(synthetic, picture, moment.number);
	picture->id = lun_source_stable_id(synthetic->source_id, moment.number);
	if (synthetic->last) {
		lun_picture_unref(synthetic->spare);
		synthetic->spare = synthetic->last;
	}
	synthetic->last = picture;
	synthetic->last_number = moment.number;
	return lun_picture_ref(picture);
}

static void destroy(struct lun_source *source)
{
	struct synthetic_source *synthetic = (struct synthetic_source *)source;
	lun_picture_unref(synthetic->last);
	lun_picture_unref(synthetic->spare);
	free(synthetic->luma);
	free(synthetic->chroma);
	free(synthetic);
}

static const struct lun_source_impl synthetic_impl = {
        .destroy = destroy,
        .get_picture = get_picture,
};

struct lun_source *lun_source_create_synthetic(void)
{
	struct synthetic_source *synthetic = lun_alloc(sizeof *synthetic);
	synthetic->base = (struct lun_source){
	        .impl = &synthetic_impl,
	        .width_px = WIDTH,
	        .height_px = HEIGHT,
	};
	synthetic->source_id = lun_picture_new_id();
	synthetic->luma = lun_alloc(WIDTH * HEIGHT);
	synthetic->chroma = lun_alloc(WIDTH * HEIGHT / 2);
	draw_background(synthetic);
	return &synthetic->base;
}
