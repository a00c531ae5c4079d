/* list.c: what archives say of themselves; every check of the compressed bytes is verified, nothing
 * is decoded. */
#include "advice.h"
#include "command.h"
#include "io/files.h"
#include "json.h"
#include "models/finder.h"
#include "io/report.h"

#include <string.h>
#include <unistd.h>

/* What is open. */
struct at_hand {
	const struct command *command;
	struct models open;
};

static void print_json_archive(const char *file, const struct lac_stats *stats, const struct models *models)
{
	struct lac_stats turned = *stats;

	turned.bytes_in = stats->bytes_out;
	turned.bytes_out = stats->bytes_in;
	print_json_stats(file, NULL, &turned, models, NULL);
}

static void print_table_row(const char *name, const struct lac_stats *stats)
{
	tell(stdout, "%14s %14s %7.4f %9.3f %10s %9s %5s %7s %7s %7s  %-16s %s\n", group_digits(stats->bytes_out).text,
		group_digits(stats->bytes_in).text, ratio_of(stats->bytes_in, stats->bytes_out),
		8 * ratio_of(stats->bytes_in, stats->bytes_out), group_digits(stats->n_tokens).text,
		group_digits(stats->n_records).text, stats->n_indexed == stats->n_archives ? "yes" : "no", group_digits(stats->n_blocks).text, group_digits(stats->n_mixed_blocks).text,
		group_digits(stats->n_stored_blocks).text,
		stats->n_models > 1 ? "several" : stats->n_models ? stats->models->name : "none", name);
}

/* Of what is not open: its file, or what gives it. */
static void print_where(struct at_hand *at_hand, const uint8_t identity[16], enum lac_found_kind kind, bool is_carried)
{
	const struct lac_found *known = find_known(at_hand->command, identity, kind);

	if (known)
		tell(stdout, "%s, in %s\n", count_of(known->file_bytes, "byte").text, known->path);
	else if (is_embedded_model(print_identity(identity).text))
		printf("the embedded one\n");
	else if (is_carried)
		printf("not at hand, but for what the archive carries\n");
	else
		printf("not at hand; %s names its file\n", kind == LAC_FOUND_MODEL ? "--model" : "--adapter");
}

/* Below the file's row: what the reader must hold besides the archive. */
static void print_table_models(const struct lac_stats *stats, struct at_hand *at_hand)
{
	for (uint32_t i = 0; i < stats->n_models; i++) {
		const struct lac_model_use *use = &stats->models[i];
		const struct lac_model *model = find_base(&at_hand->open, use->identity);

		tell(stdout, "%14s needs model %s (%s), %s of context: ", "", use->name, print_identity(use->identity).text,
			count_of(use->window, "token").text);
		if (model)
			printf("%s, and %.1f MiB a stream\n", count_of(lac_model_info(model)->file_bytes, "byte").text,
				(double)lac_model_stream_bytes(model, use->window) / (1 << 20));
		else
			print_where(at_hand, use->identity, LAC_FOUND_MODEL, stats->n_carried > 0);
	}
	if (stats->n_models == LAC_MODELS_TOLD)
		printf("%14s and may need more: so many are told\n", "");
}

/* The bytes are among the archive's, and in its ratio. */
static void print_table_carried(const struct lac_stats *stats)
{
	if (stats->n_carried)
		printf("%14s carries %s of models and adapters: %s of the archive\n", "", count_of(stats->n_carried, "file").text,
			count_of(stats->carried_bytes, "byte").text);
}

static void print_table_adapters(const struct lac_stats *stats, struct at_hand *at_hand)
{
	for (uint32_t i = 0; i < stats->n_adapters; i++) {
		const struct lac_adapter_use *use = &stats->adapters[i];
		const struct lac_model_info *info = find_adapter(&at_hand->open, use->identity);

		tell(stdout, "%14s adapter %s (%s): %s, ", "", use->name, print_identity(use->identity).text,
			count_of(use->n_streams, stats->n_records ? "record" : "block").text);
		if (info)
			printf("%s, needs %.1f MiB\n", count_of(info->file_bytes, "byte").text, (double)info->memory_bytes / (1 << 20));
		else
			print_where(at_hand, use->identity, LAC_FOUND_ADAPTER, stats->n_carried > 0);
	}
}

static int list_file(const struct command *command, struct at_hand *at_hand, const char *file)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_stats stats;
	struct input input;
	bool is_skipped;
	enum lac_status s;

	if (!input_open(&input, file, command->n_files == 1, &is_skipped))
		return is_skipped ? EXIT_WARNING : EXIT_ERROR;
	if (isatty(input.file)) {
		complain("an archive is not read from a terminal; name a file (laconic --help)");
		input_close(&input);
		return EXIT_ERROR;
	}
	s = lac_list(input_source(&input), &stats, &error);
	input_close(&input);
	if (s == LAC_READ_FAILED)
		complain("%s: %s", input.name, strerror(input.error));
	else if (s)
		complain_of(command, input.name, &error);
	if (s)
		return EXIT_ERROR;
	if (command->json)
		print_json_archive(file, &stats, &at_hand->open);
	else
		print_table_row(input.name, &stats);
	if (!command->json) {
		print_table_models(&stats, at_hand);
		print_table_carried(&stats);
		print_table_adapters(&stats, at_hand);
	}
	return EXIT_OK;
}

int run_list(const struct command *command)
{
	struct at_hand at_hand = { .command = command };
	int worst = EXIT_OK;

	/* archives are listed without their model; what it takes is told if it is there */
	if (command->n_adapters || command->model_path) {
		if (!open_models(command, &at_hand.open))
			return EXIT_ERROR;
	} else {
		(void)!lac_model_open_default(&at_hand.open.base, NULL, NULL);
	}
	if (!command->json)
		printf("%14s %14s %7s %9s %10s %9s %5s %7s %7s %7s  %-16s %s\n", "text bytes", "archive bytes", "ratio", "bits/byte", "tokens",
			"records", "index", "blocks", "mixed", "stored", "model", "file");
	for (int i = 0; i < command->n_files; i++) {
		int status = list_file(command, &at_hand, command->files[i]);

		if (status != EXIT_OK && command->json)
			print_json_failure(command->files[i], status);
		if (status == EXIT_ERROR || worst == EXIT_OK)
			worst = status;
	}
	close_models(&at_hand.open);
	return worst;
}
