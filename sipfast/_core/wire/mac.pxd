cimport cython
from libc.stdint cimport uint8_t, uint32_t, uint64_t


cdef enum:
    HELD = 248  # bytes that wait for `finish`


@cython.final
@cython.no_gc
cdef class Mac:
    cdef uint64_t _v0, _v1, _v2, _v3
    cdef size_t _held, _absorbed  # the bytes that wait, and those that do not any more
    cdef uint8_t[HELD + 8] _bytes

    cpdef int begin(self, bytes key) except -1
    cdef void part(self, const uint8_t *text, uint32_t at, uint32_t end) noexcept
    cdef void item(self, const uint8_t *text, uint32_t at, uint32_t end) noexcept
    cpdef int octets(self, bytes item) except -1
    cpdef void word(self, uint64_t item) noexcept
    cpdef uint64_t finish(self) noexcept
    cpdef uint64_t fingerprint(self) noexcept
    cdef void _add(self, const uint8_t *text, size_t size) noexcept
    cdef void _absorb(self) noexcept


cdef extern from *:
    """
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    #define SIP_LITTLE(word) __builtin_bswap64(word)
    #define SIP_BIG(word) (word)
    #else
    #define SIP_LITTLE(word) (word)
    #define SIP_BIG(word) __builtin_bswap64(word)
    #endif

    /* Eight hex digits in lower case: a nibble in each byte, and 39 more for those above 9. */
    static inline uint64_t sip_hex8(uint32_t number) {
        uint64_t digits = number;
        digits = (digits | digits << 16) & 0x0000FFFF0000FFFF;
        digits = (digits | digits << 8) & 0x00FF00FF00FF00FF;
        digits = (digits | digits << 4) & 0x0F0F0F0F0F0F0F0F;
        digits += 0x3030303030303030 + ((digits + 0x0606060606060606) >> 4 & 0x0101010101010101) * 39;
        return SIP_BIG(digits);
    }
    """
    uint64_t sip_hex8(uint32_t number) noexcept
    uint64_t sip_little "SIP_LITTLE"(uint64_t word) noexcept


cpdef uint64_t siphash(bytes key, bytes text) except? 0
cdef bint is_written(const uint8_t *text, uint32_t at, uint32_t end, uint64_t value) noexcept
