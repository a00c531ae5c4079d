/* cluster.c: laconic cluster. */
#include "advice.h"
#include "command.h"
#include "io/files.h"
#include "io/interrupt.h"
#include "laconic_train.h"
#include "io/report.h"
#include "io/used_files.h"
#include "training/texts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct clustering {
	const struct command *command;
	struct lac_cluster_options options;
	bool is_quiet, is_json, is_shown; /* is_shown: progress, on a terminal */
	uint64_t n_skipped;               /* lines */
};

static bool on_progress(void *payload, uint64_t n_embedded, uint64_t n_texts)
{
	const struct clustering *c = payload;

	if (c->is_shown && (n_embedded % 64 < 2 || n_embedded == n_texts))
		fprintf(stderr, "\r\033[K%s of %s texts", group_digits(n_embedded).text, group_digits(n_texts).text);
	if (c->is_shown && n_embedded == n_texts)
		fprintf(stderr, "\r\033[K");
	return !was_interrupted();
}

/* FILE, or FILE:LINE, and the cluster. */
static bool on_text(void *payload, const char *file, uint64_t line, uint32_t cluster)
{
	const struct clustering *c = payload;

	if (c->is_json) {
		printf("{\"status\": \"ok\", \"file\": ");
		print_json_string(stdout, file);
		printf(", \"line\": %" PRIu64 ", \"cluster\": %" PRIu32 "}\n", line, cluster);
	} else if (line) {
		printf("%s:%" PRIu64 "\t%03" PRIu32 "\n", file, line, cluster);
	} else {
		printf("%s\t%03" PRIu32 "\n", file, cluster);
	}
	return !ferror(stdout) && !was_interrupted();
}

static bool on_cluster(void *payload, const struct lac_cluster *cluster)
{
	const struct clustering *c = payload;

	if (c->is_json)
		printf("{\"status\": \"ok\", \"cluster\": %" PRIu32 ", \"texts\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"nearness\": %.6f, "
			"\"skipped_lines\": %" PRIu64 "}\n", cluster->number, cluster->n_texts, cluster->n_bytes, cluster->nearness, c->n_skipped);
	else if (!c->is_quiet)
		fprintf(stderr, "%03" PRIu32 ": %s texts, %s bytes, nearness %.3f\n", cluster->number, group_digits(cluster->n_texts).text,
			group_digits(cluster->n_bytes).text, cluster->nearness);
	return !was_interrupted();
}

static int run(struct clustering *c)
{
	struct lac_error error = { .status = LAC_OK };
	const bool prints = c->options.assign && !c->options.output;

	c->options.on_progress = on_progress;
	c->options.on_text = prints ? on_text : NULL;
	c->options.on_cluster = prints ? NULL : on_cluster;
	c->options.payload = c;
	c->is_shown = !c->is_quiet && isatty(STDERR_FILENO);
	catch_interrupts();
	if (lac_cluster(&c->options, &error) && !ferror(stdout)) {
		complain_of(c->command, NULL, &error);
		return EXIT_ERROR;
	}
	return EXIT_OK; /* main() looks at the standard output */
}

/* Before texts are waited for. */
static bool check_output(const char *path)
{
	struct stat info;

	if (path && strcmp(path, "-") == 0)
		complain("folders are written, and the standard output is none; name one with -o");
	else if (!used_files_check_output(path))
		return false;
	else if (path && lstat(path, &info) == 0)
		complain("%s exists already; name a folder that is to be made", path);
	else
		return !path || could_make(path);
	return false;
}

int run_cluster(const struct command *command)
{
	struct clustering c = { .command = command, .options = command->cluster, .is_quiet = command->verbosity < 0, .is_json = command->json };
	int status = EXIT_ERROR;

	c.options.output = command->output;
	c.options.n_threads = command->options.n_threads;
	c.options.texts.n_skipped = &c.n_skipped;
	if (add_texts((const char *const *)command->files, (size_t)command->n_files) && check_output(command->output) &&
	    take_texts(&c.options.texts, (const char *const *)command->files, (size_t)command->n_files))
		status = run(&c);
	if (c.n_skipped && !c.is_quiet)
		tell(stderr, "%s skipped: no JSON object with a text\n", count_of(c.n_skipped, "line").text);
	free_texts(&c.options.texts);
	return status;
}
