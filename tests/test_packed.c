/* Laws of packed models (model/packed_file.h): test_packed [DIRECTORY [--short|--long]]. From the
 * project's folder. */
#include "memory_io.h"
#include "test.h"

#include "base/hash.h"
#include "model/conversion.h"
#include "model/packed_file.h"

static enum test_effort effort;

/* Every architecture, with and without what a model may have besides. */
static const char *const names[] = { "grouped", "escapes", "odd", "biased", "normed", "sliding", "wide-heads", "pieces" };
enum { N_MODELS = sizeof names / sizeof *names };
static struct bytes files[N_MODELS], packed[N_MODELS];

static bool lend(void *payload, const uint8_t file_hash[16], struct lac_source *form)
{
	(void)file_hash;
	*form = (struct lac_source){ memory_read, payload };
	return true;
}

static const struct lac_options defaults = LAC_OPTIONS_DEFAULT;

/* The model, to be closed; whether the packed form was used, lac_model_info() says. */
static struct lac_model *open_from(unsigned model, struct memory_source form, struct lac_options options)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_model *out = NULL;

	options.find_packed = lend;
	options.packed_payload = &form;
	CHECK_NOTE(!lac_model_open_memory(&out, files[model].at, files[model].length, &options, &error) && !error.text[0], "%s: %s", names[model],
		error.text);
	if (!out)
		exit(1);
	return out;
}

static struct lac_model *open_with(unsigned model, struct bytes form, struct lac_options options)
{
	return open_from(model, (struct memory_source){ .at = form.at, .left = form.length }, options);
}

static struct bytes pack(const struct lac_model *model)
{
	struct memory_sink sink = { .capacity = 0 };

	CHECK(!lac_model_write_packed(model, (struct lac_sink){ memory_write, &sink }, NULL));
	return sink.bytes;
}

static void open_all(void)
{
	for (unsigned i = 0; i < N_MODELS; i++) {
		struct lac_model *model = NULL;
		char path[256];

		snprintf(path, sizeof path, "tests/golden/models/%s.gguf", names[i]);
		files[i] = read_file(path);
		if (lac_model_open_memory(&model, files[i].at, files[i].length, NULL, NULL))
			exit(1);
		packed[i] = pack(model);
		lac_model_close(&model);
	}
}

/* ---- What is kept is the model ------------------------------------------------------- */

static const char text[] = "A model is what its numbers are, and they are the same wherever they come from; so are 1,234 bytes, \xff and \xe4\xbd\xa0.\n";

static struct bytes archive_of(const struct lac_model *model, const struct lac_model *adapted)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct bytes archive;

	options.adapted = &adapted;
	options.n_adapted = adapted != NULL;
	CHECK(!transfer(lac_compress, model, text, sizeof text - 1, 0, &options, &archive, NULL, NULL));
	return archive;
}

/* Its numbers, padding and all, and what is made with them. */
static void check_same(unsigned model, const struct lac_model *found, const struct lac_model *wanted)
{
	const struct lac_model_info *a = lac_model_info(found), *b = lac_model_info(wanted);
	struct bytes again = pack(found), archive = archive_of(found, NULL), other = archive_of(wanted, NULL);

	CHECK_NOTE(memcmp(a->identity, b->identity, 16) == 0 && strcmp(a->name, b->name) == 0 && a->file_bytes == b->file_bytes &&
		a->n_parameters == b->n_parameters && a->context_length == b->context_length && a->packed_bytes == packed[model].length &&
		b->packed_bytes == packed[model].length, "%s", names[model]);
	CHECK_NOTE(same_bytes(again, packed[model].at, packed[model].length), "%s: other numbers", names[model]);
	CHECK_NOTE(same_bytes(archive, other.at, other.length), "%s: another archive", names[model]);
	CHECK(lac_model_is_of_file(found, files[model].at, files[model].length));
	free(again.at);
	free(archive.at);
	free(other.at);
}

static void a_packed_model_is_the_same_model_for_all_kernels(void)
{
	for (unsigned i = 0; i < N_MODELS; i++)
		for (unsigned k = 0; lac_kernels_name(k); k++) {
			struct lac_options options = LAC_OPTIONS_DEFAULT;
			struct lac_model *model, *plain = NULL;

			options.kernels = lac_kernels_name(k);
			CHECK(!lac_model_open_memory(&plain, files[i].at, files[i].length, &options, NULL));
			model = open_with(i, packed[i], options);
			CHECK_NOTE(lac_model_info(model)->is_packed && !lac_model_info(plain)->is_packed, "%s", names[i]);
			check_same(i, model, plain);
			lac_model_close(&model);
			lac_model_close(&plain);
		}
}

/* Large enough to be shared out among threads, and for many chunks of rows; and damage in any of
 * them is found. */
static void so_is_a_large_one_for_any_number_of_threads(void)
{
	static const uint32_t n_threads[] = { 1, 2, 3, 7 };
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_model *model = NULL, *plain = NULL;
	struct memory_source lent;
	struct bytes form, again;

	CHECK(!lac_model_open_default(&plain, NULL, NULL));
	form = pack(plain);
	options.find_packed = lend;
	options.packed_payload = &lent;
	for (unsigned i = 0; i < sizeof n_threads / sizeof *n_threads; i++) {
		options.n_threads = n_threads[i];
		lent = (struct memory_source){ .at = form.at, .left = form.length };
		CHECK(!lac_model_open_default(&model, &options, NULL) && lac_model_info(model)->is_packed);
		again = pack(model);
		CHECK(same_bytes(again, form.at, form.length));
		CHECK(memcmp(lac_model_info(model)->identity, lac_model_info(plain)->identity, 16) == 0);
		CHECK(memcmp(model->weights.embedding.tiles, plain->weights.embedding.tiles, plain->weights.embedding.n_tiles * plain->weights.embedding.tile_bytes) == 0);
		free(again.at);
		lac_model_close(&model);
	}
	for (size_t at = effort == SHORT ? form.length / 2 : 1; at < form.length; at += form.length / 3) {
		form.at[at] ^= 1;
		lent = (struct memory_source){ .at = form.at, .left = form.length };
		CHECK(!lac_model_open_default(&model, &options, NULL) && !lac_model_info(model)->is_packed);
		CHECK(memcmp(lac_model_info(model)->identity, lac_model_info(plain)->identity, 16) == 0);
		lac_model_close(&model);
		form.at[at] ^= 1;
	}
	free(form.at);
	lac_model_close(&plain);
}

/* Rows of F16, small numbers. */
static struct lac_tensor make_tensor(uint32_t n_in, uint32_t n_rows)
{
	const size_t n = (size_t)n_in * n_rows;
	uint8_t *data = malloc(2 * n);
	uint64_t seed = n;

	for (size_t i = 0; i < n; i++) {
		const uint64_t bits = test_random(&seed);

		data[2 * i] = (uint8_t)bits;
		data[2 * i + 1] = (uint8_t)(0x20 + (bits >> 8) % 8 + (bits >> 16) % 2 * 0x80);
	}
	return (struct lac_tensor){ .n_dims = 2, .dims = { n_in, n_rows, 1, 1 }, .type = LAC_TENSOR_F16, .data = data, .n_bytes = 2 * n };
}

/* Row after row, and what enters the identity. */
static struct bytes pack_rows(const struct lac_kernels *kernels, const struct lac_tensor *tensor, struct lac_packed *out)
{
	const size_t n_in = (size_t)tensor->dims[0], stride = LAC_ROUND_UP(n_in, LAC_QUAD), n_groups = out->n_groups;
	struct bytes form = { malloc((n_in + 4 * n_groups) * (size_t)tensor->dims[1]), 0 };
	float *numbers = lac_aligned_calloc(LAC_ROUND_UP(n_in, LAC_GROUP), sizeof *numbers), *scales = malloc(n_groups * sizeof *scales);
	int8_t *values = calloc(stride, 1);

	for (uint32_t row = 0; row < tensor->dims[1]; row++) {
		lac_tensor_row(tensor, row, numbers);
		kernels->quantize(values, scales, numbers, (uint32_t)n_in);
		lac_packed_set_row(out, row, values, scales);
		memcpy(form.at + form.length, values, n_in);
		form.length += n_in;
		for (size_t i = 0; i < n_groups; i++) {
			uint32_t bits;

			memcpy(&bits, scales + i, 4);
			for (unsigned k = 0; k < 4; k++)
				form.at[form.length++] = (uint8_t)(bits >> 8 * k);
		}
	}
	lac_aligned_free(numbers);
	free(scales);
	free(values);
	return form;
}

static void try_rows(uint32_t n_in, uint32_t n_rows, uint32_t longest, uint32_t n_threads)
{
	const struct lac_kernels *kernels = lac_kernels_choose(NULL);
	const struct lac_tensor tensor = make_tensor(n_in, n_rows);
	const size_t n_bytes = lac_packed_bytes(n_rows, n_in);
	struct lac_arena arena = { NULL, 0 };
	struct lac_packed rows, tiles, read;
	struct lac_hash128 *identities[2] = { lac_hash128_create(), lac_hash128_create() };
	struct lac_conversion *conversion = NULL;
	struct memory_source source;
	struct bytes form;
	uint8_t hashes[3][16];

	CHECK(lac_packed_create(&rows, &arena, n_rows, n_in) && lac_packed_create(&tiles, &arena, n_rows, n_in) && lac_packed_create(&read, &arena, n_rows, n_in));
	form = pack_rows(kernels, &tensor, &rows);
	source = (struct memory_source){ .at = form.at, .left = form.length };
	CHECK(!lac_conversion_create(&conversion, kernels, n_rows > longest ? n_rows : longest, longest, n_threads, NULL));
	CHECK(lac_conversion_matrix(conversion, &tensor, (struct lac_row_order){ 0, 0 }, &tiles, 0, identities[0]));
	CHECK(lac_conversion_read(conversion, (struct lac_source){ memory_read, &source }, &read, 0, n_rows, identities[1]) && source.left == 0);
	for (unsigned i = 0; i < 2; i++)
		lac_hash128_finish(&identities[i], hashes[i]);
	lac_hash128(form.at, form.length, hashes[2]);
	CHECK_NOTE(memcmp(tiles.tiles, rows.tiles, n_bytes) == 0 && memcmp(read.tiles, rows.tiles, n_bytes) == 0, "%u rows of %u, %u threads", (unsigned)n_rows,
		(unsigned)n_in, (unsigned)n_threads);
	CHECK_NOTE(memcmp(hashes[0], hashes[2], 16) == 0 && memcmp(hashes[1], hashes[2], 16) == 0, "%u rows of %u: identity", (unsigned)n_rows, (unsigned)n_in);
	lac_conversion_free(&conversion);
	lac_arena_free(&arena);
	free(form.at);
	free((void *)(uintptr_t)tensor.data);
}

/* A chunk holds thousands of the shortest, and less than a tile of the longest. */
static void rows_of_any_length_are_packed_as_one_by_one(void)
{
	static const uint32_t lengths[] = { 1, 3, 5, 63, 64, 66, 1000, 6000, 140001, 300000, 1u << 20 }, n_rows[] = { 1, 3, 7, 15, 16, 17, 40 };

	for (unsigned i = 0; i < sizeof lengths / sizeof *lengths - (effort == SHORT ? 3 : 0); i++)
		for (unsigned k = 0; k < sizeof n_rows / sizeof *n_rows; k++)
			if ((uint64_t)lengths[i] * n_rows[k] <= 3u << 20)
				for (uint32_t n_threads = 1; n_threads <= 3; n_threads += 2)
					try_rows(lengths[i], n_rows[k], lengths[i], n_threads);
	try_rows(3, 50000, 6000, 3); /* beside longer ones */
	try_rows(100, 30001, 140001, 3);
}

static void it_may_come_in_small_pieces(void)
{
	for (unsigned i = 0; i < N_MODELS; i++) {
		struct lac_model *model = open_from(i, (struct memory_source){ .at = packed[i].at, .left = packed[i].length, .chunk = 7 }, defaults);

		CHECK(lac_model_info(model)->is_packed);
		lac_model_close(&model);
	}
}

static void it_can_be_adapted(void)
{
	struct lac_model *models[2] = { NULL, open_with(0, packed[0], defaults) }, *adapted[2] = { NULL, NULL };
	struct bytes archives[2];
	struct lac_error error = { .status = LAC_OK };

	CHECK(!lac_model_open_memory(&models[0], files[0].at, files[0].length, NULL, NULL));
	for (unsigned i = 0; i < 2; i++) {
		CHECK(!lac_model_adapt_file(&adapted[i], models[i], "tests/golden/models/tilted.gguf", NULL));
		archives[i] = archive_of(models[i], adapted[i]);
	}
	CHECK(same_bytes(archives[0], archives[1].at, archives[1].length));
	CHECK(lac_model_info(adapted[0])->memory_bytes == lac_model_info(adapted[1])->memory_bytes);
	CHECK(lac_model_info(models[1])->is_packed && !lac_model_info(adapted[1])->is_packed);
	CHECK(lac_model_write_packed(adapted[1], (struct lac_sink){ NULL, NULL }, &error) == LAC_BAD_ARGUMENT && error.text[0]);
	for (unsigned i = 0; i < 2; i++) {
		free(archives[i].at);
		lac_model_close(&adapted[i]);
		lac_model_close(&models[i]);
	}
}

/* What is lent is asked for by the file's hash, which the model tells too. */
static bool note_hash(void *payload, const uint8_t file_hash[16], struct lac_source *found)
{
	(void)found;
	memcpy(payload, file_hash, 16);
	return false;
}

static void it_is_asked_for_by_the_hash_of_the_file(void)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	uint8_t asked[16] = { 0 }, hash[16];
	struct lac_model *model = NULL;

	options.find_packed = note_hash;
	options.packed_payload = asked;
	CHECK(!lac_model_open_memory(&model, files[1].at, files[1].length, &options, NULL) && !lac_model_info(model)->is_packed);
	lac_hash128(files[1].at, files[1].length, hash);
	CHECK(memcmp(asked, hash, 16) == 0 && memcmp(lac_model_info(model)->file_hash, hash, 16) == 0);
	lac_model_close(&model);
}

/* ---- What is not is refused ---------------------------------------------------------- */

/* It is not used, and the model is what it is without. */
static void refuse_from(unsigned model, struct memory_source form, const char *note, size_t at)
{
	struct lac_model *opened = open_from(model, form, defaults);
	struct bytes again = pack(opened);

	CHECK_NOTE(!lac_model_info(opened)->is_packed, "%s, %s %zu: it is used", names[model], note, at);
	CHECK_NOTE(same_bytes(again, packed[model].at, packed[model].length), "%s, %s %zu: another model", names[model], note, at);
	free(again.at);
	lac_model_close(&opened);
}

static void refuse(unsigned model, struct bytes form, const char *note, size_t at)
{
	refuse_from(model, (struct memory_source){ .at = form.at, .left = form.length }, note, at);
}

static struct bytes copy_of(struct bytes from, size_t n_more)
{
	struct bytes copy = { calloc(from.length + n_more, 1), from.length + n_more };

	memcpy(copy.at, from.at, from.length);
	return copy;
}

/* Some of each model; of each all, at length. */
static void no_byte_can_be_another(void)
{
	for (unsigned i = 0; i < N_MODELS; i++) {
		const size_t step = effort == LONG ? 1 : packed[i].length / (effort == SHORT ? 9 : i == 0 ? 200 : 20);
		struct bytes form = copy_of(packed[i], 0);

		for (size_t at = 0; at < form.length; at += i == 0 && at < 2 * LAC_PACKED_HEADER_BYTES ? 1 : step)
			for (unsigned flip = 1; flip < 256; flip *= effort == LONG ? 2 : effort == SHORT ? 256 : 128) {
				form.at[at] ^= (uint8_t)flip;
				refuse(i, form, "byte", at);
				form.at[at] ^= (uint8_t)flip;
			}
		free(form.at);
	}
}

static void every_cut_is_found(void)
{
	for (unsigned i = 0; i < N_MODELS; i++) {
		const size_t step = effort == LONG ? 13 : packed[i].length / (effort == SHORT ? 5 : 20);

		for (size_t n = 0; n < packed[i].length; n += i == 0 && n < 2 * LAC_PACKED_HEADER_BYTES ? 1 : step) {
			refuse(i, (struct bytes){ packed[i].at, n }, "cut at", n);
			refuse_from(i, (struct memory_source){ .at = packed[i].at, .left = n, .fails_at_end = true }, "unreadable from", n);
		}
	}
}

static void what_follows_is_found(void)
{
	struct bytes form = copy_of(packed[0], 1);

	refuse(0, form, "longer by", 1);
	free(form.at);
}

static enum lac_status begin(unsigned model, struct bytes form)
{
	struct memory_source source = { .at = form.at, .left = form.length };
	struct lac_error error = { .status = LAC_OK };
	uint8_t hash[16], identity[16];
	enum lac_status s;

	lac_hash128(files[model].at, files[model].length, hash);
	s = lac_packed_file_begin((struct lac_source){ memory_read, &source }, hash, identity, &error);
	CHECK_NOTE(!s == !error.text[0] && error.status == s, "%s, \"%s\"", lac_status_name(s), error.text);
	return s;
}

static void another_file_or_version_is_refused(void)
{
	struct bytes form = copy_of(packed[0], 0);

	CHECK(begin(0, form) == LAC_OK);
	CHECK(begin(1, form) == LAC_OTHER_MODEL);
	refuse(1, form, "of model", 0);
	form.at[7]++;
	CHECK(begin(0, form) == LAC_NOT_ARCHIVE);
	CHECK(begin(0, files[0]) == LAC_NOT_ARCHIVE);
	CHECK(begin(0, (struct bytes){ form.at, LAC_PACKED_HEADER_BYTES - 1 }) == LAC_TRUNCATED);
	free(form.at);
}

static void a_bad_model_is_as_bad_with_it(void)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;

	options.find_packed = lend;
	for (size_t n = 0; n < files[0].length; n += 977) {
		struct memory_source lent = { .at = packed[0].at, .left = packed[0].length };
		struct lac_error error = { .status = LAC_OK }, plain = { .status = LAC_OK };
		struct lac_model *model = NULL;
		enum lac_status s;

		options.packed_payload = &lent;
		s = lac_model_open_memory(&model, files[0].at, n, &options, &error);
		CHECK(!model && s == LAC_BAD_MODEL && s == lac_model_open_memory(&model, files[0].at, n, NULL, &plain) && !model);
		CHECK(strcmp(error.text, plain.text) == 0 && error.offset == plain.offset);
	}
}

/* A source may not be believed when it says how much it gave. */
static bool read_too_much(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	const bool is_read = memory_read(payload, buffer, capacity, n_read);

	if (((struct memory_source *)payload)->left < 20000)
		*n_read = capacity + 1;
	return is_read;
}

static bool lend_liar(void *payload, const uint8_t file_hash[16], struct lac_source *form)
{
	(void)file_hash;
	*form = (struct lac_source){ read_too_much, payload };
	return true;
}

static void a_source_that_lies_is_refused(void)
{
	struct memory_source lent = { .at = packed[0].at, .left = packed[0].length };
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_model *model = NULL;

	options.find_packed = lend_liar;
	options.packed_payload = &lent;
	CHECK(!lac_model_open_memory(&model, files[0].at, files[0].length, &options, NULL) && !lac_model_info(model)->is_packed);
	lac_model_close(&model);
}

/* ---- Before it is kept ----------------------------------------------------------- */

static enum lac_status check_file(const struct lac_model *model, const char *name, const char *kernels)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_error error = { .status = LAC_OK };
	enum lac_status s;
	char path[256];

	snprintf(path, sizeof path, "tests/golden/models/%s.gguf", name);
	options.kernels = kernels;
	s = lac_model_check_file(model, path, &options, &error);
	CHECK_NOTE(!s == !error.text[0] && error.status == s, "%s: %s, \"%s\"", name, lac_status_name(s), error.text);
	return s;
}

static void a_file_is_converted_again_by_any_kernels(void)
{
	for (unsigned i = 0; i < N_MODELS; i++) {
		struct lac_model *model = open_with(i, packed[i], defaults), *adapted = NULL;

		for (unsigned k = 0; lac_kernels_name(k); k++)
			CHECK_NOTE(check_file(model, names[i], lac_kernels_name(k)) == LAC_OK, "%s", names[i]);
		CHECK(check_file(model, names[i], NULL) == LAC_OK);
		CHECK(check_file(model, names[(i + 1) % N_MODELS], NULL) == LAC_READ_FAILED);
		CHECK(check_file(model, "none", NULL) == LAC_READ_FAILED);
		CHECK(check_file(model, names[i], "none") == LAC_BAD_ARGUMENT);
		if (i == 0 && !lac_model_adapt_file(&adapted, model, "tests/golden/models/tilted.gguf", NULL))
			CHECK(check_file(adapted, names[i], NULL) == LAC_BAD_ARGUMENT);
		lac_model_close(&adapted);
		lac_model_close(&model);
	}
}

/* A packed form that says that it is of this file, and holds what a faulty conversion of it
 * gave. */
static void a_fault_of_the_first_conversion_is_told(void)
{
	struct bytes other = copy_of(files[0], 0), form;
	struct lac_model *model = NULL;

	other.at[other.length - 1] ^= 0x40;
	CHECK(!lac_model_open_memory(&model, other.at, other.length, NULL, NULL));
	form = pack(model);
	lac_model_close(&model);
	memcpy(form.at + 8, packed[0].at + 8, 16);
	model = open_with(0, form, defaults);
	CHECK(lac_model_info(model)->is_packed);
	CHECK(check_file(model, names[0], NULL) == LAC_SELF_TEST_FAILED);
	lac_model_close(&model);
	free(form.at);
	free(other.at);
}

/* What an archive carries is opened within limits, and is not a file of the caller's. */
static bool count_question(void *payload, const uint8_t file_hash[16], struct lac_source *found)
{
	(void)file_hash;
	(void)found;
	++*(unsigned *)payload;
	return false;
}

static void what_is_carried_is_not_asked_for(void)
{
	struct bytes archive = read_file("tests/golden/archives/carried.lac"), plain = read_file("tests/golden/archives/carried.txt"), out;
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	unsigned n_questions = 0;

	options.opens_carried = true;
	options.find_packed = count_question;
	options.packed_payload = &n_questions;
	CHECK(!transfer(lac_decompress, NULL, archive.at, archive.length, 0, &options, &out, NULL, NULL));
	CHECK(same_bytes(out, plain.at, plain.length) && n_questions == 0);
	free(archive.at);
	free(plain.at);
	free(out.at);
}

/* ---- Writing ------------------------------------------------------------------------- */

/* In pieces, however large the model is. */
static bool note_longest(void *payload, const void *bytes, size_t n_bytes)
{
	size_t *longest = payload;

	(void)bytes;
	*longest = n_bytes > *longest ? n_bytes : *longest;
	return true;
}

static void it_is_written_in_pieces(void)
{
	struct lac_model *model = NULL;
	size_t longest = 0;

	CHECK(!lac_model_open_default(&model, NULL, NULL));
	CHECK(!lac_model_write_packed(model, (struct lac_sink){ note_longest, &longest }, NULL));
	CHECK_NOTE(longest <= (1u << 20) + 4096 && lac_model_info(model)->packed_bytes > 4 * longest, "%zu bytes", longest);
	lac_model_close(&model);
}

static void a_write_that_fails_is_told(void)
{
	struct lac_model *model = NULL;

	CHECK(!lac_model_open_memory(&model, files[0].at, files[0].length, NULL, NULL));
	CHECK(lac_model_write_packed(model, (struct lac_sink){ NULL, NULL }, NULL) == LAC_WRITE_FAILED);
	for (size_t limit = 1; limit < packed[0].length; limit += 997) {
		struct memory_sink sink = { .limit = limit };
		struct lac_error error = { .status = LAC_OK };

		CHECK_NOTE(lac_model_write_packed(model, (struct lac_sink){ memory_write, &sink }, &error) == LAC_WRITE_FAILED && error.text[0],
			"%zu bytes", limit);
		free(sink.bytes.at);
	}
	lac_model_close(&model);
}

int main(int argc, char **argv)
{
	effort = test_effort(argc, argv);
	open_all();
	LAW(a_packed_model_is_the_same_model_for_all_kernels);
	LAW(so_is_a_large_one_for_any_number_of_threads);
	LAW(rows_of_any_length_are_packed_as_one_by_one);
	LAW(it_may_come_in_small_pieces);
	LAW(it_can_be_adapted);
	LAW(it_is_asked_for_by_the_hash_of_the_file);
	LAW(no_byte_can_be_another);
	LAW(every_cut_is_found);
	LAW(what_follows_is_found);
	LAW(another_file_or_version_is_refused);
	LAW(a_bad_model_is_as_bad_with_it);
	LAW(a_source_that_lies_is_refused);
	LAW(a_file_is_converted_again_by_any_kernels);
	LAW(a_fault_of_the_first_conversion_is_told);
	LAW(what_is_carried_is_not_asked_for);
	LAW(it_is_written_in_pieces);
	LAW(a_write_that_fails_is_told);
	for (unsigned i = 0; i < N_MODELS; i++) {
		free(files[i].at);
		free(packed[i].at);
	}
	return test_report();
}
