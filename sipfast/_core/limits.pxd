from libc.stdint cimport uint32_t


cdef class Limits:
    cdef uint32_t _size, _headers, _line
