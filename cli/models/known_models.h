/* known_models.h: the GGUF files in the folders where models are looked for, and which is wanted. */
#ifndef CLI_KNOWN_MODELS_H
#define CLI_KNOWN_MODELS_H

#include "models/identity_cache.h"

/* Every GGUF file of the folders, in their order. Adapters are told by `base`, or, if it is NULL, by the embedded model and every model
 * found: those of others are KIND_BAD. `use_cache`: identities are taken from there; it is written either way. False: no memory. */
bool known_models_scan(struct known_models *models, const struct lac_model *base, bool use_cache);

/* Owned: the path of a file in the folders called NAME or NAME.gguf, or, if there is none, of a model (or an adapter) with that name or
 * identity inside. NULL: there is none. */
char *find_named(const char *name, enum model_kind kind);

#endif
