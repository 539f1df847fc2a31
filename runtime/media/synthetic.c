// The synthetic camera: dusk over hills, a moon that crosses the sky and bands of cloud that
// drift. All of it is integer arithmetic on the tick's number, so that a scene over it comes out
// the same on every machine. The sky and the hills are drawn once; a tick costs a copy, the
// moon's square and the clouds' rows.
#include <stdlib.h>
#include <string.h>

#include "media/source_impl.h"

#define WIDTH 1280
#define HEIGHT 720
#define NOMINAL_FPS 30

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

// A wave of period 1024 between -256 and 256, made of two smooth steps.
static int wave(int phase)
{
	phase &= 1023;
	return 2 * (phase < 512 ? smooth(phase / 2) : smooth((1023 - phase) / 2)) - 256;
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

// Three ranges of hills, the nearest last: its upper edge at x, in 1/16 pixels.
static int hill_edge(int range, int x)
{
	static const struct {
		int base, step1, height1, phase1, step2, height2, phase2;
	} hills[] = {
			{480, 205, 38, 100, 620, 12, 700},
			{545, 150, 46, 640, 480, 14, 80},
			{620, 118, 40, 330, 390, 12, 500},
	};
	return hills[range].base * 16 -
		   wave(x * hills[range].step1 / 128 + hills[range].phase1) * hills[range].height1 / 16 -
		   wave(x * hills[range].step2 / 128 + hills[range].phase2) * hills[range].height2 / 16;
}

static struct color background_color(int x, int y)
{
	// The light falls in from the lower right.
	struct color color = sky_color((y * 8 + x - WIDTH / 2) * 4096 / (560 * 8));
	const struct color hills[] = {from_rgb(116, 72, 112), from_rgb(66, 48, 88), from_rgb(34, 30, 60)};
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

static void blend_pixel(const struct canvas *canvas, int x, int y, const struct color *color, int weight)
{
	blend(canvas->luma + y * canvas->luma_stride + x, color->y, weight, x, y);
	if ((x | y) & 1)
		return;
	uint8_t *chroma = canvas->chroma + y / 2 * canvas->chroma_stride + x;
	blend(chroma, color->cb, weight, x / 2, y / 2);
	blend(chroma + 1, color->cr, weight, x / 2, y / 2);
}
