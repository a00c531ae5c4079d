#include "archive/reporter.h"

enum lac_status lac_report(struct lac_reporter *r, uint64_t bytes_in, uint64_t bytes_out, struct lac_error *error)
{
	if (bytes_in > r->bytes_in)
		r->bytes_in = bytes_in;
	if (bytes_out > r->bytes_out)
		r->bytes_out = bytes_out;
	if (r->options->progress && !r->options->progress(r->options->progress_payload, r->bytes_in, r->bytes_out))
		return lac_fail(error, LAC_CANCELLED, 0, "cancelled");
	return LAC_OK;
}
