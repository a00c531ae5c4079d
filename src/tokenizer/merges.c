/* merges.c: the pairs of byte-level vocabularies, from tokenizer.ggml.merges (arithmetic.md section
 * 9.1). */
#include "base/memory.h"
#include "tokenizer/tokenizer_tables.h"

#include <string.h>

#define MERGES_MAX (1u << 22)

_Static_assert(MERGES_MAX <= LAC_RANK_MAX + 1, "a rank is the number of a merge");

/* "left right": the space that parts them is the first after the first byte. False: not of two
 * tokens whose joined text is one. */
static bool read_merge(const struct lac_tokenizer *tokenizer, struct lac_string line, struct lac_merge *merge)
{
	const char *space = line.length > 1 ? memchr(line.bytes + 1, ' ', line.length - 1) : NULL;
	uint8_t text[2 * LAC_TOKEN_BYTES_MAX];
	size_t left, right;

	if (!space || line.length > sizeof text)
		return false;
	left = lac_unspell_bytes(text, (struct lac_string){ line.bytes, (size_t)(space - line.bytes) });
	right = lac_unspell_bytes(text + left, (struct lac_string){ space + 1, line.length - (size_t)(space + 1 - line.bytes) });
	if (left == 0 || right == 0)
		return false;
	merge->left = lac_token_of_text(tokenizer, text, left);
	merge->right = lac_token_of_text(tokenizer, text + left, right);
	merge->product = lac_token_of_text(tokenizer, text, left + right);
	return merge->left != LAC_NO_TOKEN && merge->right != LAC_NO_TOKEN && merge->product != LAC_NO_TOKEN;
}

static enum lac_status read_lines(struct lac_tokenizer *tokenizer, const struct lac_string *lines, size_t n, struct lac_error *error)
{
	if (n > MERGES_MAX)
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "tokenizer.ggml.merges: more than %u", MERGES_MAX);
	tokenizer->merges = lac_calloc(n + 1, sizeof *tokenizer->merges);
	if (!tokenizer->merges)
		return lac_fail_memory(error, n * sizeof *tokenizer->merges, "merges");
	for (uint32_t i = 0; i < n; i++) {
		struct lac_merge *merge = &tokenizer->merges[i];

		if (!read_merge(tokenizer, lines[i], merge))
			return lac_fail(error, LAC_BAD_MODEL, 0, "tokenizer.ggml.merges: merge %u, \"%.*s\", is not of two tokens whose "
				"joined text is a token", (unsigned)i, (int)(lines[i].length < 40 ? lines[i].length : 40), lines[i].bytes);
		if (!lac_token_pairs_add(tokenizer, (struct lac_token_pair){ merge->left, merge->right, i, merge->product }))
			return lac_fail_memory(error, n * sizeof *tokenizer->pairs, "merges");
	}
	tokenizer->n_merges = (uint32_t)n;
	return LAC_OK;
}

enum lac_status lac_merges_read(struct lac_tokenizer *tokenizer, const struct lac_gguf *gguf, struct lac_error *error)
{
	struct lac_string *lines = NULL;
	size_t n;
	enum lac_status s = lac_gguf_strings(gguf, "tokenizer.ggml.merges", true, &lines, &n, error);

	if (!s)
		s = read_lines(tokenizer, lines, n, error);
	lac_free(lines);
	return s;
}
