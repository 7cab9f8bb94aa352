/* Common code of the C rivals: a corpus in memory, a check of the results, and timed rounds.
 *
 *     rival check CORPUS           per message one line "method-or-status TAB Call-ID", or "-" when refused
 *     rival time CORPUS ROUNDS     per round one line: ns per message, CPU time and wall time
 *
 * CORPUS holds messages one after another, each after its length (32 bits, this machine's byte
 * order). The core to run on is inherited from whoever starts the program.
 */
#ifndef CORPUS_H
#define CORPUS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct message {
    const char *data;
    size_t length;
};

struct corpus {
    struct message *messages;
    size_t count;
};

/* Parses one message and frees what it made; false when the library refuses the message.
 * `facts` is NULL while the clock runs; otherwise the method or status and the Call-ID go there. */
typedef bool take_message(const struct message *message, FILE *facts);

static void give_up(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(2);
}

static char *read_whole(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        give_up("cannot open the corpus");
    long size = ftell(file);
    if (size < 0)
        give_up("cannot measure the corpus");
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    if (bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size)
        give_up("cannot read the corpus");
    fclose(file);
    *length = (size_t)size;
    return bytes;
}

static struct corpus load_corpus(const char *path)
{
    size_t size, room = 1024, offset = 0;
    char *bytes = read_whole(path, &size);
    struct corpus corpus = {malloc(room * sizeof *corpus.messages), 0};
    while (corpus.messages != NULL && size - offset >= sizeof(uint32_t)) {
        uint32_t length;
        memcpy(&length, bytes + offset, sizeof length);
        offset += sizeof length;
        if (length > size - offset)
            give_up("the corpus ends inside a message");
        if (corpus.count == room) {
            room *= 2;
            corpus.messages = realloc(corpus.messages, room * sizeof *corpus.messages);
            if (corpus.messages == NULL)
                break;
        }
        corpus.messages[corpus.count++] = (struct message){bytes + offset, length};
        offset += length;
    }
    if (corpus.messages == NULL)
        give_up("no memory for the corpus");
    if (corpus.count == 0)
        give_up("the corpus is empty");
    return corpus;
}

struct took {
    double cpu; /* the process's own time: waiting for the core behind others does not count */
    double wall;
};

static double now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static void go_over(const struct corpus *corpus, take_message *take, size_t passes)
{
    for (; passes > 0; passes--)
        for (size_t i = 0; i < corpus->count; i++)
            take(&corpus->messages[i], NULL);
}

#define ROUND_CALLS 10000 /* as in timing.py */

/* Repeats a short corpus, after one uncounted pass. */
static struct took round_ns(const struct corpus *corpus, take_message *take)
{
    size_t passes = ROUND_CALLS / corpus->count;
    if (passes > 1)
        go_over(corpus, take, 1);
    else
        passes = 1;
    struct took begin = {now_ns(CLOCK_PROCESS_CPUTIME_ID), now_ns(CLOCK_MONOTONIC)};
    go_over(corpus, take, passes);
    struct took end = {now_ns(CLOCK_PROCESS_CPUTIME_ID), now_ns(CLOCK_MONOTONIC)};
    double calls = (double)passes * (double)corpus->count;
    return (struct took){(end.cpu - begin.cpu) / calls, (end.wall - begin.wall) / calls};
}

static int run_rival(int argc, char **argv, take_message *take)
{
    if (argc == 3 && strcmp(argv[1], "check") == 0) {
        struct corpus corpus = load_corpus(argv[2]);
        for (size_t i = 0; i < corpus.count; i++)
            if (!take(&corpus.messages[i], stdout))
                puts("-");
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "time") == 0) {
        struct corpus corpus = load_corpus(argv[2]);
        for (int rounds = atoi(argv[3]); rounds > 0; rounds--) {
            struct took took = round_ns(&corpus, take);
            printf("%.2f %.2f\n", took.cpu, took.wall);
        }
        return 0;
    }
    give_up("usage: check CORPUS | time CORPUS ROUNDS");
    return 2;
}

#endif
