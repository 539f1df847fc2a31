// labels: tsan
// What threads share is counted with atomics: images, gradients, lists with their clips and texts
// are referenced, read and dropped by several threads at once, and the last one frees them.
#include <pthread.h>

#include "canvas/recorder.h"
#include "check.h"
#include "compose/compositor.h"

#define THREADS 4
#define TURNS 2000

struct shared {
	struct lun_image *image;
	struct lun_gradient *gradient;
	struct lun_list *list;
};

static struct lun_image *make_image(void)
{
	struct lun_image *image = lun_alloc(sizeof *image);
	image->width_px = image->height_px = 8;
	image->stride_bytes = 32;
	image->bytes = 256;
	image->argb = lun_alloc(image->bytes);
	image->id = lun_picture_new_id();
	image->refs = 1;
	return image;
}

// A list that holds one of everything that can be shared.
static struct lun_list *make_list(struct lun_image *image, struct lun_gradient *gradient)
{
	struct lun_recorder *recorder = lun_recorder_create();
	struct lun_box frame = {0, 0, 64, 64};
	cairo_matrix_t base;
	struct lun_error err;
	cairo_matrix_init_identity(&base);
	lun_recorder_begin(recorder, frame, frame, &base);
	cairo_t *cr = lun_recorder_cairo(recorder);
	cairo_rectangle(cr, 4.5, 4.5, 50, 50);
	(void)lun_recorder_clip(recorder, false, &err);
	(void)lun_recorder_push_group(recorder, &err);
	lun_recorder_set_source_gradient(recorder, gradient);
	(void)lun_recorder_paint(recorder, 0.5, &err);
	(void)lun_recorder_pop_group_to_source(recorder);
	(void)lun_recorder_paint(recorder, 1, &err);
	const struct lun_placement placement = {
	        .width = 30, .height = 30, .alpha = 1, .crop = {0, 0, 8, 8}};
	(void)lun_recorder_image(recorder, image, &placement, &err);
	struct lun_text *text;
	struct lun_text_style style = lun_text_style_default();
	if (lun_text_create("shared", 6, &style, &text, &err) == LUN_OK) {
		(void)lun_recorder_text(recorder, text, 5, 5, NULL, &err);
		lun_text_unref(text);
	}
	int unbalanced;
	struct lun_list *list = lun_recorder_end(recorder, &unbalanced);
	lun_recorder_destroy(recorder);
	return list;
}

// Owns a reference of each.
static void *use(void *data)
{
	struct shared *shared = data;
	uint64_t sum = 0;
	for (int i = 0; i < TURNS; i++) {
		struct lun_list *list = lun_list_ref(shared->list);
		struct lun_paint copy = lun_paint_copy(&list->ops[0].paint);
		struct lun_clip *clip = lun_clip_ref(list->ops[0].clip);
		sum += lun_gradient_hash(lun_gradient_ref(shared->gradient)) + list->hash + copy.hash;
		sum += lun_image_ref(shared->image)->argb[i % 256];
		lun_gradient_unref(shared->gradient);
		lun_image_unref(shared->image);
		lun_clip_unref(clip);
		lun_paint_clear(&copy);
		lun_list_unref(list);
	}
	lun_list_unref(shared->list);
	lun_gradient_unref(shared->gradient);
	lun_image_unref(shared->image);
	return sum ? shared : NULL;
}

static void what_is_shared_is_counted_right(void)
{
	const double line[] = {0, 0, 64, 0};
	struct shared all[THREADS];
	pthread_t threads[THREADS];
	struct lun_image *image = make_image();
	struct lun_gradient *gradient = lun_gradient_create(false, line);
	struct lun_list *list = make_list(image, gradient);
	for (int i = 0; i < THREADS; i++) {
		all[i] = (struct shared){
		        lun_image_ref(image), lun_gradient_ref(gradient), lun_list_ref(list)};
		CHECK_EQ(pthread_create(&threads[i], NULL, use, &all[i]), 0);
	}
	lun_list_unref(list); // the threads have their own
	lun_gradient_unref(gradient);
	lun_image_unref(image);
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
}

// One list, composed by several engines at the same time.
static void *compose(void *data)
{
	struct lun_list *list = data;
	struct lun_format format = lun_format_default();
	format.pixel = LUN_PIXEL_BGRA;
	format.width_px = format.height_px = 64;
	struct lun_compositor *compositor = lun_compositor_create(&format);
	struct lun_target target = {.data = lun_alloc(64 * 64 * 4), .tiles = lun_alloc(8)};
	struct lun_compose_stats stats;
	uint64_t *hash = lun_alloc(sizeof *hash);
	for (int i = 0; i < 20; i++) {
		lun_compositor_invalidate(compositor);
		lun_target_invalidate(compositor, &target);
		(void)lun_compositor_render(compositor, list, &target, &stats);
	}
	*hash = lun_hash(target.data, 64 * 64 * 4, 0);
	free(target.data);
	free(target.tiles);
	lun_compositor_destroy(compositor);
	return hash;
}

static void one_list_is_composed_by_several_threads(void)
{
	const double line[] = {0, 0, 64, 0};
	pthread_t threads[THREADS];
	struct lun_image *image = make_image();
	struct lun_gradient *gradient = lun_gradient_create(false, line);
	struct lun_list *list = make_list(image, gradient);
	uint64_t hashes[THREADS];
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, compose, list), 0);
	for (int i = 0; i < THREADS; i++) {
		void *hash;
		(void)pthread_join(threads[i], &hash);
		hashes[i] = *(uint64_t *)hash;
		free(hash);
	}
	lun_list_unref(list);
	lun_gradient_unref(gradient);
	lun_image_unref(image);
	for (int i = 1; i < THREADS; i++)
		CHECK(hashes[i] == hashes[0]);
}

TEST_MAIN({
	RUN(what_is_shared_is_counted_right);
	RUN(one_list_is_composed_by_several_threads);
})
