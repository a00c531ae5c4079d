/* optimizer.h: from a gradient to a step.
 *
 * AdamW for everything, or Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/)
 * for the matrices of layers: their momentum is replaced by the nearest matrix with all singular
 * values near 1, scaled so that a rate suits both (Liu et al. 2025, arXiv 2502.16982). */
#ifndef LAC_TRAIN_OPTIMIZER_H
#define LAC_TRAIN_OPTIMIZER_H

#include "base/threads.h"
#include "train/parameters.h"
#include "laconic_train.h"

struct lac_optimizer {
	const struct lac_parameters *parameters; /* borrowed */
	enum lac_train_optimizer kind;
	float weight_decay;       /* of matrices; embeddings and norms have none */
	uint64_t n_steps;         /* done */
	/* owned: moments, [parameters->n_floats]; Muon's matrices never touch `second` */
	float *first, *second;
	float *scratch;           /* owned: [n_threads][scratch_floats], for Muon */
	size_t scratch_floats;
};

LAC_MUST_CHECK enum lac_status lac_optimizer_create(struct lac_optimizer *out, const struct lac_parameters *parameters,
	enum lac_train_optimizer kind, double weight_decay, uint32_t n_threads, struct lac_error *error);
void lac_optimizer_free(struct lac_optimizer *optimizer);
size_t lac_optimizer_bytes(const struct lac_parameters *parameters, enum lac_train_optimizer kind, uint32_t n_threads);

static inline bool lac_is_muon(enum lac_train_optimizer kind, const struct lac_parameter *parameter)
{
	return kind == LAC_MUON && parameter->kind == LAC_PARAMETER_MATRIX;
}

/* One step on all threads; the gradient counts times gradient_scale. */
void lac_optimizer_step(struct lac_optimizer *optimizer, struct lac_threads *threads, float *values, const float *gradient,
	double gradient_scale, double rate);

/* The nearest matrix whose singular values are about 1 (0.7 to 1.2), by five steps of a quintic
 * Newton-Schulz iteration. x is [n_rows][n_columns], n_rows <= n_columns; scratch has
 * lac_orthogonal_floats(). */
void lac_orthogonalize(float *x, size_t n_rows, size_t n_columns, float *scratch);
size_t lac_orthogonal_floats(size_t n_rows, size_t n_columns);

#endif
