/* adapt.c: a low-rank adapter of a model from texts. */
#include "base/strict_float.h"
#include "base/memory.h"
#include "train/adapter_file.h"
#include "train/model_file.h"
#include "train/random.h"
#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT_DEFAULT 2048u /* the longest that the engine uses of a model trained for more */

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

/* B begins as 0, so that the adapted model begins as the model; A as even numbers whose products
 * with a normed input are about 1. */
static void draw(const struct lac_adapter *adapter, float *values, uint64_t seed)
{
	for (uint32_t i = 0; i < adapter->parameters.n; i += 2) {
		const struct lac_parameter *a = &adapter->parameters.at[i];
		const double reach = 1.0 / sqrt((double)a->n_columns);

		for (size_t k = 0; k < lac_parameter_floats(a); k++)
			values[a->first + k] = (float)(reach * (2.0 * lac_random_real(&seed) - 1.0));
	}
}

static enum lac_status create_adapter(struct lac_network *network, struct lac_adapter *adapter, float **values,
	const struct lac_train_options *o, struct lac_error *error)
{
	uint32_t targets = 0;
	enum lac_status s = lac_adapter_targets(o->targets, &targets, error);

	if (!s && !(o->alpha > 0.0 && o->alpha <= 1e6))
		s = lac_fail(error, LAC_BAD_ARGUMENT, 0, "alpha is %g; it must be above 0 and at most 1e6", o->alpha);
	if (!s)
		s = lac_adapter_create(adapter, &network->shape, o->rank, (float)o->alpha, targets, error);
	if (s)
		return s;
	*values = lac_aligned_calloc(adapter->parameters.n_floats, sizeof **values);
	if (!*values)
		return lac_fail_memory(error, adapter->parameters.n_floats * sizeof **values, "an adapter");
	draw(adapter, *values, o->seed);
	network->adapter = adapter;
	network->adapter_values = *values;
	return LAC_OK;
}

static enum lac_status write(const struct lac_train_options *o, const struct lac_adapter *adapter, const float *values, struct lac_error *error)
{
	const uint32_t n = adapter->parameters.n;
	const char *slash = strrchr(o->output, '/');
	struct lac_gguf_floats *tensors = calloc(n, sizeof *tensors);
	enum lac_status s;

	if (!tensors)
		return lac_fail_memory(error, n * sizeof *tensors, "an adapter's tensors");
	for (uint32_t i = 0; i < n; i++) {
		const struct lac_parameter *p = &adapter->parameters.at[i];

		memcpy(tensors[i].name, p->name, sizeof p->name);
		tensors[i].values = values + p->first;
		tensors[i].n_columns = p->n_columns;
		tensors[i].n_rows = p->n_rows;
	}
	s = lac_adapter_write(o->output, lac_architecture_name(LAC_LLAMA), o->name ? o->name : slash ? slash + 1 : o->output,
		adapter->alpha, tensors, n, error);
	free(tensors);
	return s;
}

/* The base, as a network; its context bounded by what is asked for. */
static enum lac_status open_base(struct lac_source_model *source, struct lac_network *network, const struct lac_train_options *o,
	struct lac_error *error)
{
	struct lac_shape shape;
	uint32_t context;
	enum lac_status s = lac_source_open(source, o->base, error);

	if (!s)
		s = lac_source_shape(source, &shape, error);
	if (s)
		return s;
	context = o->context ? o->context : shape.context_length < CONTEXT_DEFAULT ? shape.context_length : CONTEXT_DEFAULT;
	if (context < 2 || context > shape.context_length)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "the context is %u; 2 to the model's %u is possible", (unsigned)context,
			(unsigned)shape.context_length);
	s = lac_network_create(network, &shape, context, error);
	return s ? s : lac_source_weights(source, network, error);
}

enum lac_status lac_adapt(const struct lac_train_options *o, struct lac_error *error)
{
	struct lac_source_model source = { .gguf = NULL };
	struct lac_corpus corpus = { .tokens = NULL }, validation = { .tokens = NULL };
	struct lac_network network = { .weights = NULL };
	struct lac_adapter adapter = { .rank = 0 };
	const bool has_validation = o->validation.n_files > 0;
	float *values = NULL;
	enum lac_status s = lac_trainer_check(o, error);

	if (!s)
		s = open_base(&source, &network, o, error);
	if (!s)
		s = create_adapter(&network, &adapter, &values, o, error);
	if (!s)
		s = lac_corpus_read(&corpus, &o->texts, source.tokenizer, o->seed, error);
	if (!s && has_validation)
		s = lac_corpus_read(&validation, &o->validation, source.tokenizer, 0, error);
	if (!s)
		s = lac_trainer_run(&network, o, &corpus, has_validation ? &validation : NULL, error);
	if (!s)
		s = write(o, &adapter, values, error);
	lac_aligned_free(values);
	lac_adapter_free(&adapter);
	lac_network_free(&network);
	lac_corpus_free(&validation);
	lac_corpus_free(&corpus);
	lac_source_free(&source);
	return s;
}
