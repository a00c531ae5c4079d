#include "coder/mixing_tables.h"

#define ONE (UINT64_C(1) << 39)
#define STEP 16711808 /* 2^24 e^(-1/256) */

/* Powers of e^(-1/256) in units of 2^-39, each from the one before: every machine gets the same
 * last digit. */
static void fill_squash(uint16_t *squash)
{
	uint64_t power = ONE;

	for (unsigned k = 0; k <= LAC_STRETCH_MAX; k++) {
		uint32_t p = (uint32_t)((power << 16) / (ONE + power));

		if (p == 0)
			p = 1;
		squash[LAC_STRETCH_MAX - k] = (uint16_t)p;
		squash[LAC_STRETCH_MAX + k] = (uint16_t)(65536 - p);
		power = power * STEP >> 24;
	}
}

static void fill_stretch(int16_t *stretch, const uint16_t *squash)
{
	int x = 0;

	for (unsigned p = 0; p < 4096; p++) {
		while (squash[x] < 16 * p + 8)
			x++;
		stretch[p] = (int16_t)(x - LAC_STRETCH_MAX);
	}
}

/* A history: how many zeros and ones, and, when it has both, which came last. */
struct history {
	unsigned n[2], last;
};

struct numbers {
	struct history history[LAC_HISTORIES];
	uint8_t of[LAC_HISTORY_MAX + 1][LAC_HISTORY_MAX + 1][2];
	unsigned n;
};

/* How often one bit is counted when the other was n times. Long runs of one bit are told apart,
 * long mixtures are not: a counter knows them better. */
static unsigned most_beside(unsigned n)
{
	static const uint8_t most[] = { LAC_HISTORY_MAX, 20, 10, 8, 7, 6, 6 };

	return n < sizeof most ? most[n] : 0;
}

static unsigned is_kept(const unsigned n[2])
{
	return n[0] < n[1] ? n[1] <= most_beside(n[0]) : n[0] <= most_beside(n[1]);
}

static void number_histories(struct numbers *numbers)
{
	for (unsigned zeros = 0; zeros <= LAC_HISTORY_MAX; zeros++)
		for (unsigned ones = 0; ones <= LAC_HISTORY_MAX; ones++)
			for (unsigned last = 0; last <= (zeros && ones); last++) {
				const struct history history = { { zeros, ones }, last };

				if (!is_kept(history.n))
					continue;
				numbers->of[zeros][ones][last] = (uint8_t)numbers->n;
				numbers->history[numbers->n++] = history;
			}
}

static struct history after(struct history history, unsigned bit)
{
	unsigned *same = &history.n[bit], *other = &history.n[!bit];

	++*same;
	if (*other > 1) /* what contradicts the newest bit is mostly forgotten: data change */
		*other = (*other + 4) / 4;
	while (!is_kept(history.n))
		--*(*same > *other ? same : other);
	history.last = history.n[0] && history.n[1] ? bit : 0;
	return history;
}

static void fill_histories(struct lac_mixing_tables *tables)
{
	struct numbers numbers = { .n = 0 };

	number_histories(&numbers);
	for (unsigned i = 0; i < numbers.n; i++) {
		const struct history history = numbers.history[i];
		const unsigned n_seen = history.n[0] + history.n[1];

		for (unsigned bit = 0; bit < 2; bit++) {
			const struct history next = after(history, bit);

			tables->next[bit][i] = numbers.of[next.n[0]][next.n[1]][next.last];
		}
		tables->n_seen[i] = (uint8_t)n_seen;
		tables->expected[i] = (uint32_t)(((uint64_t)(4 * history.n[1] + 1) << 32) / (4 * n_seen + 2));
	}
}

void lac_mixing_tables_fill(struct lac_mixing_tables *tables)
{
	fill_squash(tables->squash);
	fill_stretch(tables->stretch, tables->squash);
	fill_histories(tables);
}
