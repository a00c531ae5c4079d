/* mutate_gguf.c: mutates GGUF files by their structure, and makes lengths, counts and the padding
 * before the data fit again. */
#include "mutator.h"
#include "tiny_gguf.h"

#define SPOTS_MAX 512u
#define DEPTH_MAX 3u

enum spot_kind { SPOT_STRING, SPOT_ELEMENT, SPOT_NUMBER };

/* Where something can be changed. */
struct spot {
	enum spot_kind kind;
	/* of a string, without its length; of a thing that is counted; of a number */
	size_t begin, end;
	size_t number_at;  /* eight bytes: the string's length, or the count */
};

struct map {
	const uint8_t *bytes;
	size_t n_bytes, at;  /* `at`: how far the walk came */
	struct spot spots[SPOTS_MAX];
	size_t n_spots;
	bool is_lost;        /* the rest is no structure */
};

/* ---- The walk ---------------------------------------------------------------------- */

static void note(struct map *map, enum spot_kind kind, size_t begin, size_t end, size_t number_at)
{
	if (map->n_spots < SPOTS_MAX && !map->is_lost)
		map->spots[map->n_spots++] = (struct spot){ kind, begin, end, number_at };
}

static uint64_t take(struct map *map, size_t n)
{
	uint64_t value = 0;

	if (map->is_lost || n > map->n_bytes - map->at) {
		map->is_lost = true;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)map->bytes[map->at + i] << 8 * i;
	map->at += n;
	return value;
}

static uint64_t take_number(struct map *map, size_t n)
{
	const size_t begin = map->at;
	const uint64_t value = take(map, n);

	note(map, SPOT_NUMBER, begin, map->at, 0);
	return value;
}

static void walk_string(struct map *map)
{
	const size_t number_at = map->at;
	const uint64_t n = take(map, 8);

	if (n > map->n_bytes - map->at)
		map->is_lost = true;
	if (map->is_lost)
		return;
	map->at += n;
	note(map, SPOT_STRING, map->at - n, map->at, number_at);
}

/* of a type; 0: it says itself */
static const uint8_t value_bytes[] = { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8 };

static void walk_value(struct map *map, uint64_t type, unsigned depth)
{
	uint64_t element, n;

	if (type == LAC_GGUF_STRING) {
		walk_string(map);
	} else if (type == LAC_GGUF_ARRAY && depth < DEPTH_MAX) {
		element = take_number(map, 4);
		n = take_number(map, 8);
		for (const size_t number_at = map->at - 8; n && !map->is_lost; n--) {
			const size_t begin = map->at;

			walk_value(map, element, depth + 1);
			note(map, SPOT_ELEMENT, begin, map->at, number_at);
		}
	} else if (type < sizeof value_bytes && value_bytes[type]) {
		(void)take_number(map, value_bytes[type]);
	} else {
		map->is_lost = true;
	}
}

static void walk_pair(struct map *map)
{
	const size_t begin = map->at;

	walk_string(map);
	walk_value(map, take_number(map, 4), 0);
	note(map, SPOT_ELEMENT, begin, map->at, GGUF_N_PAIRS_AT);
}

static void walk_tensor(struct map *map)
{
	const size_t begin = map->at;

	walk_string(map);
	for (uint64_t n_dims = take_number(map, 4); n_dims && !map->is_lost; n_dims--)
		(void)take_number(map, 8);
	(void)take_number(map, 4);
	(void)take_number(map, 8);
	note(map, SPOT_ELEMENT, begin, map->at, GGUF_N_TENSORS_AT);
}

static void walk(struct map *map, const uint8_t *data, size_t size)
{
	uint64_t n_tensors, n_pairs;

	*map = (struct map){ .bytes = data, .n_bytes = size };
	(void)take_number(map, 4);
	(void)take_number(map, 4);
	n_tensors = take(map, 8);
	n_pairs = take(map, 8);
	for (; n_pairs && !map->is_lost; n_pairs--)
		walk_pair(map);
	for (; n_tensors && !map->is_lost; n_tensors--)
		walk_tensor(map);
}

/* ---- Changes ----------------------------------------------------------------------- */

static size_t padded(size_t n)
{
	return (n + 31) / 32 * 32;
}

/* Another piece in place of begin to end. The data, which begin behind padding, stay whole, if the
 * structure was understood. */
static struct lac_buffer splice(const struct map *map, size_t begin, size_t end, const struct lac_buffer *piece)
{
	const size_t structure = map->is_lost ? map->n_bytes : map->at, data = map->is_lost ? map->n_bytes : padded(map->at);
	struct lac_buffer out = { 0 };

	lac_buffer_append(&out, map->bytes, begin);
	lac_buffer_append(&out, piece->bytes, piece->length);
	if (end < structure)
		lac_buffer_append(&out, map->bytes + end, structure - end);
	while (!map->is_lost && out.length % 32)
		lac_buffer_u8(&out, 0);
	if (data < map->n_bytes)
		lac_buffer_append(&out, map->bytes + data, map->n_bytes - data);
	return out;
}

static void add_to(struct lac_buffer *file, size_t at, uint64_t number)
{
	uint64_t sum = number;

	for (unsigned i = 0; i < 8; i++)
		sum += (uint64_t)file->bytes[at + i] << 8 * i;
	gguf_poke_u64(file, at, sum);
}

static struct lac_buffer change_string(const struct map *map, const struct spot *spot, size_t room)
{
	struct lac_buffer piece = { 0 }, out;

	lac_buffer_append(&piece, map->bytes + spot->begin, spot->end - spot->begin);
	mutate_buffer(&piece, room < 64 ? room : 64);
	out = splice(map, spot->begin, spot->end, &piece);
	gguf_poke_u64(&out, spot->number_at, piece.length);
	lac_buffer_free(&piece);
	return out;
}

/* Takes it away, doubles it, or puts another in its place. */
static struct lac_buffer change_element(const struct map *map, const struct spot *spot, uint64_t *seed)
{
	const struct spot *other = &map->spots[test_random(seed) % map->n_spots];
	struct lac_buffer piece = { 0 }, out;
	const unsigned how = (unsigned)(test_random(seed) % 4);

	if (how == 1 || how == 2)
		lac_buffer_append(&piece, map->bytes + spot->begin, spot->end - spot->begin);
	if (how == 1)
		lac_buffer_append(&piece, map->bytes + spot->begin, spot->end - spot->begin);
	if (how >= 2 && other->kind == SPOT_ELEMENT)
		lac_buffer_append(&piece, map->bytes + other->begin, other->end - other->begin);
	out = splice(map, spot->begin, spot->end, &piece);
	add_to(&out, spot->number_at, how == 0 ? UINT64_MAX : how == 3 ? 0 : 1);
	lac_buffer_free(&piece);
	return out;
}

static struct lac_buffer change_number(const struct map *map, const struct spot *spot, uint64_t *seed)
{
	const uint64_t number = test_random(seed) % 2 ? border_number(seed) : map->bytes[spot->begin] + 2 - test_random(seed) % 5;
	struct lac_buffer piece = { 0 }, out;

	for (size_t i = 0; i < spot->end - spot->begin; i++)
		lac_buffer_u8(&piece, (uint8_t)(number >> 8 * i));
	out = splice(map, spot->begin, spot->end, &piece);
	lac_buffer_free(&piece);
	return out;
}

/* A type, and a value of it. */
static void put_value(struct lac_buffer *out, uint64_t *seed)
{
	const uint32_t type = (uint32_t)(test_random(seed) % (LAC_GGUF_F64 + 1));
	const uint64_t number = test_random(seed) % 2 ? border_number(seed) : test_random(seed) % 40;

	lac_buffer_u32(out, type);
	if (type == LAC_GGUF_STRING)
		gguf_put_string(out, number % 2 ? "none" : "llama");
	else if (type == LAC_GGUF_F64)
		gguf_put_f64(out, (double)number / 8);
	else if (type == LAC_GGUF_F32)
		gguf_put_f32(out, (float)number / 8);
	else if (type == LAC_GGUF_ARRAY)
		gguf_put_array(out, LAC_GGUF_U8, 0);
	else
		for (size_t i = 0; i < value_bytes[type]; i++)
			lac_buffer_u8(out, (uint8_t)(number >> 8 * i));
}

/* The key stays. */
static struct lac_buffer change_type(const struct map *map, const struct spot *spot, uint64_t *seed)
{
	struct map key = { .bytes = map->bytes, .n_bytes = map->n_bytes, .at = spot->begin };
	struct lac_buffer piece = { 0 }, out;

	walk_string(&key);
	lac_buffer_append(&piece, map->bytes + spot->begin, key.at - spot->begin);
	put_value(&piece, seed);
	out = splice(map, spot->begin, spot->end, &piece);
	lac_buffer_free(&piece);
	return out;
}

static struct lac_buffer add_pair(const struct map *map, uint64_t *seed)
{
	static const char *const keys[] = { "general.alignment", "split.count", "llama.vocab_size", "llama.rope.freq_base",
		"llama.rope.dimension_count", "llama.rope.scaling.type", "tokenizer.ggml.bos_token_id", "general.name" };
	struct lac_buffer piece = { 0 }, out;

	gguf_put_string(&piece, keys[test_random(seed) % (sizeof keys / sizeof *keys)]);
	put_value(&piece, seed);
	out = splice(map, GGUF_HEADER_BYTES, GGUF_HEADER_BYTES, &piece);
	add_to(&out, GGUF_N_PAIRS_AT, 1);
	lac_buffer_free(&piece);
	return out;
}

/* The weights. */
static struct lac_buffer change_data(const struct map *map)
{
	const size_t start = map->is_lost || padded(map->at) > map->n_bytes ? 0 : padded(map->at);
	struct lac_buffer data = { 0 }, out = { 0 };

	lac_buffer_append(&data, map->bytes + start, map->n_bytes - start);
	mutate_buffer(&data, 0);
	lac_buffer_append(&out, map->bytes, start);
	lac_buffer_append(&out, data.bytes, data.length);
	lac_buffer_free(&data);
	return out;
}

static struct lac_buffer change(const uint8_t *data, size_t size, size_t room, uint64_t *seed)
{
	struct map map;
	const struct spot *spot;

	walk(&map, data, size);
	spot = map.n_spots ? &map.spots[test_random(seed) % map.n_spots] : NULL;
	if (!spot || test_random(seed) % 8 == 0)
		return change_data(&map);
	if (test_random(seed) % 8 == 0)
		return add_pair(&map, seed);
	if (spot->number_at == GGUF_N_PAIRS_AT && test_random(seed) % 2)
		return change_type(&map, spot, seed);
	if (spot->kind == SPOT_STRING)
		return change_string(&map, spot, room);
	return spot->kind == SPOT_ELEMENT ? change_element(&map, spot, seed) : change_number(&map, spot, seed);
}

static struct lac_buffer begin_anew(uint64_t *seed)
{
	switch (test_random(seed) % 5) {
	case 0: return tiny_model(LAC_TENSOR_F32);
	case 1: return tiny_model(LAC_TENSOR_F16);
	case 2: return tiny_model(LAC_TENSOR_Q8_0);
	case 3: return tiny_adapter(LAC_TENSOR_F32);
	default: return tiny_adapter(LAC_TENSOR_F16);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed32)
{
	uint64_t seed = seed32;
	struct lac_buffer result;

	if (test_random(&seed) % 16 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	if (size < GGUF_HEADER_BYTES)
		result = begin_anew(&seed);
	else
		result = change(data, size, max_size - size, &seed);
	size = give_back(&result, data, size, max_size);
	lac_buffer_free(&result);
	return size;
}
