#include "archive/probes.h"
#include "base/memory.h"

/* in shorter texts the mixing model has not learnt enough to be compared with */
#define FOREIGN_BYTES_MIN 32768u

#define NOISE_BYTES_MIN 4096u /* in shorter texts the mixing model finds little anyway */

/* ---- Setting up --------------------------------------------------------------------------- */

static bool is_long(const struct lac_stream *record)
{
	return record->in_bytes + 1 >= LAC_PROBE_BYTES;
}

/* Where the probe ends that begins with record `first`: a long record is alone. */
static uint32_t end_of_probe(const struct lac_block *block, uint32_t first)
{
	uint32_t end = first + 1;

	while (!is_long(&block->streams[first]) && end < block->n_streams && !is_long(&block->streams[end]))
		end++;
	return end;
}

/* A record begins where the text of the one before it and its separator end. */
static size_t begin_of_record(const struct lac_block *block, uint32_t record)
{
	return record == block->n_streams ? block->bytes.length : (size_t)(block->streams[record].in - block->bytes.bytes);
}

static void set_probe(struct lac_block *block, struct lac_probe *probe, uint32_t first, uint32_t end, const struct lac_model *base)
{
	const size_t from = begin_of_record(block, first);

	probe->end = end;
	probe->stream.kind = LAC_STREAM_PROBE;
	probe->stream.model = base;
	probe->stream.in = block->bytes.bytes + from;
	probe->stream.in_bytes = begin_of_record(block, end) - from;
}

bool lac_block_set_probes(struct lac_block *block, bool records, const struct lac_model *base)
{
	uint32_t n = 0;

	for (uint32_t first = 0; first < block->n_streams; n++)
		first = records ? end_of_probe(block, first) : block->n_streams;
	block->probes = lac_calloc(n, sizeof *block->probes);
	if (!block->probes)
		return false;
	for (uint32_t first = 0; block->n_probes < n; first = block->probes[block->n_probes++].end)
		set_probe(block, &block->probes[block->n_probes], first, records ? end_of_probe(block, first) : block->n_streams, base);
	return true;
}

/* ---- The rule ----------------------------------------------------------------------------- */

/* Integers, so that every machine chooses alike. */
bool lac_probe_is_for_the_model(const struct lac_probe *probe, bool follows)
{
	const uint64_t n = probe->stream.in_bytes, n_tokens = probe->stream.n_tokens, mixed_bits = 8 * (uint64_t)probe->stream.out.length;
	const bool has_learnt = n >= FOREIGN_BYTES_MIN || follows;
	/* of a bit a token */
	const unsigned quarters = !has_learnt || 2 * n >= 5 * n_tokens ? 8 : 10 * n < 19 * n_tokens ? 24 : 20;

	return n < LAC_PROBE_BYTES || (4 * n >= 5 * n_tokens && 4 * mixed_bits > quarters * n_tokens);
}

bool lac_probe_is_noise(const struct lac_probe *probe)
{
	const uint64_t n = probe->stream.in_bytes;

	return n >= NOISE_BYTES_MIN && 8 * (uint64_t)probe->stream.out.length >= 5 * n && 10 * n < 19 * probe->stream.n_tokens;
}

uint32_t lac_block_probe_records(const struct lac_block *block, uint32_t i)
{
	return block->probes[i].end - (i ? block->probes[i - 1].end : 0);
}

void lac_block_take_probe(struct lac_block *block, struct lac_probe *probe)
{
	block->mixed.kind = LAC_STREAM_MIXED;
	block->mixed.out = probe->stream.out;
	probe->stream.out = (struct lac_buffer){ 0 };
}

/* ---- Parts -------------------------------------------------------------------------------- */

struct lac_block *lac_block_part(struct lac_block *block, uint32_t first, uint32_t end)
{
	const uint32_t first_record = first ? block->probes[first - 1].end : 0, end_record = block->probes[end - 1].end;
	const size_t from = begin_of_record(block, first_record), to = begin_of_record(block, end_record);
	struct lac_block *part = lac_block_create(end_record - first_record);

	if (part)
		lac_buffer_append(&part->bytes, block->bytes.bytes + from, to - from);
	if (!part || part->bytes.failed) {
		lac_block_free(&part);
		return NULL;
	}
	for (uint32_t i = 0; i < part->n_streams; i++) {
		const struct lac_stream *record = &block->streams[first_record + i];

		part->streams[i].kind = record->kind;
		part->streams[i].in = part->bytes.bytes + ((size_t)(record->in - block->bytes.bytes) - from);
		part->streams[i].in_bytes = record->in_bytes;
	}
	if (end == first + 1)
		lac_block_take_probe(part, &block->probes[first]);
	return part;
}
