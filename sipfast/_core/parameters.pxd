from .wire.splitters cimport Value


cdef class Parameters:
    cdef Value _of

    cdef str _find(self, object name)


cpdef object parameter_number(Value value, str name, long long most)
cpdef object parameter_q(Value value)
cpdef list others(Value value, tuple names)
cpdef object alike(Value value, tuple names)
cpdef dict named(Value value)
