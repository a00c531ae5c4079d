/* published.h: the models that were shipped as laconic's default, by number (format.md section
 * 4.3): a block can name one of them in a byte or two, and the archive then needs no model
 * frame. */
#ifndef LAC_FORMAT_PUBLISHED_H
#define LAC_FORMAT_PUBLISHED_H

#include "format/frame.h"

/* Static; NULL: no such number yet. */
const struct lac_model_frame *lac_published_model(uint32_t number);

/* The number of exactly this model; false: it was not published. */
bool lac_published_number(const struct lac_model_frame *model, uint32_t *number);

#endif
