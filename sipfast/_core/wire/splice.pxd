cimport cython
from cpython.object cimport PyObject


cdef struct Change:
    Py_ssize_t at, end
    PyObject *text  # bytes, and a reference to them


@cython.no_gc  # bytes refer to nothing
cdef class Splice:
    cdef Change *_changes
    cdef Py_ssize_t _count, _room

    cpdef int put(self, Py_ssize_t at, bytes text) except -1
    cpdef int cut(self, Py_ssize_t at, Py_ssize_t end, bytes text) except -1
    cpdef bytes joined(self, bytes source, Py_ssize_t start, Py_ssize_t end)
    cpdef list pieces(self, bytes source, Py_ssize_t start, Py_ssize_t end)
