#include "base/strict_float.h"
#include "model/packed_file.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "base/source.h"
#include "model/maps.h"

#include <string.h>

#define PIECE_BYTES ((size_t)1 << 20) /* that are written at once, or a row more */

static const uint8_t magic[8] = { 'L', 'A', 'C', 'P', 'A', 'C', 'K', 1 };

/* ---- Writing --------------------------------------------------------------------- */

struct writer {
	struct lac_sink sink;
	bool only_counts;
	uint64_t n_bytes;
	struct lac_buffer buffer; /* owned: of what is to be written */
	int8_t *values;           /* owned: a row, and its scales */
	float *scales;
	bool failed;              /* to write */
};

static void flush(struct writer *w)
{
	w->failed = w->failed || w->buffer.failed || !w->sink.write ||
		!w->sink.write(w->sink.payload, w->buffer.bytes, w->buffer.length);
	lac_buffer_clear(&w->buffer);
}

static void put_floats(struct writer *w, const float *x, size_t n)
{
	w->n_bytes += n * sizeof *x;
	for (size_t i = 0; !w->only_counts && i < n; i++) {
		uint32_t bits;

		memcpy(&bits, x + i, sizeof bits);
		lac_buffer_u32(&w->buffer, bits);
	}
}

static void put_rows(struct writer *w, const struct lac_packed *packed, uint32_t first_row, uint32_t n_rows)
{
	if (w->only_counts) {
		w->n_bytes += n_rows * ((uint64_t)packed->n_in + packed->n_groups * sizeof(float));
		return;
	}
	for (uint32_t row = 0; row < n_rows && !w->failed; row++) {
		lac_packed_quantized_row(packed, first_row + row, w->values, w->scales);
		lac_buffer_append(&w->buffer, w->values, packed->n_in);
		put_floats(w, w->scales, packed->n_groups);
		if (w->buffer.length >= PIECE_BYTES)
			flush(w);
	}
}

static void put_layer(struct writer *w, const struct lac_model *model, uint32_t index)
{
	struct lac_layer layer = model->weights.layers[index];
	const struct lac_shape *shape = &model->shape;
	struct lac_map maps[LAC_N_MAPS];

	lac_layer_maps(maps, &layer, &model->weights, shape);
	for (unsigned i = 0; i < LAC_N_MAPS; i++) {
		if (i == LAC_MAP_Q || i == LAC_MAP_GATE)
			put_floats(w, i == LAC_MAP_Q ? layer.attention_norm : layer.ffn_norm, shape->dim);
		put_rows(w, maps[i].packed, maps[i].first_row, maps[i].n_out);
	}
	if (layer.query_norm)
		put_floats(w, layer.query_norm, shape->head_dim);
	if (layer.key_norm)
		put_floats(w, layer.key_norm, shape->head_dim);
	for (unsigned i = 0; i < LAC_N_MAPS; i++)
		if (layer.biases >> i & 1)
			put_floats(w, *maps[i].bias + maps[i].first_row, maps[i].n_out);
}

/* As section 10 has them. */
static void put_numbers(struct writer *w, const struct lac_model *model)
{
	const struct lac_weights *weights = &model->weights;

	if (weights->rotary_factors)
		put_floats(w, weights->rotary_factors, model->shape.rotary_dim / 2);
	put_rows(w, &weights->embedding, 0, weights->embedding.n_out);
	for (uint32_t i = 0; i < model->shape.n_layers; i++)
		put_layer(w, model, i);
	put_floats(w, weights->output_norm, model->shape.dim);
	if (weights->output.tiles)
		put_rows(w, &weights->output, 0, weights->output.n_out);
}

uint64_t lac_packed_file_bytes(const struct lac_model *model)
{
	struct writer counter = { .only_counts = true, .n_bytes = LAC_PACKED_HEADER_BYTES };

	put_numbers(&counter, model);
	return counter.n_bytes;
}

static size_t longest_row(const struct lac_shape *shape)
{
	const size_t n_heads = (size_t)shape->n_heads * shape->head_dim, wide = shape->dim > shape->ffn_dim ? shape->dim : shape->ffn_dim;

	return LAC_ROUND_UP(wide > n_heads ? wide : n_heads, LAC_GROUP);
}

enum lac_status lac_packed_file_write(const struct lac_model *model, struct lac_sink sink, struct lac_error *error)
{
	const size_t longest = longest_row(&model->shape);
	struct writer w = { .sink = sink, .values = lac_malloc(longest, 1), .scales = lac_malloc(longest / LAC_GROUP, sizeof(float)) };
	enum lac_status s = LAC_OK;

	if (!w.values || !w.scales || !lac_buffer_reserve(&w.buffer, PIECE_BYTES + 2 * longest)) {
		s = lac_fail_memory(error, PIECE_BYTES, "a packed model");
	} else {
		lac_buffer_append(&w.buffer, magic, sizeof magic);
		lac_buffer_append(&w.buffer, model->info.file_hash, 16);
		lac_buffer_append(&w.buffer, model->info.identity, 16);
		put_numbers(&w, model);
		flush(&w);
		if (w.failed)
			s = lac_fail(error, LAC_WRITE_FAILED, 0, "a packed model could not be written");
	}
	lac_free(w.values);
	lac_free(w.scales);
	lac_buffer_free(&w.buffer);
	return s;
}

/* ---- Reading --------------------------------------------------------------------- */

enum lac_status lac_packed_file_begin(struct lac_source source, const uint8_t file_hash[16], uint8_t identity[16], struct lac_error *error)
{
	uint8_t header[LAC_PACKED_HEADER_BYTES];

	if (!lac_source_fill(source, header, sizeof header))
		return lac_fail(error, LAC_TRUNCATED, 0, "the packed model ends too early");
	if (memcmp(header, magic, sizeof magic) != 0)
		return lac_fail(error, LAC_NOT_ARCHIVE, 0, "this is no packed model, or one of another version");
	if (memcmp(header + 8, file_hash, 16) != 0)
		return lac_fail(error, LAC_OTHER_MODEL, 8, "the packed model is of another file");
	memcpy(identity, header + 24, 16);
	return LAC_OK;
}

enum lac_status lac_packed_file_end(struct lac_source source, struct lac_error *error)
{
	uint8_t more;

	return lac_source_fill(source, &more, 1) ? lac_fail(error, LAC_CORRUPT, 0, "something follows the packed model") : LAC_OK;
}
