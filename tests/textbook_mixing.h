/* textbook_mixing.h: section 12 of arithmetic.md once more, word by word, with wide integers and no
 * thought of speed. */
#ifndef LAC_TEST_TEXTBOOK_MIXING_H
#define LAC_TEST_TEXTBOOK_MIXING_H

#include "test.h"

#define TEXTBOOK_M UINT64_C(0x9e3779b97f4a7c15)

struct textbook_history {
	int n[2], last;
};

struct textbook_slot {
	unsigned check;
	struct textbook_history histories[16];
};

static struct textbook {
	const uint8_t *text;
	uint64_t n_known, W, H[7], place[7];
	unsigned S, P, partial, node, n_bits;
	int squash[6143], stretch[4096];
	int64_t counters[7][41][41][2], match_counters[64], weights[4][256][8], inputs[8];
	struct textbook_slot order0[17], order1[256][17], *tables[7], *slots[7];
	uint64_t *places, length, at;
	int is_foretelling, level, one;
} textbook;

static int64_t textbook_floor(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int textbook_stretch(int64_t probability)
{
	return textbook.stretch[probability / (1 << 20)];
}

/* 12.3 */
static int textbook_is_kept(const int n[2])
{
	static const int most[41] = { 40, 20, 10, 8, 7, 6, 6 };
	const int less = n[0] < n[1] ? n[0] : n[1], more = n[0] < n[1] ? n[1] : n[0];

	return more <= most[less];
}

static void textbook_remember(struct textbook_history *history, int b)
{
	int *n = history->n;

	n[b]++;
	if (n[1 - b] > 1)
		n[1 - b] = (n[1 - b] + 4) / 4;
	while (!textbook_is_kept(n))
		n[n[b] > n[1 - b] ? b : 1 - b]--;
	history->last = n[0] && n[1] ? b : 0;
}

static void textbook_count(int64_t *c, int b)
{
	const int64_t D = (INT64_C(1) << 32) - 1 - *c;

	*c = b ? (INT64_C(1) << 32) - 1 - (D - D / 128) : *c - *c / 128;
}

static int64_t *textbook_counter(int context)
{
	const struct textbook_history h = textbook.slots[context]->histories[textbook.node];

	return &textbook.counters[context][h.n[0]][h.n[1]][h.last];
}

/* 12.4 */
static uint64_t textbook_bytes(unsigned oldest, unsigned newest)
{
	uint64_t row = 0;

	for (unsigned k = oldest; k >= newest; k--)
		row = row << 8 | (k <= textbook.n_known ? textbook.text[textbook.n_known - k] : 0);
	return row;
}

static void textbook_renew_contexts(void)
{
	const unsigned b = (unsigned)textbook_bytes(1, 1);
	const int is_word = (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || b >= 128;
	uint64_t V[7] = { 0, 0, textbook_bytes(2, 1), textbook_bytes(3, 2), textbook_bytes(4, 1), textbook_bytes(6, 1) };

	textbook.W = is_word ? (textbook.W + b + 1) * TEXTBOOK_M : 0;
	V[6] = textbook.W + b;
	for (int i = 2; i < 7; i++) {
		V[i] *= UINT64_C(0xd6e8feb86659fd93);
		textbook.H[i] = V[i] ^ (V[i] >> 31);
	}
}

static int textbook_n_seen(const struct textbook_slot *slot)
{
	return slot->histories[1].n[0] + slot->histories[1].n[1];
}

static void textbook_find_slots(void)
{
	const unsigned half = textbook.partial == 1 ? 0 : textbook.partial - 15;

	textbook.slots[0] = &textbook.order0[half];
	textbook.slots[1] = &textbook.order1[textbook_bytes(1, 1)][half];
	for (int i = 2; i < 7; i++) {
		const uint64_t h = (textbook.H[i] + textbook.partial) * TEXTBOOK_M;
		const unsigned check = h >> 36 & 255;
		uint64_t place = h >> (64 - textbook.S);
		struct textbook_slot *slot, *other;

		if (i >= 4 && textbook.partial != 1)
			place = textbook.place[i] - textbook.place[i] % 16 + place % 16;
		textbook.place[i] = place;
		slot = &textbook.tables[i][place];
		other = &textbook.tables[i][place ^ 1];
		if (slot->check != check && (other->check == check || textbook_n_seen(slot) > textbook_n_seen(other)))
			slot = other;
		if (slot->check != check)
			*slot = (struct textbook_slot){ .check = check };
		textbook.slots[i] = slot;
	}
	textbook.node = 1;
}

/* 12.5 */
static void textbook_renew_match(void)
{
	const uint64_t n = textbook.n_known;
	const uint8_t *text = textbook.text;

	if (textbook.length && text[textbook.at] == text[n - 1]) {
		textbook.at++;
		textbook.length += textbook.length < 65535;
	} else {
		textbook.length = 0;
	}
	if (n >= 7) {
		uint64_t Q = 0, *place, alike = 0, v;

		for (unsigned k = 2; k <= 7; k++)
			Q = Q << 8 | text[n - k];
		place = &textbook.places[Q * TEXTBOOK_M >> (64 - textbook.P)];
		v = *place;
		while (v && alike < 32 && alike < v + 1 && text[v - alike] == text[n - 1 - alike])
			alike++;
		if (textbook.length < 16 && alike >= 7 && alike > textbook.length) {
			textbook.length = alike;
			textbook.at = v + 1;
		}
		*place = n - 1;
	}
	textbook.is_foretelling = textbook.length > 0;
	for (int i = 0; i < 4 * 256 * 8 && n % 65536 == 0; i++) {
		int64_t *weight = &textbook.weights[0][0][0] + i;

		*weight = *weight > 1 << 24 ? 1 << 24 : *weight < -(1 << 24) ? -(1 << 24) : *weight;
	}
}

static int64_t *textbook_match_counter(void)
{
	unsigned k = 0;

	while (textbook.length >> k > 7)
		k++;
	return &textbook.match_counters[4 * k + (textbook.length >> k)];
}

static int textbook_foretold(void)
{
	return textbook.text[textbook.at] >> (7 - textbook.n_bits) & 1;
}

/* 12.6 */
static void textbook_predict(void)
{
	int64_t sum = 0;
	int match = 0;

	if (textbook.is_foretelling)
		match = textbook_stretch(*textbook_match_counter()) * (textbook_foretold() ? 1 : -1);
	textbook.level = !textbook.is_foretelling ? 0 : textbook.length < 16 ? 1 : textbook.length < 64 ? 2 : 3;
	for (int i = 0; i < 8; i++) {
		textbook.inputs[i] = i < 7 ? textbook_stretch(*textbook_counter(i)) : match;
		sum += textbook.weights[textbook.level][textbook.partial][i] * textbook.inputs[i];
	}
	sum = textbook_floor(sum, 65536);
	textbook.one = textbook.squash[(sum < -3071 ? -3071 : sum > 3071 ? 3071 : sum) + 3071];
}

/* 12.7, and what 12.1 says follows it */
static void textbook_learn(int b)
{
	const int64_t e = (65536 * b - textbook.one) / 2;

	for (int i = 0; i < 8; i++)
		textbook.weights[textbook.level][textbook.partial][i] += textbook_floor(textbook.inputs[i] * e + 8192, 16384);
	for (int i = 0; i < 7; i++) {
		textbook_count(textbook_counter(i), b);
		textbook_remember(&textbook.slots[i]->histories[textbook.node], b);
	}
	if (textbook.is_foretelling) {
		textbook_count(textbook_match_counter(), b == textbook_foretold());
		textbook.is_foretelling = b == textbook_foretold();
	}
	textbook.partial = textbook.partial * 2 + (unsigned)b;
	textbook.node = textbook.node * 2 + (unsigned)b;
	if (++textbook.n_bits == 8) {
		textbook.n_known++;
		textbook.n_bits = 0;
		textbook.partial = 1;
		textbook_renew_contexts();
		textbook_renew_match();
	}
	if (textbook.n_bits % 4 == 0)
		textbook_find_slots();
	textbook_predict();
}

static unsigned textbook_bits(size_t n_bytes, unsigned most)
{
	unsigned bits = 10;

	while (bits < most && (UINT64_C(1) << bits) < n_bytes)
		bits++;
	return bits;
}

static void textbook_start(const uint8_t *text, size_t n_bytes)
{
	uint64_t E = UINT64_C(1) << 39;

	memset(&textbook, 0, sizeof textbook);
	textbook.text = text;
	textbook.S = textbook_bits(n_bytes, 18);
	textbook.P = textbook_bits(n_bytes, 20);
	textbook.places = calloc((size_t)1 << textbook.P, sizeof *textbook.places);
	for (int i = 2; i < 7; i++)
		textbook.tables[i] = calloc((size_t)1 << textbook.S, sizeof *textbook.tables[i]);
	for (int k = 0; k <= 3071; k++) {
		const int s = (int)(E * 65536 / ((UINT64_C(1) << 39) + E));

		textbook.squash[3071 - k] = s > 1 ? s : 1;
		textbook.squash[3071 + k] = 65536 - (s > 1 ? s : 1);
		E = E * 16711808 / 16777216;
	}
	for (int i = 0; i < 4096; i++)
		for (textbook.stretch[i] = -3071; textbook.squash[textbook.stretch[i] + 3071] < 16 * i + 8;)
			textbook.stretch[i]++;
	for (int i = 0; i < 7 * 41 * 41 * 2; i++) {
		const int n_1 = i / 2 % 41, n_0 = i / 82 % 41;

		(&textbook.counters[0][0][0][0])[i] = ((INT64_C(4) * n_1 + 1) << 32) / (4 * (n_0 + n_1) + 2);
	}
	for (int i = 0; i < 64; i++)
		textbook.match_counters[i] = 0xf0000000;
	for (int i = 0; i < 4 * 256 * 8; i++)
		(&textbook.weights[0][0][0])[i] = 20000;
	textbook.partial = 1;
	textbook_find_slots();
	textbook_predict();
}

static void textbook_free(void)
{
	free(textbook.places);
	for (int i = 2; i < 7; i++)
		free(textbook.tables[i]);
}

#endif
