#include "base/strict_float.h"
#include "train/gguf_writer.h"
#include "train/atomic_file.h"

#include <math.h>
#include <string.h>

#define ALIGNMENT 32u
#define HALF_MAX 65504.0f
#define GROUP 64u /* of the engine: two blocks of Q8_0 */
#define BLOCK 32u

static void put_text(struct lac_buffer *buffer, const char *text, size_t length)
{
	lac_buffer_u64(buffer, length);
	lac_buffer_append(buffer, text, length);
}

static void begin_pair(struct lac_gguf_writer *writer, const char *key, enum lac_gguf_type type)
{
	writer->n_pairs++;
	put_text(&writer->pairs, key, strlen(key));
	lac_buffer_u32(&writer->pairs, type);
}

static void begin_array(struct lac_gguf_writer *writer, const char *key, enum lac_gguf_type type, size_t n)
{
	begin_pair(writer, key, LAC_GGUF_ARRAY);
	lac_buffer_u32(&writer->pairs, type);
	lac_buffer_u64(&writer->pairs, n);
}

static uint32_t bits_of(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits;
}

void lac_gguf_put_u32(struct lac_gguf_writer *writer, const char *key, uint32_t value)
{
	begin_pair(writer, key, LAC_GGUF_U32);
	lac_buffer_u32(&writer->pairs, value);
}

void lac_gguf_put_f32(struct lac_gguf_writer *writer, const char *key, float value)
{
	begin_pair(writer, key, LAC_GGUF_F32);
	lac_buffer_u32(&writer->pairs, bits_of(value));
}

void lac_gguf_put_bool(struct lac_gguf_writer *writer, const char *key, bool value)
{
	begin_pair(writer, key, LAC_GGUF_BOOL);
	lac_buffer_u8(&writer->pairs, value);
}

void lac_gguf_put_string(struct lac_gguf_writer *writer, const char *key, const char *text)
{
	begin_pair(writer, key, LAC_GGUF_STRING);
	put_text(&writer->pairs, text, strlen(text));
}

void lac_gguf_put_strings(struct lac_gguf_writer *writer, const char *key, const struct lac_string *texts, size_t n)
{
	begin_array(writer, key, LAC_GGUF_STRING, n);
	for (size_t i = 0; i < n; i++)
		put_text(&writer->pairs, texts[i].bytes, texts[i].length);
}

void lac_gguf_put_i32s(struct lac_gguf_writer *writer, const char *key, const int32_t *values, size_t n)
{
	begin_array(writer, key, LAC_GGUF_I32, n);
	for (size_t i = 0; i < n; i++)
		lac_buffer_u32(&writer->pairs, (uint32_t)values[i]);
}

void lac_gguf_put_f32s(struct lac_gguf_writer *writer, const char *key, const float *values, size_t n)
{
	begin_array(writer, key, LAC_GGUF_F32, n);
	for (size_t i = 0; i < n; i++)
		lac_buffer_u32(&writer->pairs, bits_of(values[i]));
}

/* ---- Tensors --------------------------------------------------------------------- */

static uint64_t row_bytes(enum lac_tensor_type type, uint64_t n_columns)
{
	return type == LAC_TENSOR_F32 ? 4 * n_columns : type == LAC_TENSOR_F16 ? 2 * n_columns : n_columns / BLOCK * (2 + BLOCK);
}

static uint64_t padded(uint64_t n_bytes)
{
	return (n_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static uint64_t data_bytes(const struct lac_gguf_floats *tensor)
{
	return row_bytes(tensor->type, tensor->n_columns) * (tensor->n_rows ? tensor->n_rows : 1);
}

static void describe(struct lac_gguf_writer *writer, const struct lac_gguf_floats *tensor)
{
	writer->n_tensors++;
	put_text(&writer->tensors, tensor->name, strlen(tensor->name));
	lac_buffer_u32(&writer->tensors, tensor->n_rows ? 2 : 1);
	lac_buffer_u64(&writer->tensors, tensor->n_columns);
	if (tensor->n_rows)
		lac_buffer_u64(&writer->tensors, tensor->n_rows);
	lac_buffer_u32(&writer->tensors, tensor->type);
	lac_buffer_u64(&writer->tensors, writer->data_bytes);
	writer->data_bytes += padded(data_bytes(tensor));
}

void lac_gguf_head(const struct lac_gguf_writer *writer, struct lac_buffer *out)
{
	lac_buffer_append(out, "GGUF", 4);
	lac_buffer_u32(out, 3);
	lac_buffer_u64(out, writer->n_tensors);
	lac_buffer_u64(out, writer->n_pairs);
	lac_buffer_append(out, writer->pairs.bytes, writer->pairs.length);
	lac_buffer_append(out, writer->tensors.bytes, writer->tensors.length);
	out->failed |= writer->pairs.failed || writer->tensors.failed;
	while (!out->failed && out->length % ALIGNMENT)
		lac_buffer_u8(out, 0);
}

/* To nearest, ties to even; |x| <= HALF_MAX. */
static uint16_t half_of_float(float x)
{
	const uint32_t bits = bits_of(x), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;

	if (magnitude < 0x38800000) /* below 2^-14: units of 2^-24 */
		return (uint16_t)(sign | (uint32_t)lrintf(fabsf(x) * 0x1p24f));
	return (uint16_t)(sign | (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13);
}

static float float_of_half(uint16_t half)
{
	const int exponent = half >> 10 & 31, fraction = half & 1023;

	return exponent ? ldexpf((float)(1024 + fraction), exponent - 25) : ldexpf((float)fraction, -24);
}

static void put_half(struct lac_buffer *out, uint16_t half)
{
	lac_buffer_u8(out, (uint8_t)half);
	lac_buffer_u8(out, (uint8_t)(half >> 8));
}

/* Both blocks of a group have one scale and its largest value is 127 scales, so that the engine,
 * which takes amax / 127 of 64 values, finds exactly these integers and this scale (arithmetic.md
 * section 3.1). */
static void put_group(struct lac_buffer *out, const float *x, unsigned n)
{
	float amax = 0.0f, scale;
	uint16_t half;

	for (unsigned i = 0; i < n; i++)
		amax = fabsf(x[i]) > amax ? fabsf(x[i]) : amax;
	half = half_of_float(amax / 127.0f);
	scale = float_of_half(half);
	for (unsigned i = 0; i < n; i++) {
		long q = half ? lrintf(x[i] / scale) : 0;

		if (half && fabsf(x[i]) == amax)
			q = x[i] < 0.0f ? -127 : 127;
		if (i % BLOCK == 0)
			put_half(out, half);
		lac_buffer_u8(out, (uint8_t)(int8_t)(q > 127 ? 127 : q < -127 ? -127 : q));
	}
}

static void put_row(struct lac_buffer *out, enum lac_tensor_type type, const float *x, uint32_t n)
{
	if (type == LAC_TENSOR_Q8_0)
		for (uint32_t i = 0; i < n; i += GROUP)
			put_group(out, x + i, n - i < GROUP ? n - i : GROUP);
	else
		for (uint32_t i = 0; i < n; i++) {
			if (type == LAC_TENSOR_F16)
				put_half(out, half_of_float(x[i]));
			else
				lac_buffer_u32(out, bits_of(x[i]));
		}
}

/* A tensor's data, and what pads it. */
static enum lac_status write_data(struct lac_atomic_file *file, const struct lac_gguf_floats *tensor, struct lac_error *error)
{
	const size_t rows = tensor->n_rows ? tensor->n_rows : 1;
	static const uint8_t zeros[ALIGNMENT];
	struct lac_buffer row = { 0 };
	enum lac_status s = LAC_OK;

	for (size_t i = 0; i < rows * tensor->n_columns; i++)
		if (!(fabsf(tensor->values[i]) <= HALF_MAX))
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "tensor \"%s\" has become %g; a lower rate is wanted", tensor->name,
				(double)tensor->values[i]);
	for (size_t i = 0; i < rows && !row.failed; i++) {
		lac_buffer_clear(&row);
		put_row(&row, tensor->type, tensor->values + i * tensor->n_columns, tensor->n_columns);
		lac_atomic_write(file, row.bytes, row.length);
	}
	lac_atomic_write(file, zeros, (size_t)(padded(data_bytes(tensor)) - data_bytes(tensor)));
	if (row.failed)
		s = lac_fail_memory(error, (size_t)row_bytes(tensor->type, tensor->n_columns), "a row");
	lac_buffer_free(&row);
	return s;
}

enum lac_status lac_gguf_write(struct lac_gguf_writer *writer, const char *path, const struct lac_gguf_floats *tensors, size_t n,
	struct lac_error *error)
{
	struct lac_buffer head = { 0 };
	struct lac_atomic_file file;
	enum lac_status s = lac_atomic_open(&file, path, error);

	if (s)
		return s;
	for (size_t i = 0; i < n; i++)
		describe(writer, &tensors[i]);
	lac_gguf_head(writer, &head);
	if (head.failed)
		s = lac_fail_memory(error, head.length, "the head of a GGUF file");
	else
		lac_atomic_write(&file, head.bytes, head.length);
	for (size_t i = 0; !s && i < n; i++)
		s = write_data(&file, &tensors[i], error);
	if (!s)
		s = lac_atomic_commit(&file, error);
	lac_atomic_abandon(&file);
	lac_buffer_free(&head);
	return s;
}

void lac_gguf_writer_free(struct lac_gguf_writer *writer)
{
	lac_buffer_free(&writer->pairs);
	lac_buffer_free(&writer->tensors);
	*writer = (struct lac_gguf_writer){ .n_pairs = 0 };
}
