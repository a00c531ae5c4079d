/* pretokenizer.h: where text is cut before merging (arithmetic.md section 9.2). */
#ifndef LAC_TOKENIZER_PRETOKENIZER_H
#define LAC_TOKENIZER_PRETOKENIZER_H

#include <stddef.h>
#include <stdint.h>

/* Length of the first pre-token of the text, n_bytes >= 1. Of all of them together, a small
 * multiple of the text's length is looked at. */
typedef size_t lac_pretoken(const uint8_t *text, size_t n_bytes);

/* By the name of the pre-tokenizer: "gpt-2", "smollm", "llama-bpe", "qwen2". */
lac_pretoken lac_pretoken_gpt2, lac_pretoken_smollm, lac_pretoken_llama_bpe, lac_pretoken_qwen2;

#endif
