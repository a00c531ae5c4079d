/* self.c: how fast the engine is beside what the CPU could do.
 *
 *     bench/self [--model MODEL.gguf] [--kernels NAME] [--threads N] [--batch N] [--text]
 *         [--rates] < records (NUL-terminated; with --text one text)
 *
 * The peak is what the kernels' own product instructions reach from registers, measured in the same
 * run, all threads at once; a fraction of it is 2 x weight multiplications a token x tokens/s /
 * peak, so attention, norms, softmax and everything evaluated again count as loss. The profile
 * comes from a kernel table that times its own calls. */
#include "base/strict_float.h"
#include "base/memory.h"
#include "kernels/packed.h"
#include "model/model.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *text)
{
	fprintf(stderr, "%s\n", text);
	exit(1);
}

/* ---- Peak and products ------------------------------------------------------- */

/* Operations (two a multiply-add) a second: the best of five runs. */
static double measure_peak(const struct lac_kernels *kernels)
{
	double best = 0;

	for (unsigned run = 0; run < 5; run++) {
		double started = now(), n = 0;

		do
			n += 2.0 * (double)kernels->peak(100000);
		while (now() - started < 0.1);
		n /= now() - started;
		best = n > best ? n : best;
	}
	return best;
}

struct peak {
	pthread_t thread;
	const struct lac_kernels *kernels;
	double rate;
};

static void *run_peak(void *payload)
{
	struct peak *p = payload;

	p->rate = measure_peak(p->kernels);
	return NULL;
}

/* Of all of n threads at once, which may be less than n times that of one. */
static double measure_peak_of(const struct lac_kernels *kernels, unsigned n)
{
	struct peak peaks[LAC_THREADS_MAX] = { 0 };
	double sum = 0;

	for (unsigned i = 0; i < n; i++) {
		peaks[i].kernels = kernels;
		if (pthread_create(&peaks[i].thread, NULL, run_peak, &peaks[i]) != 0)
			die("no thread");
	}
	for (unsigned i = 0; i < n; i++) {
		pthread_join(peaks[i].thread, NULL);
		sum += peaks[i].rate;
	}
	return sum;
}

static double measure_matmul(const struct lac_kernels *kernels, uint32_t n_rows, uint32_t n_in, uint32_t n_out)
{
	const uint32_t n_groups = (n_in - 1) / LAC_GROUP + 1;
	struct lac_rows x = { lac_aligned_calloc(n_rows, n_in), lac_aligned_calloc(n_rows * sizeof(float), n_groups), n_in, n_groups };
	float *y = lac_aligned_calloc(n_rows * sizeof *y, LAC_ROUND_UP(n_out, LAC_LANES)), scales[64];
	struct lac_arena arena = { NULL, 0 };
	struct lac_packed w;
	int8_t row[4096];
	double best = 0;

	if (!x.values || !x.scales || !y || !lac_packed_create(&w, &arena, n_out, n_in) || n_in > sizeof row || n_groups > 64)
		die("no memory");
	for (uint32_t i = 0; i < n_groups; i++)
		scales[i] = 0x1p-10f;
	for (uint32_t i = 0; i < n_out; i++) {
		for (uint32_t j = 0; j < n_in; j++)
			row[j] = (int8_t)(rand() % 255 - 127);
		lac_packed_set_row(&w, i, row, scales);
	}
	for (size_t i = 0; i < (size_t)n_rows * n_in; i++)
		x.values[i] = (int8_t)(rand() % 255 - 127);
	for (size_t i = 0; i < (size_t)n_rows * n_groups; i++)
		x.scales[i] = 0x1p-9f;
	for (unsigned run = 0; run < 5; run++) {
		double started = now(), n = 0;

		do {
			kernels->matmul(y, LAC_ROUND_UP(n_out, LAC_LANES), &x, n_rows, &w, 0, w.n_tiles);
			n += 2.0 * n_rows * n_in * n_out;
		} while (now() - started < 0.1);
		n /= now() - started;
		best = n > best ? n : best;
	}
	lac_arena_free(&arena);
	lac_aligned_free(x.values);
	lac_aligned_free(x.scales);
	lac_aligned_free(y);
	return best;
}

/* ---- A table that times its calls; for one thread ----------------------------- */

enum part { QUANTIZE, WEIGHTS, SCORES, NORM, ROTATE, SOFTMAX, MIX, STORE, GATE, ADD, FREQUENCIES, N_PARTS };
static const char *const part_names[] = { "quantising", "products with weights", "attention scores", "norms", "rotation",
	"attention softmax", "attention mixture", "storing values", "gate", "residual sums", "frequencies" };
static double seconds[N_PARTS];
static const struct lac_kernels *timed;
static uint32_t scores_n_out, scores_n_in; /* a packed matrix of this shape is a cache of keys */
static double weight_operations;           /* two a multiply-add, in products with weights */

#define TIMED(part, call) do { double started_ = now(); call; seconds[part] += now() - started_; } while (0)

static void quantize(int8_t *values, float *scales, const float *x, size_t n)
{
	TIMED(QUANTIZE, timed->quantize(values, scales, x, n));
}

static void quantize_activations(int8_t *values, float *scales, const float *x, size_t n)
{
	TIMED(QUANTIZE, timed->quantize_activations(values, scales, x, n));
}

static void matmul(float *y, size_t stride_y, const struct lac_rows *x, size_t n_rows, const struct lac_packed *w,
	uint32_t first_tile, uint32_t end_tile)
{
	const bool is_weights = w->n_out != scores_n_out || w->n_in != scores_n_in;

	TIMED(is_weights ? WEIGHTS : SCORES, timed->matmul(y, stride_y, x, n_rows, w, first_tile, end_tile));
	weight_operations += is_weights ? 2.0 * (double)n_rows * w->n_out * w->n_in : 0;
}

static void norm(float *y, const float *x, const float *weight, size_t n, float epsilon)
{
	TIMED(NORM, timed->norm(y, x, weight, n, epsilon));
}

static void rotate(float *x, const float *cosines, const float *sines, size_t half)
{
	TIMED(ROTATE, timed->rotate(x, cosines, sines, half));
}

static float softmax(int8_t *weights, float *scales, const float *scores, size_t first, size_t end, size_t n_padded,
	const float *value_scales)
{
	float factor;

	TIMED(SOFTMAX, factor = timed->softmax(weights, scales, scores, first, end, n_padded, value_scales));
	return factor;
}

static void mix(float *out, size_t stride_out, const struct lac_weight_rows *weights, size_t n_rows, const struct lac_value_cache *cache)
{
	TIMED(MIX, timed->mix(out, stride_out, weights, n_rows, cache));
}

static void store_value(const struct lac_value_cache *cache, uint32_t position, const float *x, size_t n)
{
	TIMED(STORE, timed->store_value(cache, position, x, n));
}

static void gate(float *g, const float *up, size_t n)
{
	TIMED(GATE, timed->gate(g, up, n));
}

static void add(float *x, const float *y, size_t n)
{
	TIMED(ADD, timed->add(x, y, n));
}

static void frequencies(uint32_t *f, uint64_t *sums, float *logits, size_t n, size_t n_padded)
{
	TIMED(FREQUENCIES, timed->frequencies(f, sums, logits, n, n_padded));
}

/* ---- Whole texts ---------------------------------------------------------------- */

struct bytes {
	uint8_t *at;
	size_t length, capacity, read;
};

static bool append(void *payload, const void *more, size_t n)
{
	struct bytes *bytes = payload;

	if (bytes->length + n > bytes->capacity) {
		bytes->capacity = 2 * (bytes->length + n);
		bytes->at = realloc(bytes->at, bytes->capacity);
		if (!bytes->at)
			die("no memory");
	}
	memcpy(bytes->at + bytes->length, more, n);
	bytes->length += n;
	return true;
}

static bool take(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	struct bytes *bytes = payload;
	size_t left = bytes->length - bytes->read;

	*n_read = left < capacity ? left : capacity;
	memcpy(buffer, bytes->at + bytes->read, *n_read);
	bytes->read += *n_read;
	return true;
}

/* Compresses and restores; returns seconds each, and the statistics of compression. */
static void run(const struct lac_model *model, const struct bytes *text, const struct lac_options *options, double took[2],
	struct lac_stats *stats)
{
	struct bytes from = *text, packed = { 0 }, restored = { 0 };
	struct lac_error error = { 0 };
	double started = now();

	from.read = 0;
	if (lac_compress(model, (struct lac_source){ take, &from }, (struct lac_sink){ append, &packed }, options, stats, &error))
		die(error.text);
	took[0] = now() - started;
	started = now();
	if (lac_decompress(model, (struct lac_source){ take, &packed }, (struct lac_sink){ append, &restored }, options, NULL, &error))
		die(error.text);
	took[1] = now() - started;
	if (restored.length != text->length || memcmp(restored.at, text->at, text->length) != 0)
		die("the text did not come back");
	free(packed.at);
	free(restored.at);
}

static void report_rates(const struct lac_model *model, const struct bytes *text, const struct lac_options *options)
{
	const double peak = measure_peak_of(model->kernels, options->n_threads);
	const struct lac_packed *output = lac_weights_output(&model->weights);
	double multiplications = (double)output->n_out * output->n_in, took[2];
	struct lac_stats stats;

	for (uint32_t i = 0; i < model->shape.n_layers; i++) {
		const struct lac_layer *layer = &model->weights.layers[i];

		multiplications += (double)layer->qkv.n_out * layer->qkv.n_in + (double)layer->attention_out.n_out * layer->attention_out.n_in +
			(double)layer->gate_up.n_out * layer->gate_up.n_in + (double)layer->down.n_out * layer->down.n_in;
	}
	run(model, text, options, took, &stats);
	printf("%u threads, peak %.0f GOPS: %llu -> %llu bytes, %llu tokens, %.2f M weight multiplications a token\n", options->n_threads, peak / 1e9,
		(unsigned long long)stats.bytes_in, (unsigned long long)stats.bytes_out, (unsigned long long)stats.n_tokens,
		multiplications / 1e6);
	for (unsigned i = 0; i < 2; i++)
		printf("  %s  %8.1f kB/s  %8.0f tokens/s  %5.1f%% of the peak\n", i ? "decode" : "encode",
			(double)stats.bytes_in / took[i] / 1e3, (double)stats.n_tokens / took[i],
			100 * 2 * multiplications * (double)stats.n_tokens / took[i] / peak);
	printf("  decode / encode  %.2f\n", took[0] / took[1]);
}

static void report_profile(struct lac_model *model, const struct bytes *text, struct lac_options options, double peak)
{
	static struct lac_kernels table;
	struct lac_stats stats;
	double parts[2][N_PARTS], took[2], rates[2], per_token[2];
	struct bytes from = *text, packed = { 0 }, restored = { 0 };
	struct lac_error error = { 0 };

	timed = model->kernels;
	table = *timed;
	table.quantize = quantize, table.quantize_activations = quantize_activations, table.matmul = matmul, table.norm = norm, table.rotate = rotate, table.softmax = softmax;
	table.mix = mix, table.store_value = store_value, table.gate = gate, table.add = add, table.frequencies = frequencies;
	scores_n_out = (uint32_t)LAC_ROUND_UP(lac_model_window(model), LAC_GROUP);
	scores_n_in = model->shape.head_dim;
	model->kernels = &table;
	options.n_threads = 1;
	for (unsigned i = 0; i < 2; i++) {
		double started = now();

		memset(seconds, 0, sizeof seconds);
		weight_operations = 0;
		if (i ? lac_decompress(model, (struct lac_source){ take, &packed }, (struct lac_sink){ append, &restored }, &options, NULL, &error)
		      : lac_compress(model, (struct lac_source){ take, &from }, (struct lac_sink){ append, &packed }, &options, &stats, &error))
			die(error.text);
		took[i] = now() - started;
		memcpy(parts[i], seconds, sizeof seconds);
		rates[i] = weight_operations / seconds[WEIGHTS];
		per_token[i] = weight_operations / (double)stats.n_tokens;
	}
	model->kernels = timed;
	printf("microseconds a token, 1 thread, timing included:\n  %-24s %9s %9s\n", "", "encode", "decode");
	for (unsigned part = 0; part <= N_PARTS; part++) {
		double us[2];

		for (unsigned i = 0; i < 2; i++) {
			us[i] = part < N_PARTS ? parts[i][part] : took[i];
			for (unsigned other = 0; part == N_PARTS && other < N_PARTS; other++)
				us[i] -= parts[i][other];
		}
		printf("  %-24s %9.2f %9.2f\n", part < N_PARTS ? part_names[part] : "everything else", us[0] * 1e6 / (double)stats.n_tokens,
			us[1] * 1e6 / (double)stats.n_tokens);
	}
	printf("  %-24s %9.2f %9.2f\n", "all", took[0] * 1e6 / (double)stats.n_tokens, took[1] * 1e6 / (double)stats.n_tokens);
	for (unsigned i = 0; i < 2; i++)
		printf("  products with weights, %s: %.1f M operations a token, %.0f GOPS, %.1f%% of the peak\n", i ? "decode" : "encode",
			per_token[i] / 1e6, rates[i] / 1e9, 100 * rates[i] / peak);
	free(packed.at);
	free(restored.at);
}

int main(int argc, char **argv)
{
	struct lac_options options = { .records = LAC_RECORDS_NUL };
	unsigned n_threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	const char *path = NULL;
	struct lac_error error = { 0 };
	struct lac_model *model = NULL;
	struct bytes text = { 0 };
	uint8_t buffer[65536];
	double peak, started = now();
	bool only_rates = false; /* of all threads, without a profile */
	size_t n;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--text") == 0)
			options.records = LAC_RECORDS_NONE;
		else if (strcmp(argv[i], "--rates") == 0)
			only_rates = true;
		else if (i + 1 < argc && strcmp(argv[i], "--model") == 0)
			path = argv[++i];
		else if (i + 1 < argc && strcmp(argv[i], "--kernels") == 0)
			options.kernels = argv[++i];
		else if (i + 1 < argc && strcmp(argv[i], "--batch") == 0)
			options.batch_rows = (uint32_t)atoi(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--threads") == 0)
			n_threads = (unsigned)atoi(argv[++i]) % (LAC_THREADS_MAX + 1);
		else
			die("usage: self [--model MODEL.gguf] [--kernels NAME] [--threads N] [--batch N] [--text] [--rates] < records");
	}
	if (path ? lac_model_open_file(&model, path, &options, &error) : lac_model_open_default(&model, &options, &error))
		die(error.text);
	printf("model %s, %.2f M parameters, kernels %s, opened in %.0f ms\n", model->info.name, (double)model->info.n_parameters / 1e6,
		model->info.kernels, 1e3 * (now() - started));
	lac_float_environment_enter();
	peak = measure_peak(model->kernels);
	printf("peak %.0f GOPS a thread\n", peak / 1e9);
	for (uint32_t rows = 64; rows <= 512; rows *= 2) {
		double rate = measure_matmul(model->kernels, rows, 512, 1536);

		printf("  product of %3u rows, 512 -> 1536: %.0f GOPS, %.1f%%\n", (unsigned)rows, rate / 1e9, 100 * rate / peak);
	}
	while ((n = fread(buffer, 1, sizeof buffer, stdin)))
		append(&text, buffer, n);
	for (options.n_threads = only_rates ? n_threads : 1; text.length && options.n_threads <= n_threads; options.n_threads++)
		report_rates(model, &text, &options);
	if (text.length && !only_rates)
		report_profile(model, &text, options, peak);
	free(text.at);
	lac_model_close(&model);
	return 0;
}
