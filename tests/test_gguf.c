/* Laws of reading model files: test_gguf DIRECTORY_OF_MODELS [--short]. What is well-formed is read right; what is not, or is not
 * understood, is refused with the name of the key or tensor at fault. --short tries fewer places of damage. */
#include "test.h"
#include "gguf_builder.h"
#include "memory_io.h"

#include "model/model.h"

#include <dirent.h>
#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

#define ALLOWANCE (48u << 20) /* bytes that opening a small file may take, however large the numbers in it */

static const char *directory;
static unsigned stride = 1; /* of places of damage */

/* ---- Opening what was built --------------------------------------------------- */

/* The sanitizers see a read past a copy that ends where the file ends. */
static uint8_t *exact_copy(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, bytes, n);
	return copy;
}

/* A file at fault is told from one that is not understood, and from a lack of memory, and the error is filled in. */
static bool is_told(enum lac_status s, const struct lac_error *error)
{
	return (s == LAC_BAD_MODEL || s == LAC_UNSUPPORTED_MODEL) && error->status == s && error->text[0];
}

static enum lac_status try_gguf(const uint8_t *bytes, size_t n, struct lac_error *error)
{
	uint8_t *copy = exact_copy(bytes, n);
	struct lac_gguf *gguf = NULL;
	enum lac_status s;

	*error = (struct lac_error){ .status = LAC_OK };
	s = lac_gguf_open(&gguf, copy, n, error);
	CHECK(s ? !gguf && is_told(s, error) && error->offset <= n : gguf && !error->text[0]);
	lac_gguf_close(&gguf);
	free(copy);
	return s;
}

static enum lac_status try_built(struct gguf_builder *builder, struct lac_error *error)
{
	struct lac_buffer file = gguf_write(builder);
	enum lac_status s = try_gguf(file.bytes, file.length, error);

	lac_buffer_free(&file);
	return s;
}

/* Writes the builder's file and opens it, both to be freed by close_built(); the file must be well-formed. */
static struct lac_gguf *open_built(struct gguf_builder *builder, struct lac_buffer *file)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_gguf *gguf;

	*file = gguf_write(builder);
	if (lac_gguf_open(&gguf, file->bytes, file->length, &error)) {
		fprintf(stderr, "a file that should be read is not: %s\n", error.text);
		exit(1);
	}
	return gguf;
}

static void close_built(struct gguf_builder *builder, struct lac_buffer *file, struct lac_gguf **gguf)
{
	lac_gguf_close(gguf);
	lac_buffer_free(file);
	gguf_free(builder);
}

static bool says(const struct lac_error *error, const char *text)
{
	return strstr(error->text, text) != NULL;
}

/* ---- Values -------------------------------------------------------------------- */

static const char *const type_names[] = { "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64",
	"i64", "f64" };
#define N_TYPES 13u

static bool is_integer(uint32_t type)
{
	return type <= LAC_GGUF_I32 || type == LAC_GGUF_U64 || type == LAC_GGUF_I64;
}

/* The low bytes of `bits`, as many as the type takes. */
static void put_scalar(struct lac_buffer *buffer, uint32_t type, uint64_t bits)
{
	static const uint8_t n_bytes[N_TYPES] = { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8 };

	for (unsigned i = 0; i < n_bytes[type]; i++)
		lac_buffer_u8(buffer, (uint8_t)(bits >> 8 * i));
}

/* Some value of any type; the array is of two strings. */
static void put_some(struct lac_buffer *buffer, uint32_t type)
{
	if (type == LAC_GGUF_ARRAY) {
		gguf_put_array(buffer, LAC_GGUF_STRING, 2);
		gguf_put_string(buffer, "one");
		gguf_put_string(buffer, "");
	} else if (type == LAC_GGUF_STRING) {
		gguf_put_string(buffer, "some text");
	} else {
		put_scalar(buffer, type, 1);
	}
}

static const struct integer {
	const char *key;
	uint32_t type;
	uint64_t bits;
	bool fits; /* into 32 bits without a sign */
} integers[] = {
	{ "least u8", LAC_GGUF_U8, 0, true }, { "most u8", LAC_GGUF_U8, 0xff, true },
	{ "most i8", LAC_GGUF_I8, 0x7f, true }, { "least i8", LAC_GGUF_I8, 0x80, false },
	{ "most u16", LAC_GGUF_U16, 0xffff, true }, { "some u16", LAC_GGUF_U16, 0x1234, true },
	{ "most i16", LAC_GGUF_I16, 0x7fff, true }, { "least i16", LAC_GGUF_I16, 0x8000, false },
	{ "most u32", LAC_GGUF_U32, 0xffffffff, true }, { "some u32", LAC_GGUF_U32, 0x12345678, true },
	{ "most i32", LAC_GGUF_I32, 0x7fffffff, true }, { "minus one i32", LAC_GGUF_I32, 0xffffffff, false },
	{ "most u64", LAC_GGUF_U64, UINT64_MAX, false }, { "first u64 too large", LAC_GGUF_U64, UINT64_C(1) << 32, false },
	{ "last u64 that fits", LAC_GGUF_U64, 0xffffffff, true }, { "u64 of the top bit", LAC_GGUF_U64, UINT64_C(1) << 63, false },
	{ "first i64 too large", LAC_GGUF_I64, UINT64_C(1) << 32, false }, { "last i64 that fits", LAC_GGUF_I64, 0xffffffff, true },
	{ "minus one i64", LAC_GGUF_I64, UINT64_MAX, false }, { "some i64", LAC_GGUF_I64, 0x9abcdef0, true },
	{ "least i64 of 32 bits", LAC_GGUF_I64, (uint64_t)INT32_MIN, false },
	{ "first i64 too small", LAC_GGUF_I64, (uint64_t)INT32_MIN - 1, false },
};
#define N_INTEGERS (sizeof integers / sizeof *integers)

static void integers_of_every_type_are_read(void)
{
	struct gguf_builder builder = { .alignment = 0 };
	struct lac_buffer file;
	struct lac_gguf *gguf;

	for (size_t i = 0; i < N_INTEGERS; i++)
		put_scalar(gguf_add(&builder, integers[i].key, integers[i].type), integers[i].type, integers[i].bits);
	gguf = open_built(&builder, &file);
	for (size_t i = 0; i < N_INTEGERS; i++) {
		struct lac_error error = { .status = LAC_OK };
		uint32_t value;
		enum lac_status s = lac_gguf_u32(gguf, integers[i].key, true, 77, &value, &error);

		CHECK_NOTE(s == (integers[i].fits ? LAC_OK : LAC_BAD_MODEL), "%s", integers[i].key);
		CHECK_NOTE(s ? is_told(s, &error) && says(&error, integers[i].key) : value == integers[i].bits, "%s", integers[i].key);
	}
	close_built(&builder, &file, &gguf);
}

static uint32_t bits_of(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static void floats_and_doubles_are_read(void)
{
	static const float singles[] = { 0.1f, -0.0f, 0x1p-149f, 0x1.fffffep127f, INFINITY };
	static const struct { double x; bool fits; } doubles[] = { { 0.1, true }, { -2.5, true }, { 0x1p127, true }, { 1e-300, true },
		{ 1e300, false }, { -1e300, false }, { INFINITY, false }, { NAN, false } };
	static const char *const keys[] = { "a", "b", "c", "d", "e", "f", "g", "h" };

	for (unsigned wide = 0; wide < 2; wide++) {
		struct gguf_builder builder = { .alignment = 0 };
		const unsigned n = wide ? 8 : 5;
		struct lac_buffer file;
		struct lac_gguf *gguf;

		for (unsigned i = 0; i < n; i++)
			if (wide)
				gguf_put_f64(gguf_add(&builder, keys[i], LAC_GGUF_F64), doubles[i].x);
			else
				gguf_add_f32(&builder, keys[i], singles[i]);
		gguf = open_built(&builder, &file);
		for (unsigned i = 0; i < n; i++) {
			struct lac_error error = { .status = LAC_OK };
			float value;
			enum lac_status s = lac_gguf_f32(gguf, keys[i], true, 0, &value, &error);

			if (wide && !doubles[i].fits)
				CHECK_NOTE(s == LAC_BAD_MODEL && says(&error, keys[i]), "%g", doubles[i].x);
			else
				CHECK_NOTE(!s && bits_of(value) == bits_of(wide ? (float)doubles[i].x : singles[i]), "%u", i);
		}
		close_built(&builder, &file, &gguf);
	}
}

static void booleans_and_strings_are_read(void)
{
	struct gguf_builder builder = { .alignment = 0 };
	struct lac_string string;
	struct lac_buffer file, *value;
	struct lac_gguf *gguf;
	bool yes = false, no = true;

	lac_buffer_u8(gguf_add(&builder, "yes", LAC_GGUF_BOOL), 1);
	lac_buffer_u8(gguf_add(&builder, "no", LAC_GGUF_BOOL), 0);
	gguf_add_string(&builder, "text", "h\xc3\xa9llo");
	gguf_add_string(&builder, "texts", "another");
	gguf_add_string(&builder, "nothing", "");
	value = gguf_add(&builder, "any bytes", LAC_GGUF_STRING);
	lac_buffer_u64(value, 3);
	lac_buffer_append(value, "\0\xff", 3);
	gguf = open_built(&builder, &file);
	CHECK(!lac_gguf_bool(gguf, "yes", true, false, &yes, NULL) && yes);
	CHECK(!lac_gguf_bool(gguf, "no", true, true, &no, NULL) && !no);
	CHECK(!lac_gguf_string(gguf, "text", true, &string, NULL) && lac_string_equals(string, "h\xc3\xa9llo"));
	CHECK(!lac_gguf_string(gguf, "texts", true, &string, NULL) && lac_string_equals(string, "another"));
	CHECK(!lac_gguf_string(gguf, "nothing", true, &string, NULL) && string.length == 0 && string.bytes);
	CHECK(!lac_gguf_string(gguf, "any bytes", true, &string, NULL) && string.length == 3 && !memcmp(string.bytes, "\0\xff", 3));
	CHECK(!lac_string_equals(string, "") && !lac_string_equals(string, "\xff"));
	close_built(&builder, &file, &gguf);
}

static void strings_in_arrays_are_read(void)
{
	static const char *const texts[] = { "one", "", "three" };
	struct gguf_builder builder = { .alignment = 0 };
	struct lac_string *strings;
	struct lac_buffer file;
	struct lac_gguf *gguf;
	size_t n;

	gguf_add_strings(&builder, "three", texts, 3);
	gguf_add_strings(&builder, "none", texts, 0);
	gguf = open_built(&builder, &file);
	CHECK(!lac_gguf_strings(gguf, "three", true, &strings, &n, NULL) && n == 3);
	for (size_t i = 0; i < n; i++)
		CHECK(lac_string_equals(strings[i], texts[i]));
	free(strings);
	CHECK(!lac_gguf_strings(gguf, "none", true, &strings, &n, NULL) && n == 0);
	free(strings);
	close_built(&builder, &file, &gguf);
}

/* Every integer of the table above, each beside a zero, in an array of its type. */
static void integers_in_arrays_are_read(void)
{
	struct gguf_builder builder = { .alignment = 0 };
	struct lac_buffer file;
	struct lac_gguf *gguf;

	for (size_t i = 0; i < N_INTEGERS; i++) {
		struct lac_buffer *value = gguf_add(&builder, integers[i].key, LAC_GGUF_ARRAY);

		gguf_put_array(value, integers[i].type, 2);
		put_scalar(value, integers[i].type, 0);
		put_scalar(value, integers[i].type, integers[i].bits);
	}
	gguf = open_built(&builder, &file);
	for (size_t i = 0; i < N_INTEGERS; i++) {
		static const unsigned widths[N_TYPES] = { 0, 8, 0, 16, 0, 32, 0, 0, 0, 0, 0, 64, 0 }; /* of those with a sign */
		const unsigned width = widths[integers[i].type];
		const bool is_negative = width && integers[i].bits >> (width - 1);
		const int64_t expected = (int64_t)(integers[i].bits - (is_negative && width < 64 ? UINT64_C(1) << width : 0));
		const bool fits = (expected >= INT32_MIN && expected <= INT32_MAX) && (is_negative || integers[i].bits <= INT32_MAX);
		struct lac_error error = { .status = LAC_OK };
		int32_t *values;
		size_t n;
		enum lac_status s = lac_gguf_i32s(gguf, integers[i].key, true, &values, &n, &error);

		CHECK_NOTE(s == (fits ? LAC_OK : LAC_BAD_MODEL), "%s", integers[i].key);
		if (s)
			CHECK_NOTE(!values && n == 0 && says(&error, integers[i].key), "%s", integers[i].key);
		else
			CHECK_NOTE(n == 2 && values[0] == 0 && values[1] == expected, "%s", integers[i].key);
		free(values);
	}
	close_built(&builder, &file, &gguf);
}

/* Look-ups of one key, by number, so that each can be tried on each type. */
#define N_LOOK_UPS 6u
static enum lac_status look_up(const struct lac_gguf *gguf, unsigned how, const char *key, bool required, struct lac_error *error)
{
	struct lac_string string, *strings = NULL;
	enum lac_status s = LAC_OK;
	int32_t *i32s = NULL;
	uint32_t u32;
	float f32;
	bool flag;
	size_t n;

	*error = (struct lac_error){ .status = LAC_OK };
	switch (how) {
	case 0: s = lac_gguf_u32(gguf, key, required, 0, &u32, error); break;
	case 1: s = lac_gguf_f32(gguf, key, required, 0, &f32, error); break;
	case 2: s = lac_gguf_bool(gguf, key, required, false, &flag, error); break;
	case 3: s = lac_gguf_string(gguf, key, required, &string, error); break;
	case 4: s = lac_gguf_strings(gguf, key, required, &strings, &n, error); break;
	case 5: s = lac_gguf_i32s(gguf, key, required, &i32s, &n, error); break;
	}
	free(strings);
	free(i32s);
	return s;
}

static bool takes(unsigned how, uint32_t type)
{
	switch (how) {
	case 0: return is_integer(type);
	case 1: return type == LAC_GGUF_F32 || type == LAC_GGUF_F64;
	case 2: return type == LAC_GGUF_BOOL;
	case 3: return type == LAC_GGUF_STRING;
	case 4: return type == LAC_GGUF_ARRAY; /* put_some() makes it of strings */
	default: return false;
	}
}

static void another_type_is_refused_by_name(void)
{
	struct gguf_builder builder = { .alignment = 0 };
	struct lac_buffer file;
	struct lac_gguf *gguf;

	for (uint32_t type = 0; type < N_TYPES; type++)
		put_some(gguf_add(&builder, type_names[type], type), type);
	gguf = open_built(&builder, &file);
	for (uint32_t type = 0; type < N_TYPES; type++)
		for (unsigned how = 0; how < N_LOOK_UPS; how++) {
			struct lac_error error;
			char key[16], named[40];
			enum lac_status s = look_up(gguf, how, type_names[type], type % 2, &error);

			snprintf(key, sizeof key, "\"%s\"", type_names[type]);
			snprintf(named, sizeof named, "of type %s", type_names[type]);
			CHECK_NOTE(s == (takes(how, type) ? LAC_OK : LAC_BAD_MODEL), "%s, look-up %u", type_names[type], how);
			CHECK_NOTE(!s || (says(&error, key) && says(&error, named)), "%s", error.text);
		}
	close_built(&builder, &file, &gguf);
}

static void elements_of_another_type_are_refused_by_name(void)
{
	struct gguf_builder builder = { .alignment = 0 };
	struct lac_buffer file;
	struct lac_gguf *gguf;

	for (uint32_t type = 0; type < N_TYPES; type++) {
		struct lac_buffer *value = gguf_add(&builder, type_names[type], LAC_GGUF_ARRAY);

		gguf_put_array(value, type, 1);
		put_some(value, type);
	}
	gguf = open_built(&builder, &file);
	for (uint32_t type = 0; type < N_TYPES; type++)
		for (unsigned how = 0; how < N_LOOK_UPS; how++) {
			const bool fits = (how == 4 && type == LAC_GGUF_STRING) || (how == 5 && is_integer(type));
			struct lac_error error;
			enum lac_status s = look_up(gguf, how, type_names[type], true, &error);

			CHECK_NOTE(s == (fits ? LAC_OK : LAC_BAD_MODEL), "array of %s, look-up %u", type_names[type], how);
			CHECK_NOTE(!s || says(&error, type_names[type]), "%s", error.text);
		}
	close_built(&builder, &file, &gguf);
}

static void absent_keys_fall_back_or_are_named(void)
{
	struct gguf_builder builder = { .alignment = 0 };
	struct lac_string string = { "x", 1 }, *strings = &string;
	int32_t number, *i32s = &number;
	uint32_t u32 = 0;
	float f32 = 0;
	bool flag = false;
	size_t n = 9;
	struct lac_buffer file;
	struct lac_gguf *gguf;

	gguf_add_u32(&builder, "llama.a", 1);
	gguf_add_u32(&builder, "llama.abc", 2);
	gguf = open_built(&builder, &file);
	for (unsigned how = 0; how < N_LOOK_UPS; how++) {
		struct lac_error error;

		CHECK(look_up(gguf, how, "llama.ab", true, &error) == LAC_BAD_MODEL && is_told(LAC_BAD_MODEL, &error));
		CHECK_NOTE(says(&error, "\"llama.ab\""), "%s", error.text);
	}
	CHECK(!lac_gguf_u32(gguf, "llama.ab", false, 7, &u32, NULL) && u32 == 7);
	CHECK(!lac_gguf_f32(gguf, "llama.ab", false, 0.5f, &f32, NULL) && f32 == 0.5f);
	CHECK(!lac_gguf_bool(gguf, "llama.ab", false, true, &flag, NULL) && flag);
	CHECK(!lac_gguf_string(gguf, "llama.ab", false, &string, NULL) && !string.bytes && string.length == 0);
	CHECK(!lac_gguf_strings(gguf, "llama.ab", false, &strings, &n, NULL) && !strings && n == 0);
	n = 9;
	CHECK(!lac_gguf_i32s(gguf, "llama.ab", false, &i32s, &n, NULL) && !i32s && n == 0);
	close_built(&builder, &file, &gguf);
}

/* Arrays of arrays: two in each, of the depth given, the innermost of two strings. */
static void put_nested(struct lac_buffer *buffer, unsigned depth)
{
	gguf_put_array(buffer, depth > 1 ? LAC_GGUF_ARRAY : LAC_GGUF_STRING, 2);
	for (unsigned i = 0; i < 2; i++)
		if (depth > 1)
			put_nested(buffer, depth - 1);
		else
			gguf_put_string(buffer, "deep");
}

/* The key behind them is found only if each was passed over to its very end. */
static void nested_arrays_are_passed_over(void)
{
	for (unsigned depth = 1; depth <= 6; depth++) {
		struct gguf_builder builder = { .alignment = 0 };
		struct lac_error error;
		struct lac_buffer file;
		struct lac_gguf *gguf;
		uint32_t value;

		put_nested(gguf_add(&builder, "nested", LAC_GGUF_ARRAY), depth);
		gguf_put_array(gguf_add(&builder, "of no arrays", LAC_GGUF_ARRAY), LAC_GGUF_ARRAY, 0);
		gguf_add_u32(&builder, "behind", 5);
		if (depth > 4) {
			CHECK_NOTE(try_built(&builder, &error) == LAC_BAD_MODEL && says(&error, "\"nested\""), "depth %u", depth);
			gguf_free(&builder);
			continue;
		}
		gguf = open_built(&builder, &file);
		CHECK_NOTE(!lac_gguf_u32(gguf, "behind", true, 0, &value, NULL) && value == 5, "depth %u", depth);
		close_built(&builder, &file, &gguf);
	}
}

static void impossible_values_are_refused_by_name(void)
{
	static const uint32_t types[] = { 13, 14, 0xff, 0x80000009, 0xffffffff };

	for (unsigned i = 0; i < 2 * 5 + 2; i++) {
		struct gguf_builder builder = { .alignment = 0 };
		struct lac_error error;
		struct lac_buffer *value;

		gguf_add_u32(&builder, "before", 1);
		if (i < 5) {
			lac_buffer_u64(gguf_add(&builder, "this one", types[i]), 0);
		} else if (i < 10) { /* even if there are none of them */
			gguf_put_array(gguf_add(&builder, "this one", LAC_GGUF_ARRAY), types[i - 5], 0);
		} else if (i == 10) {
			lac_buffer_u8(gguf_add(&builder, "this one", LAC_GGUF_BOOL), 2);
		} else {
			value = gguf_add(&builder, "this one", LAC_GGUF_ARRAY);
			gguf_put_array(value, LAC_GGUF_BOOL, 2);
			lac_buffer_append(value, "\x01\xff", 2);
		}
		gguf_add_u32(&builder, "after", 1);
		CHECK_NOTE(try_built(&builder, &error) == LAC_BAD_MODEL && says(&error, "\"this one\""), "%u: %s", i, error.text);
		gguf_free(&builder);
	}
}

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

/* A flip may make another file that is as good; what must not be is a crash, or a failure that says nothing. */
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
		for (uint32_t type = 0; type < N_TYPES; type++) { /* of the elements of an array; LAC_GGUF_ARRAY stands for a string */
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

/* Four levels of arrays each announcing as many as the bytes left allow: the work is bounded by the bytes, not by the product. */
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
		for (unsigned type = 0; type < 2; type++) { /* one that is known, and one whose size is not */
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
		for (unsigned longer = 0; longer < 2; longer++) { /* the one in the middle reaches into its neighbour */
			struct gguf_builder builder = { .alignment = 0 };
			static const char *const names[] = { "a", "b", "c" };
			struct lac_error error;

			for (unsigned t = 0; t < 3; t++) {
				struct gguf_tensor *tensor = gguf_add_tensor(&builder, names[t], LAC_TENSOR_F32,
					8 + (longer && offsets[i][t] == 32), 0);

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
	gguf_add_u32(&builder, "first", 1); /* a key may be called as a tensor is, and begin as another does */
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

/* ---- Models -------------------------------------------------------------------- */

/* The model that all refusals are changes of: one layer, two heads of 16 that share keys and values, an output of its own. */
#define DIM 32u
#define N_TOKENS 5u
static const char *const tokens[] = { "a", "b", "ab", "c", "<|end|>" };
static const char *const merges[] = { "a b" };
static const int32_t token_types[] = { 1, 1, 1, 1, 3 };

static const struct {
	const char *name;
	uint32_t n_columns, n_rows; /* no rows: a vector */
} parts[] = {
	{ "token_embd.weight", DIM, N_TOKENS }, { "blk.0.attn_norm.weight", DIM, 0 }, { "blk.0.attn_q.weight", DIM, 32 },
	{ "blk.0.attn_k.weight", DIM, 16 }, { "blk.0.attn_v.weight", DIM, 16 }, { "blk.0.attn_output.weight", 32, DIM },
	{ "blk.0.ffn_norm.weight", DIM, 0 }, { "blk.0.ffn_gate.weight", DIM, 64 }, { "blk.0.ffn_up.weight", DIM, 64 },
	{ "blk.0.ffn_down.weight", 64, DIM }, { "output_norm.weight", DIM, 0 }, { "output.weight", DIM, N_TOKENS },
};
#define N_PARTS (sizeof parts / sizeof *parts)

/* The binary16 number k / 64, for k within -127 to 127. */
static uint16_t half_of_64ths(int k)
{
	const unsigned magnitude = (unsigned)abs(k), sign = k < 0 ? 0x8000 : 0;
	unsigned exponent = 0;

	while (magnitude >> (exponent + 1))
		exponent++;
	return (uint16_t)(magnitude ? sign | (exponent + 9) << 10 | (magnitude << (10 - exponent) & 0x3ff) : 0);
}

static void put_u16(struct lac_buffer *buffer, unsigned value)
{
	put_scalar(buffer, LAC_GGUF_U16, value);
}

/* The same numbers, 64ths, whatever the type. */
static void put_weights(struct lac_buffer *data, uint32_t type, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++) {
		const int k = (int)(test_random(&seed) % 255) - 127;

		if (type == LAC_TENSOR_F32)
			gguf_put_f32(data, (float)k / 64);
		else if (type == LAC_TENSOR_F16)
			put_u16(data, half_of_64ths(k));
		else if (i % 32 == 0)
			put_u16(data, half_of_64ths(1));
		if (type == LAC_TENSOR_Q8_0)
			lac_buffer_u8(data, (uint8_t)k);
	}
}

static void make_keys(struct gguf_builder *builder)
{
	gguf_add_string(builder, "general.architecture", "llama");
	gguf_add_string(builder, "general.name", "built");
	gguf_add_u32(builder, "llama.context_length", 16);
	gguf_add_u32(builder, "llama.embedding_length", DIM);
	gguf_add_u32(builder, "llama.block_count", 1);
	gguf_add_u32(builder, "llama.feed_forward_length", 64);
	gguf_add_u32(builder, "llama.attention.head_count", 2);
	gguf_add_u32(builder, "llama.attention.head_count_kv", 1);
	gguf_add_f32(builder, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
	gguf_add_string(builder, "tokenizer.ggml.model", "gpt2");
	gguf_add_string(builder, "tokenizer.ggml.pre", "gpt-2");
	gguf_add_strings(builder, "tokenizer.ggml.tokens", tokens, N_TOKENS);
	gguf_add_i32s(builder, "tokenizer.ggml.token_type", token_types, N_TOKENS);
	gguf_add_strings(builder, "tokenizer.ggml.merges", merges, 1);
	gguf_add_u32(builder, "tokenizer.ggml.eos_token_id", N_TOKENS - 1);
}

static void make_model(struct gguf_builder *builder, uint32_t type)
{
	*builder = (struct gguf_builder){ .alignment = 0 };
	make_keys(builder);
	for (size_t i = 0; i < N_PARTS; i++) {
		struct gguf_tensor *tensor = gguf_add_tensor(builder, parts[i].name, type, parts[i].n_columns, parts[i].n_rows);

		put_weights(&tensor->data, type, (size_t)parts[i].n_columns * (parts[i].n_rows ? parts[i].n_rows : 1), i);
	}
}

/* Opens what the builder holds; the model, to be closed, or NULL. */
static struct lac_model *open_model(struct gguf_builder *builder, enum lac_status *s, struct lac_error *error)
{
	struct lac_buffer file = gguf_write(builder);
	uint8_t *copy = exact_copy(file.bytes, file.length);
	struct lac_model *model = NULL;

	*error = (struct lac_error){ .status = LAC_OK };
	*s = lac_model_open_memory(&model, copy, file.length, NULL, error);
	CHECK_NOTE(*s ? !model && is_told(*s, error) : model && !error->text[0], "%d: %s", (int)*s, error->text);
	free(copy);
	lac_buffer_free(&file);
	return model;
}

static enum lac_status try_model(struct gguf_builder *builder, struct lac_error *error)
{
	enum lac_status s;
	struct lac_model *model = open_model(builder, &s, error);

	lac_model_close(&model);
	return s;
}

/* The builder's model is refused so, and the message names what is at fault. Frees the builder. */
static void refuse_model(struct gguf_builder *builder, enum lac_status expected, const char *said, const char *note)
{
	struct lac_error error;
	enum lac_status s = try_model(builder, &error);

	CHECK_NOTE(s == expected && says(&error, said), "%s, %s: %d, %s", said, note, (int)s, error.text);
	gguf_free(builder);
}

/* Whatever it is stored as, the model is the same; so the refusals below are refusals of their change alone. */
static void a_model_is_the_same_in_every_tensor_type(void)
{
	static const uint32_t types[] = { LAC_TENSOR_F32, LAC_TENSOR_F16, LAC_TENSOR_Q8_0 };
	static const size_t sign_of_second[] = { 7, 3, 3 };
	uint8_t identity[16];

	for (unsigned i = 0; i < 3; i++) {
		struct gguf_builder builder;
		struct lac_error error;
		enum lac_status s;
		struct lac_model *model;

		make_model(&builder, types[i]);
		model = open_model(&builder, &s, &error);
		CHECK_NOTE(!s, "%s", error.text);
		if (model && i == 0)
			memcpy(identity, lac_model_info(model)->identity, sizeof identity);
		CHECK_NOTE(model && memcmp(identity, lac_model_info(model)->identity, sizeof identity) == 0, "type %u", (unsigned)types[i]);
		lac_model_close(&model);
		builder.tensors[3].data.bytes[sign_of_second[i]] ^= 0x80;
		model = open_model(&builder, &s, &error);
		CHECK(model && memcmp(identity, lac_model_info(model)->identity, sizeof identity) != 0);
		lac_model_close(&model);
		gguf_free(&builder);
	}
}

static void info_is_of_the_file(void)
{
	struct gguf_builder builder;
	struct lac_error error;
	struct lac_model *model;
	enum lac_status s;
	struct lac_buffer file;

	make_model(&builder, LAC_TENSOR_F16);
	file = gguf_write(&builder);
	model = open_model(&builder, &s, &error);
	CHECK(!s);
	if (!s) {
		const struct lac_model_info *info = lac_model_info(model);

		CHECK(strcmp(info->name, "built") == 0 && strcmp(info->architecture, "llama") == 0);
		CHECK(info->file_bytes == file.length && info->n_vocabulary == N_TOKENS && info->n_layers == 1);
		CHECK(info->n_parameters == 2 * N_TOKENS * DIM + 3 * DIM + DIM * (32 + 16 + 16 + 32 + 3 * 64));
		CHECK(info->n_heads == 2 && info->n_kv_heads == 1 && info->dim == DIM && info->ffn_dim == 64 && info->head_dim == 16);
		CHECK(info->context_length == 16);
	}
	lac_model_close(&model);
	lac_buffer_free(&file);
	gguf_free(&builder);
}

/* A name is 31 printable characters at most; a context is no longer than the engine's. */
static void names_and_windows_are_cut(void)
{
	static const struct { const char *name, *shown; } names[] = { { NULL, "unnamed" }, { "", "" },
		{ "a\nb\x1b\xc3\xa9~ ", "a?b???~ " },
		{ "0123456789012345678901234567890", "0123456789012345678901234567890" },
		{ "01234567890123456789012345678901", "0123456789012345678901234567890" } };
	static const uint32_t windows[][2] = { { 2, 2 }, { 2047, 2047 }, { 2048, 2048 }, { 2049, 2048 }, { UINT32_MAX, 2048 } };

	for (unsigned i = 0; i < 5; i++) {
		struct gguf_builder builder;
		struct lac_error error;
		struct lac_model *model;
		enum lac_status s;

		make_model(&builder, LAC_TENSOR_F16);
		gguf_remove(&builder, "general.name");
		gguf_remove(&builder, "llama.context_length");
		if (names[i].name)
			gguf_add_string(&builder, "general.name", names[i].name);
		gguf_add_u32(&builder, "llama.context_length", windows[i][0]);
		model = open_model(&builder, &s, &error);
		CHECK_NOTE(model && strcmp(lac_model_info(model)->name, names[i].shown) == 0, "%u", i);
		CHECK_NOTE(model && lac_model_info(model)->context_length == windows[i][1], "%u", i);
		lac_model_close(&model);
		gguf_free(&builder);
	}
}

/* ---- Keys of models ------------------------------------------------------------ */

#define REMOVED 99u /* as a type: the key is taken away */
#define QUIET_NAN 0x7fc00000
#define BIT(n) (UINT64_C(1) << (n))

/* What becomes of the model if this key has this value instead of its own. */
struct change {
	const char *key;
	uint32_t type;
	uint64_t bits;
	const char *text;      /* of a string, in place of the bits */
	enum lac_status expected;
	const char *said;      /* NULL: the key */
};

static void make_changed(struct gguf_builder *builder, const struct change *change)
{
	make_model(builder, LAC_TENSOR_F16);
	gguf_remove(builder, change->key);
	if (change->type == LAC_GGUF_STRING)
		gguf_add_string(builder, change->key, change->text);
	else if (change->type != REMOVED)
		put_scalar(gguf_add(builder, change->key, change->type), change->type, change->bits);
}

#define TYPE(name) LAC_GGUF_##name
#define BAD LAC_BAD_MODEL, NULL
#define NEW LAC_UNSUPPORTED_MODEL, NULL
#define GOOD LAC_OK, NULL

static const struct change removals[] = {
	{ "general.architecture", REMOVED, 0, NULL, BAD }, { "llama.context_length", REMOVED, 0, NULL, BAD },
	{ "llama.embedding_length", REMOVED, 0, NULL, BAD }, { "llama.block_count", REMOVED, 0, NULL, BAD },
	{ "llama.feed_forward_length", REMOVED, 0, NULL, BAD }, { "llama.attention.head_count", REMOVED, 0, NULL, BAD },
	{ "llama.attention.layer_norm_rms_epsilon", REMOVED, 0, NULL, BAD }, { "tokenizer.ggml.model", REMOVED, 0, NULL, BAD },
	{ "tokenizer.ggml.pre", REMOVED, 0, NULL, BAD }, { "tokenizer.ggml.tokens", REMOVED, 0, NULL, BAD },
	{ "tokenizer.ggml.merges", REMOVED, 0, NULL, BAD },
	{ "tokenizer.ggml.eos_token_id", REMOVED, 0, NULL, LAC_BAD_MODEL, "eos_token_id" },
	/* as many as the heads, then, and the tensor does not have them */
	{ "llama.attention.head_count_kv", REMOVED, 0, NULL, LAC_BAD_MODEL, "\"blk.0.attn_k.weight\"" },
	{ "general.name", REMOVED, 0, NULL, GOOD }, { "tokenizer.ggml.token_type", REMOVED, 0, NULL, GOOD },
};

static const struct change not_understood[] = {
	{ "general.architecture", TYPE(STRING), 0, "mamba", LAC_UNSUPPORTED_MODEL, "general.architecture is \"mamba\"" },
	{ "general.architecture", TYPE(STRING), 0, "llama4", LAC_UNSUPPORTED_MODEL, "general.architecture is \"llama4\"" },
	{ "general.architecture", TYPE(STRING), 0, "", NEW },
	{ "tokenizer.ggml.model", TYPE(STRING), 0, "llama", LAC_UNSUPPORTED_MODEL, "tokenizer.ggml.model is \"llama\"" },
	{ "tokenizer.ggml.pre", TYPE(STRING), 0, "llama-bpe", LAC_UNSUPPORTED_MODEL, "tokenizer.ggml.pre is \"llama-bpe\"" },
	{ "tokenizer.ggml.pre", TYPE(STRING), 0, "", NEW },
	{ "llama.expert_count", TYPE(U32), 8, NULL, NEW }, { "llama.logit_scale", TYPE(F32), 0, NULL, NEW },
	{ "llama.attention.sliding_window", TYPE(U32), 8, NULL, NEW }, { "llama.", TYPE(U32), 8, NULL, NEW },
	{ "llama.block_count_", TYPE(U32), 1, NULL, NEW }, { "qwen2.block_count", TYPE(U32), 1, NULL, NEW },
	{ "Llama.block_count", TYPE(U32), 1, NULL, NEW }, { "generality", TYPE(U32), 1, NULL, NEW },
	{ "llama.rope.scaling.type", TYPE(STRING), 0, "linear", NEW }, { "llama.rope.scaling.type", TYPE(STRING), 0, "yarn", NEW },
	{ "llama.rope.scaling.type", TYPE(STRING), 0, "", NEW }, { "llama.rope.scaling.factor", TYPE(F32), 0x40000000, NULL, NEW },
	{ "llama.rope.scale_linear", TYPE(F32), 0x40000000, NULL, NEW },
	{ "llama.rope.scaling.original_context_length", TYPE(U32), 8, NULL, NEW },
	{ "llama.attention.value_length", TYPE(U32), 8, NULL, NEW },
	{ "llama.attention.key_length", TYPE(U32), 8, NULL, LAC_UNSUPPORTED_MODEL, "key_length 8" },
};

static const struct change impossible[] = {
	{ "llama.context_length", TYPE(U32), 0, NULL, NEW }, { "llama.context_length", TYPE(U32), 1, NULL, NEW },
	{ "llama.embedding_length", TYPE(U32), 0, NULL, NEW }, { "llama.embedding_length", TYPE(U32), 65537, NULL, NEW },
	{ "llama.embedding_length", TYPE(U32), UINT32_MAX, NULL, NEW },
	{ "llama.embedding_length", TYPE(U64), BIT(32) + DIM, NULL, BAD },
	{ "llama.embedding_length", TYPE(I32), UINT32_MAX, NULL, BAD }, { "llama.block_count", TYPE(U32), 0, NULL, NEW },
	{ "llama.block_count", TYPE(U32), 1025, NULL, NEW }, { "llama.block_count", TYPE(U32), 2, NULL, LAC_BAD_MODEL, "\"blk.1." },
	{ "llama.feed_forward_length", TYPE(U32), 0, NULL, NEW }, { "llama.feed_forward_length", TYPE(U32), (1 << 20) + 1, NULL, NEW },
	{ "llama.attention.head_count", TYPE(U32), 0, NULL, NEW }, { "llama.attention.head_count", TYPE(U32), 1025, NULL, NEW },
	{ "llama.attention.head_count", TYPE(U32), 64, NULL, LAC_UNSUPPORTED_MODEL, "llama.attention.key_length" },
	{ "llama.attention.head_count_kv", TYPE(U32), 0, NULL, NEW }, { "llama.attention.head_count_kv", TYPE(U32), 1025, NULL, NEW },
	{ "llama.attention.head_count_kv", TYPE(U32), 3, NULL, LAC_BAD_MODEL, "head_count_kv" },
	{ "llama.attention.head_count_kv", TYPE(U32), 4, NULL, LAC_BAD_MODEL, "head_count_kv" },
	{ "llama.attention.key_length", TYPE(U32), 0, NULL, NEW }, { "llama.attention.key_length", TYPE(U32), 1, NULL, NEW },
	{ "llama.attention.key_length", TYPE(U32), 1025, NULL, NEW }, { "llama.attention.value_length", TYPE(U32), 0, NULL, NEW },
	{ "llama.rope.dimension_count", TYPE(U32), 0, NULL, NEW }, { "llama.rope.dimension_count", TYPE(U32), 15, NULL, BAD },
	{ "llama.rope.dimension_count", TYPE(U32), 18, NULL, NEW }, { "llama.rope.freq_base", TYPE(F32), 0, NULL, NEW },
	{ "llama.rope.freq_base", TYPE(F32), 0x3f000000 /* 0.5 */, NULL, NEW },
	{ "llama.rope.freq_base", TYPE(F32), QUIET_NAN, NULL, NEW },
	{ "llama.rope.freq_base", TYPE(F32), 0x7f800000, NULL, NEW }, { "llama.rope.freq_base", TYPE(F32), 0x53800001, NULL, NEW },
	{ "llama.rope.freq_base", TYPE(F32), 0xc61c4000 /* -10000 */, NULL, NEW },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F32), 0, NULL, NEW },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F32), QUIET_NAN, NULL, NEW },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F32), 0xb727c5ac /* -1e-5 */, NULL, NEW },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F32), 0x3f800001, NULL, NEW },
	{ "llama.vocab_size", TYPE(U32), 0, NULL, NEW }, { "llama.vocab_size", TYPE(U32), N_TOKENS - 1, NULL, BAD },
	{ "llama.vocab_size", TYPE(U32), N_TOKENS + 1, NULL, BAD },
	{ "tokenizer.ggml.eos_token_id", TYPE(U32), N_TOKENS, NULL, LAC_BAD_MODEL, "eos_token_id" },
	{ "tokenizer.ggml.bos_token_id", TYPE(U32), N_TOKENS, NULL, BAD },
	{ "tokenizer.ggml.bos_token_id", TYPE(I32), UINT32_MAX, NULL, BAD },
};

static const struct change of_another_type[] = {
	{ "general.architecture", TYPE(U32), 1, NULL, BAD }, { "llama.embedding_length", TYPE(F32), 0x42000000, NULL, BAD },
	{ "llama.block_count", TYPE(STRING), 0, "1", BAD }, { "llama.block_count", TYPE(BOOL), 1, NULL, BAD },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(U32), 1, NULL, BAD }, { "llama.rope.freq_base", TYPE(U32), 10000, NULL, BAD },
	{ "llama.rope.scaling.type", TYPE(U32), 0, NULL, BAD }, { "tokenizer.ggml.model", TYPE(U32), 0, NULL, BAD },
	{ "tokenizer.ggml.pre", TYPE(BOOL), 0, NULL, BAD }, { "tokenizer.ggml.tokens", TYPE(STRING), 0, "a", BAD },
	{ "tokenizer.ggml.merges", TYPE(U32), 0, NULL, BAD }, { "tokenizer.ggml.token_type", TYPE(I32), 1, NULL, BAD },
	{ "tokenizer.ggml.eos_token_id", TYPE(STRING), 0, "4", BAD }, { "general.alignment", TYPE(STRING), 0, "32", BAD },
};

static const struct change harmless[] = {
	{ "llama.vocab_size", TYPE(U32), N_TOKENS, NULL, GOOD }, { "llama.context_length", TYPE(U32), 2, NULL, GOOD },
	{ "llama.embedding_length", TYPE(U64), DIM, NULL, GOOD }, { "llama.embedding_length", TYPE(I8), DIM, NULL, GOOD },
	{ "llama.attention.key_length", TYPE(U32), 16, NULL, GOOD }, { "llama.attention.value_length", TYPE(U32), 16, NULL, GOOD },
	{ "llama.rope.dimension_count", TYPE(U32), 2, NULL, GOOD }, { "llama.rope.dimension_count", TYPE(U32), 16, NULL, GOOD },
	{ "llama.rope.scaling.type", TYPE(STRING), 0, "none", GOOD },
	{ "llama.rope.freq_base", TYPE(F32), 0x3f800000 /* 1 */, NULL, GOOD },
	{ "llama.rope.freq_base", TYPE(F32), 0x53800000 /* 2^40 */, NULL, GOOD },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F32), 0x3f800000, NULL, GOOD },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F64), 0x3ee4f8b588e368f1 /* 1e-5 */, NULL, GOOD },
	{ "tokenizer.ggml.bos_token_id", TYPE(U32), 0, NULL, GOOD }, { "tokenizer.chat_template", TYPE(STRING), 0, "{{ x }}", GOOD },
	{ "tokenizer.ggml.add_bos_token", TYPE(BOOL), 1, NULL, GOOD }, { "general.file_type", TYPE(U32), 1, NULL, GOOD },
	{ "general.alignment", TYPE(U32), 32, NULL, GOOD }, { "quantize.imatrix.file", TYPE(STRING), 0, "x", GOOD },
	{ "split.count", TYPE(U16), 1, NULL, GOOD },
};

static void try_changes(const struct change *changes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct change *c = &changes[i];
		struct gguf_builder builder;
		struct lac_error error;
		enum lac_status s;

		make_changed(&builder, c);
		s = try_model(&builder, &error);
		CHECK_NOTE(s == c->expected && (!s || says(&error, c->said ? c->said : c->key)), "%s %u %#llx %s: %d, %s", c->key,
			(unsigned)c->type, (unsigned long long)c->bits, c->text ? c->text : "", (int)s, error.text);
		gguf_free(&builder);
	}
}

static void missing_keys_are_named(void)
{
	try_changes(removals, sizeof removals / sizeof *removals);
}

static void what_is_not_understood_is_refused_by_name(void)
{
	try_changes(not_understood, sizeof not_understood / sizeof *not_understood);
}

static void impossible_numbers_are_refused_by_name(void)
{
	try_changes(impossible, sizeof impossible / sizeof *impossible);
}

static void keys_of_another_type_are_refused_by_name(void)
{
	try_changes(of_another_type, sizeof of_another_type / sizeof *of_another_type);
}

static void what_changes_nothing_or_is_within_bounds_is_read(void)
{
	try_changes(harmless, sizeof harmless / sizeof *harmless);
}

static void impossible_merges_are_refused_by_name(void)
{
	static const char *const bad[] = { "", "a", "ab", " ", "a ", " b", "a z", "z a", "b a", "a b c", "a  b", "a\xc4\xa0z" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct gguf_builder builder;

		make_model(&builder, LAC_TENSOR_F16);
		gguf_remove(&builder, "tokenizer.ggml.merges");
		gguf_add_strings(&builder, "tokenizer.ggml.merges", &bad[i], 1);
		refuse_model(&builder, LAC_BAD_MODEL, "tokenizer.ggml.merges", bad[i]);
	}
}

static void make_model_of_tokens(struct gguf_builder *builder, const char *const *texts, size_t n, size_t n_types)
{
	make_model(builder, LAC_TENSOR_F16);
	gguf_remove(builder, "tokenizer.ggml.tokens");
	gguf_add_strings(builder, "tokenizer.ggml.tokens", texts, n);
	gguf_remove(builder, "tokenizer.ggml.token_type");
	gguf_add_i32s(builder, "tokenizer.ggml.token_type", token_types, n_types);
}

static void contradictions_of_the_vocabulary_are_refused(void)
{
	const char *longer[N_TOKENS];
	char long_token[1026];
	struct gguf_builder builder;
	struct lac_error error;

	for (size_t n = 0; n < N_TOKENS; n++) {
		make_model_of_tokens(&builder, tokens, N_TOKENS, n);
		refuse_model(&builder, LAC_BAD_MODEL, "tokenizer.ggml.token_type", "too few types");
	}
	make_model_of_tokens(&builder, tokens, 0, 0);
	refuse_model(&builder, LAC_UNSUPPORTED_MODEL, "tokenizer.ggml.tokens", "no tokens");
	make_model(&builder, LAC_TENSOR_F16);
	gguf_remove(&builder, "tokenizer.ggml.eos_token_id");
	gguf_add_u32(&builder, "tokenizer.ggml.eos_token_id", N_TOKENS);
	gguf_add_u32(&builder, "tokenizer.ggml.bos_token_id", 0);
	refuse_model(&builder, LAC_BAD_MODEL, "eos_token_id", "an end that is no token");
	memset(long_token, 'l', sizeof long_token);
	memcpy(longer, tokens, sizeof longer);
	longer[3] = long_token;
	for (size_t n = 1024; n <= 1025; n++) {
		long_token[n] = '\0';
		make_model_of_tokens(&builder, longer, N_TOKENS, N_TOKENS);
		if (n > 1024)
			refuse_model(&builder, LAC_BAD_MODEL, "tokenizer.ggml.tokens", "a token too long");
		else
			CHECK_NOTE(!try_model(&builder, &error), "%s", error.text);
		gguf_free(&builder);
		long_token[n] = 'l';
	}
}

/* ---- Tensors of models ---------------------------------------------------------- */

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
		CHECK_NOTE(!try_model(&builder, &error), "%s", error.text); /* the embedding serves */
		gguf_free(&builder);
	}
}

static void unknown_tensors_are_refused_by_name(void)
{
	static const char *const names[] = { "rope_freqs.weight", "blk.0.attn_q.bias", "blk.1.attn_q.weight", "blk.00.attn_q.weight",
		"blk.0.attn_q.weight.", "blk.0.attn_q_norm.weight", "output.bias", "output", "Output.weight",
		"blk.4294967296.attn_q.weight" };

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
			put_weights(&tensor->data, LAC_TENSOR_F32, (size_t)64 * 64, 0); /* enough of them */
			refuse_model(&builder, LAC_BAD_MODEL, quoted(parts[i].name), "misshaped");
		}
}

/* Of every tensor; types that are known to ggml and numbers that are not. */
static void other_tensor_types_are_refused_by_name(void)
{
	for (uint32_t type = 0; type < 64; type++)
		for (size_t i = 0; i < N_PARTS; i += type < 9 ? 1 : 4) {
			struct gguf_builder builder;
			struct gguf_tensor *tensor;

			if (type == LAC_TENSOR_F32 || type == LAC_TENSOR_F16 || type == LAC_TENSOR_Q8_0)
				continue;
			make_model(&builder, LAC_TENSOR_F32);
			tensor = gguf_find_tensor(&builder, parts[i].name);
			tensor->type = type;
			put_weights(&tensor->data, LAC_TENSOR_F32, (size_t)64 * 64, 0);
			/* rows of 32 are no whole number of the blocks of 256 of some */
			refuse_model(&builder, type >= 12 && type <= 14 ? LAC_BAD_MODEL : LAC_UNSUPPORTED_MODEL, quoted(parts[i].name), "type");
		}
}

/* Overwrites number `at` of the data, or for Q8_0 the scale of its block: `bits` of binary16 or binary32. */
static void poison(struct gguf_tensor *tensor, size_t at, uint32_t bits)
{
	const size_t n_bytes = tensor->type == LAC_TENSOR_F32 ? 4 : 2;
	const size_t byte = tensor->type == LAC_TENSOR_Q8_0 ? at / 32 * 34 : at * n_bytes;

	for (size_t i = 0; i < n_bytes; i++)
		tensor->data.bytes[byte + i] = (uint8_t)(bits >> 8 * i);
}

/* Infinities, NaNs, and for binary32 and scales what binary16 cannot hold: in the first and the last number of every tensor. */
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

/* Opens the model with these bytes as its last vector, and gives what the engine holds of it; false if it is refused. */
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

/* Every finite binary16 number comes out as it is, 32 of them at a time; every other one, alone among zeros, is refused. */
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

/* The file is a few thousand bytes, so its model is small or not there, whatever sizes its keys claim: main() has limited the
 * memory, and a refusal for want of it would not name the tensor. */
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
		const struct change change = { claims[i].key, TYPE(U32), claims[i].value, NULL, BAD };
		struct gguf_builder builder;
		struct lac_error error;
		enum lac_status s;

		make_changed(&builder, &change);
		s = try_model(&builder, &error);
		CHECK_NOTE(s && says(&error, claims[i].said), "%s %u: %d, %s", change.key, (unsigned)claims[i].value, (int)s, error.text);
		gguf_free(&builder);
	}
}

/* Heads of 1024, 1024 of them, and as many tokens as a small file can list: rows by the million, none of which is there. */
static void claimed_rows_allocate_nothing(void)
{
	const struct change lengths = { "llama.attention.key_length", TYPE(U32), 1024, NULL, BAD };
	struct gguf_builder builder;
	struct lac_buffer *value;

	make_changed(&builder, &lengths);
	gguf_add_u32(&builder, "llama.attention.value_length", 1024);
	gguf_remove(&builder, "llama.attention.head_count");
	gguf_add_u32(&builder, "llama.attention.head_count", 1024);
	gguf_remove(&builder, "llama.attention.head_count_kv");
	gguf_add_u32(&builder, "llama.attention.head_count_kv", 1024);
	refuse_model(&builder, LAC_BAD_MODEL, quoted("blk.0.attn_q.weight"), "heads");
	make_model(&builder, LAC_TENSOR_F16);
	gguf_remove(&builder, "llama.embedding_length");
	gguf_add_u32(&builder, "llama.embedding_length", 2048);
	gguf_remove(&builder, "tokenizer.ggml.token_type");
	gguf_remove(&builder, "tokenizer.ggml.tokens");
	value = gguf_add(&builder, "tokenizer.ggml.tokens", LAC_GGUF_ARRAY);
	gguf_put_array(value, LAC_GGUF_STRING, 50000);
	for (size_t i = 0; i < 50000; i++)
		gguf_put_string(value, i < N_TOKENS ? tokens[i] : "");
	refuse_model(&builder, LAC_BAD_MODEL, quoted("token_embd.weight"), "tokens");
}

/* Every bit of what comes before the tensors' data, and some of the data: a model, or a refusal that says why. */
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

/* ---- Files --------------------------------------------------------------------- */

static bool ends_in(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

/* From a path and from memory it is the same model. */
static void model_files_are_read(void)
{
	DIR *listing = opendir(directory);
	const struct dirent *entry;
	unsigned n = 0;

	CHECK_NOTE(listing, "%s", directory);
	while (listing && (entry = readdir(listing))) {
		struct lac_model *of_file = NULL, *of_memory = NULL;
		struct lac_error error = { .status = LAC_OK };
		struct bytes bytes;
		char path[512];

		snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
		if (!ends_in(path, ".gguf"))
			continue;
		bytes = read_file(path);
		CHECK_NOTE(!lac_model_open_file(&of_file, path, NULL, &error), "%s", error.text);
		CHECK_NOTE(!lac_model_open_memory(&of_memory, bytes.at, bytes.length, NULL, &error), "%s", error.text);
		free(bytes.at); /* the header allows it */
		CHECK(of_file && of_memory && memcmp(of_file->info.identity, of_memory->info.identity, 16) == 0 && ++n);
		lac_model_close(&of_file);
		lac_model_close(&of_memory);
	}
	CHECK_NOTE(n > 0, "no model in %s", directory);
	if (listing)
		closedir(listing);
}

static void what_is_no_file_cannot_be_read(void)
{
	char empty[] = "/tmp/laconic-test-XXXXXX", missing[] = "/tmp/laconic-test-XXXXXX";
	const struct { const char *path, *said; } files[] = { { empty, "empty" }, { missing, "cannot open" },
		{ directory, "not a regular file" }, { "/dev/null", "not a regular file" }, { "", "cannot open" } };

	CHECK(close(mkstemp(empty)) == 0 && close(mkstemp(missing)) == 0 && unlink(missing) == 0);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct lac_model *model = NULL;
		struct lac_error error = { .status = LAC_OK };
		enum lac_status s = lac_model_open_file(&model, files[i].path, NULL, &error);

		CHECK_NOTE(s == LAC_READ_FAILED && !model && error.status == s, "%s", files[i].path);
		CHECK_NOTE(says(&error, files[i].path) && says(&error, files[i].said), "%s", error.text);
	}
	unlink(empty);
}

/* ---- Memory -------------------------------------------------------------------- */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN
#endif

#ifdef HAS_ASAN

/* The sanitizer's shadow memory leaves no room for a limit of addresses, but it limits single allocations itself. */
const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
	return "max_allocation_size_mb=48:allocator_may_return_null=1";
}

static bool limit_memory(void)
{
	return true;
}

#else

/* Lets this program have ALLOWANCE beside what it has, so that a huge allocation fails instead of being lent. */
static bool limit_memory(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long n_pages = 0;
	struct rlimit limit;
	void *volatile probe;

	if (file) {
		if (fscanf(file, "%lu", &n_pages) == 1 && getrlimit(RLIMIT_AS, &limit) == 0) {
			limit.rlim_cur = (rlim_t)n_pages * (rlim_t)sysconf(_SC_PAGESIZE) + ALLOWANCE;
			setrlimit(RLIMIT_AS, &limit);
		}
		fclose(file);
	}
	probe = malloc((size_t)2 * ALLOWANCE);
	free(probe);
	return !probe;
}

#endif

int main(int argc, char **argv)
{
	const bool is_limited = limit_memory();

	directory = argc > 1 ? argv[1] : "build/models";
	if (argc > 2 && strcmp(argv[2], "--short") == 0)
		stride = 13;
	LAW(integers_of_every_type_are_read);
	LAW(floats_and_doubles_are_read);
	LAW(booleans_and_strings_are_read);
	LAW(strings_in_arrays_are_read);
	LAW(integers_in_arrays_are_read);
	LAW(another_type_is_refused_by_name);
	LAW(elements_of_another_type_are_refused_by_name);
	LAW(absent_keys_fall_back_or_are_named);
	LAW(nested_arrays_are_passed_over);
	LAW(impossible_values_are_refused_by_name);
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
	LAW(a_model_is_the_same_in_every_tensor_type);
	LAW(info_is_of_the_file);
	LAW(names_and_windows_are_cut);
	LAW(missing_keys_are_named);
	LAW(what_is_not_understood_is_refused_by_name);
	LAW(impossible_numbers_are_refused_by_name);
	LAW(keys_of_another_type_are_refused_by_name);
	LAW(what_changes_nothing_or_is_within_bounds_is_read);
	LAW(impossible_merges_are_refused_by_name);
	LAW(contradictions_of_the_vocabulary_are_refused);
	LAW(missing_tensors_are_named);
	LAW(unknown_tensors_are_refused_by_name);
	LAW(misshaped_tensors_are_refused_by_name);
	LAW(other_tensor_types_are_refused_by_name);
	LAW(weights_out_of_bounds_are_refused_by_name);
	LAW(a_block_of_zeros_needs_a_finite_scale);
	LAW(every_half_is_read_right);
	LAW(every_q8_0_byte_is_read_right);
	LAW(every_f32_bit_is_read);
	LAW(a_model_with_a_flipped_bit_is_read_or_told);
	LAW(an_error_need_not_be_wanted);
	LAW(model_files_are_read);
	LAW(what_is_no_file_cannot_be_read);
	if (is_limited) {
		LAW(claimed_shapes_allocate_nothing);
		LAW(claimed_rows_allocate_nothing);
	} else {
		SKIP("claimed_..._allocate_nothing", "memory cannot be limited here");
	}
	return test_report();
}
