#include "base/strict_float.h"
#include "codec/workers.h"
#include "base/memory.h"

#include <pthread.h>
#include <string.h>

struct lac_workers {
	pthread_mutex_t lock;
	pthread_cond_t has_work, has_result;
	struct lac_stream *first, **last; /* queue */
	size_t n_queued, n_taken; /* waiting; with a worker */
	unsigned n_idle, n_started;
	bool closed, ended; /* work is dropped; no more will come in this call */
	uint64_t n_slots_offered, n_slots_busy;
	lac_worker_function *function;
	const struct lac_model *model;
	struct lac_plan plan;
	pthread_t threads[LAC_THREADS_MAX];
};

struct lac_block *lac_block_create(uint32_t n_streams)
{
	struct lac_block *block = lac_calloc(1, sizeof *block);

	if (!block)
		return NULL;
	block->n_streams = n_streams;
	block->streams = lac_calloc(n_streams ? n_streams : 1, sizeof *block->streams);
	if (!block->streams) {
		lac_free(block);
		return NULL;
	}
	for (uint32_t i = 0; i < n_streams; i++)
		block->streams[i].block = block;
	block->probe.block = block;
	return block;
}

void lac_block_free(struct lac_block **block)
{
	if (!*block)
		return;
	for (uint32_t i = 0; i < (*block)->n_streams; i++)
		lac_buffer_free(&(*block)->streams[i].out);
	for (uint32_t i = 0; (*block)->trials && i < (*block)->n_models * (*block)->n_streams; i++)
		lac_buffer_free(&(*block)->trials[i].out);
	lac_buffer_free(&(*block)->probe.out);
	lac_buffer_free(&(*block)->bytes);
	lac_free((*block)->trials);
	lac_free((*block)->streams);
	lac_free(*block);
	*block = NULL;
}

static void *run(void *argument)
{
	struct lac_workers *workers = argument;
	uint64_t environment = lac_float_environment_enter();

	workers->function(workers, workers->model, &workers->plan);
	lac_float_environment_restore(environment);
	return NULL;
}

enum lac_status lac_workers_create(struct lac_workers **out, lac_worker_function *function, const struct lac_model *model,
	const struct lac_plan *plan, struct lac_error *error)
{
	struct lac_workers *workers = lac_calloc(1, sizeof *workers);

	*out = workers;
	if (!workers)
		return lac_fail_memory(error, sizeof *workers, "threads");
	workers->function = function;
	workers->model = model;
	workers->plan = *plan;
	workers->last = &workers->first;
	/* default attributes: these cannot fail on the systems we know */
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->has_work, NULL);
	pthread_cond_init(&workers->has_result, NULL);
	return LAC_OK;
}

void lac_workers_begin(struct lac_workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->ended = false;
	workers->n_slots_offered = workers->n_slots_busy = 0;
	pthread_mutex_unlock(&workers->lock);
}

void lac_workers_free(struct lac_workers **out)
{
	struct lac_workers *workers = *out;

	if (!workers)
		return;
	pthread_mutex_lock(&workers->lock);
	workers->first = NULL;
	workers->last = &workers->first;
	workers->n_queued = 0;
	workers->closed = true;
	pthread_cond_broadcast(&workers->has_work);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned i = 0; i < workers->n_started; i++)
		pthread_join(workers->threads[i], NULL);
	pthread_cond_destroy(&workers->has_result);
	pthread_cond_destroy(&workers->has_work);
	pthread_mutex_destroy(&workers->lock);
	lac_free(workers);
	*out = NULL;
}

static void append(struct lac_workers *workers, struct lac_stream *streams, uint32_t n_streams)
{
	for (uint32_t i = 0; i < n_streams; i++) {
		streams[i].next = NULL;
		*workers->last = &streams[i];
		workers->last = &streams[i].next;
	}
	workers->n_queued += n_streams;
}

enum lac_status lac_workers_push(struct lac_workers *workers, struct lac_block *block, struct lac_stream *streams,
	uint32_t n_streams, struct lac_error *error)
{
	int failure = 0;
	bool start;

	pthread_mutex_lock(&workers->lock);
	block->n_unfinished = n_streams;
	if (streams == block->streams && block->trials)
		append(workers, block->trials, block->n_models * n_streams);
	else
		append(workers, streams, n_streams);
	start = workers->n_queued > workers->n_idle && workers->n_started < workers->plan.n_threads;
	pthread_cond_broadcast(&workers->has_work);
	pthread_mutex_unlock(&workers->lock);

	if (start)
		failure = pthread_create(&workers->threads[workers->n_started], NULL, run, workers);
	if (start && !failure)
		workers->n_started++;
	if (n_streams && workers->n_started == 0)
		return lac_fail(error, LAC_NO_THREAD, 0, "no thread could be started: %s; one is enough", strerror(failure));
	return LAC_OK;
}

void lac_workers_wait(struct lac_workers *workers, struct lac_block *block)
{
	pthread_mutex_lock(&workers->lock);
	while (block->n_unfinished)
		pthread_cond_wait(&workers->has_result, &workers->lock);
	pthread_mutex_unlock(&workers->lock);
}

/* A fair share, so that few streams keep all threads busy. */
static bool has_its_share(const struct lac_workers *workers, uint32_t n_own)
{
	const unsigned n_threads = workers->plan.n_threads;

	return n_own >= (workers->n_queued + workers->n_taken + n_threads - 1) / n_threads;
}

/* Where the queue holds the next stream for a worker that evaluates `model`; those that no model codes fit between any. */
static struct lac_stream **find(struct lac_workers *workers, const struct lac_model *model, uint32_t n_own)
{
	struct lac_stream **at = &workers->first;

	while (n_own && *at && (*at)->model && (*at)->model != model)
		at = &(*at)->next;
	return at;
}

struct lac_stream *lac_workers_take(struct lac_workers *workers, const struct lac_model *model, uint32_t n_own)
{
	struct lac_stream *stream = NULL, **at;

	pthread_mutex_lock(&workers->lock);
	while (n_own == 0 && !workers->first && !workers->closed) {
		workers->n_idle++;
		pthread_cond_wait(&workers->has_work, &workers->lock);
		workers->n_idle--;
	}
	if (!n_own || !has_its_share(workers, n_own)) {
		at = find(workers, model, n_own);
		stream = *at;
	}
	if (stream) {
		*at = stream->next;
		if (!*at)
			workers->last = at;
		workers->n_queued--;
		workers->n_taken++;
	}
	pthread_mutex_unlock(&workers->lock);
	return stream;
}

bool lac_workers_is_closed(struct lac_workers *workers)
{
	bool is_closed;

	pthread_mutex_lock(&workers->lock);
	is_closed = workers->closed;
	pthread_mutex_unlock(&workers->lock);
	return is_closed;
}

/* How many streams of the block it leaves nothing to do of. */
static uint32_t finish_trial(struct lac_workers *workers, struct lac_block *block)
{
	uint32_t n_finished = 0;

	if (--block->n_trials_left)
		return 0;
	lac_block_drop_models(block);
	for (uint32_t i = 0; i < block->n_streams; i++)
		if (lac_stream_settle(&block->streams[i]))
			append(workers, &block->streams[i], 1);
		else
			n_finished++;
	pthread_cond_broadcast(&workers->has_work);
	return n_finished;
}

void lac_workers_finish(struct lac_workers *workers, struct lac_stream *stream)
{
	struct lac_block *block = stream->block;
	uint32_t n_finished;

	pthread_mutex_lock(&workers->lock);
	workers->n_taken--;
	n_finished = stream->trial_of ? finish_trial(workers, block) : 1;
	block->n_unfinished -= n_finished;
	if (n_finished && block->n_unfinished == 0)
		pthread_cond_broadcast(&workers->has_result);
	pthread_mutex_unlock(&workers->lock);
}

void lac_workers_end(struct lac_workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->ended = true;
	pthread_mutex_unlock(&workers->lock);
}

void lac_workers_count_step(struct lac_workers *workers, uint32_t n_slots, uint32_t n_busy)
{
	pthread_mutex_lock(&workers->lock);
	if (n_busy == n_slots || !workers->ended) {
		workers->n_slots_offered += n_slots;
		workers->n_slots_busy += n_busy;
	}
	pthread_mutex_unlock(&workers->lock);
}

void lac_workers_steps(struct lac_workers *workers, uint64_t *n_slots, uint64_t *n_busy)
{
	pthread_mutex_lock(&workers->lock);
	*n_slots = workers->n_slots_offered;
	*n_busy = workers->n_slots_busy;
	pthread_mutex_unlock(&workers->lock);
}
