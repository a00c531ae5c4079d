/* text_list.h: all texts in memory, and where each came from. */
#ifndef LAC_TRAIN_TEXT_LIST_H
#define LAC_TRAIN_TEXT_LIST_H

#include "base/bytes.h"
#include "train/texts.h"

struct lac_listed_text {
	size_t at, n_bytes;     /* in the list's bytes */
	size_t file;            /* of those given, */
	uint64_t line;          /* there, from 1; 0: the whole file, */
	size_t first, n_source; /* and bytes of that */
};

struct lac_text_list {
	struct lac_buffer bytes;
	struct lac_listed_text *texts; /* owned */
	size_t n, capacity;
};

/* LAC_BAD_ARGUMENT if there is no text. Prompts are left out. */
LAC_MUST_CHECK enum lac_status lac_text_list_read(struct lac_text_list *out, const struct lac_train_texts *texts, struct lac_error *error);
void lac_text_list_free(struct lac_text_list *list);

static inline const uint8_t *lac_listed_bytes(const struct lac_text_list *list, size_t i)
{
	/* where every text is empty */
	return list->bytes.bytes ? list->bytes.bytes + list->texts[i].at : (const uint8_t *)"";
}

#endif
