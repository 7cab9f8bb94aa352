from sipfast._native.parameters cimport Parameters
from sipfast._native.splitters cimport Value

cdef int HOST, PARAMETERS, PORT, PROTOCOL, TRANSPORT, VERSION


cdef class Via(Value):
    cdef object _read(self)
    cdef object _key(self)
