#include "advice.h"
#include "options.h"
#include "io/report.h"

#include <string.h>

static const struct advice {
	enum lac_status status;
	/* the text of the error has them, as a status has several causes; NULL: any text */
	const char *words;
	int option;        /* the advice is for commands that take it */
	const char *text;
} advices[] = {
	{ LAC_OVER_LIMIT, NULL, OPTION_LIMIT, "; allow more with --limit" },
	{ LAC_NO_MEMORY, "allowed", OPTION_MEMORY, "; allow more with --memory" },
	{ LAC_NO_MEMORY, "out of memory", OPTION_MEMORY, "; fewer threads (-T) take less" },
	/* of training */
	{ LAC_NO_MEMORY, "out of memory", OPTION_BATCH, "; a smaller --batch or --context takes less" },
	{ LAC_NO_THREAD, NULL, 'T', "; ask for fewer with -T" },
	{ LAC_NO_INDEX, NULL, OPTION_RECORD, "; compress it with --records and without --no-index, or read all of it: cat without "
		"--record and --range" },
	{ LAC_OTHER_MODEL, NULL, OPTION_MODEL, "; name its file with --model" },
	{ LAC_OTHER_ADAPTER, NULL, OPTION_ADAPTER, "; name its file with --adapter" },
	{ LAC_UNSUPPORTED, "another kind of training", OPTION_RESUME, "; without --resume, and with -f, training begins anew" },
	{ LAC_SELF_TEST_FAILED, "do not repeat", OPTION_KERNELS, "; try --kernels scalar, and report it" },
	{ LAC_BAD_ARGUMENT, "kernels", OPTION_KERNELS, "; laconic --version lists those that are" },
	{ LAC_BAD_ARGUMENT, "name the head's dim", OPTION_HEAD_DIM, " with --head-dim" },
};

const char *advice_on(const struct command *command, const struct lac_error *error)
{
	for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
		const struct advice *a = &advices[i];

		if (a->status == error->status && find_option(a->option, command->action) && (!a->words || strstr(error->text, a->words)))
			return a->text;
	}
	return "";
}

static bool is_message_by_name(const char *name)
{
	const char *suffix = name ? strrchr(name, '.') : NULL;

	return suffix && strcmp(suffix, ".lacm") == 0;
}

void complain_of(const struct command *command, const char *name, const struct lac_error *error)
{
	const char *advice = error->status == LAC_NOT_ARCHIVE && is_message_by_name(name)
		? "; it is a message, by its suffix: laconic -d --message restores it" : advice_on(command, error);

	complain("%s%s%s%s", name ? name : "", name ? ": " : "", error->text, advice);
}
