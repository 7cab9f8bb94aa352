cimport cython
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t, uint64_t


cdef struct Change:
    Py_ssize_t at, end
    PyObject *text  # bytes, and a reference to them; NULL: what was written
    Py_ssize_t begin, size  # where that is
    Py_ssize_t owner


cdef enum:
    FEW = 12  # changes of a message that is forwarded
    LITTLE = 320  # bytes that are written into it
    FEW_PARTS = 160  # parts below this are looked up in an array


@cython.final
@cython.no_gc  # bytes refer to nothing
@cython.freelist(4)
cdef class Splice:
    cdef Change *_changes  # NULL, or `_few`, or on the heap
    cdef char *_written  # likewise
    cdef Py_ssize_t _count, _room, _size, _capacity
    cdef Py_ssize_t _open  # the change that is written; -1 for none
    cdef Change[FEW] _few
    cdef char[LITTLE] _little
    cdef unsigned char[FEW_PARTS] _noted
    cdef dict _others

    cpdef int put(self, Py_ssize_t at, bytes text) except -1
    cpdef int cut(self, Py_ssize_t at, Py_ssize_t end, bytes text) except -1
    cpdef int open(self, Py_ssize_t at, Py_ssize_t end) except -1
    cpdef int write(self, bytes text) except -1
    cdef int write_part(self, const uint8_t *text, uint32_t at, uint32_t end) except -1
    cpdef int write_number(self, uint64_t number) except -1
    cpdef int write_hex(self, bytes before, uint64_t number) except -1
    cpdef int clear(self) except -1
    cpdef bytes joined(self, bytes source, Py_ssize_t start, Py_ssize_t end)
    cpdef list pieces(self, bytes source, Py_ssize_t start, Py_ssize_t end)
    cdef int noted(self, Py_ssize_t part) except -1
    cdef int note(self, Py_ssize_t part, int how) except -1
    cdef Py_ssize_t owner(self, Py_ssize_t at) noexcept
    cdef int put_field(self, Py_ssize_t at, str name, bytes text, bint cr, Py_ssize_t owner) except -1
    cdef Change *_insert(self, Py_ssize_t at, Py_ssize_t end) except NULL
    cdef char *_more(self, Py_ssize_t size) except NULL


cpdef bytes field_line(str name, bytes text, bint cr)
