#include "base/strict_float.h"
#include "train/texts.h"
#include "base/bytes.h"
#include "base/file_map.h"
#include "train/json.h"
#include "train/random.h"

#include <string.h>

struct reading {
	const struct lac_train_texts *texts;
	const char *path;
	struct lac_document_text text; /* in work */
	uint64_t seed;                 /* of the choice of prompts */
	struct lac_buffer document;
	lac_text_function *function;
	void *payload;
	struct lac_error *error;
};

static enum lac_status fail_line(const struct reading *r, const char *field, const char *what)
{
	return lac_fail(r->error, LAC_READ_FAILED, 0, "%.100s, line %llu: %s%.40s%s", r->path, (unsigned long long)r->text.line, what,
		field ? field : "", field ? "\"" : "");
}

/* Appends a member to the document; one that is absent or null is an error unless it may be so. */
static enum lac_status append_member(struct reading *r, const json_t *object, const char *field, bool required)
{
	const json_t *value = json_object_get(object, field);

	if (!required && (!value || json_is_null(value)))
		return LAC_OK;
	if (!json_is_string(value))
		return fail_line(r, field, value ? "no string is member \"" : "there is no member \"");
	lac_buffer_append(&r->document, json_string_value(value), json_string_length(value));
	return r->document.failed ? lac_fail_memory(r->error, json_string_length(value), "a document") : LAC_OK;
}

static enum lac_status read_record(struct reading *r, struct lac_reader line)
{
	json_error_t why;
	json_t *object = lac_json_object(line.at, line.left, &why);
	enum lac_status s = LAC_OK;

	if (!object)
		return lac_fail(r->error, LAC_READ_FAILED, 0, "%.80s, line %llu: this is no JSON object: %.80s (byte %d)", r->path,
			(unsigned long long)r->text.line, why.text, why.position);
	lac_buffer_clear(&r->document);
	r->text.n_unasked = 0;
	if (r->texts->prompt_field && lac_random_real(&r->seed) < r->texts->prompt_share) {
		s = append_member(r, object, r->texts->prompt_field, false);
		if (r->document.length)
			lac_buffer_append(&r->document, "\n\n", 2);
		if (r->texts->response_only)
			r->text.n_unasked = r->document.length;
	}
	if (!s)
		s = append_member(r, object, r->texts->field, true);
	json_decref(object);
	r->text.bytes = r->document.bytes;
	r->text.n_bytes = r->document.length;
	return s ? s : r->function(r->payload, &r->text, r->error);
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

		r->text.first = file->n_bytes - rest.left;
		r->text.n_source = line.left;
		rest.at += taken;
		rest.left -= taken;
		if (!is_blank(line))
			s = read_record(r, line);
	}
	return s;
}

enum lac_status lac_texts_read(const struct lac_train_texts *texts, uint64_t seed, lac_text_function *function, void *payload,
	struct lac_error *error)
{
	struct reading r = { .texts = texts, .seed = seed, .function = function, .payload = payload, .error = error };
	enum lac_status s = LAC_OK;

	for (size_t i = 0; !s && i < texts->n_files; i++) {
		struct lac_file_map file;

		r.path = texts->files[i];
		r.text = (struct lac_document_text){ .file = i };
		s = lac_file_map(&file, r.path, error);
		if (s)
			break;
		if (texts->field) {
			s = read_lines(&r, &file);
		} else {
			r.text.bytes = file.bytes;
			r.text.n_bytes = r.text.n_source = file.n_bytes;
			s = function(payload, &r.text, error);
		}
		lac_file_unmap(&file);
	}
	lac_buffer_free(&r.document);
	return s;
}
