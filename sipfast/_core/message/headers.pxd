cimport cython

from ..multimapping cimport Multi, items_of, names_of, values_of
from ..wire.table cimport Table

cdef int FEW


cdef class Headers(Multi):
    cdef Table _table

    cpdef list _pairs(self)
    cdef list _names(self)
    cdef list _values(self)
    cdef object _same(self, str name)
    @cython.locals(text=str, header_id=cython.uint)
    cdef Py_ssize_t _find(self, object name) except -2
    @cython.locals(table=Table, following=Py_ssize_t)
    cdef Py_ssize_t _next(self, Py_ssize_t index) except -2


@cython.locals(headers=Headers)
cpdef Headers headers_of(Table table)

cdef str _exact(object name)
cdef Py_ssize_t _find_other(Table table, str name) except -2
cdef Py_ssize_t _checked(Table table, Py_ssize_t index) except -2
# `count` is signed: there may be no field, and the one before the first is none.
@cython.locals(place=Py_ssize_t, count=Py_ssize_t, at=Py_ssize_t, index=tuple, first=dict, name=str)
cdef tuple _index_of(Table table)
