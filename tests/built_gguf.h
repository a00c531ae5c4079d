/* built_gguf.h: values of every type for built files, and opening what was built, well-formed or
 * not. */
#ifndef LAC_TEST_BUILT_GGUF_H
#define LAC_TEST_BUILT_GGUF_H

#include "test.h"
#include "base/memory.h"
#include "gguf_builder.h"
#include "texts.h"

/* ---- Values --------------------------------------------------------------------- */

#define QUIET_NAN 0x7fc00000

static inline uint32_t bits_of(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static const char *const type_names[] = { "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64",
	"i64", "f64" };
#define N_TYPES 13u

/* The low bytes of `bits`, as many as the type takes. */
static inline void put_scalar(struct lac_buffer *buffer, uint32_t type, uint64_t bits)
{
	static const uint8_t n_bytes[N_TYPES] = { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8 };

	for (unsigned i = 0; i < n_bytes[type]; i++)
		lac_buffer_u8(buffer, (uint8_t)(bits >> 8 * i));
}

/* Some value of any type; the array is of two strings. */
static inline void put_some(struct lac_buffer *buffer, uint32_t type)
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

/* Look-ups of one key, by number, so that each can be tried on each type. */
#define N_LOOK_UPS 6u
static inline enum lac_status look_up(const struct lac_gguf *gguf, unsigned how, const char *key, bool required,
	struct lac_error *error)
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
	lac_free(strings);
	lac_free(i32s);
	return s;
}

/* Arrays of arrays: two in each, of the depth given, the innermost of two strings. */
static inline void put_nested(struct lac_buffer *buffer, unsigned depth)
{
	gguf_put_array(buffer, depth > 1 ? LAC_GGUF_ARRAY : LAC_GGUF_STRING, 2);
	for (unsigned i = 0; i < 2; i++)
		if (depth > 1)
			put_nested(buffer, depth - 1);
		else
			gguf_put_string(buffer, "deep");
}

/* ---- Opening -------------------------------------------------------------------- */

/* A file at fault is told from one that is not understood, and from a lack of memory, and the error
 * is filled in. */
static inline bool is_told(enum lac_status s, const struct lac_error *error)
{
	return (s == LAC_BAD_MODEL || s == LAC_UNSUPPORTED_MODEL) && error->status == s && error->text[0];
}

static inline enum lac_status try_gguf(const uint8_t *bytes, size_t n, struct lac_error *error)
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

static inline enum lac_status try_built(struct gguf_builder *builder, struct lac_error *error)
{
	struct lac_buffer file = gguf_write(builder);
	enum lac_status s = try_gguf(file.bytes, file.length, error);

	lac_buffer_free(&file);
	return s;
}

/* Writes the builder's file and opens it, both to be freed by close_built(); the file must be
 * well-formed. */
static inline struct lac_gguf *open_built(struct gguf_builder *builder, struct lac_buffer *file)
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

static inline void close_built(struct gguf_builder *builder, struct lac_buffer *file, struct lac_gguf **gguf)
{
	lac_gguf_close(gguf);
	lac_buffer_free(file);
	gguf_free(builder);
}

static inline bool says(const struct lac_error *error, const char *text)
{
	return strstr(error->text, text) != NULL;
}

#endif
