/* train.c: how near training comes to its matrix products alone. For the shape of the embedded
 * model, each thread runs (1) nothing but the products that a row of the batch takes, forwards and
 * backwards, and (2) whole steps: everything between the products, the sum of gradients and the
 * optimiser included. Both in turns, so that a busy machine disturbs both. Usage: train [THREADS
 * [STEPS]] */
#include "base/memory.h"
#include "train/blas.h"
#include "train/corpus.h"
#include "train/optimizer.h"
#include "train/workspace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROWS 16u
#define CONTEXT 512u

struct bench {
	struct lac_network network;
	struct lac_workspace *workspaces[LAC_THREADS_MAX];
	float *gradients[LAC_THREADS_MAX];
	float *operands[LAC_THREADS_MAX]; /* three for the products alone */
	size_t operand;
	struct lac_optimizer optimizer;
	struct lac_threads *threads;
	uint32_t tokens[ROWS][CONTEXT], targets[ROWS][CONTEXT], starts[CONTEXT];
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *need(void *memory)
{
	if (!memory) {
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	return memory;
}

/* ---- Products alone ---------------------------------------------------------------- */

struct operands {
	float *a, *b, *c;
	double flops;
};

static void forward(struct operands *o, size_t m, size_t n, size_t k)
{
	lac_multiply_nt(m, n, k, 1.0f, o->a, k, o->b, k, 0.0f, o->c, n);
	o->flops += 2.0 * (double)m * (double)n * (double)k;
}

/* y = x W^T with W n x k and m rows: dx, and dW. */
static void backward(struct operands *o, size_t m, size_t n, size_t k)
{
	lac_multiply_nn(m, k, n, 1.0f, o->c, n, o->b, k, 0.0f, o->a, k);
	lac_multiply_tn(n, k, m, 1.0f, o->c, n, o->a, k, 0.0f, o->b, k);
	o->flops += 4.0 * (double)m * (double)n * (double)k;
}

static void map(struct operands *o, size_t n, size_t k)
{
	forward(o, CONTEXT, n, k);
	backward(o, CONTEXT, n, k);
}

/* A block of queries of a head, with heads side by side as in the trainer: two products forwards,
 * five backwards. */
static void attend(struct operands *o, size_t m, size_t keys, size_t head_dim, size_t stride)
{
	for (unsigned i = 0; i < 3; i++) /* scores, scores again, what d_attended says of them */
		lac_multiply_nt(m, keys, head_dim, 1.0f, o->a, stride, o->b, stride, 0.0f, o->c, keys);
	for (unsigned i = 0; i < 2; i++) /* attended, d_query */
		lac_multiply_nn(m, head_dim, keys, 1.0f, o->c, keys, o->b, stride, 0.0f, o->a, stride);
	for (unsigned i = 0; i < 2; i++) /* d_key, d_value */
		lac_multiply_tn(keys, head_dim, m, 1.0f, o->c, keys, o->a, stride, 1.0f, o->b, stride);
	o->flops += 14.0 * (double)m * (double)keys * (double)head_dim;
}

static double row_products(const struct lac_shape *s, float *memory, size_t operand)
{
	struct operands o = { memory, memory + operand, memory + 2 * operand, 0.0 };

	for (uint32_t layer = 0; layer < s->n_layers; layer++) {
		map(&o, lac_qkv_dim(s), s->dim);
		map(&o, s->dim, lac_q_dim(s));
		map(&o, 2 * s->ffn_dim, s->dim);
		map(&o, s->dim, s->ffn_dim);
		for (uint32_t head = 0; head < s->n_heads; head++)
			for (uint32_t end = LAC_ATTENTION_ROWS; end <= CONTEXT; end += LAC_ATTENTION_ROWS)
				attend(&o, LAC_ATTENTION_ROWS, end, s->head_dim, lac_qkv_dim(s));
	}
	for (uint32_t first = 0; first < CONTEXT; first += LAC_VOCABULARY_ROWS) {
		forward(&o, LAC_VOCABULARY_ROWS, s->n_vocabulary, s->dim);
		backward(&o, LAC_VOCABULARY_ROWS, s->n_vocabulary, s->dim);
	}
	return o.flops;
}

static void products(void *context, uint32_t thread, uint32_t n_threads)
{
	struct bench *b = context;

	for (uint32_t i = thread; i < ROWS; i += n_threads)
		(void)row_products(&b->network.shape, b->operands[thread], b->operand);
}

/* ---- Steps -------------------------------------------------------------------------- */

static void rows(void *context, uint32_t thread, uint32_t n_threads)
{
	struct bench *b = context;

	for (uint32_t i = thread; i < ROWS; i += n_threads) {
		const struct lac_passage passage = { b->tokens[i], b->targets[i], b->starts, CONTEXT };

		(void)lac_network_gradient(&b->network, b->workspaces[thread], &passage, 1.0f / (ROWS * CONTEXT), b->gradients[thread]);
	}
}

static void sum(void *context, uint32_t thread, uint32_t n_threads)
{
	struct bench *b = context;
	const size_t n = b->network.parameters.n_floats, first = n / n_threads * thread, end = thread + 1 == n_threads ? n : n / n_threads * (thread + 1);

	for (uint32_t t = 1; t < n_threads; t++)
		for (size_t i = first; i < end; i++) {
			b->gradients[0][i] += b->gradients[t][i];
			b->gradients[t][i] = 0.0f;
		}
}

static void step(struct bench *b)
{
	lac_threads_run(b->threads, rows, b);
	lac_threads_run(b->threads, sum, b);
	lac_optimizer_step(&b->optimizer, b->threads, b->network.weights, b->gradients[0], 1.0, 1e-4);
}

static void create(struct bench *b, uint32_t n_threads)
{
	const struct lac_shape shape = { .dim = 192, .ffn_dim = 512, .n_layers = 6, .n_heads = 3, .n_kv_heads = 3, .head_dim = 64,
		.rotary_dim = 64, .n_vocabulary = 8192, .context_length = CONTEXT, .norm_epsilon = 1e-5f, .rotary_base = 10000.0f, .is_tied = true };
	struct lac_error error;
	uint32_t state = 1;

	b->operand = (size_t)shape.n_vocabulary * (shape.dim > LAC_VOCABULARY_ROWS ? shape.dim : LAC_VOCABULARY_ROWS);
	if (lac_network_create(&b->network, &shape, CONTEXT, &error) || lac_threads_create(&b->threads, n_threads, &error) ||
	    lac_optimizer_create(&b->optimizer, &b->network.parameters, LAC_MUON, 0.1, n_threads, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	for (size_t i = 0; i < b->network.parameters.n_floats; i++)
		b->network.weights[i] = 0.02f * sinf((float)i);
	for (uint32_t t = 0; t < n_threads; t++) {
		if (lac_workspace_create(&b->workspaces[t], &b->network, &error)) {
			fprintf(stderr, "%s\n", error.text);
			exit(1);
		}
		b->gradients[t] = need(lac_aligned_calloc(b->network.parameters.n_floats, sizeof(float)));
		b->operands[t] = need(lac_aligned_calloc(3 * b->operand, sizeof(float)));
	}
	for (uint32_t i = 0; i < ROWS * CONTEXT; i++) {
		state = state * 1664525u + 1013904223u;
		b->tokens[i / CONTEXT][i % CONTEXT] = state >> 19;
		b->targets[i / CONTEXT][i % CONTEXT] = state >> 11 & 8191;
	}
}

int main(int argc, char **argv)
{
	static struct bench b;
	const uint32_t n_threads = argc > 1 ? (uint32_t)atoi(argv[1]) : 2;
	const unsigned n_steps = argc > 2 ? (unsigned)atoi(argv[2]) : 5;
	double alone = 0.0, whole = 0.0, optimizing = 0.0, flops;

	if (n_threads < 1 || n_threads > ROWS || n_steps < 1)
		return fprintf(stderr, "usage: train [THREADS, 1 to 16 [STEPS]]\n"), 2;
	create(&b, n_threads);
	flops = ROWS * row_products(&b.network.shape, b.operands[0], b.operand);
	step(&b); /* touches all memory */
	for (unsigned i = 0; i < n_steps; i++) {
		double start = now();

		lac_threads_run(b.threads, products, &b);
		alone += now() - start;
		start = now();
		step(&b);
		whole += now() - start;
		start = now();
		lac_optimizer_step(&b.optimizer, b.threads, b.network.weights, b.gradients[0], 1.0, 1e-4);
		optimizing += now() - start;
	}
	printf("%u threads, %u steps of %u x %u tokens; dim 192, 6 layers, vocabulary 8192\n", (unsigned)n_threads, n_steps, ROWS, CONTEXT);
	printf("products alone  %7.0f tokens/s  %6.1f Gflop/s\n", n_steps * ROWS * CONTEXT / alone, n_steps * flops / alone * 1e-9);
	printf("whole steps     %7.0f tokens/s  %6.1f Gflop/s  %.1f%% of it; of the time the optimiser takes %.1f%%\n",
		n_steps * ROWS * CONTEXT / whole, n_steps * flops / whole * 1e-9, 100.0 * alone / whole, 100.0 * optimizing / whole);
	return 0;
}
