/* random.h: splitmix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
 * generators"). */
#ifndef LAC_TRAIN_RANDOM_H
#define LAC_TRAIN_RANDOM_H

#include <stdint.h>

static inline uint64_t lac_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 to 1, without 1. */
static inline double lac_random_real(uint64_t *state)
{
	return (double)(lac_random(state) >> 11) * 0x1p-53;
}

#endif
