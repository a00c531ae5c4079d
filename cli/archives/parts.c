#include "archives/parts.h"

#include <string.h>

static bool needs_another(const struct lac_stats *part, const struct lac_stats *archive)
{
	return part->n_models && archive->n_models && memcmp(part->models->identity, archive->models->identity, sizeof part->models->identity) != 0;
}

bool find_part(struct input *input, uint64_t begin, struct part *part)
{
	struct lac_stats archive;

	*part = (struct part){ .begin = begin };
	while (input_seek(input, begin + part->n_bytes, UINT64_MAX) && !lac_list_first(input_source(input), &archive, NULL) &&
	       !needs_another(&part->stats, &archive)) {
		part->n_bytes += archive.bytes_in;
		if (archive.n_models)
			part->stats = archive;
	}
	return part->n_bytes && input_seek(input, begin, part->n_bytes) && !lac_list(input_source(input), &part->stats, NULL) &&
		input_seek(input, begin, part->n_bytes);
}
