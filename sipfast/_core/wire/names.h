/* Names to numbers: which header field, which method.
 *
 * The tables are generated (`make_tables.py`).  A name and the byte that ends it make a key of 16
 * bytes, or of 32.  A perfect hash over the first 16 finds the one row that it can be; then all of it
 * is compared, so no name passes for another.  Case folds only where the row has a letter: 'C'
 * matches 'c', but CR, which differs from '-' in the same bit, does not match '-'.
 */
#ifndef SIPFAST_NAMES_H
#define SIPFAST_NAMES_H

#include "kernels.h"

/* token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~"), RFC 3261 25.1 */
static const uint8_t sip_token[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0,
};

#define SIP_NAME_MAX 31u /* no name in the tables is longer */

typedef struct {
    uint64_t low, high;
} sip_key;

typedef struct {
    sip_key text; /* in lower case where case is ignored */
    sip_key fold; /* 0x20 for each letter whose case is ignored */
} sip_row;

typedef struct {
    uint64_t multiply;
    uint32_t shift;
    const uint16_t *slots; /* hash -> id << 8 | row; row 0 is no name */
    const sip_row *rows;   /* the first 16 bytes of the name and what ends it */
    const sip_row *rest;   /* the next 16 */
} sip_names;

/* Which of 16 bytes belong to the key of a name of n bytes; none for n = 32, which is no name. */
static const sip_key sip_key_masks[33] = {
    {0xffu, 0x0u},
    {0xffffu, 0x0u},
    {0xffffffu, 0x0u},
    {0xffffffffu, 0x0u},
    {0xffffffffffu, 0x0u},
    {0xffffffffffffu, 0x0u},
    {0xffffffffffffffu, 0x0u},
    {0xffffffffffffffffu, 0x0u},
    {0xffffffffffffffffu, 0xffu},
    {0xffffffffffffffffu, 0xffffu},
    {0xffffffffffffffffu, 0xffffffu},
    {0xffffffffffffffffu, 0xffffffffu},
    {0xffffffffffffffffu, 0xffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0xffffffffffffffffu, 0xffffffffffffffffu},
    {0, 0},
};

/* A key as it is sought: 16 bytes at once where the machine can, which takes 2.0 ns a name in place of
 * 2.4; -DSIP_SCALAR_NAMES for two words everywhere. */
#if defined(SIP_X86) && !defined(SIP_SCALAR_NAMES)
typedef __m128i sip_sought;

SIP_INLINE sip_sought sip_sought_of(const sip_key *key) { return _mm_loadu_si128((const __m128i *)key); }

/* In registers: words that are stored and loaded as one wait for each other. */
SIP_INLINE sip_sought sip_sought_words(sip_key key) { return _mm_set_epi64x((int64_t)key.high, (int64_t)key.low); }

SIP_INLINE sip_key sip_key_of(sip_sought sought) {
    __m128i high = _mm_unpackhi_epi64(sought, sought);
    sip_key key = {(uint64_t)_mm_cvtsi128_si64(sought), (uint64_t)_mm_cvtsi128_si64(high)};
    return key;
}

SIP_INLINE sip_sought sip_load_key(const uint8_t *p, size_t n) {
    return _mm_and_si128(_mm_loadu_si128((const __m128i *)p), sip_sought_of(&sip_key_masks[n]));
}

SIP_INLINE sip_sought sip_joined(sip_sought one, sip_sought other) { return _mm_or_si128(one, other); }

SIP_INLINE int sip_same(sip_sought one, sip_sought other) {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(one, other)) == 0xffff;
}
#else
typedef sip_key sip_sought;

SIP_INLINE sip_sought sip_sought_of(const sip_key *key) { return *key; }

SIP_INLINE sip_sought sip_sought_words(sip_key key) { return key; }

SIP_INLINE sip_key sip_key_of(sip_sought sought) { return sought; }

SIP_INLINE sip_sought sip_load_key(const uint8_t *p, size_t n) {
    sip_key key = {sip_load8(p) & sip_key_masks[n].low, sip_load8(p + 8) & sip_key_masks[n].high};
    return key;
}

SIP_INLINE sip_sought sip_joined(sip_sought one, sip_sought other) {
    sip_key key = {one.low | other.low, one.high | other.high};
    return key;
}

SIP_INLINE int sip_same(sip_sought one, sip_sought other) {
    return ((one.low ^ other.low) | (one.high ^ other.high)) == 0;
}
#endif

SIP_INLINE int sip_differs(sip_sought key, const sip_row *row) {
    return !sip_same(sip_joined(key, sip_sought_of(&row->fold)), sip_sought_of(&row->text));
}

/* The row of the only name that a key can begin, and its id << 8; 0 if it begins none. */
SIP_INLINE uint32_t sip_find_key(const sip_names *set, sip_sought key) {
    sip_key words = sip_key_of(key);
    uint64_t mixed = (words.low ^ (words.high << 24 | words.high >> 40)) | 0x2020202020202020u; /* in any case */
    uint32_t slot = set->slots[mixed * set->multiply >> set->shift];
    return SIP_UNLIKELY(sip_differs(key, &set->rows[slot & 0xff])) ? 0 : slot;
}

/* The id of the name of n <= 32 bytes at p and the byte that ends it, or 0.  32 bytes must be
 * readable at p. */
SIP_INLINE uint32_t sip_name_id(const sip_names *set, const uint8_t *p, size_t n) {
    uint32_t slot = sip_find_key(set, sip_load_key(p, n));
    if (SIP_UNLIKELY(n > 15) && sip_differs(sip_load_key(p + 16, n - 16), &set->rest[slot & 0xff])) return 0;
    return slot >> 8;
}

/* The same for a name of n <= 15 bytes, and 0 for n = 16: 16 bytes must be readable at p. */
SIP_INLINE uint32_t sip_short_name_id(const sip_names *set, const uint8_t *p, size_t n) {
    return n > 15 ? 0 : sip_find_key(set, sip_load_key(p, n)) >> 8;
}

/* The key of n <= 16 bytes as if `stop` ended them, whatever does. */
SIP_INLINE sip_sought sip_stopped_key(const uint8_t *p, size_t n, uint8_t stop) {
    sip_key key = {0, 0};
    if (n > 0) key = sip_key_of(sip_load_key(p, n - 1));
    if (n < 8) key.low |= (uint64_t)stop << 8 * n;
    else if (n < 16) key.high |= (uint64_t)stop << 8 * (n - 8);
    return sip_sought_words(key);
}

/* The same as sip_name_id for a name that `stop` need not follow, n <= SIP_NAME_MAX. */
SIP_INLINE uint32_t sip_stopped_name_id(const sip_names *set, const uint8_t *p, size_t n, uint8_t stop) {
    uint32_t slot = sip_find_key(set, sip_stopped_key(p, n < 16 ? n : 16, stop));
    if (n > 15 && sip_differs(sip_stopped_key(p + 16, n - 16, stop), &set->rest[slot & 0xff])) return 0;
    return slot >> 8;
}

#endif
