/* parameters.h: which tensors a model of architecture llama has, and where each lies in one array
 * of floats. The same table serves weights, gradients and the optimiser's moments. */
#ifndef LAC_TRAIN_PARAMETERS_H
#define LAC_TRAIN_PARAMETERS_H

#include "base/error.h"
#include "model/weights.h"

enum lac_parameter_kind { LAC_PARAMETER_NORM, LAC_PARAMETER_EMBEDDING, LAC_PARAMETER_MATRIX };

struct lac_parameter {
	char name[64];    /* as GGUF has it */
	enum lac_parameter_kind kind;
	uint32_t n_rows, n_columns; /* a vector is one row */
	size_t first;     /* of n_rows x n_columns floats */
};

struct lac_parameters {
	struct lac_parameter *at; /* owned */
	uint32_t n;
	size_t n_floats; /* of the whole array */
};

/* Parts of a layer in the order of the table. Query, key and value follow one another without a
 * gap, as gate and up do, so that each group is one matrix. */
enum lac_part { LAC_ATTENTION_NORM, LAC_QUERY, LAC_KEY, LAC_VALUE, LAC_ATTENTION_OUT, LAC_FFN_NORM, LAC_GATE, LAC_UP, LAC_DOWN, LAC_PARTS };

/* "attn_norm", "attn_q", ... */
extern const char *const lac_part_names[LAC_PARTS];

LAC_MUST_CHECK enum lac_status lac_parameters_create(struct lac_parameters *out, const struct lac_shape *shape, struct lac_error *error);
void lac_parameters_free(struct lac_parameters *parameters);

static inline const struct lac_parameter *lac_parameter_of(const struct lac_parameters *parameters, uint32_t layer, enum lac_part part)
{
	return &parameters->at[1 + layer * LAC_PARTS + part];
}

static inline const struct lac_parameter *lac_parameter_embedding(const struct lac_parameters *parameters)
{
	return &parameters->at[0];
}

static inline const struct lac_parameter *lac_parameter_output_norm(const struct lac_parameters *parameters, const struct lac_shape *shape)
{
	return &parameters->at[1 + shape->n_layers * LAC_PARTS];
}

static inline const struct lac_parameter *lac_parameter_output(const struct lac_parameters *parameters, const struct lac_shape *shape)
{
	return &parameters->at[shape->is_tied ? 0 : 2 + shape->n_layers * LAC_PARTS];
}

/* Without what lies between them. */
uint64_t lac_parameters_count(const struct lac_parameters *parameters);

static inline size_t lac_parameter_floats(const struct lac_parameter *parameter)
{
	return (size_t)parameter->n_rows * parameter->n_columns;
}

#endif
