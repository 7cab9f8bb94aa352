cimport cython

from ..multimapping cimport Multi, items_of, names_of, values_of
from ..wire.table cimport Table

cdef int FEW, INDEX


cdef class Headers(Multi):
    cpdef list _pairs(self)
    cdef list _names(self)
    cdef list _values(self)
    cdef object _same(self, str name)
    @cython.locals(text=str, header_id=cython.uint)
    cdef Py_ssize_t _find(self, object name) except -2
    @cython.locals(table=Table)
    cdef Py_ssize_t _next(self, Py_ssize_t index) except -2


@cython.locals(headers=Headers)
cpdef Headers headers_of(Table table)

cdef str _exact(object name)
cdef Py_ssize_t _find_other(Table table, str name) except -2
@cython.locals(place=Py_ssize_t, at=Py_ssize_t, index=tuple, first=dict, name=str)
cdef tuple _index_of(Table table)
