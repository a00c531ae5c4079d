/* trainer.h: the loop that whatever learns goes through. */
#ifndef LAC_TRAIN_TRAINER_H
#define LAC_TRAIN_TRAINER_H

#include "train/corpus.h"
#include "train/network.h"

#define LAC_BATCH_ROWS_ALLOWED 65536u

/* Ranges of the options that the loop looks at; LAC_BAD_ARGUMENT names the one at fault. */
LAC_MUST_CHECK enum lac_status lac_trainer_check(const struct lac_train_options *options, struct lac_error *error);

/* Trains what learns in `network`, in place. The validation corpus may be NULL. */
LAC_MUST_CHECK enum lac_status lac_trainer_run(struct lac_network *network, const struct lac_train_options *options,
	const struct lac_corpus *corpus, const struct lac_corpus *validation, struct lac_error *error);

/* The rate of a step, counted from 0. */
double lac_rate_of_step(const struct lac_train_options *options, uint64_t step, uint64_t n_steps);

#endif
