/* Laws of clusters of texts: test_train_cluster DIRECTORY_OF_MODELS. No line is lost or changed,
 * texts go back to where they were, and what fails leaves nothing. */
#include "base/strict_float.h"
#include "train_files.h"

#include "train/states.h"

#include <math.h>

static const char *directory;

static const char *model_path(const char *name)
{
	static char path[300];

	snprintf(path, sizeof path, "%s/%s.gguf", directory, name);
	return path;
}

/* ---- States ----------------------------------------------------------------------- */

struct results {
	float *values; /* [rows][n] */
	size_t n, n_rows;
};

static void keep(void *context, const struct lac_row *row, float *values)
{
	struct results *results = context;

	(void)row;
	memcpy(results->values + results->n_rows++ * results->n, values, results->n * sizeof *values);
}

#define N_ROWS 30u

/* The output matrix times a state is the logits, but for the rounding of activations to 8 bits. */
static void states_are_what_logits_are_made_of(void)
{
	static struct lac_row rows[N_ROWS];
	struct lac_model *model = NULL;
	struct lac_session *session = NULL;
	struct lac_error error;
	const uint64_t saved = lac_float_environment_enter();
	struct results states, logits;
	uint64_t seed = 4;

	if (lac_model_open_file(&model, model_path("untied"), NULL, &error) || lac_session_create(&session, model, lac_model_window(model), 1, 0, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	states = (struct results){ calloc(N_ROWS, model->shape.dim * sizeof(float)), model->shape.dim, 0 };
	logits = (struct results){ calloc(N_ROWS, model->shape.n_vocabulary * sizeof(float)), model->shape.n_vocabulary, 0 };
	for (uint32_t i = 0; i < N_ROWS; i++)
		rows[i] = (struct lac_row){ .position = i, .token = (uint32_t)(test_random(&seed) % model->shape.n_vocabulary),
			.wants_logits = i % 3 != 1 };
	lac_session_states(session, rows, N_ROWS, keep, &states);
	lac_session_evaluate(session, rows, N_ROWS, keep, &logits);
	CHECK(states.n_rows == 20 && logits.n_rows == 20);
	for (size_t row = 0; row < states.n_rows; row++) {
		const float *state = states.values + row * states.n;
		double largest = 0.0, error_most = 0.0;
		float weights[512];

		for (uint32_t token = 0; token < logits.n; token++) {
			const double logit = logits.values[row * logits.n + token];
			double dot = 0.0;

			lac_packed_get_row(lac_weights_output(&model->weights), token, weights);
			for (size_t k = 0; k < states.n; k++)
				dot += (double)weights[k] * state[k];
			largest = fmax(largest, fabs(logit));
			error_most = fmax(error_most, fabs(logit - dot));
		}
		CHECK_NOTE(largest > 0.0 && error_most < 0.03 * largest, "row %zu: %g of %g", row, error_most, largest);
	}
	free(states.values);
	free(logits.values);
	lac_session_free(&session);
	lac_model_close(&model);
	lac_float_environment_restore(saved);
}

static void a_text_is_the_mean_of_its_beginnings_states(void)
{
	static const char text[] = "A text of some words, and of some more.\n";
	struct lac_model *model = NULL;
	struct lac_error error;
	const uint64_t saved = lac_float_environment_enter();
	struct lac_states *states = malloc(sizeof *states);
	struct lac_symbols symbols = { 0 };
	struct results one_by_one;
	char *beginning = malloc(1u << 20);
	float *mean, *long_mean, *cut_mean;
	uint32_t dim;

	if (lac_model_open_file(&model, model_path("tiny"), NULL, &error) || lac_states_create(states, model, &error) ||
	    lac_tokenize(model->tokenizer, (const uint8_t *)text, strlen(text), &symbols, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	dim = model->shape.dim;
	mean = calloc(3, dim * sizeof *mean);
	long_mean = mean + dim;
	cut_mean = long_mean + dim;
	one_by_one = (struct results){ calloc(symbols.length, dim * sizeof(float)), dim, 0 };
	CHECK(!lac_states_embed(states, mean, (const uint8_t *)text, strlen(text), &error));
	for (uint32_t i = 0; i <= symbols.length; i++) {
		const struct lac_row row = { .position = i, .wants_logits = i > 0,
			.token = i ? symbols.at[i - 1] : lac_tokenizer_bos(model->tokenizer) };

		lac_session_states(states->session, &row, 1, keep, &one_by_one);
	}
	for (uint32_t k = 0; k < dim; k++) {
		double sum = 0.0;

		for (size_t i = 0; i < symbols.length; i++)
			sum += one_by_one.values[i * dim + k];
		CHECK_NOTE(fabs(sum / (double)symbols.length - mean[k]) < 1e-5, "dimension %u", (unsigned)k);
	}

	/* what is behind the first 256 tokens, or the window, changes nothing */
	for (size_t i = 0; i < 1u << 20; i++)
		beginning[i] = text[i % strlen(text)];
	CHECK(!lac_states_embed(states, long_mean, (uint8_t *)beginning, 1u << 20, &error));
	memset(beginning + 8000, 'x', (1u << 20) - 8000);
	CHECK(!lac_states_embed(states, cut_mean, (uint8_t *)beginning, 1u << 20, &error));
	CHECK(memcmp(long_mean, cut_mean, dim * sizeof *mean) == 0 && memcmp(long_mean, mean, dim * sizeof *mean) != 0);
	CHECK(!lac_states_embed(states, mean, NULL, 0, &error));
	for (uint32_t k = 0; k < dim; k++)
		CHECK(mean[k] == 0.0f);
	free(one_by_one.values);
	free(mean);
	free(beginning);
	lac_symbols_free(&symbols);
	lac_states_free(states);
	free(states);
	lac_model_close(&model);
	lac_float_environment_restore(saved);
}

/* ---- Folders ---------------------------------------------------------------------- */

#define N_TEXTS 90u
#define N_TOPICS 3u

/* JSON lines about three things: text i is of topic i % 3. */
static const char *write_topics(void)
{
	static const char *const words[N_TOPICS][8] = { { "boil", "flour", "oven", "salt", "butter", "whisk", "dough", "bake" },
		{ "if (x)", "return", "int y;", "{", "}", "for (;;)", "x++;", "while" }, { "orbit", "planet", "comet", "moon", "gravity", "star",
		"telescope", "dust" } };
	char lines[N_TEXTS * 400];
	uint64_t seed = 6;
	size_t n = 0;

	for (unsigned i = 0; i < N_TEXTS; i++) {
		n += (size_t)snprintf(lines + n, sizeof lines - n, "{\"topic\": %u, \"text\":\"", i % N_TOPICS);
		for (unsigned k = 0; k < 30; k++)
			n += (size_t)snprintf(lines + n, sizeof lines - n, "%s\\u0020", words[i % N_TOPICS][test_random(&seed) % 8]);
		n += (size_t)snprintf(lines + n, sizeof lines - n, "\"}%s\n", i % 4 ? "" : "\r\n");
	}
	return write_file("topics", lines, n);
}

static struct lac_cluster_options clusters_of(const char *const *file, uint32_t n_clusters, enum lac_embedding embedding, const char *output)
{
	struct lac_cluster_options o;

	lac_cluster_defaults(&o);
	o.texts.files = file;
	o.texts.n_files = 1;
	o.texts.field = "text";
	o.n_clusters = n_clusters;
	o.embedding = embedding;
	o.model = model_path("tiny");
	o.n_threads = 2;
	o.output = output;
	return o;
}

struct told {
	uint32_t clusters[N_TEXTS + 1];
	size_t n, n_sum;
	uint64_t cancel_at;
};

static bool on_text(void *payload, const char *file, uint64_t line, uint32_t cluster)
{
	struct told *told = payload;

	(void)line;
	CHECK(file != NULL && told->n < N_TEXTS + 1);
	told->clusters[told->n++] = cluster;
	return true;
}

static bool on_cluster(void *payload, const struct lac_cluster *cluster)
{
	struct told *told = payload;

	CHECK(cluster->n_texts > 0 && cluster->n_bytes > 0 && cluster->nearness > 0.0 && cluster->nearness < 1.001);
	told->n_sum += cluster->n_texts;
	return true;
}

static bool on_progress(void *payload, uint64_t n_embedded, uint64_t n_texts)
{
	struct told *told = payload;

	CHECK(n_embedded <= n_texts);
	return !told->cancel_at || n_embedded < told->cancel_at;
}

static void told_by(struct lac_cluster_options *o, struct told *told)
{
	*told = (struct told){ .n = 0 };
	o->on_text = on_text;
	o->on_cluster = on_cluster;
	o->on_progress = on_progress;
	o->payload = told;
}

/* Takes the line of each text from the file of its cluster, in order, as a reader of both would;
 * all must be used up. */
static void check_lines(const char *output, const struct bytes *source, const struct told *told, uint32_t n_clusters)
{
	struct bytes texts[8];
	size_t at[8] = { 0 }, first = 0, text = 0;
	bool is_same = true;

	for (uint32_t g = 0; g < n_clusters; g++) {
		char path[400];

		snprintf(path, sizeof path, "%s/%03u/texts.jsonl", output, (unsigned)g);
		texts[g] = read_file(path);
	}
	while (is_same && first < source->length) {
		const size_t n = (size_t)((uint8_t *)memchr(source->at + first, '\n', source->length - first) - (source->at + first)) + 1;

		if (source->at[first] == '{') {
			const uint32_t g = told->clusters[text++];

			is_same = texts[g].length - at[g] >= n && memcmp(texts[g].at + at[g], source->at + first, n) == 0;
			at[g] += n;
		}
		first += n;
	}
	CHECK(is_same && text == told->n);
	for (uint32_t g = 0; g < n_clusters; g++) {
		CHECK(at[g] == texts[g].length);
		free(texts[g].at);
	}
}

static bool same_folders(const char *a, const char *b)
{
	char command[900];

	snprintf(command, sizeof command, "diff -r '%s' '%s' >&2", a, b);
	return system(command) == 0;
}

static void topics_are_found_and_no_line_changes(void)
{
	const char *file = write_topics(), *output = in_folder("found");
	struct lac_cluster_options o = clusters_of(&file, N_TOPICS, LAC_NGRAMS, output);
	struct bytes source = read_file(file);
	struct lac_error error = { .text = "" };
	struct told told;

	told_by(&o, &told);
	CHECK_NOTE(!lac_cluster(&o, &error), "%s", error.text);
	CHECK(told.n == N_TEXTS && told.n_sum == N_TEXTS);
	for (size_t i = 0; i < told.n; i++)
		for (size_t j = 0; j < i; j++)
			CHECK_NOTE((told.clusters[i] == told.clusters[j]) == (i % N_TOPICS == j % N_TOPICS), "texts %zu and %zu", i, j);
	check_lines(output, &source, &told, N_TOPICS);
	free(source.at);
}

static void texts_are_assigned_to_their_own_clusters(void)
{
	for (enum lac_embedding embedding = LAC_NGRAMS; embedding <= LAC_STATES; embedding++) {
		const char *file = write_topics(), *output = in_folder(embedding ? "states" : "ngrams");
		const char *again = in_folder(embedding ? "states-again" : "ngrams-again"), *threads = in_folder(embedding ? "states-1" : "ngrams-1");
		struct lac_cluster_options o = clusters_of(&file, 6, embedding, output);
		struct lac_error error = { .text = "" };
		struct told told, assigned;
		struct bytes source = read_file(file);

		told_by(&o, &told);
		CHECK_NOTE(!lac_cluster(&o, &error), "%s", error.text);
		check_lines(output, &source, &told, 6);
		free(source.at);
		o.n_threads = 1;
		o.output = threads;
		told_by(&o, &assigned);
		CHECK(!lac_cluster(&o, &error) && same_folders(output, threads));

		o.assign = output;
		o.n_clusters = 0;
		o.embedding = embedding ? LAC_NGRAMS : LAC_STATES; /* the folder's counts */
		o.output = again;
		told_by(&o, &assigned);
		CHECK_NOTE(!lac_cluster(&o, &error), "%s", error.text);
		CHECK(assigned.n == N_TEXTS && memcmp(told.clusters, assigned.clusters, sizeof told.clusters) == 0);
		CHECK(same_folders(output, again));
	}
}

/* The others' being there changes nothing, and a text without a word is a text. */
static void a_text_is_assigned_by_itself(void)
{
	static const char alone[] = "{\"text\": \"boil flour in the oven, salt and butter, whisk the dough, bake\"}\n{\"text\": \"\"}\n";
	const char *file = write_topics(), *others = in_folder("alone");
	struct lac_cluster_options o = clusters_of(&file, N_TOPICS, LAC_NGRAMS, in_folder("home"));
	struct lac_error error = { .text = "" };
	struct told told, assigned;

	told_by(&o, &told);
	CHECK(!lac_cluster(&o, &error));
	others = write_text("alone", alone);
	o.texts.files = &others;
	o.assign = o.output;
	o.output = NULL;
	told_by(&o, &assigned);
	o.on_cluster = NULL; /* some are empty */
	CHECK_NOTE(!lac_cluster(&o, &error), "%s", error.text);
	CHECK(assigned.n == 2 && assigned.clusters[0] == told.clusters[0] && assigned.clusters[1] < N_TOPICS);
}

static void plain_files_are_texts(void)
{
	const char *files[4] = { write_text("a", "bread and butter and bread"), write_text("b", "x = y + 1; x = x + 1;"),
		write_text("c", "butter and bread"), write_text("d", "x = y; x = x + 1;") };
	struct lac_cluster_options o = clusters_of(files, 2, LAC_NGRAMS, in_folder("plain"));
	struct lac_error error = { .text = "" };
	struct told told;
	struct bytes names;
	char path[400], wanted[700];

	o.texts.n_files = 4;
	o.texts.field = NULL;
	told_by(&o, &told);
	CHECK_NOTE(!lac_cluster(&o, &error), "%s", error.text);
	CHECK(told.n == 4 && told.clusters[0] == told.clusters[2] && told.clusters[1] == told.clusters[3] && told.clusters[0] != told.clusters[1]);
	snprintf(path, sizeof path, "%s/%03u/files", o.output, (unsigned)told.clusters[0]);
	names = read_file(path);
	snprintf(wanted, sizeof wanted, "%s\n%s\n", files[0], files[2]);
	CHECK(same_bytes(names, wanted, strlen(wanted)));
	free(names.at);
}

/* ---- What cannot be --------------------------------------------------------------- */

static void what_cannot_be_is_said_and_leaves_nothing(void)
{
	const char *file = write_topics(), *same = write_text("same", "{\"text\": \"word\"}\n{\"text\": \"word\"}\n{\"text\": \"word\"}\n"),
		*empty = write_text("none", "{\"text\": \"\"}\n{\"text\": \"\"}\n"), *blank = write_text("blank", "\n \n"),
		*bad = write_text("bad", "{\"text\": \"a\"}\n{\"text\": 1}\n"), *missing = in_folder("missing"), *output = in_folder("bad-clusters");
	const struct { const char *const *file; uint32_t n_clusters, n_restarts; const char *field, *said; enum lac_status status; } cases[] = {
		{ &file, 0, 1, "text", "0 clusters", LAC_BAD_ARGUMENT }, { &file, 1001, 1, "text", "1001 clusters", LAC_BAD_ARGUMENT },
		{ &file, N_TEXTS + 1, 1, "text", "91 clusters of 90 texts", LAC_BAD_ARGUMENT }, { &file, 3, 0, "text", "restarts", LAC_BAD_ARGUMENT },
		{ &same, 2, 1, "text", "1 are different", LAC_BAD_ARGUMENT }, { &empty, 2, 1, "text", "1 are different", LAC_BAD_ARGUMENT },
		{ &blank, 1, 1, "text", "no text", LAC_BAD_ARGUMENT }, { &bad, 1, 1, "text", "bad, line 2", LAC_READ_FAILED },
		{ &file, 3, 1, "response", "topics, line 1", LAC_READ_FAILED }, { &missing, 3, 1, "text", "missing", LAC_READ_FAILED },
	};
	struct lac_error error;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lac_cluster_options o = clusters_of(cases[i].file, cases[i].n_clusters, LAC_NGRAMS, output);
		enum lac_status s;

		o.n_restarts = cases[i].n_restarts;
		o.texts.field = cases[i].field;
		error = (struct lac_error){ .text = "" };
		s = lac_cluster(&o, &error);
		CHECK_NOTE(s == cases[i].status && strstr(error.text, cases[i].said), "%s: %d, %s", cases[i].said, (int)s, error.text);
		CHECK_NOTE(is_absent(output), "%s", cases[i].said);
	}
}

static void folders_that_are_there_are_left_alone(void)
{
	const char *file = write_topics();
	struct lac_cluster_options o = clusters_of(&file, N_TOPICS, LAC_NGRAMS, in_folder("mine"));
	struct lac_error error = { .text = "" };
	char with_slash[300];

	CHECK(!lac_cluster(&o, &error));
	CHECK(lac_cluster(&o, &error) == LAC_BAD_ARGUMENT && strstr(error.text, "exists already"));
	snprintf(with_slash, sizeof with_slash, "%s//", o.output);
	o.output = with_slash;
	CHECK(lac_cluster(&o, &error) == LAC_BAD_ARGUMENT && strstr(error.text, "exists already"));
	o.output = in_folder("no/such/folder");
	CHECK(lac_cluster(&o, &error) == LAC_WRITE_FAILED && strstr(error.text, "no/such/folder"));
	o.output = file;
	CHECK(lac_cluster(&o, &error) == LAC_BAD_ARGUMENT && strstr(error.text, "exists already"));
}

static void cancelling_leaves_nothing(void)
{
	const char *file = write_topics();

	for (uint64_t at = 1; at <= N_TEXTS; at += N_TEXTS - 1) {
		struct lac_cluster_options o = clusters_of(&file, N_TOPICS, LAC_STATES, in_folder("cancelled"));
		struct lac_error error = { .text = "" };
		struct told told;

		told_by(&o, &told);
		told.cancel_at = at;
		CHECK_NOTE(lac_cluster(&o, &error) == LAC_CANCELLED && is_absent(o.output), "at %u", (unsigned)at);
	}
}

static void centroids_belong_to_a_model(void)
{
	const char *file = write_topics();
	struct lac_cluster_options o = clusters_of(&file, N_TOPICS, LAC_STATES, in_folder("of-tiny"));
	struct lac_error error = { .text = "" };

	CHECK(!lac_cluster(&o, &error));
	o.assign = o.output;
	o.output = NULL;
	o.model = model_path("untied");
	CHECK(lac_cluster(&o, &error) == LAC_OTHER_MODEL && strstr(error.text, "another model"));
	o.assign = in_folder("nowhere");
	CHECK(lac_cluster(&o, &error) == LAC_READ_FAILED && strstr(error.text, "nowhere"));
}

/* Cut off anywhere, or one byte changed: an error or clusters, never a crash. */
static void damaged_centroids_are_survived(void)
{
	const char *few = write_text("few", "{\"text\": \"some words\"}\n");
	const char *file = write_topics(), *path;
	struct lac_cluster_options o = clusters_of(&file, 2, LAC_STATES, in_folder("damaged"));
	struct lac_error error = { .text = "" };
	struct bytes whole;
	uint64_t seed = 15;

	CHECK(!lac_cluster(&o, &error));
	path = in_folder("damaged/centroids.gguf");
	whole = read_file(path);
	o.assign = o.output;
	o.output = NULL;
	o.texts.files = &few;
	for (size_t n = 1; n < whole.length; n += 1 + whole.length / 40) {
		write_file("damaged/centroids.gguf", whole.at, n);
		error = (struct lac_error){ .text = "" };
		CHECK_NOTE(lac_cluster(&o, &error) != LAC_OK && error.text[0], "%zu bytes", n);
	}
	for (unsigned i = 0; i < 60; i++) {
		const size_t at = test_random(&seed) % (whole.length < 600 ? whole.length : 600);
		const uint8_t kept = whole.at[at];

		whole.at[at] = (uint8_t)test_random(&seed);
		write_file("damaged/centroids.gguf", whole.at, whole.length);
		error = (struct lac_error){ .text = "" };
		CHECK_NOTE(lac_cluster(&o, &error) == LAC_OK || error.text[0], "byte %zu is %u", at, (unsigned)whole.at[at]);
		whole.at[at] = kept;
	}
	free(whole.at);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: test_train_cluster DIRECTORY_OF_MODELS\n");
		return 1;
	}
	directory = argv[1];
	make_folder();
	LAW(states_are_what_logits_are_made_of);
	LAW(a_text_is_the_mean_of_its_beginnings_states);
	LAW(topics_are_found_and_no_line_changes);
	LAW(texts_are_assigned_to_their_own_clusters);
	LAW(a_text_is_assigned_by_itself);
	LAW(plain_files_are_texts);
	LAW(what_cannot_be_is_said_and_leaves_nothing);
	LAW(folders_that_are_there_are_left_alone);
	LAW(cancelling_leaves_nothing);
	LAW(centroids_belong_to_a_model);
	LAW(damaged_centroids_are_survived);
	remove_folder();
	return test_report();
}
