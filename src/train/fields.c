#include "train/fields.h"

#include <stdio.h>
#include <string.h>

struct search {
	struct lac_buffer *out;
	size_t begin; /* of what is appended */
	bool is_found, has_other;
};

static void take(struct search *search, const json_t *value)
{
	if (!json_is_string(value)) {
		search->has_other = search->has_other || !json_is_null(value);
		return;
	}
	if (search->is_found && search->out->length > search->begin)
		lac_buffer_append(search->out, "\n\n", 2);
	search->is_found = true;
	lac_buffer_append(search->out, json_string_value(value), json_string_length(value));
}

/* `field` is what is left of it after `value`: "", or ".NAME...", or "[]...". */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the field has parts */
static void follow(struct search *search, const json_t *value, const char *field)
{
	const size_t n = field[0] == '.' ? strcspn(field + 1, ".[") : 0;

	if (!field[0]) {
		take(search, value);
	} else if (strncmp(field, "[]", 2) == 0 && json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++)
			follow(search, json_array_get(value, i), field + 2);
	} else if (n && json_is_object(value)) {
		const json_t *member = json_object_getn(value, field + 1, n);

		if (member)
			follow(search, member, field + 1 + n);
	} else if (!json_is_null(value)) {
		search->has_other = true;
	}
}

enum lac_field_result lac_field_append(struct lac_buffer *out, const json_t *object, const char *field)
{
	struct search search = { .out = out, .begin = out->length };
	const json_t *whole = json_object_get(object, field);
	const size_t n = strcspn(field, ".[");
	const json_t *first = json_object_getn(object, field, n);

	if (whole)
		take(&search, whole);
	else if (first)
		follow(&search, first, field + n);
	return search.is_found ? LAC_FIELD_FOUND : search.has_other ? LAC_FIELD_NO_TEXT : LAC_FIELD_ABSENT;
}

void lac_field_names(char *out, size_t capacity, const json_t *object)
{
	json_t *members = (json_t *)(uintptr_t)object; /* which is not changed */
	size_t at = 0;

	out[0] = 0;
	for (void *i = json_object_iter(members); i && at < capacity; i = json_object_iter_next(members, i)) {
		const int n = snprintf(out + at, capacity - at, "%s%.60s", at ? ", " : "", json_object_iter_key(i));

		if (n < 0)
			break;
		at += (size_t)n;
	}
}
