#include "options.h"
#include "command.h"

#include <string.h>

#define COMPRESS FOR(ACTION_COMPRESS)
#define DECOMPRESS FOR(ACTION_DECOMPRESS)
#define DECODE (DECOMPRESS | FOR(ACTION_TEST))
#define CAT FOR(ACTION_CAT)
#define WAYS (COMPRESS | DECOMPRESS)
#define TRANSFER (COMPRESS | DECODE)
#define LIST FOR(ACTION_LIST)
#define SHOW FOR(ACTION_MODELS_SHOW)
#define EXPORT FOR(ACTION_MODELS_EXPORT)
#define MODELS (SHOW | FOR(ACTION_MODELS_LIST) | EXPORT | FOR(ACTION_MODELS_PATH))
#define OPENING (TRANSFER | CAT | LIST | SHOW) /* what opens the models that are named */
#define VERSION FOR(ACTION_VERSION)
#define TEXTS (TRANSFER | CAT | LIST | MODELS | FOR(ACTION_HELP) | VERSION)
#define TRAIN FOR(ACTION_TRAIN)
#define ADAPT FOR(ACTION_ADAPT)
#define CLUSTER FOR(ACTION_CLUSTER)
#define LEARN (TRAIN | ADAPT)
#define ALL (TEXTS | LEARN | CLUSTER)

#define STEPS_MAX 1000000000000000000u

/* How a value is parsed, and into which member of struct command. */
#define AT(member) offsetof(struct command, member), sizeof ((struct command *)NULL)->member
#define OF_ITS_OWN VALUE_OF_ITS_OWN, 0, 0, 0, 0, NULL
#define RECORDS_FROM_0 VALUE_OF_ITS_OWN, 0, 0, 0, INT64_MAX, "records, counted from 0"
#define SWITCH(member) VALUE_SWITCH, AT(member), 0, 0, NULL
#define TEXT(member) VALUE_TEXT, AT(member), 0, 0, NULL
#define WORD(member) VALUE_WORD, AT(member), 0, 0, NULL
#define COUNT(member, least, most, unit) VALUE_COUNT, AT(member), least, most, unit
#define SIZE(member, least, most, unit) VALUE_SIZE, AT(member), least, most, unit
#define REAL(member, least, most, unit) VALUE_REAL, AT(member), least, most, unit

const struct command_entry command_table[] = {
	{ "compress", NULL, ACTION_COMPRESS, "[FILE]...", "FILE -> FILE.lac; the default, also -z" },
	{ "decompress", NULL, ACTION_DECOMPRESS, "[FILE.lac]...", "FILE.lac -> FILE; also -d" },
	{ "test", NULL, ACTION_TEST, "[FILE.lac]...", "decompress without writing; also -t" },
	{ "cat", NULL, ACTION_CAT, "[FILE.lac]...", "the text, or single records of it, to standard output" },
	{ "list", NULL, ACTION_LIST, "[FILE.lac]...", "sizes, ratio, tokens, records, index, model; also -l" },
	{ "models", "show", ACTION_MODELS_SHOW, "[MODEL.gguf]...", "the embedded model, or a file" },
	{ "models", "list", ACTION_MODELS_LIST, "", "the embedded model, and models and adapters in the folders of models path" },
	{ "models", "export", ACTION_MODELS_EXPORT, "[NAME|IDENTITY]", "write the embedded model, or one of models list, to a file" },
	{ "models", "path", ACTION_MODELS_PATH, "", "the folders where models are looked for" },
	{ "train", NULL, ACTION_TRAIN, "[FILE]...", "a tokenizer and a model from texts" },
	{ "adapt", NULL, ACTION_ADAPT, "[FILE]...", "a low-rank adapter of a model" },
	{ "cluster", NULL, ACTION_CLUSTER, "[FILE]...", "texts of a kind together" },
	{ "help", NULL, ACTION_HELP, "[COMMAND]", "what a command does and takes; also COMMAND --help" },
	{ "version", NULL, ACTION_VERSION, "", "the version, and what was built in" },
};
const size_t n_commands = sizeof command_table / sizeof *command_table;

const struct option_entry option_table[] = {
	{ "compress", 'z', NULL, TEXTS, "the command compress", OF_ITS_OWN },
	{ "decompress", 'd', NULL, TEXTS, "the command decompress", OF_ITS_OWN },
	{ "test", 't', NULL, TEXTS, "the command test", OF_ITS_OWN },
	{ "list", 'l', NULL, TEXTS, "the command list", OF_ITS_OWN },
	{ "output", 'o', "FILE", WAYS | CAT | EXPORT | LEARN, "write here", TEXT(output) },
	{ "output", 'o', "FOLDER", CLUSTER, "write folders of the texts of each cluster here", TEXT(output) },
	{ "stdout", 'c', NULL, WAYS | CAT | EXPORT, "write to standard output", SWITCH(to_stdout) },
	{ "force", 'f', NULL, WAYS | CAT | EXPORT | LEARN, "replace existing files", SWITCH(force) },
	{ "keep", 'k', NULL, WAYS, "keep the source (the default)", OF_ITS_OWN },
	{ "rm", OPTION_RM, NULL, WAYS, "remove the source once its archive is verified (--verify) and on the disk, or its text is", SWITCH(remove) },
	{ "threads", 'T', "N", OPENING | LEARN | CLUSTER, "threads (default: one a CPU); never changes the bytes",
		COUNT(options.n_threads, 0, LAC_THREADS_MAX, "threads; 0: one a CPU") },
	{ "quiet", 'q', NULL, ALL, "errors only", OF_ITS_OWN },
	{ "verbose", 'v', NULL, OPENING, "more is told", OF_ITS_OWN },
	{ "json", OPTION_JSON, NULL, TRANSFER | CAT | LIST | MODELS | LEARN | CLUSTER | VERSION,
		"one JSON object a line on standard output, errors too", SWITCH(json) },
	{ "estimate", OPTION_ESTIMATE, NULL, COMPRESS, "write nothing: predict ratio, time and memory from a sample of the file", SWITCH(estimate) },
	{ "verify", OPTION_VERIFY, NULL, COMPRESS, "decode the archive with other kernels and compare, before it gets its name", SWITCH(verify) },
	{ "limit", OPTION_LIMIT, "N[K|M|G]", DECODE | CAT, "an error before a block with which the text would be longer",
		SIZE(options.limit_bytes, 1, UINT64_MAX, "bytes") },
	{ "records", OPTION_RECORDS, NULL, COMPRESS, "every line is a record, coded on its own", OF_ITS_OWN },
	{ "no-index", OPTION_NO_INDEX, NULL, COMPRESS, "with --records: single ones cannot be read, and the archive is a little smaller", OF_ITS_OWN },
	{ "null", '0', NULL, COMPRESS, "with --records: records end with NUL instead of a newline", OF_ITS_OWN },
	{ "message", OPTION_MESSAGE, NULL, WAYS, "one text, nothing that tells the model or damage (FILE.lacm)", SWITCH(is_message) },
	{ "record", OPTION_RECORD, "N", CAT, "the record N, counted from 0, without decoding the others", RECORDS_FROM_0 },
	{ "range", OPTION_RANGE, "A-B", CAT, "records A to B, both included; A-: all from A on", RECORDS_FROM_0 },
	{ "block-size", OPTION_BLOCK_SIZE, "N[K|M]", COMPRESS, "bytes of text a block (default 64K, records 128K): larger is smaller and less parallel",
		SIZE(options.block_bytes, LAC_BLOCK_BYTES_MIN, LAC_BLOCK_BYTES_MAX, "bytes") },
	{ "context", OPTION_CONTEXT, "N[K]", WAYS, "tokens that a token is foretold from (default: the model's, 2048 at most); archives know theirs, messages do not",
		SIZE(options.window, 2, LAC_CONTEXT_MAX, "tokens") },
	{ "model", OPTION_MODEL, "FILE", TRANSFER | CAT | LIST | SHOW, "use this model, a GGUF file or a name in models list", TEXT(model_path) },
	{ "model", OPTION_MODEL, "FILE", CLUSTER, "use this model, a GGUF file, for states", TEXT(cluster.model) },
	{ "adapter", OPTION_ADAPTER, "FILE", TRANSFER | CAT | LIST, "offer this low-rank adapter of the model too, as often as wanted: each block or "
		"record takes what codes its beginning shortest; list shows their sizes", OF_ITS_OWN },
	{ "with-model", OPTION_WITH_MODEL, NULL, COMPRESS, "the archive carries the file of the model, and those of the adapters, and can be read where they are not",
		SWITCH(with_model) },
	{ "kernels", OPTION_KERNELS, "NAME", OPENING, "force an instruction set (laconic --version lists them); never changes the bytes", TEXT(options.kernels) },
	{ "memory", OPTION_MEMORY, "N[K|M|G]", TRANSFER | CAT, "for texts in work, adapters and models that archives carry (default 1G), beside the model; never "
		"changes the bytes", SIZE(options.memory_bytes, 1, UINT64_MAX, "bytes") },
	{ "cache", OPTION_CACHE, "N[K|M|G]", OPENING, "how much may be kept of model files, so that they open sooner (default 8G, of files from 128M on; 0: nothing); never changes "
		"the bytes", SIZE(cache_bytes, 0, INT64_MAX, "bytes; 0: nothing is kept") },
	{ "batch", OPTION_BATCH, "N", TRANSFER | CAT, "tokens evaluated together (for tests); never changes the bytes",
		COUNT(options.batch_rows, 1, LAC_BATCH_ROWS_MAX, "tokens") },
	{ "help", 'h', NULL, ALL, "this", OF_ITS_OWN },
	{ "version", 'V', NULL, TEXTS, "the version, and what was built in", OF_ITS_OWN },

	{ "name", OPTION_NAME, "NAME", LEARN, "written into the file", TEXT(train.name) },
	{ "field", OPTION_FIELD, "NAME", LEARN, "the files are JSON lines, and this member holds the text; also within others, as messages[].content "
		"or conversations[].value", TEXT(train.texts.field) },
	{ "field", OPTION_FIELD, "NAME", CLUSTER, "the files are JSON lines, and this member holds the text; also within others, as messages[].content "
		"or conversations[].value", TEXT(cluster.texts.field) },
	{ "skip-bad", OPTION_SKIP_BAD, NULL, LEARN, "lines that are no JSON object with a text are skipped, and counted", SWITCH(train.texts.skips_bad_lines) },
	{ "skip-bad", OPTION_SKIP_BAD, NULL, CLUSTER, "lines that are no JSON object with a text are skipped, and counted", SWITCH(cluster.texts.skips_bad_lines) },
	{ "prompt-field", OPTION_PROMPT_FIELD, "NAME", LEARN, "the member that goes before it in a share of the documents", TEXT(train.texts.prompt_field) },
	{ "prompt-share", OPTION_PROMPT_SHARE, "P", LEARN, "which share (0.5)", REAL(train.texts.prompt_share, 0, 1, "of the documents") },
	{ "response-only", OPTION_RESPONSE_ONLY, NULL, LEARN, "prompts are read but not learnt", SWITCH(train.texts.response_only) },
	{ "validate", OPTION_VALIDATE, "FILE", LEARN, "measured now and then, and at the end", TEXT(validation) },
	{ "validation-steps", OPTION_VALIDATION_STEPS, "N", LEARN, "how often (0: only then)", COUNT(train.validation_steps, 0, STEPS_MAX, "steps; 0: at the end only") },
	{ "seed", OPTION_SEED, "N", LEARN, "of everything random (1)", COUNT(train.seed, 0, INT64_MAX, NULL) },
	{ "seed", OPTION_SEED, "N", CLUSTER, "of everything random (1)", COUNT(cluster.seed, 0, INT64_MAX, NULL) },
	{ "batch", OPTION_BATCH, "ROWS", LEARN, "rows a step (16)", COUNT(train.batch_rows, 1, 65536, "rows") },
	{ "context", OPTION_CONTEXT, "N", LEARN, "tokens a row (512, or the model's)", COUNT(train.context, 2, LAC_CONTEXT_MAX, "tokens") },
	{ "steps", OPTION_STEPS, "N", LEARN, "how long, in steps (0: as --epochs says)", COUNT(train.n_steps, 0, STEPS_MAX, "steps; 0: as --epochs says") },
	{ "epochs", OPTION_EPOCHS, "X", LEARN, "how long, in passes over the texts (1)", REAL(train.epochs, 0, 1000000000, "passes over the texts") },
	{ "optimizer", OPTION_OPTIMIZER, "muon|adamw", LEARN, "how weights follow gradients (muon; adapt: adamw)", WORD(train.optimizer) },
	{ "rate", OPTION_RATE, "X", LEARN, "highest learning rate (0.003; adapt: 0.001)", REAL(train.rate, 0, 10, NULL) },
	{ "weight-decay", OPTION_WEIGHT_DECAY, "X", LEARN, "of matrices (0.1; adapt: 0)", REAL(train.weight_decay, 0, 100, NULL) },
	{ "clip", OPTION_CLIP, "X", LEARN, "largest norm of a gradient (1; 0: any)", REAL(train.clip, 0, 1000000000, "the largest norm; 0: any") },
	{ "warmup", OPTION_WARMUP, "N", LEARN, "steps until the highest rate (100; adapt: 10)", COUNT(train.warmup_steps, 0, STEPS_MAX, "steps") },
	{ "decay", OPTION_DECAY, "linear|cosine|none", LEARN, "how the rate falls at the end (linear; adapt: cosine)", WORD(train.decay) },
	{ "decay-share", OPTION_DECAY_SHARE, "P", LEARN, "in which share of the steps (0.7; adapt: 1)", REAL(train.decay_share, 0, 1, "of the steps") },
	{ "checkpoint", OPTION_CHECKPOINT, "FILE", LEARN, "kept now and then and on an interrupt", TEXT(train.checkpoint) },
	{ "checkpoint-steps", OPTION_CHECKPOINT_STEPS, "N", LEARN, "how often (100)", COUNT(train.checkpoint_steps, 1, STEPS_MAX, "steps") },
	{ "resume", OPTION_RESUME, NULL, LEARN, "go on from the checkpoint", SWITCH(train.resume) },
	{ "log", OPTION_LOG, "FILE", LEARN, "JSON lines of every step", TEXT(log) },
	{ "init", OPTION_INIT, "FILE", TRAIN, "go on from this model's weights, with its tokenizer", TEXT(train.init) },
	{ "tokenizer", OPTION_TOKENIZER, "FILE", TRAIN, "take this model's tokenizer", TEXT(train.tokenizer) },
	{ "dim", OPTION_DIM, "N", TRAIN, "width (192)", COUNT(train.dim, 1, 65536, "numbers a token") },
	{ "ffn", OPTION_FFN, "N", TRAIN, "width of the feed-forward layer (512)", COUNT(train.ffn_dim, 1, 1 << 20, "numbers a token") },
	{ "layers", OPTION_LAYERS, "N", TRAIN, "layers (6)", COUNT(train.n_layers, 1, 1024, NULL) },
	{ "heads", OPTION_HEADS, "N", TRAIN, "heads (3)", COUNT(train.n_heads, 1, 1024, NULL) },
	{ "kv-heads", OPTION_KV_HEADS, "N", TRAIN, "heads of keys and values (as many)", COUNT(train.n_kv_heads, 0, 1024, "heads; 0: as --heads") },
	{ "head-dim", OPTION_HEAD_DIM, "N", TRAIN, "width of a head (the width, shared by the heads)", COUNT(train.head_dim, 0, 1024, "numbers; 0: --dim, shared by the heads") },
	{ "vocabulary", OPTION_VOCABULARY, "N", TRAIN, "tokens (8192)", COUNT(train.n_vocabulary, 257, 1 << 20, "tokens") },
	{ "untied", OPTION_UNTIED, NULL, TRAIN, "an output matrix of its own", SWITCH(train.has_own_output) },
	{ "type", OPTION_TYPE, "f16|f32|q8_0", TRAIN, "of the tensors written (f16)", WORD(train.type) },
	{ "base", OPTION_BASE, "FILE", ADAPT, "the model to adapt (default: the embedded one)", TEXT(train.base) },
	{ "rank", OPTION_RANK, "N", ADAPT, "of the adapter (16)", COUNT(train.rank, 1, 1024, NULL) },
	{ "alpha", OPTION_ALPHA, "X", ADAPT, "its scale times its rank (32)", REAL(train.alpha, 0, 1000000, "the scale times the rank") },
	{ "targets", OPTION_TARGETS, "NAMES", ADAPT, "which maps, as attn_q,ffn_down (all)", TEXT(train.targets) },
	{ "import", OPTION_IMPORT, "FOLDER", ADAPT, "no training: write a PEFT adapter in llama.cpp's layout", TEXT(import) },
	{ "clusters", OPTION_CLUSTERS, "N", CLUSTER, "how many (needed, except with --assign)", COUNT(cluster.n_clusters, 1, LAC_CLUSTERS_MAX, NULL) },
	{ "embedding", OPTION_EMBEDDING, "ngrams|states", CLUSTER, "compare runs of four bytes, or the model's states", WORD(cluster.embedding) },
	{ "assign", OPTION_ASSIGN, "FOLDER", CLUSTER, "print the nearest of these clusters for each text, or with -o write folders", TEXT(cluster.assign) },
	{ "restarts", OPTION_RESTARTS, "N", CLUSTER, "the best of so many beginnings (4)", COUNT(cluster.n_restarts, 1, 1000, "beginnings") },
};
const size_t n_options = sizeof option_table / sizeof *option_table;

const struct option_rule option_rules[] = {
	{ COMPRESS, '0', RULE_NEEDS, { OPTION_RECORDS }, NULL },
	{ COMPRESS, OPTION_NO_INDEX, RULE_NEEDS, { OPTION_RECORDS }, NULL },
	/* nothing tells a damaged message, or another model: what comes of it may be another
	 * text */
	{ WAYS, OPTION_MESSAGE, RULE_EXCLUDES, { OPTION_RECORDS, OPTION_VERIFY, OPTION_RM, OPTION_BLOCK_SIZE, OPTION_ESTIMATE }, NULL },
	{ COMPRESS, OPTION_MESSAGE, RULE_EXCLUDES, { OPTION_WITH_MODEL }, "a message carries nothing but its text" },
	{ DECOMPRESS, OPTION_CONTEXT, RULE_NEEDS, { OPTION_MESSAGE }, "an archive knows its own" },
	{ COMPRESS, OPTION_ESTIMATE, RULE_EXCLUDES, { 'o', 'c', 'f', OPTION_VERIFY, OPTION_RM }, "it writes nothing" },
	{ COMPRESS, OPTION_CACHE, RULE_NEEDS, { OPTION_MODEL }, "the embedded model is no file" },
	{ WAYS | CAT | EXPORT, 'o', RULE_EXCLUDES, { 'c' }, NULL },
	{ LIST, 'T', RULE_NEEDS, { OPTION_MODEL, OPTION_ADAPTER }, "nothing else is opened" },
	{ LIST, 'v', RULE_NEEDS, { OPTION_MODEL, OPTION_ADAPTER }, "nothing else is opened" },
	{ LIST, OPTION_KERNELS, RULE_NEEDS, { OPTION_MODEL, OPTION_ADAPTER }, "nothing else is opened" },
	{ LIST, OPTION_CACHE, RULE_NEEDS, { OPTION_MODEL }, "nothing else is opened" },

	{ LEARN | CLUSTER, OPTION_SKIP_BAD, RULE_NEEDS, { OPTION_FIELD }, NULL },
	{ LEARN, OPTION_PROMPT_FIELD, RULE_NEEDS, { OPTION_FIELD }, NULL },
	{ LEARN, OPTION_PROMPT_SHARE, RULE_NEEDS, { OPTION_PROMPT_FIELD }, NULL },
	{ LEARN, OPTION_RESPONSE_ONLY, RULE_NEEDS, { OPTION_PROMPT_FIELD }, NULL },
	{ LEARN, OPTION_VALIDATION_STEPS, RULE_NEEDS, { OPTION_VALIDATE }, NULL },
	{ LEARN, OPTION_CHECKPOINT_STEPS, RULE_NEEDS, { OPTION_CHECKPOINT }, NULL },
	{ LEARN, OPTION_RESUME, RULE_NEEDS, { OPTION_CHECKPOINT }, NULL },
	{ LEARN, OPTION_STEPS, RULE_EXCLUDES, { OPTION_EPOCHS }, "both say how long" },
	{ TRAIN, OPTION_INIT, RULE_EXCLUDES, { OPTION_TOKENIZER, OPTION_VOCABULARY, OPTION_DIM, OPTION_FFN, OPTION_LAYERS, OPTION_HEADS, OPTION_KV_HEADS,
		OPTION_HEAD_DIM, OPTION_UNTIED }, "its model has a shape and a tokenizer" },
	{ TRAIN, OPTION_TOKENIZER, RULE_EXCLUDES, { OPTION_VOCABULARY }, "a tokenizer has its tokens" },
	{ ADAPT, OPTION_IMPORT, RULE_ONLY, { OPTION_BASE, 'o', 'f', 'q', OPTION_JSON }, "nothing is trained" },
	{ CLUSTER, OPTION_ASSIGN, RULE_EXCLUDES, { OPTION_CLUSTERS, OPTION_EMBEDDING, OPTION_RESTARTS, OPTION_SEED }, "its folder has its own" },
};
const size_t n_option_rules = sizeof option_rules / sizeof *option_rules;

bool is_command_letter(const struct option_entry *option)
{
	return option->code < OPTION_KERNELS && strchr("zdtl", option->code);
}

const struct command_entry *find_command(enum action action)
{
	for (size_t i = 0; i < n_commands; i++)
		if (command_table[i].action == action)
			return &command_table[i];
	return NULL;
}

const struct option_entry *find_option(int code, enum action action)
{
	for (size_t i = 0; i < n_options; i++)
		if (option_table[i].code == code && option_table[i].actions & FOR(action))
			return &option_table[i];
	return NULL;
}
