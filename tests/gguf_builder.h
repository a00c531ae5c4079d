/* gguf_builder.h: GGUF files made in memory, well-formed or not. Nothing is checked: a test may
 * write any number anywhere.
 *
 * Pairs and tensors stay a list until gguf_write(), so that a test can take one away, or change it,
 * and write the file again. Keys, names and texts are borrowed. Running out of memory or of places
 * ends the program. */
#ifndef LAC_TESTS_GGUF_BUILDER_H
#define LAC_TESTS_GGUF_BUILDER_H

#include "base/bytes.h"
#include "gguf/gguf.h"

#include <stdlib.h>
#include <string.h>

#define GGUF_N_TENSORS_AT 8 /* where the counts stand in the file */
#define GGUF_N_PAIRS_AT 16
#define GGUF_HEADER_BYTES 24

struct gguf_pair {
	const char *key;
	uint32_t type;
	struct lac_buffer value; /* as the file holds it, without the type */
};

struct gguf_tensor {
	const char *name;
	uint32_t n_dims, type; /* four dimensions are written at most */
	uint64_t dims[4];
	struct lac_buffer data;
	bool is_placed;  /* at `offset` from the start of the data; else gguf_write() sets it */
	uint64_t offset;
};

struct gguf_builder {
	struct gguf_pair pairs[48];
	struct gguf_tensor tensors[32];
	size_t n_pairs, n_tensors;
	uint32_t alignment; /* 0: 32. Says nothing to the reader: general.alignment does */
};

/* ---- Values ------------------------------------------------------------------- */

static inline void gguf_put_string(struct lac_buffer *buffer, const char *text)
{
	lac_buffer_u64(buffer, strlen(text));
	lac_buffer_append(buffer, text, strlen(text));
}

static inline void gguf_put_f32(struct lac_buffer *buffer, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	lac_buffer_u32(buffer, bits);
}

static inline void gguf_put_f64(struct lac_buffer *buffer, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	lac_buffer_u64(buffer, bits);
}

/* What an array begins with; its elements follow. */
static inline void gguf_put_array(struct lac_buffer *buffer, uint32_t type, uint64_t count)
{
	lac_buffer_u32(buffer, type);
	lac_buffer_u64(buffer, count);
}

/* ---- Pairs -------------------------------------------------------------------- */

/* A pair with a value still empty, to be put into what is returned. */
static inline struct lac_buffer *gguf_add(struct gguf_builder *builder, const char *key, uint32_t type)
{
	struct gguf_pair *pair = &builder->pairs[builder->n_pairs];

	if (builder->n_pairs++ == sizeof builder->pairs / sizeof *builder->pairs)
		abort();
	*pair = (struct gguf_pair){ .key = key, .type = type };
	return &pair->value;
}

static inline void gguf_add_u32(struct gguf_builder *builder, const char *key, uint32_t value)
{
	lac_buffer_u32(gguf_add(builder, key, LAC_GGUF_U32), value);
}

static inline void gguf_add_f32(struct gguf_builder *builder, const char *key, float value)
{
	gguf_put_f32(gguf_add(builder, key, LAC_GGUF_F32), value);
}

static inline void gguf_add_string(struct gguf_builder *builder, const char *key, const char *text)
{
	gguf_put_string(gguf_add(builder, key, LAC_GGUF_STRING), text);
}

static inline void gguf_add_strings(struct gguf_builder *builder, const char *key, const char *const *texts, size_t n)
{
	struct lac_buffer *value = gguf_add(builder, key, LAC_GGUF_ARRAY);

	gguf_put_array(value, LAC_GGUF_STRING, n);
	for (size_t i = 0; i < n; i++)
		gguf_put_string(value, texts[i]);
}

static inline void gguf_add_i32s(struct gguf_builder *builder, const char *key, const int32_t *values, size_t n)
{
	struct lac_buffer *value = gguf_add(builder, key, LAC_GGUF_ARRAY);

	gguf_put_array(value, LAC_GGUF_I32, n);
	for (size_t i = 0; i < n; i++)
		lac_buffer_u32(value, (uint32_t)values[i]);
}

/* Takes away the first pair of a key, if there is one. */
static inline void gguf_remove(struct gguf_builder *builder, const char *key)
{
	for (size_t i = 0; i < builder->n_pairs; i++)
		if (strcmp(builder->pairs[i].key, key) == 0) {
			lac_buffer_free(&builder->pairs[i].value);
			memmove(&builder->pairs[i], &builder->pairs[i + 1], (--builder->n_pairs - i) * sizeof *builder->pairs);
			return;
		}
}

/* In place of what the key was, if it was there. */
static inline void gguf_change_u32(struct gguf_builder *builder, const char *key, uint32_t value)
{
	gguf_remove(builder, key);
	gguf_add_u32(builder, key, value);
}

/* ---- Tensors ------------------------------------------------------------------ */

/* A tensor of one row (n_rows = 0) or a matrix, its data still empty. */
static inline struct gguf_tensor *gguf_add_tensor(struct gguf_builder *builder, const char *name, uint32_t type, uint64_t n_columns,
	uint64_t n_rows)
{
	struct gguf_tensor *tensor = &builder->tensors[builder->n_tensors];

	if (builder->n_tensors++ == sizeof builder->tensors / sizeof *builder->tensors)
		abort();
	*tensor = (struct gguf_tensor){ .name = name, .type = type, .n_dims = n_rows ? 2 : 1, .dims = { n_columns, n_rows, 1, 1 } };
	return tensor;
}

static inline struct gguf_tensor *gguf_find_tensor(struct gguf_builder *builder, const char *name)
{
	for (size_t i = 0; i < builder->n_tensors; i++)
		if (strcmp(builder->tensors[i].name, name) == 0)
			return &builder->tensors[i];
	abort();
}

static inline void gguf_remove_tensor(struct gguf_builder *builder, const char *name)
{
	struct gguf_tensor *tensor = gguf_find_tensor(builder, name);
	const size_t i = (size_t)(tensor - builder->tensors);

	lac_buffer_free(&tensor->data);
	memmove(tensor, tensor + 1, (--builder->n_tensors - i) * sizeof *tensor);
}

/* ---- The file ----------------------------------------------------------------- */

static inline void gguf_pad(struct lac_buffer *out, const struct gguf_builder *builder)
{
	while (out->length % (builder->alignment ? builder->alignment : 32))
		lac_buffer_u8(out, 0);
}

/* Overwrites eight bytes of a written file. */
static inline void gguf_poke_u64(struct lac_buffer *file, size_t at, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		file->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static inline void gguf_write_tensors(struct lac_buffer *out, struct gguf_builder *builder)
{
	struct lac_buffer data = { 0 };

	for (size_t i = 0; i < builder->n_tensors; i++) {
		struct gguf_tensor *tensor = &builder->tensors[i];

		gguf_pad(&data, builder);
		gguf_put_string(out, tensor->name);
		lac_buffer_u32(out, tensor->n_dims);
		for (uint32_t d = 0; d < tensor->n_dims && d < 4; d++)
			lac_buffer_u64(out, tensor->dims[d]);
		lac_buffer_u32(out, tensor->type);
		lac_buffer_u64(out, tensor->is_placed ? tensor->offset : (tensor->offset = data.length));
		lac_buffer_append(&data, tensor->data.bytes, tensor->data.length);
	}
	gguf_pad(out, builder);
	lac_buffer_append(out, data.bytes, data.length);
	out->failed |= data.failed;
	lac_buffer_free(&data);
}

/* A version 3 file; it ends with the last byte of the last tensor. The caller frees it. */
static inline struct lac_buffer gguf_write(struct gguf_builder *builder)
{
	struct lac_buffer out = { 0 };

	lac_buffer_append(&out, "GGUF", 4);
	lac_buffer_u32(&out, 3);
	lac_buffer_u64(&out, builder->n_tensors);
	lac_buffer_u64(&out, builder->n_pairs);
	for (size_t i = 0; i < builder->n_pairs; i++) {
		const struct gguf_pair *pair = &builder->pairs[i];

		gguf_put_string(&out, pair->key);
		lac_buffer_u32(&out, pair->type);
		lac_buffer_append(&out, pair->value.bytes, pair->value.length);
	}
	gguf_write_tensors(&out, builder);
	if (out.failed)
		abort();
	return out;
}

static inline void gguf_free(struct gguf_builder *builder)
{
	for (size_t i = 0; i < builder->n_pairs; i++)
		lac_buffer_free(&builder->pairs[i].value);
	for (size_t i = 0; i < builder->n_tensors; i++)
		lac_buffer_free(&builder->tensors[i].data);
	*builder = (struct gguf_builder){ .alignment = 0 };
}

#endif
