#include "base/strict_float.h"
#include "base/threads.h"
#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

struct worker {
	struct lac_threads *threads;
	uint32_t index;
	pthread_t thread;
};

struct lac_threads {
	pthread_mutex_t lock;
	pthread_cond_t has_work, is_done;
	uint32_t n, n_started, n_working;
	uint64_t round; /* a worker that has done fewer has work */
	bool is_closed;
	lac_thread_function *function;
	void *context;
	struct worker *workers; /* owned: [n], the first unused */
};

static void *run(void *argument)
{
	struct worker *worker = argument;
	struct lac_threads *threads = worker->threads;
	uint64_t n_done = 0;

	pthread_mutex_lock(&threads->lock);
	for (;;) {
		while (threads->round == n_done && !threads->is_closed)
			pthread_cond_wait(&threads->has_work, &threads->lock);
		if (threads->is_closed)
			break;
		n_done = threads->round;
		pthread_mutex_unlock(&threads->lock);
		threads->function(threads->context, worker->index, threads->n);
		pthread_mutex_lock(&threads->lock);
		if (--threads->n_working == 0)
			pthread_cond_signal(&threads->is_done);
	}
	pthread_mutex_unlock(&threads->lock);
	return NULL;
}

/* Those that this thread may use. The mask has room for many more than LAC_THREADS_MAX; a kernel
 * that knows still more CPUs refuses it. */
static long count_cpus(void)
{
	cpu_set_t cpus[8];

	return sched_getaffinity(0, sizeof cpus, cpus) == 0 ? CPU_COUNT_S(sizeof cpus, cpus) : sysconf(_SC_NPROCESSORS_ONLN);
}

uint32_t lac_threads_wanted(uint32_t n_threads)
{
	const long n = n_threads ? (long)n_threads : count_cpus();

	return n < 1 ? 1 : n > (long)LAC_THREADS_MAX ? LAC_THREADS_MAX : (uint32_t)n;
}

enum lac_status lac_threads_create(struct lac_threads **out, uint32_t n_threads, struct lac_error *error)
{
	struct lac_threads *threads = lac_calloc(1, sizeof *threads);

	*out = threads;
	if (threads)
		threads->workers = lac_calloc(n_threads, sizeof *threads->workers);
	if (!threads || !threads->workers) {
		lac_free(threads);
		*out = NULL;
		return lac_fail_memory(error, n_threads * sizeof(struct worker), "threads");
	}
	threads->n = n_threads;
	pthread_mutex_init(&threads->lock, NULL);
	pthread_cond_init(&threads->has_work, NULL);
	pthread_cond_init(&threads->is_done, NULL);
	for (uint32_t i = 1; i < n_threads; i++) {
		threads->workers[i] = (struct worker){ .threads = threads, .index = i };
		if (pthread_create(&threads->workers[i].thread, NULL, run, &threads->workers[i]) != 0) {
			lac_threads_free(out);
			return lac_fail(error, LAC_NO_THREAD, 0, "thread %u of %u could not be started", (unsigned)i + 1, (unsigned)n_threads);
		}
		threads->n_started++;
	}
	return LAC_OK;
}

void lac_threads_free(struct lac_threads **out)
{
	struct lac_threads *threads = *out;

	if (!threads)
		return;
	pthread_mutex_lock(&threads->lock);
	threads->is_closed = true;
	pthread_cond_broadcast(&threads->has_work);
	pthread_mutex_unlock(&threads->lock);
	for (uint32_t i = 1; i <= threads->n_started; i++)
		pthread_join(threads->workers[i].thread, NULL);
	pthread_cond_destroy(&threads->is_done);
	pthread_cond_destroy(&threads->has_work);
	pthread_mutex_destroy(&threads->lock);
	lac_free(threads->workers);
	lac_free(threads);
	*out = NULL;
}

void lac_threads_run(struct lac_threads *threads, lac_thread_function *function, void *context)
{
	pthread_mutex_lock(&threads->lock);
	threads->function = function;
	threads->context = context;
	threads->n_working = threads->n - 1;
	threads->round++;
	pthread_cond_broadcast(&threads->has_work);
	pthread_mutex_unlock(&threads->lock);
	function(context, 0, threads->n);
	pthread_mutex_lock(&threads->lock);
	while (threads->n_working)
		pthread_cond_wait(&threads->is_done, &threads->lock);
	pthread_mutex_unlock(&threads->lock);
}
