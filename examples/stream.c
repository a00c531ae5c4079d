/* stream.c: from one file to another, whatever its length, with bounded memory and a progress
 * callback. Usage: stream compress|decompress <FROM >TO */
#include <laconic.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool file_read(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	*n_read = fread(buffer, 1, capacity, payload);
	return *n_read > 0 || !ferror((FILE *)payload);
}

static bool file_write(void *payload, const void *bytes, size_t n_bytes)
{
	return fwrite(bytes, 1, n_bytes, payload) == n_bytes;
}

static bool on_progress(void *payload, uint64_t bytes_in, uint64_t bytes_out)
{
	(void)payload;
	fprintf(stderr, "%" PRIu64 " bytes read, %" PRIu64 " written\n", bytes_in, bytes_out);
	return true; /* false would cancel */
}

int main(int argc, char **argv)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_error error = { LAC_OK, 0, "" };
	struct lac_source source = { file_read, stdin };
	struct lac_sink sink = { file_write, stdout };
	struct lac_model *model = NULL;
	struct lac_stats stats;
	enum lac_status s;

	if (argc != 2 || (strcmp(argv[1], "compress") != 0 && strcmp(argv[1], "decompress") != 0)) {
		fprintf(stderr, "usage: stream compress|decompress <FROM >TO\n");
		return EXIT_FAILURE;
	}
	options.n_threads = 2;
	options.memory_bytes = UINT64_C(256) << 20;
	options.progress = on_progress;
	s = lac_model_open_default(&model, &options, &error);
	if (!s)
		s = argv[1][0] == 'c' ? lac_compress(model, source, sink, &options, &stats, &error)
			: lac_decompress(model, source, sink, &options, &stats, &error);
	lac_model_close(&model);
	if (s)
		fprintf(stderr, "%s: %s\n", lac_status_name(s), error.text);
	else
		fprintf(stderr, "%" PRIu64 " -> %" PRIu64 " bytes\n", stats.bytes_in, stats.bytes_out);
	return s || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
