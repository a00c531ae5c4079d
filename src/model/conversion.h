/* conversion.h: rows of tensors -> rows of the engine (arithmetic.md section 3.3), by several
 * threads; they enter the identity in their order, as do those of a packed file. */
#ifndef LAC_MODEL_CONVERSION_H
#define LAC_MODEL_CONVERSION_H

#include "base/error.h"
#include "base/hash.h"
#include "kernels/packed.h"
#include "model/maps.h"
#include "gguf/gguf.h"

struct lac_conversion;

/* For matrices of at most n_rows rows of at most `longest` numbers. Uses up to n_threads threads,
 * the calling one among them; it does all the work if no other can be started. */
LAC_MUST_CHECK enum lac_status lac_conversion_create(struct lac_conversion **out, const struct lac_kernels *kernels, size_t n_rows,
	size_t longest, uint32_t n_threads, struct lac_error *error);
/* The memory of a conversion, without the stacks of its threads. */
uint64_t lac_conversion_bytes(size_t n_rows, size_t longest, uint32_t n_threads);
void lac_conversion_free(struct lac_conversion **conversion);

/* Converts a row of a tensor whose type was checked. Borrowed until the next call. NULL: a number
 * is not within -65504 to 65504. */
const float *lac_conversion_row(struct lac_conversion *conversion, const struct lac_tensor *tensor, uint64_t row);

/* Converts all rows of a matrix, in the engine's order, and adds them to `identity`. Stores them in
 * `packed` from first_row on, a multiple of 16, if it has storage. False: a number is not within
 * the range. */
bool lac_conversion_matrix(struct lac_conversion *conversion, const struct lac_tensor *tensor, struct lac_row_order order,
	struct lac_packed *packed, uint32_t first_row, struct lac_hash128 *identity);
/* The same for n_rows rows of a packed file (model/packed_file.h). False: the source fails, or
 * ends. */
bool lac_conversion_read(struct lac_conversion *conversion, struct lac_source source, struct lac_packed *packed, uint32_t first_row, uint32_t n_rows,
	struct lac_hash128 *identity);

#endif
