/* tokenizer.h: text to symbols and back, losslessly for any bytes (arithmetic.md section 9).
 *
 * Byte-level BPE and SentencePiece (GGUF tokenizer models "gpt2" and "llama"). What no token can
 * express becomes an escape followed by one raw byte. Text that spells a control token is ordinary
 * text. The result depends on nothing but the bytes.
 * Thread rule: immutable once created; every call may come from any thread.
 */
#ifndef LAC_TOKENIZER_TOKENIZER_H
#define LAC_TOKENIZER_TOKENIZER_H

#include "base/error.h"
#include "base/hash.h"
#include "gguf/gguf.h"

/* tokens; bounded so that totals of frequencies fit (arithmetic.md section 7) */
#define LAC_VOCABULARY_MAX (1u << 20)
#define LAC_TOKEN_BYTES_MAX 1024u
#define LAC_PRETOKEN_BYTES_MAX 1024u

/* A token id, or LAC_SYMBOL_RAW | byte for an escaped byte. */
typedef uint32_t lac_symbol;
#define LAC_SYMBOL_RAW 0x80000000u

struct lac_symbols {
	lac_symbol *at; /* owned */
	size_t length, capacity;
};

void lac_symbols_free(struct lac_symbols *symbols);

struct lac_tokenizer;

/* Reads tokenizer.ggml.*. LAC_UNSUPPORTED_MODEL names the key of anything not understood (another
 * tokenizer model or pre-tokenizer), LAC_BAD_MODEL what contradicts itself (ids out of range,
 * counts that differ, a merge of unknown tokens). */
LAC_MUST_CHECK enum lac_status lac_tokenizer_create(struct lac_tokenizer **out, const struct lac_gguf *gguf,
	struct lac_error *error);
void lac_tokenizer_free(struct lac_tokenizer **tokenizer);

/* Replaces the content of `symbols`, reusing its memory, with the symbols of the text. The bytes of
 * all symbols together, less lac_tokenizer_prefix(), always equal the text. LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_tokenize(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes,
	struct lac_symbols *symbols, struct lac_error *error);

/* The bytes that a token stands for, borrowed. NULL and 0: it stands for no text (control,
 * unused). */
const uint8_t *lac_token_bytes(const struct lac_tokenizer *tokenizer, uint32_t token, size_t *n_bytes);

/* Bytes of a stream's first symbol that are not part of the text: 1 if the tokenizer puts a space
 * before every text and these bytes begin with one, else 0 (arithmetic.md section 9.4). `bytes` may
 * be NULL. */
size_t lac_tokenizer_prefix(const struct lac_tokenizer *tokenizer, const uint8_t *bytes);

/* Bytes of the text that a symbol stands for; is_first: it is the text's first symbol. */
size_t lac_symbol_length(const struct lac_tokenizer *tokenizer, lac_symbol symbol, bool is_first);

/* Symbols that stand for text: all, but a space put before the text that is a symbol of its own. At
 * most the number of the text's bytes. */
size_t lac_symbols_with_text(const struct lac_tokenizer *tokenizer, const struct lac_symbols *symbols);

uint32_t lac_tokenizer_n_tokens(const struct lac_tokenizer *tokenizer);
/* The token before the first of every context: BOS, or EOS if the file names no BOS. A file with
 * neither is LAC_BAD_MODEL at creation. */
uint32_t lac_tokenizer_bos(const struct lac_tokenizer *tokenizer);
/* The token that ends a record, or LAC_NO_TOKEN if the model was trained with none. */
#define LAC_NO_TOKEN UINT32_MAX
uint32_t lac_tokenizer_eos(const struct lac_tokenizer *tokenizer);
/* True if every byte has a token, so that an escape never occurs. */
bool lac_tokenizer_has_all_bytes(const struct lac_tokenizer *tokenizer);
/* e.g. "gpt2/gpt-2", static */
const char *lac_tokenizer_name(const struct lac_tokenizer *tokenizer);

/* Adds everything that decides the symbols to a model's identity (arithmetic.md section 10). */
void lac_tokenizer_identify(const struct lac_tokenizer *tokenizer, struct lac_hash128 *hash);

#endif
