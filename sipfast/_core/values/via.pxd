from ..parameters cimport Parameters, others, parameter_number
from ..value cimport Value

cdef int HOST, PARAMETERS, PORT, PROTOCOL, TRANSPORT, VERSION


cdef class Via(Value):
    cdef object _read(self)
    cdef object _key(self)


cpdef bint has_cookie(str branch) except -1
