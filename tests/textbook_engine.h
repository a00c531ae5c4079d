/* textbook_engine.h: the network of arithmetic.md (sections 3.3, 4, 5 and 6), from the tensors of a file to logits: one stream from
 * position 0, one row after the other, made of the operations of kernels_textbook.h. Only the shape and where a tensor lies are the
 * library's word. A row of a matrix, a head and a context have at most 512 elements here. */
#ifndef LAC_TEST_TEXTBOOK_ENGINE_H
#define LAC_TEST_TEXTBOOK_ENGINE_H

#include "kernels_textbook.h"
#include "textbook_rotary.h"

#include "model/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOK_MAX 512

/* ---- Weights: section 3.3 ------------------------------------------------------------- */

static inline float book_half(const uint8_t *bytes)
{
	const unsigned half = bytes[0] | (unsigned)bytes[1] << 8, exponent = half >> 10 & 31, fraction = half & 1023;
	const float x = exponent ? ldexpf((float)(1024 + fraction), (int)exponent - 25) : ldexpf((float)fraction, -24);

	return half >> 15 ? -x : x;
}

/* One element of a row of a tensor in the file. */
static inline float book_element(const struct lac_tensor *tensor, size_t row, size_t i)
{
	const size_t at = row * tensor->dims[0] + i;
	const uint8_t *p = tensor->data;
	uint32_t bits;
	float x;

	if (tensor->type == LAC_TENSOR_F16)
		return book_half(p + 2 * at);
	if (tensor->type == LAC_TENSOR_Q8_0)
		return book_half(p + at / 32 * 34) * (float)(int8_t)p[at / 32 * 34 + 2 + at % 32];
	bits = p[4 * at] | (uint32_t)p[4 * at + 1] << 8 | (uint32_t)p[4 * at + 2] << 16 | (uint32_t)p[4 * at + 3] << 24;
	memcpy(&x, &bits, 4);
	return x;
}

/* A row in the engine's order: in query and key matrices (is_rotated), of each head's rotated rows the even ones, then the odd ones. */
static inline void book_row(float *x, const struct lac_tensor *tensor, const struct lac_shape *shape, size_t row, bool is_rotated)
{
	const size_t in_head = row % shape->head_dim, half = shape->rotary_dim / 2;
	size_t from = row;

	if (is_rotated && in_head < 2 * half)
		from = row - in_head + (in_head < half ? 2 * in_head : 2 * (in_head - half) + 1);
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

struct book_layer {
	float attn_norm[BOOK_MAX], ffn_norm[BOOK_MAX];
	struct book_matrix attn_q, attn_k, attn_v, attn_output, ffn_gate, ffn_up, ffn_down;
};

static inline const char *book_name(char name[64], size_t layer, const char *part)
{
	snprintf(name, 64, "blk.%zu.%s.weight", layer, part);
	return name;
}

static inline void book_layer_read(struct book_layer *l, const struct lac_gguf *gguf, const struct lac_shape *shape, size_t layer)
{
	char name[64];

	book_row(l->attn_norm, lac_gguf_tensor(gguf, book_name(name, layer, "attn_norm")), shape, 0, false);
	book_row(l->ffn_norm, lac_gguf_tensor(gguf, book_name(name, layer, "ffn_norm")), shape, 0, false);
	l->attn_q = book_read_matrix(gguf, book_name(name, layer, "attn_q"), shape, true);
	l->attn_k = book_read_matrix(gguf, book_name(name, layer, "attn_k"), shape, true);
	l->attn_v = book_read_matrix(gguf, book_name(name, layer, "attn_v"), shape, false);
	l->attn_output = book_read_matrix(gguf, book_name(name, layer, "attn_output"), shape, false);
	l->ffn_gate = book_read_matrix(gguf, book_name(name, layer, "ffn_gate"), shape, false);
	l->ffn_up = book_read_matrix(gguf, book_name(name, layer, "ffn_up"), shape, false);
	l->ffn_down = book_read_matrix(gguf, book_name(name, layer, "ffn_down"), shape, false);
}

static inline void book_layer_free(struct book_layer *l)
{
	struct book_matrix *const all[] = { &l->attn_q, &l->attn_k, &l->attn_v, &l->attn_output, &l->ffn_gate, &l->ffn_up, &l->ffn_down };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		book_matrix_free(all[i]);
}

/* ---- Attention: sections 5.3 and 6 ------------------------------------------------------ */

static inline void book_rotate_at(float *head, const struct lac_shape *shape, uint64_t position)
{
	float cosines[BOOK_MAX / 2], sines[BOOK_MAX / 2];

	for (uint32_t i = 0; i < shape->rotary_dim / 2; i++)
		book_angle(position * book_step(i, shape->rotary_dim, shape->rotary_base), &cosines[i], &sines[i]);
	book_rotate(head, cosines, sines, shape->rotary_dim / 2);
}

/* What the positions so far left for those after them (6.1): one key head's keys and values. */
struct book_cache {
	int8_t keys[BOOK_MAX][BOOK_MAX], values[BOOK_MAX][BOOK_MAX]; /* [position] */
	float key_scales[BOOK_MAX][BOOK_MAX / 64], value_scales[BOOK_MAX];
};

static inline void book_keep(struct book_cache *cache, const struct lac_shape *shape, size_t position, float *key, const float *value)
{
	book_rotate_at(key, shape, position);
	book_quantize(cache->keys[position], cache->key_scales[position], key, shape->head_dim);
	cache->value_scales[position] = book_round_group(cache->values[position], value, shape->head_dim);
}

/* One head's result, from its query and the cache of its key head, which holds the row's own position too. */
static inline void book_attend(float *out, const struct book_cache *cache, const struct lac_shape *shape, size_t position, float *query)
{
	const size_t n = position + 1;
	int8_t q[BOOK_MAX], m[BOOK_MAX];
	float q_scales[BOOK_MAX / 64], m_scales[BOOK_MAX / 64], scores[BOOK_MAX], f;

	book_rotate_at(query, shape, position);
	book_quantize(q, q_scales, query, shape->head_dim);
	for (size_t group = 0; group * 64 < shape->head_dim; group++)
		q_scales[group] = q_scales[group] * (1.0f / sqrtf((float)shape->head_dim));
	for (size_t j = 0; j < n; j++)
		scores[j] = book_product(cache->keys[j], cache->key_scales[j], q, q_scales, shape->head_dim);
	f = book_softmax(m, m_scales, scores, n, (n + 63) / 64 * 64, cache->value_scales);
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
static inline void book_evaluate_layer(float *x, const struct book_layer *l, struct book_cache *caches, const struct lac_shape *shape,
	size_t position)
{
	const size_t head_dim = shape->head_dim, sharing = shape->n_heads / shape->n_kv_heads;
	float h[BOOK_MAX], q[BOOK_MAX], k[BOOK_MAX], v[BOOK_MAX], a[BOOK_MAX], g[BOOK_MAX], u[BOOK_MAX], y[BOOK_MAX];

	book_norm(h, x, l->attn_norm, shape->dim, shape->norm_epsilon);
	book_multiply(q, &l->attn_q, h);
	book_multiply(k, &l->attn_k, h);
	book_multiply(v, &l->attn_v, h);
	for (size_t head = 0; head < shape->n_kv_heads; head++)
		book_keep(&caches[head], shape, position, k + head * head_dim, v + head * head_dim);
	for (size_t head = 0; head < shape->n_heads; head++)
		book_attend(a + head * head_dim, &caches[head / sharing], shape, position, q + head * head_dim);
	book_multiply(y, &l->attn_output, a);
	for (size_t i = 0; i < shape->dim; i++)
		x[i] = book_add(x[i], y[i]);
	book_norm(h, x, l->ffn_norm, shape->dim, shape->norm_epsilon);
	book_multiply(g, &l->ffn_gate, h);
	book_multiply(u, &l->ffn_up, h);
	for (size_t i = 0; i < shape->ffn_dim; i++)
		g[i] = book_gate(g[i], u[i]);
	book_multiply(y, &l->ffn_down, g);
	for (size_t i = 0; i < shape->dim; i++)
		x[i] = book_add(x[i], y[i]);
}

/* Logits, [n][n_vocabulary], after each of n tokens at positions 0, 1, 2 and so on. The caller frees. */
static inline float *book_evaluate(const struct lac_gguf *gguf, const struct lac_shape *shape, const uint32_t *tokens, size_t n)
{
	struct book_matrix embedding = book_read_matrix(gguf, "token_embd.weight", shape, false);
	struct book_matrix output = book_read_matrix(gguf, "output.weight", shape, false);
	struct book_cache *caches = calloc(shape->n_kv_heads, sizeof *caches);
	struct book_layer layer;
	float (*x)[BOOK_MAX] = calloc(n, sizeof *x), *logits = calloc(n * shape->n_vocabulary, sizeof *logits);
	float output_norm[BOOK_MAX], h[BOOK_MAX];

	if (n > BOOK_MAX)
		abort();
	for (size_t t = 0; t < n; t++)
		for (size_t i = 0; i < shape->dim; i++)
			x[t][i] = (float)embedding.values[tokens[t]][i] * embedding.scales[tokens[t]][i / 64];
	for (size_t i = 0; i < shape->n_layers; i++) {
		book_layer_read(&layer, gguf, shape, i);
		for (size_t t = 0; t < n; t++)
			book_evaluate_layer(x[t], &layer, caches, shape, t);
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
