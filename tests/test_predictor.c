/* Laws of the predictor (engine/predictor.h; arithmetic.md sections 6.1 and 6.5): test_predictor.
 * From the project's folder. What a slot foretells is compared with what a predictor of its own
 * foretells that was fed the same tokens and nothing else. */
#include "base/strict_float.h"
#include "test.h"

#include "base/hash.h"
#include "engine/predictor.h"

#define N_SLOTS 3u
#define TOKENS_MAX 240u

/* A context that does not slide and one that does: 48 tokens, and a sliding window of fewer. */
static const char *const files[] = { "tests/golden/models/grouped.gguf", "tests/golden/models/sliding.gguf" };
static const struct lac_model *model;
static uint32_t window;  /* at most what the models allow */
static uint32_t tokens[TOKENS_MAX];

/* ---- What is foretold ----------------------------------------------------------------- */

struct foretold {
	uint64_t hash[N_SLOTS]; /* of the last frequencies of each slot */
	unsigned n[N_SLOTS];    /* how many came in all */
};

static void note(void *payload, uint32_t slot, const struct lac_frequencies *frequencies)
{
	struct foretold *foretold = payload;
	uint8_t hash[16];

	lac_hash128(frequencies->of_token, frequencies->model->shape.n_vocabulary * sizeof *frequencies->of_token, hash);
	memcpy(&foretold->hash[slot], hash, sizeof foretold->hash[slot]);
	foretold->n[slot]++;
}

static struct lac_predictor *create(void)
{
	struct lac_predictor *predictor = NULL;

	if (lac_predictor_create(&predictor, model, window, N_SLOTS, 0, NULL))
		abort();
	return predictor;
}

static uint64_t run(struct lac_predictor *predictor, uint32_t slot)
{
	struct foretold foretold = { .n = { 0 } };

	CHECK(lac_predictor_run(predictor, note, &foretold));
	CHECK(foretold.n[slot] > 0);
	return foretold.hash[slot];
}

static void feed(struct lac_predictor *predictor, uint32_t slot, const uint32_t *at, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		lac_predictor_feed(predictor, slot, at[i]);
}

/* After the beginning-of-text token and these, in another slot than the tests use first. */
static uint64_t expected(const uint32_t *prefix, uint32_t n_prefix, const uint32_t *at, uint32_t n)
{
	struct lac_predictor *predictor = create();
	uint64_t hash;

	lac_predictor_start(predictor, 2, window, prefix, n_prefix);
	hash = run(predictor, 2);
	for (uint32_t i = 0; i < n; i++) {
		lac_predictor_feed(predictor, 2, at[i]);
		hash = run(predictor, 2);
	}
	lac_predictor_free(&predictor);
	return hash;
}

/* ---- Laws ----------------------------------------------------------------------------- */

static void tokens_may_be_evaluated_together(void)
{
	struct lac_predictor *predictor = create();
	struct foretold foretold = { .n = { 0 } };

	for (uint32_t n = 1; n < TOKENS_MAX; n = 2 * n + 1) {
		lac_predictor_start(predictor, 0, window, NULL, 0);
		feed(predictor, 0, tokens, n);
		CHECK_NOTE(run(predictor, 0) == expected(NULL, 0, tokens, n), "%u tokens", (unsigned)n);
	}
	lac_predictor_start(predictor, 0, window, NULL, 0);
	feed(predictor, 0, tokens, 5);
	/* one for each token, and the first */
	CHECK(lac_predictor_run(predictor, note, &foretold) && foretold.n[0] == 6);
	lac_predictor_free(&predictor);
}

static void a_prefix_is_as_if_it_were_fed(void)
{
	struct lac_predictor *predictor = create();

	for (uint32_t n = 1; n <= window / 2; n += 5)
		for (uint32_t n_after = 0; n_after < 2 * window; n_after += window - 3) {
			struct foretold foretold = { .n = { 0 } };

			lac_predictor_start(predictor, 1, window, tokens, n);
			/* what follows all of it */
			CHECK(lac_predictor_run(predictor, note, &foretold) && foretold.n[1] == 1);
			CHECK(foretold.hash[1] == expected(tokens, 1, tokens + 1, n - 1));
			feed(predictor, 1, tokens + n, n_after);
			if (n_after)
				CHECK_NOTE(run(predictor, 1) == expected(tokens, 1, tokens + 1, n - 1 + n_after), "%u, then %u", (unsigned)n,
					(unsigned)n_after);
		}
	lac_predictor_free(&predictor);
}

static void what_is_taken_back_was_never_fed(void)
{
	struct lac_predictor *predictor = create();

	for (uint32_t n = 1; n < window - 1; n += 3) {
		lac_predictor_start(predictor, 0, window, NULL, 0);
		feed(predictor, 0, tokens + 50, window - 1);
		(void)run(predictor, 0);
		CHECK_NOTE(lac_predictor_rewind(predictor, 0, n), "%u", (unsigned)n);
		lac_predictor_feed(predictor, 0, tokens[7]);
		tokens[TOKENS_MAX - 1] = tokens[50 + window - 1 - n];
		tokens[50 + window - 1 - n] = tokens[7];
		CHECK_NOTE(run(predictor, 0) == expected(NULL, 0, tokens + 50, window - n), "%u taken back", (unsigned)n);
		tokens[50 + window - 1 - n] = tokens[TOKENS_MAX - 1];
	}
	lac_predictor_free(&predictor);
}

/* What was evaluated of them is gone. */
static void what_is_gone_cannot_be_taken_back(void)
{
	struct lac_predictor *predictor = create();

	lac_predictor_start(predictor, 0, window, NULL, 0);
	feed(predictor, 0, tokens, 3);
	(void)run(predictor, 0);
	CHECK(!lac_predictor_rewind(predictor, 0, 4)); /* which would take the first one too */
	CHECK(!lac_predictor_rewind(predictor, 0, UINT32_MAX));
	CHECK(lac_predictor_rewind(predictor, 0, 3) && lac_predictor_rewind(predictor, 0, 0));
	feed(predictor, 0, tokens, window + 1); /* the context begins anew */
	(void)run(predictor, 0);
	CHECK(!lac_predictor_rewind(predictor, 0, 2)); /* the first of them made it do so */
	CHECK(lac_predictor_rewind(predictor, 0, 1));
	lac_predictor_feed(predictor, 0, tokens[window]);
	lac_predictor_feed(predictor, 0, tokens[window + 1]);
	/* a refusal changes nothing */
	CHECK(run(predictor, 0) == expected(NULL, 0, tokens, window + 2));
	lac_predictor_free(&predictor);
}

static void forks_go_their_own_ways(void)
{
	struct lac_predictor *predictor = create();

	for (uint32_t n = 0; n < 2 * window; n += 7) {
		struct foretold foretold = { .n = { 0 } };

		lac_predictor_start(predictor, 0, window, NULL, 0);
		feed(predictor, 0, tokens, n);
		(void)run(predictor, 0);
		CHECK(lac_predictor_fork(predictor, 0, 1));
		CHECK(lac_predictor_n_rows(predictor) == 0); /* nothing is evaluated again */
		feed(predictor, 0, tokens + n, 60);
		(void)run(predictor, 0);
		feed(predictor, 0, tokens + n + 60, 1);
		feed(predictor, 1, tokens + n + 30, 5);
		CHECK(lac_predictor_run(predictor, note, &foretold));
		CHECK_NOTE(foretold.hash[0] == expected(NULL, 0, tokens, n + 61), "the first, after %u", (unsigned)n);
		lac_predictor_start(predictor, 2, window, NULL, 0);
		feed(predictor, 2, tokens, n);
		feed(predictor, 2, tokens + n + 30, 5);
		CHECK_NOTE(run(predictor, 2) == foretold.hash[1], "the second, after %u", (unsigned)n);
	}
	lac_predictor_free(&predictor);
}

int main(void)
{
	const uint64_t environment = lac_float_environment_enter();

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct lac_model *opened = NULL;
		struct lac_error error = { .status = LAC_OK };
		uint64_t state = 1;

		if (lac_model_open_file(&opened, files[i], NULL, &error)) {
			fprintf(stderr, "%s\n", error.text);
			return 1;
		}
		model = opened;
		window = 48;
		for (uint32_t k = 0; k < TOKENS_MAX; k++)
			tokens[k] = (uint32_t)(test_random(&state) % model->shape.n_vocabulary);
		printf("%s, %u tokens of context\n", files[i], (unsigned)window);
		LAW(tokens_may_be_evaluated_together);
		LAW(a_prefix_is_as_if_it_were_fed);
		LAW(what_is_taken_back_was_never_fed);
		LAW(what_is_gone_cannot_be_taken_back);
		LAW(forks_go_their_own_ways);
		lac_model_close(&opened);
	}
	lac_float_environment_restore(environment);
	return test_report();
}
