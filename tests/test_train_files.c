/* Laws of what training reads and writes: test_train_files DIRECTORY_OF_MODELS. */
#include "base/strict_float.h"
#include "train_files.h"

#include "kernels/kernels.h"
#include "tokenizer/tokenizer_tables.h"
#include "texts.h"
#include "textbook_network.h"
#include "train/corpus.h"
#include "train/model_file.h"
#include "train/vocabulary.h"

static const char *directory;
static const char page[] = "examples/07-philosophy-essay.txt";

static const char *model_path(const char *name)
{
	static char path[300];

	snprintf(path, sizeof path, "%s/%s.gguf", directory, name);
	return path;
}

/* A model as the trainer holds it; ends the program if it cannot. */
static void open_network(const char *path, struct lac_source_model *source, struct lac_network *network)
{
	struct lac_error error;
	struct lac_shape shape;

	if (lac_source_open(source, path, &error) || lac_source_shape(source, &shape, &error) ||
	    lac_network_create(network, &shape, shape.context_length, &error) || lac_source_weights(source, network, &error)) {
		fprintf(stderr, "%s: %s\n", path, error.text);
		exit(1);
	}
}

/* ---- Vocabulary ------------------------------------------------------------------- */

/* The textbook: count all pairs in the text anew before every merge. */
struct pieces {
	uint32_t tokens[5000];
	size_t ends[5000]; /* of pre-tokens, in tokens */
	size_t n, n_words;
};

static bool commonest(const struct pieces *p, uint32_t *left, uint32_t *right)
{
	static unsigned counts[600][600];
	unsigned most = 1;

	memset(counts, 0, sizeof counts);
	for (size_t w = 0, i = 0; w < p->n_words; i = p->ends[w++])
		for (; i + 1 < p->ends[w]; i++)
			counts[p->tokens[i]][p->tokens[i + 1]]++;
	for (uint32_t a = 0; a < 600; a++)
		for (uint32_t b = 0; b < 600; b++)
			if (counts[a][b] > most) {
				most = counts[a][b];
				*left = a;
				*right = b;
			}
	return most > 1;
}

static void merge_everywhere(struct pieces *p, uint32_t left, uint32_t right, uint32_t product)
{
	size_t n = 0, i = 0;

	for (size_t w = 0; w < p->n_words; w++) {
		for (; i < p->ends[w]; i++) {
			const bool fits = i + 1 < p->ends[w] && p->tokens[i] == left && p->tokens[i + 1] == right;

			p->tokens[n++] = fits ? product : p->tokens[i];
			i += fits;
		}
		p->ends[w] = n;
	}
	p->n = n;
}

static uint32_t token_of(const struct lac_tokenizer *tokenizer, const uint8_t *bytes, size_t n_bytes)
{
	for (uint32_t i = 0; i < lac_tokenizer_n_tokens(tokenizer); i++) {
		size_t n;
		const uint8_t *text = lac_token_bytes(tokenizer, i, &n);

		if (n == n_bytes && memcmp(text, bytes, n) == 0)
			return i;
	}
	return LAC_NO_TOKEN;
}

static void learn(struct lac_source_model *source, const char *path, uint32_t n_tokens)
{
	const char *const file = path;
	const struct lac_train_texts texts = { .files = &file, .n_files = 1 };
	struct lac_buffer gguf = { 0 };
	struct lac_error error;

	if (lac_vocabulary_learn(&gguf, &texts, n_tokens, 1, &error) || lac_source_take(source, &gguf, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
}

/* Also where one product can be made of different halves: "aaaa" and the like. */
static void check_merges(const char *path, uint32_t n_tokens)
{
	static struct pieces p;
	struct lac_source_model source = { .gguf = NULL };
	struct bytes text = read_file(path);
	uint32_t left = 0, right = 0, i = 0;

	learn(&source, path, n_tokens);
	p.n = p.n_words = 0;
	/* words and the spaces before them; these texts have nothing else */
	for (size_t at = 0; at < text.length;) {
		do
			p.tokens[p.n++] = text.at[at++];
		while (at < text.length && text.at[at] != ' ' && text.at[at] != '\n');
		p.ends[p.n_words++] = p.n;
	}
	for (; i < source.tokenizer->n_merges && commonest(&p, &left, &right); i++) {
		const struct lac_merge *merge = &source.tokenizer->merges[i];

		CHECK_NOTE(merge->left == left && merge->right == right, "%s, merge %u: %u %u, not %u %u", path, (unsigned)i,
			(unsigned)merge->left, (unsigned)merge->right, (unsigned)left, (unsigned)right);
		merge_everywhere(&p, left, right, merge->product);
	}
	CHECK_NOTE(i == source.tokenizer->n_merges && i > 20, "%s: %u merges", path, (unsigned)i);
	if (source.tokenizer->n_tokens < n_tokens)
		CHECK_NOTE(!commonest(&p, &left, &right), "%s: ended early", path);
	free(text.at);
	lac_source_free(&source);
}

/* One of n_letters, or now and then a space after a letter. */
static void append_letter(char *text, size_t *n, unsigned word_length, unsigned n_letters, uint64_t *seed)
{
	const bool may_end = *n && text[*n - 1] != ' ';

	if (may_end && test_random(seed) % word_length == 0)
		text[(*n)++] = ' ';
	else
		text[(*n)++] = (char)('a' + test_random(seed) % n_letters);
}

static void merges_are_of_the_commonest_pair(void)
{
	char text[3000];
	uint64_t seed = 3;
	size_t n = 0;

	/* words of two letters: the same product comes about in many ways */
	while (n < sizeof text - 1)
		append_letter(text, &n, 6, 2, &seed);
	check_merges(write_file("ab", text, n), 330);
	n = 0;
	while (n < sizeof text - 1)
		append_letter(text, &n, 4, 9, &seed);
	check_merges(write_file("letters", text, n), 520);
}

static void vocabulary_is_bytes_merges_and_an_end(void)
{
	struct lac_source_model source = { .gguf = NULL };
	struct lac_symbols symbols = { 0 };
	struct lac_error error;
	uint8_t text[RANDOM_TEXT_MAX];
	uint64_t seed = 5;

	learn(&source, page, 400);
	CHECK(lac_tokenizer_n_tokens(source.tokenizer) == 400 && source.tokenizer->n_merges == 143);
	CHECK(lac_tokenizer_bos(source.tokenizer) == 399 && lac_tokenizer_eos(source.tokenizer) == 399);
	for (unsigned byte = 0; byte < 256; byte++) {
		const uint8_t one = (uint8_t)byte;

		CHECK_NOTE(token_of(source.tokenizer, &one, 1) == byte, "byte %u", byte);
	}
	for (unsigned i = 0; i < 300; i++) {
		const size_t n = random_text(&seed, text);
		size_t at = 0;

		CHECK(lac_tokenize(source.tokenizer, text, n, &symbols, &error) == LAC_OK);
		for (size_t k = 0; k < symbols.length; k++) {
			size_t length = 0;
			const uint8_t *bytes = lac_token_bytes(source.tokenizer, symbols.at[k], &length);

			CHECK(bytes && at + length <= n && memcmp(text + at, bytes, length) == 0);
			at += length;
		}
		CHECK(at == n);
	}
	lac_symbols_free(&symbols);
	lac_source_free(&source);
}

/* ---- Models ----------------------------------------------------------------------- */

/* What is read is written again, number for number, in F32; and F16 and Q8_0 keep what was of their
 * kind. */
static void models_are_written_as_they_were_read(void)
{
	static const struct { const char *name; enum lac_train_type type; } cases[] = { { "tiny", LAC_TYPE_F32 }, { "tiny", LAC_TYPE_F16 },
		{ "dropped", LAC_TYPE_F32 }, { "untied", LAC_TYPE_F32 }, { "wide", LAC_TYPE_F16 }, { "huge", LAC_TYPE_F16 },
		{ "llama-bpe", LAC_TYPE_F32 }, { "qwen2", LAC_TYPE_F32 }, { "smollm", LAC_TYPE_F32 }, { "spm", LAC_TYPE_F32 },
		{ "spm-ascii", LAC_TYPE_F32 } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lac_source_model source, again;
		struct lac_network network, read;
		struct lac_error error;
		struct lac_model *model = NULL, *copy = NULL;
		const char *path = in_folder("again.gguf");

		open_network(model_path(cases[i].name), &source, &network);
		CHECK_NOTE(lac_model_write(path, "again", &network, &source, cases[i].type, &error) == LAC_OK, "%s", error.text);
		open_network(path, &again, &read);
		CHECK_NOTE(memcmp(network.weights, read.weights, network.parameters.n_floats * sizeof(float)) == 0, "%s", cases[i].name);
		CHECK(lac_model_open_file(&model, model_path(cases[i].name), NULL, &error) == LAC_OK &&
			lac_model_open_file(&copy, path, NULL, &error) == LAC_OK);
		/* shape, tokenizer and weights: all that enters the arithmetic */
		CHECK_NOTE(model && copy && memcmp(lac_model_info(model)->identity, lac_model_info(copy)->identity, 16) == 0, "%s", cases[i].name);
		lac_model_close(&model);
		lac_model_close(&copy);
		lac_network_free(&network);
		lac_network_free(&read);
		lac_source_free(&source);
		lac_source_free(&again);
	}
}

/* The engine's groups of 64 find the file's integers and scales again, so that Q8_0 is what is
 * evaluated. */
static void q8_0_is_what_the_engine_makes_of_it(void)
{
	const struct lac_kernels *kernels = lac_kernels_choose("scalar");
	struct lac_source_model source;
	struct lac_network network;
	struct lac_gguf *gguf = NULL;
	struct lac_error error;
	struct bytes file;
	uint64_t seed = 7;
	static float row[4096];
	static int8_t values[4096];
	static float scales[64];

	open_network(model_path("tiny"), &source, &network);
	/* large and small groups, zeros, and the limits */
	for (size_t i = 0; i < network.parameters.n_floats; i++) {
		const unsigned kind = (unsigned)(i / 64 % 5);

		network.weights[i] = kind == 4 ? 0.0f : (kind == 3 ? 65504.0f : kind == 2 ? 3e-4f : kind == 1 ? 5e-7f : 0.1f) * textbook_random(&seed);
	}
	CHECK_NOTE(lac_model_write(in_folder("q8_0.gguf"), "q", &network, &source, LAC_TYPE_Q8_0, &error) == LAC_OK, "%s", error.text);
	file = read_file(in_folder("q8_0.gguf"));
	CHECK(lac_gguf_open(&gguf, file.at, file.length, &error) == LAC_OK);
	for (uint32_t p = 0; gguf && p < network.parameters.n; p++) {
		const struct lac_parameter *parameter = &network.parameters.at[p];
		const struct lac_tensor *tensor = lac_gguf_tensor(gguf, parameter->name);

		if (parameter->kind == LAC_PARAMETER_NORM)
			continue;
		CHECK(tensor->type == LAC_TENSOR_Q8_0);
		for (uint32_t r = 0; r < parameter->n_rows; r++) {
			const uint8_t *blocks = tensor->data + (size_t)r * parameter->n_columns / 32 * 34;

			lac_tensor_row(tensor, r, row);
			kernels->quantize(values, scales, row, parameter->n_columns);
			for (uint32_t i = 0; i < parameter->n_columns; i++) {
				const int8_t q = (int8_t)blocks[i / 32 * 34 + 2 + i % 32];
				const double error_of = fabs((double)row[i] - (double)network.weights[parameter->first + (size_t)r * parameter->n_columns + i]);

				CHECK_NOTE(values[i] == q && (float)q * scales[i / 64] == row[i], "%s %u %u: %d %d", parameter->name, (unsigned)r, (unsigned)i,
					(int)values[i], (int)q);
				CHECK_NOTE(error_of <= 0.51 * (double)scales[i / 64] || scales[i / 64] < 1e-5f, "%s %u %u", parameter->name, (unsigned)r,
					(unsigned)i);
			}
		}
	}
	lac_gguf_close(&gguf);
	free(file.at);
	lac_network_free(&network);
	lac_source_free(&source);
}

/* ---- Adapters --------------------------------------------------------------------- */

/* Reads an adapter's file into one of the trainer's; the file must have exactly its tensors. */
static float *read_adapter(const char *path, struct lac_adapter *adapter, const struct lac_shape *shape, uint32_t rank, const char *targets)
{
	struct bytes file = read_file(path);
	struct lac_gguf *gguf = NULL;
	struct lac_error error = { .text = "" };
	struct lac_string text;
	float alpha = 0.0f, *values;
	uint32_t bits = 0, n = 0;

	CHECK_NOTE(lac_gguf_open(&gguf, file.at, file.length, &error) == LAC_OK, "%s", error.text);
	CHECK(!lac_gguf_string(gguf, "general.type", true, &text, &error) && lac_string_equals(text, "adapter"));
	CHECK(!lac_gguf_string(gguf, "general.architecture", true, &text, &error) && lac_string_equals(text, "llama"));
	CHECK(!lac_gguf_string(gguf, "adapter.type", true, &text, &error) && lac_string_equals(text, "lora"));
	CHECK(!lac_gguf_f32(gguf, "adapter.lora.alpha", true, 0.0f, &alpha, &error));
	CHECK(!lac_adapter_targets(targets, &bits, &error) && !lac_adapter_create(adapter, shape, rank, alpha, bits, &error));
	values = calloc(adapter->parameters.n_floats, sizeof *values);
	for (; n < adapter->parameters.n; n++) {
		const struct lac_parameter *p = &adapter->parameters.at[n];
		const struct lac_tensor *tensor = lac_gguf_tensor(gguf, p->name);

		CHECK_NOTE(tensor && tensor->type == LAC_TENSOR_F32 && tensor->n_dims == 2 && tensor->dims[0] == p->n_columns &&
			tensor->dims[1] == p->n_rows, "%s", p->name);
		for (uint32_t row = 0; tensor && row < p->n_rows; row++)
			lac_tensor_row(tensor, row, values + p->first + (size_t)row * p->n_columns);
	}
	CHECK(!lac_gguf_tensor_at(gguf, n));
	lac_gguf_close(&gguf);
	free(file.at);
	return values;
}

struct heard {
	double validation;
};

static bool hear(void *payload, const struct lac_train_progress *progress)
{
	struct heard *heard = payload;

	if (progress->is_validation)
		heard->validation = progress->loss;
	return true;
}

/* The loss of the validation text with the adapter of the file is the one that training ended
 * with. */
static void a_trained_adapter_comes_back_from_its_file(void)
{
	const char *const file = page, *const small = write_text("valid", "Nobody will. Do you still have a reason to go?");
	struct lac_train_options o;
	struct lac_source_model source;
	struct lac_network network;
	struct lac_adapter adapter;
	struct lac_workspace *workspace;
	struct lac_symbols symbols = { 0 };
	struct lac_error error = { .text = "" };
	struct heard heard = { 0.0 };
	uint32_t inputs[64], targets[64], starts[64] = { 0 };
	struct lac_passage passage = { inputs, targets, starts, 0 };
	float *values;
	double loss;

	lac_adapt_defaults(&o);
	o.base = model_path("tiny");
	o.texts.files = &file;
	o.validation.files = &small;
	o.texts.n_files = o.validation.n_files = 1;
	o.output = in_folder("adapter.gguf");
	o.rank = 3;
	o.alpha = 7.0;
	o.targets = "attn_q,ffn_down,attn_v";
	o.n_steps = 30;
	o.rate = 1e-2;
	o.batch_rows = 2;
	o.n_threads = 1;
	o.on_progress = hear;
	o.payload = &heard;
	CHECK_NOTE(lac_adapt(&o, &error) == LAC_OK, "%s", error.text);
	open_network(model_path("tiny"), &source, &network);
	values = read_adapter(o.output, &adapter, &network.shape, 3, o.targets);
	CHECK(adapter.alpha == 7.0f);
	CHECK(lac_tokenize(source.tokenizer, (const uint8_t *)"Nobody will. Do you still have a reason to go?", 46, &symbols, &error) == LAC_OK &&
		symbols.length < 63);
	for (size_t i = 0; i <= symbols.length; i++) {
		inputs[i] = i ? symbols.at[i - 1] : lac_tokenizer_bos(source.tokenizer);
		targets[i] = i < symbols.length ? symbols.at[i] : lac_tokenizer_eos(source.tokenizer);
	}
	passage.n = (uint32_t)symbols.length + 1;
	network.adapter = &adapter;
	network.adapter_values = values;
	CHECK(lac_workspace_create(&workspace, &network, &error) == LAC_OK);
	loss = lac_network_loss(&network, workspace, &passage) / passage.n;
	CHECK_NOTE(fabs(loss - heard.validation) < 1e-6, "%.9g, not %.9g", loss, heard.validation);
	network.adapter = NULL;
	CHECK_NOTE(fabs(lac_network_loss(&network, workspace, &passage) / passage.n - loss) > 0.01, "nothing was learnt");
	lac_workspace_free(&workspace);
	lac_adapter_free(&adapter);
	lac_network_free(&network);
	lac_source_free(&source);
	lac_symbols_free(&symbols);
	free(values);
}

/* ---- Rows of a batch ---------------------------------------------------------------- */

/* Over an epoch every token of what is to be learnt is foretold once, from the token before it, and
 * nothing else is. */
static void check_epoch(const struct lac_corpus *corpus, uint32_t n_positions, uint64_t n_wanted)
{
	struct lac_packer packer;
	struct lac_packed_row row;
	struct lac_error error;
	uint64_t n_asked = 0, sum = 0, wanted_sum = 0;

	CHECK(lac_packer_create(&packer, corpus, 7, &error) == LAC_OK && lac_packed_rows_create(&row, 1, n_positions));
	for (lac_packer_fill(&packer, &row, n_positions, true); row.n; lac_packer_fill(&packer, &row, n_positions, true)) {
		uint32_t n_here = 0;

		CHECK(row.n == n_positions || packer.epoch == 1);
		for (uint32_t i = 0; i < row.n; i++) {
			const bool begins = row.starts[i] == i;

			CHECK_NOTE(begins ? row.tokens[i] == corpus->bos : row.starts[i] == row.starts[i - 1], "%u of %u", (unsigned)i, (unsigned)n_positions);
			CHECK(i == 0 || begins || row.targets[i - 1] == LAC_NO_TOKEN || row.targets[i - 1] == row.tokens[i]);
			n_here += row.targets[i] != LAC_NO_TOKEN;
			sum += row.targets[i] != LAC_NO_TOKEN ? row.targets[i] * UINT64_C(0x9e3779b97f4a7c15) ^ row.targets[i] : 0;
		}
		CHECK(n_here == row.n_asked);
		n_asked += n_here;
	}
	for (size_t d = 0; d < corpus->n_documents; d++)
		for (uint32_t i = corpus->documents[d].n_unasked; i <= corpus->documents[d].n_tokens; i++) {
			const uint32_t token = i == corpus->documents[d].n_tokens ? corpus->eos : corpus->tokens[corpus->documents[d].first + i];

			wanted_sum += token * UINT64_C(0x9e3779b97f4a7c15) ^ token;
		}
	CHECK_NOTE(n_asked == n_wanted && sum == wanted_sum, "%u positions: %llu asked, not %llu", (unsigned)n_positions,
		(unsigned long long)n_asked, (unsigned long long)n_wanted);
	free(row.tokens);
	lac_packer_free(&packer);
}

static void every_token_is_foretold_once_an_epoch(void)
{
	static const char lines[] = "{\"p\": \"What?\", \"r\": \"abcdefgh\"}\n{\"r\": \"x\", \"p\": null}\n{\"p\": \"\", \"r\": \"0123456789 0123\"}\n"
		"{\"p\": \"Why not, then?\", \"r\": \"So\"}\n";
	const char *const file = write_text("pairs", lines);
	struct lac_train_texts texts = { .files = &file, .n_files = 1, .field = "r", .prompt_field = "p", .prompt_share = 1.0 };
	struct lac_source_model source = { .gguf = NULL };
	struct lac_corpus corpus;
	struct lac_error error;

	learn(&source, page, 257); /* a token a byte */
	for (unsigned kind = 0; kind < 3; kind++) {
		/* with prompts, with prompts that are not learnt, without */
		const uint64_t n_wanted = 8 + 1 + 15 + 2 + 4 + (kind == 0 ? 7 + 16 : 0);

		texts.response_only = kind == 1;
		texts.prompt_share = kind == 2 ? 0.0 : 1.0;
		CHECK_NOTE(lac_corpus_read(&corpus, &texts, source.tokenizer, 1, &error) == LAC_OK, "%s", error.text);
		CHECK(corpus.n_documents == 4 && lac_corpus_positions(&corpus) == 8 + 1 + 15 + 2 + 4 + (kind < 2 ? 7 + 16 : 0));
		for (uint32_t n_positions = 2; n_positions < 70; n_positions++)
			check_epoch(&corpus, n_positions, n_wanted);
		lac_corpus_free(&corpus);
	}
	lac_source_free(&source);
}

/* ---- PEFT ------------------------------------------------------------------------- */

enum { PEFT_F32, PEFT_F16, PEFT_BF16 };

static uint32_t float_bits(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

/* Appends a number that the type holds exactly: a multiple of 1/64 below 2. */
static void put_number(struct lac_buffer *data, int type, float x)
{
	const uint32_t bits = float_bits(x);

	if (type == PEFT_F32) {
		lac_buffer_u32(data, bits);
		return;
	}
	/* binary16: the same sign and upper fraction, another bias of the exponent */
	const uint32_t half = type == PEFT_BF16 ? bits >> 16 : x == 0.0f ? 0 : (bits >> 16 & 0x8000) | ((bits >> 13 & 0x3ffff) - (112u << 10));

	lac_buffer_u8(data, (uint8_t)half);
	lac_buffer_u8(data, (uint8_t)(half >> 8));
}

struct peft {
	struct lac_buffer head, data;
};

static void put_tensor(struct peft *peft, const char *name, int type, const float *values, size_t n_rows, size_t n_columns)
{
	static const char *const types[] = { "F32", "F16", "BF16" };
	const size_t start = peft->data.length;
	char text[400];

	for (size_t i = 0; i < n_rows * n_columns; i++)
		put_number(&peft->data, type, values[i]);
	snprintf(text, sizeof text, "%s\"%s\": {\"dtype\": \"%s\", \"shape\": [%zu, %zu], \"data_offsets\": [%zu, %zu]}",
		peft->head.length ? ", " : "", name, types[type], n_rows, n_columns, start, peft->data.length);
	lac_buffer_append(&peft->head, text, strlen(text));
}

static void write_peft(struct peft *peft, const char *config)
{
	struct lac_buffer file = { 0 };

	lac_buffer_u64(&file, peft->head.length + 2 + 27);
	lac_buffer_append(&file, "{\"__metadata__\": {\"a\":\"b\"}", 26);
	lac_buffer_append(&file, ",", 1);
	lac_buffer_append(&file, peft->head.bytes, peft->head.length);
	lac_buffer_append(&file, " }", 2);
	lac_buffer_append(&file, peft->data.bytes, peft->data.length);
	write_file("adapter_model.safetensors", file.bytes, file.length);
	write_text("adapter_config.json", config);
	lac_buffer_free(&file);
	lac_buffer_free(&peft->head);
	lac_buffer_free(&peft->data);
}

static const char *const modules[LAC_PARTS] = { [LAC_QUERY] = "self_attn.q_proj", [LAC_KEY] = "self_attn.k_proj",
	[LAC_VALUE] = "self_attn.v_proj", [LAC_ATTENTION_OUT] = "self_attn.o_proj", [LAC_GATE] = "mlp.gate_proj", [LAC_UP] = "mlp.up_proj",
	[LAC_DOWN] = "mlp.down_proj" };

#define RANK 2u

/* Merging an adapter into the model of transformers and converting that, which changes the places
 * of query and key rows as llama.cpp's converter does (rows of a head as [2][half] become
 * [half][2]), is the same as adding what was imported to the converted model. */
static void check_import(const char *config, double scale, int type)
{
	struct lac_source_model source;
	struct lac_network network;
	struct lac_adapter adapter;
	struct lac_error error = { .text = "" };
	struct peft peft = { { 0 }, { 0 } };
	double *wanted, *got, *doubles;
	uint64_t seed = 9;
	float *values;

	open_network(model_path("tiny"), &source, &network);
	wanted = textbook_doubles(network.weights, network.parameters.n_floats);
	for (uint32_t place = 0; place < network.shape.n_layers * LAC_PARTS; place++) {
		const struct lac_parameter *map = &network.parameters.at[1 + place];
		const unsigned part = place % LAC_PARTS;
		const uint32_t half = network.shape.head_dim / 2;
		float *a, *b;
		char name[200];

		if (!modules[part])
			continue;
		a = calloc((size_t)RANK * map->n_columns, sizeof *a);
		b = calloc((size_t)RANK * map->n_rows, sizeof *b);
		for (size_t i = 0; i < RANK * map->n_columns; i++)
			a[i] = (float)(int)(test_random(&seed) % 127) / 64.0f - 1.0f;
		for (size_t i = 0; i < RANK * map->n_rows; i++)
			b[i] = (float)(int)(test_random(&seed) % 127) / 64.0f - 1.0f;
		snprintf(name, sizeof name, "base_model.model.model.layers.%u.%s.lora_B.weight", place / LAC_PARTS, modules[part]);
		put_tensor(&peft, name, type, b, map->n_rows, RANK);
		snprintf(name, sizeof name, "base_model.model.model.layers.%u.%s.lora_A.weight", place / LAC_PARTS, modules[part]);
		put_tensor(&peft, name, type, a, RANK, map->n_columns);
		for (uint32_t row = 0; row < map->n_rows; row++) {
			const uint32_t head = row / (2 * half), j = row / half % 2, i = row % half;
			const uint32_t to = part == LAC_QUERY || part == LAC_KEY ? head * 2 * half + 2 * i + j : row;

			for (uint32_t c = 0; c < map->n_columns; c++)
				for (uint32_t r = 0; r < RANK; r++)
					wanted[map->first + (size_t)to * map->n_columns + c] +=
						scale * (double)b[row * RANK + r] * (double)a[r * map->n_columns + c];
		}
		free(a);
		free(b);
	}
	write_peft(&peft, config);
	CHECK_NOTE(lac_adapter_import(model_path("tiny"), folder, in_folder("imported.gguf"), &error) == LAC_OK, "%s", error.text);
	values = read_adapter(in_folder("imported.gguf"), &adapter, &network.shape, RANK, "all");
	network.adapter = &adapter;
	doubles = textbook_doubles(values, adapter.parameters.n_floats);
	got = textbook_weights(&network, doubles);
	for (size_t i = 0; i < network.parameters.n_floats; i++)
		CHECK_NOTE(fabs(got[i] - wanted[i]) <= 1e-6 * scale, "type %d, %zu: %g, not %g", type, i, got[i], wanted[i]);
	free(got);
	free(wanted);
	free(doubles);
	free(values);
	lac_adapter_free(&adapter);
	lac_network_free(&network);
	lac_source_free(&source);
}

static void an_imported_adapter_is_the_merged_model(void)
{
	static const char plain[] = "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 5, \"bias\": \"none\", \"use_dora\": false, "
		"\"rank_pattern\": {}, \"target_modules\": [\"q_proj\"]}";

	for (int type = PEFT_F32; type <= PEFT_BF16; type++)
		check_import(plain, 2.5, type);
	check_import("{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 3, \"use_rslora\": true}", 3.0 / sqrt(2.0), PEFT_F32);
}

/* Files of architecture qwen3 hold the rows of a head as transformers do. */
static void rows_of_another_architecture_stay_in_place(void)
{
	enum { ROWS = 96 };
	static const char layer[] = "base_model.model.model.layers.1.self_attn.q_proj.lora_";
	float a[RANK * 64] = { 1 }, b[ROWS * RANK];
	struct peft peft = { { 0 }, { 0 } };
	struct lac_error error = { .text = "" };
	const struct lac_tensor *tensor;
	struct lac_string architecture;
	struct lac_gguf *gguf = NULL;
	struct bytes file;
	char name[100];

	for (unsigned i = 0; i < ROWS * RANK; i++)
		b[i] = (float)i;
	snprintf(name, sizeof name, "%sA.weight", layer);
	put_tensor(&peft, name, PEFT_F32, a, RANK, 64);
	snprintf(name, sizeof name, "%sB.weight", layer);
	put_tensor(&peft, name, PEFT_F32, b, ROWS, RANK);
	write_peft(&peft, "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 5}");
	CHECK_NOTE(lac_adapter_import(model_path("normed"), folder, in_folder("stays.gguf"), &error) == LAC_OK, "%s", error.text);
	file = read_file(in_folder("stays.gguf"));
	CHECK(!lac_gguf_open(&gguf, file.at, file.length, &error));
	CHECK(!lac_gguf_string(gguf, "general.architecture", true, &architecture, &error) && lac_string_equals(architecture, "qwen3"));
	tensor = lac_gguf_tensor(gguf, "blk.1.attn_q.weight.lora_b");
	for (unsigned row = 0; tensor && row < ROWS; row++) {
		float found[RANK];

		lac_tensor_row(tensor, row, found);
		CHECK_NOTE(found[0] == b[RANK * row] && found[1] == b[RANK * row + 1], "row %u", row);
	}
	CHECK(tensor);
	lac_gguf_close(&gguf);
	free(file.at);
}

/* The trainer evaluates less than the engine, and says so before it begins. */
static void what_is_not_trained_is_refused_by_name(void)
{
	static const struct { const char *model, *said; } cases[] = { { "normed", "qwen3" }, { "sliding", "attention.sliding_window" } };

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const files[] = { page };
		struct lac_train_options options;
		struct lac_error error = { .text = "" };

		lac_adapt_defaults(&options);
		options.base = model_path(cases[i].model);
		options.output = in_folder("untrained.gguf");
		options.texts.files = files;
		options.texts.n_files = 1;
		options.n_steps = 1;
		CHECK_NOTE(lac_adapt(&options, &error) == LAC_UNSUPPORTED_MODEL && strstr(error.text, cases[i].said), "%s: %s", cases[i].model,
			error.text);
	}
	CHECK(is_absent(in_folder("untrained.gguf")));
}

static void foreign_adapters_are_refused(void)
{
	static const char good[] = "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 5}";
	static const char query[] = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
	static const char query_b[] = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";
	static const struct { const char *config, *name; size_t n_rows, n_columns; const char *said; } cases[] = {
		{ "{\"peft_type\": \"IA3\", \"r\": 2, \"lora_alpha\": 5}", query, 2, 64, "peft_type" },
		{ "[]", query, 2, 64, "no JSON object" },
		{ "{\"peft_type\": \"LORA\", \"lora_alpha\": 5}", query, 2, 64, "r is" },
		{ "{\"peft_type\": \"LORA\", \"r\": 0, \"lora_alpha\": 5}", query, 2, 64, "r is" },
		{ "{\"peft_type\": \"LORA\", \"r\": 2.5, \"lora_alpha\": 5}", query, 2, 64, "r is" },
		{ "{\"peft_type\": \"LORA\", \"r\": 2}", query, 2, 64, "lora_alpha" },
		{ "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 5, \"use_dora\": true}", query, 2, 64, "use_dora" },
		{ "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 5, \"bias\": \"all\"}", query, 2, 64, "bias" },
		{ "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 5, \"alpha_pattern\": {\"q\": 3}}", query, 2, 64, "alpha_pattern" },
		{ good, query, 3, 64, "rank 2" }, { good, query, 2, 63, "64" },
		{ good, query, 2, 64, "no partner" }, { good, query_b, 64, 2, "no partner" },
		{ good, "base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight", 2, 64, "layers.9" },
		{ good, "base_model.model.lm_head.lora_A.weight", 2, 64, "lm_head" },
		{ good, "base_model.model.model.layers.0.self_attn.q_proj.lora_C.weight", 2, 64, "lora_C" },
	};
	static float numbers[256];
	struct lac_error error;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct peft peft = { { 0 }, { 0 } };
		enum lac_status s;

		put_tensor(&peft, cases[i].name, PEFT_F32, numbers, cases[i].n_rows, cases[i].n_columns);
		write_peft(&peft, cases[i].config);
		error = (struct lac_error){ .text = "" };
		s = lac_adapter_import(model_path("tiny"), folder, in_folder("foreign.gguf"), &error);
		CHECK_NOTE((s == LAC_BAD_MODEL || s == LAC_UNSUPPORTED_MODEL) && strstr(error.text, cases[i].said), "%s: %d, %s", cases[i].said, (int)s,
			error.text);
	}
	CHECK(is_absent(in_folder("foreign.gguf")));
}

/* Every cut and many changed bytes of the container: an error or a well-formed result, never a read
 * past the end. */
static void damaged_containers_are_survived(void)
{
	static float numbers[512];
	struct peft peft = { { 0 }, { 0 } };
	struct lac_error error;
	struct bytes file;
	uint64_t seed = 1;

	put_tensor(&peft, "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", PEFT_F32, numbers, 2, 64);
	put_tensor(&peft, "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight", PEFT_F32, numbers, 64, 2);
	write_peft(&peft, "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 5}");
	file = read_file(in_folder("adapter_model.safetensors"));
	CHECK_NOTE(lac_adapter_import(model_path("tiny"), folder, in_folder("x.gguf"), &error) == LAC_OK, "%s", error.text);
	for (size_t n = 1; n < file.length; n += n < 400 ? 1 : 97) {
		write_file("adapter_model.safetensors", file.at, n);
		CHECK_NOTE(lac_adapter_import(model_path("tiny"), folder, in_folder("x.gguf"), &error) != LAC_OK, "cut at %zu", n);
	}
	for (unsigned i = 0; i < 400; i++) {
		const size_t at = test_random(&seed) % 400;
		const uint8_t kept = file.at[at];

		file.at[at] = (uint8_t)test_random(&seed);
		write_file("adapter_model.safetensors", file.at, file.length);
		(void)!lac_adapter_import(model_path("tiny"), folder, in_folder("x.gguf"), &error);
		file.at[at] = kept;
	}
	free(file.at);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s DIRECTORY_OF_MODELS\n", argv[0]);
		return 2;
	}
	directory = argv[1];
	make_folder();
	LAW(merges_are_of_the_commonest_pair);
	LAW(vocabulary_is_bytes_merges_and_an_end);
	LAW(models_are_written_as_they_were_read);
	LAW(q8_0_is_what_the_engine_makes_of_it);
	LAW(a_trained_adapter_comes_back_from_its_file);
	LAW(every_token_is_foretold_once_an_epoch);
	LAW(an_imported_adapter_is_the_merged_model);
	LAW(rows_of_another_architecture_stay_in_place);
	LAW(what_is_not_trained_is_refused_by_name);
	LAW(foreign_adapters_are_refused);
	LAW(damaged_containers_are_survived);
	remove_folder();
	return test_report();
}
