/* gguf.h: reads the GGUF container (ggml-org/ggml docs/gguf.md), versions 2 and 3, little-endian.
 *
 * Nothing is copied: keys, strings and tensors point into the caller's bytes, which must outlive
 * the object. Every count and length is bounded by the bytes that are there before it is used.
 * Thread rule: immutable once opened.
 */
#ifndef LAC_GGUF_GGUF_H
#define LAC_GGUF_GGUF_H

#include "base/error.h"
#include "gguf/tensor_types.h"

/* A string in the file: not NUL-terminated, any bytes. */
struct lac_string {
	const char *bytes;
	size_t length;
};

bool lac_string_equals(struct lac_string string, const char *text);

enum lac_gguf_type { /* of metadata values; numbers from the GGUF document */
	LAC_GGUF_U8 = 0, LAC_GGUF_I8, LAC_GGUF_U16, LAC_GGUF_I16, LAC_GGUF_U32, LAC_GGUF_I32, LAC_GGUF_F32, LAC_GGUF_BOOL,
	LAC_GGUF_STRING, LAC_GGUF_ARRAY, LAC_GGUF_U64, LAC_GGUF_I64, LAC_GGUF_F64
};

struct lac_tensor {
	struct lac_string name;
	uint32_t n_dims;    /* 1 to 4 */
	uint64_t dims[4];   /* dims[0] is the row length; unused ones are 1 */
	uint32_t type;      /* any number the file holds; check before use */
	const uint8_t *data; /* n_bytes of it; NULL if the type's size is unknown here */
	uint64_t n_bytes;   /* 0 if the type's size is unknown here */
};

struct lac_gguf;

/* Parses the header, all metadata and all tensor descriptions.
 * Errors (with offset, naming the key or tensor): LAC_BAD_MODEL for a malformed file,
 * LAC_UNSUPPORTED_MODEL for a version or byte order not read here, LAC_NO_MEMORY. Duplicate keys or
 * tensor names are malformed. */
LAC_MUST_CHECK enum lac_status lac_gguf_open(struct lac_gguf **out, const void *bytes, size_t n_bytes,
	struct lac_error *error);
void lac_gguf_close(struct lac_gguf **gguf);

/* Typed look-ups. If the key is absent: LAC_OK with *value = fallback when `required` is false,
 * else LAC_BAD_MODEL naming the key. A value of another type is LAC_BAD_MODEL naming the key and
 * both types. u32 accepts every integer type whose value fits; f32 accepts F32 and F64. */
LAC_MUST_CHECK enum lac_status lac_gguf_u32(const struct lac_gguf *gguf, const char *key, bool required,
	uint32_t fallback, uint32_t *value, struct lac_error *error);
LAC_MUST_CHECK enum lac_status lac_gguf_f32(const struct lac_gguf *gguf, const char *key, bool required,
	float fallback, float *value, struct lac_error *error);
LAC_MUST_CHECK enum lac_status lac_gguf_bool(const struct lac_gguf *gguf, const char *key, bool required,
	bool fallback, bool *value, struct lac_error *error);
/* An absent optional string gives length 0 and bytes NULL. */
LAC_MUST_CHECK enum lac_status lac_gguf_string(const struct lac_gguf *gguf, const char *key, bool required,
	struct lac_string *value, struct lac_error *error);

/* Allocated array of *count strings (lac_free() it; the strings stay in the file), of *count
 * integers (of any integer type; each must fit 32 bits with a sign), or of *count F32 numbers.
 * Absent and optional: LAC_OK, NULL, 0. */
LAC_MUST_CHECK enum lac_status lac_gguf_strings(const struct lac_gguf *gguf, const char *key, bool required,
	struct lac_string **values, size_t *count, struct lac_error *error);
LAC_MUST_CHECK enum lac_status lac_gguf_i32s(const struct lac_gguf *gguf, const char *key, bool required,
	int32_t **values, size_t *count, struct lac_error *error);
LAC_MUST_CHECK enum lac_status lac_gguf_f32s(const struct lac_gguf *gguf, const char *key, bool required,
	float **values, size_t *count, struct lac_error *error);

/* Enumeration, so that a loader can refuse what it does not know. NULL past the last. */
const struct lac_string *lac_gguf_key(const struct lac_gguf *gguf, size_t index);
/* those of one file lie side by side */
const struct lac_tensor *lac_gguf_tensor_at(const struct lac_gguf *gguf, size_t index);
size_t lac_gguf_n_tensors(const struct lac_gguf *gguf);
/* NULL if absent. */
const struct lac_tensor *lac_gguf_tensor(const struct lac_gguf *gguf, const char *name);

/* LAC_UNSUPPORTED_MODEL, naming tensor and type, for a type that is not read. */
LAC_MUST_CHECK enum lac_status lac_tensor_check_type(const struct lac_tensor *tensor, struct lac_error *error);

/* A row's dims[0] values; they may be infinite or NaN. The type must have been checked. */
void lac_tensor_row(const struct lac_tensor *tensor, uint64_t row, float *out);

#endif
