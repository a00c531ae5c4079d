#include "train/json.h"
#include "base/bytes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

json_t *lac_json_object(const void *bytes, size_t n_bytes, json_error_t *error)
{
	json_t *value = json_loadb(bytes, n_bytes, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, error);

	if (!value || json_is_object(value))
		return value;
	json_decref(value);
	*error = (json_error_t){ .text = "an array" };
	return NULL;
}

/* ---- Mending --------------------------------------------------------------------------------- */

/* The number of an escape \uXXXX; -1: there is none. */
static int escaped(struct lac_reader at)
{
	char digits[5] = { 0 };

	if (at.left < 6 || at.at[0] != '\\' || at.at[1] != 'u')
		return -1;
	memcpy(digits, at.at + 2, 4);
	for (unsigned i = 0; i < 4; i++)
		if (!isxdigit((unsigned char)digits[i]))
			return -1;
	return (int)strtol(digits, NULL, 16);
}

static bool is_high(int number)
{
	return number >= 0xd800 && number < 0xdc00;
}

static bool is_low(int number)
{
	return number >= 0xdc00 && number < 0xe000;
}

/* Half a pair in three bytes, as some programs write it. */
static bool is_raw_half(struct lac_reader at)
{
	return at.left >= 3 && at.at[0] == 0xed && at.at[1] >= 0xa0 && at.at[1] < 0xc0 && (at.at[2] & 0xc0) == 0x80;
}

static void take(struct lac_reader *at, size_t n, struct lac_buffer *out)
{
	if (n > at->left)
		n = at->left;
	lac_buffer_append(out, at->at, n);
	at->at += n;
	at->left -= n;
}

static void replace(struct lac_reader *at, size_t n, const char *by, struct lac_buffer *out)
{
	at->at += n;
	at->left -= n;
	lac_buffer_append(out, by, strlen(by));
}

static void mend_in_string(struct lac_reader *at, struct lac_buffer *out)
{
	const int number = escaped(*at);

	if (is_high(number) && is_low(escaped((struct lac_reader){ at->at + 6, at->left - 6 })))
		take(at, 12, out);
	else if (is_high(number) || is_low(number))
		replace(at, 6, "\\ufffd", out);
	else if (is_raw_half(*at))
		replace(at, 3, "\\ufffd", out);
	else
		take(at, at->at[0] == '\\' ? 2 : 1, out);
}

static void mend_outside(struct lac_reader *at, struct lac_buffer *out)
{
	static const char *const words[] = { "-Infinity", "Infinity", "NaN" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const size_t n = strlen(words[i]);

		if (at->left >= n && memcmp(at->at, words[i], n) == 0) {
			replace(at, n, "null", out);
			return;
		}
	}
	take(at, 1, out);
}

static void mend(struct lac_buffer *out, struct lac_reader line)
{
	bool in_string = false;

	while (line.left)
		if (line.at[0] == '"') {
			in_string = !in_string;
			take(&line, 1, out);
		} else if (in_string) {
			mend_in_string(&line, out);
		} else {
			mend_outside(&line, out);
		}
}

/* What is well-formed is read as it is. Errors are those of the line as it was. */
json_t *lac_json_line(const void *bytes, size_t n_bytes, json_error_t *error)
{
	struct lac_buffer mended = { 0 };
	json_t *object = lac_json_object(bytes, n_bytes, error);
	json_error_t unread;

	if (object)
		return object;
	mend(&mended, (struct lac_reader){ bytes, n_bytes });
	if (!mended.failed && (mended.length != n_bytes || memcmp(mended.bytes, bytes, n_bytes) != 0))
		object = lac_json_object(mended.bytes, mended.length, &unread);
	lac_buffer_free(&mended);
	return object;
}
