/* Laws of reading the structure of model files: test_gguf. What is malformed is refused, wherever
 * it is cut or flipped, and whatever it claims. */
#include "test.h"
#include "built_gguf.h"
#include "memory_limit.h"

/* ---- The file ------------------------------------------------------------------ */

/* A small file with a pair of every type and two tensors. */
static void make_sample(struct gguf_builder *builder)
{
	static const uint8_t bytes[64] = { 1, 2, 3 };

	*builder = (struct gguf_builder){ .alignment = 0 };
	for (uint32_t type = 0; type < N_TYPES; type++)
		put_some(gguf_add(builder, type_names[type], type), type);
	put_nested(gguf_add(builder, "nested", LAC_GGUF_ARRAY), 2);
	gguf_add_u32(builder, "general.alignment", 32);
	lac_buffer_append(&gguf_add_tensor(builder, "first", LAC_TENSOR_F32, 3, 0)->data, bytes, 12);
	lac_buffer_append(&gguf_add_tensor(builder, "second", LAC_TENSOR_F16, 2, 3)->data, bytes, 12);
}

static void keys_and_tensors_are_listed(void)
{
	static const char *const last[] = { "nested", "general.alignment" };
	struct gguf_builder builder;
	struct lac_buffer file;
	struct lac_gguf *gguf;
	const struct lac_tensor *first, *second;

	make_sample(&builder);
	gguf = open_built(&builder, &file);
	for (size_t i = 0; i < N_TYPES + 2; i++)
		CHECK(lac_string_equals(*lac_gguf_key(gguf, i), i < N_TYPES ? type_names[i] : last[i - N_TYPES]));
	CHECK(!lac_gguf_key(gguf, N_TYPES + 2) && !lac_gguf_key(gguf, SIZE_MAX));
	first = lac_gguf_tensor_at(gguf, 0);
	second = lac_gguf_tensor_at(gguf, 1);
	CHECK(!lac_gguf_tensor_at(gguf, 2) && !lac_gguf_tensor_at(gguf, SIZE_MAX));
	CHECK(lac_gguf_tensor(gguf, "first") == first && lac_gguf_tensor(gguf, "second") == second);
	CHECK(!lac_gguf_tensor(gguf, "secon") && !lac_gguf_tensor(gguf, "second ") && !lac_gguf_tensor(gguf, ""));
	CHECK(lac_string_equals(first->name, "first") && first->type == LAC_TENSOR_F32 && first->n_dims == 1);
	CHECK(first->dims[0] == 3 && first->dims[1] == 1 && first->dims[2] == 1 && first->dims[3] == 1 && first->n_bytes == 12);
	CHECK(second->n_dims == 2 && second->type == LAC_TENSOR_F16 && second->dims[0] == 2 && second->dims[1] == 3);
	CHECK(second->n_bytes == 12 && second->data == file.bytes + file.length - 12 && first->data == second->data - 32);
	CHECK(memcmp(first->data, "\1\2\3", 3) == 0);
	close_built(&builder, &file, &gguf);
}

/* Blocks of ggml's types: elements and bytes. */
static void tensors_of_known_types_are_measured(void)
{
	static const struct { uint32_t type, elements, bytes; } types[] = { { LAC_TENSOR_F32, 1, 4 }, { LAC_TENSOR_F16, 1, 2 },
		{ 2 /* Q4_0 */, 32, 18 }, { 6 /* Q5_0 */, 32, 22 }, { LAC_TENSOR_Q8_0, 32, 34 }, { 12 /* Q4_K */, 256, 144 },
		{ 14 /* Q6_K */, 256, 210 }, { 30 /* BF16 */, 1, 2 } };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (unsigned lacking = 0; lacking < 2; lacking++) {
			struct gguf_builder builder = { .alignment = 0 };
			struct gguf_tensor *tensor = gguf_add_tensor(&builder, "some", types[i].type, 2 * types[i].elements, 3);
			struct lac_error error;
			enum lac_status s;

			for (size_t b = 0; b < (size_t)6 * types[i].bytes - lacking; b++)
				lac_buffer_u8(&tensor->data, 0);
			s = try_built(&builder, &error);
			CHECK_NOTE(s == (lacking ? LAC_BAD_MODEL : LAC_OK), "type %u: %s", (unsigned)types[i].type, error.text);
			CHECK_NOTE(!s || says(&error, "\"some\""), "%s", error.text);
			tensor->dims[0]--;
			if (types[i].elements > 1) /* rows are whole blocks */
				CHECK(try_built(&builder, &error) == LAC_BAD_MODEL && says(&error, "\"some\""));
			gguf_free(&builder);
		}
}

static void alignment_places_tensors(void)
{
	for (uint32_t alignment = 0; alignment <= 4096; alignment = alignment < 80 ? alignment + 1 : 2 * alignment) {
		const bool is_right = alignment >= 8 && (alignment & (alignment - 1)) == 0;
		struct gguf_builder builder = { .alignment = is_right ? alignment : 0 };
		struct lac_error error;
		struct lac_buffer file;
		struct lac_gguf *gguf;

		gguf_add_u32(&builder, "general.alignment", alignment);
		lac_buffer_u32(&gguf_add_tensor(&builder, "first", LAC_TENSOR_F32, 1, 0)->data, 0x01020304);
		lac_buffer_u32(&gguf_add_tensor(&builder, "second", LAC_TENSOR_F32, 1, 0)->data, 0x05060708);
		if (is_right) {
			gguf = open_built(&builder, &file);
			CHECK_NOTE(memcmp(lac_gguf_tensor(gguf, "first")->data, "\4\3\2\1", 4) == 0, "alignment %u", (unsigned)alignment);
			CHECK_NOTE(memcmp(lac_gguf_tensor(gguf, "second")->data, "\10\7\6\5", 4) == 0, "alignment %u", (unsigned)alignment);
			lac_gguf_close(&gguf);
			lac_buffer_free(&file);
		} else {
			CHECK_NOTE(try_built(&builder, &error) == LAC_BAD_MODEL && says(&error, "general.alignment"), "%s", error.text);
		}
		gguf_free(&builder);
	}
}

static void only_versions_2_and_3_are_read(void)
{
	static const uint32_t others[] = { 0, 1, 4, 5, 255, 0xffff };
	struct gguf_builder builder;
	struct lac_buffer file;
	struct lac_error error;

	make_sample(&builder);
	file = gguf_write(&builder);
	for (uint8_t version = 2; version <= 3; version++) {
		file.bytes[4] = version;
		CHECK(!try_gguf(file.bytes, file.length, &error));
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		char said[24];

		snprintf(said, sizeof said, "version %u;", (unsigned)others[i]);
		file.bytes[4] = (uint8_t)others[i];
		file.bytes[5] = (uint8_t)(others[i] >> 8);
		CHECK_NOTE(try_gguf(file.bytes, file.length, &error) == LAC_UNSUPPORTED_MODEL && says(&error, said), "%s", said);
	}
	memcpy(file.bytes + 4, "\0\0\0\3", 4);
	CHECK(try_gguf(file.bytes, file.length, &error) == LAC_UNSUPPORTED_MODEL && says(&error, "big-endian"));
	memcpy(file.bytes + 4, "\3\0\0\0", 4);
	for (unsigned bit = 0; bit < 32; bit++) {
		file.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(try_gguf(file.bytes, file.length, &error) == LAC_BAD_MODEL && says(&error, "not a GGUF file"));
		file.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	lac_buffer_free(&file);
	gguf_free(&builder);
}

static void a_part_of_a_split_file_is_refused(void)
{
	for (unsigned count = 0; count < 4; count++) {
		struct gguf_builder builder;
		struct lac_error error;
		enum lac_status s;

		make_sample(&builder);
		put_scalar(gguf_add(&builder, "split.count", LAC_GGUF_U16), LAC_GGUF_U16, count);
		s = try_built(&builder, &error);
		CHECK(s == (count > 1 ? LAC_UNSUPPORTED_MODEL : LAC_OK) && (!s || says(&error, "split.count")));
		gguf_free(&builder);
	}
}

/* ---- Damage -------------------------------------------------------------------- */

static void every_cut_is_refused(void)
{
	struct gguf_builder builder;
	struct lac_buffer file;
	struct lac_error error;

	make_sample(&builder);
	file = gguf_write(&builder);
	CHECK(!try_gguf(file.bytes, file.length, &error));
	for (size_t n = 0; n < file.length; n++)
		CHECK_NOTE(try_gguf(file.bytes, n, &error) == LAC_BAD_MODEL, "cut at %zu of %zu", n, file.length);
	lac_buffer_free(&file);
	gguf_free(&builder);
}

/* Asks for everything that a file says, so that the sanitizers see where it leads. */
static unsigned walk(const struct lac_gguf *gguf)
{
	const struct lac_string *key;
	const struct lac_tensor *tensor;
	unsigned sum = 0;

	for (size_t i = 0; (key = lac_gguf_key(gguf, i)); i++) {
		char name[64];
		struct lac_error error;

		snprintf(name, sizeof name, "%.*s", (int)(key->length < 63 ? key->length : 63), key->bytes);
		for (unsigned how = 0; how < N_LOOK_UPS; how++)
			sum += look_up(gguf, how, name, false, &error) == LAC_OK;
	}
	for (size_t i = 0; (tensor = lac_gguf_tensor_at(gguf, i)); i++)
		for (uint64_t b = 0; b < tensor->n_bytes; b++)
			sum += tensor->data[b];
	return sum;
}

/* A flip may make another file that is as good; what must not be is a crash, or a failure that says
 * nothing. */
static void a_flipped_bit_is_read_or_told(void)
{
	size_t n_read = 0, n_told = 0;
	struct gguf_builder builder;
	struct lac_buffer file;
	uint8_t *copy;

	make_sample(&builder);
	file = gguf_write(&builder);
	copy = exact_copy(file.bytes, file.length);
	for (size_t bit = 0; bit < 8 * file.length; bit++) {
		struct lac_error error = { .status = LAC_OK };
		struct lac_gguf *gguf;
		enum lac_status s;

		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		s = lac_gguf_open(&gguf, copy, file.length, &error);
		CHECK_NOTE(s ? !gguf && is_told(s, &error) : walk(gguf) > 0, "bit %zu", bit);
		*(s ? &n_told : &n_read) += 1;
		lac_gguf_close(&gguf);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK_NOTE(n_read > 1000 && n_told > 1000, "%zu read, %zu told", n_read, n_told);
	free(copy);
	lac_buffer_free(&file);
	gguf_free(&builder);
}

/* ---- Lies ---------------------------------------------------------------------- */

static const uint64_t huge[] = { UINT64_MAX, UINT64_MAX - 7, UINT64_C(1) << 63, UINT64_C(1) << 61, UINT64_C(1) << 60,
	UINT64_C(1) << 32, 1000000000 };
#define N_HUGE (sizeof huge / sizeof *huge)

/* A refusal of some hundred bytes; main() has limited the memory. */
static void refuse(const uint8_t *bytes, size_t n, const char *said, uint64_t lie)
{
	struct lac_error error;
	enum lac_status s = try_gguf(bytes, n, &error);

	CHECK_NOTE(s == LAC_BAD_MODEL && says(&error, said), "%s, %#llx: %d, %s", said, (unsigned long long)lie, (int)s, error.text);
}

static void refuse_built(struct gguf_builder *builder, const char *said, uint64_t lie)
{
	struct lac_buffer file = gguf_write(builder);

	refuse(file.bytes, file.length, said, lie);
	lac_buffer_free(&file);
}

static void huge_counts_are_refused_at_once(void)
{
	struct gguf_builder builder;
	struct lac_buffer file;

	make_sample(&builder);
	file = gguf_write(&builder);
	for (size_t i = 0; i < N_HUGE; i++) {
		gguf_poke_u64(&file, GGUF_N_TENSORS_AT, huge[i]);
		refuse(file.bytes, file.length, "more tensors", huge[i]);
		gguf_poke_u64(&file, GGUF_N_TENSORS_AT, builder.n_tensors);
		gguf_poke_u64(&file, GGUF_N_PAIRS_AT, huge[i]);
		refuse(file.bytes, file.length, "more metadata", huge[i]);
		gguf_poke_u64(&file, GGUF_N_PAIRS_AT, builder.n_pairs);
	}
	lac_buffer_free(&file);
	gguf_free(&builder);
}

static void huge_lengths_are_refused_at_once(void)
{
	for (size_t i = 0; i < N_HUGE; i++)
		/* of the elements of an array; LAC_GGUF_ARRAY stands for a string */
		for (uint32_t type = 0; type < N_TYPES; type++) {
			struct gguf_builder builder = { .alignment = 0 };
			struct lac_buffer *value = gguf_add(&builder, "this one", type == LAC_GGUF_ARRAY ? LAC_GGUF_STRING : LAC_GGUF_ARRAY);

			if (type != LAC_GGUF_ARRAY)
				lac_buffer_u32(value, type);
			lac_buffer_u64(value, huge[i]);
			lac_buffer_append(value, "some text that is there", 24);
			refuse_built(&builder, "\"this one\"", huge[i]);
			gguf_free(&builder);
		}
	for (size_t i = 0; i < N_HUGE; i++) { /* of the first name: of a key, then of a tensor */
		struct gguf_builder builder;
		struct lac_buffer file;

		make_sample(&builder);
		for (unsigned round = 0; round < 2; round++) {
			file = gguf_write(&builder);
			gguf_poke_u64(&file, GGUF_HEADER_BYTES, huge[i]);
			refuse(file.bytes, file.length, round ? "a tensor's name" : "a metadata key", huge[i]);
			lac_buffer_free(&file);
			while (builder.n_pairs)
				gguf_remove(&builder, builder.pairs[0].key);
		}
		gguf_free(&builder);
	}
}

/* Four levels of arrays each announcing as many as the bytes left allow: the work is bounded by the
 * bytes, not by the product. */
static void nested_lies_are_refused_at_once(void)
{
	struct gguf_builder builder = { .alignment = 0 };
	struct lac_buffer *value = gguf_add(&builder, "this one", LAC_GGUF_ARRAY);

	for (unsigned depth = 0; depth < 4; depth++)
		gguf_put_array(value, depth < 3 ? LAC_GGUF_ARRAY : LAC_GGUF_U8, 100000);
	for (size_t i = 0; i < 150000; i++)
		lac_buffer_u8(value, 0);
	refuse_built(&builder, "\"this one\"", 100000);
	gguf_free(&builder);
}

/* Keys take 1 to 65535 bytes, names of tensors 1 to 64. */
static void names_have_bounds(void)
{
	static const size_t lengths[] = { 0, 1, 64, 65, 65535, 65536 };
	char name[65537];

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct gguf_builder keyed = { .alignment = 0 }, named = { .alignment = 0 };
		struct lac_error error;

		memset(name, 'n', lengths[i]);
		name[lengths[i]] = '\0';
		gguf_add_u32(&keyed, name, 1);
		lac_buffer_u32(&gguf_add_tensor(&named, name, LAC_TENSOR_F32, 1, 0)->data, 0);
		CHECK_NOTE(!try_built(&keyed, &error) == (i >= 1 && i <= 4), "%zu", lengths[i]);
		CHECK_NOTE(!try_built(&named, &error) == (i >= 1 && i <= 2), "%zu", lengths[i]);
		gguf_free(&keyed);
		gguf_free(&named);
	}
}

static void impossible_shapes_are_refused(void)
{
	static const uint32_t n_dims[] = { 0, 5, 6, 0x80000001, 0xffffffff };
	static const uint64_t dims[][4] = { { 0, 1, 1, 1 }, { 3, 0, 1, 1 }, { 3, 1, 1, 0 }, { UINT64_MAX, 1, 1, 1 },
		{ UINT64_C(1) << 63, 2, 1, 1 }, { UINT64_C(1) << 32, UINT64_C(1) << 32, 1, 1 }, { 1 << 16, 1 << 16, 1 << 16, 1 << 16 },
		{ UINT64_C(1) << 62, 1, 1, 1 }, { 4, UINT64_C(1) << 62, 1, 1 }, { UINT64_C(1) << 53, 1, 1, 1 }, { 1, 1, 2, 2 } };

	for (size_t i = 0; i < sizeof n_dims / sizeof *n_dims; i++) {
		struct gguf_builder builder;

		make_sample(&builder);
		builder.tensors[1].n_dims = n_dims[i];
		refuse_built(&builder, "tensor \"second\" has no dimension, more than four", n_dims[i]);
		gguf_free(&builder);
	}
	for (size_t i = 0; i < sizeof dims / sizeof *dims; i++) {
		struct gguf_builder builder;

		make_sample(&builder);
		builder.tensors[1].n_dims = 4;
		memcpy(builder.tensors[1].dims, dims[i], sizeof dims[i]);
		builder.tensors[1].type = LAC_TENSOR_F32;
		refuse_built(&builder, "\"second\"", dims[i][0]);
		gguf_free(&builder);
	}
}

/* The data of the sample: 12 bytes at 0, nothing to 32, 12 bytes to its end at 44. */
static void tensors_lie_within_the_file(void)
{
	static const struct { uint64_t offset; const char *said; } places[] = { { 0, "overlaps" }, { 32, NULL }, { 64, "past the end" },
		{ UINT64_C(1) << 63, "past the end" }, { UINT64_MAX - 31, "past the end" }, { UINT64_MAX - 63, "past the end" },
		{ 1, "aligned" }, { 16, "aligned" }, { 33, "aligned" }, { UINT64_MAX, "aligned" } };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		/* one that is known, and one whose size is not */
		for (unsigned type = 0; type < 2; type++) {
			struct gguf_builder builder;
			struct lac_error error;
			enum lac_status s;

			make_sample(&builder);
			builder.tensors[1].is_placed = true;
			builder.tensors[1].offset = places[i].offset;
			builder.tensors[1].type = type ? 99 : LAC_TENSOR_F16;
			s = try_built(&builder, &error);
			if (places[i].said && !(type && places[i].offset == 0))
				CHECK_NOTE(s == LAC_BAD_MODEL && says(&error, places[i].said) &&
					(says(&error, "\"second\"") || places[i].offset == 0), "%zu: %s", i, error.text);
			else
				CHECK_NOTE(!s, "%zu: %s", i, error.text);
			gguf_free(&builder);
		}
}

/* In any order of the descriptions; side by side is no overlap. */
static void overlapping_tensors_are_refused(void)
{
	static const uint64_t offsets[][3] = { { 0, 32, 64 }, { 64, 32, 0 }, { 32, 0, 64 }, { 0, 32, 32 }, { 32, 0, 32 },
		{ 64, 0, 64 } };

	for (size_t i = 0; i < 6; i++)
		/* the one in the middle reaches into its neighbour */
		for (unsigned longer = 0; longer < 2; longer++) {
			struct gguf_builder builder = { .alignment = 0 };
			static const char *const names[] = { "a", "b", "c" };
			struct lac_error error;

			for (unsigned t = 0; t < 3; t++) {
				struct gguf_tensor *tensor = gguf_add_tensor(&builder, names[t], LAC_TENSOR_F32,
					longer && offsets[i][t] == 32 ? 9 : 8, 0);

				tensor->is_placed = true;
				tensor->offset = offsets[i][t];
				for (unsigned b = 0; b < 36; b++)
					lac_buffer_u8(&tensor->data, 0);
			}
			if (i < 3 && !longer)
				CHECK_NOTE(!try_built(&builder, &error), "%s", error.text);
			else
				CHECK(try_built(&builder, &error) == LAC_BAD_MODEL && says(&error, "overlaps"));
			gguf_free(&builder);
		}
}

static void names_occur_once(void)
{
	struct gguf_builder builder;
	struct lac_error error;

	make_sample(&builder);
	gguf_add_u32(&builder, "nested", 1); /* not beside the other, nor of its type */
	CHECK(try_built(&builder, &error) == LAC_BAD_MODEL && says(&error, "\"nested\"") && says(&error, "twice"));
	gguf_free(&builder);
	make_sample(&builder);
	lac_buffer_u32(&gguf_add_tensor(&builder, "first", LAC_TENSOR_F32, 1, 0)->data, 0);
	CHECK(try_built(&builder, &error) == LAC_BAD_MODEL && says(&error, "\"first\"") && says(&error, "twice"));
	gguf_free(&builder);
	make_sample(&builder);
	/* a key may be called as a tensor is, and begin as another does */
	gguf_add_u32(&builder, "first", 1);
	gguf_add_u32(&builder, "neste", 1);
	gguf_add_u32(&builder, "nestedd", 1);
	CHECK_NOTE(!try_built(&builder, &error), "%s", error.text);
	gguf_free(&builder);
}

/* A file that is not to be trusted must not speak to the terminal. */
static void messages_hold_no_control_characters(void)
{
	struct gguf_builder builder;
	struct lac_error error;

	make_sample(&builder);
	gguf_add_u32(&builder, "evil\x1b[2J\n\x7f", 1);
	gguf_add_u32(&builder, "evil\x1b[2J\n\x7f", 1);
	CHECK(try_built(&builder, &error) == LAC_BAD_MODEL && says(&error, "\"evil"));
	for (const char *c = error.text; *c; c++)
		CHECK_NOTE((unsigned char)*c >= ' ' && *c != 0x7f, "%02x", (unsigned)(unsigned char)*c);
	gguf_free(&builder);
}

int main(void)
{
	if (!limit_memory())
		SKIP("limit_memory", "memory cannot be limited here: claims are refused, but perhaps after an allocation");
	LAW(keys_and_tensors_are_listed);
	LAW(tensors_of_known_types_are_measured);
	LAW(alignment_places_tensors);
	LAW(only_versions_2_and_3_are_read);
	LAW(a_part_of_a_split_file_is_refused);
	LAW(every_cut_is_refused);
	LAW(a_flipped_bit_is_read_or_told);
	LAW(huge_counts_are_refused_at_once);
	LAW(huge_lengths_are_refused_at_once);
	LAW(nested_lies_are_refused_at_once);
	LAW(names_have_bounds);
	LAW(impossible_shapes_are_refused);
	LAW(tensors_lie_within_the_file);
	LAW(overlapping_tensors_are_refused);
	LAW(names_occur_once);
	LAW(messages_hold_no_control_characters);
	return test_report();
}
