/* rotary.h: the angles of rotary position embedding (Su et al. 2021, arXiv 2104.09864),
 * arithmetic.md section 5. */
#ifndef LAC_ENGINE_ROTARY_H
#define LAC_ENGINE_ROTARY_H

#include <stdint.h>

/* What one position adds to the angle of each of rotary_dim/2 pairs, as a fraction of a turn in
 * units of 2^-64. Frequencies are divided by `scaling` and by `factors`, one of each pair (NULL:
 * all 1); none of these is below 1/2. */
void lac_rotary_steps(uint64_t *steps, uint32_t rotary_dim, float base, float scaling, const float *factors);

/* Cosine and sine of an angle in units of 2^-64 of a turn. */
void lac_rotary_angle(uint64_t angle, float *cosine, float *sine);

#endif
