cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t


@cython.final
@cython.no_gc
@cython.freelist(4)
cdef class Mac:
    cdef uint64_t _v0, _v1, _v2, _v3
    cdef uint64_t _tail  # the bytes that are no whole block yet
    cdef uint64_t _size  # how many bytes were absorbed

    cpdef int begin(self, bytes key) except -1
    cdef void item(self, const uint8_t *text, uint32_t at, uint32_t end) noexcept
    cpdef int octets(self, bytes item) except -1
    cpdef int number(self, int64_t item) except -1
    cpdef uint64_t finish(self)
    cdef void _absorb(self, const uint8_t *text, size_t size, bint is_item) noexcept


cpdef uint64_t siphash(bytes key, bytes text) except? 0
cdef bint is_written(const uint8_t *text, uint32_t at, uint32_t end, uint64_t value) noexcept
