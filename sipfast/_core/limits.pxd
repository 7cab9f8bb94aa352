from libc.stdint cimport uint32_t


cdef class Limits:
    cdef uint32_t _size, _headers, _line


cdef object _in_range(str name, object value, object most)
