/* Callgrind's client requests as functions that ctypes can call; nothing happens outside of it. */
#include <stdio.h>

#include <valgrind/callgrind.h>

void start_counting(void);
void stop_counting(const char *row, long calls);

void start_counting(void)
{
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}

/* Writes the counts to a file, with the row and the number of calls. */
void stop_counting(const char *row, long calls)
{
    char trigger[128];
    snprintf(trigger, sizeof trigger, "%ld %s", calls, row);
    CALLGRIND_DUMP_STATS_AT(trigger);
    CALLGRIND_STOP_INSTRUMENTATION;
}
