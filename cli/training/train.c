/* train.c: laconic train, laconic adapt. */
#include "advice.h"
#include "command.h"
#include "io/files.h"
#include "io/interrupt.h"
#include "io/report.h"
#include "io/used_files.h"
#include "json.h"
#include "laconic_train.h"
#include "training/texts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct training {
	const struct command *command;
	struct lac_train_options options;
	bool is_adapting, force;
	bool is_quiet, is_json, is_terminal;
	const char *import, *validation_file, *log_path;
	FILE *log;
	bool log_failed;
	/* owned: what is written for the standard output; NULL: the output itself is */
	char *written;
	/* lines */
	uint64_t n_skipped, n_skipped_validation;
	struct lac_train_plan plan;
	struct lac_train_progress last, last_validation; /* is_validation: there was one */
};

/* ---- Arguments ------------------------------------------------------------------- */

void set_training_defaults(struct command *command)
{
	if (command->action == ACTION_CLUSTER)
		lac_cluster_defaults(&command->cluster);
	else if (command->action == ACTION_ADAPT)
		lac_adapt_defaults(&command->train);
	else
		lac_train_defaults(&command->train);
}

/* What the command has for all. */
static void take_options(struct training *t, const struct command *command)
{
	t->options.output = command->output;
	t->options.n_threads = command->options.n_threads;
	t->options.validation = t->options.texts; /* but for files */
	t->options.texts.n_skipped = &t->n_skipped;
	t->options.validation.n_skipped = &t->n_skipped_validation;
}

/* ---- Inputs ------------------------------------------------------------------------ */

static bool add_import(const char *folder)
{
	static const char *const names[] = { "adapter_config.json", "adapter_model.safetensors" };
	bool is_added = true;

	for (size_t i = 0; is_added && i < sizeof names / sizeof *names; i++) {
		char *path = NULL;

		is_added = asprintf(&path, "%s/%s", folder, names[i]) < 0 || used_files_add_input(path);
		free(path);
	}
	return is_added;
}

/* What is imported is no text. */
static bool add_inputs(const struct training *t)
{
	const struct lac_train_options *o = &t->options;

	if (!used_files_add_input(o->init) || !used_files_add_input(o->tokenizer) || !used_files_add_input(o->base))
		return false;
	if (t->import)
		return add_import(t->import);
	return add_texts((const char *const *)t->command->files, (size_t)t->command->n_files) &&
		(!t->validation_file || add_texts(&t->validation_file, 1));
}

static bool take_all_texts(struct training *t)
{
	struct lac_train_options *o = &t->options;

	return t->import || (take_texts(&o->texts, (const char *const *)t->command->files, (size_t)t->command->n_files) &&
		(!t->validation_file || take_texts(&o->validation, &t->validation_file, 1)));
}

/* ---- Outputs ----------------------------------------------------------------------- */

/* What is written under another name until it is whole (src/train/atomic_file.h). */
static bool check_atomic(const char *path)
{
	char *unfinished = NULL;
	bool is_free = used_files_check_output(path);

	if (is_free && path && asprintf(&unfinished, "%s.unfinished", path) >= 0)
		is_free = used_files_check_output(unfinished);
	free(unfinished);
	return is_free;
}

static bool is_standard(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

/* One model, or a log, or an object of JSON: what else is there would spoil it. */
static bool check_standard(const struct training *t)
{
	const char *other = t->is_json ? "--json" : is_standard(t->log_path) ? "--log -" : NULL;

	if (is_standard(t->options.checkpoint)) {
		complain("a checkpoint is read again, which the standard output cannot be; name a file");
		return false;
	}
	if (!is_standard(t->options.output))
		return true;
	if (other)
		complain("the model and %s cannot share the standard output; name a file with -o", other);
	else if (isatty(STDOUT_FILENO) && !t->force)
		complain("a model is not written to a terminal; use -o FILE, or -f to insist");
	return !other && (!isatty(STDOUT_FILENO) || t->force);
}

/* Nothing that the call reads is written, nor is a file written twice. */
static bool check_files(const struct training *t)
{
	const struct lac_train_options *o = &t->options;

	return add_inputs(t) && (is_standard(o->output) ? used_files_check_output("-") : check_atomic(o->output)) &&
		check_atomic(o->checkpoint) && used_files_check_output(t->log_path);
}

/* A file that holds something. */
static bool is_kept(const char *path)
{
	struct stat info;

	return path && lstat(path, &info) == 0 && (S_ISREG(info.st_mode) || S_ISLNK(info.st_mode));
}

/* Before hours of work, not after them. */
static bool check_output(const struct training *t)
{
	const struct lac_train_options *o = &t->options;

	if (!o->output) {
		complain("no output is named: -o FILE.gguf");
		return false;
	}
	if (!check_standard(t) || !check_files(t))
		return false;
	if (!is_standard(o->output) && !t->force && access(o->output, F_OK) == 0) {
		complain("%s exists already; -f replaces it", o->output);
		return false;
	}
	if (!t->force && !o->resume && is_kept(t->log_path)) {
		complain("%s exists already; --resume writes behind what is there, -f begins anew", t->log_path);
		return false;
	}
	if (o->checkpoint && !o->resume && !t->force && access(o->checkpoint, F_OK) == 0) {
		complain("%s exists already; --resume goes on from it, -f begins anew", o->checkpoint);
		return false;
	}
	return (is_standard(o->output) || could_make(o->output)) && (!o->checkpoint || could_make(o->checkpoint));
}

/* A model for the standard output is written to a file first. */
static bool open_written(struct training *t)
{
	const char *folder = getenv("TMPDIR");
	int file;

	if (!is_standard(t->options.output))
		return true;
	if (asprintf(&t->written, "%s/laconic-XXXXXX", folder && folder[0] ? folder : "/tmp") < 0)
		t->written = NULL;
	file = t->written ? mkostemp(t->written, O_CLOEXEC) : -1;
	if (file < 0) {
		complain("%s: %s", t->written ? t->written : "standard output", strerror(errno));
		return false;
	}
	close(file);
	remove_on_signals(t->written);
	t->options.output = t->written;
	if (!t->options.name)
		t->options.name = "standard output";
	return true;
}

static bool copy_written(const struct training *t)
{
	char buffer[1 << 16];
	FILE *file = fopen(t->written, "rbe");
	size_t n = 1;

	while (file && n && (n = fread(buffer, 1, sizeof buffer, file)) != 0 && fwrite(buffer, 1, n, stdout) == n)
		;
	if (!file || ferror(file))
		complain("%s: %s", t->written, strerror(errno));
	if (file)
		fclose(file);
	return n == 0; /* main() looks at the standard output */
}

static void close_written(struct training *t)
{
	if (!t->written)
		return;
	unlink(t->written);
	remove_on_signals(NULL);
	free(t->written);
}

/* ---- What is told ---------------------------------------------------------------- */

static uint64_t skipped_lines(const struct training *t)
{
	return t->n_skipped + t->n_skipped_validation;
}

static bool on_plan(void *payload, const struct lac_train_plan *plan)
{
	struct training *t = payload;

	t->plan = *plan;
	if (!t->is_quiet)
		fprintf(stderr, "%s documents, %s bytes, %s tokens; %s parameters, of which %s learn; %s steps; %u threads; %.2f GB of memory\n",
			group_digits(plan->n_documents).text, group_digits(plan->n_bytes).text, group_digits(plan->n_tokens).text,
			group_digits(plan->n_parameters).text, group_digits(plan->n_learning).text, group_digits(plan->n_steps).text,
			(unsigned)plan->n_threads, (double)plan->memory_bytes * 1e-9);
	if (!t->is_quiet && skipped_lines(t))
		tell(stderr, "%s skipped: no JSON object with a text\n", count_of(skipped_lines(t), "line").text);
	if (!t->is_quiet && plan->n_tokens < plan->step_tokens)
		tell(stderr, "the texts have %s, less than the %s of one step: little can be learnt of them; name more, or take fewer with --batch "
			"and --context\n", count_of(plan->n_tokens, "token").text, group_digits(plan->step_tokens).text);
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
	printf(", \"skipped_lines\": %" PRIu64, skipped_lines(t));
	print_losses("", t->last.step, &t->last);
	print_losses("validation_", t->last_validation.is_validation, &t->last_validation);
	printf("}\n");
}

/* ---- Running --------------------------------------------------------------------- */

static bool open_log(struct training *t)
{
	if (!t->log_path)
		return true;
	t->log = is_standard(t->log_path) ? stdout : fopen(t->log_path, t->options.resume ? "ae" : "we");
	if (!t->log)
		complain("%s: %s", t->log_path, strerror(errno));
	return t->log;
}

static int close_log(struct training *t, int status)
{
	if (t->log && t->log != stdout && (fclose(t->log) != 0 || t->log_failed)) {
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
		complain_of(t->command, NULL, &error);
	return s ? EXIT_ERROR : EXIT_OK;
}

int run_training(const struct command *command)
{
	struct training t = { .command = command, .options = command->train, .is_adapting = command->action == ACTION_ADAPT,
		.force = command->force, .is_quiet = command->verbosity < 0, .is_json = command->json, .import = command->import,
		.validation_file = command->validation, .log_path = command->log };
	int status = EXIT_ERROR;

	take_options(&t, command);
	if (check_output(&t) && open_log(&t)) /* before texts are waited for */
		status = close_log(&t, take_all_texts(&t) && open_written(&t) ? run(&t) : EXIT_ERROR);
	if (t.written && status == EXIT_OK && !copy_written(&t))
		status = EXIT_ERROR;
	close_written(&t);
	free_texts(&t.options.texts);
	free_texts(&t.options.validation);
	if (t.is_json && status == EXIT_OK)
		print_json(&t);
	return status;
}

const char *training_lacks(void)
{
	return NULL;
}
