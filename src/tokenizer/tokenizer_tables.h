/* tokenizer_tables.h: what a tokenizer knows, shared by its readers and its user. */
#ifndef LAC_TOKENIZER_TOKENIZER_TABLES_H
#define LAC_TOKENIZER_TOKENIZER_TABLES_H

#include "tokenizer/pretokenizer.h"
#include "tokenizer/tokenizer.h"

/* What stands for text; tokenizer.ggml.token_type. Any other kind is read as LAC_TOKEN_SILENT. */
enum lac_token_type { LAC_TOKEN_SILENT = 0, LAC_TOKEN_NORMAL = 1, LAC_TOKEN_USER = 4, LAC_TOKEN_BYTE = 6 };

/* A sort of vocabularies: which keys are read how. */
struct lac_tokenizer_kind {
	const char *model, *pre;  /* tokenizer.ggml.model and .pre */
	const char *name;
	/* NULL: SentencePiece, which has scores in place of merges and of pre-tokens */
	lac_pretoken *pretoken;
	bool takes_whole;         /* a pre-token that is a token is not merged */
	/* user-defined tokens stand for text; and the identity says the tokens' types */
	bool has_user_tokens;
};

#define LAC_RANK_MAX ((1u << 22) - 1)

/* Two neighbours that become one, as merging knows them: tokens, or what is none yet (below). */
struct lac_token_pair {
	uint32_t left, right;
	/* the lowest rank, at most LAC_RANK_MAX, comes first; product LAC_NO_TOKEN: an empty
	 * place */
	uint32_t rank, product;
};

struct lac_merge {
	uint32_t left, right, product;
};

struct lac_tokenizer {
	const struct lac_tokenizer_kind *kind;
	uint32_t n_tokens, bos, eos; /* eos: LAC_NO_TOKEN if there is none */
	uint8_t *text;               /* owned: the bytes of all tokens */
	uint32_t *text_starts;       /* owned: [n_tokens + 1]; an empty one stands for no text */
	uint8_t *types;              /* owned: [n_tokens] enum lac_token_type */
	/* owned: [text_mask + 1], open addressing over texts of normal tokens: token + 1, or 0 */
	uint32_t *text_slots;
	uint32_t text_mask;
	uint32_t of_byte[256];       /* the token that is this byte alone, or LAC_NO_TOKEN */
	uint32_t begins_as[256];     /* what a byte that is a character begins as, before merging */
	bool has_all_bytes;

	/* owned: [n_merges] in the order of the file; for the identity */
	struct lac_merge *merges;
	uint32_t n_merges;
	float *scores;               /* owned: [n_tokens] of SentencePiece; for the identity */
	struct lac_token_pair *pairs; /* owned: [pair_mask + 1], open addressing, n_pairs of them */
	uint32_t pair_mask, n_pairs;

	uint32_t *user_tokens;       /* owned: [n_user_tokens], sorted by text */
	uint32_t n_user_tokens;
	bool user_begins[256];       /* whether one begins with this byte */

	bool adds_space;             /* SentencePiece: text is tokenized with a space before it */
	/* SentencePiece: bit b of row a: byte b follows byte a in some token */
	uint64_t together[256][4];
};

static inline bool lac_bytes_together(const struct lac_tokenizer *tokenizer, uint8_t left, uint8_t right)
{
	return tokenizer->together[left][right / 64] >> (right % 64) & 1;
}

/* token_texts.c: texts, types, bytes and the index of texts. */
LAC_MUST_CHECK enum lac_status lac_token_texts_read(struct lac_tokenizer *tokenizer, const struct lac_gguf *gguf, struct lac_error *error);

/* What a byte-level spelling stands for: its length, or 0 if it is no spelling of bytes. `out`
 * holds as many bytes as the spelling. */
size_t lac_unspell_bytes(uint8_t *out, struct lac_string spelling);

/* The first normal token of that text, or LAC_NO_TOKEN. */
uint32_t lac_token_of_text(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes);

/* Before merging, a character of two bytes or more that is no token is this; a byte that is none,
 * LAC_SYMBOL_RAW | byte. */
static inline uint32_t lac_unknown_character(uint32_t character)
{
	return LAC_SYMBOL_RAW | character << 8;
}

/* token_pairs.c: the table of pairs. Of two alike the first counts. False: no memory. */
bool lac_token_pairs_create(struct lac_tokenizer *tokenizer);
bool lac_token_pairs_add(struct lac_tokenizer *tokenizer, struct lac_token_pair pair);

/* The place of a pair, or the empty one where it belongs. */
static inline struct lac_token_pair *lac_token_pair_place(const struct lac_tokenizer *tokenizer, uint32_t left, uint32_t right)
{
	/* 2^64 over the golden ratio */
	const uint64_t key = ((uint64_t)left << 32 | right) * UINT64_C(0x9e3779b97f4a7c15);

	for (uint32_t at = (uint32_t)(key >> 32) & tokenizer->pair_mask;; at = (at + 1) & tokenizer->pair_mask) {
		struct lac_token_pair *place = &tokenizer->pairs[at];

		if (place->product == LAC_NO_TOKEN || (place->left == left && place->right == right))
			return place;
	}
}

/* merges.c, scores.c: what fills it. */
LAC_MUST_CHECK enum lac_status lac_merges_read(struct lac_tokenizer *tokenizer, const struct lac_gguf *gguf, struct lac_error *error);
LAC_MUST_CHECK enum lac_status lac_scores_read(struct lac_tokenizer *tokenizer, const struct lac_gguf *gguf, struct lac_error *error);

/* user_tokens.c */
bool lac_user_tokens_create(struct lac_tokenizer *tokenizer); /* false: no memory */

/* The longest user-defined token that the text begins with, or LAC_NO_TOKEN. */
uint32_t lac_user_token(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes);

#endif
