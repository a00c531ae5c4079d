/* random.c: an archive of records, of which single ones are read. Usage: random <LINES prints the
 * third line */
#include <laconic.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARCHIVE_MAX (1 << 20)

struct archive_bytes {
	char bytes[ARCHIVE_MAX];
	size_t n_bytes;
};

static bool file_read(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	*n_read = fread(buffer, 1, capacity, payload);
	return *n_read > 0 || !ferror((FILE *)payload);
}

static bool file_write(void *payload, const void *bytes, size_t n_bytes)
{
	return fwrite(bytes, 1, n_bytes, payload) == n_bytes;
}

static bool archive_write(void *payload, const void *bytes, size_t n_bytes)
{
	struct archive_bytes *archive = payload;

	if (n_bytes > ARCHIVE_MAX - archive->n_bytes)
		return false;
	memcpy(archive->bytes + archive->n_bytes, bytes, n_bytes);
	archive->n_bytes += n_bytes;
	return true;
}

/* Any place; a file would be read with pread(). */
static bool archive_read_at(void *payload, uint64_t offset, void *buffer, size_t n_bytes)
{
	const struct archive_bytes *archive = payload;

	memcpy(buffer, archive->bytes + offset, n_bytes);
	return true;
}

int main(void)
{
	static struct archive_bytes bytes;
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_error error = { LAC_OK, 0, "" };
	struct lac_model *model = NULL;
	struct lac_context *context = NULL;
	struct lac_archive *archive = NULL;
	enum lac_status s;

	options.records = LAC_RECORDS_LINES;
	options.is_indexed = true;
	s = lac_model_open_default(&model, &options, &error);
	if (!s)
		s = lac_context_open(&context, model, &options, &error);
	if (!s)
		s = lac_context_compress(context, (struct lac_source){ file_read, stdin }, (struct lac_sink){ archive_write, &bytes }, NULL, &error);
	if (!s)
		s = lac_archive_open(&archive, context, (struct lac_random_source){ archive_read_at, &bytes, bytes.n_bytes }, &error);
	if (!s)
		s = lac_archive_read(archive, 2, 1, (struct lac_sink){ file_write, stdout }, NULL, &error);
	if (s)
		fprintf(stderr, "%s: %s\n", lac_status_name(s), error.text);
	lac_archive_close(&archive);
	lac_context_close(&context);
	lac_model_close(&model);
	return s ? EXIT_FAILURE : EXIT_SUCCESS;
}
