#include "base/strict_float.h"
#include "train/trainer.h"
#include "base/memory.h"
#include "train/atomic_file.h"
#include "train/blas.h"
#include "train/checkpoint.h"
#include "train/optimizer.h"
#include "train/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define LN_2 0.69314718055994531
#define BLAS_BYTES ((size_t)129 << 20) /* OpenBLAS maps 128 MiB and a little for a thread */

struct trainer {
	struct lac_network *network;
	const struct lac_train_options *options;
	const struct lac_corpus *corpus, *validation;
	struct lac_error *error;
	struct lac_threads *threads;
	uint32_t n_threads;
	struct lac_workspace **workspaces; /* owned: a thread's each */
	float **gradients;                 /* owned: the same; the first becomes the sum */
	double *squares;                   /* owned: of each thread's share of the sum */
	struct lac_optimizer optimizer;
	struct lac_packer packer;
	struct lac_packed_row *rows;       /* owned: of a batch */
	double *losses;                    /* owned: of rows */
	uint32_t n_rows;                   /* that are filled */
	uint64_t n_asked, n_bytes;         /* of them */
	float scale;                       /* of gradients; 0: only the loss is wanted */
	uint64_t n_steps;
	struct lac_progress_state state;
	uint64_t first_tokens;             /* before this run */
	struct timespec start;
};

/* ---- Options --------------------------------------------------------------------- */

/* A folder that cannot be written to is better known before hours of work than after. */
static enum lac_status try_path(const char *path, struct lac_error *error)
{
	struct lac_atomic_file file;
	enum lac_status s = lac_atomic_open(&file, path, error);

	lac_atomic_abandon(&file);
	return s;
}

enum lac_status lac_trainer_check(const struct lac_train_options *o, struct lac_error *error)
{
	const struct { const char *name; double value, least, most; } numbers[] = {
		{ "rate", o->rate, 1e-12, 10.0 }, { "weight decay", o->weight_decay, 0.0, 100.0 }, { "clip", o->clip, 0.0, 1e9 },
		{ "share of decay", o->decay_share, 0.0, 1.0 }, { "share of prompts", o->texts.prompt_share, 0.0, 1.0 },
		{ "number of epochs", o->epochs, o->n_steps ? 0.0 : 1e-9, 1e9 }, { "number of rows", o->batch_rows, 1, LAC_BATCH_ROWS_ALLOWED },
		{ "number of threads", o->n_threads, 0, LAC_THREADS_MAX },
		{ "number of steps between checkpoints", (double)o->checkpoint_steps, o->checkpoint ? 1 : 0, 1e18 },
	};

	enum lac_status s;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		/* NaN too */
		if (!(numbers[i].value >= numbers[i].least && numbers[i].value <= numbers[i].most))
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "the %s is %g; %g to %g is possible", numbers[i].name, numbers[i].value,
				numbers[i].least, numbers[i].most);
	if (o->texts.n_files == 0)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "no file to learn from is named");
	if (o->resume && !o->checkpoint)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "to resume, the checkpoint must be named");
	if (!o->output)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "no output is named");
	s = try_path(o->output, error);
	return s || !o->checkpoint ? s : try_path(o->checkpoint, error);
}

double lac_rate_of_step(const struct lac_train_options *o, uint64_t step, uint64_t n_steps)
{
	const double n_decay = floor(o->decay_share * (double)n_steps), since = (double)step - ((double)n_steps - n_decay);
	double rate = o->rate;

	if (o->decay != LAC_DECAY_NONE && since > 0.0)
		rate *= o->decay == LAC_DECAY_LINEAR ? 1.0 - since / n_decay : 0.5 + 0.5 * cos(since / n_decay * 3.14159265358979324);
	if (step < o->warmup_steps)
		rate *= (double)(step + 1) / (double)o->warmup_steps;
	return rate;
}

static uint64_t count_steps(const struct trainer *t)
{
	const double positions = t->options->epochs * (double)lac_corpus_positions(t->corpus);
	const double per_step = (double)t->options->batch_rows * t->network->n_positions;

	return t->options->n_steps ? t->options->n_steps : (uint64_t)ceil(positions / per_step);
}

static uint64_t bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits;
}

#define SETTINGS 19u
static void list_settings(const struct trainer *t, struct lac_setting *settings)
{
	const struct lac_train_options *o = t->options;
	const struct lac_shape *shape = &t->network->shape;
	const struct lac_adapter *adapter = t->network->adapter;
	const struct lac_setting list[SETTINGS] = {
		{ "set of texts", lac_corpus_hash(t->corpus) }, { "number of parameters", t->network->parameters.n_floats },
		{ "dim", shape->dim }, { "number of heads", shape->n_heads }, { "number of key heads", shape->n_kv_heads },
		{ "number of layers", shape->n_layers }, { "context", t->network->n_positions }, { "rank", adapter ? adapter->rank : 0 },
		{ "alpha", adapter ? bits_of((double)adapter->alpha) : 0 }, { "seed", o->seed }, { "number of rows", o->batch_rows },
		{ "number of steps", t->n_steps }, { "optimiser", o->optimizer }, { "rate", bits_of(o->rate) },
		{ "weight decay", bits_of(o->weight_decay) }, { "clip", bits_of(o->clip) }, { "warm-up", o->warmup_steps },
		{ "decay", o->decay }, { "share of decay", bits_of(o->decay_share) },
	};

	memcpy(settings, list, sizeof list);
}

/* ---- Memory ---------------------------------------------------------------------- */

static uint64_t memory_bytes(const struct trainer *t)
{
	const struct lac_parameters *learning = lac_network_learning(t->network);
	uint64_t n = t->network->parameters.n_floats * sizeof(float);

	if (t->network->adapter)
		n += learning->n_floats * sizeof(float);
	n += t->n_threads * (lac_workspace_bytes(t->network) + learning->n_floats * sizeof(float));
	n += lac_optimizer_bytes(learning, t->options->optimizer, t->n_threads);
	n += (uint64_t)t->options->batch_rows * t->network->n_positions * 3 * sizeof(uint32_t);
	n += lac_corpus_bytes(t->corpus) + (t->validation ? lac_corpus_bytes(t->validation) : 0);
	return n;
}

static enum lac_status tell_plan(const struct trainer *t)
{
	const struct lac_train_plan plan = { .n_parameters = lac_parameters_count(&t->network->parameters),
		.n_learning = lac_parameters_count(lac_network_learning(t->network)), .n_documents = t->corpus->n_documents,
		.n_bytes = t->corpus->n_bytes, .n_tokens = t->corpus->n_tokens, .n_steps = t->n_steps, .step_tokens = (uint64_t)t->options->batch_rows * t->network->n_positions, .memory_bytes = memory_bytes(t),
		.n_threads = t->n_threads };

	if (t->options->on_plan && !t->options->on_plan(t->options->payload, &plan))
		return lac_fail(t->error, LAC_CANCELLED, 0, "cancelled before it began");
	return LAC_OK;
}

/* OpenBLAS tries for ever to get the room that it takes in the first product of every thread. */
static enum lac_status check_room_of_products(const struct trainer *t)
{
	const size_t n_bytes = t->n_threads * BLAS_BYTES;
	void *room = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED)
		return lac_fail_memory(t->error, n_bytes, "products");
	munmap(room, n_bytes);
	return LAC_OK;
}

static enum lac_status create(struct trainer *t)
{
	const struct lac_parameters *learning = lac_network_learning(t->network);
	enum lac_status s = lac_threads_create(&t->threads, t->n_threads, t->error);

	openblas_set_num_threads(1); /* threads are ours */
	t->workspaces = calloc(t->n_threads, sizeof *t->workspaces);
	t->gradients = calloc(t->n_threads, sizeof *t->gradients);
	t->squares = calloc(t->n_threads, sizeof *t->squares);
	t->rows = calloc(t->options->batch_rows, sizeof *t->rows);
	t->losses = calloc(t->options->batch_rows, sizeof *t->losses);
	if (!s && (!t->workspaces || !t->gradients || !t->squares || !t->rows || !t->losses ||
	    !lac_packed_rows_create(t->rows, t->options->batch_rows, t->network->n_positions)))
		s = lac_fail_memory(t->error, t->options->batch_rows * sizeof *t->rows, "a batch");
	for (uint32_t i = 0; !s && i < t->n_threads; i++) {
		s = lac_workspace_create(&t->workspaces[i], t->network, t->error);
		t->gradients[i] = lac_aligned_calloc(learning->n_floats, sizeof(float));
		if (!s && !t->gradients[i])
			s = lac_fail_memory(t->error, learning->n_floats * sizeof(float), "gradients");
	}
	if (!s)
		s = lac_optimizer_create(&t->optimizer, learning, t->options->optimizer, t->options->weight_decay, t->n_threads, t->error);
	if (!s)
		s = lac_packer_create(&t->packer, t->corpus, t->options->seed, t->error);
	return s;
}

static void destroy(struct trainer *t)
{
	lac_threads_free(&t->threads);
	for (uint32_t i = 0; t->workspaces && i < t->n_threads; i++)
		lac_workspace_free(&t->workspaces[i]);
	for (uint32_t i = 0; t->gradients && i < t->n_threads; i++)
		lac_aligned_free(t->gradients[i]);
	lac_optimizer_free(&t->optimizer);
	lac_packer_free(&t->packer);
	if (t->rows)
		free(t->rows[0].tokens);
	free(t->rows);
	free(t->losses);
	free(t->squares);
	free(t->gradients);
	free(t->workspaces);
}

/* ---- A batch --------------------------------------------------------------------- */

/* Which rows a thread takes does not depend on its speed, so that sums are the same every time. */
static void pass_rows(void *context, uint32_t thread, uint32_t n_threads)
{
	const struct trainer *t = context;

	for (uint32_t i = thread; i < t->n_rows; i += n_threads) {
		const struct lac_packed_row *row = &t->rows[i];
		const struct lac_passage passage = { row->tokens, row->targets, row->starts, row->n };

		t->losses[i] = t->scale != 0.0f ?
			lac_network_gradient(t->network, t->workspaces[thread], &passage, t->scale, t->gradients[thread]) :
			lac_network_loss(t->network, t->workspaces[thread], &passage);
	}
}

/* Adds up a slice of all threads' gradients. */
static void add_gradients(void *context, uint32_t thread, uint32_t n_threads)
{
	const struct trainer *t = context;
	const size_t n = lac_network_learning(t->network)->n_floats, share = LAC_ROUND_UP((n + n_threads - 1) / n_threads, LAC_LANES);
	const size_t first = share * thread < n ? share * thread : n, end = first + share < n ? first + share : n;

	t->squares[thread] = 0.0;
	for (size_t at = first; at < end; at += 4096) {
		const size_t length = end - at < 4096 ? end - at : 4096;

		for (uint32_t i = 1; i < n_threads; i++) {
			lac_vector_add(t->gradients[0] + at, t->gradients[i] + at, length);
			memset(t->gradients[i] + at, 0, length * sizeof(float));
		}
		t->squares[thread] += (double)lac_vector_dot(t->gradients[0] + at, t->gradients[0] + at, length);
	}
}

static void fill_rows(struct trainer *t, struct lac_packer *packer, bool stops)
{
	t->n_rows = 0;
	t->n_asked = t->n_bytes = 0;
	while (t->n_rows < t->options->batch_rows) {
		struct lac_packed_row *row = &t->rows[t->n_rows];

		lac_packer_fill(packer, row, t->network->n_positions, stops);
		if (row->n == 0)
			break;
		t->n_asked += row->n_asked;
		t->n_bytes += row->n_bytes;
		t->n_rows++;
	}
}

static double add_losses(const struct trainer *t)
{
	double sum = 0.0;

	for (uint32_t i = 0; i < t->n_rows; i++)
		sum += t->losses[i];
	return sum;
}

/* ---- The loop -------------------------------------------------------------------- */

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) * 1e-9;
}

static bool tell_progress(const struct trainer *t, struct lac_train_progress progress, double nats, uint64_t n_asked, uint64_t n_bytes,
	uint64_t first_step)
{
	const double seconds = seconds_since(&t->start), n_done = (double)(t->state.step - first_step);

	progress.step = t->state.step;
	progress.n_steps = t->n_steps;
	progress.n_tokens = t->state.n_tokens;
	progress.loss = n_asked ? nats / (double)n_asked : 0.0;
	progress.bits_per_byte = n_bytes ? nats / LN_2 / (double)n_bytes : 0.0;
	progress.seconds = seconds;
	progress.tokens_per_second = seconds > 0.0 ? (double)(t->state.n_tokens - t->first_tokens) / seconds : 0.0;
	progress.seconds_left = n_done > 0.0 ? seconds / n_done * (double)(t->n_steps - t->state.step) : 0.0;
	return !t->options->on_progress || t->options->on_progress(t->options->payload, &progress);
}

static enum lac_status step(struct trainer *t, uint64_t first_step, bool *is_wanted)
{
	struct lac_train_progress progress = { .rate = lac_rate_of_step(t->options, t->state.step, t->n_steps) };
	double nats, sum = 0.0;

	fill_rows(t, &t->packer, false);
	t->scale = 1.0f / (float)(t->n_asked ? t->n_asked : 1);
	lac_threads_run(t->threads, pass_rows, t);
	lac_threads_run(t->threads, add_gradients, t);
	nats = add_losses(t);
	for (uint32_t i = 0; i < t->n_threads; i++)
		sum += t->squares[i];
	progress.gradient_norm = sqrt(sum);
	if (!isfinite(nats) || !isfinite(sum))
		return lac_fail(t->error, LAC_BAD_ARGUMENT, 0, "step %llu: the loss or its gradient is not finite; a lower rate or more warm-up is "
			"wanted%s", (unsigned long long)t->state.step + 1, t->options->checkpoint ? "; the last checkpoint is kept" : "");
	lac_optimizer_step(&t->optimizer, t->threads, lac_network_learning_values(t->network), t->gradients[0],
		t->options->clip > 0.0 && progress.gradient_norm > t->options->clip ? t->options->clip / progress.gradient_norm : 1.0,
		progress.rate);
	memset(t->gradients[0], 0, lac_network_learning(t->network)->n_floats * sizeof(float));
	t->state.step++;
	t->state.n_tokens += (uint64_t)t->n_rows * t->network->n_positions;
	*is_wanted = tell_progress(t, progress, nats, t->n_asked, t->n_bytes, first_step);
	return LAC_OK;
}

static enum lac_status validate(struct trainer *t, uint64_t first_step, bool *is_wanted)
{
	struct lac_packer packer;
	uint64_t n_asked = 0, n_bytes = 0;
	double nats = 0.0;
	enum lac_status s = lac_packer_create(&packer, t->validation, 0, t->error);

	t->scale = 0.0f;
	while (!s) {
		fill_rows(t, &packer, true);
		if (t->n_rows == 0)
			break;
		lac_threads_run(t->threads, pass_rows, t);
		nats += add_losses(t);
		n_asked += t->n_asked;
		n_bytes += t->n_bytes;
	}
	lac_packer_free(&packer);
	if (!s)
		*is_wanted &= tell_progress(t, (struct lac_train_progress){ .is_validation = true }, nats, n_asked, n_bytes, first_step);
	return s;
}

static struct lac_checkpoint_arrays arrays_of(const struct trainer *t)
{
	return (struct lac_checkpoint_arrays){ lac_network_learning_values(t->network), t->optimizer.first, t->optimizer.second,
		lac_network_learning(t->network)->n_floats };
}

static enum lac_status save(struct trainer *t)
{
	const struct lac_checkpoint_arrays arrays = arrays_of(t);
	struct lac_setting settings[SETTINGS];

	t->state.epoch = t->packer.epoch;
	t->state.next = t->packer.next;
	t->state.position = t->packer.position;
	list_settings(t, settings);
	return lac_checkpoint_write(t->options->checkpoint, settings, SETTINGS, &t->state, &arrays, t->error);
}

static enum lac_status resume(struct trainer *t)
{
	const struct lac_checkpoint_arrays arrays = arrays_of(t);
	struct lac_setting settings[SETTINGS];
	enum lac_status s;

	list_settings(t, settings);
	s = lac_checkpoint_read(t->options->checkpoint, settings, SETTINGS, &t->state, &arrays, t->error);
	if (!s && (t->state.step > t->n_steps || !lac_packer_go(&t->packer, t->state.epoch, t->state.next, t->state.position)))
		s = lac_fail(t->error, LAC_CORRUPT, 0, "%.150s names a place that the texts do not have", t->options->checkpoint);
	t->optimizer.n_steps = t->state.step;
	t->first_tokens = t->state.n_tokens;
	return s;
}

static enum lac_status loop(struct trainer *t)
{
	const struct lac_train_options *o = t->options;
	const uint64_t first_step = t->state.step;
	enum lac_status s = LAC_OK;
	bool is_wanted = true;

	clock_gettime(CLOCK_MONOTONIC, &t->start);
	while (!s && t->state.step < t->n_steps) {
		s = step(t, first_step, &is_wanted);
		if (!s && t->validation && (t->state.step == t->n_steps || (o->validation_steps && t->state.step % o->validation_steps == 0)))
			s = validate(t, first_step, &is_wanted);
		if (!s && o->checkpoint && (!is_wanted || t->state.step == t->n_steps || t->state.step % o->checkpoint_steps == 0))
			s = save(t);
		if (!s && !is_wanted)
			s = lac_fail(t->error, LAC_CANCELLED, 0, "stopped after step %llu of %llu%s", (unsigned long long)t->state.step,
				(unsigned long long)t->n_steps, o->checkpoint ? "; it can be resumed from the checkpoint" : "");
	}
	return s;
}

enum lac_status lac_trainer_run(struct lac_network *network, const struct lac_train_options *options, const struct lac_corpus *corpus,
	const struct lac_corpus *validation, struct lac_error *error)
{
	struct trainer t = { .network = network, .options = options, .corpus = corpus, .validation = validation, .error = error };
	enum lac_status s;

	t.n_threads = lac_threads_wanted(options->n_threads);
	if (t.n_threads > options->batch_rows)
		t.n_threads = options->batch_rows; /* a row is one thread's */
	t.n_steps = count_steps(&t);
	s = tell_plan(&t);
	if (!s)
		s = create(&t);
	if (!s && options->resume)
		s = resume(&t);
	if (!s)
		s = check_room_of_products(&t); /* when all else is taken */
	if (!s)
		s = loop(&t);
	destroy(&t);
	return s;
}
