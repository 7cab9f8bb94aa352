"""SipHash-2-4 (Aumasson and Bernstein, 2012) over parts of texts.

`mac.py` is its twin.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

KEY_SIZE = 16


cdef extern from *:
    """
    #include <string.h>

    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    #define SIP_LITTLE_64(word) __builtin_bswap64(word)
    #define SIP_LITTLE_32(word) __builtin_bswap32(word)
    #else
    #define SIP_LITTLE_64(word) (word)
    #define SIP_LITTLE_32(word) (word)
    #endif

    static inline uint64_t sip_block(const uint8_t *text) {
        uint64_t word;
        memcpy(&word, text, 8);
        return SIP_LITTLE_64(word);
    }

    static inline uint64_t sip_half(const uint8_t *text) {
        uint32_t word;
        memcpy(&word, text, 4);
        return SIP_LITTLE_32(word);
    }

    /* Fewer than eight bytes, each read once or twice. */
    static inline uint64_t sip_rest(const uint8_t *text, size_t size) {
        if (size >= 4) return sip_half(text) | sip_half(text + size - 4) << 8 * (size - 4);
        if (size == 0) return 0;
        return text[0] | (uint64_t)text[size >> 1] << 8 * (size >> 1)
            | (uint64_t)text[size - 1] << 8 * (size - 1);
    }

    #define SIP_TURNED(word, by) ((word) << (by) | (word) >> (64 - (by)))
    #define SIP_ROUND(v0, v1, v2, v3) do { \\
        v0 += v1; v1 = SIP_TURNED(v1, 13) ^ v0; v0 = SIP_TURNED(v0, 32); \\
        v2 += v3; v3 = SIP_TURNED(v3, 16) ^ v2; \\
        v0 += v3; v3 = SIP_TURNED(v3, 21) ^ v0; \\
        v2 += v1; v1 = SIP_TURNED(v1, 17) ^ v2; v2 = SIP_TURNED(v2, 32); \\
    } while (0)
    #define SIP_ABSORB(v0, v1, v2, v3, block) do { \\
        v3 ^= (block); SIP_ROUND(v0, v1, v2, v3); SIP_ROUND(v0, v1, v2, v3); v0 ^= (block); \\
    } while (0)
    """
    uint64_t sip_block(const uint8_t *text) noexcept
    uint64_t sip_rest(const uint8_t *text, size_t size) noexcept
    void SIP_ROUND(uint64_t v0, uint64_t v1, uint64_t v2, uint64_t v3) noexcept
    void SIP_ABSORB(uint64_t v0, uint64_t v1, uint64_t v2, uint64_t v3, uint64_t block) noexcept


cdef class Mac:
    """A keyed hash of items; a line feed ends each, so none may hold one.

    Its places may be used again: `begin` starts anew.
    """

    cpdef int begin(self, bytes key) except -1:
        """Start with a key of 16 bytes."""
        cdef const uint8_t *text
        cdef uint64_t k0, k1
        if key is None:
            raise TypeError("a key must be bytes, not NoneType")
        if PyBytes_GET_SIZE(key) != 16:
            raise ValueError("a key has 16 bytes")
        text = <const uint8_t *>PyBytes_AS_STRING(key)
        k0, k1 = sip_block(text), sip_block(text + 8)
        self._v0 = k0 ^ <uint64_t>0x736F6D6570736575
        self._v1 = k1 ^ <uint64_t>0x646F72616E646F6D
        self._v2 = k0 ^ <uint64_t>0x6C7967656E657261
        self._v3 = k1 ^ <uint64_t>0x7465646279746573
        self._tail = self._size = 0
        return 0

    cdef void item(self, const uint8_t *text, uint32_t at, uint32_t end) noexcept:
        """Absorb text[at:end]."""
        self._absorb(text + at, end - at, True)

    cpdef int octets(self, bytes item) except -1:
        """Absorb bytes."""
        if item is None:
            raise TypeError("an item must be bytes, not NoneType")
        self._absorb(<const uint8_t *>PyBytes_AS_STRING(item), PyBytes_GET_SIZE(item), True)
        return 0

    cpdef int number(self, int64_t item) except -1:
        """Absorb a number, as its decimal digits."""
        cdef uint8_t[20] digits
        cdef int at = 20
        cdef uint64_t rest = <uint64_t>item if item >= 0 else 0 - <uint64_t>item
        while True:
            at -= 1
            digits[at] = <uint8_t>(48 + rest % 10)
            rest //= 10
            if rest == 0:
                break
        if item < 0:
            at -= 1
            digits[at] = 45
        self._absorb(digits + at, 20 - at, True)
        return 0

    cpdef uint64_t finish(self):
        """The hash, of 64 bits."""
        cdef uint64_t v0 = self._v0, v1 = self._v1, v2 = self._v2, v3 = self._v3
        cdef uint64_t last = self._tail | self._size << 56
        SIP_ABSORB(v0, v1, v2, v3, last)
        v2 ^= 0xFF
        SIP_ROUND(v0, v1, v2, v3)
        SIP_ROUND(v0, v1, v2, v3)
        SIP_ROUND(v0, v1, v2, v3)
        SIP_ROUND(v0, v1, v2, v3)
        return v0 ^ v1 ^ v2 ^ v3

    cdef void _absorb(self, const uint8_t *text, size_t size, bint is_item) noexcept:
        """Absorb bytes, and a line feed after those of an item."""
        cdef uint64_t v0 = self._v0, v1 = self._v1, v2 = self._v2, v3 = self._v3
        cdef uint64_t tail = self._tail, word
        cdef int shift = <int>(self._size & 7) * 8
        self._size += size + is_item
        while size >= 8:
            word = sip_block(text)
            tail |= word << shift
            SIP_ABSORB(v0, v1, v2, v3, tail)
            tail = word >> (64 - shift) if shift else 0
            text += 8
            size -= 8
        word = sip_rest(text, size)
        if is_item:
            word |= <uint64_t>10 << 8 * size
            size += 1
        tail |= word << shift
        if shift + 8 * size >= 64:
            SIP_ABSORB(v0, v1, v2, v3, tail)
            tail = word >> (64 - shift) if shift else 0
        self._v0, self._v1, self._v2, self._v3, self._tail = v0, v1, v2, v3, tail


cpdef uint64_t siphash(bytes key, bytes text) except? 0:
    """SipHash-2-4 of bytes."""
    cdef Mac mac = Mac.__new__(Mac)
    mac.begin(key)
    if text is None:
        raise TypeError("text must be bytes, not NoneType")
    mac._absorb(<const uint8_t *>PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text), False)
    return mac.finish()


cdef bint is_written(const uint8_t *text, uint32_t at, uint32_t end, uint64_t value) noexcept:
    """Whether text[at:end] is a hash as it is written: 16 hex digits in lower case.

    The time that it takes does not tell how many of them are right.
    """
    cdef uint32_t i
    cdef uint8_t differs = 0
    if end - at != 16:
        return False
    for i in range(16):
        differs |= text[at + i] ^ <uint8_t>b"0123456789abcdef"[value >> 60]
        value <<= 4
    return differs == 0
