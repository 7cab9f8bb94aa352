cimport cython

from ..wire.table cimport Table

cdef int FEW


@cython.no_gc  # it holds nothing that could hold it
cdef class Headers:
    cdef Table _table
    cdef int _looked
    cdef dict _first
    cdef object _following

    cdef Py_ssize_t _find(self, object name) except -2
    cdef dict _make_index(self)
    cdef Py_ssize_t _next(self, Py_ssize_t index) except -2
