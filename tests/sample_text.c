/* Writes text that a model foretells well (sampled_text.h): sample_text MODEL.gguf[+ADAPTER.gguf]
 * SEED N_BYTES... For each number of bytes a line of about that length, drawn from a fresh
 * context. */
#include "base/strict_float.h"
#include "sampled_text.h"

int main(int argc, char **argv)
{
	struct lac_error error = { 0 };
	struct lac_model *base = NULL, *adapted = NULL;
	struct sampler sampler;
	char *adapter;

	if (argc < 4) {
		fprintf(stderr, "usage: sample_text MODEL.gguf[+ADAPTER.gguf] SEED N_BYTES...\n");
		return 1;
	}
	adapter = strchr(argv[1], '+');
	if (adapter)
		*adapter++ = 0;
	if (lac_model_open_file(&base, argv[1], NULL, &error) || (adapter && lac_model_adapt_file(&adapted, base, adapter, &error))) {
		fprintf(stderr, "%s: %s\n", base ? adapter : argv[1], error.text);
		return 1;
	}
	lac_float_environment_enter();
	sampler = sampler_create(adapted ? adapted : base, strtoull(argv[2], NULL, 10));
	for (int i = 3; i < argc; i++) {
		sample_stream(&sampler, strtoull(argv[i], NULL, 10));
		fwrite(sampler.text, 1, sampler.n_bytes, stdout);
		putchar('\n');
	}
	sampler_free(&sampler);
	lac_model_close(&adapted);
	lac_model_close(&base);
	return fflush(stdout) != 0;
}
