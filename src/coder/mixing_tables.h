/* mixing_tables.h: what the mixing model looks up, computed when it starts (arithmetic.md sections
 * 12.2 and 12.3). */
#ifndef LAC_CODER_MIXING_TABLES_H
#define LAC_CODER_MIXING_TABLES_H

#include <stdint.h>

#define LAC_STRETCH_MAX 3071 /* 12 in steps of 1/256: where probabilities of 16 bits end */
#define LAC_HISTORIES 256    /* numbers of histories; not all are used */
#define LAC_HISTORY_MAX 40   /* the most times one bit is counted in a history */

struct lac_mixing_tables {
	/* at x + LAC_STRETCH_MAX: 65536 / (1 + e^(-x/256)), 1 to 65535 */
	uint16_t squash[2 * LAC_STRETCH_MAX + 1];
	int16_t stretch[4096];                    /* the x of a probability of 12 bits */
	/* the history after a 0, after a 1; history 0 is empty */
	uint8_t next[2][LAC_HISTORIES];
	uint8_t n_seen[LAC_HISTORIES];            /* how many bits a history holds */
	/* the share of ones in it, in parts of 2^32: what a counter starts with */
	uint32_t expected[LAC_HISTORIES];
};

void lac_mixing_tables_fill(struct lac_mixing_tables *tables); /* of zeros */

#endif
