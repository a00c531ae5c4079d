/* mixed_streams.c: streams that no language model codes: one call each. */
#include "codec/stream.h"
#include "coder/mixing.h"

static void count_tokens(struct lac_stream *stream)
{
	const struct lac_tokenizer *tokenizer = stream->model->tokenizer;
	struct lac_symbols symbols = { 0 };

	if (!lac_tokenize(tokenizer, stream->in, stream->in_bytes, &symbols, &stream->error))
		stream->n_tokens = lac_symbols_with_text(tokenizer, &symbols);
	lac_symbols_free(&symbols);
}

void lac_encode_mixed_stream(struct lac_stream *stream)
{
	if (!lac_mixing_encode(stream->in, stream->in_bytes, &stream->out))
		(void)lac_fail_memory(&stream->error, lac_mixing_bytes(stream->in_bytes), "coding without a language model");
	else if (stream->kind == LAC_STREAM_PROBE)
		count_tokens(stream);
}

void lac_decode_mixed_stream(struct lac_stream *stream)
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
