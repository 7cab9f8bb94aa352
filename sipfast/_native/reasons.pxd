from sipfast._native.items cimport Item
from sipfast._native.splitters cimport Value

cdef int FIRST, MOST, SECOND, THIRD


cdef class Reason(Item):
    cdef object _key(self)


cdef class Warning(Value):
    cdef object _read(self)
    cdef object _key(self)
