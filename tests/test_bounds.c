/* Laws of what an untrusted archive or model can cost: test_bounds [DIRECTORY] [--short]. Memory is
 * measured in children of this process. From the project's folder. */
#include "test.h"
#include "archive_builder.h"
#include "gguf_builder.h"
#include "memory_limit.h"

#include "codec/plan.h"
#include "engine/session.h"

#include <sys/wait.h>

#define MODELS "tests/golden/models/"
#define MIB ((uint64_t)1 << 20)
#define MEMORY (4 * MIB) /* enough for 64 streams of this model */

static struct lac_model *grouped;

/* ---- Peaks ---------------------------------------------------------------------- */

/* A number of /proc/self/status, in bytes; 0: it is not there. */
static uint64_t status_bytes(const char *name)
{
	unsigned long long kib = 0;
	char line[128];
	FILE *file = fopen("/proc/self/status", "r");

	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, name, strlen(name)) == 0 && sscanf(line + strlen(name), ": %llu", &kib) != 1)
			kib = 0;
	if (file)
		fclose(file);
	return kib << 10;
}

/* NULL: what a process takes can be measured. */
static const char *why_unmeasured(void)
{
#ifdef HAS_ASAN
	return "the sanitizer's own memory is more";
#else
	return status_bytes("VmHWM") ? NULL : "/proc/self/status does not say what a process takes";
#endif
}

typedef enum lac_status costly(void *payload);

struct cost {
	enum lac_status status;
	uint64_t bytes; /* the most it took beside what was there before */
};

/* Calls it in a child, so that nothing which an earlier call left free hides what it takes. */
static struct cost cost_of(costly *function, void *payload)
{
	struct cost cost = { LAC_OK, 0 };
	int ends[2], how = 0;
	pid_t child;

	fflush(NULL);
	if (pipe(ends))
		abort();
	child = fork();
	if (child == 0) {
		const uint64_t before = status_bytes("VmRSS");

		cost.status = function(payload);
		cost.bytes = status_bytes("VmHWM") - before;
		_exit(write(ends[1], &cost, sizeof cost) != sizeof cost);
	}
	close(ends[1]);
	CHECK(child > 0 && read(ends[0], &cost, sizeof cost) == sizeof cost);
	close(ends[0]);
	CHECK(waitpid(child, &how, 0) == child && how == 0);
	return cost;
}

/* ---- Archives that come as they are read ---------------------------------------- */

/* A header and `n` frames, made one by one: more than this test wants to hold. */
struct stream {
	const struct built_frame *frames; /* the first, then the second again and again */
	uint8_t flags;
	uint64_t n, ordinal;
	struct lac_buffer made;
	size_t at;
	unsigned n_threads;
	const char *name;
};

static bool stream_read(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	struct stream *stream = payload;

	if (stream->at == stream->made.length && stream->ordinal < stream->n) {
		lac_buffer_clear(&stream->made);
		stream->at = 0;
		if (stream->ordinal == 0)
			archive_write_header(&stream->made, LAC_FORMAT_VERSION, stream->flags);
		archive_write_frame(&stream->made, &stream->frames[stream->ordinal > 0], stream->ordinal, stream->ordinal + 1 == stream->n);
		stream->ordinal++;
	}
	*n_read = stream->made.length - stream->at < capacity ? stream->made.length - stream->at : capacity;
	memcpy(buffer, stream->made.bytes + stream->at, *n_read);
	stream->at += *n_read;
	return true;
}

static enum lac_status decode_stream(void *payload)
{
	struct stream *stream = payload;
	struct lac_options options = LAC_OPTIONS_DEFAULT;

	options.n_threads = stream->n_threads;
	options.memory_bytes = MEMORY;
	return lac_decompress(grouped, (struct lac_source){ stream_read, stream }, (struct lac_sink){ NULL, NULL }, &options, NULL, NULL);
}

static void put_claim(struct built_frame *frame, unsigned type, uint64_t n_text, const char *payload)
{
	*frame = (struct built_frame){ .tag = (uint8_t)type };
	/* or model 0 */
	lac_buffer_u8(&frame->body, type == LAC_FRAME_MIXED ? LAC_ARITHMETIC_VERSION : 0);
	lac_buffer_varint(&frame->body, n_text);
	if (type != LAC_FRAME_MIXED)
		lac_buffer_varint(&frame->body, 1);
	lac_buffer_u64(&frame->body, 0);
	lac_buffer_append(&frame->body, payload, strlen(payload));
}

/* laconic.h: --memory, and what comes beside it. */
static void no_archive_takes_more_than_is_stated(void)
{
	static const char high[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff"; /* no symbol */
	struct archive_builder records;
	struct built_frame stored[2] = { { .tag = LAC_FRAME_STORED }, { .tag = LAC_FRAME_STORED } }, texts[2], mixed[2], models[2], many[2];

	archive_load(&records, "tests/golden/archives/lines.lac");
	models[0] = models[1] = texts[0] = many[0] = records.frames[0];
	many[1] = records.frames[1];
	put_claim(&texts[1], LAC_FRAME_TEXT, LAC_BLOCK_BYTES_MAX, high);
	put_claim(&mixed[0], LAC_FRAME_MIXED, LAC_BLOCK_BYTES_MAX / 64, "");
	put_claim(&mixed[1], LAC_FRAME_MIXED, LAC_BLOCK_BYTES_MAX / 8, "");
	for (size_t i = 0; i < LAC_BLOCK_BYTES_MAX; i++)
		lac_buffer_u8(&stored[1].body, (uint8_t)i);
	lac_buffer_append(&stored[0].body, "first", 5);

	const struct stream streams[] = {
		{ .name = "stored blocks of 16 MiB", .frames = stored, .n = 40 },
		{ .name = "text blocks that claim 16 MiB", .frames = texts, .n = 1000 },
		{ .name = "mixed blocks of which every byte is claimed", .frames = mixed, .n = 3 },
		{ .name = "models", .frames = models, .n = LAC_FRAME_MODELS_MAX + 2 },
		{ .name = "records", .frames = many, .n = 200, .flags = LAC_RECORDS_LINES },
	};
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		for (unsigned n_threads = 1; n_threads <= 2; n_threads++) {
			struct stream stream = streams[i];
			struct cost cost;

			stream.n_threads = n_threads;
			cost = cost_of(decode_stream, &stream);
			CHECK_NOTE(cost.status == (i == 0 || i == 4 ? LAC_OK : LAC_CORRUPT), "%s: %d", stream.name, (int)cost.status);
			CHECK_NOTE(cost.bytes <= MEMORY + LAC_MEMORY_BESIDE + n_threads * LAC_MEMORY_THREAD, "%s, %u threads: %llu MiB", stream.name,
				n_threads, (unsigned long long)(cost.bytes / MIB));
		}
	lac_buffer_free(&stored[0].body);
	lac_buffer_free(&stored[1].body);
	lac_buffer_free(&texts[1].body);
	lac_buffer_free(&mixed[0].body);
	lac_buffer_free(&mixed[1].body);
	archive_free(&records);
}

/* ---- The limit -------------------------------------------------------------------- */

static void try_limit(const char *name, struct bytes archive, struct bytes text, uint64_t limit)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_error error = { .status = LAC_OK };
	struct bytes out;
	enum lac_status s;

	options.limit_bytes = limit;
	s = transfer(lac_decompress, grouped, archive.at, archive.length, 0, &options, &out, NULL, &error);
	CHECK_NOTE(s == (limit < text.length ? LAC_OVER_LIMIT : LAC_OK), "%s, limit %u: %d", name, (unsigned)limit, (int)s);
	CHECK_NOTE(out.length <= limit && (!out.length || memcmp(out.at, text.at, out.length) == 0), "%s, limit %u: %zu bytes", name,
		(unsigned)limit, out.length);
	CHECK_NOTE(!s || (strstr(error.text, ", block ") && error.offset), "%s", error.text);
	free(out.at);
}

/* Whatever the limit, a true beginning is given out, and all of it where it fits to the byte. */
static void a_limit_is_never_passed(void)
{
	static const char *const names[] = { "all-kinds", "nul", "concatenated", "stored-lines", "many-blocks" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[96];
		struct bytes archive, text;

		snprintf(path, sizeof path, "tests/golden/archives/%s.lac", names[i]);
		archive = read_file(path);
		snprintf(path, sizeof path, "tests/golden/archives/%s.txt", names[i]);
		text = read_file(path);
		for (uint64_t limit = 1; limit < text.length; limit += limit < 200 ? 5 : 97)
			try_limit(names[i], archive, text, limit);
		for (uint64_t limit = text.length - 1; limit <= text.length + 1; limit++)
			try_limit(names[i], archive, text, limit);
		free(archive.at);
		free(text.at);
	}
}

/* It comes before the model is asked for: nothing is decoded. */
static void a_block_over_the_limit_is_not_begun(void)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct bytes archive = read_file("tests/golden/hostile/bomb-text.lac"), out;

	CHECK(transfer(lac_decompress, NULL, archive.at, archive.length, 0, &options, &out, NULL, NULL) == LAC_OTHER_MODEL);
	free(out.at);
	options.limit_bytes = LAC_BLOCK_BYTES_MAX - 1;
	CHECK(transfer(lac_decompress, NULL, archive.at, archive.length, 0, &options, &out, NULL, NULL) == LAC_OVER_LIMIT);
	free(out.at);
	free(archive.at);
}

/* ---- Plans ------------------------------------------------------------------------ */

static void a_plan_keeps_within_the_memory(void)
{
	for (uint64_t memory = 1; memory < 1 << 30; memory += memory / 4 + 1)
		for (unsigned n_threads = 1; n_threads <= LAC_THREADS_MAX; n_threads *= 4)
			for (uint32_t rows = 0; rows <= LAC_BATCH_ROWS_MAX; rows += 512) {
				struct lac_options options = LAC_OPTIONS_DEFAULT;
				struct lac_plan plan;
				uint64_t taken;

				options.memory_bytes = memory;
				options.n_threads = n_threads;
				options.batch_rows = rows;
				plan = lac_plan_make(grouped, 48, &options, memory, 64);
				taken = plan.n_threads * (uint64_t)lac_session_bytes(grouped, plan.window, plan.n_slots, plan.batch_rows);
				CHECK_NOTE(plan.n_threads && plan.n_slots && plan.batch_rows, "memory %llu", (unsigned long long)memory);
				CHECK_NOTE(taken <= memory || (plan.n_threads == 1 && plan.n_slots == 1 && plan.batch_rows == 1),
					"memory %llu, %u threads, %u rows: %llu", (unsigned long long)memory, n_threads, (unsigned)rows,
					(unsigned long long)taken);
			}
}

/* ---- Models ----------------------------------------------------------------------- */

struct shape {
	const char *name;
	uint32_t dim, ffn, n_heads, head_dim, n_tokens;
	bool is_q4; /* where its rows are whole blocks: the smallest type that is read */
	/* SentencePiece, of runs of letters: as many pairs of tokens make one as bytes can spell */
	bool has_runs;
	uint64_t n_file; /* of the file as it was made */
	struct lac_buffer file;
};

static void add_matrix(struct gguf_builder *b, const struct shape *s, const char *name, uint32_t n_columns, uint32_t n_rows)
{
	const bool is_q4 = s->is_q4 && n_columns % 32 == 0;
	struct gguf_tensor *tensor = gguf_add_tensor(b, name, is_q4 ? LAC_TENSOR_Q4_0 : LAC_TENSOR_F16, n_columns, n_rows);
	const size_t n = (size_t)n_columns * (n_rows ? n_rows : 1), n_bytes = is_q4 ? n / 32 * 18 : 2 * n;

	if (!lac_buffer_reserve(&tensor->data, n_bytes))
		abort();
	memset(tensor->data.bytes, 0x11, n_bytes);
	tensor->data.length = n_bytes;
}

/* A type and a score for every token. */
static void add_numbers(struct gguf_builder *b, uint32_t n)
{
	struct lac_buffer *types = gguf_add(b, "tokenizer.ggml.token_type", LAC_GGUF_ARRAY);
	struct lac_buffer *scores = gguf_add(b, "tokenizer.ggml.scores", LAC_GGUF_ARRAY);

	gguf_put_array(types, LAC_GGUF_I32, n);
	gguf_put_array(scores, LAC_GGUF_F32, n);
	for (uint32_t i = 0; i < n; i++) {
		lac_buffer_u32(types, 1);
		gguf_put_f32(scores, 0.0f);
	}
}

static void make_shape(struct shape *s)
{
	struct gguf_builder b = { .alignment = 0 };
	const uint32_t q = s->n_heads * s->head_dim;
	struct lac_buffer *tokens;

	gguf_add_string(&b, "general.architecture", "llama");
	gguf_add_u32(&b, "llama.context_length", 2048);
	gguf_add_u32(&b, "llama.embedding_length", s->dim);
	gguf_add_u32(&b, "llama.block_count", 1);
	gguf_add_u32(&b, "llama.feed_forward_length", s->ffn);
	gguf_add_u32(&b, "llama.attention.head_count", s->n_heads);
	gguf_add_u32(&b, "llama.attention.key_length", s->head_dim);
	gguf_add_u32(&b, "llama.attention.value_length", s->head_dim);
	gguf_add_f32(&b, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
	gguf_add_string(&b, "tokenizer.ggml.model", s->has_runs ? "llama" : "gpt2");
	gguf_add_string(&b, "tokenizer.ggml.pre", "gpt-2");
	tokens = gguf_add(&b, "tokenizer.ggml.tokens", LAC_GGUF_ARRAY);
	gguf_put_array(tokens, LAC_GGUF_STRING, s->n_tokens);
	for (uint32_t i = 0; i < s->n_tokens; i++) {
		char run[1025] = { 0 };

		if (s->has_runs)
			memset(run, 'a' + (int)(i / 1024), i % 1024 + 1);
		gguf_put_string(tokens, s->has_runs ? run : i % 2 ? "a" : "");
	}
	if (s->has_runs)
		add_numbers(&b, s->n_tokens);
	else
		gguf_add_strings(&b, "tokenizer.ggml.merges", NULL, 0);
	gguf_add_u32(&b, "tokenizer.ggml.eos_token_id", 0);
	add_matrix(&b, s, "token_embd.weight", s->dim, s->n_tokens);
	add_matrix(&b, s, "blk.0.attn_norm.weight", s->dim, 0);
	add_matrix(&b, s, "blk.0.attn_q.weight", s->dim, q);
	add_matrix(&b, s, "blk.0.attn_k.weight", s->dim, q);
	add_matrix(&b, s, "blk.0.attn_v.weight", s->dim, q);
	add_matrix(&b, s, "blk.0.attn_output.weight", q, s->dim);
	add_matrix(&b, s, "blk.0.ffn_norm.weight", s->dim, 0);
	add_matrix(&b, s, "blk.0.ffn_gate.weight", s->dim, s->ffn);
	add_matrix(&b, s, "blk.0.ffn_up.weight", s->dim, s->ffn);
	add_matrix(&b, s, "blk.0.ffn_down.weight", s->ffn, s->dim);
	add_matrix(&b, s, "output_norm.weight", s->dim, 0);
	s->file = gguf_write(&b);
	gguf_free(&b);
}

static enum lac_status open_shape(void *payload)
{
	const struct shape *shape = payload;
	struct lac_model *model = NULL;
	struct lac_error error;
	enum lac_status s = lac_model_open_memory(&model, shape->file.bytes, shape->file.length, NULL, &error);

	if (s && !strstr(error.text, "out of proportion") && !strstr(error.text, "pairs of tokens"))
		fprintf(stderr, "%s: %s\n", shape->name, error.text);
	lac_model_close(&model);
	return s;
}

/* Shapes that no one trains: the padding of tiles and groups, and keys and values, are most of
 * them. */
static void no_model_takes_more_than_is_stated(void)
{
	static struct { struct shape shape; enum lac_status expected; } trials[] = {
		{ { .name = "ordinary", .dim = 256, .ffn = 640, .n_heads = 4, .head_dim = 64, .n_tokens = 4096 }, LAC_OK },
		{ { .name = "one column", .dim = 1, .ffn = 1 << 20, .n_heads = 1, .head_dim = 2, .n_tokens = 2 }, LAC_OK },
		{ { .name = "one row", .dim = 65536, .ffn = 1, .n_heads = 1, .head_dim = 2, .n_tokens = 60 }, LAC_OK },
		{ { .name = "one row of Q4_0", .dim = 65536, .ffn = 1, .n_heads = 1, .head_dim = 2, .n_tokens = 2, .is_q4 = true }, LAC_OK },
		{ { .name = "tokens", .dim = 1, .ffn = 1, .n_heads = 1, .head_dim = 2, .n_tokens = 1 << 20 }, LAC_OK },
		{ { .name = "runs", .dim = 1, .ffn = 1, .n_heads = 1, .head_dim = 2, .n_tokens = 2048, .has_runs = true }, LAC_OK },
		{ { .name = "more runs", .dim = 1, .ffn = 1, .n_heads = 1, .head_dim = 2, .n_tokens = 3072, .has_runs = true },
			LAC_UNSUPPORTED_MODEL },
		{ { .name = "heads", .dim = 1, .ffn = 1, .n_heads = 64, .head_dim = 256, .n_tokens = 2 }, LAC_UNSUPPORTED_MODEL },
		{ { .name = "more heads", .dim = 1, .ffn = 1, .n_heads = 1024, .head_dim = 1024, .n_tokens = 2 }, LAC_UNSUPPORTED_MODEL },
	};

	for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
		struct shape *shape = &trials[i].shape;
		struct cost cost;

		make_shape(shape);
		cost = cost_of(open_shape, shape);
		CHECK_NOTE(cost.status == trials[i].expected, "%s: %d", shape->name, (int)cost.status);
		CHECK_NOTE(cost.bytes <= LAC_MODEL_FILES * (uint64_t)shape->file.length + 64 * MIB, "%s: %llu MiB, its file %llu KiB", shape->name,
			(unsigned long long)(cost.bytes / MIB), (unsigned long long)shape->file.length / 1024);
		lac_buffer_free(&shape->file);
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (lac_model_open_file(&grouped, MODELS "grouped.gguf", NULL, NULL))
		return 1;
	LAW(a_limit_is_never_passed);
	LAW(a_block_over_the_limit_is_not_begun);
	LAW(a_plan_keeps_within_the_memory);
	if (!why_unmeasured()) {
		LAW(no_archive_takes_more_than_is_stated);
		LAW(no_model_takes_more_than_is_stated);
	} else {
		SKIP("no_archive_takes_more_than_is_stated", why_unmeasured());
		SKIP("no_model_takes_more_than_is_stated", why_unmeasured());
	}
	lac_model_close(&grouped);
	return test_report();
}
