#include "report.h"

#include <stdarg.h>
#include <string.h>

static char complaint[1024]; /* the first that was not taken */

void complain(const char *format, ...)
{
	va_list arguments;

	if (!complaint[0]) {
		va_start(arguments, format);
		vsnprintf(complaint, sizeof complaint, format, arguments);
		va_end(arguments);
	}
	fputs("laconic: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
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

struct hexadecimal print_identity(const uint8_t identity[16])
{
	struct hexadecimal out;

	for (size_t i = 0; i < 16; i++)
		snprintf(out.text + 2 * i, 3, "%02x", (unsigned)identity[i]);
	return out;
}

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

void print_json_string(FILE *file, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	fputc('"', file);
	while (*at) {
		const size_t length = utf8_length(at);

		if (length == 0) {
			fprintf(file, "\\udc%02x", *at++);
		} else if (length == 1 && (*at < 0x20 || *at == 0x7f)) {
			fprintf(file, "\\u%04x", *at++);
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
