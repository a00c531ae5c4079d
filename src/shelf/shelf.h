/* shelf.h: the opened models that a context decodes with, by identity: those that it was given,
 * those that its caller found when an archive asked for them, and those that archives brought
 * along. One account says what the latter two take.
 * Thread rule: one shelf, one thread. Models on it may be in use by others: whoever drops them
 * knows that they are not. */
#ifndef LAC_SHELF_SHELF_H
#define LAC_SHELF_SHELF_H

#include "shelf/models.h"

struct lac_shelf_entry {
	struct lac_model *model;      /* owned */
	/* what an adapter changed, on the shelf or given; NULL: it is a base */
	const struct lac_model *base;
	uint64_t n_bytes;             /* that it takes of the account */
	bool is_found;                /* by the caller; else it was carried */
};

struct lac_shelf {
	struct lac_models given;      /* at[0] may be an adapted one, for messages */
	struct lac_shelf_entry *at;   /* owned. A base comes before what adapters make of it */
	size_t n, capacity;
	uint64_t n_bytes;             /* the account: the sum of all entries' */
};

void lac_shelf_free(struct lac_shelf *shelf);

/* An opened model. base NULL: a base of this identity; else what an adapter of this identity makes
 * of `base`. NULL: it is not here. */
const struct lac_model *lac_shelf_find(const struct lac_shelf *shelf, const struct lac_model *base, const uint8_t identity[16]);

/* A base, with all that adapts it. */
struct lac_models lac_shelf_models(const struct lac_shelf *shelf, const struct lac_model *base);

/* Takes the model over, also when it fails. */
LAC_MUST_CHECK enum lac_status lac_shelf_add(struct lac_shelf *shelf, struct lac_shelf_entry entry, struct lac_error *error);

/* Closes the entries that `is_wanted` does not want. */
void lac_shelf_keep(struct lac_shelf *shelf, bool (*is_wanted)(const void *payload, const struct lac_shelf_entry *entry), const void *payload);

/* Asks options->find_model, if there is one, and adds what it gives: *out is then that, else NULL.
 * A base that was found before makes room for a new one first: one is open at a time, and counts
 * nothing in the account, as a given one does. Adapters that are found count. LAC_NO_MEMORY;
 * LAC_BAD_ARGUMENT: what was given is not what was asked for. */
LAC_MUST_CHECK enum lac_status lac_shelf_ask(struct lac_shelf *shelf, const struct lac_options *options,
	const struct lac_model_wanted *wanted, const struct lac_model **out, struct lac_error *error);

#endif
