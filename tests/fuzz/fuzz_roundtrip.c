/* fuzz_roundtrip.c: any text, compressed with a small model and any options, and restored. The
 * input begins with the options, and with which of the dearer laws are tried on it. What follows is
 * the text, or says which of the tokens that the model foretells are in it: the models' weights are
 * random, so that they win no other text. */
#include "fuzz_models.h"
#include "random_io.h"
#include "sampled_text.h"

#include "base/bytes.h"

struct trial {
	const struct fuzz_model *m;
	struct lac_options options;
	const struct lac_model *adapted[2];
	unsigned laws;      /* a bit for each of the dearer ones */
	unsigned place;     /* where archives are cut or damaged, in parts of 65536 */
	size_t chunk;       /* bytes a read */
	struct lac_buffer text;
};

enum { LAW_SAME_BYTES = 1, LAW_CUT = 2, LAW_DAMAGE = 4, LAW_TWICE = 8 };

/* A byte is a place in the cumulative distribution; a line feed ends the line, and the next begins
 * from a fresh context. */
static void foretell(struct lac_buffer *text, const struct lac_model *model, struct choices choices)
{
	struct sampler s = sampler_create(model, 0);

	while (choices.left) {
		unsigned chosen;

		sampler_start(&s);
		while ((chosen = choose(&choices)) != '\n' && (chosen || choices.left)) {
			struct lac_interval interval;
			const uint32_t symbol = lac_frequencies_find(s.frequencies, s.frequencies->tokens_total * chosen >> 8, &interval);
			size_t n;
			const uint8_t *bytes = lac_token_bytes(model->tokenizer, symbol, &n);

			if (sampler_append(&s, bytes, n, symbol))
				sampler_feed(&s, symbol);
		}
		lac_buffer_append(text, s.text, s.n_bytes);
		if (chosen == '\n')
			lac_buffer_u8(text, '\n');
	}
	sampler_free(&s);
}

static void choose_trial(struct trial *trial, struct choices choices)
{
	const unsigned first = choose(&choices), second = choose(&choices), third = choose(&choices);
	const unsigned high = choose(&choices), low = choose(&choices);

	*trial = (struct trial){ .m = fuzz_model(first % FUZZ_MODELS), .laws = second >> 4, .place = high << 8 | low, .chunk = third };
	trial->options.records = (enum lac_records)(first / FUZZ_MODELS % 3);
	trial->options.is_indexed = trial->options.records && first / 108 % 2;
	trial->options.block_bytes = LAC_BLOCK_BYTES_MIN << (first / 9 % 3);
	trial->options.n_threads = 1 + (second & 1);
	trial->options.batch_rows = second & 2 ? 3 : 0;
	trial->options.memory_bytes = second & 4 ? 1 : 1 << 18;
	trial->options.n_adapted = second & 8 ? trial->m->n_adapters : 0;
	for (uint32_t i = 0; i < trial->m->n_adapters; i++)
		trial->adapted[i] = trial->m->adapted[i];
	trial->options.adapted = trial->adapted;
	/* an empty text has an address too */
	MUST(lac_buffer_reserve(&trial->text, choices.left + 1), "no memory");
	if (first / 27 % 4 == 0)
		lac_buffer_append(&trial->text, choices.at, choices.left);
	else
		foretell(&trial->text, first / 27 % 4 <= trial->m->n_adapters ? trial->adapted[first / 27 % 4 - 1] : trial->m->model, choices);
}

/* ---- The round trip ---------------------------------------------------------------- */

static struct bytes compress(const struct trial *trial, const struct lac_options *options, size_t chunk, struct lac_stats *stats)
{
	struct lac_error error = { .status = LAC_OK };
	struct bytes archive;

	MUST(!transfer(lac_compress, trial->m->model, trial->text.bytes, trial->text.length, chunk, options, &archive, stats, &error), "%s",
		error.text);
	return archive;
}

static enum lac_status decompress(const struct trial *trial, const uint8_t *archive, size_t n, struct bytes *text, struct lac_stats *stats,
	struct lac_error *error)
{
	struct lac_options options = trial->options;

	options.n_adapted = trial->m->n_adapters;
	*error = (struct lac_error){ .status = LAC_OK };
	return transfer(lac_decompress, trial->m->model, archive, n, trial->chunk, &options, text, stats, error);
}

static void check_stats(const struct trial *trial, const struct lac_stats *a, const struct lac_stats *b)
{
	const size_t n = trial->text.length;

	MUST(a->bytes_in == n && b->bytes_out == n && a->bytes_out == b->bytes_in, "%zu bytes", n);
	MUST(a->n_tokens == b->n_tokens && a->n_records == b->n_records && a->n_blocks == b->n_blocks &&
		a->n_mixed_blocks == b->n_mixed_blocks && a->n_stored_blocks == b->n_stored_blocks && a->n_archives == b->n_archives,
		"%llu or %llu tokens, %llu or %llu records, %llu or %llu blocks", (unsigned long long)a->n_tokens,
		(unsigned long long)b->n_tokens, (unsigned long long)a->n_records, (unsigned long long)b->n_records,
		(unsigned long long)a->n_blocks, (unsigned long long)b->n_blocks);
	MUST(a->n_models == b->n_models && a->n_adapters == b->n_adapters && memcmp(a->adapters, b->adapters, sizeof a->adapters) == 0,
		"%u or %u adapters", (unsigned)a->n_adapters, (unsigned)b->n_adapters);
}

static void check_list(const struct bytes *archive, const struct trial *trial, const struct lac_stats *compressed)
{
	struct memory_source source = { .at = archive->at, .left = archive->length, .chunk = trial->chunk };
	struct lac_error error = { .status = LAC_OK };
	struct lac_stats listed;

	MUST(!lac_list((struct lac_source){ memory_read, &source }, &listed, &error), "%s", error.text);
	check_stats(trial, compressed, &listed);
}

static void check_restored(const struct trial *trial, const struct bytes *archive, const struct lac_stats *compressed)
{
	struct lac_stats restored;
	struct lac_error error;
	struct bytes text;

	MUST(!decompress(trial, archive->at, archive->length, &text, &restored, &error), "%s", error.text);
	MUST(same_bytes(text, trial->text.bytes, trial->text.length), "%zu bytes for %zu", text.length, trial->text.length);
	check_stats(trial, compressed, &restored);
	free(text.at);
}

static void check_records(const struct trial *trial, const struct lac_stats *compressed)
{
	const uint8_t separator = trial->options.records == LAC_RECORDS_NUL ? 0 : '\n';
	const size_t n = trial->text.length;
	uint64_t n_records = n && trial->text.bytes[n - 1] != separator;

	for (size_t i = 0; i < n; i++)
		n_records += trial->text.bytes[i] == separator;
	MUST(compressed->n_records == (trial->options.records ? n_records : 0), "%llu records", (unsigned long long)compressed->n_records);
}

/* format.md section 1. */
static void check_growth(const struct trial *trial, const struct bytes *archive)
{
	if (!trial->options.records && trial->text.length <= trial->options.block_bytes)
		MUST(archive->length <= trial->text.length + 24, "%zu bytes for %zu", archive->length, trial->text.length);
}

/* One record of an archive with an index: the bytes between its separators. */
static void check_single(const struct trial *trial, struct bytes archive, uint64_t n_records)
{
	struct random_memory memory = { .at = archive.at, .length = archive.length };
	struct pieces pieces = cut_records((struct bytes){ trial->text.bytes, trial->text.length }, trial->options.records == LAC_RECORDS_NUL ? 0 : '\n');
	const size_t chosen = (size_t)(n_records * trial->place >> 16);
	struct lac_options options = trial->options;
	struct lac_error error = { .status = LAC_OK };
	struct lac_context *context;
	struct bytes record;

	options.n_adapted = trial->m->n_adapters;
	MUST(!lac_context_open(&context, trial->m->model, &options, &error), "%s", error.text);
	if (n_records) {
		MUST(!read_records(context, &memory, chosen, 1, &record, NULL, &error), "record %zu: %s", chosen, error.text);
		MUST(same_bytes(record, trial->text.bytes + pieces.begins[chosen], pieces.begins[chosen + 1] - pieces.begins[chosen]), "record %zu", chosen);
		free(record.at);
	}
	MUST(read_records(context, &memory, n_records, 1, &record, NULL, &error) == LAC_BAD_ARGUMENT, "%s", error.text);
	lac_context_close(&context);
	free(pieces.begins);
}

/* ---- The dearer laws --------------------------------------------------------------- */

/* Threads, memory, batches and the sizes of reads leave no trace. */
static void check_same_bytes(const struct trial *trial, const struct bytes *archive)
{
	struct lac_options options = trial->options;
	struct bytes again;

	options.n_threads = 3 - options.n_threads;
	options.batch_rows = options.batch_rows ? 0 : 1;
	options.memory_bytes = options.memory_bytes == 1 ? 1 << 19 : 1;
	again = compress(trial, &options, 1 + trial->chunk % 100, NULL);
	MUST(same_bytes(again, archive->at, archive->length), "%zu or %zu bytes", again.length, archive->length);
	free(again.at);
}

/* Decodes what is no whole archive: it is refused, and what was written is a beginning of the
 * text. */
static void check_refusal(const struct trial *trial, const uint8_t *bytes, size_t n, bool is_cut)
{
	struct lac_error error;
	struct bytes text;
	enum lac_status s = decompress(trial, bytes, n, &text, NULL, &error);

	MUST(s && error.status == s && error.text[0], "%zu bytes: %d", n, (int)s);
	MUST(!is_cut || s == (n ? LAC_TRUNCATED : LAC_NOT_ARCHIVE), "%zu bytes: %s", n, error.text);
	MUST(text.length <= trial->text.length && (!text.length || memcmp(text.at, trial->text.bytes, text.length) == 0), "%zu bytes: a wrong "
		"text", n);
	free(text.at);
}

static void check_damage(const struct trial *trial, const struct bytes *archive)
{
	const size_t at = archive->length * trial->place >> 16;

	archive->at[at] ^= (uint8_t)(1 << trial->place % 8);
	check_refusal(trial, archive->at, archive->length, false);
	archive->at[at] ^= (uint8_t)(1 << trial->place % 8);
}

static void check_twice(const struct trial *trial, const struct bytes *archive)
{
	const struct bytes twice = { malloc(2 * archive->length), 2 * archive->length };
	struct lac_error error;
	struct lac_stats stats;
	struct bytes text;

	if (!twice.at)
		abort();
	memcpy(twice.at, archive->at, archive->length);
	memcpy(twice.at + archive->length, archive->at, archive->length);
	MUST(!decompress(trial, twice.at, twice.length, &text, &stats, &error), "%s", error.text);
	MUST(stats.n_archives == 2 && text.length == 2 * trial->text.length, "%zu bytes", text.length);
	MUST(!trial->text.length || (memcmp(text.at, trial->text.bytes, trial->text.length) == 0 &&
		memcmp(text.at + trial->text.length, trial->text.bytes, trial->text.length) == 0), "a wrong text");
	free(text.at);
	free(twice.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lac_stats stats;
	struct bytes archive;
	struct trial trial;

	choose_trial(&trial, (struct choices){ data, size });
	archive = compress(&trial, &trial.options, trial.chunk, &stats);
	check_growth(&trial, &archive);
	check_records(&trial, &stats);
	check_list(&archive, &trial, &stats);
	check_restored(&trial, &archive, &stats);
	if (trial.options.is_indexed)
		check_single(&trial, archive, stats.n_records);
	if (trial.laws & LAW_SAME_BYTES)
		check_same_bytes(&trial, &archive);
	if (trial.laws & LAW_CUT)
		check_refusal(&trial, archive.at, archive.length * trial.place >> 16, true);
	if (trial.laws & LAW_DAMAGE)
		check_damage(&trial, &archive);
	if (trial.laws & LAW_TWICE)
		check_twice(&trial, &archive);
	free(archive.at);
	lac_buffer_free(&trial.text);
	return 0;
}
