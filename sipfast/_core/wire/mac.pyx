"""SipHash-2-4 (Aumasson and Bernstein, 2012) over parts of texts.

`mac.py` is its twin.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memmove, memset

KEY_SIZE = 16

cdef uint64_t FACTOR = 0x9E3779B97F4A7C15


cdef extern from *:
    """
    #define SIP_TURNED(word, by) ((word) << (by) | (word) >> (64 - (by)))
    #define SIP_ROUND(v0, v1, v2, v3) do { \\
        v0 += v1; v1 = SIP_TURNED(v1, 13) ^ v0; v0 = SIP_TURNED(v0, 32); \\
        v2 += v3; v3 = SIP_TURNED(v3, 16) ^ v2; \\
        v0 += v3; v3 = SIP_TURNED(v3, 21) ^ v0; \\
        v2 += v1; v1 = SIP_TURNED(v1, 17) ^ v2; v2 = SIP_TURNED(v2, 32); \\
    } while (0)
    """
    void SIP_ROUND(uint64_t v0, uint64_t v1, uint64_t v2, uint64_t v3) noexcept


cdef inline uint64_t block(const uint8_t *text) noexcept:
    cdef uint64_t word
    memcpy(&word, text, 8)
    return sip_little(word)


cdef class Mac:
    """A keyed hash of parts of texts.  It may be used again: `begin` starts anew."""

    cpdef int begin(self, bytes key) except -1:
        """Start with a key of 16 bytes."""
        cdef const uint8_t *text
        cdef uint64_t k0, k1
        if key is None:
            raise TypeError("a key must be bytes, not NoneType")
        if PyBytes_GET_SIZE(key) != 16:
            raise ValueError("a key has 16 bytes")
        text = <const uint8_t *>PyBytes_AS_STRING(key)
        k0, k1 = block(text), block(text + 8)
        self._v0 = k0 ^ <uint64_t>0x736F6D6570736575
        self._v1 = k1 ^ <uint64_t>0x646F72616E646F6D
        self._v2 = k0 ^ <uint64_t>0x6C7967656E657261
        self._v3 = k1 ^ <uint64_t>0x7465646279746573
        self._held = self._absorbed = 0
        return 0

    cdef void part(self, const uint8_t *text, uint32_t at, uint32_t end) noexcept:
        """Add text[at:end]."""
        self._add(text + at, end - at)

    cdef void item(self, const uint8_t *text, uint32_t at, uint32_t end) noexcept:
        """Add text[at:end], which has no line feed, and one."""
        cdef size_t size = end - at
        if self._held + size < HELD:
            memcpy(self._bytes + self._held, text + at, size)
            self._bytes[self._held + size] = 10
            self._held += size + 1
        else:
            self._add(text + at, size)
            self._add(<const uint8_t *>b"\n", 1)

    cpdef int octets(self, bytes item) except -1:
        """Add bytes."""
        if item is None:
            raise TypeError("an item must be bytes, not NoneType")
        self._add(<const uint8_t *>PyBytes_AS_STRING(item), PyBytes_GET_SIZE(item))
        return 0

    cpdef void word(self, uint64_t item) noexcept:
        """Add a number, as eight bytes."""
        item = sip_little(item)
        self._add(<const uint8_t *>&item, 8)

    cpdef uint64_t finish(self) noexcept:
        """The hash, of 64 bits."""
        cdef uint64_t v0, v1, v2, v3, last
        memset(self._bytes + self._held, 0, 8)
        last = (self._absorbed + self._held) << 56
        self._absorb()
        last |= block(self._bytes)
        v0, v1, v2, v3 = self._v0, self._v1, self._v2, self._v3 ^ last
        SIP_ROUND(v0, v1, v2, v3)
        SIP_ROUND(v0, v1, v2, v3)
        v0 ^= last
        v2 ^= 0xFF
        SIP_ROUND(v0, v1, v2, v3)
        SIP_ROUND(v0, v1, v2, v3)
        SIP_ROUND(v0, v1, v2, v3)
        SIP_ROUND(v0, v1, v2, v3)
        return v0 ^ v1 ^ v2 ^ v3

    cpdef uint64_t fingerprint(self) noexcept:
        """A hash of 64 bits that is cheaper for few bytes, where nobody gains by forging it."""
        cdef uint64_t found = self._v0 ^ self._held
        cdef const uint8_t *text = self._bytes
        cdef const uint8_t *end = text + self._held
        if self._absorbed:
            return self.finish()
        memset(self._bytes + self._held, 0, 8)
        while text < end:
            found = (found ^ block(text)) * FACTOR
            found ^= found >> 32
            text += 8
        return found * FACTOR

    cdef void _add(self, const uint8_t *text, size_t size) noexcept:
        cdef size_t room
        while size > HELD - self._held:
            room = HELD - self._held
            memcpy(self._bytes + self._held, text, room)
            self._held = HELD
            self._absorb()
            text += room
            size -= room
        memcpy(self._bytes + self._held, text, size)
        self._held += size

    cdef void _absorb(self) noexcept:
        """Absorb the whole blocks of what waits; what is left stays, and the eight bytes after it."""
        cdef uint64_t v0 = self._v0, v1 = self._v1, v2 = self._v2, v3 = self._v3, word
        cdef const uint8_t *text = self._bytes
        cdef const uint8_t *end = text + (self._held & ~<size_t>7)
        while text < end:
            word = block(text)
            v3 ^= word
            SIP_ROUND(v0, v1, v2, v3)
            SIP_ROUND(v0, v1, v2, v3)
            v0 ^= word
            text += 8
        self._v0, self._v1, self._v2, self._v3 = v0, v1, v2, v3
        self._absorbed += self._held & ~<size_t>7
        self._held &= 7
        memmove(self._bytes, end, 8)


cpdef uint64_t siphash(bytes key, bytes text) except? 0:
    """SipHash-2-4 of bytes."""
    cdef Mac mac = Mac.__new__(Mac)
    mac.begin(key)
    mac.octets(text)
    return mac.finish()


cdef bint is_written(const uint8_t *text, uint32_t at, uint32_t end, uint64_t value) noexcept:
    """Whether text[at:end] is a hash as it is written: 16 hex digits in lower case.

    The time that it takes does not tell how many of them are right.
    """
    cdef uint64_t one, other
    if end - at != 16:
        return False
    memcpy(&one, text + at, 8)
    memcpy(&other, text + at + 8, 8)
    return (one ^ sip_hex8(<uint32_t>(value >> 32)) | other ^ sip_hex8(<uint32_t>value)) == 0
