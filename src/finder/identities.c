#include "finder/finder.h"
#include "base/bytes.h"
#include "base/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER "laconic identities 1\n"
#define LINES_MAX 4096u
#define LINE_BYTES_MAX 8192u

/* ---- A line: kind, identity, size, time, architecture; then name and path behind tabs -------- */

static bool parse_identity(const char *text, uint8_t identity[16])
{
	for (size_t i = 0; i < 16; i++) {
		unsigned value;

		/* NOLINTNEXTLINE(cert-err34-c): it fits */
		if (strspn(text + 2 * i, "0123456789abcdef") < 2 || sscanf(text + 2 * i, "%2x", &value) != 1)
			return false;
		identity[i] = (uint8_t)value;
	}
	return true;
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* `line` ends where its line feed was. */
static bool parse_line(char *line, struct lac_known *known)
{
	char *name = strchr(line, '\t'), *path = name ? strchr(name + 1, '\t') : NULL, identity[33], kind;
	struct lac_found *found = &known->found;

	*known = (struct lac_known){ .found.kind = LAC_FOUND_BAD };
	if (!path)
		return false;
	*path++ = 0;
	*name++ = 0;
	/* a number that does not fit is that of no file, whatever it is read as */
	/* NOLINTNEXTLINE(cert-err34-c) */
	if (sscanf(line, "%c %32s %" SCNu64 " %" SCNd64 " %" SCNd64 " %15s", &kind, identity, &found->file_bytes, &known->seconds,
	        &known->nanoseconds, found->architecture) != 6 || !parse_identity(identity, found->identity))
		return false;
	if ((kind != 'm' && kind != 'a') || path[0] != '/' || strlen(name) > LAC_MODEL_NAME_MAX || !is_printable(name))
		return false;
	memcpy(found->name, name, strlen(name) + 1);
	found->kind = kind == 'm' ? LAC_FOUND_MODEL : LAC_FOUND_ADAPTER;
	found->path = lac_text_join(path, "", "");
	return found->path != NULL;
}

/* ---- The file -------------------------------------------------------------------------------- */

/* Up to the most that is ever written. False: it is no file of identities. */
static bool read_all(struct lac_buffer *out, const char *path)
{
	const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* not to hang on a pipe */
	char piece[8192];
	ssize_t n = file < 0 ? -1 : 1;

	while (n > 0 && !out->failed && out->length <= (size_t)LINES_MAX * LINE_BYTES_MAX) {
		n = read(file, piece, sizeof piece);
		if (n > 0)
			lac_buffer_append(out, piece, (size_t)n);
	}
	if (file >= 0)
		close(file);
	lac_buffer_u8(out, 0);
	return n == 0 && !out->failed && strncmp((const char *)out->bytes, HEADER, strlen(HEADER)) == 0;
}

void lac_identities_load(struct lac_known_list *list, const char *path)
{
	struct lac_buffer text = { 0 };
	struct lac_known known;
	unsigned n = 0;

	*list = (struct lac_known_list){ NULL, 0 };
	if (read_all(&text, path))
		for (char *line = (char *)text.bytes + strlen(HEADER), *end; n < LINES_MAX && (end = strchr(line, '\n')) != NULL; line = end + 1, n++) {
			*end = 0;
			if (parse_line(line, &known) && !lac_known_add(list, &known))
				break;
		}
	lac_buffer_free(&text);
}

static void write_lines(struct lac_buffer *out, const struct lac_known_list *list)
{
	const size_t first = list->n > LINES_MAX ? list->n - LINES_MAX : 0;
	char line[LINE_BYTES_MAX];

	lac_buffer_append(out, HEADER, strlen(HEADER));
	for (size_t i = first; i < list->n; i++) {
		const struct lac_known *k = &list->at[i];

		if (k->found.kind == LAC_FOUND_BAD || strpbrk(k->found.path, "\t\n") || strlen(k->found.path) > LINE_BYTES_MAX - 256)
			continue;
		snprintf(line, sizeof line, "%c %s %" PRIu64 " %" PRId64 " %" PRId64 " %s\t%s\t%s\n", k->found.kind == LAC_FOUND_MODEL ? 'm' : 'a',
			lac_identity_print(k->found.identity).text, k->found.file_bytes, k->seconds, k->nanoseconds, k->found.architecture,
			k->found.name, k->found.path);
		lac_buffer_append(out, line, strlen(line));
	}
}

static bool write_all(int file, const struct lac_buffer *text)
{
	for (size_t at = 0; at < text->length;) {
		const ssize_t n = write(file, text->bytes + at, text->length - at);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return !text->failed;
}

void lac_identities_save(const struct lac_known_list *list, char *path)
{
	char *temporary = lac_text_join(path, "-XXXXXX", "");
	struct lac_buffer text = { 0 };
	int file = -1;

	lac_make_folders(path);
	write_lines(&text, list);
	if (temporary)
		file = mkostemp(temporary, O_CLOEXEC);
	if (file >= 0) {
		const bool is_written = write_all(file, &text);

		if (close(file) != 0 || !is_written || rename(temporary, path) != 0)
			unlink(temporary);
	}
	lac_buffer_free(&text);
	lac_free(temporary);
}

const struct lac_known *lac_identities_find(const struct lac_known_list *list, const char *path, const struct stat *info)
{
	for (size_t i = list->n; i-- > 0;) {
		const struct lac_known *k = &list->at[i];

		if (strcmp(k->found.path, path) == 0 && k->found.file_bytes == (uint64_t)info->st_size && k->seconds == info->st_mtim.tv_sec &&
		    k->nanoseconds == info->st_mtim.tv_nsec)
			return k;
	}
	return NULL;
}
