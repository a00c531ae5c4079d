/* transfer.c: compress, decompress, test: one input to one output at a time. */
#include "archives/chosen.h"
#include "command.h"
#include "io/files.h"
#include "json.h"
#include "archives/missing_models.h"
#include "archives/parts.h"
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

/* ---- One file ---------------------------------------------------------------------- */

static void complain_about(const struct command *command, const struct lac_error *error, const struct input *input,
	const struct output *output)
{
	if (error->status == LAC_READ_FAILED && input->error) /* else a model's file */
		complain("%s: %s", input->name, strerror(input->error));
	else if (error->status == LAC_WRITE_FAILED)
		complain("%s: %s", output->name, strerror(output->error));
	else if (error->status == LAC_NOT_ARCHIVE && has_suffix(input->name, ".lacm"))
		complain("%s: %s; it is a message, by its suffix: --message restores it", input->name, error->text);
	else
		complain("%s: %s", input->name, error->text);
	if (command->action == ACTION_DECOMPRESS && !output->path && output->file == STDOUT_FILENO && (output->n_written || output->n_again))
		complain("%s: what was written is a true beginning of the text, and not all of it", input->name);
}

/* What came out of the archive itself. */
static void report_carried(const struct command *command, const struct models *models, const char *name, const struct lac_stats *stats)
{
	if (command->verbosity <= 0 || !models->opens_carried || !stats->n_carried)
		return;
	for (uint32_t i = 0; i < stats->n_models; i++)
		if (!find_base(models, stats->models[i].identity))
			tell(stderr, "%s: model %s (%s) is one that it carries\n", name, stats->models[i].name,
				print_identity(stats->models[i].identity).text);
	for (uint32_t i = 0; i < stats->n_adapters; i++)
		if (!find_adapter(models, stats->adapters[i].identity))
			tell(stderr, "%s: adapter %s (%s) is one that it carries\n", name, stats->adapters[i].name,
				print_identity(stats->adapters[i].identity).text);
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

static void report_json(const struct command *command, const struct models *models, const struct input *input, const struct output *output,
	const struct lac_stats *stats)
{
	const char *written = command->action == ACTION_TEST ? NULL : output->path;
	struct lac_stats turned = *stats;

	if (command->action != ACTION_COMPRESS) {
		turned.bytes_in = stats->bytes_out;
		turned.bytes_out = stats->bytes_in;
	}
	print_json_stats(input->file == STDIN_FILENO ? "-" : input->name, written, &turned, models);
}

/* Runs the library's call. */
static enum lac_status run_library(const struct command *command, const struct models *models, struct input *input, struct output *output,
	struct lac_stats *stats, struct lac_error *error)
{
	struct lac_options options = command->options;
	struct progress progress = { .is_shown = false };
	struct lac_sink sink = { NULL, NULL };
	enum lac_status s;

	if (command->action != ACTION_TEST)
		sink = output_sink(output);
	if (command->verbosity >= 0)
		progress_begin(&progress, &options, input->name, S_ISREG(input->info.st_mode) ? (uint64_t)input->info.st_size : 0);
	options.adapted = (const struct lac_model *const *)models->adapted;
	options.n_adapted = models->n_adapted;
	options.carried = models->files[0].bytes ? models->files : NULL;
	options.opens_carried = models->opens_carried;
	if (command->is_message)
		s = transfer_message(command, models, input_source(input), sink, stats, error);
	else
		s = command->action == ACTION_COMPRESS ? lac_compress(models->base, input_source(input), sink, &options, stats, error)
			: lac_decompress(models->base, input_source(input), sink, &options, stats, error);
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

static bool finish(const struct command *command, const struct models *models, struct input *input, struct output *output,
	const struct lac_stats *stats)
{
	if (models->verifier && !verify_output(command, models, output, stats))
		return false;
	if (command->action != ACTION_TEST && !output_commit(output, input))
		return false;
	if (command->remove && !remove_input(command, input, output))
		return false;
	note_chosen(models, stats);
	if (command->json)
		report_json(command, models, input, output, stats);
	else
		report(command, models, input->name, stats);
	return true;
}

/* Places in a part are counted from its beginning, and so is the text before the limit. */
static void complain_about_part(const struct command *command, const struct part *part, struct lac_error *error, const struct input *input,
	const struct output *output)
{
	char text[sizeof error->text];

	memcpy(text, error->text, sizeof text);
	if (part->begin && error->status == LAC_OVER_LIMIT)
		snprintf(error->text, sizeof error->text, "the text is longer than the limit of %llu bytes; raise it with --limit",
			(unsigned long long)command->options.limit_bytes);
	else if (part->begin)
		snprintf(error->text, sizeof error->text, "in what begins at byte %llu: %.200s", (unsigned long long)part->begin, text);
	complain_about(command, error, input, output);
}

/* Opens what decodes a part. False: what is not found the library says of the part, if it did not do so of all. */
static bool open_for_part(const struct command *command, const struct models *models, const struct part *part, struct input *input,
	struct output *output, const struct lac_error *first, struct models *found, struct missing *missing)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_stats stats;

	if (open_missing_models(command, models, &part->stats, found, missing))
		return true;
	*found = (struct models){ .n_adapted = 0 };
	if (first->offset - part->begin < part->n_bytes)
		complain_about(command, first, input, output);
	else if (run_library(command, models, input, output, &stats, &error))
		complain_about_part(command, part, &error, input, output);
	complain_of_missing(missing);
	return false;
}

/* --limit is of the text of all parts. */
static enum lac_status run_part(const struct command *command, const struct models *models, struct input *input, struct output *output,
	uint64_t n_before, struct lac_stats *stats, struct lac_error *error)
{
	struct command limited = *command;

	if (command->options.limit_bytes == n_before && n_before) /* 0 would be no limit */
		return error->status = LAC_OVER_LIMIT;
	if (command->options.limit_bytes)
		limited.options.limit_bytes -= n_before;
	return run_library(&limited, models, input, output, stats, error);
}

/* Each part with the models that it names, or carries. Adds to `all`, what was listed, how decoding went. */
static bool transfer_parts(const struct command *command, const struct models *models, struct input *input, struct output *output,
	const struct lac_error *first, struct lac_stats *all)
{
	struct models found = { .n_adapted = 0 };
	struct missing missing;
	uint64_t n_text = 0;
	struct part part;
	bool is_done = true, is_open;

	for (uint64_t at = 0; is_done && at < all->bytes_in; at += part.n_bytes) {
		struct lac_error error = { .status = LAC_OK };
		struct lac_stats stats;

		close_models(&found);
		is_done = find_part(input, at, &part);
		if (!is_done) {
			complain("%s: it was changed while it was read", input->name);
			break;
		}
		is_open = open_for_part(command, models, &part, input, output, first, &found, &missing);
		is_done = is_open && run_part(command, &found, input, output, n_text, &stats, &error) == LAC_OK;
		if (is_done) {
			report_carried(command, &found, input->name, &stats);
			n_text += stats.bytes_out;
			all->n_slots_offered += stats.n_slots_offered;
			all->n_slots_busy += stats.n_slots_busy;
		} else if (is_open) {
			complain_about_part(command, &part, &error, input, output);
			if (error.status == LAC_OTHER_MODEL || error.status == LAC_OTHER_ADAPTER)
				complain_of_missing(&missing);
		}
	}
	if (is_done && output->n_again) {
		complain("%s: it was changed while it was read", input->name);
		is_done = false;
	}
	is_done = is_done && finish(command, &found, input, output, all);
	if (is_done)
		note_chosen(models, all);
	close_models(&found);
	return is_done;
}

/* One that is damaged may not say that it carries its models: as far as it can be read, for what is wrong to be told. */
static bool transfer_damaged(const struct command *command, const struct models *models, struct input *input, struct output *output,
	const struct lac_error *first)
{
	struct lac_error error = { .status = LAC_OK };
	struct models opening = *models;
	struct lac_stats stats;
	enum lac_status s;

	opening.opens_carried = true;
	s = run_library(command, &opening, input, output, &stats, &error);
	if (s)
		complain_about(command, s == first->status ? first : &error, input, output);
	else
		complain("%s: it was changed while it was read", input->name);
	return false;
}

/* The same once more, with the models that the archives name, or carry. Says why not. */
static bool transfer_with_others(const struct command *command, const struct models *models, struct input *input, struct output *output,
	const struct lac_error *first)
{
	struct lac_stats all;
	bool is_listed;

	if (!input_seek(input, 0, UINT64_MAX)) {
		complain_about(command, first, input, output);
		complain("%s: to look for them, an archive is read twice, which a pipe does not allow: name them with --model and --adapter, or "
			"save it in a file", input->name);
		return false;
	}
	is_listed = lac_list(input_source(input), &all, NULL) == LAC_OK;
	output_repeat(output);
	if (is_listed)
		return transfer_parts(command, models, input, output, first, &all);
	return input_seek(input, 0, UINT64_MAX) && transfer_damaged(command, models, input, output, first);
}

static bool transfer(const struct command *command, const struct models *models, struct input *input, struct output *output)
{
	struct lac_error error = { .status = LAC_OK };
	struct models at_hand = *models;
	struct lac_stats stats;
	enum lac_status s;

	if (models->verifier && !output->temporary) {
		complain("%s: --verify reads the archive again, which only a file allows; name one with -o", output->name);
		return false;
	}
	at_hand.opens_carried = command->action != ACTION_COMPRESS && input->start < 0; /* folders come first where an archive can be read twice */
	s = run_library(command, &at_hand, input, output, &stats, &error);
	if (!s) {
		report_carried(command, &at_hand, input->name, &stats);
		return finish(command, &at_hand, input, output, &stats);
	}
	if (s == LAC_OTHER_ADAPTER || (s == LAC_OTHER_MODEL && (!command->model_path || !at_hand.opens_carried)))
		return transfer_with_others(command, models, input, output, &error);
	complain_about(command, &error, input, output);
	return false;
}

/* The output's name, to be freed; *path NULL: the standard output. False: there is none, which was said. */
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

/* What takes no name of its own on the disk is written to if it was named, and may be waited for. */
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

static int transfer_file(const struct command *command, const struct models *models, const char *file)
{
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
			status = transfer(command, models, &input, &output) ? EXIT_OK : EXIT_ERROR;
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
	for (int i = 0; i < command->n_files; i++) {
		int status = command->estimate ? estimate_file(command, &models, command->files[i])
			: transfer_file(command, &models, command->files[i]);

		if (status != EXIT_OK && command->json)
			print_json_failure(command->files[i], status);
		if (status == EXIT_ERROR || worst == EXIT_OK)
			worst = status;
	}
	tell_of_unchosen(command, &chosen);
	close_models(&verifier);
	close_models(&models);
	return worst;
}
