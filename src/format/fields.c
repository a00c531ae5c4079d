#include "format/fields.h"

#include <string.h>

bool lac_field_u8(struct lac_fields *f, uint8_t *value)
{
	if (f->in)
		return lac_read_u8(f->in, value);
	return lac_field_array(f, value, 1);
}

bool lac_field_u64(struct lac_fields *f, uint64_t *value)
{
	if (f->in)
		return lac_read_u64(f->in, value);
	f->n_bytes += 8;
	if (f->out)
		lac_buffer_u64(f->out, *value);
	return true;
}

bool lac_field_varint(struct lac_fields *f, uint64_t *value)
{
	if (f->in)
		return lac_read_varint(f->in, value);
	f->n_bytes += lac_varint_bytes(*value);
	if (f->out)
		lac_buffer_varint(f->out, *value);
	return true;
}

bool lac_field_array(struct lac_fields *f, uint8_t *bytes, size_t n_bytes)
{
	const uint8_t *at = bytes;

	if (!lac_field_bytes(f, &at, n_bytes))
		return false;
	if (f->in)
		memcpy(bytes, at, n_bytes);
	return true;
}

bool lac_field_bytes(struct lac_fields *f, const uint8_t **bytes, size_t n_bytes)
{
	if (f->in)
		return lac_read_bytes(f->in, n_bytes, bytes);
	f->n_bytes += n_bytes;
	if (f->out)
		lac_buffer_append(f->out, *bytes, n_bytes);
	return true;
}

void lac_field_rest(struct lac_fields *f, const uint8_t **bytes, size_t *n_bytes)
{
	if (f->in)
		*n_bytes = f->in->left;
	(void)lac_field_bytes(f, bytes, *n_bytes);
}

lac_complaint lac_field_reference(struct lac_fields *f, struct lac_model_reference *reference)
{
	uint64_t number = 2 * (uint64_t)reference->model_index + reference->is_published;

	if (!lac_field_varint(f, &number))
		return "the number of a model is missing or padded";
	if (!f->in)
		return NULL;
	if (number % 2 == 0 && number / 2 >= f->scope->n_models)
		return "a frame names a model that was not declared";
	if (number / 2 > LAC_FRAME_MODELS_MAX)
		return "a frame names a model by too large a number";
	*reference = (struct lac_model_reference){ number % 2, (uint32_t)(number / 2) };
	return NULL;
}
