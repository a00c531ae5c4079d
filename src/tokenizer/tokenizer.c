/* tokenizer.c: which kind of vocabulary a GGUF file holds, and what is asked of it (arithmetic.md
 * sections 9.1, 10). */
#include "base/memory.h"
#include "tokenizer/tokenizer_tables.h"

#include <string.h>

/* ---- Kinds --------------------------------------------------------------------- */

static const struct lac_tokenizer_kind kinds[] = {
	{ .model = "gpt2", .pre = "gpt-2", .name = "gpt2/gpt-2", .pretoken = lac_pretoken_gpt2 },
	{ .model = "gpt2", .pre = "llama-bpe", .name = "gpt2/llama-bpe", .pretoken = lac_pretoken_llama_bpe, .takes_whole = true,
		.has_user_tokens = true },
	{ .model = "gpt2", .pre = "qwen2", .name = "gpt2/qwen2", .pretoken = lac_pretoken_qwen2, .has_user_tokens = true },
	{ .model = "gpt2", .pre = "smollm", .name = "gpt2/smollm", .pretoken = lac_pretoken_smollm, .has_user_tokens = true },
	{ .model = "llama", .name = "llama/spm", .has_user_tokens = true },
};

#define N_KINDS (sizeof kinds / sizeof *kinds)

static enum lac_status fail_unknown(const char *key, struct lac_string found, const char *known, struct lac_error *error)
{
	return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "%s is \"%.*s\"; this build knows %s", key,
		(int)(found.length < 40 ? found.length : 40), found.bytes, known);
}

static enum lac_status find_kind(const struct lac_tokenizer_kind **kind, const struct lac_gguf *gguf, struct lac_error *error)
{
	struct lac_string model, pre = { "", 0 };
	enum lac_status s = lac_gguf_string(gguf, "tokenizer.ggml.model", true, &model, error);

	if (!s && lac_string_equals(model, "gpt2"))
		s = lac_gguf_string(gguf, "tokenizer.ggml.pre", true, &pre, error);
	else if (!s && !lac_string_equals(model, "llama"))
		return fail_unknown("tokenizer.ggml.model", model, "\"gpt2\" and \"llama\"", error);
	if (s)
		return s;
	for (size_t i = 0; i < N_KINDS; i++)
		if (lac_string_equals(model, kinds[i].model) && (!kinds[i].pre || lac_string_equals(pre, kinds[i].pre))) {
			*kind = &kinds[i];
			return LAC_OK;
		}
	return fail_unknown("tokenizer.ggml.pre", pre, "\"gpt-2\", \"llama-bpe\", \"qwen2\" and \"smollm\"", error);
}

/* ---- Reading ------------------------------------------------------------------- */

static enum lac_status read_special(struct lac_tokenizer *tokenizer, const struct lac_gguf *gguf, struct lac_error *error)
{
	enum lac_status s = lac_gguf_u32(gguf, "tokenizer.ggml.bos_token_id", false, LAC_NO_TOKEN, &tokenizer->bos, error);

	if (!s)
		s = lac_gguf_u32(gguf, "tokenizer.ggml.eos_token_id", false, LAC_NO_TOKEN, &tokenizer->eos, error);
	if (s)
		return s;
	if (tokenizer->bos == LAC_NO_TOKEN)
		tokenizer->bos = tokenizer->eos;
	if (tokenizer->bos >= tokenizer->n_tokens || (tokenizer->eos != LAC_NO_TOKEN && tokenizer->eos >= tokenizer->n_tokens))
		return lac_fail(error, LAC_BAD_MODEL, 0, "tokenizer.ggml.bos_token_id or eos_token_id is absent or names no token");
	/* a token that stands for text cannot also end a record */
	if (tokenizer->eos != LAC_NO_TOKEN && tokenizer->types[tokenizer->eos] != LAC_TOKEN_SILENT)
		tokenizer->eos = LAC_NO_TOKEN;
	return LAC_OK;
}

enum lac_status lac_tokenizer_create(struct lac_tokenizer **out, const struct lac_gguf *gguf, struct lac_error *error)
{
	struct lac_tokenizer *tokenizer = lac_calloc(1, sizeof *tokenizer);
	enum lac_status s;

	*out = tokenizer;
	if (!tokenizer || !lac_token_pairs_create(tokenizer))
		s = lac_fail_memory(error, sizeof *tokenizer, "a tokenizer");
	else
		s = find_kind(&tokenizer->kind, gguf, error);
	if (!s)
		s = lac_token_texts_read(tokenizer, gguf, error);
	if (!s)
		s = read_special(tokenizer, gguf, error);
	if (!s)
		s = (tokenizer->kind->pretoken ? lac_merges_read : lac_scores_read)(tokenizer, gguf, error);
	if (!s && !lac_user_tokens_create(tokenizer))
		s = lac_fail_memory(error, tokenizer->n_tokens, "user-defined tokens");
	if (s)
		lac_tokenizer_free(out);
	return s;
}

void lac_tokenizer_free(struct lac_tokenizer **tokenizer)
{
	struct lac_tokenizer *t = *tokenizer;

	if (!t)
		return;
	lac_free(t->text);
	lac_free(t->text_starts);
	lac_free(t->types);
	lac_free(t->text_slots);
	lac_free(t->merges);
	lac_free(t->scores);
	lac_free(t->pairs);
	lac_free(t->user_tokens);
	lac_free(t);
	*tokenizer = NULL;
}

/* ---- Questions ----------------------------------------------------------------- */

const uint8_t *lac_token_bytes(const struct lac_tokenizer *tokenizer, uint32_t token, size_t *n_bytes)
{
	*n_bytes = tokenizer->text_starts[token + 1] - tokenizer->text_starts[token];
	return *n_bytes ? tokenizer->text + tokenizer->text_starts[token] : NULL;
}

size_t lac_tokenizer_prefix(const struct lac_tokenizer *tokenizer, const uint8_t *bytes)
{
	return tokenizer->adds_space && bytes && bytes[0] == ' ' ? 1 : 0;
}

size_t lac_symbol_length(const struct lac_tokenizer *tokenizer, lac_symbol symbol, bool is_first)
{
	const uint8_t raw = (uint8_t)symbol;
	size_t n_bytes = 1;
	const uint8_t *bytes = symbol & LAC_SYMBOL_RAW ? &raw : lac_token_bytes(tokenizer, symbol, &n_bytes);

	return n_bytes - (is_first ? lac_tokenizer_prefix(tokenizer, bytes) : 0);
}

size_t lac_symbols_with_text(const struct lac_tokenizer *tokenizer, const struct lac_symbols *symbols)
{
	return symbols->length - (symbols->length && lac_symbol_length(tokenizer, symbols->at[0], true) == 0);
}

uint32_t lac_tokenizer_n_tokens(const struct lac_tokenizer *tokenizer)
{
	return tokenizer->n_tokens;
}

uint32_t lac_tokenizer_bos(const struct lac_tokenizer *tokenizer)
{
	return tokenizer->bos;
}

uint32_t lac_tokenizer_eos(const struct lac_tokenizer *tokenizer)
{
	return tokenizer->eos;
}

bool lac_tokenizer_has_all_bytes(const struct lac_tokenizer *tokenizer)
{
	return tokenizer->has_all_bytes;
}

const char *lac_tokenizer_name(const struct lac_tokenizer *tokenizer)
{
	return tokenizer->kind->name;
}

/* ---- Identity ------------------------------------------------------------------ */

static void identify_token(const struct lac_tokenizer *tokenizer, uint32_t token, struct lac_hash128 *hash)
{
	size_t n_bytes;
	const uint8_t *bytes = lac_token_bytes(tokenizer, token, &n_bytes);

	lac_hash128_u32(hash, (uint32_t)n_bytes);
	if (bytes)
		lac_hash128_update(hash, bytes, n_bytes);
	if (tokenizer->kind->has_user_tokens)
		lac_hash128_u32(hash, tokenizer->types[token]);
	if (tokenizer->scores && tokenizer->types[token] == LAC_TOKEN_NORMAL)
		lac_hash128_floats(hash, &tokenizer->scores[token], 1);
}

void lac_tokenizer_identify(const struct lac_tokenizer *tokenizer, struct lac_hash128 *hash)
{
	const char *name = lac_tokenizer_name(tokenizer);

	lac_hash128_u32(hash, (uint32_t)strlen(name));
	lac_hash128_update(hash, name, strlen(name));
	lac_hash128_u32(hash, tokenizer->n_tokens);
	for (uint32_t i = 0; i < tokenizer->n_tokens; i++)
		identify_token(tokenizer, i, hash);
	lac_hash128_u32(hash, tokenizer->scores ? tokenizer->adds_space : tokenizer->n_merges);
	for (uint32_t i = 0; i < tokenizer->n_merges; i++) {
		lac_hash128_u32(hash, tokenizer->merges[i].left);
		lac_hash128_u32(hash, tokenizer->merges[i].right);
		lac_hash128_u32(hash, tokenizer->merges[i].product);
	}
	lac_hash128_u32(hash, tokenizer->bos);
	lac_hash128_u32(hash, tokenizer->eos);
}
