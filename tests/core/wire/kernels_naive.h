/* What the kernels and the name tables must answer, said as plainly as can be.
 *
 * Each check aborts with one line on stderr when an answer is wrong.  `kernels_check.c` calls them
 * with random and hostile bytes, the fuzzer with what it thinks up.  Buffers lie between two pages
 * that nobody may touch, so a read outside of them ends the program too.
 *
 * `known_names.h` is made for the build: rows of KNOWN_HEADERS and KNOWN_METHODS.
 */
#ifndef KERNELS_NAIVE_H
#define KERNELS_NAIVE_H

#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* After the system's headers, which need these: what a compiler without intrinsics, or one of
 * another family, makes of the kernels. */
#ifdef WITHOUT_INTRINSICS
#undef __x86_64__
#undef __aarch64__
#endif
#ifdef WITHOUT_BUILTINS
#undef __GNUC__
#undef __clang__
#endif

#include "tables.h"

#include "known_names.h"

static void fail(const char *what, const char *kernel, size_t size, size_t offset)
{
    fprintf(stderr, "%s: %s, size %zu, at %zu\n", kernel, what, size, offset);
    abort();
}

/* ---- memory with an edge ------------------------------------------------------------------- */

/* Bytes with a page on either side that faults when it is touched. */
typedef struct {
    uint8_t *first, *end;
} region;

static region map_region(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), inside = (size + page - 1) / page * page;
    uint8_t *low = mmap(NULL, inside + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (low == MAP_FAILED || mprotect(low + page, inside, PROT_READ | PROT_WRITE) != 0) {
        perror("mmap");
        exit(2);
    }
    return (region){low + page, low + page + inside};
}

/* ---- line ends --------------------------------------------------------------------------------- */

#define MOST_BYTES 65536u

typedef struct {
    uint32_t ends[MOST_BYTES];
    uint32_t count;
    uint32_t bare_cr;
} line_ends;

static void naive_lines(const uint8_t *data, uint32_t size, uint32_t start, line_ends *found)
{
    found->count = 0;
    found->bare_cr = SIP_NONE;
    for (uint32_t at = start; at < size; at++) {
        if (data[at] == '\n')
            found->ends[found->count++] = at;
        if (data[at] == '\r' && at + 1 < size && data[at + 1] != '\n' && found->bare_cr == SIP_NONE)
            found->bare_cr = at;
    }
}

/* A kernel in batches against the naive loop, from `start` on, whatever is before it.  The batches may be of any size: only together they must hold every line end.
 * But a lone CR must be known before any line end past it is used. */
static void check_kernel(const sip_kernel *kernel, const uint8_t *data, uint32_t size, uint32_t start,
                         const line_ends *right)
{
    static region places;
    if (places.first == NULL)
        places = map_region(SIP_ROOM * sizeof(uint32_t));
    uint32_t *ends = (uint32_t *)(void *)places.end - SIP_ROOM;
    sip_scan scan = {start, SIP_NONE, 0};
    uint32_t seen = 0, count;
    while ((count = kernel->lines(data, size, &scan, ends)) != 0) {
        if (count > SIP_ROOM || count > right->count - seen)
            fail("more line ends than there are", kernel->name, size, start);
        if (memcmp(ends, right->ends + seen, count * sizeof *ends) != 0)
            fail("a wrong line end", kernel->name, size, start);
        seen += count;
        uint32_t expected = right->bare_cr < ends[count - 1] ? right->bare_cr : scan.bare_cr;
        if (scan.bare_cr != expected)
            fail("a bare CR is not known in time", kernel->name, size, start);
    }
    if (seen != right->count)
        fail("a line end is missing", kernel->name, size, start);
    if (scan.bare_cr != right->bare_cr)
        fail("the bare CR is wrong", kernel->name, size, start);
}

/* The bytes of the character that `data` begins with in UTF-8, or 0: by what its number may be. */
static size_t naive_utf8(const uint8_t *data, size_t size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = data[0] >= 0xf0 ? 4 : data[0] >= 0xe0 ? 3 : 2;
    uint32_t number = data[0] & (0xff >> (length + 1));
    if (data[0] < 0xc0 || data[0] >= 0xf8 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if (data[i] < 0x80 || data[i] > 0xbf)
            return 0;
        number = number << 6 | (data[i] & 0x3f);
    }
    return number < least[length] || number > 0x10ffff || (number >= 0xd800 && number < 0xe000) ? 0 : length;
}

static bool naive_plain(const uint8_t *data, size_t size)
{
    for (size_t at = 0, length = 1; at < size; at += length) {
        uint8_t byte = data[at];
        length = byte < 0x80 ? 1 : naive_utf8(data + at, size - at);
        if (length == 0 || byte == 0x7f || (byte < ' ' && byte != '\t' && byte != '\r' && byte != '\n') ||
            (byte == '\n' && (at == 0 || data[at - 1] != '\r')))
            return false;
    }
    return true;
}

/* Every kernel that this machine can run; the scalar one is among them. */
static void check_lines(const uint8_t *data, uint32_t size, uint32_t start)
{
    static line_ends right;
    sip_kernel kernels[SIP_KERNELS];
    int count = sip_kernels(kernels);
    naive_lines(data, size, start, &right);
    for (int i = 0; i < count; i++)
        check_kernel(&kernels[i], data, size, start, &right);
    bool plain = naive_plain(data + start, size - start);
    for (int i = 0; i < count; i++)
        if (!!kernels[i].plain(data + start, size - start) != plain)
            fail("plain text or not", kernels[i].name, size, start);
}

/* ---- colons, and the helpers on eight bytes ------------------------------------------------- */

enum { READABLE = 32 }; /* bytes that a look-up of a colon or a name may read */
enum { NEAR = 16 };     /* and one of a near colon or a short name */

/* `data` has READABLE bytes. */
static void check_colon(const uint8_t *data)
{
    uint32_t right = 0;
    while (right < READABLE && data[right] != ':')
        right++;
    if (sip_colon(data) != right)
        fail("the wrong colon", "sip_colon", READABLE, right);
    right = 0;
    while (right < NEAR && data[READABLE - NEAR + right] != ':')
        right++;
    if (sip_near_colon(data + READABLE - NEAR) != right)
        fail("the wrong colon", "sip_near_colon", NEAR, right);
}

/* `data` has 8 bytes. */
static void check_equal8(const uint8_t *data, uint8_t byte)
{
    uint64_t right = 0;
    for (uint32_t i = 0; i < 8; i++)
        right |= (uint64_t)(data[i] == byte) << i;
    if (sip_equal8(data, byte) != right)
        fail("the wrong bits", "sip_equal8", 8, byte);
}

/* ---- names ------------------------------------------------------------------------------------- */

typedef struct {
    const char *text;
    uint32_t id;
} known_name;

static const known_name known_headers[] = {KNOWN_HEADERS};
static const known_name known_methods[] = {KNOWN_METHODS};

typedef struct {
    const char *what;
    const sip_names *set;
    const known_name *known;
    size_t count;
    uint8_t stop; /* what ends a name of this table */
    bool fold;
} name_table;

static const name_table name_tables[] = {
    {"header names", &sip_header_names, known_headers, sizeof known_headers / sizeof *known_headers, ':', true},
    {"methods", &sip_method_names, known_methods, sizeof known_methods / sizeof *known_methods, ' ', false},
};
enum { NAME_TABLES = sizeof name_tables / sizeof *name_tables };

static uint8_t lower_case(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 'a' - 'A') : byte;
}

static bool same_bytes(const known_name *known, const uint8_t *name, size_t length, bool fold)
{
    if (strlen(known->text) != length)
        return false;
    for (size_t i = 0; i < length; i++) {
        uint8_t one = (uint8_t)known->text[i], other = name[i];
        if (fold ? lower_case(one) != lower_case(other) : one != other)
            return false;
    }
    return true;
}

static uint32_t naive_name_id(const name_table *table, const uint8_t *name, size_t length)
{
    for (size_t i = 0; i < table->count; i++)
        if (same_bytes(&table->known[i], name, length, table->fold))
            return table->known[i].id;
    return 0;
}

/* `name` has READABLE bytes, and its first `length` are the name; there is none of READABLE bytes.
 * The byte after it is changed: to what ends a name, and to others where that must not matter. */
static void check_name(const name_table *table, uint8_t *name, uint32_t length)
{
    uint32_t right = length < READABLE ? naive_name_id(table, name, length) : 0;
    if (length < READABLE) {
        if (sip_stopped_name_id(table->set, name, length, table->stop) != right)
            fail("the wrong id before any byte", table->what, length, right);
        name[length] = table->stop;
    }
    if (sip_name_id(table->set, name, length) != right)
        fail("the wrong id", table->what, length, right);
    if (length <= NEAR) {
        uint8_t kept[NEAR], *last = name + READABLE - NEAR;
        memcpy(kept, last, NEAR);
        memcpy(last, name, NEAR);
        if (sip_short_name_id(table->set, last, length) != (length < NEAR ? right : 0))
            fail("the wrong id of a short name", table->what, length, right);
        memcpy(last, kept, NEAR);
    }
}

#endif
