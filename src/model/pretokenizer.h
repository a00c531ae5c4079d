/* pretokenizer.h: where text is cut before merging (arithmetic.md section 9.2). */
#ifndef LAC_MODEL_PRETOKENIZER_H
#define LAC_MODEL_PRETOKENIZER_H

#include <stddef.h>
#include <stdint.h>

/* Length of the first pre-token of the text, n_bytes >= 1; pre-tokenizer "gpt-2". */
size_t lac_pretoken_gpt2(const uint8_t *text, size_t n_bytes);

#endif
