/* test_kernels [MODELS --short]: every kernel table against the textbook (kernels_compare.h), and,
 * unless it is short, the proof that the comparison sees what it is there for: tables with one slip
 * each (mutant_*.c) are reported. */
#include "base/strict_float.h"
#include "test.h"
#include "kernels/kernels.h"
#include "kernels/square_root.h"
#include "kernels_compare.h"

static const struct {
	const char *name;
	struct differences (*compare)(const struct lac_kernels *);
} operations[] = {
	{ "quantize", compare_quantize },
	{ "activations", compare_activations },
	{ "matmul", compare_matmul },
	{ "norm", compare_norm },
	{ "rotate", compare_rotate },
	{ "softmax", compare_softmax },
	{ "mix", compare_mix },
	{ "store_value", compare_store_value },
	{ "gate", compare_gate },
	{ "add", compare_add },
	{ "frequencies", compare_frequencies },
};
enum { N_OPERATIONS = sizeof operations / sizeof *operations };

static const struct lac_kernels *kernels; /* under test */

static void every_operation_equals_the_textbook(void)
{
	for (unsigned i = 0; i < N_OPERATIONS; i++) {
		struct differences found = operations[i].compare(kernels);

		CHECK_NOTE(found.n == 0, "%s %s: %u differences, first: %s", kernels->name, operations[i].name, found.n, found.first);
	}
}

static void the_known_answers_are_given(void)
{
	CHECK_NOTE(lac_kernels_self_test(kernels, NULL) == LAC_OK, "%s", kernels->name);
}

/* The comparison finds differences in exactly the operations that the slip reaches. */
static void check_is_caught(const struct lac_kernels *mutant, const char *reached)
{
	for (unsigned i = 0; i < N_OPERATIONS; i++) {
		struct differences found = operations[i].compare(mutant);
		bool is_reached = strstr(reached, operations[i].name) != NULL;

		CHECK_NOTE((found.n > 0) == is_reached, "%s %s: %u differences, first: %s", mutant->name, operations[i].name, found.n,
			found.first);
	}
}

extern const struct lac_kernels lac_kernels_mutant_saturating, lac_kernels_mutant_contracted, lac_kernels_mutant_flushing;
struct lac_kernels mutant_reordered(void);

static void a_saturating_table_is_caught(void)
{
	check_is_caught(&lac_kernels_mutant_saturating, "matmul");
	CHECK(lac_kernels_self_test(&lac_kernels_mutant_saturating, NULL) == LAC_SELF_TEST_FAILED);
}

static void a_reordered_table_is_caught(void)
{
	const struct lac_kernels mutant = mutant_reordered();

	check_is_caught(&mutant, "matmul norm");
	CHECK(lac_kernels_self_test(&mutant, NULL) == LAC_SELF_TEST_FAILED);
}

static void a_contracted_table_is_caught(void)
{
	check_is_caught(&lac_kernels_mutant_contracted, "quantize activations matmul norm rotate softmax mix store_value gate frequencies");
	CHECK(lac_kernels_self_test(&lac_kernels_mutant_contracted, NULL) == LAC_SELF_TEST_FAILED);
}

static void a_flushing_table_is_caught(void)
{
	check_is_caught(&lac_kernels_mutant_flushing, "matmul norm rotate mix gate");
	CHECK(lac_kernels_self_test(&lac_kernels_mutant_flushing, NULL) == LAC_SELF_TEST_FAILED);
}

/* One row of a head of 64 goes another way than several do; so does a value of 64. */
static void mix_wrong_for_one_row(float *out, size_t stride_out, const struct lac_weight_rows *weights, size_t n_rows,
	const struct lac_value_cache *cache)
{
	kernels->mix(out, stride_out, weights, n_rows, cache);
	if (n_rows == 1 && cache->n_tiles >= 4)
		out[16] = -out[16];
}

static void store_wrong_value_of_64(const struct lac_value_cache *cache, uint32_t position, const float *x, size_t n)
{
	kernels->store_value(cache, position, x, n);
	if (n == 64)
		cache->values[position / 4 * 64 + position % 4] ^= 1;
}

static void known_answers_reach_every_way(void)
{
	struct lac_kernels wrong = *kernels;

	wrong.mix = mix_wrong_for_one_row;
	CHECK(lac_kernels_self_test(&wrong, NULL) == LAC_SELF_TEST_FAILED);
	wrong = *kernels;
	wrong.store_value = store_wrong_value_of_64;
	CHECK(lac_kernels_self_test(&wrong, NULL) == LAC_SELF_TEST_FAILED);
}

static void exponential_is_accurate(void)
{
	for (float x = -86.0f; x < 0.0f; x += 0.00317f)
		CHECK_NOTE(fabs((double)book_exp(x) / exp((double)x) - 1.0) < 0x1p-17, "x=%a", (double)x);
	CHECK(book_exp(0.0f) == 1.0f && book_exp(-0.0f) == 1.0f);
}

static void square_root_is_correctly_rounded(void)
{
	uint64_t state = COMPARE_SEED;

	for (unsigned i = 0; i < 1000000; i++) {
		uint32_t bits = (uint32_t)(test_random(&state) >> 33);
		float x, a, b, c;

		memcpy(&x, &bits, 4);
		if (bits < 0x800000 || bits >= 0x7f800000)
			continue;
		a = lac_square_root(x);
		b = lac_square_root_integer(x);
		c = sqrtf(x);
		CHECK_NOTE(memcmp(&a, &c, 4) == 0 && memcmp(&b, &c, 4) == 0, "x=%a", (double)x);
	}
	CHECK(lac_square_root_integer(0.0f) == 0.0f && lac_square_root_integer(4.0f) == 2.0f);
}

int main(int argc, char **argv)
{
	uint64_t environment = lac_float_environment_enter();

	for (size_t i = 0; lac_kernels_all[i]; i++) {
		kernels = lac_kernels_all[i];
		if (!kernels->supported()) {
			SKIP(kernels->name, "this CPU does not have it");
			continue;
		}
		printf("-- %s\n", kernels->name);
		LAW(every_operation_equals_the_textbook);
		LAW(the_known_answers_are_given);
		LAW(known_answers_reach_every_way);
	}
	if (test_effort(argc, argv) == SHORT) {
		SKIP("a_saturating_table_is_caught", "and the other slips, as builds that are not slow show");
	} else {
		LAW(a_saturating_table_is_caught);
		LAW(a_reordered_table_is_caught);
		LAW(a_contracted_table_is_caught);
		LAW(a_flushing_table_is_caught);
	}
	LAW(exponential_is_accurate);
	LAW(square_root_is_correctly_rounded);
	lac_float_environment_restore(environment);
	return test_report();
}
