#include "base/strict_float.h"
#include "train/corpus.h"
#include "base/hash.h"
#include "train/random.h"

#include <stdlib.h>
#include <string.h>

struct reading {
	struct lac_corpus *corpus;
	const struct lac_tokenizer *tokenizer;
	struct lac_symbols symbols;
};

static bool grow(void **memory, size_t *capacity, size_t wanted, size_t size)
{
	size_t n = *capacity ? *capacity : 4096;
	void *grown;

	if (wanted <= *capacity)
		return true;
	while (n < wanted)
		n += n / 2;
	grown = n <= SIZE_MAX / size ? realloc(*memory, n * size) : NULL;
	if (!grown)
		return false;
	*memory = grown;
	*capacity = n;
	return true;
}

static bool make_room(struct lac_corpus *corpus, size_t n_tokens)
{
	void *tokens = corpus->tokens, *documents = corpus->documents;
	const bool is_made = grow(&tokens, &corpus->tokens_capacity, corpus->n_tokens + n_tokens, sizeof *corpus->tokens) &&
		grow(&documents, &corpus->documents_capacity, corpus->n_documents + 1, sizeof *corpus->documents);

	corpus->tokens = tokens;
	corpus->documents = documents;
	return is_made;
}

static enum lac_status add_document(void *payload, const struct lac_document_text *text, struct lac_error *error)
{
	struct reading *r = payload;
	struct lac_corpus *corpus = r->corpus;
	struct lac_document document = { .first = corpus->n_tokens };
	enum lac_status s = lac_tokenize(r->tokenizer, text->bytes, text->n_bytes, &r->symbols, error);
	size_t at = 0;

	if (s || text->n_bytes == text->n_unasked) /* there is nothing to learn */
		return s;
	if (r->symbols.length >= UINT32_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "a document has 2^32 tokens or more: divide it");
	if (!make_room(corpus, r->symbols.length))
		return lac_fail_memory(error, (corpus->n_tokens + r->symbols.length) * sizeof *corpus->tokens, "tokens");
	for (size_t i = 0; i < r->symbols.length; i++) {
		const lac_symbol symbol = r->symbols.at[i];

		if (!(symbol & LAC_SYMBOL_RAW)) { /* or the model never sees it */
			document.n_unasked += at < text->n_unasked;
			corpus->tokens[document.first + document.n_tokens++] = symbol;
		}
		at += lac_symbol_length(r->tokenizer, symbol, i == 0);
	}
	corpus->n_tokens += document.n_tokens;
	corpus->n_bytes += text->n_bytes;
	if (document.n_tokens)
		corpus->documents[corpus->n_documents++] = document;
	return LAC_OK;
}

enum lac_status lac_corpus_read(struct lac_corpus *out, const struct lac_train_texts *texts, const struct lac_tokenizer *tokenizer,
	uint64_t seed, struct lac_error *error)
{
	struct reading r = { .corpus = out, .tokenizer = tokenizer };
	const uint32_t n_tokens = lac_tokenizer_n_tokens(tokenizer);
	enum lac_status s;

	*out = (struct lac_corpus){ .bos = lac_tokenizer_bos(tokenizer), .eos = lac_tokenizer_eos(tokenizer) };
	out->token_bytes = calloc(n_tokens, sizeof *out->token_bytes);
	if (!out->token_bytes)
		return lac_fail_memory(error, n_tokens * sizeof *out->token_bytes, "lengths of tokens");
	for (uint32_t i = 0; i < n_tokens; i++) {
		size_t n_bytes;

		(void)lac_token_bytes(tokenizer, i, &n_bytes);
		out->token_bytes[i] = (uint16_t)n_bytes; /* at most LAC_TOKEN_BYTES_MAX */
	}
	s = lac_texts_read(texts, seed, add_document, &r, error);
	if (!s && out->n_documents == 0)
		s = lac_fail(error, LAC_BAD_ARGUMENT, 0, "there is no text to learn from");
	if (!s && out->n_documents >= UINT32_MAX)
		s = lac_fail(error, LAC_BAD_ARGUMENT, 0, "there are 2^32 documents or more");
	lac_symbols_free(&r.symbols);
	return s;
}

void lac_corpus_free(struct lac_corpus *corpus)
{
	free(corpus->tokens);
	free(corpus->documents);
	free(corpus->token_bytes);
	*corpus = (struct lac_corpus){ .tokens = NULL };
}

uint64_t lac_corpus_hash(const struct lac_corpus *corpus)
{
	uint64_t hash = lac_hash64(corpus->tokens, corpus->n_tokens * sizeof *corpus->tokens, corpus->bos);

	for (size_t i = 0; i < corpus->n_documents; i++) {
		const uint32_t lengths[2] = { corpus->documents[i].n_tokens, corpus->documents[i].n_unasked };

		hash = lac_hash64(lengths, sizeof lengths, hash);
	}
	return hash;
}

size_t lac_corpus_bytes(const struct lac_corpus *corpus)
{
	return corpus->tokens_capacity * sizeof *corpus->tokens + corpus->documents_capacity * sizeof *corpus->documents;
}

uint64_t lac_corpus_positions(const struct lac_corpus *corpus)
{
	return (uint64_t)corpus->n_tokens + corpus->n_documents;
}

/* ---- Rows ------------------------------------------------------------------------ */

/* Fisher and Yates; every epoch by itself, so that any can be gone to. */
static void draw_order(struct lac_packer *packer)
{
	uint64_t state = packer->seed ^ (packer->epoch + 1) * UINT64_C(0xd1342543de82ef95);
	const size_t n = packer->corpus->n_documents;

	for (size_t i = 0; i < n; i++)
		packer->order[i] = (uint32_t)i;
	for (size_t i = n; i > 1; i--) {
		const size_t j = lac_random(&state) % i;
		const uint32_t kept = packer->order[i - 1];

		packer->order[i - 1] = packer->order[j];
		packer->order[j] = kept;
	}
}

enum lac_status lac_packer_create(struct lac_packer *out, const struct lac_corpus *corpus, uint64_t seed, struct lac_error *error)
{
	*out = (struct lac_packer){ .corpus = corpus, .seed = seed, .order = calloc(corpus->n_documents, sizeof *out->order) };
	if (!out->order)
		return lac_fail_memory(error, corpus->n_documents * sizeof *out->order, "the order of documents");
	draw_order(out);
	return LAC_OK;
}

void lac_packer_free(struct lac_packer *packer)
{
	free(packer->order);
	*packer = (struct lac_packer){ .order = NULL };
}

bool lac_packer_go(struct lac_packer *packer, uint64_t epoch, uint64_t next, uint64_t position)
{
	if (next >= packer->corpus->n_documents)
		return false;
	packer->epoch = epoch;
	draw_order(packer);
	if (position > packer->corpus->documents[packer->order[next]].n_tokens)
		return false;
	packer->next = (size_t)next;
	packer->position = (uint32_t)position;
	return true;
}

bool lac_packed_rows_create(struct lac_packed_row *rows, uint32_t n_rows, uint32_t n_positions)
{
	uint32_t *memory = calloc((size_t)n_rows * n_positions, 3 * sizeof *memory);

	rows->tokens = memory; /* by which all of it is freed */
	for (uint32_t i = 0; memory && i < n_rows; i++) {
		uint32_t *own = memory + (size_t)i * n_positions * 3;

		rows[i] = (struct lac_packed_row){ .tokens = own, .targets = own + n_positions, .starts = own + 2 * (size_t)n_positions };
	}
	return memory != NULL;
}

static void put(const struct lac_corpus *corpus, struct lac_packed_row *row, uint32_t token, uint32_t target, uint32_t start)
{
	row->tokens[row->n] = token;
	row->targets[row->n] = target;
	row->starts[row->n++] = start;
	if (target != LAC_NO_TOKEN) {
		row->n_asked++;
		row->n_bytes += corpus->token_bytes[target];
	}
}

/* As much of the next document as the row has room for; true if that is all of it. */
static bool put_document(struct lac_packer *packer, struct lac_packed_row *row, uint32_t n_positions)
{
	const struct lac_corpus *corpus = packer->corpus;
	const struct lac_document *document = &corpus->documents[packer->order[packer->next]];
	const uint32_t *tokens = corpus->tokens + document->first, start = row->n;

	if (packer->position > 0)
		put(corpus, row, corpus->bos, LAC_NO_TOKEN, start);
	for (; row->n < n_positions && packer->position <= document->n_tokens; packer->position++) {
		const uint32_t p = packer->position;

		put(corpus, row, p ? tokens[p - 1] : corpus->bos,
			p == document->n_tokens ? corpus->eos : p < document->n_unasked ? LAC_NO_TOKEN : tokens[p], start);
	}
	return packer->position > document->n_tokens;
}

void lac_packer_fill(struct lac_packer *packer, struct lac_packed_row *row, uint32_t n_positions, bool stops)
{
	row->n = row->n_asked = 0;
	row->n_bytes = 0;
	while (row->n < n_positions && !(stops && packer->epoch > 0)) {
		if (!put_document(packer, row, n_positions))
			return;
		packer->position = 0;
		if (++packer->next == packer->corpus->n_documents) {
			packer->next = 0;
			packer->epoch++;
			draw_order(packer);
		}
	}
}
