cimport cython

from ..multimapping cimport Multi, exact_name, items_of, names_of, values_of
from ..wire.table cimport Table
from .spans cimport field_span

cdef int FEW, INDEX


# Neither fields nor methods of its own: a user's class of another Multi can be made to pass for it.
cdef class Headers(Multi):
    pass


@cython.locals(headers=Headers)
cpdef Headers headers_of(Table table)

@cython.locals(text=str, header_id=cython.uint)
cdef Py_ssize_t _find(Table table, object name) except -2
@cython.locals(following=Py_ssize_t)
cdef Py_ssize_t _next(Table table, Py_ssize_t index) except -2
cdef Py_ssize_t _find_other(Table table, str name) except -2
cdef Py_ssize_t _checked(Table table, Py_ssize_t index) except -2
# `count` is signed: there may be no field, and the one before the first is none.
@cython.locals(place=Py_ssize_t, count=Py_ssize_t, at=Py_ssize_t, index=tuple, first=dict, name=str)
cdef tuple _index_of(Table table)
