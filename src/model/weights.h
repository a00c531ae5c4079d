/* weights.h: the tensors of a file -> the engine's own form (arithmetic.md section 3.3). */
#ifndef LAC_MODEL_WEIGHTS_H
#define LAC_MODEL_WEIGHTS_H

#include "base/hash.h"
#include "model/layers.h"
#include "model/shape.h"

/* Converts every tensor by the written rule and feeds shape and engine values into `identity`
 * (section 10). Every tensor of the file must be asked for; errors name the tensor. At most
 * n_threads do it, which changes nothing. `packed` not NULL: the numbers of a packed file
 * (model/packed_file.h) are taken instead of converting those of the tensors; LAC_TRUNCATED: it
 * fails, or ends. The caller frees `weights` also after a failure. */
LAC_MUST_CHECK enum lac_status lac_weights_load(struct lac_weights *weights, const struct lac_shape *shape,
	const struct lac_gguf *gguf, const struct lac_kernels *kernels, const struct lac_source *packed, uint32_t n_threads,
	struct lac_hash128 *identity, struct lac_error *error);
void lac_weights_free(struct lac_weights *weights);

/* The same without keeping the numbers of matrices: for the identity alone. */
LAC_MUST_CHECK enum lac_status lac_weights_identify(const struct lac_shape *shape, const struct lac_gguf *gguf, const struct lac_kernels *kernels,
	uint32_t n_threads, struct lac_hash128 *identity, struct lac_error *error);

/* What lac_weights_load() takes of its arena for the tensors of a file, and beside it while it
 * works. */
uint64_t lac_weights_bytes(const struct lac_gguf *gguf, uint32_t n_threads, uint64_t *n_working);

#endif
