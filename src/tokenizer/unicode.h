/* unicode.h: UTF-8 and the classes of characters that pre-tokenizers tell apart (arithmetic.md
 * section 9.2). Unicode 14.0, pinned: a library's tables change under us, and with them the bytes
 * of archives. */
#ifndef LAC_TOKENIZER_UNICODE_H
#define LAC_TOKENIZER_UNICODE_H

#include <stddef.h>
#include <stdint.h>

enum lac_unicode_class {
	LAC_UNICODE_OTHER, /* also a byte that is not part of valid UTF-8 */
	LAC_UNICODE_LETTER, /* general category L */
	LAC_UNICODE_NUMBER, /* general category N */
	LAC_UNICODE_SPACE   /* property White_Space */
};

/* The class of the character at `text`, n_bytes >= 1 of which are there, and its length in bytes, 1
 * to 4. */
enum lac_unicode_class lac_unicode_next(const uint8_t *text, size_t n_bytes, size_t *length);

/* Decodes one character strictly: no overlong forms, surrogates, or numbers past U+10FFFF. Length
 * 0: invalid. */
size_t lac_utf8_decode(const uint8_t *text, size_t n_bytes, uint32_t *character);

/* unicode_tables.c: sorted; each is a first character x 4 + class. */
extern const uint32_t lac_unicode_n_changes;
extern const uint32_t lac_unicode_changes[];
/* the classes of the first characters, which most text is made of */
extern const uint8_t lac_unicode_ascii[128];

#endif
