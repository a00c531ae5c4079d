/* Laws of UTF-8 and of the classes of characters (arithmetic.md section 9.2): test_unicode
 * DIRECTORY_OF_MODELS [--short] */
#include "test.h"

#include "tokenizer/unicode.h"

static unsigned step = 1; /* of all starts of characters; larger with --short */

/* Well-formed by table 3-7 of the Unicode Standard; 0: ill-formed. */
static size_t well_formed_length(const uint8_t *b, size_t n)
{
	const bool two = n > 1 && b[1] >= 0x80 && b[1] < 0xc0, three = n > 2 && b[2] >= 0x80 && b[2] < 0xc0;
	const bool four = n > 3 && b[3] >= 0x80 && b[3] < 0xc0;

	if (n && b[0] < 0x80)
		return 1;
	if (!two || b[0] < 0xc2 || b[0] > 0xf4)
		return 0;
	if (b[0] < 0xe0)
		return 2;
	if (b[0] < 0xf0)
		return three && (b[0] != 0xe0 || b[1] >= 0xa0) && (b[0] != 0xed || b[1] < 0xa0) ? 3 : 0;
	return three && four && (b[0] != 0xf0 || b[1] >= 0x90) && (b[0] != 0xf4 || b[1] < 0x90) ? 4 : 0;
}

static size_t write_character(uint8_t *out, uint32_t character)
{
	static const uint8_t leads[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	const size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

	for (size_t i = length; i-- > 1; character >>= 6)
		out[i] = (uint8_t)(0x80 | (character & 0x3f));
	out[0] = (uint8_t)(leads[length] | character);
	return length;
}

static void every_character_is_decoded(void)
{
	for (uint32_t character = 0; character < 0x110000; character++) {
		const bool is_surrogate = character >= 0xd800 && character < 0xe000;
		uint8_t bytes[4];
		const size_t length = write_character(bytes, character);
		uint32_t found = ~character;

		CHECK_NOTE(lac_utf8_decode(bytes, length, &found) == (is_surrogate ? 0 : length) && is_surrogate == (found != character),
			"U+%04X is read as U+%04X", (unsigned)character, (unsigned)found);
		CHECK_NOTE(!lac_utf8_decode(bytes, length - 1, &found), "U+%04X without its last byte", (unsigned)character);
	}
}

static void only_well_formed_bytes_are_decoded(void)
{
	static const uint8_t ends[] = { 0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff };
	const unsigned n_ends = sizeof ends;

	for (unsigned i = 0; i < 65536 * n_ends * n_ends; i += step) {
		const uint8_t bytes[] = { (uint8_t)(i >> 8), (uint8_t)i, ends[i / 65536 % n_ends], ends[i / 65536 / n_ends] };
		const size_t wanted = well_formed_length(bytes, 4);
		size_t length = 0;
		uint32_t character = 0;

		CHECK_NOTE(lac_utf8_decode(bytes, 4, &character) == wanted, "%02x %02x %02x %02x", bytes[0], bytes[1], bytes[2], bytes[3]);
		if (wanted == 0)
			CHECK_NOTE(lac_unicode_next(bytes, 4, &length) == LAC_UNICODE_OTHER && length == 1,
				"%02x %02x %02x %02x", bytes[0], bytes[1], bytes[2], bytes[3]);
	}
}

static enum lac_unicode_class class_of_character(uint32_t character)
{
	uint8_t bytes[4];
	size_t n_bytes = write_character(bytes, character), length = 0;
	const enum lac_unicode_class found = lac_unicode_next(bytes, n_bytes, &length);

	CHECK_NOTE(length == (character >= 0xd800 && character < 0xe000 ? 1 : n_bytes), "U+%04X", (unsigned)character);
	return found;
}

/* By hand, from UnicodeData.txt and PropList.txt. The last letters came with 14.0, the last others
 * after it. */
static const uint32_t letters[] = {
	'A', 'Z', 'a', 'z', 0xaa, 0xb5, 0xba, 0xc0, 0xd6, 0xd8, 0xf6, 0xf8, 0x17f, 0x1c5, 0x2b0, 0x370, 0x3a9, 0x416, 0x531, 0x5d0,
	0x627, 0x905, 0xe01, 0xe33, 0x10d0, 0x1100, 0x1e9e, 0x2071, 0x2115, 0x212a, 0x3005, 0x3042, 0x30a2, 0x3400, 0x4dbf, 0x4e00,
	0x9fff, 0xac00, 0xd7a3, 0xf900, 0xfb01, 0xff21, 0xff76, 0x10000, 0x1d400, 0x20000, 0x2a6df, 0x2f800, 0x3134a,
	0x870, 0x2c2f, 0x10570, 0x1df00,
};
static const uint32_t numbers[] = {
	'0', '9', 0xb2, 0xb3, 0xb9, 0xbc, 0xbe, 0x660, 0x669, 0x966, 0x9f4, 0xf33, 0x1369, 0x16ee, 0x19da, 0x2070, 0x2080, 0x2150,
	0x2160, 0x2188, 0x2460, 0x249b, 0x24ea, 0x2776, 0x3007, 0x3021, 0x3220, 0xff10, 0x10107, 0x12400, 0x1d7ce, 0x1d7ff, 0x1f100,
	0x1fbf9,
};
static const uint32_t spaces[] = { /* all of them */
	0x9, 0xa, 0xb, 0xc, 0xd, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008,
	0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
};
static const uint32_t others[] = {
	0x0, 0x8, 0xe, 0x1c, 0x1f, '!', '/', ':', '@', '[', '`', '{', 0x7f, 0x84, 0x86, 0xa1, 0xad, 0xb0, 0xd7, 0xf7, 0x300, 0x345,
	0x378, 0x483, 0x903, 0x93e, 0x94d, 0x180e, 0x200b, 0x200d, 0x2027, 0x202a, 0x20e3, 0x2190, 0x24b6, 0x2fff, 0x3001, 0x3099,
	0x4dc0, 0xd800, 0xdfff, 0xe000, 0xfe0f, 0xfeff, 0xfffd, 0xffff, 0x1f1e6, 0x1f600, 0xe0100, 0xf0000, 0x10ffff,
	0x88f, 0x1c89, 0x1e030, 0x1e4f0, 0x31350, 0x1d2c0, 0x2ebf0,
};

static void check_classes(const uint32_t *characters, size_t n_bytes, enum lac_unicode_class wanted)
{
	for (size_t i = 0; i < n_bytes / sizeof *characters; i++)
		CHECK_NOTE(class_of_character(characters[i]) == wanted, "U+%04X", (unsigned)characters[i]);
}

static void classes_are_as_listed(void)
{
	check_classes(letters, sizeof letters, LAC_UNICODE_LETTER);
	check_classes(numbers, sizeof numbers, LAC_UNICODE_NUMBER);
	check_classes(spaces, sizeof spaces, LAC_UNICODE_SPACE);
	check_classes(others, sizeof others, LAC_UNICODE_OTHER);
}

/* As many as Unicode 14.0 has of general categories L and N and of White_Space; another version has
 * other numbers. */
static void classes_are_of_unicode_14(void)
{
	size_t n[4] = { 0 };

	for (uint32_t character = 0; character < 0x110000; character++)
		n[class_of_character(character)]++;
	CHECK_NOTE(n[LAC_UNICODE_LETTER] == 131756, "%zu", n[LAC_UNICODE_LETTER]);
	CHECK_NOTE(n[LAC_UNICODE_NUMBER] == 1791, "%zu", n[LAC_UNICODE_NUMBER]);
	CHECK_NOTE(n[LAC_UNICODE_SPACE] == sizeof spaces / sizeof *spaces, "%zu", n[LAC_UNICODE_SPACE]);
	CHECK(lac_unicode_changes[0] / 4 == 0 && lac_unicode_n_changes > 1);
	for (uint32_t i = 1; i < lac_unicode_n_changes; i++)
		CHECK_NOTE(lac_unicode_changes[i - 1] / 4 < lac_unicode_changes[i] / 4 &&
			lac_unicode_changes[i - 1] % 4 != lac_unicode_changes[i] % 4, "change %u", (unsigned)i);
}

int main(int argc, char **argv)
{
	if (test_effort(argc, argv) == SHORT)
		step = 7;
	LAW(every_character_is_decoded);
	LAW(only_well_formed_bytes_are_decoded);
	LAW(classes_are_as_listed);
	LAW(classes_are_of_unicode_14);
	return test_report();
}
