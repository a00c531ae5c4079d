/* textbook_network.h: the transformer in binary64, position by position, written from the papers
 * without the trainer's code; only the places of the tensors are shared. An adapter enters as the
 * sum of matrices that it stands for. */
#ifndef LAC_TEST_TEXTBOOK_NETWORK_H
#define LAC_TEST_TEXTBOOK_NETWORK_H

#include "test.h"

#include "tokenizer/tokenizer.h"
#include "train/network.h"

#include <math.h>

static inline void textbook_product(double *y, const double *w, const double *x, size_t n_out, size_t n_in)
{
	for (size_t o = 0; o < n_out; o++) {
		y[o] = 0.0;
		for (size_t i = 0; i < n_in; i++)
			y[o] += w[o * n_in + i] * x[i];
	}
}

static inline void textbook_norm(double *y, const double *x, const double *weight, size_t n, double epsilon)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * x[i];
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] / sqrt(sum / (double)n + epsilon) * weight[i];
}

static inline void textbook_rotate(double *head, const struct lac_shape *shape, uint32_t position)
{
	for (uint32_t i = 0; i < shape->rotary_dim; i += 2) {
		const double angle = position * pow((double)shape->rotary_base, -(double)i / shape->rotary_dim);
		const double a = head[i], b = head[i + 1];

		head[i] = a * cos(angle) - b * sin(angle);
		head[i + 1] = a * sin(angle) + b * cos(angle);
	}
}

/* Floats as doubles. The caller frees. */
static inline double *textbook_doubles(const float *values, size_t n)
{
	double *doubles = calloc(n, sizeof *doubles);

	for (size_t i = 0; i < n; i++)
		doubles[i] = (double)values[i];
	return doubles;
}

/* Weights of the whole model in binary64, with an adapter's products added in (values NULL: there
 * is none). The caller frees. */
static inline double *textbook_weights(const struct lac_network *network, const double *values)
{
	const struct lac_adapter *adapter = network->adapter;
	double *w = textbook_doubles(network->weights, network->parameters.n_floats);

	for (uint32_t place = 0; values && place < network->shape.n_layers * LAC_PARTS; place++) {
		const struct lac_parameter *map = &network->parameters.at[1 + place];
		const struct lac_parameter *ab = &adapter->parameters.at[adapter->places[place]];

		if (adapter->places[place] == LAC_NO_ADAPTER)
			continue;
		for (size_t o = 0; o < map->n_rows; o++)
			for (size_t i = 0; i < map->n_columns; i++)
				for (size_t r = 0; r < adapter->rank; r++)
					w[map->first + o * map->n_columns + i] += (double)adapter->alpha / adapter->rank *
						values[ab[1].first + o * adapter->rank + r] * values[ab[0].first + r * map->n_columns + i];
	}
	return w;
}

/* What a position leaves for those after it, per layer. */
struct textbook_cache {
	double *keys, *values; /* [n_layers][n][kv_dim] */
};

static inline void textbook_attend(const struct lac_shape *s, const double *q, const double *keys, const double *values, uint32_t first,
	uint32_t last, double *out)
{
	const size_t kv_dim = (size_t)s->n_kv_heads * s->head_dim;
	double *p = calloc(last + 1, sizeof *p);

	for (uint32_t h = 0; h < s->n_heads; h++) {
		const size_t kv = (size_t)(h / (s->n_heads / s->n_kv_heads)) * s->head_dim;
		double sum = 0.0;

		for (uint32_t j = first; j <= last; j++) {
			double dot = 0.0;

			for (uint32_t d = 0; d < s->head_dim; d++)
				dot += q[h * s->head_dim + d] * keys[j * kv_dim + kv + d];
			sum += p[j] = exp(dot / sqrt((double)s->head_dim));
		}
		for (uint32_t d = 0; d < s->head_dim; d++) {
			double *o = &out[h * s->head_dim + d];

			*o = 0.0;
			for (uint32_t j = first; j <= last; j++)
				*o += p[j] / sum * values[j * kv_dim + kv + d];
		}
	}
	free(p);
}

/* The logits of one position, whose document began at passage->starts[i]; the positions before it
 * must have been asked for. */
static inline void textbook_step(const struct lac_network *network, const double *w, const struct lac_passage *passage, uint32_t i,
	struct textbook_cache *cache, double *logits)
{
	const struct lac_shape *s = &network->shape;
	const size_t dim = s->dim, ffn = s->ffn_dim, q_dim = (size_t)s->n_heads * s->head_dim, kv_dim = (size_t)s->n_kv_heads * s->head_dim;
	double *x = calloc(4 * dim + 2 * q_dim + 2 * ffn, sizeof *x), *normed = x + dim, *change = normed + dim;
	double *q = change + 2 * dim, *attended = q + q_dim, *gate = attended + q_dim, *up = gate + ffn;

	for (size_t d = 0; d < dim; d++)
		x[d] = w[network->parameters.at[0].first + passage->tokens[i] * dim + d];
	for (uint32_t layer = 0; layer < s->n_layers; layer++) {
#define PART(part) (w + lac_parameter_of(&network->parameters, layer, part)->first)
		double *keys = cache->keys + (size_t)layer * passage->n * kv_dim, *values = cache->values + (size_t)layer * passage->n * kv_dim;

		textbook_norm(normed, x, PART(LAC_ATTENTION_NORM), dim, (double)s->norm_epsilon);
		textbook_product(q, PART(LAC_QUERY), normed, q_dim, dim);
		textbook_product(keys + i * kv_dim, PART(LAC_KEY), normed, kv_dim, dim);
		textbook_product(values + i * kv_dim, PART(LAC_VALUE), normed, kv_dim, dim);
		for (uint32_t h = 0; h < s->n_heads; h++)
			textbook_rotate(q + h * s->head_dim, s, i - passage->starts[i]);
		for (uint32_t h = 0; h < s->n_kv_heads; h++)
			textbook_rotate(keys + i * kv_dim + h * s->head_dim, s, i - passage->starts[i]);
		textbook_attend(s, q, keys, values, passage->starts[i], i, attended);
		textbook_product(change, PART(LAC_ATTENTION_OUT), attended, dim, q_dim);
		for (size_t d = 0; d < dim; d++)
			x[d] += change[d];
		textbook_norm(normed, x, PART(LAC_FFN_NORM), dim, (double)s->norm_epsilon);
		textbook_product(gate, PART(LAC_GATE), normed, ffn, dim);
		textbook_product(up, PART(LAC_UP), normed, ffn, dim);
		for (size_t d = 0; d < ffn; d++)
			gate[d] = gate[d] / (1.0 + exp(-gate[d])) * up[d];
		textbook_product(change, PART(LAC_DOWN), gate, dim, ffn);
		for (size_t d = 0; d < dim; d++)
			x[d] += change[d];
#undef PART
	}
	textbook_norm(normed, x, w + lac_parameter_output_norm(&network->parameters, s)->first, dim, (double)s->norm_epsilon);
	textbook_product(logits, w + lac_parameter_output(&network->parameters, s)->first, normed, s->n_vocabulary, dim);
	free(x);
}

/* The sum of -ln P(target); logits, [n][n_vocabulary], may be NULL. */
static inline double textbook_loss(const struct lac_network *network, const double *w, const struct lac_passage *passage, double *logits)
{
	const struct lac_shape *s = &network->shape;
	const size_t n_cached = (size_t)s->n_layers * passage->n * s->n_kv_heads * s->head_dim;
	struct textbook_cache cache = { calloc(n_cached, sizeof(double)), calloc(n_cached, sizeof(double)) };
	double *row = calloc(s->n_vocabulary, sizeof *row), loss = 0.0;

	for (uint32_t i = 0; i < passage->n; i++) {
		double sum = 0.0;

		textbook_step(network, w, passage, i, &cache, row);
		if (logits)
			memcpy(logits + (size_t)i * s->n_vocabulary, row, s->n_vocabulary * sizeof *row);
		if (passage->targets[i] == LAC_NO_TOKEN)
			continue;
		for (uint32_t v = 0; v < s->n_vocabulary; v++)
			sum += exp(row[v]);
		loss += log(sum) - row[passage->targets[i]];
	}
	free(row);
	free(cache.keys);
	free(cache.values);
	return loss;
}

/* A number from -1 to 1. */
static inline float textbook_random(uint64_t *seed)
{
	return (float)((double)(test_random(seed) >> 11) * 0x1p-52 - 1.0);
}

#endif
