#include "base/strict_float.h"
#include "train/json.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64u

void lac_json_skip_space(struct lac_reader *reader)
{
	while (reader->left && (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' || *reader->at == '\r')) {
		reader->at++;
		reader->left--;
	}
}

static bool take(struct lac_reader *reader, char wanted)
{
	lac_json_skip_space(reader);
	if (!reader->left || *reader->at != (uint8_t)wanted)
		return false;
	reader->at++;
	reader->left--;
	return true;
}

static bool take_word(struct lac_reader *reader, const char *word)
{
	const size_t length = strlen(word);

	if (reader->left < length || memcmp(reader->at, word, length) != 0)
		return false;
	reader->at += length;
	reader->left -= length;
	return true;
}

/* ---- Strings --------------------------------------------------------------------- */

static bool take_hex(struct lac_reader *reader, uint32_t *unit)
{
	const uint8_t *digits;

	*unit = 0;
	if (!lac_read_bytes(reader, 4, &digits))
		return false;
	for (unsigned i = 0; i < 4; i++) {
		const uint8_t c = digits[i], lower = c | 0x20;

		if (c >= '0' && c <= '9')
			*unit = *unit * 16 + (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			*unit = *unit * 16 + (lower - 'a' + 10u);
		else
			return false;
	}
	return true;
}

/* A surrogate without its partner is written as if it were a character: the text keeps its length. */
static void append_character(struct lac_buffer *out, uint32_t c)
{
	if (c >= 0xdc80 && c <= 0xdcff) {
		lac_buffer_u8(out, (uint8_t)c);
	} else if (c < 0x80) {
		lac_buffer_u8(out, (uint8_t)c);
	} else if (c < 0x800) {
		lac_buffer_u8(out, (uint8_t)(0xc0 | c >> 6));
		lac_buffer_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		lac_buffer_u8(out, (uint8_t)(0xe0 | c >> 12));
		lac_buffer_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		lac_buffer_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		lac_buffer_u8(out, (uint8_t)(0xf0 | c >> 18));
		lac_buffer_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		lac_buffer_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		lac_buffer_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

static bool take_unicode(struct lac_reader *reader, struct lac_buffer *out)
{
	uint32_t unit, low;
	struct lac_reader after;

	if (!take_hex(reader, &unit))
		return false;
	after = *reader;
	if (unit >= 0xd800 && unit <= 0xdbff && take_word(&after, "\\u") && take_hex(&after, &low) && low >= 0xdc00 && low <= 0xdfff) {
		*reader = after;
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	}
	append_character(out, unit);
	return true;
}

static bool take_escape(struct lac_reader *reader, struct lac_buffer *out)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *found;
	uint8_t c;

	if (!lac_read_u8(reader, &c))
		return false;
	if (c == 'u')
		return take_unicode(reader, out);
	found = c ? strchr(letters, c) : NULL;
	if (!found)
		return false;
	lac_buffer_u8(out, (uint8_t)meanings[found - letters]);
	return true;
}

/* out NULL: only moves past it. */
static bool take_string(struct lac_reader *reader, struct lac_buffer *out)
{
	struct lac_buffer unused = { 0 };
	bool is_good = true;

	if (!take(reader, '"'))
		return false;
	while (is_good) {
		size_t n = 0;

		while (n < reader->left && reader->at[n] != '"' && reader->at[n] != '\\' && reader->at[n] >= 0x20)
			n++;
		if (out)
			lac_buffer_append(out, reader->at, n);
		reader->at += n;
		reader->left -= n;
		if (take_word(reader, "\""))
			break;
		is_good = take_word(reader, "\\") && take_escape(reader, out ? out : &unused);
		lac_buffer_clear(&unused);
	}
	lac_buffer_free(&unused);
	return is_good;
}

/* ---- Values ---------------------------------------------------------------------- */

/* A number's characters; strtod() judges them when they are read. */
static bool skip_number(struct lac_reader *reader)
{
	const uint8_t *start = reader->at;

	while (reader->left && *reader->at && strchr("+-.0123456789eE", *reader->at)) {
		reader->at++;
		reader->left--;
	}
	return reader->at > start;
}

static bool skip(struct lac_reader *reader, unsigned depth)
{
	bool is_object;

	lac_json_skip_space(reader);
	if (!reader->left || depth == DEPTH_MAX)
		return false;
	if (*reader->at == '"')
		return take_string(reader, NULL);
	if (*reader->at != '{' && *reader->at != '[')
		return take_word(reader, "true") || take_word(reader, "false") || take_word(reader, "null") || skip_number(reader);
	is_object = take(reader, '{');
	if (!is_object)
		(void)take(reader, '[');
	if (take(reader, is_object ? '}' : ']'))
		return true;
	do {
		if (is_object && !(take_string(reader, NULL) && take(reader, ':')))
			return false;
		if (!skip(reader, depth + 1))
			return false;
	} while (take(reader, ','));
	return take(reader, is_object ? '}' : ']');
}

bool lac_json_skip(struct lac_reader *reader)
{
	return skip(reader, 0);
}

bool lac_json_next_member(struct lac_json_members *members, struct lac_buffer *key, struct lac_reader *value)
{
	struct lac_reader *reader = &members->reader;

	lac_buffer_clear(key);
	if (!members->began) {
		members->began = true;
		members->is_malformed = !take(reader, '{');
		if (members->is_malformed || take(reader, '}'))
			return false;
	} else if (!take(reader, ',')) {
		members->is_malformed = !take(reader, '}');
		return false;
	}
	members->is_malformed = !(take_string(reader, key) && take(reader, ':'));
	if (members->is_malformed)
		return false;
	lac_json_skip_space(reader);
	*value = *reader;
	members->is_malformed = !lac_json_skip(reader);
	value->left -= reader->left;
	return !members->is_malformed;
}

bool lac_json_member(struct lac_reader object, const char *name, struct lac_reader *value, bool *is_malformed)
{
	struct lac_json_members members = { .reader = object };
	struct lac_buffer key = { 0 };
	bool is_found = false;

	while (!is_found && lac_json_next_member(&members, &key, value))
		is_found = key.length == strlen(name) && memcmp(key.bytes, name, key.length) == 0;
	*is_malformed = members.is_malformed;
	lac_buffer_free(&key);
	return is_found;
}

bool lac_json_string(struct lac_reader value, struct lac_buffer *out)
{
	return take_string(&value, out) && !out->failed;
}

bool lac_json_number(struct lac_reader value, double *out)
{
	char text[64], *end;

	if (value.left == 0 || value.left >= sizeof text || (*value.at != '-' && (*value.at < '0' || *value.at > '9')))
		return false;
	memcpy(text, value.at, value.left);
	text[value.left] = '\0';
	*out = strtod(text, &end);
	return *end == '\0';
}

bool lac_json_is(struct lac_reader value, const char *word)
{
	return value.left == strlen(word) && memcmp(value.at, word, value.left) == 0;
}
