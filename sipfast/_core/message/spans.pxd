cimport cython

from ..wire.table cimport Table


cpdef bytes held_bytes(Table table)
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
@cython.locals(count=Py_ssize_t)
cdef int _check(Table table, Py_ssize_t index) except -1
