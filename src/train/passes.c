/* passes.c: through the layers forwards, the vocabulary and its loss, and back. */
#include "base/strict_float.h"
#include "train/attention.h"
#include "train/blas.h"
#include "train/map.h"
#include "train/vector.h"
#include "tokenizer/tokenizer.h"

#include <math.h>
#include <string.h>

struct pass {
	const struct lac_network *network;
	struct lac_workspace *workspace;
	const struct lac_passage *passage;
	float *gradient; /* of what learns; NULL: only forwards */
};

static const float *norm_weight(const struct pass *p, uint32_t layer, enum lac_part part)
{
	return p->network->weights + lac_parameter_of(&p->network->parameters, layer, part)->first;
}

/* Where the gradient of a weight of the model goes; NULL: it does not learn. */
static float *gradient_of(const struct pass *p, const struct lac_parameter *parameter)
{
	return p->network->adapter ? NULL : p->gradient + parameter->first;
}

/* ---- Forwards -------------------------------------------------------------------- */

static void norm_forward(const struct pass *p, const float *x, const float *weight, float *factors)
{
	const size_t dim = p->network->shape.dim;

	for (size_t i = 0; i < p->passage->n; i++)
		factors[i] = lac_norm_forward(p->workspace->normed + i * dim, x + i * dim, weight, p->network->shape.norm_epsilon, dim);
}

static void layer_forward(const struct pass *p, uint32_t layer, float *next)
{
	struct lac_workspace *w = p->workspace;
	struct lac_saved *saved = &w->layers[layer];
	const struct lac_shape *shape = &p->network->shape;
	const uint32_t n = p->passage->n;
	const size_t ffn = shape->ffn_dim;
	const struct lac_map qkv = lac_map_of(p->network, layer, LAC_QUERY, 3), out = lac_map_of(p->network, layer, LAC_ATTENTION_OUT, 1);
	const struct lac_map gate_up = lac_map_of(p->network, layer, LAC_GATE, 2), down = lac_map_of(p->network, layer, LAC_DOWN, 1);

	norm_forward(p, saved->input, norm_weight(p, layer, LAC_ATTENTION_NORM), saved->input_factors);
	lac_map_forward(p->network, w, &qkv, n, w->normed, false, saved->qkv);
	lac_attention_rotate(p->network, p->passage, saved->qkv, 1.0f);
	lac_attention_forward(p->network, w, p->passage, saved);
	memcpy(saved->middle, saved->input, n * (size_t)shape->dim * sizeof *next);
	lac_map_forward(p->network, w, &out, n, saved->attended, true, saved->middle);

	norm_forward(p, saved->middle, norm_weight(p, layer, LAC_FFN_NORM), saved->middle_factors);
	lac_map_forward(p->network, w, &gate_up, n, w->normed, false, saved->gate_up);
	for (size_t i = 0; i < n; i++)
		lac_gate_forward(w->hidden + i * ffn, saved->gate_up + 2 * i * ffn, saved->gate_up + (2 * i + 1) * ffn, ffn);
	memcpy(next, saved->middle, n * (size_t)shape->dim * sizeof *next);
	lac_map_forward(p->network, w, &down, n, w->hidden, true, next);
}

/* Leaves the normed residual in workspace->normed. */
static void layers_forward(const struct pass *p)
{
	const struct lac_shape *shape = &p->network->shape;
	struct lac_workspace *w = p->workspace;
	const float *embedding = p->network->weights + lac_parameter_embedding(&p->network->parameters)->first;

	for (size_t i = 0; i < p->passage->n; i++)
		memcpy(w->layers[0].input + i * shape->dim, embedding + (size_t)p->passage->tokens[i] * shape->dim, shape->dim * sizeof(float));
	for (uint32_t layer = 0; layer < shape->n_layers; layer++)
		layer_forward(p, layer, layer + 1 < shape->n_layers ? w->layers[layer + 1].input : w->output);
	norm_forward(p, w->output, p->network->weights + lac_parameter_output_norm(&p->network->parameters, shape)->first, w->output_factors);
}

/* ---- The vocabulary -------------------------------------------------------------- */

static void logits_of(const struct pass *p, uint32_t first, uint32_t n, float *logits)
{
	const struct lac_shape *shape = &p->network->shape;

	lac_multiply_nt(n, shape->n_vocabulary, shape->dim, 1.0f, p->workspace->normed + (size_t)first * shape->dim, shape->dim,
		p->network->weights + lac_parameter_output(&p->network->parameters, shape)->first, shape->dim, 0.0f, logits,
		shape->n_vocabulary);
}

/* Logits -> loss; with a gradient they become `scale` times its derivatives, softmax - one-hot. */
static double row_loss(float *logits, uint32_t target, size_t n_vocabulary, float scale, bool has_gradient)
{
	float most, sum, wanted;

	if (target == LAC_NO_TOKEN) {
		if (has_gradient)
			memset(logits, 0, n_vocabulary * sizeof *logits);
		return 0.0;
	}
	wanted = logits[target];
	most = lac_vector_max(logits, n_vocabulary);
	sum = lac_vector_exp_sum(logits, most, n_vocabulary);
	if (has_gradient) {
		lac_vector_scale(logits, scale / sum, n_vocabulary);
		logits[target] -= scale;
	}
	return (double)(most - wanted) + log((double)sum);
}

/* A few rows at a time, so that their logits stay in the cache. Sets workspace->d_normed if there
 * is a gradient. */
static double vocabulary_pass(const struct pass *p, float scale)
{
	const struct lac_shape *shape = &p->network->shape;
	const struct lac_parameter *output = lac_parameter_output(&p->network->parameters, shape);
	struct lac_workspace *w = p->workspace;
	const size_t dim = shape->dim, n_vocabulary = shape->n_vocabulary;
	double loss = 0.0;

	for (uint32_t first = 0, n; first < p->passage->n; first += n) {
		n = p->passage->n - first < LAC_VOCABULARY_ROWS ? p->passage->n - first : LAC_VOCABULARY_ROWS;
		logits_of(p, first, n, w->logits);
		for (uint32_t i = 0; i < n; i++)
			loss += row_loss(w->logits + i * n_vocabulary, p->passage->targets[first + i], n_vocabulary, scale, p->gradient != NULL);
		if (!p->gradient)
			continue;
		lac_multiply_nn(n, dim, n_vocabulary, 1.0f, w->logits, n_vocabulary, p->network->weights + output->first, dim, 0.0f,
			w->d_normed + first * dim, dim);
		if (gradient_of(p, output))
			lac_multiply_tn(n_vocabulary, dim, n, 1.0f, w->logits, n_vocabulary, w->normed + first * dim, dim, 1.0f,
				gradient_of(p, output), dim);
	}
	return loss;
}

/* ---- Backwards ------------------------------------------------------------------- */

/* workspace->d_normed goes through a norm and is added to the residual's gradient. */
static void norm_backward(const struct pass *p, const float *x, const struct lac_parameter *parameter, const float *factors)
{
	const size_t dim = p->network->shape.dim;

	for (size_t i = 0; i < p->passage->n; i++)
		lac_norm_backward(p->workspace->d_residual + i * dim, gradient_of(p, parameter), p->workspace->d_normed + i * dim, x + i * dim,
			p->network->weights + parameter->first, factors[i], dim);
}

static void norm_repeat(const struct pass *p, const float *x, const float *weight, const float *factors)
{
	const size_t dim = p->network->shape.dim;

	for (size_t i = 0; i < p->passage->n; i++)
		lac_norm_repeat(p->workspace->normed + i * dim, x + i * dim, weight, factors[i], dim);
}

static void feed_forward_backward(const struct pass *p, uint32_t layer)
{
	struct lac_workspace *w = p->workspace;
	const struct lac_saved *saved = &w->layers[layer];
	const uint32_t n = p->passage->n;
	const size_t ffn = p->network->shape.ffn_dim;
	const struct lac_map gate_up = lac_map_of(p->network, layer, LAC_GATE, 2), down = lac_map_of(p->network, layer, LAC_DOWN, 1);

	for (size_t i = 0; i < n; i++) /* again: only the gradient of down wants it */
		lac_gate_forward(w->hidden + i * ffn, saved->gate_up + 2 * i * ffn, saved->gate_up + (2 * i + 1) * ffn, ffn);
	lac_map_backward(p->network, w, &down, n, w->hidden, w->d_residual, p->gradient, w->d_hidden);
	for (size_t i = 0; i < n; i++)
		lac_gate_backward(w->d_wide + 2 * i * ffn, w->d_wide + (2 * i + 1) * ffn, w->d_hidden + i * ffn, saved->gate_up + 2 * i * ffn,
			saved->gate_up + (2 * i + 1) * ffn, ffn);
	norm_repeat(p, saved->middle, norm_weight(p, layer, LAC_FFN_NORM), saved->middle_factors);
	lac_map_backward(p->network, w, &gate_up, n, w->normed, w->d_wide, p->gradient, w->d_normed);
	norm_backward(p, saved->middle, lac_parameter_of(&p->network->parameters, layer, LAC_FFN_NORM), saved->middle_factors);
}

static void attention_backward(const struct pass *p, uint32_t layer)
{
	struct lac_workspace *w = p->workspace;
	const struct lac_saved *saved = &w->layers[layer];
	const uint32_t n = p->passage->n;
	const struct lac_map qkv = lac_map_of(p->network, layer, LAC_QUERY, 3), out = lac_map_of(p->network, layer, LAC_ATTENTION_OUT, 1);

	lac_map_backward(p->network, w, &out, n, saved->attended, w->d_residual, p->gradient, w->d_hidden);
	lac_attention_backward(p->network, w, p->passage, saved, w->d_hidden, w->d_wide);
	lac_attention_rotate(p->network, p->passage, w->d_wide, -1.0f);
	norm_repeat(p, saved->input, norm_weight(p, layer, LAC_ATTENTION_NORM), saved->input_factors);
	lac_map_backward(p->network, w, &qkv, n, w->normed, w->d_wide, p->gradient, w->d_normed);
	norm_backward(p, saved->input, lac_parameter_of(&p->network->parameters, layer, LAC_ATTENTION_NORM), saved->input_factors);
}

static void layers_backward(const struct pass *p)
{
	const struct lac_shape *shape = &p->network->shape;
	struct lac_workspace *w = p->workspace;
	float *d_embedding = gradient_of(p, lac_parameter_embedding(&p->network->parameters));

	memset(w->d_residual, 0, (size_t)p->passage->n * shape->dim * sizeof *w->d_residual);
	norm_backward(p, w->output, lac_parameter_output_norm(&p->network->parameters, shape), w->output_factors);
	for (uint32_t layer = shape->n_layers; layer-- > 0;) {
		feed_forward_backward(p, layer);
		attention_backward(p, layer);
	}
	for (size_t i = 0; d_embedding && i < p->passage->n; i++)
		lac_vector_add(d_embedding + (size_t)p->passage->tokens[i] * shape->dim, w->d_residual + i * shape->dim, shape->dim);
}

double lac_network_loss(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage)
{
	const struct pass p = { network, workspace, passage, NULL };

	layers_forward(&p);
	return vocabulary_pass(&p, 0.0f);
}

double lac_network_gradient(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage, float scale,
	float *gradient)
{
	const struct pass p = { network, workspace, passage, gradient };
	double loss;

	layers_forward(&p);
	loss = vocabulary_pass(&p, scale);
	layers_backward(&p);
	return loss;
}

void lac_network_logits(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage, float *logits)
{
	const struct pass p = { network, workspace, passage, NULL };

	layers_forward(&p);
	logits_of(&p, 0, passage->n, logits);
}
