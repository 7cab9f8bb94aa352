/* Kernels: where, in a run of bytes, are the line ends.
 *
 * They know bytes only; what a line means is the tokenizer's business.  One scan, `sip_scan_lines`,
 * is written once and compiled once per instruction set.  It takes 64 bytes a step, turns them into
 * two bitmaps (LF and CR), and writes positions out without branching on the data: a mispredicted
 * branch costs as much as scanning 200 bytes.
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


#if (defined(__clang__) && __clang_major__ >= 6) || (!defined(__clang__) && __GNUC__ >= 8)
#define SIP_HAS_AVX512 1
#define SIP_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")))

SIP_AVX512 static inline sip_block sip_block_avx512(const uint8_t *p) {
    __m512i bytes = _mm512_loadu_si512((const void *)p);
    sip_block block = {_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n')),
                       _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\r'))};
    return block;
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

/* ---- the kernels, best first, and the choice ------------------------------------------------ */

typedef uint32_t (*sip_lines_fn)(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends);

typedef struct {
    const char *name;
    sip_lines_fn lines;
} sip_kernel;

static uint32_t sip_lines_scalar(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends) {
    if (SIP_UNLIKELY(size < 64)) return sip_scan_short(data, size, scan, ends);
    return sip_scan_lines(data, size, scan, ends, sip_block_scalar, sip_positions);
}

#ifdef SIP_X86
static uint32_t sip_lines_sse2(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends) {
    if (SIP_UNLIKELY(size < 64)) return sip_scan_short(data, size, scan, ends);
    return sip_scan_lines(data, size, scan, ends, sip_block_sse2, sip_positions);
}

#ifdef SIP_HAS_AVX512
SIP_AVX512 static uint32_t sip_lines_avx512(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends) {
    if (SIP_UNLIKELY(size < 64)) return sip_scan_short(data, size, scan, ends);
    return sip_scan_lines(data, size, scan, ends, sip_block_avx512, sip_positions_avx512);
}
#endif

SIP_AVX2 static uint32_t sip_lines_avx2(const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends) {
    if (SIP_UNLIKELY(size < 64)) return sip_scan_short(data, size, scan, ends);
    return sip_scan_lines(data, size, scan, ends, sip_block_avx2, sip_positions);
}
#endif

#ifdef SIP_NEON
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
        out[count++] = (sip_kernel){"avx512", sip_lines_avx512};
#endif
    if (bits && __builtin_cpu_supports("avx2"))
        out[count++] = (sip_kernel){"avx2", sip_lines_avx2};
    out[count++] = (sip_kernel){"sse2", sip_lines_sse2};
#endif
#ifdef SIP_NEON
    out[count++] = (sip_kernel){"neon", sip_lines_neon};
#endif
    out[count++] = (sip_kernel){"scalar", sip_lines_scalar};
    return count;
}

#endif
