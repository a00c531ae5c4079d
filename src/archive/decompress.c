/* decompress.c: an archive from its beginning: frames -> blocks -> unpacker. */
#include "archive/stats.h"
#include "archive/unpacker.h"
#include "format/frame.h"

struct decompressor {
	struct lac_unpacker unpacker;
	struct lac_frame_reader *reader;
	struct lac_declared declared; /* by the archive being read */
	struct lac_header header;
	bool in_archive, is_open;     /* is_open: the last block is */
};

static enum lac_status read_header(struct decompressor *d, bool *at_end, struct lac_error *error)
{
	enum lac_status s = lac_frame_reader_header(d->reader, &d->header, at_end, error);

	if (s || *at_end)
		return s;
	d->in_archive = true;
	d->is_open = false;
	d->unpacker.stats.n_archives++;
	lac_declared_clear(&d->declared);
	return LAC_OK;
}

static void end_archive(struct decompressor *d, enum lac_frame_type last)
{
	struct lac_stats *stats = &d->unpacker.stats;

	d->in_archive = false;
	stats->n_records += d->is_open;
	stats->n_indexed += d->header.records && (last == LAC_FRAME_INDEX || last == LAC_FRAME_END);
}

/* Reads one frame and, if it is a block, puts it in flight. *at_end: the input is finished. */
static enum lac_status read_frame(struct decompressor *d, bool *at_end, struct lac_error *error)
{
	struct lac_packed_block block = { .end = UINT32_MAX };
	enum lac_status s = d->in_archive ? LAC_OK : read_header(d, at_end, error);

	if (s || *at_end)
		return s;
	s = lac_frame_reader_next(d->reader, &block.bytes, &block.frame, error);
	if (s) {
		lac_buffer_free(&block.bytes);
		return s;
	}
	block.place = lac_frame_reader_place(d->reader);
	block.records = d->header.records;
	if (lac_frame_is_block(block.frame.type))
		d->is_open = block.frame.is_open;
	if (block.frame.is_last)
		end_archive(d, block.frame.type);
	if (lac_frame_is_block(block.frame.type))
		return lac_unpacker_push(&d->unpacker, &block, &d->declared, error);
	if (lac_frame_declares_model(block.frame.type))
		s = lac_declared_add(&d->declared, &block.frame, error);
	if (block.frame.type == LAC_FRAME_FILE) {
		lac_stats_add_piece(&d->unpacker.stats, &block.frame);
		s = lac_unpacker_carry(&d->unpacker, &block.frame, &d->declared, d->declared.n - 1, block.place, lac_frame_reader_offset(d->reader),
			error);
	}
	lac_buffer_free(&block.bytes);
	return s;
}

/* Reads ahead while there is room and writes in order. A frame that cannot be read does not keep
 * the blocks before it from being written, and an error in one of those is the one reported. */
static enum lac_status run(struct decompressor *d, struct lac_error *error)
{
	struct lac_unpacker *u = &d->unpacker;
	struct lac_error reading = { 0 };
	enum lac_status s = LAC_OK, read_status = LAC_OK;
	bool at_end = false;

	while (!s) {
		if (!at_end && !read_status && lac_unpacker_has_room(u)) {
			read_status = read_frame(d, &at_end, &reading);
			if ((at_end || read_status) && u->workers)
				lac_workers_end(u->workers);
		} else if (u->oldest) {
			s = lac_unpacker_write(u, lac_frame_reader_offset(d->reader), error);
		} else {
			break;
		}
	}
	if (!s && read_status) {
		if (error)
			*error = reading;
		s = read_status;
	}
	return s;
}

enum lac_status lac_context_decompress(struct lac_context *context, struct lac_source source, struct lac_sink sink,
	struct lac_stats *stats, struct lac_error *error)
{
	struct decompressor d = { .in_archive = false };
	enum lac_status s = lac_context_check(context, true, error);

	if (s)
		return s;
	s = lac_unpacker_open(&d.unpacker, context, sink, error);
	if (!s)
		s = lac_frame_reader_create(&d.reader, source, error);
	if (!s)
		s = run(&d, error);
	lac_unpacker_close(&d.unpacker, s);
	if (d.reader)
		d.unpacker.stats.bytes_in = lac_frame_reader_offset(d.reader);
	lac_declared_free(&d.declared);
	lac_frame_reader_free(&d.reader);
	if (!s && stats)
		*stats = d.unpacker.stats;
	return s;
}

enum lac_status lac_decompress(const struct lac_model *model, struct lac_source source, struct lac_sink sink,
	const struct lac_options *options, struct lac_stats *stats, struct lac_error *error)
{
	struct lac_context *context;
	enum lac_status s = lac_context_open(&context, model, options, error);

	if (!s)
		s = lac_context_decompress(context, source, sink, stats, error);
	lac_context_close(&context);
	return s;
}
