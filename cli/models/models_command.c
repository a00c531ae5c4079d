/* models_command.c: laconic models show, list, export, path. */
#include "command.h"
#include "io/files.h"
#include "json.h"
#include "models/finder.h"
#include "models/model_folders.h"
#include "io/report.h"
#include "io/used_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- show ------------------------------------------------------------------------ */

static void print_json(const char *file, const struct lac_model_info *info)
{
	printf("{\"status\": \"ok\", \"file\": ");
	if (file)
		print_json_string(stdout, file);
	else
		printf("null");
	printf(", \"name\": ");
	print_json_string(stdout, info->name);
	printf(", \"identity\": \"%s\", \"file_bytes\": %llu, \"parameters\": %llu, \"architecture\": \"%s\", \"tokenizer\": \"%s\", "
		"\"vocabulary\": %u, \"layers\": %u, \"heads\": %u, \"kv_heads\": %u, \"dim\": %u, \"ffn_dim\": %u, \"head_dim\": %u, "
		"\"window\": %u, \"trained_window\": %u}\n", print_identity(info->identity).text, (unsigned long long)info->file_bytes,
		(unsigned long long)info->n_parameters, info->architecture, info->tokenizer, (unsigned)info->n_vocabulary,
		(unsigned)info->n_layers, (unsigned)info->n_heads, (unsigned)info->n_kv_heads, (unsigned)info->dim,
		(unsigned)info->ffn_dim, (unsigned)info->head_dim, (unsigned)info->default_window, (unsigned)info->context_length);
}

static void print_text(const char *file, const struct lac_model_info *info)
{
	tell(stdout, "file          %s\n", file ? file : "embedded");
	tell(stdout, "name          %s\n", info->name);
	printf("identity      %s\n", print_identity(info->identity).text);
	printf("file bytes    %s\n", group_digits(info->file_bytes).text);
	printf("parameters    %s\n", group_digits(info->n_parameters).text);
	printf("architecture  %s: %u layers, dim %u, feed-forward %u, %u heads of %u, %u key and value heads\n", info->architecture,
		(unsigned)info->n_layers, (unsigned)info->dim, (unsigned)info->ffn_dim, (unsigned)info->n_heads,
		(unsigned)info->head_dim, (unsigned)info->n_kv_heads);
	printf("tokenizer     %s, %s tokens\n", info->tokenizer, group_digits(info->n_vocabulary).text);
	printf("window        %u tokens, and up to %u with --context\n", (unsigned)info->default_window, (unsigned)info->context_length);
}

static int show(struct command command, const char *file)
{
	struct lac_model *model;

	command.model_path = file;
	if (!open_model(&command, &model))
		return EXIT_ERROR;
	if (command.json)
		print_json(file, lac_model_info(model));
	else
		print_text(file, lac_model_info(model));
	lac_model_close(&model);
	return EXIT_OK;
}

int run_models_show(const struct command *command)
{
	int worst = EXIT_OK;

	if (command->n_files == 0)
		return show(*command, command->model_path);
	for (int i = 0; i < command->n_files; i++)
		if (show(*command, command->files[i]) != EXIT_OK) {
			worst = EXIT_ERROR;
			if (command->json)
				print_json_failure(command->files[i], worst);
		}
	return worst;
}

/* ---- list ------------------------------------------------------------------------ */

static const char *kind_name(enum lac_found_kind kind)
{
	return kind == LAC_FOUND_MODEL ? "model" : "adapter";
}

static void print_json_known(const struct lac_found *m)
{
	printf("{\"status\": \"%s\", \"file\": ", m->kind == LAC_FOUND_BAD ? "skipped" : "ok");
	if (m->path)
		print_json_string(stdout, m->path);
	else
		printf("null");
	if (m->kind == LAC_FOUND_BAD) {
		printf(", \"error\": ");
		print_json_string(stdout, m->error.text);
	} else {
		printf(", \"kind\": \"%s\", \"name\": ", kind_name(m->kind));
		print_json_string(stdout, m->name);
		printf(", \"identity\": \"%s\", \"file_bytes\": %llu, \"architecture\": \"%s\"", print_identity(m->identity).text,
			(unsigned long long)m->file_bytes, m->architecture);
	}
	printf("}\n");
}

static void print_row(const struct lac_found *m)
{
	if (m->kind == LAC_FOUND_BAD)
		complain("%s: skipped", m->error.text); /* which names the file */
	else
		tell(stdout, "%-31s %s %14s %-12s %-7s %s\n", m->name, print_identity(m->identity).text, group_digits(m->file_bytes).text,
			m->architecture, kind_name(m->kind), m->path ? m->path : "embedded");
}

static bool describe_embedded(struct lac_found *out)
{
	const struct lac_model_info *info;
	struct lac_model *model;

	if (!open_model(&(struct command){ .options = LAC_OPTIONS_DEFAULT }, &model))
		return false;
	info = lac_model_info(model);
	*out = (struct lac_found){ .kind = LAC_FOUND_MODEL, .file_bytes = info->file_bytes };
	memcpy(out->identity, info->identity, sizeof out->identity);
	memcpy(out->name, info->name, sizeof out->name);
	snprintf(out->architecture, sizeof out->architecture, "%s", info->architecture);
	lac_model_close(&model);
	return true;
}

int run_models_list(const struct command *command)
{
	void (*print)(const struct lac_found *) = command->json ? print_json_known : print_row;
	struct lac_finder *finder = the_finder(command);
	struct lac_found embedded;
	size_t n;
	int status = EXIT_OK;

	if (!describe_embedded(&embedded))
		return EXIT_ERROR;
	if (!finder || lac_finder_list(finder, &n, NULL)) {
		complain("out of memory");
		return EXIT_ERROR;
	}
	if (!command->json)
		printf("%-31s %-32s %14s %-12s %-7s %s\n", "name", "identity", "file bytes", "architecture", "kind", "file");
	print(&embedded);
	for (size_t i = 0; i < n; i++) {
		print(lac_finder_file(finder, i));
		if (lac_finder_file(finder, i)->kind == LAC_FOUND_BAD)
			status = EXIT_WARNING;
	}
	return status;
}

/* ---- path ------------------------------------------------------------------------ */

int run_models_path(const struct command *command)
{
	char **folders = model_folders();

	if (!folders) {
		complain("out of memory");
		return EXIT_ERROR;
	}
	for (char **at = folders; *at; at++)
		if (command->json) {
			printf("{\"status\": \"ok\", \"folder\": ");
			print_json_string(stdout, *at);
			printf("}\n");
		} else {
			tell(stdout, "%s\n", *at);
		}
	model_folders_free(&folders);
	return EXIT_OK;
}

/* ---- export ---------------------------------------------------------------------- */

bool is_embedded_model(const char *name)
{
	struct lac_found embedded;

	return describe_embedded(&embedded) &&
		(strcmp(embedded.name, name) == 0 || strcmp(print_identity(embedded.identity).text, name) == 0);
}

static bool copy(struct lac_source source, struct input *input, struct output *output)
{
	const struct lac_sink sink = output_sink(output);
	char buffer[1 << 16];
	size_t n;

	do {
		if (!source.read(source.payload, buffer, sizeof buffer, &n)) {
			complain("%s: %s", input->name, strerror(input->error));
			return false;
		}
		if (n && !sink.write(sink.payload, buffer, n)) {
			complain("%s: %s", output->name, strerror(output->error));
			return false;
		}
	} while (n);
	return true;
}

struct embedded_reader {
	const char *bytes;
	size_t n_left;
};

static bool read_embedded(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	struct embedded_reader *reader = payload;

	*n_read = reader->n_left < capacity ? reader->n_left : capacity;
	memcpy(buffer, reader->bytes, *n_read);
	reader->bytes += *n_read;
	reader->n_left -= *n_read;
	return true;
}

/* path NULL: the embedded model. */
static bool export_model(const struct command *command, const char *path)
{
	struct embedded_reader reader;
	struct lac_source source = { read_embedded, &reader };
	struct output output = { .file = -1 };
	struct input input = { .name = "the embedded model", .file = -1 };
	const bool is_to_file = command->output && strcmp(command->output, "-") != 0;
	bool is_skipped, is_done;

	reader.bytes = lac_default_model_gguf(&reader.n_left);
	if (path && !input_open(&input, path, false, &is_skipped))
		return false;
	if (path)
		source = input_source(&input);
	is_done = used_files_add_input(path) && used_files_check_output(is_to_file ? command->output : "-") &&
		output_open(&output, is_to_file ? command->output : NULL, command->force) && output_takes_binary(&output, "a model") &&
		copy(source, &input, &output) && output_commit(&output, &input);
	output_close(&output);
	input_close(&input);
	return is_done;
}

int run_models_export(const struct command *command)
{
	const char *name = command->n_files ? command->files[0] : NULL;
	char *path = NULL;
	bool is_done;

	if (!command->output && !command->to_stdout) {
		complain("no output is named: -o FILE.gguf, or -c");
		return EXIT_ERROR;
	}
	if (command->n_files > 1) {
		complain("one model is exported at a time");
		return EXIT_ERROR;
	}
	if (name && !is_embedded_model(name)) {
		path = find_named(command, name, LAC_FOUND_MODEL);
		if (!path)
			path = find_named(command, name, LAC_FOUND_ADAPTER);
		if (!path) {
			complain("%s: there is no model of that name or identity", name);
			complain_of_folders(name);
			return EXIT_ERROR;
		}
	}
	is_done = export_model(command, path);
	if (is_done && command->json) {
		printf("{\"status\": \"ok\", \"file\": ");
		print_json_string(stdout, command->output);
		printf("}\n");
	}
	free(path);
	return is_done ? EXIT_OK : EXIT_ERROR;
}
