/* Kernels: where, in a run of bytes, are the line ends, and whether the bytes are plain text.
 *
 * They know bytes only; what a line means is the tokenizer's business.  One scan, `sip_scan_lines`,
 * is written once and compiled once per instruction set.  It takes 64 bytes a step, turns them into
 * two bitmaps (LF and CR), and writes positions out without branching on the data: a mispredicted
 * branch costs as much as scanning 200 bytes.  `sip_scan_plain` does the same with one bitmap.
 *
 * Nothing here reads outside [data, data + size): the last step reads 64 bytes that end at the end.
 */
#ifndef SIPFAST_KERNELS_H
#define SIPFAST_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) || defined(__clang__)
#define SIP_INLINE static inline __attribute__((always_inline))
#define SIP_COLD __attribute__((noinline, cold))
#define SIP_LIKELY(x) __builtin_expect(!!(x), 1)
#define SIP_UNLIKELY(x) __builtin_expect(!!(x), 0)
#if defined(__x86_64__)
#define SIP_X86 1
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#define SIP_NEON 1
#include <arm_neon.h>
#endif
#else
#define SIP_INLINE static inline
#define SIP_COLD
#define SIP_LIKELY(x) (x)
#define SIP_UNLIKELY(x) (x)
#endif

#define SIP_KERNELS 4 /* of one architecture, at the most */
#define SIP_NONE UINT32_MAX
#define SIP_NO_COLON 32u /* no colon among the first 32 bytes of a line */
#define SIP_BATCH 64u    /* a scan stops once it has so many line ends */
#define SIP_ROOM (SIP_BATCH + 64u) /* and needs room for what one more block can hold */

/* A scan of one message.  Start it with {position, SIP_NONE, 0}; call again for the next batch. */
typedef struct {
    uint32_t position; /* the next byte to look at */
    uint32_t bare_cr;  /* the first CR so far that no LF follows, or SIP_NONE */
    uint32_t after_cr; /* the byte before `position` is a CR */
} sip_scan;

typedef struct {
    uint64_t lf, cr;
} sip_block;

/* ---- bits and loads, the same everywhere ------------------------------------------------- */

#if defined(__GNUC__) || defined(__clang__)
SIP_INLINE uint32_t sip_lowest(uint64_t bits) { return (uint32_t)__builtin_ctzll(bits); }
SIP_INLINE uint32_t sip_count(uint64_t bits) { return (uint32_t)__builtin_popcountll(bits); }
#else
SIP_INLINE uint32_t sip_lowest(uint64_t bits) {
    uint32_t n = 0;
    while (!(bits & 1)) bits >>= 1, n++;
    return n;
}
SIP_INLINE uint32_t sip_count(uint64_t bits) {
    uint32_t n = 0;
    while (bits) bits &= bits - 1, n++;
    return n;
}
#endif

/* Eight bytes, the first one lowest, on either byte order. */
SIP_INLINE uint64_t sip_load8(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The number that n digits (1 to 8) right before `end` write, or SIP_NONE if one is no digit.  Eight
 * bytes must be readable before `end`.  All eight places at once: loops over digits mispredict. */
SIP_INLINE uint32_t sip_number(const uint8_t *end, uint32_t n) {
    const uint64_t zeros = 0x3030303030303030u, nibbles = 0xf0f0f0f0f0f0f0f0u;
    uint64_t mask = ~(uint64_t)0 << (64 - 8 * n);
    uint64_t digits = (sip_load8(end - 8) & mask) | (zeros & ~mask);
    if ((digits & nibbles) != zeros || ((digits + 0x0606060606060606u) & nibbles) != zeros) return SIP_NONE;
    digits -= zeros;
    digits = digits * 10 + (digits >> 8);
    return (uint32_t)(((digits & 0x000000ff000000ffu) * (100 + (1000000ull << 32)) +
                       (digits >> 16 & 0x000000ff000000ffu) * (1 + (10000ull << 32))) >> 32);
}

/* ---- one block of 64 bytes, per instruction set ------------------------------------ */

/* One bit for each of eight bytes that equals `byte`, exactly (no borrow between bytes). */
SIP_INLINE uint64_t sip_equal8(const uint8_t *p, uint8_t byte) {
    const uint64_t low7 = 0x7f7f7f7f7f7f7f7fu;
    uint64_t x = sip_load8(p) ^ (0x0101010101010101u * byte);
    uint64_t zero = ~(((x & low7) + low7) | x | low7);
    return ((zero >> 7) * 0x0102040810204080u) >> 56;
}

SIP_INLINE sip_block sip_block_scalar(const uint8_t *p) {
    sip_block block = {0, 0};
    for (int i = 0; i < 8; i++) {
        block.lf |= sip_equal8(p + 8 * i, '\n') << (8 * i);
        block.cr |= sip_equal8(p + 8 * i, '\r') << (8 * i);
    }
    return block;
}

/* One bit for each of 64 bytes that is neither SP to ~, TAB, CR, nor a LF after a CR; p[-1] is read. */
SIP_INLINE uint64_t sip_odd_scalar(const uint8_t *p) {
    const uint64_t high = 0x8080808080808080u, ones = 0x0101010101010101u;
    uint64_t bits = 0;
    for (int i = 0; i < 64; i += 8) {
        uint64_t x = sip_load8(p + i), low = x & ~high;
        uint64_t odd = (x | ~((low | high) - 0x20 * ones) | (low + ones)) & high;
        if (odd == 0) continue;
        uint64_t usual = sip_equal8(p + i, '\t') | sip_equal8(p + i, '\r');
        usual |= sip_equal8(p + i, '\n') & sip_equal8(p + i - 1, '\r');
        bits |= ((((odd >> 7) * 0x0102040810204080u) >> 56) & ~usual) << i;
    }
    return bits;
}

#ifdef SIP_X86
SIP_INLINE uint32_t sip_equal16_sse2(const uint8_t *p, char byte) {
    __m128i part = _mm_loadu_si128((const __m128i *)p);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(part, _mm_set1_epi8(byte)));
}

SIP_INLINE uint64_t sip_equal64_sse2(const uint8_t *p, char byte) {
    uint64_t bits = 0;
    for (int i = 0; i < 4; i++) bits |= (uint64_t)sip_equal16_sse2(p + 16 * i, byte) << (16 * i);
    return bits;
}

SIP_INLINE sip_block sip_block_sse2(const uint8_t *p) {
    sip_block block = {sip_equal64_sse2(p, '\n'), sip_equal64_sse2(p, '\r')};
    return block;
}

/* As signed numbers, one more than the bytes from ~ + 1 on is below SP + 1. */
SIP_INLINE __m128i sip_odd16_sse2(const uint8_t *p) {
    __m128i x = _mm_loadu_si128((const __m128i *)p), before = _mm_loadu_si128((const __m128i *)(p - 1));
    __m128i lf = _mm_cmpeq_epi8(x, _mm_set1_epi8('\n')), tab = _mm_cmpeq_epi8(x, _mm_set1_epi8('\t'));
    __m128i odd = _mm_cmplt_epi8(_mm_add_epi8(x, _mm_set1_epi8(1)), _mm_set1_epi8(' ' + 1));
    __m128i cr = _mm_cmpeq_epi8(x, _mm_set1_epi8('\r')), after_cr = _mm_cmpeq_epi8(before, _mm_set1_epi8('\r'));
    return _mm_andnot_si128(_mm_or_si128(_mm_or_si128(cr, tab), _mm_and_si128(lf, after_cr)), odd);
}

SIP_INLINE uint64_t sip_odd_sse2(const uint8_t *p) {
    uint64_t bits = 0;
    for (int i = 0; i < 64; i += 16) bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(sip_odd16_sse2(p + i)) << i;
    return bits;
}

#define SIP_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

SIP_AVX2 static inline uint32_t sip_equal32_avx2(__m256i part, char byte) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(part, _mm256_set1_epi8(byte)));
}

SIP_AVX2 static inline sip_block sip_block_avx2(const uint8_t *p) {
    __m256i low = _mm256_loadu_si256((const __m256i *)p);
    __m256i high = _mm256_loadu_si256((const __m256i *)(p + 32));
    sip_block block = {
        sip_equal32_avx2(low, '\n') | (uint64_t)sip_equal32_avx2(high, '\n') << 32,
        sip_equal32_avx2(low, '\r') | (uint64_t)sip_equal32_avx2(high, '\r') << 32,
    };
    return block;
}

/* CR, TAB and LF are the bytes that the shuffle gives back. */
SIP_AVX2 static inline __m256i sip_odd32_avx2(const uint8_t *p) {
    const __m256i usual = _mm256_setr_epi8(
        -1, -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', -1, -1, '\r', -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', -1, -1, '\r', -1, -1);
    __m256i x = _mm256_loadu_si256((const __m256i *)p), before = _mm256_loadu_si256((const __m256i *)(p - 1));
    __m256i text = _mm256_cmpgt_epi8(_mm256_add_epi8(x, _mm256_set1_epi8(1)), _mm256_set1_epi8(' '));
    __m256i line = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(usual, x), x);
    __m256i lone_lf = _mm256_andnot_si256(_mm256_cmpeq_epi8(before, _mm256_set1_epi8('\r')),
                                          _mm256_cmpeq_epi8(x, _mm256_set1_epi8('\n')));
    return _mm256_andnot_si256(lone_lf, _mm256_or_si256(text, line)); /* the others */
}

SIP_AVX2 static inline uint64_t sip_odd_avx2(const uint8_t *p) {
    __m256i low = sip_odd32_avx2(p), high = sip_odd32_avx2(p + 32);
    if (_mm256_movemask_epi8(_mm256_and_si256(low, high)) == -1) return 0;
    return ~((uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32);
}

#if (defined(__clang__) && __clang_major__ >= 6) || (!defined(__clang__) && __GNUC__ >= 8)
#define SIP_HAS_AVX512 1
#define SIP_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")))

SIP_AVX512 static inline sip_block sip_block_avx512(const uint8_t *p) {
    __m512i bytes = _mm512_loadu_si512((const void *)p);
    sip_block block = {_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n')),
                       _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\r'))};
    return block;
}

SIP_AVX512 static inline uint64_t sip_odd_avx512(const uint8_t *p) {
    __m512i x = _mm512_loadu_si512((const void *)p), before = _mm512_loadu_si512((const void *)(p - 1));
    uint64_t odd = _mm512_cmpgt_epu8_mask(_mm512_sub_epi8(x, _mm512_set1_epi8(' ')), _mm512_set1_epi8('~' - ' '));
    uint64_t lf = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\n'));
    uint64_t usual = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\r')) | _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\t'));
    return odd & ~(usual | (lf & _mm512_cmpeq_epi8_mask(before, _mm512_set1_epi8('\r'))));
}

/* The same as sip_positions, 16 at once. */
SIP_AVX512 static inline uint32_t sip_positions_avx512(uint64_t bits, uint32_t base, uint32_t *out) {
    static const uint8_t numbers[64] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    };
    uint32_t count = (uint32_t)_mm_popcnt_u64(bits);
    __m512i found = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512((const void *)numbers));
    __m512i bases = _mm512_set1_epi32((int)base);
    __m512i part = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(found));
    _mm512_storeu_si512((void *)out, _mm512_add_epi32(part, bases));
    if (__builtin_expect(count > 16, 0)) {
        part = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(found, 1));
        _mm512_storeu_si512((void *)(out + 16), _mm512_add_epi32(part, bases));
        part = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(found, 2));
        _mm512_storeu_si512((void *)(out + 32), _mm512_add_epi32(part, bases));
        part = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(found, 3));
        _mm512_storeu_si512((void *)(out + 48), _mm512_add_epi32(part, bases));
    }
    return count;
}
#endif /* SIP_HAS_AVX512 */
#endif

#ifdef SIP_NEON
/* AArch64 has no movemask: weigh each byte by its bit, then add neighbours until 8 bytes are left. */
SIP_INLINE uint8x16_t sip_weighed_neon(const uint8_t *p, uint8_t byte) {
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    return vandq_u8(vceqq_u8(vld1q_u8(p), vdupq_n_u8(byte)), vld1q_u8(weights));
}

SIP_INLINE uint64_t sip_equal32_neon(const uint8_t *p, uint8_t byte) {
    uint8x16_t sum = vpaddq_u8(sip_weighed_neon(p, byte), sip_weighed_neon(p + 16, byte));
    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u32(vreinterpretq_u32_u8(vpaddq_u8(sum, sum)), 0);
}

SIP_INLINE uint64_t sip_equal64_neon(const uint8_t *p, uint8_t byte) {
    uint8x16_t low = vpaddq_u8(sip_weighed_neon(p, byte), sip_weighed_neon(p + 16, byte));
    uint8x16_t high = vpaddq_u8(sip_weighed_neon(p + 32, byte), sip_weighed_neon(p + 48, byte));
    uint8x16_t sum = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

SIP_INLINE uint8x16_t sip_odd16_neon(const uint8_t *p) {
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t x = vld1q_u8(p), odd = vcgtq_u8(vsubq_u8(x, vdupq_n_u8(' ')), vdupq_n_u8('~' - ' '));
    uint8x16_t usual = vorrq_u8(vceqq_u8(x, vdupq_n_u8('\r')), vceqq_u8(x, vdupq_n_u8('\t')));
    uint8x16_t after_cr = vceqq_u8(vld1q_u8(p - 1), vdupq_n_u8('\r'));
    usual = vorrq_u8(usual, vandq_u8(vceqq_u8(x, vdupq_n_u8('\n')), after_cr));
    return vandq_u8(vbicq_u8(odd, usual), vld1q_u8(weights));
}

SIP_INLINE uint64_t sip_odd_neon(const uint8_t *p) {
    uint8x16_t low = vpaddq_u8(sip_odd16_neon(p), sip_odd16_neon(p + 16));
    uint8x16_t high = vpaddq_u8(sip_odd16_neon(p + 32), sip_odd16_neon(p + 48));
    uint8x16_t sum = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

SIP_INLINE sip_block sip_block_neon(const uint8_t *p) {
    sip_block block = {sip_equal64_neon(p, '\n'), sip_equal64_neon(p, '\r')};
    return block;
}

#endif

/* ---- the first colon of a line ---------------------------------------------------------------- */

/* How many bytes from p to the first colon; SIP_NO_COLON if it is not among the 32 at p.  Every
 * machine of an architecture can run this one, so the compiler chooses it and inlines it. */
SIP_INLINE uint32_t sip_colon(const uint8_t *p) {
#if defined(SIP_X86)
    uint64_t bits = sip_equal16_sse2(p, ':') | (uint64_t)sip_equal16_sse2(p + 16, ':') << 16;
#elif defined(SIP_NEON)
    uint64_t bits = sip_equal32_neon(p, ':');
#else
    uint64_t bits = sip_equal8(p, ':') | sip_equal8(p + 8, ':') << 8;
    bits |= sip_equal8(p + 16, ':') << 16 | sip_equal8(p + 24, ':') << 24;
#endif
    return sip_lowest(bits | (uint64_t)1 << SIP_NO_COLON);
}

/* The same among the 16 bytes at p, where no more may be read; 16 if it is not there. */
SIP_INLINE uint32_t sip_near_colon(const uint8_t *p) {
#if defined(SIP_X86)
    uint64_t bits = sip_equal16_sse2(p, ':');
#else
    uint64_t bits = sip_equal8(p, ':') | sip_equal8(p + 8, ':') << 8;
#endif
    return sip_lowest(bits | (uint64_t)1 << 16);
}

/* ---- the scan ------------------------------------------------------------------------------ */

typedef sip_block (*sip_block_fn)(const uint8_t *);
typedef uint32_t (*sip_positions_fn)(uint64_t bits, uint32_t base, uint32_t *out);

/* Write base + the position of each bit.  Three at once, needed or not: a loop over a number of bits
 * that nobody can predict would be slower. */
SIP_INLINE uint32_t sip_positions(uint64_t bits, uint32_t base, uint32_t *out) {
    const uint64_t stop = (uint64_t)1 << 63;
    uint32_t count = sip_count(bits);
    for (uint32_t i = 0; i < 3; i++) {
        out[i] = base + sip_lowest(bits | stop);
        bits &= bits - 1;
    }
    for (uint32_t i = 3; SIP_UNLIKELY(i < count); i++) {
        out[i] = base + sip_lowest(bits);
        bits &= bits - 1;
    }
    return count;
}

/* The first CR in data[at:end] that another byte than LF follows; a CR at `size` - 1 may yet get its LF. */
SIP_COLD static uint32_t sip_find_bare_cr(const uint8_t *data, uint32_t at, uint32_t end, uint32_t size) {
    for (; at < end && at + 1 < size; at++)
        if (data[at] == '\r' && data[at + 1] != '\n') return at;
    return SIP_NONE;
}

/* Find line ends from scan->position on, until what looks like a blank line, SIP_BATCH of them, or
 * the end; `size` >= 64.
 *
 * ends[i] is the offset of the i-th LF; there must be SIP_ROOM places.  Returns how many; 0 only at
 * the end of the bytes. */
SIP_INLINE uint32_t sip_scan_lines(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends,
                                   sip_block_fn block_of, sip_positions_fn positions) {
    size_t at = scan->position, count = 0, base;
    uint64_t bare = 0, blank = 0, after_cr = scan->after_cr, fresh = ~(uint64_t)0;
    while (at < size && count < SIP_BATCH && blank == 0) {
        base = at;
        if (SIP_UNLIKELY(size - at < 64)) { /* the last block overlaps: what was seen is masked */
            base = size - 64;
            fresh <<= at - base;
        }
        sip_block block = block_of(data + base);
        uint64_t lf = block.lf & fresh;
        bare |= (block.cr << 1 | after_cr) & ~block.lf & fresh;
        blank = lf & (lf << 1 | lf << 2);
        after_cr = block.cr >> 63;
        count += positions(lf, (uint32_t)base, ends + count);
        at = base + 64;
    }
    if (SIP_UNLIKELY(bare != 0 && scan->bare_cr == SIP_NONE))
        scan->bare_cr = sip_find_bare_cr(data, scan->position - scan->after_cr, (uint32_t)at, size);
    scan->position = (uint32_t)at;
    scan->after_cr = (uint32_t)after_cr;
    return (uint32_t)count;
}

/* Fewer than 64 bytes: the same over a copy, so that no load reaches past the end. */
SIP_COLD static uint32_t sip_scan_short(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends) {
    uint8_t copy[64] = {0};
    uint32_t start = scan->position, count;
    if (start >= size) return 0;
    memcpy(copy, data, size);
    count = sip_scan_lines(copy, 64, scan, ends, sip_block_scalar, sip_positions);
    scan->bare_cr = sip_find_bare_cr(data, start, size, size);
    return count;
}

/* ---- plain text ------------------------------------------------------------------------------ */

typedef uint64_t (*sip_odd_fn)(const uint8_t *);

/* How many bytes the character at p has in UTF-8, of `size` that may be read; 0 if it is malformed: a
 * stray or missing continuation, an overlong form, a surrogate, or above U+10FFFF (RFC 3629 4). */
static inline uint32_t sip_utf8(const uint8_t *p, size_t size) {
    uint32_t lead = p[0], length = 2 + (lead >= 0xe0) + (lead >= 0xf0);
    uint32_t least = 0x80, most = 0xbf; /* of the byte after it */
    if (lead < 0xc2 || lead > 0xf4 || length > size) return 0;
    if (lead == 0xe0) least = 0xa0;
    if (lead == 0xed) most = 0x9f;
    if (lead == 0xf0) least = 0x90;
    if (lead == 0xf4) most = 0x8f;
    if (p[1] < least || p[1] > most) return 0;
    for (uint32_t i = 2; i < length; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    return length;
}

/* The same byte by byte, for bytes that begin like no message. */
SIP_COLD static int sip_is_plain(const uint8_t *data, size_t size) {
    for (size_t i = 0, length; i < size; i += length) {
        uint8_t byte = data[i];
        length = byte < 0x80 ? 1 : sip_utf8(data + i, size - i);
        if (length == 0 || byte == 0x7f || (byte < ' ' && byte != '\t' && byte != '\r' && byte != '\n') ||
            (byte == '\n' && (i == 0 || data[i - 1] != '\r')))
            return 0;
    }
    return 1;
}

/* Whether bytes are plain text: UTF-8 without control characters but TAB, CR, and LF after a CR.
 *
 * A block looks at the byte before it, so the first block begins at the second byte. */
SIP_INLINE int sip_scan_plain(const uint8_t *data, size_t size, sip_odd_fn odd_of) {
    size_t done = 1, base; /* the bytes before `done` are plain */
    if (SIP_UNLIKELY(size < 65 || data[0] < ' ' || data[0] > '~')) return sip_is_plain(data, size);
    for (;;) {
        uint64_t odd = 0;
        for (base = done; base + 64 <= size && (odd = odd_of(data + base)) == 0; base += 64) continue;
        done = base;
        if (SIP_LIKELY(odd == 0)) {
            if (done >= size) return 1;
            base = size - 64u; /* the last block overlaps */
            odd = odd_of(data + base);
            if (SIP_LIKELY(odd == 0)) return 1;
            odd &= ~(uint64_t)0 << (done - base);
        }
        done = base + 64;
        while (odd != 0) {
            size_t i = base + sip_lowest(odd);
            uint32_t length = sip_utf8(data + i, size - i); /* 0 for a control character */
            if (length == 0) return 0;
            if (i + length > done) done = i + length;
            for (; length > 0; length--) odd &= odd - 1;
        }
    }
}

/* ---- the kernels, best first, and the choice ------------------------------------------------ */

typedef uint32_t (*sip_lines_fn)(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends);

typedef int (*sip_plain_fn)(const uint8_t *data, size_t size);

typedef struct {
    const char *name;
    sip_lines_fn lines;
    sip_plain_fn plain;
} sip_kernel;

static int sip_plain_scalar(const uint8_t *data, size_t size) {
    return sip_scan_plain(data, size, sip_odd_scalar);
}

static uint32_t sip_lines_scalar(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends) {
    if (SIP_UNLIKELY(size < 64)) return sip_scan_short(data, size, scan, ends);
    return sip_scan_lines(data, size, scan, ends, sip_block_scalar, sip_positions);
}

#ifdef SIP_X86
static uint32_t sip_lines_sse2(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends) {
    if (SIP_UNLIKELY(size < 64)) return sip_scan_short(data, size, scan, ends);
    return sip_scan_lines(data, size, scan, ends, sip_block_sse2, sip_positions);
}

static int sip_plain_sse2(const uint8_t *data, size_t size) {
    return sip_scan_plain(data, size, sip_odd_sse2);
}

#ifdef SIP_HAS_AVX512
SIP_AVX512 static int sip_plain_avx512(const uint8_t *data, size_t size) {
    return sip_scan_plain(data, size, sip_odd_avx512);
}

SIP_AVX512 static uint32_t sip_lines_avx512(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends) {
    if (SIP_UNLIKELY(size < 64)) return sip_scan_short(data, size, scan, ends);
    return sip_scan_lines(data, size, scan, ends, sip_block_avx512, sip_positions_avx512);
}
#endif

SIP_AVX2 static int sip_plain_avx2(const uint8_t *data, size_t size) {
    return sip_scan_plain(data, size, sip_odd_avx2);
}

SIP_AVX2 static uint32_t sip_lines_avx2(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends) {
    if (SIP_UNLIKELY(size < 64)) return sip_scan_short(data, size, scan, ends);
    return sip_scan_lines(data, size, scan, ends, sip_block_avx2, sip_positions);
}
#endif

#ifdef SIP_NEON
static int sip_plain_neon(const uint8_t *data, size_t size) {
    return sip_scan_plain(data, size, sip_odd_neon);
}

static uint32_t sip_lines_neon(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends) {
    if (SIP_UNLIKELY(size < 64)) return sip_scan_short(data, size, scan, ends);
    return sip_scan_lines(data, size, scan, ends, sip_block_neon, sip_positions);
}
#endif

/* The kernels this machine can run, best first.  Fills `out` (room for SIP_KERNELS); returns how many. */
static inline int sip_kernels(sip_kernel *out) {
    int count = 0;
#ifdef SIP_X86
    __builtin_cpu_init();
    int bits = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
#ifdef SIP_HAS_AVX512
    if (bits && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2"))
        out[count++] = (sip_kernel){"avx512", sip_lines_avx512, sip_plain_avx512};
#endif
    if (bits && __builtin_cpu_supports("avx2"))
        out[count++] = (sip_kernel){"avx2", sip_lines_avx2, sip_plain_avx2};
    out[count++] = (sip_kernel){"sse2", sip_lines_sse2, sip_plain_sse2};
#endif
#ifdef SIP_NEON
    out[count++] = (sip_kernel){"neon", sip_lines_neon, sip_plain_neon};
#endif
    out[count++] = (sip_kernel){"scalar", sip_lines_scalar, sip_plain_scalar};
    return count;
}

#endif
