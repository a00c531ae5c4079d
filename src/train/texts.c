#include "base/strict_float.h"
#include "train/texts.h"
#include "base/bytes.h"
#include "base/file_map.h"
#include "train/fields.h"
#include "train/random.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define NAMES_BYTES 120u /* of members that a line has instead */

struct reading {
	const struct lac_train_texts *texts;
	const char *path;
	struct lac_document_text text; /* in work */
	uint64_t seed;                 /* of the choice of prompts */
	struct lac_buffer document;
	lac_text_function *function;
	void *payload;
	struct lac_error *error;
	uint64_t n_read, n_skipped;    /* lines */
	bool has_prompt;               /* some line has */
	char names[NAMES_BYTES];       /* of the members of the first line */
};

/* Appends a field to the document. One that is absent or null is an error if it is required. */
static enum lac_status append_field(struct reading *r, const json_t *object, const char *field, bool required, struct lac_error *error)
{
	const enum lac_field_result result = lac_field_append(&r->document, object, field);
	char names[NAMES_BYTES];

	if (r->document.failed)
		return lac_fail_memory(error, r->document.length, "a document");
	if (result == LAC_FIELD_FOUND || (result == LAC_FIELD_ABSENT && !required))
		return LAC_OK;
	lac_field_names(names, sizeof names, object);
	return lac_fail(error, LAC_READ_FAILED, 0, "%.60s, line %llu: %s \"%.40s\"; its members are %s", r->path,
		(unsigned long long)r->text.line, result == LAC_FIELD_ABSENT ? "there is no member" : "no string is member", field, names);
}

/* A line of JSON, made the document. */
static enum lac_status parse_line(struct reading *r, struct lac_reader line, struct lac_error *error)
{
	const struct lac_train_texts *texts = r->texts;
	json_error_t why;
	json_t *object = lac_json_line(line.at, line.left, &why);
	enum lac_status s = LAC_OK;
	bool takes_prompt;

	if (!object)
		return lac_fail(error, LAC_READ_FAILED, 0, "%.80s, line %llu: this is no JSON object: %.80s (byte %d)", r->path,
			(unsigned long long)r->text.line, why.text, why.position);
	if (!r->names[0])
		lac_field_names(r->names, sizeof r->names, object);
	lac_buffer_clear(&r->document);
	r->text.n_unasked = 0;
	takes_prompt = texts->prompt_field && lac_random_real(&r->seed) < texts->prompt_share;
	if (texts->prompt_field) {
		s = append_field(r, object, texts->prompt_field, false, error);
		r->has_prompt = r->has_prompt || r->document.length;
	}
	if (!takes_prompt)
		lac_buffer_clear(&r->document);
	if (r->document.length)
		lac_buffer_append(&r->document, "\n\n", 2);
	if (texts->response_only)
		r->text.n_unasked = r->document.length;
	if (!s)
		s = append_field(r, object, texts->field, true, error);
	json_decref(object);
	return s;
}

/* A bad line is an error, or skipped. */
static enum lac_status read_record(struct reading *r, struct lac_reader line)
{
	struct lac_error why = { .status = LAC_OK };
	const enum lac_status s = parse_line(r, line, &why);

	r->n_read++;
	if (s == LAC_READ_FAILED && r->texts->skips_bad_lines) {
		r->n_skipped++;
		return LAC_OK;
	}
	if (s)
		return lac_fail(r->error, s, why.offset, "%s", why.text);
	r->text.bytes = r->document.bytes;
	r->text.n_bytes = r->document.length;
	return r->function(r->payload, &r->text, r->error);
}

static bool is_blank(struct lac_reader line)
{
	while (line.left && (*line.at == ' ' || *line.at == '\t' || *line.at == '\r')) {
		line.at++;
		line.left--;
	}
	return line.left == 0;
}

static enum lac_status read_lines(struct reading *r, const struct lac_file_map *file)
{
	struct lac_reader rest = { file->bytes, file->n_bytes };
	enum lac_status s = LAC_OK;

	for (r->text.line = 1; !s && rest.left; r->text.line++) {
		const uint8_t *newline = memchr(rest.at, '\n', rest.left);
		struct lac_reader line = { rest.at, newline ? (size_t)(newline - rest.at) : rest.left };
		const size_t taken = line.left + (newline ? 1 : 0);

		/* files that were joined have it within */
		if (line.left >= 3 && memcmp(line.at, BYTE_ORDER_MARK, 3) == 0)
			line = (struct lac_reader){ line.at + 3, line.left - 3 };
		r->text.first = (size_t)(line.at - (const uint8_t *)file->bytes);
		r->text.n_source = line.left;
		rest.at += taken;
		rest.left -= taken;
		if (!is_blank(line))
			s = read_record(r, line);
	}
	return s;
}

/* What is to be said of all lines together: a name that none of them knows was misspelt. */
static enum lac_status check_lines(const struct reading *r)
{
	if (r->n_read && r->n_skipped == r->n_read)
		return lac_fail(r->error, LAC_READ_FAILED, 0, "all %llu lines were skipped: none has a text in \"%.40s\"%s%s",
			(unsigned long long)r->n_read, r->texts->field, r->names[0] ? "; the members of the first are " : "", r->names);
	if (r->n_read && r->texts->prompt_field && !r->has_prompt)
		return lac_fail(r->error, LAC_READ_FAILED, 0, "no line has a prompt in \"%.40s\"; the members of the first are %s",
			r->texts->prompt_field, r->names);
	return LAC_OK;
}

static enum lac_status read_file(struct reading *r, size_t number)
{
	struct lac_file_map file;
	enum lac_status s = lac_file_map(&file, r->texts->files[number], r->error);

	if (s)
		return s;
	r->path = lac_text_file_name(r->texts, number);
	r->text = (struct lac_document_text){ .file = number };
	if (r->texts->field) {
		s = read_lines(r, &file);
	} else {
		r->text.bytes = file.bytes;
		r->text.n_bytes = r->text.n_source = file.n_bytes;
		s = r->function(r->payload, &r->text, r->error);
	}
	lac_file_unmap(&file);
	return s;
}

enum lac_status lac_texts_read(const struct lac_train_texts *texts, uint64_t seed, lac_text_function *function, void *payload,
	struct lac_error *error)
{
	struct reading r = { .texts = texts, .seed = seed, .function = function, .payload = payload, .error = error };
	enum lac_status s = LAC_OK;

	for (size_t i = 0; !s && i < texts->n_files; i++)
		s = read_file(&r, i);
	if (!s)
		s = check_lines(&r);
	if (!s && texts->n_skipped)
		*texts->n_skipped = r.n_skipped;
	lac_buffer_free(&r.document);
	return s;
}
