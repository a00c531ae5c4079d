#include "io/progress.h"
#include "io/report.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SECONDS_BEFORE 0.5
#define SECONDS_BETWEEN 0.1
#define COLUMNS_DEFAULT 80
#define COLUMNS_MAX 250
#define SHORT_COLUMNS 60
#define BAR_MIN 10
#define BAR_MAX 40

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) * 1e-9;
}

static int count_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS_DEFAULT;
	return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

/* Bytes, if there is room for them, rate and, if it is known, what is left. */
static void print_numbers(char *out, size_t capacity, const struct progress *progress, uint64_t n_read, double seconds, bool is_short)
{
	const double rate = (double)n_read / seconds;
	const char *unit = rate < 1e6 ? "kB/s" : "MB/s";
	int n = snprintf(out, capacity, "%s%s%.1f %s", is_short ? "" : group_digits(n_read).text, is_short ? "" : " bytes, ",
		rate < 1e6 ? rate * 1e-3 : rate * 1e-6, unit);

	if (progress->n_bytes && n_read && n_read <= progress->n_bytes && n > 0 && (size_t)n < capacity) {
		const double left = (double)(progress->n_bytes - n_read) / rate;
		const unsigned long s = left < 1e9 ? (unsigned long)left : 1000000000ul;

		snprintf(out + n, capacity - (size_t)n, ", %lu:%02lu:%02lu left", s / 3600, s / 60 % 60, s % 60);
	}
}

/* " 45% [=========>          ] ", as wide as there is room. */
static void print_bar(char *out, size_t capacity, double share, int room)
{
	int width = room - 9 < BAR_MAX ? room - 9 : BAR_MAX, n_full;
	int n = snprintf(out, capacity, " %3d%%", (int)(100 * share));

	if (width < BAR_MIN || (size_t)(n + width) + 5 > capacity)
		return;
	n_full = (int)(share * width);
	out[n++] = ' ';
	out[n++] = '[';
	for (int i = 0; i < width; i++)
		out[n++] = i < n_full ? '=' : i == n_full ? '>' : ' ';
	out[n++] = ']';
	out[n] = 0;
}

/* One line, never as wide as the terminal, written at once over the one before: nothing is cleared
 * that is not written again. */
static void show(const struct progress *progress, uint64_t n_read, double seconds)
{
	const int columns = count_columns() - 1;
	const uint64_t most = progress->n_bytes;
	char numbers[128], bar[96] = "", name[COLUMNS_MAX], line[COLUMNS_MAX + 16];
	const int n_name = (int)mask_text(name, (size_t)(columns / 3) + 1, progress->name);
	int room, n;

	print_numbers(numbers, sizeof numbers, progress, n_read, seconds, most && columns < SHORT_COLUMNS);
	room = columns - n_name - (int)strlen(numbers) - 3;
	if (most && room >= 5)
		print_bar(bar, sizeof bar, n_read < most ? (double)n_read / (double)most : 1, room);
	n = snprintf(line, sizeof line, "\r%s:%s %s", name, bar, numbers);
	if (n > columns + 1)
		n = columns + 1; /* the carriage return takes no column */
	n += snprintf(line + n, sizeof line - (size_t)n, "\033[K");
	(void)!write(STDERR_FILENO, line, (size_t)n);
}

static bool on_progress(void *payload, uint64_t bytes_in, uint64_t bytes_out)
{
	struct progress *progress = payload;
	struct timespec now;
	double seconds;

	(void)bytes_out;
	clock_gettime(CLOCK_MONOTONIC, &now);
	seconds = seconds_between(&progress->start, &now);
	if (seconds < SECONDS_BEFORE || seconds_between(&progress->last, &now) < SECONDS_BETWEEN)
		return true;
	progress->last = now;
	progress->is_shown = true;
	show(progress, bytes_in, seconds);
	return true;
}

void progress_begin(struct progress *progress, struct lac_options *options, const char *name, uint64_t n_bytes)
{
	*progress = (struct progress){ .name = name, .n_bytes = n_bytes };
	clock_gettime(CLOCK_MONOTONIC, &progress->start);
	if (!isatty(STDERR_FILENO))
		return;
	options->progress = on_progress;
	options->progress_payload = progress;
}

void progress_end(const struct progress *progress)
{
	if (progress->is_shown)
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
}
