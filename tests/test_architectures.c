/* Laws of what architectures differ in: test_architectures. Biases, norms of heads, factors,
 * scaling and sliding windows are read, or refused by name, and change what they should;
 * test_engine_exact says what they compute. */
#include "base/strict_float.h"
#include "test.h"
#include "built_adapter.h"
#include "built_model.h"

#include "engine/session.h"

#define HEAD 16u /* of the built model: DIM / 2 */
#define POSITIONS 12u

/* What a model may have beside the tensors of built_model.h. */
struct extra {
	const char *name;
	uint32_t n;
	unsigned architectures; /* bits: which may have it */
};

enum { LLAMA = 1, QWEN2 = 2, QWEN3 = 4, ANY = LLAMA | QWEN2 | QWEN3 };
static const char *const architectures[] = { "llama", "qwen2", "qwen3" };
static const struct extra extras[] = {
	{ "blk.0.attn_q_norm.weight", HEAD, QWEN3 }, { "blk.0.attn_k_norm.weight", HEAD, QWEN3 }, { "rope_freqs.weight", HEAD / 2, LLAMA },
	{ "blk.0.attn_q.bias", 32, ANY }, { "blk.0.attn_k.bias", 16, ANY }, { "blk.0.attn_v.bias", 16, ANY },
	{ "blk.0.attn_output.bias", DIM, ANY }, { "blk.0.ffn_gate.bias", 64, ANY }, { "blk.0.ffn_up.bias", 64, ANY },
	{ "blk.0.ffn_down.bias", DIM, ANY },
};
enum { N_EXTRAS = sizeof extras / sizeof *extras, FIRST_BIAS = 3 };

/* ---- Building ---------------------------------------------------------------------- */

/* The keys of another architecture; the texts last as long as the program. */
static void rename_keys(struct gguf_builder *builder, const char *architecture)
{
	static char names[3][48][64];
	static unsigned of;

	of = (of + 1) % 3; /* two builders at once, at most */
	gguf_remove(builder, "general.architecture");
	gguf_add_string(builder, "general.architecture", architecture);
	for (size_t i = 0; i < builder->n_pairs; i++)
		if (strncmp(builder->pairs[i].key, "llama.", 6) == 0) {
			snprintf(names[of][i], sizeof names[of][i], "%s.%s", architecture, builder->pairs[i].key + 6);
			builder->pairs[i].key = names[of][i];
		}
}

/* Numbers from 1 to 2, so that they suit every extra. */
static void add_extra(struct gguf_builder *builder, const struct extra *extra, uint32_t n)
{
	struct gguf_tensor *tensor = gguf_add_tensor(builder, extra->name, LAC_TENSOR_F32, n, 0);
	uint64_t seed = (uint64_t)(extra - extras);

	for (uint32_t i = 0; i < n; i++)
		gguf_put_f32(&tensor->data, 1.0f + (float)(test_random(&seed) >> 40) * 0x1p-24f);
}

/* With the norms that it must have, of an architecture. */
static void make_of(struct gguf_builder *builder, unsigned architecture)
{
	make_model(builder, LAC_TENSOR_F32);
	rename_keys(builder, architectures[architecture]);
	for (unsigned i = 0; architecture == 2 && i < 2; i++)
		add_extra(builder, &extras[i], extras[i].n);
}

static struct lac_model *open_or_exit(struct gguf_builder *builder)
{
	struct lac_error error;
	enum lac_status s;
	struct lac_model *model = open_model(builder, &s, &error);

	if (!model) {
		fprintf(stderr, "a model that should be read is not: %s\n", error.text);
		exit(1);
	}
	return model;
}

struct identity {
	uint8_t bytes[16];
};

static struct identity identity_of(struct gguf_builder *builder)
{
	struct lac_model *model = open_or_exit(builder);
	struct identity identity;

	memcpy(identity.bytes, lac_model_info(model)->identity, 16);
	lac_model_close(&model);
	return identity;
}

static bool are_same(struct identity a, struct identity b)
{
	return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

/* ---- Refusals ---------------------------------------------------------------------- */

static const char *quoted(const char *name)
{
	static char text[80];

	snprintf(text, sizeof text, "tensor \"%s\"", name);
	return text;
}

static void every_architecture_is_read_and_named(void)
{
	for (unsigned a = 0; a < 3; a++) {
		struct gguf_builder builder;
		struct lac_model *model;

		make_of(&builder, a);
		model = open_or_exit(&builder);
		CHECK_NOTE(strcmp(lac_model_info(model)->architecture, architectures[a]) == 0, "%s", lac_model_info(model)->architecture);
		lac_model_close(&model);
		gguf_free(&builder);
	}
}

static void keys_of_another_architecture_are_refused_by_name(void)
{
	static const char *const keys[] = { "llama.attention.sliding_window", "llama.context_length", "qwen2.expert_count", "qwen3.vocab_size",
		"qwen2moe.block_count" };

	for (unsigned a = 1; a < 3; a++)
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
			struct gguf_builder builder;

			if (a == 2 && i == 3)
				continue; /* its own */
			make_of(&builder, a);
			gguf_add_u32(&builder, keys[i], 8);
			refuse_model(&builder, LAC_UNSUPPORTED_MODEL, keys[i], architectures[a]);
			make_of(&builder, a);
			gguf_add_u32(&builder, a == 1 ? "qwen2.attention.sliding_window" : "qwen3.attention.sliding_window", 8);
			refuse_model(&builder, LAC_UNSUPPORTED_MODEL, "attention.sliding_window", architectures[a]);
		}
}

static void norms_of_heads_are_missed_by_name(void)
{
	for (unsigned i = 0; i < 2; i++) {
		struct gguf_builder builder;

		make_of(&builder, 2);
		gguf_remove_tensor(&builder, extras[i].name);
		refuse_model(&builder, LAC_BAD_MODEL, quoted(extras[i].name), "missing");
	}
}

/* One of each: too short, too long, with a second row; and where the architecture has no such
 * thing, whatever its shape. */
static void extras_are_read_or_refused_by_name(void)
{
	for (unsigned a = 0; a < 3; a++)
		for (unsigned i = 0; i < N_EXTRAS; i++)
			for (int change = -1; change <= 2; change++) {
				const struct extra *extra = &extras[i];
				const bool is_its = extra->architectures >> a & 1;
				struct gguf_builder builder;

				make_of(&builder, a);
				if (a == 2 && i < 2)
					gguf_remove_tensor(&builder, extra->name);
				add_extra(&builder, extra, change == 2 ? 2 * extra->n : (uint32_t)((int)extra->n + change));
				if (change == 2) {
					builder.tensors[builder.n_tensors - 1].n_dims = 2;
					builder.tensors[builder.n_tensors - 1].dims[0] = extra->n;
					builder.tensors[builder.n_tensors - 1].dims[1] = 2;
				}
				if (is_its && change == 0) {
					struct lac_error error;

					CHECK_NOTE(!try_model(&builder, &error), "%s of %s: %s", extra->name, architectures[a], error.text);
					gguf_free(&builder);
				} else {
					refuse_model(&builder, is_its ? LAC_BAD_MODEL : LAC_UNSUPPORTED_MODEL, quoted(extra->name), architectures[a]);
				}
			}
}

/* The last number of each becomes one that is not finite, or beyond what weights may be; and a
 * factor too small. */
static void extras_out_of_bounds_are_refused_by_name(void)
{
	static const uint32_t poisons[] = { 0x7f800000, 0xff800000, QUIET_NAN, 0x477fe001 /* above 65504 */ };

	for (unsigned i = 0; i < N_EXTRAS; i++)
		for (unsigned p = 0; p < 6; p++) {
			const unsigned a = extras[i].architectures & LLAMA ? 0 : 2;
			struct gguf_builder builder;
			struct gguf_tensor *tensor;
			/* just below 1/2 */
			const uint32_t bits = p < 4 ? poisons[p] : p == 4 ? 0 : 0x3effffff;

			if (p >= 4 && strcmp(extras[i].name, "rope_freqs.weight") != 0)
				continue;
			make_of(&builder, a);
			if (a == 0)
				add_extra(&builder, &extras[i], extras[i].n);
			tensor = gguf_find_tensor(&builder, extras[i].name);
			for (unsigned byte = 0; byte < 4; byte++)
				tensor->data.bytes[tensor->data.length - 4 + byte] = (uint8_t)(bits >> 8 * byte);
			refuse_model(&builder, LAC_UNSUPPORTED_MODEL, quoted(extras[i].name), "out of bounds");
		}
}

/* Every type of section 3.4 has some scale that can be infinite: the model is refused, not
 * evaluated. */
static void infinite_scales_are_refused_by_name(void)
{
	static const struct { uint32_t type; unsigned bytes, at; } blocks[] = { { LAC_TENSOR_BF16, 2, 0 }, { LAC_TENSOR_Q4_0, 18, 0 },
		{ LAC_TENSOR_Q4_1, 20, 0 }, { LAC_TENSOR_Q4_1, 20, 2 }, { LAC_TENSOR_Q5_0, 22, 0 }, { LAC_TENSOR_Q5_1, 24, 0 },
		{ LAC_TENSOR_Q5_1, 24, 2 }, { LAC_TENSOR_Q8_0, 34, 0 } };

	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
		for (unsigned last = 0; last < 2; last++) {
			const bool is_bf16 = blocks[i].type == LAC_TENSOR_BF16;
			const size_t n_blocks = is_bf16 ? 64 * DIM : 64, at = last ? n_blocks - 1 : 0;
			struct gguf_builder builder;
			struct gguf_tensor *tensor;

			make_model(&builder, LAC_TENSOR_F32);
			tensor = gguf_find_tensor(&builder, "blk.0.ffn_up.weight");
			tensor->type = blocks[i].type;
			lac_buffer_clear(&tensor->data);
			for (size_t byte = 0; byte < n_blocks * blocks[i].bytes; byte++)
				lac_buffer_u8(&tensor->data, 0);
			if (last == 0)
				CHECK(are_same(identity_of(&builder), identity_of(&builder)));
			tensor->data.bytes[at * blocks[i].bytes + blocks[i].at] = is_bf16 ? 0x80 : 0x00;
			tensor->data.bytes[at * blocks[i].bytes + blocks[i].at + 1] = is_bf16 ? 0x7f : 0x7c;
			refuse_model(&builder, LAC_UNSUPPORTED_MODEL, quoted("blk.0.ffn_up.weight"), "infinite");
		}
}

/* Models with everything that their architecture may have. */
static void make_full(struct gguf_builder *builder, unsigned architecture)
{
	make_of(builder, architecture);
	for (unsigned i = architecture == 2 ? 2 : 0; i < N_EXTRAS; i++)
		if (extras[i].architectures >> architecture & 1)
			add_extra(builder, &extras[i], extras[i].n);
	if (architecture == 0)
		gguf_add_u32(builder, "llama.attention.sliding_window", 3);
	gguf_add_f32(builder, architecture == 0 ? "llama.rope.scaling.factor" : architecture == 1 ? "qwen2.rope.scaling.factor" :
		"qwen3.rope.scaling.factor", 2);
}

/* Of what comes before the data, and some of the data: a model, or a refusal that says why. */
static void a_flipped_bit_is_read_or_told(void)
{
	for (unsigned a = 0; a < 3; a++) {
		struct gguf_builder builder;
		struct lac_buffer file;
		uint8_t *copy;
		size_t n_head;

		make_full(&builder, a);
		file = gguf_write(&builder);
		n_head = file.length - builder.tensors[builder.n_tensors - 1].offset - builder.tensors[builder.n_tensors - 1].data.length;
		copy = exact_copy(file.bytes, file.length);
		for (size_t bit = a; bit < 8 * file.length; bit += bit < 8 * n_head ? 97 : 9973) {
			struct lac_error error = { .status = LAC_OK };
			struct lac_model *model;
			enum lac_status s;

			copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
			s = lac_model_open_memory(&model, copy, file.length, NULL, &error);
			CHECK_NOTE(s ? !model && is_told(s, &error) : model && !error.text[0], "%s, bit %zu: %d, %s", architectures[a], bit, (int)s,
				error.text);
			lac_model_close(&model);
			copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		free(copy);
		lac_buffer_free(&file);
		gguf_free(&builder);
	}
}

/* ---- Identity ---------------------------------------------------------------------- */

/* Each extra alone gives the model another identity, and so does the last bit of it. */
static void extras_enter_the_identity(void)
{
	for (unsigned a = 0; a < 3; a++) {
		struct identity seen[1 + 2 * N_EXTRAS];
		unsigned n = 0;

		for (unsigned i = 0; i <= N_EXTRAS; i++)
			for (unsigned bit = 0; bit < 2; bit++) {
				struct gguf_builder builder;
				struct gguf_tensor *tensor;

				if (i < N_EXTRAS ? !(extras[i].architectures >> a & 1) || (a == 2 && i < 2 && !bit) : bit)
					continue;
				make_of(&builder, a);
				if (i < N_EXTRAS && !(a == 2 && i < 2))
					add_extra(&builder, &extras[i], extras[i].n);
				if (bit) {
					tensor = gguf_find_tensor(&builder, extras[i].name);
					tensor->data.bytes[tensor->data.length - 4] ^= 1;
				}
				seen[n++] = identity_of(&builder);
				gguf_free(&builder);
			}
		for (unsigned i = 0; i < n; i++)
			for (unsigned j = 0; j < i; j++)
				CHECK_NOTE(!are_same(seen[i], seen[j]), "%s: %u and %u", architectures[a], i, j);
	}
}

/* The same numbers as a bias of queries and of keys, of gates and of what is gated, are other
 * models. */
static void a_bias_belongs_to_its_map(void)
{
	static const unsigned pairs[][2] = { { 4, 5 }, { 6, 9 }, { 7, 8 } };

	for (unsigned i = 0; i < 3; i++) {
		struct identity of[2];

		for (unsigned j = 0; j < 2; j++) {
			struct gguf_builder builder;

			make_of(&builder, 0);
			add_extra(&builder, &extras[pairs[i][0]], extras[pairs[i][0]].n);
			builder.tensors[builder.n_tensors - 1].name = extras[pairs[i][j]].name;
			of[j] = identity_of(&builder);
			gguf_free(&builder);
		}
		CHECK_NOTE(!are_same(of[0], of[1]), "%s", extras[pairs[i][0]].name);
	}
}

struct key_change {
	const char *scaling_type; /* NULL: no such key */
	float factor;             /* negative: no such key */
	uint32_t sliding;         /* UINT32_MAX: no such key */
	unsigned model;           /* changes of one number mean one model */
};

/* As llama.cpp means them: a factor without a type is linear, 0 is 1, "none" is none whatever the
 * factor. */
static void keys_enter_the_identity_by_what_they_mean(void)
{
	static const struct key_change changes[] = { { NULL, -1, UINT32_MAX, 0 }, { "none", -1, UINT32_MAX, 0 }, { "linear", -1, UINT32_MAX, 0 },
		{ "none", 4, UINT32_MAX, 0 }, { "linear", 1, UINT32_MAX, 0 }, { "linear", 0, UINT32_MAX, 0 }, { NULL, 0, 0, 0 },
		{ NULL, 1, 1 << 20, 0 }, { NULL, -1, UINT32_MAX - 1, 0 }, { "linear", 4, UINT32_MAX, 1 }, { NULL, 4, UINT32_MAX, 1 },
		{ NULL, 4, 0, 1 }, { "linear", 4.0000005f, UINT32_MAX, 2 }, { NULL, -1, 1, 3 }, { "none", 7, 1, 3 }, { NULL, -1, (1 << 20) - 1, 4 }, { NULL, -1, 2048, 6 },
		{ "linear", 4, 1, 5 } };
	enum { N = sizeof changes / sizeof *changes };
	struct identity of[N];

	for (unsigned i = 0; i < N; i++) {
		struct gguf_builder builder;

		make_of(&builder, 0);
		if (changes[i].scaling_type)
			gguf_add_string(&builder, "llama.rope.scaling.type", changes[i].scaling_type);
		if (changes[i].factor >= 0)
			gguf_add_f32(&builder, "llama.rope.scaling.factor", changes[i].factor);
		if (changes[i].sliding != UINT32_MAX)
			gguf_add_u32(&builder, "llama.attention.sliding_window", changes[i].sliding);
		of[i] = identity_of(&builder);
		gguf_free(&builder);
		for (unsigned j = 0; j < i; j++)
			CHECK_NOTE(are_same(of[i], of[j]) == (changes[i].model == changes[j].model), "changes %u and %u", j, i);
	}
}

/* ---- Evaluation -------------------------------------------------------------------- */

struct logits {
	float of[POSITIONS][N_TOKENS];
	size_t n;
};

static void collect(void *context, const struct lac_row *row, float *logits)
{
	struct logits *found = context;

	memcpy(found->of[row->position], logits, sizeof found->of[0]);
	found->n++;
}

static struct logits evaluate(const struct lac_model *model, const uint32_t tokens_of[POSITIONS])
{
	struct logits found = { .n = 0 };
	struct lac_row rows[POSITIONS];
	struct lac_session *session = NULL;

	for (uint32_t i = 0; i < POSITIONS; i++)
		rows[i] = (struct lac_row){ .position = i, .token = tokens_of[i], .wants_logits = true };
	CHECK(!lac_session_create(&session, model, lac_model_window(model), 1, 0, NULL));
	lac_session_evaluate(session, rows, POSITIONS, collect, &found);
	CHECK(found.n == POSITIONS);
	lac_session_free(&session);
	return found;
}

static const uint32_t some_tokens[POSITIONS] = { 4, 0, 1, 2, 3, 0, 2, 1, 1, 3, 0, 2 };

/* One layer whose keys are all alike, so that no position is too faint: a row's logits depend on
 * its own token and on those its window shows, and on no other. */
static void a_row_sees_its_sliding_window(void)
{
	for (uint32_t sliding = 0; sliding <= POSITIONS; sliding++) {
		struct gguf_builder builder;
		struct lac_buffer *keys;
		struct lac_model *model;
		struct logits before;

		make_of(&builder, 0);
		keys = &gguf_find_tensor(&builder, "blk.0.attn_k.weight")->data;
		memset(keys->bytes, 0, keys->length);
		gguf_add_u32(&builder, "llama.attention.sliding_window", sliding);
		model = open_or_exit(&builder);
		before = evaluate(model, some_tokens);
		for (uint32_t changed = 0; changed < POSITIONS; changed++) {
			uint32_t other[POSITIONS];
			struct logits after;

			memcpy(other, some_tokens, sizeof other);
			other[changed] = (other[changed] + 1) % N_TOKENS;
			after = evaluate(model, other);
			for (uint32_t p = 0; p < POSITIONS; p++) {
				const bool is_seen = changed <= p && (sliding == 0 || p - changed < sliding);

				CHECK_NOTE((memcmp(before.of[p], after.of[p], sizeof before.of[p]) != 0) == is_seen,
					"window of %u, position %u, token %u changed", (unsigned)sliding, (unsigned)p, (unsigned)changed);
			}
		}
		lac_model_close(&model);
		gguf_free(&builder);
	}
}

/* Where the file of architecture llama has row `row` of a head's halves. */
static uint32_t interleaved(uint32_t row)
{
	const uint32_t in_head = row % HEAD;

	return row - in_head + (in_head < HEAD / 2 ? 2 * in_head : 2 * (in_head - HEAD / 2) + 1);
}

/* Rows of n_columns floats, from halves to neighbours. */
static void interleave(struct gguf_tensor *tensor, size_t n_columns)
{
	const size_t row_bytes = 4 * n_columns, n_rows = tensor->data.length / row_bytes;
	uint8_t *halves = exact_copy(tensor->data.bytes, tensor->data.length);

	for (uint32_t row = 0; row < n_rows; row++)
		memcpy(tensor->data.bytes + interleaved(row) * row_bytes, halves + row * row_bytes, row_bytes);
	free(halves);
}

static void interleave_named(struct gguf_builder *builder, const char *name)
{
	struct gguf_tensor *tensor = gguf_find_tensor(builder, name);

	interleave(tensor, tensor->n_dims == 1 ? 1 : (size_t)tensor->dims[0]);
}

/* A qwen2 model, and as a llama model whose pairs are neighbours: the same function under two
 * names. So it is with adapters of them. */
static void pairs_are_halves_or_neighbours(void)
{
	struct lac_model *models[2], *adapted[2];
	struct identity of[2];
	struct logits plain[2], with_adapter[2];

	for (unsigned a = 0; a < 2; a++) {
		struct built_adapter adapter;
		struct gguf_builder builder;
		struct lac_error error;

		make_of(&builder, a);
		for (unsigned i = FIRST_BIAS; i < FIRST_BIAS + 3; i++)
			add_extra(&builder, &extras[i], extras[i].n);
		for (unsigned i = 0; a == 0 && i < 4; i++)
			interleave_named(&builder, (const char *const[]){ "blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_q.bias",
				"blk.0.attn_k.bias" }[i]);
		models[a] = open_or_exit(&builder);
		memcpy(of[a].bytes, lac_model_info(models[a])->identity, 16);
		make_adapter(&adapter, &models[a]->shape, "a", LAC_TENSOR_F32, 2, 1, 127, 5);
		gguf_remove(&adapter.builder, "general.architecture");
		gguf_add_string(&adapter.builder, "general.architecture", architectures[a]);
		for (unsigned i = 0; a == 0 && i < 2; i++)
			interleave_named(&adapter.builder, i ? "blk.0.attn_k.weight.lora_b" : "blk.0.attn_q.weight.lora_b");
		adapted[a] = try_adapter(&adapter, models[a], &error);
		CHECK_NOTE(adapted[a], "%s", error.text);
		plain[a] = evaluate(models[a], some_tokens);
		with_adapter[a] = evaluate(adapted[a], some_tokens);
		gguf_free(&adapter.builder);
		gguf_free(&builder);
	}
	CHECK(!are_same(of[0], of[1]));
	CHECK(memcmp(plain[0].of, plain[1].of, sizeof plain[0].of) == 0);
	CHECK(memcmp(with_adapter[0].of, with_adapter[1].of, sizeof plain[0].of) == 0);
	CHECK(memcmp(plain[0].of, with_adapter[0].of, sizeof plain[0].of) != 0);
	for (unsigned a = 0; a < 2; a++) {
		lac_model_close(&adapted[a]);
		lac_model_close(&models[a]);
	}
}

static void an_adapter_of_another_architecture_is_refused_by_name(void)
{
	for (unsigned a = 0; a < 3; a++)
		for (unsigned other = 0; other < 3; other++) {
			struct built_adapter adapter;
			struct gguf_builder builder;
			struct lac_model *base, *model;
			struct lac_error error;

			make_of(&builder, a);
			base = open_or_exit(&builder);
			make_adapter(&adapter, &base->shape, "a", LAC_TENSOR_F32, 1, 1, 1, 5);
			gguf_remove(&adapter.builder, "general.architecture");
			gguf_add_string(&adapter.builder, "general.architecture", architectures[other]);
			model = try_adapter(&adapter, base, &error);
			CHECK_NOTE(a == other ? model != NULL : !model && says(&error, "general.architecture"), "%s of %s: %s", architectures[other],
				architectures[a], error.text);
			lac_model_close(&model);
			lac_model_close(&base);
			gguf_free(&adapter.builder);
			gguf_free(&builder);
		}
}

/* Whatever numbers a bias has, added zeros are not a bias of ones: a bias reaches the logits; and
 * none of the three maps alone does. */
static void every_extra_reaches_the_logits(void)
{
	for (unsigned i = 0; i < N_EXTRAS; i++) {
		const unsigned a = extras[i].architectures & LLAMA ? 0 : 2;
		struct logits without, with;

		for (unsigned changed = 0; changed < 2; changed++) {
			struct gguf_builder builder;
			struct lac_model *model;

			make_of(&builder, a);
			if (changed && a == 0)
				add_extra(&builder, &extras[i], extras[i].n);
			/* norms of heads are there; their first number becomes another */
			if (changed && a == 2) {
				struct gguf_tensor *tensor = gguf_find_tensor(&builder, extras[i].name);

				memcpy(tensor->data.bytes, "\0\0\x40\x40", 4); /* 3 */
			}
			model = open_or_exit(&builder);
			*(changed ? &with : &without) = evaluate(model, some_tokens);
			lac_model_close(&model);
			gguf_free(&builder);
		}
		CHECK_NOTE(memcmp(with.of, without.of, sizeof with.of) != 0, "%s", extras[i].name);
	}
}

/* ---- Size -------------------------------------------------------------------------- */

/* A vocabulary as large as those of qwen models: the file opens, and a session keeps few rows of
 * logits. */
static void a_large_vocabulary_is_read(void)
{
	enum { N = 152000 };
	struct gguf_builder builder;
	struct lac_buffer *value;
	struct lac_model *model;
	char text[16];

	make_of(&builder, 1);
	gguf_remove(&builder, "tokenizer.ggml.token_type");
	gguf_remove(&builder, "tokenizer.ggml.tokens");
	value = gguf_add(&builder, "tokenizer.ggml.tokens", LAC_GGUF_ARRAY);
	gguf_put_array(value, LAC_GGUF_STRING, N);
	for (uint32_t i = 0; i < N; i++) {
		snprintf(text, sizeof text, "t%u", (unsigned)i);
		gguf_put_string(value, i < N_TOKENS ? tokens[i] : text);
	}
	gguf_remove_tensor(&builder, "output.weight");
	gguf_find_tensor(&builder, "token_embd.weight")->dims[1] = N;
	put_weights(&gguf_find_tensor(&builder, "token_embd.weight")->data, LAC_TENSOR_F32, (size_t)(N - N_TOKENS) * DIM, 3);
	model = open_or_exit(&builder);
	CHECK(lac_model_info(model)->n_vocabulary == N);
	CHECK_NOTE(lac_session_bytes(model, lac_model_window(model), 1, 1024) < 32u << 20, "%zu",
		lac_session_bytes(model, lac_model_window(model), 1, 1024));
	lac_model_close(&model);
	gguf_free(&builder);
}

int main(void)
{
	lac_float_environment_enter();
	LAW(every_architecture_is_read_and_named);
	LAW(keys_of_another_architecture_are_refused_by_name);
	LAW(norms_of_heads_are_missed_by_name);
	LAW(extras_are_read_or_refused_by_name);
	LAW(extras_out_of_bounds_are_refused_by_name);
	LAW(infinite_scales_are_refused_by_name);
	LAW(a_flipped_bit_is_read_or_told);
	LAW(extras_enter_the_identity);
	LAW(a_bias_belongs_to_its_map);
	LAW(keys_enter_the_identity_by_what_they_mean);
	LAW(a_row_sees_its_sliding_window);
	LAW(pairs_are_halves_or_neighbours);
	LAW(an_adapter_of_another_architecture_is_refused_by_name);
	LAW(every_extra_reaches_the_logits);
	LAW(a_large_vocabulary_is_read);
	return test_report();
}
