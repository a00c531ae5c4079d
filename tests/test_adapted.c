/* Laws of archives made with adapters: test_adapted DIRECTORY_OF_MODELS [--short|--long]. The bytes
 * depend on nothing but text, models and options; each stream takes the model that the format's
 * rule names; who lacks one is told. The texts are drawn from the models. */
#include "base/strict_float.h"
#include "memory_io.h"
#include "sampled_text.h"
#include "built_adapter.h"

#include "archive/trials.h"
#include "base/memory.h"
#include "coder/range_coder.h"
#include "format/frame.h"

static const char *directory;
static enum test_effort effort;

enum { N_ADAPTED = 2 };

/* A base and what adapters make of it. */
struct family {
	struct lac_model *base;
	const struct lac_model *adapted[N_ADAPTED];
};

static struct lac_model *open_model(const char *folder, const char *name, const char *kernels)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_model *model = NULL;
	struct lac_error error = { 0 };
	char path[4096];

	options.kernels = kernels;
	snprintf(path, sizeof path, "%s/%s.gguf", folder ? folder : directory, name);
	if (lac_model_open_file(&model, path, &options, &error)) {
		fprintf(stderr, "%s: %s\n", path, error.text);
		exit(1);
	}
	return model;
}

static const struct {
	const char *folder, *name; /* NULL: the directory of models */
} files[] = { { "tests/golden/models", "grouped" }, { "tests/golden/models", "escapes" }, { NULL, "wide" } };
enum { N_FILES = sizeof files / sizeof *files };

/* The first adapter changes every map, the second two of each layer. */
static struct family open_family(unsigned file, const char *kernels)
{
	struct family family = { .base = open_model(files[file].folder, files[file].name, kernels) };

	family.adapted[0] = adapt_or_exit(family.base, "first", 3, 0.7f, 0x7f, 1);
	family.adapted[1] = adapt_or_exit(family.base, "second", 8, 2.0f, 0x48, 2);
	return family;
}

static void close_family(struct family *family)
{
	for (unsigned i = 0; i < N_ADAPTED; i++) {
		struct lac_model *adapted = (struct lac_model *)family->adapted[i];

		lac_model_close(&adapted);
	}
	lac_model_close(&family->base);
}

static struct lac_options offering(const struct family *family, enum lac_records records)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;

	options.records = records;
	options.block_bytes = LAC_BLOCK_BYTES_MIN;
	options.adapted = family->adapted;
	options.n_adapted = N_ADAPTED;
	return options;
}

/* Lines of the base and of each adapted model in turn. */
static struct bytes sample(const struct family *family, size_t n_rounds, size_t line_bytes)
{
	const struct lac_model *const models[] = { family->base, family->adapted[0], family->adapted[1] };
	struct memory_sink sink = { .capacity = 0 };

	for (size_t round = 0; round < n_rounds; round++)
		for (unsigned i = 0; i < 3; i++) {
			struct sampler sampler = sampler_create(models[i], round * 3 + i);

			sample_stream(&sampler, line_bytes);
			(void)memory_write(&sink, sampler.text, sampler.n_bytes);
			(void)memory_write(&sink, "\n", 1);
			sampler_free(&sampler);
		}
	return sink.bytes;
}

static void draw(struct memory_sink *sink, const struct lac_model *model, uint64_t seed, size_t n_bytes)
{
	struct sampler sampler = sampler_create(model, seed);

	sample_stream(&sampler, n_bytes);
	(void)memory_write(sink, sampler.text, sampler.n_bytes);
	sampler_free(&sampler);
}

/* Lines of which one model foretells the beginning, the other what is within 128 symbols, and the
 * first most of the rest. */
static struct bytes sample_changing(const struct family *family)
{
	struct memory_sink sink = { .capacity = 0 };

	for (size_t i = 0; i < 8; i++) {
		draw(&sink, family->adapted[i % 2], i, 60 + 5 * i);
		draw(&sink, family->adapted[1 - i % 2], i, 110);
		draw(&sink, family->adapted[i % 2], i + 50, 300);
		(void)memory_write(&sink, "\n", 1);
	}
	return sink.bytes;
}

static struct bytes compress(const struct family *family, struct bytes text, const struct lac_options *options, struct lac_stats *stats)
{
	struct lac_error error = { 0 };
	struct bytes archive;

	CHECK_NOTE(!transfer(lac_compress, family->base, text.at, text.length, 0, options, &archive, stats, &error), "%s", error.text);
	return archive;
}

static uint64_t sum_of_streams(const struct lac_stats *stats)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < stats->n_adapters; i++)
		n += stats->adapters[i].n_streams;
	return n;
}

/* ---- The same bytes ----------------------------------------------------------------- */

static void try_options(const struct family *family, struct bytes text, struct bytes wanted, const struct lac_options *options)
{
	struct bytes archive = compress(family, text, options, NULL), back;
	struct lac_error error = { 0 };

	CHECK_NOTE(same_bytes(archive, wanted.at, wanted.length), "records %d, kernels %s, %u threads, batch %u", (int)options->records,
		options->kernels, (unsigned)options->n_threads, (unsigned)options->batch_rows);
	CHECK_NOTE(!transfer(lac_decompress, family->base, wanted.at, wanted.length, 0, options, &back, NULL, &error), "%s", error.text);
	CHECK_NOTE(same_bytes(back, text.at, text.length), "records %d, kernels %s, %u threads, batch %u", (int)options->records,
		options->kernels, (unsigned)options->n_threads, (unsigned)options->batch_rows);
	free(archive.at);
	free(back.at);
}

static void try_matrix(unsigned file, enum lac_records records)
{
	static const uint32_t threads[] = { 1, 2, 3, 8 }, batches[] = { 1, 7, 64 };
	struct family family = open_family(file, "scalar");
	struct bytes text = records ? sample(&family, effort == SHORT ? 3 : 8, 40) : sample(&family, 1, 900), wanted;
	struct lac_options options = offering(&family, records);
	struct lac_stats stats = { 0 };

	options.n_threads = options.batch_rows = 1;
	wanted = compress(&family, text, &options, &stats);
	CHECK_NOTE(stats.n_adapters == N_ADAPTED && stats.n_models == 1, "%s: %u adapters chosen", files[file].name, (unsigned)stats.n_adapters);
	CHECK_NOTE(sum_of_streams(&stats) < (records ? stats.n_records : stats.n_blocks), "%s: the base was never chosen", files[file].name);
	close_family(&family);
	for (unsigned k = 0; lac_kernels_name(k); k++) {
		const bool is_slow = effort == SHORT && k;

		if (is_slow && lac_kernels_name(k + 1))
			continue; /* the best and plain C */
		family = open_family(file, lac_kernels_name(k));
		options.adapted = family.adapted;
		options.kernels = lac_kernels_name(k);
		for (unsigned i = is_slow ? 5 : 0; i < (is_slow ? 6 : 12); i += effort == LONG ? 1 : 5) {
			options.n_threads = threads[i / 3];
			options.batch_rows = batches[i % 3];
			options.memory_bytes = i % 2; /* a byte: one stream at a time */
			try_options(&family, text, wanted, &options);
		}
		close_family(&family);
	}
	free(wanted.at);
	free(text.at);
}

static void neither_kernels_nor_threads_nor_batches_change_a_byte(void)
{
	for (unsigned file = 0; file < N_FILES; file++)
		for (int records = LAC_RECORDS_NONE; records <= LAC_RECORDS_LINES; records++)
			/* texts of the first, records of the last */
			if (effort != SHORT || file == 2 * (unsigned)records)
				try_matrix(file, (enum lac_records)records);
}

/* ---- The choice ---------------------------------------------------------------------- */

struct book_coder {
	const struct lac_frequencies *frequencies;
	struct lac_range_encoder coder;
};

static void see(void *coder, uint32_t slot, const struct lac_frequencies *frequencies)
{
	(void)slot;
	((struct book_coder *)coder)->frequencies = frequencies;
}

static void book_symbol(struct book_coder *c, uint32_t symbol)
{
	const struct lac_interval interval = lac_frequencies_interval(c->frequencies, symbol);

	lac_range_encode(&c->coder, interval.low, interval.size, c->frequencies->total);
}

/* format.md section 5.8: the first 128 symbols, one row at a time. */
static size_t book_trial(const struct lac_model *model, const uint8_t *text, size_t n_bytes, bool is_record)
{
	const uint32_t window = lac_model_window(model);
	struct book_coder c = { .frequencies = NULL };
	struct lac_predictor *predictor = NULL;
	struct lac_symbols symbols = { 0 };
	size_t n;

	if (lac_tokenize(model->tokenizer, text, n_bytes, &symbols, NULL) || lac_predictor_create(&predictor, model, window, 1, 1, NULL))
		abort();
	lac_range_encoder_start(&c.coder);
	lac_predictor_start(predictor, 0, window, NULL, 0);
	if (!lac_predictor_run(predictor, see, &c))
		abort();
	for (size_t i = 0; i < symbols.length && i < 128; i++) {
		if (symbols.at[i] & LAC_SYMBOL_RAW) {
			book_symbol(&c, lac_frequencies_escape(c.frequencies));
			lac_range_encode(&c.coder, symbols.at[i] & 255, 1, 256);
			continue;
		}
		book_symbol(&c, symbols.at[i]);
		lac_predictor_feed(predictor, 0, symbols.at[i]);
		if (!lac_predictor_run(predictor, see, &c))
			abort();
	}
	if (is_record && symbols.length <= 128)
		book_symbol(&c, c.frequencies->end);
	lac_range_encoder_finish(&c.coder);
	n = c.coder.out.length;
	lac_range_encoder_free(&c.coder);
	lac_symbols_free(&symbols);
	lac_predictor_free(&predictor);
	return n;
}

static unsigned book_choice(const struct family *family, const uint8_t *text, size_t n_bytes, bool is_record)
{
	size_t best = book_trial(family->base, text, n_bytes, is_record);
	unsigned chosen = 0;

	for (unsigned i = 0; i < N_ADAPTED; i++) {
		const size_t n = book_trial(family->adapted[i], text, n_bytes, is_record);

		if (n < best) {
			best = n;
			chosen = i + 1;
		}
	}
	return chosen;
}

/* What the frames say, in the order of the streams: 0 the base, 1 the first adapter, ...; and how
 * many frames declare. */
struct routes {
	unsigned of[512];
	size_t n, n_routed, n_models, n_adapted;
};

static unsigned model_of(const struct family *family, const struct lac_frame *frame)
{
	for (unsigned i = 0; i < N_ADAPTED; i++)
		if (memcmp(family->adapted[i]->info.adapter_identity, frame->model.identity, 16) == 0)
			return i + 1;
	return 0;
}

static struct routes read_routes(const struct family *family, struct bytes archive)
{
	struct memory_source source = { .at = archive.at, .left = archive.length };
	struct lac_frame_reader *reader = NULL;
	struct routes routes = { .n = 0 };
	struct lac_buffer body = { 0 };
	struct lac_frame frame = { .is_last = false };
	struct lac_header header;
	unsigned declared[8] = { 0 };
	bool at_end;

	if (lac_frame_reader_create(&reader, (struct lac_source){ memory_read, &source }, NULL) ||
	    lac_frame_reader_header(reader, &header, &at_end, NULL))
		abort();
	while (!frame.is_last) {
		if (lac_frame_reader_next(reader, &body, &frame, NULL))
			abort();
		if (frame.type == LAC_FRAME_MODEL || frame.type == LAC_FRAME_ADAPTED) {
			declared[routes.n_models + routes.n_adapted] = frame.type == LAC_FRAME_MODEL ? 0 : model_of(family, &frame);
			*(frame.type == LAC_FRAME_MODEL ? &routes.n_models : &routes.n_adapted) += 1;
		}
		routes.n_routed += frame.type == LAC_FRAME_ROUTED;
		for (uint32_t i = 0; lac_frame_is_block(frame.type) && i < frame.n_streams; i++)
			routes.of[routes.n++] = frame.type == LAC_FRAME_MIXED || frame.type == LAC_FRAME_STORED ? 99 :
				declared[lac_frame_route(&frame, i).model_index];
	}
	lac_frame_reader_free(&reader);
	lac_buffer_free(&body);
	return routes;
}

/* Short records and some of more than 128 symbols; a text's blocks are its lines here. */
static void every_stream_takes_what_codes_its_beginning_shortest(void)
{
	for (unsigned file = 0; file < 2; file++)
		for (int records = LAC_RECORDS_NONE; records <= LAC_RECORDS_LINES; records++) {
			struct family family = open_family(file, NULL);
			struct bytes text = records ? sample(&family, 6, 30) : sample(&family, 1, 960), more = { 0 }, archive;
			struct lac_options options = offering(&family, (enum lac_records)records);
			struct routes routes;
			const uint8_t *at;
			size_t i = 0;

			if (records) /* one block: a piece of a record might be stored */
				options.block_bytes = 0;
			/* so much text of the other would be mixed (format.md section 5.12) */
			if (records && file == 0) {
				more = sample_changing(&family);
				text.at = realloc(text.at, text.length + more.length);
				memcpy(text.at + text.length, more.at, more.length);
				text.length += more.length;
			}
			archive = compress(&family, text, &options, NULL);
			routes = read_routes(&family, archive);
			at = text.at;
			for (; at < text.at + text.length && i < routes.n; i++) {
				const uint8_t *end = (const uint8_t *)memchr(at, '\n', (size_t)(text.at + text.length - at)) + 1;
				const unsigned wanted = book_choice(&family, at, (size_t)(end - at) - (records ? 1 : 0), records);

				CHECK_NOTE(routes.of[i] == wanted, "%s, records %d, stream %zu: model %u instead of %u", files[file].name, records, i,
					routes.of[i], wanted);
				at = end;
			}
			CHECK_NOTE(at == text.at + text.length && i == routes.n, "%s, records %d: %zu of %zu bytes, %zu of %zu streams", files[file].name, records, (size_t)(at - text.at), text.length, i, routes.n);
			CHECK(routes.n_models == 1 && routes.n_adapted == N_ADAPTED && !records == !routes.n_routed);
			free(more.at);
			free(text.at);
			free(archive.at);
			close_family(&family);
		}
}

/* Lengths of the trials of one group's records. */
struct book_group {
	size_t trial[3][64], n;
};

static unsigned book_bits(unsigned n_models)
{
	return n_models < 2 ? 0 : n_models < 3 ? 1 : 2;
}

/* The cost of naming the models of `set` (a bit each), and which of them each record takes. */
static size_t book_cost(const struct book_group *group, unsigned set, unsigned *choice)
{
	const unsigned n_models = (set & 1) + (set >> 1 & 1) + (set >> 2 & 1);
	size_t cost = 8 * n_models + group->n * book_bits(n_models);

	for (size_t i = 0; i < group->n; i++) {
		size_t best = SIZE_MAX;

		for (unsigned m = 0; m < 3; m++)
			if (set >> m & 1 && group->trial[m][i] < best) {
				best = group->trial[m][i];
				choice[i] = m;
			}
		cost += 8 * best;
	}
	return cost;
}

/* format.md section 5.8: models are dropped one by one, and the cheapest set of those passed is
 * taken. */
static void book_group_choice(const struct book_group *group, unsigned *choice)
{
	unsigned set = 7, used = 0, best_set;
	size_t best;

	(void)book_cost(group, set, choice);
	for (size_t i = 0; i < group->n; i++)
		used |= 1u << choice[i];
	best_set = set = used;
	best = book_cost(group, set, choice);
	while (set & (set - 1)) {
		unsigned next = 0;
		size_t least = SIZE_MAX;

		for (unsigned m = 3; m-- > 0;)
			if (set >> m & 1 && book_cost(group, set & ~(1u << m), choice) < least) {
				least = book_cost(group, set & ~(1u << m), choice);
				next = set & ~(1u << m);
			}
		set = next;
		if (least <= best) {
			best = least;
			best_set = set;
		}
	}
	(void)book_cost(group, best_set, choice);
}

/* Records of three models, `rare` of 32 of them not of the base: where the bits of naming a model
 * are worth less than it, and more. */
static void try_group(const struct family *family, unsigned rare, unsigned *n_dropped)
{
	struct lac_options options = offering(family, LAC_RECORDS_LINES);
	const struct lac_model *const models[] = { family->base, family->adapted[0], family->adapted[1] };
	struct memory_sink text = { .capacity = 0 };
	struct book_group group = { .n = 0 };
	unsigned choice[64], free_choice[64] = { 0 };
	struct routes routes;
	struct bytes archive;

	options.is_indexed = true;
	options.block_bytes = 0;
	for (size_t i = 0; i < 32; i++) {
		const size_t begin = text.bytes.length;
		const unsigned of = i % 32 < rare ? 1 + i % 2 : 0;

		draw(&text, models[of], i + 100 * rare, i == 5 ? 400 : 1 + i % (rare % 3 ? 12 : 3));
		for (unsigned m = 0; m < 3; m++)
			group.trial[m][group.n] = book_trial(models[m], text.bytes.at + begin, text.bytes.length - begin, true);
		group.n++;
		(void)memory_write(&text, "\n", 1);
	}
	archive = compress(family, text.bytes, &options, NULL);
	routes = read_routes(family, archive);
	book_group_choice(&group, choice);
	(void)book_cost(&group, 7, free_choice);
	CHECK_NOTE(routes.n == group.n, "%zu streams", routes.n);
	for (size_t i = 0; i < group.n && i < routes.n; i++) {
		CHECK_NOTE(routes.of[i] == choice[i], "%u of 32, record %zu: model %u instead of %u", rare, i, routes.of[i], choice[i]);
		*n_dropped += choice[i] != free_choice[i];
	}
	free(archive.at);
	free(text.bytes.at);
}

/* The rule alone, for any lengths: ties are as common as not. */
static void try_lengths(uint64_t seed, uint32_t n)
{
	static const struct lac_model models[3]; /* their addresses tell them apart */
	struct lac_block *block = lac_block_create(n);
	struct book_group group = { .n = n };
	unsigned choice[64];
	uint64_t state = seed;

	block->n_models = 3;
	block->trials = lac_calloc(3 * n, sizeof *block->trials);
	for (unsigned m = 0; m < 3; m++)
		for (uint32_t i = 0; i < n; i++) {
			struct lac_stream *trial = &block->trials[m * n + i];

			trial->model = &models[m];
			trial->is_cut = true;
			group.trial[m][i] = trial->out.length = 20 + (size_t)(test_random(&state) % (2 + seed % 7)) - (m && i % 16 < seed % 9);
		}
	lac_block_choose(block, true);
	book_group_choice(&group, choice);
	for (uint32_t i = 0; i < n; i++)
		CHECK_NOTE(block->streams[i].model == &models[choice[i]], "seed %llu, record %u of %u: model %d instead of %u", (unsigned long long)seed, i,
			n, (int)(block->streams[i].model - models), choice[i]);
	lac_block_free(&block);
}

static void a_group_names_the_models_that_are_worth_it(void)
{
	struct family family = open_family(0, NULL);
	unsigned n_dropped = 0, n_kept = 0;

	for (unsigned rare = 2; rare <= 32; rare += effort == SHORT ? 14 : 2) {
		const unsigned before = n_dropped;

		try_group(&family, rare, &n_dropped);
		n_kept += n_dropped == before;
	}
	printf("        %u records get another model than the shortest, %u groups of all models none\n", n_dropped, n_kept);
	CHECK(n_dropped > 0 && n_kept > 0);
	for (uint64_t seed = 0; seed < 20000; seed++)
		try_lengths(seed, 1 + (uint32_t)(seed % 64));
	close_family(&family);
}

/* An adapter of zeros codes like the base, and of equals the earlier is taken. */
static void an_adapter_that_is_not_chosen_leaves_no_trace(void)
{
	struct family family = open_family(0, NULL);
	struct built_adapter zero;
	struct lac_error error;
	const struct lac_model *offered[1];
	struct lac_model *model;

	make_adapter(&zero, &family.base->shape, "zero", LAC_TENSOR_F32, 2, 1.0f, 0x7f, 1);
	for (size_t i = 1; i < zero.builder.n_tensors; i += 2)
		memset(zero.builder.tensors[i].data.bytes, 0, zero.builder.tensors[i].data.length);
	offered[0] = model = try_adapter(&zero, family.base, &error);
	CHECK_NOTE(model, "%s", error.text);
	for (int records = LAC_RECORDS_NONE; records <= LAC_RECORDS_LINES; records++) {
		struct lac_options options = offering(&family, (enum lac_records)records);
		struct bytes text = sample(&family, 1, 400), with, without;
		struct lac_stats stats = { 0 };

		options.adapted = offered;
		options.n_adapted = 1;
		with = compress(&family, text, &options, &stats);
		CHECK(stats.n_adapters == 0);
		options.n_adapted = 0;
		without = compress(&family, text, &options, NULL);
		CHECK(same_bytes(with, without.at, without.length));
		free(with.at);
		free(without.at);
		free(text.at);
	}
	gguf_free(&zero.builder);
	lac_model_close(&model);
	close_family(&family);
}

/* ---- What an archive says, and to whom --------------------------------------------------- */

static void list_and_both_ways_count_alike(void)
{
	struct family family = open_family(0, NULL);

	for (int records = LAC_RECORDS_NONE; records <= LAC_RECORDS_LINES; records++) {
		struct lac_options options = offering(&family, (enum lac_records)records);
		struct bytes text = sample(&family, records ? 8 : 2, records ? 50 : 900), archive, back;
		struct lac_stats packed = { 0 }, listed = { 0 }, unpacked = { 0 };
		struct memory_source source;

		archive = compress(&family, text, &options, &packed);
		source = (struct memory_source){ .at = archive.at, .left = archive.length, .chunk = 7 };
		CHECK(!lac_list((struct lac_source){ memory_read, &source }, &listed, NULL));
		CHECK(!transfer(lac_decompress, family.base, archive.at, archive.length, 0, &options, &back, &unpacked, NULL));
		CHECK(packed.n_adapters == N_ADAPTED && listed.n_adapters == N_ADAPTED && unpacked.n_adapters == N_ADAPTED);
		CHECK(memcmp(packed.adapters, listed.adapters, sizeof packed.adapters) == 0);
		CHECK(memcmp(packed.adapters, unpacked.adapters, sizeof packed.adapters) == 0);
		CHECK(listed.bytes_out == text.length && listed.n_records == packed.n_records && listed.n_tokens == packed.n_tokens);
		free(text.at);
		free(archive.at);
		free(back.at);
	}
	close_family(&family);
}

static void refuse(const struct lac_model *model, const struct lac_options *options, struct bytes archive, enum lac_status expected,
	const char *const *said)
{
	struct lac_error error = { 0 };
	struct bytes back;
	enum lac_status s = transfer(lac_decompress, model, archive.at, archive.length, 0, options, &back, NULL, &error);

	CHECK_NOTE(s == expected && error.status == s, "%d instead of %d: %s", (int)s, (int)expected, error.text);
	for (; *said; said++)
		CHECK_NOTE(strstr(error.text, *said), "\"%s\" is not said: %s", *said, error.text);
	free(back.at);
}

static void who_lacks_a_model_is_told_which(void)
{
	struct family family = open_family(0, NULL), other = open_family(1, NULL);
	struct lac_options options = offering(&family, LAC_RECORDS_LINES);
	struct sampler sampler = sampler_create(family.adapted[1], 4);
	struct bytes text, archive;
	char identity[33];

	sample_stream(&sampler, 300);
	text = (struct bytes){ sampler.text, sampler.n_bytes };
	archive = compress(&family, text, &options, NULL);
	for (unsigned i = 0; i < 16; i++)
		snprintf(identity + 2 * i, 3, "%02x", family.adapted[1]->info.adapter_identity[i]);
	options.n_adapted = 0;
	refuse(family.base, &options, archive, LAC_OTHER_ADAPTER, (const char *const[]){ "\"second\"", identity, "tiny random", "is not", NULL });
	options.n_adapted = 1; /* the first, which it was not made with */
	refuse(family.base, &options, archive, LAC_OTHER_ADAPTER, (const char *const[]){ "\"second\"", identity, NULL });
	options.n_adapted = N_ADAPTED;
	options.adapted = other.adapted;
	refuse(other.base, &options, archive, LAC_OTHER_MODEL, (const char *const[]){ "\"second\"", identity, "not open", NULL });
	options.n_adapted = 0;
	refuse(NULL, &options, archive, LAC_OTHER_MODEL, (const char *const[]){ "\"second\"", identity, "not open", NULL });
	free(archive.at);
	sampler_free(&sampler);
	close_family(&family);
	close_family(&other);
}

static void what_is_offered_must_be_made_of_the_model(void)
{
	struct family family = open_family(0, NULL), other = open_family(1, NULL);
	struct lac_options options = offering(&other, LAC_RECORDS_NONE);
	struct lac_error error = { 0 };
	struct bytes out;

	CHECK(transfer(lac_compress, family.base, "text", 4, 0, &options, &out, NULL, &error) == LAC_BAD_ARGUMENT && error.text[0]);
	CHECK(transfer(lac_decompress, family.base, "text", 4, 0, &options, &out, NULL, &error) == LAC_BAD_ARGUMENT);
	CHECK(transfer(lac_decompress, NULL, "text", 4, 0, &options, &out, NULL, &error) == LAC_BAD_ARGUMENT);
	options.n_adapted = 0;
	CHECK(transfer(lac_compress, family.adapted[0], "text", 4, 0, &options, &out, NULL, &error) == LAC_BAD_ARGUMENT);
	options.n_adapted = LAC_ADAPTED_MAX + 1;
	CHECK(transfer(lac_compress, family.base, "text", 4, 0, &options, &out, NULL, &error) == LAC_BAD_ARGUMENT);
	close_family(&family);
	close_family(&other);
}

/* Each archive counts its models anew; and a published base is named by its number. */
static void archives_concatenate(void)
{
	struct family family = open_family(0, NULL);
	struct memory_sink all = { .capacity = 0 }, texts = { .capacity = 0 };
	struct lac_options options;
	struct bytes back;

	for (int round = 0; round < 3; round++) {
		struct bytes text = sample(&family, 2, 60), archive;
		const struct lac_model *const turned[] = { family.adapted[1], family.adapted[0] };

		options = offering(&family, round ? LAC_RECORDS_LINES : LAC_RECORDS_NONE);
		if (round == 1)
			options.adapted = turned;
		archive = compress(&family, text, &options, NULL);
		(void)memory_write(&all, archive.at, archive.length);
		(void)memory_write(&texts, text.at, text.length);
		free(text.at);
		free(archive.at);
	}
	options = offering(&family, LAC_RECORDS_NONE);
	CHECK(!transfer(lac_decompress, family.base, all.bytes.at, all.bytes.length, 0, &options, &back, NULL, NULL));
	CHECK(same_bytes(back, texts.bytes.at, texts.bytes.length));
	free(back.at);
	free(all.bytes.at);
	free(texts.bytes.at);
	close_family(&family);
}

static void a_published_base_needs_no_frame(void)
{
	struct family family = { .base = NULL };
	struct lac_options options;
	struct sampler sampler;
	struct routes routes;
	struct bytes archive, back;

	CHECK(!lac_model_open_default(&family.base, NULL, NULL));
	family.adapted[0] = adapt_or_exit(family.base, "first", 1, 0.5f, 0x40, 1);
	family.adapted[1] = adapt_or_exit(family.base, "second", 1, 0.5f, 0x08, 2);
	options = offering(&family, LAC_RECORDS_LINES);
	sampler = sampler_create(family.adapted[1], 1);
	sample_stream(&sampler, effort == SHORT ? 150 : 300);
	archive = compress(&family, (struct bytes){ sampler.text, sampler.n_bytes }, &options, NULL);
	routes = read_routes(&family, archive);
	CHECK_NOTE(routes.n_models == 0 && routes.n_adapted == 1 && routes.n == 1 && routes.of[0] == 2, "model %u", routes.of[0]);
	CHECK(!transfer(lac_decompress, family.base, archive.at, archive.length, 0, &options, &back, NULL, NULL));
	CHECK(same_bytes(back, sampler.text, sampler.n_bytes));
	free(archive.at);
	free(back.at);
	sampler_free(&sampler);
	close_family(&family);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : "build/models";
	effort = test_effort(argc, argv);
	lac_float_environment_enter(); /* texts are drawn by this thread */
	LAW(neither_kernels_nor_threads_nor_batches_change_a_byte);
	LAW(every_stream_takes_what_codes_its_beginning_shortest);
	LAW(a_group_names_the_models_that_are_worth_it);
	LAW(an_adapter_that_is_not_chosen_leaves_no_trace);
	LAW(list_and_both_ways_count_alike);
	LAW(who_lacks_a_model_is_told_which);
	LAW(what_is_offered_must_be_made_of_the_model);
	LAW(archives_concatenate);
	LAW(a_published_base_needs_no_frame);
	return test_report();
}
