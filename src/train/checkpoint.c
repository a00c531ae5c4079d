#include "base/strict_float.h"
#include "train/checkpoint.h"
#include "base/bytes.h"
#include "base/file_map.h"
#include "base/hash.h"
#include "train/atomic_file.h"

#include <string.h>

#define MAGIC "LACTRAIN"
#define VERSION 1u
#define STATE_NUMBERS 5u

/* 1 where the lowest byte comes first: the floats are not converted. */
static uint64_t byte_order(void)
{
	const uint32_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return first;
}

static void put_head(struct lac_buffer *out, const struct lac_setting *settings, size_t n_settings, const struct lac_progress_state *state,
	size_t n_floats)
{
	const uint64_t numbers[STATE_NUMBERS] = { state->step, state->n_tokens, state->epoch, state->next, state->position };

	lac_buffer_append(out, MAGIC, strlen(MAGIC));
	lac_buffer_u32(out, VERSION);
	lac_buffer_u64(out, byte_order());
	lac_buffer_u64(out, n_settings);
	for (size_t i = 0; i < n_settings; i++)
		lac_buffer_u64(out, settings[i].value);
	for (size_t i = 0; i < STATE_NUMBERS; i++)
		lac_buffer_u64(out, numbers[i]);
	lac_buffer_u64(out, n_floats);
}

enum lac_status lac_checkpoint_write(const char *path, const struct lac_setting *settings, size_t n_settings,
	const struct lac_progress_state *state, const struct lac_checkpoint_arrays *arrays, struct lac_error *error)
{
	const float *const parts[] = { arrays->values, arrays->first, arrays->second };
	struct lac_buffer head = { 0 }, end = { 0 };
	struct lac_atomic_file file;
	uint64_t hash;
	enum lac_status s = lac_atomic_open(&file, path, error);

	if (s)
		return s;
	put_head(&head, settings, n_settings, state, arrays->n_floats);
	lac_atomic_write(&file, head.bytes, head.length);
	hash = lac_hash64(head.bytes, head.length, 0);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		lac_atomic_write(&file, parts[i], arrays->n_floats * sizeof(float));
		hash = lac_hash64(parts[i], arrays->n_floats * sizeof(float), hash);
	}
	lac_buffer_u64(&end, hash);
	lac_atomic_write(&file, end.bytes, end.length);
	s = head.failed || end.failed ? lac_fail_memory(error, head.length, "a checkpoint") : lac_atomic_commit(&file, error);
	lac_atomic_abandon(&file);
	lac_buffer_free(&head);
	lac_buffer_free(&end);
	return s;
}

static enum lac_status read_head(struct lac_reader *reader, const char *path, const struct lac_setting *settings, size_t n_settings,
	struct lac_progress_state *state, size_t n_floats, struct lac_error *error)
{
	uint64_t numbers[STATE_NUMBERS], value = 0;
	const uint8_t *magic;
	uint32_t version;

	if (!lac_read_bytes(reader, strlen(MAGIC), &magic) || memcmp(magic, MAGIC, strlen(MAGIC)) != 0)
		return lac_fail(error, LAC_NOT_ARCHIVE, 0, "%.150s is no checkpoint", path);
	if (!lac_read_u32(reader, &version) || version != VERSION || !lac_read_u64(reader, &value) || value != byte_order())
		return lac_fail(error, LAC_UNSUPPORTED, 0, "%.150s is a checkpoint of another version or machine", path);
	if (!lac_read_u64(reader, &value) || value != n_settings)
		return lac_fail(error, LAC_UNSUPPORTED, 0, "%.150s is a checkpoint of another kind of training", path);
	for (size_t i = 0; i < n_settings; i++) {
		if (!lac_read_u64(reader, &value))
			return lac_fail(error, LAC_CORRUPT, 0, "%.150s is cut off", path);
		if (value != settings[i].value)
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%.120s was made with another %s; to resume, nothing may change", path,
				settings[i].name);
	}
	for (size_t i = 0; i < STATE_NUMBERS; i++)
		if (!lac_read_u64(reader, &numbers[i]))
			return lac_fail(error, LAC_CORRUPT, 0, "%.150s is cut off", path);
	*state = (struct lac_progress_state){ numbers[0], numbers[1], numbers[2], numbers[3], numbers[4] };
	if (!lac_read_u64(reader, &value) || value != n_floats || reader->left != 3 * n_floats * sizeof(float) + 8)
		return lac_fail(error, LAC_CORRUPT, 0, "%.150s is cut off, or of another model", path);
	return LAC_OK;
}

static enum lac_status read_arrays(struct lac_reader *reader, uint64_t hash, const char *path, const struct lac_checkpoint_arrays *arrays,
	struct lac_error *error)
{
	float *const parts[] = { arrays->values, arrays->first, arrays->second };
	const size_t n_bytes = arrays->n_floats * sizeof(float);
	const uint8_t *at = reader->at;
	uint64_t wanted;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		hash = lac_hash64(at + i * n_bytes, n_bytes, hash);
	reader->at += 3 * n_bytes;
	reader->left -= 3 * n_bytes;
	if (!lac_read_u64(reader, &wanted) || wanted != hash)
		return lac_fail(error, LAC_CORRUPT, 0, "%.150s is damaged: its hash differs", path);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		memcpy(parts[i], at + i * n_bytes, n_bytes);
	return LAC_OK;
}

enum lac_status lac_checkpoint_read(const char *path, const struct lac_setting *settings, size_t n_settings,
	struct lac_progress_state *state, const struct lac_checkpoint_arrays *arrays, struct lac_error *error)
{
	struct lac_file_map file;
	struct lac_reader reader;
	enum lac_status s = lac_file_map(&file, path, error);

	if (s)
		return s;
	reader = (struct lac_reader){ file.bytes, file.n_bytes };
	s = read_head(&reader, path, settings, n_settings, state, arrays->n_floats, error);
	if (!s)
		s = read_arrays(&reader, lac_hash64(file.bytes, file.n_bytes - reader.left, 0), path, arrays, error);
	lac_file_unmap(&file);
	return s;
}
