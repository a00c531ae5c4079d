/* json.h: how JSON is read here, by jansson. A member that is there twice is an error rather than
 * one of the two; U+0000 in a text is data; numbers are real, so that one too long for an integer
 * does not spoil the rest. */
#ifndef LAC_TRAIN_JSON_H
#define LAC_TRAIN_JSON_H

#include <jansson.h>

/* An object, which the caller gives back with json_decref(). NULL: there is none, and *error tells
 * why. */
json_t *lac_json_object(const void *bytes, size_t n_bytes, json_error_t *error);

/* The same of a line as programs write them: half a surrogate pair is U+FFFD, and NaN and Infinity,
 * which are no JSON, are null. */
json_t *lac_json_line(const void *bytes, size_t n_bytes, json_error_t *error);

#endif
