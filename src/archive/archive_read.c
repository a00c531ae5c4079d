/* archive_read.c: records of an opened archive: places -> blocks -> unpacker (format.md section
 * 5.10). */
#include "archive/archive.h"
#include "archive/unpacker.h"
#include "format/records.h"
#include "format/frame_parse.h"

/* ---- Frames ------------------------------------------------------------------------------ */

static enum lac_status fail_index(const struct lac_archive *a, uint64_t offset, struct lac_error *error)
{
	return lac_fail_at(error, LAC_CORRUPT, (struct lac_place){ .archive = a->tree.archive, .offset = offset },
		"an index says otherwise than the frame that is here");
}

static enum lac_status read_frame(struct lac_archive *a, const struct lac_indexed_frame *at, struct lac_buffer *bytes,
	struct lac_frame *frame, struct lac_error *error)
{
	const struct lac_place place = { .archive = a->tree.archive, .offset = at->offset };
	enum lac_status s;

	if (at->entry.n_bytes > LAC_FRAME_BODY_MAX + 32)
		return fail_index(a, at->offset, error);
	s = lac_random_read(&a->reader, at->offset, (size_t)at->entry.n_bytes, bytes, error);
	a->scope.n_models = (uint32_t)(at->before.n_models > LAC_FRAME_MODELS_MAX ? LAC_FRAME_MODELS_MAX : at->before.n_models);
	return s ? s : lac_frame_unpack(frame, bytes->bytes, bytes->length, at->before.n_frames, &a->scope, place, error);
}

/* The archive's next model, as far as they are known. */
static enum lac_status read_model(struct lac_archive *a, struct lac_error *error)
{
	struct lac_indexed_frame at;
	struct lac_buffer bytes = { 0 };
	struct lac_frame frame;
	bool is_found;
	enum lac_status s = lac_index_tree_find(&a->tree, LAC_KEY_MODELS, a->declared.n, &at, &is_found, error);

	if (!s && !is_found)
		s = fail_index(a, a->tree.begin, error);
	if (!s)
		s = read_frame(a, &at, &bytes, &frame, error);
	if (!s && (!lac_frame_declares_model(frame.type) || at.entry.n_models != 1))
		s = fail_index(a, at.offset, error);
	if (!s)
		s = lac_declared_add(&a->declared, &frame, error);
	if (!s)
		lac_frame_scope_add(&a->scope, &frame);
	a->scope.may_carry = false; /* what is read next is elsewhere */
	lac_buffer_free(&bytes);
	return s;
}

/* The file behind the frame of a declared model, if there is one. */
static enum lac_status read_file(struct lac_archive *a, struct lac_unpacker *u, uint32_t number, struct lac_error *error)
{
	const uint64_t n_frames = lac_index_tree_sum(&a->tree).n_frames;
	struct lac_indexed_frame at = { .offset = 0 };
	struct lac_buffer bytes = { 0 };
	struct lac_frame frame = { .type = LAC_FRAME_FILE, .n_left = 1 };
	bool is_found;
	enum lac_status s = lac_index_tree_find(&a->tree, LAC_KEY_MODELS, number, &at, &is_found, error);
	uint64_t ordinal = at.before.n_frames + 1;

	if (!s && !is_found)
		s = fail_index(a, a->tree.begin, error);
	a->scope.has_block = at.before.n_records || at.before.is_open;
	a->scope.may_carry = !a->scope.has_block;
	for (; !s && frame.type == LAC_FRAME_FILE && frame.n_left && ordinal < n_frames; ordinal++) {
		s = lac_index_tree_find(&a->tree, LAC_KEY_FRAMES, ordinal, &at, &is_found, error);
		if (s || !is_found)
			continue;
		lac_buffer_clear(&bytes);
		s = read_frame(a, &at, &bytes, &frame, error);
		if (!s)
			lac_frame_scope_add(&a->scope, &frame);
		if (!s && frame.type == LAC_FRAME_FILE)
			s = lac_unpacker_carry(u, &frame, &a->declared, number, (struct lac_place){ .archive = a->tree.archive, .offset = at.offset },
				a->reader.n_read, error);
	}
	if (!s && u->arriving.is_begun)
		s = fail_index(a, a->tree.begin, error); /* it ends in the middle of a file */
	a->scope.may_carry = a->scope.has_block = false;
	a->scope.n_left = 0;
	lac_buffer_free(&bytes);
	return s;
}

/* Opens a declared model from what the archive carries if it is not open, its base first. */
static enum lac_status bring(struct lac_archive *a, struct lac_unpacker *u, struct lac_model_reference reference, struct lac_error *error)
{
	const struct lac_declared_model model = lac_declared_get(&a->declared, reference);
	const struct lac_model_reference base = lac_declared_base(&a->declared, reference);
	enum lac_status s = LAC_OK;
	bool is_open = true;

	if (!model.base || !a->context->options.opens_carried)
		return LAC_OK;
	if (!base.is_published)
		s = lac_unpacker_seek(u, (struct lac_declared_model){ model.base, NULL }, &is_open, error);
	if (!s && !is_open)
		s = read_file(a, u, base.model_index, error);
	if (s || !model.adapter)
		return s;
	s = lac_unpacker_seek(u, model, &is_open, error);
	return s || is_open ? s : read_file(a, u, reference.model_index, error);
}

/* The models of the streams that will be decoded. */
static enum lac_status read_models(struct lac_archive *a, struct lac_unpacker *u, const struct lac_packed_block *block, struct lac_error *error)
{
	const struct lac_frame *frame = &block->frame;
	const bool is_group = frame->type == LAC_FRAME_GROUP;
	enum lac_status s = LAC_OK;

	for (uint32_t i = 0; !s && lac_frame_is_modelled(frame->type) && i < frame->n_streams; i++) {
		const struct lac_model_reference model = lac_frame_route(frame, i);

		if (is_group && (i < block->first || i >= block->end))
			continue;
		while (!s && !model.is_published && a->declared.n <= model.model_index)
			s = read_model(a, error);
		if (!s && !model.is_published)
			s = bring(a, u, model, error);
	}
	return s;
}

/* ---- Records ------------------------------------------------------------------------------ */

/* Where a call is in an archive. */
struct place {
	struct lac_indexed_frame at;
	bool is_at;      /* false: past the last frame */
	uint64_t n_skip; /* records of the block that come before */
	uint64_t n_left; /* separators that are wanted, a last open record counting as one */
};

/* From frame `ordinal` on, the first block: of all that an index of level 1 describes it alone ends
 * a record or leaves one open, and declares no model. */
static enum lac_status go_to_block(struct lac_archive *a, struct place *p, uint64_t ordinal, struct lac_error *error)
{
	const uint64_t n_frames = lac_index_tree_sum(&a->tree).n_frames;
	enum lac_status s = LAC_OK;

	p->is_at = false;
	for (; !s && !p->is_at && ordinal < n_frames; ordinal++) {
		s = lac_index_tree_find(&a->tree, LAC_KEY_FRAMES, ordinal, &p->at, &p->is_at, error);
		p->is_at = p->is_at && !p->at.entry.n_models && (p->at.entry.n_records || p->at.entry.is_open);
	}
	return s;
}

/* To where record `number` of the archive begins: in the block in which it ends, unless that goes
 * on with it from blocks before. */
static enum lac_status go_to_record(struct lac_archive *a, struct place *p, uint64_t number, struct lac_error *error)
{
	enum lac_status s = lac_index_tree_find(&a->tree, LAC_KEY_RECORDS, number, &p->at, &p->is_at, error);

	p->n_skip = 0;
	if (s)
		return s;
	if (p->is_at && (number > p->at.before.n_records || !p->at.before.is_open)) {
		p->n_skip = number - p->at.before.n_records;
		return LAC_OK;
	}
	if (!number)
		return go_to_block(a, p, 0, error);
	s = lac_index_tree_find(&a->tree, LAC_KEY_RECORDS, number - 1, &p->at, &p->is_at, error);
	if (!s && !p->is_at)
		return fail_index(a, a->tree.begin, error);
	p->n_skip = number - p->at.before.n_records;
	return s;
}

static enum lac_status read_block(struct lac_archive *a, struct lac_unpacker *u, struct place *p, struct lac_error *error)
{
	struct lac_packed_block block = { .records = a->tree.records, .place = { .archive = a->tree.archive, .offset = p->at.offset } };
	const uint64_t n_ended = p->at.entry.n_records, n_here = n_ended - p->n_skip;
	enum lac_status s = read_frame(a, &p->at, &block.bytes, &block.frame, error);

	if (!s && (!lac_frame_is_block(block.frame.type) || lac_records_ended(&block.frame, block.records) != n_ended ||
	    block.frame.is_open != p->at.entry.is_open))
		s = fail_index(a, p->at.offset, error);
	if (s) {
		lac_buffer_free(&block.bytes);
		return s;
	}
	block.first = (uint32_t)p->n_skip;
	block.end = p->n_left <= n_here ? (uint32_t)(p->n_skip + p->n_left) : lac_packed_records(&block.frame, block.records);
	p->n_left -= p->n_left <= n_here ? p->n_left : n_here;
	p->n_skip = 0;
	s = read_models(a, u, &block, error);
	if (s) {
		lac_buffer_free(&block.bytes);
		return s;
	}
	return lac_unpacker_push(u, &block, &a->declared, error);
}

/* The next block that holds wanted records, if there is one. */
static enum lac_status advance(struct lac_archive *a, struct lac_unpacker *u, struct place *p, struct lac_error *error)
{
	/* else the record begins with the next block */
	const bool has_some = p->n_skip < p->at.entry.n_records + p->at.entry.is_open;
	enum lac_status s = has_some ? read_block(a, u, p, error) : LAC_OK;

	p->n_skip = 0;
	if (!s && p->n_left)
		s = go_to_block(a, p, p->at.before.n_frames + 1, error);
	if (!s && p->n_left && !p->is_at) { /* the last record is open */
		if (p->n_left > 1 || !lac_index_tree_sum(&a->tree).is_open)
			return fail_index(a, a->tree.begin, error);
		p->n_left = 0;
	}
	return s;
}

/* n records of the current archive. */
static enum lac_status read_part(struct lac_archive *a, struct lac_unpacker *u, uint64_t number, uint64_t n, struct lac_error *error)
{
	struct place p = { .n_left = n };
	struct lac_error reading = { 0 };
	enum lac_status s = LAC_OK, read_status = go_to_record(a, &p, number, &reading);

	while (!s && ((p.n_left && !read_status) || u->oldest))
		if (p.n_left && !read_status && lac_unpacker_has_room(u))
			read_status = advance(a, u, &p, &reading);
		else
			s = lac_unpacker_write(u, a->reader.n_read, error);
	if (!s && read_status) {
		if (error)
			*error = reading;
		s = read_status;
	}
	return s;
}

static enum lac_status read_parts(struct lac_archive *a, struct lac_unpacker *u, uint64_t first, uint64_t n, struct lac_error *error)
{
	enum lac_status s = LAC_OK;

	for (size_t i = 0; !s && n && i < a->n_parts; i++) {
		const struct lac_archive_part *part = &a->parts[i];
		uint64_t n_here;

		if (first - part->first >= part->n_records) /* also of one before `first` */
			continue;
		n_here = part->first + part->n_records - first;
		if (n_here > n)
			n_here = n;
		s = lac_archive_turn_to(a, i, error);
		if (!s)
			s = read_part(a, u, first - part->first, n_here, error);
		first += n_here;
		n -= n_here;
	}
	return s;
}

enum lac_status lac_archive_read(struct lac_archive *a, uint64_t first, uint64_t n, struct lac_sink sink, struct lac_stats *stats,
	struct lac_error *error)
{
	struct lac_unpacker u;
	enum lac_status s;

	if (first > a->n_records || n > a->n_records - first)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "record %llu is asked for, and there are %llu, counted from 0",
			(unsigned long long)(first >= a->n_records ? first : a->n_records), (unsigned long long)a->n_records);
	s = lac_context_check(a->context, true, error);
	if (s)
		return s;
	s = lac_unpacker_open(&u, a->context, sink, error);
	if (!s)
		s = read_parts(a, &u, first, n, error);
	lac_unpacker_close(&u, s);
	if (s)
		return s;
	u.stats.bytes_in = a->reader.n_read;
	a->reader.n_read = 0;
	u.stats.n_records = n;
	u.stats.n_archives = u.stats.n_indexed = a->n_parts;
	if (stats)
		*stats = u.stats;
	return LAC_OK;
}
