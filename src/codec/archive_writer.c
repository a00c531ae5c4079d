#include "codec/archive_writer.h"
#include "base/hash.h"
#include "codec/records.h"
#include "format/frame.h"
#include "format/published.h"

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
	if (w->options && w->options->progress &&
	    !w->options->progress(w->options->progress_payload, w->stats.bytes_in, w->stats.bytes_out))
		return lac_fail(w->error, LAC_CANCELLED, 0, "cancelled");
	return LAC_OK;
}

static struct lac_frame model_frame(const struct lac_model *model)
{
	struct lac_frame frame = { .type = LAC_FRAME_MODEL };

	frame.model.arithmetic_version = LAC_ARITHMETIC_VERSION;
	frame.model.window = model->window;
	memcpy(frame.model.identity, model->info.identity, sizeof frame.model.identity);
	memcpy(frame.model.name, model->info.name, sizeof frame.model.name);
	return frame;
}

enum lac_status lac_archive_writer_open(struct lac_archive_writer *w, const struct lac_model *model, struct lac_sink sink,
	const struct lac_options *options, struct lac_error *error)
{
	const struct lac_frame frame = model_frame(model);

	*w = (struct lac_archive_writer){ .model = model, .options = options, .sink = sink, .error = error, .stats.n_archives = 1,
		.records = options ? options->records : LAC_RECORDS_NONE };
	/* a published model is named by its number, another is declared once: number 0 of this archive's */
	w->declared = w->is_published = lac_published_number(&frame.model, &w->model_index);
	if (!w->is_published)
		w->model_index = 0;
	memcpy(w->stats.model_identity, frame.model.identity, sizeof w->stats.model_identity);
	memcpy(w->stats.model_name, frame.model.name, sizeof w->stats.model_name);
	lac_header_write(&w->out, &(struct lac_header){ .records = w->records });
	return flush(w);
}

void lac_archive_writer_free(struct lac_archive_writer *w)
{
	lac_buffer_free(&w->out);
}

/* ---- The forms of a block ------------------------------------------------------- */

static struct lac_frame coded_form(const struct lac_archive_writer *w, const struct lac_block *block)
{
	struct lac_frame frame = {
		.type = w->records ? LAC_FRAME_RECORDS : LAC_FRAME_TEXT, .n_streams = block->n_streams,
		.is_published = w->is_published, .model_index = w->model_index,
		.text_hash = lac_hash64(block->bytes.bytes, block->bytes.length, 0),
	};

	for (uint32_t i = 0; i < block->n_streams; i++) {
		frame.n_text_bytes += block->streams[i].in_bytes;
		frame.n_tokens += block->streams[i].n_tokens;
		frame.streams[i] = block->streams[i].out.bytes;
		frame.stream_bytes[i] = block->streams[i].out.length;
	}
	return frame;
}

static struct lac_frame mixed_form(const struct lac_block *block)
{
	return (struct lac_frame){
		.type = LAC_FRAME_MIXED, .arithmetic_version = LAC_ARITHMETIC_VERSION, .n_text_bytes = block->bytes.length,
		.text_hash = lac_hash64(block->bytes.bytes, block->bytes.length, 0),
		.n_streams = 1, .streams = { block->probe.out.bytes }, .stream_bytes = { block->probe.out.length },
	};
}

static struct lac_frame stored_form(const struct lac_block *block)
{
	return (struct lac_frame){ .type = LAC_FRAME_STORED, .n_text_bytes = block->bytes.length,
		.n_streams = 1, .streams = { block->bytes.bytes }, .stream_bytes = { block->bytes.length } };
}

/* The smallest; of equals the one that is decoded soonest. The coded form also pays for the model's frame, once. */
static struct lac_frame choose_form(const struct lac_archive_writer *w, const struct lac_block *block)
{
	const struct lac_frame declaration = model_frame(w->model), mixed = mixed_form(block);
	struct lac_frame best = stored_form(block);

	if (block->probe.kind >= LAC_STREAM_PROBE && lac_frame_bytes(&mixed) < lac_frame_bytes(&best))
		best = mixed;
	if (block->n_streams) {
		const struct lac_frame coded = coded_form(w, block);

		if (lac_frame_bytes(&coded) + (w->declared ? 0 : lac_frame_bytes(&declaration)) <
		    lac_frame_bytes(&best))
			best = coded;
	}
	return best;
}

enum lac_status lac_archive_write_block(struct lac_archive_writer *w, const struct lac_block *block, bool is_last)
{
	struct lac_frame frame = choose_form(w, block);

	frame.is_last = is_last;
	frame.is_open = w->records && block->bytes.bytes[block->bytes.length - 1] != lac_records_separator(w->records);
	if (frame.type == LAC_FRAME_TEXT || frame.type == LAC_FRAME_RECORDS) {
		if (!w->declared) {
			const struct lac_frame declaration = model_frame(w->model);

			lac_frame_write(&w->out, &declaration, w->ordinal++);
		}
		w->declared = w->stats.has_model = true;
	}
	lac_frame_write(&w->out, &frame, w->ordinal++);
	w->stats.n_blocks++;
	w->stats.n_mixed_blocks += frame.type == LAC_FRAME_MIXED;
	w->stats.n_stored_blocks += frame.type == LAC_FRAME_STORED;
	w->stats.n_tokens += frame.n_tokens;
	w->stats.n_records += lac_records_count(&frame, w->records);
	w->stats.bytes_in += block->bytes.length;
	return flush(w);
}

enum lac_status lac_archive_write_end(struct lac_archive_writer *w)
{
	const struct lac_frame end = { .type = LAC_FRAME_END, .is_last = true };

	lac_frame_write(&w->out, &end, w->ordinal++);
	return flush(w);
}
