/* frame_types.h: the types of frames by table: what is read, written and counted of each (format.md
 * sections 4 and 5). What else there is to know of a type is in lac_frame_traits (frame.h). */
#ifndef LAC_FORMAT_FRAME_TYPES_H
#define LAC_FORMAT_FRAME_TYPES_H

#include "format/fields.h"

/* The fields of a body, in their order. Reading complains of what is missing or impossible; the
 * frame's type and flags are set before. Writing changes nothing. */
typedef lac_complaint lac_fields_function(struct lac_fields *fields, struct lac_frame *frame);

extern lac_fields_function *const lac_frame_fields[LAC_N_FRAME_TYPES];

#endif
