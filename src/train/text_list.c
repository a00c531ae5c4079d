#include "train/text_list.h"

#include <stdlib.h>

static enum lac_status add(void *payload, const struct lac_document_text *text, struct lac_error *error)
{
	struct lac_text_list *list = payload;

	if (list->n == list->capacity) {
		const size_t capacity = list->capacity ? list->capacity * 2 : 1024;
		struct lac_listed_text *texts = realloc(list->texts, capacity * sizeof *texts);

		if (!texts)
			return lac_fail_memory(error, capacity * sizeof *texts, "the list of texts");
		list->texts = texts;
		list->capacity = capacity;
	}
	list->texts[list->n++] = (struct lac_listed_text){ list->bytes.length, text->n_bytes, text->file, text->line, text->first,
		text->n_source };
	lac_buffer_append(&list->bytes, text->bytes, text->n_bytes);
	return list->bytes.failed ? lac_fail_memory(error, text->n_bytes, "a text") : LAC_OK;
}

enum lac_status lac_text_list_read(struct lac_text_list *out, const struct lac_train_texts *texts, struct lac_error *error)
{
	struct lac_train_texts wanted = *texts;
	enum lac_status s;

	*out = (struct lac_text_list){ .n = 0 };
	wanted.prompt_field = NULL;
	if (wanted.n_files == 0)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "no file of texts is named");
	s = lac_texts_read(&wanted, 0, add, out, error);
	if (!s && out->n == 0)
		s = lac_fail(error, LAC_BAD_ARGUMENT, 0, "there is no text in what was named");
	return s;
}

void lac_text_list_free(struct lac_text_list *list)
{
	lac_buffer_free(&list->bytes);
	free(list->texts);
	*list = (struct lac_text_list){ .n = 0 };
}
