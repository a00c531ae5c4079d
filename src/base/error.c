#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

void lac_error_set(struct lac_error *error, enum lac_status status, uint64_t offset, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return;
	error->status = status;
	error->offset = offset;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	/* names come from files that are not to be trusted with a terminal */
	for (char *c = error->text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

const char *lac_status_name(enum lac_status status)
{
	switch (status) {
	case LAC_OK: return "ok";
	case LAC_BAD_ARGUMENT: return "bad argument";
	case LAC_CANCELLED: return "cancelled";
	case LAC_OVER_LIMIT: return "over limit";
	case LAC_NO_MEMORY: return "out of memory";
	case LAC_NO_THREAD: return "no thread";
	case LAC_READ_FAILED: return "read failed";
	case LAC_WRITE_FAILED: return "write failed";
	case LAC_CORRUPT: return "corrupt";
	case LAC_TRUNCATED: return "truncated";
	case LAC_NO_INDEX: return "no index";
	case LAC_NOT_ARCHIVE: return "not an archive";
	case LAC_UNSUPPORTED: return "unsupported";
	case LAC_BAD_MODEL: return "bad model";
	case LAC_UNSUPPORTED_MODEL: return "unsupported model";
	case LAC_OTHER_MODEL: return "other model";
	case LAC_SELF_TEST_FAILED: return "self-test failed";
	case LAC_OTHER_ADAPTER: return "other adapter";
	}
	return "unknown status";
}
