/* train.c: a tokenizer and a model from texts, or on from a model. */
#include "base/strict_float.h"
#include "base/bytes.h"
#include "train/model_file.h"
#include "train/random.h"
#include "train/trainer.h"
#include "train/vocabulary.h"

#include <math.h>
#include <string.h>

#define CONTEXT_DEFAULT 512u
#define CONTEXT_MAX (1u << 20)

void lac_train_defaults(struct lac_train_options *options)
{
	*options = (struct lac_train_options){ .seed = 1, .batch_rows = 16, .epochs = 1.0, .optimizer = LAC_MUON, .rate = 3e-3,
		.weight_decay = 0.1, .clip = 1.0, .warmup_steps = 100, .decay = LAC_DECAY_LINEAR, .decay_share = 0.7, .checkpoint_steps = 100,
		.dim = 192, .ffn_dim = 512, .n_layers = 6, .n_heads = 3, .n_vocabulary = 8192,
		.type = LAC_TYPE_F16, .rank = 16, .alpha = 32.0, .targets = "all" };
	options->texts.prompt_share = 0.5;
	options->validation.prompt_share = 0.5;
}

static uint32_t n_kv_heads(const struct lac_train_options *o)
{
	return o->n_kv_heads ? o->n_kv_heads : o->n_heads;
}

static enum lac_status check_shape(const struct lac_train_options *o, struct lac_error *error)
{
	const struct { const char *name; uint64_t value, least, most; } numbers[] = {
		{ "dim", o->dim, 1, 65536 }, { "feed-forward dim", o->ffn_dim, 1, 1u << 20 }, { "number of layers", o->n_layers, 1, 1024 },
		{ "number of heads", o->n_heads, 1, 1024 }, { "number of key heads", n_kv_heads(o), 1, 1024 },
		{ "context", o->context ? o->context : CONTEXT_DEFAULT, 2, CONTEXT_MAX },
		{ "head's dim", o->head_dim ? o->head_dim : o->n_heads ? o->dim / o->n_heads : 0, 2, LAC_HEAD_DIM_MAX },
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (numbers[i].value < numbers[i].least || numbers[i].value > numbers[i].most)
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "the %s is %llu; %llu to %llu is possible", numbers[i].name,
				(unsigned long long)numbers[i].value, (unsigned long long)numbers[i].least, (unsigned long long)numbers[i].most);
	if (o->n_heads % n_kv_heads(o))
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%u heads cannot share %u key heads evenly", (unsigned)o->n_heads,
			(unsigned)n_kv_heads(o));
	if (!o->head_dim && o->dim % o->n_heads)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "dim %u is no multiple of %u heads; name the head's dim", (unsigned)o->dim,
			(unsigned)o->n_heads);
	if ((o->head_dim ? o->head_dim : o->dim / o->n_heads) % 2)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "a head's dim must be even: its positions are turned in pairs");
	return LAC_OK;
}

static struct lac_shape shape_of(const struct lac_train_options *o, uint32_t n_vocabulary)
{
	const uint32_t head_dim = o->head_dim ? o->head_dim : o->dim / o->n_heads;

	return (struct lac_shape){ .dim = o->dim, .ffn_dim = o->ffn_dim, .n_layers = o->n_layers, .n_heads = o->n_heads,
		.n_kv_heads = n_kv_heads(o), .head_dim = head_dim, .rotary_dim = head_dim, .n_vocabulary = n_vocabulary,
		.context_length = o->context ? o->context : CONTEXT_DEFAULT, .norm_epsilon = 1e-5f, .rotary_base = 10000.0f,
		.rotary_scaling = 1.0f, .is_tied = !o->has_own_output };
}

/* Normal numbers of deviation 0.02; what is added to the residual less, so that its size does not
 * depend on the depth (Radford et al. 2019). Norms begin as 1. */
static void draw_weights(struct lac_network *network, uint64_t seed)
{
	const double less = 1.0 / sqrt(2.0 * network->shape.n_layers);

	for (uint32_t i = 0; i < network->parameters.n; i++) {
		const struct lac_parameter *p = &network->parameters.at[i];
		const bool is_added = strstr(p->name, "attn_output") || strstr(p->name, "ffn_down");
		float *values = network->weights + p->first;

		for (size_t k = 0; k < lac_parameter_floats(p); k++) {
			const double radius = sqrt(-2.0 * log(1.0 - lac_random_real(&seed)));

			values[k] = p->kind == LAC_PARAMETER_NORM ? 1.0f :
				(float)(0.02 * (is_added ? less : 1.0) * radius * cos(6.28318530717958648 * lac_random_real(&seed)));
		}
	}
}

static enum lac_status open_tokenizer(struct lac_source_model *source, const struct lac_train_options *o, struct lac_error *error)
{
	struct lac_buffer made = { 0 };
	enum lac_status s;

	if (o->init || o->tokenizer)
		return lac_source_open(source, o->init ? o->init : o->tokenizer, error);
	s = lac_vocabulary_learn(&made, &o->texts, o->n_vocabulary, o->seed, error);
	if (!s)
		s = lac_source_take(source, &made, error);
	lac_buffer_free(&made);
	return s;
}

static enum lac_status create_network(struct lac_network *network, const struct lac_source_model *source, const struct lac_train_options *o,
	struct lac_error *error)
{
	struct lac_shape shape = shape_of(o, lac_tokenizer_n_tokens(source->tokenizer));
	enum lac_status s = o->init ? lac_source_shape(source, &shape, error) : LAC_OK;

	if (s)
		return s;
	if (o->init && o->context)
		shape.context_length = o->context;
	if (shape.context_length < 2 || shape.context_length > CONTEXT_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "the context is %u; 2 to %u is possible", (unsigned)shape.context_length, CONTEXT_MAX);
	s = lac_network_create(network, &shape, shape.context_length, error);
	if (!s && o->init)
		s = lac_source_weights(source, network, error);
	else if (!s)
		draw_weights(network, o->seed);
	return s;
}

static const char *name_of(const struct lac_train_options *o)
{
	const char *slash = strrchr(o->output, '/');

	return o->name ? o->name : slash ? slash + 1 : o->output;
}

enum lac_status lac_train(const struct lac_train_options *o, struct lac_error *error)
{
	struct lac_source_model source = { .gguf = NULL };
	struct lac_corpus corpus = { .tokens = NULL }, validation = { .tokens = NULL };
	struct lac_network network = { .weights = NULL };
	const bool has_validation = o->validation.n_files > 0;
	enum lac_status s = lac_trainer_check(o, error);

	if (!s && !o->init)
		s = check_shape(o, error);
	if (!s)
		s = open_tokenizer(&source, o, error);
	if (!s)
		s = lac_corpus_read(&corpus, &o->texts, source.tokenizer, o->seed, error);
	if (!s && has_validation)
		s = lac_corpus_read(&validation, &o->validation, source.tokenizer, 0, error);
	if (!s)
		s = create_network(&network, &source, o, error);
	if (!s)
		s = lac_trainer_run(&network, o, &corpus, has_validation ? &validation : NULL, error);
	if (!s)
		s = lac_model_write(o->output, name_of(o), &network, &source, o->type, error);
	lac_network_free(&network);
	lac_corpus_free(&validation);
	lac_corpus_free(&corpus);
	lac_source_free(&source);
	return s;
}
