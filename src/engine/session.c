/* session.c: the transformer (arithmetic.md sections 4 and 6), a batch of rows at a time. */
#include "base/strict_float.h"
#include "engine/session.h"
#include "base/memory.h"
#include "kernels/square_root.h"
#include "engine/cache.h"
#include "engine/rotary.h"

#include <string.h>

/* of logits at a time, unless that is below LOGITS_ROWS: they should stay near until they are
 * used */
#define LOGITS_BYTES (1u << 20)
#define LOGITS_ROWS 16u           /* enough of them for a product at full speed */
/* queries of heads that share keys and values, evaluated together (one row's at least) */
#define ATTEND_ROWS 64u

struct session_slot {
	uint64_t batch;     /* the last batch a row of this slot was in */
	uint32_t position;  /* of that row */
};

struct lac_session {
	const struct lac_model *model;
	struct session_slot *slots;
	struct lac_cache_layout cache_layout;
	/* of all slots, one after the other; the system gives pages as they are touched */
	uint8_t *caches;
	uint32_t n_slots, n_positions, max_rows, max_logits_rows;
	uint64_t n_batches;

	struct lac_row *rows;                /* [max_rows]: of the batch in work */
	/* [max_rows][stride], zeroed at first so that padding stays zero */
	float *x, *normed, *qkv, *attended, *gate_up, *projected, *logits;
	struct lac_rows quantized;           /* of the longest matrix input */
	struct lac_rows queries;             /* [n_kv_heads][max_rows][sharing] */
	/* query heads of a key head; rows that attend together */
	uint32_t sharing, n_attend;
	/* [n_attend][sharing]: */
	float *scores, *mixed;               /* [n_padded], [stride_mixed] */
	struct lac_weight_rows weights;      /* [n_padded], a scale per 64 of them */
	float *cosines, *sines;              /* [n_positions][rotary_dim / 2] */
	/* n_padded: n_positions in whole groups */
	size_t stride_dim, stride_qkv, stride_q, stride_gate_up, stride_mixed, stride_scores, n_padded, stride_logits;
	float query_factor;                  /* 1 / sqrt(head_dim) */
};

static size_t longest_input(const struct lac_shape *shape)
{
	size_t longest = shape->dim, q = (size_t)shape->n_heads * shape->head_dim;

	if (shape->ffn_dim > longest)
		longest = shape->ffn_dim;
	return q > longest ? q : longest;
}

static size_t rows_bytes(size_t n)
{
	return LAC_ROUND_UP(n, LAC_QUAD) + LAC_ROUND_UP(n, LAC_GROUP) / LAC_GROUP * sizeof(float);
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
	const size_t n = s->max_rows, n_together = (size_t)s->n_attend * s->sharing, f = sizeof(float);

	return (s->rows = lac_calloc(n, sizeof *s->rows)) &&
		(s->x = lac_aligned_calloc(n, s->stride_dim * f)) &&
		(s->normed = lac_aligned_calloc(n, s->stride_dim * f)) &&
		(s->projected = lac_aligned_calloc(n, s->stride_dim * f)) &&
		(s->qkv = lac_aligned_calloc(n, s->stride_qkv * f)) &&
		(s->attended = lac_aligned_calloc(n, s->stride_q * f)) &&
		(s->gate_up = lac_aligned_calloc(n, s->stride_gate_up * f)) &&
		(s->logits = lac_aligned_calloc(s->max_logits_rows, s->stride_logits * f)) &&
		(s->scores = lac_aligned_calloc(n_together, s->stride_scores * f)) &&
		(s->mixed = lac_aligned_calloc(n_together, s->stride_mixed * f)) &&
		(s->weights.weights = lac_aligned_calloc(n_together, s->weights.stride_weights)) &&
		(s->weights.scales = lac_aligned_calloc(n_together, s->n_padded / LAC_GROUP * f)) &&
		(s->weights.factors = lac_aligned_calloc(n_together, f)) &&
		(s->cosines = lac_aligned_calloc(s->n_positions, shape->rotary_dim / 2 * f)) &&
		(s->sines = lac_aligned_calloc(s->n_positions, shape->rotary_dim / 2 * f)) &&
		(s->slots = lac_calloc(s->n_slots, sizeof *s->slots)) &&
		(s->caches = lac_aligned_calloc(s->n_slots, s->cache_layout.bytes)) &&
		rows_create(&s->quantized, n, longest_input(shape)) &&
		rows_create(&s->queries, n * shape->n_heads, shape->head_dim);
}

/* What create_buffers() takes. */
static size_t buffers_bytes(const struct lac_session *s)
{
	const struct lac_shape *shape = &s->model->shape;
	const size_t row = (3 * s->stride_dim + s->stride_qkv + s->stride_q + s->stride_gate_up) * sizeof(float) + sizeof *s->rows +
		rows_bytes(longest_input(shape)) + shape->n_heads * rows_bytes(shape->head_dim);
	const size_t together = (s->stride_scores + s->stride_mixed + s->n_padded / LAC_GROUP + 1) * sizeof(float) +
		s->weights.stride_weights;

	return s->max_rows * row + s->max_logits_rows * s->stride_logits * sizeof(float) + (size_t)s->n_attend * s->sharing * together +
		(size_t)s->n_positions * shape->rotary_dim * sizeof(float) + s->n_slots * (s->cache_layout.bytes + sizeof *s->slots);
}

static bool fill_angles(struct lac_session *s)
{
	const uint32_t half = s->model->shape.rotary_dim / 2;
	uint64_t *steps = lac_calloc(half, sizeof *steps);

	if (!steps)
		return false;
	lac_rotary_steps(steps, s->model->shape.rotary_dim, s->model->shape.rotary_base, s->model->shape.rotary_scaling,
		s->model->weights.rotary_factors);
	for (uint64_t position = 0; position < s->n_positions; position++)
		for (uint32_t i = 0; i < half; i++)
			lac_rotary_angle(position * steps[i], &s->cosines[position * half + i], &s->sines[position * half + i]);
	lac_free(steps);
	return true;
}

/* Rows whose distance is a power of two fall into the same few sets of a cache, and drive each
 * other out. */
static size_t stride_of(size_t n)
{
	const size_t stride = LAC_ROUND_UP(n, LAC_LANES);

	return stride % 128 == 0 ? stride + LAC_LANES : stride;
}

static void set_sizes(struct lac_session *s, const struct lac_model *model, uint32_t n_positions, uint32_t n_slots, uint32_t max_rows)
{
	const struct lac_shape *shape = &model->shape;

	s->model = model;
	s->cache_layout = lac_cache_layout(model, n_positions);
	s->n_positions = n_positions;
	s->n_slots = n_slots;
	s->max_rows = max_rows ? max_rows : LAC_BATCH_ROWS_DEFAULT;
	s->stride_dim = stride_of(shape->dim);
	s->stride_qkv = stride_of((size_t)model->weights.layers[0].qkv.n_tiles * LAC_LANES);
	s->stride_q = stride_of((size_t)shape->n_heads * shape->head_dim);
	/* heads are mixed in whole tiles */
	s->stride_mixed = LAC_ROUND_UP((size_t)shape->head_dim, LAC_LANES);
	s->stride_gate_up = stride_of((size_t)model->weights.layers[0].gate_up.n_tiles * LAC_LANES);
	s->stride_logits = stride_of(LAC_ROUND_UP((size_t)shape->n_vocabulary, 64));
	s->sharing = shape->n_heads / shape->n_kv_heads;
	s->n_attend = s->sharing < ATTEND_ROWS ? ATTEND_ROWS / s->sharing : 1;
	s->n_padded = LAC_ROUND_UP((size_t)n_positions, LAC_GROUP);
	s->stride_scores = stride_of(s->n_padded);
	s->weights.stride_weights = s->n_padded + LAC_GROUP; /* likewise */
	s->weights.stride_scales = s->n_padded / LAC_GROUP;
	s->max_logits_rows = (uint32_t)(LOGITS_BYTES / sizeof(float) / s->stride_logits);
	if (s->max_logits_rows < LOGITS_ROWS)
		s->max_logits_rows = LOGITS_ROWS;
	if (s->max_logits_rows > s->max_rows)
		s->max_logits_rows = s->max_rows;
}

size_t lac_session_slot_bytes(const struct lac_model *model, uint32_t n_positions)
{
	return lac_cache_layout(model, n_positions).bytes;
}

size_t lac_session_bytes(const struct lac_model *model, uint32_t n_positions, uint32_t n_slots, uint32_t max_rows)
{
	struct lac_session s = { 0 };

	set_sizes(&s, model, n_positions, n_slots, max_rows);
	return buffers_bytes(&s);
}

enum lac_status lac_session_create(struct lac_session **out, const struct lac_model *model, uint32_t n_positions, uint32_t n_slots,
	uint32_t max_rows, struct lac_error *error)
{
	struct lac_session *s = lac_calloc(1, sizeof *s);

	if (!s)
		return lac_fail_memory(error, sizeof *s, "a session");
	set_sizes(s, model, n_positions, n_slots, max_rows);
	s->query_factor = 1.0f / lac_square_root((float)model->shape.head_dim);
	*out = s;
	if (create_buffers(s) && fill_angles(s))
		return LAC_OK;
	lac_session_free(out);
	return lac_fail_memory(error, lac_session_bytes(model, n_positions, n_slots, max_rows), "evaluating the model");
}

void lac_session_free(struct lac_session **session)
{
	struct lac_session *s = *session;

	if (!s)
		return;
	lac_free(s->slots);
	lac_free(s->rows);
	for (unsigned i = 0; i < 2; i++) {
		struct lac_rows *rows = i ? &s->queries : &s->quantized;

		lac_aligned_free(rows->values);
		lac_aligned_free(rows->scales);
	}
	void *const buffers[] = { s->x, s->normed, s->projected, s->qkv, s->attended, s->gate_up, s->logits, s->scores, s->mixed,
		s->weights.weights, s->weights.scales, s->weights.factors, s->cosines, s->sines, s->caches };
	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
		lac_aligned_free(buffers[i]);
	lac_free(s);
	*session = NULL;
}

/* y = w x for n rows: quantise, multiply. */
static void product(struct lac_session *s, float *y, size_t stride_y, const float *x, size_t stride_x, size_t n_rows,
	const struct lac_packed *w)
{
	const struct lac_kernels *k = s->model->kernels;
	struct lac_rows rows = s->quantized;

	/* close together: rows at the distance of the longest would leave most of the nearest
	 * cache's sets unused */
	rows.stride_values = (size_t)w->n_quads * LAC_QUAD;
	for (size_t row = 0; row < n_rows; row++)
		k->quantize_activations(rows.values + row * rows.stride_values, rows.scales + row * rows.stride_scales, x + row * stride_x, w->n_in);
	k->matmul(y, stride_y, &rows, n_rows, w, 0, w->n_tiles);
}

/* Section 4.4: to every row of a product; a model without biases has NULL here. */
static void add_bias(struct lac_session *s, float *y, size_t stride_y, size_t n_rows, const float *bias, const struct lac_packed *w)
{
	for (size_t row = 0; bias && row < n_rows; row++)
		s->model->kernels->add(y + row * stride_y, bias, (size_t)w->n_tiles * LAC_LANES);
}

/* Section 4.5; heads lie side by side, so that one is padded elsewhere. */
static void normalize_head(const struct lac_session *s, float *head, const float *weight)
{
	const size_t n = s->model->shape.head_dim;
	float padded[LAC_HEAD_DIM_MAX + LAC_LANES];

	memcpy(padded, head, n * sizeof *head);
	memset(padded + n, 0, LAC_LANES * sizeof *padded);
	s->model->kernels->norm(padded, padded, weight, n, s->model->shape.norm_epsilon);
	memcpy(head, padded, n * sizeof *head);
}

static uint8_t *cache_of(const struct lac_session *s, uint32_t slot)
{
	return s->caches + slot * s->cache_layout.bytes;
}

/* Rotates and stores keys and values, before any row of the batch attends: every row finds its own
 * position too. */
static void store_keys_and_values(struct lac_session *s, size_t n_rows, uint32_t layer)
{
	const struct lac_model *m = s->model;
	const float *norm = m->weights.layers[layer].key_norm;
	const uint32_t half = m->shape.rotary_dim / 2;

	for (size_t row = 0; row < n_rows; row++) {
		const struct lac_row *r = &s->rows[row];
		float *key = s->qkv + row * s->stride_qkv + m->weights.first_key;
		const float *value = s->qkv + row * s->stride_qkv + m->weights.first_value;

		for (uint32_t head = 0; head < m->shape.n_kv_heads; head++) {
			if (norm)
				normalize_head(s, key, norm);
			m->kernels->rotate(key, s->cosines + (size_t)r->position * half, s->sines + (size_t)r->position * half, half);
			lac_cache_store(cache_of(s, r->slot), &s->cache_layout, m->kernels, layer, head, r->position, key, value);
			key += m->shape.head_dim;
			value += m->shape.head_dim;
		}
	}
}

/* Nothing after the last layer's keys and values is wanted of a row whose logits are not. Returns
 * how many rows are left. */
static size_t keep_rows_that_predict(struct lac_session *s, size_t n_rows)
{
	size_t n = 0;

	for (size_t row = 0; row < n_rows; row++) {
		if (!s->rows[row].wants_logits)
			continue;
		if (n < row) {
			s->rows[n] = s->rows[row];
			memcpy(s->x + n * s->stride_dim, s->x + row * s->stride_dim, s->stride_dim * sizeof *s->x);
			memcpy(s->qkv + n * s->stride_qkv, s->qkv + row * s->stride_qkv, s->stride_qkv * sizeof *s->qkv);
		}
		n++;
	}
	return n;
}

/* Where the queries of a row lie that go to a key head: as many as share it. */
static struct lac_rows queries_at(const struct lac_session *s, uint32_t kv_head, size_t row)
{
	const size_t at = (kv_head * (size_t)s->max_rows + row) * s->sharing;

	return (struct lac_rows){ s->queries.values + at * s->queries.stride_values, s->queries.scales + at * s->queries.stride_scales,
		s->queries.stride_values, s->queries.stride_scales };
}

/* Rotates and quantises queries; the factor 1 / sqrt(head_dim) goes into their scales. */
static void quantize_queries(struct lac_session *s, size_t n_rows, const float *norm)
{
	const struct lac_shape *shape = &s->model->shape;
	const struct lac_kernels *k = s->model->kernels;
	const uint32_t half = shape->rotary_dim / 2;

	for (size_t row = 0; row < n_rows; row++) {
		const size_t first_angle = (size_t)s->rows[row].position * half;
		float *q = s->qkv + row * s->stride_qkv;

		for (uint32_t head = 0; head < shape->n_heads; head++, q += shape->head_dim) {
			const struct lac_rows to = queries_at(s, head / s->sharing, row);
			float *scales = to.scales + head % s->sharing * to.stride_scales;

			if (norm)
				normalize_head(s, q, norm);
			k->rotate(q, s->cosines + first_angle, s->sines + first_angle, half);
			k->quantize_activations(to.values + head % s->sharing * to.stride_values, scales, q, shape->head_dim);
			for (size_t group = 0; group < to.stride_scales; group++)
				scales[group] = scales[group] * s->query_factor;
		}
	}
}

/* The first position that a row attends to (section 6.2). */
static uint32_t first_seen(const struct lac_session *s, const struct lac_row *row)
{
	const uint32_t sliding = s->model->shape.sliding_window;

	return sliding && row->position >= sliding ? row->position - sliding + 1 : 0;
}

/* The heads that share keys and values, over rows of one slot, at most n_attend of them. Groups of
 * positions that no row sees are left out: `begin` counts from the first that one does. */
static void attend_heads(struct lac_session *s, size_t first, size_t n_rows, uint32_t kv_head, const struct lac_packed *keys,
	const struct lac_value_cache *values)
{
	const struct lac_kernels *k = s->model->kernels;
	const uint32_t begin = first_seen(s, &s->rows[first]) / LAC_GROUP * LAC_GROUP;
	const uint32_t n_seen = s->rows[first + n_rows - 1].position + 1, head_dim = s->model->shape.head_dim;
	const size_t n_padded = LAC_ROUND_UP((size_t)n_seen - begin, LAC_GROUP);
	const struct lac_rows queries = queries_at(s, kv_head, first);
	struct lac_value_cache seen = *values;
	struct lac_weight_rows *w = &s->weights;

	seen.values += (size_t)begin * LAC_LANES;
	seen.scales += begin;
	w->n_groups = (uint32_t)(n_padded / LAC_GROUP);
	k->matmul(s->scores, s->stride_scores, &queries, n_rows * s->sharing, keys, begin / LAC_LANES, (n_seen - 1) / LAC_LANES + 1);
	for (size_t at = 0; at < n_rows * s->sharing; at++) {
		const struct lac_row *row = &s->rows[first + at / s->sharing];

		w->factors[at] = k->softmax(w->weights + at * w->stride_weights, w->scales + at * w->stride_scales,
			s->scores + at * s->stride_scores + begin, first_seen(s, row) - begin, row->position + 1 - begin, n_padded, seen.scales);
	}
	k->mix(s->mixed, s->stride_mixed, w, n_rows * s->sharing, &seen);
	for (size_t at = 0; at < n_rows * s->sharing; at++)
		memcpy(s->attended + (first + at / s->sharing) * s->stride_q +
			(kv_head * (size_t)s->sharing + at % s->sharing) * head_dim,
			s->mixed + at * s->stride_mixed, head_dim * sizeof *s->mixed);
}

static void prefetch(const void *bytes, size_t n)
{
	for (size_t at = 0; at < n; at += 64)
		__builtin_prefetch((const char *)bytes + at, 0, 2);
}

/* Asks for what the next heads will read: in a step of decoding every stream has one row, which is
 * done before its cache has arrived. The CPU's own prefetching stops at the end of every page,
 * which is too soon. */
static void prefetch_heads(const struct lac_packed *keys, const struct lac_value_cache *values, uint32_t n_seen)
{
	const size_t n = LAC_ROUND_UP((size_t)n_seen, LAC_LANES);

	prefetch(keys->tiles, n / LAC_LANES * keys->tile_bytes);
	prefetch(values->scales, n * sizeof(float));
	for (size_t tile = 0; tile < values->n_tiles; tile++)
		prefetch(values->values + tile * values->stride_tile, n * LAC_LANES);
}

static void attend(struct lac_session *s, size_t n_rows, uint32_t layer)
{
	for (size_t first = 0, end; first < n_rows; first = end) {
		const uint32_t slot = s->rows[first].slot;

		for (end = first + 1; end < n_rows && end - first < s->n_attend && s->rows[end].slot == slot; end++)
			/* a slot's rows within a batch are in the order of their positions:
			 * split_batch() sees to it */
			;
		for (uint32_t kv_head = 0; kv_head < s->model->shape.n_kv_heads; kv_head++) {
			struct lac_packed keys;
			struct lac_value_cache values;

			if (end - first == 1) {
				const bool wraps = kv_head + 1 == s->model->shape.n_kv_heads;

				if (!wraps || end < n_rows) {
					lac_cache_view(cache_of(s, s->rows[wraps ? end : first].slot), &s->cache_layout, layer, wraps ? 0 : kv_head + 1, &keys,
						&values);
					prefetch_heads(&keys, &values, s->rows[wraps ? end : first].position + 1);
				}
			}
			lac_cache_view(cache_of(s, slot), &s->cache_layout, layer, kv_head, &keys, &values);
			attend_heads(s, first, end - first, kv_head, &keys, &values);
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

/* Returns how many rows go on: all of them, but for the last layer. */
static size_t evaluate_layer(struct lac_session *s, size_t n_rows, uint32_t index)
{
	const struct lac_layer *layer = &s->model->weights.layers[index];
	const size_t first_up = LAC_ROUND_UP((size_t)s->model->shape.ffn_dim, LAC_LANES);

	normalize(s, n_rows, layer->attention_norm);
	product(s, s->qkv, s->stride_qkv, s->normed, s->stride_dim, n_rows, &layer->qkv);
	add_bias(s, s->qkv, s->stride_qkv, n_rows, layer->qkv_bias, &layer->qkv);
	store_keys_and_values(s, n_rows, index);
	if (index + 1 == s->model->shape.n_layers)
		n_rows = keep_rows_that_predict(s, n_rows);
	quantize_queries(s, n_rows, layer->query_norm);
	attend(s, n_rows, index);
	product(s, s->projected, s->stride_dim, s->attended, s->stride_q, n_rows, &layer->attention_out);
	add_bias(s, s->projected, s->stride_dim, n_rows, layer->attention_out_bias, &layer->attention_out);
	add_projected(s, n_rows);

	normalize(s, n_rows, layer->ffn_norm);
	product(s, s->gate_up, s->stride_gate_up, s->normed, s->stride_dim, n_rows, &layer->gate_up);
	add_bias(s, s->gate_up, s->stride_gate_up, n_rows, layer->gate_up_bias, &layer->gate_up);
	for (size_t row = 0; row < n_rows; row++) {
		float *gate = s->gate_up + row * s->stride_gate_up;

		s->model->kernels->gate(gate, gate + first_up, first_up);
	}
	product(s, s->projected, s->stride_dim, s->gate_up, s->stride_gate_up, n_rows, &layer->down);
	add_bias(s, s->projected, s->stride_dim, n_rows, layer->down_bias, &layer->down);
	add_projected(s, n_rows);
	return n_rows;
}

static void give_states(struct lac_session *s, size_t n_rows, lac_logits_function *on_state, void *context)
{
	normalize(s, n_rows, s->model->weights.output_norm);
	for (size_t row = 0; row < n_rows; row++)
		on_state(context, &s->rows[row], s->normed + row * s->stride_dim);
}

/* A few rows at a time where the vocabulary is large. */
static void give_logits(struct lac_session *s, size_t n_rows, lac_logits_function *on_logits, void *context)
{
	const struct lac_packed *output = lac_weights_output(&s->model->weights);

	normalize(s, n_rows, s->model->weights.output_norm);
	for (size_t row = 0, n; row < n_rows; row += n) {
		n = n_rows - row < s->max_logits_rows ? n_rows - row : s->max_logits_rows;
		product(s, s->logits, s->stride_logits, s->normed + row * s->stride_dim, s->stride_dim, n, output);
		for (size_t i = 0; i < n; i++)
			on_logits(context, &s->rows[row + i], s->logits + i * s->stride_logits);
	}
}

void lac_session_copy_slot(struct lac_session *s, uint32_t from, uint32_t to, uint32_t n)
{
	for (uint32_t layer = 0; layer < s->model->shape.n_layers; layer++)
		for (uint32_t head = 0; head < s->model->shape.n_kv_heads; head++)
			lac_cache_copy(cache_of(s, to), cache_of(s, from), &s->cache_layout, layer, head, n);
}

void lac_session_turn_to(struct lac_session *s, const struct lac_model *model)
{
	s->model = model;
}

/* How many of the rows can be evaluated together: at most max_rows, and of each slot only one run
 * of consecutive positions, because all keys and values of a batch are stored before any of its
 * rows attends. */
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

typedef void give_function(struct lac_session *s, size_t n_rows, lac_logits_function *on_result, void *context);

static void evaluate(struct lac_session *s, const struct lac_row *rows, size_t n_rows, give_function *give, lac_logits_function *on_result,
	void *context)
{
	while (n_rows) {
		size_t n = split_batch(s, rows, n_rows), n_predicting;

		memcpy(s->rows, rows, n * sizeof *rows);
		for (size_t row = 0; row < n; row++)
			lac_packed_get_row(&s->model->weights.embedding, rows[row].token, s->x + row * s->stride_dim);
		n_predicting = n;
		for (uint32_t layer = 0; layer < s->model->shape.n_layers; layer++)
			n_predicting = evaluate_layer(s, n_predicting, layer);
		give(s, n_predicting, on_result, context);
		rows += n;
		n_rows -= n;
	}
}

void lac_session_evaluate(struct lac_session *s, const struct lac_row *rows, size_t n_rows, lac_logits_function *on_logits,
	void *context)
{
	evaluate(s, rows, n_rows, give_logits, on_logits, context);
}

void lac_session_states(struct lac_session *s, const struct lac_row *rows, size_t n_rows, lac_logits_function *on_state, void *context)
{
	evaluate(s, rows, n_rows, give_states, on_state, context);
}
