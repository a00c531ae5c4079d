/* cat.c: single records of archives, at their places. */
#include "archives/finding.h"
#include "advice.h"
#include "command.h"
#include "io/files.h"
#include "json.h"
#include "io/report.h"
#include "io/used_files.h"

#include <stdlib.h>
#include <string.h>

static void complain_about(const struct command *command, const struct lac_error *error, const struct input *input, const struct output *output)
{
	if (error->status == LAC_READ_FAILED)
		complain("%s: %s", input->name, strerror(input->error));
	else if (error->status == LAC_WRITE_FAILED)
		complain("%s: %s", output->name, strerror(output->error));
	else
		complain_of(command, input->name, error);
}

/* How many records of the archive are meant. One too many where there are none, which the library
 * tells. */
static uint64_t count_wanted(const struct command *command, uint64_t n_records)
{
	const uint64_t first = command->first_record;

	if (command->last_record != UINT64_MAX)
		return command->last_record - first + 1;
	return first < n_records ? n_records - first : 1;
}

static enum lac_status copy(const struct command *command, struct lac_context *context, struct input *input, struct output *output,
	struct lac_stats *stats, struct lac_error *error)
{
	struct lac_archive *archive = NULL;
	struct lac_random_source source;
	enum lac_status s;

	if (!input_random_source(input, &source)) {
		error->status = LAC_OK; /* it was said */
		return LAC_BAD_ARGUMENT;
	}
	s = lac_archive_open(&archive, context, source, error);
	if (!s)
		s = lac_archive_read(archive, command->first_record, count_wanted(command, lac_archive_n_records(archive)),
			output_sink(output), stats, error);
	if (!s && command->verbosity > 0)
		tell(stderr, "%s: %s of %s, %s; %s of %s of the archive read, %s decoded\n", input->name,
			group_digits(stats->n_records).text, count_of(lac_archive_n_records(archive), "record").text,
			count_of(stats->bytes_out, "byte").text, group_digits(stats->bytes_in).text, count_of(source.n_bytes, "byte").text,
			count_of(stats->n_tokens, "token").text);
	lac_archive_close(&archive);
	return s;
}

static bool open_context(const struct command *command, const struct models *models, struct finding *finding,
	struct lac_context **context)
{
	struct lac_options options = command->options;
	struct lac_error error = { .status = LAC_OK };

	options.adapted = (const struct lac_model *const *)models->adapted;
	options.n_adapted = models->n_adapted;
	options.opens_carried = true;
	finding_begin(finding, command, &options);
	if (!lac_context_open(context, models->base, &options, &error))
		return true;
	complain_of(command, NULL, &error);
	return false;
}

/* NULL: the standard output. */
static const char *output_path(const struct command *command)
{
	return command->to_stdout || strcmp(command->output, "-") == 0 ? NULL : command->output;
}

static int cat_file(const struct command *command, struct finding *finding, struct lac_context *context, const char *file)
{
	struct output output = { .file = -1, .folder = -1 };
	struct lac_error error = { .status = LAC_OK };
	struct lac_stats stats = { 0 };
	struct input input;
	int status = EXIT_ERROR;
	bool is_skipped;
	enum lac_status s;

	if (!input_open(&input, file, command->n_files == 1, &is_skipped))
		return is_skipped ? EXIT_WARNING : EXIT_ERROR;
	if (output_open(&output, output_path(command), command->force)) {
		finding_next(finding);
		s = copy(command, context, &input, &output, &stats, &error);
		if (error.status)
			complain_about(command, &error, &input, &output);
		if (s == LAC_OTHER_MODEL || s == LAC_OTHER_ADAPTER)
			complain_of_missing(finding);
		if (!s && output_commit(&output, &input))
			status = EXIT_OK;
		if (status == EXIT_OK && command->json)
			print_json_records(file, output.path, &stats);
	}
	output_close(&output);
	input_close(&input);
	return status;
}

int run_cat(const struct command *command)
{
	struct lac_context *context = NULL;
	struct finding finding = { .n = 0 };
	struct models models;
	int worst = EXIT_OK;
	bool is_free = true;

	if (!open_models(command, &models))
		return EXIT_ERROR;
	for (int i = 0; i < command->n_files; i++)
		is_free = is_free && used_files_add_input(command->files[i]);
	is_free = is_free && used_files_check_output(output_path(command) ? command->output : "-");
	if (!is_free || !open_context(command, &models, &finding, &context))
		worst = EXIT_ERROR;
	for (int i = 0; context && i < command->n_files; i++) {
		int status = cat_file(command, &finding, context, command->files[i]);

		if (status != EXIT_OK && command->json)
			print_json_failure(command->files[i], status);
		if (status == EXIT_ERROR || worst == EXIT_OK)
			worst = status;
	}
	lac_context_close(&context);
	finding_end(&finding);
	close_models(&models);
	return worst;
}
