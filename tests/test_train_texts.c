/* Laws of the texts that training reads: what is in JSON lines, and what is said of lines that are
 * none. */
#include "train_files.h"

#include "base/bytes.h"
#include "train/texts.h"

struct seen {
	struct lac_buffer bytes; /* of all documents, each followed by a bar */
	unsigned n;
};

static enum lac_status see(void *payload, const struct lac_document_text *text, struct lac_error *error)
{
	struct seen *seen = payload;

	(void)error;
	lac_buffer_append(&seen->bytes, text->bytes, text->n_bytes);
	lac_buffer_append(&seen->bytes, "|", 1);
	seen->n++;
	return LAC_OK;
}

/* Reads member "t" of the lines of a file. */
static enum lac_status read_lines(struct seen *seen, const char *lines, size_t n_bytes, struct lac_error *error)
{
	const char *path = write_file("lines", lines, n_bytes);
	const struct lac_train_texts texts = { .files = &path, .n_files = 1, .field = "t" };

	*seen = (struct seen){ .n = 0 };
	*error = (struct lac_error){ .text = "" };
	return lac_texts_read(&texts, 1, see, seen, error);
}

static void strings_are_read(void)
{
	static const struct { const char *line, *text; size_t n; } cases[] = {
		{ "{\"t\": \"a\\\"b\\\\\\/\\n\\t\\u0041\"}", "a\"b\\/\n\tA|", 9 },
		{ "{\"t\": \"\\u00e9\\u20ac\\ud83d\\ude00\"}", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80|", 10 },
		{ "{\"t\": \"a\\u0000b\\u0000\"}", "a\0b\0|", 5 },
		{ "{\"a\": [1, {\"t\": 2}], \"t\": \"x\"}", "x|", 2 }, { " \t{ \"\\u0074\" : \"x\" } \r", "x|", 2 },
		{ "{\"n\": 123456789012345678901234567890, \"t\": \"x\"}", "x|", 2 }, { "{\"n\": -0.5e-400, \"t\": \"x\"}", "x|", 2 },
		{ "{\"t\": \"x\"}\n\n \t\r\n{\"t\": \"y\"}", "x|y|", 4 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lac_error error;
		struct seen seen;
		const enum lac_status s = read_lines(&seen, cases[i].line, strlen(cases[i].line), &error);

		CHECK_NOTE(!s && seen.bytes.length == cases[i].n && memcmp(seen.bytes.bytes, cases[i].text, cases[i].n) == 0, "%s: %d, %s",
			cases[i].line, (int)s, error.text);
		lac_buffer_free(&seen.bytes);
	}
}

static void bad_lines_are_named(void)
{
	static const char *const cases[] = { "{\"t\" 1}", "{\"t\": \"x\"", "[\"t\"]", "\"t\"", "{\"a\": tru, \"t\": \"x\"}", "{\"a\": [1 2], \"t\": \"x\"}",
		"{\"t\": \"x\",}", "{\"t\": \"x\"} {}", "{\"t\": \"x\", \"t\": \"y\"}", "{\"a\": {\"b\": 1, \"b\": 1}, \"t\": \"x\"}",
		"{\"t\": \"\xff\"}", "{\"t\": \"\\x\"}", "{\"t\": \"\\u12g4\"}", "{\"t\": \"\\u123", "{\"t\": \"a\tb\"}", "{\"t\": 1}",
		"{\"t\": null}", "{}", "{\"a\": {\"t\": \"x\"}}", "{\"\\u0000\": 1, \"t\": \"x\"}", "{\"n\": 1e400, \"t\": \"x\"}", "{\"n\": 01, \"t\": \"x\"}" };
	struct lac_error error;
	struct seen seen;
	char lines[300];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const int n = snprintf(lines, sizeof lines, "{\"t\": \"good\"}\n\n%s\n", cases[i]);
		const enum lac_status s = read_lines(&seen, lines, (size_t)n, &error);

		CHECK_NOTE(s == LAC_READ_FAILED && strstr(error.text, "lines, line 3: ") && seen.n == 1, "%s: %d, %s", cases[i], (int)s, error.text);
		lac_buffer_free(&seen.bytes);
	}
	/* a NUL that is not written as \u0000 */
	CHECK(read_lines(&seen, "{\"t\": \"x\0y\"}", 12, &error) == LAC_READ_FAILED);
	lac_buffer_free(&seen.bytes);
}

/* As programs write it that are less strict. */
static void what_is_nearly_json_is_mended(void)
{
	static const struct { const char *line, *text; } cases[] = {
		{ "{\"t\": \"22 \\udcb0C\"}", "22 \xef\xbf\xbd" "C|" }, { "{\"t\": \"\\ud83d\"}", "\xef\xbf\xbd|" },
		{ "{\"t\": \"\\uD83D\\ud83d\\ude00\"}", "\xef\xbf\xbd\xf0\x9f\x98\x80|" }, { "{\"t\": \"\xed\xb2\xb0\"}", "\xef\xbf\xbd|" },
		/* a backslash, and no escape */
		{ "{\"t\": \"\\\\ud83d\", \"n\": NaN}", "\\ud83d|" },
		{ "{\"n\": NaN, \"m\": [Infinity, -Infinity], \"t\": \"NaN\"}", "NaN|" },
		{ "{\"\\ud800\": 1, \"t\": \"\\\"x\\udfff\"}", "\"x\xef\xbf\xbd|" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lac_error error;
		struct seen seen;
		const enum lac_status s = read_lines(&seen, cases[i].line, strlen(cases[i].line), &error);

		CHECK_NOTE(!s && seen.bytes.length == strlen(cases[i].text) && memcmp(seen.bytes.bytes, cases[i].text, seen.bytes.length) == 0,
			"%s: %d, %.*s %s", cases[i].line, (int)s, (int)seen.bytes.length, (char *)seen.bytes.bytes, error.text);
		lac_buffer_free(&seen.bytes);
	}
}

static void a_byte_order_mark_is_no_text(void)
{
	struct lac_error error;
	struct seen seen;

	CHECK(!read_lines(&seen, "\xef\xbb\xbf{\"t\": \"x\"}\n{\"t\": \"y\"}", 24, &error) && seen.n == 2);
	lac_buffer_free(&seen.bytes);
	/* of any line, as where files were joined, and there only once */
	CHECK(!read_lines(&seen, "{\"t\": \"x\"}\n\xef\xbb\xbf{\"t\": \"y\"}", 24, &error) && seen.n == 2);
	lac_buffer_free(&seen.bytes);
	CHECK(read_lines(&seen, "{\"t\": \"x\"}\n{\xef\xbb\xbf\"t\": \"y\"}", 24, &error) == LAC_READ_FAILED);
	lac_buffer_free(&seen.bytes);
	CHECK(read_lines(&seen, "\xef\xbb\xbf\xef\xbb\xbf{\"t\": \"y\"}", 16, &error) == LAC_READ_FAILED);
	lac_buffer_free(&seen.bytes);
}

static void bad_lines_are_skipped_and_counted(void)
{
	const char *path = write_text("lines", "{\"t\": \"x\"}\n{\"t\": 1}\n{\"u\": \"y\"}\nno JSON\n\n{\"t\": \"z\"}\n{\"t\"");
	const char *bad = write_text("bad", "{\"a\": 1, \"b\": 2}\n[]\n");
	uint64_t n_skipped = 99;
	struct lac_train_texts texts = { .files = &path, .n_files = 1, .field = "t", .skips_bad_lines = true, .n_skipped = &n_skipped };
	struct lac_error error = { .text = "" };
	struct seen seen = { .n = 0 };

	CHECK(!lac_texts_read(&texts, 1, see, &seen, &error) && seen.n == 2 && memcmp(seen.bytes.bytes, "x|z|", 4) == 0 && n_skipped == 4);
	lac_buffer_free(&seen.bytes);
	texts.files = &bad;
	seen = (struct seen){ .n = 0 };
	CHECK_NOTE(lac_texts_read(&texts, 1, see, &seen, &error) == LAC_READ_FAILED && strstr(error.text, "a, b"), "%s", error.text);
	lac_buffer_free(&seen.bytes);
}

static void fields_may_be_within_others(void)
{
	static const char line[] = "{\"messages\": [{\"role\": \"user\", \"content\": \"ask\"}, {\"content\": null}, {\"role\": \"tool\"}, "
		"{\"content\": \"answer\"}], \"a\": {\"b\": {\"c\": \"deep\"}}, \"x.y[]\": \"whole\", \"list\": [\"one\", \"two\"], \"n\": [1]}";
	static const struct { const char *field, *text; } cases[] = {
		{ "messages[].content", "ask\n\nanswer|" }, { "a.b.c", "deep|" }, { "x.y[]", "whole|" }, { "list[]", "one\n\ntwo|" },
		{ "messages[].role", "user\n\ntool|" }, { "messages.content", NULL }, { "messages", NULL }, { "a.b", NULL }, { "a.b.d", NULL },
		{ "n[]", NULL }, { "", NULL }, { "[]", NULL }, { "a.", NULL }, { "message[].content", NULL },
	};
	const char *path = write_text("lines", line);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct lac_train_texts texts = { .files = &path, .n_files = 1, .field = cases[i].field };
		struct lac_error error = { .text = "" };
		struct seen seen = { .n = 0 };
		const enum lac_status s = lac_texts_read(&texts, 1, see, &seen, &error);

		if (cases[i].text)
			CHECK_NOTE(!s && seen.bytes.length == strlen(cases[i].text) && memcmp(seen.bytes.bytes, cases[i].text, seen.bytes.length) == 0,
				"%s: %.*s %s", cases[i].field, (int)seen.bytes.length, (char *)seen.bytes.bytes, error.text);
		else
			CHECK_NOTE(s == LAC_READ_FAILED && strstr(error.text, "messages, a, x.y[], list, n"), "%s: %s", cases[i].field, error.text);
		lac_buffer_free(&seen.bytes);
	}
}

static void a_prompt_that_no_line_has_was_misspelt(void)
{
	const char *path = write_text("lines", "{\"prompt\": \"ask\", \"t\": \"x\"}\n{\"t\": \"y\"}\n");
	struct lac_train_texts texts = { .files = &path, .n_files = 1, .field = "t", .prompt_field = "promt" };
	struct lac_error error = { .text = "" };
	struct seen seen = { .n = 0 };

	CHECK_NOTE(lac_texts_read(&texts, 1, see, &seen, &error) == LAC_READ_FAILED && strstr(error.text, "\"promt\"") &&
		strstr(error.text, "prompt, t"), "%s", error.text);
	lac_buffer_free(&seen.bytes);
}

static void deep_nesting_is_an_error(void)
{
	enum { N = 1 << 20 };
	char *line = malloc(N);
	struct lac_error error;
	struct seen seen;

	memset(line, '[', N);
	memcpy(line, "{\"a\":", 5);
	CHECK(read_lines(&seen, line, N, &error) == LAC_READ_FAILED && strstr(error.text, "line 1") && strstr(error.text, "depth"));
	lac_buffer_free(&seen.bytes);
	free(line);
}

static void prompts_stand_before_texts(void)
{
	const char *path = write_text("lines", "{\"p\": \"ask\", \"t\": \"x\"}\n{\"p\": null, \"t\": \"y\"}\n{\"t\": \"z\"}\n{\"p\": \"more\", \"t\": \"\"}\n");
	struct lac_train_texts texts = { .files = &path, .n_files = 1, .field = "t", .prompt_field = "p", .prompt_share = 1.0 };
	struct lac_error error = { .text = "" };
	struct seen seen = { .n = 0 };

	CHECK_NOTE(!lac_texts_read(&texts, 1, see, &seen, &error) && seen.bytes.length == 18 &&
		memcmp(seen.bytes.bytes, "ask\n\nx|y|z|more\n\n|", 18) == 0, "%.*s %s", (int)seen.bytes.length, (char *)seen.bytes.bytes, error.text);
	lac_buffer_free(&seen.bytes);
	texts.prompt_share = 0.0;
	seen = (struct seen){ .n = 0 };
	CHECK(!lac_texts_read(&texts, 1, see, &seen, &error) && seen.n == 4 && memcmp(seen.bytes.bytes, "x|y|z||", 7) == 0);
	lac_buffer_free(&seen.bytes);
}

int main(void)
{
	make_folder();
	LAW(strings_are_read);
	LAW(bad_lines_are_named);
	LAW(what_is_nearly_json_is_mended);
	LAW(a_byte_order_mark_is_no_text);
	LAW(bad_lines_are_skipped_and_counted);
	LAW(fields_may_be_within_others);
	LAW(a_prompt_that_no_line_has_was_misspelt);
	LAW(deep_nesting_is_an_error);
	LAW(prompts_stand_before_texts);
	remove_folder();
	return test_report();
}
