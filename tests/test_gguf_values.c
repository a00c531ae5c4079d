/* Laws of typed look-ups in model files: test_gguf_values. A value of another type is refused with
 * its key's name. */
#include "test.h"
#include "built_gguf.h"

#include <math.h>

static bool is_integer(uint32_t type)
{
	return type <= LAC_GGUF_I32 || type == LAC_GGUF_U64 || type == LAC_GGUF_I64;
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
		/* of those with a sign */
		static const unsigned widths[N_TYPES] = { 0, 8, 0, 16, 0, 32, 0, 0, 0, 0, 0, 64, 0 };
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

int main(void)
{
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
	return test_report();
}
