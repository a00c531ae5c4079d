/* declared.h: the models that an archive's frames declare (format.md sections 4.2 to 4.4), and
 * which opened ones they are. */
#ifndef LAC_ARCHIVE_DECLARED_H
#define LAC_ARCHIVE_DECLARED_H

#include "format/frame.h"
#include "shelf/models.h"

struct lac_declaration;

struct lac_declared {
	struct lac_declaration *at; /* owned */
	uint32_t n, capacity;
};

/* For every archive anew. */
void lac_declared_clear(struct lac_declared *declared);
void lac_declared_free(struct lac_declared *declared);

/* Takes a frame that declares a model. */
LAC_MUST_CHECK enum lac_status lac_declared_add(struct lac_declared *declared, const struct lac_frame *frame, struct lac_error *error);

/* A declared model: a base, and the adapter if there is one. Borrowed until another is added. */
struct lac_declared_model {
	/* NULL: of a published number that is not known here */
	const struct lac_model_frame *base;
	const struct lac_model_frame *adapter; /* name and identity; NULL: none */
};
struct lac_declared_model lac_declared_get(const struct lac_declared *declared, struct lac_model_reference reference);

/* The reference of an adapted model's base; of a base, its own. */
struct lac_model_reference lac_declared_base(const struct lac_declared *declared, struct lac_model_reference reference);

/* Whether a frame declares this opened model. */
bool lac_declared_holds(const struct lac_declared *declared, const struct lac_model *model);

/* Notes that n_streams streams need the model. LAC_UNSUPPORTED: its published number is not known
 * here. */
LAC_MUST_CHECK enum lac_status lac_declared_count(const struct lac_declared *declared, struct lac_model_reference reference,
	uint64_t n_streams, struct lac_stats *stats, struct lac_place place, struct lac_error *error);

/* The window that a model was used with; 0: it is not of this base, or its number is not known. */
uint32_t lac_declared_window(const struct lac_declared *declared, struct lac_model_reference reference, const struct lac_model *base);

/* Finds the opened model among `models`. LAC_OTHER_MODEL, LAC_OTHER_ADAPTER: it is not open.
 * LAC_UNSUPPORTED: it is open, but was used in a way that this build does not know. */
LAC_MUST_CHECK enum lac_status lac_declared_find(const struct lac_declared *declared, struct lac_model_reference reference,
	const struct lac_models *models, const struct lac_model **out, struct lac_place place, struct lac_error *error);

#endif
