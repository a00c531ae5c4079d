#include "coder/mixing_model.h"
#include "base/memory.h"
#include "coder/mixing.h"

#include <string.h>

#define FIRST_WEIGHT 20000
#define WEIGHT_MAX (1 << 24)
/* so often weights are held below WEIGHT_MAX: in between they move by less than 2^29 */
#define RESTRAINED_BYTES 65536

/* floor(value / 2^bits): the right shift of a negative number is the compiler's to define, so none
 * is shifted. */
static inline int32_t floor_shift(int32_t value, unsigned bits)
{
	return (int32_t)(((uint32_t)value + 0x80000000) >> bits) - (int32_t)(0x80000000 >> bits);
}

static inline int64_t floor_shift_wide(int64_t value, unsigned bits)
{
	return (int64_t)(((uint64_t)value + (UINT64_C(1) << 63)) >> bits) - (int64_t)((UINT64_C(1) << 63) >> bits);
}

/* Moves a probability of 2^-32 units by 1/128 of its distance from what happened. */
static inline void count(uint32_t *probability, unsigned bit)
{
	const uint32_t flip = 0 - bit;
	uint32_t distance = *probability ^ flip;

	distance -= distance >> 7;
	*probability = distance ^ flip;
}

static inline int32_t match_input(struct lac_mixing_model *model)
{
	int32_t x;

	if (!model->length_class)
		return 0;
	if (model->foretold >> (8 - model->n_bits) != model->partial) {
		model->length_class = 0;
		return 0;
	}
	x = model->tables.stretch[model->match_counters[model->length_class] >> 20];
	return model->foretold >> (7 - model->n_bits) & 1 ? x : -x;
}

static inline void predict(struct lac_mixing_model *model)
{
	const int32_t match = match_input(model);
	int32_t *weights = model->weights[(model->length_class ? model->weights_level : 0) + model->partial];
	int64_t sum = (int64_t)weights[LAC_CONTEXTS] * match;

	model->weights_used = weights;
	model->inputs[LAC_CONTEXTS] = (int16_t)match;
#pragma GCC unroll 8
	for (unsigned i = 0; i < LAC_CONTEXTS; i++) {
		const uint8_t history = model->slots.at[i][model->node];
		const int16_t x = model->tables.stretch[model->counters[i][history] >> 20];

		model->histories[i] = history;
		model->inputs[i] = x;
		sum += (int64_t)weights[i] * x;
	}
	sum = floor_shift_wide(sum, 16);
	sum = sum < -LAC_STRETCH_MAX ? -LAC_STRETCH_MAX : sum > LAC_STRETCH_MAX ? LAC_STRETCH_MAX : sum;
	model->one = model->tables.squash[sum + LAC_STRETCH_MAX];
}

/* Each weight moves along its input, as far as the prediction was wrong. */
static inline void train(int32_t *weights, const int16_t *inputs, int16_t error)
{
	for (unsigned i = 0; i < LAC_INPUTS; i++)
		weights[i] += floor_shift(inputs[i] * error + (1 << 13), 14);
}

static void restrain(struct lac_mixing_model *model)
{
	int32_t *weights = model->weights[0];

	for (unsigned i = 0; i < LAC_WEIGHT_SETS * LAC_INPUTS; i++)
		weights[i] = weights[i] > WEIGHT_MAX ? WEIGHT_MAX : weights[i] < -WEIGHT_MAX ? -WEIGHT_MAX : weights[i];
}

static void end_byte(struct lac_mixing_model *model)
{
	struct lac_match *match = &model->match;

	lac_slots_advance(&model->slots, model->partial & 255);
	lac_match_advance(match);
	model->partial = 1;
	model->n_bits = 0;
	model->length_class = lac_match_length_class(match->length);
	model->weights_level = match->length < 16 ? 256 : match->length < 64 ? 512 : 768;
	if (match->length)
		model->foretold = match->text[match->at] | 256u;
	if (match->position % RESTRAINED_BYTES == 0)
		restrain(model);
}

void lac_mixing_model_learn(struct lac_mixing_model *model, unsigned bit)
{
	const int32_t error = ((int32_t)(bit << 16) - (int32_t)model->one) / 2;
	const uint8_t *next = model->tables.next[bit];

	train(model->weights_used, model->inputs, (int16_t)error);
#pragma GCC unroll 8
	for (unsigned i = 0; i < LAC_CONTEXTS; i++) {
		const uint8_t history = model->histories[i];

		count(&model->counters[i][history], bit);
		model->slots.at[i][model->node] = next[history];
	}
	if (model->length_class)
		count(&model->match_counters[model->length_class], bit == (model->foretold >> (7 - model->n_bits) & 1));
	model->partial = model->partial * 2 + bit;
	model->node = model->node * 2 + bit;
	model->n_bits++;
	if (model->node >= 16) {
		if (model->n_bits == 8)
			end_byte(model);
		lac_slots_find(&model->slots, model->partial);
		model->node = 1;
	}
	predict(model);
}

static unsigned bits_for(size_t n_bytes, unsigned most)
{
	unsigned bits = 10;

	while (bits < most && (size_t)1 << bits < n_bytes)
		bits++;
	return bits;
}

static unsigned slot_bits(size_t n_bytes)
{
	return bits_for(n_bytes, 18);
}

static unsigned place_bits(size_t n_bytes)
{
	return bits_for(n_bytes, 20);
}

size_t lac_mixing_bytes(size_t n_bytes)
{
	return sizeof(struct lac_mixing_model) + ((size_t)LAC_HASHED * LAC_SLOT_BYTES << slot_bits(n_bytes)) +
		(sizeof(uint32_t) << place_bits(n_bytes));
}

static void start(struct lac_mixing_model *model)
{
	lac_mixing_tables_fill(&model->tables);
	for (unsigned i = 0; i < LAC_CONTEXTS; i++)
		memcpy(model->counters[i], model->tables.expected, sizeof model->counters[i]);
	for (unsigned i = 0; i < LAC_MATCH_LENGTHS; i++)
		model->match_counters[i] = 0xf0000000;
	for (unsigned i = 0; i < LAC_WEIGHT_SETS * LAC_INPUTS; i++)
		model->weights[i / LAC_INPUTS][i % LAC_INPUTS] = FIRST_WEIGHT;
	model->partial = model->node = 1;
	lac_slots_start(&model->slots);
	lac_slots_find(&model->slots, 1);
	predict(model);
}

struct lac_mixing_model *lac_mixing_model_new(const uint8_t *text, size_t n_bytes)
{
	struct lac_mixing_model *model = lac_aligned_calloc(lac_mixing_bytes(n_bytes), 1);
	uint32_t *places;
	uint8_t *slots;

	if (!model)
		return NULL;
	places = (uint32_t *)(model + 1);
	slots = (uint8_t *)(places + ((size_t)1 << place_bits(n_bytes)));
	model->match = (struct lac_match){ .text = text, .places = places, .place_bits = place_bits(n_bytes) };
	model->slots.n_seen = model->tables.n_seen;
	model->slots.slot_bits = slot_bits(n_bytes);
	for (unsigned i = 0; i < LAC_HASHED; i++)
		model->slots.tables[i] = slots + ((size_t)i * LAC_SLOT_BYTES << slot_bits(n_bytes));
	start(model);
	return model;
}

void lac_mixing_model_free(struct lac_mixing_model *model)
{
	lac_aligned_free(model);
}
