#include "base/strict_float.h"
#include "base/bytes.h"
#include "base/memory.h"

#include <string.h>

bool lac_read_bytes(struct lac_reader *reader, size_t n_bytes, const uint8_t **bytes)
{
	if (n_bytes > reader->left)
		return false;
	*bytes = reader->at;
	reader->at += n_bytes;
	reader->left -= n_bytes;
	return true;
}

static bool read_little_endian(struct lac_reader *reader, unsigned n_bytes, uint64_t *value)
{
	const uint8_t *bytes;

	if (!lac_read_bytes(reader, n_bytes, &bytes))
		return false;
	*value = 0;
	for (unsigned i = 0; i < n_bytes; i++)
		*value |= (uint64_t)bytes[i] << (8 * i);
	return true;
}

bool lac_read_u8(struct lac_reader *reader, uint8_t *value)
{
	uint64_t wide;

	if (!read_little_endian(reader, 1, &wide))
		return false;
	*value = (uint8_t)wide;
	return true;
}

bool lac_read_u16(struct lac_reader *reader, uint16_t *value)
{
	uint64_t wide;

	if (!read_little_endian(reader, 2, &wide))
		return false;
	*value = (uint16_t)wide;
	return true;
}

bool lac_read_u32(struct lac_reader *reader, uint32_t *value)
{
	uint64_t wide;

	if (!read_little_endian(reader, 4, &wide))
		return false;
	*value = (uint32_t)wide;
	return true;
}

void lac_floats_read(float *out, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < n; i++, at += 4) {
		const uint32_t bits = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;

		memcpy(out + i, &bits, sizeof bits);
	}
}

bool lac_read_u64(struct lac_reader *reader, uint64_t *value)
{
	return read_little_endian(reader, 8, value);
}

bool lac_read_varint(struct lac_reader *reader, uint64_t *value)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < LAC_VARINT_BYTES_MAX && i < reader->left; i++) {
		uint8_t byte = reader->at[i];

		sum |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		if (byte == 0 && i > 0)
			return false; /* padded: a shorter form of the same number exists */
		reader->at += i + 1;
		reader->left -= i + 1;
		*value = sum;
		return true;
	}
	return false;
}

size_t lac_varint_bytes(uint64_t value)
{
	size_t n = 1;

	for (; value >= 0x80; value >>= 7)
		n++;
	return n;
}

static bool reserve(struct lac_buffer *buffer, size_t n_bytes)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 256;
	uint8_t *bytes;

	if (buffer->failed || n_bytes > SIZE_MAX / 4 - buffer->length)
		return false;
	if (n_bytes <= buffer->capacity - buffer->length)
		return true;
	while (capacity - buffer->length < n_bytes)
		capacity *= 2;
	bytes = lac_realloc(buffer->bytes, buffer->length, capacity, 1);
	if (!bytes)
		return false;
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return true;
}

bool lac_buffer_reserve(struct lac_buffer *buffer, size_t n_bytes)
{
	if (n_bytes > buffer->length && !reserve(buffer, n_bytes - buffer->length))
		buffer->failed = true;
	return !buffer->failed;
}

void lac_buffer_append(struct lac_buffer *buffer, const void *bytes, size_t n_bytes)
{
	if (n_bytes == 0)
		return;
	if (!reserve(buffer, n_bytes)) {
		buffer->failed = true;
		return;
	}
	memcpy(buffer->bytes + buffer->length, bytes, n_bytes);
	buffer->length += n_bytes;
}

void lac_buffer_u8(struct lac_buffer *buffer, uint8_t value)
{
	lac_buffer_append(buffer, &value, 1);
}

void lac_buffer_u32(struct lac_buffer *buffer, uint32_t value)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24) };

	lac_buffer_append(buffer, bytes, sizeof bytes);
}

void lac_buffer_u64(struct lac_buffer *buffer, uint64_t value)
{
	lac_buffer_u32(buffer, (uint32_t)value);
	lac_buffer_u32(buffer, (uint32_t)(value >> 32));
}

void lac_buffer_varint(struct lac_buffer *buffer, uint64_t value)
{
	while (value >= 0x80) {
		lac_buffer_u8(buffer, (uint8_t)(value | 0x80));
		value >>= 7;
	}
	lac_buffer_u8(buffer, (uint8_t)value);
}

void lac_buffer_clear(struct lac_buffer *buffer)
{
	buffer->length = 0;
	buffer->failed = false;
}

void lac_buffer_free(struct lac_buffer *buffer)
{
	lac_free(buffer->bytes);
	*buffer = (struct lac_buffer){ 0 };
}
