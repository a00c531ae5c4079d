/* texts.h: the files that training reads: what cannot be read twice is copied first. */
#ifndef CLI_TRAINING_TEXTS_H
#define CLI_TRAINING_TEXTS_H

#include "laconic_train.h"

/* n paths, or, if there is none, the standard input, which is "-": they are added to what the call
 * uses (used_files.h). Prints why they cannot be. */
bool add_texts(const char *const *paths, size_t n);

/* Sets files and names to those, once the outputs are known to be fine. A pipe, a device and the
 * standard input are copied into a file without a name, which is there to the end of
 * the program. Prints why it cannot; free_texts() is called either way. */
bool take_texts(struct lac_train_texts *texts, const char *const *paths, size_t n);
void free_texts(struct lac_train_texts *texts);

#endif
