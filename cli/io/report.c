#include "io/report.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

#define LINE_BYTES_MAX (2 * PATH_MAX + 1024) /* two names, and what is said of them */

static char complaint[1024]; /* the first that was not taken */

/* Length of the valid UTF-8 sequence at `text`, 0 if there is none. */
static size_t utf8_length(const unsigned char *text)
{
	const size_t length = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : text[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) || (text[0] == 0xf0 && text[1] < 0x90) ||
	    (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return length;
}

static unsigned utf8_decode(const unsigned char *text, size_t length)
{
	unsigned code = length == 1 ? text[0] : text[0] & (0x7fu >> length);

	for (size_t i = 1; i < length; i++)
		code = code << 6 | (text[i] & 0x3f);
	return code;
}

/* Control characters, and what turns the order of the letters round, or ends a line. */
static bool moves_text(unsigned code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
		(code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* ---- For people ---------------------------------------------------------------------- */

#define MASKED_CHARACTER_MAX 8 /* \u202e and a zero */

/* How a character is shown. Returns how many bytes of `text` it is. */
static size_t mask_character(char out[MASKED_CHARACTER_MAX], const unsigned char *text)
{
	const size_t length = utf8_length(text);
	const unsigned code = length ? utf8_decode(text, length) : text[0];

	if (length && !moves_text(code)) {
		memcpy(out, text, length);
		out[length] = 0;
	} else {
		snprintf(out, MASKED_CHARACTER_MAX, length > 1 ? "\\u%04x" : "\\x%02x", code);
	}
	return length ? length : 1;
}

size_t mask_text(char *out, size_t capacity, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	char shown[MASKED_CHARACTER_MAX];
	size_t n = 0;

	out[0] = 0;
	while (*at) {
		const size_t length = mask_character(shown, at), n_shown = strlen(shown);

		if (n + n_shown >= capacity)
			break;
		memcpy(out + n, shown, n_shown + 1);
		n += n_shown;
		at += length;
	}
	return n;
}

/* One line at a time: the format's last newline is no name's. No memory is asked for, since the
 * lack of it is told too. */
static void print_masked(FILE *file, const char *before, const char *format, va_list arguments)
{
	char text[LINE_BYTES_MAX], line[4 * LINE_BYTES_MAX];
	const size_t n_format = strlen(format);
	const bool is_whole = n_format && format[n_format - 1] == '\n';
	int n = vsnprintf(text, sizeof text, format, arguments);

	if (n > 0 && is_whole && (size_t)n < sizeof text)
		text[n - 1] = 0;
	mask_text(line, sizeof line, text);
	fprintf(file, "%s%s%s", before, line, is_whole ? "\n" : "");
}

void tell(FILE *file, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_masked(file, "", format, arguments);
	va_end(arguments);
}

void complain(const char *format, ...)
{
	va_list arguments;

	if (!complaint[0]) {
		va_start(arguments, format);
		vsnprintf(complaint, sizeof complaint, format, arguments);
		va_end(arguments);
	}
	va_start(arguments, format);
	print_masked(stderr, "laconic: ", format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

const char *take_complaint(void)
{
	static char taken[sizeof complaint];

	memcpy(taken, complaint, sizeof taken);
	complaint[0] = 0;
	return taken;
}

bool was_complained(void)
{
	return complaint[0];
}

struct grouped group_digits(uint64_t number)
{
	char digits[24];
	const int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
	struct grouped out = { "" };
	int at = 0;

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			out.text[at++] = ',';
		out.text[at++] = digits[i];
	}
	return out;
}

struct counted count_of(uint64_t number, const char *unit)
{
	struct counted out;

	snprintf(out.text, sizeof out.text, "%s %s%s", group_digits(number).text, unit, number == 1 ? "" : "s");
	return out;
}

struct hexadecimal print_identity(const uint8_t identity[16])
{
	struct hexadecimal out;

	for (size_t i = 0; i < 16; i++)
		snprintf(out.text + 2 * i, 3, "%02x", (unsigned)identity[i]);
	return out;
}

/* ---- For programs ------------------------------------------------------------------- */

void print_json_string(FILE *file, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	fputc('"', file);
	while (*at) {
		const size_t length = utf8_length(at);

		if (length == 0) {
			fprintf(file, "\\udc%02x", *at++);
		} else if (moves_text(utf8_decode(at, length))) {
			fprintf(file, "\\u%04x", utf8_decode(at, length));
			at += length;
		} else {
			if (*at == '"' || *at == '\\')
				fputc('\\', file);
			fwrite(at, 1, length, file);
			at += length;
		}
	}
	fputc('"', file);
}

double ratio_of(uint64_t archive_bytes, uint64_t text_bytes)
{
	return text_bytes ? (double)archive_bytes / (double)text_bytes : 0;
}
