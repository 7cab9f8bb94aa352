cimport cython

from ..wire cimport tokenizer
from ..wire.table cimport Table


cdef bytes _FOLDS


cpdef bytes held_bytes(Table table)
cpdef Py_ssize_t mixed_line_end(bytes data, Py_ssize_t at, Py_ssize_t body) except -2
cpdef tuple method_span(Table table)
cpdef tuple target_span(Table table)
cpdef tuple status_span(Table table)
@cython.locals(count=Py_ssize_t, blank=Py_ssize_t)
cpdef Py_ssize_t line_at(Table table, Py_ssize_t index) except -1
@cython.locals(at=Py_ssize_t)
cpdef tuple value_span(Table table, Py_ssize_t index)
@cython.locals(at=Py_ssize_t, begin=Py_ssize_t, end=Py_ssize_t)
cpdef object field_span(Table table, Py_ssize_t index)
@cython.locals(index=Py_ssize_t, found=list)
cpdef list values_with(Table table, unsigned int header_id)
cpdef bytes unfolded(bytes raw)
cpdef bytes spaced(bytes raw)
@cython.locals(count=Py_ssize_t)
cdef int _check(Table table, Py_ssize_t index) except -1
