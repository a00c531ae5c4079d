/* train_files.h: a folder of a test's own, and trainings small enough for it. */
#ifndef LAC_TEST_TRAIN_FILES_H
#define LAC_TEST_TRAIN_FILES_H

#include "test.h"

#include "laconic_train.h"
#include "memory_io.h"

#include <unistd.h>

static char folder[] = "/tmp/laconic-test-XXXXXX";

static inline void make_folder(void)
{
	if (!mkdtemp(folder)) {
		perror(folder);
		exit(1);
	}
}

/* A name in the folder; the last 32 stay valid. */
static inline const char *in_folder(const char *name)
{
	static char paths[32][256];
	static unsigned next;
	char *path = paths[next++ % 32];

	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

static inline void remove_folder(void)
{
	char command[300];

	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0)
		perror(folder);
}

static inline const char *write_file(const char *name, const void *bytes, size_t n_bytes)
{
	const char *path = in_folder(name);
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(bytes, 1, n_bytes, file) != n_bytes || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
	return path;
}

static inline const char *write_text(const char *name, const char *text)
{
	return write_file(name, text, strlen(text));
}

/* A model of two layers, trained on one file for some steps, on one thread. */
static inline struct lac_train_options small_training(const char *const *file, const char *output, uint64_t n_steps)
{
	struct lac_train_options o;

	lac_train_defaults(&o);
	o.texts.files = file;
	o.texts.n_files = 1;
	o.output = output;
	o.n_steps = n_steps;
	o.warmup_steps = 5;
	o.batch_rows = 3;
	o.dim = 32;
	o.ffn_dim = 48;
	o.n_layers = 2;
	o.n_heads = 4;
	o.n_kv_heads = 2;
	o.n_vocabulary = 300;
	o.context = 48;
	o.n_threads = 1;
	return o;
}

static inline bool same_files(const char *a, const char *b)
{
	struct bytes x = read_file(a), y = read_file(b);
	const bool is_same = x.length > 0 && same_bytes(x, y.at, y.length);

	free(x.at);
	free(y.at);
	return is_same;
}

static inline bool is_absent(const char *path)
{
	char unfinished[300];

	snprintf(unfinished, sizeof unfinished, "%s.unfinished", path);
	return access(path, F_OK) != 0 && access(unfinished, F_OK) != 0;
}

#endif
