/* train.c: laconic train, laconic adapt. */
#include "command.h"
#include "io/interrupt.h"
#include "json.h"
#include "laconic_train.h"
#include "io/report.h"
#include "table.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct training {
	struct lac_train_options options;
	bool is_adapting, force;
	bool is_quiet, is_json, is_terminal;
	const char *import, *validation_file, *log_path;
	const char **files; /* owned */
	FILE *log;
	bool log_failed;
	struct lac_train_plan plan;
	struct lac_train_progress last, last_validation; /* is_validation: there was one */
};

/* ---- Arguments ------------------------------------------------------------------- */

/* What both commands take, then what each does. */
static int list_arguments(struct training *t, struct argument *out)
{
	struct lac_train_options *o = &t->options;
	const struct argument common[] = {
		{ "output", TEXT, &o->output, NULL }, { "name", TEXT, &o->name, NULL }, { "field", TEXT, &o->texts.field, NULL },
		{ "prompt-field", TEXT, &o->texts.prompt_field, NULL }, { "prompt-share", REAL, &o->texts.prompt_share, NULL },
		{ "response-only", SWITCH, &o->texts.response_only, NULL }, { "validate", TEXT, &t->validation_file, NULL },
		{ "validation-steps", COUNT, &o->validation_steps, NULL }, { "seed", COUNT, &o->seed, NULL },
		{ "threads", COUNT_32, &o->n_threads, NULL }, { "batch", COUNT_32, &o->batch_rows, NULL },
		{ "context", COUNT_32, &o->context, NULL }, { "steps", COUNT, &o->n_steps, NULL }, { "epochs", REAL, &o->epochs, NULL },
		{ "optimizer", WORD, &o->optimizer, "muon|adamw" }, { "rate", REAL, &o->rate, NULL },
		{ "weight-decay", REAL, &o->weight_decay, NULL }, { "clip", REAL, &o->clip, NULL }, { "warmup", COUNT, &o->warmup_steps, NULL },
		{ "decay", WORD, &o->decay, "linear|cosine|none" }, { "decay-share", REAL, &o->decay_share, NULL },
		{ "checkpoint", TEXT, &o->checkpoint, NULL }, { "checkpoint-steps", COUNT, &o->checkpoint_steps, NULL },
		{ "resume", SWITCH, &o->resume, NULL }, { "log", TEXT, &t->log_path, NULL }, { "force", SWITCH, &t->force, NULL },
		{ "quiet", SWITCH, &t->is_quiet, NULL }, { "json", SWITCH, &t->is_json, NULL },
	};
	const struct argument train[] = {
		{ "init", TEXT, &o->init, NULL }, { "tokenizer", TEXT, &o->tokenizer, NULL }, { "dim", COUNT_32, &o->dim, NULL },
		{ "ffn", COUNT_32, &o->ffn_dim, NULL }, { "layers", COUNT_32, &o->n_layers, NULL }, { "heads", COUNT_32, &o->n_heads, NULL },
		{ "kv-heads", COUNT_32, &o->n_kv_heads, NULL }, { "head-dim", COUNT_32, &o->head_dim, NULL },
		{ "vocabulary", COUNT_32, &o->n_vocabulary, NULL }, { "untied", SWITCH, &o->has_own_output, NULL },
		{ "type", WORD, &o->type, "f16|f32|q8_0" },
	};
	const struct argument adapt[] = {
		{ "base", TEXT, &o->base, NULL }, { "rank", COUNT_32, &o->rank, NULL }, { "alpha", REAL, &o->alpha, NULL },
		{ "targets", TEXT, &o->targets, NULL }, { "import", TEXT, &t->import, NULL },
	};
	int n = sizeof common / sizeof *common;

	memcpy(out, common, sizeof common);
	memcpy(out + n, t->is_adapting ? adapt : train, t->is_adapting ? sizeof adapt : sizeof train);
	return n + (int)(t->is_adapting ? sizeof adapt / sizeof *adapt : sizeof train / sizeof *train);
}

static bool parse(struct training *t, int argc, char **argv)
{
	struct argument arguments[ARGUMENTS_MAX];

	if (!table_parse(arguments, list_arguments(t, arguments), argc, argv))
		return false;
	t->files = calloc((size_t)(argc - optind) + 1, sizeof *t->files);
	if (!t->files) {
		complain("out of memory");
		return false;
	}
	for (int i = optind; i < argc; i++)
		t->files[i - optind] = argv[i];
	t->options.texts.files = t->files;
	t->options.texts.n_files = (size_t)(argc - optind);
	if (t->validation_file) {
		t->options.validation = t->options.texts;
		t->options.validation.files = &t->validation_file;
		t->options.validation.n_files = 1;
	}
	return true;
}

/* Before hours of work, not after them. */
static bool check_output(const struct training *t)
{
	const char *output = t->options.output;

	if (!output) {
		complain("no output is named: -o FILE.gguf");
		return false;
	}
	if (!t->force && access(output, F_OK) == 0) {
		complain("%s exists already; -f replaces it", output);
		return false;
	}
	if (t->options.resume || !t->options.checkpoint || t->force || access(t->options.checkpoint, F_OK) != 0)
		return true;
	complain("%s exists already; --resume goes on from it, -f begins anew", t->options.checkpoint);
	return false;
}

/* ---- What is told ---------------------------------------------------------------- */

static bool on_plan(void *payload, const struct lac_train_plan *plan)
{
	struct training *t = payload;

	t->plan = *plan;
	if (!t->is_quiet)
		fprintf(stderr, "%s documents, %s bytes, %s tokens; %s parameters, of which %s learn; %s steps; %u threads; %.2f GB of memory\n",
			group_digits(plan->n_documents).text, group_digits(plan->n_bytes).text, group_digits(plan->n_tokens).text,
			group_digits(plan->n_parameters).text, group_digits(plan->n_learning).text, group_digits(plan->n_steps).text,
			(unsigned)plan->n_threads, (double)plan->memory_bytes * 1e-9);
	return true;
}

static void write_log(struct training *t, const struct lac_train_progress *p)
{
	if (!t->log)
		return;
	fprintf(t->log, "{\"kind\": \"%s\", \"step\": %" PRIu64 ", \"steps\": %" PRIu64 ", \"tokens\": %" PRIu64 ", \"loss\": %.6f, "
		"\"bits_per_byte\": %.6f", p->is_validation ? "validation" : "step", p->step, p->n_steps, p->n_tokens, p->loss, p->bits_per_byte);
	if (!p->is_validation)
		fprintf(t->log, ", \"rate\": %.6g, \"gradient_norm\": %.6g, \"tokens_per_second\": %.1f", p->rate, p->gradient_norm,
			p->tokens_per_second);
	fprintf(t->log, ", \"seconds\": %.1f}\n", p->seconds);
	if (fflush(t->log) != 0)
		t->log_failed = true;
}

static bool on_progress(void *payload, const struct lac_train_progress *p)
{
	struct training *t = payload;
	const bool is_shown = p->is_validation || t->is_terminal || p->step == p->n_steps || p->step % 25 == 0;
	const unsigned long left = (unsigned long)p->seconds_left;

	*(p->is_validation ? &t->last_validation : &t->last) = *p;
	write_log(t, p);
	if (t->is_quiet || !is_shown)
		return !was_interrupted();
	if (p->is_validation)
		fprintf(stderr, "%svalidation after step %" PRIu64 ": loss %.4f, %.4f bits per byte\n", t->is_terminal ? "\r\033[K" : "", p->step,
			p->loss, p->bits_per_byte);
	else
		fprintf(stderr, "%sstep %" PRIu64 " of %" PRIu64 ": loss %.4f, %.4f bits per byte, %.0f tokens/s, %lu:%02lu:%02lu left%s",
			t->is_terminal ? "\r\033[K" : "", p->step, p->n_steps, p->loss, p->bits_per_byte, p->tokens_per_second, left / 3600,
			left / 60 % 60, left % 60, t->is_terminal && p->step < p->n_steps ? "" : "\n");
	return !was_interrupted();
}

static void print_model(const struct training *t)
{
	const struct lac_model_info *info = NULL;
	struct models models = { .n_adapted = 0 };

	const char *path = t->is_adapting ? t->options.base : t->options.output;

	if (!(path ? lac_model_open_file(&models.base, path, NULL, NULL) : lac_model_open_default(&models.base, NULL, NULL)))
		info = lac_model_info(models.base);
	if (info && t->is_adapting)
		info = lac_model_adapt_file(&models.adapted[0], models.base, t->options.output, NULL) ? NULL : lac_model_info(models.adapted[0]);
	models.n_adapted = models.adapted[0] != NULL;
	printf("{\"status\": \"ok\", \"file\": ");
	print_json_string(stdout, t->options.output);
	if (info) { /* what can be trained is more than what can be evaluated */
		printf(", \"name\": ");
		print_json_string(stdout, info->name);
		printf(", \"identity\": \"%s\", \"file_bytes\": %" PRIu64 ", \"parameters\": %" PRIu64 ", \"vocabulary\": %" PRIu32,
			print_identity(t->is_adapting ? info->adapter_identity : info->identity).text, info->file_bytes, info->n_parameters,
			info->n_vocabulary);
	} else {
		printf(", \"name\": null, \"identity\": null, \"file_bytes\": null, \"parameters\": null, \"vocabulary\": null");
	}
	close_models(&models);
}

static void print_losses(const char *prefix, bool is_known, const struct lac_train_progress *p)
{
	if (is_known)
		printf(", \"%sloss\": %.6f, \"%sbits_per_byte\": %.6f", prefix, p->loss, prefix, p->bits_per_byte);
	else
		printf(", \"%sloss\": null, \"%sbits_per_byte\": null", prefix, prefix);
}

/* What --import makes was not trained here. */
static void print_json(const struct training *t)
{
	print_model(t);
	if (t->import)
		printf(", \"learning\": null, \"documents\": null, \"bytes\": null, \"tokens\": null, \"steps\": null, \"seconds\": null");
	else
		printf(", \"learning\": %" PRIu64 ", \"documents\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"tokens\": %" PRIu64 ", \"steps\": %" PRIu64
			", \"seconds\": %.3f", t->plan.n_learning, t->plan.n_documents, t->plan.n_bytes, t->plan.n_tokens, t->plan.n_steps,
			t->last_validation.seconds > t->last.seconds ? t->last_validation.seconds : t->last.seconds);
	print_losses("", t->last.step, &t->last);
	print_losses("validation_", t->last_validation.is_validation, &t->last_validation);
	printf("}\n");
}

/* ---- Running --------------------------------------------------------------------- */

static bool open_log(struct training *t)
{
	if (!t->log_path)
		return true;
	t->log = fopen(t->log_path, t->options.resume ? "ae" : "we");
	if (!t->log)
		complain("%s: %s", t->log_path, strerror(errno));
	return t->log;
}

static int close_log(struct training *t, int status)
{
	if (t->log && (fclose(t->log) != 0 || t->log_failed)) {
		complain("%s: the log could not be written whole", t->log_path);
		status = EXIT_ERROR;
	}
	return status;
}

static int run(struct training *t)
{
	struct lac_error error = { .status = LAC_OK };
	enum lac_status s;

	t->options.on_plan = on_plan;
	t->options.on_progress = on_progress;
	t->options.payload = t;
	t->is_terminal = isatty(STDERR_FILENO);
	catch_interrupts();
	s = t->import ? lac_adapter_import(t->options.base, t->import, t->options.output, &error) :
		t->is_adapting ? lac_adapt(&t->options, &error) : lac_train(&t->options, &error);
	if (s == LAC_CANCELLED && t->is_terminal)
		fputc('\n', stderr);
	if (s)
		complain("%s", error.text);
	return s ? EXIT_ERROR : EXIT_OK;
}

int run_training(bool is_adapting, int argc, char **argv)
{
	struct training t = { .is_adapting = is_adapting };
	int status = EXIT_ERROR;

	if (is_adapting)
		lac_adapt_defaults(&t.options);
	else
		lac_train_defaults(&t.options);
	if (!parse(&t, argc, argv)) {
		free(t.files);
		return EXIT_ERROR;
	}
	if (check_output(&t) && open_log(&t))
		status = close_log(&t, run(&t));
	if (t.is_json && status == EXIT_OK)
		print_json(&t);
	else if (t.is_json)
		print_json_failure(NULL, status);
	free(t.files);
	return status;
}

const char *training_lacks(void)
{
	return NULL;
}
