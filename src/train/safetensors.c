#include "base/strict_float.h"
#include "train/safetensors.h"
#include "train/json.h"

#include <math.h>
#include <string.h>

static const char *const type_names[] = { "F32", "F16", "BF16" };
static const unsigned type_bytes[] = { 4, 2, 2 };

/* An array of two whole numbers. */
static bool read_pair(const json_t *array, uint64_t pair[2])
{
	if (json_array_size(array) != 2) /* 0 if it is none */
		return false;
	for (unsigned i = 0; i < 2; i++) {
		const json_t *value = json_array_get(array, i);
		const double number = json_is_number(value) ? json_number_value(value) : -1.0;

		if (!(number >= 0.0 && number < 0x1p53) || number != floor(number))
			return false;
		pair[i] = (uint64_t)number;
	}
	return true;
}

static enum lac_status read_tensor(const char *name, const json_t *description, const uint8_t *data, size_t n_data,
	struct lac_safe_tensor *tensor, struct lac_error *error)
{
	const char *type = json_string_value(json_object_get(description, "dtype"));
	const size_t n_types = sizeof type_names / sizeof *type_names;
	uint64_t dims[2], places[2];
	unsigned number = 0;

	if (!type || !json_is_array(json_object_get(description, "shape")) || !read_pair(json_object_get(description, "data_offsets"), places))
		return lac_fail(error, LAC_BAD_MODEL, 0, "safetensors: the description of \"%.100s\" is malformed", name);
	while (number < n_types && strcmp(type, type_names[number]) != 0)
		number++;
	if (number == n_types)
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "safetensors: \"%.100s\" is none of F32, F16, BF16", name);
	tensor->type = number;
	if (!read_pair(json_object_get(description, "shape"), dims) || dims[0] == 0 || dims[1] == 0 || dims[0] > UINT32_MAX ||
	    dims[1] > UINT32_MAX)
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
	struct lac_reader reader = { bytes, n_bytes };
	json_error_t why;
	json_t *head, *value;
	const char *key;
	enum lac_status s = LAC_OK;
	uint64_t n_head;

	if (!lac_read_u64(&reader, &n_head) || n_head > reader.left)
		return lac_fail(error, LAC_BAD_MODEL, 0, "safetensors: the file is cut off, or none of that kind");
	head = lac_json_object(reader.at, (size_t)n_head, &why);
	if (!head)
		return lac_fail(error, LAC_BAD_MODEL, 0, "safetensors: the head is no JSON object: %.100s (byte %d)", why.text, why.position);
	json_object_foreach(head, key, value) {
		struct lac_safe_tensor tensor = { .n_rows = 0 };

		if (s || strcmp(key, "__metadata__") == 0)
			continue;
		if (strlen(key) >= sizeof tensor.name) {
			s = lac_fail(error, LAC_BAD_MODEL, 0, "safetensors: a name is longer than %zu bytes", sizeof tensor.name - 1);
			continue;
		}
		memcpy(tensor.name, key, strlen(key) + 1);
		s = read_tensor(tensor.name, value, reader.at + n_head, reader.left - (size_t)n_head, &tensor, error);
		if (!s)
			s = function(payload, &tensor, error);
	}
	json_decref(head);
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
