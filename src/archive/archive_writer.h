/* archive_writer.h: blocks -> frames -> sink. Every block takes the smallest of the forms it was
 * coded in. */
#ifndef LAC_ARCHIVE_ARCHIVE_WRITER_H
#define LAC_ARCHIVE_ARCHIVE_WRITER_H

#include "archive/block.h"
#include "archive/reporter.h"
#include "format/index.h"

/* What blocks may name without more ado. */
struct lac_declarations {
	struct {
		bool is_named; /* its frame is written, or it is published and needs none */
		struct lac_model_reference reference;
	} at[LAC_MODELS_MAX];
	uint32_t n; /* frames so far */
};

struct lac_archive_writer {
	const struct lac_models *models;
	struct lac_declarations declarations;
	const struct lac_options *options;
	struct lac_reporter *reporter;
	uint32_t window; /* that the models are used with */
	struct lac_sink sink;
	uint64_t ordinal;       /* of the next frame */
	struct lac_index index; /* of the frames so far, if the archive gets one */
	struct lac_buffer out;  /* owned */
	struct lac_stats stats;
	struct lac_error *error;
};

/* Writes the header. What the writer borrows stays the caller's. The caller frees also after a
 * failure. */
LAC_MUST_CHECK enum lac_status lac_archive_writer_open(struct lac_archive_writer *writer, const struct lac_models *models,
	uint32_t window, struct lac_sink sink, struct lac_reporter *reporter, struct lac_error *error);
void lac_archive_writer_free(struct lac_archive_writer *writer);

/* Writes a block whose streams are finished: with a model if it has streams for it, or as
 * block->mixed coded it, or as it is. */
LAC_MUST_CHECK enum lac_status lac_archive_write_block(struct lac_archive_writer *writer, const struct lac_block *block, bool is_last);

/* What an archive without a block ends with. */
LAC_MUST_CHECK enum lac_status lac_archive_write_end(struct lac_archive_writer *writer);

#endif
