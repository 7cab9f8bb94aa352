cimport cython

from .value cimport Value

cdef int FEW


@cython.no_gc  # it holds nothing that could hold it
cdef class Parameters:
    cdef Value _of
    cdef int _looked
    cdef dict _named

    cdef str _find(self, object name)


cpdef object parameter_number(Value value, str name, long long most)
cpdef object parameter_q(Value value)
cpdef list others(Value value, tuple names)
cpdef object alike(Value value, tuple names)
cpdef dict named(Value value)
