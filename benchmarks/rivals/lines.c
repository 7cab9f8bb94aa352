/* The physical yardstick: memchr from line end to line end, over every byte of each message. */
#include "corpus.h"

static volatile size_t line_ends;

static bool take(const struct message *message, FILE *facts)
{
    const char *at = message->data;
    const char *end = at + message->length;
    size_t lines = 0;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        lines++;
    }
    line_ends = lines; /* keeps the loop from being dropped as unused */
    if (facts != NULL)
        fprintf(facts, "%zu\t\n", lines);
    return true;
}

int main(int argc, char **argv)
{
    return run_rival(argc, argv, take);
}
