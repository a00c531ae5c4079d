/* Laws of training: test_train_loop DIRECTORY_OF_MODELS. It learns, it can be broken off and
 * resumed without a trace, and what cannot work is refused before or without harm. */
#include "train_files.h"

#include "gguf/gguf.h"
#include "train/trainer.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

static const char *directory;
static const char page[] = "examples/07-philosophy-essay.txt";

/* ---- It learns ------------------------------------------------------------------- */

struct seen {
	double bits_per_byte, validation, loss;
	uint64_t stop_after, n_steps, n_planned_bytes;
	unsigned n_validations;
};

static bool watch(void *payload, const struct lac_train_progress *progress)
{
	struct seen *seen = payload;

	if (progress->is_validation) {
		seen->validation = progress->bits_per_byte;
		seen->n_validations++;
		return true;
	}
	seen->loss = progress->loss;
	seen->bits_per_byte = progress->bits_per_byte;
	seen->n_steps++;
	return progress->step != seen->stop_after;
}

static bool plan(void *payload, const struct lac_train_plan *told)
{
	((struct seen *)payload)->n_planned_bytes = told->memory_bytes;
	return true;
}

static enum lac_status train(struct lac_train_options *o, struct seen *seen, struct lac_error *error)
{
	*error = (struct lac_error){ .status = LAC_OK };
	seen->n_steps = 0;
	o->on_progress = watch;
	o->on_plan = plan;
	o->payload = seen;
	return lac_train(o, error);
}

/* And the engine, which evaluates the file in 8 bits, finds almost nothing left to say. */
static void a_tiny_model_learns_a_page_by_heart(void)
{
	const char *const file = page, *output = in_folder("page.gguf");
	struct lac_train_options o = small_training(&file, output, 800);
	struct lac_model *model = NULL;
	struct bytes text = read_file(page), archive = { NULL, 0 };
	struct seen seen = { .stop_after = 0 };
	struct lac_error error;

	o.dim = 64;
	o.ffn_dim = 96;
	o.n_vocabulary = 400;
	o.context = 64;
	o.batch_rows = 4;
	o.rate = 1e-2;
	o.weight_decay = 0.0;
	o.validation = o.texts;
	CHECK_NOTE(train(&o, &seen, &error) == LAC_OK, "%s", error.text);
	CHECK_NOTE(seen.bits_per_byte < 0.05, "%g bits per byte after %llu steps", seen.bits_per_byte, (unsigned long long)seen.n_steps);
	CHECK_NOTE(seen.n_validations == 1 && seen.validation < 0.05, "%g bits per byte", seen.validation);
	CHECK(seen.n_planned_bytes > 100000 && seen.n_planned_bytes < 100000000);
	if (lac_model_open_file(&model, output, NULL, &error)) {
		CHECK_NOTE(false, "%s", error.text);
	} else {
		CHECK(transfer(lac_compress, model, text.at, text.length, 0, NULL, &archive, NULL, &error) == LAC_OK);
		/* the window restarts in the text where it was not trained to */
		CHECK_NOTE(archive.length < text.length / 8, "%zu bytes of %zu", archive.length, text.length);
	}
	lac_model_close(&model);
	free(text.at);
	free(archive.at);
}

static void both_optimisers_learn(void)
{
	const char *const file = page;

	for (int kind = LAC_MUON; kind <= LAC_ADAMW; kind++) {
		struct lac_train_options o = small_training(&file, in_folder("kind.gguf"), 60);
		struct seen seen = { .stop_after = 0 };
		struct lac_error error;

		o.optimizer = (enum lac_train_optimizer)kind;
		CHECK_NOTE(train(&o, &seen, &error) == LAC_OK, "%s", error.text);
		CHECK_NOTE(seen.loss < 4.5, "optimiser %d: loss %g; ln 300 is 5.7", kind, seen.loss);
	}
}

static void rates_rise_stay_and_fall(void)
{
	struct lac_train_options o;

	lac_train_defaults(&o);
	o.rate = 2.0;
	o.warmup_steps = 10;
	o.decay_share = 0.5;
	CHECK(fabs(lac_rate_of_step(&o, 0, 100) - 0.2) < 1e-12 && fabs(lac_rate_of_step(&o, 9, 100) - 2.0) < 1e-12);
	CHECK(lac_rate_of_step(&o, 30, 100) == 2.0 && lac_rate_of_step(&o, 50, 100) == 2.0);
	CHECK(fabs(lac_rate_of_step(&o, 75, 100) - 1.0) < 1e-12 && fabs(lac_rate_of_step(&o, 99, 100) - 0.04) < 1e-12);
	o.decay = LAC_DECAY_COSINE;
	CHECK(fabs(lac_rate_of_step(&o, 75, 100) - 1.0) < 1e-12 && lac_rate_of_step(&o, 60, 100) > 1.7);
	o.decay = LAC_DECAY_NONE;
	CHECK(lac_rate_of_step(&o, 99, 100) == 2.0);
}

/* ---- It repeats itself ------------------------------------------------------------ */

/* 30 steps at once, and 30 steps that are stopped twice. */
static void check_resuming(uint32_t n_threads, enum lac_train_optimizer optimizer)
{
	const char *const file = page;
	char whole[256], parts[256], checkpoint[256];
	struct lac_train_options o;
	struct seen seen = { .stop_after = 0 };
	struct lac_error error;

	snprintf(whole, sizeof whole, "%s", in_folder("whole.gguf"));
	snprintf(parts, sizeof parts, "%s", in_folder("parts.gguf"));
	snprintf(checkpoint, sizeof checkpoint, "%s", in_folder("checkpoint"));
	unlink(parts);
	o = small_training(&file, whole, 30);
	o.n_threads = n_threads;
	o.optimizer = optimizer;
	o.name = "same";
	o.texts.field = NULL;
	CHECK_NOTE(train(&o, &seen, &error) == LAC_OK && seen.n_steps == 30, "%s", error.text);
	o.output = parts;
	o.checkpoint = checkpoint;
	o.checkpoint_steps = 4;
	seen.stop_after = 7;
	CHECK_NOTE(train(&o, &seen, &error) == LAC_CANCELLED && strstr(error.text, "resumed"), "%s", error.text);
	CHECK(is_absent(parts));
	o.resume = true;
	seen.stop_after = 19;
	CHECK_NOTE(train(&o, &seen, &error) == LAC_CANCELLED && seen.n_steps == 12, "%s", error.text);
	seen.stop_after = 0;
	CHECK_NOTE(train(&o, &seen, &error) == LAC_OK && seen.n_steps == 11, "%s", error.text);
	CHECK_NOTE(same_files(whole, parts), "%u threads", (unsigned)n_threads);

	/* another seed would be seen */
	o.output = parts;
	o.checkpoint = NULL;
	o.resume = false;
	o.seed++;
	CHECK(train(&o, &seen, &error) == LAC_OK && !same_files(whole, parts));
}

static void resumed_training_equals_uninterrupted(void)
{
	check_resuming(1, LAC_MUON);
	check_resuming(1, LAC_ADAMW);
	check_resuming(3, LAC_MUON);
}

static void only_the_same_training_is_resumed(void)
{
	const char *const file = page, *const other = write_text("other", "Another text, of which one could learn something else.\n");
	char checkpoint[256], output[256];
	struct lac_train_options o;
	struct seen seen = { .stop_after = 3 };
	struct lac_error error;
	struct bytes good;

	snprintf(checkpoint, sizeof checkpoint, "%s", in_folder("refused"));
	snprintf(output, sizeof output, "%s", in_folder("refused.gguf"));
	o = small_training(&file, output, 10);
	o.checkpoint = checkpoint;
	o.resume = true;
	CHECK(train(&o, &seen, &error) == LAC_READ_FAILED);
	o.resume = false;
	CHECK(train(&o, &seen, &error) == LAC_CANCELLED);
	good = read_file(checkpoint);
	o.resume = true;
	seen.stop_after = 0;
#define REFUSES(status, word) CHECK_NOTE(train(&o, &seen, &error) == (status) && strstr(error.text, word), "%s: %s", word, error.text)
	o.seed = 2;
	REFUSES(LAC_BAD_ARGUMENT, "another seed");
	o.seed = 1;
	o.rate = 2e-3;
	REFUSES(LAC_BAD_ARGUMENT, "another rate");
	o.rate = 3e-3;
	o.n_steps = 11;
	REFUSES(LAC_BAD_ARGUMENT, "number of steps");
	o.n_steps = 10;
	o.texts.files = &other;
	REFUSES(LAC_BAD_ARGUMENT, "set of texts");
	o.texts.files = &file;
	for (size_t at = 0; at < good.length; at += good.length / 9) {
		good.at[at] ^= 4;
		write_file("refused", good.at, good.length);
		good.at[at] ^= 4;
		CHECK_NOTE(train(&o, &seen, &error) != LAC_OK && strstr(error.text, "refused"), "byte %zu: %s", at, error.text);
		write_file("refused", good.at, at);
		CHECK_NOTE(train(&o, &seen, &error) != LAC_OK, "cut at %zu", at);
	}
	CHECK(is_absent(output));
	write_file("refused", good.at, good.length);
	CHECK_NOTE(train(&o, &seen, &error) == LAC_OK, "%s", error.text);
	free(good.at);
}

/* ---- Failures --------------------------------------------------------------------- */

/* A limit on the size of files stands for a full disk: writes fail in the middle. */
static void a_full_disk_keeps_the_last_checkpoint(void)
{
	const char *const file = page;
	char checkpoint[256], output[256], kept[256];
	struct lac_train_options o;
	struct seen seen = { .stop_after = 5 };
	struct rlimit limit, tight;
	struct lac_error error;
	struct bytes good;

	snprintf(checkpoint, sizeof checkpoint, "%s", in_folder("full"));
	snprintf(output, sizeof output, "%s", in_folder("full.gguf"));
	o = small_training(&file, output, 20);
	o.checkpoint = checkpoint;
	CHECK(train(&o, &seen, &error) == LAC_CANCELLED);
	good = read_file(checkpoint);
	snprintf(kept, sizeof kept, "%s", write_file("kept", good.at, good.length));
	signal(SIGXFSZ, SIG_IGN);
	CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
	tight = limit;
	tight.rlim_cur = good.length / 2;
	CHECK(setrlimit(RLIMIT_FSIZE, &tight) == 0);
	o.resume = true;
	o.checkpoint_steps = 2;
	seen.stop_after = 0;
	CHECK_NOTE(train(&o, &seen, &error) == LAC_WRITE_FAILED && strstr(error.text, "kept") && seen.n_steps == 1, "%s", error.text);
	CHECK(same_files(checkpoint, kept));
	tight.rlim_cur = 1000; /* the model itself */
	CHECK(setrlimit(RLIMIT_FSIZE, &tight) == 0);
	o.checkpoint = NULL;
	o.resume = false;
	o.n_steps = 2;
	CHECK_NOTE(train(&o, &seen, &error) == LAC_WRITE_FAILED && strstr(error.text, "full.gguf"), "%s", error.text);
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	CHECK(is_absent(output));
	free(good.at);
}

static void an_infinite_loss_ends_training(void)
{
	const char *const file = page;
	struct lac_train_options o = small_training(&file, in_folder("infinite.gguf"), 100);
	struct seen seen = { .stop_after = 0 };
	struct lac_error error;

	o.rate = 10.0; /* every step makes the matrices a thousand times as large */
	o.weight_decay = 100.0;
	o.warmup_steps = 0;
	CHECK_NOTE(train(&o, &seen, &error) == LAC_BAD_ARGUMENT && strstr(error.text, "not finite"), "%s", error.text);
	CHECK(is_absent(o.output));
}

static void weights_that_are_no_numbers_are_refused(void)
{
	const char *const file = page;
	char path[300];
	struct lac_train_options o = small_training(&file, in_folder("nan.gguf"), 10);
	struct seen seen = { .stop_after = 0 };
	struct lac_gguf *gguf = NULL;
	struct lac_error error;
	struct bytes model;
	uint8_t *weight;

	snprintf(path, sizeof path, "%s/tiny.gguf", directory);
	model = read_file(path);
	CHECK(lac_gguf_open(&gguf, model.at, model.length, &error) == LAC_OK);
	weight = model.at + (lac_gguf_tensor(gguf, "blk.1.ffn_up.weight")->data - model.at) + 50;
	lac_gguf_close(&gguf);
	for (unsigned high = 0x7c; high <= 0x7e; high += 2) { /* infinity, NaN */
		weight[0] = 0;
		weight[1] = (uint8_t)high;
		o.init = write_file("poisoned.gguf", model.at, model.length);
		CHECK_NOTE(train(&o, &seen, &error) == LAC_UNSUPPORTED_MODEL && strstr(error.text, "blk.1.ffn_up.weight"), "%s", error.text);
	}
	free(model.at);
}

/* A text may be of any bytes, and shorter than the window: it is read again and again. */
static void any_bytes_are_learnt(void)
{
	static const uint8_t odd[] = { 0xff, 0xfe, 0, 0x80, 0xc3, '(', 0xed, 0xa0, 0x80, '\n', 0xf4, 0x90, 0x80, 0x80, 'a' };
	const char *const file = write_file("odd", odd, sizeof odd), *const one = write_text("one", "x");
	struct lac_train_options o = small_training(&file, in_folder("odd.gguf"), 40);
	struct lac_model *model = NULL;
	struct bytes archive, back;
	struct seen seen = { .stop_after = 0 };
	struct lac_error error;

	CHECK_NOTE(train(&o, &seen, &error) == LAC_OK && seen.loss < 3.0, "%s, %g", error.text, seen.loss);
	CHECK(lac_model_open_file(&model, o.output, NULL, &error) == LAC_OK);
	if (model) {
		CHECK(transfer(lac_compress, model, odd, sizeof odd, 0, NULL, &archive, NULL, &error) == LAC_OK);
		CHECK(transfer(lac_decompress, model, archive.at, archive.length, 0, NULL, &back, NULL, &error) == LAC_OK);
		CHECK(same_bytes(back, odd, sizeof odd));
		free(archive.at);
		free(back.at);
	}
	lac_model_close(&model);
	o.texts.files = &one;
	CHECK_NOTE(train(&o, &seen, &error) == LAC_OK, "%s", error.text);
}

static void bad_texts_are_named(void)
{
	const char *const empty = write_text("empty", ""), *const blank = write_text("blank", "\n \n"), *const none = in_folder("none");
	const char *const lines = write_text("lines", "{\"response\": \"good\"}\n\n{\"response\": \"cut\n"), *const list = write_text("list", "[1]\n");
	const char *const other = write_text("members", "{\"answer\": \"good\"}\n"), *const number = write_text("number", "{\"response\": 3}\n");
	const char *const hollow = write_text("hollow", "{\"response\": \"\"}\n");
	const struct { const char *const *file; const char *field, *said; enum lac_status status; } cases[] = {
		{ &empty, NULL, "empty", LAC_READ_FAILED }, { &none, NULL, "none", LAC_READ_FAILED }, { &blank, "response", "no text", LAC_BAD_ARGUMENT },
		{ &lines, "response", "line 3", LAC_READ_FAILED }, { &list, "response", "line 1", LAC_READ_FAILED },
		{ &other, "response", "\"response\"", LAC_READ_FAILED }, { &number, "response", "\"response\"", LAC_READ_FAILED },
		{ &hollow, "response", "no text", LAC_BAD_ARGUMENT },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lac_train_options o = small_training(cases[i].file, in_folder("bad.gguf"), 1);
		struct seen seen = { .stop_after = 0 };
		struct lac_error error;
		enum lac_status s;

		o.texts.field = cases[i].field;
		s = train(&o, &seen, &error);
		CHECK_NOTE(s == cases[i].status && strstr(error.text, cases[i].said), "%s: %d, %s", cases[i].said, (int)s, error.text);
		CHECK(is_absent(o.output));
	}
}

static void impossible_options_are_refused(void)
{
	const char *const file = page;
	struct lac_train_options good = small_training(&file, in_folder("bad.gguf"), 1), o = good;
	struct seen seen = { .stop_after = 0 };
	struct lac_error error;

#define TRY(change, word) do { \
	o = good; \
	change; \
	CHECK_NOTE(train(&o, &seen, &error) == LAC_BAD_ARGUMENT && strstr(error.text, word), "%s: %s", word, error.text); \
} while (0)
	TRY(o.texts.n_files = 0, "no file");
	TRY(o.output = NULL, "output");
	TRY(o.resume = true, "checkpoint");
	TRY(o.batch_rows = 0, "rows");
	TRY(o.batch_rows = 1u << 30, "rows");
	TRY(o.n_threads = 100000, "threads");
	TRY((o.n_steps = 0, o.epochs = 0.0), "epochs");
	TRY((o.n_steps = 0, o.epochs = (double)NAN), "epochs");
	TRY(o.rate = 0.0, "rate");
	TRY(o.rate = (double)NAN, "rate");
	TRY(o.clip = -1.0, "clip");
	TRY(o.decay_share = 2.0, "decay");
	TRY(o.texts.prompt_share = -1.0, "prompts");
	TRY(o.dim = 0, "dim");
	TRY(o.dim = 1u << 31, "dim");
	TRY(o.n_layers = 0, "layers");
	TRY(o.n_heads = 0, "heads");
	TRY(o.n_heads = 5, "heads");
	TRY(o.n_kv_heads = 3, "key heads");
	TRY(o.head_dim = 7, "even");
	TRY(o.context = 1, "context");
	TRY(o.n_vocabulary = 256, "vocabulary");
	CHECK(is_absent(good.output));
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s DIRECTORY_OF_MODELS [--short]\n", argv[0]);
		return 2;
	}
	directory = argv[1];
	make_folder();
	if (test_effort(argc, argv) == SHORT)
		SKIP("a_tiny_model_learns_a_page_by_heart", "slow here; the others train as much as shows faults of memory");
	else
		LAW(a_tiny_model_learns_a_page_by_heart);
	LAW(both_optimisers_learn);
	LAW(rates_rise_stay_and_fall);
	LAW(resumed_training_equals_uninterrupted);
	LAW(only_the_same_training_is_resumed);
	LAW(a_full_disk_keeps_the_last_checkpoint);
	LAW(an_infinite_loss_ends_training);
	LAW(weights_that_are_no_numbers_are_refused);
	LAW(any_bytes_are_learnt);
	LAW(bad_texts_are_named);
	LAW(impossible_options_are_refused);
	remove_folder();
	return test_report();
}
