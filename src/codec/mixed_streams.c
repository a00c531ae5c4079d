/* mixed_streams.c: streams that no language model sees: one call each, beside a worker's batches. */
#include "codec/workers.h"
#include "coder/mixing.h"

static void encode(struct lac_stream *stream)
{
	if (!lac_mixing_encode(stream->in, stream->in_bytes, &stream->out))
		(void)lac_fail_memory(&stream->error, lac_mixing_bytes(stream->in_bytes), "coding without a language model");
}

static void count_tokens(struct lac_stream *stream, const struct lac_model *model)
{
	struct lac_symbols symbols = { 0 };

	if (!stream->error.status && !lac_tokenize(model->tokenizer, stream->in, stream->in_bytes, &symbols, &stream->error))
		stream->n_tokens = lac_symbols_with_text(model->tokenizer, &symbols);
	lac_symbols_free(&symbols);
}

static void decode(struct lac_stream *stream)
{
	enum lac_mixing_result result = LAC_MIXING_NO_MEMORY;

	if (lac_buffer_reserve(&stream->out, stream->text_bytes)) {
		result = lac_mixing_decode(stream->in, stream->in_bytes, stream->out.bytes, stream->text_bytes);
		stream->out.length = stream->text_bytes;
	}
	if (result == LAC_MIXING_NO_MEMORY)
		(void)lac_fail_memory(&stream->error, stream->text_bytes + lac_mixing_bytes(stream->text_bytes), "a mixed block");
	else if (result == LAC_MIXING_CORRUPT)
		(void)lac_fail(&stream->error, LAC_CORRUPT, 0, "the payload is not what an encoder writes for any text of its length");
}

struct lac_stream *lac_workers_take_modelled(struct lac_workers *workers, const struct lac_model *model, bool is_encoding, uint32_t n_own)
{
	struct lac_stream *stream;

	while ((stream = lac_workers_take(workers, model, n_own)) && stream->kind >= LAC_STREAM_PROBE) {
		if (is_encoding)
			encode(stream);
		else
			decode(stream);
		if (stream->kind == LAC_STREAM_PROBE)
			count_tokens(stream, model);
		lac_workers_finish(workers, stream);
	}
	return stream;
}
