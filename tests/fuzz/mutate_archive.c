/* mutate_archive.c: mutates archives frame by frame and makes lengths and checks fit again, so that
 * what is behind them is reached. */
#include "fuzz_models.h"
#include "mutator.h"

#include "format/check.h"

#define PIECES_MAX 96u

/* A header (its six bytes before the check) or a frame's body. */
struct piece {
	bool is_header;
	uint8_t tag;
	struct lac_buffer bytes;
};

struct pieces {
	struct piece at[PIECES_MAX];
	size_t n;
};

/* ---- Bytes to pieces and back ----------------------------------------------------- */

static const struct piece *add_piece(struct pieces *pieces, bool is_header, uint8_t tag, const uint8_t *bytes, size_t n_bytes)
{
	struct piece *piece = &pieces->at[pieces->n++];

	*piece = (struct piece){ .is_header = is_header, .tag = tag };
	if (!lac_buffer_reserve(&piece->bytes, n_bytes + 1)) /* an empty one has an address too */
		abort();
	lac_buffer_append(&piece->bytes, bytes, n_bytes);
	return piece;
}

/* A frame, whether or not it is all there. False: there is nothing. */
static bool cut_frame(struct pieces *pieces, struct lac_reader *in)
{
	const uint8_t *body, *check;
	uint64_t length;
	uint8_t tag;

	if (!lac_read_u8(in, &tag))
		return false;
	if (!lac_read_varint(in, &length) || length > in->left)
		length = in->left;
	(void)lac_read_bytes(in, (size_t)length, &body);
	(void)lac_read_bytes(in, lac_frame_check_bytes(tag) < in->left ? lac_frame_check_bytes(tag) : in->left, &check);
	add_piece(pieces, false, tag, body, (size_t)length);
	return true;
}

static void cut(struct pieces *pieces, const uint8_t *data, size_t size)
{
	struct lac_reader in = { data, size };
	const uint8_t *header;

	pieces->n = 0;
	while (in.left && pieces->n < PIECES_MAX) {
		if (!lac_read_bytes(&in, LAC_HEADER_BYTES, &header))
			return;
		add_piece(pieces, true, 0, header, LAC_HEADER_BYTES - 4);
		while (pieces->n < PIECES_MAX && cut_frame(pieces, &in))
			if (pieces->at[pieces->n - 1].tag & LAC_TAG_LAST)
				break;
	}
}

static void join_header(struct lac_buffer *out, const struct piece *piece)
{
	uint8_t header[LAC_HEADER_BYTES - 4] = { 0 };

	memcpy(header, piece->bytes.bytes, piece->bytes.length < sizeof header ? piece->bytes.length : sizeof header);
	lac_buffer_append(out, header, sizeof header);
	lac_buffer_u32(out, lac_header_check(header));
}

static void join_frame(struct lac_buffer *out, const struct piece *piece, uint64_t ordinal)
{
	const size_t start = out->length;
	uint64_t check;

	lac_buffer_u8(out, piece->tag);
	lac_buffer_varint(out, piece->bytes.length);
	lac_buffer_append(out, piece->bytes.bytes, piece->bytes.length);
	check = lac_frame_check(out->bytes + start, out->length - start, ordinal);
	if (lac_frame_check_bytes(piece->tag) == 8)
		lac_buffer_u64(out, check);
	else
		lac_buffer_u32(out, (uint32_t)check);
}

static struct lac_buffer join(const struct pieces *pieces)
{
	struct lac_buffer out = { 0 };
	uint64_t ordinal = 0;

	for (size_t i = 0; i < pieces->n; i++) {
		const struct piece *piece = &pieces->at[i];

		if (piece->is_header) {
			join_header(&out, piece);
			ordinal = 0;
		} else {
			join_frame(&out, piece, ordinal++);
		}
	}
	return out;
}

static void free_pieces(struct pieces *pieces)
{
	while (pieces->n)
		lac_buffer_free(&pieces->at[--pieces->n].bytes);
}

/* ---- What is done to them --------------------------------------------------------- */

static void remove_piece(struct pieces *pieces, size_t i)
{
	lac_buffer_free(&pieces->at[i].bytes);
	memmove(&pieces->at[i], &pieces->at[i + 1], (--pieces->n - i) * sizeof *pieces->at);
}

/* A copy of one, before any or behind the last. */
static void copy_piece(struct pieces *pieces, size_t from, size_t to)
{
	const struct piece *piece = &pieces->at[from];
	struct piece copy;

	if (pieces->n == PIECES_MAX)
		return;
	copy = *add_piece(pieces, piece->is_header, piece->tag, piece->bytes.bytes, piece->bytes.length);
	memmove(&pieces->at[to + 1], &pieces->at[to], (pieces->n - 1 - to) * sizeof *pieces->at);
	pieces->at[to] = copy;
}

/* Where a number may be: behind others, as fields are, or anywhere near the beginning. */
static struct lac_reader find_number(const struct piece *piece, uint64_t *seed)
{
	struct lac_reader rest = { piece->bytes.bytes, piece->bytes.length };
	const uint8_t *before;
	uint64_t number;

	if (test_random(seed) % 2)
		(void)lac_read_bytes(&rest, test_random(seed) % (rest.left < 24 ? rest.left + 1 : 24), &before);
	else
		for (uint64_t n = test_random(seed) % 4; n && lac_read_varint(&rest, &number); n--)
			;
	return rest;
}

static void change_number(struct piece *piece, uint64_t *seed)
{
	struct lac_reader rest = find_number(piece, seed);
	struct lac_buffer changed = { 0 };
	uint64_t number = 0;

	lac_buffer_append(&changed, piece->bytes.bytes, piece->bytes.length - rest.left);
	(void)lac_read_varint(&rest, &number);
	number = test_random(seed) % 2 ? border_number(seed) : (number + 3 - test_random(seed) % 7) & INT64_MAX;
	if (!lac_buffer_reserve(&changed, piece->bytes.length + LAC_VARINT_BYTES_MAX))
		abort();
	lac_buffer_varint(&changed, number);
	lac_buffer_append(&changed, rest.at, rest.left);
	lac_buffer_free(&piece->bytes);
	piece->bytes = changed;
}

/* Numbers at the ends of the range coder's. */
static void fill_end(struct piece *piece, uint64_t *seed)
{
	const size_t n = test_random(seed) % (piece->bytes.length + 1);

	memset(piece->bytes.bytes + piece->bytes.length - n, test_random(seed) % 2 ? 0xff : 0, n);
}

static void change_tag(struct piece *piece, uint64_t *seed)
{
	const unsigned how = (unsigned)(test_random(seed) % 4);

	if (how == 0)
		piece->tag ^= LAC_TAG_LAST;
	else if (how == 1)
		piece->tag ^= LAC_TAG_OPEN;
	else if (how == 2)
		piece->tag = (uint8_t)((piece->tag & ~LAC_TAG_TYPE) | test_random(seed) % (LAC_FRAME_FILE + 1));
	else
		piece->tag ^= (uint8_t)(1 << test_random(seed) % 8);
}

static void change(struct pieces *pieces, size_t room, uint64_t *seed)
{
	const size_t i = test_random(seed) % pieces->n;

	switch (test_random(seed) % 10) {
	case 0: remove_piece(pieces, i); break;
	case 1: copy_piece(pieces, i, test_random(seed) % (pieces->n + 1)); break;
	case 2:
	case 3: change_tag(&pieces->at[i], seed); break;
	case 4:
	case 5: change_number(&pieces->at[i], seed); break;
	case 6: fill_end(&pieces->at[i], seed); break;
	default: mutate_buffer(&pieces->at[i].bytes, room / 2);
	}
}

/* ---- A new archive of a like text ------------------------------------------------- */

static bool is_short(const uint8_t *data, size_t size)
{
	struct memory_source source = { .at = data, .left = size };
	struct lac_stats stats = { .bytes_out = 0 };

	return !lac_list((struct lac_source){ memory_read, &source }, &stats, NULL) && stats.bytes_out <= 1100;
}

static struct bytes compress_anew(const struct fuzz_model *m, const struct lac_buffer *text, uint64_t *seed)
{
	const struct lac_model *adapted[2] = { m->adapted[0], m->adapted[1] };
	const struct lac_options options = { .n_threads = 1, .block_bytes = LAC_BLOCK_BYTES_MIN,
		.records = (enum lac_records)(test_random(seed) % 3), .adapted = adapted, .n_adapted = m->n_adapters };
	struct bytes archive;

	if (transfer(lac_compress, m->model, text->bytes, text->length, 0, &options, &archive, NULL, NULL))
		abort();
	return archive;
}

/* Payloads are the only ones of their texts, so that mutating them gives no other valid archive;
 * compressing a mutated text does. */
static struct lac_buffer write_anew(const uint8_t *data, size_t size, uint64_t *seed)
{
	const struct fuzz_model *m = fuzz_model((unsigned)(test_random(seed) % FUZZ_MODELS));
	const struct lac_model *adapted[2] = { m->adapted[0], m->adapted[1] };
	const struct lac_options options = { .n_threads = 1, .adapted = adapted, .n_adapted = m->n_adapters };
	struct bytes text = { NULL, 0 }, archive;
	struct lac_buffer mutated = { 0 }, out = { 0 };

	if (is_short(data, size))
		(void)transfer(lac_decompress, m->model, data, size, 0, &options, &text, NULL, NULL);
	lac_buffer_append(&mutated, text.at, text.length);
	mutate_buffer(&mutated, 256);
	archive = compress_anew(m, &mutated, seed);
	lac_buffer_append(&out, archive.at, archive.length);
	lac_buffer_free(&mutated);
	free(text.at);
	free(archive.at);
	return out;
}

/* ---- Entries ---------------------------------------------------------------------- */

static struct lac_buffer change_some(const uint8_t *data, size_t size, size_t room, uint64_t *seed)
{
	struct pieces pieces = { .n = 0 };
	struct lac_buffer out;

	cut(&pieces, data, size);
	for (uint64_t n = 1 + test_random(seed) % 3; n && pieces.n; n--)
		change(&pieces, room, seed);
	out = join(&pieces);
	free_pieces(&pieces);
	return out;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed32)
{
	uint64_t seed = seed32;
	const uint64_t how = test_random(&seed) % 32;
	struct lac_buffer result;

	if (how == 0)
		return LLVMFuzzerMutate(data, size, max_size); /* checks and all */
	result = how < 4 || size < LAC_HEADER_BYTES ? write_anew(data, size, &seed) : change_some(data, size, max_size - size, &seed);
	size = give_back(&result, data, size, max_size);
	lac_buffer_free(&result);
	return size;
}

/* The beginning of one, then the end of the other. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t n_a, const uint8_t *b, size_t n_b, uint8_t *out, size_t max_out,
	unsigned seed32)
{
	struct pieces left = { .n = 0 }, right = { .n = 0 };
	uint64_t seed = seed32;
	struct lac_buffer result;
	size_t first, n;

	cut(&left, a, n_a);
	cut(&right, b, n_b);
	while (left.n > 1 && test_random(&seed) % 4)
		remove_piece(&left, left.n - 1);
	first = right.n ? test_random(&seed) % right.n : 0;
	for (size_t i = first; i < right.n && left.n < PIECES_MAX; i++)
		add_piece(&left, right.at[i].is_header, right.at[i].tag, right.at[i].bytes.bytes, right.at[i].bytes.length);
	result = join(&left);
	n = give_back(&result, out, 0, max_out);
	lac_buffer_free(&result);
	free_pieces(&left);
	free_pieces(&right);
	return n;
}
