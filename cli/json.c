#include "json.h"
#include "archives/chosen.h"
#include "archives/finding.h"
#include "io/report.h"

static void print_name(const char *key, const char *name)
{
	printf("\"%s\": ", key);
	if (name)
		print_json_string(stdout, name);
	else
		printf("null");
}

/* What the reader must hold; is_known false: neither open nor found. */
static void print_sizes(bool is_known, uint64_t file_bytes, const char *key, uint64_t memory_bytes)
{
	if (is_known)
		printf(", \"file_bytes\": %llu, \"%s\": %llu}", (unsigned long long)file_bytes, key, (unsigned long long)memory_bytes);
	else
		printf(", \"file_bytes\": null, \"%s\": null}", key);
}

static void print_adapters(const struct lac_stats *stats, const struct models *models, const struct finding *finding)
{
	printf(", \"adapters\": [");
	for (uint32_t i = 0; i < stats->n_adapters; i++) {
		const struct lac_adapter_use *use = &stats->adapters[i];
		const struct lac_model_info *info = models ? find_adapter(models, use->identity) : NULL;
		const struct found *found = finding ? find_found(finding, use->identity, true) : NULL;

		printf("%s{", i ? ", " : "");
		print_name("name", use->name);
		printf(", \"identity\": \"%s\", \"streams\": %llu", print_identity(use->identity).text, (unsigned long long)use->n_streams);
		if (info)
			print_sizes(true, info->file_bytes, "memory_bytes", info->memory_bytes);
		else
			print_sizes(found != NULL, found ? found->file_bytes : 0, "memory_bytes", found ? found->memory_bytes : 0);
	}
	printf("]");
}

static void print_ratio(const struct lac_stats *stats)
{
	printf("\"bytes_in\": %llu, \"bytes_out\": %llu", (unsigned long long)stats->bytes_in, (unsigned long long)stats->bytes_out);
	if (stats->bytes_in)
		printf(", \"ratio\": %.6f, \"bits_per_byte\": %.6f", ratio_of(stats->bytes_out, stats->bytes_in),
			8 * ratio_of(stats->bytes_out, stats->bytes_in));
	else
		printf(", \"ratio\": null, \"bits_per_byte\": null");
}

/* Those that were given in vain. */
static void print_unused_adapters(const struct lac_stats *stats, const struct models *models)
{
	const char *comma = "";

	printf(", \"unused_adapters\": [");
	for (uint32_t i = 0; models && i < models->n_adapted; i++) {
		const struct lac_model_info *info = lac_model_info(models->adapted[i]);

		if (is_chosen(models->adapted[i], stats))
			continue;
		printf("%s{\"name\": ", comma);
		print_json_string(stdout, info->name);
		printf(", \"identity\": \"%s\"}", print_identity(info->adapter_identity).text);
		comma = ", ";
	}
	printf("]");
}

static void print_models(const struct lac_stats *stats, const struct models *models, const struct finding *finding)
{
	printf(", \"models\": [");
	for (uint32_t i = 0; i < stats->n_models; i++) {
		const struct lac_model_use *use = &stats->models[i];
		const struct lac_model *model = find_base(models, use->identity);
		const struct found *found = finding ? find_found(finding, use->identity, false) : NULL;

		printf("%s{", i ? ", " : "");
		print_name("name", use->name);
		printf(", \"identity\": \"%s\", \"context\": %u", print_identity(use->identity).text, (unsigned)use->window);
		if (model)
			print_sizes(true, lac_model_info(model)->file_bytes, "stream_bytes", lac_model_stream_bytes(model, use->window));
		else
			print_sizes(found != NULL, found ? found->file_bytes : 0, "stream_bytes", found ? found->memory_bytes : 0);
	}
	printf("]");
}

void print_json_stats(const char *file, const char *output, const struct lac_stats *stats, const struct models *models,
	const struct finding *finding)
{
	printf("{\"status\": \"ok\", ");
	print_name("file", file);
	printf(", ");
	print_name("output", output);
	printf(", ");
	print_ratio(stats);
	printf(", \"tokens\": %llu, \"records\": %llu, \"blocks\": %llu, \"mixed_blocks\": %llu, \"stored_blocks\": %llu, \"archives\": %llu, \"indexed\": %s",
		(unsigned long long)stats->n_tokens, (unsigned long long)stats->n_records, (unsigned long long)stats->n_blocks,
		(unsigned long long)stats->n_mixed_blocks, (unsigned long long)stats->n_stored_blocks, (unsigned long long)stats->n_archives,
		stats->n_archives && stats->n_indexed == stats->n_archives ? "true" : "false");
	print_models(stats, models, finding);
	print_adapters(stats, models, finding);
	print_unused_adapters(stats, models);
	printf(", \"carried_files\": %llu, \"carried_bytes\": %llu}\n", (unsigned long long)stats->n_carried, (unsigned long long)stats->carried_bytes);
}

void print_json_records(const char *file, const char *output, const struct lac_stats *stats)
{
	printf("{\"status\": \"ok\", ");
	print_name("file", file);
	printf(", ");
	print_name("output", output);
	printf(", \"records\": %llu, \"bytes_in\": %llu, \"bytes_read\": %llu, \"tokens\": %llu}\n", (unsigned long long)stats->n_records,
		(unsigned long long)stats->bytes_out, (unsigned long long)stats->bytes_in, (unsigned long long)stats->n_tokens);
}

void print_json_failure(const char *file, int status)
{
	printf("{\"status\": \"%s\", ", status == EXIT_WARNING ? "skipped" : "error");
	print_name("file", file);
	printf(", ");
	print_name("error", take_complaint());
	printf("}\n");
}
