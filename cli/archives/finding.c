#include "archives/finding.h"
#include "io/report.h"
#include "models/finder.h"
#include "models/model_folders.h"

#include <stdlib.h>
#include <string.h>

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

	*out = NULL;
	if (!is_misnamed && the_finder(finding->command))
		(void)lac_finder_find(the_finder(finding->command), wanted, out);
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
	for (size_t i = 0; i < finding->n; i++)
		if (finding->at[i].is_adapter == is_adapter && memcmp(finding->at[i].identity, identity, 16) == 0)
			return &finding->at[i];
	return NULL;
}

void complain_of_missing(const struct finding *finding)
{
	const struct lac_model_wanted *missing = &finding->missing;
	char text[128];

	if (!missing->name[0])
		return;
	if (finding->is_misnamed) {
		if (is_embedded_model(print_identity(missing->identity).text) || find_known(finding->command, missing->identity, LAC_FOUND_MODEL))
			complain("the model that is needed is found without --model");
		return;
	}
	snprintf(text, sizeof text, "%s \"%s\" (identity %s)", missing->base ? "adapter" : "model", missing->name,
		print_identity(missing->identity).text);
	complain_of_folders(text);
}
