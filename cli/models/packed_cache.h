/* packed_cache.h: what opening made of large model files, kept in the user's cache, so that they open sooner the next time. A cache that is
 * damaged, missing, or of other files costs time and nothing else: the library converts what is not of the very file, or has not its identity.
 * What a fault of the machine makes of a file is not kept: it is converted once more before. */
#ifndef CLI_PACKED_CACHE_H
#define CLI_PACKED_CACHE_H

#include "laconic.h"

/* As lac_model_open_file(), from the cache or into it. most_bytes: what all files of the cache may take, the least recently used going first;
 * 0: it is let be; UINT64_MAX: the default, which lets files be that open quickly anyway. *told, static: what was done, or why not, as the end of
 * a sentence on the model; "": nothing. Beside that function's errors, LAC_SELF_TEST_FAILED: converted once more, it is another model. */
enum lac_status open_model_file(struct lac_model **model, const char *path, const struct lac_options *options, uint64_t most_bytes,
	const char **told, struct lac_error *error);

#endif
