#include "base/strict_float.h"
#include "codec/workers.h"
#include "base/memory.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* a part of a second, after which who waits may say how far it is */
#define WAIT_NANOSECONDS 200000000L

struct lac_workers {
	pthread_mutex_t lock;
	pthread_cond_t has_work, has_result;
	struct lac_stream *first, **last; /* queue */
	size_t n_queued, n_taken; /* waiting; with a worker */
	unsigned n_idle, n_started;
	bool closed, ended; /* work is dropped; no more will come in this call */
	uint64_t n_slots_offered, n_slots_busy;
	lac_worker_function *function;
	struct lac_plan plan;
	pid_t process;
	pthread_t threads[LAC_THREADS_MAX];
};

static void *run(void *argument)
{
	struct lac_workers *workers = argument;
	uint64_t environment = lac_float_environment_enter();

	workers->function(workers, &workers->plan);
	lac_float_environment_restore(environment);
	return NULL;
}

/* What is waited for by the clock must not depend on somebody setting it. */
static void init_timed_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

enum lac_status lac_workers_create(struct lac_workers **out, lac_worker_function *function, const struct lac_plan *plan,
	struct lac_error *error)
{
	struct lac_workers *workers = lac_calloc(1, sizeof *workers);

	*out = workers;
	if (!workers)
		return lac_fail_memory(error, sizeof *workers, "threads");
	workers->function = function;
	workers->plan = *plan;
	workers->last = &workers->first;
	workers->process = getpid();
	/* these cannot fail on the systems we know */
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->has_work, NULL);
	init_timed_condition(&workers->has_result);
	return LAC_OK;
}

bool lac_workers_are_here(const struct lac_workers *workers)
{
	return workers->process == getpid();
}

void lac_workers_free(struct lac_workers **out)
{
	struct lac_workers *workers = *out;

	*out = NULL;
	if (!workers || !lac_workers_are_here(workers))
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
}

/* ---- For the calling thread ---------------------------------------------------------- */

void lac_workers_begin(struct lac_workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->ended = false;
	workers->n_slots_offered = workers->n_slots_busy = 0;
	pthread_mutex_unlock(&workers->lock);
}

static void append(struct lac_workers *workers, struct lac_tally *tally, struct lac_stream *streams, uint32_t n_streams)
{
	for (uint32_t i = 0; i < n_streams; i++) {
		streams[i].tally = tally;
		streams[i].next = NULL;
		*workers->last = &streams[i];
		workers->last = &streams[i].next;
	}
	tally->n_unfinished += n_streams;
	workers->n_queued += n_streams;
}

/* As many as there is work for. */
static int start_threads(struct lac_workers *workers, size_t n_wanted)
{
	int failure = 0;

	for (size_t i = 0; i < n_wanted && workers->n_started < workers->plan.n_threads && !failure; i++) {
		failure = pthread_create(&workers->threads[workers->n_started], NULL, run, workers);
		workers->n_started += !failure;
	}
	return failure;
}

enum lac_status lac_workers_push(struct lac_workers *workers, struct lac_tally *tally, struct lac_stream *streams, uint32_t n_streams,
	struct lac_error *error)
{
	size_t n_wanted;
	int failure;

	pthread_mutex_lock(&workers->lock);
	append(workers, tally, streams, n_streams);
	n_wanted = workers->n_queued > workers->n_idle ? workers->n_queued - workers->n_idle : 0;
	pthread_cond_broadcast(&workers->has_work);
	pthread_mutex_unlock(&workers->lock);

	failure = start_threads(workers, n_wanted);
	if (n_streams && workers->n_started == 0)
		return lac_fail(error, LAC_NO_THREAD, 0, "no thread could be started: %s; one is enough", strerror(failure));
	return LAC_OK;
}

bool lac_workers_wait(struct lac_workers *workers, const struct lac_tally *tally)
{
	struct timespec until;
	bool is_done;
	int failure = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WAIT_NANOSECONDS;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&workers->lock);
	while (tally->n_unfinished && !failure)
		failure = pthread_cond_timedwait(&workers->has_result, &workers->lock, &until);
	is_done = tally->n_unfinished == 0;
	pthread_mutex_unlock(&workers->lock);
	return is_done;
}

void lac_workers_end(struct lac_workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->ended = true;
	pthread_mutex_unlock(&workers->lock);
}

void lac_workers_steps(struct lac_workers *workers, uint64_t *n_slots, uint64_t *n_busy)
{
	pthread_mutex_lock(&workers->lock);
	*n_slots = workers->n_slots_offered;
	*n_busy = workers->n_slots_busy;
	pthread_mutex_unlock(&workers->lock);
}

/* ---- For the workers ----------------------------------------------------------------- */

/* A fair share, so that few streams keep all threads busy. */
static bool has_its_share(const struct lac_workers *workers, uint32_t n_own)
{
	const unsigned n_threads = workers->plan.n_threads;

	return n_own >= (workers->n_queued + workers->n_taken + n_threads - 1) / n_threads;
}

/* Where the queue holds the next stream for a worker that evaluates `model`. */
static struct lac_stream **find(struct lac_workers *workers, const struct lac_model *model)
{
	struct lac_stream **at = &workers->first;

	while (*at && lac_stream_is_modelled(*at) && (*at)->model != model)
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
		at = n_own ? find(workers, model) : &workers->first;
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

void lac_workers_finish(struct lac_workers *workers, struct lac_stream *stream)
{
	pthread_mutex_lock(&workers->lock);
	workers->n_taken--;
	if (--stream->tally->n_unfinished == 0)
		pthread_cond_broadcast(&workers->has_result);
	pthread_mutex_unlock(&workers->lock);
}

bool lac_workers_is_closed(struct lac_workers *workers)
{
	bool is_closed;

	pthread_mutex_lock(&workers->lock);
	is_closed = workers->closed;
	pthread_mutex_unlock(&workers->lock);
	return is_closed;
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
