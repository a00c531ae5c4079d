/* Laws of adapters (arithmetic.md section 13): merged as written, known by their numbers alone, or
 * refused by name. */
#include "base/strict_float.h"
#include "test.h"
#include "built_adapter.h"
#include "built_model.h"

#include "base/hash.h"

static struct lac_model *base; /* of make_exact() */

/* Number i of a tensor of F32: little-endian on every machine. */
static float float_at(const struct gguf_tensor *tensor, size_t i)
{
	struct lac_reader reader = { tensor->data.bytes + 4 * i, 4 };
	uint32_t bits;
	float x;

	CHECK(lac_read_u32(&reader, &bits));
	memcpy(&x, &bits, sizeof x);
	return x;
}

static void set_float(struct gguf_tensor *tensor, size_t i, float x)
{
	for (unsigned byte = 0; byte < 4; byte++)
		tensor->data.bytes[4 * i + byte] = (uint8_t)(bits_of(x) >> 8 * byte);
}

/* The built model with 127 / 64 first in each row: then the engine's weights are the file's
 * (arithmetic.md section 3.3). */
static void make_exact(struct gguf_builder *builder)
{
	make_model(builder, LAC_TENSOR_F32);
	for (size_t i = 0; i < N_PARTS; i++)
		for (size_t row = 0; row < parts[i].n_rows; row++)
			set_float(gguf_find_tensor(builder, parts[i].name), row * parts[i].n_columns, 127.0f / 64);
}

static struct lac_model *open_exact(struct gguf_builder *builder)
{
	struct lac_error error;
	enum lac_status s;
	struct lac_model *model = open_model(builder, &s, &error);

	if (!model) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return model;
}

/* ---- Merging --------------------------------------------------------------------- */

/* Section 13.1 word by word, into the tensors of a file. */
static void merge_file(struct gguf_builder *model, struct gguf_builder *adapter, float alpha)
{
	for (size_t t = 0; t < adapter->n_tensors; t += 2) {
		const struct gguf_tensor *a = &adapter->tensors[t], *b = &adapter->tensors[t + 1];
		const size_t rank = (size_t)a->dims[1], n_in = (size_t)a->dims[0];
		const float scale = alpha == 0 ? 1 : alpha / (float)rank;
		struct gguf_tensor *w;
		char name[64];

		snprintf(name, sizeof name, "%.*s", (int)(strlen(a->name) - strlen(".lora_a")), a->name);
		w = gguf_find_tensor(model, name);
		for (size_t i = 0; i < b->dims[1]; i++)
			for (size_t j = 0; j < n_in; j++) {
				float s = 0;

				for (size_t k = 0; k < rank; k++)
					s = s + float_at(b, i * rank + k) * float_at(a, k * n_in + j);
				set_float(w, i * n_in + j, float_at(w, i * n_in + j) + scale * s);
			}
	}
}

static bool same_packed(const struct lac_packed *x, const struct lac_packed *y)
{
	return memcmp(x->tiles, y->tiles, x->n_tiles * x->tile_bytes) == 0;
}

/* A model whose file holds the merged numbers has the same weights, to the bit; and what is not
 * adapted is the base's memory. */
static void merging_is_what_a_file_of_the_sums_gives(void)
{
	static const uint32_t ranks[] = { 1, 3, 16, 64 };
	static const float alphas[] = { 0.0f, 16.0f, 7.3f, -0.5f };

	for (unsigned mask = 1; mask < 1u << ADAPTED_PARTS; mask += mask < 8 ? 1 : 7)
		for (unsigned i = 0; i < 4; i++) {
			struct built_adapter adapter;
			struct gguf_builder file;
			struct lac_error error;
			struct lac_model *adapted, *whole;
			const struct lac_layer *found, *wanted, *old = &base->weights.layers[0];

			make_adapter(&adapter, &base->shape, "leaning", LAC_TENSOR_F32, ranks[i], alphas[i], mask, mask);
			adapted = try_adapter(&adapter, base, &error);
			make_exact(&file);
			merge_file(&file, &adapter.builder, alphas[i]);
			whole = open_exact(&file);
			CHECK_NOTE(adapted, "%s", error.text);
			found = &adapted->weights.layers[0];
			wanted = &whole->weights.layers[0];
			CHECK_NOTE(same_packed(&found->qkv, &wanted->qkv), "parts %x rank %u", mask, (unsigned)ranks[i]);
			CHECK_NOTE(same_packed(&found->attention_out, &wanted->attention_out), "parts %x rank %u", mask, (unsigned)ranks[i]);
			CHECK_NOTE(same_packed(&found->gate_up, &wanted->gate_up), "parts %x rank %u", mask, (unsigned)ranks[i]);
			CHECK_NOTE(same_packed(&found->down, &wanted->down), "parts %x rank %u", mask, (unsigned)ranks[i]);
			CHECK((found->qkv.tiles == old->qkv.tiles) == !(mask & 7));
			CHECK((found->attention_out.tiles == old->attention_out.tiles) == !(mask & 8));
			CHECK((found->gate_up.tiles == old->gate_up.tiles) == !(mask & 48));
			CHECK((found->down.tiles == old->down.tiles) == !(mask & 64));
			CHECK(memcmp(adapted->info.identity, base->info.identity, 16) == 0 && adapted->info.is_adapted);
			CHECK(adapted->info.memory_bytes == (mask & 7 ? lac_packed_bytes(64, DIM) : 0) + (mask & 8 ? lac_packed_bytes(DIM, 32) : 0) +
				(mask & 48 ? lac_packed_bytes(128, DIM) : 0) + (mask & 64 ? lac_packed_bytes(DIM, 64) : 0));
			lac_model_close(&adapted);
			lac_model_close(&whole);
			gguf_free(&file);
			gguf_free(&adapter.builder);
		}
}

/* Two files of one identity make one adapted model: what is merged is the engine's weights. */
static void the_base_is_what_its_identity_says(void)
{
	struct gguf_builder first, second;
	struct lac_model *bases[2], *adapted[2];

	/* rows without 127: the engine's weights are others than these */
	make_model(&first, LAC_TENSOR_F32);
	bases[0] = open_exact(&first);
	make_model(&second, LAC_TENSOR_F32);
	/* the file of the engine's values, of the maps that keep their order */
	for (size_t i = 0; i < N_PARTS; i++)
		if (strstr(parts[i].name, "ffn_down"))
			for (uint32_t row = 0; row < parts[i].n_rows; row++) {
				float values[64];

				lac_packed_get_row(&bases[0]->weights.layers[0].down, row, values);
				for (size_t j = 0; j < 64; j++)
					set_float(gguf_find_tensor(&second, parts[i].name), row * 64 + j, values[j]);
			}
	bases[1] = open_exact(&second);
	for (unsigned i = 0; i < 2; i++)
		adapted[i] = adapt_or_exit(bases[i], "same", 4, 4.0f, 1u << 6, 5);
	CHECK(memcmp(bases[0]->info.identity, bases[1]->info.identity, 16) == 0);
	CHECK(same_packed(&adapted[0]->weights.layers[0].down, &adapted[1]->weights.layers[0].down));
	for (unsigned i = 0; i < 2; i++) {
		lac_model_close(&adapted[i]);
		lac_model_close(&bases[i]);
	}
	gguf_free(&first);
	gguf_free(&second);
}

/* ---- Identity -------------------------------------------------------------------- */

struct identity { uint8_t bytes[16]; };

static struct identity identity_of(struct built_adapter *adapter)
{
	struct identity identity = { { 0 } };
	struct lac_error error;
	struct lac_model *model = try_adapter(adapter, base, &error);

	CHECK_NOTE(model, "%s", error.text);
	if (model)
		memcpy(identity.bytes, model->info.adapter_identity, 16);
	lac_model_close(&model);
	return identity;
}

static bool same(struct identity a, struct identity b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

/* Section 13.2 word by word, for F32. */
static struct identity book_identity(struct gguf_builder *adapter, unsigned mask, float scale)
{
	struct lac_hash128 *hash = lac_hash128_create();
	struct identity identity;
	size_t t = 0;

	for (uint32_t part = 0; part < ADAPTED_PARTS; part++) {
		if (!(mask >> part & 1))
			continue;
		lac_hash128_u32(hash, part);
		lac_hash128_u32(hash, (uint32_t)adapter->tensors[t].dims[1]);
		lac_hash128_u32(hash, bits_of(scale));
		for (unsigned b = 0; b < 2; b++, t++) /* little-endian, as the file has them */
			lac_hash128_update(hash, adapter->tensors[t].data.bytes, adapter->tensors[t].data.length);
	}
	lac_hash128_finish(&hash, identity.bytes);
	return identity;
}

static void the_identity_is_of_the_numbers_alone(void)
{
	const unsigned mask = 0x57;
	struct built_adapter adapter, other;
	struct identity wanted;

	make_adapter(&adapter, &base->shape, "one", LAC_TENSOR_F32, 6, 12.0f, mask, 9);
	wanted = identity_of(&adapter);
	CHECK(same(wanted, book_identity(&adapter.builder, mask, 2.0f)));
	make_adapter(&other, &base->shape, "another name", LAC_TENSOR_F16, 6, 12.0f, mask, 9);
	gguf_add_string(&other.builder, "general.author", "somebody");
	gguf_add_string(&other.builder, "publisher.quantize_version", "2");
	gguf_add_string(&other.builder, "adapter.lora.task_name", "a task");
	CHECK(same(wanted, identity_of(&other)));
	for (size_t i = 0; i < other.builder.n_tensors / 2; i++) { /* the order of tensors */
		const struct gguf_tensor tensor = other.builder.tensors[i];

		other.builder.tensors[i] = other.builder.tensors[other.builder.n_tensors - 1 - i];
		other.builder.tensors[other.builder.n_tensors - 1 - i] = tensor;
	}
	CHECK(same(wanted, identity_of(&other)));
	gguf_free(&other.builder);
	for (size_t i = 0; i < adapter.builder.n_tensors; i++) /* any number */
		for (unsigned last = 0; last < 2; last++) {
			struct lac_buffer *data = &adapter.builder.tensors[i].data;

			data->bytes[last ? data->length - 4 : 0] ^= 1;
			CHECK_NOTE(!same(wanted, identity_of(&adapter)), "tensor %zu", i);
			data->bytes[last ? data->length - 4 : 0] ^= 1;
		}
	/* key for value: of one shape */
	adapter.builder.tensors[2].name = "blk.0.attn_v.weight.lora_a";
	adapter.builder.tensors[3].name = "blk.0.attn_v.weight.lora_b";
	adapter.builder.tensors[4].name = "blk.0.attn_k.weight.lora_a";
	adapter.builder.tensors[5].name = "blk.0.attn_k.weight.lora_b";
	CHECK(!same(wanted, identity_of(&adapter)));
	gguf_free(&adapter.builder);
	make_adapter(&adapter, &base->shape, "one", LAC_TENSOR_F32, 6, 12.5f, mask, 9); /* alpha */
	CHECK(!same(wanted, identity_of(&adapter)));
	gguf_free(&adapter.builder);
	/* 0 means a scale of 1 */
	make_adapter(&adapter, &base->shape, "one", LAC_TENSOR_F32, 6, 0.0f, mask, 9);
	make_adapter(&other, &base->shape, "one", LAC_TENSOR_F32, 6, 6.0f, mask, 9);
	CHECK(same(identity_of(&adapter), identity_of(&other)));
	gguf_free(&adapter.builder);
	gguf_free(&other.builder);
}

/* ---- Refusal --------------------------------------------------------------------- */

static void refuse(struct built_adapter *adapter, enum lac_status expected, const char *said)
{
	struct lac_error error;
	struct lac_model *model = try_adapter(adapter, base, &error);

	CHECK_NOTE(!model && error.status == expected && says(&error, said), "%s: %d, %s", said, (int)error.status, error.text);
	lac_model_close(&model);
	gguf_free(&adapter->builder);
}

static void make_plain(struct built_adapter *adapter)
{
	make_adapter(adapter, &base->shape, "plain", LAC_TENSOR_F32, 4, 8.0f, 0x7f, 3);
}

static void keys_are_refused_by_name(void)
{
	static const char *const required[] = { "general.type", "general.architecture", "adapter.type", "adapter.lora.alpha" };
	static const struct { const char *key, *value; } others[] = { { "general.type", "model" }, { "general.architecture", "qwen2" },
		{ "adapter.type", "control_vector" } };
	static const char *const unknown[] = { "adapter.alora.invocation_tokens", "adapter.lora.rslora", "llama.context_length", "general" };
	static const uint32_t alphas[] = { QUIET_NAN, 0x7f800000, 0xff800000, 0x49800001 /* above 2^20 */, 0xc9800001 };
	struct built_adapter adapter;

	for (size_t i = 0; i < 4; i++) {
		make_plain(&adapter);
		gguf_remove(&adapter.builder, required[i]);
		refuse(&adapter, LAC_BAD_MODEL, required[i]);
	}
	for (size_t i = 0; i < 3; i++) {
		make_plain(&adapter);
		gguf_remove(&adapter.builder, others[i].key);
		gguf_add_string(&adapter.builder, others[i].key, others[i].value);
		refuse(&adapter, LAC_UNSUPPORTED_MODEL, others[i].value);
	}
	for (size_t i = 0; i < 4; i++) {
		make_plain(&adapter);
		gguf_add_string(&adapter.builder, unknown[i], "1");
		refuse(&adapter, LAC_UNSUPPORTED_MODEL, unknown[i]);
	}
	for (size_t i = 0; i < 5; i++) {
		make_plain(&adapter);
		gguf_remove(&adapter.builder, "adapter.lora.alpha");
		lac_buffer_u32(gguf_add(&adapter.builder, "adapter.lora.alpha", LAC_GGUF_F32), alphas[i]);
		refuse(&adapter, LAC_UNSUPPORTED_MODEL, "adapter.lora.alpha");
	}
}

/* Changes one tensor's shape, with numbers enough for the new one. */
static void reshape(struct built_adapter *adapter, size_t tensor, uint64_t n_columns, uint64_t n_rows)
{
	struct gguf_tensor *t = &adapter->builder.tensors[tensor];
	uint64_t seed = 1;

	t->dims[0] = n_columns;
	t->dims[1] = n_rows;
	lac_buffer_clear(&t->data);
	adapter_put(&t->data, LAC_TENSOR_F32, (size_t)(n_columns * n_rows), &seed);
}

static void shapes_are_refused_by_name(void)
{
	struct built_adapter adapter;
	uint64_t seed = 1;

	for (unsigned part = 0; part < ADAPTED_PARTS; part++) {
		const uint32_t n_in = adapted_in(&base->shape, part), n_out = adapted_out(&base->shape, part);

		for (unsigned how = 0; how < 9; how++) {
			make_plain(&adapter);
			switch (how) {
			case 0: reshape(&adapter, 2 * part, n_in + 1, 4); break;
			case 1: reshape(&adapter, 2 * part, n_in - 1, 4); break;
			case 2: reshape(&adapter, 2 * part + 1, 4, n_out + 1); break;
			case 3: reshape(&adapter, 2 * part + 1, 4, n_out - 1); break;
			case 4: reshape(&adapter, 2 * part + 1, 5, n_out); break;
			case 5: reshape(&adapter, 2 * part, n_in, 3); break;
			case 6: gguf_remove_tensor(&adapter.builder, adapter.names[2 * part]); break;
			case 7: gguf_remove_tensor(&adapter.builder, adapter.names[2 * part + 1]); break;
			case 8: reshape(&adapter, 2 * part, n_in, 0); break;
			}
			refuse(&adapter, LAC_BAD_MODEL, adapted_parts[part]);
		}
		make_plain(&adapter);
		reshape(&adapter, 2 * part, n_in, 1025);
		reshape(&adapter, 2 * part + 1, 1025, n_out);
		refuse(&adapter, LAC_UNSUPPORTED_MODEL, "1025");
		for (unsigned b = 0; b < 2; b++) {
			make_plain(&adapter);
			adapter.builder.tensors[2 * part + b].type = LAC_TENSOR_Q8_0;
			reshape(&adapter, 2 * part + b, 32, 32);
			refuse(&adapter, LAC_UNSUPPORTED_MODEL, adapter.names[2 * part + b]);
			make_plain(&adapter);
			adapter.builder.tensors[2 * part + b].n_dims = 3;
			adapter.builder.tensors[2 * part + b].dims[2] = 2;
			/* enough of them */
			adapter_put(&adapter.builder.tensors[2 * part + b].data, LAC_TENSOR_F32, (size_t)4 * 64, &seed);
			refuse(&adapter, LAC_BAD_MODEL, adapter.names[2 * part + b]);
		}
	}
	make_adapter(&adapter, &base->shape, "nothing", LAC_TENSOR_F32, 4, 8.0f, 0, 3);
	refuse(&adapter, LAC_BAD_MODEL, "no tensor");
}

static void unknown_tensors_are_named(void)
{
	static const char *const names[] = { "token_embd.weight.lora_a", "output.weight.lora_b", "blk.1.attn_q.weight.lora_a",
		"blk.0.attn_norm.weight", "blk.0.attn_q.weight", "blk.0.attn_q.weight.lora_c", "blk.00.attn_q.weight.lora_a",
		"blk.0.attn_q.bias.lora_a", "output_norm.weight.lora_a" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct built_adapter adapter;
		uint64_t seed = 1;

		make_plain(&adapter);
		adapter_put(&gguf_add_tensor(&adapter.builder, names[i], LAC_TENSOR_F32, DIM, 4)->data, LAC_TENSOR_F32, (size_t)DIM * 4, &seed);
		refuse(&adapter, LAC_UNSUPPORTED_MODEL, names[i]);
	}
}

static void values_out_of_bounds_are_named(void)
{
	static const struct { uint32_t type, bits; } poisons[] = {
		{ LAC_TENSOR_F32, QUIET_NAN }, { LAC_TENSOR_F32, 0x7f800000 }, { LAC_TENSOR_F32, 0xff800000 },
		{ LAC_TENSOR_F32, 0x477fe001 /* above 65504 */ }, { LAC_TENSOR_F16, 0x7c00 }, { LAC_TENSOR_F16, 0xfe00 },
	};
	struct built_adapter adapter;

	for (size_t p = 0; p < sizeof poisons / sizeof *poisons; p++)
		for (unsigned tensor = 0; tensor < 2 * ADAPTED_PARTS; tensor++)
			for (unsigned last = 0; last < 2; last++) {
				const size_t size = poisons[p].type == LAC_TENSOR_F32 ? 4 : 2;
				struct lac_buffer *data;

				make_adapter(&adapter, &base->shape, "poison", poisons[p].type, 4, 8.0f, 0x7f, 3);
				data = &adapter.builder.tensors[tensor].data;
				for (size_t byte = 0; byte < size; byte++)
					data->bytes[(last ? data->length - size : 0) + byte] = (uint8_t)(poisons[p].bits >> 8 * byte);
				refuse(&adapter, LAC_UNSUPPORTED_MODEL, adapted_parts[tensor / 2]);
			}
	for (unsigned part = 0; part < ADAPTED_PARTS; part++) { /* each in bounds, the sum not */
		make_adapter(&adapter, &base->shape, "large", LAC_TENSOR_F32, 4, 0x1p20f, 1u << part, 3);
		refuse(&adapter, LAC_UNSUPPORTED_MODEL, adapted_parts[part]);
	}
}

static void a_damaged_adapter_is_read_or_told(void)
{
	struct built_adapter adapter;
	struct lac_buffer file;

	make_adapter(&adapter, &base->shape, "damaged", LAC_TENSOR_F16, 2, 8.0f, 0x7f, 3);
	file = gguf_write(&adapter.builder);
	for (size_t i = 0; i < 8 * file.length; i += i < 8 * 1024 ? 3 : 501) {
		struct lac_error error = { .status = LAC_OK };
		struct lac_model *model = NULL;
		enum lac_status s;

		file.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		s = lac_model_adapt_memory(&model, base, file.bytes, file.length, &error);
		CHECK_NOTE(s ? !model && is_told(s, &error) : model != NULL, "bit %zu: %d, %s", i, (int)s, error.text);
		lac_model_close(&model);
		file.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n < file.length; n += n < 1024 ? 1 : 37) {
		struct lac_model *model = NULL;
		uint8_t *copy = exact_copy(file.bytes, n);

		CHECK(lac_model_adapt_memory(&model, base, copy, n, NULL) == LAC_BAD_MODEL && !model);
		free(copy);
	}
	lac_buffer_free(&file);
	gguf_free(&adapter.builder);
}

static void what_is_adapted_is_not_adapted_again(void)
{
	struct lac_model *adapted = adapt_or_exit(base, "once", 2, 2.0f, 1, 1), *again = NULL;
	struct lac_error error = { .status = LAC_OK };
	struct built_adapter adapter;
	struct lac_buffer file;

	make_plain(&adapter);
	file = gguf_write(&adapter.builder);
	CHECK(lac_model_adapt_memory(&again, adapted, file.bytes, file.length, &error) == LAC_BAD_ARGUMENT && !again && error.text[0]);
	lac_buffer_free(&file);
	gguf_free(&adapter.builder);
	CHECK(lac_model_adapt_file(&again, base, "build/no such file", &error) == LAC_READ_FAILED && !again);
	lac_model_close(&adapted);
}

int main(void)
{
	struct gguf_builder builder;

	lac_float_environment_enter();
	make_exact(&builder);
	base = open_exact(&builder);
	LAW(merging_is_what_a_file_of_the_sums_gives);
	LAW(the_base_is_what_its_identity_says);
	LAW(the_identity_is_of_the_numbers_alone);
	LAW(keys_are_refused_by_name);
	LAW(shapes_are_refused_by_name);
	LAW(unknown_tensors_are_named);
	LAW(values_out_of_bounds_are_named);
	LAW(a_damaged_adapter_is_read_or_told);
	LAW(what_is_adapted_is_not_adapted_again);
	lac_model_close(&base);
	gguf_free(&builder);
	return test_report();
}
