#include "base/strict_float.h"
#include "train/network.h"
#include "base/memory.h"
#include "engine/rotary.h"
#include "train/workspace.h"

#include <stdlib.h>

static enum lac_status create_angles(struct lac_network *network, struct lac_error *error)
{
	const uint32_t n_pairs = network->shape.rotary_dim / 2;
	const size_t n = (size_t)network->n_positions * n_pairs;
	uint64_t *steps = calloc(n_pairs, sizeof *steps);

	network->cosines = lac_aligned_calloc(n, sizeof(float));
	network->sines = lac_aligned_calloc(n, sizeof(float));
	if (!steps || !network->cosines || !network->sines) {
		free(steps);
		return lac_fail_memory(error, 2 * n * sizeof(float), "rotary angles");
	}
	lac_rotary_steps(steps, network->shape.rotary_dim, network->shape.rotary_base, 1.0f, NULL);
	for (size_t i = 0; i < n; i++)
		lac_rotary_angle(steps[i % n_pairs] * (i / n_pairs), &network->cosines[i], &network->sines[i]);
	free(steps);
	return LAC_OK;
}

enum lac_status lac_network_create(struct lac_network *out, const struct lac_shape *shape, uint32_t n_positions, struct lac_error *error)
{
	enum lac_status s;

	*out = (struct lac_network){ .shape = *shape, .n_positions = n_positions };
	s = lac_parameters_create(&out->parameters, shape, error);
	if (!s) {
		out->weights = lac_aligned_calloc(out->parameters.n_floats, sizeof(float));
		if (!out->weights)
			s = lac_fail_memory(error, out->parameters.n_floats * sizeof(float), "weights");
	}
	if (!s)
		s = create_angles(out, error);
	if (s)
		lac_network_free(out);
	return s;
}

void lac_network_free(struct lac_network *network)
{
	lac_parameters_free(&network->parameters);
	lac_aligned_free(network->weights);
	lac_aligned_free(network->cosines);
	lac_aligned_free(network->sines);
	*network = (struct lac_network){ .weights = NULL };
}

/* ---- Workspaces ------------------------------------------------------------------ */

/* The next n floats of the memory; with none yet, only counts. */
static float *take(float *memory, size_t *n_taken, size_t n)
{
	float *here = memory ? memory + *n_taken : NULL;

	*n_taken += LAC_ROUND_UP(n, LAC_LANES);
	return here;
}

static size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Hands out the memory; with none, says how many floats it must have. */
static size_t lay_out(struct lac_workspace *w, const struct lac_network *network, float *memory)
{
	const struct lac_shape *shape = &network->shape;
	const size_t n = network->n_positions, dim = shape->dim, q_dim = lac_q_dim(shape), qkv_dim = lac_qkv_dim(shape);
	const size_t ffn = shape->ffn_dim, rank = network->adapter ? network->adapter->rank : 0;
	size_t taken = 0;

	for (uint32_t i = 0; i < shape->n_layers; i++) {
		struct lac_saved unused, *saved = memory ? &w->layers[i] : &unused;

		saved->input = take(memory, &taken, n * dim);
		saved->input_factors = take(memory, &taken, n);
		saved->qkv = take(memory, &taken, n * qkv_dim);
		saved->attended = take(memory, &taken, n * q_dim);
		saved->log_sums = take(memory, &taken, n * shape->n_heads);
		saved->middle = take(memory, &taken, n * dim);
		saved->middle_factors = take(memory, &taken, n);
		saved->gate_up = take(memory, &taken, n * 2 * ffn);
	}
	w->output = take(memory, &taken, n * dim);
	w->output_factors = take(memory, &taken, n);
	w->normed = take(memory, &taken, n * dim);
	w->hidden = take(memory, &taken, n * most(ffn, q_dim));
	w->d_hidden = take(memory, &taken, n * most(ffn, q_dim));
	w->d_residual = take(memory, &taken, n * dim);
	w->d_normed = take(memory, &taken, n * dim);
	w->d_wide = take(memory, &taken, n * most(2 * ffn, qkv_dim));
	w->scores = take(memory, &taken, n * LAC_ATTENTION_ROWS);
	w->d_scores = take(memory, &taken, n * LAC_ATTENTION_ROWS);
	w->logits = take(memory, &taken, (size_t)shape->n_vocabulary * LAC_VOCABULARY_ROWS);
	w->low = take(memory, &taken, n * rank);
	w->d_low = take(memory, &taken, n * rank);
	return taken;
}

size_t lac_workspace_bytes(const struct lac_network *network)
{
	struct lac_workspace unused;

	return lay_out(&unused, network, NULL) * sizeof(float) + network->shape.n_layers * sizeof(struct lac_saved) + sizeof unused;
}

enum lac_status lac_workspace_create(struct lac_workspace **out, const struct lac_network *network, struct lac_error *error)
{
	struct lac_workspace *w = calloc(1, sizeof *w);
	const size_t n_floats = w ? lay_out(w, network, NULL) : 0;

	*out = w;
	if (w) {
		w->layers = calloc(network->shape.n_layers, sizeof *w->layers);
		w->memory = lac_aligned_calloc(n_floats, sizeof(float));
	}
	if (!w || !w->layers || !w->memory) {
		lac_workspace_free(out);
		return lac_fail_memory(error, lac_workspace_bytes(network), "a thread's activations");
	}
	lay_out(w, network, w->memory);
	return LAC_OK;
}

void lac_workspace_free(struct lac_workspace **workspace)
{
	if (!*workspace)
		return;
	free((*workspace)->layers);
	lac_aligned_free((*workspace)->memory);
	free(*workspace);
	*workspace = NULL;
}
