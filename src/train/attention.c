#include "base/strict_float.h"
#include "train/attention.h"
#include "train/blas.h"
#include "train/vector.h"

#include <math.h>
#include <string.h>

/* A head's queries from first to end - 1 of one document, and the keys they see: from start on. */
struct block {
	uint32_t start, first, end;
	uint32_t head;
	size_t query, key, value; /* columns of qkv */
};

typedef void block_function(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_saved *saved,
	const struct block *block, const float *d_attended, float *d_qkv);

static void for_each_block(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage,
	const struct lac_saved *saved, const float *d_attended, float *d_qkv, block_function *function)
{
	const struct lac_shape *shape = &network->shape;
	const uint32_t per_key = shape->n_heads / shape->n_kv_heads;

	for (uint32_t first = 0, end; first < passage->n; first = end) {
		const uint32_t start = passage->starts[first];

		end = first;
		while (end < passage->n && passage->starts[end] == start && end - first < LAC_ATTENTION_ROWS)
			end++;
		for (uint32_t head = 0; head < shape->n_heads; head++) {
			const struct block block = { start, first, end, head, (size_t)head * shape->head_dim,
				(size_t)(shape->n_heads + head / per_key) * shape->head_dim,
				(size_t)(shape->n_heads + shape->n_kv_heads + head / per_key) * shape->head_dim };

			function(network, workspace, saved, &block, d_attended, d_qkv);
		}
	}
}

/* workspace->scores of the block: [end - first][end - start]. Keys after a query have a score too,
 * which nobody reads. */
static void score(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_saved *saved, const struct block *b)
{
	const size_t stride = lac_qkv_dim(&network->shape), head_dim = network->shape.head_dim, n_keys = b->end - b->start;

	lac_multiply_nt(b->end - b->first, n_keys, head_dim, 1.0f / sqrtf((float)head_dim), saved->qkv + b->first * stride + b->query, stride,
		saved->qkv + b->start * stride + b->key, stride, 0.0f, workspace->scores, n_keys);
}

static void forward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_saved *saved,
	const struct block *b, const float *d_attended, float *d_qkv)
{
	const size_t stride = lac_qkv_dim(&network->shape), q_dim = lac_q_dim(&network->shape), head_dim = network->shape.head_dim;
	const size_t n_keys = b->end - b->start;

	(void)d_attended;
	(void)d_qkv;
	score(network, workspace, saved, b);
	for (uint32_t i = b->first; i < b->end; i++) {
		float *row = workspace->scores + (i - b->first) * n_keys;
		const size_t n_seen = i - b->start + 1;
		const float most = lac_vector_max(row, n_seen), sum = lac_vector_exp_sum(row, most, n_seen);

		lac_vector_scale(row, 1.0f / sum, n_seen);
		memset(row + n_seen, 0, (n_keys - n_seen) * sizeof *row);
		saved->log_sums[(size_t)b->head * network->n_positions + i] = most + logf(sum);
	}
	lac_multiply_nn(b->end - b->first, head_dim, n_keys, 1.0f, workspace->scores, n_keys, saved->qkv + b->start * stride + b->value, stride,
		0.0f, saved->attended + b->first * q_dim + b->query, q_dim);
}

static void backward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_saved *saved,
	const struct block *b, const float *d_attended, float *d_qkv)
{
	const size_t stride = lac_qkv_dim(&network->shape), q_dim = lac_q_dim(&network->shape), head_dim = network->shape.head_dim;
	const size_t n_queries = b->end - b->first, n_keys = b->end - b->start;
	const float scale = 1.0f / sqrtf((float)head_dim);
	const float *d_out = d_attended + b->first * q_dim + b->query, *out = saved->attended + b->first * q_dim + b->query;

	score(network, workspace, saved, b);
	lac_multiply_nt(n_queries, n_keys, head_dim, 1.0f, d_out, q_dim, saved->qkv + b->start * stride + b->value, stride, 0.0f,
		workspace->d_scores, n_keys);
	for (uint32_t i = b->first; i < b->end; i++) {
		float *row = workspace->scores + (i - b->first) * n_keys, *d_row = workspace->d_scores + (i - b->first) * n_keys;
		const size_t n_seen = i - b->start + 1, at = (i - b->first) * q_dim;

		(void)lac_vector_exp_sum(row, saved->log_sums[(size_t)b->head * network->n_positions + i], n_seen);
		/* the mean of d_weights under the weights is the product of what came out and its
		 * gradient */
		lac_softmax_backward(d_row, row, d_row, lac_vector_dot(d_out + at, out + at, head_dim), scale, n_seen);
		memset(row + n_seen, 0, (n_keys - n_seen) * sizeof *row);
		memset(d_row + n_seen, 0, (n_keys - n_seen) * sizeof *d_row);
	}
	lac_multiply_nn(n_queries, head_dim, n_keys, 1.0f, workspace->d_scores, n_keys, saved->qkv + b->start * stride + b->key, stride, 0.0f,
		d_qkv + b->first * stride + b->query, stride);
	lac_multiply_tn(n_keys, head_dim, n_queries, 1.0f, workspace->d_scores, n_keys, saved->qkv + b->first * stride + b->query, stride, 1.0f,
		d_qkv + b->start * stride + b->key, stride);
	lac_multiply_tn(n_keys, head_dim, n_queries, 1.0f, workspace->scores, n_keys, d_out, q_dim, 1.0f,
		d_qkv + b->start * stride + b->value, stride);
}

void lac_attention_rotate(const struct lac_network *network, const struct lac_passage *passage, float *qkv, float direction)
{
	const struct lac_shape *shape = &network->shape;
	const size_t n_pairs = shape->rotary_dim / 2, n_turned = shape->n_heads + shape->n_kv_heads;

	for (size_t i = 0; i < passage->n; i++) {
		const size_t angle = (i - passage->starts[i]) * n_pairs;

		for (size_t head = 0; head < n_turned; head++)
			lac_rotate_pairs(qkv + i * lac_qkv_dim(shape) + head * shape->head_dim, network->cosines + angle, network->sines + angle,
				direction, n_pairs);
	}
}

void lac_attention_forward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage,
	struct lac_saved *saved)
{
	for_each_block(network, workspace, passage, saved, NULL, NULL, forward);
}

void lac_attention_backward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage,
	const struct lac_saved *saved, const float *d_attended, float *d_qkv)
{
	/* keys and values gather from several blocks and heads */
	memset(d_qkv, 0, (size_t)passage->n * lac_qkv_dim(&network->shape) * sizeof *d_qkv);
	for_each_block(network, workspace, passage, saved, d_attended, d_qkv, backward);
}
