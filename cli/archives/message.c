/* message.c: compress --message, decompress --message: a whole input in memory, for it is short. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum lac_status fail(struct lac_error *error, enum lac_status status, const char *text)
{
	error->status = status;
	snprintf(error->text, sizeof error->text, "%s", text);
	return status;
}

/* At most `most` bytes, and one more that tells that there are more. */
static enum lac_status read_all(struct lac_source source, unsigned char *buffer, size_t most, size_t *n_bytes, struct lac_error *error)
{
	size_t n;

	*n_bytes = 0;
	do {
		if (!source.read(source.payload, buffer + *n_bytes, most + 1 - *n_bytes, &n))
			return fail(error, LAC_READ_FAILED, "reading failed");
		*n_bytes += n;
	} while (n && *n_bytes <= most);
	return *n_bytes > most ? fail(error, LAC_BAD_ARGUMENT, "a message is at most 16 MiB of text; without --message it may be longer") :
		LAC_OK;
}

/* Of the text: the caller's limit, or what a message may have. */
static size_t text_limit(const struct command *command)
{
	const uint64_t limit = command->options.limit_bytes;

	return limit && limit < LAC_MESSAGE_TEXT_MAX ? (size_t)limit : LAC_MESSAGE_TEXT_MAX;
}

static enum lac_status transform(const struct command *command, struct lac_context *context, const unsigned char *in, size_t n_in,
	unsigned char *out, size_t capacity, size_t *n_out, struct lac_error *error)
{
	if (command->action == ACTION_COMPRESS)
		return lac_message_compress(context, in, n_in, out, capacity, n_out, error);
	return lac_message_decompress(context, in, n_in, out, capacity, n_out, error);
}

/* What its reader must know. */
static void tell_models(const struct command *command, const struct models *models, struct lac_stats *stats)
{
	const struct lac_model_info *base = lac_model_info(models->base);

	stats->n_models = 1;
	memcpy(stats->models->identity, base->identity, sizeof base->identity);
	memcpy(stats->models->name, base->name, sizeof base->name);
	stats->models->window = command->options.window ? command->options.window : base->default_window;
	stats->n_adapters = models->n_adapted;
	for (uint32_t i = 0; i < models->n_adapted; i++) {
		const struct lac_model_info *adapted = lac_model_info(models->adapted[i]);

		stats->adapters[i].n_streams = 1;
		memcpy(stats->adapters[i].identity, adapted->adapter_identity, sizeof adapted->adapter_identity);
		memcpy(stats->adapters[i].name, adapted->name, sizeof adapted->name);
	}
}

enum lac_status transfer_message(const struct command *command, const struct models *models, struct lac_source source,
	struct lac_sink sink, struct lac_stats *stats, struct lac_error *error)
{
	const bool is_compressing = command->action == ACTION_COMPRESS;
	const size_t most_in = is_compressing ? LAC_MESSAGE_TEXT_MAX : lac_message_bound(LAC_MESSAGE_TEXT_MAX);
	const size_t most_out = is_compressing ? lac_message_bound(LAC_MESSAGE_TEXT_MAX) : text_limit(command);
	unsigned char *in = malloc(most_in + 1), *out = malloc(most_out);
	struct lac_context *context = NULL;
	size_t n_in = 0, n_out = 0;
	enum lac_status s;

	*stats = (struct lac_stats){ .n_archives = 0 };
	tell_models(command, models, stats);
	s = in && out ? read_all(source, in, most_in, &n_in, error) : fail(error, LAC_NO_MEMORY, "out of memory");
	if (!s)
		s = lac_context_open(&context, models->n_adapted ? models->adapted[0] : models->base, &command->options, error);
	if (!s)
		s = transform(command, context, in, n_in, out, most_out, &n_out, error);
	if (!s && !sink.write(sink.payload, out, n_out))
		s = fail(error, LAC_WRITE_FAILED, "writing failed");
	stats->bytes_in = n_in;
	stats->bytes_out = n_out;
	lac_context_close(&context);
	free(in);
	free(out);
	return s;
}
