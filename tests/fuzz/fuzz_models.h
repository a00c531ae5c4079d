/* fuzz_models.h: the models of tests/golden/models, opened once, each with the adapters made for
 * it. */
#ifndef LAC_FUZZ_MODELS_H
#define LAC_FUZZ_MODELS_H

#include "target.h"

#include "memory_io.h"

#define FUZZ_MODELS 3u

struct fuzz_model {
	const char *name;
	uint32_t n_adapters;
	const char *adapters[2];
	struct lac_model *model;
	struct lac_model *adapted[2];
};

static struct fuzz_model fuzz_models[FUZZ_MODELS] = {
	{ .name = "grouped", .n_adapters = 2, .adapters = { "leaning", "tilted" } }, { .name = "escapes" }, { .name = "wide-heads" },
};

static inline struct bytes fuzz_read_model(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "tests/golden/models/%s.gguf", name);
	return read_file(path);
}

static inline void fuzz_open_model(struct fuzz_model *m)
{
	struct bytes file = fuzz_read_model(m->name);
	struct lac_error error = { .status = LAC_OK };

	MUST(!lac_model_open_memory(&m->model, file.at, file.length, NULL, &error), "%s: %s", m->name, error.text);
	free(file.at);
	for (uint32_t i = 0; i < m->n_adapters; i++) {
		file = fuzz_read_model(m->adapters[i]);
		MUST(!lac_model_adapt_memory(&m->adapted[i], m->model, file.at, file.length, &error), "%s: %s", m->adapters[i], error.text);
		free(file.at);
	}
}

/* For as long as the program runs. */
static inline const struct fuzz_model *fuzz_model(unsigned number)
{
	struct fuzz_model *m = &fuzz_models[number % FUZZ_MODELS];

	if (!m->model)
		fuzz_open_model(m);
	return m;
}

#endif
