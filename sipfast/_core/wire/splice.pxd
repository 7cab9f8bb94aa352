cimport cython
from cpython.object cimport PyObject


cdef enum:
    FEW = 6  # changes for which a plan has room
    MOST_IDS = 160  # parts below this are looked up in an array


cdef struct Change:
    Py_ssize_t at, end, owner
    PyObject *text  # bytes, and a reference to them


cpdef bytes field_line(str name, bytes text, bint cr)


cdef class Splice:
    cdef Change *_changes
    cdef Py_ssize_t _count, _room
    cdef dict _others
    cdef unsigned char[MOST_IDS] _noted
    cdef Change[FEW] _few

    cdef int noted(self, Py_ssize_t part) except -1
    cdef int note(self, Py_ssize_t part, int how) except -1
    cdef Py_ssize_t owner(self, Py_ssize_t at) noexcept
    cdef int put_field(self, Py_ssize_t at, str name, bytes text, bint cr, Py_ssize_t owner) except -1
    cpdef int put(self, Py_ssize_t at, bytes text) except -1
    cpdef int cut(self, Py_ssize_t at, Py_ssize_t end, bytes text) except -1
    cdef int _change(self, Py_ssize_t at, Py_ssize_t end, bytes text, Py_ssize_t owner) except -1
    cpdef bytes joined(self, bytes source, Py_ssize_t start, Py_ssize_t end)
    cpdef list pieces(self, bytes source, Py_ssize_t start, Py_ssize_t end)
