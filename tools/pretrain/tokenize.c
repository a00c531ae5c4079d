/* tokenize.c: the tokens of texts by the library's own tokenizer, for the scripts of this folder.
 *
 *     build/tokenize MODEL.gguf < records
 *
 * A record is its length in bytes and its bytes; for each, the number of its tokens and the tokens
 * are written. Numbers are 32 bits, tokens 16, little-endian. Exit status 1, and a line that says
 * why, for a vocabulary of more than 65536 tokens or bytes that no token stands for. */
#include "base/file_map.h"
#include "tokenizer/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_BYTES_MAX (1u << 28)

struct text {
	uint8_t *bytes; /* owned */
	size_t capacity;
	uint32_t n_bytes;
};

static int complain(const char *what, unsigned long long record)
{
	fprintf(stderr, "tokenize: record %llu: %s\n", record, what);
	return 1;
}

/* 1: a text was read; 0: there is none left; -1: it is cut short, too long, or there is no
 * memory. */
static int read_text(struct text *text)
{
	uint8_t length[4];
	const size_t n = fread(length, 1, sizeof length, stdin);

	if (n < sizeof length)
		return n == 0 && feof(stdin) ? 0 : -1;
	text->n_bytes = (uint32_t)length[0] | (uint32_t)length[1] << 8 | (uint32_t)length[2] << 16 | (uint32_t)length[3] << 24;
	if (text->n_bytes > TEXT_BYTES_MAX)
		return -1;
	if (text->n_bytes > text->capacity) {
		free(text->bytes);
		text->capacity = text->n_bytes;
		text->bytes = malloc(text->capacity);
	}
	return text->n_bytes == 0 || (text->bytes && fread(text->bytes, 1, text->n_bytes, stdin) == text->n_bytes) ? 1 : -1;
}

static void put(uint32_t value, unsigned n_bytes)
{
	for (unsigned i = 0; i < n_bytes; i++)
		putchar((int)(value >> 8 * i & 255));
}

static int tokenize_all(const struct lac_tokenizer *tokenizer, struct lac_error *error)
{
	struct text text = { 0 };
	struct lac_symbols symbols = { 0 };
	unsigned long long record = 1;
	int status = 0, got;

	for (; !status && (got = read_text(&text)) != 0; record++) {
		if (got < 0) {
			status = complain("it is cut short, or longer than memory or 256 MiB", record);
			break;
		}
		if (lac_tokenize(tokenizer, text.bytes, text.n_bytes, &symbols, error)) {
			status = complain(error->text, record);
			break;
		}
		put((uint32_t)symbols.length, 4);
		for (size_t i = 0; !status && i < symbols.length; i++) {
			if (symbols.at[i] & LAC_SYMBOL_RAW)
				status = complain("it has bytes that no token of this vocabulary stands for", record);
			put(symbols.at[i], 2);
		}
	}
	if (!status && (fflush(stdout) != 0 || ferror(stdout)))
		status = complain("the tokens could not be written", record);
	lac_symbols_free(&symbols);
	free(text.bytes);
	return status;
}

int main(int argc, char **argv)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_file_map file = { 0 };
	struct lac_gguf *gguf = NULL;
	struct lac_tokenizer *tokenizer = NULL;
	int status = 1;

	if (argc != 2) {
		fprintf(stderr, "usage: tokenize MODEL.gguf < records\n");
		return 1;
	}
	if (lac_file_map(&file, argv[1], &error) || lac_gguf_open(&gguf, file.bytes, file.n_bytes, &error) ||
	    lac_tokenizer_create(&tokenizer, gguf, &error))
		fprintf(stderr, "tokenize: %s: %s\n", argv[1], error.text);
	else if (lac_tokenizer_n_tokens(tokenizer) > 65536)
		fprintf(stderr, "tokenize: %s: more than 65536 tokens\n", argv[1]);
	else
		status = tokenize_all(tokenizer, &error);
	lac_tokenizer_free(&tokenizer);
	lac_gguf_close(&gguf);
	lac_file_unmap(&file);
	return status;
}
