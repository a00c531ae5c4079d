/* simple.c: one text, one call each way. Usage: simple <TEXT */
#include <laconic.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A growing piece of memory, read from its beginning or written at its end. */
struct memory {
	char *bytes;
	size_t n_bytes, n_read;
};

static bool memory_read(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	struct memory *m = payload;
	const size_t n_left = m->n_bytes - m->n_read;

	*n_read = n_left < capacity ? n_left : capacity;
	if (*n_read)
		memcpy(buffer, m->bytes + m->n_read, *n_read);
	m->n_read += *n_read;
	return true;
}

static bool memory_write(void *payload, const void *bytes, size_t n_bytes)
{
	struct memory *m = payload;
	char *grown = realloc(m->bytes, m->n_bytes + n_bytes + 1);

	if (!grown)
		return false;
	m->bytes = grown;
	memcpy(m->bytes + m->n_bytes, bytes, n_bytes);
	m->n_bytes += n_bytes;
	return true;
}

static bool read_all(struct memory *m, FILE *file)
{
	char buffer[4096];
	size_t n;

	while ((n = fread(buffer, 1, sizeof buffer, file)) > 0)
		if (!memory_write(m, buffer, n))
			return false;
	return !ferror(file);
}

int main(void)
{
	struct memory text = { NULL, 0, 0 }, archive = { NULL, 0, 0 }, restored = { NULL, 0, 0 };
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_error error = { LAC_OK, 0, "" };
	struct lac_model *model = NULL;
	int status = EXIT_FAILURE;

	if (!read_all(&text, stdin))
		fprintf(stderr, "the text cannot be read\n");
	else if (lac_model_open_default(&model, &options, &error) ||
		 lac_compress(model, (struct lac_source){ memory_read, &text }, (struct lac_sink){ memory_write, &archive }, &options, NULL, &error) ||
		 lac_decompress(model, (struct lac_source){ memory_read, &archive }, (struct lac_sink){ memory_write, &restored }, &options, NULL,
			 &error))
		fprintf(stderr, "%s: %s\n", lac_status_name(error.status), error.text);
	else if (restored.n_bytes == text.n_bytes && (!text.n_bytes || memcmp(restored.bytes, text.bytes, text.n_bytes) == 0))
		status = EXIT_SUCCESS;
	if (status == EXIT_SUCCESS)
		printf("%zu bytes in %zu, and back\n", text.n_bytes, archive.n_bytes);
	lac_model_close(&model);
	free(text.bytes);
	free(archive.bytes);
	free(restored.bytes);
	return status;
}
