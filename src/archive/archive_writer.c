#include "archive/archive_writer.h"
#include "archive/stats.h"
#include "base/hash.h"
#include "format/check.h"
#include "format/group.h"
#include "format/published.h"
#include "format/records.h"

#include <string.h>

static enum lac_status flush(struct lac_archive_writer *w)
{
	if (w->out.failed)
		return lac_fail_memory(w->error, w->out.capacity, "compressed bytes");
	if (!w->sink.write(w->sink.payload, w->out.bytes, w->out.length))
		return lac_fail(w->error, LAC_WRITE_FAILED, w->stats.bytes_out, "writing the archive failed at byte %llu",
			(unsigned long long)w->stats.bytes_out);
	w->stats.bytes_out += w->out.length;
	lac_buffer_clear(&w->out);
	return lac_report(w->reporter, w->stats.bytes_in, w->stats.bytes_out, w->error);
}

_Static_assert(LAC_ARITHMETIC_VERSION == LAC_FRAME_ARITHMETIC, "what is evaluated is what frames speak of");

/* How the archive speaks of a model; of an adapted one, of its base with the adapter's name. */
static struct lac_model_frame frame_of(const struct lac_archive_writer *w, const struct lac_model *model)
{
	struct lac_model_frame frame = { .arithmetic_version = LAC_ARITHMETIC_VERSION, .window = w->window };

	memcpy(frame.identity, model->info.identity, sizeof frame.identity);
	memcpy(frame.name, model->info.name, sizeof frame.name);
	return frame;
}

enum lac_status lac_archive_writer_open(struct lac_archive_writer *w, const struct lac_models *models, uint32_t window,
	struct lac_sink sink, struct lac_reporter *reporter, struct lac_error *error)
{
	struct lac_model_reference *reference = &w->declarations.at[0].reference;
	struct lac_model_frame base;

	*w = (struct lac_archive_writer){ .models = models, .window = window, .options = reporter->options, .reporter = reporter, .sink = sink,
		.error = error, .stats.n_archives = 1, .stats.n_indexed = reporter->options->is_indexed };
	base = frame_of(w, models->at[0]);
	/* a published model is named by its number, unless its file follows its frame */
	reference->is_published = w->declarations.at[0].is_named = !w->options->carried &&
		lac_published_number(&base, &reference->model_index);
	lac_header_write(&w->out, &(struct lac_header){ .records = w->options->records });
	return flush(w);
}

void lac_archive_writer_free(struct lac_archive_writer *w)
{
	lac_buffer_free(&w->out);
	lac_index_free(&w->index);
}

/* ---- Frames and indexes ---------------------------------------------------------- */

static void write_frame(struct lac_archive_writer *w, const struct lac_frame *frame)
{
	const size_t before = w->out.length;

	lac_frame_write(&w->out, frame, w->ordinal++);
	if (w->options->is_indexed && !lac_index_add(&w->index, frame, w->out.length - before, w->options->records))
		w->out.failed = true;
}

static void write_index(struct lac_archive_writer *w, uint32_t level, bool is_last)
{
	struct lac_frame frame = lac_index_frame(&w->index, level);

	frame.is_last = is_last;
	write_frame(w, &frame);
}

/* A frame that others follow. Full indexes come before it, not when they became full: then another
 * frame is known to follow. */
static void write_next_frame(struct lac_archive_writer *w, const struct lac_frame *frame)
{
	for (uint32_t level = 1; w->options->is_indexed && w->index.levels[level - 1].n == LAC_INDEX_ENTRIES_MAX; level++)
		write_index(w, level, false);
	write_frame(w, frame);
}

/* One index a level, the root last. */
static void write_last_indexes(struct lac_archive_writer *w)
{
	const uint32_t top = lac_index_top(&w->index);

	for (uint32_t level = 1; level <= top; level++)
		if (w->index.levels[level - 1].n)
			write_index(w, level, level == top);
}

/* ---- Models -------------------------------------------------------------------- */

static uint32_t number_of(const struct lac_archive_writer *w, const struct lac_model *model)
{
	uint32_t i = 0;

	while (w->models->at[i] != model)
		i++;
	return i;
}

/* Gives a model its number and returns the bytes that takes; writes them if the declarations are
 * the writer's own, not a copy. The base, model 0, comes before an adapted one; no deeper. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static size_t declare(struct lac_archive_writer *w, struct lac_declarations *d, uint32_t i)
{
	struct lac_frame frame = { .type = i ? LAC_FRAME_ADAPTED : LAC_FRAME_MODEL, .model = frame_of(w, w->models->at[i]) };
	size_t n_bytes;

	if (d->at[i].is_named)
		return 0;
	n_bytes = i ? declare(w, d, 0) : 0;
	if (i) {
		memcpy(frame.model.identity, w->models->at[i]->info.adapter_identity, sizeof frame.model.identity);
		frame.is_published = d->at[0].reference.is_published;
		frame.model_index = d->at[0].reference.model_index;
	}
	d->at[i].is_named = true;
	d->at[i].reference = (struct lac_model_reference){ false, d->n++ };
	if (d == &w->declarations)
		write_next_frame(w, &frame);
	return n_bytes + lac_frame_bytes(&frame);
}

/* The same for all that code a block. */
static size_t declare_all(struct lac_archive_writer *w, struct lac_declarations *d, const struct lac_block *block)
{
	size_t n_bytes = 0;

	for (uint32_t i = 0; i < block->n_streams; i++)
		n_bytes += declare(w, d, number_of(w, block->streams[i].model));
	return n_bytes;
}

/* ---- Files ----------------------------------------------------------------------- */

/* The file may be mapped, and change long after it was compared: what was written is compared once
 * more. */
static enum lac_status write_file(struct lac_archive_writer *w, const struct lac_file *file, const struct lac_model *model)
{
	struct lac_hash128 *state = lac_hash128_create();
	const uint8_t *at = file->bytes;
	size_t n_left = file->n_bytes;
	enum lac_status s = state ? LAC_OK : lac_fail_memory(w->error, 1024, "the hash of a model's file");
	uint8_t hash[16];

	while (!s && n_left) {
		const size_t n = n_left < LAC_FILE_PIECE_BYTES ? n_left : LAC_FILE_PIECE_BYTES;
		const struct lac_frame frame = { .type = LAC_FRAME_FILE, .n_left = n_left - n, .n_streams = 1, .streams = { at }, .stream_bytes = { n } };

		write_next_frame(w, &frame);
		if (!w->out.failed) /* the piece is the end of its frame, but for the check */
			lac_hash128_update(state, w->out.bytes + w->out.length - lac_frame_check_bytes(LAC_FRAME_FILE) - n, n);
		lac_stats_add_piece(&w->stats, &frame);
		at += n;
		n_left -= n;
		s = flush(w);
	}
	lac_hash128_finish(&state, hash);
	if (!s && memcmp(hash, model->info.file_hash, sizeof hash) != 0)
		s = lac_fail(w->error, LAC_READ_FAILED, 0, "the file of model \"%s\" was changed while it was carried; compress again", model->info.name);
	return s;
}

/* Every model with its file, whichever blocks will name (format.md section 4.5). */
static enum lac_status write_carried(struct lac_archive_writer *w)
{
	enum lac_status s = LAC_OK;

	for (uint32_t i = 0; !s && i < w->models->n; i++) {
		(void)declare(w, &w->declarations, i);
		s = write_file(w, &w->options->carried[i], w->models->at[i]);
	}
	return s;
}

/* ---- The forms of a block ------------------------------------------------------- */

static struct lac_frame coded_form(const struct lac_archive_writer *w, const struct lac_declarations *d, const struct lac_block *block)
{
	struct lac_frame frame = {
		.type = w->options->is_indexed ? LAC_FRAME_GROUP : w->options->records ? LAC_FRAME_RECORDS : LAC_FRAME_TEXT, .n_streams = block->n_streams,
		.text_hash = lac_hash64(block->bytes.bytes, block->bytes.length, 0),
	};

	for (uint32_t i = 0; i < block->n_streams; i++) {
		frame.routes[i] = d->at[number_of(w, block->streams[i].model)].reference;
		if (block->streams[i].model != block->streams[0].model && !w->options->is_indexed)
			frame.type = LAC_FRAME_ROUTED;
		frame.n_text_bytes += block->streams[i].in_bytes;
		frame.n_tokens += block->streams[i].n_tokens;
		frame.streams[i] = block->streams[i].out.bytes;
		frame.stream_bytes[i] = block->streams[i].out.length;
		frame.stream_checks[i] = lac_group_check(block->streams[i].in, block->streams[i].in_bytes);
	}
	frame.is_published = frame.routes[0].is_published;
	frame.model_index = frame.routes[0].model_index;
	return frame;
}

static struct lac_frame mixed_form(const struct lac_archive_writer *w, const struct lac_block *block)
{
	const enum lac_records records = w->options->records;
	const struct lac_buffer *text = &block->bytes;

	return (struct lac_frame){
		.type = records ? LAC_FRAME_MIXED_RECORDS : LAC_FRAME_MIXED, .arithmetic_version = LAC_ARITHMETIC_VERSION,
		.n_text_bytes = text->length, .text_hash = lac_hash64(text->bytes, text->length, 0),
		.n_ended = records ? lac_records_count(text->bytes, text->length, records) : 0,
		.n_streams = 1, .streams = { block->mixed.out.bytes }, .stream_bytes = { block->mixed.out.length },
	};
}

static struct lac_frame stored_form(const struct lac_block *block)
{
	return (struct lac_frame){ .type = LAC_FRAME_STORED, .n_text_bytes = block->bytes.length,
		.n_streams = 1, .streams = { block->bytes.bytes }, .stream_bytes = { block->bytes.length } };
}

/* The smallest; of equals the one that is decoded soonest. The coded form also pays for the frames
 * of its models, once. */
static struct lac_frame choose_form(struct lac_archive_writer *w, const struct lac_block *block)
{
	struct lac_frame best = stored_form(block);

	if (block->mixed.kind == LAC_STREAM_MIXED) {
		const struct lac_frame mixed = mixed_form(w, block);

		/* no index could tell of it (format.md section 5.10) */
		if (lac_frame_bytes(&mixed) < lac_frame_bytes(&best) && !(w->options->is_indexed && mixed.n_ended > lac_frame_bytes(&mixed)))
			best = mixed;
	}
	if (block->n_streams) {
		struct lac_declarations copy = w->declarations;
		const size_t n_bytes = declare_all(w, &copy, block);
		const struct lac_frame coded = coded_form(w, &copy, block);

		if (lac_frame_bytes(&coded) + n_bytes < lac_frame_bytes(&best))
			best = coded;
	}
	return best;
}

static void count_models(struct lac_archive_writer *w, const struct lac_block *block)
{
	const struct lac_model_frame base = frame_of(w, w->models->at[0]);

	lac_stats_add_model(&w->stats, &base);
	for (uint32_t i = 0; i < block->n_streams; i++) {
		const struct lac_model_info *info = &block->streams[i].model->info;

		if (info->is_adapted)
			lac_stats_add_adapter(&w->stats, info->adapter_identity, info->name, 1);
	}
}

enum lac_status lac_archive_write_block(struct lac_archive_writer *w, const struct lac_block *block, bool is_last)
{
	struct lac_frame frame;

	if (!w->stats.n_blocks && w->options->carried) {
		const enum lac_status s = write_carried(w);

		if (s)
			return s;
	}
	frame = choose_form(w, block);
	frame.is_last = is_last && !w->options->is_indexed;
	frame.is_open = w->options->records && block->bytes.bytes[block->bytes.length - 1] != lac_records_separator(w->options->records);
	if (lac_frame_is_modelled(frame.type)) {
		(void)declare_all(w, &w->declarations, block);
		count_models(w, block);
	}
	write_next_frame(w, &frame);
	if (is_last && w->options->is_indexed)
		write_last_indexes(w);
	lac_stats_add_block(&w->stats, &frame, w->options->records);
	w->stats.n_tokens += frame.n_tokens;
	w->stats.n_records += is_last && frame.is_open;
	w->stats.bytes_in += block->bytes.length;
	return flush(w);
}

enum lac_status lac_archive_write_end(struct lac_archive_writer *w)
{
	const struct lac_frame end = { .type = LAC_FRAME_END, .is_last = true };

	lac_frame_write(&w->out, &end, w->ordinal++);
	return flush(w);
}
