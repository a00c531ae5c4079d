/* Laws of the trainer's transformer: its loss is that of a plain evaluation in binary64, and its
 * derivatives are that one's differences. */
#include "base/strict_float.h"
#include "textbook_network.h"

/* Nothing is round: grouped queries, heads that are wider together than the model, some dimensions
 * of a head not rotated. */
static const struct lac_shape odd = { .dim = 20, .ffn_dim = 27, .n_layers = 2, .n_heads = 4, .n_kv_heads = 2, .head_dim = 6, .rotary_dim = 4,
	.n_vocabulary = 37, .context_length = 160, .norm_epsilon = 1e-5f, .rotary_base = 100.0f, .is_tied = false };
static const struct lac_shape tied = { .dim = 16, .ffn_dim = 24, .n_layers = 1, .n_heads = 2, .n_kv_heads = 2, .head_dim = 8, .rotary_dim = 8,
	.n_vocabulary = 19, .context_length = 160, .norm_epsilon = 1e-5f, .rotary_base = 10000.0f, .is_tied = true };

#define N_POSITIONS 160u /* more than attention and vocabulary take at once */

static uint32_t token_list[N_POSITIONS], target_list[N_POSITIONS], start_list[N_POSITIONS];

/* Three documents, one of a single token, and some targets that are not asked for. */
static struct lac_passage make_passage(const struct lac_shape *shape, uint32_t n, uint64_t seed)
{
	for (uint32_t i = 0; i < n; i++) {
		token_list[i] = (uint32_t)(test_random(&seed) % shape->n_vocabulary);
		target_list[i] = i % 7 == 3 ? LAC_NO_TOKEN : (uint32_t)(test_random(&seed) % shape->n_vocabulary);
		start_list[i] = i < n / 5 ? 0 : i == n / 5 ? i : n / 5 + 1;
	}
	return (struct lac_passage){ token_list, target_list, start_list, n };
}

struct set_up {
	struct lac_network network;
	struct lac_adapter adapter;
	struct lac_workspace *workspace;
	float *adapter_values, *gradient;
};

static void fill(float *values, const struct lac_parameters *parameters, uint64_t *seed)
{
	for (uint32_t p = 0; p < parameters->n; p++) {
		const struct lac_parameter *parameter = &parameters->at[p];
		const float reach = parameter->kind == LAC_PARAMETER_NORM ? 0.5f : 1.5f / sqrtf((float)parameter->n_columns);

		for (size_t i = 0; i < lac_parameter_floats(parameter); i++)
			values[parameter->first + i] = reach * textbook_random(seed) + (parameter->kind == LAC_PARAMETER_NORM ? 1.0f : 0.0f);
	}
}

/* rank 0: no adapter. */
static void begin(struct set_up *u, const struct lac_shape *shape, uint32_t rank, const char *targets, uint64_t seed)
{
	struct lac_error error = { .text = "" };
	enum lac_status s;
	uint32_t bits;

	*u = (struct set_up){ .workspace = NULL };
	s = lac_network_create(&u->network, shape, N_POSITIONS, &error);
	fill(u->network.weights, &u->network.parameters, &seed);
	if (!s && rank) {
		s = lac_adapter_targets(targets, &bits, &error);
		if (!s)
			s = lac_adapter_create(&u->adapter, shape, rank, 5.0f, bits, &error);
		u->adapter_values = calloc(u->adapter.parameters.n_floats, sizeof(float));
		fill(u->adapter_values, &u->adapter.parameters, &seed);
		u->network.adapter = &u->adapter;
		u->network.adapter_values = u->adapter_values;
	}
	if (!s)
		s = lac_workspace_create(&u->workspace, &u->network, &error);
	u->gradient = calloc(lac_network_learning(&u->network)->n_floats, sizeof(float));
	if (s) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
}

static void end(struct set_up *u)
{
	lac_workspace_free(&u->workspace);
	lac_adapter_free(&u->adapter);
	lac_network_free(&u->network);
	free(u->adapter_values);
	free(u->gradient);
}

static void check_loss(const struct lac_shape *shape, uint32_t rank)
{
	struct set_up u;

	begin(&u, shape, rank, "all", 1);
	for (uint32_t n = 1; n <= N_POSITIONS; n += n < 8 ? 1 : 38) {
		const struct lac_passage passage = make_passage(shape, n, n);
		double *values = rank ? textbook_doubles(u.adapter_values, u.adapter.parameters.n_floats) : NULL;
		double *w = textbook_weights(&u.network, values);
		const double wanted = textbook_loss(&u.network, w, &passage, NULL), got = lac_network_loss(&u.network, u.workspace, &passage);

		CHECK_NOTE(fabs(got - wanted) <= 2e-6 * (n + fabs(wanted)), "n %u: %.9g, not %.9g", (unsigned)n, got, wanted);
		free(w);
		free(values);
	}
	end(&u);
}

static void loss_is_that_of_a_plain_evaluation(void)
{
	check_loss(&odd, 0);
	check_loss(&tied, 0);
}

static void adapted_loss_is_that_of_the_sum_of_matrices(void)
{
	check_loss(&odd, 3);
	check_loss(&tied, 1);
}

/* The textbook's loss with a tensor of what learns moved. An adapter makes the matrices anew. */
static double moved_loss(const struct set_up *u, double *values, const struct lac_passage *passage, const struct lac_parameter *parameter,
	const float *direction, double step)
{
	const size_t n = lac_parameter_floats(parameter);
	double *w = values, loss;

	for (size_t i = 0; i < n; i++)
		values[parameter->first + i] += step * (double)direction[i];
	if (u->network.adapter)
		w = textbook_weights(&u->network, values);
	loss = textbook_loss(&u->network, w, passage, NULL);
	if (w != values)
		free(w);
	for (size_t i = 0; i < n; i++)
		values[parameter->first + i] -= step * (double)direction[i];
	return loss;
}

/* One tensor: the derivative along a direction is the difference of losses on both sides. */
static void check_direction(const struct set_up *u, double *values, const struct lac_passage *passage, const struct lac_parameter *parameter,
	const float *direction, float scale, double size, const char *note)
{
	const double step = 0x1p-14;
	double wanted = (moved_loss(u, values, passage, parameter, direction, step) -
		moved_loss(u, values, passage, parameter, direction, -step)) * (double)scale / (2.0 * step), got = 0.0;

	for (size_t i = 0; i < lac_parameter_floats(parameter); i++)
		got += (double)u->gradient[parameter->first + i] * (double)direction[i];
	CHECK_NOTE(fabs(got - wanted) <= 1e-4 * (fabs(wanted) + size), "%s, %s: %.8g, not %.8g (size %g)", parameter->name, note, got, wanted,
		size);
}

static double size_of(const float *gradient, const struct lac_parameter *parameter)
{
	double sum = 0.0;

	for (size_t i = 0; i < lac_parameter_floats(parameter); i++)
		sum += (double)gradient[parameter->first + i] * (double)gradient[parameter->first + i];
	return sqrt(sum / (double)lac_parameter_floats(parameter));
}

/* Every tensor: all its numbers at once in a random direction, and some of them alone. */
static void check_gradient(const struct lac_shape *shape, uint32_t rank, const char *targets, uint32_t n, unsigned n_alone)
{
	const float scale = 0.125f;
	const struct lac_passage passage = make_passage(shape, n, 5);
	uint64_t seed = 7;
	struct set_up u;
	double *values;

	begin(&u, shape, rank, targets, 3);
	values = textbook_doubles(lac_network_learning_values(&u.network), lac_network_learning(&u.network)->n_floats);
	(void)lac_network_gradient(&u.network, u.workspace, &passage, scale, u.gradient);
	for (uint32_t p = 0; p < lac_network_learning(&u.network)->n; p++) {
		const struct lac_parameter *parameter = &lac_network_learning(&u.network)->at[p];
		const size_t n_floats = lac_parameter_floats(parameter);
		const double size = size_of(u.gradient, parameter);
		float *direction = calloc(n_floats, sizeof *direction);

		CHECK_NOTE(size > 1e-6, "%s learns nothing", parameter->name);
		for (size_t i = 0; i < n_floats; i++)
			direction[i] = textbook_random(&seed) / sqrtf((float)n_floats);
		check_direction(&u, values, &passage, parameter, direction, scale, size, "all");
		for (unsigned k = 0; k < n_alone; k++) {
			const size_t i = test_random(&seed) % n_floats;

			memset(direction, 0, n_floats * sizeof *direction);
			direction[i] = 1.0f;
			check_direction(&u, values, &passage, parameter, direction, scale, size, "one");
		}
		free(direction);
	}
	free(values);
	end(&u);
}

static void gradients_are_differences_of_the_loss(void)
{
	check_gradient(&odd, 0, NULL, N_POSITIONS, 2);
	check_gradient(&odd, 0, NULL, 30, 12);
	check_gradient(&tied, 0, NULL, 30, 12);
}

static void gradients_of_adapters_are_differences_of_the_loss(void)
{
	check_gradient(&odd, 3, "all", 30, 3);
	check_gradient(&odd, 2, "attn_k,ffn_up", 30, 3);
	check_gradient(&tied, 1, "attn_output", 30, 3);
}

/* Gradients add up: what was there stays, and the same passage again doubles what it said. */
static void gradients_accumulate(void)
{
	const struct lac_passage passage = make_passage(&odd, 50, 9);
	struct set_up u;
	float *once;
	size_t n;

	begin(&u, &odd, 0, NULL, 3);
	n = u.network.parameters.n_floats;
	once = calloc(n, sizeof *once);
	(void)lac_network_gradient(&u.network, u.workspace, &passage, 1.0f, once);
	for (size_t i = 0; i < n; i++)
		u.gradient[i] = once[i];
	(void)lac_network_gradient(&u.network, u.workspace, &passage, 1.0f, u.gradient);
	for (size_t i = 0; i < n; i++)
		CHECK_NOTE(fabsf(u.gradient[i] - 2.0f * once[i]) <= 1e-5f * (1.0f + fabsf(once[i])), "%zu: %g, not %g", i, (double)u.gradient[i],
			2.0 * (double)once[i]);
	free(once);
	end(&u);
}

/* With B = 0 the adapted model is the model, dA is 0 and dB = scale dW A^T. */
static void gradient_of_b_is_that_of_the_matrix_times_a(void)
{
	const struct lac_passage passage = make_passage(&odd, 60, 11);
	struct set_up plain, adapted;

	begin(&plain, &odd, 0, NULL, 13);
	begin(&adapted, &odd, 4, "all", 13);
	for (uint32_t p = 1; p < adapted.adapter.parameters.n; p += 2)
		memset(adapted.adapter_values + adapted.adapter.parameters.at[p].first, 0,
			lac_parameter_floats(&adapted.adapter.parameters.at[p]) * sizeof(float));
	CHECK(lac_network_gradient(&plain.network, plain.workspace, &passage, 1.0f, plain.gradient) ==
		lac_network_gradient(&adapted.network, adapted.workspace, &passage, 1.0f, adapted.gradient));
	for (uint32_t place = 0; place < odd.n_layers * LAC_PARTS; place++) {
		const struct lac_parameter *map = &plain.network.parameters.at[1 + place];
		const struct lac_parameter *ab = &adapted.adapter.parameters.at[adapted.adapter.places[place]];
		const double size = adapted.adapter.places[place] == LAC_NO_ADAPTER ? 0.0 : size_of(adapted.gradient, &ab[1]);

		if (adapted.adapter.places[place] == LAC_NO_ADAPTER)
			continue;
		CHECK_NOTE(size_of(adapted.gradient, &ab[0]) == 0.0, "%s", ab[0].name);
		for (size_t o = 0; o < map->n_rows; o++)
			for (size_t r = 0; r < 4; r++) {
				const double got = (double)adapted.gradient[ab[1].first + o * 4 + r];
				double wanted = 0.0;

				for (size_t i = 0; i < map->n_columns; i++)
					wanted += (double)plain.gradient[map->first + o * map->n_columns + i] *
						(double)adapted.adapter_values[ab[0].first + r * map->n_columns + i];
				wanted *= 5.0 / 4.0;
				CHECK_NOTE(fabs(got - wanted) <= 1e-4 * (fabs(wanted) + size), "%s %zu %zu: %g, not %g", ab[1].name, o, r, got, wanted);
			}
	}
	end(&plain);
	end(&adapted);
}

/* Multiplying the adapter into the matrices gives the same logits, before anything is quantised. */
static void merged_logits_are_factored_logits(void)
{
	const struct lac_passage passage = make_passage(&odd, 90, 17);
	const size_t n = (size_t)90 * odd.n_vocabulary;
	float *factored = calloc(n, sizeof *factored), *merged = calloc(n, sizeof *merged);
	struct set_up u;
	double *w, *values;

	begin(&u, &odd, 4, "all", 19);
	lac_network_logits(&u.network, u.workspace, &passage, factored);
	values = textbook_doubles(u.adapter_values, u.adapter.parameters.n_floats);
	w = textbook_weights(&u.network, values);
	for (size_t i = 0; i < u.network.parameters.n_floats; i++)
		u.network.weights[i] = (float)w[i];
	u.network.adapter = NULL;
	lac_network_logits(&u.network, u.workspace, &passage, merged);
	for (size_t i = 0; i < n; i++)
		CHECK_NOTE(fabsf(factored[i] - merged[i]) <= 2e-5f * (1.0f + fabsf(merged[i])), "%zu: %g, not %g", i, (double)factored[i],
			(double)merged[i]);
	free(w);
	free(values);
	free(factored);
	free(merged);
	end(&u);
}

static bool refuses(uint32_t rank, const char *targets, const char *said)
{
	struct lac_error error = { .text = "" };
	struct lac_adapter adapter = { .rank = 0 };
	uint32_t bits;
	enum lac_status s = lac_adapter_targets(targets, &bits, &error);

	if (!s)
		s = lac_adapter_create(&adapter, &odd, rank, 1.0f, bits, &error);
	lac_adapter_free(&adapter);
	return s == LAC_BAD_ARGUMENT && strstr(error.text, said);
}

static void impossible_adapters_are_refused(void)
{
	CHECK(refuses(0, "all", "rank 0"));
	CHECK(refuses(13, "all", "attn_k"));  /* 2 heads of 6: 12 rows */
	CHECK(!refuses(12, "all", ""));
	CHECK(refuses(21, "attn_q", "at most 20"));
	CHECK(refuses(UINT32_MAX, "attn_q", "rank"));
	CHECK(refuses(2, "attn_x", "attn_x"));
	CHECK(refuses(2, "attn_norm", "attn_norm"));
	CHECK(refuses(2, "attn_q,,attn_k", "no map"));
	CHECK(refuses(2, "attn_qq", "attn_qq"));
	CHECK(refuses(2, "", "no map"));
}

int main(void)
{
	LAW(loss_is_that_of_a_plain_evaluation);
	LAW(adapted_loss_is_that_of_the_sum_of_matrices);
	LAW(gradients_are_differences_of_the_loss);
	LAW(gradients_of_adapters_are_differences_of_the_loss);
	LAW(gradients_accumulate);
	LAW(gradient_of_b_is_that_of_the_matrix_times_a);
	LAW(merged_logits_are_factored_logits);
	LAW(impossible_adapters_are_refused);
	return test_report();
}
