/* json.h: what --json prints: an object a file, on a line of its own. doc/laconic.1.in names the
 * members. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "command.h"

/* `stats` of an archive: bytes_in is the text, whichever way it went, and bytes_out the archive.
 * output NULL: no file was written. `models` and `finding` (NULL: none) tell the sizes of models
 * and adapters that are open or were found. */
struct finding;
void print_json_stats(const char *file, const char *output, const struct lac_stats *stats, const struct models *models,
	const struct finding *finding);

/* Single records: `stats` of lac_archive_read(). */
void print_json_records(const char *file, const char *output, const struct lac_stats *stats);

/* A file, or, if it is NULL, the command, failed or was skipped, for the reason that was told first
 * since the last object. */
void print_json_failure(const char *file, int status);

#endif
