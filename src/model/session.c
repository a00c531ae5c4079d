/* session.c: the transformer (arithmetic.md sections 4 and 6), a batch of rows at a time. */
#include "base/strict_float.h"
#include "model/session.h"
#include "base/memory.h"
#include "kernels/square_root.h"
#include "model/cache.h"
#include "model/rotary.h"

#include <stdlib.h>
#include <string.h>

#define LOGITS_MAX (1u << 21) /* floats; bounds the logits buffer whatever the vocabulary (one row at least) */

struct session_slot {
	struct lac_cache cache;
	uint64_t batch;     /* the last batch a row of this slot was in */
	uint32_t position;  /* of that row */
};

struct lac_session {
	const struct lac_model *model;
	struct session_slot *slots;
	uint32_t n_slots, max_rows, max_logits_rows;
	uint64_t n_batches;

	/* [max_rows][stride], zeroed at first so that padding stays zero */
	float *x, *normed, *qkv, *attended, *gate_up, *projected, *logits;
	float *scores;                       /* [max_rows][n_positions] */
	int8_t *high, *low;                  /* likewise */
	float *group_scales, *factors;       /* [max_rows][n_positions / 64], [max_rows] */
	struct lac_rows quantized;           /* of the longest matrix input */
	struct lac_rows queries;             /* [max_rows][n_heads] */
	float *cosines, *sines;              /* [window][rotary_dim / 2] */
	size_t stride_dim, stride_qkv, stride_q, stride_gate_up, n_positions, stride_logits;
	float query_factor;                  /* 1 / sqrt(head_dim) */
};

static size_t longest_input(const struct lac_shape *shape)
{
	size_t longest = shape->dim, q = (size_t)shape->n_heads * shape->head_dim;

	if (shape->ffn_dim > longest)
		longest = shape->ffn_dim;
	return q > longest ? q : longest;
}

static bool rows_create(struct lac_rows *rows, size_t n_rows, size_t n)
{
	rows->stride_values = LAC_ROUND_UP(n, LAC_QUAD);
	rows->stride_scales = LAC_ROUND_UP(n, LAC_GROUP) / LAC_GROUP;
	rows->values = lac_aligned_calloc(n_rows, rows->stride_values);
	rows->scales = lac_aligned_calloc(n_rows * sizeof *rows->scales, rows->stride_scales);
	return rows->values && rows->scales;
}

static bool create_buffers(struct lac_session *s)
{
	const struct lac_shape *shape = &s->model->shape;
	const size_t n = s->max_rows, f = sizeof(float);

	return (s->x = lac_aligned_calloc(n, s->stride_dim * f)) &&
		(s->normed = lac_aligned_calloc(n, s->stride_dim * f)) &&
		(s->projected = lac_aligned_calloc(n, s->stride_dim * f)) &&
		(s->qkv = lac_aligned_calloc(n, s->stride_qkv * f)) &&
		(s->attended = lac_aligned_calloc(n, s->stride_q * f)) &&
		(s->gate_up = lac_aligned_calloc(n, s->stride_gate_up * f)) &&
		(s->logits = lac_aligned_calloc(s->max_logits_rows, s->stride_logits * f)) &&
		(s->scores = lac_aligned_calloc(n, s->n_positions * f)) &&
		(s->high = lac_aligned_calloc(n, s->n_positions)) &&
		(s->low = lac_aligned_calloc(n, s->n_positions)) &&
		(s->group_scales = lac_aligned_calloc(n, s->n_positions / LAC_GROUP * f)) &&
		(s->factors = lac_aligned_calloc(n, f)) &&
		(s->cosines = lac_aligned_calloc(s->model->window, shape->rotary_dim / 2 * f)) &&
		(s->sines = lac_aligned_calloc(s->model->window, shape->rotary_dim / 2 * f)) &&
		(s->slots = calloc(s->n_slots, sizeof *s->slots)) &&
		rows_create(&s->quantized, n, longest_input(shape)) &&
		rows_create(&s->queries, n * shape->n_heads, shape->head_dim);
}

static bool fill_angles(struct lac_session *s)
{
	const uint32_t half = s->model->shape.rotary_dim / 2;
	uint64_t *steps = calloc(half, sizeof *steps);

	if (!steps)
		return false;
	lac_rotary_steps(steps, s->model->shape.rotary_dim, s->model->shape.rotary_base);
	for (uint64_t position = 0; position < s->model->window; position++)
		for (uint32_t i = 0; i < half; i++)
			lac_rotary_angle(position * steps[i], &s->cosines[position * half + i], &s->sines[position * half + i]);
	free(steps);
	return true;
}

enum lac_status lac_session_create(struct lac_session **out, const struct lac_model *model, uint32_t n_slots, uint32_t max_rows,
	struct lac_error *error)
{
	const struct lac_shape *shape = &model->shape;
	struct lac_session *s = calloc(1, sizeof *s);

	if (!s)
		return lac_fail_memory(error, sizeof *s, "a session");
	s->model = model;
	s->n_slots = n_slots;
	s->max_rows = max_rows ? max_rows : LAC_BATCH_ROWS_DEFAULT;
	s->stride_dim = LAC_ROUND_UP(shape->dim, LAC_LANES);
	s->stride_qkv = (size_t)model->weights.layers[0].qkv.n_tiles * LAC_LANES;
	/* heads are written in whole tiles, so the last one may overhang */
	s->stride_q = LAC_ROUND_UP((size_t)shape->n_heads * shape->head_dim, LAC_LANES) + LAC_LANES;
	s->stride_gate_up = (size_t)model->weights.layers[0].gate_up.n_tiles * LAC_LANES;
	s->stride_logits = LAC_ROUND_UP((size_t)shape->n_vocabulary, 64);
	s->n_positions = LAC_ROUND_UP((size_t)model->window, LAC_GROUP);
	s->max_logits_rows = s->stride_logits * s->max_rows <= LOGITS_MAX ? s->max_rows : (uint32_t)(LOGITS_MAX / s->stride_logits);
	if (s->max_logits_rows == 0)
		s->max_logits_rows = 1;
	s->query_factor = 1.0f / lac_square_root((float)shape->head_dim);
	*out = s;
	if (create_buffers(s) && fill_angles(s))
		return LAC_OK;
	lac_session_free(out);
	return lac_fail_memory(error, s->n_positions * 6 + s->stride_logits * 4, "evaluating the model");
}

void lac_session_free(struct lac_session **session)
{
	struct lac_session *s = *session;

	if (!s)
		return;
	for (uint32_t i = 0; s->slots && i < s->n_slots; i++)
		lac_cache_free(&s->slots[i].cache);
	free(s->slots);
	for (unsigned i = 0; i < 2; i++) {
		struct lac_rows *rows = i ? &s->queries : &s->quantized;

		lac_aligned_free(rows->values);
		lac_aligned_free(rows->scales);
	}
	void *const buffers[] = { s->x, s->normed, s->projected, s->qkv, s->attended, s->gate_up, s->logits, s->scores, s->high,
		s->low, s->group_scales, s->factors, s->cosines, s->sines };
	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
		lac_aligned_free(buffers[i]);
	free(s);
	*session = NULL;
}

size_t lac_session_slot_bytes(const struct lac_model *model)
{
	return lac_cache_bytes(model);
}

/* y = w x for n rows: quantise, multiply. */
static void product(struct lac_session *s, float *y, size_t stride_y, const float *x, size_t stride_x, size_t n_rows,
	const struct lac_packed *w)
{
	const struct lac_kernels *k = s->model->kernels;

	for (size_t row = 0; row < n_rows; row++)
		k->quantize(s->quantized.values + row * s->quantized.stride_values,
			s->quantized.scales + row * s->quantized.stride_scales, x + row * stride_x, w->n_in);
	k->matmul(y, stride_y, &s->quantized, n_rows, w, 0, w->n_tiles);
}

/* Rotates and stores keys and values, and quantises queries, so that attention finds every row's own position too. */
static void store_heads(struct lac_session *s, const struct lac_row *rows, size_t n_rows, uint32_t layer)
{
	const struct lac_model *m = s->model;
	const struct lac_shape *shape = &m->shape;
	const uint32_t half = shape->rotary_dim / 2;

	for (size_t row = 0; row < n_rows; row++) {
		float *q = s->qkv + row * s->stride_qkv;
		float *key = q + m->weights.first_key, *value = q + m->weights.first_value;
		const float *cosines = s->cosines + (size_t)rows[row].position * half;
		const float *sines = s->sines + (size_t)rows[row].position * half;

		for (uint32_t head = 0; head < shape->n_heads; head++, q += shape->head_dim) {
			size_t at = row * shape->n_heads + head;

			m->kernels->rotate(q, cosines, sines, half);
			for (uint32_t i = 0; i < shape->head_dim; i++)
				q[i] = q[i] * s->query_factor;
			m->kernels->quantize(s->queries.values + at * s->queries.stride_values,
				s->queries.scales + at * s->queries.stride_scales, q, shape->head_dim);
		}
		for (uint32_t head = 0; head < shape->n_kv_heads; head++) {
			m->kernels->rotate(key, cosines, sines, half);
			lac_cache_store(&s->slots[rows[row].slot].cache, m, layer, head, rows[row].position, key, value);
			key += shape->head_dim;
			value += shape->head_dim;
		}
	}
}

/* One head over rows of one slot at consecutive positions. */
static void attend_head(struct lac_session *s, const struct lac_row *rows, size_t first, size_t n_rows, uint32_t head,
	const struct lac_packed *keys, const struct lac_value_cache *values)
{
	const struct lac_shape *shape = &s->model->shape;
	const struct lac_kernels *k = s->model->kernels;
	const uint32_t n_seen = rows[first + n_rows - 1].position + 1;
	const size_t n_padded = LAC_ROUND_UP((size_t)n_seen, LAC_GROUP), n_groups = s->n_positions / LAC_GROUP;
	const size_t at = first * shape->n_heads + head;
	const struct lac_rows queries = {
		s->queries.values + at * s->queries.stride_values, s->queries.scales + at * s->queries.stride_scales,
		s->queries.stride_values * shape->n_heads, s->queries.stride_scales * shape->n_heads,
	};

	k->matmul(s->scores, s->n_positions, &queries, n_rows, keys, 0, (n_seen - 1) / LAC_LANES + 1);
	for (size_t row = 0; row < n_rows; row++)
		s->factors[row] = k->softmax(s->high + row * s->n_positions, s->low + row * s->n_positions,
			s->group_scales + row * n_groups, s->scores + row * s->n_positions,
			rows[first + row].position + 1, n_padded, values->scales);
	k->mix(s->attended + first * s->stride_q + (size_t)head * shape->head_dim, s->stride_q, s->high, s->low, s->n_positions,
		s->group_scales, n_groups, s->factors, n_rows, (uint32_t)(n_padded / LAC_GROUP), values);
}

static void attend(struct lac_session *s, const struct lac_row *rows, size_t n_rows, uint32_t layer)
{
	const struct lac_shape *shape = &s->model->shape;
	const uint32_t sharing = shape->n_heads / shape->n_kv_heads;

	for (size_t first = 0, end; first < n_rows; first = end) {
		for (end = first + 1; end < n_rows && rows[end].slot == rows[first].slot; end++)
			; /* a slot's rows within a batch are consecutive positions: split_batch() sees to it */
		/* ascending heads: a head's last tile may overhang into the next head, which then overwrites it */
		for (uint32_t head = 0; head < shape->n_heads; head++) {
			struct lac_packed keys;
			struct lac_value_cache values;

			lac_cache_view(&s->slots[rows[first].slot].cache, s->model, layer, head / sharing, &keys, &values);
			attend_head(s, rows, first, end - first, head, &keys, &values);
		}
	}
}

static void normalize(struct lac_session *s, size_t n_rows, const float *weight)
{
	for (size_t row = 0; row < n_rows; row++)
		s->model->kernels->norm(s->normed + row * s->stride_dim, s->x + row * s->stride_dim, weight, s->model->shape.dim,
			s->model->shape.norm_epsilon);
}

static void add_projected(struct lac_session *s, size_t n_rows)
{
	for (size_t row = 0; row < n_rows; row++)
		s->model->kernels->add(s->x + row * s->stride_dim, s->projected + row * s->stride_dim, s->stride_dim);
}

static void evaluate_layer(struct lac_session *s, const struct lac_row *rows, size_t n_rows, uint32_t index)
{
	const struct lac_layer *layer = &s->model->weights.layers[index];
	const size_t first_up = LAC_ROUND_UP((size_t)s->model->shape.ffn_dim, LAC_LANES);

	normalize(s, n_rows, layer->attention_norm);
	product(s, s->qkv, s->stride_qkv, s->normed, s->stride_dim, n_rows, &layer->qkv);
	store_heads(s, rows, n_rows, index);
	attend(s, rows, n_rows, index);
	product(s, s->projected, s->stride_dim, s->attended, s->stride_q, n_rows, &layer->attention_out);
	add_projected(s, n_rows);

	normalize(s, n_rows, layer->ffn_norm);
	product(s, s->gate_up, s->stride_gate_up, s->normed, s->stride_dim, n_rows, &layer->gate_up);
	for (size_t row = 0; row < n_rows; row++) {
		float *gate = s->gate_up + row * s->stride_gate_up;

		s->model->kernels->gate(gate, gate + first_up, first_up);
	}
	product(s, s->projected, s->stride_dim, s->gate_up, s->stride_gate_up, n_rows, &layer->down);
	add_projected(s, n_rows);
}

static void give_logits(struct lac_session *s, const struct lac_row *rows, size_t n_rows, lac_logits_function *on_logits,
	void *context)
{
	const struct lac_packed *output = lac_weights_output(&s->model->weights);
	const struct lac_row *wanting[LAC_BATCH_ROWS_DEFAULT];
	size_t row = 0;

	while (row < n_rows) {
		size_t n = 0;

		/* rows that want logits move together, so that they are one product */
		for (; row < n_rows && n < s->max_logits_rows && n < LAC_BATCH_ROWS_DEFAULT; row++)
			if (rows[row].wants_logits) {
				s->model->kernels->norm(s->normed + n * s->stride_dim, s->x + row * s->stride_dim,
					s->model->weights.output_norm, s->model->shape.dim, s->model->shape.norm_epsilon);
				wanting[n++] = &rows[row];
			}
		product(s, s->logits, s->stride_logits, s->normed, s->stride_dim, n, output);
		for (size_t i = 0; i < n; i++)
			on_logits(context, wanting[i], s->logits + i * s->stride_logits);
	}
}

/* How many of the rows can be evaluated together: at most max_rows, and of each slot only one run of consecutive positions,
 * because all keys and values of a batch are stored before any of its rows attends. */
static size_t split_batch(struct lac_session *s, const struct lac_row *rows, size_t n_rows)
{
	size_t n = 0;

	s->n_batches++;
	for (; n < n_rows && n < s->max_rows; n++) {
		struct session_slot *slot = &s->slots[rows[n].slot];

		if (slot->batch == s->n_batches &&
		    (rows[n - 1].slot != rows[n].slot || rows[n].position != slot->position + 1))
			break;
		slot->batch = s->n_batches;
		slot->position = rows[n].position;
	}
	return n;
}

enum lac_status lac_session_evaluate(struct lac_session *s, const struct lac_row *rows, size_t n_rows,
	lac_logits_function *on_logits, void *context, struct lac_error *error)
{
	while (n_rows) {
		size_t n = split_batch(s, rows, n_rows);

		for (size_t row = 0; row < n; row++) {
			struct lac_cache *cache = &s->slots[rows[row].slot].cache;

			if (!cache->memory && !lac_cache_create(cache, s->model))
				return lac_fail_memory(error, lac_cache_bytes(s->model), "a stream's keys and values");
			lac_packed_get_row(&s->model->weights.embedding, rows[row].token, s->x + row * s->stride_dim);
		}
		for (uint32_t layer = 0; layer < s->model->shape.n_layers; layer++)
			evaluate_layer(s, rows, n, layer);
		give_logits(s, rows, n, on_logits, context);
		rows += n;
		n_rows -= n;
	}
	return LAC_OK;
}
