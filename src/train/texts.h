/* texts.h: the documents of a training's files, one after another. */
#ifndef LAC_TRAIN_TEXTS_H
#define LAC_TRAIN_TEXTS_H

#include "base/error.h"
#include "laconic_train.h"

struct lac_document_text {
	const uint8_t *bytes;
	size_t n_bytes, n_unasked; /* of a prompt that is read but not learnt */
	size_t file;               /* that it is from, of those given, */
	uint64_t line;             /* there, from 1; 0: the whole file, */
	size_t first, n_source;    /* and bytes of that, as the file has them, without a newline */
};

typedef enum lac_status lac_text_function(void *payload, const struct lac_document_text *text, struct lac_error *error);

/* What a file is called. */
static inline const char *lac_text_file_name(const struct lac_train_texts *texts, size_t file)
{
	return texts->names ? texts->names[file] : texts->files[file];
}

/* Calls `function` for every document, in order, empty ones too; its failure ends it. Which
 * documents get their prompt depends on the seed. Errors name the file, and the line. */
LAC_MUST_CHECK enum lac_status lac_texts_read(const struct lac_train_texts *texts, uint64_t seed, lac_text_function *function, void *payload,
	struct lac_error *error);

#endif
