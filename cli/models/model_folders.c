#include "models/model_folders.h"
#include "io/report.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef LACONIC_SHARE
#define LACONIC_SHARE "/usr/local/share/laconic"
#endif

char *user_path(const char *variable, const char *fallback, const char *name)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	char *path = NULL;

	if (base && base[0] == '/')
		return asprintf(&path, "%s/laconic/%s", base, name) < 0 ? NULL : path;
	if (home && home[0] == '/')
		return asprintf(&path, "%s/%s/laconic/%s", home, fallback, name) < 0 ? NULL : path;
	return NULL;
}

/* Those between colons; returns false without memory. */
static bool add_listed(char **folders, size_t *n, const char *list)
{
	while (*list) {
		const size_t length = strcspn(list, ":");

		if (length && !(folders[(*n)++] = strndup(list, length)))
			return false;
		list += length + (list[length] == ':');
	}
	return true;
}

char **model_folders(void)
{
	const char *listed = getenv("LACONIC_MODELS");
	size_t n = 0, most = 4;
	char **folders;

	for (const char *at = listed ? listed : ""; *at; at++)
		most += *at == ':';
	folders = calloc(most, sizeof *folders);
	if (!folders || !add_listed(folders, &n, listed ? listed : "")) {
		model_folders_free(&folders);
		return NULL;
	}
	folders[n] = user_path("XDG_DATA_HOME", ".local/share", "models");
	n += folders[n] != NULL;
	folders[n] = strdup(LACONIC_SHARE "/models");
	return folders;
}

void model_folders_free(char ***folders)
{
	for (char **at = *folders; at && *at; at++)
		free(*at);
	free(*folders);
	*folders = NULL;
}

void complain_of_folders(const char *what)
{
	char **folders = model_folders();

	complain("%s was looked for in the folders of `laconic models path`:", what);
	for (char **at = folders; at && *at; at++)
		complain("  %s", *at);
	model_folders_free(&folders);
}
