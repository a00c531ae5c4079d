#include "tokenizer/unicode.h"

static enum lac_unicode_class class_of(uint32_t character)
{
	uint32_t low = 0, high = lac_unicode_n_changes;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (lac_unicode_changes[middle] / 4 <= character)
			low = middle;
		else
			high = middle;
	}
	return (enum lac_unicode_class)(lac_unicode_changes[low] % 4);
}

size_t lac_utf8_decode(const uint8_t *text, size_t n_bytes, uint32_t *character)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t first = n_bytes ? text[0] : 0xff;
	const size_t length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
	uint32_t value = length == 1 ? first : first & (0x7fu >> length);

	if (length == 0 || length > n_bytes)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (text[i] & 0x3f);
	}
	if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*character = value;
	return length;
}

enum lac_unicode_class lac_unicode_next(const uint8_t *text, size_t n_bytes, size_t *length)
{
	uint32_t character;

	*length = 1;
	if (text[0] < 0x80)
		return (enum lac_unicode_class)lac_unicode_ascii[text[0]];
	*length = lac_utf8_decode(text, n_bytes, &character);
	if (*length)
		return class_of(character);
	*length = 1;
	return LAC_UNICODE_OTHER;
}
