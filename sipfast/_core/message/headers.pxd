cimport cython

from ..multimapping cimport Multi
from ..wire.table cimport Table

cdef int FEW


@cython.no_gc  # it holds nothing that could hold it
cdef class Headers(Multi):
    cdef Table _table
    cdef int _looked
    cdef dict _first
    cdef object _following

    cpdef list _pairs(self)
    cdef object _same(self, str name)
    cdef Py_ssize_t _find(self, object name) except -2
    cdef dict _make_index(self)
    cdef Py_ssize_t _next(self, Py_ssize_t index) except -2


@cython.locals(headers=Headers)
cpdef Headers headers_of(Table table)
