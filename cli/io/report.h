/* report.h: words and numbers for people (standard error) and for programs (JSON). */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "laconic.h"

#include <stdio.h>

/* As fprintf(). Names come from strangers: what would move a terminal's cursor, or turn the order
 * of letters round, is shown as \x1b or \u202e, and so is a byte that is not UTF-8. Only the
 * format's last newline ends the line. */
void tell(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "laconic: ..." and a newline on standard error, in the same way. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A text as it is shown so: as many whole characters as fit. Returns how many bytes they take. */
size_t mask_text(char *out, size_t capacity, const char *text);

/* What was complained of first since the last call; "" nothing. Borrowed until the next call. */
const char *take_complaint(void);
bool was_complained(void); /* since */

/* 1234567 -> "1,234,567". */
struct grouped { char text[32]; };
struct grouped group_digits(uint64_t number);

/* "1 byte", "1,234 bytes". */
struct counted { char text[48]; };
struct counted count_of(uint64_t number, const char *unit);

/* An identity in hexadecimal. */
struct hexadecimal { char text[33]; };
struct hexadecimal print_identity(const uint8_t identity[16]);

/* A JSON string, quotes included. Control characters are escaped, and what turns letters round.
 * Bytes that are not UTF-8 become U+DC80 to U+DCFF, as Python's surrogateescape has it. */
void print_json_string(FILE *file, const char *text);

/* bytes of archive / bytes of text, and eight times that; 0 for an empty text. */
double ratio_of(uint64_t archive_bytes, uint64_t text_bytes);

#endif
