#include "io/interrupt.h"

#include <signal.h>
#include <time.h>

static volatile sig_atomic_t is_interrupted;
static volatile time_t interrupted_at;

/* A later signal ends the program; one at the same time, as timeout(1)
 * sends to the command and again to its group, is the same wish. */
static void on_interrupt(int number)
{
	const time_t now = time(NULL);

	if (is_interrupted && now > interrupted_at + 1) {
		signal(number, SIG_DFL);
		raise(number);
	}
	if (!is_interrupted)
		interrupted_at = now;
	is_interrupted = 1;
}

void catch_interrupts(void)
{
	signal(SIGINT, on_interrupt);
	signal(SIGTERM, on_interrupt);
}

bool was_interrupted(void)
{
	return is_interrupted;
}
