#include "base/strict_float.h"
#include "train/safetensors.h"
#include "train/json.h"

#include <math.h>
#include <string.h>

static const char *const type_names[] = { "F32", "F16", "BF16" };
static const unsigned type_bytes[] = { 4, 2, 2 };

/* An array of whole numbers, as many as n. */
static bool read_numbers(struct lac_reader array, uint64_t *numbers, size_t n)
{
	struct lac_reader value;

	for (size_t i = 0; i <= n; i++) {
		double number;

		lac_json_skip_space(&array);
		if (!array.left || *array.at != (i == 0 ? '[' : i == n ? ']' : ','))
			return false;
		array.at++;
		array.left--;
		if (i == n)
			return true;
		lac_json_skip_space(&array);
		value = array;
		if (!lac_json_skip(&array))
			return false;
		value.left -= array.left;
		if (!lac_json_number(value, &number) || !(number >= 0.0 && number < 0x1p53) || number != floor(number))
			return false;
		numbers[i] = (uint64_t)number;
	}
	return false;
}

static enum lac_status read_tensor(const char *name, struct lac_reader description, const uint8_t *data, size_t n_data,
	struct lac_safe_tensor *tensor, struct lac_error *error)
{
	struct lac_reader type, shape, offsets;
	uint64_t dims[2], places[2];
	bool is_malformed;

	if (!lac_json_member(description, "dtype", &type, &is_malformed) || !lac_json_member(description, "shape", &shape, &is_malformed) ||
	    !lac_json_member(description, "data_offsets", &offsets, &is_malformed) || !read_numbers(offsets, places, 2))
		return lac_fail(error, LAC_BAD_MODEL, 0, "safetensors: the description of \"%.100s\" is malformed", name);
	for (unsigned i = 0;; i++) {
		char quoted[8] = "\"";

		if (i == sizeof type_names / sizeof *type_names)
			return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "safetensors: \"%.100s\" is none of F32, F16, BF16", name);
		strcat(strcat(quoted, type_names[i]), "\"");
		if (lac_json_is(type, quoted)) {
			tensor->type = i;
			break;
		}
	}
	if (!read_numbers(shape, dims, 2) || dims[0] == 0 || dims[1] == 0 || dims[0] > UINT32_MAX || dims[1] > UINT32_MAX)
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "safetensors: \"%.100s\" is no matrix", name);
	if (places[0] > places[1] || places[1] > n_data || dims[0] > n_data || dims[1] > n_data / dims[0] ||
	    places[1] - places[0] != dims[0] * dims[1] * type_bytes[tensor->type])
		return lac_fail(error, LAC_BAD_MODEL, 0, "safetensors: \"%.100s\" reaches past the end, or its size is not that of its shape", name);
	tensor->n_rows = (uint32_t)dims[0];
	tensor->n_columns = (uint32_t)dims[1];
	tensor->data = data + places[0];
	return LAC_OK;
}

enum lac_status lac_safetensors_read(const void *bytes, size_t n_bytes, lac_safe_function *function, void *payload, struct lac_error *error)
{
	struct lac_reader reader = { bytes, n_bytes }, value;
	struct lac_json_members members = { .began = false };
	struct lac_buffer key = { 0 };
	enum lac_status s = LAC_OK;
	uint64_t n_head;

	if (!lac_read_u64(&reader, &n_head) || n_head > reader.left)
		return lac_fail(error, LAC_BAD_MODEL, 0, "safetensors: the file is cut off, or none of that kind");
	members.reader = (struct lac_reader){ reader.at, (size_t)n_head };
	while (!s && lac_json_next_member(&members, &key, &value)) {
		struct lac_safe_tensor tensor = { .n_rows = 0 };

		if (key.length >= sizeof tensor.name)
			s = lac_fail(error, LAC_BAD_MODEL, 0, "safetensors: a name is longer than %zu bytes", sizeof tensor.name - 1);
		else if (key.length)
			memcpy(tensor.name, key.bytes, key.length);
		if (s || strcmp(tensor.name, "__metadata__") == 0)
			continue;
		s = read_tensor(tensor.name, value, reader.at + n_head, reader.left - (size_t)n_head, &tensor, error);
		if (!s)
			s = function(payload, &tensor, error);
	}
	if (!s && members.is_malformed)
		s = lac_fail(error, LAC_BAD_MODEL, 0, "safetensors: the head is no JSON object");
	lac_buffer_free(&key);
	return s;
}

static float float_of_bits(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

void lac_safe_floats(const struct lac_safe_tensor *tensor, float *out)
{
	const size_t n = (size_t)tensor->n_rows * tensor->n_columns;
	struct lac_reader reader = { tensor->data, n * type_bytes[tensor->type] };

	for (size_t i = 0; i < n; i++) {
		uint32_t wide = 0;
		uint16_t narrow = 0;

		if (tensor->type == LAC_SAFE_F32 ? !lac_read_u32(&reader, &wide) : !lac_read_u16(&reader, &narrow))
			return; /* the size was checked */
		if (tensor->type == LAC_SAFE_F16) {
			const int exponent = narrow >> 10 & 31, fraction = narrow & 1023;
			const float magnitude = exponent == 31 ? INFINITY : exponent ? ldexpf((float)(1024 + fraction), exponent - 25) :
				ldexpf((float)fraction, -24);

			out[i] = narrow >> 15 ? -magnitude : magnitude;
		} else {
			out[i] = float_of_bits(tensor->type == LAC_SAFE_F32 ? wide : (uint32_t)narrow << 16);
		}
	}
}
