cimport cython

from .multimapping cimport Multi, exact_name, items_of, names_of, values_of
from .value cimport Value

cdef int FEW


@cython.no_gc  # it holds nothing that could hold it
cdef class Parameters(Multi):
    cdef Value _of
    cdef int _looked
    cdef dict _named
    cdef dict _all

    cpdef list _pairs(self)
    cdef object _find(self, object name)
    @cython.locals(text=str)
    cdef str _spelt(self, object name)


cpdef object parameter_number(Value value, str name, long long most)
cpdef object parameter_q(Value value)
@cython.locals(pieces=list, at=Py_ssize_t)
cpdef list pieces_of(str region, str separator)
cpdef list others(Value value, tuple names)
cpdef object alike(Value value, tuple names)
cpdef dict named(Value value)
