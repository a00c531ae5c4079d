/* Laws of damaged archives: test_damage [DIRECTORY] [--short|--long]. Every cut and every flipped
 * bit of small archives of every kind is told, with what is wrong and where; what was given out
 * before is right, and ends where the block begins that is named. From the project's folder. */
#include "test.h"
#include "archive_builder.h"
#include "archive_map.h"

#define ARCHIVES "tests/golden/archives/"
#define HOSTILE "tests/golden/hostile/"
#define MODELS "tests/golden/models/"

#define FIELDS 24 /* bytes of a frame of which more bits are tried, every one if it is long */

static enum test_effort effort;

/* ---- Models --------------------------------------------------------------------- */

enum family { GROUPED, ESCAPES, EMBEDDED, N_FAMILIES };

static struct lac_model *bases[N_FAMILIES], *adapted[2]; /* of GROUPED */

static void open_models(void)
{
	static const char *const adapters[] = { MODELS "leaning.gguf", MODELS "tilted.gguf" };

	if (lac_model_open_file(&bases[GROUPED], MODELS "grouped.gguf", NULL, NULL) ||
	    lac_model_open_file(&bases[ESCAPES], MODELS "escapes.gguf", NULL, NULL) ||
	    lac_model_open_default(&bases[EMBEDDED], NULL, NULL))
		exit(1);
	for (unsigned i = 0; i < 2; i++)
		if (lac_model_adapt_file(&adapted[i], bases[GROUPED], adapters[i], NULL))
			exit(1);
}

static void close_models(void)
{
	for (unsigned i = 0; i < 2; i++)
		lac_model_close(&adapted[i]);
	for (unsigned i = 0; i < N_FAMILIES; i++)
		lac_model_close(&bases[i]);
}

/* ---- Samples -------------------------------------------------------------------- */

struct sample {
	const char *name;
	enum family family;
	bool has_unused; /* a model that no block uses */
	struct lac_buffer archive;
	struct bytes text;
	struct archive_map map;
};

static struct sample samples[20];
static size_t n_samples;

static struct sample *add(const char *name, enum family family)
{
	if (n_samples == sizeof samples / sizeof *samples)
		abort();
	samples[n_samples] = (struct sample){ .name = name, .family = family };
	return &samples[n_samples++];
}

static enum lac_status decode(const struct sample *sample, const uint8_t *bytes, size_t n, struct bytes *text, struct lac_error *error)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;

	options.n_threads = 2;
	options.opens_carried = true;
	if (sample->family == GROUPED) {
		options.adapted = (const struct lac_model *const *)adapted;
		options.n_adapted = 2;
	}
	*error = (struct lac_error){ .status = LAC_OK };
	return transfer(lac_decompress, bases[sample->family], bytes, n, 0, &options, text, NULL, error);
}

static void settle(struct sample *sample)
{
	struct lac_error error;

	if (decode(sample, sample->archive.bytes, sample->archive.length, &sample->text, &error)) {
		fprintf(stderr, "%s: %s\n", sample->name, error.text);
		exit(1);
	}
	map_archives(&sample->map, sample->archive.bytes, sample->archive.length);
}

static void add_files(const char *name, enum family family, const char *const *paths, size_t n)
{
	struct sample *sample = add(name, family);

	for (size_t i = 0; i < n; i++) {
		struct bytes file = read_file(paths[i]);

		lac_buffer_append(&sample->archive, file.at, file.length);
		free(file.at);
	}
	settle(sample);
}

static void add_file(const char *path, enum family family)
{
	add_files(path, family, &path, 1);
}

/* Short blocks of every kind, one after the other; the least that this encoder makes of so many is
 * a kilobyte and more. */
static void add_all_kinds(void)
{
	struct archive_builder builder, other;
	struct sample *sample = add("blocks of all kinds", GROUPED);

	archive_load(&builder, ARCHIVES "one-block.lac");
	lac_buffer_append(&archive_add(&builder, LAC_FRAME_STORED)->body, "kept as it is", 13);
	archive_load(&other, ARCHIVES "ones.lac");
	archive_copy(&builder, &other.frames[0]);
	archive_copy(&builder, &builder.frames[1]); /* the text once more */
	archive_write(&sample->archive, &builder, NULL);
	archive_free(&builder);
	archive_free(&other);
	settle(sample);
}

/* A record that begins in one block and ends in the next. */
static void add_open_records(void)
{
	struct archive_builder builder, other;
	struct sample *sample = add("a record that goes on", GROUPED);

	archive_load(&other, ARCHIVES "lines.lac");
	builder = (struct archive_builder){ .version = other.version, .flags = other.flags };
	lac_buffer_append(&archive_add(&builder, LAC_FRAME_STORED | LAC_TAG_OPEN)->body, "one\nhalf of", 11);
	archive_copy(&builder, &other.frames[0]);
	archive_copy(&builder, &other.frames[2]);
	archive_copy(&builder, &other.frames[3]);
	archive_write(&sample->archive, &builder, NULL);
	archive_free(&builder);
	archive_free(&other);
	settle(sample);
}

/* Records of three models side by side; the longer of the two blocks is left out. */
static void add_routed(void)
{
	struct archive_builder builder;
	struct sample *sample = add("routed records", GROUPED);

	archive_load(&builder, ARCHIVES "adapted-lines.lac");
	archive_drop(&builder, 3);
	archive_write(&sample->archive, &builder, NULL);
	archive_free(&builder);
	settle(sample);
}

static void make_samples(void)
{
	static const char *const parts[] = { ARCHIVES "one-byte.lac", ARCHIVES "one-block.lac", ARCHIVES "empty.lac", ARCHIVES "nul.lac",
		ARCHIVES "ones.lac" };

	add_file(ARCHIVES "empty.lac", GROUPED);
	add_file(ARCHIVES "one-byte.lac", GROUPED);
	add_file(ARCHIVES "one-block.lac", GROUPED);
	add_file(ARCHIVES "stored-lines.lac", GROUPED);
	add_file(ARCHIVES "nul.lac", GROUPED);
	add_file(ARCHIVES "raw-lines.lac", ESCAPES);
	add_file(ARCHIVES "mixed.lac", GROUPED);
	add_file(ARCHIVES "adapted-once.lac", GROUPED);
	add_file(ARCHIVES "indexed-nul.lac", GROUPED);
	add_file(ARCHIVES "indexed-raw.lac", ESCAPES);
	add_file(ARCHIVES "published.lac", EMBEDDED);
	add_file(HOSTILE "good-file.lac", GROUPED);
	samples[n_samples - 1].has_unused = true;
	add_file(HOSTILE "good-index-of-file.lac", GROUPED);
	add_all_kinds();
	add_open_records();
	add_routed();
	add_files("archives one after the other", GROUPED, parts, sizeof parts / sizeof *parts);
}

/* ---- Trials --------------------------------------------------------------------- */

static const struct part *part_at(const struct sample *sample, size_t offset)
{
	const struct part *part = sample->map.parts;

	while (part < sample->map.parts + sample->map.n && part->end <= offset)
		part++;
	return part;
}

static bool begins_with_place(const struct lac_error *error, struct lac_place place)
{
	char wanted[96], block[32] = "";

	if (place.block)
		snprintf(block, sizeof block, ", block %llu", (unsigned long long)place.block);
	snprintf(wanted, sizeof wanted, "archive %llu%s, byte %llu: ", (unsigned long long)place.archive, block,
		(unsigned long long)place.offset);
	return error->offset == place.offset && strncmp(error->text, wanted, strlen(wanted)) == 0;
}

/* The error names the place, unless it says that this is no archive at all; the text given out is
 * all before it, and nothing of it. */
static void check_told(const struct sample *sample, enum lac_status s, const struct lac_error *error, struct bytes text,
	const struct part *part, const char *what, size_t where)
{
	CHECK_NOTE(s && error->status == s && error->text[0], "%s, %s %zu: %d", sample->name, what, where, (int)s);
	CHECK_NOTE(s == LAC_NOT_ARCHIVE ? error->offset == 0 : begins_with_place(error, part->place), "%s, %s %zu: part of %zu, block %llu: %s",
		sample->name, what, where, part->begin, (unsigned long long)part->place.block, error->text);
	CHECK_NOTE(same_bytes(text, sample->text.at, part->text_begin), "%s, %s %zu: %zu bytes of text, not %zu", sample->name, what, where,
		text.length, part->text_begin);
}

static enum lac_status list(const uint8_t *bytes, size_t n, struct lac_error *error)
{
	struct memory_source source = { .at = bytes, .left = n };
	struct lac_stats stats;

	return lac_list((struct lac_source){ memory_read, &source }, &stats, error);
}

/* ---- Laws ----------------------------------------------------------------------- */

/* A cut at a seam leaves whole archives: there is nothing to tell. */
static void try_cut(const struct sample *sample, size_t n)
{
	const struct part *part = part_at(sample, n);
	uint8_t *copy = malloc(n + !n); /* so that the sanitizers see a read past it */
	struct lac_error error, listed = { .status = LAC_OK };
	struct bytes text;
	enum lac_status s;

	if (n)
		memcpy(copy, sample->archive.bytes, n);
	s = decode(sample, copy, n, &text, &error);
	CHECK_NOTE(list(copy, n, &listed) == s && listed.offset == error.offset, "%s, list, cut at %zu", sample->name, n);
	if (n && part->is_header && part->begin == n) {
		CHECK_NOTE(s == LAC_OK && same_bytes(text, sample->text.at, part->text_begin), "%s, seam at %zu", sample->name, n);
	} else {
		CHECK_NOTE(s == (n ? LAC_TRUNCATED : LAC_NOT_ARCHIVE), "%s, cut at %zu: %d, %s", sample->name, n, (int)s, error.text);
		check_told(sample, s, &error, text, part, "cut at", n);
	}
	free(text.at);
	free(copy);
}

static void every_cut_is_truncated(void)
{
	for (size_t i = 0; i < n_samples; i++)
		for (size_t n = 0; n < samples[i].archive.length; n += effort == SHORT ? 7 : 1)
			try_cut(&samples[i], n);
}

/* The first bytes of the tag and the length say how many follow; only there can a flip make the
 * archive too short. */
static bool says_how_long(const struct part *part, size_t at)
{
	return !part->is_header && at < part->begin + 1 + LAC_VARINT_BYTES_MAX;
}

static void try_flip(struct sample *sample, size_t bit)
{
	const struct part *part = part_at(sample, bit / 8);
	const bool is_magic = part->is_header && bit / 8 < part->begin + LAC_MAGIC_BYTES;
	struct lac_error error, listed = { .status = LAC_OK };
	struct bytes text;
	enum lac_status s;

	sample->archive.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	s = decode(sample, sample->archive.bytes, sample->archive.length, &text, &error);
	CHECK_NOTE(list(sample->archive.bytes, sample->archive.length, &listed) == s && listed.offset == error.offset, "%s, list, bit %zu",
		sample->name, bit);
	/* nothing damaged is ever called unsupported */
	CHECK_NOTE(s == (is_magic && part->begin == 0 ? LAC_NOT_ARCHIVE : LAC_CORRUPT) || (s == LAC_TRUNCATED && says_how_long(part, bit / 8)),
		"%s, bit %zu: %d, %s", sample->name, bit, (int)s, error.text);
	check_told(sample, s, &error, text, part, "bit", bit);
	sample->archive.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	free(text.at);
}

static void every_flip_is_corrupt(void)
{
	for (size_t i = 0; i < n_samples; i++)
		for (size_t bit = 0; bit < 8 * samples[i].archive.length; bit += effort == SHORT ? 29 : 1)
			try_flip(&samples[i], bit);
}

#define TAG_MODEL 1
#define WINDOW_AT 19 /* in a short model frame: tag, length, arithmetic version, identity */

/* A frame that contradicts itself, or what needs it, is where the error is: at a frame, with the
 * text before that given out. Only in the name of a model, which nothing but a message shows, may a
 * bit change unseen, and in a window that no stream fills before or after. */
static void try_mended(struct sample *sample, const struct part *part, size_t bit, uint8_t *copy)
{
	const bool is_name = bit / 8 >= part->end - 4 - part->n_name && part->n_name;
	const bool is_window = !part->is_header && (sample->archive.bytes[part->begin] & 15) == TAG_MODEL && bit / 8 == part->begin + WINDOW_AT;
	/* of what no block uses, the base may be another, which is not there */
	const bool is_base = sample->has_unused && !part->is_header && (sample->archive.bytes[part->begin] & LAC_TAG_TYPE) == LAC_FRAME_ADAPTED &&
		bit / 8 == part->begin + 2;
	struct lac_error error;
	struct bytes text;
	enum lac_status s;

	memcpy(copy, sample->archive.bytes, sample->archive.length);
	copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	mend_frame(copy, part, sample->archive.bytes[part->begin]);
	s = decode(sample, copy, sample->archive.length, &text, &error);
	if (s) {
		const struct part *told = part_at(sample, (size_t)error.offset);

		CHECK_NOTE(s == LAC_CORRUPT || s == LAC_TRUNCATED || s == LAC_UNSUPPORTED || s == LAC_OTHER_MODEL || s == LAC_OTHER_ADAPTER,
			"%s, mended bit %zu: %d", sample->name, bit, (int)s);
		CHECK_NOTE(told->begin == error.offset && error.offset >= part->begin, "%s, mended bit %zu of the part at %zu: %s", sample->name,
			bit, part->begin, error.text);
		CHECK_NOTE(same_bytes(text, sample->text.at, told->text_begin), "%s, mended bit %zu: %zu bytes of text, not %zu", sample->name,
			bit, text.length, told->text_begin);
	} else {
		CHECK_NOTE((is_name || is_window || is_base) && same_bytes(text, sample->text.at, sample->text.length), "%s, mended bit %zu is accepted", sample->name, bit);
	}
	free(text.at);
}

/* A stored block's bytes are its text, and a file's are what it carries: whoever mends their check
 * has made another archive. */
static bool is_another(unsigned type, unsigned changed)
{
	return type == LAC_FRAME_STORED || (type == LAC_FRAME_FILE && changed == LAC_FRAME_STORED);
}

/* Of tags and bodies; of a file, of what is left. */
static void flips_under_a_mended_check_are_told(void)
{
	for (size_t i = 0; i < n_samples; i++) {
		struct sample *sample = &samples[i];
		uint8_t *copy = malloc(sample->archive.length);

		for (const struct part *part = sample->map.parts; part < sample->map.parts + sample->map.n; part++) {
			const unsigned tag = sample->archive.bytes[part->begin];
			size_t n_length = 1, end;

			if (part->is_header || is_another(tag & LAC_TAG_TYPE, 0))
				continue;
			end = part->end - lac_frame_check_bytes((uint8_t)tag);
			while (sample->archive.bytes[part->begin + n_length] & 0x80)
				n_length++;
			if ((tag & LAC_TAG_TYPE) == LAC_FRAME_FILE)
				end = part->begin + n_length + 2;
			for (size_t bit = 8 * part->begin; bit < 8 * end; bit += effort == SHORT ? 37u : (bit / 8 > part->begin + FIELDS ? 5u : 1u) * (effort == LONG ? 1u : 3u))
				if (bit / 8 > part->begin + n_length || (bit / 8 == part->begin && !is_another(tag & LAC_TAG_TYPE, (tag ^ 1u << bit % 8) & LAC_TAG_TYPE)))
					try_mended(sample, part, bit, copy);
		}
		free(copy);
	}
}

static void put_header_check(uint8_t *header)
{
	const uint32_t check = lac_header_check(header);

	for (unsigned i = 0; i < 4; i++)
		header[LAC_HEADER_BYTES - 4 + i] = (uint8_t)(check >> 8 * i);
}

/* What the blocks make of another version or kind of records, under a mended check. */
static enum lac_status expected_of(const uint8_t *header, const uint8_t *frame)
{
	if (header[4] != LAC_FORMAT_VERSION || header[5] > LAC_RECORDS_NUL)
		return LAC_UNSUPPORTED;
	/* no text is of every kind */
	return (frame[0] & LAC_TAG_TYPE) == LAC_FRAME_END ? LAC_OK : LAC_CORRUPT;
}

static void try_header(struct sample *sample, const struct part *part, size_t bit, uint8_t *copy)
{
	struct lac_error error;
	struct bytes text;
	enum lac_status s;

	memcpy(copy, sample->archive.bytes, sample->archive.length);
	copy[part->begin + LAC_MAGIC_BYTES + bit / 8] ^= (uint8_t)(1 << bit % 8);
	put_header_check(copy + part->begin);
	s = decode(sample, copy, sample->archive.length, &text, &error);
	CHECK_NOTE(s == expected_of(copy + part->begin, copy + part->end), "%s, version or flags, bit %zu: %d, %s", sample->name, bit, (int)s,
		error.text);
	if (s)
		check_told(sample, s, &error, text, part_at(sample, (size_t)error.offset), "version or flags, bit", bit);
	CHECK(!s || error.offset >= part->begin);
	free(text.at);
}

/* The check of a header comes before what it says. */
static void another_version_is_unsupported(void)
{
	for (size_t i = 0; i < n_samples; i++) {
		uint8_t *copy = malloc(samples[i].archive.length);

		for (const struct part *part = samples[i].map.parts; part < samples[i].map.parts + samples[i].map.n; part++)
			for (size_t bit = 0; part->is_header && bit < 16; bit++)
				try_header(&samples[i], part, bit, copy);
		free(copy);
	}
}

int main(int argc, char **argv)
{
	effort = test_effort(argc, argv);
	open_models();
	make_samples();
	LAW(every_cut_is_truncated);
	LAW(every_flip_is_corrupt);
	LAW(flips_under_a_mended_check_are_told);
	LAW(another_version_is_unsupported);
	for (size_t i = 0; i < n_samples; i++) {
		lac_buffer_free(&samples[i].archive);
		free(samples[i].text.at);
	}
	close_models();
	return test_report();
}
