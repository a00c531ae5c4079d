#include "archives/finding.h"
#include "io/report.h"
#include "io/used_files.h"
#include "models/known_models.h"
#include "models/model_folders.h"
#include "models/packed_cache.h"

#include <stdlib.h>
#include <string.h>

/* What is remembered of files may be wrong: what was opened decides. */
static bool is_wanted(const struct lac_model *model, const struct lac_model_wanted *wanted)
{
	const struct lac_model_info *info = lac_model_info(model);

	return memcmp(wanted->base ? info->adapter_identity : info->identity, wanted->identity, sizeof wanted->identity) == 0;
}

static struct lac_model *open_file(const struct command *command, const struct lac_model_wanted *wanted, const char *path)
{
	struct lac_model *model = NULL;
	const char *cache = "";
	const enum lac_status s = wanted->base ? lac_model_adapt_file(&model, wanted->base, path, NULL)
		: open_model_file(&model, path, &command->options, command->cache_bytes, &cache, NULL);

	if (!s && (!is_wanted(model, wanted) || !used_files_add_input(path)))
		lac_model_close(&model);
	if (model && !wanted->base)
		tell_of_model(command, model, cache);
	return model;
}

/* First as the cache has it, which may be wrong, then without. */
static struct lac_model *open_wanted(const struct command *command, const struct lac_model_wanted *wanted)
{
	const enum model_kind kind = wanted->base ? KIND_ADAPTER : KIND_MODEL;
	struct lac_model *model = NULL;
	struct known_models known;

	for (int pass = 0; pass < 2 && !model; pass++) {
		if (!known_models_scan(&known, wanted->base, pass == 0))
			return NULL;
		for (size_t i = 0; i < known.n && !model; i++)
			if (known.at[i].kind == kind && memcmp(known.at[i].identity, wanted->identity, 16) == 0)
				model = open_file(command, wanted, known.at[i].path);
		known_models_free(&known);
	}
	return model;
}

static bool remember(struct finding *finding, const struct lac_model_wanted *wanted, const struct lac_model *model)
{
	const struct lac_model_info *info = lac_model_info(model);
	struct found *at;

	if (find_found(finding, wanted->identity, wanted->base != NULL))
		return true;
	at = reallocarray(finding->at, finding->n + 1, sizeof *at);
	if (!at)
		return false;
	finding->at = at;
	at += finding->n++;
	*at = (struct found){ .is_adapter = wanted->base != NULL, .file_bytes = info->file_bytes,
		.memory_bytes = wanted->base ? info->memory_bytes : lac_model_stream_bytes(model, wanted->window) };
	memcpy(at->identity, wanted->identity, sizeof at->identity);
	return true;
}

/* A model named with --model is the only one. */
static bool find_model(void *payload, const struct lac_model_wanted *wanted, struct lac_model **out)
{
	struct finding *finding = payload;
	const bool is_misnamed = finding->command->model_path && !wanted->base;

	*out = is_misnamed ? NULL : open_wanted(finding->command, wanted);
	if (*out && !remember(finding, wanted, *out))
		lac_model_close(out);
	if (*out)
		return true;
	finding->missing = *wanted;
	finding->is_misnamed = is_misnamed;
	return false;
}

void finding_begin(struct finding *finding, const struct command *command, struct lac_options *options)
{
	*finding = (struct finding){ .command = command };
	options->find_model = find_model;
	options->find_payload = finding;
}

void finding_end(struct finding *finding)
{
	free(finding->at);
	finding->at = NULL;
}

void finding_next(struct finding *finding)
{
	finding->missing = (struct lac_model_wanted){ .base = NULL };
	finding->is_misnamed = false;
}

const struct found *find_found(const struct finding *finding, const uint8_t identity[16], bool is_adapter)
{
	for (size_t i = 0; finding && i < finding->n; i++)
		if (finding->at[i].is_adapter == is_adapter && memcmp(finding->at[i].identity, identity, 16) == 0)
			return &finding->at[i];
	return NULL;
}

/* By what is in the files. */
static bool is_in_folders(const uint8_t identity[16])
{
	struct known_models known;
	bool is_known = is_embedded_model(print_identity(identity).text);

	if (is_known || !known_models_scan(&known, NULL, true))
		return is_known;
	for (size_t i = 0; i < known.n; i++)
		is_known = is_known || (known.at[i].kind == KIND_MODEL && memcmp(known.at[i].identity, identity, 16) == 0);
	known_models_free(&known);
	return is_known;
}

void complain_of_missing(const struct finding *finding)
{
	const struct lac_model_wanted *missing = &finding->missing;
	char text[128];

	if (!missing->name[0])
		return;
	if (finding->is_misnamed) {
		if (is_in_folders(missing->identity))
			complain("the model that is needed is found without --model");
		return;
	}
	snprintf(text, sizeof text, "%s \"%s\" (identity %s)", missing->base ? "adapter" : "model", missing->name,
		print_identity(missing->identity).text);
	complain_of_folders(text);
}
