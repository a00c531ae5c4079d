/* packed.h: building a struct lac_packed row by row, and reading a row back. */
#ifndef LAC_KERNELS_PACKED_H
#define LAC_KERNELS_PACKED_H

#include "base/memory.h"
#include "kernels/kernels.h"

/* Takes zeroed storage for n_out x n_in, both at least 1, from the arena, which owns it; false: no
 * memory. */
bool lac_packed_create(struct lac_packed *packed, struct lac_arena *arena, uint32_t n_out, uint32_t n_in);
/* The same for the rows of another. */
bool lac_packed_copy(struct lac_packed *packed, struct lac_arena *arena, const struct lac_packed *from);
/* Without storage. */
struct lac_packed lac_packed_shape(uint32_t n_out, uint32_t n_in);
size_t lac_packed_bytes(uint32_t n_out, uint32_t n_in);

/* Stores one quantised row: n_quads x 4 values (zero-padded), n_groups scales. May overwrite an
 * earlier row. */
void lac_packed_set_row(struct lac_packed *packed, uint32_t row, const int8_t *values, const float *scales);
/* The same for n_rows rows of one tile, of 16: n_in values each, `stride` bytes apart, and
 * [n_rows][n_groups] scales. */
void lac_packed_set_tile(struct lac_packed *packed, uint32_t row, uint32_t n_rows, const int8_t *values, size_t stride, const float *scales);
/* The numbers of a row back. */
void lac_packed_quantized_row(const struct lac_packed *packed, uint32_t row, int8_t *values, float *scales);

/* Writes value x scale for the row's n_in columns (arithmetic.md section 3.3). */
void lac_packed_get_row(const struct lac_packed *packed, uint32_t row, float *out);

#endif
