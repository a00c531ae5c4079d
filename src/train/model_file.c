#include "base/strict_float.h"
#include "train/model_file.h"
#include "base/memory.h"
#include "train/gguf_writer.h"

#include <stdlib.h>
#include <string.h>

#define WEIGHT_MAX 65504.0f

/* ---- Reading --------------------------------------------------------------------- */

enum lac_status lac_source_open(struct lac_source_model *out, const char *path, struct lac_error *error)
{
	size_t n_bytes;
	const void *bytes = lac_default_model_gguf(&n_bytes);
	enum lac_status s = LAC_OK;

	*out = (struct lac_source_model){ .path = path };
	if (path) {
		s = lac_file_map(&out->file, path, error);
		bytes = out->file.bytes;
		n_bytes = out->file.n_bytes;
	}
	if (!s)
		s = lac_gguf_open(&out->gguf, bytes, n_bytes, error);
	if (!s)
		s = lac_tokenizer_create(&out->tokenizer, out->gguf, error);
	return lac_file_blame(s, path ? path : "the embedded model", error);
}

enum lac_status lac_source_take(struct lac_source_model *out, struct lac_buffer *made, struct lac_error *error)
{
	enum lac_status s;

	*out = (struct lac_source_model){ .made = *made };
	*made = (struct lac_buffer){ 0 };
	if (out->made.failed)
		return lac_fail_memory(error, out->made.length, "a tokenizer");
	s = lac_gguf_open(&out->gguf, out->made.bytes, out->made.length, error);
	if (!s)
		s = lac_tokenizer_create(&out->tokenizer, out->gguf, error);
	return s;
}

void lac_source_free(struct lac_source_model *source)
{
	lac_tokenizer_free(&source->tokenizer);
	lac_gguf_close(&source->gguf);
	lac_file_unmap(&source->file);
	lac_buffer_free(&source->made);
}

enum lac_status lac_source_shape(const struct lac_source_model *source, struct lac_shape *shape, struct lac_error *error)
{
	enum lac_status s = lac_shape_check_keys(source->gguf, error);

	if (!s)
		s = lac_shape_read(shape, source->gguf, lac_tokenizer_n_tokens(source->tokenizer), error);
	if (!s)
		shape->is_tied = !lac_gguf_tensor(source->gguf, "output.weight");
	return lac_file_blame(s, source->path, error);
}

static enum lac_status read_tensor(const struct lac_gguf *gguf, const struct lac_parameter *parameter, float *values, struct lac_error *error)
{
	const struct lac_tensor *tensor = lac_gguf_tensor(gguf, parameter->name);
	enum lac_status s;

	if (!tensor)
		return lac_fail(error, LAC_BAD_MODEL, 0, "tensor \"%s\" is missing", parameter->name);
	s = lac_tensor_check_type(tensor, error);
	if (s)
		return s;
	if (tensor->dims[0] != parameter->n_columns || tensor->dims[1] != parameter->n_rows || tensor->dims[2] != 1 || tensor->dims[3] != 1)
		return lac_fail(error, LAC_BAD_MODEL, 0, "tensor \"%s\" is %llu x %llu, not %u x %u", parameter->name,
			(unsigned long long)tensor->dims[0], (unsigned long long)tensor->dims[1], (unsigned)parameter->n_columns,
			(unsigned)parameter->n_rows);
	for (uint32_t row = 0; row < parameter->n_rows; row++)
		lac_tensor_row(tensor, row, values + parameter->first + (size_t)row * parameter->n_columns);
	for (size_t i = 0; i < lac_parameter_floats(parameter); i++)
		/* NaN too */
		if (!(values[parameter->first + i] >= -WEIGHT_MAX && values[parameter->first + i] <= WEIGHT_MAX))
			return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "tensor \"%s\" holds a value that is not within -65504 to 65504",
				parameter->name);
	return LAC_OK;
}

/* What the trainer evaluates is less than what the engine does. */
static enum lac_status check_trained(const struct lac_shape *shape, struct lac_error *error)
{
	if (shape->architecture != LAC_LLAMA)
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "general.architecture is \"%s\"; only \"llama\" is trained",
			lac_architecture_name(shape->architecture));
	if (shape->rotary_scaling != 1.0f || shape->sliding_window)
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "llama.%s is set; such models are not trained",
			shape->sliding_window ? "attention.sliding_window" : "rope.scaling.factor");
	return LAC_OK;
}

enum lac_status lac_source_weights(const struct lac_source_model *source, struct lac_network *network, struct lac_error *error)
{
	const struct lac_parameters *parameters = &network->parameters;
	enum lac_status s = check_trained(&network->shape, error);

	for (uint32_t i = 0; !s && i < parameters->n; i++)
		s = read_tensor(source->gguf, &parameters->at[i], network->weights, error);
	/* as many were found, so one of the file's is not ours */
	if (!s && lac_gguf_tensor_at(source->gguf, parameters->n))
		s = lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "the model has more tensors than are trained: biases, factors of its "
			"frequencies, or what means another computation");
	return lac_file_blame(s, source->path, error);
}

/* ---- Writing --------------------------------------------------------------------- */

static void put_shape(struct lac_gguf_writer *writer, const struct lac_shape *shape)
{
	lac_gguf_put_u32(writer, "llama.context_length", shape->context_length);
	lac_gguf_put_u32(writer, "llama.embedding_length", shape->dim);
	lac_gguf_put_u32(writer, "llama.block_count", shape->n_layers);
	lac_gguf_put_u32(writer, "llama.feed_forward_length", shape->ffn_dim);
	lac_gguf_put_u32(writer, "llama.attention.head_count", shape->n_heads);
	lac_gguf_put_u32(writer, "llama.attention.head_count_kv", shape->n_kv_heads);
	lac_gguf_put_u32(writer, "llama.attention.key_length", shape->head_dim);
	lac_gguf_put_u32(writer, "llama.attention.value_length", shape->head_dim);
	lac_gguf_put_f32(writer, "llama.attention.layer_norm_rms_epsilon", shape->norm_epsilon);
	lac_gguf_put_u32(writer, "llama.rope.dimension_count", shape->rotary_dim);
	lac_gguf_put_f32(writer, "llama.rope.freq_base", shape->rotary_base);
	lac_gguf_put_u32(writer, "llama.vocab_size", shape->n_vocabulary);
}

static void copy_id(struct lac_gguf_writer *writer, const char *key, const struct lac_gguf *gguf)
{
	uint32_t id;

	if (!lac_gguf_u32(gguf, key, true, 0, &id, NULL))
		lac_gguf_put_u32(writer, key, id);
}

/* Of the names that lac_tokenizer_create() knows, none is longer. */
static void copy_name(struct lac_gguf_writer *writer, const char *key, const struct lac_gguf *gguf)
{
	struct lac_string name;
	char text[32] = { 0 };

	if (lac_gguf_string(gguf, key, true, &name, NULL) || name.length >= sizeof text)
		return;
	memcpy(text, name.bytes, name.length);
	lac_gguf_put_string(writer, key, text);
}

static enum lac_status copy_strings(struct lac_gguf_writer *writer, const char *key, const struct lac_gguf *gguf, struct lac_error *error)
{
	struct lac_string *strings;
	size_t n;
	enum lac_status s = lac_gguf_strings(gguf, key, false, &strings, &n, error);

	if (!s && strings)
		lac_gguf_put_strings(writer, key, strings, n);
	lac_free(strings);
	return s;
}

static enum lac_status copy_types(struct lac_gguf_writer *writer, const char *key, const struct lac_gguf *gguf, struct lac_error *error)
{
	int32_t *types;
	size_t n;
	enum lac_status s = lac_gguf_i32s(gguf, key, false, &types, &n, error);

	if (!s && types)
		lac_gguf_put_i32s(writer, key, types, n);
	lac_free(types);
	return s;
}

static enum lac_status copy_scores(struct lac_gguf_writer *writer, const char *key, const struct lac_gguf *gguf, struct lac_error *error)
{
	float *scores;
	size_t n;
	enum lac_status s = lac_gguf_f32s(gguf, key, false, &scores, &n, error);

	if (!s && scores)
		lac_gguf_put_f32s(writer, key, scores, n);
	lac_free(scores);
	return s;
}

/* What lac_tokenizer_create() reads. */
static enum lac_status copy_tokenizer(struct lac_gguf_writer *writer, const struct lac_gguf *gguf, struct lac_error *error)
{
	bool adds_space;
	enum lac_status s = copy_strings(writer, "tokenizer.ggml.tokens", gguf, error);

	if (!s)
		s = copy_strings(writer, "tokenizer.ggml.merges", gguf, error);
	if (!s)
		s = copy_types(writer, "tokenizer.ggml.token_type", gguf, error);
	if (!s)
		s = copy_scores(writer, "tokenizer.ggml.scores", gguf, error);
	copy_name(writer, "tokenizer.ggml.model", gguf);
	copy_name(writer, "tokenizer.ggml.pre", gguf);
	copy_id(writer, "tokenizer.ggml.bos_token_id", gguf);
	copy_id(writer, "tokenizer.ggml.eos_token_id", gguf);
	if (!lac_gguf_bool(gguf, "tokenizer.ggml.add_space_prefix", true, false, &adds_space, NULL))
		lac_gguf_put_bool(writer, "tokenizer.ggml.add_space_prefix", adds_space);
	return s;
}

static enum lac_tensor_type type_of(const struct lac_parameter *parameter, enum lac_train_type type)
{
	if (parameter->kind == LAC_PARAMETER_NORM || type == LAC_TYPE_F32)
		return LAC_TENSOR_F32;
	return type == LAC_TYPE_Q8_0 && parameter->n_columns % 32 == 0 ? LAC_TENSOR_Q8_0 : LAC_TENSOR_F16;
}

static enum lac_status write_tensors(struct lac_gguf_writer *writer, const char *path, const struct lac_network *network,
	enum lac_train_type type, struct lac_error *error)
{
	const struct lac_parameters *parameters = &network->parameters;
	struct lac_gguf_floats *tensors = calloc(parameters->n, sizeof *tensors);
	enum lac_status s;

	if (!tensors)
		return lac_fail_memory(error, parameters->n * sizeof *tensors, "a model's tensors");
	for (uint32_t i = 0; i < parameters->n; i++) {
		const struct lac_parameter *p = &parameters->at[i];

		memcpy(tensors[i].name, p->name, sizeof p->name);
		tensors[i].type = type_of(p, type);
		tensors[i].values = network->weights + p->first;
		tensors[i].n_columns = p->n_columns;
		tensors[i].n_rows = p->kind == LAC_PARAMETER_NORM ? 0 : p->n_rows;
	}
	s = lac_gguf_write(writer, path, tensors, parameters->n, error);
	free(tensors);
	return s;
}

enum lac_status lac_model_write(const char *path, const char *name, const struct lac_network *network,
	const struct lac_source_model *source, enum lac_train_type type, struct lac_error *error)
{
	struct lac_gguf_writer writer = { .n_pairs = 0 };
	enum lac_status s;

	lac_gguf_put_string(&writer, "general.architecture", "llama");
	lac_gguf_put_string(&writer, "general.name", name);
	put_shape(&writer, &network->shape);
	s = copy_tokenizer(&writer, source->gguf, error);
	if (!s)
		s = write_tensors(&writer, path, network, type, error);
	lac_gguf_writer_free(&writer);
	return s;
}
