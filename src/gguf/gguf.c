#include "base/strict_float.h"
#include "gguf/gguf.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "gguf/tensor_types.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC 0x46554747u /* "GGUF" */
#define KEY_BYTES_MAX 65535u
#define NAME_BYTES_MAX 64u
#define ARRAY_DEPTH_MAX 4u
#define PAIR_BYTES_MIN 13u   /* length, one byte of key, type: what one pair takes at least */
#define TENSOR_BYTES_MIN 33u /* length, one byte of name, dimensions, type, offset */

struct pair {
	struct lac_string key;
	uint32_t type;
	struct lac_reader value; /* the rest of the file from the value on */
	uint64_t offset;
};

struct lac_gguf {
	const uint8_t *bytes;
	size_t n_bytes;
	struct pair *pairs; /* in the order of the file */
	size_t n_pairs;
	struct lac_tensor *tensors;
	size_t n_tensors;
	/* sorted, so that every look-up costs log n: the keys of pairs and names of tensors, which
	 * are their first members */
	const struct lac_string **keys, **names;
	struct lac_error *error; /* of the call under way */
};

bool lac_string_equals(struct lac_string string, const char *text)
{
	return string.length == strlen(text) && memcmp(string.bytes, text, string.length) == 0;
}

static int compare_strings(const struct lac_string *a, const struct lac_string *b)
{
	int order = memcmp(a->bytes, b->bytes, a->length < b->length ? a->length : b->length);

	return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_string_pointers(const void *a, const void *b)
{
	return compare_strings(*(const struct lac_string *const *)a, *(const struct lac_string *const *)b);
}

static uint64_t offset_of(const struct lac_gguf *gguf, const struct lac_reader *reader)
{
	return (uint64_t)(reader->at - gguf->bytes);
}

static enum lac_status fail_at(struct lac_gguf *gguf, const struct lac_reader *reader, const char *what)
{
	uint64_t offset = offset_of(gguf, reader);

	return lac_fail(gguf->error, LAC_BAD_MODEL, offset, "GGUF byte %llu: %s", (unsigned long long)offset, what);
}

static int shown(struct lac_string string) /* length for %.*s */
{
	return (int)(string.length < 80 ? string.length : 80);
}

/* ---- Metadata values -------------------------------------------------------- */

static size_t scalar_bytes(uint32_t type)
{
	switch (type) {
	case LAC_GGUF_U8: case LAC_GGUF_I8: case LAC_GGUF_BOOL: return 1;
	case LAC_GGUF_U16: case LAC_GGUF_I16: return 2;
	case LAC_GGUF_U32: case LAC_GGUF_I32: case LAC_GGUF_F32: return 4;
	case LAC_GGUF_U64: case LAC_GGUF_I64: case LAC_GGUF_F64: return 8;
	default: return 0;
	}
}

static bool read_string(struct lac_reader *reader, struct lac_string *string)
{
	struct lac_reader before = *reader;
	const uint8_t *bytes;
	uint64_t length;

	if (lac_read_u64(reader, &length) && length <= reader->left && lac_read_bytes(reader, (size_t)length, &bytes)) {
		*string = (struct lac_string){ (const char *)bytes, (size_t)length };
		return true;
	}
	*reader = before;
	return false;
}

/* Moves past a value of a type that is not an array. */
static bool skip_simple(struct lac_reader *reader, uint32_t type)
{
	struct lac_string string;
	const uint8_t *bytes;

	if (type == LAC_GGUF_STRING)
		return read_string(reader, &string);
	if (!scalar_bytes(type) || !lac_read_bytes(reader, scalar_bytes(type), &bytes))
		return false;
	return type != LAC_GGUF_BOOL || *bytes <= 1;
}

/* Moves past a value. Arrays of arrays are walked with a stack of what is left on each level, not
 * by recursion. */
static bool skip_value(struct lac_reader *reader, uint32_t type)
{
	uint64_t left[ARRAY_DEPTH_MAX];
	uint32_t types[ARRAY_DEPTH_MAX];
	unsigned depth = 0;

	if (type != LAC_GGUF_ARRAY)
		return skip_simple(reader, type);
	for (;;) {
		if (type == LAC_GGUF_ARRAY) {
			/* every element takes a byte at least, so a count beyond the bytes left is
			 * a lie */
			if (depth == ARRAY_DEPTH_MAX || !lac_read_u32(reader, &types[depth]) ||
			    !lac_read_u64(reader, &left[depth]) || left[depth] > reader->left)
				return false;
			if (types[depth] != LAC_GGUF_STRING && types[depth] != LAC_GGUF_ARRAY && !scalar_bytes(types[depth]))
				return false;
			depth++;
		} else if (!skip_simple(reader, type)) {
			return false;
		}
		while (depth && left[depth - 1] == 0)
			depth--;
		if (depth == 0)
			return true;
		left[depth - 1]--;
		type = types[depth - 1];
	}
}

static enum lac_status read_pairs(struct lac_gguf *gguf, struct lac_reader *reader, uint64_t n)
{
	if (n > reader->left / PAIR_BYTES_MIN)
		return fail_at(gguf, reader, "more metadata is announced than the file can hold");
	gguf->pairs = lac_calloc(n ? (size_t)n : 1, sizeof *gguf->pairs);
	if (!gguf->pairs)
		return lac_fail_memory(gguf->error, (size_t)n * sizeof *gguf->pairs, "GGUF metadata");
	for (; gguf->n_pairs < n; gguf->n_pairs++) {
		struct pair *pair = &gguf->pairs[gguf->n_pairs];

		if (!read_string(reader, &pair->key) || pair->key.length == 0 || pair->key.length > KEY_BYTES_MAX)
			return fail_at(gguf, reader, "a metadata key is cut off, empty or too long");
		if (!lac_read_u32(reader, &pair->type))
			return fail_at(gguf, reader, "the file ends within a metadata pair");
		pair->value = *reader;
		pair->offset = offset_of(gguf, reader);
		if (!skip_value(reader, pair->type))
			return lac_fail(gguf->error, LAC_BAD_MODEL, pair->offset,
				"GGUF byte %llu: the value of key \"%.*s\" is malformed or cut off",
				(unsigned long long)pair->offset, shown(pair->key), pair->key.bytes);
	}
	return LAC_OK;
}

/* ---- Tensors ----------------------------------------------------------------- */

static enum lac_status fail_tensor(struct lac_gguf *gguf, const struct lac_tensor *tensor, const char *what)
{
	return lac_fail(gguf->error, LAC_BAD_MODEL, 0, "tensor \"%.*s\" %s", shown(tensor->name), tensor->name.bytes, what);
}

/* Sets n_bytes from type and shape. */
static enum lac_status size_tensor(struct lac_gguf *gguf, struct lac_tensor *tensor)
{
	const struct lac_tensor_form *form = lac_tensor_form(tensor->type);
	uint64_t n = 1;

	for (unsigned i = 0; i < 4; i++) {
		if (tensor->dims[i] == 0 || tensor->dims[i] > UINT64_MAX / 1024 / n)
			return fail_tensor(gguf, tensor, "has an empty or impossible dimension");
		n *= tensor->dims[i];
	}
	if (!form->read)
		return LAC_OK; /* whoever wants it will refuse it by name */
	if (tensor->dims[0] % form->n_values)
		return fail_tensor(gguf, tensor, "has rows that are no whole number of its type's blocks");
	tensor->n_bytes = n / form->n_values * form->n_bytes;
	return LAC_OK;
}

/* The offset from the start of the data is kept in n_bytes' neighbour until the data's place is
 * known: `data` points to the file's start + offset only after place_tensors(). */
static enum lac_status read_tensors(struct lac_gguf *gguf, struct lac_reader *reader, uint64_t n, uint64_t **offsets)
{
	if (n > reader->left / TENSOR_BYTES_MIN)
		return fail_at(gguf, reader, "more tensors are announced than the file can hold");
	gguf->tensors = lac_calloc(n ? (size_t)n : 1, sizeof *gguf->tensors);
	*offsets = lac_calloc(n ? (size_t)n : 1, sizeof **offsets);
	if (!gguf->tensors || !*offsets)
		return lac_fail_memory(gguf->error, (size_t)n * sizeof *gguf->tensors, "GGUF tensor descriptions");
	for (; gguf->n_tensors < n; gguf->n_tensors++) {
		struct lac_tensor *tensor = &gguf->tensors[gguf->n_tensors];
		enum lac_status s;

		if (!read_string(reader, &tensor->name) || tensor->name.length == 0 || tensor->name.length > NAME_BYTES_MAX)
			return fail_at(gguf, reader, "a tensor's name is cut off, empty or too long");
		if (!lac_read_u32(reader, &tensor->n_dims) || tensor->n_dims < 1 || tensor->n_dims > 4)
			return fail_tensor(gguf, tensor, "has no dimension, more than four, or is cut off");
		for (unsigned i = 0; i < 4; i++) {
			tensor->dims[i] = 1;
			if (i < tensor->n_dims && !lac_read_u64(reader, &tensor->dims[i]))
				return fail_tensor(gguf, tensor, "is cut off");
		}
		if (!lac_read_u32(reader, &tensor->type) || !lac_read_u64(reader, *offsets + gguf->n_tensors))
			return fail_tensor(gguf, tensor, "is cut off");
		s = size_tensor(gguf, tensor);
		if (s)
			return s;
	}
	return LAC_OK;
}

static int compare_data(const void *a, const void *b)
{
	const struct lac_tensor *x = *(const struct lac_tensor *const *)a, *y = *(const struct lac_tensor *const *)b;

	return (x->data > y->data) - (x->data < y->data);
}

static enum lac_status check_overlap(struct lac_gguf *gguf)
{
	const struct lac_tensor **sorted = lac_calloc(gguf->n_tensors ? gguf->n_tensors : 1, sizeof *sorted);
	enum lac_status s = LAC_OK;
	size_t n = 0;

	if (!sorted)
		return lac_fail_memory(gguf->error, gguf->n_tensors * sizeof *sorted, "checking tensors");
	for (size_t i = 0; i < gguf->n_tensors; i++)
		if (gguf->tensors[i].data)
			sorted[n++] = &gguf->tensors[i];
	qsort(sorted, n, sizeof *sorted, compare_data);
	for (size_t i = 1; !s && i < n; i++)
		if (sorted[i - 1]->data + sorted[i - 1]->n_bytes > sorted[i]->data)
			s = fail_tensor(gguf, sorted[i], "overlaps another");
	lac_free(sorted);
	return s;
}

static enum lac_status place_tensors(struct lac_gguf *gguf, const struct lac_reader *reader, const uint64_t *offsets)
{
	uint64_t start = offset_of(gguf, reader);
	uint32_t alignment;
	enum lac_status s = lac_gguf_u32(gguf, "general.alignment", false, 32, &alignment, gguf->error);

	if (s)
		return s;
	if (alignment < 8 || (alignment & (alignment - 1)))
		return lac_fail(gguf->error, LAC_BAD_MODEL, 0, "general.alignment %u is no power of two of at least 8",
			(unsigned)alignment);
	start = (start + alignment - 1) / alignment * alignment;
	for (size_t i = 0; i < gguf->n_tensors; i++) {
		struct lac_tensor *tensor = &gguf->tensors[i];

		if (offsets[i] % alignment)
			return fail_tensor(gguf, tensor, "is not aligned");
		if (start > gguf->n_bytes || offsets[i] > gguf->n_bytes - start ||
		    tensor->n_bytes > gguf->n_bytes - start - offsets[i])
			return fail_tensor(gguf, tensor, "reaches past the end of the file; is the download complete?");
		if (tensor->n_bytes)
			tensor->data = gguf->bytes + start + offsets[i];
	}
	return check_overlap(gguf);
}

/* ---- Opening ------------------------------------------------------------------ */

/* Sorts pointers to n strings, `stride` apart; of equal ones, which are malformed, one is named. */
static enum lac_status sort(struct lac_gguf *gguf, const struct lac_string ***sorted, const void *first, size_t stride, size_t n,
	const char *what)
{
	*sorted = lac_calloc(n ? n : 1, sizeof **sorted);
	if (!*sorted)
		return lac_fail_memory(gguf->error, n * sizeof **sorted, "sorting names");
	for (size_t i = 0; i < n; i++)
		(*sorted)[i] = (const struct lac_string *)(const void *)((const char *)first + i * stride);
	qsort(*sorted, n, sizeof **sorted, compare_string_pointers);
	for (size_t i = 1; i < n; i++)
		if (compare_strings((*sorted)[i - 1], (*sorted)[i]) == 0)
			return lac_fail(gguf->error, LAC_BAD_MODEL, 0, "%s \"%.*s\" occurs twice", what, shown(*(*sorted)[i]),
				(*sorted)[i]->bytes);
	return LAC_OK;
}

/* The string of this text, NULL if there is none. */
static const void *find_sorted(const struct lac_string *const *sorted, size_t n, const char *text)
{
	const struct lac_string wanted = { text, strlen(text) }, *key = &wanted;
	const struct lac_string *const *found = n ? bsearch(&key, sorted, n, sizeof *sorted, compare_string_pointers) : NULL;

	return found ? *found : NULL;
}

static enum lac_status read_header(struct lac_gguf *gguf, struct lac_reader *reader, uint64_t *n_tensors, uint64_t *n_pairs)
{
	uint32_t magic, version;

	if (!lac_read_u32(reader, &magic) || magic != MAGIC)
		return lac_fail(gguf->error, LAC_BAD_MODEL, 0, "not a GGUF file: it does not begin with \"GGUF\"");
	if (!lac_read_u32(reader, &version))
		return fail_at(gguf, reader, "the file ends within its header");
	if (version > 0xffff) /* the low half of a small number, byte-swapped */
		return lac_fail(gguf->error, LAC_UNSUPPORTED_MODEL, 4, "a big-endian GGUF file; convert it to little-endian");
	if (version != 2 && version != 3)
		return lac_fail(gguf->error, LAC_UNSUPPORTED_MODEL, 4, "GGUF version %u; versions 2 and 3 are read", (unsigned)version);
	if (!lac_read_u64(reader, n_tensors) || !lac_read_u64(reader, n_pairs))
		return fail_at(gguf, reader, "the file ends within its header");
	return LAC_OK;
}

static enum lac_status refuse_split(struct lac_gguf *gguf)
{
	uint32_t count;
	enum lac_status s = lac_gguf_u32(gguf, "split.count", false, 1, &count, gguf->error);

	if (!s && count > 1)
		return lac_fail(gguf->error, LAC_UNSUPPORTED_MODEL, 0, "split.count is %u: one part of a split GGUF file; join them first",
			(unsigned)count);
	return s;
}

enum lac_status lac_gguf_open(struct lac_gguf **out, const void *bytes, size_t n_bytes, struct lac_error *error)
{
	struct lac_reader reader = { bytes, n_bytes };
	struct lac_gguf *gguf = lac_calloc(1, sizeof *gguf);
	uint64_t n_tensors, n_pairs, *offsets = NULL;
	enum lac_status s;

	*out = gguf;
	if (!gguf)
		return lac_fail_memory(error, sizeof *gguf, "a GGUF file");
	gguf->bytes = bytes;
	gguf->n_bytes = n_bytes;
	gguf->error = error;
	s = read_header(gguf, &reader, &n_tensors, &n_pairs);
	if (!s)
		s = read_pairs(gguf, &reader, n_pairs);
	if (!s)
		s = sort(gguf, &gguf->keys, gguf->pairs, sizeof *gguf->pairs, gguf->n_pairs, "key");
	if (!s)
		s = refuse_split(gguf);
	if (!s)
		s = read_tensors(gguf, &reader, n_tensors, &offsets);
	if (!s)
		s = sort(gguf, &gguf->names, gguf->tensors, sizeof *gguf->tensors, gguf->n_tensors, "tensor");
	if (!s)
		s = place_tensors(gguf, &reader, offsets);
	lac_free(offsets);
	if (s)
		lac_gguf_close(out);
	return s;
}

void lac_gguf_close(struct lac_gguf **gguf)
{
	if (!*gguf)
		return;
	lac_free((*gguf)->pairs);
	lac_free((*gguf)->tensors);
	lac_free((*gguf)->keys);
	lac_free((*gguf)->names);
	lac_free(*gguf);
	*gguf = NULL;
}

/* ---- Look-ups ------------------------------------------------------------------ */

static const char *type_name(uint32_t type)
{
	static const char *const names[] = { "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64",
		"i64", "f64" };

	return type < sizeof names / sizeof *names ? names[type] : "unknown";
}

/* *pair is NULL with LAC_OK when an optional key is absent. */
static enum lac_status find_pair(const struct lac_gguf *gguf, const char *key, bool required, const struct pair **pair,
	struct lac_error *error)
{
	*pair = find_sorted(gguf->keys, gguf->n_pairs, key);
	if (*pair)
		return LAC_OK;
	return required ? lac_fail(error, LAC_BAD_MODEL, 0, "key \"%s\" is missing", key) : LAC_OK;
}

static enum lac_status fail_type(const struct pair *pair, const char *key, const char *wanted, struct lac_error *error)
{
	return lac_fail(error, LAC_BAD_MODEL, pair->offset, "GGUF byte %llu: key \"%s\" is of type %s, not %s",
		(unsigned long long)pair->offset, key, type_name(pair->type), wanted);
}

/* Reads an integer of any width; false for other types. The value was skipped over once, so it is
 * all there. */
static bool read_integer(struct lac_reader *reader, uint32_t type, int64_t *value, bool *is_huge)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	*is_huge = false;
	switch (type) {
	case LAC_GGUF_U8: return lac_read_u8(reader, &u8) && (*value = u8, true);
	case LAC_GGUF_I8: return lac_read_u8(reader, &u8) && (*value = (int8_t)u8, true);
	case LAC_GGUF_U16: return lac_read_u16(reader, &u16) && (*value = u16, true);
	case LAC_GGUF_I16: return lac_read_u16(reader, &u16) && (*value = (int16_t)u16, true);
	case LAC_GGUF_U32: return lac_read_u32(reader, &u32) && (*value = u32, true);
	case LAC_GGUF_I32: return lac_read_u32(reader, &u32) && (*value = (int32_t)u32, true);
	case LAC_GGUF_I64: return lac_read_u64(reader, &u64) && (*value = (int64_t)u64, true);
	case LAC_GGUF_U64:
		if (!lac_read_u64(reader, &u64))
			return false;
		*is_huge = u64 > INT64_MAX;
		*value = (int64_t)(u64 & INT64_MAX);
		return true;
	default: return false;
	}
}

enum lac_status lac_gguf_u32(const struct lac_gguf *gguf, const char *key, bool required, uint32_t fallback, uint32_t *value,
	struct lac_error *error)
{
	const struct pair *pair;
	enum lac_status s = find_pair(gguf, key, required, &pair, error);
	struct lac_reader reader;
	int64_t wide;
	bool is_huge;

	*value = fallback;
	if (s || !pair)
		return s;
	reader = pair->value;
	if (!read_integer(&reader, pair->type, &wide, &is_huge))
		return fail_type(pair, key, "an integer", error);
	if (is_huge || wide < 0 || wide > UINT32_MAX)
		return lac_fail(error, LAC_BAD_MODEL, pair->offset, "GGUF byte %llu: key \"%s\" is outside 0 to 2^32 - 1",
			(unsigned long long)pair->offset, key);
	*value = (uint32_t)wide;
	return LAC_OK;
}

enum lac_status lac_gguf_f32(const struct lac_gguf *gguf, const char *key, bool required, float fallback, float *value,
	struct lac_error *error)
{
	const struct pair *pair;
	enum lac_status s = find_pair(gguf, key, required, &pair, error);
	struct lac_reader reader;
	uint64_t bits64;
	uint32_t bits32;

	*value = fallback;
	if (s || !pair)
		return s;
	reader = pair->value;
	if (pair->type == LAC_GGUF_F32 && lac_read_u32(&reader, &bits32)) {
		memcpy(value, &bits32, sizeof *value);
		return LAC_OK;
	}
	if (pair->type == LAC_GGUF_F64 && lac_read_u64(&reader, &bits64)) {
		double wide;

		memcpy(&wide, &bits64, sizeof wide);
		if (!(wide >= -0x1p127 && wide <= 0x1p127))
			return lac_fail(error, LAC_BAD_MODEL, pair->offset, "key \"%s\" is no finite binary32 number", key);
		*value = (float)wide;
		return LAC_OK;
	}
	return fail_type(pair, key, "f32", error);
}

enum lac_status lac_gguf_bool(const struct lac_gguf *gguf, const char *key, bool required, bool fallback, bool *value,
	struct lac_error *error)
{
	const struct pair *pair;
	enum lac_status s = find_pair(gguf, key, required, &pair, error);

	*value = fallback;
	if (s || !pair)
		return s;
	if (pair->type != LAC_GGUF_BOOL)
		return fail_type(pair, key, "bool", error);
	*value = pair->value.at[0] != 0;
	return LAC_OK;
}

enum lac_status lac_gguf_string(const struct lac_gguf *gguf, const char *key, bool required, struct lac_string *value,
	struct lac_error *error)
{
	const struct pair *pair;
	enum lac_status s = find_pair(gguf, key, required, &pair, error);
	struct lac_reader reader;

	*value = (struct lac_string){ 0 };
	if (s || !pair)
		return s;
	reader = pair->value;
	if (pair->type != LAC_GGUF_STRING || !read_string(&reader, value))
		return fail_type(pair, key, "string", error);
	return LAC_OK;
}

/* Opens an array: its element type and count, with the reader at the first element. */
static bool open_array(const struct pair *pair, struct lac_reader *reader, uint32_t *type, uint64_t *count)
{
	*reader = pair->value;
	return pair->type == LAC_GGUF_ARRAY && lac_read_u32(reader, type) && lac_read_u64(reader, count);
}

enum lac_status lac_gguf_strings(const struct lac_gguf *gguf, const char *key, bool required, struct lac_string **values,
	size_t *count, struct lac_error *error)
{
	const struct pair *pair;
	enum lac_status s = find_pair(gguf, key, required, &pair, error);
	struct lac_reader reader;
	uint64_t n;
	uint32_t type;

	*values = NULL;
	*count = 0;
	if (s || !pair)
		return s;
	if (!open_array(pair, &reader, &type, &n) || type != LAC_GGUF_STRING)
		return fail_type(pair, key, "an array of strings", error);
	*values = lac_calloc(n ? (size_t)n : 1, sizeof **values);
	if (!*values)
		return lac_fail_memory(error, (size_t)n * sizeof **values, key);
	for (; *count < n; ++*count)
		/* cannot be: lac_gguf_open() walked it */
		if (!read_string(&reader, *values + *count))
			return lac_fail(error, LAC_BAD_MODEL, pair->offset, "key \"%s\" is cut off", key);
	return LAC_OK;
}

enum lac_status lac_gguf_i32s(const struct lac_gguf *gguf, const char *key, bool required, int32_t **values, size_t *count,
	struct lac_error *error)
{
	const struct pair *pair;
	enum lac_status s = find_pair(gguf, key, required, &pair, error);
	struct lac_reader reader;
	uint64_t n;
	uint32_t type;

	*values = NULL;
	*count = 0;
	if (s || !pair)
		return s;
	if (!open_array(pair, &reader, &type, &n))
		return fail_type(pair, key, "an array of integers", error);
	*values = lac_calloc(n ? (size_t)n : 1, sizeof **values);
	if (!*values)
		return lac_fail_memory(error, (size_t)n * sizeof **values, key);
	for (; *count < n; ++*count) {
		int64_t wide;
		bool is_huge;

		const bool is_integer = read_integer(&reader, type, &wide, &is_huge);

		if (!is_integer || is_huge || wide < INT32_MIN || wide > INT32_MAX) {
			lac_free(*values);
			*values = NULL;
			*count = 0;
			if (!is_integer)
				return fail_type(pair, key, "an array of integers", error);
			return lac_fail(error, LAC_BAD_MODEL, pair->offset, "GGUF byte %llu: key \"%s\" is not all integers of 32 bits",
				(unsigned long long)pair->offset, key);
		}
		(*values)[*count] = (int32_t)wide;
	}
	return LAC_OK;
}

enum lac_status lac_gguf_f32s(const struct lac_gguf *gguf, const char *key, bool required, float **values, size_t *count,
	struct lac_error *error)
{
	const struct pair *pair;
	enum lac_status s = find_pair(gguf, key, required, &pair, error);
	struct lac_reader reader;
	uint64_t n;
	uint32_t type, bits;

	*values = NULL;
	*count = 0;
	if (s || !pair)
		return s;
	if (!open_array(pair, &reader, &type, &n) || type != LAC_GGUF_F32)
		return fail_type(pair, key, "an array of F32 numbers", error);
	*values = lac_calloc(n ? (size_t)n : 1, sizeof **values);
	if (!*values)
		return lac_fail_memory(error, (size_t)n * sizeof **values, key);
	for (; *count < n && lac_read_u32(&reader, &bits); ++*count)
		memcpy(&(*values)[*count], &bits, sizeof bits);
	return LAC_OK;
}

const struct lac_string *lac_gguf_key(const struct lac_gguf *gguf, size_t index)
{
	return index < gguf->n_pairs ? &gguf->pairs[index].key : NULL;
}

const struct lac_tensor *lac_gguf_tensor_at(const struct lac_gguf *gguf, size_t index)
{
	return index < gguf->n_tensors ? &gguf->tensors[index] : NULL;
}

size_t lac_gguf_n_tensors(const struct lac_gguf *gguf)
{
	return gguf->n_tensors;
}

const struct lac_tensor *lac_gguf_tensor(const struct lac_gguf *gguf, const char *name)
{
	return find_sorted(gguf->names, gguf->n_tensors, name);
}

/* ---- Values ---------------------------------------------------------------------------------- */

enum lac_status lac_tensor_check_type(const struct lac_tensor *tensor, struct lac_error *error)
{
	const struct lac_tensor_form *form = lac_tensor_form(tensor->type);

	if (form->read)
		return LAC_OK;
	return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "tensor \"%.*s\" has type %s (%u); F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, "
		"Q4_K, Q5_K and Q6_K are read", (int)(tensor->name.length < 64 ? tensor->name.length : 64), tensor->name.bytes, form->name,
		(unsigned)tensor->type);
}

void lac_tensor_row(const struct lac_tensor *tensor, uint64_t row, float *out)
{
	const struct lac_tensor_form *form = lac_tensor_form(tensor->type);
	const uint64_t n = tensor->dims[0];

	if (form->n_values) /* it was checked */
		form->read(out, tensor->data + row * (n / form->n_values) * form->n_bytes, (size_t)n);
}
