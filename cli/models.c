/* models.c: which model is at work, and what it is. */
#include "command.h"
#include "report.h"

#include <string.h>

bool open_model(const struct command *command, struct lac_model **model)
{
	struct lac_error error = { .status = LAC_OK };
	enum lac_status s = command->model_path ? lac_model_open_file(model, command->model_path, &command->options, &error)
		: lac_model_open_default(model, &command->options, &error);

	if (s)
		complain("%s: %s", command->model_path ? command->model_path : "the embedded model", error.text);
	else if (command->verbosity > 0)
		fprintf(stderr, "model %s (%s), kernels %s\n", lac_model_info(*model)->name,
			print_identity(lac_model_info(*model)->identity).text, lac_model_info(*model)->kernels);
	return !s;
}

bool open_models(const struct command *command, struct models *models)
{
	*models = (struct models){ .n_adapted = 0 };
	if (!open_model(command, &models->base))
		return false;
	for (; models->n_adapted < command->n_adapters; models->n_adapted++) {
		const char *path = command->adapters[models->n_adapted];
		struct lac_model **adapted = &models->adapted[models->n_adapted];
		struct lac_error error = { .status = LAC_OK };

		if (lac_model_adapt_file(adapted, models->base, path, &error)) {
			complain("%s: %s", path, error.text);
			close_models(models);
			return false;
		}
		if (command->verbosity > 0)
			fprintf(stderr, "adapter %s (%s), %s bytes, needs %.1f MiB\n", lac_model_info(*adapted)->name,
				print_identity(lac_model_info(*adapted)->adapter_identity).text,
				group_digits(lac_model_info(*adapted)->file_bytes).text,
				(double)lac_model_info(*adapted)->memory_bytes / (1 << 20));
	}
	return true;
}

void close_models(struct models *models)
{
	while (models->n_adapted)
		lac_model_close(&models->adapted[--models->n_adapted]);
	lac_model_close(&models->base);
}

const struct lac_model_info *find_adapter(const struct models *models, const uint8_t identity[16])
{
	for (uint32_t i = 0; i < models->n_adapted; i++)
		if (memcmp(lac_model_info(models->adapted[i])->adapter_identity, identity, 16) == 0)
			return lac_model_info(models->adapted[i]);
	return NULL;
}

static void print_json(const char *file, const struct lac_model_info *info)
{
	printf("{\"file\": ");
	if (file)
		print_json_string(stdout, file);
	else
		printf("null");
	printf(", \"name\": ");
	print_json_string(stdout, info->name);
	printf(", \"identity\": \"%s\", \"file_bytes\": %llu, \"parameters\": %llu, \"architecture\": \"%s\", \"tokenizer\": \"%s\", "
		"\"vocabulary\": %u, \"layers\": %u, \"heads\": %u, \"kv_heads\": %u, \"dim\": %u, \"ffn_dim\": %u, \"head_dim\": %u, "
		"\"window\": %u}\n", print_identity(info->identity).text, (unsigned long long)info->file_bytes,
		(unsigned long long)info->n_parameters, info->architecture, info->tokenizer, (unsigned)info->n_vocabulary,
		(unsigned)info->n_layers, (unsigned)info->n_heads, (unsigned)info->n_kv_heads, (unsigned)info->dim,
		(unsigned)info->ffn_dim, (unsigned)info->head_dim, (unsigned)info->context_length);
}

static void print_text(const char *file, const struct lac_model_info *info)
{
	printf("file          %s\n", file ? file : "embedded");
	printf("name          %s\n", info->name);
	printf("identity      %s\n", print_identity(info->identity).text);
	printf("file bytes    %s\n", group_digits(info->file_bytes).text);
	printf("parameters    %s\n", group_digits(info->n_parameters).text);
	printf("architecture  %s: %u layers, dim %u, feed-forward %u, %u heads of %u, %u key and value heads\n", info->architecture,
		(unsigned)info->n_layers, (unsigned)info->dim, (unsigned)info->ffn_dim, (unsigned)info->n_heads,
		(unsigned)info->head_dim, (unsigned)info->n_kv_heads);
	printf("tokenizer     %s, %s tokens\n", info->tokenizer, group_digits(info->n_vocabulary).text);
	printf("window        %u tokens\n", (unsigned)info->context_length);
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
		if (show(*command, command->files[i]) != EXIT_OK)
			worst = EXIT_ERROR;
	return worst;
}
