/* laconic.h: lossless compression of LLM-written text with a language model.
 *
 * Promise: the same input, model and options give the same archive bytes on
 * every CPU, instruction set and thread count, and an archive decodes to the
 * same bytes everywhere. doc/arithmetic.md and doc/format.md say how.
 *
 * Usage, in one breath:
 *
 *     struct lac_error error = { LAC_OK, 0, "" };
 *     struct lac_model *model = NULL;
 *     struct lac_options options = LAC_OPTIONS_DEFAULT;
 *
 *     if (lac_model_open_default(&model, &options, &error) ||
 *         lac_compress(model, source, sink, &options, NULL, &error))
 *             fprintf(stderr, "%s\n", error.text);
 *     lac_model_close(&model);
 *
 * Threads: an opened model never changes, and any number of calls may use it at once. A call may
 * start threads of its own, which end before it returns. A context keeps its threads, so it belongs
 * to the process that used it first: in a child made by fork(), calls with it return
 * LAC_BAD_ARGUMENT, and closing it is allowed. The library never prints, exits, or reads the
 * environment.
 *
 * Ownership: an out-parameter of the kind `struct lac_model **` receives a new object. The object's
 * close function frees it and sets the pointer to NULL; it accepts a pointer to NULL. A returned
 * pointer is borrowed: the caller does not free it.
 */
#ifndef LACONIC_H
#define LACONIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Semantic versioning, 2.0.0. A program compiles, links and runs as before with every later version
 * of the same MAJOR; before 1.0.0, of the same MINOR. The shared library is named by it:
 * liblaconic.so.1, liblaconic.so.0.5. Structures grow, at their end, only with it. MINOR adds
 * functions, enumerators and statuses: treat an unknown status as a failure. PATCH changes no
 * interface. Archives do not depend on any of this: every later version reads what an earlier one
 * wrote. lac_version() tells the version of the library that runs; these numbers are those of the
 * header that was compiled. */
#define LAC_VERSION_MAJOR 0
#define LAC_VERSION_MINOR 5
#define LAC_VERSION_PATCH 0

#if defined(__GNUC__)
#define LAC_PUBLIC __attribute__((visibility("default")))
#define LAC_MUST_CHECK __attribute__((warn_unused_result))
#else
#define LAC_PUBLIC
#define LAC_MUST_CHECK
#endif

/* Every function that can fail returns one of these. The numbers never change;
 * the tens tell the cause apart. */
enum lac_status {
	LAC_OK = 0,

	LAC_BAD_ARGUMENT = 10, /* the caller asked for something impossible */
	LAC_CANCELLED = 11,    /* the caller's progress callback asked to stop */
	LAC_OVER_LIMIT = 12,   /* the text is longer than options->limit_bytes */

	LAC_NO_MEMORY = 20,
	LAC_NO_THREAD = 21, /* a thread could not be started */

	/* the source reported an error, or a file was changed while it was read */
	LAC_READ_FAILED = 30,
	LAC_WRITE_FAILED = 31, /* the sink reported an error */

	LAC_CORRUPT = 40,     /* the archive is damaged at the named offset */
	LAC_TRUNCATED = 41,   /* the archive ends too early */
	LAC_NOT_ARCHIVE = 42, /* the magic number is absent */
	LAC_NO_INDEX = 43,    /* records can be read singly only from an archive with an index */

	LAC_UNSUPPORTED = 50, /* an intact archive that needs a newer laconic */

	LAC_BAD_MODEL = 60,         /* the GGUF file is malformed */
	LAC_UNSUPPORTED_MODEL = 61, /* a well-formed GGUF that this engine does not evaluate */
	LAC_OTHER_MODEL = 62,       /* an intact archive made with another model */
	LAC_SELF_TEST_FAILED = 63,  /* this CPU or build does not repeat the defined arithmetic */
	LAC_OTHER_ADAPTER = 64      /* an intact archive made with an adapter that is not there */
};

/* Where and why a call failed. Untouched on success. `text` is a whole English
 * sentence without a final newline: what happened, where, and what to do. What is
 * found in an archive begins with its place: "archive 1, block 7, byte 2048: ...",
 * counted from 1 (archives in the input, blocks in the archive), and the offset. */
struct lac_error {
	enum lac_status status;
	/* byte offset in the input (that of the frame concerned) or in the model file; 0 if it has
	 * no place */
	uint64_t offset;
	char text[272]; /* room for a place and two models with their identities */
};

/* A short name such as "corrupt" for a status; never NULL. */
LAC_PUBLIC const char *lac_status_name(enum lac_status status);

/* The library's version, "MAJOR.MINOR.PATCH". */
LAC_PUBLIC const char *lac_version(void);

/* ---- Memory --------------------------------------------------------------- */

/* Where the library takes its memory from. `allocate` returns n_bytes (never 0), aligned as
 * malloc's, or NULL when there is none: the call under way then fails with LAC_NO_MEMORY, gives
 * back what it took, and may be made again. `release` takes what allocate gave, never NULL. Both
 * are called from any thread, several at once. */
struct lac_allocator {
	void *(*allocate)(void *payload, size_t n_bytes);
	void (*release)(void *payload, void *memory);
	void *payload;
};

/* For the whole process: the next blocks come from `allocator`, which is copied; NULL: from libc,
 * as at first. To be called while no other function of the library runs. LAC_BAD_ARGUMENT, and
 * nothing is changed: a function is missing, or a model is open. The memory of another allocator
 * than libc's is zeroed by writing, so that a session takes all that it reserves. Not asked: the
 * stacks of threads, model files (they are mapped), and what libc takes for itself. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_set_allocator(const struct lac_allocator *allocator, struct lac_error *error);

/* ---- Input and output ---------------------------------------------------- */

/* `read`, never NULL, puts up to `capacity` bytes into `buffer` and stores their number; 0 means
 * the end. Returns false after a failure (the caller of the library knows why).
 * Called from the calling thread only. */
struct lac_source {
	bool (*read)(void *payload, void *buffer, size_t capacity, size_t *n_read);
	void *payload;
};

/* Writes all of `bytes`, or returns false. Called from the calling thread only. */
struct lac_sink {
	bool (*write)(void *payload, const void *bytes, size_t n_bytes);
	void *payload;
};

/* Fills `buffer` with exactly n_bytes from `offset` on, all of them below source.n_bytes, or
 * returns false. Called from the calling thread only. */
struct lac_random_source {
	bool (*read_at)(void *payload, uint64_t offset, void *buffer, size_t n_bytes);
	void *payload;
	uint64_t n_bytes; /* in all */
};

/* ---- Options ------------------------------------------------------------- */

/* How the input is cut. It is part of the archive, so decompression needs no option. */
enum lac_records {
	LAC_RECORDS_NONE = 0, /* one text, cut into blocks */
	LAC_RECORDS_LINES,    /* every line (ended by LF) is coded from a fresh context */
	LAC_RECORDS_NUL       /* the same, ended by NUL */
};

#define LAC_BLOCK_BYTES_DEFAULT 65536u
#define LAC_BLOCK_BYTES_INDEXED 131072u
#define LAC_BLOCK_BYTES_MIN 1024u
#define LAC_BLOCK_BYTES_MAX (16u << 20)
#define LAC_THREADS_MAX 256u
#define LAC_MEMORY_DEFAULT (UINT64_C(1) << 30)
#define LAC_MEMORY_BESIDE (UINT64_C(256) << 20)
#define LAC_MEMORY_THREAD (UINT64_C(40) << 20)
#define LAC_CONTEXT_MAX (1u << 20)
#define LAC_BATCH_ROWS_MAX 1024u
#define LAC_ADAPTED_MAX 64u
#define LAC_MODELS_TOLD 8u

/* Bounds on the memory of a model, whatever its file claims. The model takes at most
 * LAC_MODEL_FILES times its file and 64 MiB; usually half of an F16 file, or as much as a Q8_0
 * file. A stream that it codes takes at most LAC_STREAM_FILES times the file and LAC_STREAM_MEMORY.
 * A model that needs more is refused: LAC_UNSUPPORTED_MODEL. */
#define LAC_MODEL_FILES 20u
#define LAC_STREAM_FILES 4u
#define LAC_STREAM_MEMORY (UINT64_C(64) << 20)

#define LAC_MODEL_NAME_MAX 31 /* bytes, without the final NUL */

struct lac_model;

/* A GGUF file in memory. Borrowed. */
struct lac_file {
	const void *bytes;
	size_t n_bytes;
};

/* A model or an adapter that an archive needs and that is not at hand. */
struct lac_model_wanted {
	uint8_t identity[16];              /* the model's; the adapter's, if base is not NULL */
	char name[LAC_MODEL_NAME_MAX + 1]; /* for messages to people; the identity decides */
	const struct lac_model *base;      /* NULL: a model; else an adapter of this open model */
	uint32_t window;                   /* tokens of context that it will be used with */
};

/* How a call works. `struct lac_options options = LAC_OPTIONS_DEFAULT;` sets every field to zero,
 * which is its default. The fields are grouped by purpose, and a call looks only at those of its
 * own purpose: one structure may serve to open a model, to compress, and to read. */
struct lac_options {
	/* -- For every call: how it works. Never changes the bytes. */

	uint32_t n_threads;  /* at most LAC_THREADS_MAX; 0: one for each CPU the process may use */
	const char *kernels; /* a name of lac_kernels_name(); NULL: the best this CPU has */
	/* Memory for streams in work, adapters, and models that archives carry; 0:
	 * LAC_MEMORY_DEFAULT. The model that is given or found comes on top, LAC_MEMORY_BESIDE for
	 * text and archive, and LAC_MEMORY_THREAD for each thread. No archive makes a call take
	 * more. With less memory fewer streams are decoded at once, which is slower; one stream is
	 * always decoded. */
	uint64_t memory_bytes;
	/* tokens evaluated together, 1 to LAC_BATCH_ROWS_MAX; 0: the default */
	uint32_t batch_rows;
	/* Called from the calling thread with the bytes read and written so far, at least every
	 * second while text is coded. Returning false ends the call with LAC_CANCELLED. NULL: not
	 * called. */
	bool (*progress)(void *payload, uint64_t bytes_in, uint64_t bytes_out);
	void *progress_payload;

	/* -- For opening a model from a file or from memory. */

	/* Finds what lac_model_write_packed() wrote of the file with this hash, which opens sooner
	 * than the file itself. Returns true and sets *packed, which is read until the call
	 * returns; or false. What is found is used only if it was made of this very file and its
	 * numbers give the identity they had then; else the file is converted. Both functions run
	 * with floating point rounding to nearest and subnormals kept. NULL: not called. */
	bool (*find_packed)(void *payload, const uint8_t file_hash[16], struct lac_source *packed);
	void *packed_payload;

	/* -- For compressing. The archive tells its reader all of this. */

	enum lac_records records; /* how the input is cut */
	/* records only: an index lets lac_archive_read() read single ones */
	bool is_indexed;
	/* Bytes of a block, LAC_BLOCK_BYTES_MIN to LAC_BLOCK_BYTES_MAX; 0: LAC_BLOCK_BYTES_DEFAULT,
	 * or LAC_BLOCK_BYTES_INDEXED with an index. */
	uint32_t block_bytes;
	/* Tokens of context, 2 to the model's context_length and to LAC_CONTEXT_MAX; 0: its
	 * default_window. Messages do not tell it, so it is also for reading messages. */
	uint32_t window;
	/* Files that the archive carries, so that a reader who has no model can restore it; NULL:
	 * none. [1 + n_adapted]: the very files that the model and then those in `adapted` were
	 * opened from, else LAC_BAD_ARGUMENT. LAC_READ_FAILED: a file was changed since. Borrowed
	 * as long as the call or the context. An archive of an empty text carries nothing. */
	const struct lac_file *carried;

	/* -- For compressing and for reading. */

	/* Models that lac_model_adapt_file() or lac_model_adapt_memory() made of the model given.
	 * The encoder codes each block or record with the one that codes its beginning shortest,
	 * the base among them. The decoder uses those that the archive names. Their memory_bytes
	 * count in the memory above. The models are borrowed, the array is copied. */
	const struct lac_model *const *adapted;
	uint32_t n_adapted; /* at most LAC_ADAPTED_MAX */

	/* -- For reading archives. */

	/* The most text in all; 0: any amount. A block that would pass it is not decoded:
	 * LAC_OVER_LIMIT. A hostile archive can hold 16 MiB of text in a few bytes, and each byte
	 * costs a step of the model. */
	uint64_t limit_bytes;
	/* Asked when an archive needs a model or an adapter that is not at hand. Returns true and
	 * sets *out to a model opened for this, an adapter's made of wanted->base, which the
	 * library closes; or false: there is none. A model other than the one wanted is
	 * LAC_BAD_ARGUMENT. One found model is open at a time: it is closed before another is asked
	 * for. Called from the calling thread. NULL: not called. */
	bool (*find_model)(void *payload, const struct lac_model_wanted *wanted, struct lac_model **out);
	void *find_payload;
	/* Opens a model or an adapter that an archive carries if it is neither given nor found. Its
	 * memory counts in memory_bytes: twice the file while it arrives, then the file and the
	 * model, then the model and one stream of it. More is LAC_NO_MEMORY, before it is taken. At
	 * most 1 + LAC_ADAPTED_MAX files of an archive are opened. Off by default: a hostile
	 * archive may bring a hostile model. */
	bool opens_carried;
};

/* Every field zero. */
#ifdef __cplusplus
#define LAC_OPTIONS_DEFAULT {}
#else
#define LAC_OPTIONS_DEFAULT { 0 }
#endif

/* ---- Models -------------------------------------------------------------- */

struct lac_model_info {
	char name[LAC_MODEL_NAME_MAX + 1]; /* from the file; the identity, not the name, decides */
	uint8_t identity[16];              /* XXH3-128 of what enters the arithmetic */
	uint64_t file_bytes;               /* the GGUF file, which the receiver must also hold */
	uint64_t n_parameters;
	uint32_t n_vocabulary, n_layers, n_heads, n_kv_heads;
	uint32_t dim, ffn_dim, head_dim;
	uint32_t context_length;           /* tokens that the model was trained for */
	/* tokens of context by default: that, but 2048 at most */
	uint32_t default_window;
	/* An adapter made it: name, file_bytes and file_hash are the adapter's, the rest is the
	 * base's. */
	bool is_adapted;
	uint8_t adapter_identity[16];      /* if adapted: XXH3-128 of the adapter's own numbers */
	uint64_t memory_bytes;             /* if adapted: of weights that the base does not share */
	const char *architecture; /* static */
	const char *tokenizer;    /* static */
	const char *kernels;      /* static: the kernel table chosen */
	uint8_t file_hash[16];    /* XXH3-128 of the file, canonical */
	bool is_packed;           /* opened from what options->find_packed found */
	uint64_t packed_bytes;    /* that lac_model_write_packed() writes; 0: it is adapted */
};

/* Opens the model embedded in the library, or a GGUF file in memory or by path, which errors name.
 * `gguf` may be freed after the call. Only `options->kernels`, `n_threads`, `find_packed` and its
 * payload are looked at; options may be NULL. Runs the known-answer test of the chosen kernels.
 * Returns LAC_BAD_MODEL, LAC_UNSUPPORTED_MODEL, LAC_SELF_TEST_FAILED,
 * LAC_BAD_ARGUMENT (unknown or unavailable kernels), LAC_READ_FAILED, LAC_NO_MEMORY. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_model_open_default(struct lac_model **out,
	const struct lac_options *options, struct lac_error *error);
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_model_open_memory(struct lac_model **out,
	const void *gguf, size_t gguf_bytes, const struct lac_options *options, struct lac_error *error);
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_model_open_file(struct lac_model **out,
	const char *path, const struct lac_options *options, struct lac_error *error);
LAC_PUBLIC void lac_model_close(struct lac_model **model);

/* Writes the packed form of a model: its numbers as they are evaluated, 17 bytes for every 16
 * parameters. options->find_packed finds it again. It is for a cache and nothing else: another
 * version of the library may refuse it, and no archive depends on it. LAC_BAD_ARGUMENT (the model
 * is adapted), LAC_WRITE_FAILED, LAC_NO_MEMORY. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_model_write_packed(const struct lac_model *model, struct lac_sink sink, struct lac_error *error);

/* Converts the file that a model was opened from once more, with the kernels and threads of
 * `options` (NULL: the defaults), and compares the identities. To be called before a packed form is
 * kept, since a fault of one conversion would be kept with it. LAC_SELF_TEST_FAILED: the identities
 * differ, and the model must not be used. LAC_READ_FAILED: the file cannot be read, or has changed.
 * LAC_BAD_ARGUMENT, LAC_NO_MEMORY. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_model_check_file(const struct lac_model *model, const char *path, const struct lac_options *options,
	struct lac_error *error);

/* The GGUF file that lac_model_open_default() opens, to be kept beside archives. Borrowed: static.
 * Never NULL. */
LAC_PUBLIC const void *lac_default_model_gguf(size_t *n_bytes);

/* Makes a model of `base` and a low-rank adapter, a GGUF file in llama.cpp's layout. The base must
 * stay open as long as it: they share all weights that the adapter leaves alone. Texts are
 * compressed and restored with the base, and options->adapted offers what was made of it; messages
 * may use it directly. `gguf` may be freed after the call. LAC_BAD_MODEL (also: an adapter of
 * another shape), LAC_UNSUPPORTED_MODEL, LAC_BAD_ARGUMENT (`base` is NULL, or adapted itself),
 * LAC_READ_FAILED, LAC_NO_MEMORY. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_model_adapt_memory(struct lac_model **out, const struct lac_model *base,
	const void *gguf, size_t gguf_bytes, struct lac_error *error);
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_model_adapt_file(struct lac_model **out, const struct lac_model *base,
	const char *path, struct lac_error *error);

/* The memory of one stream with this many tokens of context (0: the default), beside the model.
 * With less, a text that was compressed so cannot be restored. */
LAC_PUBLIC uint64_t lac_model_stream_bytes(const struct lac_model *model, uint32_t window);

/* Borrowed: valid until the model is closed. */
LAC_PUBLIC const struct lac_model_info *lac_model_info(const struct lac_model *model);

/* The names that `options->kernels` accepts on this CPU: [index] from 0, NULL past the last.
 * The best comes first and "scalar" last. */
LAC_PUBLIC const char *lac_kernels_name(unsigned index);

/* ---- Finding models ------------------------------------------------------ */

/* Finds models in folders as the command does: options->find_model = lac_finder_find, and the
 * finder for its payload, let every call open what an archive needs and was not given. */
struct lac_finder;

#define LAC_PACKED_BYTES_DEFAULT (UINT64_C(8) << 30)

/* Where a finder looks, and what it may keep. All zero: nowhere, and nothing. Copied. */
struct lac_finder_options {
	/* looked in for files NAME.gguf, in this order; not in folders within them */
	const char *const *folders;
	uint32_t n_folders;
	/* A file in which the finder remembers which model each file is: to tell it takes reading
	 * all of the file. It is made with the folders above it, belongs to this finder and others,
	 * and may be removed at any time. NULL: nothing is remembered. */
	const char *identities;
	/* A folder in which the finder keeps what opening makes of model files
	 * (lac_model_write_packed), since large files then open sooner. What was used least
	 * recently goes first; no more than half of what is free on the disk is taken. It may be
	 * removed at any time. NULL: nothing is kept. */
	const char *packed;
	/* of all that is kept; 0: LAC_PACKED_BYTES_DEFAULT, of files of 128 MiB or more */
	uint64_t packed_bytes;
	const char *kernels;   /* that found models are opened with, as in struct lac_options */
	uint32_t n_threads;

	/* NULL: not called. Called for each model that lac_finder_find() opened, from the file with
	 * this path; NULL: it is the embedded one. False: it is not to be used, and is closed. */
	bool (*found)(void *payload, const struct lac_model_wanted *wanted, const struct lac_model *model, const char *path);
	/* NULL: not called. Says which file is being written in `packed`, and, with a path of NULL,
	 * that it is done: for programs that remove it when a signal ends them. */
	void (*writing)(void *payload, const char *path);
	void *payload;
};

enum lac_found_kind {
	LAC_FOUND_BAD = 0, /* neither of these, or it cannot be read */
	LAC_FOUND_MODEL,
	LAC_FOUND_ADAPTER
};

/* A GGUF file. */
struct lac_found {
	const char *path; /* absolute, if it can be read */
	enum lac_found_kind kind;
	uint64_t file_bytes;
	uint8_t identity[16]; /* of the model; of the adapter itself */
	char name[LAC_MODEL_NAME_MAX + 1];
	char architecture[16];
	struct lac_error error; /* LAC_FOUND_BAD: why */
};

/* Thread rule: one call with a finder at a time. LAC_NO_MEMORY. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_finder_open(struct lac_finder **out, const struct lac_finder_options *options,
	struct lac_error *error);
LAC_PUBLIC void lac_finder_close(struct lac_finder **finder);

/* Is options->find_model, with the finder for its payload. The embedded model is found too, after
 * those in the folders. */
LAC_PUBLIC bool lac_finder_find(void *finder, const struct lac_model_wanted *wanted, struct lac_model **out);

/* Reads the folders: *n files, of which lac_finder_file() tells from 0 on. Adapters are told from
 * other files if they are of the embedded model or of one in the folders. LAC_NO_MEMORY. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_finder_list(struct lac_finder *finder, size_t *n, struct lac_error *error);
/* Borrowed until the next call with the finder. NULL: there are not so many. */
LAC_PUBLIC const struct lac_found *lac_finder_file(const struct lac_finder *finder, size_t index);

/* The path of the first file called NAME or NAME.gguf, or else of a model (or an adapter) with that
 * name or identity inside. Borrowed until the next call with the finder. NULL: there is none. */
LAC_PUBLIC const char *lac_finder_named(struct lac_finder *finder, const char *name, enum lac_found_kind kind);

/* lac_model_open_file() with what is kept of the file, or keeping it. Beside that function's
 * errors, LAC_SELF_TEST_FAILED: converted once more, before it is kept, it is another model. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_finder_open_file(struct lac_finder *finder, struct lac_model **out, const char *path,
	const struct lac_options *options, struct lac_error *error);
/* What was taken or kept, or why it was not, when a model was opened last, as the end of a sentence
 * on the model; "": nothing. Borrowed until the next call with the finder. */
LAC_PUBLIC const char *lac_finder_told(const struct lac_finder *finder);

/* ---- Compression --------------------------------------------------------- */

/* What a call did, or what an archive says of itself. Sizes are in bytes. */
struct lac_stats {
	uint64_t bytes_in;        /* compress: text read; decompress, test, list: archive read */
	uint64_t bytes_out;       /* compress: archive written; otherwise: text */
	uint64_t n_tokens;        /* coded with a model; ends of records are not counted */
	uint64_t n_records;       /* 0 unless the archive holds records */
	uint64_t n_blocks;        /* of every kind */
	/* of them, coded without the language model, which would not have won */
	uint64_t n_mixed_blocks;
	uint64_t n_stored_blocks; /* of them, kept as they are, because nothing made them smaller */
	/* decompress: places for streams, summed over the steps of decoding while more streams
	 * came */
	uint64_t n_slots_offered;
	uint64_t n_slots_busy;    /* of them, those that held a stream */
	uint64_t n_archives;      /* archives concatenated in the input; 1 when compressing */
	uint64_t n_indexed;       /* of them, those whose records can be read singly */
	uint8_t text_hash[16];    /* XXH3-128 of the text read or written, canonical; list: zeros */
	/* models that blocks need, in their order; LAC_MODELS_TOLD at most */
	uint32_t n_models;
	struct lac_model_use {
		uint8_t identity[16];
		char name[LAC_MODEL_NAME_MAX + 1];
		uint32_t window; /* tokens of context it was used with, the largest if several */
	} models[LAC_MODELS_TOLD];
	uint32_t n_adapters;      /* adapters that blocks need; LAC_ADAPTED_MAX at most */
	struct lac_adapter_use {
		uint8_t identity[16];
		char name[LAC_MODEL_NAME_MAX + 1];
		uint64_t n_streams; /* blocks, or records, coded with it */
	} adapters[LAC_ADAPTED_MAX];
	/* model files in the archives, opened or not; single records: 0 */
	uint64_t n_carried;
	uint64_t carried_bytes;   /* of these files */
};

/* Compresses everything `source` gives into one archive. `options` and `stats`
 * may be NULL. Memory is bounded by the model and the threads, whatever the
 * input's length. The same input, model and options give the same bytes for
 * ever (doc/arithmetic.md, doc/format.md).
 * Returns LAC_READ_FAILED, LAC_WRITE_FAILED, LAC_NO_MEMORY, LAC_NO_THREAD,
 * LAC_BAD_ARGUMENT, LAC_CANCELLED; what was written so far is then useless. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_compress(const struct lac_model *model,
	struct lac_source source, struct lac_sink sink,
	const struct lac_options *options, struct lac_stats *stats, struct lac_error *error);

/* Restores what was compressed, from one archive or several concatenated ones.
 * No block reaches `sink` before its hash was compared, so after a failure what
 * was written is a true beginning of the text. A sink whose `write` is NULL
 * checks without writing. `model` may be NULL if no block was coded with one.
 * Beside the errors of lac_compress: LAC_CORRUPT, LAC_TRUNCATED,
 * LAC_NOT_ARCHIVE, LAC_UNSUPPORTED, LAC_OTHER_MODEL, LAC_OTHER_ADAPTER and
 * LAC_OVER_LIMIT, each with its offset. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_decompress(const struct lac_model *model,
	struct lac_source source, struct lac_sink sink,
	const struct lac_options *options, struct lac_stats *stats, struct lac_error *error);

/* A context is what calls share that are made one after the other: a model, options, and threads
 * with their memory, which stay ready between calls. Its calls give the same bytes as those above,
 * and the same errors. Models that were found, or that archives brought, stay open until others
 * take their place. After a failed call the context can be used again. `model` and the models in
 * options->adapted must stay open as long as the context; the rest of the options is copied. model
 * NULL: only for reading. The memory of options->memory_bytes is for compressing and for reading
 * each.
 * Threads: one call at a time. Opening returns LAC_BAD_ARGUMENT, LAC_NO_MEMORY. */
struct lac_context;
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_context_open(struct lac_context **out, const struct lac_model *model,
	const struct lac_options *options, struct lac_error *error);
LAC_PUBLIC void lac_context_close(struct lac_context **context);
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_context_compress(struct lac_context *context, struct lac_source source, struct lac_sink sink,
	struct lac_stats *stats, struct lac_error *error);
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_context_decompress(struct lac_context *context, struct lac_source source,
	struct lac_sink sink, struct lac_stats *stats, struct lac_error *error);

/* Reads an archive's frames and checks the hashes of the compressed bytes,
 * without a model and without decoding. Errors as lac_decompress. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_list(struct lac_source source,
	struct lac_stats *stats, struct lac_error *error);

/* The same of the first of several concatenated archives, whose end stats->bytes_in tells. The
 * source may have been read further. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_list_first(struct lac_source source,
	struct lac_stats *stats, struct lac_error *error);

/* Writes the file of a model or an adapter that an archive carries, as it was: the one with this
 * number, from 0, counted through all concatenated archives. `info` (may be NULL): the name and, of
 * what it is, the identity that the archive declares; the file itself is not opened, only the
 * checks of its pieces are compared. Reads no further than the file's end. Errors as lac_list,
 * LAC_WRITE_FAILED; LAC_BAD_ARGUMENT: there are not so many. After a failure what was written is
 * useless. */
struct lac_carried_info {
	char name[LAC_MODEL_NAME_MAX + 1];
	uint8_t identity[16];
	bool is_adapter;
};
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_carried_file(struct lac_source source, uint64_t number, struct lac_sink sink,
	struct lac_carried_info *info, struct lac_error *error);

/* ---- Single records ------------------------------------------------------ */

/* An archive of records with an index (options->is_indexed), or several of them concatenated. */
struct lac_archive;

/* Reads its header and root, nothing else. `context` is borrowed until it is closed, and says with
 * which models, threads and limits records are decoded; it may be used for other calls meanwhile.
 * `source` must not change. Takes 24 to 72 bytes for every archive of a concatenation, whatever
 * memory_bytes says. LAC_NO_INDEX: not made with is_indexed, wholly or in part (or its end is
 * damaged). LAC_NOT_ARCHIVE, LAC_CORRUPT, LAC_UNSUPPORTED, LAC_READ_FAILED, LAC_NO_MEMORY;
 * LAC_BAD_ARGUMENT: the context's model is an adapted one. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_archive_open(struct lac_archive **out, struct lac_context *context,
	struct lac_random_source source, struct lac_error *error);
LAC_PUBLIC void lac_archive_close(struct lac_archive **archive);

LAC_PUBLIC uint64_t lac_archive_n_records(const struct lac_archive *archive);

/* Writes records `first` to first + n - 1, counted from 0, as they stood in the text, each with its
 * separator. Of a group of up to 64 records those are decoded that are wanted. stats (may be NULL):
 * bytes_in is what was read of the source since the last call, or since before it was opened;
 * n_tokens what was decoded. The errors of lac_decompress; LAC_BAD_ARGUMENT: there are not so many
 * records. After a failure what was written is a true beginning.
 * What is read: an index a level for each place, the groups that hold the records, and model frames
 * that they name for the first time. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_archive_read(struct lac_archive *archive, uint64_t first, uint64_t n,
	struct lac_sink sink, struct lac_stats *stats, struct lac_error *error);

/* ---- Messages ------------------------------------------------------------ */

#define LAC_MESSAGE_TEXT_MAX ((size_t)1 << 24)

/* Compresses one short text to nothing but what tells it, for callers who know the model and keep a
 * check themselves: at most 2 bytes more than the bits it codes, and than the text. The context's
 * model is used, which may be an adapted one, and none of options->adapted. `out` has room for
 * `capacity` bytes; lac_message_bound(n) are always enough. `text` has at most LAC_MESSAGE_TEXT_MAX
 * bytes of any kind. The same text and model give the same bytes for ever. Returns LAC_BAD_ARGUMENT
 * (also: too little room), LAC_NO_MEMORY, LAC_NO_THREAD. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_message_compress(struct lac_context *context, const void *text, size_t n_bytes,
	void *out, size_t capacity, size_t *n_out, struct lac_error *error);
LAC_PUBLIC size_t lac_message_bound(size_t n_bytes);

/* Restores a text of at most `capacity` bytes, else LAC_OVER_LIMIT, after so many. Nothing else
 * tells a damaged message, or another model, from a good one: the text may then be another, or
 * LAC_CORRUPT, or LAC_UNSUPPORTED. */
LAC_PUBLIC LAC_MUST_CHECK enum lac_status lac_message_decompress(struct lac_context *context, const void *message, size_t n_bytes,
	void *out, size_t capacity, size_t *n_out, struct lac_error *error);

#ifdef __cplusplus
}
#endif
#endif
