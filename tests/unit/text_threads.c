// labels: tsan
// Several threads lay out, measure and draw texts at once: all of Pango is behind one lock, and
// what comes out does not depend on who else is at work.
#include <pthread.h>

#include "canvas/text.h"
#include "check.h"

#define THREADS 4
#define TURNS 60
#define TEXTS 12
#define SIDE_PX 96

// Texts that all threads ask for in another order, some of them in the cache, some thrown out.
static struct lun_text *make_text(int which)
{
	static const char *const strings[] = {"Lunette", "fi fl WAV",
	        "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", "\xe4\xbd\xa0\xe5\xa5\xbd", "a b c d e f g",
	        "<b>bold</b> <i>it</i>"};
	struct lun_text_style style = lun_text_style_default();
	style.size = 10 + which;
	style.font = which % 2 ? "Inter" : "DejaVu Serif";
	style.is_markup = which % 6 == 5;
	style.width = which % 3 ? 0 : 60;
	style.is_shrink = which % 5 == 0;
	struct lun_text *text;
	const char *string = strings[which % 6];
	enum lun_result rc = lun_text_create(string, strlen(string), &style, &text, NULL);
	return rc == LUN_OK ? text : NULL;
}

static uint64_t draw(const struct lun_text *text)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, SIDE_PX, SIDE_PX);
	cairo_t *cr = cairo_create(surface);
	cairo_set_source_rgb(cr, 1, 1, 1);
	lun_text_draw(text, cr, 3.3, 5.7);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	uint64_t hash = lun_hash(cairo_image_surface_get_data(surface),
	        (size_t)cairo_image_surface_get_stride(surface) * SIDE_PX, 0);
	cairo_surface_destroy(surface);
	return hash;
}

static uint64_t identify(int which)
{
	struct lun_text *text = make_text(which);
	if (!text)
		return 0;
	double width, height, ink[4];
	int lines;
	lun_text_size(text, &width, &height, &lines);
	lun_text_ink(text, ink);
	double numbers[] = {width, height, lines, ink[0], ink[1], ink[2], ink[3]};
	uint64_t hash = lun_hash(numbers, sizeof numbers, draw(text));
	lun_text_unref(text);
	return hash;
}

struct worker {
	pthread_t thread;
	int first;
	const uint64_t *want;    // borrowed
	struct lun_text *shared; // borrowed
	int wrong;
};

static void *work(void *data)
{
	struct worker *worker = data;
	for (int turn = 0; turn < TURNS; turn++) {
		int which = (worker->first + turn * 5) % TEXTS;
		struct lun_text *shared = lun_text_ref(worker->shared); // drawn by all of them at once
		worker->wrong += identify(which) != worker->want[which];
		worker->wrong += draw(shared) != worker->want[TEXTS];
		lun_text_unref(shared);
	}
	return NULL;
}

static void texts_look_the_same_on_every_thread(void)
{
	uint64_t want[TEXTS + 1];
	struct worker workers[THREADS] = {0};
	for (int i = 0; i < TEXTS; i++) {
		want[i] = identify(i);
		CHECK(want[i] != 0);
	}
	struct lun_text *shared = make_text(3);
	want[TEXTS] = draw(shared);
	for (int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.first = i * 3, .want = want, .shared = shared};
		CHECK_EQ(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	int wrong = 0;
	for (int i = 0; i < THREADS; i++) {
		(void)pthread_join(workers[i].thread, NULL);
		wrong += workers[i].wrong;
	}
	lun_text_unref(shared);
	CHECK_EQ(wrong, 0);
}

// The first text of a process opens fonts: that several ask for it at once must not matter. This
// has to be the first test of the process.
static void *make_first(void *data)
{
	*(uint64_t *)data = identify(1);
	return NULL;
}

static void the_first_text_may_be_asked_for_by_all_at_once(void)
{
	pthread_t threads[THREADS];
	uint64_t hashes[THREADS];
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, make_first, &hashes[i]), 0);
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		CHECK(hashes[i] != 0 && hashes[i] == hashes[0]);
}

TEST_MAIN({
	RUN(the_first_text_may_be_asked_for_by_all_at_once);
	RUN(texts_look_the_same_on_every_thread);
})
