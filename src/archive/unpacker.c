#include "archive/unpacker.h"
#include "archive/block.h"
#include "archive/stats.h"
#include "base/hash.h"
#include "base/memory.h"
#include "format/group.h"
#include "format/records.h"

#include <string.h>

/* of text, payload and what we keep of blocks; at least one block whatever its size */
#define IN_FLIGHT_BYTES_MAX (64u << 20)

/* A block in flight. */
struct lac_unpacker_item {
	struct lac_frame frame; /* borrows block->bytes */
	struct lac_block *block;
	enum lac_records records;
	uint32_t first, end;    /* records that are wanted */
	bool is_whole;          /* all of them */
	uint32_t first_stream;  /* of the block's: what was decoded of a group */
	struct lac_unpacker_item *next;
};

enum lac_status lac_unpacker_open(struct lac_unpacker *u, struct lac_context *context, struct lac_sink sink, struct lac_error *error)
{
	*u = (struct lac_unpacker){ .context = context, .sink = sink, .hash = lac_hash128_create(), .reporter = { .options = &context->options } };
	u->newest = &u->oldest;
	return u->hash ? LAC_OK : lac_fail_memory(error, 1024, "the text's hash");
}

static void free_item(struct lac_unpacker_item *item)
{
	lac_block_free(&item->block);
	lac_free(item);
}

static void count_steps(struct lac_unpacker *u)
{
	uint64_t n_offered = 0, n_busy = 0;

	if (u->workers)
		lac_workers_steps(u->workers, &n_offered, &n_busy);
	u->stats.n_slots_offered += n_offered;
	u->stats.n_slots_busy += n_busy;
}

/* After a failure nothing that is in flight is written. */
static void drop_in_flight(struct lac_unpacker *u)
{
	lac_context_stop(u->context);
	u->workers = NULL;
	while (u->oldest) {
		struct lac_unpacker_item *item = u->oldest;

		u->oldest = item->next;
		free_item(item);
	}
	u->newest = &u->oldest;
	u->n_in_flight = u->bytes_in_flight = 0;
}

void lac_unpacker_close(struct lac_unpacker *u, enum lac_status s)
{
	lac_hash128_finish(&u->hash, u->stats.text_hash);
	count_steps(u);
	if (s)
		drop_in_flight(u);
	lac_buffer_free(&u->text);
	lac_arriving_free(&u->arriving);
}

uint32_t lac_packed_records(const struct lac_frame *frame, enum lac_records records)
{
	return (uint32_t)lac_records_ended(frame, records) + frame->is_open;
}

/* Many small blocks are mostly what is kept of them. */
static uint64_t bytes_of(const struct lac_unpacker_item *item)
{
	return sizeof *item + sizeof *item->block + item->block->n_streams * sizeof *item->block->streams + item->block->bytes.length +
		lac_frame_text_bytes(&item->frame);
}

bool lac_unpacker_has_room(const struct lac_unpacker *u)
{
	const struct lac_plan *plan = &u->context->decoding.plan;

	return u->n_in_flight < (plan->n_slots + 2) * (uint64_t)plan->n_threads && (u->bytes_in_flight < IN_FLIGHT_BYTES_MAX || !u->oldest);
}

/* ---- Into the workers -------------------------------------------------------------- */

static uint64_t limit_of(const struct lac_unpacker *u)
{
	return u->context->options.limit_bytes ? u->context->options.limit_bytes : UINT64_MAX;
}

/* The caller's limit, before the block costs anything. */
static enum lac_status count_text(struct lac_unpacker *u, const struct lac_packed_block *packed, struct lac_error *error)
{
	const uint64_t n_bytes = lac_frame_text_bytes(&packed->frame);

	if (n_bytes > limit_of(u) - u->text_bytes)
		return lac_fail_at(error, LAC_OVER_LIMIT, packed->place, "%llu bytes of text come before this block and %llu in it, more than the "
			"limit of %llu", (unsigned long long)u->text_bytes, (unsigned long long)n_bytes,
			(unsigned long long)limit_of(u));
	u->text_bytes += n_bytes;
	return LAC_OK;
}

/* Finds the models of a block's streams, and with which windows they were used. */
static enum lac_status find_models(struct lac_unpacker *u, const struct lac_unpacker_item *item, const struct lac_declared *declared,
	struct lac_place place, struct lac_error *error)
{
	enum lac_status s = LAC_OK;

	for (uint32_t i = 0; !s && lac_frame_is_modelled(item->frame.type) && i < item->block->n_streams; i++) {
		const struct lac_model_reference reference = lac_frame_route(&item->frame, item->first_stream + i);

		s = lac_declared_find(declared, reference, &u->context->decoding.models, &item->block->streams[i].model, place, error);
		item->block->streams[i].window = s ? 0 : lac_declared_window(declared, reference, item->block->streams[i].model);
		if (!s)
			s = lac_declared_count(declared, reference, 1, &u->stats, place, error);
	}
	return s;
}

/* Sets up the streams of a coded block. What is wanted of a group in part is bounded by the
 * caller's limit if that is less than the group. */
static void begin_streams(const struct lac_unpacker *u, const struct lac_unpacker_item *item)
{
	const struct lac_frame *frame = &item->frame;
	const bool is_limited = !item->is_whole && limit_of(u) < frame->n_text_bytes;
	const uint64_t most = is_limited ? limit_of(u) : frame->n_text_bytes;

	item->block->text_left = most;
	for (uint32_t i = 0; i < item->block->n_streams; i++) {
		struct lac_stream *stream = &item->block->streams[i];

		stream->in = frame->streams[item->first_stream + i];
		stream->in_bytes = frame->stream_bytes[item->first_stream + i];
		stream->text_bytes = lac_frame_is_mixed(frame->type) ? frame->n_text_bytes : most;
		stream->is_limited = is_limited;
		stream->kind = lac_frame_is_mixed(frame->type) ? LAC_STREAM_MIXED :
			lac_frame_holds_records(frame->type) ? LAC_STREAM_RECORD : LAC_STREAM_TEXT;
	}
}

static struct lac_unpacker_item *create_item(struct lac_packed_block *packed)
{
	struct lac_unpacker_item *item = lac_calloc(1, sizeof *item);
	const struct lac_frame *frame = &packed->frame;
	bool is_part;

	if (!item)
		return NULL;
	item->frame = *frame;
	item->records = packed->records;
	item->first = packed->first;
	item->end = packed->end;
	item->is_whole = !packed->first && packed->end >= lac_packed_records(frame, packed->records);
	is_part = frame->type == LAC_FRAME_GROUP && !item->is_whole;
	item->first_stream = is_part ? packed->first : 0;
	item->block = lac_block_create(frame->type == LAC_FRAME_STORED ? 0 : is_part ? packed->end - packed->first : frame->n_streams);
	if (!item->block) {
		lac_free(item);
		return NULL;
	}
	item->block->bytes = packed->bytes;
	item->block->place = packed->place;
	packed->bytes = (struct lac_buffer){ 0 };
	return item;
}

/* The largest window of a block's streams that the base allows; 0: there is none. Of a group in
 * part only the models of what is wanted are known. */
static uint32_t largest_window(const struct lac_unpacker_item *item, const struct lac_declared *declared, const struct lac_model *base)
{
	uint32_t largest = 0;

	for (uint32_t i = 0; i < item->block->n_streams; i++) {
		const uint32_t window = lac_declared_window(declared, lac_frame_route(&item->frame, item->first_stream + i), base);

		if (window > largest && window <= base->shape.context_length)
			largest = window;
	}
	return largest;
}

/* The base of a block's streams, on the shelf, with the adapters that they need, as far as they are
 * open or found. NULL: there is none. */
static enum lac_status find_base(struct lac_unpacker *u, const struct lac_unpacker_item *item, const struct lac_declared *declared,
	const struct lac_model **base, struct lac_error *error)
{
	const struct lac_declared_model first = lac_declared_get(declared, lac_frame_route(&item->frame, item->first_stream));
	enum lac_status s = LAC_OK;
	bool is_open = true;

	*base = NULL;
	if (!first.base)
		return LAC_OK; /* of a published number that is not known here */
	/* one that is missing is enough: the block fails for it */
	for (uint32_t i = 0; !s && is_open && i < item->block->n_streams; i++) {
		const struct lac_declared_model model = lac_declared_get(declared, lac_frame_route(&item->frame, item->first_stream + i));

		if (model.base && memcmp(model.base->identity, first.base->identity, sizeof first.base->identity) == 0)
			s = lac_unpacker_seek(u, model, &is_open, error);
	}
	*base = lac_shelf_find(&u->context->shelf, NULL, first.base->identity);
	return s;
}

/* Predictors are made for a base and a window: where a block was coded with another, what is in
 * flight is written first. Those of a block's streams that have a smaller window use fewer
 * positions. */
static enum lac_status turn(struct lac_unpacker *u, const struct lac_unpacker_item *item, const struct lac_declared *declared,
	struct lac_error *error)
{
	const struct lac_model *base;
	enum lac_status s;
	uint32_t window;

	if (!lac_frame_is_modelled(item->frame.type))
		return LAC_OK;
	s = find_base(u, item, declared, &base, error);
	if (s || !base)
		return s; /* it is not found, which is said of a stream */
	window = largest_window(item, declared, base);
	if (!window) /* the base allows none of them: likewise */
		window = lac_model_window(base);
	if (!lac_context_works_with(u->context, base, window))
		s = lac_unpacker_drain(u, error);
	return s ? s : lac_context_turn_to(u->context, base, window, item->block->place, error);
}

/* Without a thread there is no other block with the workers: they are given up, so that the block
 * can be. */
static enum lac_status begin(struct lac_unpacker *u, struct lac_unpacker_item *item, const struct lac_declared *declared,
	struct lac_error *error)
{
	struct lac_block *block = item->block;
	enum lac_status s = find_models(u, item, declared, block->place, error);

	if (!s && block->n_streams && !u->workers)
		s = lac_context_decoders(u->context, &u->workers, error);
	if (s)
		return s;
	begin_streams(u, item);
	if (block->n_streams)
		s = lac_workers_push(u->workers, &block->tally, block->streams, block->n_streams, error);
	if (s) {
		lac_context_stop(u->context);
		u->workers = NULL;
	}
	return s;
}

enum lac_status lac_unpacker_push(struct lac_unpacker *u, struct lac_packed_block *packed, const struct lac_declared *declared,
	struct lac_error *error)
{
	struct lac_unpacker_item *item = create_item(packed);
	enum lac_status s = LAC_OK;

	if (!item) {
		lac_buffer_free(&packed->bytes);
		return lac_fail_memory(error, sizeof *item, "a block");
	}
	if (item->is_whole)
		s = count_text(u, packed, error);
	if (!s)
		s = turn(u, item, declared, error);
	if (!s)
		s = begin(u, item, declared, error);
	if (s) {
		free_item(item);
		return s;
	}
	*u->newest = item;
	u->newest = &item->next;
	u->n_in_flight++;
	u->bytes_in_flight += bytes_of(item);
	return LAC_OK;
}

/* ---- Out of the workers ------------------------------------------------------------- */

static enum lac_status fail_block(const struct lac_unpacker_item *item, const char *why, struct lac_error *error)
{
	return lac_fail_at(error, LAC_CORRUPT, item->block->place, "%s", why);
}

static enum lac_status check_streams(struct lac_unpacker *u, const struct lac_unpacker_item *item, struct lac_error *error)
{
	uint64_t n_tokens = 0, n_bytes = 0;

	for (uint32_t i = 0; i < item->block->n_streams; i++) {
		const struct lac_stream *stream = &item->block->streams[i];

		if (stream->error.status == LAC_CORRUPT || stream->error.status == LAC_OVER_LIMIT)
			return lac_fail_at(error, stream->error.status, item->block->place, "%s", stream->error.text);
		if (stream->error.status) {
			if (error)
				*error = stream->error;
			return stream->error.status;
		}
		if (item->frame.type == LAC_FRAME_GROUP &&
		    lac_group_check(stream->out.bytes, stream->out.length) != item->frame.stream_checks[item->first_stream + i])
			return fail_block(item, "a decoded record does not have the check it was stored with", error);
		n_tokens += stream->n_tokens;
		n_bytes += stream->out.length;
	}
	if (item->block->n_streams == item->frame.n_streams && (n_tokens != item->frame.n_tokens || n_bytes != item->frame.n_text_bytes))
		return fail_block(item, "the number of tokens or bytes is not what the frame says", error);
	u->stats.n_tokens += n_tokens;
	return LAC_OK;
}

/* Collects the text of what was decoded. */
static void collect(struct lac_unpacker *u, const struct lac_unpacker_item *item)
{
	const struct lac_frame *frame = &item->frame;

	lac_buffer_clear(&u->text);
	if (frame->type == LAC_FRAME_STORED)
		lac_buffer_append(&u->text, frame->streams[0], frame->stream_bytes[0]);
	for (uint32_t i = 0; i < item->block->n_streams; i++) {
		const struct lac_buffer *out = &item->block->streams[i].out;

		lac_buffer_append(&u->text, out->bytes, out->length);
		if (lac_frame_holds_records(frame->type) && (item->first_stream + i + 1 < frame->n_streams || !frame->is_open))
			lac_buffer_u8(&u->text, lac_records_separator(item->records));
	}
}

/* A group in part has no hash to compare: its records' checks were compared. */
static const char *check_part(const struct lac_unpacker_item *item)
{
	const struct lac_frame *frame = &item->frame;

	for (uint32_t i = 0; i < item->block->n_streams; i++) {
		const struct lac_buffer *out = &item->block->streams[i].out;

		if (out->length && memchr(out->bytes, lac_records_separator(item->records), out->length))
			return "a record holds a separator";
		if (!out->length && frame->is_open && item->first_stream + i + 1 == frame->n_streams)
			return "an open record is empty";
	}
	return NULL;
}

static const char *check_text(const struct lac_unpacker *u, const struct lac_unpacker_item *item)
{
	const struct lac_frame *frame = &item->frame;

	if (item->block->n_streams && item->block->n_streams != frame->n_streams)
		return check_part(item);
	if (frame->type != LAC_FRAME_STORED && lac_hash64(u->text.bytes, u->text.length, 0) != frame->text_hash)
		return "the decoded text does not have the hash it was stored with";
	return lac_records_check(frame, item->records, u->text.bytes, u->text.length);
}

/* Where record `number` of a text begins, or the text's end. */
static size_t find_record(const uint8_t *text, size_t n_bytes, uint8_t separator, uint32_t number)
{
	const uint8_t *at = text, *end;

	for (; number; number--) {
		end = memchr(at, separator, n_bytes - (size_t)(at - text));
		if (!end)
			return n_bytes;
		at = end + 1;
	}
	return (size_t)(at - text);
}

/* The part of the text that is wanted. */
static struct lac_reader cut(const struct lac_unpacker *u, const struct lac_unpacker_item *item)
{
	const uint8_t separator = lac_records_separator(item->records);
	struct lac_reader text = { u->text.bytes, u->text.length };
	size_t from, to;

	if (item->is_whole || item->frame.type == LAC_FRAME_GROUP)
		return text;
	from = find_record(text.at, text.left, separator, item->first);
	to = from + find_record(text.at + from, text.left - from, separator, item->end - item->first);
	return (struct lac_reader){ text.at + from, to - from };
}

static enum lac_status write(struct lac_unpacker *u, const struct lac_unpacker_item *item, struct lac_reader text, uint64_t n_read,
	struct lac_error *error)
{
	if (text.left > limit_of(u) - u->stats.bytes_out)
		return lac_fail_at(error, LAC_OVER_LIMIT, item->block->place, "the records have more than the limit of %llu bytes", (unsigned long long)limit_of(u));
	if (u->sink.write && text.left && !u->sink.write(u->sink.payload, text.at, text.left))
		return lac_fail(error, LAC_WRITE_FAILED, u->stats.bytes_out, "writing the text failed at byte %llu",
			(unsigned long long)u->stats.bytes_out);
	lac_hash128_update(u->hash, text.at, text.left);
	u->stats.bytes_out += text.left;
	lac_stats_add_block(&u->stats, &item->frame, item->records);
	return lac_report(&u->reporter, n_read, u->stats.bytes_out, error);
}

/* Says meanwhile how much of the text is decoded. */
static enum lac_status wait_for(struct lac_unpacker *u, const struct lac_block *block, struct lac_error *error)
{
	enum lac_status s = LAC_OK;

	while (!s && !lac_workers_wait(u->workers, &block->tally)) {
		uint64_t n_bytes = u->stats.bytes_out;

		for (const struct lac_unpacker_item *item = u->oldest; item; item = item->next)
			n_bytes += lac_block_done(item->block);
		s = lac_report(&u->reporter, u->n_read, n_bytes, error);
	}
	return s;
}

enum lac_status lac_unpacker_write(struct lac_unpacker *u, uint64_t n_read, struct lac_error *error)
{
	struct lac_unpacker_item *item = u->oldest;
	const char *why = NULL;
	enum lac_status s = LAC_OK;

	u->n_read = n_read;
	if (item->block->n_streams)
		s = wait_for(u, item->block, error);
	if (s) { /* its streams are with the workers still */
		drop_in_flight(u);
		return s;
	}
	s = check_streams(u, item, error);
	if (!s)
		collect(u, item);
	if (!s && u->text.failed)
		s = lac_fail_memory(error, item->frame.n_text_bytes, "a block of text");
	if (!s)
		why = check_text(u, item);
	if (why)
		s = fail_block(item, why, error);
	if (!s)
		s = write(u, item, cut(u, item), n_read, error);
	u->oldest = item->next;
	if (!u->oldest)
		u->newest = &u->oldest;
	u->n_in_flight--;
	u->bytes_in_flight -= bytes_of(item);
	free_item(item);
	return s;
}

enum lac_status lac_unpacker_drain(struct lac_unpacker *u, struct lac_error *error)
{
	enum lac_status s = LAC_OK;

	while (!s && u->oldest)
		s = lac_unpacker_write(u, u->n_read, error);
	/* which the caller takes for that of the new block, before which the others would be
	 * written */
	if (s) {
		drop_in_flight(u);
		return s;
	}
	count_steps(u);
	u->workers = NULL;
	return LAC_OK;
}

/* ---- Models ------------------------------------------------------------------------- */

/* Asks the caller for a model. What it found before may be at work, and makes room for a base. */
static enum lac_status ask(struct lac_unpacker *u, const struct lac_model_frame *frame, const struct lac_model *base, uint32_t window,
	bool *is_open, struct lac_error *error)
{
	struct lac_model_wanted wanted = { .base = base, .window = window };
	const struct lac_model *found = NULL;
	enum lac_status s = LAC_OK;

	memcpy(wanted.identity, frame->identity, sizeof wanted.identity);
	memcpy(wanted.name, frame->name, sizeof wanted.name);
	if (!base) {
		s = lac_unpacker_drain(u, error);
		lac_context_let_go(u->context);
	}
	if (!s)
		s = lac_shelf_ask(&u->context->shelf, &u->context->options, &wanted, &found, error);
	*is_open = found != NULL;
	return s;
}

enum lac_status lac_unpacker_seek(struct lac_unpacker *u, struct lac_declared_model model, bool *is_open, struct lac_error *error)
{
	const struct lac_shelf *shelf = &u->context->shelf;
	const struct lac_model *base = lac_shelf_find(shelf, NULL, model.base->identity);
	enum lac_status s = LAC_OK;

	*is_open = base != NULL;
	if (!base && u->context->options.find_model)
		s = ask(u, model.base, NULL, model.base->window, is_open, error);
	if (s || !*is_open || !model.adapter)
		return s;
	base = lac_shelf_find(shelf, NULL, model.base->identity);
	*is_open = lac_shelf_find(shelf, base, model.adapter->identity) != NULL;
	if (!*is_open && u->context->options.find_model)
		s = ask(u, model.adapter, base, model.base->window, is_open, error);
	return s;
}

/* Only what was asked for, and is not open. An adapter alone makes no model. */
static enum lac_status begin_file(struct lac_unpacker *u, struct lac_declared_model model, const struct lac_frame *frame,
	const struct lac_declared *declared, struct lac_place place, struct lac_error *error)
{
	struct lac_arriving *a = &u->arriving;
	enum lac_status s;
	bool is_open;

	a->is_begun = true;
	if (!u->context->options.opens_carried || !model.base)
		return LAC_OK;
	s = lac_unpacker_seek(u, model, &is_open, error);
	a->is_wanted = !is_open && (!model.adapter || lac_shelf_find(&u->context->shelf, NULL, model.base->identity));
	if (!s && a->is_wanted)
		s = lac_unpacker_drain(u, error);
	if (!s && a->is_wanted)
		s = lac_arriving_begin(a, u->context, model, frame, declared, place, error);
	return s;
}

enum lac_status lac_unpacker_carry(struct lac_unpacker *u, const struct lac_frame *frame, const struct lac_declared *declared, uint32_t number,
	struct lac_place place, uint64_t n_read, struct lac_error *error)
{
	const struct lac_declared_model model = lac_declared_get(declared, (struct lac_model_reference){ false, number });
	struct lac_arriving *a = &u->arriving;
	enum lac_status s = LAC_OK;

	if (!a->is_begun)
		s = begin_file(u, model, frame, declared, place, error);
	if (!s && a->is_wanted)
		s = lac_arriving_add(a, u->context, model, frame, place, error);
	if (s || !frame->n_left)
		lac_arriving_free(a);
	return s ? s : lac_report(&u->reporter, n_read, u->stats.bytes_out, error);
}
