#include "base/strict_float.h"
#include "train/trainer.h"

void lac_adapt_defaults(struct lac_train_options *options)
{
	lac_train_defaults(options);
	options->optimizer = LAC_ADAMW;
	options->rate = 1e-3;
	options->weight_decay = 0.0;
	options->warmup_steps = 10;
	options->decay = LAC_DECAY_COSINE;
	options->decay_share = 1.0;
}

enum lac_status lac_adapt(const struct lac_train_options *options, struct lac_error *error)
{
	(void)options;
	return lac_fail(error, LAC_BAD_ARGUMENT, 0, "not yet");
}

enum lac_status lac_adapter_import(const char *base, const char *folder, const char *output, struct lac_error *error)
{
	(void)base; (void)folder; (void)output;
	return lac_fail(error, LAC_BAD_ARGUMENT, 0, "not yet");
}
