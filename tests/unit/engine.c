// The engine's promises: what it does with scenes that fail, with new formats on the way, with
// ticks that are skipped, and that every road to a frame gives the same bytes.
#include "lunette/engine.h"

#include "check.h"
#include "lunette/params.h"
#include "scene_folder.h"

// Everything a buffer needs, and an engine with a scene on air.
struct air {
	struct lun_folder_files files;
	struct lun_format format;
	struct lun_layout layout;
	struct lun_engine *engine; // owned
	struct lun_buffer *buffer; // owned
	uint8_t *pixels;           // owned
	struct lun_frame_stats stats;
	struct lun_error err;
};

static struct lun_format small(enum lun_pixel_format pixel, int width_px, int height_px)
{
	struct lun_format format = lun_format_default();
	format.pixel = pixel;
	format.width_px = width_px;
	format.height_px = height_px;
	return format;
}

static enum lun_result load(struct air *air, const char *text, struct lun_scene **out_scene)
{
	scene_write("scene.lua", text);
	struct lun_scene_params params = {.name = "test",
	        .file = "scene.lua",
	        .files = &air->files.files,
	        .format = air->format,
	        .zone = "UTC",
	        .seed = 7,
	        .camera_fd = -1};
	return lun_scene_load(&params, out_scene, &air->err);
}

static void make_buffer(struct air *air)
{
	lun_format_layout(&air->format, &air->layout);
	air->pixels = calloc(1, air->layout.size_bytes);
	air->buffer = lun_buffer_create(air->engine, air->pixels);
}

static void free_buffer(struct air *air)
{
	lun_buffer_destroy(air->buffer);
	free(air->pixels);
}

static bool start(struct air *air, struct lun_format format, const char *text)
{
	struct lun_scene *scene;
	*air = (struct air){.format = format};
	if (lun_folder_files_init(&air->files, scene_folder, &air->err) != LUN_OK ||
	        lun_engine_create(&format, &air->engine, &air->err) != LUN_OK)
		return false;
	make_buffer(air);
	if (load(air, text, &scene) == LUN_OK) {
		lun_engine_take_scene(air->engine, scene);
		return true;
	}
	printf("# %s:%d: %s\n", air->err.path, air->err.line, air->err.message);
	return false;
}

static void stop(struct air *air)
{
	free_buffer(air);
	lun_engine_destroy(air->engine);
	lun_folder_files_finish(&air->files);
}

static enum lun_result render(struct air *air, uint64_t number)
{
	return lun_engine_render(
	        air->engine, number, (double)number, air->buffer, &air->stats, &air->err);
}

static uint64_t picture_hash(const struct air *air)
{
	size_t size = lun_format_packed_bytes(&air->format);
	uint8_t *packed = malloc(size);
	lun_format_pack(&air->format, &air->layout, air->pixels, packed);
	uint64_t hash = lun_hash(packed, size, 0);
	free(packed);
	return hash;
}

// A box that moves with the frame's number, a text and a gradient: something in every tile.
#define MOVING                                                                            \
	"local s = {}\n"                                                                      \
	"function s.draw(cr, frame)\n"                                                        \
	"  cr:set_source(gradient.linear(0, 0, 1920, 0, {{0, '#102030'}, {1, '#a0b0c0'}}))\n" \
	"  cr:paint()\n"                                                                      \
	"  cr:rectangle(frame.number * 40 % 1700, 200, 200, 300)\n"                           \
	"  cr:set_source('#f04020')\n"                                                        \
	"  cr:fill()\n"                                                                       \
	"  cr:text('frame ' .. frame.number, 100, 800, {size = 120, color = '#ffffff'})\n"    \
	"end\n"                                                                               \
	"return s\n"

static void without_a_scene_the_frame_is_black(void)
{
	struct air air = {.format = small(LUN_PIXEL_BGRA, 65, 3)};
	CHECK_EQ(lun_engine_create(&air.format, &air.engine, &air.err), LUN_OK);
	make_buffer(&air);
	memset(air.pixels, 0x77, air.layout.size_bytes);
	CHECK_EQ(render(&air, 0), LUN_OK);
	for (size_t i = 0; i < 65 * 4; i++)
		CHECK_EQ(air.pixels[i], i % 4 == 3 ? 255 : 0);
	CHECK(!lun_engine_scene(air.engine));
	free_buffer(&air);
	lun_engine_destroy(air.engine);
}

static void an_error_keeps_the_last_picture_and_the_scene_recovers(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_NV12, 160, 90),
	        "local s = {}\n"
	        "function s.draw(cr, frame)\n"
	        "  cr:set_source({frame.number / 10, 0.5, 0})\n"
	        "  cr:paint()\n"
	        "  if frame.number == 2 or frame.number == 3 then error('broken') end\n"
	        "end\n"
	        "return s\n"));
	uint64_t hashes[6];
	for (uint64_t n = 0; n < 6; n++) {
		enum lun_result rc = render(&air, n);
		hashes[n] = picture_hash(&air);
		CHECK_EQ(rc, n == 2 || n == 3 ? LUN_SCRIPT : LUN_OK);
		if (rc != LUN_OK) {
			CHECK_EQ(air.err.line, 5);
			CHECK(strcmp(air.err.path, "scene.lua") == 0);
			CHECK(strstr(air.err.message, "broken"));
			CHECK(air.stats.is_unchanged);
		}
	}
	CHECK(hashes[0] != hashes[1]);
	CHECK(hashes[2] == hashes[1] && hashes[3] == hashes[1]);
	CHECK(hashes[4] != hashes[1] && hashes[5] != hashes[4]);
	stop(&air);
}

static void a_scene_that_never_ends_is_stopped_and_its_picture_stays(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_I420, 64, 36),
	        "local s = {}\n"
	        "function s.draw(cr, frame)\n"
	        "  cr:set_source({frame.number / 4, 1, 0})\n"
	        "  cr:paint()\n"
	        "  if frame.number == 2 then while true do end end\n"
	        "end\n"
	        "function s.event(name) error('called') end\n"
	        "return s\n"));
	CHECK_EQ(render(&air, 0), LUN_OK);
	CHECK_EQ(render(&air, 1), LUN_OK);
	uint64_t good = picture_hash(&air);
	CHECK_EQ(render(&air, 2), LUN_LIMIT);
	CHECK(air.err.message[0]);
	CHECK(picture_hash(&air) == good);
	for (uint64_t n = 3; n < 6; n++) {
		CHECK_EQ(render(&air, n), LUN_OK); // nothing of it is called any more
		CHECK(picture_hash(&air) == good);
		CHECK(air.stats.is_unchanged);
	}
	CHECK_EQ(lun_engine_send_event(air.engine, "e", NULL, &air.err), LUN_OK);
	CHECK_EQ(lun_engine_set_watchers(air.engine, 2, &air.err), LUN_OK);
	CHECK(!lun_scene_save(lun_engine_scene(air.engine), &air.err));
	stop(&air);
}

static void a_scene_that_fails_in_its_first_frame_is_not_loaded(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_BGRA, 32, 18), MOVING));
	CHECK_EQ(render(&air, 0), LUN_OK);
	uint64_t good = picture_hash(&air);
	struct {
		const char *text;
		enum lun_result rc;
		int line;
	} bad[] = {{"return {draw = function() error('no') end}", LUN_SCRIPT, 1},
	        {"local s = {}\nfunction s.draw(", LUN_SCRIPT, 2}, {"error('top')", LUN_SCRIPT, 1},
	        {"\n\nwhile true do end", LUN_LIMIT, 3}, {"return 4", LUN_SCRIPT, 1},
	        {"return {load = function() nothing() end, draw = print}", LUN_SCRIPT, 1},
	        {"return {draw = function() while true do end end}", LUN_LIMIT, 1}};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct lun_scene *scene = NULL;
		CHECK_EQ(load(&air, bad[i].text, &scene), bad[i].rc);
		CHECK_EQ(air.err.line, bad[i].line);
		CHECK(air.err.message[0]);
		CHECK(!scene);
	}
	CHECK_EQ(render(&air, 0), LUN_OK);
	CHECK(picture_hash(&air) == good);
	stop(&air);
}

static bool play(struct lun_format format, const char *text, uint64_t last, uint64_t *out_hash)
{
	struct air air;
	bool is_played = start(&air, format, text);
	for (uint64_t n = 0; n <= last && is_played; n++)
		is_played = render(&air, n) == LUN_OK;
	*out_hash = picture_hash(&air);
	stop(&air);
	return is_played;
}

// Through every pixel format and some sizes, odd ones among them, at each of them the same bytes
// as from an engine that never drew anything else.
static void another_format_on_the_way_gives_the_frames_of_that_format(void)
{
	static const int sizes[][2] = {{160, 90}, {161, 91}, {1, 1}, {2, 3}, {64, 64}, {65, 129}};
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_NV12, 320, 180), MOVING));
	CHECK_EQ(render(&air, 0), LUN_OK);
	uint64_t number = 1;
	for (int pixel = 0; pixel < LUN_PIXEL_FORMATS; pixel++) {
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			free_buffer(&air);
			air.format = small((enum lun_pixel_format)pixel, sizes[i][0], sizes[i][1]);
			air.format.matrix = i % 2 ? LUN_MATRIX_BT709 : LUN_MATRIX_BT601;
			air.format.range = i % 3 ? LUN_RANGE_LIMITED : LUN_RANGE_FULL;
			CHECK_EQ(lun_engine_configure(air.engine, &air.format, &air.err), LUN_OK);
			make_buffer(&air);
			CHECK_EQ(render(&air, number), LUN_OK);
			uint64_t alone;
			CHECK(play(air.format, MOVING, number, &alone));
			CHECK(picture_hash(&air) == alone);
			number++;
		}
	}
	stop(&air);
}

static void a_format_that_makes_no_sense_changes_nothing(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_NV12, 64, 36), MOVING));
	CHECK_EQ(render(&air, 0), LUN_OK);
	struct lun_format bad[6];
	for (size_t i = 0; i < 6; i++)
		bad[i] = air.format;
	bad[0].width_px = 0;
	bad[1].height_px = 100000;
	bad[2].fps_den = 0;
	bad[3].pixel = (enum lun_pixel_format)99;
	bad[4].matrix = (enum lun_matrix)7;
	bad[5].range = (enum lun_range) - 1;
	for (size_t i = 0; i < 6; i++) {
		struct lun_engine *none = NULL;
		CHECK_EQ(lun_engine_configure(air.engine, &bad[i], &air.err), LUN_INVALID);
		CHECK(air.err.message[0]);
		CHECK_EQ(lun_engine_create(&bad[i], &none, &air.err), LUN_INVALID);
		CHECK(!none);
	}
	uint64_t alone;
	CHECK_EQ(render(&air, 1), LUN_OK);
	CHECK(play(air.format, MOVING, 1, &alone));
	CHECK(picture_hash(&air) == alone);
	stop(&air);
}

// The last good picture is also there at another size: what viewers see is never taken away.
static void a_stopped_scene_shows_its_last_picture_in_another_format(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_BGRA, 160, 90),
	        "local s = {}\n"
	        "function s.draw(cr, frame)\n"
	        "  if frame.number > 0 then while true do end end\n"
	        "  cr:set_source('#ff0000')\n"
	        "  cr:paint()\n"
	        "  cr:set_source('#0000ff')\n"
	        "  cr:rectangle(0, 0, 960, 1080)\n"
	        "  cr:fill()\n"
	        "end\n"
	        "return s\n"));
	CHECK_EQ(render(&air, 0), LUN_OK);
	CHECK_EQ(render(&air, 1), LUN_LIMIT);
	static const int sizes[][2] = {{320, 180}, {80, 46}, {200, 400}};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		free_buffer(&air);
		air.format = small(LUN_PIXEL_BGRA, sizes[i][0], sizes[i][1]);
		CHECK_EQ(lun_engine_configure(air.engine, &air.format, &air.err), LUN_OK);
		make_buffer(&air);
		CHECK_EQ(render(&air, 2 + i), LUN_OK);
		const uint8_t *middle =
		        air.pixels + sizes[i][1] / 2 * air.layout.stride_bytes[0] + sizes[i][0] / 4 * 4;
		CHECK(memcmp(middle, "\xff\x00\x00\xff", 4) == 0); // B G R A
		CHECK(memcmp(middle + sizes[i][0] / 2 * 4, "\x00\x00\xff\xff", 4) == 0);
	}
	stop(&air);
}

// State in the scene, kept by update() and draw(), and chance.
#define STATEFUL                                                   \
	"local s, x, drawn = {}, 0, 0\n"                               \
	"function s.update(dt) x = x + 300 * dt * math.random() end\n" \
	"function s.draw(cr, frame)\n"                                 \
	"  drawn = drawn + 1\n"                                        \
	"  cr:rectangle(x % 1800, drawn * 20, 100, 100)\n"             \
	"  cr:set_source({math.random(), 1, 0})\n"                     \
	"  cr:fill()\n"                                                \
	"end\n"                                                        \
	"return s\n"

static void seeking_is_playing_without_looking(void)
{
	const struct lun_format format = small(LUN_PIXEL_NV12, 160, 90);
	uint64_t played;
	CHECK(play(format, STATEFUL, 30, &played));
	struct air air;
	CHECK(start(&air, format, STATEFUL));
	for (uint64_t n = 0; n < 30; n++)
		CHECK_EQ(lun_engine_render(air.engine, n, (double)n, NULL, &air.stats, &air.err), LUN_OK);
	CHECK_EQ(render(&air, 30), LUN_OK);
	CHECK(picture_hash(&air) == played);
	stop(&air);
}

static void drawing_whole_frames_gives_the_same_bytes(void)
{
	struct air cheap, whole;
	const struct lun_format format = small(LUN_PIXEL_YUY2, 321, 181);
	CHECK(start(&cheap, format, MOVING));
	CHECK(start(&whole, format, MOVING));
	lun_engine_set_full_redraw(whole.engine, true);
	uint32_t drawn = 0;
	for (uint64_t n = 0; n < 40; n++) {
		CHECK_EQ(render(&cheap, n), LUN_OK);
		CHECK_EQ(render(&whole, n), LUN_OK);
		CHECK(picture_hash(&cheap) == picture_hash(&whole));
		CHECK_EQ(whole.stats.tiles_redrawn, whole.stats.tiles);
		CHECK(cheap.stats.picture == whole.stats.picture);
		drawn += n > 0 ? cheap.stats.tiles_redrawn : 0;
	}
	CHECK(drawn > 0 && drawn < 39 * cheap.stats.tiles);
	stop(&cheap);
	stop(&whole);
}

static void buffers_of_any_age_are_brought_up_to_date(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_NV12, 192, 108), MOVING));
	uint8_t *pixels[3];
	struct lun_buffer *buffers[3];
	for (int i = 0; i < 3; i++) {
		pixels[i] = calloc(1, air.layout.size_bytes);
		buffers[i] = lun_buffer_create(air.engine, pixels[i]);
	}
	static const int turns[] = {0, 1, 0, 0, 2, 1, 0, 2, 2, 1};
	for (uint64_t n = 0; n < 10; n++) {
		int turn = turns[n];
		CHECK_EQ(lun_engine_render(air.engine, n, (double)n, buffers[turn], &air.stats, &air.err),
		        LUN_OK);
		uint64_t alone;
		CHECK(play(air.format, MOVING, n, &alone));
		struct air seen = air;
		seen.pixels = pixels[turn];
		CHECK(picture_hash(&seen) == alone);
	}
	for (int i = 0; i < 3; i++) {
		lun_buffer_destroy(buffers[i]);
		free(pixels[i]);
	}
	stop(&air);
}

static void the_same_picture_has_the_same_number(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_NV12, 64, 36),
	        "return {draw = function(cr, frame)\n"
	        "  cr:set_source({frame.number // 3 / 4, 0, 0})\n"
	        "  cr:paint()\n"
	        "end}\n"));
	uint64_t pictures[6];
	for (uint64_t n = 0; n < 6; n++) {
		CHECK_EQ(render(&air, n), LUN_OK);
		pictures[n] = air.stats.picture;
		CHECK_EQ(air.stats.is_unchanged, n % 3 != 0);
	}
	CHECK(pictures[0] == pictures[1] && pictures[1] == pictures[2]);
	CHECK(pictures[3] != pictures[2] && pictures[3] == pictures[5]);
	stop(&air);
}

static void a_pause_shows_the_idle_card_and_ends(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_BGRA, 64, 36),
	        "local s = {}\n"
	        "function s.draw(cr) cr:set_source('#00ff00') cr:paint() end\n"
	        "function s.idle(cr) cr:set_source('#ff0000') cr:paint() end\n"
	        "return s\n"));
	CHECK_EQ(render(&air, 0), LUN_OK);
	CHECK(memcmp(air.pixels, "\x00\xff\x00", 3) == 0);
	lun_engine_pause(air.engine, true);
	CHECK_EQ(render(&air, 1), LUN_OK);
	CHECK(memcmp(air.pixels, "\x00\x00\xff", 3) == 0);
	lun_engine_pause(air.engine, false);
	CHECK_EQ(render(&air, 2), LUN_OK);
	CHECK(memcmp(air.pixels, "\x00\xff\x00", 3) == 0);
	stop(&air);
}

static void time_goes_on_by_the_ticks_that_are_drawn(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_BGRA, 8, 8),
	        "local s, sum = {}, 0\n"
	        "function s.update(dt) sum = sum + dt end\n"
	        "function s.draw(cr, frame)\n"
	        "  assert(math.abs(frame.time - frame.number / 30) < 1e-9)\n"
	        "  assert(math.abs(sum - frame.time) < 1e-6, sum)\n"
	        "end\n"
	        "return s\n"));
	static const uint64_t ticks[] = {0, 1, 2, 5, 100, 101, 90000};
	for (size_t i = 0; i < sizeof ticks / sizeof ticks[0]; i++) {
		enum lun_result rc = render(&air, ticks[i]);
		if (rc != LUN_OK)
			printf("# tick %d: %s\n", (int)ticks[i], air.err.message);
		CHECK_EQ(rc, LUN_OK);
	}
	stop(&air);
}

static void values_are_seen_in_the_next_frame(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_BGRA, 32, 18),
	        "local s = {params = {param.color('tone', '#0000ff')}}\n"
	        "function s.draw(cr) cr:set_source(params.tone) cr:paint() end\n"
	        "return s\n"));
	CHECK_EQ(render(&air, 0), LUN_OK);
	CHECK(memcmp(air.pixels, "\xff\x00\x00", 3) == 0);
	json_t *values = json_pack("{s:s}", "tone", "#ff0000");
	lun_scene_set_values(lun_engine_scene(air.engine), values);
	json_decref(values);
	CHECK_EQ(render(&air, 1), LUN_OK);
	CHECK(memcmp(air.pixels, "\x00\x00\xff", 3) == 0);
	stop(&air);
}

static void a_new_scene_takes_over_what_the_old_one_saved(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_BGRA, 32, 18),
	        "local s, n = {}, 0\n"
	        "function s.draw(cr) n = n + 1 end\n"
	        "function s.save() return {n = n, list = {1, 2}} end\n"
	        "return s\n"));
	for (uint64_t n = 0; n < 5; n++)
		CHECK_EQ(render(&air, n), LUN_OK);
	json_t *saved = lun_scene_save(lun_engine_scene(air.engine), &air.err);
	CHECK_EQ(json_integer_value(json_object_get(saved, "n")), 5);
	scene_write("scene.lua",
	        "local s = {}\n"
	        "function s.load(saved) assert(saved.n == 5 and saved.list[2] == 2) end\n"
	        "function s.draw(cr) cr:set_source('#ffffff') cr:paint() end\n"
	        "return s\n");
	struct lun_scene_params params = {.name = "test",
	        .file = "scene.lua",
	        .files = &air.files.files,
	        .format = air.format,
	        .saved = saved,
	        .number = 5,
	        .camera_fd = -1};
	struct lun_scene *scene = NULL;
	CHECK_EQ(lun_scene_load(&params, &scene, &air.err), LUN_OK);
	lun_engine_take_scene(air.engine, scene);
	json_decref(saved);
	CHECK_EQ(render(&air, 5), LUN_OK);
	CHECK(memcmp(air.pixels, "\xff\xff\xff", 3) == 0);
	stop(&air);
}

static void a_scene_loaded_for_another_format_is_drawn_anew(void)
{
	struct air air;
	CHECK(start(&air, small(LUN_PIXEL_NV12, 160, 90), MOVING));
	struct lun_scene *scene;
	CHECK_EQ(load(&air, MOVING, &scene), LUN_OK);
	free_buffer(&air);
	air.format = small(LUN_PIXEL_I420, 99, 55); // while it was being loaded
	CHECK_EQ(lun_engine_configure(air.engine, &air.format, &air.err), LUN_OK);
	make_buffer(&air);
	lun_engine_take_scene(air.engine, scene);
	uint64_t alone;
	CHECK_EQ(render(&air, 0), LUN_OK);
	CHECK(play(air.format, MOVING, 0, &alone));
	CHECK(picture_hash(&air) == alone);
	stop(&air);
}

TEST_MAIN({
	scene_make_folder();
	RUN(without_a_scene_the_frame_is_black);
	RUN(an_error_keeps_the_last_picture_and_the_scene_recovers);
	RUN(a_scene_that_never_ends_is_stopped_and_its_picture_stays);
	RUN(a_scene_that_fails_in_its_first_frame_is_not_loaded);
	RUN(another_format_on_the_way_gives_the_frames_of_that_format);
	RUN(a_format_that_makes_no_sense_changes_nothing);
	RUN(a_stopped_scene_shows_its_last_picture_in_another_format);
	RUN(seeking_is_playing_without_looking);
	RUN(drawing_whole_frames_gives_the_same_bytes);
	RUN(buffers_of_any_age_are_brought_up_to_date);
	RUN(the_same_picture_has_the_same_number);
	RUN(a_pause_shows_the_idle_card_and_ends);
	RUN(time_goes_on_by_the_ticks_that_are_drawn);
	RUN(values_are_seen_in_the_next_frame);
	RUN(a_new_scene_takes_over_what_the_old_one_saved);
	RUN(a_scene_loaded_for_another_format_is_drawn_anew);
})
