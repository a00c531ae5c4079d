/* verify.c: compress --verify: what was written is decoded again, on another path through the CPU,
 * before anyone relies on it. */
#include "advice.h"
#include "command.h"
#include "io/files.h"
#include "io/report.h"

#include <inttypes.h>
#include <string.h>

const char *other_kernels(const char *name)
{
	const char *other = name;

	for (unsigned i = 0; other == name && lac_kernels_name(i); i++)
		if (strcmp(lac_kernels_name(i), name) != 0)
			other = lac_kernels_name(i);
	return other;
}

/* What the library compares when a carried file begins; said before anything is compressed. */
static bool may_open_carried(const struct command *command, const struct models *models)
{
	const uint64_t most = command->options.memory_bytes ? command->options.memory_bytes : LAC_MEMORY_DEFAULT;
	uint64_t largest = 0;

	for (uint32_t i = 0; i <= models->n_adapted; i++)
		if (models->files[i].n_bytes > largest)
			largest = models->files[i].n_bytes;
	if (2 * largest > most)
		complain("--verify decodes with the carried files alone, which take at least %" PRIu64 " bytes; allow more with --memory", 2 * largest);
	return 2 * largest <= most;
}

bool open_verifier(const struct command *command, struct models *models, struct models *verifier)
{
	struct command other = *command;

	other.options.kernels = other_kernels(lac_model_info(models->base)->kernels);
	other.verbosity = 0; /* the models were told of */
	other.cache_bytes = 0; /* the weights are converted by those kernels too */
	models->verifier = verifier;
	return command->with_model ? may_open_carried(command, models) : open_models(&other, verifier);
}

bool verify_output(const struct command *command, const struct models *models, struct output *output,
	const struct lac_stats *written)
{
	const struct models *verifier = models->verifier;
	struct lac_options other = command->options;
	struct lac_error error = { .status = LAC_OK };
	struct lac_stats found = { .bytes_out = 0 };
	const char *kernels = verifier->base ? lac_model_info(verifier->base)->kernels : other_kernels(lac_model_info(models->base)->kernels);

	other.kernels = kernels;
	other.opens_carried = !verifier->base; /* as who has nothing else */
	other.adapted = (const struct lac_model *const *)verifier->adapted;
	other.n_adapted = verifier->n_adapted;
	if (lac_decompress(verifier->base, output_source(output), (struct lac_sink){ NULL, NULL }, &other, &found, &error)) {
		complain("%s: not written: verifying it with kernels %s failed: %s%s", output->name, kernels,
			error.status == LAC_READ_FAILED ? strerror(output->error) : error.text, advice_on(command, &error));
		return false;
	}
	if (found.bytes_out != written->bytes_in || memcmp(found.text_hash, written->text_hash, sizeof found.text_hash) != 0) {
		complain("%s: not written: verifying it with kernels %s failed: its %" PRIu64 " blocks, bytes 0 to %" PRIu64 ", hold %" PRIu64
			" bytes of another text than the %" PRIu64 " that were read", output->name, kernels, found.n_blocks, found.bytes_in,
			found.bytes_out, written->bytes_in);
		return false;
	}
	if (command->verbosity > 0)
		tell(stderr, "%s: verified with kernels %s\n", output->name, kernels);
	return true;
}
