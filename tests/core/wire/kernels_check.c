/* The kernels and the name tables over random and hostile bytes, at every length and alignment, at
 * both edges of mapped memory.
 *
 *     kernels_check [SEED]        prints what it ran; aborts at the first wrong answer
 */
#include "kernels_naive.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define FORBID(at, size) ASAN_POISON_MEMORY_REGION(at, size)
#define ALLOW(at, size) ASAN_UNPOISON_MEMORY_REGION(at, size)
#else
#define FORBID(at, size) ((void)(at), (void)(size))
#define ALLOW(at, size) ((void)(at), (void)(size))
#endif

enum { LONGEST = 300, ALIGNMENTS = 64, LARGE_ROUNDS = 300, LARGEST = 20000 };

/* ---- chance ---------------------------------------------------------------------------------- */

static uint64_t state;

/* xorshift64*: the same numbers on every machine. */
static uint32_t chance(uint32_t below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 0x2545f4914f6cdd1du) >> 33) % below;
}

/* Bytes to draw from, repeated for weight; or a text to repeat as it is. */
typedef struct {
    const char *name, *bytes;
    size_t count;
    bool in_order;
} pattern;

#define DRAWN(name, bytes) {name, bytes, sizeof bytes - 1, false}
#define REPEATED(name, bytes) {name, bytes, sizeof bytes - 1, true}

static const pattern patterns[] = {
    REPEATED("only LF", "\n"),
    REPEATED("only CR", "\r"),
    REPEATED("only CR LF", "\r\n"),
    REPEATED("only LF CR", "\n\r"),
    REPEATED("CR CR LF", "\r\r\n"),
    REPEATED("blank lines apart", "X\r\n\r\n"),
    REPEATED("folds", "\r\n \n\t"),
    REPEATED("no line end", "x"),
    REPEATED("lines of 63 bytes and LF", "Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhds;rport\n"),
    REPEATED("lines of 62 bytes and CR LF", "Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhd;rpor\r\n"),
    DRAWN("CR or LF", "\r\n"),
    DRAWN("few LF", "\nabcdefghijklmnopqrstuvwxyz :: 0123456789,.-;=<>@"),
    DRAWN("few CR", "\rabcdefghijklmnopqrstuvwxyz :: 0123456789,.-;=<>@"),
    DRAWN("colons", ":::\r\n"),
    DRAWN("a mix", "\r\n\r\n:: \tabAB01-"),
    REPEATED("plain lines", "Subject: a\tb ~!\r\n"),
    DRAWN("mostly plain", "\t !~abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ,.-;=<>@\r"),
    REPEATED("text in UTF-8", "\xc3\xa9\xe5\xbc\xa0 \xf0\x9f\x98\x80\r\n\xed\x9f\xbf"),
    REPEATED("a surrogate", "\xed\xa0\x80"),
    REPEATED("overlong forms", "\xe0\x9f\x80\xc1\x80"),
    REPEATED("beyond Unicode", "\xf4\x8f\xbf\xbf\xf4\x90\x80\x80"),
    DRAWN("leads and continuations", "\xc2\xe0\xe1\xed\xf0\xf4\x80\x8f\x90\x9f\xa0\xbf"),
    DRAWN("near misses", "\r\n\x0b\x0c\x09\x0e\x8a\x8d\x0a\x4a\x4d\x2a\x2d\xba:;\x3b\xfa\x00\xff"),
};
enum { PATTERNS = sizeof patterns / sizeof *patterns };

static void fill(const pattern *kind, uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)kind->bytes[kind->in_order ? i % kind->count : chance((uint32_t)kind->count)];
}

/* ---- line ends ------------------------------------------------------------------------------- */

/* The longest run of line ends that a message begins with: the tokenizer starts a scan after it. */
static uint32_t first_byte_of_message(const uint8_t *data, uint32_t size)
{
    uint32_t at = 0;
    while (at < size && (data[at] == '\n' || (data[at] == '\r' && at + 1 < size && data[at + 1] == '\n')))
        at += data[at] == '\r' ? 2 : 1;
    return at;
}

static void check_starts(const uint8_t *data, uint32_t size)
{
    uint32_t start = first_byte_of_message(data, size);
    check_lines(data, size, 0);
    if (start != 0)
        check_lines(data, size, start);
    if (size != 0) /* a C caller's message may follow any bytes, such as a lone CR */
        check_lines(data, size, chance(size));
}

/* One size: begun at each alignment with hostile bytes around it, then at both edges. */
static void check_placements(const pattern *kind, region memory, uint32_t size)
{
    for (size_t alignment = 0; alignment < ALIGNMENTS; alignment++) {
        uint8_t *data = memory.first + alignment, *after = data + size;
        fill(kind, memory.first, alignment + size + ALIGNMENTS);
        FORBID(memory.first, alignment);
        FORBID(after, (size_t)(memory.end - after));
        check_starts(data, size);
        ALLOW(memory.first, (size_t)(memory.end - memory.first));
    }
    fill(kind, memory.end - size, size);
    check_starts(memory.end - size, size);
}

static void check_every_length(void)
{
    region memory = map_region(ALIGNMENTS + LONGEST + ALIGNMENTS);
    for (size_t i = 0; i < PATTERNS; i++)
        for (uint32_t size = 0; size <= LONGEST; size++)
            check_placements(&patterns[i], memory, size);
}

static void check_large(void)
{
    region memory = map_region(LARGEST);
    for (int round = 0; round < LARGE_ROUNDS; round++) {
        uint32_t size = 1 + chance(LARGEST);
        uint8_t *data = memory.end - size;
        fill(&patterns[chance(PATTERNS)], data, size);
        for (uint32_t other = chance(4); other > 0; other--) {
            uint32_t at = chance(size);
            fill(&patterns[chance(PATTERNS)], data + at, size - at);
        }
        check_starts(data, size);
    }
}

/* One CR among lines, everywhere, and a CR as the last byte of a block or of the buffer. */
static void check_single_cr(void)
{
    region memory = map_region(LONGEST);
    for (uint32_t size = 1; size <= LONGEST; size++) {
        uint8_t *data = memory.end - size;
        for (uint32_t at = 0; at < size; at++) {
            memset(data, at % 2 ? '\n' : 'x', size);
            data[at] = '\r';
            check_lines(data, size, 0);
        }
    }
}

/* ---- colons -------------------------------------------------------------------------------------- */

static void check_colons(void)
{
    region memory = map_region(READABLE + ALIGNMENTS);
    for (size_t i = 0; i < PATTERNS; i++)
        for (size_t offset = 0; offset < ALIGNMENTS; offset++) {
            uint8_t *data = memory.end - READABLE - offset;
            fill(&patterns[i], data, READABLE);
            check_colon(data);
            for (size_t at = 0; at < READABLE; at++) {
                memset(data, 'x', READABLE);
                memset(data + at, ':', chance((uint32_t)(READABLE - at)) + 1);
                check_colon(data);
            }
        }
}

static void check_words(void)
{
    region memory = map_region(8);
    uint8_t *data = memory.end - 8;
    for (size_t i = 0; i < PATTERNS; i++)
        for (uint32_t byte = 0; byte < 256; byte++) {
            fill(&patterns[i], data, 8);
            data[chance(8)] = (uint8_t)(byte + chance(3) - 1);
            check_equal8(data, (uint8_t)byte);
        }
}

/* ---- names --------------------------------------------------------------------------------------- */

/* The name, and junk behind it, at the edge of what may be read. */
static void check_one_name(region memory, const name_table *table, const uint8_t *text, uint32_t length)
{
    uint8_t *name = memory.end - READABLE;
    fill(&patterns[PATTERNS - 1], name, READABLE);
    memcpy(name, text, length);
    check_name(table, name, length);
}

/* A known name in random case, cut short, one byte longer, and with each byte made each other one. */
static void check_around(region memory, const name_table *table, const known_name *known)
{
    uint8_t text[READABLE];
    uint32_t length = (uint32_t)strlen(known->text);
    memcpy(text, known->text, length);
    check_one_name(memory, table, text, length);
    if (naive_name_id(table, text, length) != known->id)
        fail("a known name is not found", table->what, length, known->id);
    for (uint32_t shorter = 0; shorter < length; shorter++)
        check_one_name(memory, table, text, shorter);
    for (uint32_t byte = 0; byte < 256; byte++) {
        text[length] = (uint8_t)byte;
        check_one_name(memory, table, text, length + 1);
    }
    for (uint32_t at = 0; at < length; at++) {
        uint8_t right = text[at];
        for (uint32_t byte = 0; byte < 256; byte++) {
            text[at] = (uint8_t)byte;
            check_one_name(memory, table, text, length);
        }
        text[at] = right;
    }
    for (int round = 0; round < 20; round++) {
        for (uint32_t at = 0; at < length; at++)
            if (lower_case((uint8_t)known->text[at]) >= 'a' && lower_case((uint8_t)known->text[at]) <= 'z')
                text[at] = (uint8_t)(known->text[at] ^ (chance(2) ? 0x20 : 0));
        check_one_name(memory, table, text, length);
    }
}

/* The head of one name and the tail of another: what a hash over both ends could confuse. */
static void check_mixtures(region memory, const name_table *table)
{
    uint8_t text[READABLE];
    for (int round = 0; round < 20000; round++) {
        const char *head = table->known[chance((uint32_t)table->count)].text;
        const char *tail = table->known[chance((uint32_t)table->count)].text;
        uint32_t kept = chance((uint32_t)strlen(head) + 1), cut = chance((uint32_t)strlen(tail) + 1);
        uint32_t more = (uint32_t)strlen(tail) - cut;
        if (kept + more > READABLE)
            continue;
        memcpy(text, head, kept);
        memcpy(text + kept, tail + cut, more);
        check_one_name(memory, table, text, kept + more);
    }
}

static void check_random_names(region memory, const name_table *table)
{
    uint8_t text[READABLE];
    for (uint32_t length = 0; length <= READABLE; length++)
        for (int round = 0; round < 200; round++) {
            for (uint32_t at = 0; at < length; at++)
                text[at] = (uint8_t)(round % 2 ? chance(256) : 'a' + chance(26));
            check_one_name(memory, table, text, length);
        }
}

static void check_names(void)
{
    region memory = map_region(READABLE);
    for (size_t i = 0; i < NAME_TABLES; i++) {
        for (size_t name = 0; name < name_tables[i].count; name++)
            check_around(memory, &name_tables[i], &name_tables[i].known[name]);
        check_mixtures(memory, &name_tables[i]);
        check_random_names(memory, &name_tables[i]);
    }
}

int main(int argc, char **argv)
{
    sip_kernel kernels[SIP_KERNELS];
    int count = sip_kernels(kernels);
    state = argc > 1 ? strtoull(argv[1], NULL, 10) | 1 : 1;
    check_every_length();
    check_single_cr();
    check_large();
    check_colons();
    check_words();
    check_names();
    for (int i = 0; i < count; i++)
        printf("%s ", kernels[i].name);
    puts("agree with the byte loop");
    return 0;
}
