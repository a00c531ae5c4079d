/* textbook_engine.h: the network of arithmetic.md (sections 3.3 to 6), from the tensors of a file
 * to logits: one stream from position 0, one row after the other, made of the operations of
 * kernels_textbook.h. Only the shape and where a tensor lies are the library's word. A row of a
 * matrix, a head and a context have at most 512 elements here. */
#ifndef LAC_TEST_TEXTBOOK_ENGINE_H
#define LAC_TEST_TEXTBOOK_ENGINE_H

#include "kernels_textbook.h"
#include "textbook_rotary.h"
#include "textbook_types.h"

#include "model/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOK_MAX 512

/* ---- Weights: section 3.3 ------------------------------------------------------------- */

/* One element of a row of a tensor in the file. */
static inline float book_element(const struct lac_tensor *tensor, size_t row, size_t i)
{
	const struct book_type *type = book_type_of(tensor->type);
	const size_t at = row * (size_t)tensor->dims[0] + i;

	return book_of_block(tensor->type, tensor->data + at / type->values * type->bytes, (unsigned)(at % type->values));
}

/* Where the file has row `row` of the engine: in queries and keys of architecture llama
 * (is_rotated), of each head's rotated rows the even ones come first, then the odd ones. */
static inline size_t book_place(const struct lac_shape *shape, size_t row, bool is_rotated)
{
	const size_t in_head = row % shape->head_dim, half = shape->rotary_dim / 2;

	if (!is_rotated || shape->architecture != LAC_LLAMA || in_head >= 2 * half)
		return row;
	return row - in_head + (in_head < half ? 2 * in_head : 2 * (in_head - half) + 1);
}

/* A row in the engine's order. */
static inline void book_row(float *x, const struct lac_tensor *tensor, const struct lac_shape *shape, size_t row, bool is_rotated)
{
	const size_t from = book_place(shape, row, is_rotated);

	for (size_t i = 0; i < tensor->dims[0]; i++)
		x[i] = book_element(tensor, from, i);
}

struct book_matrix {
	size_t n_rows, n_columns;
	int8_t (*values)[BOOK_MAX];
	float (*scales)[BOOK_MAX / 64];
};

/* values NULL: the file has no such tensor. */
static inline struct book_matrix book_read_matrix(const struct lac_gguf *gguf, const char *name, const struct lac_shape *shape,
	bool is_rotated)
{
	const struct lac_tensor *tensor = lac_gguf_tensor(gguf, name);
	struct book_matrix m = { 0, 0, NULL, NULL };
	float x[BOOK_MAX];

	if (!tensor)
		return m;
	if (tensor->dims[0] > BOOK_MAX)
		abort();
	m.n_columns = (size_t)tensor->dims[0];
	m.n_rows = (size_t)tensor->dims[1];
	m.values = calloc(m.n_rows, sizeof *m.values);
	m.scales = calloc(m.n_rows, sizeof *m.scales);
	for (size_t row = 0; row < m.n_rows; row++) {
		book_row(x, tensor, shape, row, is_rotated);
		book_quantize(m.values[row], m.scales[row], x, m.n_columns);
	}
	return m;
}

static inline void book_matrix_free(struct book_matrix *m)
{
	free(m->values);
	free(m->scales);
}

/* Section 3.2, the vector quantised by 3.1. */
static inline void book_multiply(float *y, const struct book_matrix *m, const float *x)
{
	int8_t q[BOOK_MAX];
	float scales[BOOK_MAX / 64];

	book_quantize(q, scales, x, m->n_columns);
	for (size_t row = 0; row < m->n_rows; row++)
		y[row] = book_product(m->values[row], m->scales[row], q, scales, m->n_columns);
}

/* Which maps of a layer have a bias, and the norms of heads. */
struct book_extras {
	bool has_norms, has_bias[7];
	float query_norm[BOOK_MAX], key_norm[BOOK_MAX], bias[7][BOOK_MAX];
};

enum { BOOK_Q, BOOK_K, BOOK_V, BOOK_OUTPUT, BOOK_GATE, BOOK_UP, BOOK_DOWN };
static const char *const book_maps[] = { "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down" };

struct book_layer {
	float attn_norm[BOOK_MAX], ffn_norm[BOOK_MAX];
	struct book_matrix maps[7];
	struct book_extras extras;
};

static inline const char *book_name(char name[64], size_t layer, const char *part)
{
	snprintf(name, 64, "blk.%zu.%s.weight", layer, part);
	return name;
}

static inline void book_bias_read(struct book_extras *e, const struct lac_gguf *gguf, const struct lac_shape *shape, size_t layer, unsigned map)
{
	const struct lac_tensor *tensor;
	char name[64];

	snprintf(name, sizeof name, "blk.%zu.%s.bias", layer, book_maps[map]);
	tensor = lac_gguf_tensor(gguf, name);
	e->has_bias[map] = tensor != NULL;
	memset(e->bias[map], 0, sizeof e->bias[map]);
	for (size_t i = 0; tensor && i < tensor->dims[0]; i++)
		e->bias[map][i] = book_element(tensor, 0, book_place(shape, i, map == BOOK_Q || map == BOOK_K));
}

static inline void book_extras_read(struct book_extras *e, const struct lac_gguf *gguf, const struct lac_shape *shape, size_t layer)
{
	char name[64];

	for (unsigned i = 0; i < 7; i++)
		book_bias_read(e, gguf, shape, layer, i);
	e->has_norms = shape->architecture == LAC_QWEN3;
	if (!e->has_norms)
		return;
	book_row(e->query_norm, lac_gguf_tensor(gguf, book_name(name, layer, "attn_q_norm")), shape, 0, false);
	book_row(e->key_norm, lac_gguf_tensor(gguf, book_name(name, layer, "attn_k_norm")), shape, 0, false);
}

static inline void book_layer_read(struct book_layer *l, const struct lac_gguf *gguf, const struct lac_shape *shape, size_t layer)
{
	char name[64];

	book_row(l->attn_norm, lac_gguf_tensor(gguf, book_name(name, layer, "attn_norm")), shape, 0, false);
	book_row(l->ffn_norm, lac_gguf_tensor(gguf, book_name(name, layer, "ffn_norm")), shape, 0, false);
	for (unsigned i = 0; i < 7; i++)
		l->maps[i] = book_read_matrix(gguf, book_name(name, layer, book_maps[i]), shape, i == BOOK_Q || i == BOOK_K);
	book_extras_read(&l->extras, gguf, shape, layer);
}

static inline void book_layer_free(struct book_layer *l)
{
	for (unsigned i = 0; i < 7; i++)
		book_matrix_free(&l->maps[i]);
}

/* A map and, where it or one that is evaluated with it has a bias (first to last), section 4.4. */
static inline void book_map(float *y, const struct book_layer *l, unsigned map, unsigned first, unsigned last, const float *x)
{
	bool has_bias = false;

	book_multiply(y, &l->maps[map], x);
	for (unsigned i = first; i <= last; i++)
		has_bias |= l->extras.has_bias[i];
	for (size_t i = 0; has_bias && i < l->maps[map].n_rows; i++)
		y[i] = book_add(y[i], l->extras.bias[map][i]);
}

/* ---- Attention: sections 5.3 and 6 ------------------------------------------------------ */

/* The shape, and what section 5 divides the frequency of each pair by beside its scaling. */
struct book_model {
	const struct lac_shape *shape;
	float factors[BOOK_MAX / 2];
};

static inline void book_model_read(struct book_model *m, const struct lac_gguf *gguf, const struct lac_shape *shape)
{
	const struct lac_tensor *tensor = lac_gguf_tensor(gguf, "rope_freqs.weight");

	m->shape = shape;
	for (size_t i = 0; i < shape->rotary_dim / 2; i++)
		m->factors[i] = tensor ? book_element(tensor, 0, i) : 1.0f;
}

static inline void book_rotate_at(float *head, const struct book_model *model, uint64_t position)
{
	const struct lac_shape *shape = model->shape;
	float cosines[BOOK_MAX / 2], sines[BOOK_MAX / 2];

	for (uint32_t i = 0; i < shape->rotary_dim / 2; i++)
		book_angle(position * book_step(i, shape->rotary_dim, shape->rotary_base, model->factors[i], shape->rotary_scaling),
			&cosines[i], &sines[i]);
	book_rotate(head, cosines, sines, shape->rotary_dim / 2);
}

/* What the positions so far left for those after them (6.1): one key head's keys and values. */
struct book_cache {
	int8_t keys[BOOK_MAX][BOOK_MAX], values[BOOK_MAX][BOOK_MAX]; /* [position] */
	float key_scales[BOOK_MAX][BOOK_MAX / 64], value_scales[BOOK_MAX];
};

/* A head's norm (4.5), where there is one. */
static inline void book_norm_head(float *head, const struct book_extras *e, const float *weight, const struct lac_shape *shape)
{
	float y[BOOK_MAX];

	if (!e->has_norms)
		return;
	book_norm(y, head, weight, shape->head_dim, shape->norm_epsilon);
	memcpy(head, y, shape->head_dim * sizeof *head);
}

static inline void book_keep(struct book_cache *cache, const struct book_model *model, size_t position, float *key, const float *value)
{
	const struct lac_shape *shape = model->shape;

	book_rotate_at(key, model, position);
	book_quantize(cache->keys[position], cache->key_scales[position], key, shape->head_dim);
	cache->value_scales[position] = book_round_group(cache->values[position], value, shape->head_dim);
}

/* One head's result, from its query and the cache of its key head, which holds the row's own
 * position too. */
static inline void book_attend(float *out, const struct book_cache *cache, const struct book_model *model, size_t position, float *query)
{
	const struct lac_shape *shape = model->shape;
	const size_t n = position + 1, sliding = shape->sliding_window, seen = sliding && n > sliding ? n - sliding : 0;
	int8_t q[BOOK_MAX], m[BOOK_MAX];
	float q_scales[BOOK_MAX / 64], m_scales[BOOK_MAX / 64], scores[BOOK_MAX], f;

	book_rotate_at(query, model, position);
	book_quantize(q, q_scales, query, shape->head_dim);
	for (size_t group = 0; group * 64 < shape->head_dim; group++)
		q_scales[group] = q_scales[group] * (1.0f / sqrtf((float)shape->head_dim));
	for (size_t j = seen; j < n; j++)
		scores[j] = book_product(cache->keys[j], cache->key_scales[j], q, q_scales, shape->head_dim);
	f = book_softmax(m, m_scales, scores, seen, n, (n + 63) / 64 * 64, cache->value_scales);
	for (size_t d = 0; d < shape->head_dim; d++) { /* 6.4 */
		float y = 0.0f;

		for (size_t first = 0; first < n; first += 64) {
			int32_t sum = 0;

			for (size_t j = first; j < n && j < first + 64; j++)
				sum += m[j] * cache->values[j][d];
			y = y + (float)sum * m_scales[first / 64];
		}
		out[d] = y * f;
	}
}

/* ---- The transformer: section 4 ---------------------------------------------------------- */

/* One layer for one row; the rows before it must have been asked for. */
static inline void book_evaluate_layer(float *x, const struct book_layer *l, struct book_cache *caches, const struct book_model *model,
	size_t position)
{
	const struct lac_shape *shape = model->shape;
	const size_t head_dim = shape->head_dim, sharing = shape->n_heads / shape->n_kv_heads;
	float h[BOOK_MAX], q[BOOK_MAX], k[BOOK_MAX], v[BOOK_MAX], a[BOOK_MAX], g[BOOK_MAX], u[BOOK_MAX], y[BOOK_MAX];

	book_norm(h, x, l->attn_norm, shape->dim, shape->norm_epsilon);
	book_map(q, l, BOOK_Q, BOOK_Q, BOOK_V, h);
	book_map(k, l, BOOK_K, BOOK_Q, BOOK_V, h);
	book_map(v, l, BOOK_V, BOOK_Q, BOOK_V, h);
	for (size_t head = 0; head < shape->n_kv_heads; head++) {
		book_norm_head(k + head * head_dim, &l->extras, l->extras.key_norm, shape);
		book_keep(&caches[head], model, position, k + head * head_dim, v + head * head_dim);
	}
	for (size_t head = 0; head < shape->n_heads; head++) {
		book_norm_head(q + head * head_dim, &l->extras, l->extras.query_norm, shape);
		book_attend(a + head * head_dim, &caches[head / sharing], model, position, q + head * head_dim);
	}
	book_map(y, l, BOOK_OUTPUT, BOOK_OUTPUT, BOOK_OUTPUT, a);
	for (size_t i = 0; i < shape->dim; i++)
		x[i] = book_add(x[i], y[i]);
	book_norm(h, x, l->ffn_norm, shape->dim, shape->norm_epsilon);
	book_map(g, l, BOOK_GATE, BOOK_GATE, BOOK_UP, h);
	book_map(u, l, BOOK_UP, BOOK_GATE, BOOK_UP, h);
	for (size_t i = 0; i < shape->ffn_dim; i++)
		g[i] = book_gate(g[i], u[i]);
	book_map(y, l, BOOK_DOWN, BOOK_DOWN, BOOK_DOWN, g);
	for (size_t i = 0; i < shape->dim; i++)
		x[i] = book_add(x[i], y[i]);
}

/* Logits, [n][n_vocabulary], after each of n tokens at positions 0, 1, 2 and so on. The caller
 * frees. */
static inline float *book_evaluate(const struct lac_gguf *gguf, const struct lac_shape *shape, const uint32_t *tokens, size_t n)
{
	struct book_matrix embedding = book_read_matrix(gguf, "token_embd.weight", shape, false);
	struct book_matrix output = book_read_matrix(gguf, "output.weight", shape, false);
	struct book_cache *caches = calloc(shape->n_kv_heads, sizeof *caches);
	struct book_layer layer;
	struct book_model model;
	float (*x)[BOOK_MAX] = calloc(n, sizeof *x), *logits = calloc(n * shape->n_vocabulary, sizeof *logits);
	float output_norm[BOOK_MAX], h[BOOK_MAX];

	if (n > BOOK_MAX)
		abort();
	book_model_read(&model, gguf, shape);
	for (size_t t = 0; t < n; t++)
		for (size_t i = 0; i < shape->dim; i++)
			x[t][i] = (float)embedding.values[tokens[t]][i] * embedding.scales[tokens[t]][i / 64];
	for (size_t i = 0; i < shape->n_layers; i++) {
		book_layer_read(&layer, gguf, shape, i);
		for (size_t t = 0; t < n; t++)
			book_evaluate_layer(x[t], &layer, caches, &model, t);
		book_layer_free(&layer);
	}
	book_row(output_norm, lac_gguf_tensor(gguf, "output_norm.weight"), shape, 0, false);
	for (size_t t = 0; t < n; t++) {
		book_norm(h, x[t], output_norm, shape->dim, shape->norm_epsilon);
		book_multiply(logits + t * shape->n_vocabulary, output.values ? &output : &embedding, h);
	}
	book_matrix_free(&embedding);
	book_matrix_free(&output);
	free(caches);
	free(x);
	return logits;
}

#endif
