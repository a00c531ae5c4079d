/* golden_maker.h: who makes a golden file, and how its lines are written
 * (tests/golden/README.md). */
#ifndef LAC_GOLDEN_MAKER_H
#define LAC_GOLDEN_MAKER_H

#include "test.h"
#include "kernels/kernels.h"

#include <stdarg.h>

struct golden_maker {
	const struct lac_kernels *kernels; /* the textbook's or one of the library's */
	/* what no table of kernels does is done by the textbook, not by the library */
	bool is_textbook;
	FILE *out;
	uint64_t state;                    /* of the random numbers that inputs are drawn from */
};

__attribute__((format(printf, 2, 3)))
static inline void golden_case(struct golden_maker *maker, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("\ncase ", maker->out);
	vfprintf(maker->out, format, arguments);
	fputc('\n', maker->out);
	va_end(arguments);
}

static inline void golden_floats(struct golden_maker *maker, const char *name, const float *x, size_t n)
{
	fputs(name, maker->out);
	for (size_t i = 0; i < n; i++)
		fprintf(maker->out, " %a", (double)x[i]);
	fputc('\n', maker->out);
}

static inline void golden_numbers(struct golden_maker *maker, const char *name, const uint64_t *x, size_t n)
{
	fputs(name, maker->out);
	for (size_t i = 0; i < n; i++)
		fprintf(maker->out, " %llu", (unsigned long long)x[i]);
	fputc('\n', maker->out);
}

static inline void golden_bytes(struct golden_maker *maker, const char *name, const int8_t *x, size_t n)
{
	fputs(name, maker->out);
	for (size_t i = 0; i < n; i++)
		fprintf(maker->out, " %d", x[i]);
	fputc('\n', maker->out);
}

static inline void golden_hex(struct golden_maker *maker, const char *name, const uint8_t *x, size_t n)
{
	fprintf(maker->out, "%s ", name);
	for (size_t i = 0; i < n; i++)
		fprintf(maker->out, "%02x", x[i]);
	fputc('\n', maker->out);
}

#endif
