/* probes.h: whether the language model could win a text at all. The text is coded without it first,
 * which costs a small part of the time (format.md sections 5.6 and 5.12).
 *
 * A block of one text has one probe. A block of records has one for each record of LAC_PROBE_BYTES
 * or more, and one for each run of shorter ones. */
#ifndef LAC_ARCHIVE_PROBES_H
#define LAC_ARCHIVE_PROBES_H

#include "archive/block.h"

#define LAC_PROBE_BYTES 1024u /* shorter texts do not show what the coders can do */

/* Sets up block->probes; `base` counts their tokens. records: the block's streams are records.
 * False: no memory. */
bool lac_block_set_probes(struct lac_block *block, bool records, const struct lac_model *base);

/* The rule of format.md section 5.6, of a probe that was coded. `follows`: it follows a text that
 * was not for the model. */
bool lac_probe_is_for_the_model(const struct lac_probe *probe, bool follows);

/* Whether a record looks like noise, which no model wins: a picture in base64, a key (format.md
 * section 5.12). A large model would take minutes to find that out. */
bool lac_probe_is_noise(const struct lac_probe *probe);

/* How many records probe i is of, one that is open included. */
uint32_t lac_block_probe_records(const struct lac_block *block, uint32_t i);

/* The probe coded all of the block's text: its payload becomes block->mixed. */
void lac_block_take_probe(struct lac_block *block, struct lac_probe *probe);

/* A block of the records of probes `first` to end - 1, copied. If that is one probe, it takes its
 * payload. NULL: no memory. */
struct lac_block *lac_block_part(struct lac_block *block, uint32_t first, uint32_t end);

#endif
