#include "base/strict_float.h"
#include "train/optimizer.h"
#include "base/memory.h"
#include "train/blas.h"
#include "train/vector.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define ADAM_FIRST 0.9f
#define ADAM_SECOND 0.95f
#define ADAM_EPSILON 1e-8f
#define MOMENTUM 0.95f
#define SLICE 65536u /* floats that a thread takes at a time */

/* ---- Muon ------------------------------------------------------------------------ */

size_t lac_orthogonal_floats(size_t n_rows, size_t n_columns)
{
	return 2 * n_rows * n_rows + n_rows * n_columns;
}

/* X <- a X + (b A + c A A) X with A = X X^T. The coefficients are the authors': they lift small
 * singular values fastest. */
void lac_orthogonalize(float *x, size_t n_rows, size_t n_columns, float *scratch)
{
	const float a = 3.4445f, b = -4.7750f, c = 2.0315f;
	const size_t n = n_rows * n_columns;
	float *square = scratch, *fourth = square + n_rows * n_rows, *next = fourth + n_rows * n_rows;

	lac_vector_scale(x, 1.0f / (sqrtf(lac_vector_dot(x, x, n)) + 1e-20f), n);
	for (unsigned i = 0; i < 5; i++) {
		lac_multiply_nt(n_rows, n_rows, n_columns, 1.0f, x, n_columns, x, n_columns, 0.0f, square, n_rows);
		memcpy(fourth, square, n_rows * n_rows * sizeof *fourth);
		lac_multiply_nn(n_rows, n_rows, n_rows, c, square, n_rows, square, n_rows, b, fourth, n_rows);
		memcpy(next, x, n * sizeof *next);
		lac_multiply_nn(n_rows, n_columns, n_rows, 1.0f, fourth, n_rows, x, n_columns, a, next, n_columns);
		memcpy(x, next, n * sizeof *next);
	}
}

static void transpose(float *out, const float *in, size_t n_rows, size_t n_columns)
{
	for (size_t r = 0; r < n_rows; r++)
		for (size_t c = 0; c < n_columns; c++)
			out[c * n_rows + r] = in[r * n_columns + c];
}

struct step {
	struct lac_optimizer *optimizer;
	float *values;
	const float *gradient;
	float gradient_scale, rate;
	/* parameter that nobody has taken; their results do not depend on who takes them */
	_Atomic uint32_t next;
};

static void muon(const struct step *step, const struct lac_parameter *parameter, float *scratch)
{
	const size_t n = lac_parameter_floats(parameter), rows = parameter->n_rows, columns = parameter->n_columns;
	const size_t longer = rows > columns ? rows : columns;
	const float factor = step->rate * 0.2f * sqrtf((float)longer), keep = 1.0f - step->rate * step->optimizer->weight_decay;
	const float *gradient = step->gradient + parameter->first;
	float *values = step->values + parameter->first, *momentum = step->optimizer->first + parameter->first;
	float *direction = scratch, *turned = scratch + n, *rest = turned + n;

	for (size_t i = 0; i < n; i++) {
		momentum[i] = MOMENTUM * momentum[i] + step->gradient_scale * gradient[i];
		/* Nesterov's look ahead */
		direction[i] = step->gradient_scale * gradient[i] + MOMENTUM * momentum[i];
	}
	if (rows <= columns) {
		lac_orthogonalize(direction, rows, columns, rest);
	} else {
		transpose(turned, direction, rows, columns);
		lac_orthogonalize(turned, columns, rows, rest);
		transpose(direction, turned, columns, rows);
	}
	for (size_t i = 0; i < n; i++)
		values[i] = keep * values[i] - factor * direction[i];
}

/* ---- Both ------------------------------------------------------------------------ */

static size_t scratch_floats(const struct lac_parameters *parameters, enum lac_train_optimizer kind)
{
	size_t most = 0;

	for (uint32_t i = 0; i < parameters->n; i++) {
		const struct lac_parameter *p = &parameters->at[i];
		const size_t shorter = p->n_rows < p->n_columns ? p->n_rows : p->n_columns;
		const size_t n = 2 * lac_parameter_floats(p) + lac_orthogonal_floats(shorter, lac_parameter_floats(p) / shorter);

		if (lac_is_muon(kind, p) && n > most)
			most = n;
	}
	return LAC_ROUND_UP(most, LAC_LANES);
}

size_t lac_optimizer_bytes(const struct lac_parameters *parameters, enum lac_train_optimizer kind, uint32_t n_threads)
{
	size_t n = parameters->n_floats + scratch_floats(parameters, kind) * n_threads;

	for (uint32_t i = 0; i < parameters->n; i++)
		if (!lac_is_muon(kind, &parameters->at[i]))
			n += lac_parameter_floats(&parameters->at[i]);
	return n * sizeof(float);
}

enum lac_status lac_optimizer_create(struct lac_optimizer *out, const struct lac_parameters *parameters, enum lac_train_optimizer kind,
	double weight_decay, uint32_t n_threads, struct lac_error *error)
{
	*out = (struct lac_optimizer){ .parameters = parameters, .kind = kind, .weight_decay = (float)weight_decay,
		.scratch_floats = scratch_floats(parameters, kind) };
	out->first = lac_aligned_calloc(parameters->n_floats, sizeof(float));
	out->second = lac_aligned_calloc(parameters->n_floats, sizeof(float));
	out->scratch = lac_aligned_calloc(out->scratch_floats * n_threads, sizeof(float));
	if (!out->first || !out->second || !out->scratch) {
		lac_optimizer_free(out);
		return lac_fail_memory(error, lac_optimizer_bytes(parameters, kind, n_threads), "the optimiser's moments");
	}
	return LAC_OK;
}

void lac_optimizer_free(struct lac_optimizer *optimizer)
{
	lac_aligned_free(optimizer->first);
	lac_aligned_free(optimizer->second);
	lac_aligned_free(optimizer->scratch);
	*optimizer = (struct lac_optimizer){ .parameters = NULL };
}

static void adam(const struct step *step, const struct lac_parameter *parameter, const struct lac_adam_step *adam_step, uint32_t thread,
	uint32_t n_threads)
{
	const size_t end = parameter->first + lac_parameter_floats(parameter);
	struct lac_adam_step own = *adam_step;

	own.decay = parameter->kind == LAC_PARAMETER_MATRIX ? step->optimizer->weight_decay : 0.0f;
	for (size_t at = parameter->first + (size_t)thread * SLICE; at < end; at += (size_t)n_threads * SLICE)
		lac_adam_update(step->values + at, step->optimizer->first + at, step->optimizer->second + at, step->gradient + at, &own,
			end - at < SLICE ? end - at : SLICE);
}

static void run(void *context, uint32_t thread, uint32_t n_threads)
{
	struct step *step = context;
	const struct lac_optimizer *o = step->optimizer;
	const struct lac_adam_step adam_step = { .rate = step->rate, .first_beta = ADAM_FIRST, .second_beta = ADAM_SECOND,
		.first_scale = 1.0f / (float)(1.0 - pow((double)ADAM_FIRST, (double)o->n_steps)),
		.second_scale = 1.0f / (float)(1.0 - pow((double)ADAM_SECOND, (double)o->n_steps)),
		.epsilon = ADAM_EPSILON, .gradient_scale = step->gradient_scale };
	uint32_t i;

	while ((i = atomic_fetch_add(&step->next, 1)) < o->parameters->n)
		if (lac_is_muon(o->kind, &o->parameters->at[i]))
			muon(step, &o->parameters->at[i], o->scratch + o->scratch_floats * thread);
	for (i = 0; i < o->parameters->n; i++)
		if (!lac_is_muon(o->kind, &o->parameters->at[i]))
			adam(step, &o->parameters->at[i], &adam_step, thread, n_threads);
}

void lac_optimizer_step(struct lac_optimizer *optimizer, struct lac_threads *threads, float *values, const float *gradient,
	double gradient_scale, double rate)
{
	struct step step = { .optimizer = optimizer, .values = values, .gradient = gradient, .gradient_scale = (float)gradient_scale,
		.rate = (float)rate };

	optimizer->n_steps++;
	lac_threads_run(threads, run, &step);
}
