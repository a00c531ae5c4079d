/* golden_identity.h: the file of tests/golden/arithmetic on what identifies models (section 10 of
 * arithmetic.md). The textbook reads the file's tensors and arrays, and follows the words. */
#ifndef LAC_GOLDEN_IDENTITY_H
#define LAC_GOLDEN_IDENTITY_H

#include "golden_maker.h"
#include "golden_model.h"
#include "textbook_engine.h"
#include "textbook_identity.h"

#include "base/hash.h"

static void book_identify_floats(struct lac_hash128 *hash, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t bits;

		memcpy(&bits, &x[i], 4);
		lac_hash128_u32(hash, bits);
	}
}

static void book_identify_tensor(struct lac_hash128 *hash, const struct golden_model *m, const char *name, bool is_rotated)
{
	const struct lac_tensor *tensor = lac_gguf_tensor(m->gguf, name);
	const size_t n = tensor->dims[0];
	float x[BOOK_MAX], scales[BOOK_MAX / 64];
	int8_t q[BOOK_MAX];

	for (size_t row = 0; row < tensor->dims[1]; row++) {
		book_row(x, tensor, &m->model->shape, row, is_rotated);
		if (strstr(name, "norm")) {
			book_identify_floats(hash, x, n);
			continue;
		}
		book_quantize(q, scales, x, n);
		lac_hash128_update(hash, q, n);
		book_identify_floats(hash, scales, (n + 63) / 64);
	}
}

static void book_identify_tokenizer(struct lac_hash128 *hash, const struct golden_model *m)
{
	struct vocabulary *v = calloc(1, sizeof *v); /* it is large */

	v->name = "a golden model";
	if (open_vocabulary(v, m->file.at, m->file.length, NULL))
		abort();
	identify_vocabulary(hash, v, lac_tokenizer_bos(m->model->tokenizer), lac_tokenizer_eos(m->model->tokenizer));
	close_vocabulary(v);
	free(v);
}

/* Of architectures beside llama, and of llama with what is listed in section 10. */
static bool book_is_extended(const struct golden_model *m)
{
	const struct lac_shape *s = &m->model->shape;
	bool found = s->architecture != LAC_LLAMA || s->rotary_scaling != 1.0f || s->sliding_window || lac_gguf_tensor(m->gguf, "rope_freqs.weight");
	const struct lac_tensor *tensor;

	for (size_t i = 0; (tensor = lac_gguf_tensor_at(m->gguf, i)); i++)
		found |= tensor->name.length > 5 && memcmp(tensor->name.bytes + tensor->name.length - 5, ".bias", 5) == 0;
	return found;
}

static void book_identify_shape(struct lac_hash128 *hash, const struct golden_model *m)
{
	const struct lac_shape *s = &m->model->shape;
	const struct lac_tensor *factors = lac_gguf_tensor(m->gguf, "rope_freqs.weight");
	const uint32_t numbers[] = { book_is_extended(m) ? 1 + (uint32_t)s->architecture : 0, s->dim, s->ffn_dim, s->n_layers, s->n_heads,
		s->n_kv_heads, s->head_dim, s->rotary_dim, s->n_vocabulary, !lac_gguf_tensor(m->gguf, "output.weight") };
	const float reals[] = { s->norm_epsilon, s->rotary_base };

	for (unsigned i = 0; i < 10; i++)
		lac_hash128_u32(hash, numbers[i]);
	book_identify_floats(hash, reals, 2);
	if (!book_is_extended(m))
		return;
	book_identify_floats(hash, &s->rotary_scaling, 1);
	lac_hash128_u32(hash, s->sliding_window);
	lac_hash128_u32(hash, factors ? (uint32_t)factors->dims[0] : 0);
	for (size_t i = 0; factors && i < factors->dims[0]; i++) {
		const float factor = book_element(factors, 0, i);

		book_identify_floats(hash, &factor, 1);
	}
}

static void book_identify_extras(struct lac_hash128 *hash, const struct golden_model *m, uint32_t layer)
{
	struct book_extras *extras = calloc(1, sizeof *extras);
	const uint32_t lengths[] = { m->model->shape.n_heads * m->model->shape.head_dim, m->model->shape.n_kv_heads * m->model->shape.head_dim,
		m->model->shape.n_kv_heads * m->model->shape.head_dim, m->model->shape.dim, m->model->shape.ffn_dim, m->model->shape.ffn_dim,
		m->model->shape.dim };
	uint32_t there = 0;

	book_extras_read(extras, m->gguf, &m->model->shape, layer);
	if (extras->has_norms) {
		book_identify_floats(hash, extras->query_norm, m->model->shape.head_dim);
		book_identify_floats(hash, extras->key_norm, m->model->shape.head_dim);
	}
	for (unsigned i = 0; i < 7; i++)
		there += extras->has_bias[i] ? 1u << i : 0;
	lac_hash128_u32(hash, there);
	for (unsigned i = 0; i < 7; i++)
		if (extras->has_bias[i])
			book_identify_floats(hash, extras->bias[i], lengths[i]);
	free(extras);
}

static void book_identify(uint8_t identity[16], const struct golden_model *m)
{
	static const char *const parts[] = { "attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up",
		"ffn_down" };
	struct lac_hash128 *hash = lac_hash128_create();
	char name[64];

	book_identify_shape(hash, m);
	book_identify_tensor(hash, m, "token_embd.weight", false);
	for (uint32_t layer = 0; layer < m->model->shape.n_layers; layer++) {
		for (unsigned i = 0; i < 9; i++) {
			snprintf(name, sizeof name, "blk.%u.%s.weight", (unsigned)layer, parts[i]);
			book_identify_tensor(hash, m, name, i == 1 || i == 2);
		}
		if (book_is_extended(m))
			book_identify_extras(hash, m, layer);
	}
	book_identify_tensor(hash, m, "output_norm.weight", false);
	if (lac_gguf_tensor(m->gguf, "output.weight"))
		book_identify_tensor(hash, m, "output.weight", false);
	book_identify_tokenizer(hash, m);
	lac_hash128_finish(&hash, identity);
}

static void golden_identity_of(struct golden_maker *maker, const char *name)
{
	struct golden_model m = golden_model_open(name, maker->is_textbook ? NULL : maker->kernels->name);
	uint8_t identity[16];

	if (maker->is_textbook)
		book_identify(identity, &m);
	else
		memcpy(identity, lac_model_info(m.model)->identity, 16);
	golden_case(maker, "%s", name);
	golden_hex(maker, "identity", identity, 16);
	golden_model_close(&m);
}

static void golden_identity(struct golden_maker *maker)
{
	golden_identity_of(maker, "grouped");
	golden_identity_of(maker, "escapes");
}

static void golden_identity_wide(struct golden_maker *maker)
{
	golden_identity_of(maker, "wide-heads");
}

static void golden_identity_architectures(struct golden_maker *maker)
{
	golden_identity_of(maker, "biased");
	golden_identity_of(maker, "normed");
	golden_identity_of(maker, "sliding");
}

static void golden_identity_odd(struct golden_maker *maker)
{
	golden_identity_of(maker, "odd");
}

static void golden_identity_kinds(struct golden_maker *maker)
{
	golden_identity_of(maker, "llama-bpe");
	golden_identity_of(maker, "qwen2");
	golden_identity_of(maker, "smollm");
	golden_identity_of(maker, "pieces");
	golden_identity_of(maker, "pieces-raw");
}

#endif
