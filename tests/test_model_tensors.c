/* Laws of the tensors of models: test_model_tensors DIRECTORY_OF_MODELS [--short|--long]. They are
 * read right, or refused by name, and take no memory on the file's word. What is longer tries more
 * places of damage. */
#include "base/strict_float.h"
#include "test.h"
#include "built_model.h"
#include "memory_limit.h"
#include "textbook_types.h"

#include <math.h>

static const unsigned strides[] = { [SHORT] = 29, [USUAL] = 3, [LONG] = 1 };
static unsigned stride; /* of places of damage */

static const char *quoted(const char *name)
{
	static char text[80];

	snprintf(text, sizeof text, "tensor \"%s\"", name);
	return text;
}

static void missing_tensors_are_named(void)
{
	for (size_t i = 0; i < N_PARTS; i++) {
		struct gguf_builder builder;
		struct lac_error error;

		make_model(&builder, LAC_TENSOR_F16);
		gguf_remove_tensor(&builder, parts[i].name);
		if (strcmp(parts[i].name, "output.weight") != 0) {
			refuse_model(&builder, LAC_BAD_MODEL, quoted(parts[i].name), "missing");
			continue;
		}
		/* the embedding serves */
		CHECK_NOTE(!try_model(&builder, &error), "%s", error.text);
		gguf_free(&builder);
	}
}

static void unknown_tensors_are_refused_by_name(void)
{
	static const char *const names[] = { "rope_factors_long.weight", "rope_freqs", "rope_freqs.bias", "blk.0.attn_norm.bias",
		"blk.1.attn_q.bias", "blk.0.attn_qkv.bias", "blk.0.attn_q.biases", "blk.1.attn_q.weight", "blk.00.attn_q.weight",
		"blk.0.attn_q.weight.", "blk.0.attn_q_norm.weight", "blk.0.ffn_gate_inp.weight", "blk.0.ffn_gate_exps.weight", "output.bias",
		"output", "Output.weight", "blk.4294967296.attn_q.weight", "blk.0.rope_freqs.weight", ".bias" };

	for (unsigned tied = 0; tied < 2; tied++)
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			struct gguf_builder builder;

			make_model(&builder, LAC_TENSOR_F16);
			if (tied)
				gguf_remove_tensor(&builder, "output.weight");
			put_weights(&gguf_add_tensor(&builder, names[i], LAC_TENSOR_F32, DIM, 0)->data, LAC_TENSOR_F32, DIM, 0);
			refuse_model(&builder, LAC_UNSUPPORTED_MODEL, quoted(names[i]), "unknown");
		}
}

/* A column or a row too few or too many, or a third and a fourth dimension. */
static void misshaped_tensors_are_refused_by_name(void)
{
	for (size_t i = 0; i < N_PARTS; i++)
		for (unsigned how = 0; how < 6; how++) {
			struct gguf_builder builder;
			struct gguf_tensor *tensor;

			make_model(&builder, LAC_TENSOR_F32);
			tensor = gguf_find_tensor(&builder, parts[i].name);
			tensor->dims[1] = parts[i].n_rows ? parts[i].n_rows : 1;
			tensor->n_dims = 4;
			switch (how) {
			case 0: tensor->dims[0]--; break;
			case 1: tensor->dims[0]++; break;
			case 2: tensor->dims[1]++; break;
			case 3: tensor->dims[2]++; break;
			case 4: tensor->dims[3]++; break;
			case 5: tensor->dims[1] -= tensor->dims[1] > 1; tensor->dims[0] -= tensor->dims[1] == 1; break;
			}
			/* enough of them */
			put_weights(&tensor->data, LAC_TENSOR_F32, (size_t)64 * 64, 0);
			refuse_model(&builder, LAC_BAD_MODEL, quoted(parts[i].name), "misshaped");
		}
}

/* Of every tensor; types that are known to ggml and numbers that are not. */
static void other_tensor_types_are_refused_by_name(void)
{
	static const struct { uint32_t number; const char *said; } named[] = { { 9, "Q8_1 (9)" }, { 10, "Q2_K (10)" }, { 11, "Q3_K (11)" },
		{ 16, "IQ2_XXS (16)" }, { 20, "IQ4_NL (20)" }, { 23, "IQ4_XS (23)" }, { 24, "I8 (24)" }, { 28, "F64 (28)" },
		{ 29, "IQ1_M (29)" }, { 34, "TQ1_0 (34)" }, { 35, "TQ2_0 (35)" }, { 39, "MXFP4 (39)" }, { 31, "unknown (31)" },
		{ UINT32_MAX, "unknown (4294967295)" } };

	for (uint32_t type = 0; type < 64; type++)
		for (size_t i = 0; i < N_PARTS; i += type < 9 ? 1 : 4) {
			struct gguf_builder builder;
			struct gguf_tensor *tensor;

			if (lac_tensor_form(type)->read)
				continue;
			make_model(&builder, LAC_TENSOR_F32);
			tensor = gguf_find_tensor(&builder, parts[i].name);
			tensor->type = type;
			put_weights(&tensor->data, LAC_TENSOR_F32, (size_t)64 * 64, 0);
			refuse_model(&builder, LAC_UNSUPPORTED_MODEL, quoted(parts[i].name), "type");
		}
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		struct gguf_builder builder;

		make_model(&builder, LAC_TENSOR_F32);
		gguf_find_tensor(&builder, "blk.0.attn_q.weight")->type = named[i].number;
		refuse_model(&builder, LAC_UNSUPPORTED_MODEL, named[i].said, "type");
	}
}

/* Rows of 32 are no whole number of the blocks of 256 of some. */
static void rows_are_whole_blocks(void)
{
	static const uint32_t types[] = { LAC_TENSOR_Q4_K, LAC_TENSOR_Q5_K, LAC_TENSOR_Q6_K };

	for (size_t i = 0; i < N_PARTS; i++) {
		struct gguf_builder builder;

		make_model(&builder, LAC_TENSOR_F32);
		gguf_find_tensor(&builder, parts[i].name)->type = types[i % 3];
		refuse_model(&builder, LAC_BAD_MODEL, quoted(parts[i].name), "blocks");
	}
}

/* Overwrites number `at` of the data, or for Q8_0 the scale of its block: `bits` of binary16 or
 * binary32. */
static void poison(struct gguf_tensor *tensor, size_t at, uint32_t bits)
{
	const size_t n_bytes = tensor->type == LAC_TENSOR_F32 ? 4 : 2;
	const size_t byte = tensor->type == LAC_TENSOR_Q8_0 ? at / 32 * 34 : at * n_bytes;

	for (size_t i = 0; i < n_bytes; i++)
		tensor->data.bytes[byte + i] = (uint8_t)(bits >> 8 * i);
}

/* Infinities, NaNs, and for binary32 and scales what binary16 cannot hold: in the first and the
 * last number of every tensor. */
static void weights_out_of_bounds_are_refused_by_name(void)
{
	static const struct { uint32_t type, bits; } poisons[] = {
		{ LAC_TENSOR_F32, 0x7f800000 }, { LAC_TENSOR_F32, 0xff800000 }, { LAC_TENSOR_F32, QUIET_NAN },
		{ LAC_TENSOR_F32, 0xff800001 },
		{ LAC_TENSOR_F32, 0x477fe001 /* above 65504 */ }, { LAC_TENSOR_F32, 0xc77fe001 }, { LAC_TENSOR_F32, 0x7f7fffff },
		{ LAC_TENSOR_F16, 0x7c00 }, { LAC_TENSOR_F16, 0xfc00 }, { LAC_TENSOR_F16, 0x7e00 }, { LAC_TENSOR_F16, 0xfc01 },
		{ LAC_TENSOR_Q8_0, 0x7c00 }, { LAC_TENSOR_Q8_0, 0xfc00 }, { LAC_TENSOR_Q8_0, 0x7e00 }, { LAC_TENSOR_Q8_0, 0x7c01 },
		{ LAC_TENSOR_Q8_0, 0x7bff },
	};

	for (size_t p = 0; p < sizeof poisons / sizeof *poisons; p++)
		for (size_t i = 0; i < N_PARTS; i++)
			for (unsigned last = 0; last < 2; last++) {
				const size_t n = (size_t)parts[i].n_columns * (parts[i].n_rows ? parts[i].n_rows : 1);
				struct gguf_builder builder;
				struct gguf_tensor *tensor;

				make_model(&builder, poisons[p].type);
				tensor = gguf_find_tensor(&builder, parts[i].name);
				poison(tensor, last ? n - 1 : 0, poisons[p].bits);
				refuse_model(&builder, LAC_UNSUPPORTED_MODEL, quoted(parts[i].name), last ? "last" : "first");
			}
}

/* Zeros times an infinite scale are no zeros. */
static void a_block_of_zeros_needs_a_finite_scale(void)
{
	struct gguf_builder builder;
	struct gguf_tensor *tensor;
	struct lac_error error;

	for (unsigned infinite = 0; infinite < 2; infinite++) {
		make_model(&builder, LAC_TENSOR_Q8_0);
		tensor = gguf_find_tensor(&builder, "blk.0.ffn_up.weight");
		memset(tensor->data.bytes, 0, 34);
		poison(tensor, 0, infinite ? 0x7c00 : 0x7bff);
		if (infinite)
			refuse_model(&builder, LAC_UNSUPPORTED_MODEL, quoted("blk.0.ffn_up.weight"), "infinity times 0");
		else
			CHECK_NOTE(!try_model(&builder, &error), "%s", error.text);
		gguf_free(&builder);
	}
}

/* Opens the model with these bytes as its last vector, and gives what the engine holds of it; false
 * if it is refused. */
static bool read_vector(struct gguf_builder *builder, uint32_t type, const struct lac_buffer *data, float *out)
{
	struct gguf_tensor *tensor = gguf_find_tensor(builder, "output_norm.weight");
	struct lac_error error;
	struct lac_model *model;
	enum lac_status s;

	tensor->type = type;
	lac_buffer_clear(&tensor->data);
	lac_buffer_append(&tensor->data, data->bytes, data->length);
	model = open_model(builder, &s, &error);
	if (model)
		memcpy(out, model->weights.output_norm, DIM * sizeof *out);
	else
		CHECK_NOTE(s == LAC_UNSUPPORTED_MODEL && says(&error, quoted("output_norm.weight")), "%s", error.text);
	lac_model_close(&model);
	return !s;
}

/* Every finite binary16 number comes out as it is, 32 of them at a time; every other one, alone
 * among zeros, is refused. */
static void every_half_is_read_right(void)
{
	struct lac_buffer data = { 0 };
	struct gguf_builder builder;
	float out[DIM];

	make_model(&builder, LAC_TENSOR_F32);
	for (uint32_t first = 0; first < 0x10000; first += DIM * stride) {
		if ((first & 0x7fff) >= 0x7c00)
			continue;
		lac_buffer_clear(&data);
		for (uint32_t i = 0; i < DIM; i++)
			put_u16(&data, first + i);
		CHECK_NOTE(read_vector(&builder, LAC_TENSOR_F16, &data, out), "%04x", (unsigned)first);
		for (uint32_t i = 0; i < DIM; i++) {
			const unsigned exponent = (first + i) >> 10 & 31, fraction = (first + i) & 0x3ff;
			const float magnitude = ldexpf((float)(exponent ? 1024 + fraction : fraction), exponent ? (int)exponent - 25 : -24);

			CHECK_NOTE(bits_of(out[i]) == bits_of(first & 0x8000 ? -magnitude : magnitude), "%04x", (unsigned)(first + i));
		}
	}
	for (uint32_t bits = 0x7c00; bits < 0x10000; bits = bits == 0x7fff ? 0xfc00 : bits + 1) {
		lac_buffer_clear(&data);
		for (uint32_t i = 0; i < DIM; i++)
			put_u16(&data, i == bits % DIM ? bits : 0);
		if (bits % stride == 0)
			CHECK_NOTE(!read_vector(&builder, LAC_TENSOR_F16, &data, out), "%04x", (unsigned)bits);
	}
	lac_buffer_free(&data);
	gguf_free(&builder);
}

/* Every byte, as signed, times scales of both signs, subnormal, and the largest that fits 127. */
static void every_q8_0_byte_is_read_right(void)
{
	static const struct { uint16_t bits; float scale; } scales[] = { { 0x0001, 0x1p-24f }, { 0x83ff, -0x3ffp-24f },
		{ 0x2400, 0x1p-6f },
		{ 0xbc00, -1 }, { 0x3555, 0x1.554p-2f }, { 0x5fff, 511.75f }, { 0x0000, 0 } };
	struct lac_buffer data = { 0 };
	struct gguf_builder builder;
	float out[DIM];

	make_model(&builder, LAC_TENSOR_F32);
	for (size_t s = 0; s < sizeof scales / sizeof *scales; s++)
		for (int first = -128; first < 128; first += (int)DIM) {
			lac_buffer_clear(&data);
			put_u16(&data, scales[s].bits);
			for (int i = 0; i < (int)DIM; i++)
				lac_buffer_u8(&data, (uint8_t)(first + i));
			CHECK(read_vector(&builder, LAC_TENSOR_Q8_0, &data, out));
			for (int i = 0; i < (int)DIM; i++)
				CHECK_NOTE(bits_of(out[i]) == bits_of(scales[s].scale * (float)(first + i)), "%04x x %d", scales[s].bits,
					first + i);
		}
	lac_buffer_free(&data);
	gguf_free(&builder);
}

/* Random bits in rows of three blocks; numbers that are not finite are refused elsewhere. */
static void every_type_is_read_as_it_is_written_down(void)
{
	enum { ROWS = 3, BLOCKS = 3, VALUES_MAX = 256, BYTES_MAX = 210 };
	uint8_t bytes[ROWS * BLOCKS * BYTES_MAX];
	float out[BLOCKS * VALUES_MAX];
	uint64_t seed = 7;
	size_t n_finite = 0, n = 0;

	for (unsigned t = 0; t < N_BOOK_TYPES; t++)
		for (unsigned round = 0; round < 400 / stride; round++) {
			const struct book_type *type = &book_types[t];
			const struct lac_tensor tensor = { .n_dims = 2, .dims = { BLOCKS * type->values, ROWS, 1, 1 }, .type = type->number,
				.data = bytes };

			for (size_t i = 0; i < sizeof bytes; i++)
				bytes[i] = (uint8_t)(test_random(&seed) >> 24);
			for (unsigned row = 0; row < ROWS; row++) {
				lac_tensor_row(&tensor, row, out);
				for (unsigned i = 0; i < BLOCKS * type->values; i++) {
					const uint8_t *block = bytes + (row * BLOCKS + i / type->values) * type->bytes;
					const float wanted = book_of_block(type->number, block, i % type->values);

					n++;
					if (!(fabsf(out[i]) < HUGE_VALF))
						continue;
					n_finite++;
					CHECK_NOTE(bits_of(out[i]) == bits_of(wanted), "%s round %u row %u number %u: %a, not %a", type->name, round, row,
						i, (double)out[i], (double)wanted);
				}
			}
		}
	CHECK_NOTE(n_finite > n / 2, "%zu of %zu are finite", n_finite, n);
}

static void every_f32_bit_is_read(void)
{
	static const float bounds[] = { 65504, -65504, 0x1p-149f, -0.0f };
	struct lac_buffer data = { 0 };
	struct gguf_builder builder;
	float out[DIM];

	make_model(&builder, LAC_TENSOR_F16);
	for (unsigned i = 0; i < DIM; i++)
		gguf_put_f32(&data, i < 4 ? bounds[i] : 1 + ldexpf(1, (int)i - 4 - 23 < 0 ? (int)i - 4 - 23 : -1));
	CHECK(read_vector(&builder, LAC_TENSOR_F32, &data, out));
	for (unsigned i = 0; i < DIM; i++) {
		const uint8_t *p = data.bytes + 4 * i;

		CHECK_NOTE(bits_of(out[i]) == (p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24), "%u", i);
	}
	lac_buffer_free(&data);
	gguf_free(&builder);
}

/* The file is a few thousand bytes, so its model is small or not there, whatever sizes its keys
 * claim: main() has limited the memory, and a refusal for want of it would not name the tensor. */
static void claimed_shapes_allocate_nothing(void)
{
	static const struct { const char *key; uint32_t value; const char *said; } claims[] = {
		{ "llama.feed_forward_length", 1 << 20, "\"blk.0.ffn_gate.weight\"" },
		{ "llama.embedding_length", 65536, "llama.attention.key_length" },
		{ "llama.embedding_length", 2048, "\"token_embd.weight\"" },
		{ "llama.block_count", 1024, "\"blk.1.attn_norm.weight\"" },
		{ "llama.attention.key_length", 1024, "llama.attention.value_length" },
	};

	for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
		struct gguf_builder builder;
		struct lac_error error;
		enum lac_status s;

		make_model(&builder, LAC_TENSOR_F16);
		gguf_change_u32(&builder, claims[i].key, claims[i].value);
		s = try_model(&builder, &error);
		CHECK_NOTE(s && says(&error, claims[i].said), "%s %u: %d, %s", claims[i].key, (unsigned)claims[i].value, (int)s, error.text);
		gguf_free(&builder);
	}
}

/* Heads of 1024, 1024 of them, and as many tokens as a small file can list: rows by the million,
 * none of which is there. */
static void claimed_rows_allocate_nothing(void)
{
	struct gguf_builder builder;
	struct lac_buffer *value;

	make_model(&builder, LAC_TENSOR_F16);
	gguf_change_u32(&builder, "llama.attention.key_length", 1024);
	gguf_change_u32(&builder, "llama.attention.value_length", 1024);
	gguf_change_u32(&builder, "llama.attention.head_count", 1024);
	gguf_change_u32(&builder, "llama.attention.head_count_kv", 1024);
	refuse_model(&builder, LAC_BAD_MODEL, quoted("blk.0.attn_q.weight"), "heads");
	make_model(&builder, LAC_TENSOR_F16);
	gguf_change_u32(&builder, "llama.embedding_length", 2048);
	gguf_remove(&builder, "tokenizer.ggml.token_type");
	gguf_remove(&builder, "tokenizer.ggml.tokens");
	value = gguf_add(&builder, "tokenizer.ggml.tokens", LAC_GGUF_ARRAY);
	gguf_put_array(value, LAC_GGUF_STRING, 50000);
	for (size_t i = 0; i < 50000; i++)
		gguf_put_string(value, i < N_TOKENS ? tokens[i] : "");
	refuse_model(&builder, LAC_BAD_MODEL, quoted("token_embd.weight"), "tokens");
}

/* Every bit of what comes before the tensors' data, and some of the data: a model, or a refusal
 * that says why. */
static void a_model_with_a_flipped_bit_is_read_or_told(void)
{
	size_t n_read = 0, n_told = 0, n_head;
	struct gguf_builder builder;
	struct lac_buffer file;
	uint8_t *copy;

	make_model(&builder, LAC_TENSOR_Q8_0);
	file = gguf_write(&builder);
	n_head = file.length - builder.tensors[N_PARTS - 1].offset - builder.tensors[N_PARTS - 1].data.length;
	copy = exact_copy(file.bytes, file.length);
	for (size_t bit = 0; bit < 8 * file.length; bit += bit < 8 * n_head ? stride : 61 * stride) {
		struct lac_error error = { .status = LAC_OK };
		struct lac_model *model;
		enum lac_status s;

		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		s = lac_model_open_memory(&model, copy, file.length, NULL, &error);
		CHECK_NOTE(s ? !model && is_told(s, &error) : model && !error.text[0], "bit %zu: %d, %s", bit, (int)s, error.text);
		*(s ? &n_told : &n_read) += 1;
		lac_model_close(&model);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK_NOTE(n_read > 1000 / stride && n_told > 5000 / stride, "%zu read, %zu told", n_read, n_told);
	free(copy);
	lac_buffer_free(&file);
	gguf_free(&builder);
}

/* The same refusals, without anyone to tell. */
static void an_error_need_not_be_wanted(void)
{
	struct gguf_builder builder;
	struct lac_model *model;
	struct lac_buffer file;

	make_model(&builder, LAC_TENSOR_F16);
	for (unsigned round = 0; round < 3; round++) {
		file = gguf_write(&builder);
		CHECK((lac_model_open_memory(&model, file.bytes, file.length - (round == 1), NULL, NULL) == LAC_OK) == (round == 0));
		lac_model_close(&model);
		lac_buffer_free(&file);
		if (round == 1)
			gguf_remove_tensor(&builder, "output_norm.weight");
	}
	gguf_free(&builder);
}

int main(int argc, char **argv)
{
	const bool is_limited = limit_memory();

	stride = strides[test_effort(argc, argv)];
	LAW(missing_tensors_are_named);
	LAW(unknown_tensors_are_refused_by_name);
	LAW(misshaped_tensors_are_refused_by_name);
	LAW(other_tensor_types_are_refused_by_name);
	LAW(rows_are_whole_blocks);
	LAW(weights_out_of_bounds_are_refused_by_name);
	LAW(a_block_of_zeros_needs_a_finite_scale);
	LAW(every_half_is_read_right);
	LAW(every_q8_0_byte_is_read_right);
	LAW(every_f32_bit_is_read);
	LAW(every_type_is_read_as_it_is_written_down);
	LAW(a_model_with_a_flipped_bit_is_read_or_told);
	LAW(an_error_need_not_be_wanted);
	if (is_limited) {
		LAW(claimed_shapes_allocate_nothing);
		LAW(claimed_rows_allocate_nothing);
	} else {
		SKIP("claimed_..._allocate_nothing", "memory cannot be limited here");
	}
	return test_report();
}
