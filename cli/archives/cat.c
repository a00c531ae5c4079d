/* cat.c: single records of archives, at their places. */
#include "command.h"
#include "io/files.h"
#include "json.h"
#include "archives/missing_models.h"
#include "archives/parts.h"
#include "io/report.h"
#include "io/used_files.h"

#include <stdlib.h>
#include <string.h>

static void complain_about(const struct lac_error *error, const struct input *input, const struct output *output)
{
	if (error->status == LAC_READ_FAILED)
		complain("%s: %s", input->name, strerror(input->error));
	else if (error->status == LAC_WRITE_FAILED)
		complain("%s: %s", output->name, strerror(output->error));
	else
		complain("%s: %s", input->name, error->text);
}

/* How many records of the archive are meant. One too many where there are none, which the library tells. */
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

static bool open_context(const struct command *command, const struct models *models, struct lac_context **context)
{
	struct lac_options options = command->options;
	struct lac_error error = { .status = LAC_OK };

	options.adapted = (const struct lac_model *const *)models->adapted;
	options.n_adapted = models->n_adapted;
	options.opens_carried = models->opens_carried;
	if (!lac_context_open(context, models->base, &options, &error))
		return true;
	complain("%s", error.text);
	return false;
}

/* Once more, with other models. */
static enum lac_status copy_with(const struct command *command, const struct models *models, struct input *input, struct output *output,
	struct lac_stats *stats, struct lac_error *error)
{
	struct lac_context *context = NULL;
	enum lac_status s = LAC_NO_MEMORY;

	output_repeat(output);
	error->status = LAC_OK;
	if (open_context(command, models, &context))
		s = copy(command, context, input, output, stats, error);
	lac_context_close(&context);
	return s;
}

static bool lacks_models(enum lac_status s)
{
	return s == LAC_OTHER_MODEL || s == LAC_OTHER_ADAPTER;
}

/* Records of models that are not open: those that one part after the other names, from the folders, or carries. To see which these are, the
 * archives are read, as far as they are intact. At last those that are open, and whatever is carried. */
static enum lac_status copy_with_others(const struct command *command, const struct models *models, struct input *input, struct output *output,
	struct lac_stats *stats, struct missing *lacking, struct lac_error *error)
{
	const struct lac_error first = *error;
	struct models found, opening = *models;
	struct missing missing;
	bool is_one_missing = command->model_path != NULL, is_carried = false;
	unsigned n_parts = 0;
	struct part part;
	enum lac_status s = first.status;

	for (uint64_t at = 0; lacks_models(s) && find_part(input, at, &part); at += part.n_bytes, n_parts++) {
		const bool is_open = open_missing_models(command, models, &part.stats, &found, &missing);

		is_one_missing = is_one_missing || !is_open || missing.text[0];
		if (first.offset - part.begin < part.n_bytes)
			*lacking = missing;
		if (is_open) {
			is_carried = !found.base || missing.text[0];
			s = copy_with(command, &found, input, output, stats, error);
			close_models(&found);
		}
	}
	if (lacks_models(s)) {
		is_carried = opening.opens_carried = true;
		s = copy_with(command, &opening, input, output, stats, error);
	}
	if (!s && is_carried && command->verbosity > 0)
		tell(stderr, "%s: what was not at hand is what it carries\n", input->name);
	if (!lacks_models(s))
		return s;
	*error = first;
	if (!is_one_missing && n_parts > 1)
		complain("%s: these records were made with several models, of which one at a time is open: read those of each by themselves, with --range",
			input->name);
	return s;
}

/* NULL: the standard output. */
static const char *output_path(const struct command *command)
{
	return command->to_stdout || strcmp(command->output, "-") == 0 ? NULL : command->output;
}

static int cat_file(const struct command *command, const struct models *models, struct lac_context *context, const char *file)
{
	struct output output = { .file = -1, .folder = -1 };
	struct lac_error error = { .status = LAC_OK };
	struct lac_stats stats = { 0 };
	struct missing lacking = { .is_misnamed = false };
	struct input input;
	int status = EXIT_ERROR;
	bool is_skipped;
	enum lac_status s;

	if (!input_open(&input, file, command->n_files == 1, &is_skipped))
		return is_skipped ? EXIT_WARNING : EXIT_ERROR;
	if (output_open(&output, output_path(command), command->force)) {
		s = copy(command, context, &input, &output, &stats, &error);
		if (lacks_models(s))
			s = copy_with_others(command, models, &input, &output, &stats, &lacking, &error);
		if (error.status)
			complain_about(&error, &input, &output);
		if (lacks_models(s))
			complain_of_missing(&lacking);
		if (!s && output.n_again) {
			complain("%s: it was changed while it was read", input.name);
			s = LAC_READ_FAILED;
		}
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
	struct models models;
	int worst = EXIT_OK;
	bool is_free = true;

	if (!open_models(command, &models))
		return EXIT_ERROR;
	for (int i = 0; i < command->n_files; i++)
		is_free = is_free && used_files_add_input(command->files[i]);
	is_free = is_free && used_files_check_output(output_path(command) ? command->output : "-");
	if (!is_free || !open_context(command, &models, &context))
		worst = EXIT_ERROR;
	for (int i = 0; context && i < command->n_files; i++) {
		int status = cat_file(command, &models, context, command->files[i]);

		if (status != EXIT_OK && command->json)
			print_json_failure(command->files[i], status);
		if (status == EXIT_ERROR || worst == EXIT_OK)
			worst = status;
	}
	lac_context_close(&context);
	close_models(&models);
	return worst;
}
