/* transfer.c: compress, decompress, test: one input to one output at a time. */
#include "archives/chosen.h"
#include "archives/finding.h"
#include "advice.h"
#include "command.h"
#include "io/files.h"
#include "json.h"
#include "io/progress.h"
#include "io/report.h"
#include "io/used_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *suffix_of(const struct command *command)
{
	return command->is_message ? ".lacm" : ".lac";
}

static bool has_suffix(const char *path, const char *suffix)
{
	const size_t n = strlen(path), n_suffix = strlen(suffix);
	const char *base = strrchr(path, '/');

	return n > n_suffix && strcmp(path + n - n_suffix, suffix) == 0 && (size_t)(path + n - (base ? base + 1 : path)) > n_suffix;
}

/* What all files of a call share. */
struct work {
	const struct command *command;
	const struct models *models;
	struct finding *finding;
	struct lac_options options;
};

/* ---- One file ---------------------------------------------------------------------- */

static void complain_about(const struct command *command, const struct lac_error *error, const struct input *input,
	const struct output *output)
{
	if (error->status == LAC_READ_FAILED && input->error) /* else a model's file */
		complain("%s: %s", input->name, strerror(input->error));
	else if (error->status == LAC_WRITE_FAILED)
		complain("%s: %s", output->name, strerror(output->error));
	else
		complain_of(command, input->name, error);
	if (command->action == ACTION_DECOMPRESS && !output->path && output->file == STDOUT_FILENO && output->n_written)
		complain("%s: what was written is a true beginning of the text, and not all of it", input->name);
}

static void tell_carried(const char *file, const char *kind, const char *name, const uint8_t identity[16])
{
	tell(stderr, "%s: %s %s (%s) is one that it carries\n", file, kind, name, print_identity(identity).text);
}

/* What was neither given nor found came out of the archive itself. */
static void report_carried(const struct work *work, const char *file, const struct lac_stats *stats)
{
	if (work->command->verbosity <= 0 || work->command->action == ACTION_COMPRESS)
		return;
	for (uint32_t i = 0; i < stats->n_models; i++)
		if (!find_base(work->models, stats->models[i].identity) && !find_found(work->finding, stats->models[i].identity, false))
			tell_carried(file, "model", stats->models[i].name, stats->models[i].identity);
	for (uint32_t i = 0; i < stats->n_adapters; i++)
		if (!find_adapter(work->models, stats->adapters[i].identity) && !find_found(work->finding, stats->adapters[i].identity, true))
			tell_carried(file, "adapter", stats->adapters[i].name, stats->adapters[i].identity);
}

/* What the reader must have besides the archive and the program. */
static void report_needs(const struct command *command, const struct models *models, const struct lac_stats *stats)
{
	const char *lead = "; reading it also takes ";

	if (stats->n_models && command->model_path && !is_embedded_model(print_identity(lac_model_info(models->base)->identity).text)) {
		tell(stderr, "%sthe model, %s", lead, count_of(lac_model_info(models->base)->file_bytes, "byte").text);
		lead = ", and ";
	}
	for (uint32_t i = 0; i < stats->n_adapters; i++, lead = ", and ")
		tell(stderr, "%sadapter %s, %s", lead, stats->adapters[i].name,
			count_of(find_adapter(models, stats->adapters[i].identity)->file_bytes, "byte").text);
}

static void report(const struct command *command, const struct models *models, const char *name, const struct lac_stats *stats)
{
	if (command->verbosity < 0)
		return;
	if (command->action != ACTION_COMPRESS) {
		tell(stderr, "%s: %s%s\n", name, command->action == ACTION_TEST ? "intact, " : "", count_of(stats->bytes_out, "byte").text);
		if (command->verbosity > 0 && stats->n_slots_offered)
			tell(stderr, "%s: %.1f%% of the places for streams were busy until the last ones\n", name,
				100 * ratio_of(stats->n_slots_busy, stats->n_slots_offered));
		return;
	}
	tell(stderr, "%s: %s -> %s", name, group_digits(stats->bytes_in).text, count_of(stats->bytes_out, "byte").text);
	if (stats->bytes_in)
		fprintf(stderr, " (ratio %.4f, %.3f bits per byte", ratio_of(stats->bytes_out, stats->bytes_in),
			8 * ratio_of(stats->bytes_out, stats->bytes_in));
	if (stats->n_carried)
		fprintf(stderr, "; %s of them are the model%s, which it carries", group_digits(stats->carried_bytes).text,
			stats->n_carried > 1 ? " and its adapters" : "");
	else
		report_needs(command, models, stats);
	if (stats->bytes_in)
		fputc(')', stderr);
	fputc('\n', stderr);
}

static void report_json(const struct work *work, const struct input *input, const struct output *output, const struct lac_stats *stats)
{
	const char *written = work->command->action == ACTION_TEST ? NULL : output->path;
	struct lac_stats turned = *stats;

	if (work->command->action != ACTION_COMPRESS) {
		turned.bytes_in = stats->bytes_out;
		turned.bytes_out = stats->bytes_in;
	}
	print_json_stats(input->file == STDIN_FILENO ? "-" : input->name, written, &turned, work->models, work->finding);
}

/* Runs the library's call. */
static enum lac_status run_library(const struct work *work, struct input *input, struct output *output, struct lac_stats *stats,
	struct lac_error *error)
{
	const struct command *command = work->command;
	const struct lac_model *base = work->models->base;
	struct lac_options options = work->options;
	struct progress progress = { .is_shown = false };
	struct lac_sink sink = { NULL, NULL };
	enum lac_status s;

	if (command->action != ACTION_TEST)
		sink = output_sink(output);
	if (command->verbosity >= 0)
		progress_begin(&progress, &options, input->name, S_ISREG(input->info.st_mode) ? (uint64_t)input->info.st_size : 0);
	if (command->is_message)
		s = transfer_message(command, work->models, input_source(input), sink, stats, error);
	else
		s = command->action == ACTION_COMPRESS ? lac_compress(base, input_source(input), sink, &options, stats, error)
			: lac_decompress(base, input_source(input), sink, &options, stats, error);
	progress_end(&progress);
	return s;
}

/* --rm. An archive of the model itself may need the model. */
static bool remove_input(const struct command *command, const struct input *input, const struct output *output)
{
	if (!is_model_at_work(command, &input->info))
		return remove_source(input, output);
	complain("%s: kept, as archives made with it need it", input->name);
	return false;
}

static bool finish(const struct work *work, struct input *input, struct output *output, const struct lac_stats *stats)
{
	const struct command *command = work->command;
	const struct models *models = work->models;

	if (models->verifier && !verify_output(command, models, output, stats))
		return false;
	if (command->action != ACTION_TEST && !output_commit(output, input))
		return false;
	if (command->remove && !remove_input(command, input, output))
		return false;
	note_chosen(models, stats);
	if (command->json)
		report_json(work, input, output, stats);
	else
		report(command, models, input->name, stats);
	return true;
}

static bool transfer(const struct work *work, struct input *input, struct output *output)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_stats stats;

	if (work->models->verifier && !output->temporary) {
		complain("%s: --verify reads the archive again, which only a file allows; name one with -o", output->name);
		return false;
	}
	finding_next(work->finding);
	if (run_library(work, input, output, &stats, &error)) {
		complain_about(work->command, &error, input, output);
		if (error.status == LAC_OTHER_MODEL || error.status == LAC_OTHER_ADAPTER)
			complain_of_missing(work->finding);
		return false;
	}
	report_carried(work, input->name, &stats);
	return finish(work, input, output, &stats);
}

/* The output's name, to be freed; *path NULL: the standard output. False: there is none, which was
 * said. */
static bool name_output(const struct command *command, const char *input, char **path, int *status)
{
	const char *suffix = suffix_of(command);

	*path = NULL;
	*status = EXIT_ERROR;
	if (command->to_stdout || command->action == ACTION_TEST || (!command->output && strcmp(input, "-") == 0))
		return true;
	if (command->output && strcmp(command->output, "-") == 0)
		return true;
	if (command->output) {
		*path = strdup(command->output);
	} else if (command->action == ACTION_COMPRESS) {
		if (has_suffix(input, suffix) && !command->force) {
			complain("%s has the suffix %s already: skipped (-f compresses it again)", input, suffix);
			*status = EXIT_WARNING;
			return false;
		}
		if (asprintf(path, "%s%s", input, suffix) < 0)
			*path = NULL;
	} else if (has_suffix(input, suffix)) {
		*path = strndup(input, strlen(input) - strlen(suffix));
	} else {
		if (!command->is_message && has_suffix(input, ".lacm"))
			complain("%s: a message, by its suffix: skipped (--message restores it)", input);
		else
			complain("%s: unknown suffix: skipped (-o or -c says where to write)", input);
		*status = EXIT_WARNING;
		return false;
	}
	if (!*path)
		complain("%s: out of memory", input);
	return *path != NULL;
}

/* What takes no name of its own on the disk is written to if it was named, and may be waited
 * for. */
static bool is_no_file(const struct command *command, const char *path)
{
	struct stat info;
	const bool is_one = path && !command->output && stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);

	if (is_one)
		complain("%s is a pipe or a device; -o %s writes to it", path, path);
	return is_one;
}

static bool open_output(const struct command *command, struct output *output, const char *path)
{
	return !is_no_file(command, path) && used_files_check_output(path ? path : "-") && output_open(output, path, command->force) &&
		(command->action != ACTION_COMPRESS || output_takes_binary(output, "an archive"));
}

static int transfer_file(const struct work *work, const char *file)
{
	const struct command *command = work->command;
	struct output output = { .file = -1, .folder = -1 };
	struct input input;
	int status = EXIT_ERROR;
	bool is_skipped;
	char *path;

	if (!input_open(&input, file, command->n_files == 1, &is_skipped))
		return is_skipped ? EXIT_WARNING : EXIT_ERROR;
	if (name_output(command, file, &path, &status)) {
		if (isatty(input.file) && command->action != ACTION_COMPRESS)
			complain("an archive is not read from a terminal; name a file (laconic --help)");
		else if (command->action == ACTION_TEST || open_output(command, &output, path))
			status = transfer(work, &input, &output) ? EXIT_OK : EXIT_ERROR;
		else
			status = EXIT_ERROR;
	}
	output_close(&output);
	input_close(&input);
	free(path);
	return status;
}

int run_transfer(const struct command *command)
{
	struct models models, verifier = { .n_adapted = 0 };
	struct chosen chosen = { .is_any_done = false };
	struct finding finding;
	struct work work = { command, &models, &finding, command->options };
	int worst = EXIT_OK;

	for (int i = 0; i < command->n_files; i++)
		if (!used_files_add_input(command->files[i]))
			return EXIT_ERROR;
	if (!open_models(command, &models))
		return EXIT_ERROR;
	models.chosen = &chosen;
	if ((command->with_model && !map_models(command, &models)) || (command->verify && !open_verifier(command, &models, &verifier))) {
		close_models(&models);
		return EXIT_ERROR;
	}
	work.options.adapted = (const struct lac_model *const *)models.adapted;
	work.options.n_adapted = models.n_adapted;
	work.options.carried = models.files[0].bytes ? models.files : NULL;
	work.options.opens_carried = command->action != ACTION_COMPRESS;
	finding_begin(&finding, command, &work.options);
	for (int i = 0; i < command->n_files; i++) {
		int status = command->estimate ? estimate_file(command, &models, command->files[i])
			: transfer_file(&work, command->files[i]);

		if (status != EXIT_OK && command->json)
			print_json_failure(command->files[i], status);
		if (status == EXIT_ERROR || worst == EXIT_OK)
			worst = status;
	}
	tell_of_unchosen(command, &chosen);
	finding_end(&finding);
	close_models(&verifier);
	close_models(&models);
	return worst;
}
