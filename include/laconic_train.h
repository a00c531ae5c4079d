/* laconic_train.h: making models and adapters for laconic from text.
 *
 * It is a library of its own, liblaconic-train.a, which wants liblaconic.a, OpenBLAS, jansson and
 * libm: what compresses and restores never contains it. Models are trained in binary32 and written
 * as GGUF files that lac_model_open_file() reads.
 *
 * Training with the same options, data, build, CPU and number of threads gives the same file, bit
 * for bit, in one go or resumed from a checkpoint.
 *
 * Nothing here prints, exits or reads the environment. Output files appear whole or not at all.
 */
#ifndef LACONIC_TRAIN_H
#define LACONIC_TRAIN_H

#include "laconic.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lac_train_optimizer {
	/* orthogonalised momentum for the matrices of layers, AdamW for embedding, output and
	 * norms */
	LAC_MUON,
	LAC_ADAMW
};

enum lac_train_decay { LAC_DECAY_LINEAR, LAC_DECAY_COSINE, LAC_DECAY_NONE };

/* of matrices in the file; norms are F32 */
enum lac_train_type { LAC_TYPE_F16, LAC_TYPE_F32, LAC_TYPE_Q8_0 };

/* Texts to learn from. Without a field every file is one document, of any bytes. With one every
 * line of a file that is not blank is a JSON object (RFC 8259), in UTF-8, without a member twice; a
 * byte order mark may stand before each. Half a surrogate pair is U+FFFD, and NaN and Infinity
 * are null. Files are read more than once, and must not change.
 *
 * A field is the name of a member, "text", or of members within members: "reply.text";
 * "messages[].content" are those of all elements of an array, which are one text, with empty lines
 * between. An error of a line names its file and number. */
struct lac_train_texts {
	const char *const *files;
	const char *const *names; /* NULL: their paths; else what they are called */
	size_t n_files;
	const char *field;        /* NULL, or the field of each object that holds the text */
	/* NULL, or the field that stands before it, with an empty line between */
	const char *prompt_field;
	double prompt_share;      /* of documents that get their prompt; 0 to 1 */
	bool response_only;       /* prompts are read but not learnt */
	/* lines that are no object, or have no text in the field, are left out */
	bool skips_bad_lines;
	/* NULL, or where the number of such lines goes, every time the texts were read */
	uint64_t *n_skipped;
};

/* What will be done, told before the memory for it is taken. */
struct lac_train_plan {
	/* of the model; of them, or of its adapter, what learns */
	uint64_t n_parameters, n_learning;
	uint64_t n_documents, n_bytes, n_tokens;
	uint64_t n_steps, first_step;
	uint64_t step_tokens;  /* places for tokens in the rows of a step */
	uint64_t memory_bytes; /* that the training will hold, texts included */
	uint32_t n_threads;
};

/* A step, or a measurement of the validation texts. */
struct lac_train_progress {
	uint64_t step, n_steps, n_tokens; /* tokens so far */
	bool is_validation;
	double loss, bits_per_byte;       /* nats a token; 0 if no byte was foretold */
	double rate, gradient_norm;
	double tokens_per_second, seconds, seconds_left; /* since the call began */
};

struct lac_train_options {
	struct lac_train_texts texts, validation;
	const char *output;      /* the GGUF file to write */
	const char *name;        /* NULL: the output's last part */
	uint64_t seed;
	uint32_t n_threads;      /* 0: one a CPU */

	/* the loop */
	uint32_t batch_rows;     /* rows of `context` tokens a step */
	uint64_t n_steps;        /* 0: as many as `epochs` takes */
	double epochs;
	enum lac_train_optimizer optimizer;
	double rate, weight_decay, clip; /* clip 0: gradients are not clipped */
	uint64_t warmup_steps;
	enum lac_train_decay decay;
	double decay_share;      /* of the steps, at the end, during which the rate falls */
	const char *checkpoint;  /* NULL: none */
	/* how often; validation_steps 0: at the end only */
	uint64_t checkpoint_steps, validation_steps;
	bool resume;             /* from `checkpoint` */

	/* the model: for lac_train */
	/* NULL, or a model to go on from: then tokenizer and shape are its */
	const char *init;
	const char *tokenizer;   /* NULL, or a model whose tokenizer is taken */
	/* n_kv_heads 0: n_heads; head_dim 0: dim / n_heads */
	uint32_t dim, ffn_dim, n_layers, n_heads, n_kv_heads, head_dim;
	uint32_t n_vocabulary, context;  /* context 0: the model's, or 512 */
	bool has_own_output;     /* instead of the embedding */
	enum lac_train_type type;

	/* the adapter: for lac_adapt */
	const char *base;        /* the model; NULL: the embedded one */
	uint32_t rank;
	double alpha;
	const char *targets;     /* "attn_q,attn_v", ... or "all" */

	/* Called from the calling thread; false cancels. NULL: not called. */
	bool (*on_plan)(void *payload, const struct lac_train_plan *plan);
	bool (*on_progress)(void *payload, const struct lac_train_progress *progress);
	void *payload;
};

/* The defaults of `laconic train`: the shape of the embedded model. */
void lac_train_defaults(struct lac_train_options *options);
/* The defaults of `laconic adapt`. */
void lac_adapt_defaults(struct lac_train_options *options);

/* Trains a tokenizer and a model, or goes on with one, and writes it. LAC_BAD_ARGUMENT also when
 * the loss is not finite: a lower rate is wanted then. LAC_READ_FAILED names a file and, for JSON,
 * the line; LAC_CORRUPT a checkpoint that is damaged. */
LAC_MUST_CHECK enum lac_status lac_train(const struct lac_train_options *options, struct lac_error *error);

/* Trains a low-rank adapter of a model and writes it in llama.cpp's layout. Errors as lac_train. */
LAC_MUST_CHECK enum lac_status lac_adapt(const struct lac_train_options *options, struct lac_error *error);

/* Reads a PEFT adapter (adapter_config.json and adapter_model.safetensors in `folder`) of the model
 * `base` (NULL: the embedded one) and writes it as lac_adapt does. LAC_UNSUPPORTED_MODEL for what
 * llama.cpp's layout cannot hold. */
LAC_MUST_CHECK enum lac_status lac_adapter_import(const char *base, const char *folder, const char *output, struct lac_error *error);

/* ---- Clusters ------------------------------------------------------------ */

/* What texts are compared by. */
enum lac_embedding {
	LAC_NGRAMS, /* runs of four bytes, the rarer the weightier */
	LAC_STATES  /* the mean of a model's last states over the first 256 tokens */
};

#define LAC_CLUSTERS_MAX 1000u

struct lac_cluster {
	uint32_t number;
	uint64_t n_texts, n_bytes; /* of texts, without what stands around them in JSON */
	/* mean cosine of its texts and its centroid, the corpus's mean being the origin */
	double nearness;
};

struct lac_cluster_options {
	struct lac_train_texts texts; /* prompts are not looked at */
	/* the folder to make, which must not be there; may be NULL if there is `assign` */
	const char *output;
	/* NULL, or a folder made before: texts go to the nearest of its clusters; then what follows
	 * is its */
	const char *assign;
	enum lac_embedding embedding;
	uint32_t n_clusters;     /* 1 to LAC_CLUSTERS_MAX */
	uint32_t n_restarts;     /* of which the best is taken */
	uint64_t seed;

	/* of LAC_STATES; NULL: the embedded one. With `assign` it must be the one that was used */
	const char *model;
	uint32_t n_threads;      /* 0: one a CPU; never changes the result */

	/* Called from the calling thread; false cancels. NULL: not called. */
	bool (*on_progress)(void *payload, uint64_t n_embedded, uint64_t n_texts);
	/* in order; line 0: the whole file */
	bool (*on_text)(void *payload, const char *file, uint64_t line, uint32_t cluster);
	bool (*on_cluster)(void *payload, const struct lac_cluster *cluster);
	void *payload;
};

/* The defaults of `laconic cluster`: n-grams, 4 restarts. */
void lac_cluster_defaults(struct lac_cluster_options *options);

/* Groups texts by what they are like, so that an adapter can be trained for each group. Makes a
 * folder that holds, for each cluster, a folder 000, 001, ... with its texts (texts.jsonl: lines as
 * they were; without a field `files`: names of files, a line each), clusters.json for people and
 * programs, and centroids.gguf, by which other texts are assigned.
 * The same texts, options, build and CPU give the same folder. LAC_BAD_ARGUMENT also if there are
 * fewer different texts than clusters, or the folder is there; LAC_READ_FAILED names a file and,
 * for JSON, the line; LAC_OTHER_MODEL if `assign` used another model. */
LAC_MUST_CHECK enum lac_status lac_cluster(const struct lac_cluster_options *options, struct lac_error *error);

#ifdef __cplusplus
}
#endif
#endif
