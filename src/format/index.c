/* index.c: the account that writers and readers keep. */
#include "format/index.h"
#include "format/records.h"

#include <string.h>

void lac_index_clear(struct lac_index *index)
{
	for (uint32_t i = 0; i <= LAC_INDEX_LEVELS_MAX; i++) {
		lac_buffer_clear(&index->levels[i].entries);
		index->levels[i].sum = (struct lac_index_entry){ 0 };
		index->levels[i].n = 0;
	}
	index->last_level = 0;
	index->is_open = index->is_wanted = false;
}

void lac_index_free(struct lac_index *index)
{
	for (uint32_t i = 0; i <= LAC_INDEX_LEVELS_MAX; i++)
		lac_buffer_free(&index->levels[i].entries);
}

static uint32_t count_undescribed(const struct lac_index *index)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i <= LAC_INDEX_LEVELS_MAX; i++)
		n += index->levels[i].n;
	return n;
}

static lac_complaint check_index(const struct lac_index *index, const struct lac_frame *frame)
{
	const struct lac_index_level *level = &index->levels[frame->level - 1];

	if (index->last_level != frame->level - 1)
		return "an index does not follow what it describes";
	if (frame->n_entries != level->n || frame->stream_bytes[0] != level->entries.length ||
	    memcmp(frame->streams[0], level->entries.bytes, level->entries.length) != 0)
		return "an index says otherwise than the frames before it";
	if (frame->is_last && count_undescribed(index) != level->n)
		return "the archive's last index does not cover all of it";
	return NULL;
}

lac_complaint lac_index_check(const struct lac_index *index, const struct lac_frame *frame)
{
	if (frame->type == LAC_FRAME_INDEX)
		return check_index(index, frame);
	if (frame->is_last && (index->is_wanted || frame->type == LAC_FRAME_GROUP))
		return "an archive with a group or an index ends without an index of all";
	return NULL;
}

static bool append(struct lac_index_level *level, uint32_t number, const struct lac_index_entry *entry)
{
	struct lac_index_entry *sum = &level->sum;

	if (level->n > LAC_INDEX_ENTRIES_MAX)
		return true; /* no index can describe them any more */
	level->n++;
	lac_buffer_varint(&level->entries, entry->n_bytes);
	if (number > 1)
		lac_buffer_varint(&level->entries, entry->n_frames);
	lac_buffer_varint(&level->entries, entry->n_records);
	lac_buffer_varint(&level->entries, 2 * entry->n_models + entry->is_open);
	sum->n_bytes += entry->n_bytes;
	sum->n_frames += entry->n_frames;
	sum->n_records += entry->n_records;
	sum->n_models += entry->n_models;
	sum->is_open = entry->is_open;
	return !level->entries.failed;
}

static bool add_index(struct lac_index *index, const struct lac_frame *frame, size_t n_bytes)
{
	struct lac_index_level *level = &index->levels[frame->level - 1];
	struct lac_index_entry entry = level->sum;

	lac_buffer_clear(&level->entries);
	level->sum = (struct lac_index_entry){ 0 };
	level->n = 0;
	entry.n_bytes += n_bytes;
	entry.n_frames++;
	index->last_level = frame->level;
	index->is_wanted = true;
	return append(level + 1, frame->level + 1, &entry);
}

bool lac_index_add(struct lac_index *index, const struct lac_frame *frame, size_t n_bytes, enum lac_records records)
{
	struct lac_index_entry entry = { .n_bytes = n_bytes, .n_frames = 1 };

	if (frame->type == LAC_FRAME_INDEX)
		return add_index(index, frame, n_bytes);
	if (lac_frame_declares_model(frame->type)) {
		entry.n_models = 1;
	} else if (lac_frame_is_block(frame->type)) {
		entry.n_records = lac_records_ended(frame, records);
		index->is_open = frame->is_open;
	}
	entry.is_open = index->is_open;
	index->is_wanted |= frame->type == LAC_FRAME_GROUP;
	index->last_level = 0;
	return append(&index->levels[0], 1, &entry);
}

struct lac_frame lac_index_frame(const struct lac_index *index, uint32_t level)
{
	const struct lac_index_level *from = &index->levels[level - 1];

	return (struct lac_frame){ .type = LAC_FRAME_INDEX, .level = level, .n_entries = from->n,
		.n_streams = 1, .streams = { from->entries.bytes }, .stream_bytes = { from->entries.length } };
}

uint32_t lac_index_top(const struct lac_index *index)
{
	uint32_t level = LAC_INDEX_LEVELS_MAX + 1;

	while (level && !index->levels[level - 1].n)
		level--;
	return level;
}
