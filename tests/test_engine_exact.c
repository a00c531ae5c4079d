/* Laws of the network to the last bit: test_engine_exact. What a session computes is what
 * textbook_engine.h reads out of arithmetic.md, with every table of kernels. Run from the project's
 * folder. */
#include "base/strict_float.h"
#include "test.h"
#include "golden_model.h"
#include "textbook_engine.h"

#include "engine/session.h"

/* Heads that share keys; keys of one head, an output matrix of its own; heads of two groups,
 * rotated in part, and a window of four; biases of queries, keys and values; norms of heads; all
 * biases, scaled and divided frequencies, and rows that see a part of those before. */
static const char *const models[] = { "grouped", "escapes", "wide-heads", "biased", "normed", "sliding" };
enum { N_MODELS = sizeof models / sizeof *models };

struct comparison {
	const char *model, *kernels;
	const float *wanted; /* [n][n_vocabulary] */
	size_t n_vocabulary, n_rows;
};

static void compare_logits(void *context, const struct lac_row *row, float *logits)
{
	struct comparison *c = context;
	const float *wanted = c->wanted + row->position * c->n_vocabulary;
	size_t i = 0;

	c->n_rows++;
	while (i < c->n_vocabulary && memcmp(&logits[i], &wanted[i], sizeof *wanted) == 0)
		i++;
	CHECK_NOTE(i == c->n_vocabulary, "model %s, kernels %s: token %zu after position %u: %a, not %a", c->model, c->kernels, i,
		(unsigned)row->position, (double)logits[i], (double)wanted[i]);
}

/* A window full of random tokens, of which every row wants logits. */
static void compare_model(const char *name)
{
	struct golden_model m = golden_model_open(name, NULL);
	const size_t n = lac_model_window(m.model), v = m.model->shape.n_vocabulary;
	struct lac_row *rows = calloc(n, sizeof *rows);
	uint32_t *tokens = calloc(n, sizeof *tokens);
	uint64_t seed = 1;
	float *wanted;

	for (size_t i = 0; i < n; i++) {
		tokens[i] = (uint32_t)(test_random(&seed) % v);
		rows[i] = (struct lac_row){ .position = (uint32_t)i, .token = tokens[i], .wants_logits = true };
	}
	wanted = book_evaluate(m.gguf, &m.model->shape, tokens, n);
	golden_model_close(&m);
	for (unsigned i = 0; lac_kernels_name(i); i++) {
		struct comparison c = { name, lac_kernels_name(i), wanted, v, 0 };
		struct lac_session *session = NULL;

		m = golden_model_open(name, c.kernels);
		CHECK(!lac_session_create(&session, m.model, (uint32_t)n, 1, 0, NULL));
		lac_session_evaluate(session, rows, n, compare_logits, &c);
		CHECK(c.n_rows == n);
		lac_session_free(&session);
		golden_model_close(&m);
	}
	free(wanted);
	free(rows);
	free(tokens);
}

static void the_engine_is_the_textbook_bit_for_bit(void)
{
	for (unsigned i = 0; i < N_MODELS; i++)
		compare_model(models[i]);
}

int main(void)
{
	lac_float_environment_enter();
	LAW(the_engine_is_the_textbook_bit_for_bit);
	return test_report();
}
