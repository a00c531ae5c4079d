/* Laws of packed models (model/packed_file.h): test_packed [DIRECTORY [--short|--long]]. From the project's folder. */
#include "memory_io.h"
#include "test.h"

#include "base/hash.h"
#include "base/memory.h"
#include "model/packed_file.h"

#define HEADER_BYTES 64u
#define HASH_BYTES 16u
#define CHUNK_BYTES ((size_t)2 << 20)

static enum test_effort effort;

/* Every architecture, with and without what a model may have besides. */
static const char *const names[] = { "grouped", "escapes", "odd", "biased", "normed", "sliding", "wide-heads", "pieces" };
enum { N_MODELS = sizeof names / sizeof *names };
static struct bytes files[N_MODELS], packed[N_MODELS];

static bool lend(void *payload, const uint8_t file_hash[16], struct lac_file *found)
{
	const struct lac_file *form = payload;

	(void)file_hash;
	*found = *form;
	return true;
}

/* The model, to be closed; whether the packed form was used, lac_model_info() says. */
static struct lac_model *open_with(unsigned model, struct bytes form, struct lac_options options)
{
	struct lac_file exact = { malloc(form.length ? form.length : 1), form.length }; /* a sanitizer sees where it ends, and that it is not needed later */
	struct lac_error error = { .status = LAC_OK };
	struct lac_model *out = NULL;

	memcpy((void *)(uintptr_t)exact.bytes, form.at, form.length);
	options.find_packed = lend;
	options.packed_payload = &exact;
	CHECK_NOTE(!lac_model_open_memory(&out, files[model].at, files[model].length, &options, &error) && !error.text[0], "%s: %s", names[model],
		error.text);
	free((void *)(uintptr_t)exact.bytes);
	if (!out)
		exit(1);
	return out;
}

static const struct lac_options defaults = LAC_OPTIONS_DEFAULT;

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
		a->n_parameters == b->n_parameters && a->context_length == b->context_length, "%s", names[model]);
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

/* Large enough to be shared out among threads. */
static void so_is_a_large_one_for_any_number_of_threads(void)
{
	static const uint32_t n_threads[] = { 1, 2, 3, 7 };
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_model *model = NULL, *plain = NULL;
	struct bytes form, again;
	struct lac_file lent;

	CHECK(!lac_model_open_default(&plain, NULL, NULL));
	form = pack(plain);
	lent = (struct lac_file){ form.at, form.length };
	options.find_packed = lend;
	options.packed_payload = &lent;
	for (unsigned i = 0; i < sizeof n_threads / sizeof *n_threads; i++) {
		options.n_threads = n_threads[i];
		CHECK(!lac_model_open_default(&model, &options, NULL) && lac_model_info(model)->is_packed);
		again = pack(model);
		CHECK(same_bytes(again, form.at, form.length));
		CHECK(memcmp(lac_model_info(model)->identity, lac_model_info(plain)->identity, 16) == 0);
		free(again.at);
		lac_model_close(&model);
	}
	form.at[form.length / 2] ^= 1;
	CHECK(!lac_model_open_default(&model, &options, NULL) && !lac_model_info(model)->is_packed);
	lac_model_close(&model);
	free(form.at);
	lac_model_close(&plain);
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
static bool note_hash(void *payload, const uint8_t file_hash[16], struct lac_file *found)
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

static struct bytes copy_of(struct bytes from)
{
	struct bytes copy = { malloc(from.length + HASH_BYTES), from.length };

	memcpy(copy.at, from.at, from.length);
	return copy;
}

/* As if it had been written so. */
static void hash_again(struct bytes *form)
{
	struct lac_hash128 *whole = lac_hash128_create();
	const size_t end = form->length - HASH_BYTES;
	uint8_t hash[HASH_BYTES];

	lac_hash128_update(whole, form->at, HEADER_BYTES);
	for (size_t at = HEADER_BYTES; at < end; at += CHUNK_BYTES) {
		lac_hash128(form->at + at, end - at < CHUNK_BYTES ? end - at : CHUNK_BYTES, hash);
		lac_hash128_update(whole, hash, sizeof hash);
	}
	lac_hash128_finish(&whole, form->at + end);
}

static enum lac_status read_form(unsigned model, struct bytes form)
{
	const struct lac_file file = { form.at, form.length };
	struct lac_arena arena = { NULL, 0 };
	struct lac_error error = { .status = LAC_OK };
	uint8_t hash[16], identity[16];
	enum lac_status s;

	lac_hash128(files[model].at, files[model].length, hash);
	s = lac_packed_file_read(&arena, &file, hash, 2, identity, &error);
	CHECK_NOTE(!s == !error.text[0] && error.status == s, "%s: %s, \"%s\"", names[model], lac_status_name(s), error.text);
	lac_arena_free(&arena);
	return s;
}

/* Why it is refused (LAC_OK: what is read is not the model), and that the model opens all the same. */
static void refuse(unsigned model, struct bytes form, enum lac_status expected, const char *note, size_t at)
{
	const enum lac_status s = read_form(model, form);
	struct lac_model *opened = open_with(model, form, defaults);
	struct bytes again = pack(opened);

	CHECK_NOTE(s == expected, "%s, %s %zu: %s for %s", names[model], note, at, lac_status_name(s), lac_status_name(expected));
	CHECK_NOTE(!lac_model_info(opened)->is_packed, "%s, %s %zu: it is used", names[model], note, at);
	CHECK_NOTE(same_bytes(again, packed[model].at, packed[model].length), "%s, %s %zu: another model", names[model], note, at);
	free(again.at);
	lac_model_close(&opened);
}

/* By its first bytes, or as it is too short or its hash another. */
static enum lac_status damage_at(size_t at)
{
	return at < 7 ? LAC_NOT_ARCHIVE : at < 12 ? LAC_UNSUPPORTED : at >= 16 && at < 32 ? LAC_OTHER_MODEL : LAC_CORRUPT;
}

static void every_damaged_bit_is_found(void)
{
	const size_t step = effort == LONG ? 1 : effort == SHORT ? 997 : 41;
	struct bytes form = copy_of(packed[0]);

	for (size_t at = 0; at < form.length; at += at < 80 || at + 20 > form.length ? 1 : step) {
		const uint8_t flip = (uint8_t)(1u << at % 8);

		form.at[at] ^= flip;
		if (at >= 48 && at < 56) { /* its length: shorter or longer than said */
			refuse(0, form, read_form(0, form), "length at", at);
		} else {
			refuse(0, form, damage_at(at), "byte", at);
		}
		form.at[at] ^= flip;
	}
	free(form.at);
}

static void every_cut_is_found(void)
{
	const size_t step = effort == LONG ? 1 : effort == SHORT ? 997 : 41;

	for (size_t n = 0; n < packed[0].length; n += n < 100 || n + 20 > packed[0].length ? 1 : step)
		refuse(0, (struct bytes){ packed[0].at, n }, n < 8 ? LAC_NOT_ARCHIVE : LAC_TRUNCATED, "cut at", n);
}

static void what_is_too_long_is_refused(void)
{
	struct bytes form = copy_of(packed[0]);

	memset(form.at + form.length, 0, HASH_BYTES);
	form.length += HASH_BYTES;
	refuse(0, form, LAC_CORRUPT, "longer by", HASH_BYTES);
	free(form.at);
}

static void another_file_version_or_order_is_refused(void)
{
	struct bytes form = copy_of(packed[0]);

	refuse(1, form, LAC_OTHER_MODEL, "of model", 0);
	form.at[7]++;
	hash_again(&form);
	refuse(0, form, LAC_UNSUPPORTED, "version", form.at[7]);
	form.at[7]--;
	for (unsigned i = 0; i < 2; i++) { /* the mark of the other order */
		const uint8_t byte = form.at[8 + i];

		form.at[8 + i] = form.at[11 - i];
		form.at[11 - i] = byte;
	}
	hash_again(&form);
	refuse(0, form, LAC_UNSUPPORTED, "order", 0);
	free(form.at);
	refuse(0, files[0], LAC_NOT_ARCHIVE, "its GGUF file", 0);
}

/* The hash is right, the numbers are not: the identity is of the numbers. Of what is made of them, and of what is between them, only the
 * hash tells. */
static void other_numbers_have_another_identity(void)
{
	for (unsigned i = 0; i < N_MODELS; i++) {
		struct bytes form = copy_of(packed[i]);
		unsigned n_told = 0, n = 0;

		for (size_t at = HEADER_BYTES; at + HASH_BYTES < form.length; at += form.length / 61, n++) {
			struct lac_model *model;

			form.at[at] ^= 1;
			hash_again(&form);
			model = open_with(i, form, defaults);
			n_told += !lac_model_info(model)->is_packed;
			form.at[at] ^= 1;
			lac_model_close(&model);
		}
		CHECK_NOTE(n_told > n * 3 / 4, "%s: %u of %u", names[i], n_told, n);
		form.at[32] ^= 1; /* the identity that it is said to be of */
		hash_again(&form);
		refuse(i, form, LAC_OK, "identity at", 32);
		free(form.at);
	}
}

/* Less than the model needs, or more: said so, with a hash that is right. */
static void numbers_that_are_missing_are_missed(void)
{
	struct bytes form = copy_of(packed[0]);

	form.length -= 64;
	form.at[48] = (uint8_t)(form.at[48] - 64);
	form.at[49] = (uint8_t)(form.at[49] - (form.at[48] > 191));
	hash_again(&form);
	refuse(0, form, LAC_OK, "shorter by", 64);
	form.length = HEADER_BYTES + HASH_BYTES;
	memset(form.at + 48, 0, 8);
	hash_again(&form);
	refuse(0, form, LAC_OK, "without weights", 0);
	free(form.at);
}

static void a_bad_model_is_as_bad_with_it(void)
{
	struct lac_file lent = { packed[0].at, packed[0].length };
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_error error = { .status = LAC_OK }, plain = { .status = LAC_OK };
	struct lac_model *model = NULL;

	options.find_packed = lend;
	options.packed_payload = &lent;
	for (size_t n = 0; n < files[0].length; n += 977) {
		const enum lac_status s = lac_model_open_memory(&model, files[0].at, n, &options, &error);

		CHECK(!model && s == LAC_BAD_MODEL && s == lac_model_open_memory(&model, files[0].at, n, NULL, &plain) && !model);
		CHECK(strcmp(error.text, plain.text) == 0 && error.offset == plain.offset);
	}
}

/* ---- Writing ------------------------------------------------------------------------- */

static void a_write_that_fails_is_told(void)
{
	struct lac_model *model = NULL;

	CHECK(!lac_model_open_memory(&model, files[0].at, files[0].length, NULL, NULL));
	for (size_t limit = 1; limit < packed[0].length; limit += limit < 100 || limit + 20 > packed[0].length ? 1 : 997) {
		struct memory_sink sink = { .limit = limit };
		struct lac_error error = { .status = LAC_OK };

		CHECK_NOTE(lac_model_write_packed(model, (struct lac_sink){ memory_write, &sink }, &error) == LAC_WRITE_FAILED && error.text[0],
			"%zu bytes", limit);
		free(sink.bytes.at);
	}
	lac_model_close(&model);
}

/* Of which an arena has many, and a small model one. */
static void pieces_and_chunks_need_not_end_together(void)
{
	static struct lac_model model;
	struct lac_arena arena = { NULL, 0 };
	struct memory_sink sink = { .capacity = 0 };
	struct lac_file file;
	uint64_t seed = 1;
	uint8_t identity[16];
	size_t n_bytes, n_weights = 0;
	const uint8_t *read, *piece;

	model.weights.arena.piece_bytes = CHUNK_BYTES + 64 * 1000;
	for (size_t n = CHUNK_BYTES * 3 / 4; n_weights < 5 * CHUNK_BYTES; n_weights += n) {
		uint8_t *bytes = lac_arena_calloc(&model.weights.arena, n);

		for (size_t i = 0; i < n; i += 64)
			bytes[i] = (uint8_t)test_random(&seed);
	}
	CHECK(lac_arena_piece(&model.weights.arena, 3, &n_bytes) != NULL);
	CHECK(!lac_packed_file_write(&model, (struct lac_sink){ memory_write, &sink }, NULL));
	CHECK(sink.bytes.length == HEADER_BYTES + n_weights + HASH_BYTES);
	file = (struct lac_file){ sink.bytes.at, sink.bytes.length };
	CHECK(!lac_packed_file_read(&arena, &file, model.info.file_hash, 2, identity, NULL));
	read = lac_arena_calloc(&arena, n_weights);
	for (size_t i = 0; (piece = lac_arena_piece(&model.weights.arena, i, &n_bytes)); i++, read += n_bytes)
		CHECK_NOTE(memcmp(read, piece, n_bytes) == 0, "piece %zu", i);
	lac_arena_free(&arena);
	lac_arena_free(&model.weights.arena);
	free(sink.bytes.at);
}

/* Whoever changes what these bytes are gives them another LAC_PACKED_FILE_VERSION, and puts their hash here. */
static void its_bytes_belong_to_its_version(void)
{
	static const uint8_t expected[16] = { 0xcf, 0xbd, 0xb9, 0x5b, 0xf5, 0xdd, 0x5c, 0xf3, 0x0a, 0x33, 0x49, 0xb9, 0x47, 0xe4, 0x50, 0x0b };
	const uint16_t one = 1;
	uint8_t hash[16], low;

	memcpy(&low, &one, 1);
	CHECK(LAC_PACKED_FILE_VERSION == 1);
	if (!low)
		return; /* they are in the machine's order */
	lac_hash128(packed[0].at, packed[0].length, hash);
	for (unsigned i = 0; i < 16; i++)
		CHECK_NOTE(hash[i] == expected[i], "byte %u is 0x%02x", i, (unsigned)hash[i]);
}

int main(int argc, char **argv)
{
	effort = test_effort(argc, argv);
	open_all();
	LAW(a_packed_model_is_the_same_model_for_all_kernels);
	LAW(so_is_a_large_one_for_any_number_of_threads);
	LAW(it_can_be_adapted);
	LAW(it_is_asked_for_by_the_hash_of_the_file);
	LAW(every_damaged_bit_is_found);
	LAW(every_cut_is_found);
	LAW(what_is_too_long_is_refused);
	LAW(another_file_version_or_order_is_refused);
	LAW(other_numbers_have_another_identity);
	LAW(numbers_that_are_missing_are_missed);
	LAW(a_bad_model_is_as_bad_with_it);
	LAW(a_write_that_fails_is_told);
	LAW(pieces_and_chunks_need_not_end_together);
	LAW(its_bytes_belong_to_its_version);
	for (unsigned i = 0; i < N_MODELS; i++) {
		free(files[i].at);
		free(packed[i].at);
	}
	return test_report();
}
