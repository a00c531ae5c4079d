/* network.h: the transformer in binary32, forwards and backwards. It is what src/model evaluates in
 * 8 bits, so that what is learnt here holds there: RMSNorm, rotary positions on interleaved pairs,
 * grouped queries, SwiGLU, an output that may be the embedding.
 *
 * Thread rule: a network does not change during a call; each thread has a workspace and a gradient
 * of its own. */
#ifndef LAC_TRAIN_NETWORK_H
#define LAC_TRAIN_NETWORK_H

#include "train/adapter.h"

struct lac_network {
	struct lac_shape shape;
	struct lac_parameters parameters;
	float *weights;                   /* owned: [parameters.n_floats] */
	const struct lac_adapter *adapter; /* borrowed; NULL: the weights themselves learn */
	float *adapter_values;            /* borrowed: [adapter->parameters.n_floats] */
	uint32_t n_positions;             /* the longest row of tokens */
	float *cosines, *sines;           /* owned: [n_positions][rotary_dim / 2] */
};

/* All weights are 0. shape->is_tied must be set. */
LAC_MUST_CHECK enum lac_status lac_network_create(struct lac_network *out, const struct lac_shape *shape, uint32_t n_positions,
	struct lac_error *error);
void lac_network_free(struct lac_network *network);

/* The parameters that training changes: the adapter's, or the network's own. */
static inline const struct lac_parameters *lac_network_learning(const struct lac_network *network)
{
	return network->adapter ? &network->adapter->parameters : &network->parameters;
}

static inline float *lac_network_learning_values(const struct lac_network *network)
{
	return network->adapter ? network->adapter_values : network->weights;
}

/* Tokens of one or several documents one after another. Positions count from the start of a
 * document, and nothing attends across. */
struct lac_passage {
	const uint32_t *tokens;  /* [n] */
	const uint32_t *targets; /* [n]: the token that is foretold, or LAC_NO_TOKEN */
	const uint32_t *starts;  /* [n]: where in these rows the document begins; ascending */
	uint32_t n;              /* at most n_positions */
};

/* Memory for one thread. */
struct lac_workspace;
LAC_MUST_CHECK enum lac_status lac_workspace_create(struct lac_workspace **out, const struct lac_network *network, struct lac_error *error);
void lac_workspace_free(struct lac_workspace **workspace);
size_t lac_workspace_bytes(const struct lac_network *network);

/* The sum of -ln P(target), in nats. */
double lac_network_loss(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage);

/* The same, and adds `scale` times the gradient to `gradient`, laid out as the parameters that
 * learn. */
double lac_network_gradient(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage, float scale,
	float *gradient);

/* logits: [passage->n][n_vocabulary]. */
void lac_network_logits(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage, float *logits);

#endif
