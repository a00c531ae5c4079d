/* golden_model.h: a model of tests/golden/models, with the tensors and arrays of its file beside
 * what the library makes of them. */
#ifndef LAC_GOLDEN_MODEL_H
#define LAC_GOLDEN_MODEL_H

#include "memory_io.h"

#include "gguf/gguf.h"
#include "model/model.h"

struct golden_model {
	struct bytes file;
	struct lac_gguf *gguf;
	struct lac_model *model;
};

/* kernels NULL: the library's choice. */
static inline struct golden_model golden_model_open(const char *name, const char *kernels)
{
	struct golden_model m = { { NULL, 0 }, NULL, NULL };
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	char path[256];

	options.kernels = kernels;
	snprintf(path, sizeof path, "tests/golden/models/%s.gguf", name);
	m.file = read_file(path);
	if (lac_gguf_open(&m.gguf, m.file.at, m.file.length, NULL) ||
	    lac_model_open_memory(&m.model, m.file.at, m.file.length, &options, NULL))
		abort();
	return m;
}

static inline void golden_model_close(struct golden_model *m)
{
	lac_model_close(&m->model);
	lac_gguf_close(&m->gguf);
	free(m->file.at);
}

#endif
