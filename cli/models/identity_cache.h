/* identity_cache.h: which model a file is, remembered by path, size and time, since telling it takes reading all of it. A cache that is
 * damaged, missing or wrong costs time and nothing else: whoever opens a file it names compares the identity again. */
#ifndef CLI_IDENTITY_CACHE_H
#define CLI_IDENTITY_CACHE_H

#include "laconic.h"

#include <sys/stat.h>

enum model_kind { KIND_BAD, KIND_MODEL, KIND_ADAPTER };

struct known_model {
	char *path; /* owned */
	uint64_t file_bytes;
	int64_t seconds, nanoseconds; /* of its last change */
	enum model_kind kind;
	uint8_t identity[16]; /* an adapter's own */
	char name[LAC_MODEL_NAME_MAX + 1];
	char architecture[16];
	struct lac_error error; /* KIND_BAD: why */
};

struct known_models {
	struct known_model *at; /* owned */
	size_t n;
};

/* Appends; takes over `model` (its path is freed when there is no memory). */
bool known_models_add(struct known_models *models, struct known_model *model);
void known_models_free(struct known_models *models);

/* What is remembered; none if it cannot be read. */
void identity_cache_load(struct known_models *cache);
/* Replaces it as a whole, if it can. */
void identity_cache_save(const struct known_models *cache);

/* The one of that path, size and time, or NULL. */
const struct known_model *identity_cache_find(const struct known_models *cache, const char *path, const struct stat *info);

#endif
