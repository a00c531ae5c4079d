#include "archive/index_tree.h"
#include "format/check.h"
#include "format/frame_parse.h"

enum lac_status lac_random_read(struct lac_random_reader *reader, uint64_t offset, size_t n_bytes, struct lac_buffer *out,
	struct lac_error *error)
{
	const size_t before = out->length;

	if (!lac_buffer_reserve(out, before + n_bytes))
		return lac_fail_memory(error, n_bytes, "a part of an archive");
	if (!reader->source.read_at(reader->source.payload, offset, out->bytes + before, n_bytes))
		return lac_fail(error, LAC_READ_FAILED, offset, "reading %zu bytes of the archive failed at byte %llu", n_bytes,
			(unsigned long long)offset);
	out->length += n_bytes;
	reader->n_read += n_bytes;
	return LAC_OK;
}

void lac_index_tree_free(struct lac_index_tree *tree)
{
	for (uint32_t i = 0; i < LAC_INDEX_LEVELS_MAX; i++)
		lac_buffer_free(&tree->nodes[i].bytes);
}

static void add(struct lac_index_entry *sum, const struct lac_index_entry *entry)
{
	sum->n_bytes += entry->n_bytes;
	sum->n_frames += entry->n_frames;
	sum->n_records += entry->n_records;
	sum->n_models += entry->n_models;
	sum->is_open = entry->is_open;
}

static struct lac_index_entry sum_of(const struct lac_frame *frame)
{
	struct lac_reader entries = { frame->streams[0], frame->stream_bytes[0] };
	struct lac_index_entry sum = { 0 }, entry;

	while (entries.left && lac_index_next(&entries, frame->level, &entry))
		add(&sum, &entry);
	return sum;
}

static uint32_t length_at(const uint8_t *tail)
{
	struct lac_reader cursor = { tail, 4 };
	uint32_t length = 0;

	(void)lac_read_u32(&cursor, &length);
	return length;
}

/* The bytes of the index that ends at `end`, from its own word for its length; none are left if
 * that is impossible. */
static enum lac_status read_index(struct lac_random_reader *reader, uint64_t begin, uint64_t end, struct lac_buffer *out,
	struct lac_error *error)
{
	uint8_t tail[LAC_INDEX_TAIL_BYTES];
	enum lac_status s;
	uint32_t length;

	lac_buffer_clear(out);
	if (end - begin < sizeof tail)
		return LAC_OK;
	s = lac_random_read(reader, end - sizeof tail, sizeof tail, out, error);
	if (s)
		return s;
	for (size_t i = 0; i < sizeof tail; i++)
		tail[i] = out->bytes[i];
	lac_buffer_clear(out);
	length = length_at(tail);
	if (length <= sizeof tail || length > LAC_INDEX_BYTES_MAX || length > end - begin)
		return LAC_OK;
	s = lac_random_read(reader, end - length, length - sizeof tail, out, error);
	lac_buffer_append(out, tail, sizeof tail);
	return s ? s : out->failed ? lac_fail_memory(error, length, "an index") : LAC_OK;
}

/* ---- The root ---------------------------------------------------------------------- */

/* What the entries claim before the check was verified: the frame's ordinal, which the check takes,
 * and the bytes. */
static bool claim(const struct lac_buffer *bytes, struct lac_index_entry *sum)
{
	struct lac_reader body = { bytes->bytes, bytes->length - 8 };
	struct lac_frame frame = { .type = LAC_FRAME_INDEX };
	uint64_t length;
	uint8_t tag;

	if (!lac_read_u8(&body, &tag) || !lac_read_varint(&body, &length) || length != body.left || lac_index_parse(&frame, &body))
		return false;
	*sum = sum_of(&frame);
	return true;
}

enum lac_status lac_index_tree_open(struct lac_index_tree *tree, struct lac_random_reader *reader, uint64_t end, bool *is_index,
	struct lac_error *error)
{
	const struct lac_frame_scope scope = { .records = LAC_RECORDS_LINES };
	struct lac_index_node *root;
	struct lac_buffer bytes = { 0 };
	struct lac_index_entry sum = { 0 };
	struct lac_place place;
	struct lac_frame frame;
	enum lac_status s;

	*tree = (struct lac_index_tree){ .reader = reader, .end = end };
	*is_index = false;
	s = read_index(reader, 0, end, &bytes, error);
	if (s || !bytes.length || bytes.bytes[0] != (LAC_FRAME_INDEX | LAC_TAG_LAST)) {
		lac_buffer_free(&bytes);
		return s;
	}
	*is_index = true;
	place = (struct lac_place){ .offset = end - bytes.length };
	if (!claim(&bytes, &sum) || sum.n_bytes > place.offset)
		s = lac_fail_at(error, LAC_CORRUPT, place, "the archive's last index is damaged");
	if (!s)
		s = lac_frame_unpack(&frame, bytes.bytes, bytes.length, sum.n_frames, &scope, place, error);
	if (s) {
		lac_buffer_free(&bytes);
		return s;
	}
	tree->n_levels = frame.level;
	tree->begin = place.offset - sum.n_bytes;
	root = &tree->nodes[frame.level - 1];
	*root = (struct lac_index_node){ .bytes = bytes, .frame = frame, .first = tree->begin };
	return LAC_OK;
}

struct lac_index_entry lac_index_tree_sum(const struct lac_index_tree *tree)
{
	return sum_of(&tree->nodes[tree->n_levels - 1].frame);
}

/* ---- Downwards ---------------------------------------------------------------------- */

static uint64_t value_of(const struct lac_index_entry *entry, enum lac_index_key key)
{
	return key == LAC_KEY_FRAMES ? entry->n_frames : key == LAC_KEY_RECORDS ? entry->n_records : entry->n_models;
}

/* The entry of a node that has the number. False: none. */
static bool find_entry(const struct lac_index_node *node, enum lac_index_key key, uint64_t number, struct lac_indexed_frame *out)
{
	struct lac_reader entries = { node->frame.streams[0], node->frame.stream_bytes[0] };

	out->offset = node->first;
	out->before = node->before;
	while (entries.left && lac_index_next(&entries, node->frame.level, &out->entry)) {
		if (number - value_of(&out->before, key) < value_of(&out->entry, key))
			return true;
		out->offset += out->entry.n_bytes;
		add(&out->before, &out->entry);
	}
	return false;
}

static bool is_described(const struct lac_index_node *child, const struct lac_index_entry *entry)
{
	const struct lac_index_entry sum = sum_of(&child->frame);

	return sum.n_bytes + child->bytes.length == entry->n_bytes && sum.n_frames + 1 == entry->n_frames &&
		sum.n_records == entry->n_records && sum.n_models == entry->n_models && sum.is_open == entry->is_open;
}

/* Reads the index that an entry of level `level` + 1 describes. */
static enum lac_status read_child(struct lac_index_tree *tree, uint32_t level, const struct lac_indexed_frame *found, struct lac_error *error)
{
	const struct lac_frame_scope scope = { .records = tree->records };
	struct lac_index_node *node = &tree->nodes[level - 1];
	const uint64_t end = found->offset + found->entry.n_bytes;
	struct lac_place place = { .archive = tree->archive, .offset = found->offset };
	enum lac_status s;

	if (node->bytes.length && node->first == found->offset)
		return LAC_OK;
	s = read_index(tree->reader, found->offset, end, &node->bytes, error);
	if (s) {
		lac_buffer_clear(&node->bytes); /* it is not what node->first says */
		return s;
	}
	node->first = found->offset;
	node->before = found->before;
	place.offset = end - node->bytes.length;
	if (!node->bytes.length)
		return lac_fail_at(error, LAC_CORRUPT, place, "there is no index where another says there is");
	s = lac_frame_unpack(&node->frame, node->bytes.bytes, node->bytes.length, found->before.n_frames + found->entry.n_frames - 1, &scope,
		place, error);
	if (!s && (node->frame.type != LAC_FRAME_INDEX || node->frame.level != level || node->frame.is_last || !is_described(node, &found->entry)))
		s = lac_fail_at(error, LAC_CORRUPT, place, "an index says otherwise than the one above it");
	if (s)
		lac_buffer_clear(&node->bytes); /* it is not kept */
	return s;
}

enum lac_status lac_index_tree_find(struct lac_index_tree *tree, enum lac_index_key key, uint64_t number, struct lac_indexed_frame *out,
	bool *is_found, struct lac_error *error)
{
	for (uint32_t level = tree->n_levels; level; level--) {
		enum lac_status s;

		*is_found = find_entry(&tree->nodes[level - 1], key, number, out);
		if (!*is_found || level == 1)
			return LAC_OK;
		s = read_child(tree, level - 1, out, error);
		if (s)
			return s;
	}
	return LAC_OK;
}
