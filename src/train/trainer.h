/* trainer.h: the training loop, of models and of adapters. */
#ifndef LAC_TRAIN_TRAINER_H
#define LAC_TRAIN_TRAINER_H

#include "train/corpus.h"
#include "train/network.h"

#define LAC_BATCH_ROWS_ALLOWED 65536u

/* Checks the options of the loop and that its outputs can be written. LAC_BAD_ARGUMENT names the
 * option, LAC_WRITE_FAILED the file. */
LAC_MUST_CHECK enum lac_status lac_trainer_check(const struct lac_train_options *options, struct lac_error *error);

/* Trains what learns in `network`, in place. The validation corpus may be NULL. */
LAC_MUST_CHECK enum lac_status lac_trainer_run(struct lac_network *network, const struct lac_train_options *options,
	const struct lac_corpus *corpus, const struct lac_corpus *validation, struct lac_error *error);

/* The rate of a step, counted from 0. */
double lac_rate_of_step(const struct lac_train_options *options, uint64_t step, uint64_t n_steps);

#endif
