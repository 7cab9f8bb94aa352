/* Usual values, split 64 bytes at once.
 *
 * Where a value is as plain as these functions want it, the parts that they find are those of
 * `shapes.py` (tests/columns/test_rows.py); everything else is left to that.  They may read up to
 * 128 bytes past the end of a text, and what is there counts for nothing.
 *
 * Speed: 12 columns take 1,900 instructions a message less (SIP_NO_PLAIN turns it off).
 */
#ifndef SIPFAST_PLAIN_H
#define SIPFAST_PLAIN_H

#include <stdint.h>
#include <string.h>

#include <tables.h>

enum { SIP_PLAIN_ROOM = 128 };

typedef struct {
    uint32_t at, end;
} sip_part;

typedef struct {
    sip_part display, user, host; /* at 0: it is not there */
    uint32_t rest;                /* where the parameters begin, with their semicolon */
} sip_plain;

#if defined(SIP_X86) && !defined(SIP_NO_PLAIN)

#define SIP_AVX2_INLINE static inline __attribute__((always_inline, target("avx2,bmi,bmi2,popcnt")))

typedef struct {
    __m256i low, high;
} sip_64;

SIP_AVX2_INLINE sip_64 sip_load64(const uint8_t *text)
{
    sip_64 bytes = {_mm256_loadu_si256((const __m256i *)text), _mm256_loadu_si256((const __m256i *)(text + 32))};
    return bytes;
}

SIP_AVX2_INLINE uint64_t sip_bits(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

SIP_AVX2_INLINE uint64_t sip_marks(sip_64 bytes, char mark)
{
    __m256i all = _mm256_set1_epi8(mark);
    return sip_bits(_mm256_cmpeq_epi8(bytes.low, all), _mm256_cmpeq_epi8(bytes.high, all));
}

SIP_AVX2_INLINE __m256i sip_within(__m256i bytes, uint8_t first, uint8_t last)
{
    __m256i from = _mm256_sub_epi8(bytes, _mm256_set1_epi8((char)first));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(from, _mm256_set1_epi8((char)(last - first))), from);
}

SIP_AVX2_INLINE __m256i sip_host_bytes(__m256i bytes, __m256i digits)
{
    __m256i letters = sip_within(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), 'a', 'z');
    __m256i others = _mm256_or_si256(sip_within(bytes, '-', '.'), _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('_')));
    return _mm256_or_si256(_mm256_or_si256(letters, digits), others);
}

/* What a plain URI has not: controls, spaces, quotes, brackets, escapes, bytes above 127. */
SIP_AVX2_INLINE __m256i sip_unusual_bytes(__m256i bytes)
{
    __m256i quotes = _mm256_or_si256(
        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')), _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('%')));
    __m256i brackets = _mm256_or_si256(
        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('<')), _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7F)));
    __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x21), bytes); /* signed: those above 127 too */
    return _mm256_or_si256(_mm256_or_si256(quotes, brackets), low);
}

SIP_AVX2_INLINE uint64_t sip_below(uint32_t bit) { return ((uint64_t)1 << bit) - 1; }

/* The host that begins at bit `at`, and a port after it; where they end, or 0. */
SIP_AVX2_INLINE uint32_t sip_plain_host(sip_64 bytes, const uint8_t *text, uint32_t at, uint32_t *host_end)
{
    __m256i low = sip_within(bytes.low, '0', '9'), high = sip_within(bytes.high, '0', '9');
    uint64_t other = ~sip_bits(sip_host_bytes(bytes.low, low), sip_host_bytes(bytes.high, high)) & ~sip_below(at);
    uint32_t end, after;
    if (!other)
        return 0;
    end = sip_lowest(other);
    *host_end = end;
    if (end == at)
        return 0;
    if (text[end] != ':')
        return end;
    other = ~sip_bits(low, high) & ~sip_below(end) & (~sip_below(end) << 1);
    if (!other)
        return 0;
    after = sip_lowest(other);
    return after - end - 1 - 1 < 4 ? after : 0; /* a port of five digits may be too large */
}

/* A sip URI in angle brackets, after a display name in quotes or none. */
__attribute__((target("avx2,bmi,bmi2,popcnt"))) static int sip_plain_address(
    const uint8_t *text, uint32_t length, sip_plain *found)
{
    uint32_t at = 0, close, user, end, scheme;
    uint64_t inside, marks;
    sip_64 bytes;
    found->display.at = found->display.end = 0;
    if (text[0] == '"') {
        bytes = sip_load64(text);
        marks = sip_marks(bytes, '"') & ~(uint64_t)1;
        if (!marks)
            return 0;
        close = sip_lowest(marks);
        if (sip_marks(bytes, '\\') & sip_below(close))
            return 0;
        found->display.at = 1;
        found->display.end = close;
        at = close + 1;
        at += text[at] == ' ';
    }
    if (text[at] != '<')
        return 0;
    text += ++at;
    bytes = sip_load64(text);
    marks = sip_marks(bytes, '>');
    memcpy(&scheme, text, 4);
    if (!marks || (scheme | 0x202020) != 0x3A706973) /* "sip:", read as little-endian */
        return 0;
    close = sip_lowest(marks);
    inside = sip_below(close);
    if (at + close >= length || sip_bits(sip_unusual_bytes(bytes.low), sip_unusual_bytes(bytes.high)) & inside)
        return 0;
    marks = sip_marks(bytes, '@') & inside;
    user = 4;
    found->user.at = found->user.end = 0;
    if (marks) {
        user = sip_lowest(marks) + 1;
        marks = (sip_marks(bytes, ':') | marks) & ~(uint64_t)15;
        found->user.at = at + 4;
        found->user.end = at + sip_lowest(marks);
        if (found->user.end == found->user.at)
            return 0;
    }
    found->host.at = at + user;
    user = sip_plain_host(bytes, text, user, &end);
    if (user == 0 || (text[user] != '>' && text[user] != ';' && text[user] != '?'))
        return 0;
    found->host.end = at + end;
    found->rest = at + close + 1;
    return found->rest == length || text[close + 1] == ';';
}

/* The value of a parameter, among those that begin with the semicolon at `at`: 1, or 0 where that is not
 * plain, as where a quotation mark or `other` is among them.  `name` is ";name=" in lower case, in 8 bytes at
 * most.  Without it, the place is 0. */
__attribute__((target("avx2,bmi,bmi2,popcnt"))) static int sip_plain_parameter(
    const uint8_t *text, uint32_t at, uint32_t length, const char *name, uint32_t size, char other,
    sip_part *found)
{
    uint64_t wanted = 0, fold = 0x2020202020202020u >> (8 * (8 - size)), mask, shorter, marks[2] = {0, 0}, word, bad;
    uint32_t left = length - at, place, half, end;
    sip_64 bytes;
    found->at = found->end = 0;
    if (left == 0)
        return 1;
    if (left > 128)
        return 0;
    memcpy(&wanted, name, size);
    mask = ~(uint64_t)0 >> (8 * (8 - size));
    shorter = mask >> 8;
    fold = (fold >> 8) & ~(uint64_t)0xFF; /* not the semicolon, not the equals sign */
    for (half = 0; half < 2 && left > 64 * half; half++) {
        bytes = sip_load64(text + at + 64 * half);
        bad = sip_marks(bytes, '"') | sip_marks(bytes, other);
        marks[half] = sip_marks(bytes, ';');
        if (left - 64 * half < 64) {
            bad &= sip_below(left - 64 * half);
            marks[half] &= sip_below(left - 64 * half);
        }
        if (bad)
            return 0;
    }
    for (half = 0; half < 2; half++)
        for (; marks[half]; marks[half] &= marks[half] - 1) {
            place = at + 64 * half + sip_lowest(marks[half]);
            word = (sip_load8(text + place) | fold) ^ wanted;
            if (!(word & mask) && place + size <= length) {
                marks[half] &= marks[half] - 1;
                end = length;
                if (marks[half])
                    end = at + 64 * half + sip_lowest(marks[half]);
                else if (half == 0 && marks[1])
                    end = at + 64 + sip_lowest(marks[1]);
                found->at = place + size;
                found->end = end;
                return found->at == end || (text[found->at] > ' ' && text[end - 1] > ' ');
            }
            if (!(word & shorter) || text[place + 1] <= ' ')
                return 0;
        }
    return 1;
}

/* A Via of SIP/2.0 over UDP, TCP or TLS, that is alone in its field. */
__attribute__((target("avx2,bmi,bmi2,popcnt"))) static int sip_plain_via(
    const uint8_t *text, uint32_t length, sip_plain *found)
{
    uint32_t end, after, transport;
    sip_64 bytes = sip_load64(text + 12);
    if (length < 14 || memcmp(text, "SIP/2.0/", 8) != 0)
        return 0;
    memcpy(&transport, text + 8, 4);
    if (transport != 0x20504455 && transport != 0x20504354 && transport != 0x20534C54)
        return 0;
    after = sip_plain_host(bytes, text + 12, 0, &end);
    if (after == 0)
        return 0;
    found->host.at = 12;
    found->host.end = 12 + end;
    found->rest = 12 + after;
    return found->rest == length || (found->rest < length && text[found->rest] == ';');
}

static int sip_plain_works(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("popcnt");
}

#else

static int sip_plain_works(void) { return 0; }

static int sip_plain_address(const uint8_t *text, uint32_t length, sip_plain *found)
{
    (void)text, (void)length, (void)found;
    return 0;
}

static int sip_plain_parameter(
    const uint8_t *text, uint32_t at, uint32_t length, const char *name, uint32_t size, char other,
    sip_part *found)
{
    (void)text, (void)at, (void)length, (void)name, (void)size, (void)other, (void)found;
    return 0;
}

static int sip_plain_via(const uint8_t *text, uint32_t length, sip_plain *found)
{
    (void)text, (void)length, (void)found;
    return 0;
}

#endif

#endif
