/* Writes text that a model foretells well (sampled_text.h): sample_text MODEL.gguf SEED N_BYTES...
 * For each number of bytes a line of about that length, drawn from a fresh context. */
#include "base/strict_float.h"
#include "sampled_text.h"

int main(int argc, char **argv)
{
	struct lac_error error = { 0 };
	struct lac_model *model = NULL;
	struct sampler sampler;

	if (argc < 4) {
		fprintf(stderr, "usage: sample_text MODEL.gguf SEED N_BYTES...\n");
		return 1;
	}
	if (lac_model_open_file(&model, argv[1], NULL, &error)) {
		fprintf(stderr, "%s: %s\n", argv[1], error.text);
		return 1;
	}
	lac_float_environment_enter();
	sampler = sampler_create(model, strtoull(argv[2], NULL, 10));
	for (int i = 3; i < argc; i++) {
		sample_stream(&sampler, strtoull(argv[i], NULL, 10));
		fwrite(sampler.text, 1, sampler.n_bytes, stdout);
		putchar('\n');
	}
	sampler_free(&sampler);
	lac_model_close(&model);
	return fflush(stdout) != 0;
}
