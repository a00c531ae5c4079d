/* json.h: how JSON is read here, by jansson. A member that is there twice is an error rather than one of the two; U+0000 in a text is data;
 * numbers are real, so that one too long for an integer does not spoil the rest. Strings must be UTF-8, and surrogates come in pairs. */
#ifndef LAC_TRAIN_JSON_H
#define LAC_TRAIN_JSON_H

#include <jansson.h>

/* An object, which the caller gives back with json_decref(); NULL: there is none, and *error tells why. */
static inline json_t *lac_json_object(const void *bytes, size_t n_bytes, json_error_t *error)
{
	json_t *value = json_loadb(bytes, n_bytes, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, error);

	if (!value || json_is_object(value))
		return value;
	json_decref(value);
	*error = (json_error_t){ .text = "an array" };
	return NULL;
}

#endif
