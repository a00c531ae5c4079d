/* golden_identity.h: the file of tests/golden/arithmetic on what identifies models (section 10 of arithmetic.md). The textbook reads
 * the file's tensors and arrays, and follows the words. */
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

static void book_identify(uint8_t identity[16], const struct golden_model *m)
{
	static const char *const parts[] = { "attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up",
		"ffn_down" };
	const struct lac_shape *s = &m->model->shape;
	const bool is_tied = !lac_gguf_tensor(m->gguf, "output.weight");
	const uint32_t numbers[] = { 0, s->dim, s->ffn_dim, s->n_layers, s->n_heads, s->n_kv_heads, s->head_dim, s->rotary_dim,
		s->n_vocabulary, is_tied };
	const float reals[] = { s->norm_epsilon, s->rotary_base };
	struct lac_hash128 *hash = lac_hash128_create();
	char name[64];

	for (unsigned i = 0; i < 10; i++)
		lac_hash128_u32(hash, numbers[i]);
	book_identify_floats(hash, reals, 2);
	book_identify_tensor(hash, m, "token_embd.weight", false);
	for (uint32_t layer = 0; layer < s->n_layers; layer++)
		for (unsigned i = 0; i < 9; i++) {
			snprintf(name, sizeof name, "blk.%u.%s.weight", (unsigned)layer, parts[i]);
			book_identify_tensor(hash, m, name, i == 1 || i == 2);
		}
	book_identify_tensor(hash, m, "output_norm.weight", false);
	if (!is_tied)
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

static void golden_identity_kinds(struct golden_maker *maker)
{
	golden_identity_of(maker, "llama-bpe");
	golden_identity_of(maker, "qwen2");
	golden_identity_of(maker, "smollm");
	golden_identity_of(maker, "pieces");
	golden_identity_of(maker, "pieces-raw");
}

#endif
