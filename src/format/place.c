#include "format/place.h"

#include <stdarg.h>
#include <stdio.h>

void lac_error_set_at(struct lac_error *error, enum lac_status status, struct lac_place place, const char *format, ...)
{
	char what[sizeof error->text], archive[36] = "", block[36] = "";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	if (place.archive)
		snprintf(archive, sizeof archive, "archive %llu, ", (unsigned long long)place.archive);
	if (place.block)
		snprintf(block, sizeof block, "block %llu, ", (unsigned long long)place.block);
	lac_error_set(error, status, place.offset, "%s%sbyte %llu: %s", archive, block, (unsigned long long)place.offset, what);
}
