/* json.h: just enough JSON (RFC 8259) to find a member and read it. Values are readers that begin at their first byte; every nesting and
 * length is bounded by the bytes that are there. */
#ifndef LAC_TRAIN_JSON_H
#define LAC_TRAIN_JSON_H

#include "base/bytes.h"

void lac_json_skip_space(struct lac_reader *reader);

/* Moves past one value, and space before it; false: it is malformed or nested too deeply. */
bool lac_json_skip(struct lac_reader *reader);

/* Steps through an object's members: call with `reader` at the object, *is_first true. False at the end, or, with *is_malformed, on an
 * error. `key` is decoded; the reader is left at the value's end. */
struct lac_json_members {
	struct lac_reader reader;
	bool began, is_malformed;
};
bool lac_json_next_member(struct lac_json_members *members, struct lac_buffer *key, struct lac_reader *value);

/* Finds a member of an object. *is_malformed: it is no object, or not well-formed up to there. */
bool lac_json_member(struct lac_reader object, const char *name, struct lac_reader *value, bool *is_malformed);

/* Appends a string's bytes as UTF-8. \udc80 to \udcff alone are the bytes 80 to ff, as Python's surrogateescape and our own
 * output have them. */
bool lac_json_string(struct lac_reader value, struct lac_buffer *out);
bool lac_json_number(struct lac_reader value, double *out);
bool lac_json_is(struct lac_reader value, const char *word); /* true, false, null */

#endif
