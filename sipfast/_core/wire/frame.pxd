from libc.stdint cimport uint8_t

from ..limits cimport Limits


cdef enum:  # what `take_in` has found
    UNDECIDED_
    FINISHED_  # the blank line after the header
    REFUSED_  # no SIP, or a limit


cdef class Frame:
    cdef uint8_t *_memory
    cdef size_t _room
    cdef Py_ssize_t size
    cdef int outcome
    cdef size_t _element  # where the element began that goes on
    cdef int _place

    cdef int clear(self) except -1
    cdef Py_ssize_t take_in(self, bytes data, Py_ssize_t at, Limits limits) except -1
    cdef bint _begins(self, const uint8_t *text, size_t start, size_t end) noexcept
    cdef int add(self, bytes data, Py_ssize_t at, Py_ssize_t end) except -1
    cdef bytes joined(self)
