/* interrupt.h: a first SIGINT or SIGTERM is a wish to end in good order; training finishes its step
 * and keeps it. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

void catch_interrupts(void);
bool was_interrupted(void);

#endif
