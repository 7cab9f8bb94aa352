/* Mutations along the grammar of SIP, in place of most of libFuzzer's own.
 *
 * An input is CHOICES bytes that choose, for `fuzz.changing` a script of changes, and then text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "words.h" /* static const word WORDS[], made by fuzz/words.py */

enum { CHOICES = 5, CHANGE = 5, MOST_CHANGES = 7, LONGEST = 4096 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t most, unsigned int seed);

static int has_script;

static uint64_t random_state;

static uint32_t any(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return below == 0 ? 0 : (uint32_t)((random_state >> 16) % below);
}

/* Text beyond ASCII of 2, 3 and 4 bytes; then bytes that are no UTF-8; then marks of the grammar. */
static const char *const BEYOND[] = {
    "\xc3\xa9", "\xc3\x89", "\xc2\xa0", "\xc2\x85", "\xe4\xb8\xad", "\xe2\x84\xaa", "\xef\xbb\xbf",
    "\xe2\x80\xa8", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xd9\xa3", "\xef\xbc\x91",
    "\xff", "\x80", "\xc0\x80", "\xed\xa0\x80", "\xe4\xb8", "\xf0\x9f", "\xf5\x80\x80\x80", "\xc3",
};
static const char *const MARKS[] = {
    "\"", "\\", "\\\"", "\"\"", "<", ">", ";", ",", "=", "?", "&", "%", "%00", "%22", "%0d%0a",
    "%C3%A9", "%", "%4", "@", ":", "/", "*", " ", "\t", "\r\n ", "\n\t", "\r", "\r\n", "\n", "(",
    ")", "[", "]", "\x7f", "\x01", "\x1f", "--", "{", "}", "'", "+", "#", "|",
};
static const char *const NUMBERS[] = {
    "0", "1", "00", "255", "256", "65535", "65536", "2147483647", "2147483648", "4294967295",
    "4294967296", "99999999999999999999", "-1", "1.5", "0.000", "1.0000", "1e3", "0x1", "18446744073709551616",
};

#define COUNT(of) ((uint32_t)(sizeof(of) / sizeof((of)[0])))

typedef struct {
    uint8_t *text;
    size_t size, most;
} draft;

static int is_mark(uint8_t byte)
{
    return byte != 0 && strchr(";,=<>\"@:&? \t\r\n()/", byte) != NULL;
}

/* Put these bytes in place of text[at:at + length]. */
static void put(draft *to, size_t at, size_t length, const void *bytes, size_t size)
{
    if (at > to->size)
        at = to->size;
    if (length > to->size - at)
        length = to->size - at;
    if (to->size - length + size > to->most)
        return;
    memmove(to->text + at + size, to->text + at + length, to->size - at - length);
    if (size != 0)
        memcpy(to->text + at, bytes, size);
    to->size += size - length;
}

/* A place: anywhere, or most often where a mark is, or right after it. */
static size_t a_place(const draft *of)
{
    size_t at = any((uint32_t)of->size + 1);
    if (any(4) != 0) {
        size_t from = at;
        while (at < of->size && !is_mark(of->text[at]))
            at++;
        if (at == of->size && any(2))
            at = from;
        else if (at < of->size)
            at += any(2);
    }
    return at;
}

/* A piece: from a mark to before the next one of the same kind, or of any. */
static void a_piece(const draft *of, size_t *at, size_t *length)
{
    size_t begin = any((uint32_t)of->size + 1), end;
    while (begin > 0 && !is_mark(of->text[begin < of->size ? begin : begin - 1]))
        begin--;
    end = begin + 1;
    if (begin < of->size && any(2)) {
        while (end < of->size && of->text[end] != of->text[begin])
            end++;
    } else {
        while (end < of->size && !is_mark(of->text[end]))
            end++;
    }
    *at = begin;
    *length = (end < of->size ? end : of->size) - begin;
}

static void put_word(draft *to, size_t at, size_t length)
{
    const word *one = &WORDS[any(COUNT(WORDS))];
    put(to, at, length, one->text, one->size);
}

static void put_one(draft *to, size_t at, size_t length, const char *const *of, uint32_t count)
{
    const char *one = of[any(count)];
    put(to, at, length, one, strlen(one));
}

/* ";name=value" after a piece, plain or quoted. */
static void put_parameter(draft *to)
{
    uint8_t made[160];
    size_t size = 0, at, length;
    const word *name = &WORDS[any(COUNT(WORDS))], *value = &WORDS[any(COUNT(WORDS))];
    a_piece(to, &at, &length);
    if (name->size > 60 || value->size > 60)
        return;
    made[size++] = (uint8_t)";;;,&? "[any(7)];
    memcpy(made + size, name->text, name->size);
    size += name->size;
    if (any(8)) {
        int quoted = any(3) == 0;
        made[size++] = '=';
        if (quoted)
            made[size++] = '"';
        if (any(3)) {
            memcpy(made + size, value->text, value->size);
            size += value->size;
        } else {
            const char *one = any(2) ? NUMBERS[any(COUNT(NUMBERS))] : BEYOND[any(COUNT(BEYOND))];
            memcpy(made + size, one, strlen(one));
            size += strlen(one);
        }
        if (quoted)
            made[size++] = '"';
    }
    put(to, at + length, 0, made, size);
}

static void repeat(draft *to)
{
    static uint8_t piece[LONGEST];
    size_t at, length;
    a_piece(to, &at, &length);
    if (length == 0 || length > sizeof piece)
        return;
    memcpy(piece, to->text + at, length);
    for (uint32_t times = any(8) ? 1 : 1 + any(24); times > 0; times--)
        put(to, at, 0, piece, length);
}

static void move(draft *to)
{
    static uint8_t piece[LONGEST];
    size_t at, length;
    a_piece(to, &at, &length);
    if (length == 0 || length > sizeof piece)
        return;
    memcpy(piece, to->text + at, length);
    put(to, at, length, NULL, 0);
    put(to, a_place(to), 0, piece, length);
}

static void change_number(draft *to)
{
    size_t at = a_place(to), end;
    while (at < to->size && (to->text[at] < '0' || to->text[at] > '9'))
        at++;
    for (end = at; end < to->size && to->text[end] >= '0' && to->text[end] <= '9';)
        end++;
    put_one(to, at, end - at, NUMBERS, COUNT(NUMBERS));
}

static void wrap(draft *to)
{
    static const char *const PAIRS[] = {"\"\"", "<>", "()", "[]", "  ", "\\\"", "''"};
    const char *pair = PAIRS[any(COUNT(PAIRS))];
    size_t at, length;
    a_piece(to, &at, &length);
    at += at < to->size && length != 0;
    length -= length != 0;
    put(to, at + length, 0, pair + 1, 1);
    put(to, at, 0, pair, 1);
}

static void escape(draft *to)
{
    static const char HEX[] = "0123456789abcdef0123456789ABCDEF";
    if (to->size == 0)
        return;
    size_t at = any((uint32_t)to->size);
    uint8_t byte = to->text[at];
    uint32_t upper = 16 * any(2);
    char made[3] = {'%', HEX[upper + (byte >> 4)], HEX[upper + (byte & 15)]};
    put(to, at, 1, made, 3);
}

static void change_case(draft *to)
{
    size_t at, length;
    a_piece(to, &at, &length);
    for (; length > 0; length--, at++) {
        uint8_t letter = to->text[at] | 0x20;
        if (letter >= 'a' && letter <= 'z')
            to->text[at] ^= 0x20;
    }
}

static void mutate_text(draft *to)
{
    size_t at, length;
    switch (any(20)) {
    case 0: case 1: put_word(to, a_place(to), 0); break;
    case 2: case 3: a_piece(to, &at, &length); put_word(to, at + (length > 1), length - (length > 1)); break;
    case 4: case 5: put_parameter(to); break;
    case 6: case 7: repeat(to); break;
    case 8: a_piece(to, &at, &length); put(to, at, length, NULL, 0); break;
    case 9: move(to); break;
    case 10: put_one(to, a_place(to), 0, BEYOND, COUNT(BEYOND)); break;
    case 11: put_one(to, any((uint32_t)to->size + 1), any(2), BEYOND, COUNT(BEYOND)); break;
    case 12: case 13: put_one(to, a_place(to), any(2), MARKS, COUNT(MARKS)); break;
    case 14: change_number(to); break;
    case 15: wrap(to); break;
    case 16: any(2) ? escape(to) : change_case(to); break;
    default: to->size = LLVMFuzzerMutate(to->text, to->size, to->most);
    }
}

/* The number of bytes before the text. */
static size_t before_text(const uint8_t *data, size_t size)
{
    size_t before = CHOICES;
    if (has_script && size >= CHOICES)
        before += CHANGE * (size_t)(data[CHOICES - 1] % (MOST_CHANGES + 1));
    return before < size ? before : size;
}

static void mutate_script(uint8_t *script, size_t size, const draft *text)
{
    if (size < CHANGE)
        return;
    uint8_t *one = script + CHANGE * any((uint32_t)(size / CHANGE));
    switch (any(4)) {
    case 0:
        one[1] = (uint8_t)any(256);
        one[0] = (uint8_t)any(one[1] % 4 == 3 ? 256 : 12);
        break;
    case 1: one[0] += (uint8_t)(any(5) - 2); break;
    case 2: {
        size_t place = any(8) ? a_place(text) : any(65536);
        one[2] = (uint8_t)place;
        one[3] = (uint8_t)(place >> 8);
        break;
    }
    default: one[4] = (uint8_t)"\"\\;,<>=:@% \t\r\n\0\x80\xc3\xff" "a0("[any(21)];
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
    random_state = seed * 0x9E3779B97F4A7C15ull + 1;
    if (size < CHOICES || most <= CHOICES)
        return LLVMFuzzerMutate(data, size, most);
    size_t before = before_text(data, size);
    if (any(12) == 0) {
        data[any(CHOICES)] = (uint8_t)any(256);
        before = before_text(data, size);
    }
    draft text = {data + before, size - before, most - before};
    for (uint32_t times = has_script ? any(4) : 0; times > 0; times--)
        mutate_script(data + CHOICES, before - CHOICES, &text);
    if (has_script && any(2)) /* other changes to the same text */
        return size;
    for (uint32_t times = 1 + any(3); times > 0; times--)
        mutate_text(&text);
    return before + text.size;
}

/* A piece of one text in place of a piece of another, or next to it. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t most, unsigned int seed)
{
    random_state = seed * 0x9E3779B97F4A7C15ull + 3;
    if (one_size > most)
        one_size = most;
    memcpy(out, one, one_size);
    size_t before = before_text(one, one_size), skipped = before_text(other, other_size);
    draft text = {out + before, one_size - before, most - before};
    const draft given = {(uint8_t *)(uintptr_t)other + skipped, other_size - skipped, other_size - skipped};
    size_t at, length, from, size;
    a_piece(&given, &from, &size);
    if (any(2))
        size += any((uint32_t)(given.size - from - size) + 1);
    a_piece(&text, &at, &length);
    put(&text, at, any(2) ? length : 0, given.text + from, size);
    return before + text.size;
}
