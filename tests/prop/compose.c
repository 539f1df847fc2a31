// Drawing only what changed gives the bytes of drawing everything: random lists that change from
// frame to frame, drawn into buffers of any age, lost and repeated ones among them.
#define PROP_CASES 700
#include "compose/compositor.h"
#include "drawing.h"

#define MAX_ITEMS 6
#define MAX_FRAMES 12
#define TARGETS 4

struct stage {
	struct lun_format format;
	struct lun_layout layout;
	struct lun_compositor *compositor; // owned
	struct lun_target targets[TARGETS];
	struct item items[MAX_ITEMS];
	int count;
};

static struct lun_target make_target(
        const struct lun_compositor *compositor, const struct lun_layout *layout)
{
	struct lun_target target = {.data = lun_alloc(layout->size_bytes)};
	target.tiles = lun_alloc(lun_compositor_tiles(compositor) * sizeof *target.tiles);
	return target;
}

static void free_target(struct lun_target *target)
{
	free(target->data);
	free(target->tiles);
}

static void init_stage(struct stage *stage, struct gen *g)
{
	static const int sides[] = {1, 2, 63, 64, 65, 127, 128, 129};
	stage->format = lun_format_default();
	stage->format.pixel = (enum lun_pixel_format)pick(g, LUN_PIXEL_FORMATS);
	stage->format.matrix = pick(g, 2) ? LUN_MATRIX_BT709 : LUN_MATRIX_BT601;
	stage->format.range = pick(g, 2) ? LUN_RANGE_FULL : LUN_RANGE_LIMITED;
	stage->format.width_px = pick(g, 4) ? 1 + pick(g, 200) : sides[pick(g, 8)];
	stage->format.height_px = pick(g, 4) ? 1 + pick(g, 150) : sides[pick(g, 8)];
	lun_format_layout(&stage->format, &stage->layout);
	stage->compositor = lun_compositor_create(&stage->format);
	for (int i = 0; i < TARGETS; i++)
		stage->targets[i] = make_target(stage->compositor, &stage->layout);
	stage->count = pick(g, MAX_ITEMS);
	for (int i = 0; i < stage->count; i++)
		stage->items[i] = pick_item(g);
}

static void finish_stage(struct stage *stage)
{
	for (int i = 0; i < TARGETS; i++)
		free_target(&stage->targets[i]);
	lun_compositor_destroy(stage->compositor);
}

static void remove_item(struct stage *stage, int place)
{
	stage->count--;
	memmove(&stage->items[place], &stage->items[place + 1],
	        (size_t)(stage->count - place) * sizeof stage->items[0]);
}

static void swap_items(struct stage *stage, int a, int b)
{
	struct item kept = stage->items[a];
	stage->items[a] = stage->items[b];
	stage->items[b] = kept;
}

// What an author's animation does between two frames.
static void change_items(struct stage *stage, struct gen *g)
{
	int place = stage->count ? pick(g, stage->count) : 0;
	switch (pick(g, 6)) {
	case 0:
		break; // a still picture
	case 1:
	case 2: // a little of an item is another: where its state is decided, or anywhere
		if (stage->count)
			stage->items[place].bytes[pick(g, pick(g, 2) ? 16 : ITEM_BYTES)] ^=
			        (uint8_t)(1 + pick(g, 255));
		break;
	case 3:
		if (stage->count)
			remove_item(stage, place);
		break;
	case 4:
		if (stage->count > 1)
			swap_items(stage, place, pick(g, stage->count));
		break;
	default:
		if (stage->count < MAX_ITEMS)
			stage->items[stage->count++] = pick_item(g);
		break;
	}
}

static uint8_t *pack(const struct stage *stage, const struct lun_target *target)
{
	uint8_t *packed = lun_alloc(lun_format_packed_bytes(&stage->format));
	lun_format_pack(&stage->format, &stage->layout, target->data, packed);
	return packed;
}

// The picture of a list drawn whole by a compositor that never drew anything.
static uint8_t *draw_afresh(const struct stage *stage, const struct lun_list *list)
{
	struct lun_compositor *compositor = lun_compositor_create(&stage->format);
	struct lun_target target = make_target(compositor, &stage->layout);
	struct lun_compose_stats stats;
	(void)lun_compositor_render(compositor, list, &target, &stats);
	uint8_t *packed = pack(stage, &target);
	free_target(&target);
	lun_compositor_destroy(compositor);
	return packed;
}

// Some other program scribbled over the buffer, and its owner knows.
static void lose(const struct stage *stage, struct lun_target *target)
{
	memset(target->data, 0x5a, stage->layout.size_bytes);
	lun_target_invalidate(stage->compositor, target);
}

static bool show_frame(struct stage *stage, struct gen *g)
{
	struct lun_box frame = {0, 0, stage->format.width_px, stage->format.height_px};
	struct lun_list *list = record_items(stage->items, stage->count, frame, frame);
	struct lun_target *target = &stage->targets[pick(g, TARGETS)];
	if (pick(g, 8) == 0)
		lose(stage, target);
	if (pick(g, 16) == 0)
		lun_compositor_invalidate(stage->compositor);
	struct lun_compose_stats first, again;
	bool is_drawn = lun_compositor_render(stage->compositor, list, target, &first) == LUN_OK &&
	                lun_compositor_render(stage->compositor, list, target, &again) == LUN_OK &&
	                again.tiles_redrawn == 0;
	uint8_t *got = pack(stage, target), *want = draw_afresh(stage, list);
	bool is_same = memcmp(got, want, lun_format_packed_bytes(&stage->format)) == 0;
	if (!is_same)
		printf("# %s %d x %d: %d of %u tiles were drawn, and they are not all\n",
		        lun_pixel_format_name(stage->format.pixel), stage->format.width_px,
		        stage->format.height_px, (int)first.tiles_redrawn, first.tiles);
	free(got);
	free(want);
	lun_list_unref(list);
	return is_drawn && is_same;
}

static bool incremental_is_full(struct gen *g)
{
	drawing_init();
	struct stage stage;
	init_stage(&stage, g);
	bool is_fine = true;
	for (int frames = 1 + pick(g, MAX_FRAMES); frames > 0 && is_fine; frames--) {
		is_fine = show_frame(&stage, g);
		change_items(&stage, g);
	}
	finish_stage(&stage);
	return is_fine;
}

PROPERTY(incremental_is_full)
