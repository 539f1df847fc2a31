// Loads scenes beside the one on air. The thread knows one job at a time; finished ones wait in a
// list until the main thread takes them.
#include "extension/isolate/loader.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct load_job {
	int64_t id;
	json_t *request; // ref, ours alone
	json_t *saved;   // ref, ours alone; NULL without
	struct lun_loader_context context;
};

struct finished {
	struct lun_loaded *loaded; // owned
	struct finished *next;
};

struct lun_loader {
	pthread_t thread;
	int event_fd; // owned
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	// under mutex
	struct load_job *waiting; // owned; NULL without
	struct finished *first;   // owned
	struct finished **last;   // where the next finished load goes
	bool is_ending;
};

static void destroy_job(struct load_job *job)
{
	if (!job)
		return;
	json_decref(job->request);
	json_decref(job->saved);
	free(job);
}

void lun_loaded_destroy(struct lun_loaded *loaded)
{
	if (!loaded)
		return;
	lun_scene_destroy(loaded->scene);
	free(loaded->files);
	free(loaded);
}

static const char *text_of(const json_t *request, const char *key, const char *fallback)
{
	const char *text = json_string_value(json_object_get(request, key));
	return text ? text : fallback;
}

static void run_job(const struct load_job *job, struct lun_loaded *loaded)
{
	const json_t *request = job->request;
	loaded->files = lun_alloc(sizeof *loaded->files);
	lun_remote_files_init(
	        loaded->files, job->context.file_socket, job->id, text_of(request, "root", "."));
	const struct lun_scene_params params = {
	        .name = text_of(request, "name", "scene"),
	        .file = text_of(request, "path", "scene.lua"),
	        .files = &loaded->files->files,
	        .format = job->context.format,
	        .values = json_object_get(request, "values"),
	        .texts = json_object_get(request, "texts"),
	        .feeds = json_object_get(request, "feeds"),
	        .saved = job->saved,
	        .number = (uint64_t)json_integer_value(json_object_get(request, "number")),
	        .epoch_s = json_number_value(json_object_get(request, "epoch")),
	        .zone = text_of(request, "zone", ""),
	        .seed = (uint64_t)json_integer_value(json_object_get(request, "seed")),
	        .camera_spec = job->context.camera_spec,
	        .camera_fd = job->context.camera_fd,
	        .watchers = job->context.watchers,
	        .log = job->context.log,
	        .log_data = job->context.log_data,
	};
	if (lun_scene_load(&params, &loaded->scene, &loaded->err) != LUN_OK)
		loaded->scene = NULL;
}

// Under mutex.
static void hand_over(struct lun_loader *loader, struct lun_loaded *loaded)
{
	struct finished *entry = lun_alloc(sizeof *entry);
	entry->loaded = loaded;
	*loader->last = entry;
	loader->last = &entry->next;
	const uint64_t one = 1;
	(void)!write(loader->event_fd, &one, sizeof one); // full means: readable already
}

static void *run(void *data)
{
	struct lun_loader *loader = data;
	(void)pthread_mutex_lock(&loader->mutex);
	while (!loader->is_ending) {
		struct load_job *job = loader->waiting;
		loader->waiting = NULL;
		if (!job) {
			(void)pthread_cond_wait(&loader->changed, &loader->mutex);
			continue;
		}
		(void)pthread_mutex_unlock(&loader->mutex);
		struct lun_loaded *loaded = lun_alloc(sizeof *loaded);
		loaded->id = job->id;
		run_job(job, loaded);
		destroy_job(job);
		(void)pthread_mutex_lock(&loader->mutex);
		hand_over(loader, loaded);
	}
	(void)pthread_mutex_unlock(&loader->mutex);
	return NULL;
}

struct lun_loader *lun_loader_create(void)
{
	struct lun_loader *loader = lun_alloc(sizeof *loader);
	loader->last = &loader->first;
	loader->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&loader->mutex, NULL);
	(void)pthread_cond_init(&loader->changed, NULL);
	lun_assert(loader->event_fd >= 0);
	lun_assert(pthread_create(&loader->thread, NULL, run, loader) == 0);
	return loader;
}

void lun_loader_destroy(struct lun_loader *loader)
{
	(void)pthread_mutex_lock(&loader->mutex);
	loader->is_ending = true;
	(void)pthread_cond_signal(&loader->changed);
	(void)pthread_mutex_unlock(&loader->mutex);
	(void)pthread_join(loader->thread, NULL);
	struct lun_loaded *loaded;
	while ((loaded = lun_loader_take(loader)))
		lun_loaded_destroy(loaded);
	destroy_job(loader->waiting);
	(void)pthread_cond_destroy(&loader->changed);
	(void)pthread_mutex_destroy(&loader->mutex);
	(void)close(loader->event_fd);
	free(loader);
}

int lun_loader_fd(const struct lun_loader *loader)
{
	return loader->event_fd;
}

void lun_loader_start(struct lun_loader *loader, int64_t id, const json_t *request,
        const json_t *saved, const struct lun_loader_context *context)
{
	struct load_job *job = lun_alloc(sizeof *job);
	job->id = id;
	job->request = json_deep_copy(request); // counts of json_t are not atomic
	job->saved = json_deep_copy(saved);
	job->context = *context;
	(void)pthread_mutex_lock(&loader->mutex);
	struct load_job *replaced = loader->waiting;
	loader->waiting = job;
	if (replaced) {
		struct lun_loaded *loaded = lun_alloc(sizeof *loaded);
		loaded->id = replaced->id;
		(void)lun_fail(&loaded->err, LUN_NOT_FOUND, "superseded by a newer version");
		hand_over(loader, loaded);
	}
	(void)pthread_cond_signal(&loader->changed);
	(void)pthread_mutex_unlock(&loader->mutex);
	destroy_job(replaced);
}

struct lun_loaded *lun_loader_take(struct lun_loader *loader)
{
	uint64_t count;
	(void)pthread_mutex_lock(&loader->mutex);
	struct finished *entry = loader->first;
	struct lun_loaded *loaded = NULL;
	if (entry) {
		loaded = entry->loaded;
		loader->first = entry->next;
		if (!loader->first)
			loader->last = &loader->first;
		free(entry);
	}
	if (!loader->first)
		(void)!read(loader->event_fd, &count, sizeof count); // no longer readable
	(void)pthread_mutex_unlock(&loader->mutex);
	return loaded;
}
