/* corpus.h: tokenized documents, and how rows of a batch are cut from them.
 *
 * A document is BOS, its tokens, and EOS as what is foretold last. Rows are filled with one
 * document after another, in an order that is drawn anew in every epoch. A document that does not
 * end with the row goes on in the next behind another BOS, from which nothing is foretold: that is
 * how the engine goes on when its window is full (arithmetic.md section 6.5). */
#ifndef LAC_TRAIN_CORPUS_H
#define LAC_TRAIN_CORPUS_H

#include "tokenizer/tokenizer.h"
#include "train/network.h"
#include "train/texts.h"

struct lac_document {
	size_t first;                  /* in the tokens */
	uint32_t n_tokens, n_unasked;  /* the first n_unasked are not foretold */
};

struct lac_corpus {
	uint32_t *tokens;              /* owned */
	size_t n_tokens, tokens_capacity;
	struct lac_document *documents; /* owned */
	size_t n_documents, documents_capacity;
	uint64_t n_bytes;
	uint32_t bos, eos;
	uint16_t *token_bytes;         /* owned: [n_vocabulary]: what a token stands for */
};

/* LAC_BAD_ARGUMENT if there is no text. */
LAC_MUST_CHECK enum lac_status lac_corpus_read(struct lac_corpus *out, const struct lac_train_texts *texts,
	const struct lac_tokenizer *tokenizer, uint64_t seed, struct lac_error *error);
void lac_corpus_free(struct lac_corpus *corpus);
uint64_t lac_corpus_hash(const struct lac_corpus *corpus); /* of all that training sees */
size_t lac_corpus_bytes(const struct lac_corpus *corpus);  /* of memory */
uint64_t lac_corpus_positions(const struct lac_corpus *corpus); /* of an epoch */

/* A place in the corpus. */
struct lac_packer {
	const struct lac_corpus *corpus;
	uint64_t seed, epoch;
	size_t next;      /* of the order */
	uint32_t position; /* in that document: 0 is its BOS */
	uint32_t *order;  /* owned: of this epoch */
};

LAC_MUST_CHECK enum lac_status lac_packer_create(struct lac_packer *out, const struct lac_corpus *corpus, uint64_t seed,
	struct lac_error *error);
void lac_packer_free(struct lac_packer *packer);
/* Goes to a place that a packer of the same corpus and seed had. False: there is no such place. */
bool lac_packer_go(struct lac_packer *packer, uint64_t epoch, uint64_t next, uint64_t position);

/* A row's memory, and what it holds. */
struct lac_packed_row {
	uint32_t *tokens, *targets, *starts; /* owned: [n_positions] */
	uint32_t n, n_asked;
	uint64_t n_bytes; /* that the asked tokens stand for */
};

/* n rows in one piece of memory, freed with free(rows[0].tokens). */
bool lac_packed_rows_create(struct lac_packed_row *rows, uint32_t n_rows, uint32_t n_positions);
/* Fills a row. With `stops` it ends with the epoch, n being 0 when there is no more. */
void lac_packer_fill(struct lac_packer *packer, struct lac_packed_row *row, uint32_t n_positions, bool stops);

#endif
