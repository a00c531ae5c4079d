#include "options.h"

#define COMPRESS FOR(ACTION_COMPRESS)
#define DECODE (FOR(ACTION_DECOMPRESS) | FOR(ACTION_TEST))
#define CAT FOR(ACTION_CAT)
#define WAYS (COMPRESS | FOR(ACTION_DECOMPRESS))
#define TRANSFER (COMPRESS | DECODE)
#define LIST FOR(ACTION_LIST)
#define SHOW FOR(ACTION_MODELS_SHOW)
#define EXPORT FOR(ACTION_MODELS_EXPORT)
#define MODELS (SHOW | FOR(ACTION_MODELS_LIST) | EXPORT | FOR(ACTION_MODELS_PATH))
#define TEXTS (TRANSFER | CAT | LIST | MODELS | FOR(ACTION_HELP) | FOR(ACTION_VERSION))
#define TRAIN FOR(ACTION_TRAIN)
#define ADAPT FOR(ACTION_ADAPT)
#define CLUSTER FOR(ACTION_CLUSTER)
#define LEARN (TRAIN | ADAPT)
#define ALL (TEXTS | LEARN | CLUSTER)

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
	{ "train", NULL, ACTION_TRAIN, "FILE...", "a tokenizer and a model from texts" },
	{ "adapt", NULL, ACTION_ADAPT, "FILE...", "a low-rank adapter of a model" },
	{ "cluster", NULL, ACTION_CLUSTER, "FILE...", "texts of a kind together" },
	{ "help", NULL, ACTION_HELP, "[COMMAND]", "what a command does and takes; also COMMAND --help" },
	{ "version", NULL, ACTION_VERSION, "", "the version, and what was built in" },
};
const size_t n_commands = sizeof command_table / sizeof *command_table;

const struct option_entry option_table[] = {
	{ "compress", 'z', NULL, TEXTS, "the command compress" },
	{ "decompress", 'd', NULL, TEXTS, "the command decompress" },
	{ "test", 't', NULL, TEXTS, "the command test" },
	{ "list", 'l', NULL, TEXTS, "the command list" },
	{ "output", 'o', "FILE", WAYS | CAT | EXPORT | LEARN, "write here" },
	{ "output", 'o', "FOLDER", CLUSTER, "write folders of the texts of each cluster here" },
	{ "stdout", 'c', NULL, WAYS | CAT | EXPORT, "write to standard output" },
	{ "force", 'f', NULL, TEXTS | LEARN, "replace existing files" },
	{ "keep", 'k', NULL, TEXTS, "keep the source (the default)" },
	{ "rm", OPTION_RM, NULL, WAYS, "remove the source once its archive is verified (--verify) and on the disk, "
		"or its text is" },
	{ "threads", 'T', "N", ALL, "threads (default: one a CPU); never changes the bytes" },
	{ "quiet", 'q', NULL, ALL, "errors only" },
	{ "verbose", 'v', NULL, TEXTS, "more is told" },
	{ "json", OPTION_JSON, NULL, TRANSFER | CAT | LIST | MODELS | LEARN | CLUSTER | FOR(ACTION_VERSION), "one JSON object a line on standard output, errors too" },
	{ "estimate", OPTION_ESTIMATE, NULL, COMPRESS, "write nothing: predict ratio, time and memory from a sample of the file" },
	{ "verify", OPTION_VERIFY, NULL, COMPRESS, "decode the archive with other kernels and compare, before it gets its name" },
	{ "limit", OPTION_LIMIT, "N[K|M|G]", DECODE | CAT, "an error before a block with which the text would be longer" },
	{ "records", OPTION_RECORDS, NULL, COMPRESS, "every line is a record, coded on its own" },
	{ "no-index", OPTION_NO_INDEX, NULL, COMPRESS, "with --records: single ones cannot be read, and the archive is a little smaller" },
	{ "null", '0', NULL, COMPRESS, "with --records: records end with NUL instead of a newline" },
	{ "message", OPTION_MESSAGE, NULL, WAYS, "one text, nothing that tells the model or damage (FILE.lacm)" },
	{ "record", OPTION_RECORD, "N", CAT, "the record N, counted from 0, without decoding the others" },
	{ "range", OPTION_RANGE, "A-B", CAT, "records A to B, both included; A-: all from A on" },
	{ "block-size", OPTION_BLOCK_SIZE, "N[K|M]", COMPRESS, "bytes of text a block (default 64K, records 128K): larger is smaller and less parallel" },
	{ "context", OPTION_CONTEXT, "N", WAYS, "tokens that a token is foretold from (default: the model's, 2048 at most); archives know theirs, messages do not" },
	{ "model", OPTION_MODEL, "FILE", TRANSFER | CAT | LIST | SHOW, "use this model, a GGUF file or a name in models list" },
	{ "model", OPTION_MODEL, "FILE", CLUSTER, "use this model, a GGUF file, for states" },
	{ "adapter", OPTION_ADAPTER, "FILE", TRANSFER | CAT | LIST, "offer this low-rank adapter of the model too, as often as wanted: each block or "
		"record takes what codes its beginning shortest; list shows their sizes" },
	{ "with-model", OPTION_WITH_MODEL, NULL, COMPRESS, "the archive carries the file of the model, and those of the adapters, and can be read where they are not" },
	{ "kernels", OPTION_KERNELS, "NAME", TEXTS, "force an instruction set (laconic --version lists them); never changes the bytes" },
	{ "memory", OPTION_MEMORY, "N[K|M|G]", TEXTS, "for texts in work, adapters and models that archives carry (default 1G), beside the model; never changes the bytes" },
	{ "cache", OPTION_CACHE, "N[K|M|G]", TEXTS, "how much may be kept of model files, so that they open sooner (default 8G, of files from 128M on; 0: nothing); never changes "
		"the bytes" },
	{ "batch", OPTION_BATCH, "N", TEXTS, "tokens evaluated together (for tests); never changes the bytes" },
	{ "help", 'h', NULL, ALL, "this" },
	{ "version", 'V', NULL, TEXTS, "the version, and what was built in" },

	/* what train, adapt and cluster take besides: their own tables parse it */
	{ "name", OPTION_OF_TRAINING, "NAME", LEARN, "written into the file" },
	{ "field", OPTION_OF_TRAINING, "NAME", LEARN | CLUSTER, "the files are JSON lines, and this member holds the text" },
	{ "prompt-field", OPTION_OF_TRAINING, "NAME", LEARN, "the member that goes before it in a share of the documents" },
	{ "prompt-share", OPTION_OF_TRAINING, "P", LEARN, "which share (0.5)" },
	{ "response-only", OPTION_OF_TRAINING, NULL, LEARN, "prompts are read but not learnt" },
	{ "validate", OPTION_OF_TRAINING, "FILE", LEARN, "measured now and then, and at the end" },
	{ "validation-steps", OPTION_OF_TRAINING, "N", LEARN, "how often (0: only then)" },
	{ "seed", OPTION_OF_TRAINING, "N", LEARN | CLUSTER, "of everything random (1)" },
	{ "batch", OPTION_OF_TRAINING, "ROWS", LEARN, "rows a step (16)" },
	{ "context", OPTION_OF_TRAINING, "N", LEARN, "tokens a row (512, or the model's)" },
	{ "steps", OPTION_OF_TRAINING, "N", LEARN, "how long, in steps (0: as --epochs says)" },
	{ "epochs", OPTION_OF_TRAINING, "X", LEARN, "how long, in passes over the texts (1)" },
	{ "optimizer", OPTION_OF_TRAINING, "muon|adamw", LEARN, "how weights follow gradients (muon; adapt: adamw)" },
	{ "rate", OPTION_OF_TRAINING, "X", LEARN, "highest learning rate (0.003; adapt: 0.001)" },
	{ "weight-decay", OPTION_OF_TRAINING, "X", LEARN, "of matrices (0.1; adapt: 0)" },
	{ "clip", OPTION_OF_TRAINING, "X", LEARN, "largest norm of a gradient (1; 0: any)" },
	{ "warmup", OPTION_OF_TRAINING, "N", LEARN, "steps until the highest rate (100; adapt: 10)" },
	{ "decay", OPTION_OF_TRAINING, "linear|cosine|none", LEARN, "how the rate falls at the end (linear; adapt: cosine)" },
	{ "decay-share", OPTION_OF_TRAINING, "P", LEARN, "in which share of the steps (0.7; adapt: 1)" },
	{ "checkpoint", OPTION_OF_TRAINING, "FILE", LEARN, "kept now and then and on an interrupt" },
	{ "checkpoint-steps", OPTION_OF_TRAINING, "N", LEARN, "how often (100)" },
	{ "resume", OPTION_OF_TRAINING, NULL, LEARN, "go on from the checkpoint" },
	{ "log", OPTION_OF_TRAINING, "FILE", LEARN, "JSON lines of every step" },
	{ "init", OPTION_OF_TRAINING, "FILE", TRAIN, "go on from this model's weights, with its tokenizer" },
	{ "tokenizer", OPTION_OF_TRAINING, "FILE", TRAIN, "take this model's tokenizer" },
	{ "dim", OPTION_OF_TRAINING, "N", TRAIN, "width (192)" },
	{ "ffn", OPTION_OF_TRAINING, "N", TRAIN, "width of the feed-forward layer (512)" },
	{ "layers", OPTION_OF_TRAINING, "N", TRAIN, "layers (6)" },
	{ "heads", OPTION_OF_TRAINING, "N", TRAIN, "heads (3)" },
	{ "kv-heads", OPTION_OF_TRAINING, "N", TRAIN, "heads of keys and values (as many)" },
	{ "head-dim", OPTION_OF_TRAINING, "N", TRAIN, "width of a head (the width, shared by the heads)" },
	{ "vocabulary", OPTION_OF_TRAINING, "N", TRAIN, "tokens (8192)" },
	{ "untied", OPTION_OF_TRAINING, NULL, TRAIN, "an output matrix of its own" },
	{ "type", OPTION_OF_TRAINING, "f16|f32|q8_0", TRAIN, "of the tensors written (f16)" },
	{ "base", OPTION_OF_TRAINING, "FILE", ADAPT, "the model to adapt (default: the embedded one)" },
	{ "rank", OPTION_OF_TRAINING, "N", ADAPT, "of the adapter (16)" },
	{ "alpha", OPTION_OF_TRAINING, "X", ADAPT, "its scale times its rank (32)" },
	{ "targets", OPTION_OF_TRAINING, "NAMES", ADAPT, "which maps, as attn_q,ffn_down (all)" },
	{ "import", OPTION_OF_TRAINING, "FOLDER", ADAPT, "no training: write a PEFT adapter in llama.cpp's layout" },
	{ "clusters", OPTION_OF_TRAINING, "N", CLUSTER, "how many (needed, except with --assign)" },
	{ "embedding", OPTION_OF_TRAINING, "ngrams|states", CLUSTER, "compare runs of four bytes, or the model's states" },
	{ "assign", OPTION_OF_TRAINING, "FOLDER", CLUSTER, "print the nearest of these clusters for each text, or with -o write folders" },
	{ "restarts", OPTION_OF_TRAINING, "N", CLUSTER, "the best of so many beginnings (4)" },
};
const size_t n_options = sizeof option_table / sizeof *option_table;

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
