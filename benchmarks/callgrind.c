/* Callgrind's client requests as functions that ctypes can call; nothing happens outside of it. */
#include <valgrind/callgrind.h>

void start_counting(void);
void stop_counting(const char *row);

void start_counting(void)
{
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}

void stop_counting(const char *row)
{
    CALLGRIND_DUMP_STATS_AT(row);
    CALLGRIND_STOP_INSTRUMENTATION;
}
