/* finder.h: what the files of a finder share (laconic.h, "Finding models"). */
#ifndef LAC_FINDER_FINDER_H
#define LAC_FINDER_FINDER_H

#include "laconic.h"

#include <sys/stat.h>

/* A GGUF file, and when it was last changed. */
struct lac_known {
	struct lac_found found; /* path: owned */
	int64_t seconds, nanoseconds;
};

struct lac_known_list {
	struct lac_known *at; /* owned */
	size_t n;
};

struct lac_finder {
	struct lac_finder_options options; /* its strings: owned */
	struct lac_known_list listed;      /* what lac_finder_list() found last */
	char *named;                       /* owned: what lac_finder_named() found last */
	char told[320];                    /* of the packed form */
};

/* Appends and takes `known` over: without memory its path is freed. */
bool lac_known_add(struct lac_known_list *list, struct lac_known *known);
void lac_known_free(struct lac_known_list *list);

/* Owned: the texts one after the other, freed with lac_free(). NULL: no memory. */
char *lac_text_join(const char *first, const char *second, const char *third);

/* The names in a folder that `is_wanted` wants, in the order of their bytes. */
struct lac_names {
	char **at; /* owned, as each is */
	size_t n;
};
/* None, if there is no such folder. False: no memory. */
bool lac_names_read(struct lac_names *names, const char *folder, bool (*is_wanted)(const char *name));
void lac_names_free(struct lac_names *names);

/* An identity in hexadecimal. */
struct lac_identity_text { char text[33]; };
struct lac_identity_text lac_identity_print(const uint8_t identity[16]);

/* Makes the folders above `path`, as far as they are missing. Root makes none in those of
 * others. */
void lac_make_folders(char *path);

/* ---- identities.c ------------------------------------------------------------------------------
 * Which model a file is, remembered by path, size and time, since to tell it takes reading all of
 * the file. A memory that is damaged, missing or wrong costs time and nothing else: whoever opens
 * a file that it names compares the identity again. */

/* None, if it cannot be read. */
void lac_identities_load(struct lac_known_list *list, const char *path);
/* Replaces it as a whole, if it can. */
void lac_identities_save(const struct lac_known_list *list, char *path);
/* The one of that path, size and time, or NULL. */
const struct lac_known *lac_identities_find(const struct lac_known_list *list, const char *path, const struct stat *info);

/* ---- packed_forms.c ----------------------------------------------------------------------------
 * What opening made of large files, kept so that they open sooner the next time. A form that is
 * damaged, missing, or of another file costs time and nothing else: the library converts what is
 * not of the very file, or has not its identity. A form is kept only after the file was converted
 * once more, since a fault of one conversion would be kept with it. */

enum lac_status lac_packed_open(struct lac_finder *finder, struct lac_model **out, const char *path, const struct lac_options *options,
	struct lac_error *error);

/* ---- listing.c ------------------------------------------------------------------------------- */

/* Every GGUF file of the folders. remembers: the identities that are remembered are believed.
 * LAC_NO_MEMORY. */
enum lac_status lac_finder_scan(struct lac_finder *finder, const struct lac_model *base, bool remembers, struct lac_error *error);

#endif
